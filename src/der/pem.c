#include "pem.h"

#include <string.h>

#define LABEL_MAX 64                    /* bytes; the longest that is in use has 26 */

static const char begin_mark[] = "-----BEGIN ", end_mark[] = "-----END ", dashes[] = "-----";

/* Whether `what` stands at `at`. */
static bool pem_stands(struct der_bytes text, size_t at, const char *what)
{
    return text.size - at >= strlen(what) && !memcmp(text.data + at, what, strlen(what));
}

/* Where `what` stands from `at` on, or the text's size. */
static size_t pem_find(struct der_bytes text, size_t at, const char *what)
{
    while (at < text.size && !pem_stands(text, at, what)) {
        const unsigned char *next = memchr(text.data + at + 1, *what, text.size - at - 1);

        at = next ? (size_t)(next - text.data) : text.size;
    }
    return at;
}

/* The label that begins at `at` and ends in dashes on the same line. */
static bool label_at(struct der_bytes text, size_t at, struct der_bytes *label)
{
    size_t size = 0, left = text.size - at;

    while (size < left && size <= LABEL_MAX && text.data[at + size] >= ' ' &&
           !pem_stands(text, at + size, dashes))
        size++;
    *label = (struct der_bytes){text.data + at, size};
    return size < left && size <= LABEL_MAX && text.data[at + size] >= ' ';
}

/* The next BEGIN line that is one; `*label` is its label. */
static bool find_begin(struct pem *pem, struct der_bytes *label)
{
    while ((pem->at = pem_find(pem->text, pem->at, begin_mark)) < pem->text.size) {
        pem->at += sizeof begin_mark - 1;
        if (!label_at(pem->text, pem->at, label)) continue;
        pem->at += label->size + sizeof dashes - 1;
        return true;
    }
    return false;
}

void pem_begin(struct pem *pem, const void *data, size_t size)
{
    *pem = (struct pem){.text = {data, size}};
    if (size >= 3 && !memcmp(data, "\xEF\xBB\xBF", 3)) pem->at = 3;
}

enum pem_result pem_next(struct pem *pem, struct pem_block *block)
{
    size_t first = pem->at, end;
    bool begun = pem->begun;
    struct der_bytes label;

    *block = (struct pem_block){0};
    pem->begun = true;
    if (pem->done) return PEM_END;
    if (!find_begin(pem, &block->label)) {
        pem->done = true;
        block->label = (struct der_bytes){0};
        if (begun) return PEM_END;
        block->base64 = (struct der_bytes){pem->text.data + first, pem->text.size - first};
        block->offset = first;
        return PEM_BLOCK;
    }
    block->offset = pem->at;
    end = pem_find(pem->text, pem->at, end_mark);
    block->base64 = (struct der_bytes){pem->text.data + pem->at, end - pem->at};
    if (end < pem->text.size && label_at(pem->text, end + sizeof end_mark - 1, &label) &&
        der_same(label, block->label)) {
        pem->at = end + sizeof end_mark - 1 + label.size + sizeof dashes - 1;
        return PEM_BLOCK;
    }
    pem->done = true;
    return PEM_UNENDED;
}
