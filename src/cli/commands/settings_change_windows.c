#include "settings_change.h"

#include "base/folder_windows.h"
#include "base/utf16_windows.h"
#include "cli/terminal/console.h"
#include "cli/terminal/outline_wide.h"
#include "cli/terminal/paragraph.h"
#include "settings/directory.h"
#include "settings/value.h"
#include "setup/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define SENTENCE_MAX (3 * WIDE_TEXT_MAX)        /* bytes of UTF-8 */

/* A set of changes: what is typed of each, and what it means. */
struct changing {
    const struct cas *cas;
    const struct ca *ca;
    bool dry_run;
    size_t count;
    struct settings_change changes[SETTINGS_COUNT];
    WCHAR values[SETTINGS_COUNT][SETTINGS_LIST_MAX];
    WCHAR folder[SETTINGS_PATH_MAX];    /* of the journal, if that is changed; else "" */
    unsigned refused;
};

/* --- as somebody types them --- */

void settings_offer(struct suggestion *suggestion, settings_names names)
{
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        snprintf(names[id], sizeof names[id], "%ls", settings_table[id].name);
        suggestion_offer(suggestion, names[id]);
    }
}

bool settings_named(const char *name, size_t size, enum setting_id *id)
{
    char typed[SUGGESTION_NAME_MAX + 2] = "", meant[SUGGESTION_TEXT_MAX];
    struct suggestion suggestion;
    settings_names known;

    if (size < sizeof typed) memcpy(typed, name, size);
    suggestion_begin(&suggestion, typed);
    settings_offer(&suggestion, known);
    for (int each = 0; each < SETTINGS_COUNT; each++) {
        *id = (enum setting_id)each;
        if (!_stricmp(known[each], typed)) return true;
    }
    console_note("there is no setting \"%.*s\".%s \"certwitness settings\" lists them", (int)size,
                 name, suggestion_text(&suggestion, "", meant));
    return false;
}

bool settings_typed(const char *operand, enum setting_id *id, WCHAR value[SETTINGS_LIST_MAX])
{
    const char *equals = strchr(operand, '=');

    if (!equals) {
        console_note("\"%s\" has to be NAME=VALUE, such as RetainDays=365", operand);
        return false;
    }
    if (!settings_named(operand, (size_t)(equals - operand), id)) return false;
    if (utf16_from_utf8(equals + 1, value, SETTINGS_LIST_MAX)) return true;
    console_note("%.*s: the value is too long, or is not text", (int)(equals - operand), operand);
    return false;
}

/* --- judged --- */

static void settings_change_tell_refused(void *context, const struct refusal *refusal)
{
    char name[3 * WIDE_TEXT_MAX], value[3 * WIDE_TEXT_MAX], reason[3 * WIDE_TEXT_MAX];

    ++*(unsigned *)context;
    console_note("%s \"%s\" is refused. %s", wide_utf8(refusal->name, name),
                 wide_utf8(refusal->value, value), wide_utf8(refusal->reason, reason));
}

static void settings_warn_above(void *context, const WCHAR *sentence)
{
    char text[3 * WIDE_TEXT_MAX];

    (void)context;
    console_note("warning: %s", wide_utf8(sentence, text));
}

void settings_judge_folder(const WCHAR *folder, refusals_told *told, void *context)
{
    struct refusal refusal = {settings_table[SETTING_JOURNAL_DIRECTORY].name, folder, NULL, false};
    WCHAR why[FOLDER_WHY_MAX];

    refusal.reason = why;
    if (!folder_has_drive(folder)) {
        swprintf(why, ARRAYSIZE(why),
                 L"There is no drive %lc: on this machine now. Attach it, or choose another "
                 L"folder. In a failover cluster, run this on the node that has the CA.",
                 folder[0]);
        told(context, &refusal);
    } else if (folder_is_refused(folder_judge(folder, NULL, why))) {
        told(context, &refusal);
    } else {
        folder_above(folder, settings_warn_above, NULL);
    }
}

/* No other CA's, and none that others could change. */
static void settings_change_judge_folder(struct changing *changing)
{
    const WCHAR *name = settings_table[SETTING_JOURNAL_DIRECTORY].name;
    WCHAR why[FOLDER_WHY_MAX];

    for (size_t i = 0; i < changing->cas->count; i++) {
        const struct ca *other = &changing->cas->list[i];

        if (other == changing->ca || _wcsicmp(other->settings.journal_directory, changing->folder))
            continue;
        swprintf(why, ARRAYSIZE(why),
                 L"It is the folder of the CA \"%ls\", and no two CAs may share one.", other->name);
        settings_change_tell_refused(&changing->refused,
                                     &(struct refusal){name, changing->folder, why, false});
    }
    settings_judge_folder(changing->folder, settings_change_tell_refused, &changing->refused);
}

static void settings_change_judge(struct changing *changing, enum setting_id id, const WCHAR *value)
{
    WCHAR why[SETTINGS_TEXT_MAX];

    if (!refusals_typed(id, value, settings_change_tell_refused, &changing->refused) ||
        id != SETTING_JOURNAL_DIRECTORY)
        return;
    if (directory_check(value, changing->folder, why)) settings_change_judge_folder(changing);
}

/* False: it cannot be, and the console has been told. */
static bool settings_change_take(struct changing *changing, const char *operand, bool reset)
{
    enum setting_id id;
    WCHAR *value = changing->values[changing->count];

    if (changing->count == SETTINGS_COUNT) {
        console_note("\"%s\" is one too many: there are %d settings", operand, SETTINGS_COUNT);
        return false;
    }
    if (reset ? !settings_named(operand, strlen(operand), &id)
              : !settings_typed(operand, &id, value))
        return false;
    for (size_t i = 0; i < changing->count; i++) {
        if (changing->changes[i].id != id) continue;
        console_note("\"%s\": this setting is named twice", operand);
        return false;
    }
    changing->changes[changing->count++] = (struct settings_change){id, reset ? NULL : value};
    if (!reset) settings_change_judge(changing, id, value);
    else if (id == SETTING_JOURNAL_DIRECTORY) {
        directory_default(changing->ca->name, changing->folder);
        if (*changing->folder) settings_change_judge_folder(changing);
    }
    return true;
}

/* --- told and done --- */

static void add_hexadecimal(enum setting_id id, uint32_t number, WCHAR *out, size_t size)
{
    if (id != SETTING_EVENT_MASK) return;
    swprintf(out, size, L"%u (0x%x)", number, number);
    out[size - 1] = 0;
}

void settings_text(const struct settings *settings, enum setting_id id,
                   WCHAR out[SETTINGS_LIST_MAX])
{
    settings_value_text(settings, id, out, SETTINGS_LIST_MAX);
    add_hexadecimal(id, settings->event_mask, out, SETTINGS_LIST_MAX);
}

/* A setting as it is in `settings`, or with `number` in its place, and its unit. */
static void settings_change_value_text(const struct settings *settings, enum setting_id id,
                                       const uint32_t *number, char out[SENTENCE_MAX])
{
    WCHAR text[SETTINGS_LIST_MAX], whole[SETTINGS_LIST_MAX + 32];

    settings_text(settings, id, text);
    if (number) swprintf(text, ARRAYSIZE(text), L"%u", *number);
    if (number) add_hexadecimal(id, *number, text, ARRAYSIZE(text));
    swprintf(whole, ARRAYSIZE(whole), *settings_table[id].unit ? L"%ls %ls" : L"%ls",
             *text ? text : L"empty", settings_table[id].unit);
    wide_utf8(whole, out);
}

/* What a change makes of its setting. It has been judged. */
static void changed_text(const struct changing *changing, const struct settings_change *change,
                         char out[SENTENCE_MAX])
{
    const struct setting *setting = &settings_table[change->id];
    struct settings changed = changing->ca->settings;
    struct value value = {.number = setting->number};
    WCHAR why[SETTINGS_TEXT_MAX];

    if (change->text) value_of_text(setting, change->text, wcslen(change->text), &value, why);
    memcpy(changed.properties, value.list, sizeof value.list);
    memcpy(changed.journal_directory, changing->folder, sizeof changing->folder);
    settings_change_value_text(&changed, change->id,
                               setting->type == SETTING_NUMBER ? &value.number : NULL, out);
}

/* "Set RetainDays of the CA "X" to 365 days; it was 0 days." */
static void tell_change(const struct changing *changing, const struct settings_change *change)
{
    char was[SENTENCE_MAX], is[SENTENCE_MAX], name[3 * WIDE_TEXT_MAX];
    struct bytes line = {0};

    settings_change_value_text(&changing->ca->settings, change->id, NULL, was);
    changed_text(changing, change, is);
    bytes_printf(&line, "%s %s of the CA ", changing->dry_run ? "Would set" : "Set",
                 wide_utf8(settings_table[change->id].name, name));
    bytes_printf(&line, "\"%s\" to %s%s; ", wide_utf8(changing->ca->name, name), is,
                 change->text ? "" : ", the default");
    bytes_printf(&line, "it %s %s.", changing->dry_run ? "is" : "was", was);
    if (!line.failed) paragraph_print(line.data, line.size, 0);
    bytes_free(&line);
}

static void settings_change_hear(void *context, enum tone tone, const WCHAR *text)
{
    char sentence[3 * LISTENER_TEXT_MAX];

    (void)context;
    if (!utf16_put_utf8(text, sentence, sizeof sentence)) return;
    if (tone == TONE_REFUSED) console_note("%s", sentence);
    else paragraph_print(sentence, strlen(sentence), 0);
}

static enum outcome settings_change_follow_schedule(void)
{
    const struct listener listener = {.tell = settings_change_hear};
    WCHAR own[TASK_PATH_MAX];
    DWORD size = GetModuleFileNameW(NULL, own, ARRAYSIZE(own));

    return SUCCEEDED(schedule_follow(size < ARRAYSIZE(own) ? own : L"", &listener)) ? OUTCOME_FINE
                                                                                    : OUTCOME_WRONG;
}

static bool changes(const struct changing *changing, enum setting_id id)
{
    for (size_t i = 0; i < changing->count; i++) if (changing->changes[i].id == id) return true;
    return false;
}

static void settings_change_print(const char *text)
{
    paragraph_print(text, strlen(text), 0);
}

static void tell_what_follows(const struct changing *changing)
{
    const WCHAR *before = changing->ca->settings.journal_directory;
    WCHAR text[2 * SETTINGS_PATH_MAX + 128];

    if (*changing->folder && _wcsicmp(before, changing->folder) && folder_is_there(before)) {
        swprintf(text, ARRAYSIZE(text),
                 L"What the CA has recorded until now stays in %ls. A new journal begins in %ls.",
                 before, changing->folder);
        settings_change_hear(NULL, TONE_NOTE, text);
    }
    console_write("\n", 1);
    if (changing->dry_run) settings_change_print("This was a dry run: nothing was changed.");
    else if (changing->count == 1 && changes(changing, SETTING_RETAIN_DAYS))
        settings_change_print("certwitness prune uses the new value from its next run on.");
    else
        settings_change_print(
            "The change takes effect when the CA is restarted: Restart-Service CertSvc");
}

static enum outcome settings_change_carry_out(const struct changing *changing)
{
    enum outcome outcome = OUTCOME_FINE;
    WCHAR why[SETTINGS_TEXT_MAX];
    char sentence[3 * WIDE_TEXT_MAX];

    if (!changing->dry_run && FAILED(settings_write(HKEY_LOCAL_MACHINE, changing->ca->module_key,
                                                    changing->changes, changing->count, why))) {
        console_note("%s Nothing was changed.", wide_utf8(why, sentence));
        return OUTCOME_CANNOT;
    }
    for (size_t i = 0; i < changing->count; i++) tell_change(changing, &changing->changes[i]);
    if (!changing->dry_run && changes(changing, SETTING_RETAIN_DAYS))
        outcome = settings_change_follow_schedule();
    tell_what_follows(changing);
    return outcome;
}

static enum outcome take_and_do(const struct options *options, bool reset,
                                struct changing *changing)
{
    for (unsigned i = 1; i < options->operand_count; i++)
        if (!settings_change_take(changing, operand_at(options, i), reset)) return OUTCOME_CANNOT;
    if (!changing->refused) return settings_change_carry_out(changing);
    console_note("Nothing was changed.");
    return OUTCOME_CANNOT;
}

enum outcome settings_change(const struct options *options, const struct cas *cas,
                             const struct ca *ca)
{
    bool reset = !strcmp(operand_at(options, 0), "reset");
    struct changing *changing = calloc(1, sizeof *changing);
    enum outcome outcome = OUTCOME_CANNOT;

    if (options->operand_count < 2) {
        console_note(reset
                         ? "it is not said which setting: certwitness settings reset NAME..."
                         : "it is not said which setting: certwitness settings set NAME=VALUE...");
    } else if (!changing) {
        console_note("there is not enough memory");
    } else {
        *changing =
            (struct changing){.cas = cas, .ca = ca, .dry_run = option_given(options, "dry-run")};
        outcome = take_and_do(options, reset, changing);
    }
    free(changing);
    return outcome;
}
