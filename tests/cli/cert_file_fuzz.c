/* Any bytes as a file of certificates: pieces come one after the other, each within the file, and none is read twice. */
#include "cli/x509/cert_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(bool true_) { if (!true_) abort(); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes own = {0};
    struct cert_piece piece;
    struct cert_file file;
    const char *last = NULL;
    unsigned count = 0;

    bytes_add(&own, data, size);
    for (cert_file_begin(&file, &own); cert_file_next(&file, &piece); count++) {
        must(piece.number == count + 1 && !piece.refusal == (piece.der.size > 0) && piece.offset <= size);
        if (piece.refusal) continue;
        must(piece.der.text >= own.data && piece.der.text + piece.der.size <= own.data + own.size && (!last || piece.der.text >= last));
        last = piece.der.text + piece.der.size;
    }
    must(count > 0);
    bytes_free(&own);
    return 0;
}
