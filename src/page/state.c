#include "state.h"

#include "base/size_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

static enum state_health state_say(enum state_health health, WCHAR *out, const WCHAR *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vswprintf(out, STATE_TEXT_MAX, format, arguments);
    va_end(arguments);
    out[STATE_TEXT_MAX - 1] = 0;        /* vswprintf does not end a text that it had to cut */
    return health;
}

static bool state_is_end(const WCHAR *type)
{
    return !wcscmp(type, L"module.stopped") || !wcscmp(type, L"ca.stopping");
}

static enum state_health state_unreadable(DWORD error, WCHAR *out)
{
    if (error == ERROR_ACCESS_DENIED)
        return state_say(STATE_WARNING, out, L"The state of the journal is not known: only "
                                       L"administrators can "
                   L"read it. Run the snap-in as an administrator.");
    return state_say(STATE_BAD, out, L"The journal cannot be read (error %lu). Check the disk, and "
                               L"whether "
               L"another program has the files open.", error);
}

#define INACTIVE L"CertWitness.Exit is not among the CA's active exit modules"
#define SEE_LOG  L"If the folder was changed, restart the CA's service. Otherwise see " \
                 L"events 200 to 302 in the event log CertWitness-Journal."

static enum state_health no_journal(const struct look_facts *facts, bool active, WCHAR *out)
{
    if (!active)
        return state_say(STATE_WARNING, out, L"Nothing is recorded: " INACTIVE
                L". Add it, and restart the CA's service.");
    if (facts->service == LOOK_RUNNING)
        return state_say(STATE_BAD, out,
                         L"The CA is running, and this folder has no journal. " SEE_LOG);
    return state_say(STATE_NEUTRAL, out, L"There is no journal yet. Recording begins when the CA's "
                                   L"service starts.");
}

static enum state_health of_running(const struct look_facts *facts, bool active, WCHAR *out)
{
    bool older = facts->service_start && facts->time &&
                 facts->time + 10000000 < facts->service_start; /* times in lines are cut to ms */

    if (!active && (older || state_is_end(facts->type)))
        return state_say(STATE_WARNING, out, L"Nothing is recorded: " INACTIVE
                L". Add it, and restart the CA's service.");
    if (older || !wcscmp(facts->type, L"module.stopped"))
        return state_say(STATE_BAD, out, L"The CA is running, and nothing was recorded since it "
                                   L"started. " SEE_LOG);
    if (!active)
        return state_say(STATE_WARNING, out, L"Events are recorded, but " INACTIVE
                L" any more. Recording ends when "
                   L"the CA's service stops. Add it to keep recording.");
    return state_say(STATE_GOOD, out, L"The CA is running, and its events are recorded.");
}

static enum state_health of_stopped(const struct look_facts *facts, bool active, WCHAR *out)
{
    if (!active)
        return state_say(STATE_WARNING, out, L"Nothing will be recorded: " INACTIVE
                L". Add it, and start the CA's service.");
    if (facts->has_tail || !state_is_end(facts->type))
        return state_say(STATE_WARNING, out,
                         L"The CA's service is not running, and it ended without "
                         L"closing its journal, "
                         L"as after a crash or a power cut. The journal continues when the service "
                         L"starts. A line that "
                         L"was only partly written is then moved to a file of its own.");
    return state_say(STATE_NEUTRAL, out, L"The CA's service is not running. Its journal was closed "
                                   L"properly.");
}

static enum state_health of_folder(const struct look_facts *facts, WCHAR *out)
{
    if (facts->is_unjudged)
        return state_say(STATE_BAD, out,
                         L"It is not known whether CertWitness writes into this folder. "
                         L"%ls",
                         facts->refused);
    return state_say(STATE_BAD, out,
                     L"CertWitness does not write into this folder. %ls Choose another "
                     L"folder, or correct "
                     L"this one: the manual (F1) says how.",
                     facts->refused);
}

static enum state_health disk_is_low(const struct look_facts *facts, uint32_t min_free_mib,
                                     WCHAR *out)
{
    char free[SIZE_TEXT_MAX], least[SIZE_TEXT_MAX], quarter[SIZE_TEXT_MAX];

    size_text(facts->free_bytes, free);
    size_text((uint64_t)min_free_mib << 20, least);
    size_text((uint64_t)min_free_mib << 18, quarter);
    if (facts->free_bytes < (uint64_t)min_free_mib << 18)
        return state_say(STATE_BAD, out,
                         L"The disk has %hs free, less than a quarter of MinFreeMiB "
                         L"(%hs). Nothing is written: "
                         L"events wait in memory. Free some space on the disk.",
                         free, quarter);
    return state_say(STATE_BAD, out, L"The disk has %hs free, less than MinFreeMiB (%hs). Denied, "
                               L"pending and retrieved requests "
               L"are counted and not recorded. Below %hs nothing is written. Free some space on "
               L"the disk.",
               free, least, quarter);
}

static enum state_health decide(const struct look_facts *facts, bool active, uint32_t min_free_mib,
                                WCHAR *out)
{
    if (!facts->has_drive)
        return state_say(STATE_BAD, out,
                         L"The drive of the journal is missing. Events wait in the CA's "
                         L"memory. "
                         L"Reconnect the drive, or choose another folder.");
    if (facts->is_unjudged ? facts->error != ERROR_ACCESS_DENIED : *facts->refused)
        return of_folder(facts, out);
    if (facts->error) return state_unreadable(facts->error, out);
    if (facts->has_free && facts->free_bytes < (uint64_t)min_free_mib << 20)
        return disk_is_low(facts, min_free_mib, out);
    if (!facts->files) return no_journal(facts, active, out);
    if (!facts->has_line)
        return state_say(STATE_BAD, out,
                         L"The end of the journal has no intact line. Do not repair it. "
                         L"Copy the folder, and "
                         L"find out which program or person wrote to it.");
    if (facts->service == LOOK_RUNNING) return of_running(facts, active, out);
    if (facts->service == LOOK_STARTING)
        return state_say(STATE_NEUTRAL, out, L"The CA's service is starting or stopping.");
    if (facts->service == LOOK_NO_SERVICE)
        return state_say(STATE_WARNING, out,
                         L"There is a journal. It is not known whether the CA is "
                         L"running: this machine has "
                         L"no service CertSvc, or you may not query it.");
    return of_stopped(facts, active, out);
}

/* Recorded damage is reported if nothing worse is found, and a folder above that others could
 * remove if there is no damage either. */
enum state_health state_decide(const struct look_facts *facts, bool active, uint32_t min_free_mib,
                               WCHAR out[STATE_TEXT_MAX])
{
    enum state_health health = decide(facts, active, min_free_mib, out);
    const WCHAR *but = health == STATE_GOOD ? L"Events are recorded, but: " : L"";

    if (health != STATE_GOOD && health != STATE_NEUTRAL) return health;
    if (!facts->broken && *facts->above)
        return state_say(STATE_WARNING, out, L"%ls%ls", but, facts->above);
    if (!facts->broken) return health;
    return state_say(
        STATE_WARNING, out,
        L"%lsEvent %I64u of the journal reports that lines before it "
        L"were found damaged after "
        L"they had been written. Run \"certwitness verify\". Do not repair the journal.",
        but, facts->broken);
}

/* " (UTC+02:00)": how far local time is ahead. */
static void zone_text(const SYSTEMTIME *local, const FILETIME *utc, WCHAR *out, size_t size)
{
    FILETIME there;
    int64_t minutes;

    out[0] = 0;
    if (!SystemTimeToFileTime(local, &there)) return;
    minutes = ((int64_t)((uint64_t)there.dwHighDateTime << 32 | there.dwLowDateTime) -
               (int64_t)((uint64_t)utc->dwHighDateTime << 32 | utc->dwLowDateTime)) /
              10000000 / 60;
    swprintf(out, size, L" (UTC%lc%02d:%02d)", minutes < 0 ? '-' : '+', abs((int)minutes) / 60,
             abs((int)minutes) % 60);
    out[size - 1] = 0;
}

void state_last_event(const struct look_facts *facts, WCHAR *out, size_t size)
{
    WCHAR date[64] = L"", time[64] = L"", zone[32] = L"";
    FILETIME utc = {(DWORD)facts->time, (DWORD)(facts->time >> 32)};
    SYSTEMTIME parts, local;

    out[0] = 0;
    if (!facts->has_line) {
        swprintf(out, size, L"none yet");
        return;
    }
    if (facts->time && FileTimeToSystemTime(&utc, &parts) &&
        SystemTimeToTzSpecificLocalTime(NULL, &parts, &local)) {
        GetDateFormatEx(LOCALE_NAME_USER_DEFAULT, DATE_SHORTDATE, &local, NULL, date,
                        ARRAYSIZE(date), NULL);
        GetTimeFormatEx(LOCALE_NAME_USER_DEFAULT, 0, &local, NULL, time, ARRAYSIZE(time));
        zone_text(&local, &utc, zone, ARRAYSIZE(zone));
    }
    swprintf(out, size, L"%ls%ls%ls%ls, %ls %ls%ls", facts->type, *facts->subject ? L" (" : L"",
             facts->subject, *facts->subject ? L")" : L"", date, time, zone);
    out[size - 1] = 0;
}

void state_size(const struct look_facts *facts, WCHAR *out, size_t size)
{
    char text[SIZE_TEXT_MAX];

    size_text(facts->bytes, text);
    swprintf(out, size, L"%hs in %I64u %ls", text, facts->files, facts->files == 1 ? L"file" :
            L"files");
    out[size - 1] = 0;
}
