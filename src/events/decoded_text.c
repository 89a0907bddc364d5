#include "decoded_text.h"

#include "der/name.h"
#include "der/text.h"

typedef size_t text_writer(const void *source, char *out, size_t capacity);

static bool add_written(struct bytes *out, text_writer *write, const void *source)
{
    size_t size = write(source, NULL, 0);
    char *room = size ? bytes_reserve(out, size) : NULL;

    if (room) out->size += write(source, room, size);
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
