/*
 * Rules about what a module leaves behind.
 *
 * BSTRs come from COM's allocator, which is spied on; what else is allocated is found by walking
 * the heaps. Both are counted after a while, and again after two spells of the same length: what
 * grows in both, by one or more each round of events, leaks. What a module makes once, or keeps up
 * to a bound, does not.
 *
 * Not every heap tells of each block: Wine's, from some version behind 8.0 on, takes small blocks
 * in groups of 31 of a size, once seventeen of a size are in use, and a walk sees a group as one
 * block, full or not. There bytes are counted instead, of whole groups, in spells of two groups a
 * leaking block. Such a heap also takes groups without any leak: for a thread that is new, and for
 * a size that was allocated 2048 times, which comes in spell 33 / r if a round allocates it r
 * times. Sizes of many rates share the first seven spells, and few the later ones; so several
 * spells in a row may grow, but not each of twelve. What grows in each leaks.
 */
#include "check_rules.h"

#include "check_server.h"
#include "check_spy.h"
#include "stubca/base/process_usage.h"

#include <oleauto.h>
#include <stdio.h>
#include <stdlib.h>
#include <tlhelp32.h>

struct in_use {
    LONG blocks;
    LONG64 bytes;
};

/* What all heaps have in use, as walking them tells it. */
static struct in_use heaps_in_use(void)
{
    HANDLE heaps[64];
    DWORD count = GetProcessHeaps(ARRAYSIZE(heaps), heaps);
    struct in_use all = {0};

    for (DWORD i = 0; i < min(count, ARRAYSIZE(heaps)); i++) {
        PROCESS_HEAP_ENTRY entry = {NULL};

        HeapLock(heaps[i]);
        while (HeapWalk(heaps[i], &entry)) {
            if (!(entry.wFlags & PROCESS_HEAP_ENTRY_BUSY)) continue;
            all.blocks++;
            all.bytes += entry.cbData;
        }
        HeapUnlock(heaps[i]);
    }
    return all;
}

/* Blocks that the spy does not know of. */
static LONG other_blocks(void)
{
    return heaps_in_use().blocks - check_spy_blocks();
}

/* Whether a walk sees each block. */
static bool blocks_are_told_apart(void)
{
    enum { TRIED = 64 };
    void *blocks[TRIED];
    LONG before = heaps_in_use().blocks, after;

    for (int i = 0; i < TRIED; i++) blocks[i] = HeapAlloc(GetProcessHeap(), 0, 200);
    after = heaps_in_use().blocks;
    for (int i = 0; i < TRIED; i++) HeapFree(GetProcessHeap(), 0, blocks[i]);
    return after - before >= TRIED;
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
        marks->handles[mark] = (LONG)process_usage_handles();
        marks->blocks[mark] = other_blocks();
    }
    return true;
}

static bool wasted(struct examined *it)
{
    struct session session;

    if (waste.measured) return true;
    if (!session_begin(it, &session) || !spells(&session, SPELL, &waste) || !session_end(&session))
        return false;
    return waste.measured = true;
}

/* `many` in both spells is a leak. */
static enum finding check_waste_judge(struct examined *it, const LONG marks[MARKS], int many,
                                      int spell, const char *what)
{
    LONG first = marks[1] - marks[0], second = marks[2] - marks[1];

    if (first < many || second < many) return HOLDS;
    return broken_tidily(it,
                         "%d rounds of its events leave %ld more %s, the next %d rounds %ld more",
                         spell, first, what, spell, second);
}

enum finding rule_strings(struct examined *it)
{
    LONG wrong;

    if (!check_spy_watches())
        return not_examined(it, "this system lets nobody watch COM's allocator");
    if (!wasted(it)) return BROKEN;
    if ((wrong = check_spy_wrong_frees())) {
        return broken_tidily(it,
                             "%ld times a BSTR or other block of COM's was freed that was none, or "
                             "no longer: freed twice, or the CA's",
                             wrong);
    }
    return check_waste_judge(it, waste.strings, SPELL, SPELL, "BSTRs or other blocks of COM's");
}

/* Where blocks come in groups. */

enum { GROUP = 31, GROUPED_SPELL = 2 * GROUP, GROUPED_SPELLS = 12, LEAST_BLOCK = 16 };

/* The least that a spell has left in bytes, after which less is of no interest; COM's blocks are
 * the spy's business, and hide others here. */
static bool least_growth(struct session *session, LONG64 *least)
{
    LONG strings;
    LONG64 before, grown;

    *least = MAXLONG64;
    if (!rounds(session, WARM)) return false;
    for (int spell = 0; spell < GROUPED_SPELLS && *least >= GROUPED_SPELL * LEAST_BLOCK; spell++) {
        strings = check_spy_blocks();
        before = heaps_in_use().bytes;
        if (!rounds(session, GROUPED_SPELL)) return false;
        grown = heaps_in_use().bytes - before;
        if (check_spy_blocks() - strings >= GROUPED_SPELL) grown = 0;
        if (grown < *least) *least = grown;
    }
    return true;
}

static enum finding memory_in_groups(struct examined *it)
{
    struct session session;
    LONG64 least;

    if (!session_begin(it, &session) || !least_growth(&session, &least) || !session_end(&session))
        return BROKEN;
    if (least < GROUPED_SPELL * LEAST_BLOCK) return HOLDS;
    return broken_tidily(it,
                         "%d times %d rounds of its events left %lld bytes more on its heaps, or "
                         "even more than that",
                         GROUPED_SPELLS, GROUPED_SPELL, (long long)least);
}

enum finding rule_memory(struct examined *it)
{
    if (!blocks_are_told_apart()) return memory_in_groups(it);
    return wasted(it) ? check_waste_judge(it, waste.blocks, SPELL, SPELL, "blocks on its heaps")
                      : BROKEN;
}

enum finding rule_handles(struct examined *it)
{
    return wasted(it) ? check_waste_judge(it, waste.handles, SPELL, SPELL, "handles") : BROKEN;
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
    if (check_spy_watches() && check_waste_judge(it, marks.strings, FAILING_LEAKS, FAILING_SPELL,
                                                 "BSTRs or other blocks of COM's") == BROKEN)
        return BROKEN;
    if (!blocks_are_told_apart()) return HOLDS;         /* six blocks may be no group at all */
    return check_waste_judge(it, marks.blocks, FAILING_LEAKS, FAILING_SPELL, "blocks on its heaps");
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

        if (!session_begin(it, &session) || !session_round(&session, true) ||
            !session_end(&session))
            return BROKEN;
        if (!i) Sleep(100);
        if (!i) base = threads_now();
    }
    count = threads_settled(base, it->limit_ms / 4);
    if (count - base < CYCLES - 1) return HOLDS;
    return broken(it, "%d sessions leave %d threads more than the first one did", CYCLES - 1,
                  count - base);
}
