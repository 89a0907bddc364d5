/* Rules about what a module does at a CA. */
#include "check_rules.h"

#include "check_server.h"
#include "check_windows.h"
#include "stubca/host/contexts.h"
#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <oleauto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum finding rule_initialize(struct examined *it)
{
    struct session session;

    return session_begin(it, &session) && session_end(&session) ? HOLDS : BROKEN;
}

enum finding rule_mask(struct examined *it)
{
    const LONG never_seen =
        0x100; /* has no name, and no CA is known to send it; asked for in the field */
    struct session session;

    if (!session_begin(it, &session) || !session_end(&session)) return BROKEN;
    if (session.mask & ~(KNOWN_EVENTS | never_seen)) {
        return broken_tidily(it, "Initialize asks for 0x%lx, in which 0x%lx are no events",
                             (unsigned long)session.mask,
                             (unsigned long)session.mask &
                                 ~(unsigned long)(KNOWN_EVENTS | never_seen));
    }
    snprintf(it->why, sizeof it->why, "it asks for 0x%lx",
             (unsigned long)session.mask); /* a note */
    return HOLDS;
}

/* The text twice, so that one that is made up anew each time is seen. */
enum finding rule_description(struct examined *it)
{
    struct session session;
    struct outcome_of_call outcome;
    BSTR given[2] = {NULL, NULL};
    char *texts[2] = {NULL, NULL};
    bool same;

    if (!session_begin(it, &session)) return BROKEN;
    for (int i = 0; i < 2; i++) {
        exit_object_describe(&session.object, &given[i], &outcome);
        if (!call_went_well(it, "GetDescription", &outcome)) return BROKEN;
        texts[i] = given[i] ? text_utf8(given[i]) : heap_text("");
    }
    session_end(&session);
    if (given[0] && given[0] == given[1])
        return broken(it, "it gives the same BSTR twice, and whoever gets one frees it");
    for (int i = 0; i < 2; i++) SysFreeString(given[i]);
    same = !strcmp(texts[0], texts[1]);
    if (!*texts[0]) return broken_tidily(it, "the description is empty");
    if (!_stricmp(texts[0], "Windows default")) {
        return broken_tidily(it, "it calls itself \"%s\", which is the CA's own module", texts[0]);
    }
    if (!same)
        return broken_tidily(it, "it calls itself \"%s\" and then \"%s\"", texts[0], texts[1]);
    snprintf(it->why, sizeof it->why, "\"%s\"", texts[0]);   /* a note */
    free(texts[0]);
    free(texts[1]);
    return HOLDS;
}

/* A day at the CA: every event once, watched. It is spent once in a process, for the rules that
 * look at it. */

static struct day {
    bool spent;
    HRESULT hr[EVENT_BITS];
    DWORD thrown[EVENT_BITS], ms[EVENT_BITS];
    char *words[EVENT_BITS];
    struct digest_set seen;
} day;

static void spend_event(struct session *session, int bit)
{
    struct outcome_of_call outcome;
    ULONGLONG start = GetTickCount64();

    session_notify(session, event_of_bit(bit), &outcome);
    day.ms[bit] = (DWORD)(GetTickCount64() - start);
    day.hr[bit] = outcome.hr;
    day.thrown[bit] = outcome.fault.code;
    day.words[bit] = outcome.detail;
}

/* One that was slow gets two more chances: the machine may have been busy elsewhere. */
static void spend_day(struct examined *it, struct session *session)
{
    for (int bit = 0; bit < EVENT_BITS; bit++) {
        if (!(session->mask & event_of_bit(bit))) continue;
        spend_event(session, bit);
        for (int chance = 0; chance < 2 && day.ms[bit] > it->quick_ms; chance++)
            spend_event(session, bit);
    }
}

static bool day_spent(struct examined *it)
{
    struct session session;

    if (day.spent) return true;
    check_server_forget();
    if (!session_begin(it, &session)) return false;
    spend_day(it, &session);
    Sleep(500); /* for threads of the module's that go on with what they were told */
    session.mask &= ~EXITEVENT_SHUTDOWN;
    session_end(&session);
    day.seen = check_server_seen();
    return day.spent = true;
}

enum finding rule_returns(struct examined *it)
{
    return day_spent(it) ? HOLDS : BROKEN;
}

enum finding rule_throws(struct examined *it)
{
    if (!day_spent(it)) return BROKEN;
    for (int bit = 0; bit < EVENT_BITS; bit++) {
        if (day.thrown[bit])
            return broken(it, "Notify of %s threw 0x%08lx", event_name(event_of_bit(bit)),
                          day.thrown[bit]);
    }
    return HOLDS;
}

enum finding rule_succeeds(struct examined *it)
{
    if (!day_spent(it)) return BROKEN;
    for (int bit = 0; bit < EVENT_BITS; bit++) {
        if (FAILED(day.hr[bit])) {
            return broken_tidily(it, "Notify of %s returned 0x%08lx %s",
                                 event_name(event_of_bit(bit)), (unsigned long)day.hr[bit],
                                 day.words[bit] ? day.words[bit] : "");
        }
    }
    return HOLDS;
}

enum finding rule_quick(struct examined *it)
{
    if (!day_spent(it)) return BROKEN;
    for (int bit = 0; bit < EVENT_BITS; bit++) {
        if (day.ms[bit] > it->quick_ms) {
            return broken_tidily(it, "Notify of %s took %lu ms, and no less at a third try",
                                 event_name(event_of_bit(bit)), day.ms[bit]);
        }
    }
    return HOLDS;
}

enum finding rule_bound(struct examined *it)
{
    if (!day_spent(it)) return BROKEN;
    if (!day.seen.calls) return not_examined(it, "it asks the CA nothing");
    if (day.seen.unbound)
        return broken_tidily(it, "%ld questions about a request, to objects without a context",
                             day.seen.unbound);
    return HOLDS;
}

enum finding rule_held(struct examined *it)
{
    if (!day_spent(it)) return BROKEN;
    if (!day.seen.calls) return not_examined(it, "it asks the CA nothing");
    if (day.seen.dead)
        return broken_tidily(it, "%ld questions about an event whose Notify had returned",
                             day.seen.dead);
    return HOLDS;
}

/* Odd events. */

/* Once more with events and contexts of our own choice. */
static bool odd_event(struct session *session, LONG event, LONG context, bool must_succeed)
{
    struct outcome_of_call outcome;
    char method[64];

    snprintf(method, sizeof method, "Notify of 0x%lx", (unsigned long)event);
    check_goes_on();
    exit_object_notify(&session->object, event, context, &outcome);
    if (!must_succeed && !outcome.fault.code) {
        outcome_free(&outcome);
        return true;
    }
    return call_went_well(session->it, method, &outcome);
}

enum finding rule_unknown(struct examined *it)
{
    static const LONG odd[] = {0, 0x100, 0x400, 0x40000000, (LONG)0x80000000, -1, 0x3, 0x28, 0x2FF};
    struct session session;

    if (!session_begin(it, &session)) return BROKEN;
    for (size_t i = 0; i < ARRAYSIZE(odd); i++) {
        LONG context = context_open(it->rows[ROW_ISSUED]);
        bool well =
            odd_event(&session, odd[i], 0, true) && odd_event(&session, odd[i], context, true);

        context_close(context);
        if (!well) return BROKEN;
    }
    return session_end(&session) ? HOLDS : BROKEN;
}

static enum finding events_with(struct examined *it, LONG context)
{
    struct session session;

    if (!session_begin(it, &session)) return BROKEN;
    for (int bit = 0; bit < EVENT_BITS; bit++) {
        if (event_of_bit(bit) != EXITEVENT_SHUTDOWN &&
            !odd_event(&session, event_of_bit(bit), context, false))
            return BROKEN;
    }
    return session_end(&session) ? HOLDS : BROKEN;
}

enum finding rule_zero(struct examined *it)
{
    return events_with(it, 0);
}

enum finding rule_dead(struct examined *it)
{
    LONG context = context_open(check_ca(it) ? it->rows[ROW_ISSUED] : 0);

    context_close(context);
    return events_with(it, context);
}

/* Odd CAs. */

enum finding rule_key(struct examined *it)
{
    WCHAR *path = text_wide(it->key);
    struct session session;
    bool well;
    HKEY key, empty;
    LSTATUS error;

    /* The values in it are kept aside: a copy under another name, and back. */
    WCHAR *aside = heap_take((wcslen(path) + 10) * sizeof *aside);

    wcscat(wcscpy(aside, path), L".aside");
    error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_ALL_ACCESS, &key);
    if (!error)
        error = RegCreateKeyExW(HKEY_LOCAL_MACHINE, aside, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &empty,
                                NULL);
    if (!error) error = RegCopyTreeW(key, NULL, empty);
    if (error) return not_examined(it, "the key cannot be taken away (error %ld)", error);
    RegCloseKey(key);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, path);
    well = session_begin(it, &session) && session_end(&session);
    if (!RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL)) {
        RegCopyTreeW(empty, NULL, key);
        RegCloseKey(key);
    }
    RegCloseKey(empty);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, aside);
    free(aside);
    free(path);
    return well ? HOLDS : BROKEN;
}

/* Each C library may have one of its own. */
static bool heaps_are_whole(void)
{
    HANDLE heaps[64];
    DWORD count = GetProcessHeaps(ARRAYSIZE(heaps), heaps);
    bool whole = true;

    for (DWORD i = 0; i < min(count, ARRAYSIZE(heaps)); i++)
        whole &= HeapValidate(heaps[i], 0, NULL);
    return whole;
}

/* Whole sessions in which the CA is in that mood, and one in which it gets into it later. Failures
 * are no harm. */
static enum finding sessions_in(struct examined *it, enum server_mood mood, int rounds)
{
    struct outcome_of_call outcome;
    struct session session;
    bool well = true;

    if (!session_begin(it, &session)) return BROKEN;
    check_server_mood(mood, 1);
    for (int i = 0; i < rounds && well; i++) well = session_round(&session, true);
    check_server_mood(SERVER_HONEST, 0);
    if (!well || !session_end(&session)) return BROKEN;

    session = (struct session){.it = it};
    if (!session_create(it, &session.object)) return BROKEN;
    check_server_mood(mood, 2);
    exit_object_initialize(&session.object, it->ca->sanitized, &session.mask, &outcome);
    check_server_mood(SERVER_HONEST, 0);
    if (outcome.fault.code) return call_went_well(it, "Initialize", &outcome) ? HOLDS : BROKEN;
    outcome_free(&outcome);
    exit_object_release(&session.object, &outcome);
    if (!call_went_well(it, "Release", &outcome)) return BROKEN;
    return heaps_are_whole() ? HOLDS : broken(it, "the heap is damaged");
}

enum finding rule_empty(struct examined *it)
{
    return sessions_in(it, SERVER_EMPTY, 1);
}

enum finding rule_odd(struct examined *it)
{
    return sessions_in(it, SERVER_ODD, 8);
}

/* Eight threads. */

enum { THREADS = 8, ROUNDS = 6 };

struct crowd {
    struct session session;
    struct examined its[THREADS];       /* each thread's own place for what it has to say */
    HANDLE begin;
    LONG next, failures;
    char why[512];
};

static DWORD WINAPI crowd_thread(void *argument)
{
    struct crowd *crowd = argument;
    LONG number = InterlockedIncrement(&crowd->next) - 1;
    struct session session = crowd->session;
    bool well = true;

    session.it = &crowd->its[number];
    check_windows_refuse();
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    WaitForSingleObject(crowd->begin, INFINITE);
    for (int i = 0; i < ROUNDS && well; i++) well = session_round(&session, false);
    if (!well && InterlockedIncrement(&crowd->failures) == 1)
        snprintf(crowd->why, sizeof crowd->why, "%s", session.it->why);
    CoUninitialize();
    return 0;
}

/* On a thread of the multi-threaded apartment, as a CA's are; so are all that call. */
static DWORD WINAPI crowd_host(void *argument)
{
    struct crowd *crowd = argument;
    struct examined *it = crowd->session.it;
    HANDLE threads[THREADS];
    bool well;

    check_windows_refuse();
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if ((well = session_begin(it, &crowd->session))) {
        for (int i = 0; i < THREADS; i++) {
            crowd->its[i] = *it;
            threads[i] = CreateThread(NULL, 0, crowd_thread, crowd, 0, NULL);
        }
        check_server_mood(SERVER_SLOW, 1);
        SetEvent(crowd->begin);
        for (int i = 0; i < THREADS; i++)
            WaitForSingleObject(threads[i], INFINITE); /* our parent sees to it that it ends */
        check_server_mood(SERVER_HONEST, 0);
        well = session_end(&crowd->session);
    }
    CoUninitialize();
    return well;
}

enum finding rule_concurrent(struct examined *it)
{
    struct crowd *crowd = heap_take(sizeof *crowd);
    HANDLE host;
    DWORD well = 0;
    struct digest_set seen;

    check_ca(it);
    check_server_forget();
    crowd->session.it = it;
    crowd->begin = CreateEventW(NULL, TRUE, FALSE, NULL);
    host = CreateThread(NULL, 0, crowd_host, crowd, 0, NULL);
    while (MsgWaitForMultipleObjects(1, &host, FALSE, INFINITE, QS_ALLINPUT) != WAIT_OBJECT_0) {
        MSG message;

        while (PeekMessageW(&message, NULL, 0, 0, PM_REMOVE)) DispatchMessageW(&message);
    }
    GetExitCodeThread(host, &well);
    seen = check_server_seen();
    if (!well) return BROKEN;
    if (crowd->failures) return broken(it, "%s", crowd->why);
    if (seen.crossed)
        return broken_tidily(it, "%ld questions within one event's Notify were about another event",
                             seen.crossed);
    if (seen.shared)
        return broken_tidily(it, "%ld times one callback object was used by two threads at once",
                             seen.shared);
    return HOLDS;
}

/* What the rules before had it show is known already; here it is seen to it that it was told of
 * every event at all. Which windows there were is the parent's to know: those of a process that has
 * ended count, too. */
enum finding rule_ui(struct examined *it)
{
    if (!day_spent(it)) return BROKEN;
    Sleep(200); /* for threads of the module's that are slow to show theirs */
    return HOLDS;
}
