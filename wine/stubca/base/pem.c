/* One block of what der/pem.h finds, decoded. */
#include "pem.h"
#include "base/base64.h"
#include "der/pem.h"
#include "heap.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static bool label_fits(const struct pem_block *block, const char *label)
{
    size_t size = strlen(label);

    return !block->label.size ||
           (block->label.size >= size &&
            !memcmp(block->label.data + block->label.size - size, label, size));
}

/* The first block whose label ends in `label`, or all of a text that has no BEGIN line. */
static HRESULT find_block(const void *data, size_t size, const char *label, struct pem_block *block,
                          struct reason *reason)
{
    enum pem_result result;
    struct pem pem;

    pem_begin(&pem, data, size);
    while ((result = pem_next(&pem, block)) == PEM_BLOCK && !label_fits(block, label)) continue;
    if (result == PEM_BLOCK) return S_OK;
    if (result == PEM_UNENDED)
        return text_reason(reason, CRYPT_E_BAD_ENCODE, "PEM without an END line");
    return text_reason(reason, CRYPT_E_BAD_ENCODE, "PEM, but no %s in it", label);
}

HRESULT pem_read(const void *data, size_t size, const char *label, unsigned char **der,
                 size_t *der_size, struct reason *reason)
{
    struct pem_block block;
    unsigned char *out;
    size_t wrong;
    HRESULT hr;

    *der = NULL;
    *der_size = 0;
    if (!size) return text_reason(reason, CRYPT_E_BAD_ENCODE, "it is empty");
    if (*(const unsigned char *)data == DER_SEQUENCE) {
        *der = heap_copy(data, size);
        *der_size = size;
        return S_OK;
    }
    if (FAILED(hr = find_block(data, size, label, &block, reason))) return hr;
    out = heap_take(BASE64_ROOM(block.base64.size));
    wrong = base64_decode(block.base64.data, block.base64.size, true, out, der_size);
    if (wrong == block.base64.size && *der_size) {
        *der = out;
        return S_OK;
    }
    free(out);
    *der_size = 0;
    return text_reason(reason, CRYPT_E_BAD_ENCODE, "neither DER nor base64: wrong at byte %u",
                       (unsigned)(block.offset + wrong));
}
