#include "world.h"

#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PER_CASE = 2000 };               /* certificates for which each case is there once more */

bool item_is_issued(const struct item *item)
{
    return item->ending != ENDING_DENIED && item->ending != ENDING_IMPORTED;
}

const struct special *item_special(const struct item *item)
{
    return item->line & SPECIAL_BIT ? &specials[item->line & ~SPECIAL_BIT] : NULL;
}

static bool is_resolved_later(const struct item *item)
{
    return item->ending == ENDING_PENDING_THEN_ISSUED || item->ending == ENDING_DENIED_THEN_ISSUED;
}

int64_t item_submitted(const struct world *world, uint32_t number)
{
    const struct item *item = &world->items[number];
    int64_t before = item->time - (int64_t)(1 + random_below(world->seed, number, DRAW_PENDING, 40)) * 3600 * SECOND;

    if (!is_resolved_later(item)) return item->time;
    return before < world->from ? world->from + SECOND : before;
}

/* Room for one more in a list that grows by doubling. */
static void *grown(void *list, size_t count, size_t size)
{
    if (count & (count - 1)) return list;
    list = realloc(list, (count ? count * 2 : 1) * size);
    if (!list) fputs("generate: out of memory\n", stderr), exit(2);
    return list;
}

static void add_moment(struct world *world, int64_t time, enum happening happening, uint32_t item)
{
    if (time > world->until) return;
    world->moments = grown(world->moments, world->moment_count, sizeof *world->moments);
    world->moments[world->moment_count++] = (struct moment){time, item, (uint8_t)happening};
}

static uint32_t add_line(struct world *world, const struct template *template, uint32_t holder, enum holding holding)
{
    world->lines = grown(world->lines, world->line_count, sizeof *world->lines);
    world->lines[world->line_count] = (struct holder_line){template, holder, (uint8_t)holding};
    return (uint32_t)world->line_count++;
}

/* An item and its events. Nothing, and ITEM_NONE, if it would come after the end. */
static uint32_t add_item(struct world *world, struct item item)
{
    static const enum happening happenings[] = {
        [ENDING_ISSUED] = HAPPENING_ISSUED, [ENDING_DENIED] = HAPPENING_DENIED, [ENDING_DENIED_THEN_ISSUED] = HAPPENING_ISSUED,
        [ENDING_PENDING_THEN_ISSUED] = HAPPENING_ISSUED, [ENDING_IMPORTED] = HAPPENING_IMPORTED,
    };
    uint32_t number = (uint32_t)world->item_count;

    if (item.time > world->until || item.time < world->from) return ITEM_NONE;
    if (item.key == ITEM_NONE) item.key = number;
    item.renews = item.renewed_by = ITEM_NONE;
    world->items = grown(world->items, world->item_count, sizeof *world->items);
    world->items[world->item_count++] = item;
    if (item.ending == ENDING_DENIED_THEN_ISSUED) add_moment(world, item_submitted(world, number), HAPPENING_DENIED, number);
    if (item.ending == ENDING_PENDING_THEN_ISSUED) {
        add_moment(world, item_submitted(world, number), HAPPENING_PENDING, number);
        add_moment(world, item.time + 600 * SECOND, HAPPENING_RETRIEVED, number);
    }
    add_moment(world, item.time, happenings[item.ending], number);
    if (item_is_issued(&item)) world->issued_count++;
    return number;
}

static struct item item_at(int64_t time, uint32_t line, unsigned ordinal)
{
    return (struct item){.time = time, .line = line, .ordinal = (uint16_t)ordinal, .other = ITEM_NONE, .key = ITEM_NONE, .reason = -1};
}

static void revoke(struct world *world, uint32_t number, int64_t when, int reason)
{
    if (number == ITEM_NONE || when > world->until) return;
    world->items[number].revoked = when;
    world->items[number].reason = (int8_t)reason;
    add_moment(world, when, HAPPENING_REVOKED, number);
}

/* ---- plain holders ---- */

/* One in fifty is revoked, of these one in five by a hold, of which every other is taken back. */
static void plain_revoke(struct world *world, uint32_t number, int64_t life)
{
    static const int reasons[] = {1, 3, 4, 5};
    uint64_t seed = world->seed;
    int64_t when;

    if (number == ITEM_NONE || random_below(seed, number, DRAW_REVOKED, 50)) return;
    when = world->items[number].time + 3600 * SECOND + (int64_t)random_below(seed, number, DRAW_REVOKED_WHEN, (uint64_t)(life / 2));
    if (random_below(seed, number, DRAW_HOLD, 5)) {
        revoke(world, number, when, reasons[random_below(seed, number, DRAW_REASON, 4)]);
        return;
    }
    revoke(world, number, when, 6);
    if (when + 10 * DAY > world->until || random_below(seed, number, DRAW_REASON, 2)) return;
    world->items[number].revoked = 0;
    world->items[number].reason = -1;
    add_moment(world, when + 10 * DAY, HAPPENING_UNREVOKED, number);
}

static uint64_t place_of(uint32_t line, unsigned ordinal)
{
    return (uint64_t)line << 16 | ordinal;
}

/* How the next certificate of a line is requested; false: it is not. */
static bool plain_choose(const struct world *world, const struct template *template, struct item *item, uint32_t before)
{
    unsigned draw = (unsigned)random_below(world->seed, place_of(item->line, item->ordinal), DRAW_WAY, 100);
    bool renewal = before != ITEM_NONE;

    if (template->agent) {
        item->form = draw % 2 ? FORM_PKCS7_BEHALF : FORM_CMC_BEHALF;
        item->other = world->agents[item->line % 3];
        return !renewal || draw < 92;
    }
    if (!renewal) {
        item->form = template->automatic && draw < 60 ? FORM_CMC : draw == 99 ? FORM_ABSENT : FORM_PKCS10;
        return true;
    }
    item->moved = world->items[before].moved;
    if (template->automatic ? draw < 75 : draw < 15) {
        item->form = template->automatic && draw >= 55 ? FORM_CMC_RENEWAL : FORM_PKCS7_RENEWAL;
        item->other = before;
        if (draw % 5 == 0) item->key = world->items[before].key;
        return true;
    }
    if (template->naming == NAMING_SUPPLIED && draw >= 75 && draw < 85) item->moved++;
    return template->automatic ? draw < 95 : draw < 85;
}

static void plain_leave_out(const struct world *world, struct item *item)
{
    if (random_below(world->seed, place_of(item->line, item->ordinal), DRAW_ABSENT, 100) >= world->absent) return;
    item->form = FORM_ABSENT;
    item->other = ITEM_NONE;
}

static void plain_denied(struct world *world, struct item item)
{
    if (random_below(world->seed, place_of(item.line, item.ordinal), DRAW_DENIED, 100)) return;
    item.time -= 1800 * SECOND;
    item.ending = ENDING_DENIED;
    add_item(world, item);
}

static void plain_line(struct world *world, const struct template *template, uint32_t holder, int64_t begin)
{
    uint32_t line = add_line(world, template, holder, HOLDING_PLAIN), before = ITEM_NONE;
    int64_t life = template->days * DAY, time = begin;

    for (unsigned ordinal = 0; time <= world->until && world->issued_count < world->certificates; ordinal++) {
        struct item item = item_at(time, line, ordinal);

        if (!plain_choose(world, template, &item, before)) break;
        plain_leave_out(world, &item);
        plain_denied(world, item);
        if (template->approval) item.ending = ENDING_PENDING_THEN_ISSUED;
        before = add_item(world, item);
        if (before == ITEM_NONE) break;
        plain_revoke(world, before, life);
        time += life / 100 * (int64_t)(80 + random_below(world->seed, place_of(line, ordinal), DRAW_NEXT, 15));
        time += (int64_t)random_below(world->seed, place_of(line, ordinal), DRAW_MOMENT, 86400000) * 1000;
    }
}

/* ---- services, which are there from the first day ---- */

/* The first item of a line that goes on. */
static uint32_t service_line(struct world *world, const char *template_name, uint32_t holder, int64_t begin)
{
    size_t first = world->item_count;

    plain_line(world, template_find(template_name), holder, begin);
    return world->item_count > first ? (uint32_t)first : ITEM_NONE;
}

/* A certificate that ends `left` days after the end, and that nothing renews. */
static void service_once(struct world *world, const char *template_name, uint32_t holder, unsigned left)
{
    const struct template *template = template_find(template_name);
    int64_t begin = world->until - (template->days - left) * DAY;

    add_item(world, item_at(begin, add_line(world, template, holder, HOLDING_PLAIN), 0));
}

static void plan_services(struct world *world)
{
    for (unsigned i = 0; i < 3; i++)
        world->agents[i] = service_line(world, "EnrollmentAgent", 1 + i, world->from + (i + 1) * 3600 * SECOND);
    service_once(world, "KeyRecoveryAgent", 4, 45);
    service_once(world, "CEPEncryption", 5, 25);
    service_once(world, "CorpTemporary", 9, 20);
    service_line(world, "OCSPResponseSigning", 6, world->from + 2 * DAY);
    service_line(world, "KerberosAuthentication", 7, world->from + 3 * DAY);
    service_line(world, "KerberosAuthentication", 8, world->from + 4 * DAY);
}

/* ---- cases ---- */

static void plan_holding(struct world *world, enum holding holding, uint32_t holder, int64_t begin)
{
    const struct template *template = template_find("WebServer");
    int64_t life = template->days * DAY, next = begin + life / 100 * 85;
    uint32_t line = add_line(world, template, holder, holding), first, second;
    struct item item = item_at(holding == HOLDING_LOST_KEY ? begin + life / 10 : next, line, 1);

    if (holding == HOLDING_CHAIN) {
        first = add_item(world, item_at(begin - life / 100 * 85, line, 0));
        item.time = begin;
        item.other = first;
        item.form = FORM_PKCS7_RENEWAL;
        second = add_item(world, item);
        item.time = next;
        item.ordinal = 2;
        item.other = second;
        item.form = FORM_CMC_RENEWAL;
        add_item(world, item);
        return;
    }
    first = add_item(world, item_at(begin, line, 0));
    if (holding == HOLDING_BALANCED)
        add_item(world, item_at(begin + 7 * DAY, add_line(world, template, holder, holding), 0));
    if (holding == HOLDING_RENEWAL_REVOKED) item.other = first, item.form = FORM_PKCS7_RENEWAL;
    if (holding == HOLDING_PROBABLE) item.moved = 1;
    second = add_item(world, item);
    if (holding == HOLDING_RENEWAL_REVOKED) revoke(world, second, next + DAY, 1);
}

/* Each case so that its first certificate ends within the 50 days after the end. */
static void plan_holdings(struct world *world)
{
    int64_t begin = world->until - 364 * DAY;
    unsigned times = 1 + (unsigned)(world->certificates / PER_CASE);

    for (unsigned i = 0; i < times; i++)
        for (int holding = HOLDING_CHAIN; holding < HOLDING_COUNT; holding++) {
            uint32_t holder = 100000000 + i * HOLDING_COUNT + (uint32_t)holding;

            plan_holding(world, holding, holder, begin + (int64_t)random_below(world->seed, holder, DRAW_BEGIN, 48 * 86400) * SECOND);
        }
}

/* ---- specials ---- */

static void plan_special(struct world *world, unsigned number, uint32_t *before)
{
    const struct special *special = &specials[number];
    bool follows = number && !strcmp(special->name, special[-1].name);
    int64_t period = (world->until - world->from) / SECOND / 1000 * SECOND, begin = world->from + period * special->at;

    for (unsigned i = 0; i < (special->repeat ? special->repeat : 1); i++) {
        struct item item = item_at(begin + (i * 60 + number) * SECOND, SPECIAL_BIT | number, i);

        item.form = (uint8_t)special->form;
        item.ending = (uint8_t)special->ending;
        if (form_is_behalf(special->form)) item.other = world->agents[1];
        if (follows && special->renews) item.other = *before;
        if (follows && special->shared_key) item.key = world->items[*before].key;
        *before = add_item(world, item);
    }
}

static void plan_specials(struct world *world)
{
    uint32_t before = ITEM_NONE;

    for (unsigned i = 0; i < special_count; i++) plan_special(world, i, &before);
}

/* ---- what the CA does of itself ---- */

static void plan_runs(struct world *world)
{
    int64_t period = world->until - world->from;
    unsigned number = 0;

    for (int64_t time = world->from + 30 * DAY; time < world->until - 10 * DAY; time += 60 * DAY) {
        number++;
        add_moment(world, time, number == 3 ? HAPPENING_START_UNCLEAN : number == 4 ? HAPPENING_START_NARROW : HAPPENING_START, ITEM_NONE);
    }
    add_moment(world, world->from + period / 100 * 55, HAPPENING_START_RESTORED, ITEM_NONE);
    add_moment(world, world->from + period / 100 * 71, HAPPENING_GAP, ITEM_NONE);
}

static void plan_crls(struct world *world)
{
    unsigned day = 0;

    for (int64_t time = world->from + 60 * SECOND; time < world->until; time += DAY, day++)
        add_moment(world, time, day % 7 ? HAPPENING_DELTA_CRL : HAPPENING_BASE_CRL, ITEM_NONE);
}

static int moment_order(const void *a, const void *b)
{
    const struct moment *one = a, *other = b;

    if (one->time != other->time) return one->time < other->time ? -1 : 1;
    if (one->happening != other->happening) return one->happening < other->happening ? -1 : 1;
    return one->item < other->item ? -1 : one->item > other->item;
}

void world_make(struct world *world)
{
    uint32_t holder = 1000;
    uint64_t period = (uint64_t)((world->until - world->from) / SECOND - 2 * 86400);

    plan_services(world);
    plan_holdings(world);
    plan_specials(world);
    for (; world->issued_count < world->certificates; holder++) {
        const struct template *template = template_choose(random_at(world->seed, holder, DRAW_TEMPLATE));
        int64_t begin = world->from + DAY + (int64_t)random_below(world->seed, holder, DRAW_BEGIN, period) * SECOND;

        plain_line(world, template, holder, begin);
    }
    plan_runs(world);
    plan_crls(world);
    add_moment(world, world->until, HAPPENING_END, ITEM_NONE);
    qsort(world->moments, world->moment_count, sizeof *world->moments, moment_order);
}

void world_free(struct world *world)
{
    free(world->lines);
    free(world->items);
    free(world->moments);
}
