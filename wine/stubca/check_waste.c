/*
 * Rules about what a module leaves behind.
 *
 * BSTRs come from COM's allocator, which is spied on; what else is allocated is found by walking the heaps.
 * Both are counted after a while, and again after two spells of the same length: what grows in both, by one or more each
 * round of events, leaks. What a module makes once, or keeps up to a bound, does not.
 */
#include "check_rules.h"

#include "check_server.h"
#include "check_spy.h"
#include "usage.h"

#include <oleauto.h>
#include <stdio.h>
#include <stdlib.h>
#include <tlhelp32.h>

/* Blocks in use in all heaps that the spy does not know of. */
static LONG other_blocks(void)
{
    HANDLE heaps[64];
    DWORD count = GetProcessHeaps(ARRAYSIZE(heaps), heaps);
    LONG blocks = 0;

    for (DWORD i = 0; i < min(count, ARRAYSIZE(heaps)); i++) {
        PROCESS_HEAP_ENTRY entry = {NULL};

        HeapLock(heaps[i]);
        while (HeapWalk(heaps[i], &entry)) blocks += !!(entry.wFlags & PROCESS_HEAP_ENTRY_BUSY);
        HeapUnlock(heaps[i]);
    }
    return blocks - check_spy_blocks();
}

/* Measuring: after a warming up, and after each of two spells. */

enum { WARM = 8, SPELL = 20, FAILING_SPELL = 30, FAILING_LEAKS = 6, MARKS = 3 };

static struct waste {
    bool measured;
    LONG strings[MARKS], blocks[MARKS], handles[MARKS];
} waste;

static bool rounds(struct session *session, int count)
{
    bool well = true;

    for (int i = 0; i < count && well; i++) well = session_round(session, true);
    return well;
}

static bool spells(struct session *session, int spell, struct waste *marks)
{
    for (int mark = 0; mark < MARKS; mark++) {
        if (!rounds(session, mark ? spell : WARM)) return false;
        marks->strings[mark] = check_spy_blocks();
        marks->handles[mark] = (LONG)usage_handles();
        marks->blocks[mark] = other_blocks();
    }
    return true;
}

static bool wasted(struct examined *it)
{
    struct session session;

    if (waste.measured) return true;
    if (!session_begin(it, &session) || !spells(&session, SPELL, &waste) || !session_end(&session)) return false;
    return waste.measured = true;
}

/* `many` in both spells is a leak. */
static enum finding judge(struct examined *it, const LONG marks[MARKS], int many, int spell, const char *what)
{
    LONG first = marks[1] - marks[0], second = marks[2] - marks[1];

    if (first < many || second < many) return HOLDS;
    return broken_tidily(it, "%d rounds of its events leave %ld more %s, the next %d rounds %ld more", spell, first, what, spell,
                         second);
}

enum finding rule_strings(struct examined *it)
{
    LONG wrong;

    if (!check_spy_watches()) return not_examined(it, "this system lets nobody watch COM's allocator");
    if (!wasted(it)) return BROKEN;
    if ((wrong = check_spy_wrong_frees())) {
        return broken_tidily(it, "%ld times a BSTR or other block of COM's was freed that was none, or no longer: freed twice, or the CA's", wrong);
    }
    return judge(it, waste.strings, SPELL, SPELL, "BSTRs or other blocks of COM's");
}

enum finding rule_memory(struct examined *it)
{
    return wasted(it) ? judge(it, waste.blocks, SPELL, SPELL, "blocks on its heaps") : BROKEN;
}

enum finding rule_handles(struct examined *it)
{
    return wasted(it) ? judge(it, waste.handles, SPELL, SPELL, "handles") : BROKEN;
}

/* With a CA that fails; the module's own failing is no harm. */
enum finding rule_failing(struct examined *it)
{
    struct session session;
    struct waste marks;
    bool well;

    if (!session_begin(it, &session)) return BROKEN;
    check_server_mood(SERVER_FAILING, 1);
    well = spells(&session, FAILING_SPELL, &marks);
    check_server_mood(SERVER_HONEST, 0);
    if (!well || !session_end(&session)) return BROKEN;
    if (check_spy_watches() && judge(it, marks.strings, FAILING_LEAKS, FAILING_SPELL, "BSTRs or other blocks of COM's") == BROKEN) return BROKEN;
    return judge(it, marks.blocks, FAILING_LEAKS, FAILING_SPELL, "blocks on its heaps");
}

/* Threads. */

enum { CYCLES = 4 };

static int threads_now(void)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    int count = 0;

    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry)) {
        count += entry.th32OwnerProcessID == GetCurrentProcessId();
    }
    CloseHandle(snapshot);
    return count;
}

/* How many there are once those that are about to end have. */
static int threads_settled(int wanted, DWORD limit_ms)
{
    ULONGLONG start = GetTickCount64();
    int count;

    while ((count = threads_now()) > wanted && GetTickCount64() - start < limit_ms) {
        check_goes_on();
        Sleep(20);
    }
    return count;
}

/* The first session makes what COM and the module make once; each after that must leave no more. */
enum finding rule_threads(struct examined *it)
{
    int base = 0, count;

    for (int i = 0; i < CYCLES; i++) {
        struct session session;

        if (!session_begin(it, &session) || !session_round(&session, true) || !session_end(&session)) return BROKEN;
        if (!i) Sleep(100);
        if (!i) base = threads_now();
    }
    count = threads_settled(base, it->limit_ms / 4);
    if (count - base < CYCLES - 1) return HOLDS;
    return broken(it, "%d sessions leave %d threads more than the first one did", CYCLES - 1, count - base);
}
