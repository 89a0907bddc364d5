/* The language of scenario files. */
#include "script.h"

#include "stubca/ca/open_questions.h"
#include "disk.h"
#include "stubca/base/files.h"
#include "stubca/base/heap.h"
#include "stubca/ca/properties.h"
#include "stubca/base/range.h"
#include "stubca/ca/revocation.h"
#include "stubca/ca/templates.h"
#include "stubca/base/text.h"
#include "value_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_MAX = 1 << 24,
    FILE_MAX = 1 << 20,
    INCLUDE_DEPTH = 8,
    COMPLAINTS_MAX = 20,
    DAYS_MAX = 36500,
    KEYS_MAX = 16,
    LIST_MAX = 1024
};

/* What a value must look like. */
enum kind {
    TEXT,
    ANY_TEXT,
    NUMBER,
    DAYS,
    DAYS_EITHER_WAY,
    SECONDS,
    FLAGS,
    SCHEMA,
    VERSION,
    OID,
    HEX,
    EXTENSIONS,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    REASON,
    RANGE,
    INDEX,
    THREADS,
    CHOICE
};

struct key {
    const char *name;
    enum kind kind;
    const char *choice;                 /* of CHOICE: the words, parted by | */
    bool required;
};

/* When a verb may come. */
enum when { ANY_TIME, NOT_RUNNING, STOPPED, RUNNING };

/* What its first word is. */
enum first_word { PLAIN, NEW_NAME, KNOWN_NAME };

struct rule {
    const char *name, *words;           /* the words as help names them */
    int words_min, words_max;
    enum first_word first;
    enum when when;
    const char *word_choice;            /* NULL: any words */
    bool any_keys;                      /* values of the module's own, of any name */
    struct key keys[KEYS_MAX];
    const char *help;
};

#define EXPECT(outcomes) {"expect", CHOICE, outcomes, false}, {"status", FLAGS, NULL, false}
#define TOLD                                                                                       \
    {"notify-ms", RANGE, NULL, false},                                                             \
    {                                                                                              \
        "returns", FLAGS, NULL, false                                                              \
    } /* of steps that are events */
#define TOOK {"took-ms", RANGE, NULL, false}
#define BY {"by", TEXT, NULL, false}

static const struct rule rules[VERB_COUNT] = {
    [VERB_CA] = {"ca",
                 "NAME",
                 1,
                 1,
                 PLAIN,
                 ANY_TIME,
                 NULL,
                 false,
                 {{"dns", TEXT, NULL, true},
                  {"out", TEXT, NULL, true},
                  {"days", DAYS, NULL, false},
                  {"deltas", CHOICE, "on|off", false},
                  {"crl-url", TEXT, NULL, false},
                  {"aia-url", TEXT, NULL, false},
                  {"interface-flags", FLAGS, NULL, false},
                  {"cert-enroll", CHOICE, "on|off", false},
                  {"parent", TEXT, NULL, false},
                  {"parent-crl-url", TEXT, NULL, false},
                  {"parent-aia-url", TEXT, NULL, false}},
                 "makes the CA's key and certificate; out= is the folder for all it issues"},
    [VERB_TEMPLATE] = {"template",
                       "NAME",
                       1,
                       1,
                       PLAIN,
                       ANY_TIME,
                       NULL,
                       false,
                       {{"days", DAYS, NULL, true},
                        {"eku", EXTENDED_KEY_USAGE, NULL, false},
                        {"usage", KEY_USAGE, NULL, false},
                        {"approval", CHOICE, "none|manager|twice", false},
                        {"oid", OID, NULL, false},
                        {"schema", SCHEMA, NULL, false},
                        {"version", VERSION, NULL, false},
                        {"san", CHOICE, "request|requester|none", false},
                        {"mail", CHOICE, "off|on", false},
                        {"takes", EXTENSIONS, NULL, false},
                        {"published", CHOICE, "on|off", false},
                        {"enrollment-flags", FLAGS, NULL, false},
                        {"general-flags", FLAGS, NULL, false},
                        {"private-key-flags", FLAGS, NULL, false}},
                       "what certificates of this template are like"},
    [VERB_MODULE] = {"module",
                     "PROGID",
                     1,
                     1,
                     PLAIN,
                     NOT_RUNNING,
                     NULL,
                     true,
                     {{0}},
                     "an exit module to load; NAME=VALUE is put into its own registry key"},
    [VERB_SETTING] = {"setting",
                      "",
                      0,
                      0,
                      PLAIN,
                      NOT_RUNNING,
                      NULL,
                      false,
                      {{"startup", CHOICE, "off|on", false},
                       {"config-name", CHOICE, "sanitized|raw", false},
                       {"call-seconds", SECONDS, NULL, false},
                       {"stop-seconds", SECONDS, NULL, false},
                       {"threads", THREADS, NULL, false}},
                      "how this CA behaves where the contract leaves it open"},
    [VERB_INCLUDE] =
        {"include", "FILE", 1, 1, PLAIN, ANY_TIME, NULL, false, {{0}}, "the lines of another file"},
    [VERB_START] = {"start",
                    "",
                    0,
                    0,
                    PLAIN,
                    STOPPED,
                    NULL,
                    false,
                    {{"expect", CHOICE, "started|refused", false}, TOOK},
                    "the service starts and loads its modules"},
    [VERB_STOP] = {"stop",
                   "",
                   0,
                   0,
                   PLAIN,
                   RUNNING,
                   NULL,
                   false,
                   {TOLD, TOOK},
                   "the service stops; every module must unload"},
    [VERB_SUBMIT] = {"submit",
                     "NAME",
                     1,
                     1,
                     NEW_NAME,
                     RUNNING,
                     NULL,
                     false,
                     {{"request", TEXT, NULL, true},
                      {"requester", TEXT, NULL, true},
                      {"template", TEXT, NULL, false},
                      {"caller", TEXT, NULL, false},
                      {"attribute", TEXT, NULL, false},
                      {"sid", TEXT, NULL, false},
                      {"upn", TEXT, NULL, false},
                      {"dns", TEXT, NULL, false},
                      {"mail", TEXT, NULL, false},
                      {"dn", TEXT, NULL, false},
                      {"archived-key", TEXT, NULL, false},
                      {"times", NUMBER, NULL, false},
                      EXPECT("issued|pending|denied|failed|refused"),
                      TOLD},
                     "a request (PKCS#10, PKCS #7, CMC, KEYGEN) comes in; attribute=\"Name:Value\" "
                     "as often as wanted"},
    [VERB_APPROVE] = {"approve",
                      "NAME",
                      1,
                      1,
                      KNOWN_NAME,
                      RUNNING,
                      NULL,
                      false,
                      {BY, EXPECT("issued|pending|denied|failed|refused"), TOLD},
                      "a manager has a pending request issued"},
    [VERB_DENY] = {"deny",
                   "NAME",
                   1,
                   1,
                   KNOWN_NAME,
                   RUNNING,
                   NULL,
                   false,
                   {BY, EXPECT("denied|refused"), TOLD},
                   "a manager denies a pending request"},
    [VERB_RETRIEVE] = {"retrieve",
                       "NAME",
                       1,
                       1,
                       KNOWN_NAME,
                       RUNNING,
                       NULL,
                       false,
                       {EXPECT("issued|pending|denied|failed|revoked|refused"), TOLD},
                       "the requester fetches what was pending"},
    [VERB_REVOKE] = {"revoke",
                     "NAME",
                     1,
                     1,
                     KNOWN_NAME,
                     RUNNING,
                     NULL,
                     false,
                     {{"reason", REASON, NULL, false},
                      {"effective", DAYS_EITHER_WAY, NULL, false},
                      BY,
                      EXPECT("revoked|refused"),
                      TOLD},
                     "a certificate is revoked"},
    [VERB_HOLD] = {"hold",
                   "NAME",
                   1,
                   1,
                   KNOWN_NAME,
                   RUNNING,
                   NULL,
                   false,
                   {BY, EXPECT("revoked|refused"), TOLD},
                   "a certificate is revoked for the time being"},
    [VERB_RELEASE] = {"release",
                      "NAME",
                      1,
                      1,
                      KNOWN_NAME,
                      RUNNING,
                      NULL,
                      false,
                      {BY, EXPECT("released|refused"), TOLD},
                      "a certificate that was on hold is good again"},
    [VERB_CRL] = {"crl",
                  "base|delta...",
                  1,
                  2,
                  PLAIN,
                  RUNNING,
                  "base|delta",
                  false,
                  {EXPECT("published|refused"), TOLD},
                  "CRLs are published, as base.crl and delta.crl"},
    [VERB_IMPORT] = {"import",
                     "NAME",
                     1,
                     1,
                     NEW_NAME,
                     RUNNING,
                     NULL,
                     false,
                     {{"file", TEXT, NULL, true}, BY, EXPECT("imported|refused"), TOLD},
                     "somebody else's certificate is put into the database"},
    [VERB_RENEW] = {"renew",
                    "same-key|new-key",
                    1,
                    1,
                    PLAIN,
                    NOT_RUNNING,
                    "same-key|new-key",
                    false,
                    {{0}},
                    "the CA's certificate is renewed"},
    [VERB_PARENT] =
        {"parent",
         "crl|revoke",
         1,
         1,
         PLAIN,
         ANY_TIME,
         "crl|revoke",
         false,
         {{"index", INDEX, NULL, false}, {"reason", REASON, NULL, false}},
         "the CA above publishes its CRL anew, or revokes this CA's certificate of that index"},
    [VERB_CHANGE] = {"change",
                     "NAME",
                     1,
                     1,
                     KNOWN_NAME,
                     RUNNING,
                     NULL,
                     false,
                     {{"attribute", TEXT, NULL, false},
                      {"extension", OID, NULL, false},
                      {"der", HEX, NULL, false},
                      {"flags", FLAGS, NULL, false},
                      EXPECT("changed|refused")},
                     "a manager changes attributes, or an extension, of a pending request"},
    [VERB_DELETE] = {"delete",
                     "NAME",
                     1,
                     1,
                     KNOWN_NAME,
                     RUNNING,
                     NULL,
                     false,
                     {EXPECT("deleted|refused")},
                     "a row is deleted from the database"},
    [VERB_RECOVER] = {"recover",
                      "NAME",
                      1,
                      1,
                      KNOWN_NAME,
                      RUNNING,
                      NULL,
                      false,
                      {EXPECT("recovered|refused")},
                      "an archived key is recovered"},
    [VERB_CLOCK] = {"clock",
                    "",
                    0,
                    0,
                    PLAIN,
                    ANY_TIME,
                    NULL,
                    false,
                    {{"days", DAYS, NULL, true}},
                    "that many days go by"},
    [VERB_PROPERTY] =
        {"property",
         "NAME",
         1,
         1,
         PLAIN,
         ANY_TIME,
         NULL,
         false,
         {{"of", CHOICE, "request|certificate|both", false},
          {"value", ANY_TEXT, NULL, false},
          {"size", NUMBER, NULL, false},
          {"error", FLAGS, NULL, false},
          {"delay-ms", NUMBER, NULL, false}},
         "modules that ask for it get this from now on; without a key, the truth again"},
    [VERB_TOGETHER] =
        {"together",
         "",
         0,
         0,
         PLAIN,
         RUNNING,
         NULL,
         false,
         {{"threads", THREADS, NULL, true}},
         "the steps from here to apart are played on that many threads, in any order"},
    [VERB_APART] = {"apart",
                    "",
                    0,
                    0,
                    PLAIN,
                    RUNNING,
                    NULL,
                    false,
                    {{0}},
                    "from here on one after the other again"},
    [VERB_LOG] = {"log",
                  "NUMBER [TEXT]",
                  1,
                  2,
                  PLAIN,
                  ANY_TIME,
                  NULL,
                  false,
                  {{0}},
                  "expects an entry of the CA's event log (46: a module failed, 45: it threw) that "
                  "holds TEXT"},
    [VERB_FILE] = {"file",
                   "PATH",
                   1,
                   1,
                   PLAIN,
                   ANY_TIME,
                   NULL,
                   false,
                   {{"expect", CHOICE, "there|missing", false},
                    {"count", RANGE, NULL, false},
                    {"size", RANGE, NULL, false},
                    {"lines", RANGE, NULL, false},
                    {"contains", TEXT, NULL, false},
                    {"lacks", TEXT, NULL, false},
                    {"within-ms", NUMBER, NULL, false}},
                   "expects files that a module wrote; * and ? in PATH stand for several, looked "
                   "at together"},
    [VERB_MANAGE] = {"manage",
                     "PROGID",
                     1,
                     1,
                     PLAIN,
                     ANY_TIME,
                     NULL,
                     false,
                     {{"by", CHOICE, "module|class|either", false},
                      {"name", ANY_TEXT, NULL, false},
                      {"description", ANY_TEXT, NULL, false},
                      {"copyright", ANY_TEXT, NULL, false},
                      {"file-version", ANY_TEXT, NULL, false},
                      {"product-version", ANY_TEXT, NULL, false},
                      {"multi-threaded", CHOICE, "yes|no|unsaid", false},
                      {"configure", CHOICE, "no|refresh", false},
                      {"hwnd", CHOICE, "bytes|number|none", false},
                      {"expect", CHOICE, "found|none", false}},
                     "asks as the CA's snap-in does: GetManageModule, else the class PROGIDManage; "
                     "shows and compares"},
    [VERB_DESCRIBE] = {"describe",
                       "PROGID",
                       1,
                       1,
                       PLAIN,
                       RUNNING,
                       NULL,
                       false,
                       {{"is", ANY_TEXT, NULL, false}},
                       "GetDescription of a module that runs, on all of the CA's threads at once, "
                       "as when clients ask"},
    [VERB_CAINFO] = {"cainfo",
                     "exitcount|exit",
                     1,
                     1,
                     PLAIN,
                     RUNNING,
                     "exitcount|exit",
                     false,
                     {{"index", INDEX, NULL, false},
                      {"is", ANY_TEXT, NULL, false},
                      {"expect", CHOICE, "found|none", false}},
                     "what `certutil -CAInfo` tells clients of the modules: how many, and what "
                     "each calls itself"},
    [VERB_DISK] = {"disk",
                   DISK_WORDS,
                   1,
                   1,
                   PLAIN,
                   ANY_TIME,
                   DISK_WORDS,
                   false,
                   {{0}},
                   "the disk under the modules' files hangs, is full or fails; only with the shim "
                   "of tests/shim/disk.c"},
    [VERB_KILL] = {"kill",
                   "",
                   0,
                   0,
                   PLAIN,
                   RUNNING,
                   NULL,
                   false,
                   {{0}},
                   "the process ends here as in a crash: no SHUTDOWN, no Release; the last step of "
                   "the last file"},
};

const char *verb_name(enum verb verb)
{
    return rules[verb].name;
}

/* A file that is being read, and the state of the play so far, as the lines will have it. */
struct known_name {
    char *name;
    const char *file;
    int line;
};

struct reader {
    struct script *script;
    void (*complain)(const char *file, int line, const char *what);
    int complaints, depth;
    bool has_ca, running, together, killed;
    struct known_name *names;
    size_t name_count;
    size_t names_before;                /* of `together`: the rest are made at the same time */
};

struct place {
    struct reader *reader;
    const char *file;
    int line;
};

static void script_complain(const struct place *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void script_complain(const struct place *place, const char *format, ...)
{
    char text[512];
    va_list arguments;

    if (place->reader->complaints++ >= COMPLAINTS_MAX) return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    place->reader->complain(place->file, place->line, text);
}

/* "a|b|c" as "a, b or c". The caller frees. */
static char *spoken(const char *choice)
{
    char *text = heap_take(strlen(choice) * 4 + 1), *end = text;

    for (const char *c = choice; *c; c++) {
        if (*c != '|') *end++ = *c;
        else end += sprintf(end, strchr(c + 1, '|') ? ", " : " or ");
    }
    return text;
}

static bool script_chosen(const char *choice, const char *word)
{
    size_t size = strlen(word);

    for (const char *c = choice; c; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL) {
        if (!strncmp(c, word, size) && (c[size] == '|' || !c[size]) && size) return true;
    }
    return false;
}

/* Words out of a line. */

static bool script_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Take the next word off the line. `*equals` is where its first '=' outside quotes stands in it, -1
 * where there is none. NULL at the end of the line, or after a complaint. The caller frees. */
static char *next_word(const struct place *place, char **line, int *equals)
{
    char *c = *line, *word, *end;
    bool quoted = false;

    *equals = -1;
    while (script_is_blank(*c)) c++;
    *line = c;
    if (!*c || *c == '#') return NULL;
    word = end = heap_take(strlen(c) + 1);
    for (; *c && (quoted || !script_is_blank(*c)); c++) {
        if (*c == '"' && quoted && c[1] == '"') *end++ = *c++;
        else if (*c == '"') quoted = !quoted;
        else {
            if (*c == '=' && !quoted && *equals < 0) *equals = (int)(end - word);
            *end++ = *c;
        }
    }
    *line = c;
    if (!quoted) return word;
    script_complain(place,
                    "a quote is opened and not closed, expected \" before the end of the line");
    free(word);
    return NULL;
}

/* Checks of one value. */

static bool is_number(const char *text, long least, long most)
{
    char *end;
    long number = strtol(text, &end, 10);

    return isdigit((unsigned char)*text) && !*end && strlen(text) < 10 && number >= least &&
           number <= most;
}

#define REASONS                                                                                    \
    "unspecified, keyCompromise, cACompromise, affiliationChanged, superseded, "                   \
    "cessationOfOperation, "                                                                       \
    "removeFromCRL, publishExpired or dontPublishExpired"

static bool is_flags(const char *text)
{
    char *end;

    if (!isdigit((unsigned char)*text) || strlen(text) > 10) return false;
    return strtoull(text, &end, 0) <= 0xFFFFFFFF && !*end;
}

static bool is_days(const char *text)
{
    return is_number(*text == '-' ? text + 1 : text, 0, DAYS_MAX);
}

/* "100.3" */
static bool is_version(const char *text)
{
    size_t major = strspn(text, "0123456789"),
           minor = text[major] == '.' ? strspn(text + major + 1, "0123456789") : 0;

    return major && minor && !text[major + 1 + minor] && major < 10 && minor < 10;
}

static bool is_hex(const char *text)
{
    size_t size = strlen(text);

    return size && size % 2 == 0 && strspn(text, "0123456789abcdefABCDEF") == size;
}

/* Does every word of a list, parted by commas, pass? */
static bool all_words(const char *list, bool (*passes)(const char *word))
{
    char *copy = heap_text(list), *rest = copy;
    bool ok = *list;

    while (rest && ok) {
        char *comma = strchr(rest, ',');

        if (comma) *comma++ = '\0';
        ok = passes(rest);
        rest = comma;
    }
    free(copy);
    return ok;
}

static bool is_extended_key_usage(const char *word)
{
    return extended_key_usage_oid(word) != NULL;
}

static bool is_taken_extension(const char *word)
{
    return taken_extension_oid(word) != NULL;
}

static bool is_key_usage(const char *word)
{
    return key_usage_bit(word) != 0;
}

static bool is_given(const char *text) { return *text != '\0'; }
static bool is_amount(const char *text) { return is_number(text, 1, NUMBER_MAX); }
static bool is_index(const char *text) { return is_number(text, 0, NUMBER_MAX); }
static bool is_number_of_days(const char *text) { return is_number(text, 1, DAYS_MAX); }
static bool is_schema(const char *text) { return is_number(text, 1, 4); }
static bool is_seconds(const char *text) { return is_number(text, 1, 3600); }
static bool is_threads(const char *text) { return is_number(text, 1, 64); }
static bool is_reason(const char *text) { return revocation_reason(text) != REASON_NO_WORD; }
static bool are_extended_key_usages(const char *text)
{
    return all_words(text, is_extended_key_usage);
}
static bool are_taken_extensions(const char *text) { return all_words(text, is_taken_extension); }
static bool are_key_usages(const char *text) { return all_words(text, is_key_usage); }

static bool is_range(const char *text)
{
    struct range range;

    return range_read(text, &range);
}

/* ANY_TEXT is never wrong; the words of CHOICE are the key's own. */
static const struct { bool (*passes)(const char *text); const char *expected;
} kinds[CHOICE] = {
    [TEXT] = {is_given, "a value"},
    [NUMBER] = {is_amount, "a number from 1 to 16777216"},
    [DAYS] = {is_number_of_days, "a number of days from 1 to 36500"},
    [DAYS_EITHER_WAY] = {is_days, "a number of days from -36500 to 36500"},
    [SCHEMA] = {is_schema, "a schema version from 1 to 4"},
    [VERSION] = {is_version, "a version such as 100.3"},
    [HEX] = {is_hex, "bytes in hex, such as 0500"},
    [SECONDS] = {is_seconds, "a number of seconds from 1 to 3600"},
    [FLAGS] = {is_flags, "a number such as 20 or 0x80094014"},
    [OID] = {is_dotted_oid, "an OID such as 1.3.6.1.4.1.311.21.8.1"},
    [EXTENDED_KEY_USAGE] = {are_extended_key_usages,
                            "usages such as serverAuth,clientAuth or dotted OIDs"},
    [EXTENSIONS] = {are_taken_extensions, "extensions such as sid,policies or dotted OIDs"},
    [KEY_USAGE] = {are_key_usages, "usages such as digitalSignature,keyEncipherment"},
    [REASON] = {is_reason, REASONS},
    [RANGE] = {is_range, RANGE_FORM},
    [INDEX] = {is_index, "a number from 0 on"},
    [THREADS] = {is_threads, "a number of threads from 1 to 64"},
};

static void check_value(const struct place *place, const struct key *key, const char *value)
{
    char *words;

    if (key->kind != CHOICE) {
        if (kinds[key->kind].passes && !kinds[key->kind].passes(value))
            script_complain(place, "%s=%s, expected %s", key->name, value,
                            kinds[key->kind].expected);
        return;
    }
    if (script_chosen(key->choice, value)) return;
    words = spoken(key->choice);
    script_complain(place, "%s=%s, expected %s", key->name, value, words);
    free(words);
}

/* The key of a verb at that place; false behind the last one. Settings have the choices besides
 * their own. */
static bool key_at(const struct rule *rule, size_t place, struct key *key)
{
    size_t count = 0;

    while (count < KEYS_MAX && rule->keys[count].name) count++;
    if (place < count) {
        *key = rule->keys[place];
        return true;
    }
    if (rule != &rules[VERB_SETTING] || place - count >= CHOICE_COUNT) return false;
    *key = (struct key){choice_rules[place - count].name, CHOICE, choice_rules[place - count].words,
                        false};
    return true;
}

static bool key_find(const struct rule *rule, const char *name, struct key *key)
{
    for (size_t i = 0; key_at(rule, i, key); i++) {
        if (!strcmp(key->name, name)) return true;
    }
    return false;
}

/* The keys of a verb, "dns, out or days". The caller frees. */
static char *keys_spoken(const struct rule *rule)
{
    char list[LIST_MAX] = "";
    struct key key;

    for (size_t i = 0; key_at(rule, i, &key); i++) {
        if (*list) strcat(list, "|");
        strcat(list, key.name);
    }
    return *list ? spoken(list) : heap_text("no key");
}

static bool may_stand_often(const char *key)
{
    return !strcmp(key, "attribute") || !strcmp(key, "contains") || !strcmp(key, "lacks");
}

static void check_pairs(const struct place *place, const struct rule *rule, const struct step *step)
{
    for (size_t i = 0; i < step->pair_count; i++) {
        const struct pair *pair = &step->pairs[i];
        struct key key;
        char *keys;

        for (size_t j = 0; j < i; j++) {
            if (strcmp(step->pairs[j].key, pair->key) || may_stand_often(pair->key)) continue;
            script_complain(place, "%s= stands here twice, expected it once", pair->key);
        }
        if (rule->any_keys) continue;
        if (key_find(rule, pair->key, &key)) {
            check_value(place, &key, pair->value);
            continue;
        }
        keys = keys_spoken(rule);
        script_complain(place, "%s has no key \"%s\", expected %s", rule->name, pair->key, keys);
        free(keys);
    }
    for (size_t i = 0; i < KEYS_MAX && rule->keys[i].name; i++) {
        if (rule->keys[i].required && !step_value(step, rule->keys[i].name, NULL)) {
            script_complain(place, "%s is missing, expected %s %s %s=...", rule->keys[i].name,
                            rule->name, rule->words, rule->keys[i].name);
        }
    }
}

/* A name becomes a file's: letters, digits, '-', '_' and '.' within, none that Windows keeps for
 * devices or we for the CA. */
static bool is_file_name(const char *name)
{
    static const char *const taken[] = {"ca", "parent", "con", "prn", "aux", "nul"};
    size_t size = strlen(name), base = strcspn(name, ".");

    if (!size || size > 60 || *name == '.' || name[size - 1] == '.') return false;
    for (const char *c = name; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("-_.", *c)) return false;
    }
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (strlen(taken[i]) == base && !_strnicmp(name, taken[i], base)) return false;
    }
    return base != 4 || (_strnicmp(name, "com", 3) && _strnicmp(name, "lpt", 3)) ||
           !isdigit((unsigned char)name[3]);
}

static const struct known_name *name_find(const struct reader *reader, const char *name)
{
    for (size_t i = 0; i < reader->name_count; i++) {
        if (!_stricmp(reader->names[i].name, name)) return &reader->names[i];
    }
    return NULL;
}

static void check_name(const struct place *place, const struct rule *rule, const char *name)
{
    struct reader *reader = place->reader;
    const struct known_name *known = name_find(reader, name);

    if (rule->first == KNOWN_NAME && !known) {
        script_complain(
            place, "there is no \"%s\" yet, expected a name that an earlier submit or import gave",
            name);
    }
    if (rule->first == KNOWN_NAME && known && reader->together &&
        known >= reader->names + reader->names_before) {
        script_complain(place, "\"%s\" is made at the same time, expected apart before it is used",
                        name);
    }
    if (rule->first != NEW_NAME) return;
    if (!is_file_name(name)) {
        script_complain(place, "\"%s\" cannot name a file, expected letters, digits, '-' and '_'",
                        name);
    } else if (known) {
        script_complain(place, "\"%s\" is taken since %s:%d, expected another name", name,
                        known->file, known->line);
    } else {
        reader->names = heap_grow(reader->names, (reader->name_count + 1) * sizeof *reader->names);
        reader->names[reader->name_count++] =
            (struct known_name){heap_text(name), place->file, place->line};
    }
}

static void check_words(const struct place *place, const struct rule *rule, const struct step *step)
{
    if (step->word_count < rule->words_min) {
        script_complain(place, "%s is missing, expected %s %s", rule->words, rule->name,
                        rule->words);
        return;
    }
    for (int i = 0; rule->word_choice && i < step->word_count; i++) {
        char *choice = spoken(rule->word_choice);

        if (!script_chosen(rule->word_choice, step->words[i]))
            script_complain(place, "\"%s\", expected %s", step->words[i], choice);
        free(choice);
    }
    if (!step->word_count) return;
    if (*step->words[0]) check_name(place, rule, step->words[0]);
    else
        script_complain(place, "%s is empty, expected %s %s", rule->words, rule->name, rule->words);
    if (step->verb == VERB_LOG && !is_number(step->words[0], 1, 65535)) {
        script_complain(place, "\"%s\", expected the number of an event, such as 46",
                        step->words[0]);
    }
}

static void check_template(const struct place *place, const struct step *step)
{
    if (step->verb == VERB_TEMPLATE && step_number(step, "schema", 1) > 1 &&
        !step_value(step, "oid", NULL)) {
        script_complain(place, "oid is missing, which templates have from schema=2 on");
    }
}

static bool may_be_together(enum verb verb)
{
    switch (verb) {
    case VERB_SUBMIT:
    case VERB_APPROVE:
    case VERB_DENY:
    case VERB_RETRIEVE:
    case VERB_REVOKE:
    case VERB_HOLD:
    case VERB_RELEASE:
    case VERB_CRL:
    case VERB_IMPORT:
    case VERB_CHANGE:
    case VERB_RECOVER:
    case VERB_APART:
    case VERB_INCLUDE:
        return true;
    default:
        return false;
    }
}

/* Is it a property, and can the value be one of its type? */
static void script_check_property(const struct place *place, const struct step *step)
{
    const char *text = step_value(step, "value", NULL);
    struct value value = {0};
    int property;

    if (step->verb != VERB_PROPERTY || !step->word_count) return;
    property = property_find(step->words[0]);
    if (property < 0)
        script_complain(place, "there is no property \"%s\", expected one of the contract's",
                        step->words[0]);
    else if (text && step_value(step, "size", NULL))
        script_complain(place, "value= and size=, expected one of them");
    else if (text && !value_read(properties[property].type, text, &value))
        script_complain(place, "value=%s, expected %s", text,
                        value_kind(properties[property].type));
    free(value.data);
}

/* The order of things. */
static void check_when(const struct place *place, const struct rule *rule, const struct step *step)
{
    enum verb verb = step->verb;
    struct reader *reader = place->reader;
    bool needs_ca = verb != VERB_CA && verb != VERB_SETTING && verb != VERB_INCLUDE;
    const char *wrong = NULL;

    if (reader->killed && verb != VERB_INCLUDE)
        wrong = "after kill, expected kill to be the last step";
    else if (needs_ca && !reader->has_ca) wrong = "before the CA is there, expected ca first";
    else if (verb == VERB_CA && reader->has_ca)
        wrong = "for a second time, expected one in each scenario";
    else if (rule->when == RUNNING && !reader->running)
        wrong = "while the CA does not run, expected start first";
    else if (rule->when == STOPPED && reader->running)
        wrong = "while the CA runs, expected stop first";
    else if (rule->when == NOT_RUNNING && reader->running)
        wrong = "while the CA runs, expected it before start";
    else if (reader->together && !may_be_together(verb))
        wrong = "between together and apart, expected an operation";
    else if (!reader->together && verb == VERB_APART)
        wrong = "with nothing together, expected together first";
    if (wrong) script_complain(place, "%s %s", rule->name, wrong);
    if (verb == VERB_TOGETHER) {
        reader->together = true;
        reader->names_before = reader->name_count;
    }
    if (verb == VERB_APART) reader->together = false;
    if (verb == VERB_CA) reader->has_ca = true;
    if (verb == VERB_START) reader->running = strcmp(step_value(step, "expect", ""), "refused");
    if (verb == VERB_STOP) reader->running = false;
    if (verb == VERB_KILL) reader->killed = true;
}

/* Lines, files. */

static void add_pair(struct step *step, char *word, int equals)
{
    step->pairs = heap_grow(step->pairs, (step->pair_count + 1) * sizeof *step->pairs);
    word[equals] = '\0';
    step->pairs[step->pair_count++] = (struct pair){heap_text(word), heap_text(word + equals + 1)};
    free(word);
}

static void add_word(const struct place *place, const struct rule *rule, struct step *step,
                     char *word)
{
    if (step->word_count < rule->words_max) {
        step->words[step->word_count++] = word;
        return;
    }
    script_complain(place, "\"%s\" is one word too many, expected %s%s%s key=value...", word,
                    rule->name, *rule->words ? " " : "", rule->words);
    free(word);
}

static void step_empty(struct step *step)
{
    for (int i = 0; i < step->word_count; i++) free(step->words[i]);
    for (size_t i = 0; i < step->pair_count; i++) {
        free(step->pairs[i].key);
        free(step->pairs[i].value);
    }
    free(step->pairs);
}

static int verb_find(const struct place *place, const char *word)
{
    char all[LIST_MAX] = "", *choice;

    for (int i = 0; i < VERB_COUNT; i++) {
        if (!strcmp(rules[i].name, word)) return i;
        strcat(strcat(all, i ? "|" : ""), rules[i].name);
    }
    choice = spoken(all);
    script_complain(place, "\"%s\" is no step, expected %s", word, choice);
    free(choice);
    return -1;
}

static void script_read_file(struct reader *reader, const struct place *from, const char *path);

static void take_step(const struct place *place, struct step *step)
{
    struct reader *reader = place->reader;
    struct script *script = reader->script;

    if (step->verb == VERB_INCLUDE) {
        if (step->word_count) script_read_file(reader, place, step->words[0]);
        step_empty(step);
        return;
    }
    script->steps = heap_grow(script->steps, (script->count + 1) * sizeof *script->steps);
    script->steps[script->count++] = *step;
}

static void read_line(const struct place *place, char *line)
{
    struct step step = {.file = place->file, .line = place->line};
    const struct rule *rule;
    int equals, verb, before = place->reader->complaints;
    char *word = next_word(place, &line, &equals);

    if (!word) return;
    verb = verb_find(place, word);
    free(word);
    if (verb < 0) return;
    step.verb = verb;
    rule = &rules[verb];
    while ((word = next_word(place, &line, &equals))) {
        if (equals > 0) add_pair(&step, word, equals);
        else add_word(place, rule, &step, word);
    }
    if (place->reader->complaints == before) {
        check_words(place, rule, &step);
        check_pairs(place, rule, &step);
        check_template(place, &step);
        script_check_property(place, &step);
        check_when(place, rule, &step);
    }
    take_step(place, &step);
}

static const char *remember_file(struct script *script, const char *path)
{
    script->files = heap_grow(script->files, (script->file_count + 1) * sizeof *script->files);
    return script->files[script->file_count++] = heap_text(path);
}

static void script_read_lines(struct reader *reader, const char *file, char *data)
{
    struct place place = {reader, file, 0};

    if (!strncmp(data, "\xEF\xBB\xBF", 3)) data += 3;
    while (data) {
        char *end = strchr(data, '\n');

        if (end) *end++ = '\0';
        place.line++;
        if (text_is_utf8(data, strlen(data))) read_line(&place, data);
        else script_complain(&place, "these bytes are no UTF-8, expected a file in UTF-8");
        data = end;
    }
}

/* `from` is the include that names it, or the beginning. */
static void script_read_file(struct reader *reader, const struct place *from, const char *path)
{
    struct reason reason = {""};
    char *data = NULL;
    size_t size;

    if (++reader->depth > INCLUDE_DEPTH) {
        script_complain(from, "files include each other too deeply, expected at most %d",
                        INCLUDE_DEPTH);
    } else if (FAILED(file_read(path, FILE_MAX, &data, &size, &reason))) {
        script_complain(from, "%s, expected a scenario", reason.text);
    } else if (strlen(data) != size) {
        script_complain(from, "%s holds a NUL, expected text", path);
    } else {
        script_read_lines(reader, remember_file(reader->script, path), data);
    }
    reader->depth--;
    free(data);
}

bool script_read(const char *path, struct script *script,
                 void (*complain_to)(const char *file, int line, const char *what))
{
    struct reader reader = {.script = script, .complain = complain_to};
    struct place beginning;

    memset(script, 0, sizeof *script);
    beginning = (struct place){&reader, remember_file(script, path), 0};
    script_read_file(&reader, &beginning, path);
    if (reader.together)
        script_complain(&beginning, "together is opened and not closed, expected apart");
    if (!reader.complaints && !reader.has_ca)
        script_complain(&beginning, "there is no CA in it, expected a line ca NAME ...");
    for (size_t i = 0; i < reader.name_count; i++) free(reader.names[i].name);
    free(reader.names);
    if (reader.complaints) script_free(script);
    return !reader.complaints;
}

const struct step *script_kill(const struct script *script)
{
    const struct step *last = script->count ? &script->steps[script->count - 1] : NULL;

    return last && last->verb == VERB_KILL ? last : NULL;
}

void script_free(struct script *script)
{
    for (size_t i = 0; i < script->count; i++) step_empty(&script->steps[i]);
    for (size_t i = 0; i < script->file_count; i++) free(script->files[i]);
    free(script->steps);
    free(script->files);
    memset(script, 0, sizeof *script);
}

const char *step_value(const struct step *step, const char *key, const char *otherwise)
{
    for (size_t i = 0; i < step->pair_count; i++) {
        if (!strcmp(step->pairs[i].key, key)) return step->pairs[i].value;
    }
    return otherwise;
}

const char *step_next_value(const struct step *step, const char *key, size_t *place)
{
    while (*place < step->pair_count) {
        const struct pair *pair = &step->pairs[(*place)++];

        if (!strcmp(pair->key, key)) return pair->value;
    }
    return NULL;
}

long step_number(const struct step *step, const char *key, long otherwise)
{
    const char *value = step_value(step, key, NULL);

    return value ? (long)strtoul(value, NULL, 0) : otherwise;
}

void script_print_help(void)
{
    for (int i = 0; i < VERB_COUNT; i++) {
        const struct rule *rule = &rules[i];
        struct key key;
        int column = printf("  %s%s%s", rule->name, *rule->words ? " " : "", rule->words);

        for (size_t n = 0; key_at(rule, n, &key); n++) {
            const char *value = key.kind == CHOICE  ? key.choice
                                : key.kind == RANGE ? "N..M"
                                                    : "...";
            int size = (int)(strlen(key.name) + strlen(value)) + 4;

            if (column + size > 78) column = printf("\n      ") - 1;
            column += printf(key.required ? " %s=%s" : " [%s=%s]", key.name, value);
        }
        printf("%s\n      ", rule->any_keys ? " [NAME=VALUE]..." : "");
        text_print(6, rule->help);
    }
}
