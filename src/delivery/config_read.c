#include "config_read.h"
#include "config_judge.h"
#include "place/config_text.h"

#include "base/error_text.h"
#include "base/file_read.h"
#include "base/utf8.h"
#include "cli/suggestion.h"
#include "events/filter_value.h"

#include <stdlib.h>
#include <string.h>

static struct target *config_last(struct config_reading *at)
{
    return &at->config->targets[at->config->count - 1];
}

static char *config_keep(struct config_reading *at, const char *text)
{
    char *copy = strdup(text);

    if (!copy) at->no_memory = true;
    return copy;
}

static void config_take_word(struct config_reading *at, const struct config_key *key,
                             const char *value, struct target *target)
{
    char valid[120];
    unsigned i = 0;

    while (key->words[i] && strcmp(key->words[i], value)) i++;
    if (!key->words[i]) {
        config_words(key->words, valid, sizeof valid);
        config_wrong(at, at->line, "%s = %s is not valid; it is %s", key->name, value, valid);
    } else if (key->offset == offsetof(struct target, stops_on_refusal))
        target->stops_on_refusal = i == 1;
    else *(int *)((char *)target + key->offset) = key->words == config_kind_words ? 1 << i : (int)i;
}

static void config_take_number(struct config_reading *at, const struct config_key *key,
                               const char *value, struct target *target)
{
    char *end;
    unsigned long long number = strtoull(value, &end, 10);

    if (*value < '0' || *value > '9' || *end || number < key->least || number > key->most)
        config_wrong(at, at->line, "%s = %s is not valid; it is a number from %u to %u", key->name,
                     value, key->least, key->most);
    else *(uint32_t *)((char *)target + key->offset) = (uint32_t)number;
}

static void config_take_start(struct config_reading *at, const char *value, struct target *target)
{
    char *end;
    unsigned long long number = strtoull(value, &end, 10);

    if (!strcmp(value, "oldest")) target->start = START_OLDEST;
    else if (!strcmp(value, "now")) target->start = START_NOW;
    else if (!strcmp(value, "never")) target->start = START_NEVER;
    else if (*value >= '1' && *value <= '9' && !*end && number < INT64_MAX) {
        target->start = START_SEQUENCE;
        target->start_sequence = number;
    } else
        config_wrong(at, at->line,
                     "startAt = %s is not valid; it is oldest, now or the sequence of a line",
                     value);
}

static void config_filter_wrong(struct config_reading *at, const struct config_key *key,
                                struct span wrong)
{
    switch ((enum filter_criterion)key->least) {
    case FILTER_TYPES:
        config_wrong(at, at->line,
                     "%s: there is no type of event \"%.*s\"; types are those that \"certwitness "
                     "show --type\" knows", key->name, (int)wrong.size, wrong.text);
        break;
    case FILTER_REQUESTS:
        config_wrong(at, at->line,
                     "%s = %s is not valid; it is a RequestID or a range, 42 or 40-50", key->name,
                     wrong.text);
        break;
    case FILTER_SERIALS:
        config_wrong(at, at->line,
                     "%s = %s is not valid; it is a serial number in hexadecimal, as in 6d:00:2a",
                     key->name, wrong.text);
        break;
    case FILTER_REQUESTERS:
    case FILTER_SUBJECTS:
    case FILTER_TEMPLATES:
        config_wrong(at, at->line, "%s: the text is longer than %d bytes", key->name, GLOB_MAX);
        break;
    }
}

static void config_take_filter(struct config_reading *at, const struct config_key *key,
                               const char *value, struct target *target)
{
    struct span wrong;

    switch (filter_value_add(&target->filter, key->least, value, &wrong)) {
    case FILTER_VALUE_TAKEN: break;
    case FILTER_VALUE_WRONG: config_filter_wrong(at, key, wrong); break;
    case FILTER_VALUE_MANY:
        config_wrong(at, at->line, "%s has more than %d %s", key->name, FILTER_MAX,
                     key->least == FILTER_TYPES ? "types that this version does not know"
                                                : "values");
        break;
    }
}

static void config_take_list(struct config_reading *at, const struct config_key *key,
                             const char *value, struct target *target)
{
    struct config_list *list = (struct config_list *)((char *)target + key->offset);

    if (list->count == CONFIG_LIST_MAX)
        config_wrong(at, at->line, "%s is given more than %d times", key->name, CONFIG_LIST_MAX);
    else if ((list->values[list->count] = config_keep(at, value))) list->count++;
}

/* One or more, with commas between them. */
static void config_take_addresses(struct config_reading *at, const struct config_key *key,
                                  char *value, struct target *target)
{
    char *word = strtok(value, ", \t");

    if (!word) config_wrong(at, at->line, "%s has no value", key->name);
    for (; word; word = strtok(NULL, ", \t")) config_take_list(at, key, word, target);
}

static void config_take_rate(struct config_reading *at, const struct config_key *key,
                             const char *value, struct target *target)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);

    if (*value < '0' || *value > '9' || strcmp(end, " an hour") || number < key->least ||
        number > key->most)
        config_wrong(at, at->line, "%s = %s is not valid; it is \"30 an hour\", from %u to %u",
                     key->name, value, key->least, key->most);
    else *(uint32_t *)((char *)target + key->offset) = (uint32_t)number;
}

bool config_is_absolute(const char *path)
{
#ifdef _WIN32
    return (path[0] && path[1] == ':' && (path[2] == '\\' || path[2] == '/')) ||
           (path[0] == '\\' && path[1] == '\\');
#else
    return *path == '/';
#endif
}

static char *config_take_path(struct config_reading *at, const char *name, const char *value)
{
    if (config_is_absolute(value)) return config_keep(at, value);
    config_wrong(at, at->line, "%s = %s is not valid; it is an absolute path", name, value);
    return NULL;
}

static void config_take(struct config_reading *at, const struct config_key *key, char *value,
                        struct target *target)
{
    char **text = (char **)((char *)target + key->offset);

    switch (key->type) {
    case TYPE_TEXT:     *text = config_keep(at, value); break;
    case TYPE_PATH:     *text = config_take_path(at, key->name, value); break;
    case TYPE_LIST:     config_take_list(at, key, value, target); break;
    case TYPE_HEADER:
        if (config_header_fits(at, value)) config_take_list(at, key, value, target);
        break;
    case TYPE_NUMBER:   config_take_number(at, key, value, target); break;
    case TYPE_WORD:     config_take_word(at, key, value, target); break;
    case TYPE_START:    config_take_start(at, value, target); break;
    case TYPE_FILTER:   config_take_filter(at, key, value, target); break;
    case TYPE_ADDRESSES: config_take_addresses(at, key, value, target); break;
    case TYPE_RATE:     config_take_rate(at, key, value, target); break;
    case TYPE_YES:
        if (!strcmp(value, "yes")) *(bool *)((char *)target + key->offset) = true;
        else if (strcmp(value, "no"))
            config_wrong(at, at->line, "%s = %s is not valid; it is yes or no", key->name, value);
        break;
    }
}

static bool config_repeats(enum config_type type)
{
    return type == TYPE_LIST || type == TYPE_HEADER || type == TYPE_FILTER ||
           type == TYPE_ADDRESSES;
}

/* "certwitness show" has them; a destination cannot have a window of time of its own. */
static bool config_is_of_time(const char *name)
{
    return !strcmp(name, "since") || !strcmp(name, "until");
}

static void config_unknown_key(struct config_reading *at, const char *name)
{
    char meant[SUGGESTION_TEXT_MAX];
    struct suggestion suggestion;

    if (config_is_of_time(name)) {
        config_wrong(at, at->line,
                     "there is no key \"%s\": a destination gets all events from startAt on, as "
                     "long as its section is here; \"certwitness-delivery seek\" moves it", name);
        return;
    }
    suggestion_begin(&suggestion, name);
    for (unsigned i = 0; i < config_key_count; i++)
        suggestion_offer(&suggestion, config_keys[i].name);
    config_wrong(at, at->line, "there is no key \"%s\".%s", name,
                 suggestion_text(&suggestion, "", meant));
}

static void config_target_key(struct config_reading *at, const char *name, char *value)
{
    unsigned *given = config_last(at)->key_lines;
    size_t i = 0;

    while (i < config_key_count && strcmp(config_keys[i].name, name)) i++;
    if (i == config_key_count) config_unknown_key(at, name);
    else if (given[i] && !config_repeats(config_keys[i].type))
        config_wrong(at, at->line, "%s was given on line %u already", name, given[i]);
    else {
        given[i] = at->line;
        config_take(at, &config_keys[i], value, config_last(at));
    }
}

#define RETAIN_MOST 36500               /* days */

static void config_retain(struct config_reading *at, const char *value)
{
    char *end;
    unsigned long days = strtoul(value, &end, 10);

    if (at->config->retain_days) config_wrong(at, at->line, "retainDays was given already");
    else if (*value < '0' || *value > '9' || *end || !days || days > RETAIN_MOST)
        config_wrong(at, at->line,
                     "retainDays = %s is not valid; it is a number of days from 1 to %d", value,
                     RETAIN_MOST);
    else at->config->retain_days = (uint32_t)days;
}

static void config_path_key(struct config_reading *at, const char *name, const char *value,
                            char **out, unsigned *line)
{
    if (strcmp(name, "path"))
        config_wrong(at, at->line, "there is no key \"%s\" in [%s]; %s", name, at->section,
                     strcmp(at->section, "journal") ? "its only key is path"
                                                    : "its keys are path and retainDays");
    else if (*out)
        config_wrong(at, at->line, "path was given already");
    else {
        *line = at->line;
        *out = config_take_path(at, name, value);
    }
}

static void config_key_line(struct config_reading *at, char *text)
{
    char *value;

    if (at->unknown) return;
    if (!(value = config_text_value(text))) {           /* not shown: it may be a secret */
        config_wrong(at, at->line, "the line is neither [section] nor key = value");
        return;
    }
    if (!*value) config_wrong(at, at->line, "%s has no value", text);
    else if (!strcmp(at->section, "journal") && !strcmp(text, "retainDays"))
        config_retain(at, value);
    else if (!strcmp(at->section, "journal"))
        config_path_key(at, text, value, &at->config->journal, &at->journal_line);
    else if (!strcmp(at->section, "state"))
        config_path_key(at, text, value, &at->config->state, &at->state_line);
    else if (!strcmp(at->section, "to")) config_target_key(at, text, value);
    else config_wrong(at, at->line, "%s stands before the first [section]", text);
}

static bool config_is_name(const char *name)
{
    static const char valid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    return *name && strlen(name) <= CONFIG_NAME_MAX && !name[strspn(name, valid)];
}

/* con, prn, aux, nul, com0 to com9, lpt0 to lpt9 */
static bool config_is_device(const char *name)
{
    char folded[5] = "";

    for (size_t i = 0; name[i] && i < sizeof folded - 1; i++) folded[i] = name[i] | 0x20;
    if (strlen(name) == 3) return strstr("con prn aux nul", folded);
    return strlen(name) == 4 && name[3] >= '0' && name[3] <= '9' &&
           (!memcmp(folded, "com", 3) || !memcmp(folded, "lpt", 3));
}

/* Names that differ in case alone would share their files on Windows. */
static bool config_same_name(const char *a, const char *b)
{
    for (; *a && (*a | 0x20) == (*b | 0x20); a++, b++) {}
    return !*a && !*b;
}

static bool config_target_fits(struct config_reading *at, const char *name)
{
    if (!config_is_name(name)) {
        config_wrong(at, at->line,
                     "[to %s]: a name has 1 to %d letters, digits, hyphens and underscores", name,
                     CONFIG_NAME_MAX);
        return false;
    }
    if (config_is_device(name)) {
        config_wrong(at, at->line, "[to %s]: on Windows %s is a device, whatever follows the name; "
                     "choose another one", name, name);
        return false;
    }
    if (at->config->count == CONFIG_TARGETS_MAX) {
        config_wrong(at, at->line, "there are more than %d destinations", CONFIG_TARGETS_MAX);
        return false;
    }
    for (unsigned i = 0; i < at->config->count; i++) {
        if (!config_same_name(at->config->targets[i].name, name)) continue;
        config_wrong(at, at->line, "[to %s] stands on line %u already", name,
                     at->config->targets[i].line);
        return false;
    }
    return true;
}

static void config_begin_target(struct config_reading *at, const char *name)
{
    struct target *target;

    at->unknown = true;
    if (!config_target_fits(at, name)) return;
    target = &at->config->targets[at->config->count];
    *target = (struct target){.line = at->line, .lag_limit_min = 15, .timeout_s = 60,
                              .memory_mib = 1024, .start = -1};
    target->name = config_keep(at, name);
    target->section = config_keep(at, name);
    target->file = config_keep(at, name);
    if (!target->name || !target->section || !target->file) {
        free(target->name);
        free(target->section);
        free(target->file);
        return;
    }
    at->config->count++;
    at->unknown = false;
    strcpy(at->section, "to");
}

static void config_section(struct config_reading *at, char *text)
{
    size_t size = strlen(text);

    *at->section = 0;
    at->unknown = false;
    if (text[size - 1] == ']') {
        text[size - 1] = 0;
        if (!strcmp(text + 1, "journal") || !strcmp(text + 1, "state")) {
            strcpy(at->section, text + 1);
            return;
        }
        if (!strncmp(text + 1, "to ", 3)) {
            config_begin_target(at, text + 4 + strspn(text + 4, " "));
            return;
        }
        text[size - 1] = ']';
    }
    at->unknown = true;
    config_wrong(at, at->line, "%s is no section; sections are [journal], [state] and [to NAME]",
                 text);
}

static void config_line(struct config_reading *at, char *text)
{
    if (*text == '[') config_section(at, text);
    else config_key_line(at, text);
}

static bool config_is_utf8(struct config_reading *at, const struct bytes *text)
{
    at->line = 1;
    for (size_t i = 0, size; i < text->size; i += size) {
        uint32_t point;

        if (text->data[i] == '\n') at->line++;
        size = utf8_next(text->data + i, text->size - i, &point);
        if (text->data[i] && (point != 0xfffd || size > 1)) continue;
        config_wrong(at, at->line, "the line is not UTF-8; save the file as UTF-8");
        return false;
    }
    return true;
}

static void config_lines(struct config_reading *at, struct bytes *text)
{
    struct config_text lines;
    char *line;

    config_text_begin(&lines, text);
    while ((line = config_text_next(&lines))) {
        at->line = lines.line;
        if (lines.wrong) config_wrong(at, at->line, "%s", lines.wrong);
        else config_line(at, line);
    }
    at->line = lines.line;
}

static HRESULT config_parse(struct config_reading *at, struct bytes *text)
{
    if (!config_is_utf8(at, text)) return E_INVALIDARG;
    bytes_add(text, "", 1);
    if (text->failed) return E_OUTOFMEMORY;
    config_lines(at, text);
    if (at->no_memory) return E_OUTOFMEMORY;
    config_judge(at);
    if (at->no_memory) return E_OUTOFMEMORY;
    return at->wrong ? E_INVALIDARG : config_expand(at);
}

HRESULT config_read(const char *path, struct config *config, const struct notes *errors)
{
    struct config_reading *at = calloc(1, sizeof *at);
    struct bytes text = {0};
    char reason[ERROR_TEXT_MAX];
    HRESULT hr = E_OUTOFMEMORY;

    memset(config, 0, sizeof *config);
    config->file = strdup(path);
    config->targets = calloc(CONFIG_TARGETS_MAX, sizeof *config->targets);
    if (at && config->file && config->targets && SUCCEEDED(hr = file_read(path, CONFIG_SIZE_MAX,
                                                                         &text))) {
        at->config = config;
        at->errors = errors;
        if ((hr = config_parse(at, &text)) == E_OUTOFMEMORY)
            notes_add(errors, "%s: there is not enough memory", path);
    } else
        notes_add(errors, "the configuration %s cannot be read: %s", path,
                  hr == E_INVALIDARG ? "it is larger than 1 MiB" : error_text(hr, reason));
    bytes_free(&text);
    free(at);
    return hr;
}
