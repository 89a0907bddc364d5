/*
 * What a PKCS#10 request came in: CMS, one in the other, with CMC's controls.
 *
 * Everything is a view of the bytes that were read, and nothing is verified here (signers.h does).
 */
#ifndef STUBCA_WRAPPING_H
#define STUBCA_WRAPPING_H

#include "der/cmc.h"

struct wrapping_layer {
    struct cms cms;
    struct pki_data pki_data;           /* all nothing where the content is not CMC's */
};

struct wrapping {
    struct wrapping_layer layers[CMS_NESTED_MAX];       /* the outermost first */
    size_t count;                       /* 0: it is wrapped in nothing */
    bool is_cmc;                        /* the outermost holds CMC's data */
};

/* Read what is around the request that pkcs10_unwrap finds. False where something is refused; the fault counts from the
 * start of what was refused, which is a part of `data`: `*offset` is where that begins. */
bool wrapping_read(struct der_bytes data, struct wrapping *wrapping, struct der_fault *fault, struct der_remarks *remarks,
                   size_t *offset);

/* Extensions that CMC's controls add, of all layers: `take` is called with each; it returns false to end the walk. */
void wrapping_extensions(const struct wrapping *wrapping, bool (*take)(void *argument, const struct extension *extension),
                         void *argument);

#endif
