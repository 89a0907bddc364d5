#include "names.h"

#include "base/os.h"
#include "der/text.h"
#include "der/value.h"
#include "events/decoded_text.h"

#include <stdlib.h>
#include <string.h>

#define KEEP (64u << 10)
#define KEY  8                          /* bytes of a name's key */

void names_free(struct names *names)
{
    bytes_free(&names->packed);
    bytes_free(&names->keys);
    bytes_free(&names->text);
}

const char *names_kind(enum fact_name_kind kind)
{
    static const char *const kinds[NAME_KINDS] = {"other", "email", "DNS", "X400", "directory",
                                                  "EDI",   "URI",   "IP",  "ID",   "UPN",
                                                  "SID"};

    return (unsigned)kind < NAME_KINDS ? kinds[kind] : "other";
}

/* The name's text, and the bytes of it that a request may have, too. */
static enum fact_name_kind read_text(const struct general_name *name, struct bytes *out,
                                     struct der_bytes *bytes)
{
    struct der_value upn;

    if (identity_name_upn(name, &upn)) {
        *bytes = upn.content;
        identity_text(out, name);
        return NAME_UPN;
    }
    if (general_name_sid(name, bytes)) {
        decoded_text_add(out, DER_UTF8_STRING, *bytes);
        return NAME_SID;
    }
    *bytes = name->content;
    switch (name->kind) {
    case GENERAL_NAME_IP:            decoded_address_add(out, name->content); break;
    case GENERAL_NAME_REGISTERED_ID: decoded_oid_add(out, name->content); break;
    case GENERAL_NAME_OTHER:
        decoded_oid_add(out, name->type);
        *bytes = name->value.whole;
        break;
    default: identity_text(out, name);
    }
    return (enum fact_name_kind)name->kind;
}

static bool is_text(enum fact_name_kind kind)
{
    return kind == NAME_EMAIL || kind == NAME_DNS || kind == NAME_URI || kind == NAME_UPN ||
           kind == NAME_SID;
}

/* The value of another name comes first, as it says itself where it ends. */
static void add_whole_name(struct bytes *out, const struct general_name *name)
{
    bytes_add(out, name->content.data, name->content.size);
    bytes_add(out, name->value.whole.data, name->value.whole.size);
    bytes_add(out, name->type.data, name->type.size);
}

/* Of a text that is not whole the key is that of its bytes: another may be told alike. */
static void add_key(struct names *names, enum fact_name_kind kind, const struct general_name *name,
                    bool is_whole)
{
    struct bytes folded = {0};
    uint8_t key[FACT_KEY];

    bytes_add(&folded, &(char){(char)(is_whole ? kind : kind | 0x80)}, 1);
    if (is_text(kind) && is_whole) fact_fold(&folded, names->text.data, names->text.size);
    else add_whole_name(&folded, name);
    if (folded.failed || !fact_key(folded.data, folded.size, key)) bytes_fail(&names->keys);
    bytes_add(&names->keys, key, KEY);
    bytes_free(&folded);
}

static size_t cut_size(const struct bytes *text)
{
    size_t size = text->size;

    if (size <= FACT_NAME_MOST) return size;
    for (size = FACT_NAME_MOST; size && ((unsigned char)text->data[size] & 0xc0) == 0x80;) size--;
    return size;
}

static void pack(struct names *names, enum fact_name_kind kind, enum fact_source source)
{
    size_t size = cut_size(&names->text);

    bytes_add(&names->packed,
              (char[4]){(char)source, (char)kind, (char)(size >> 8), (char)size}, 4);
    bytes_add(&names->packed, names->text.data, size);
}

/*
 * A name that is no text also as it is typed, as a `san:` attribute may have it. There it can be
 * spelled in ways that are not known here, so one that is not found may still be from there.
 */
static enum fact_source source_of(const struct names *names, enum fact_name_kind kind,
                                  struct der_bytes bytes, struct claim *claim)
{
    enum fact_source source = FROM_NONE;

    if (kind != NAME_OTHER) source = claim_source_of_decoded(claim, &names->text, bytes);
    if (source == FROM_ENROLLEE || is_text(kind)) return source;
    source = claim_source_of_bytes(claim, bytes);
    return source == FROM_CA && claim_has_san(claim) ? FROM_UNKNOWN : source;
}

static int compare_keys(const void *one, const void *other)
{
    return memcmp(one, other, KEY);
}

static void sort_keys(struct bytes *keys)
{
    size_t kept = 0;

    if (!keys->size) return;
    qsort(keys->data, keys->size / KEY, KEY, compare_keys);
    for (size_t at = 0; at < keys->size; at += KEY)
        if (!kept || memcmp(keys->data + at, keys->data + kept - KEY, KEY)) {
            memmove(keys->data + kept, keys->data + at, KEY);
            kept += KEY;
        }
    keys->size = kept;
}

static bool sid_is_whole(struct der_bytes text)
{
    bool clean;

    return der_text(DER_UTF8_STRING, text, NULL, 0, &clean) <= IDENTITY_NAME_MOST && clean;
}

/* Whether the extension has one SID, and nothing that cannot be read. */
static bool has_sid(struct der_bytes value)
{
    struct general_name name;
    struct der_bytes text;
    struct der_fault fault;
    struct der cursor;
    bool is_whole = true;
    unsigned count = 0;

    if (!general_names_begin(&cursor, &fault, DER_BORNE, value)) return false;
    while (general_names_next(&cursor, &name))
        if (general_name_sid(&name, &text)) {
            is_whole &= sid_is_whole(text);
            count++;
        }
    return count == 1 && is_whole && fault.error == DER_OK;
}

static bool sid_is_unread(const struct x509 *certificate)
{
    struct extension extension;
    struct der_fault fault;
    struct der cursor;
    unsigned count = 0;
    bool is_read = true;

    extensions_begin(&cursor, &fault, certificate->extensions);
    while (extensions_next(&cursor, &extension))
        if (der_oid_is(extension.oid, "1.3.6.1.4.1.311.25.2")) {
            is_read &= has_sid(extension.value);
            count++;
        }
    return !is_read || count > 1;
}

void names_read(struct names *names, const struct x509 *certificate, struct claim *claim)
{
    struct identity identity = {.certificate = certificate};
    struct identity_names walk;
    struct general_name name;
    struct der_bytes bytes;

    bytes_reset(&names->packed, KEEP);
    bytes_reset(&names->keys, KEEP);
    names->count = 0;
    names->supplied = names->unknown = names->cut = names->unread = names->sid_unread = false;
    if (!certificate) return;
    for (identity_names_begin(&walk, &identity); identity_names_next(&walk, &name);) {
        enum fact_name_kind kind;
        enum fact_source source;
        bool is_whole;

        bytes_reset(&names->text, KEEP);
        kind = read_text(&name, &names->text, &bytes);
        is_whole = decoded_text_is_whole(names->text.data, names->text.size);
        source = names->count < NAMES_JUDGED ? source_of(names, kind, bytes, claim)
                                             : FROM_UNKNOWN;
        names->unread |= !is_whole && source != FROM_ENROLLEE;
        names->supplied |= source == FROM_ENROLLEE;
        names->unknown |= source == FROM_UNKNOWN;
        add_key(names, kind, &name, is_whole);
        names->cut |= !is_whole || names->count >= FACT_NAMES_MOST ||
                      names->text.size > FACT_NAME_MOST;
        if (names->count++ < FACT_NAMES_MOST) pack(names, kind, source);
    }
    names->unread |= walk.broken;
    names->unknown |= names->unread;
    names->sid_unread = sid_is_unread(certificate);
    sort_keys(&names->keys);
}

bool names_next(struct span *packed, struct fact_name *name)
{
    const unsigned char *at = (const unsigned char *)packed->text;
    size_t size;

    if (packed->size < 4) return false;
    size = (size_t)at[2] << 8 | at[3];
    if (size > packed->size - 4) return false;
    *name = (struct fact_name){(enum fact_source)at[0], (enum fact_name_kind)at[1],
                               {packed->text + 4, size}};
    packed->text += 4 + size;
    packed->size -= 4 + size;
    return true;
}

bool names_within(struct span part, struct span whole)
{
    size_t at = 0;

    for (size_t i = 0; i + KEY <= part.size; i += KEY) {
        while (at + KEY <= whole.size && memcmp(whole.text + at, part.text + i, KEY) < 0) at += KEY;
        if (at + KEY > whole.size || memcmp(whole.text + at, part.text + i, KEY)) return false;
    }
    return true;
}
