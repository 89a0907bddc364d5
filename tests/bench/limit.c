/*
 * The limit that `make bench` measures the module against: an exit module that does what one of its kind cannot do without, and nothing
 * else. For each event it asks for the 20 properties that CertWitness records of a certificate, copies as many bytes as a line of the
 * journal has, hashes them in the order in which they are written, and returns when they are on disk. One thread writes: it takes all
 * that waits, hashes and copies it, calls WriteFile and FlushFileBuffers once, and wakes the callers.
 *
 * What it leaves out is what CertWitness adds: JSON and its check, the chain's form, every bound on time and memory, failures of the
 * disk, the file `head`, segments. It allocates nothing for an event: the names are made once, and a line lies on its caller's stack.
 *
 * One class, BenchLimit.Exit. LIMIT_FILE names the file, LIMIT_LINE the bytes of a line.
 */
#include "modules/base.h"

#include <bcrypt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX = 64 << 10, BATCH_MAX = 8 << 20, HASH_SIZE = 32 };

static struct property { const WCHAR *name; LONG type; BSTR asked; } of_request[] = {
    {L"RequestID", PROPTYPE_LONG, NULL}, {L"Disposition", PROPTYPE_LONG, NULL}, {L"RequestType", PROPTYPE_LONG, NULL},
    {L"RequestFlags", PROPTYPE_LONG, NULL}, {L"StatusCode", PROPTYPE_LONG, NULL}, {L"DispositionMessage", PROPTYPE_STRING, NULL},
    {L"SubmittedWhen", PROPTYPE_DATE, NULL}, {L"ResolvedWhen", PROPTYPE_DATE, NULL}, {L"RequesterName", PROPTYPE_STRING, NULL},
    {L"CallerName", PROPTYPE_STRING, NULL}, {L"RequestAttributes", PROPTYPE_STRING, NULL}, {L"RawRequest", PROPTYPE_BINARY, NULL},
}, of_certificate[] = {
    {L"SerialNumber", PROPTYPE_STRING, NULL}, {L"DistinguishedName", PROPTYPE_STRING, NULL}, {L"NotBefore", PROPTYPE_DATE, NULL},
    {L"NotAfter", PROPTYPE_DATE, NULL}, {L"CertificateTemplate", PROPTYPE_STRING, NULL}, {L"CertificateHash", PROPTYPE_STRING, NULL},
    {L"UPN", PROPTYPE_STRING, NULL}, {L"RawCertificate", PROPTYPE_BINARY, NULL},
};

/* An event whose caller waits; on that caller's stack. */
struct line {
    struct line *next;
    LONG written;                       /* the caller waits on it */
    HRESULT hr;                         /* with written */
    unsigned char data[LINE_MAX];
};

static struct line *waiting;            /* the newest first; the writer waits on it while it is NULL */
static struct line closing;             /* in `waiting` once there will be no more */
static HANDLE file, writer;
static size_t line_size, offset;
static unsigned char *batch, hash[HASH_SIZE];

/* The writer. */

static struct line *take_all(void)
{
    struct line *newest, *next, *oldest = NULL;

    while (!(newest = InterlockedExchangePointer((void **)&waiting, NULL))) {
        struct line *none = NULL;

        WaitOnAddress((void *)&waiting, &none, sizeof none, INFINITE);
    }
    for (; newest; newest = next) {
        next = newest->next;
        newest->next = oldest;
        oldest = newest;
    }
    return oldest;
}

static HRESULT write_batch(size_t size)
{
    OVERLAPPED at = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)((ULONGLONG)offset >> 32)};
    DWORD written;

    offset += size;
    if (!WriteFile(file, batch, (DWORD)size, &written, &at) || !FlushFileBuffers(file)) return HRESULT_FROM_WIN32(GetLastError());
    return S_OK;
}

/* A line's hash goes into the next line, as in a chain. */
static HRESULT add_line(struct line *line, unsigned char *out)
{
    memcpy(out, line->data, line_size);
    memcpy(out, hash, sizeof hash);
    return HRESULT_FROM_NT(BCryptHash((BCRYPT_ALG_HANDLE)0x41, NULL, 0, out, (ULONG)line_size, hash, sizeof hash));
}

static void wake(struct line *lines, HRESULT hr)
{
    struct line *next;

    for (; lines && lines != &closing; lines = next) {
        next = lines->next;             /* it is gone once its caller sees that it is written */
        lines->hr = hr;
        InterlockedExchange(&lines->written, 1);
        WakeByAddressSingle(&lines->written);
    }
}

static DWORD WINAPI write_all(void *context)
{
    bool closed = false;

    (void)context;
    while (!closed) {
        struct line *lines = take_all();
        size_t size = 0;
        HRESULT hr = S_OK;

        for (struct line *line = lines; line && SUCCEEDED(hr); line = line->next) {
            closed |= line == &closing;
            if (line == &closing) continue;
            hr = size + line_size <= BATCH_MAX ? add_line(line, batch + size) : E_OUTOFMEMORY;
            size += line_size;
        }
        if (SUCCEEDED(hr) && size) hr = write_batch(size);
        wake(lines, hr);
    }
    return 0;
}

/* The callers. */

static void put(struct line *line)
{
    struct line *first;

    do {
        first = waiting;
        line->next = first;
    } while (InterlockedCompareExchangePointer((void **)&waiting, line, first) != first);
    if (!first) WakeByAddressSingle((void *)&waiting);
}

static HRESULT wait_for(struct line *line)
{
    LONG no = 0;

    while (!InterlockedCompareExchange(&line->written, 0, 0)) WaitOnAddress(&line->written, &no, sizeof no, INFINITE);
    return line->hr;
}

static size_t add_value(struct line *line, size_t size, VARIANT *value)
{
    const void *data = &V_I4(value);
    size_t count = V_VT(value) == VT_DATE ? sizeof(DATE) : sizeof(LONG);

    if (V_VT(value) == VT_BSTR) {
        data = V_BSTR(value);
        count = SysStringByteLen(V_BSTR(value));
    }
    if (count > line_size - size) count = line_size - size;
    memcpy(line->data + size, data, count);
    return size + count;
}

static size_t read_table(ICertServerExit *server, struct property *properties, size_t count, struct line *line, size_t size)
{
    bool request = properties == of_request;
    VARIANT value;

    for (size_t i = 0; i < count; i++) {
        VariantInit(&value);
        if (request) ICertServerExit_GetRequestProperty(server, properties[i].asked, properties[i].type, &value);
        else ICertServerExit_GetCertificateProperty(server, properties[i].asked, properties[i].type, &value);
        size = add_value(line, size, &value);
        VariantClear(&value);
    }
    return size;
}

/* Base64 and names make a line of the journal longer than its values: the rest is filled up. */
static HRESULT read_line(LONG context, struct line *line)
{
    ICertServerExit *server;
    HRESULT hr = server_open(context, &server);
    size_t size = HASH_SIZE;

    if (FAILED(hr)) return hr;
    size = read_table(server, of_request, ARRAYSIZE(of_request), line, size);
    size = read_table(server, of_certificate, ARRAYSIZE(of_certificate), line, size);
    ICertServerExit_Release(server);
    memset(line->data + size, '.', line_size - size);
    return S_OK;
}

static HRESULT notify(LONG event, LONG context)
{
    struct line line;
    HRESULT hr;

    if (event != EXITEVENT_CERTISSUED) return S_OK;
    line.written = 0;
    if (FAILED(hr = read_line(context, &line))) return hr;
    put(&line);
    return wait_for(&line);
}

/* From Initialize to the last Release. */

static void make_names(struct property *properties, size_t count)
{
    for (size_t i = 0; i < count; i++) properties[i].asked = SysAllocString(properties[i].name);
}

static void free_names(struct property *properties, size_t count)
{
    for (size_t i = 0; i < count; i++) SysFreeString(properties[i].asked);
}

static HRESULT initialize(LONG *mask)
{
    const char *path = getenv("LIMIT_FILE"), *size = getenv("LIMIT_LINE");

    *mask = EXITEVENT_CERTISSUED;
    line_size = size ? strtoul(size, NULL, 10) : 0;
    if (!path || line_size <= HASH_SIZE || line_size > LINE_MAX || writer) return E_INVALIDARG;
    file = CreateFileA(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE) return HRESULT_FROM_WIN32(GetLastError());
    make_names(of_request, ARRAYSIZE(of_request));
    make_names(of_certificate, ARRAYSIZE(of_certificate));
    batch = malloc(BATCH_MAX);
    writer = batch ? CreateThread(NULL, 0, write_all, NULL, 0, NULL) : NULL;
    return writer ? S_OK : E_OUTOFMEMORY;
}

static void released(void)
{
    if (!writer) return;
    put(&closing);
    WaitForSingleObject(writer, INFINITE);
    CloseHandle(writer);
    CloseHandle(file);
    free(batch);
    free_names(of_request, ARRAYSIZE(of_request));
    free_names(of_certificate, ARRAYSIZE(of_certificate));
    writer = NULL;
}

const struct module module = {
    .progid = L"BenchLimit.Exit", .number = 0x100, .notify = notify, .initialize = initialize, .released = released,
};
