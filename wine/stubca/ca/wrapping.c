/* What a request came in. */
#include "wrapping.h"
#include "der/value.h"

#define OID_ADD_EXTENSIONS "1.3.6.1.5.5.7.7.8"
#define OID_ADD_ATTRIBUTES "1.3.6.1.4.1.311.10.10.1"

void wrapping_fill(struct wrapping *wrapping, const struct cms_layers *layers)
{
    struct der_fault fault;

    *wrapping = (struct wrapping){.count = layers->count};
    for (size_t i = 0; i < layers->count; i++) {
        struct wrapping_layer *layer = &wrapping->layers[i];

        layer->cms = layers->cms[i];
        if (cms_content_is(&layer->cms) == CMS_PKI_DATA)
            pki_data_read(layer->cms.content, &layer->pki_data, &fault, DER_BORNE);
    }
    wrapping->is_cmc =
        layers->count && cms_content_is(&wrapping->layers[0].cms) == CMS_PKI_DATA;
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

void wrapping_attributes(const struct wrapping *wrapping,
                         bool (*take)(void *argument, struct der_bytes list), void *argument)
{
    for (size_t i = 0; i < wrapping->count; i++) {
        struct cmc_addition addition;
        struct cmc_control control;
        struct der_fault fault, inner;
        struct der cursor;

        cmc_controls_begin(&cursor, &fault, &wrapping->layers[i].pki_data);
        while (cmc_controls_next(&cursor, &control)) {
            if (der_oid_is(control.oid, OID_ADD_ATTRIBUTES) &&
                cmc_add_attributes_read(control.values, &addition, &inner, DER_BORNE) &&
                !take(argument, addition.list))
                return;
        }
    }
}
