#include "state.h"

#include <stdio.h>
#include <wchar.h>

static enum state_health say(enum state_health health, WCHAR *out, const WCHAR *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vswprintf(out, STATE_TEXT_MAX, format, arguments);
    va_end(arguments);
    out[STATE_TEXT_MAX - 1] = 0;        /* vswprintf does not end a text that it had to cut */
    return health;
}

static bool is_end(const WCHAR *type)
{
    return !wcscmp(type, L"module.stopped") || !wcscmp(type, L"ca.stopping");
}

static enum state_health unreadable(DWORD error, WCHAR *out)
{
    if (error == ERROR_ACCESS_DENIED)
        return say(STATE_WARNING, out, L"Not known: only administrators may read the journal. Run the snap-in as an administrator to see its state.");
    return say(STATE_BAD, out, L"The journal cannot be read (error %lu). See to the disk.", error);
}

static enum state_health no_journal(const struct look_facts *facts, bool active, WCHAR *out)
{
    if (!active) return say(STATE_WARNING, out, L"Nothing is recorded: CertWitness.Exit is not among the CA's active exit modules. Add it, and restart the CA's service.");
    if (facts->service == LOOK_RUNNING)
        return say(STATE_BAD, out, L"The CA runs, and there is no journal in this folder. If the folder was changed, restart the CA's service; else see events 200 to 302 of the log CertWitness-Journal.");
    return say(STATE_NEUTRAL, out, L"There is no journal yet. It is begun when the CA's service starts.");
}

static enum state_health of_running(const struct look_facts *facts, bool active, WCHAR *out)
{
    bool older = facts->service_start && facts->time && facts->time + 10000000 < facts->service_start;   /* times in lines are cut to ms */

    if (!active && (older || is_end(facts->type)))
        return say(STATE_WARNING, out, L"Nothing is recorded: CertWitness.Exit is not among the CA's active exit modules. Add it, and restart the CA's service.");
    if (older || !wcscmp(facts->type, L"module.stopped"))
        return say(STATE_BAD, out, L"The CA runs, and nothing was written to this journal since it started. If the folder or the active modules were changed, restart the CA's service; else see events 200 to 302 of the log CertWitness-Journal.");
    if (!active) return say(STATE_WARNING, out, L"Recording, but CertWitness.Exit is no longer among the CA's active exit modules: nothing will be recorded once the CA's service starts again.");
    return say(STATE_GOOD, out, L"Recording. The CA runs, and this is its journal.");
}

static enum state_health of_stopped(const struct look_facts *facts, bool active, WCHAR *out)
{
    if (!active) return say(STATE_WARNING, out, L"Nothing will be recorded: CertWitness.Exit is not among the CA's active exit modules.");
    if (facts->has_tail || !is_end(facts->type))
        return say(STATE_WARNING, out, L"The CA's service does not run, and it ended without closing its journal, as after a crash or a power cut. The journal goes on when the CA starts; what was only half written is then moved aside.");
    return say(STATE_NEUTRAL, out, L"The CA's service does not run; its journal was closed properly.");
}

static enum state_health decide(const struct look_facts *facts, bool active, uint32_t min_free_mib, WCHAR *out)
{
    if (!facts->has_drive) return say(STATE_BAD, out, L"The journal's drive is not there. While it is missing, events wait in the CA's memory. Bring it back, or choose another folder.");
    if (facts->is_unjudged && facts->error != ERROR_ACCESS_DENIED)
        return say(STATE_BAD, out, L"It is not known whether the recorder writes into this folder. %ls", facts->refused);
    if (*facts->refused && !facts->is_unjudged) return say(STATE_BAD, out, L"The recorder does not write into this folder. %ls Choose another one, or make it fit as the manual says under Settings.", facts->refused);
    if (facts->error) return unreadable(facts->error, out);
    if (facts->has_free && facts->free_bytes < (uint64_t)min_free_mib << 20)
        return say(STATE_BAD, out, L"The disk is nearly full: less than MinFreeMiB (%u MiB) is free, so denied, pending and retrieved requests are counted and not recorded, and below a quarter of it nothing is. Make space.", min_free_mib);
    if (!facts->files) return no_journal(facts, active, out);
    if (!facts->has_line) return say(STATE_BAD, out, L"The end of the journal holds no intact line. Do not repair it: copy the folder, and find out who or what wrote to it.");
    if (facts->service == LOOK_RUNNING) return of_running(facts, active, out);
    if (facts->service == LOOK_STARTING) return say(STATE_NEUTRAL, out, L"The CA's service is starting or stopping.");
    if (facts->service == LOOK_NO_SERVICE) return say(STATE_WARNING, out, L"There is a journal, but whether the CA runs is not known: this machine has no service CertSvc, or you may not ask for it.");
    return of_stopped(facts, active, out);
}

/* Damage on record is told where nothing worse is, and a folder above that others could take away where that is not either. */
enum state_health state_decide(const struct look_facts *facts, bool active, uint32_t min_free_mib, WCHAR out[STATE_TEXT_MAX])
{
    enum state_health health = decide(facts, active, min_free_mib, out);

    if (health != STATE_GOOD && health != STATE_NEUTRAL) return health;
    if (!facts->broken && *facts->above) return say(STATE_WARNING, out, L"%ls%ls", health == STATE_GOOD ? L"Recording, but: " : L"", facts->above);
    if (!facts->broken) return health;
    return say(STATE_WARNING, out, L"%lsAn event of the journal (%I64u) tells that lines before it, which had been on disk, were found damaged. Run \"certwitness verify\", and do not repair it.",
               health == STATE_GOOD ? L"Recording, but: " : L"", facts->broken);
}

void state_last_event(const struct look_facts *facts, WCHAR *out, size_t size)
{
    WCHAR date[64] = L"", time[64] = L"";
    FILETIME utc = {(DWORD)facts->time, (DWORD)(facts->time >> 32)};
    SYSTEMTIME parts, local;

    out[0] = 0;
    if (!facts->has_line) {
        swprintf(out, size, L"none yet");
        return;
    }
    if (facts->time && FileTimeToSystemTime(&utc, &parts) && SystemTimeToTzSpecificLocalTime(NULL, &parts, &local)) {
        GetDateFormatEx(LOCALE_NAME_USER_DEFAULT, DATE_SHORTDATE, &local, NULL, date, ARRAYSIZE(date), NULL);
        GetTimeFormatEx(LOCALE_NAME_USER_DEFAULT, 0, &local, NULL, time, ARRAYSIZE(time));
    }
    swprintf(out, size, L"%ls%ls%ls%ls, %ls %ls", facts->type, *facts->subject ? L" (" : L"", facts->subject, *facts->subject ? L")" : L"", date, time);
    out[size - 1] = 0;
}

void state_size(const struct look_facts *facts, WCHAR *out, size_t size)
{
    const WCHAR *files = facts->files == 1 ? L"file" : L"files";
    uint64_t bytes = facts->bytes;

    if (bytes < 10240) swprintf(out, size, L"%I64u bytes in %I64u %ls", bytes, facts->files, files);
    else if (bytes < (10ull << 20)) swprintf(out, size, L"%I64u KiB in %I64u %ls", bytes >> 10, facts->files, files);
    else if (bytes < (10ull << 30)) swprintf(out, size, L"%I64u MiB in %I64u %ls", bytes >> 20, facts->files, files);
    else swprintf(out, size, L"%.1f GiB in %I64u %ls", (double)bytes / (1ull << 30), facts->files, files);
    out[size - 1] = 0;
}
