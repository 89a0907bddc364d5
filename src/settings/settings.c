#include "settings.h"

#include <stdio.h>
#include <wchar.h>

const struct setting settings_table[SETTINGS_COUNT] = {
    [SETTING_JOURNAL_DIRECTORY] =
        {.name = L"JournalDirectory",
         .type = SETTING_PATH,
         .unit = L"",
         .text = SETTINGS_PLACE L"\\<SanitizedCAName>",
         .range = L"a folder on a disk of this machine",
         .help = L"The folder of the CA's journal. Each CA needs a folder of its own."},
    [SETTING_EVENT_MASK] =
        {.name = L"EventMask",
         .type = SETTING_NUMBER,
         .unit = L"",
         .number = 0x3ff,
         .least = 0,
         .most = 0x3ff,
         .help = L"The sum of the EXITEVENT_ values that the CA is asked for; EXITEVENT_SHUTDOWN "
                 L"(64) is always added. No CA is known to take more than 1023 (0x3ff)."},
    [SETTING_PROPERTIES] = {.name = L"Properties",
                            .type = SETTING_LIST,
                            .unit = L"",
                            .text = L"empty",
                            .range = L"at most 64 names of at most 255 characters",
                            .help = L"Adds values to those recorded for each event (`Officer`), or "
                                    L"removes them (`!RawRequest`)."},
    [SETTING_SEGMENT_MIB] =
        {.name = L"SegmentMiB",
         .type = SETTING_NUMBER,
         .unit = L"MiB",
         .number = 64,
         .least = 1,
         .most = 1024,
         .help = L"At this size the journal continues in a new file. The CA reads the last file "
                 L"completely when it starts."},
    [SETTING_QUEUE_MIB] =
        {.name = L"QueueMiB",
         .type = SETTING_NUMBER,
         .unit = L"MiB",
         .number = 64,
         .least = 1,
         .most = 1024,
         .help = L"Memory in the CA's process for events that wait while the disk does not answer. "
                 L"Events that do not fit are lost, and counted."},
    [SETTING_MAX_WAIT_MS] =
        {.name = L"MaxWaitMs",
         .type = SETTING_NUMBER,
         .unit = L"ms",
         .number = 5000,
         .least = 100,
         .most = 60000,
         .help = L"The longest time that the CA, and with it the requester, waits for the disk. "
                 L"With less than 100, a busy disk would count as a failure."},
    [SETTING_MIN_FREE_MIB] =
        {.name = L"MinFreeMiB",
         .type = SETTING_NUMBER,
         .unit = L"MiB",
         .number = 1024,
         .least = 0,
         .most = 1048576,
         .help = L"Below this much free space on the journal's disk, denied, pending and retrieved "
                 L"requests are counted and not "
                 L"recorded. Below a quarter of it nothing is written, and events wait in memory. "
                 L"Below twice it, long values of "
                 L"these requests are left out."},
    [SETTING_RETAIN_DAYS] =
        {.name = L"RetainDays",
         .type = SETTING_NUMBER,
         .unit = L"days",
         .number = 0,
         .least = 0,
         .most = 36500,
         .help = L"How many days files of the journal are kept; 0 keeps them for ever. A scheduled "
                 L"task removes older files; certwitness install creates it."},
};

/* swprintf of msvcrt leaves a text that it had to cut without its zero. */
static void settings_end(WCHAR *out, size_t size)
{
    if (size) out[size - 1] = 0;
}

uint32_t settings_number(const struct settings *settings, enum setting_id id)
{
    switch (id) {
    case SETTING_EVENT_MASK:   return settings->event_mask;
    case SETTING_SEGMENT_MIB:  return settings->segment_mib;
    case SETTING_QUEUE_MIB:    return settings->queue_mib;
    case SETTING_MAX_WAIT_MS:  return settings->max_wait_ms;
    case SETTING_MIN_FREE_MIB: return settings->min_free_mib;
    default:                   return settings->retain_days;
    }
}

static void settings_list_text(const WCHAR *list, WCHAR *out, size_t size)
{
    size_t at = 0;

    for (; *list; list += wcslen(list) + 1) {
        for (const WCHAR *c = at ? L", " : L""; *c; c++) if (at + 1 < size) out[at++] = *c;
        for (const WCHAR *c = list; *c; c++) if (at + 1 < size) out[at++] = *c;
    }
    if (size) out[at] = 0;
}

void settings_value_text(const struct settings *settings, enum setting_id id, WCHAR *out,
                         size_t size)
{
    if (id == SETTING_PROPERTIES) settings_list_text(settings->properties, out, size);
    else if (id == SETTING_JOURNAL_DIRECTORY)
        swprintf(out, size, L"%ls", settings->journal_directory);
    else swprintf(out, size, L"%u", settings_number(settings, id));
    settings_end(out, size);
}

void settings_default_text(enum setting_id id, WCHAR *out, size_t size)
{
    const struct setting *setting = &settings_table[id];

    if (setting->type == SETTING_NUMBER) swprintf(out, size, L"%u", setting->number);
    else swprintf(out, size, L"%ls", setting->text);
    settings_end(out, size);
}

void settings_range_text(enum setting_id id, WCHAR *out, size_t size)
{
    const struct setting *setting = &settings_table[id];

    if (setting->type != SETTING_NUMBER) swprintf(out, size, L"%ls", setting->range);
    else
        swprintf(out, size, L"%u to %u%ls%ls", setting->least, setting->most,
                 *setting->unit ? L" " : L"", setting->unit);
    settings_end(out, size);
}
