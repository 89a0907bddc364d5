/* What a module asks the CA on one event. */
#include "query_replay.h"

#include "stubca/host/server_exit.h"

#include <certsrv.h>
#include <stdbool.h>
#include <wchar.h>

enum {
    QUESTIONS = 256,
    NAME = 128
}; /* beyond them nothing is noted: query_replay_noted_count then tells less */

static struct question {
    enum server_call call;
    WCHAR name[NAME];
    LONG type;
} questions[QUESTIONS];
static int question_count;
static volatile LONGLONG heard_count;
static __thread bool noting;

static void note(enum server_call call, const WCHAR *name, LONG type)
{
    struct question *question = &questions[question_count];

    if (call == SERVER_NEXT || call == SERVER_OTHER || question_count == QUESTIONS ||
        (name && wcslen(name) >= NAME))
        return;
    *question = (struct question){.call = call, .type = type};
    if (name) wcscpy(question->name, name);
    question_count++;
}

static HRESULT query_replay_hear(const struct asked *asked)
{
    InterlockedIncrement64(&heard_count);
    if (noting) note(asked->call, asked->name, asked->type);
    return S_OK;
}

void query_replay_begin(void)
{
    heard_count = 0;
    question_count = 0;
    server_exit_watch(&(struct server_watch){.asked = query_replay_hear});
}

LONGLONG query_replay_count(void) { return heard_count; }
void query_replay_note(void) { noting = true; }
void query_replay_noted(void) { noting = false; }
int query_replay_noted_count(void) { return question_count; }

static void query_replay_ask(ICertServerExit *server, const struct question *question, LONG context)
{
    BSTR name = question->call == SERVER_SET_CONTEXT ? NULL : SysAllocString(question->name),
         text = NULL;
    VARIANT value;

    VariantInit(&value);
    switch (question->call) {
    case SERVER_SET_CONTEXT: ICertServerExit_SetContext(server, context); break;
    case SERVER_REQUEST_PROPERTY:
        ICertServerExit_GetRequestProperty(server, name, question->type, &value);
        break;
    case SERVER_CERTIFICATE_PROPERTY:
        ICertServerExit_GetCertificateProperty(server, name, question->type, &value);
        break;
    case SERVER_ATTRIBUTE: ICertServerExit_GetRequestAttribute(server, name, &text); break;
    case SERVER_EXTENSION:
        ICertServerExit_GetCertificateExtension(server, name, question->type, &value);
        break;
    case SERVER_NEXT: case SERVER_OTHER: break;
    }
    SysFreeString(text);
    SysFreeString(name);
    VariantClear(&value);
}

HRESULT query_replay_again(LONG context)
{
    ICertServerExit *server = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_CCertServerExit, NULL, CLSCTX_INPROC_SERVER,
                                  &IID_ICertServerExit, (void **)&server);

    if (FAILED(hr)) return hr;
    for (int i = 0; i < question_count; i++) query_replay_ask(server, &questions[i], context);
    ICertServerExit_Release(server);
    return S_OK;
}
