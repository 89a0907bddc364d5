#include "certificates.h"

#include "filter.h"
#include "base/os.h"

#include <stdlib.h>
#include <string.h>

#define HASH_DIGITS 40                  /* of a SHA-1 */

static const uint8_t unknown[CERTIFICATE_HASH];

void certificates_free(struct certificates *set)
{
    free(set->slots);
    *set = (struct certificates){.most = set->most};
}

/* Hexadecimal digits in the one way of writing them; false: it is none. */
static bool plain_digits(const struct bytes *text, char out[FILTER_SERIAL_MAX + 1])
{
    return text->size && filter_serial(text->data, text->size, out);
}

static void add_hex(struct bytes *out, const uint8_t *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++)
        bytes_add(out, (char[2]){digits[data[i] >> 4], digits[data[i] & 15]}, 2);
}

/* The SHA-1 of the certificate, of its bytes or as the CA tells it. */
static bool read_hash(struct event *event, char out[FILTER_SERIAL_MAX + 1])
{
    struct span der = event_der(event, EVENT_CERTIFICATE);
    struct bytes text = {0};
    uint8_t sha1[20];
    bool found;

    if (der.size && SUCCEEDED(os_sha1(der.text, der.size, sha1))) add_hex(&text, sha1, sizeof sha1);
    else event_text(event, "certificate/CertificateHash", &text);
    found = !text.failed && plain_digits(&text, out) && strlen(out) <= HASH_DIGITS &&
            strlen(out) > HASH_DIGITS / 2;
    bytes_free(&text);
    return found;
}

static bool read_serial(struct event *event, char out[FILTER_SERIAL_MAX + 1])
{
    struct bytes text = {0};
    bool found = event_serial(event, &text) && !text.failed && plain_digits(&text, out);

    bytes_free(&text);
    return found;
}

/* The last digits of the SHA-1: its first are zero now and then, and not written then. */
static void keep_hash(const char *digits, uint8_t out[CERTIFICATE_HASH])
{
    const char *from = digits + strlen(digits) - 2 * CERTIFICATE_HASH;

    for (size_t i = 0; i < 2 * CERTIFICATE_HASH; i++) {
        int digit = from[i] <= '9' ? from[i] - '0' : from[i] - 'a' + 10;

        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | digit : digit << 4);
    }
}

/* A number for a serial number, or for a hash where there is none. */
static bool keep_serial(struct certificates *set, char kind, const char *digits, uint64_t *out)
{
    char mixed[sizeof set->secret + 1 + FILTER_SERIAL_MAX];
    size_t size = strlen(digits);
    uint8_t hash[32];

    if (!*set->secret && FAILED(os_guid(set->secret))) return false;
    memcpy(mixed, set->secret, sizeof set->secret);
    mixed[sizeof set->secret] = kind;
    memcpy(mixed + sizeof set->secret + 1, digits, size);
    if (FAILED(os_sha256(mixed, sizeof set->secret + 1 + size, hash))) return false;
    memcpy(out, hash, sizeof *out);
    *out += !*out;
    return true;
}

bool certificates_key(struct certificates *set, struct event *event, struct certificate_key *key)
{
    char hash[FILTER_SERIAL_MAX + 1], serial[FILTER_SERIAL_MAX + 1];
    bool has_hash = read_hash(event, hash), has_serial = read_serial(event, serial);

    *key = (struct certificate_key){0};
    if (has_hash) keep_hash(hash, key->hash);
    if (has_serial) return keep_serial(set, 's', serial, &key->serial);
    return has_hash && keep_serial(set, 'h', hash, &key->serial);
}

static bool certificates_is_known(const uint8_t hash[CERTIFICATE_HASH])
{
    return memcmp(hash, unknown, CERTIFICATE_HASH) != 0;
}

static size_t next(const struct certificates *set, size_t at)
{
    return (at + 1) & (set->room - 1);
}

/* The first free place for this serial number, behind all that have the same. There is always one.
 */
static struct certificate_slot *free_place(const struct certificates *set, uint64_t serial,
                                           unsigned *alike)
{
    size_t at = (size_t)serial & (set->room - 1);

    for (*alike = 0; set->slots[at].serial; at = next(set, at))
        *alike += set->slots[at].serial == serial;
    return &set->slots[at];
}

uint8_t *certificates_find(struct certificates *set, const struct certificate_key *key)
{
    struct certificate_slot *found = NULL;

    for (size_t at = set->room ? (size_t)key->serial & (set->room - 1) : 0;
         set->room && set->slots[at].serial; at = next(set, at)) {
        struct certificate_slot *slot = &set->slots[at];

        if (slot->serial != key->serial) continue;
        if (certificates_is_known(key->hash) && !memcmp(slot->hash, key->hash, CERTIFICATE_HASH))
            return &slot->state;
        if (!certificates_is_known(key->hash) || !certificates_is_known(slot->hash)) found = slot;
    }
    if (found && !certificates_is_known(found->hash))
        memcpy(found->hash, key->hash, CERTIFICATE_HASH);
    return found ? &found->state : NULL;
}

static bool certificates_grow(struct certificates *set)
{
    struct certificates larger = *set;
    unsigned alike;

    larger.room = set->room ? set->room * 2 : 256;
    if (!(larger.slots = calloc(larger.room, sizeof *larger.slots))) return false;
    for (size_t i = 0; i < set->room; i++)
        if (set->slots[i].serial)
            *free_place(&larger, set->slots[i].serial, &alike) = set->slots[i];
    free(set->slots);
    *set = larger;
    return true;
}

uint8_t *certificates_add(struct certificates *set, const struct certificate_key *key)
{
    struct certificate_slot *slot;
    unsigned alike;

    if (set->count == (set->most ? set->most : CERTIFICATES_MOST)) return NULL;
    if (set->count * 4 >= set->room * 3 && !certificates_grow(set)) return NULL;
    slot = free_place(set, key->serial, &alike);
    if (alike >= CERTIFICATES_ALIKE) return NULL;
    slot->serial = key->serial;
    memcpy(slot->hash, key->hash, CERTIFICATE_HASH);
    set->count++;
    return &slot->state;
}
