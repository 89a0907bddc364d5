#include "renewals.h"

#include "parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A certificate, or a name of one, among those that have the same hash. */
struct entry {
    uint64_t hash;
    uint32_t item;
};

struct search {
    struct world *world;
    struct entry *same, *named;         /* by requester, template, subject and names; by template and name */
    size_t same_count, named_count;
};

uint64_t text_hash(uint64_t start, const char *text)
{
    for (; *text; text++)
        start = (start ^ (unsigned char)(*text >= 'A' && *text <= 'Z' ? *text + 32 : *text)) * 0x100000001b3;
    return (start ^ 0xff) * 0x100000001b3;
}

/* The names as a set: neither order nor repetition count. */
static uint64_t names_hash(const char *names)
{
    uint64_t seen[32], sum = 0;
    size_t count = 0, i;
    char type[8], value[256];

    while (parts_next(&names, type, sizeof type, value, sizeof value)) {
        uint64_t hash = text_hash(text_hash(1, type), value);

        for (i = 0; i < count && seen[i] != hash; i++);
        if (i < count || count == 32) continue;
        seen[count++] = hash;
        sum += hash;
    }
    return sum;
}

static bool has_name(const char *names, const char *type, const char *value)
{
    char other_type[8], other[256];

    while (parts_next(&names, other_type, sizeof other_type, other, sizeof other))
        if (!strcmp(type, other_type) && !strcasecmp(value, other)) return true;
    return false;
}

static bool has_all(const char *names, const char *wanted)
{
    char type[8], value[256];

    while (parts_next(&wanted, type, sizeof type, value, sizeof value))
        if (!has_name(names, type, value)) return false;
    return true;
}

uint64_t renewals_line(const struct issue *issue)
{
    uint64_t hash = text_hash(text_hash(2, issue->requester), template_id(issue->template));

    return text_hash(text_hash(hash, issue->cn), issue->ou) + names_hash(issue->names);
}

/* The order of two entries, which is that of their lines where they have the same hash. */
static struct item *sorted_items;

static int entry_order(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;

    if (one->hash != other->hash) return one->hash < other->hash ? -1 : 1;
    uint64_t first = sorted_items[one->item].sequence, second = sorted_items[other->item].sequence;

    return first < second ? -1 : first > second;
}

static bool can_renew(const struct search *search, uint32_t later, uint32_t earlier, struct issue *new, struct issue *old)
{
    const struct item *one = &search->world->items[later], *other = &search->world->items[earlier];

    if (!item_is_issued(one) || !item_is_issued(other) || one->sequence <= other->sequence || one->revoked) return false;
    world_describe(search->world, later, new);
    world_describe(search->world, earlier, old);
    return new->not_after > old->not_after;
}

static void link_items(struct search *search, uint32_t later, uint32_t earlier, enum ground ground)
{
    struct item *one = &search->world->items[later], *other = &search->world->items[earlier];

    other->renewed_by = later;
    other->renewed_ground = (uint8_t)ground;
    if (ground == GROUND_PROBABLE) return;
    one->renews = earlier;
    one->renews_ground = (uint8_t)ground;
}

static bool names_another(const struct item *item)
{
    return item->other != ITEM_NONE && form_is_renewal(item->form);
}

static void find_certain(struct search *search)
{
    struct issue new, old;

    for (size_t i = 0; i < search->same_count; i++) {
        uint32_t later = search->same[i].item;
        const struct item *item = &search->world->items[later];

        if (names_another(item) && can_renew(search, later, item->other, &new, &old)) {
            uint32_t former = search->world->items[item->other].renewed_by;

            if (former == ITEM_NONE || search->world->items[former].sequence > item->sequence)
                link_items(search, later, item->other, GROUND_CERTAIN);
        }
    }
}

/* Of the group's certificates before it, what the one at `place` takes over. */
static uint32_t choose_same(struct search *search, size_t first, size_t place)
{
    uint32_t later = search->same[place].item, chosen = ITEM_NONE;
    int64_t chosen_end = 0;
    bool chosen_revoked = false;
    struct issue new, old;

    for (size_t i = first; i < place; i++) {
        uint32_t earlier = search->same[i].item;

        if (search->world->items[earlier].renewed_by != ITEM_NONE || !can_renew(search, later, earlier, &new, &old)) continue;
        int64_t last_third = old.not_before * SECOND + (old.not_after - old.not_before) * SECOND / 3 * 2;

        bool revoked = search->world->items[earlier].revoked;

        if (search->world->items[later].time < last_third) continue;
        if (chosen != ITEM_NONE && (revoked != chosen_revoked ? revoked : old.not_after >= chosen_end)) continue;
        chosen = earlier;
        chosen_revoked = revoked;
        chosen_end = old.not_after;
    }
    return chosen;
}

static void find_same(struct search *search)
{
    size_t first = 0;

    for (size_t i = 0; i < search->same_count; i++) {
        uint32_t later = search->same[i].item, earlier;

        if (search->same[i].hash != search->same[first].hash) first = i;
        if (names_another(&search->world->items[later])) continue;
        if ((earlier = choose_same(search, first, i)) != ITEM_NONE) link_items(search, later, earlier, GROUND_SAME);
    }
}

/* The first entry with that hash, or the end. */
static size_t entry_find(const struct entry *entries, size_t count, uint64_t hash)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (entries[middle].hash < hash) low = middle + 1;
        else high = middle;
    }
    return low;
}

static uint64_t name_hash(const struct issue *issue, const char *type, const char *value)
{
    return text_hash(text_hash(text_hash(3, template_id(issue->template)), type), value);
}

static uint32_t choose_probable(struct search *search, uint32_t earlier)
{
    struct issue old, new, again;
    const char *names;
    char type[8], value[256];
    uint64_t hash;

    world_describe(search->world, earlier, &old);
    names = old.names;
    if (!parts_next(&names, type, sizeof type, value, sizeof value)) return ITEM_NONE;
    hash = name_hash(&old, type, value);
    for (size_t i = entry_find(search->named, search->named_count, hash); i < search->named_count && search->named[i].hash == hash; i++) {
        uint32_t later = search->named[i].item;

        if (later == earlier || !can_renew(search, later, earlier, &new, &again)) continue;
        if (strcasecmp(new.requester, old.requester) && has_all(new.names, old.names)) return later;
    }
    return ITEM_NONE;
}

static void find_probable(struct search *search)
{
    for (size_t i = 0; i < search->same_count; i++) {
        uint32_t earlier = search->same[i].item, later;

        if (search->world->items[earlier].renewed_by != ITEM_NONE) continue;
        if ((later = choose_probable(search, earlier)) != ITEM_NONE) link_items(search, later, earlier, GROUND_PROBABLE);
    }
}

static void collect(struct search *search)
{
    size_t capacity = 0;

    for (uint32_t i = 0; i < search->world->item_count; i++) {
        struct issue issue;
        const char *names;
        char type[8], value[256];

        if (!item_is_issued(&search->world->items[i]) || !search->world->items[i].sequence) continue;
        world_describe(search->world, i, &issue);
        search->same[search->same_count++] = (struct entry){renewals_line(&issue), i};
        for (names = issue.names; parts_next(&names, type, sizeof type, value, sizeof value);) {
            if (search->named_count == capacity) search->named = realloc(search->named, (capacity = capacity * 2 + 64) * sizeof *search->named);
            if (!search->named) fputs("generate: out of memory\n", stderr), exit(2);
            search->named[search->named_count++] = (struct entry){name_hash(&issue, type, value), i};
        }
    }
    sorted_items = search->world->items;
    qsort(search->same, search->same_count, sizeof *search->same, entry_order);
    qsort(search->named, search->named_count, sizeof *search->named, entry_order);
}

void renewals_find(struct world *world)
{
    struct search search = {.world = world, .same = malloc((world->item_count + 1) * sizeof *search.same)};

    if (!search.same) fputs("generate: out of memory\n", stderr), exit(2);
    collect(&search);
    find_certain(&search);
    find_same(&search);
    find_probable(&search);
    free(search.same);
    free(search.named);
}
