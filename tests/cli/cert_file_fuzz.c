/* Any bytes as a file of certificates: pieces come one after the other, each within the file, and none is read twice. What is a
 * bundle has as many parts as it says. */
#include "cli/x509/bundle.h"
#include "cli/x509/cert_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(bool true_) { if (!true_) abort(); }

static size_t count_of(struct der_bytes list)
{
    struct der_fault fault;
    struct der_value value;
    struct der cursor;
    size_t count = 0;

    for (cms_others_begin(&cursor, &fault, list); cms_others_next(&cursor, &value);) count++;
    return count;
}

static void walk_bundle(const void *data, size_t size)
{
    struct bytes text = {0}, json = {0};
    struct bundle bundle;

    if (!bundle_read(&bundle, data, size)) {
        must(!bundle.converted);
        return;
    }
    must(bundle.certificates == count_of(bundle.cms.certificates) && bundle.crls == count_of(bundle.cms.crls));
    must(bundle_show(&bundle, "here", true, &json) == bundle_show(&bundle, NULL, false, &text));
    must(!json.size == !(bundle.remarks.count || bundle.unsigned_bytes) && !json.size == !text.size);
    bytes_free(&text);
    bytes_free(&json);
    bundle_free(&bundle);
}

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
        walk_bundle(piece.der.text, piece.der.size);
    }
    must(count > 0);
    bytes_free(&own);
    return 0;
}
