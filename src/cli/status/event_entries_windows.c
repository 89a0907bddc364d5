#include "event_entries.h"

#include "settings/event_log.h"

#include <winevt.h>
#include <wchar.h>

/* Our own log, and the Application log: earlier versions wrote there, and Windows does for a source
 * that is not registered. */
#define OF(log, source) L"<Select Path='" log L"'>*[System[Provider[@Name='" source L"']]]</Select>"
#define LIST(selects) L"<QueryList><Query Id='0'>" selects L"</Query></QueryList>"
#define WAIT_MS 5000

static const WCHAR *const event_queries[] = {
    [ENTRIES_OF_RECORDER] = LIST(OF(EVENT_LOG_NAME, EVENT_LOG_SOURCE) OF(
        L"Application", EVENT_LOG_SOURCE) OF(L"Application", EVENT_OLD_SOURCE)),
    [ENTRIES_OF_DELIVERY] = LIST(OF(EVENT_LOG_NAME, EVENT_DELIVERY_SOURCE)
                                     OF(L"Application", EVENT_DELIVERY_SOURCE)),
};

static bool render(EVT_HANDLE context, EVT_HANDLE event, struct event_entry *out)
{
    union { EVT_VARIANT values[EvtSystemPropertyIdEND]; BYTE bytes[8192]; } room;
    DWORD used, count;

    if (!EvtRender(context, event, EvtRenderEventValues, sizeof room, &room, &used, &count) ||
        count <= EvtSystemTimeCreated)
        return false;
    out->id = room.values[EvtSystemEventID].UInt16Val;
    if (room.values[EvtSystemQualifiers].Type == EvtVarTypeUInt16)
        out->id |= (DWORD)room.values[EvtSystemQualifiers].UInt16Val << 16;
    out->level = room.values[EvtSystemLevel].ByteVal;
    out->time.dwLowDateTime = (DWORD)room.values[EvtSystemTimeCreated].FileTimeVal;
    out->time.dwHighDateTime = (DWORD)(room.values[EvtSystemTimeCreated].FileTimeVal >> 32);
    return true;
}

static bool event_entries_read_all(EVT_HANDLE query, EVT_HANDLE context, struct event_entry *out,
                                   unsigned *count, DWORD *error)
{
    EVT_HANDLE events[EVENT_ENTRIES_MAX];
    DWORD got = 0;

    if (!EvtNext(query, EVENT_ENTRIES_MAX, events, WAIT_MS, 0, &got)) {
        *error = GetLastError();
        return *error == ERROR_NO_MORE_ITEMS;
    }
    for (DWORD i = 0; i < got; i++) {
        if (render(context, events[i], &out[*count])) ++*count;
        EvtClose(events[i]);
    }
    return true;
}

bool event_entries_read(enum event_entries_of whose, struct event_entry out[EVENT_ENTRIES_MAX],
                        unsigned *count, DWORD *error)
{
    EVT_HANDLE context, query;
    bool done = false;

    *count = 0;
    SetLastError(ERROR_NOT_SUPPORTED);  /* for a log that fails without saying why */
    query = EvtQuery(NULL, NULL, event_queries[whose],
                     EvtQueryChannelPath | EvtQueryReverseDirection | EvtQueryTolerateQueryErrors);
    context = query ? EvtCreateRenderContext(0, NULL, EvtRenderContextSystem) : NULL;
    *error = GetLastError();
    if (context) done = event_entries_read_all(query, context, out, count, error);
    if (context) EvtClose(context);
    if (query) EvtClose(query);
    return done;
}

void event_entry_text(const WCHAR *dll, DWORD id, WCHAR *out, size_t size)
{
    HMODULE module =
        *dll ? LoadLibraryExW(dll, NULL, LOAD_LIBRARY_AS_DATAFILE | LOAD_LIBRARY_AS_IMAGE_RESOURCE)
             : NULL;

    *out = 0;
    if (!module) return;
    if (!FormatMessageW(FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_IGNORE_INSERTS, module, id, 0,
                        out, (DWORD)size, NULL))
        *out = 0;
    out[wcscspn(out, L"\r\n")] = 0;
    FreeLibrary(module);
}
