/*
 * The CMS layers around a PKCS#10 request, nested, with CMC's controls.
 *
 * Everything is a view of the input, and nothing is verified here (see signers.h).
 */
#ifndef STUBCA_WRAPPING_H
#define STUBCA_WRAPPING_H

#include "der/cmc.h"

struct wrapping_layer {
    struct cms cms;
    struct pki_data pki_data;           /* empty if the content is not CMC's */
};

struct wrapping {
    struct wrapping_layer layers[CMS_NESTED_MAX];       /* the outermost first */
    size_t count;                       /* 0: no layers */
    bool is_cmc;                        /* the outermost layer contains CMC data */
};

/* Take over the layers that pkcs10_unwrap_layers found. */
void wrapping_fill(struct wrapping *wrapping, const struct cms_layers *layers);

/* Call `take` for each extension that a CMC control of any layer adds, until it returns false. */
void wrapping_extensions(const struct wrapping *wrapping,
                         bool (*take)(void *argument, const struct extension *extension),
                         void *argument);

/* Call `take` for each list of attributes (for attributes_begin) that a CMC control of any layer
 * adds, until it returns false. */
void wrapping_attributes(const struct wrapping *wrapping,
                         bool (*take)(void *argument, struct der_bytes list), void *argument);

#endif
