/* What a request came in. */
#include "wrapping.h"
#include "der/value.h"

#define OID_ADD_EXTENSIONS "1.3.6.1.5.5.7.7.8"

/* The first message of a layer that holds no request itself; nothing: there is none. */
static struct der_bytes first_message(const struct pki_data *pki_data)
{
    struct cmc_message message;
    struct der_fault fault;
    struct der cursor;

    if (pki_data->requests.size) return (struct der_bytes){0};
    cmc_messages_begin(&cursor, &fault, pki_data);
    return cmc_messages_next(&cursor, &message) ? message.whole : (struct der_bytes){0};
}

/* One step inwards, from the layer read last. True with `*more` false: there is no further layer.
 */
static bool wrapping_step(struct wrapping *wrapping, struct der_bytes *at, struct der_fault *fault,
                          struct der_remarks *remarks, bool *more)
{
    struct wrapping_layer *layer = &wrapping->layers[wrapping->count - 1];
    struct der_bytes message;

    *more = false;
    *at = layer->cms.content;
    switch (cms_content_is(&layer->cms)) {
    case CMS_PKI_DATA:
        if (!pki_data_read(*at, &layer->pki_data, fault, remarks)) return false;
        if (!(message = first_message(&layer->pki_data)).size || wrapping->count == CMS_NESTED_MAX)
            return true;
        *at = message;
        *more = true;
        return cms_read(at->data, at->size, &wrapping->layers[wrapping->count++].cms, fault,
                        remarks);
    case CMS_SIGNED:
        if (wrapping->count == CMS_NESTED_MAX) return true;
        *more = true;
        return cms_content_signed(&layer->cms, &wrapping->layers[wrapping->count++].cms, fault,
                                  remarks);
    default:
        return true;
    }
}

bool wrapping_read(struct der_bytes data, struct wrapping *wrapping, struct der_fault *fault,
                   struct der_remarks *remarks, size_t *offset)
{
    struct der_bytes at = data;
    bool more, ok;

    *wrapping = (struct wrapping){.count = 0};
    *offset = 0;
    if (!cms_kind(data.data, data.size)) return true;
    if (!cms_read(data.data, data.size, &wrapping->layers[wrapping->count++].cms, fault, remarks))
        return false;
    do {
        ok = wrapping_step(wrapping, &at, fault, remarks, &more);
    } while (ok && more);
    wrapping->is_cmc = cms_content_is(&wrapping->layers[0].cms) == CMS_PKI_DATA;
    if (!ok) *offset = (size_t)(at.data - data.data);
    return ok;
}

static bool take_list(struct der_bytes list,
                      bool (*take)(void *argument, const struct extension *extension),
                      void *argument)
{
    struct extension extension;
    struct der_fault fault;
    struct der cursor;

    for (extensions_begin(&cursor, &fault, list); extensions_next(&cursor, &extension);) {
        if (!take(argument, &extension)) return false;
    }
    return true;
}

void wrapping_extensions(const struct wrapping *wrapping,
                         bool (*take)(void *argument, const struct extension *extension),
                         void *argument)
{
    for (size_t i = 0; i < wrapping->count; i++) {
        struct cmc_addition addition;
        struct cmc_control control;
        struct der_fault fault, inner;
        struct der cursor;

        cmc_controls_begin(&cursor, &fault, &wrapping->layers[i].pki_data);
        while (cmc_controls_next(&cursor, &control)) {
            if (!der_oid_is(control.oid, OID_ADD_EXTENSIONS)) continue;
            if (cmc_add_extensions_read(control.values, &addition, &inner, DER_BORNE)
                && !take_list(addition.list, take, argument)) return;
        }
    }
}
