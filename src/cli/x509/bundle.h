/*
 * Bundles of certificates and CRLs (.p7b): signed data that signs nothing. Each part is shown by
 * itself (cert_show.h); here is what there is to say of the bundle.
 */
#ifndef BUNDLE_H
#define BUNDLE_H

#include "base/bytes.h"
#include "der/cms.h"

struct bundle {
    struct cms cms;                     /* certificates and crls are for cms_others_begin */
    size_t certificates, crls;          /* how many there are */
    size_t unsigned_bytes;              /* of content that nobody signed and that is none of the
                                         * certificates; 0: none */
    struct der_remarks remarks;         /* offsets count from the start of the data, or of the DER
                                         * that it stands for */
    unsigned char *converted;           /* owned: that DER; NULL: the data is no BER */
};

/* Whether the data is a bundle, in DER or BER; if it is, free it with bundle_free. The data has to
 * stay as long as the bundle. */
bool bundle_read(struct bundle *bundle, const void *data, size_t size);
void bundle_free(struct bundle *bundle);

/*
 * Write what is odd in the bundle itself to `out`: remarks, and how much content is not shown. As
 * JSON it is one object of type "bundle". `origin` says where the bundle comes from and may be
 * hostile; NULL: not said. Writes nothing, and returns false, if nothing is odd.
 */
bool bundle_show(const struct bundle *bundle, const char *origin, bool as_json, struct bytes *out);

#endif
