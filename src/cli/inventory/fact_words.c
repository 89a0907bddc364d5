#include "fact_words.h"

#include "base/utc.h"
#include "cli/show/code_name.h"
#include "cli/x509/oid_name.h"
#include "der/value.h"

#include <inttypes.h>
#include <string.h>

enum fact_state fact_state(const struct fact *fact, int64_t now)
{
    const struct issuance *issuance = &fact->issuance;

    if (fact->fate.is_revoked) return STATE_REVOKED;
    if (issuance->not_after == FACT_NO_TIME) return STATE_UNKNOWN;
    if (issuance->not_after < now) return STATE_EXPIRED;
    return issuance->not_before != FACT_NO_TIME && issuance->not_before > now ? STATE_NOT_YET
                                                                              : STATE_VALID;
}

const char *fact_state_word(enum fact_state state)
{
    static const char *const words[] = {"valid", "revoked", "expired", "not yet valid", "unknown"};

    return words[state];
}

void fact_words_time(int64_t seconds, struct bytes *out)
{
    char text[UTC_TEXT_MAX];

    if (seconds == FACT_NO_TIME || seconds > INT64_MAX / 1000000 || seconds < INT64_MIN / 1000000 ||
        !utc_text(seconds * 1000000, false, text)) {
        bytes_add_text(out, "?");
        return;
    }
    bytes_add(out, text, 10);
    bytes_add_text(out, " ");
    bytes_add(out, text + 11, 8);
}

void fact_words_date(int64_t seconds, struct bytes *out)
{
    size_t start = out->size;

    fact_words_time(seconds, out);
    if (out->size - start > 10) out->size = start + 10;
}

static const struct span *told_template(const struct fact *fact)
{
    const struct span *texts = fact->issuance.texts;

    return texts[FACT_TEMPLATE].size ? &texts[FACT_TEMPLATE] : &texts[FACT_ASKED_TEMPLATE];
}

void fact_words_template(const struct fact *fact, const struct template_names *names,
                         struct bytes *out)
{
    const struct span *told = told_template(fact);

    template_names_add_to(names, told->text, told->size, out);
}

void fact_words_template_name(const struct fact *fact, const struct template_names *names,
                              struct bytes *out)
{
    const struct span *told = told_template(fact);
    const char *name = told->size ? template_names_find(names, told->text, told->size) : NULL;

    if (name) bytes_add_text(out, name);
    else bytes_add(out, told->text, told->size);
}

void fact_words_name(const struct fact *fact, struct bytes *out)
{
    const struct span *texts = fact->issuance.texts;
    const struct span *name =
        texts[FACT_IDENTITY].size ? &texts[FACT_IDENTITY] : &texts[FACT_SUBJECT];

    bytes_add(out, name->text, name->size);
    if (fact->issuance.names_unread && name == &texts[FACT_SUBJECT]) bytes_add_text(out, " (+?)");
}

void fact_words_names(const struct fact *fact, struct bytes *out)
{
    struct span packed = fact->issuance.texts[FACT_NAMES];
    struct fact_name name;
    uint32_t count = 0;

    for (; names_next(&packed, &name); count++) {
        bytes_printf(out, "%s%s:", count ? ", " : "", names_kind(name.kind));
        bytes_add(out, name.text.text, name.text.size);
    }
    if (fact->issuance.name_count > count)
        bytes_printf(out, ", and %" PRIu32 " more", fact->issuance.name_count - count);
    if (fact->issuance.names_unread) bytes_printf(out, "%s(not readable)", count ? ", " : "");
}

static void add_named_oid(const char *text, size_t size, bool both, struct bytes *out)
{
    char dotted[DER_OID_TEXT];
    const char *name;

    if (size >= sizeof dotted) return;
    memcpy(dotted, text, size);
    dotted[size] = 0;
    name = oid_name(dotted);
    bytes_add_text(out, name ? name : dotted);
    if (name && both) bytes_printf(out, " (%s)", dotted);
}

void fact_words_key(const struct issuance *issuance, struct bytes *out)
{
    struct span curve = issuance->texts[FACT_CURVE], key = issuance->texts[FACT_KEY_ALGORITHM];

    if (curve.size) {
        add_named_oid(curve.text, curve.size, false, out);
        return;
    }
    add_named_oid(key.text, key.size, false, out);
    if (key.size && issuance->bits) bytes_printf(out, " %" PRIu32, issuance->bits);
}

void fact_words_purposes(const struct issuance *issuance, struct bytes *out)
{
    struct span all = issuance->texts[FACT_PURPOSES];

    for (size_t at = 0, size; at < all.size; at += size + 1) {
        const char *end = memchr(all.text + at, ' ', all.size - at);

        size = end ? (size_t)(end - all.text) - at : all.size - at;
        if (at) bytes_add_text(out, ", ");
        add_named_oid(all.text + at, size, true, out);
    }
    if (issuance->purposes_cut) bytes_printf(out, "%s(not all)", all.size ? ", " : "");
}

void fact_words_signature(const struct issuance *issuance, struct bytes *out)
{
    struct span oid = issuance->texts[FACT_SIGNATURE];

    add_named_oid(oid.text, oid.size, false, out);
}

void fact_words_renewal(const struct fate *fate, struct facts *facts, struct bytes *out)
{
    static const char *const words[] = {
        [GROUND_CERTAIN] = "renewed", [GROUND_SAME] = "renewed",
        [GROUND_PROBABLE] = "probably renewed", [GROUND_SAID] = "said to be renewed"};

    if (!fate->ground) return;
    bytes_printf(out, "%s by ", words[fate->ground]);
    if (fate->by_request != FACT_NO_TIME) bytes_printf(out, "request %" PRId64, fate->by_request);
    else bytes_printf(out, "event %" PRIu64, fate->by_sequence);
    if (fate->ground != GROUND_SAID) return;
    bytes_add_text(out, " of ");
    out->failed |= !facts_requester(facts, fate->by_place, out);
}

void fact_words_short_renewal(const struct fate *fate, struct bytes *out)
{
    if (!fate->ground) return;
    bytes_add_text(out, fate->ground == GROUND_PROBABLE ? "probably by "
                        : fate->ground == GROUND_SAID   ? "said by "
                                                        : "renewed by ");
    if (fate->by_request != FACT_NO_TIME) bytes_printf(out, "%" PRId64, fate->by_request);
    else bytes_printf(out, "event %" PRIu64, fate->by_sequence);
}

void fact_words_reason(const struct fate *fate, struct bytes *out)
{
    const char *name;

    if (!fate->is_revoked || fate->revoked_reason == -1) return;
    name = revocation_reason_name(fate->revoked_reason);
    if (name) bytes_add_text(out, name);
    else bytes_printf(out, "reason %" PRId64, fate->revoked_reason);
}

const char *fact_source_word(unsigned source)
{
    static const char *const words[] = {"", "CA", "enrollee", "unknown"};

    return source < sizeof words / sizeof *words ? words[source] : "unknown";
}

const char *fact_ground_word(enum ground ground)
{
    static const char *const words[] = {"", "certain", "same", "probable", "said"};

    return words[ground];
}
