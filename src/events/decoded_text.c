#include "decoded_text.h"

#include "der/name.h"
#include "der/text.h"
#include "der/value.h"

#include <string.h>

typedef size_t text_writer(const void *source, char *out, size_t capacity);

/* Most texts are short, and written once; a long one is written again when its size is known. */
static bool add_written(struct bytes *out, text_writer *write, const void *source)
{
    char text[256], *room = NULL;
    size_t size = write(source, text, sizeof text);

    if (size && (room = bytes_reserve(out, size))) {
        if (size <= sizeof text) memcpy(room, text, size);
        else write(source, room, size);
        out->size += size;
    }
    return room != NULL;
}

static size_t write_name(const void *source, char *out, size_t capacity)
{
    return name_text(*(const struct der_bytes *)source, out, capacity);
}

static size_t decoded_text_write_text(const void *source, char *out, size_t capacity)
{
    const struct der_value *text = source;

    return der_text(text->tag, text->content, out, capacity, NULL);
}

bool decoded_text_add(struct bytes *out, uint32_t tag, struct der_bytes content)
{
    struct der_value text = {.tag = tag, .content = content};

    return add_written(out, decoded_text_write_text, &text);
}

bool decoded_name_add(struct bytes *out, struct der_bytes name)
{
    return add_written(out, write_name, &name);
}

bool decoded_text_is_whole(const char *text, size_t size)
{
    const char *end = text + size, *at = text;

    while (end - at > 2 && (at = memchr(at, 0xef, (size_t)(end - at) - 2)))
        if (!memcmp(at++, "\xef\xbf\xbd", 3)) return false;
    return true;
}

void decoded_address_add(struct bytes *out, struct der_bytes address)
{
    if (address.size == 4)
        bytes_printf(out, "%u.%u.%u.%u", address.data[0], address.data[1], address.data[2],
                     address.data[3]);
    else if (address.size == 16)
        for (int i = 0; i < 16; i += 2)
            bytes_printf(out, "%s%x", i ? ":" : "", address.data[i] << 8 | address.data[i + 1]);
    else
        bytes_printf(out, "of %u bytes", (unsigned)address.size);
}

void decoded_oid_add(struct bytes *out, struct der_bytes oid)
{
    char dotted[DER_OID_TEXT];

    bytes_add_text(out, der_oid_text(oid, dotted, sizeof dotted) ? dotted : "?");
}
