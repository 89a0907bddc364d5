#include "expiry.h"

#include "cli/inventory/fact_words.h"

#include <string.h>

#define DAY 86400
#define SHORT_WINDOW (90 * DAY)
#define BRIEF_LIFE   (30 * DAY)
#define NEAR_END     (7 * DAY)

const char *expiry_class_word(enum expiry_class class)
{
    static const char *const words[] = {"renewed",    "service",  "unknown", "autoenrolled",
                                        "shortLived", "probable", "due"};

    return words[class];
}

bool expiry_needs_person(enum expiry_class class)
{
    return class == EXPIRY_SERVICE || class == EXPIRY_UNKNOWN || class == EXPIRY_PROBABLE ||
           class == EXPIRY_DUE;
}

int64_t expiry_threshold(const struct expiry *expiry, int64_t not_after)
{
    static const int64_t days[] = {7, 14, 30, 60, 90};

    if (not_after == FACT_NO_TIME) return EXPIRY_BEYOND;
    if (not_after <= expiry->now) return 0;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (not_after <= expiry->now + days[i] * DAY) return days[i];
    return EXPIRY_BEYOND;
}

int64_t expiry_within(const struct expiry *expiry, int64_t not_after)
{
    int64_t days = expiry_threshold(expiry, not_after);

    return days == EXPIRY_BEYOND ? (expiry->window - expiry->now + DAY - 1) / DAY : days;
}

/* A wider window hides nothing that one of 90 days shows: a life of a year is never short. */
static int64_t short_life(const struct expiry *expiry)
{
    int64_t window = expiry->window - expiry->now;

    return 2 * (window < SHORT_WINDOW ? window : SHORT_WINDOW);
}

/* Seconds; as long as can be where it is not known. */
static int64_t life_of(const struct issuance *issuance)
{
    if (issuance->not_before == FACT_NO_TIME) return INT64_MAX;
    return issuance->not_after - issuance->not_before;
}

/* So near its end that it should have been renewed, or beyond it. */
static bool is_near_end(const struct expiry *expiry, const struct issuance *issuance)
{
    return issuance->not_after <= expiry->now + NEAR_END && life_of(issuance) >= BRIEF_LIFE;
}

/* Whether it is no service: all that it may be used for is known. */
static bool is_known_whole(const struct issuance *issuance)
{
    return issuance->has_certificate && !issuance->purposes_cut;
}

static enum expiry_class class_of(const struct expiry *expiry, const struct fact *fact)
{
    const struct issuance *issuance = &fact->issuance;

    if (fate_is_renewed(&fact->fate)) return EXPIRY_RENEWED;
    if (issuance_is_service(issuance)) return EXPIRY_SERVICE;
    if (issuance->not_after == FACT_NO_TIME) return EXPIRY_UNKNOWN;
    if (!is_near_end(expiry, issuance) && is_known_whole(issuance)) {
        if (fact->fate.is_routine || issuance_by_autoenrollment(issuance)) return EXPIRY_ROUTINE;
        if (life_of(issuance) < short_life(expiry)) return EXPIRY_SHORT;
    }
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

/* Of serial number and hash; of the line where the journal has neither. What was told as needing
 * nobody, by --all, is another one. */
static void put_key(const struct issuance *issuance, bool needs_person, uint8_t out[FACT_KEY])
{
    bool is_known = issuance->texts[FACT_SERIAL].size || issuance->texts[FACT_HASH].size;
    uint8_t all[FACT_KEY + ISSUANCE_HASH + 9] = {0};

    memcpy(all, issuance->serial_key, FACT_KEY);
    memcpy(all + FACT_KEY, issuance->hash, ISSUANCE_HASH);
    if (!is_known) sorter_put(all + FACT_KEY + ISSUANCE_HASH, issuance->sequence);
    all[sizeof all - 1] = needs_person;
    fact_key(all, sizeof all, out);
}

bool expiry_is_settled(const struct expiry *expiry, const struct fact *fact,
                       uint8_t key[FACT_KEY])
{
    bool is_settled = fact->fate.is_revoked || fate_is_renewed(&fact->fate);

    if (!is_settled || fact->issuance.not_after > expiry->window) return false;
    put_key(&fact->issuance, true, key);
    return true;
}

/* One whose end is not known may be anywhere. */
static bool is_looked_at(const struct expiry *expiry, int64_t not_after)
{
    return not_after == FACT_NO_TIME || (not_after > expiry->past && not_after <= expiry->window);
}

bool expiry_take(struct expiry *expiry, const struct fact *fact,
                 const struct template_names *names, struct expiry_item *item)
{
    const struct issuance *issuance = &fact->issuance;
    enum expiry_class class;

    if (fact->fate.is_revoked || !is_looked_at(expiry, issuance->not_after)) return false;
    class = class_of(expiry, fact);
    expiry->counts[class]++;
    if (!expiry->all && !expiry_needs_person(class)) return false;
    *item = (struct expiry_item){.class = (uint8_t)class, .not_after = issuance->not_after,
                                 .place = fact->place, .fate = fact->fate,
                                 .section = class != EXPIRY_SERVICE && !expiry->in_order};
    if (item->section) put_group(expiry, fact, names, item);
    sorter_put(item->end, (uint64_t)issuance->not_after ^ 1ull << 63);
    sorter_put(item->sequence, issuance->sequence);
    put_key(issuance, expiry_needs_person(class), item->key);
    return true;
}
