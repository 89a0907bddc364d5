/* settings: every setting of each CA with value, default, range and where it comes from; get: one
 * value; check: what would be refused. */
#include "machine.h"

#include "cli/suggestion.h"
#include "cli/terminal/console.h"
#include "base/folder_windows.h"
#include "cli/terminal/outline_wide.h"
#include "settings/directory.h"
#include "settings_change.h"
#include "setup/cas.h"
#include "base/utf16_windows.h"

#include <string.h>
#include <wchar.h>

static const struct { const char *word, *label;
} sources[] = {
    [SETTING_BY_DEFAULT] = {"default", "as it is by default"},
    [SETTING_FROM_REGISTRY] = {"registry", "set in the registry"},
    [SETTING_REFUSED] =
        {"refused",
         "as it is by default: what the registry holds is refused, \"settings check\" says why"},
};

struct row {
    WCHAR value[SETTINGS_LIST_MAX], normal[SETTINGS_TEXT_MAX], range[SETTINGS_TEXT_MAX];
    enum setting_source source;
};

static void settings_row_of(const struct settings *settings, enum setting_id id, struct row *row)
{
    settings_text(settings, id, row->value);
    if (!*row->value) wcscpy(row->value, L"empty");
    settings_default_text(id, row->normal, ARRAYSIZE(row->normal));
    settings_range_text(id, row->range, ARRAYSIZE(row->range));
    row->source = settings->source[id];
}

static void settings_add_number(struct outline *outline, const struct settings *settings,
                                enum setting_id id)
{
    const struct setting *setting = &settings_table[id];

    outline_number(outline, "value", NULL, settings_number(settings, id));
    outline_number(outline, "default", NULL, setting->number);
    if (*setting->unit) outline_wide(outline, "unit", NULL, setting->unit);
    outline_number(outline, "least", NULL, setting->least);
    outline_number(outline, "most", NULL, setting->most);
}

static void settings_add_list(struct outline *outline, const struct settings *settings)
{
    outline_list(outline, "value", NULL);
    for (const WCHAR *item = settings->properties; *item; item += wcslen(item) + 1)
        outline_wide(outline, NULL, NULL, item);
    outline_close(outline);
    outline_list(outline, "default", NULL);
    outline_close(outline);
}

/* Numbers are numbers, with their unit beside them, and a list is a list. */
static void show_json(struct outline *outline, const struct settings *settings, enum setting_id id)
{
    struct row row;

    settings_row_of(settings, id, &row);
    outline_group(outline, NULL, NULL, NULL);
    outline_wide(outline, "name", NULL, settings_table[id].name);
    switch (settings_table[id].type) {
    case SETTING_NUMBER: settings_add_number(outline, settings, id); break;
    case SETTING_LIST:   settings_add_list(outline, settings); break;
    case SETTING_PATH:   outline_wide(outline, "value", NULL, settings->journal_directory);
                         outline_wide(outline, "default", NULL, row.normal); break;
    }
    outline_wide(outline, "range", NULL, row.range);
    outline_word(outline, "source", NULL, sources[row.source].word);
    outline_wide(outline, "help", NULL, settings_table[id].help);
    outline_close(outline);
}

/* Two lines: what it is, and what else it could be. */
static void settings_show_text(struct outline *outline, enum setting_id id, const struct row *row)
{
    WCHAR text[2 * SETTINGS_TEXT_MAX];
    char name[64];

    wcstombs(name, settings_table[id].name, sizeof name);
    outline_wide(outline, NULL, name, row->value);
    outline->depth++;
    if (row->source == SETTING_FROM_REGISTRY)
        swprintf(text, ARRAYSIZE(text), L"%hs; by default %ls; it may be %ls",
                 sources[row->source].label, row->normal, row->range);
    else
        swprintf(text, ARRAYSIZE(text), L"%hs; it may be %ls", sources[row->source].label,
                 row->range);
    text[ARRAYSIZE(text) - 1] = 0;
    outline_wide(outline, NULL, NULL, text);
    outline->depth--;
}

static void settings_show_ca(struct outline *outline, const struct ca *ca)
{
    WCHAR key[CAS_KEY_MAX + 8] = L"HKLM\\";
    struct row row;

    outline_group(outline, NULL, "CA", NULL);
    outline_wide(outline, "name", "Name", ca->name);
    outline_wide(outline, "key", "Key", wcscat(key, ca->module_key));
    if (outline->as_json) outline_list(outline, "settings", NULL);
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        if (outline->as_json) {
            show_json(outline, &ca->settings, (enum setting_id)id);
            continue;
        }
        settings_row_of(&ca->settings, (enum setting_id)id, &row);
        settings_show_text(outline, (enum setting_id)id, &row);
    }
    if (outline->as_json) outline_close(outline);
    outline_close(outline);
}

/* What is refused, as it comes. */
struct refusals {
    struct outline *outline;
    const struct ca *ca;                /* whose key is looked through */
    unsigned count, unread;
};

static void settings_tell(void *context, const struct refusal *refusal)
{
    struct refusals *refusals = context;

    refusals->count++;
    outline_group(refusals->outline, NULL, "Setting", NULL);
    outline_wide(refusals->outline, "name", "Name", refusal->name);
    outline_wide(refusals->outline, refusal->is_item ? "item" : "value",
                 refusal->is_item ? "Item" : "Value", refusal->value);
    outline_wide(refusals->outline, "reason", "Reason", refusal->reason);
    outline_close(refusals->outline);
}

static void check_ca(const struct ca *ca, struct refusals *refusals)
{
    struct settings settings;

    refusals_read(ca, settings_tell, refusals, &settings);
    if (*settings.journal_directory && folder_has_drive(settings.journal_directory))
        settings_judge_folder(settings.journal_directory, settings_tell, refusals);
}

/* NAME=VALUE. False: it is no setting, the console has been told. */
static bool check_typed(const char *operand, struct refusals *refusals)
{
    WCHAR value[SETTINGS_LIST_MAX], folder[SETTINGS_PATH_MAX], why[SETTINGS_TEXT_MAX];
    enum setting_id id;

    if (!settings_typed(operand, &id, value)) return false;
    if (refusals_typed(id, value, settings_tell, refusals) && id == SETTING_JOURNAL_DIRECTORY &&
        directory_check(value, folder, why))
        settings_judge_folder(folder, settings_tell, refusals);
    return true;
}

/* Which setting the name of a value was to be, if any. */
static void tell_unread(void *context, const WCHAR *name)
{
    struct refusals *refusals = context;
    char typed[3 * WIDE_TEXT_MAX];
    struct suggestion suggestion;
    settings_names known;

    if (!refusals->unread++ && !refusals->outline->as_json)
        outline_list(refusals->outline, "unread", "Values that nothing reads");
    suggestion_begin(&suggestion, wide_utf8(name, typed));
    settings_offer(&suggestion, known);
    outline_group(refusals->outline, NULL, "Value", NULL);
    outline_wide(refusals->outline, "ca", "CA", refusals->ca->name);
    outline_wide(refusals->outline, "name", "Name", name);
    if (suggestion.best)
        outline_word(refusals->outline, "meant", "Probably meant", suggestion.best);
    outline_close(refusals->outline);
}

static void check_unread(const struct cas *cas, const struct ca *chosen, struct refusals *refusals)
{
    if (refusals->outline->as_json) outline_list(refusals->outline, "unread", NULL);
    for (size_t i = 0; i < cas->count; i++) {
        refusals->ca = &cas->list[i];
        if (!chosen || chosen == refusals->ca) refusals_unread(refusals->ca, tell_unread, refusals);
    }
    if (refusals->outline->as_json || refusals->unread) outline_close(refusals->outline);
}

static enum outcome check(const struct options *options, const struct cas *cas,
                          const struct ca *chosen, struct outline *outline)
{
    struct refusals refusals = {.outline = outline};
    bool typed = options->operand_count > 1;

    outline_list(outline, "refused", "Refused");
    for (unsigned i = 1; i < options->operand_count; i++)
        if (!check_typed(operand_at(options, i), &refusals)) return OUTCOME_CANNOT;
    for (size_t i = 0; !typed && i < cas->count; i++)
        if (!chosen || chosen == &cas->list[i]) check_ca(&cas->list[i], &refusals);
    outline_close(outline);
    if (!refusals.count && !outline->as_json)
        bytes_reset(outline->out, SIZE_MAX); /* no heading without anything below it */
    if (!typed) check_unread(cas, chosen, &refusals);
    if (!refusals.count && !refusals.unread && !outline->as_json)
        bytes_add_text(outline->out, "Nothing would be refused.\n");
    return refusals.count || refusals.unread ? OUTCOME_WRONG : OUTCOME_FINE;
}

static enum outcome settings_show(const struct cas *cas, const struct ca *chosen,
                                  struct outline *outline)
{
    if (outline->as_json) outline_list(outline, "cas", NULL);
    for (size_t i = 0; i < cas->count; i++)
        if (!chosen || chosen == &cas->list[i]) settings_show_ca(outline, &cas->list[i]);
    if (outline->as_json) outline_close(outline);
    return OUTCOME_FINE;
}

static void settings_add_line(struct bytes *out, const WCHAR *text)
{
    char line[3 * WIDE_TEXT_MAX];

    wide_utf8(text, line);
    console_add_text(out, line, strlen(line), 0);
    bytes_add_text(out, "\n");
}

/* A value alone, for a script: a list with one item to a line. */
static enum outcome get(const struct options *options, const struct ca *ca, struct outline *outline)
{
    const char *name = operand_at(options, 1);
    const struct settings *settings = &ca->settings;
    WCHAR value[SETTINGS_LIST_MAX];
    enum setting_id id;

    if (!name || operand_at(options, 2)) {
        console_note("one setting is shown: certwitness settings get NAME");
        return OUTCOME_CANNOT;
    }
    if (!settings_named(name, strlen(name), &id)) return OUTCOME_CANNOT;
    if (outline->as_json) {
        show_json(outline, settings, id);
        return OUTCOME_FINE;
    }
    settings_text(settings, id, value);
    if (settings_table[id].type != SETTING_LIST) settings_add_line(outline->out, value);
    else
        for (const WCHAR *item = settings->properties; *item; item += wcslen(item) + 1)
            settings_add_line(outline->out, item);
    return OUTCOME_FINE;
}

/* NULL in `*chosen`: all. False: it cannot be, the console has been told. */
static bool settings_choose(const struct options *options, const struct cas *cas, bool one,
                            const struct ca **chosen)
{
    const char *name = option_value(options, "ca");
    WCHAR wide[CAS_NAME_MAX];
    char utf8[3 * WIDE_TEXT_MAX];

    *chosen = NULL;
    if (cas->error) {
        console_note("the CAs of this machine cannot be read (error %ld): run this elevated",
                     cas->error);
        return false;
    }
    if (!cas->count && (one || options->operand_count < 2)) {
        console_note(
            "there is no certification authority on this machine, and so no settings of one");
        return false;
    }
    if (!name && one && cas->count > 1) {
        console_note("there are %u CAs on this machine: name one with --ca. These are there:",
                     (unsigned)cas->count);
        for (size_t i = 0; i < cas->count; i++)
            console_note("    %s", wide_utf8(cas->list[i].name, utf8));
        return false;
    }
    if (!name) {
        if (one) *chosen = &cas->list[0];
        return true;
    }
    if (utf16_from_utf8(name, wide, ARRAYSIZE(wide)) && (*chosen = cas_find(cas, wide)))
        return true;
    console_note("there is no CA \"%s\" on this machine", name);
    return false;
}

enum verb { VERB_SHOW, VERB_CHECK, VERB_GET, VERB_SET, VERB_RESET, VERBS };

static const char *const verbs[VERBS] = {"", "check", "get", "set", "reset"};

/* False: there is none, the console has been told. */
static bool find_verb(const char *word, enum verb *verb)
{
    char meant[SUGGESTION_TEXT_MAX];
    struct suggestion suggestion;

    suggestion_begin(&suggestion, word);
    for (int each = VERB_SHOW; each < VERBS; each++) {
        *verb = (enum verb)each;
        if (!strcmp(word, verbs[each])) return true;
        suggestion_offer(&suggestion, verbs[each]);
    }
    console_note("there is no \"settings %s\".%s \"certwitness settings --help\" describes check, "
                 "get, set and reset",
                 word, suggestion_text(&suggestion, "settings ", meant));
    return false;
}

static enum outcome settings_carry_out(const struct options *options, enum verb verb,
                                       const struct cas *cas, struct outline *outline)
{
    const struct ca *chosen;

    if (!settings_choose(options, cas, verb >= VERB_GET, &chosen)) return OUTCOME_CANNOT;
    switch (verb) {
    case VERB_CHECK: return check(options, cas, chosen, outline);
    case VERB_GET:   return get(options, chosen, outline);
    default:         return settings_show(cas, chosen, outline);
    }
}

/* What is shown is one object in JSON; that of "get" is the setting itself. */
static enum outcome show_any(const struct options *options, enum verb verb, const struct cas *cas)
{
    struct outline outline;
    struct bytes out = {0};
    enum outcome outcome;

    outline_begin(&outline, &out, option_given(options, "json"));
    outline.width = console_width();
    if (outline.as_json && verb != VERB_GET) outline_group(&outline, NULL, NULL, NULL);
    outcome = settings_carry_out(options, verb, cas, &outline);
    if (outline.as_json && verb != VERB_GET) outline_close(&outline);
    if (outcome != OUTCOME_CANNOT) console_write(out.data, out.size);
    bytes_free(&out);
    return outcome;
}

static enum outcome change(const struct options *options, const struct cas *cas)
{
    const struct ca *chosen;

    if (option_given(options, "json"))
        console_note("--json goes with settings, settings check and settings get");
    else if (settings_choose(options, cas, true, &chosen))
        return settings_change(options, cas, chosen);
    return OUTCOME_CANNOT;
}

enum outcome machine_settings(const struct options *options)
{
    const char *word = operand_at(options, 0);
    enum outcome outcome;
    enum verb verb;
    struct cas cas;

    if (!find_verb(word ? word : "", &verb)) return OUTCOME_CANNOT;
    if (FAILED(cas_read(&cas))) {
        console_note("there is not enough memory");
        return OUTCOME_CANNOT;
    }
    outcome = verb >= VERB_SET ? change(options, &cas) : show_any(options, verb, &cas);
    cas_free(&cas);
    return outcome;
}
