#include "expiry.h"

#include "cli/inventory/fact_words.h"

#include <string.h>

#define DAY 86400

const char *expiry_class_word(enum expiry_class class)
{
    static const char *const words[] = {"renewed",    "service",  "autoenrolled",
                                        "shortLived", "probable", "due"};

    return words[class];
}

bool expiry_needs_person(enum expiry_class class)
{
    return class == EXPIRY_SERVICE || class == EXPIRY_PROBABLE || class == EXPIRY_DUE;
}

int64_t expiry_threshold(const struct expiry *expiry, int64_t not_after)
{
    static const int64_t days[] = {7, 14, 30, 60, 90};

    if (not_after <= expiry->now) return 0;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (not_after <= expiry->now + days[i] * DAY) return days[i];
    return (expiry->window - expiry->now + DAY - 1) / DAY;
}

static enum expiry_class class_of(const struct expiry *expiry, const struct fact *fact)
{
    const struct issuance *issuance = &fact->issuance;

    if (fact->fate.ground == GROUND_CERTAIN || fact->fate.ground == GROUND_SAME)
        return EXPIRY_RENEWED;
    if (issuance_is_service(issuance)) return EXPIRY_SERVICE;
    if (fact->fate.is_routine || issuance_by_autoenrollment(issuance)) return EXPIRY_ROUTINE;
    if (issuance->not_before != FACT_NO_TIME &&
        issuance->not_after - issuance->not_before < 2 * (expiry->window - expiry->now))
        return EXPIRY_SHORT;
    return fact->fate.ground == GROUND_PROBABLE ? EXPIRY_PROBABLE : EXPIRY_DUE;
}

static void put_group(const struct expiry *expiry, const struct fact *fact,
                      const struct template_names *names, struct expiry_item *item)
{
    const struct span *requester = &fact->issuance.texts[FACT_REQUESTER];
    struct bytes text = {0}, folded = {0};
    uint8_t key[FACT_KEY] = {0};

    if (expiry->by == BY_REQUESTER) bytes_add(&text, requester->text, requester->size);
    if (expiry->by == BY_TEMPLATE) fact_words_template(fact, names, &text);
    if (expiry->by == BY_NAME) fact_words_name(fact, &text);
    fact_fold(&folded, text.size ? text.data : "", text.size);
    if (folded.size) {
        memcpy(item->group, folded.data,
               folded.size < sizeof item->group ? folded.size : sizeof item->group);
        fact_key(folded.data, folded.size, key);
    }
    memcpy(item->group_key, key, sizeof item->group_key);
    bytes_free(&text);
    bytes_free(&folded);
}

static void put_key(const struct issuance *issuance, uint8_t out[FACT_KEY])
{
    uint8_t both[FACT_KEY + 8];

    memcpy(both, issuance->serial_key, FACT_KEY);
    memcpy(both + FACT_KEY, issuance->hash_key, 8);
    fact_key(both, sizeof both, out);
}

bool expiry_take(struct expiry *expiry, const struct fact *fact,
                 const struct template_names *names, struct expiry_item *item)
{
    const struct issuance *issuance = &fact->issuance;
    enum expiry_class class;

    if (fact->fate.is_revoked || issuance->not_after == FACT_NO_TIME) return false;
    if (issuance->not_after <= expiry->now - EXPIRY_PAST || issuance->not_after > expiry->window)
        return false;
    class = class_of(expiry, fact);
    expiry->counts[class]++;
    if (!expiry->all && !expiry_needs_person(class)) return false;
    *item = (struct expiry_item){.class = (uint8_t)class, .not_after = issuance->not_after,
                                 .place = fact->place, .fate = fact->fate,
                                 .section = class != EXPIRY_SERVICE && !expiry->in_order};
    if (item->section) put_group(expiry, fact, names, item);
    sorter_put(item->end, (uint64_t)issuance->not_after ^ 1ull << 63);
    sorter_put(item->sequence, issuance->sequence);
    put_key(issuance, item->key);
    return true;
}
