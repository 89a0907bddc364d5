/*
 * CMC (RFC 5272), what a client sends: PKIData, the content of signed data. And any request's
 * PKCS#10, whatever it is wrapped in.
 *
 * Requests, messages and values of controls are views, not looked at by who reads what is around
 * them.
 */
#ifndef DER_CMC_H
#define DER_CMC_H

#include "cms.h"
#include "pkcs10.h"

struct pki_data {
    struct der_bytes controls, requests, messages, others;      /* for the walks below */
};
bool pki_data_read(struct der_bytes data, struct pki_data *pki_data, struct der_fault *fault,
                   struct der_remarks *remarks);

/* Every part has a number by which others refer to it. */
struct cmc_control {
    uint32_t id;
    struct der_bytes oid, values;               /* contents of the OID, of the SET */
};
void cmc_controls_begin(struct der *cursor, struct der_fault *fault,
                        const struct pki_data *pki_data);
bool cmc_controls_next(struct der *cursor, struct cmc_control *control);

enum cmc_request_kind { CMC_PKCS10, CMC_CRMF, CMC_OTHER_REQUEST };
struct cmc_request {
    enum cmc_request_kind kind;
    uint32_t id;              /* of CMC_PKCS10; of the others it stands within and is 0 here */
    struct der_bytes request; /* whole, for pkcs10_read; of the others what their tag holds */
};
void cmc_requests_begin(struct der *cursor, struct der_fault *fault,
                        const struct pki_data *pki_data);
bool cmc_requests_next(struct der *cursor, struct cmc_request *request);

struct cmc_message {
    uint32_t id;
    struct der_bytes oid;                       /* of others alone: contents of the OID */
    struct der_bytes whole; /* of messages a ContentInfo, for cms_read; of others anything */
};
void cmc_messages_begin(struct der *cursor, struct der_fault *fault,
                        const struct pki_data *pki_data);
bool cmc_messages_next(struct der *cursor, struct cmc_message *message);
void cmc_others_begin(struct der *cursor, struct der_fault *fault, const struct pki_data *pki_data);
bool cmc_others_next(struct der *cursor, struct cmc_message *other);

/* Extensions (1.3.6.1.5.5.7.7.8) or Microsoft's attributes (1.3.6.1.4.1.311.10.10.1) that a control
 * adds to a request. `values` are the control's; the fault counts from their start. */
struct cmc_addition {
    uint32_t to; /* the number of the message that holds the request; 0: this one */
    struct der_bytes requests;                  /* INTEGERs: the numbers of the requests */
    struct der_bytes list;                      /* for extensions_begin, or attributes_begin */
};
bool cmc_add_extensions_read(struct der_bytes values, struct cmc_addition *addition,
                             struct der_fault *fault, struct der_remarks *remarks);
bool cmc_add_attributes_read(struct der_bytes values, struct cmc_addition *addition,
                             struct der_fault *fault, struct der_remarks *remarks);

/*
 * Registration info (1.3.6.1.5.5.7.7.18), an OCTET STRING, as Windows fills it:
 * name=value&name=value, '%' and two digits for what would mislead. Views of it as it stands,
 * hostile. `secret` is true for the names of passwords (as in microsoft.h, '%' undone); their value
 * is then left nothing, and so is the name where no '=' ends it.
 */
bool reg_info_read(struct der_bytes values, struct der_bytes *text, struct der_fault *fault,
                   struct der_remarks *remarks);
struct reg_info_pair {
    struct der_bytes name, value;
    bool secret;
};
bool reg_info_next(struct der_bytes *text, struct reg_info_pair *pair);

/* Of a name or value, what it stands for, '%' and its two digits undone: into `out`, which has room
 * for all of `raw`. Returns the bytes of it. */
size_t reg_info_unescape(struct der_bytes raw, char *out);

/*
 * A request that is all of `data`: PKCS#10, or the first that stands in the first that does, down
 * to CMS_NESTED_MAX. False where it is refused, or there is none: DER_E_MISSING, or DER_E_ALGORITHM
 * for a request or content of another kind. The fault counts from the start of `data`.
 */
bool pkcs10_unwrap(const void *data, size_t size, struct pkcs10 *request, struct der_fault *fault,
                   struct der_remarks *remarks);

/* The same, and the CMS that stands around the request, the outermost first. */
struct cms_layers {
    struct cms cms[CMS_NESTED_MAX];
    size_t count;                               /* 0: the request stands alone */
};
bool pkcs10_unwrap_layers(const void *data, size_t size, struct pkcs10 *request,
                          struct cms_layers *layers, struct der_fault *fault,
                          struct der_remarks *remarks);

#endif
