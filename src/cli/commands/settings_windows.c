/* settings: every setting of each CA with value, default, range and where it comes from; settings check: what would be refused. */
#include "machine.h"

#include "cli/terminal/console.h"
#include "base/folder_windows.h"
#include "cli/terminal/outline_wide.h"
#include "cli/status/refusals.h"
#include "settings/directory.h"
#include "setup/cas.h"
#include "base/utf16_windows.h"

#include <string.h>
#include <wchar.h>

static const struct { const char *word, *label; } sources[] = {
    [SETTING_BY_DEFAULT] = {"default", "as it is by default"}, [SETTING_FROM_REGISTRY] = {"registry", "set in the registry"},
    [SETTING_REFUSED] = {"refused", "as it is by default: what the registry holds is refused, \"settings check\" says why"},
};

struct row {
    WCHAR value[SETTINGS_LIST_MAX], normal[SETTINGS_TEXT_MAX], range[SETTINGS_TEXT_MAX];
    enum setting_source source;
};

static void row_of(const struct settings *settings, enum setting_id id, struct row *row)
{
    settings_value_text(settings, id, row->value, ARRAYSIZE(row->value));
    if (!*row->value) wcscpy(row->value, L"empty");
    settings_default_text(id, row->normal, ARRAYSIZE(row->normal));
    settings_range_text(id, row->range, ARRAYSIZE(row->range));
    row->source = settings->source[id];
}

static void show_json(struct outline *outline, enum setting_id id, const struct row *row)
{
    outline_group(outline, NULL, NULL, NULL);
    outline_wide(outline, "name", NULL, settings_table[id].name);
    outline_wide(outline, "value", NULL, row->value);
    outline_wide(outline, "default", NULL, row->normal);
    outline_wide(outline, "range", NULL, row->range);
    outline_word(outline, "source", NULL, sources[row->source].word);
    outline_wide(outline, "help", NULL, settings_table[id].help);
    outline_close(outline);
}

/* Two lines: what it is, and what else it could be. */
static void show_text(struct outline *outline, enum setting_id id, const struct row *row)
{
    WCHAR text[2 * SETTINGS_TEXT_MAX];
    char name[64];

    wcstombs(name, settings_table[id].name, sizeof name);
    outline_wide(outline, NULL, name, row->value);
    outline->depth++;
    if (row->source == SETTING_FROM_REGISTRY)
        swprintf(text, ARRAYSIZE(text), L"%hs; by default %ls; it may be %ls", sources[row->source].label, row->normal, row->range);
    else swprintf(text, ARRAYSIZE(text), L"%hs; it may be %ls", sources[row->source].label, row->range);
    text[ARRAYSIZE(text) - 1] = 0;
    outline_wide(outline, NULL, NULL, text);
    outline->depth--;
}

static void show_ca(struct outline *outline, const struct ca *ca)
{
    WCHAR key[CAS_KEY_MAX + 8] = L"HKLM\\";
    struct row row;

    outline_group(outline, NULL, "CA", NULL);
    outline_wide(outline, "name", "Name", ca->name);
    outline_wide(outline, "key", "Key", wcscat(key, ca->module_key));
    if (outline->as_json) outline_list(outline, "settings", NULL);
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        row_of(&ca->settings, (enum setting_id)id, &row);
        if (outline->as_json) show_json(outline, (enum setting_id)id, &row);
        else show_text(outline, (enum setting_id)id, &row);
    }
    if (outline->as_json) outline_close(outline);
    outline_close(outline);
}

/* What is refused, as it comes. */
struct refusals {
    struct outline *outline;
    unsigned count;
};

static void tell(void *context, const struct refusal *refusal)
{
    struct refusals *refusals = context;

    refusals->count++;
    outline_group(refusals->outline, NULL, "Setting", NULL);
    outline_wide(refusals->outline, "name", "Name", refusal->name);
    outline_wide(refusals->outline, refusal->is_item ? "item" : "value", refusal->is_item ? "Item" : "Value", refusal->value);
    outline_wide(refusals->outline, "reason", "Reason", refusal->reason);
    outline_close(refusals->outline);
}

/* Beside what is printed, since nothing is refused for it. */
static void warn_above(void *context, const WCHAR *sentence)
{
    char text[3 * FOLDER_WHY_MAX];

    (void)context;
    if (utf16_put_utf8(sentence, text, sizeof text)) console_note("warning: %s", text);
}

static void check_folder(const WCHAR *directory, struct refusals *refusals)
{
    WCHAR reason[FOLDER_WHY_MAX];

    if (folder_is_refused(folder_judge(directory, NULL, reason)))
        tell(refusals, &(struct refusal){settings_table[SETTING_JOURNAL_DIRECTORY].name, directory, reason, false});
    else folder_above(directory, warn_above, NULL);
}

static void check_ca(const struct ca *ca, struct refusals *refusals)
{
    struct settings settings;

    refusals_read(ca, tell, refusals, &settings);
    if (*settings.journal_directory) check_folder(settings.journal_directory, refusals);
}

/* NAME=VALUE. False: it is no setting, the console has been told. */
static bool check_typed(const char *operand, struct refusals *refusals)
{
    WCHAR text[SETTINGS_LIST_MAX], folder[SETTINGS_PATH_MAX], why[SETTINGS_TEXT_MAX], *value;

    if (!utf16_from_utf8(operand, text, ARRAYSIZE(text)) || !(value = wcschr(text, '='))) {
        console_note("\"%s\" has to be NAME=VALUE, such as RetainDays=365", operand);
        return false;
    }
    *value++ = 0;
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        if (_wcsicmp(settings_table[id].name, text)) continue;
        if (refusals_typed((enum setting_id)id, value, tell, refusals) && id == SETTING_JOURNAL_DIRECTORY && directory_check(value, folder, why))
            check_folder(folder, refusals);
        return true;
    }
    console_note("there is no setting \"%.*s\"; \"certwitness settings\" lists them", (int)strcspn(operand, "="), operand);
    return false;
}

static enum outcome check(const struct options *options, const struct cas *cas, const struct ca *chosen, struct outline *outline)
{
    struct refusals refusals = {.outline = outline};

    outline_list(outline, "refused", "Refused");
    for (unsigned i = 1; i < options->operand_count; i++) if (!check_typed(operand_at(options, i), &refusals)) return OUTCOME_CANNOT;
    for (size_t i = 0; options->operand_count == 1 && i < cas->count; i++)
        if (!chosen || chosen == &cas->list[i]) check_ca(&cas->list[i], &refusals);
    outline_close(outline);
    if (!refusals.count && !outline->as_json) bytes_reset(outline->out, SIZE_MAX), bytes_add_text(outline->out, "Nothing would be refused.\n");
    return refusals.count ? OUTCOME_WRONG : OUTCOME_FINE;
}

static enum outcome show(const struct cas *cas, const struct ca *chosen, struct outline *outline)
{
    if (outline->as_json) outline_list(outline, "cas", NULL);
    for (size_t i = 0; i < cas->count; i++) if (!chosen || chosen == &cas->list[i]) show_ca(outline, &cas->list[i]);
    if (outline->as_json) outline_close(outline);
    return OUTCOME_FINE;
}

/* NULL in `*chosen`: all. False: it cannot be, the console has been told. */
static bool choose(const struct options *options, const struct cas *cas, const struct ca **chosen)
{
    const char *name = option_value(options, "ca");
    WCHAR wide[CAS_NAME_MAX];

    *chosen = NULL;
    if (cas->error) {
        console_note("the CAs of this machine cannot be read (error %ld): run this elevated", cas->error);
        return false;
    }
    if (!cas->count && options->operand_count < 2) {
        console_note("there is no certification authority on this machine, and so no settings of one");
        return false;
    }
    if (!name) return true;
    if (utf16_from_utf8(name, wide, ARRAYSIZE(wide)) && (*chosen = cas_find(cas, wide))) return true;
    console_note("there is no CA \"%s\" on this machine", name);
    return false;
}

enum outcome machine_settings(const struct options *options)
{
    const char *word = operand_at(options, 0);
    enum outcome outcome = OUTCOME_CANNOT;
    struct outline outline;
    struct bytes out = {0};
    const struct ca *chosen;
    struct cas cas;

    if (word && strcmp(word, "check")) {
        console_note("it is used as: certwitness settings [check [NAME=VALUE...]]");
        return outcome;
    }
    if (FAILED(cas_read(&cas))) {
        console_note("there is not enough memory");
        return outcome;
    }
    outline_begin(&outline, &out, option_given(options, "json"));
    if (outline.as_json) outline_group(&outline, NULL, NULL, NULL);
    if (choose(options, &cas, &chosen)) outcome = word ? check(options, &cas, chosen, &outline) : show(&cas, chosen, &outline);
    if (outline.as_json) outline_close(&outline);
    if (outcome != OUTCOME_CANNOT) console_write(out.data, out.size);
    cas_free(&cas);
    bytes_free(&out);
    return outcome;
}
