#include "digest_set.h"

#include "base/os.h"

#include <stdlib.h>
#include <string.h>

void digest_set_free(struct digest_set *seen)
{
    free(seen->keys);
    *seen = (struct digest_set){0};
}

/* Where the key is, or the free place where it would be. There is always one that is free. */
static size_t digest_set_place_of(const struct digest_set *seen, uint64_t key)
{
    size_t at = (size_t)key & (seen->room - 1);

    while (seen->keys[at] && seen->keys[at] != key) at = (at + 1) & (seen->room - 1);
    return at;
}

static bool digest_set_grow(struct digest_set *seen)
{
    struct digest_set larger = {.room = seen->room ? seen->room * 2 : 256, .count = seen->count};

    if (!seen->room && FAILED(os_guid(seen->secret))) return false;
    if (!(larger.keys = calloc(larger.room, sizeof *larger.keys))) return false;
    memcpy(larger.secret, seen->secret, sizeof larger.secret);
    for (size_t i = 0; i < seen->room; i++)
        if (seen->keys[i]) larger.keys[digest_set_place_of(&larger, seen->keys[i])] = seen->keys[i];
    digest_set_free(seen);
    *seen = larger;
    return true;
}

bool digest_set_add(struct digest_set *seen, const uint8_t sha256[32])
{
    uint8_t mixed[sizeof seen->secret + 32], hash[32];
    uint64_t key;
    size_t at;

    if (seen->count * 4 >= seen->room * 3 && !digest_set_grow(seen)) return true;
    memcpy(mixed, seen->secret, sizeof seen->secret);
    memcpy(mixed + sizeof seen->secret, sha256, 32);
    if (FAILED(os_sha256(mixed, sizeof mixed, hash))) return true;
    memcpy(&key, hash, sizeof key);
    key += !key;
    at = digest_set_place_of(seen, key);
    if (seen->keys[at]) return false;
    seen->keys[at] = key;
    seen->count++;
    return true;
}
