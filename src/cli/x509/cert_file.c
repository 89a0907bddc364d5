#include "cert_file.h"

#include "base/base64.h"

#include <string.h>

/* UTF-16 with its mark becomes bytes; what is no ASCII becomes a byte that is no base64. */
static void cert_file_narrow(struct bytes *data)
{
    unsigned char *text = (unsigned char *)data->data;
    bool big = data->size >= 2 && text[0] == 0xFE && text[1] == 0xFF,
         little = data->size >= 2 && text[0] == 0xFF && text[1] == 0xFE;
    size_t size = 0;

    if (!big && !little) return;
    for (size_t i = 2; i + 1 < data->size; i += 2) {
        unsigned unit = big ? text[i] << 8 | text[i + 1] : text[i + 1] << 8 | text[i];

        text[size++] = unit < 0x80 ? (unsigned char)unit : '?';
    }
    data->size = size;
}

/* The name that `openssl spkac` writes in front of base64 becomes blanks, which base64 may have. */
static void blank_name(struct bytes *data)
{
    static const char name[] = "SPKAC=";
    size_t at = 0, size = sizeof name - 1;

    while (at < data->size && data->data[at] && strchr(" \t\r\n", data->data[at])) at++;
    if (data->size - at >= size && !memcmp(data->data + at, name, size))
        memset(data->data + at, ' ', size);
}

void cert_file_begin(struct cert_file *file, struct bytes *data)
{
    *file = (struct cert_file){.data = data};
    if (data->size && (unsigned char)data->data[0] == DER_SEQUENCE) {
        file->is_der = true;
        return;
    }
    cert_file_narrow(data);
    blank_name(data);
    pem_begin(&file->pem, data->size ? data->data : "", data->size);
}

static bool ends_in(struct span text, const char *what)
{
    size_t size = strlen(what);

    return text.size >= size && !memcmp(text.text + text.size - size, what, size);
}

/* Decoded on top of itself: bytes come out of more characters, and the blocks behind lie further
 * on. */
static void decode(struct cert_file *file, const struct pem_block *block, struct cert_piece *piece)
{
    unsigned char *room;
    size_t size, wrong;

    if (!block->base64.size) {
        piece->refusal = "it is empty";
        return;
    }
    room = (unsigned char *)file->data->data + block->offset;
    wrong = base64_decode(block->base64.data, block->base64.size, true, room, &size);
    piece->offset += wrong;
    if (wrong < block->base64.size)
        piece->refusal = block->label.size ? "its base64 is wrong" : "it is neither DER nor base64";
    else if (!size) piece->refusal = "it is empty";
    else piece->der = (struct span){(const char *)room, size};
}

static void take_block(struct cert_file *file, enum pem_result result,
                       const struct pem_block *block, struct cert_piece *piece)
{
    piece->label = (struct span){(const char *)block->label.data, block->label.size};
    piece->offset = block->offset;
    if (result == PEM_UNENDED) piece->refusal = "it has no END line that says the same";
    else if (ends_in(piece->label, "PRIVATE KEY"))
        piece->refusal = "it is a private key, and no business of this program";
    else decode(file, block, piece);
}

bool cert_file_next(struct cert_file *file, struct cert_piece *piece)
{
    struct pem_block block;
    enum pem_result result;

    *piece = (struct cert_piece){.number = file->count + 1};
    if (file->is_der) {
        piece->der = (struct span){file->data->data, file->data->size};
        return !file->count++;
    }
    if ((result = pem_next(&file->pem, &block)) == PEM_END) return false;
    file->count++;
    take_block(file, result, &block, piece);
    return true;
}
