#include "fact_filter.h"

#include "base/os.h"
#include "base/timestamp.h"
#include "cli/terminal/console.h"
#include "cli/x509/oid_name.h"
#include "der/value.h"
#include "fact_words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DAY 86400

bool fact_filter_now(const struct options *options, int64_t *now)
{
    const char *text = option_value(options, "now");
    int64_t micros = os_now();

    if (text && !timestamp_read(text, option_given(options, "local"), false, os_now(), &micros)) {
        console_note("--now needs a time in the years " TIMESTAMP_YEARS ", and \"%s\" is not one. "
                     "These are times: " TIMESTAMP_FORMS, text);
        return false;
    }
    *now = micros / 1000000;
    return true;
}

/* "90d": -1 where it is no span. */
static int64_t span_of(const char *text)
{
    static const struct { char unit; int64_t seconds; } units[] = {
        {'h', 3600}, {'d', DAY}, {'w', 7 * DAY}, {'m', 30 * DAY}, {'y', 365 * DAY}};
    size_t digits = strspn(text, "0123456789");

    if (!digits || digits > 5 || !text[digits] || text[digits + 1]) return -1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if ((text[digits] | 32) == units[i].unit) return strtol(text, NULL, 10) * units[i].seconds;
    return -1;
}

bool fact_filter_end(const char *option, const char *text, bool local, int64_t now, int64_t *end)
{
    int64_t span = span_of(text), micros;

    if (span >= 0) {
        *end = now + span;
        return true;
    }
    if (timestamp_read(text, local, true, now * 1000000, &micros) && micros / 1000000 > now) {
        *end = micros / 1000000;
        return true;
    }
    console_note("--%s needs a span of time or a date to come, and \"%s\" is neither. These are "
                 "right: 24h, 90d, 12w, 1y, 2027-03-31; the last year is 2999", option, text);
    return false;
}

static bool fact_filter_globs(const struct options *options, const char *name,
                              struct glob globs[FILTER_MAX], unsigned *count)
{
    const char *value;
    unsigned at = 0;

    while ((value = option_next(options, name, &at))) {
        if (*count == FILTER_MAX) {
            console_note("--%s was given more than %d times", name, FILTER_MAX);
            return false;
        }
        if (!glob_read(&globs[(*count)++], value)) {
            console_note("--%s needs a text of at most %d bytes that is not empty", name, GLOB_MAX);
            return false;
        }
    }
    return true;
}

static bool is_purpose(const struct glob *glob, const char *text)
{
    const char *name;

    if (!text[strspn(text, "0123456789.*?")]) return true;
    for (size_t i = 0; (name = oid_purpose_at(i)); i++)
        if (glob_matches(glob, name, strlen(name))) return true;
    return false;
}

static bool read_ekus(struct fact_filter *filter, const struct options *options)
{
    const char *value;
    unsigned at = 0;

    if (!fact_filter_globs(options, "eku", filter->ekus, &filter->eku_count)) return false;
    for (unsigned i = 0; (value = option_next(options, "eku", &at)); i++)
        if (!is_purpose(&filter->ekus[i], value)) {
            console_note("--eku needs an extended key usage, and \"%s\" is in the name of none "
                         "that is known. These are right: \"Server Authentication\", serverAuth, "
                         "*auth*, 1.3.6.1.5.5.7.3.1, 1.3.6.1.4.1.311.*", value);
            return false;
        }
    return true;
}

/* "rsa<2048", "ec>=384"; a text without a comparison is looked for in the key's words. */
static bool key_rule_of(const char *text, struct key_rule *rule)
{
    size_t name = strcspn(text, "<>="), op = strspn(text + name, "<>=");
    const char *bits = text + name + op;

    *rule = (struct key_rule){0};
    if (!op) return glob_read(&rule->words, text);
    while (name && text[name - 1] == ' ') name--;
    while (*bits == ' ') bits++;
    rule->is_number = true;
    rule->is_rsa = name == 3 && !strncasecmp(text, "rsa", 3);
    rule->any_ec = (name == 2 && !strncasecmp(text, "ec", 2)) ||
                   (name == 3 && !strncasecmp(text, "ecc", 3));
    if (name && !rule->is_rsa && !rule->any_ec) return false;
    if (op > 2 || (op == 2 && (bits[-1] != '=' || text[strcspn(text, "<>=")] == '='))) return false;
    if (!*bits || strlen(bits) > 5 || bits[strspn(bits, "0123456789")]) return false;
    memcpy(rule->op, text + strcspn(text, "<>="), op);
    rule->bits = (unsigned)strtoul(bits, NULL, 10);
    return true;
}

static bool read_keys(struct fact_filter *filter, const struct options *options)
{
    const char *value;
    unsigned at = 0;

    while ((value = option_next(options, "key", &at))) {
        if (filter->key_count == FILTER_MAX) {
            console_note("--key was given more than %d times", FILTER_MAX);
            return false;
        }
        if (!key_rule_of(value, &filter->keys[filter->key_count++])) {
            console_note("--key needs a kind of key, and \"%s\" is none. These are right: "
                         "\"rsa<2048\", \"ec>=384\", \"<1024\", P-256, \"RSA 4096\"", value);
            return false;
        }
    }
    return true;
}

bool fact_filter_read(struct fact_filter *filter, const struct options *options)
{
    const char *within = option_value(options, "expires-within");

    memset(filter, 0, sizeof *filter);
    filter->least_end = FACT_NO_TIME;
    filter->most_end = INT64_MAX;
    if (!fact_filter_now(options, &filter->now)) return false;
    if (within && !fact_filter_end("expires-within", within, option_given(options, "local"),
                                   filter->now, &filter->most_end))
        return false;
    filter->valid = option_given(options, "valid") || within;
    filter->may_end = within;
    filter->supplied = option_given(options, "supplied");
    if (filter->valid) filter->least_end = filter->now;
    return read_ekus(filter, options) &&
           fact_filter_globs(options, "name", filter->names, &filter->name_count) &&
           fact_filter_globs(options, "caller", filter->callers, &filter->caller_count) &&
           read_keys(filter, options);
}

static bool globs_take(const struct glob *globs, unsigned count, struct span text)
{
    for (unsigned i = 0; i < count; i++)
        if (text.size && glob_matches(&globs[i], text.text, text.size)) return true;
    return false;
}

static bool takes_text(const struct fact_filter *filter, const char *name)
{
    return name &&
           globs_take(filter->ekus, filter->eku_count, (struct span){name, strlen(name)});
}

static bool has_purpose(const struct fact_filter *filter, const struct issuance *issuance)
{
    struct span all = issuance->texts[FACT_PURPOSES];
    char dotted[DER_OID_TEXT];

    for (size_t at = 0, size; at < all.size; at += size + 1) {
        const char *end = memchr(all.text + at, ' ', all.size - at);

        size = end ? (size_t)(end - all.text) - at : all.size - at;
        if (globs_take(filter->ekus, filter->eku_count, (struct span){all.text + at, size}))
            return true;
        if (size >= sizeof dotted) continue;
        memcpy(dotted, all.text + at, size);
        dotted[size] = 0;
        if (takes_text(filter, oid_name(dotted)) || takes_text(filter, oid_rfc_purpose(dotted)))
            return true;
    }
    return false;
}

static bool has_name(const struct fact_filter *filter, const struct issuance *issuance)
{
    static const int texts[] = {FACT_SUBJECT, FACT_UPN, FACT_SID};
    struct span packed = issuance->texts[FACT_NAMES];
    struct fact_name name;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (globs_take(filter->names, filter->name_count, issuance->texts[texts[i]])) return true;
    while (names_next(&packed, &name))
        if (globs_take(filter->names, filter->name_count, name.text)) return true;
    return false;
}

static bool compare(const char *op, unsigned one, unsigned other)
{
    if (op[1]) return *op == '<' ? one <= other : one >= other;
    return *op == '<' ? one < other : *op == '>' ? one > other : one == other;
}

static bool is_family(const struct key_rule *rule, const struct issuance *issuance)
{
    struct span oid = issuance->texts[FACT_KEY_ALGORITHM];

    if (rule->is_rsa)
        return span_is(oid, "1.2.840.113549.1.1.1") || span_is(oid, "1.2.840.113549.1.1.10");
    return !rule->any_ec || span_is(oid, "1.2.840.10045.2.1");
}

/* Whether the key's words have no length though those of its kind have one. */
static bool lacks_length(const struct issuance *issuance)
{
    static const char *const measured[] = {
        "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.10045.2.1",
        "1.2.840.10040.4.1", "1.2.840.10046.2.1", "1.2.840.113549.1.3.1"};
    struct span oid = issuance->texts[FACT_KEY_ALGORITHM];

    if (!oid.size) return true;
    if (issuance->bits || issuance->texts[FACT_CURVE].size) return false;
    for (size_t i = 0; i < sizeof measured / sizeof *measured; i++)
        if (span_is(oid, measured[i])) return true;
    return false;
}

static enum fact_match match_rule(const struct key_rule *rule, const struct issuance *issuance,
                                  const struct bytes *words)
{
    struct span oid = issuance->texts[FACT_KEY_ALGORITHM];

    if (!rule->is_number) {
        if (words->size && glob_matches(&rule->words, words->data, words->size)) return FACT_FITS;
        return lacks_length(issuance) ? FACT_MAY_FIT : FACT_FITS_NOT;
    }
    if (oid.size && !is_family(rule, issuance)) return FACT_FITS_NOT;
    if (!issuance->bits) return FACT_MAY_FIT;
    return compare(rule->op, issuance->bits, rule->bits) ? FACT_FITS : FACT_FITS_NOT;
}

static enum fact_match match_key(const struct fact_filter *filter, const struct issuance *issuance)
{
    enum fact_match best = FACT_FITS_NOT;
    struct bytes words = {0};

    fact_words_key(issuance, &words);
    for (unsigned i = 0; i < filter->key_count; i++) {
        enum fact_match match = match_rule(&filter->keys[i], issuance, &words);

        if (match > best) best = match;
    }
    bytes_free(&words);
    return best;
}

static enum fact_match match_supplied(const struct issuance *issuance)
{
    const uint8_t sources[] = {issuance->names_source, issuance->sid_source,
                               issuance->subject_source};
    enum fact_match match = issuance->names_unread ? FACT_MAY_FIT : FACT_FITS_NOT;

    for (size_t i = 0; i < sizeof sources; i++) {
        if (sources[i] == FROM_ENROLLEE) return FACT_FITS;
        if (sources[i] == FROM_UNKNOWN && match == FACT_FITS_NOT) match = FACT_OF_UNKNOWN_SOURCE;
    }
    return match;
}

static enum fact_match found_in(bool found, bool all)
{
    return found ? FACT_FITS : all ? FACT_FITS_NOT : FACT_MAY_FIT;
}

static bool fits_time(const struct fact_filter *filter, const struct fact *fact)
{
    enum fact_state state = fact_state(fact, filter->now);

    if (filter->valid && state != STATE_VALID && !(filter->may_end && state == STATE_UNKNOWN))
        return false;
    return filter->most_end == INT64_MAX || fact->issuance.not_after <= filter->most_end;
}

static void lower(enum fact_match *match, enum fact_match other)
{
    if (other < *match) *match = other;
}

enum fact_match fact_filter_match(const struct fact_filter *filter, const struct fact *fact)
{
    const struct issuance *issuance = &fact->issuance;
    bool all = issuance->has_certificate;
    enum fact_match match = FACT_FITS;

    if (!fits_time(filter, fact)) return FACT_FITS_NOT;
    if (filter->caller_count)
        lower(&match, found_in(globs_take(filter->callers, filter->caller_count,
                                          issuance->texts[FACT_CALLER]), true));
    if (filter->supplied) lower(&match, match_supplied(issuance));
    if (match && filter->eku_count)
        lower(&match, found_in(has_purpose(filter, issuance), all && !issuance->purposes_cut));
    if (match && filter->key_count) lower(&match, match_key(filter, issuance));
    if (match && filter->name_count)
        lower(&match, found_in(has_name(filter, issuance), all && !issuance->names_cut));
    return match;
}
