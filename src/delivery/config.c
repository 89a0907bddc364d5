#include "config.h"

#include "base/error_text.h"
#include "base/file_read.h"
#include "cli/suggestion.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum config_type {
    TYPE_TEXT,
    TYPE_PATH,                          /* absolute */
    TYPE_LIST,                          /* may be repeated */
    TYPE_NUMBER,
    TYPE_YES,                           /* yes, no */
    TYPE_WORD,                          /* one of `words` */
    TYPE_START,
    TYPE_TYPES,                         /* the filter's */
    TYPE_REQUESTS,
    TYPE_GLOBS
};

/* A key: where its value goes, and of which kinds of destination it is. */
struct config_key {
    const char *name;
    enum config_type type;
    unsigned kinds;
    size_t offset;                      /* in struct target */
    unsigned least, most;               /* TYPE_NUMBER; TYPE_GLOBS: `most` is the offset of the
                                         * count in struct target */
    const char *const *words;
};

#define EVERY    (CONFIG_HTTP | CONFIG_COPY | CONFIG_PROGRAM)
#define SELECTS  (CONFIG_HTTP | CONFIG_PROGRAM)
#define AT(name) offsetof(struct target, name)

static const char *const kind_words[] = {"http", "copy", "program", NULL};
static const char *const refusal_words[] = {"park", "stop", NULL};
static const char *const format_words[] = {"batch",   "structured", "splunk",
                                           "elastic", "template",   NULL};
static const char *const auth_words[] = {"none", "bearer", "basic", "splunk", NULL};
static const char *const revocation_words[] = {"bestEffort", "hard", "off", NULL};

static const struct config_key keys[] = {
    {"kind", TYPE_WORD, EVERY, AT(kind), 0, 0, kind_words},
    {"startAt", TYPE_START, EVERY, 0, 0, 0, NULL},
    {"onRefused", TYPE_WORD, EVERY, AT(stops_on_refusal), 0, 0, refusal_words},
    {"lagLimit", TYPE_NUMBER, EVERY, AT(lag_limit_min), 1, 525600, NULL},
    {"types", TYPE_TYPES, SELECTS, 0, 0, 0, NULL},
    {"requests", TYPE_REQUESTS, SELECTS, 0, 0, 0, NULL},
    {"requesters", TYPE_GLOBS, SELECTS, AT(filter.requesters), 0, AT(filter.requester_count), NULL},
    {"subjects", TYPE_GLOBS, SELECTS, AT(filter.subjects), 0, AT(filter.subject_count), NULL},
    {"templates", TYPE_GLOBS, SELECTS, AT(filter.templates), 0, AT(filter.template_count), NULL},
    {"timeout", TYPE_NUMBER, SELECTS, AT(timeout_s), 1, 3600, NULL},
    {"url", TYPE_TEXT, CONFIG_HTTP, AT(url), 0, 0, NULL},
    {"format", TYPE_WORD, CONFIG_HTTP, AT(format), 0, 0, format_words},
    {"body", TYPE_TEXT, CONFIG_HTTP, AT(body), 0, 0, NULL},
    {"contentType", TYPE_TEXT, CONFIG_HTTP, AT(content_type), 0, 0, NULL},
    {"header", TYPE_LIST, CONFIG_HTTP, AT(headers), 0, 0, NULL},
    {"auth", TYPE_WORD, CONFIG_HTTP, AT(auth), 0, 0, auth_words},
    {"user", TYPE_TEXT, CONFIG_HTTP, AT(user), 0, 0, NULL},
    {"ca", TYPE_PATH, CONFIG_HTTP, AT(ca), 0, 0, NULL},
    {"clientCertificate", TYPE_TEXT, CONFIG_HTTP, AT(client_certificate), 0, 0, NULL},
    {"clientKey", TYPE_PATH, CONFIG_HTTP, AT(client_key), 0, 0, NULL},
    {"revocation", TYPE_WORD, CONFIG_HTTP, AT(revocation), 0, 0, revocation_words},
    {"proxy", TYPE_TEXT, CONFIG_HTTP, AT(proxy), 0, 0, NULL},
    {"allowPlain", TYPE_YES, CONFIG_HTTP, AT(allow_plain), 0, 0, NULL},
    {"path", TYPE_PATH, CONFIG_COPY, AT(path), 0, 0, NULL},
    {"program", TYPE_PATH, CONFIG_PROGRAM, AT(program), 0, 0, NULL},
    {"argument", TYPE_LIST, CONFIG_PROGRAM, AT(arguments), 0, 0, NULL},
    {"memory", TYPE_NUMBER, CONFIG_PROGRAM, AT(memory_mib), 16, 65536, NULL},
};
#define KEYS (sizeof keys / sizeof *keys)

/* The file while it is read. */
struct config_reading {
    struct config *config;
    const struct notes *errors;
    unsigned line;                      /* from 1 */
    char section[16];                   /* "journal", "state", "to"; "" before the first one and
                                         * after one that is unknown */
    bool unknown;                       /* in an unknown section: its keys are passed over */
    unsigned given[KEYS];               /* line on which the key of this destination was given */
    unsigned given_of[CONFIG_TARGETS_MAX][KEYS];
    unsigned wrong;                     /* errors */
    bool no_memory;
};

static void config_wrong(struct config_reading *at, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void config_wrong(struct config_reading *at, unsigned line, const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    at->wrong++;
    notes_add(at->errors, "%s:%u: %s", at->config->file, line, text);
}

const char *config_kind_name(int kind)
{
    return kind == CONFIG_HTTP ? "http" : kind == CONFIG_COPY ? "copy" : "program";
}

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

/* "a, b or c" */
static void config_words(const char *const *words, char *out, size_t room)
{
    size_t size = 0;

    for (unsigned i = 0; words[i]; i++)
        size += (size_t)snprintf(out + size, room - size, "%s%s",
                                 !i ? "" : words[i + 1] ? ", " : " or ", words[i]);
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
    } else if (key->offset == AT(stops_on_refusal)) target->stops_on_refusal = i == 1;
    else *(int *)((char *)target + key->offset) = key->words == kind_words ? 1 << i : (int)i;
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
    else if (*value >= '1' && *value <= '9' && !*end && number < INT64_MAX) {
        target->start = START_SEQUENCE;
        target->start_sequence = number;
    } else
        config_wrong(at, at->line,
                     "startAt = %s is not valid; it is oldest, now or the sequence of a line",
                     value);
}

static void config_take_type(struct config_reading *at, const char *word, struct target *target)
{
    uint32_t found = filter_types_like(word);

    target->filter.types |= found;
    if (!found)
        config_wrong(at, at->line,
                     "types: there is no type of event \"%s\"; types are those that \"certwitness "
                     "show --type\" knows",
                     word);
}

static void config_take_types(struct config_reading *at, char *value, struct target *target)
{
    for (char *word = strtok(value, ", \t"); word; word = strtok(NULL, ", \t"))
        config_take_type(at, word, target);
}

static void config_take_requests(struct config_reading *at, const char *value,
                                 struct target *target)
{
    struct filter *filter = &target->filter;
    unsigned long first, last;
    char extra;
    int count = sscanf(value, "%lu-%lu%c", &first, &last, &extra);

    if (count == 1 && !strchr(value, '-')) last = first, count = 2;
    if (count != 2 || last < first || last > INT32_MAX || *value < '0' || *value > '9')
        config_wrong(at, at->line,
                     "requests = %s is not valid; it is a RequestID or a range, 42 or 40-50",
                     value);
    else if (filter->request_count == FILTER_MAX)
        config_wrong(at, at->line, "requests is given more than %d times", FILTER_MAX);
    else {
        filter->requests[filter->request_count].first = (int64_t)first;
        filter->requests[filter->request_count++].last = (int64_t)last;
    }
}

static void config_take_glob(struct config_reading *at, const struct config_key *key,
                             const char *value, struct target *target)
{
    struct glob *globs = (struct glob *)((char *)target + key->offset);
    unsigned *count = (unsigned *)((char *)target + key->most);

    if (*count == FILTER_MAX)
        config_wrong(at, at->line, "%s is given more than %d times", key->name, FILTER_MAX);
    else if (!glob_read(&globs[*count], value))
        config_wrong(at, at->line, "%s: the text is longer than %d characters", key->name,
                     GLOB_MAX);
    else ++*count;
}

static void config_take_list(struct config_reading *at, const struct config_key *key,
                             const char *value, struct target *target)
{
    struct config_list *list = (struct config_list *)((char *)target + key->offset);

    if (list->count == CONFIG_LIST_MAX)
        config_wrong(at, at->line, "%s is given more than %d times", key->name, CONFIG_LIST_MAX);
    else if ((list->values[list->count] = config_keep(at, value))) list->count++;
}

static bool config_is_absolute(const char *path)
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
    case TYPE_NUMBER:   config_take_number(at, key, value, target); break;
    case TYPE_WORD:     config_take_word(at, key, value, target); break;
    case TYPE_START:    config_take_start(at, value, target); break;
    case TYPE_TYPES:    config_take_types(at, value, target); break;
    case TYPE_REQUESTS: config_take_requests(at, value, target); break;
    case TYPE_GLOBS:    config_take_glob(at, key, value, target); break;
    case TYPE_YES:
        if (!strcmp(value, "yes")) *(bool *)((char *)target + key->offset) = true;
        else if (strcmp(value, "no"))
            config_wrong(at, at->line, "%s = %s is not valid; it is yes or no", key->name, value);
        break;
    }
}

static bool config_repeats(enum config_type type)
{
    return type == TYPE_LIST || type == TYPE_REQUESTS || type == TYPE_GLOBS || type == TYPE_TYPES;
}

static void config_unknown_key(struct config_reading *at, const char *name)
{
    char meant[SUGGESTION_TEXT_MAX];
    struct suggestion suggestion;

    suggestion_begin(&suggestion, name);
    for (size_t i = 0; i < KEYS; i++) suggestion_offer(&suggestion, keys[i].name);
    config_wrong(at, at->line, "there is no key \"%s\".%s", name,
                 suggestion_text(&suggestion, "", meant));
}

static void config_target_key(struct config_reading *at, const char *name, char *value)
{
    unsigned *given = at->given_of[at->config->count - 1];
    size_t i = 0;

    while (i < KEYS && strcmp(keys[i].name, name)) i++;
    if (i == KEYS) config_unknown_key(at, name);
    else if (given[i] && !config_repeats(keys[i].type))
        config_wrong(at, at->line, "%s was given on line %u already", name, given[i]);
    else {
        given[i] = at->line;
        config_take(at, &keys[i], value, config_last(at));
    }
}

static void config_path_key(struct config_reading *at, const char *name, const char *value,
                            char **out)
{
    if (strcmp(name, "path"))
        config_wrong(at, at->line, "there is no key \"%s\" in [%s]; its only key is path", name,
                     at->section);
    else if (*out)
        config_wrong(at, at->line, "path was given already");
    else *out = config_take_path(at, name, value);
}

static void config_key_line(struct config_reading *at, char *text)
{
    char *equals = strchr(text, '='), *end, *value;

    if (at->unknown) return;
    if (!equals) {
        config_wrong(at, at->line, "\"%s\" is neither [section] nor key = value", text);
        return;
    }
    for (end = equals; end > text && (end[-1] == ' ' || end[-1] == '\t');) end--;
    *equals = 0;
    *end = 0;
    value = equals + 1 + strspn(equals + 1, " \t");
    if (!*value) config_wrong(at, at->line, "%s has no value", text);
    else if (!strcmp(at->section, "journal"))
        config_path_key(at, text, value, &at->config->journal);
    else if (!strcmp(at->section, "state")) config_path_key(at, text, value, &at->config->state);
    else if (!strcmp(at->section, "to")) config_target_key(at, text, value);
    else config_wrong(at, at->line, "%s stands before the first [section]", text);
}

static bool config_is_name(const char *name)
{
    static const char valid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    return *name && strlen(name) <= CONFIG_NAME_MAX && !name[strspn(name, valid)];
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
    if (!(target->name = config_keep(at, name))) return;
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

/* A '#' at the beginning, or after a blank, begins a comment. */
static void config_cut_comment(char *text)
{
    for (char *at = text; *at; at++) {
        if (*at == '#' && (at == text || at[-1] == ' ' || at[-1] == '\t')) *at = 0;
        if (!*at) break;
    }
}

static void config_line(struct config_reading *at, char *text)
{
    size_t size;

    config_cut_comment(text);
    text += strspn(text, " \t");
    for (size = strlen(text); size && strchr(" \t\r", text[size - 1]);) text[--size] = 0;
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] >= 0x20 || text[i] == '\t') continue;
        config_wrong(at, at->line, "the line has a control character in it");
        return;
    }
    if (!size) return;
    if (*text == '[') config_section(at, text);
    else config_key_line(at, text);
}

/* --- what has to be there, and what fits together --- */

static unsigned config_given(const struct config_reading *at, unsigned target, const char *name)
{
    for (size_t i = 0; i < KEYS; i++)
        if (!strcmp(keys[i].name, name)) return at->given_of[target][i];
    return 0;
}

static void config_judge_keys(struct config_reading *at, unsigned index)
{
    const struct target *target = &at->config->targets[index];

    for (size_t i = 0; i < KEYS; i++)
        if (at->given_of[index][i] && !(keys[i].kinds & (unsigned)target->kind))
            config_wrong(at, at->given_of[index][i], "%s is no key of a destination of kind %s",
                         keys[i].name, config_kind_name(target->kind));
    if (!config_given(at, index, "startAt"))
        config_wrong(at, target->line,
                     "[to %s] has no startAt; it is oldest, now or the sequence of a line",
                     target->name);
}

static void config_needs(struct config_reading *at, unsigned index, const char *name)
{
    const struct target *target = &at->config->targets[index];

    if (!config_given(at, index, name))
        config_wrong(at, target->line, "[to %s] of kind %s has no %s", target->name,
                     config_kind_name(target->kind), name);
}

static void config_judge_url(struct config_reading *at, unsigned index, const struct target *to)
{
    unsigned line = config_given(at, index, "url");

    if (!to->url || !strncmp(to->url, "https://", 8)) return;
    if (strncmp(to->url, "http://", 7))
        config_wrong(at, line, "url = %s is not valid; it begins with https://", to->url);
    else if (!to->allow_plain)
        config_wrong(at, line,
                     "url begins with http://, so anybody on the way can read and change what is "
                     "sent; use https://, or say allowPlain = yes");
}

static void config_judge_http(struct config_reading *at, unsigned index)
{
    const struct target *to = &at->config->targets[index];

    config_needs(at, index, "url");
    config_judge_url(at, index, to);
    if (to->format == FORMAT_TEMPLATE) config_needs(at, index, "body");
    else if (to->body)
        config_wrong(at, config_given(at, index, "body"), "body needs format = template");
    if (to->auth == AUTH_BASIC) config_needs(at, index, "user");
    else if (to->user)
        config_wrong(at, config_given(at, index, "user"), "user needs auth = basic");
    for (unsigned i = 0; i < to->headers.count; i++)
        if (!strchr(to->headers.values[i], ':'))
            config_wrong(at, config_given(at, index, "header"),
                         "header = %s is not valid; it is Name: value", to->headers.values[i]);
}

static void config_judge_target(struct config_reading *at, unsigned index)
{
    const struct target *target = &at->config->targets[index];

    if (!config_given(at, index, "kind"))
        config_wrong(at, target->line, "[to %s] has no kind; it is http, copy or program",
                     target->name);
    if (!target->kind) return;
    config_judge_keys(at, index);
    if (target->kind == CONFIG_HTTP) config_judge_http(at, index);
    if (target->kind == CONFIG_COPY) config_needs(at, index, "path");
    if (target->kind == CONFIG_PROGRAM) config_needs(at, index, "program");
}

static void config_judge(struct config_reading *at)
{
    unsigned last = at->line ? at->line : 1;

    if (!at->config->journal && !at->wrong)
        config_wrong(at, last, "there is no [journal] with the path of the journal's folder");
    if (!at->config->state && !at->wrong)
        config_wrong(at, last, "there is no [state] with the path of a folder for the state");
    if (!at->config->count && !at->wrong) config_wrong(at, last, "there is no [to NAME]");
    for (unsigned i = 0; i < at->config->count; i++) config_judge_target(at, i);
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
    char *line = text->data, *end;

    if (text->size >= 4 && !memcmp(line, "\xef\xbb\xbf", 3)) line += 3;
    for (at->line = 1; *line; at->line++) {
        end = strchr(line, '\n');
        if (end) *end = 0;
        config_line(at, line);
        if (!end) break;
        line = end + 1;
    }
}

static HRESULT config_parse(struct config_reading *at, struct bytes *text)
{
    if (!config_is_utf8(at, text)) return E_INVALIDARG;
    bytes_add(text, "", 1);
    if (text->failed) return E_OUTOFMEMORY;
    config_lines(at, text);
    if (at->no_memory) return E_OUTOFMEMORY;
    config_judge(at);
    return at->wrong ? E_INVALIDARG : S_OK;
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

static void config_free_list(struct config_list *list)
{
    for (unsigned i = 0; i < list->count; i++) free(list->values[i]);
}

static void config_free_target(struct target *target)
{
    char *texts[] = {target->name, target->url, target->body, target->content_type, target->user,
                     target->ca, target->client_certificate, target->client_key, target->proxy,
                     target->path, target->program};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
    config_free_list(&target->headers);
    config_free_list(&target->arguments);
}

void config_free(struct config *config)
{
    for (unsigned i = 0; i < config->count; i++) config_free_target(&config->targets[i]);
    free(config->targets);
    free(config->file);
    free(config->journal);
    free(config->state);
    memset(config, 0, sizeof *config);
}

const struct target *config_find(const struct config *config, const char *name,
                                 const struct notes *errors)
{
    char meant[SUGGESTION_TEXT_MAX];
    struct suggestion suggestion;

    for (unsigned i = 0; i < config->count; i++)
        if (!strcmp(config->targets[i].name, name)) return &config->targets[i];
    suggestion_begin(&suggestion, name);
    for (unsigned i = 0; i < config->count; i++)
        suggestion_offer(&suggestion, config->targets[i].name);
    notes_add(errors, "%s has no destination [to %s].%s", config->file, name,
              suggestion_text(&suggestion, "", meant));
    return NULL;
}
