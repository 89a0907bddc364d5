/*
 * PKIData      ::= SEQUENCE { controls SEQUENCE OF Control,
 *                             requests SEQUENCE OF TaggedRequest,
 *                             messages SEQUENCE OF Message,
 *                             others SEQUENCE OF Other }, all tags implicit
 * Control      ::= SEQUENCE { id, type OID, values SET OF ANY }
 * TaggedRequest::= CHOICE { [0] SEQUENCE { id, PKCS#10 }, [1] CRMF, [2] any other }
 * Message      ::= SEQUENCE { id, ContentInfo }
 * Other        ::= SEQUENCE { id, type OID, value ANY }
 * id           ::= INTEGER (0..4294967295)
 */
#include "cmc.h"
#include "value.h"

#include <string.h>

static bool read_id(struct der *der, const char *what, uint32_t *id)
{
    const unsigned char *at = der->at;
    struct der_bytes content;
    int64_t number;

    if (!der_integer(der, what, &content)) return false;
    if (content.data[0] & 0x80) return der_refuse(der, DER_E_INTEGER_NEGATIVE, what, at);
    if (!der_number(content, &number) || number > UINT32_MAX)
        return der_refuse(der, DER_E_INTEGER_TOO_LARGE, what, at);
    *id = (uint32_t)number;
    return true;
}

static bool read_control(struct der *der, struct cmc_control *control)
{
    struct der inside, values;

    *control = (struct cmc_control){0};
    if (!der_enter(der, "control", DER_SEQUENCE, &inside) ||
        !read_id(&inside, "number of a control", &control->id) ||
        !der_oid(&inside, "type of a control", &control->oid) ||
        !der_enter_unordered(&inside, "values of a control", DER_SET, &values) ||
        !der_end(&inside, "control"))
        return false;
    control->values = der_rest(&values);
    return true;
}

static bool read_tagged(struct der *der, struct cmc_request *request)
{
    struct der_value value;
    struct der inside;

    request->kind = CMC_PKCS10;
    if (!der_enter(der, "request", DER_CONTEXT_CONSTRUCTED(0), &inside) ||
        !read_id(&inside, "number of a request", &request->id) ||
        !der_any(&inside, "request", &value) || !der_end(&inside, "request"))
        return false;
    request->request = value.whole;
    return true;
}

static bool cmc_read_request(struct der *der, struct cmc_request *request)
{
    const unsigned char *at = der->at;
    struct der_value value;

    *request = (struct cmc_request){0};
    if (der_next_is(der, DER_CONTEXT_CONSTRUCTED(0))) return read_tagged(der, request);
    if (!der_any(der, "request", &value)) return false;
    if (value.tag != DER_CONTEXT_CONSTRUCTED(1) && value.tag != DER_CONTEXT_CONSTRUCTED(2))
        return der_refuse(der, DER_E_CHOICE, "request", at);
    request->kind = value.tag == DER_CONTEXT_CONSTRUCTED(1) ? CMC_CRMF : CMC_OTHER_REQUEST;
    request->request = value.content;
    return true;
}

static bool read_message(struct der *der, struct cmc_message *message)
{
    struct der_value value;
    struct der inside;

    *message = (struct cmc_message){0};
    if (!der_enter(der, "message", DER_SEQUENCE, &inside) ||
        !read_id(&inside, "number of a message", &message->id) ||
        !der_any(&inside, "message", &value) || !der_end(&inside, "message"))
        return false;
    message->whole = value.whole;
    return true;
}

static bool cmc_read_other(struct der *der, struct cmc_message *other)
{
    struct der_value value;
    struct der inside;

    *other = (struct cmc_message){0};
    if (!der_enter(der, "other message", DER_SEQUENCE, &inside) ||
        !read_id(&inside, "number of another message", &other->id) ||
        !der_oid(&inside, "type of another message", &other->oid) ||
        !der_any(&inside, "other message", &value) || !der_end(&inside, "other message"))
        return false;
    other->whole = value.whole;
    return true;
}

static bool control_is_right(struct der *der)
{
    struct cmc_control control;
    return read_control(der, &control);
}
static bool request_is_right(struct der *der)
{
    struct cmc_request request;
    return cmc_read_request(der, &request);
}
static bool message_is_right(struct der *der)
{
    struct cmc_message message;
    return read_message(der, &message);
}
static bool other_is_right(struct der *der)
{
    struct cmc_message other;
    return cmc_read_other(der, &other);
}

static bool read_list(struct der *der, const char *what, bool (*is_right)(struct der *),
                      struct der_bytes *list)
{
    struct der inside, whole;

    if (!der_enter(der, what, DER_SEQUENCE, &inside)) return false;
    for (whole = inside; der_more(&inside);) if (!is_right(&inside)) return false;
    *list = der_rest(&whole);
    return true;
}

bool pki_data_read(struct der_bytes data, struct pki_data *pki_data, struct der_fault *fault,
                   struct der_remarks *remarks)
{
    struct der whole, inside;

    *pki_data = (struct pki_data){0};
    der_begin_with(&whole, fault, remarks, data.data, data.size);
    if (der_enter(&whole, "CMC data", DER_SEQUENCE, &inside) && der_end(&whole, "CMC data") &&
        read_list(&inside, "controls", control_is_right, &pki_data->controls) &&
        read_list(&inside, "requests", request_is_right, &pki_data->requests) &&
        read_list(&inside, "messages", message_is_right, &pki_data->messages) &&
        read_list(&inside, "other messages", other_is_right, &pki_data->others) &&
        der_end(&inside, "CMC data"))
        return true;
    *pki_data = (struct pki_data){0};
    return false;
}

void cmc_controls_begin(struct der *cursor, struct der_fault *fault,
                        const struct pki_data *pki_data)
{
    der_begin_with(cursor, fault, DER_BORNE, pki_data->controls.data, pki_data->controls.size);
}

bool cmc_controls_next(struct der *cursor, struct cmc_control *control)
{
    *control = (struct cmc_control){0};
    return der_more(cursor) && read_control(cursor, control);
}

void cmc_requests_begin(struct der *cursor, struct der_fault *fault,
                        const struct pki_data *pki_data)
{
    der_begin_with(cursor, fault, DER_BORNE, pki_data->requests.data, pki_data->requests.size);
}

bool cmc_requests_next(struct der *cursor, struct cmc_request *request)
{
    *request = (struct cmc_request){0};
    return der_more(cursor) && cmc_read_request(cursor, request);
}

void cmc_messages_begin(struct der *cursor, struct der_fault *fault,
                        const struct pki_data *pki_data)
{
    der_begin_with(cursor, fault, DER_BORNE, pki_data->messages.data, pki_data->messages.size);
}

bool cmc_messages_next(struct der *cursor, struct cmc_message *message)
{
    *message = (struct cmc_message){0};
    return der_more(cursor) && read_message(cursor, message);
}

void cmc_others_begin(struct der *cursor, struct der_fault *fault, const struct pki_data *pki_data)
{
    der_begin_with(cursor, fault, DER_BORNE, pki_data->others.data, pki_data->others.size);
}

bool cmc_others_next(struct der *cursor, struct cmc_message *other)
{
    *other = (struct cmc_message){0};
    return der_more(cursor) && cmc_read_other(cursor, other);
}

static bool id_is_right(struct der *der)
{
    uint32_t id;

    return read_id(der, "number of a request", &id);
}

static bool cmc_read_attributes(struct der *der, struct der_bytes *list)
{
    return attributes_read(der, "added attributes", DER_SET, list);
}

static bool cmc_read_extensions(struct der *der, struct der_bytes *list)
{
    return extensions_read(der, "added extensions", list);
}

/* SEQUENCE { to id, requests SEQUENCE OF id, list } */
static bool read_addition(struct der *values, struct cmc_addition *addition,
                          bool (*read)(struct der *, struct der_bytes *))
{
    struct der inside;

    return der_enter(values, "addition to a request", DER_SEQUENCE, &inside) &&
           read_id(&inside, "number of a message", &addition->to) &&
           read_list(&inside, "numbers of requests", id_is_right, &addition->requests) &&
           read(&inside, &addition->list) && der_end(&inside, "addition to a request") &&
           der_end(values, "addition to a request");
}

static bool cmc_read_values(struct der_bytes values, struct cmc_addition *addition,
                            struct der_fault *fault, struct der_remarks *remarks,
                            bool (*read)(struct der *, struct der_bytes *))
{
    struct der set;

    *addition = (struct cmc_addition){0};
    der_begin_with(&set, fault, remarks, values.data, values.size);
    if (read_addition(&set, addition, read)) return true;
    *addition = (struct cmc_addition){0};
    return false;
}

bool cmc_add_extensions_read(struct der_bytes values, struct cmc_addition *addition,
                             struct der_fault *fault, struct der_remarks *remarks)
{
    return cmc_read_values(values, addition, fault, remarks, cmc_read_extensions);
}

bool cmc_add_attributes_read(struct der_bytes values, struct cmc_addition *addition,
                             struct der_fault *fault, struct der_remarks *remarks)
{
    return cmc_read_values(values, addition, fault, remarks, cmc_read_attributes);
}

bool reg_info_read(struct der_bytes values, struct der_bytes *text, struct der_fault *fault,
                   struct der_remarks *remarks)
{
    struct der set;

    der_begin_with(&set, fault, remarks, values.data, values.size);
    if (der_read(&set, "registration info", DER_OCTET_STRING, text) &&
        der_end(&set, "registration info"))
        return true;
    *text = (struct der_bytes){0};
    return false;
}

static int digit_of(unsigned char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte at `*at`, or that which '%' and two digits there stand for; moves `*at` on. */
static unsigned char cmc_take_byte(struct der_bytes text, size_t *at)
{
    size_t i = (*at)++;

    if (text.data[i] != '%' || text.size - i < 3 || digit_of(text.data[i + 1]) < 0 ||
        digit_of(text.data[i + 2]) < 0)
        return text.data[i];
    *at += 2;
    return (unsigned char)(digit_of(text.data[i + 1]) << 4 | digit_of(text.data[i + 2]));
}

size_t reg_info_unescape(struct der_bytes raw, char *out)
{
    size_t size = 0;

    for (size_t at = 0; at < raw.size;) out[size++] = (char)cmc_take_byte(raw, &at);
    return size;
}

/* Letters and digits of what comes before a separator, small, "%41" being "a"; nothing else counts.
 */
static void cmc_fold(struct der_bytes text, char *folded, size_t capacity)
{
    size_t length = 0;

    for (size_t at = 0; at < text.size && length + 1 < capacity;) {
        unsigned char c = cmc_take_byte(text, &at);

        if (c >= 'A' && c <= 'Z') c |= 0x20;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) folded[length++] = (char)c;
    }
    folded[length] = 0;
}

/* Without a '=' nothing tells where a password would begin: then the beginning is enough. */
static bool cmc_is_secret(struct der_bytes name, bool ends)
{
    static const char *const secrets[] = {"challenge", "expectedchallenge", "challengepassword"};
    char folded[32];

    cmc_fold(name, folded, sizeof folded);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (ends ? !strcmp(folded, secrets[i]) : !strncmp(folded, secrets[i], strlen(secrets[i])))
            return true;
    return false;
}

static size_t length_to(struct der_bytes text, char separator)
{
    const unsigned char *found = text.size ? memchr(text.data, separator, text.size) : NULL;

    return found ? (size_t)(found - text.data) : text.size;
}

bool reg_info_next(struct der_bytes *text, struct reg_info_pair *pair)
{
    struct der_bytes piece = *text;
    size_t name;

    *pair = (struct reg_info_pair){0};
    do {
        if (!text->size) return false;
        piece = (struct der_bytes){text->data, length_to(*text, '&')};
        *text = (struct der_bytes){text->data + piece.size, text->size - piece.size};
        if (text->size) text->data++, text->size--;
    } while (!piece.size);
    name = length_to(piece, '=');
    pair->name = (struct der_bytes){piece.data, name};
    if (name < piece.size)
        pair->value = (struct der_bytes){piece.data + name + 1, piece.size - name - 1};
    if (!(pair->secret = cmc_is_secret(pair->name, name < piece.size))) return true;
    pair->value = (struct der_bytes){0};
    if (name == piece.size) pair->name = (struct der_bytes){0};
    return true;
}

/* The first request; else the first message, which may hold one. The fault counts from the start of
 * `data`. */
static bool first_in(struct der_bytes data, struct der_bytes *request, struct der_bytes *message,
                     struct der_fault *fault, struct der_remarks *remarks)
{
    struct cmc_message first_message;
    struct cmc_request first_request;
    struct pki_data pki_data;
    struct der requests, messages, whole;

    if (!pki_data_read(data, &pki_data, fault, remarks)) return false;
    cmc_requests_begin(&requests, fault, &pki_data);
    cmc_messages_begin(&messages, fault, &pki_data);
    bool has_request = cmc_requests_next(&requests, &first_request),
         has_message = cmc_messages_next(&messages, &first_message);

    if (has_request) *request = first_request.request;
    else if (has_message) *message = first_message.whole;
    der_begin(&whole, fault, data.data, data.size);
    if (has_request && first_request.kind != CMC_PKCS10)
        return der_refuse(&whole, DER_E_ALGORITHM, "request", pki_data.requests.data);
    return has_request || has_message ||
           der_refuse(&whole, DER_E_MISSING, "request", pki_data.requests.data);
}

static bool refuse_content(struct der_bytes data, struct der_fault *fault, enum der_error error,
                           const char *what)
{
    struct der whole;

    der_begin(&whole, fault, data.data, data.size);
    return der_refuse(&whole, error, what, whole.at);
}

/* One step inwards: what was read into `cms` becomes a request, `*request`, or another `cms`, which
 * is in `*at`. */
static bool cmc_step(struct cms *cms, struct der_bytes *at, struct der_bytes *request,
                     struct der_fault *fault, struct der_remarks *remarks)
{
    struct der_bytes message = {0};
    struct cms inner;

    if (cms->has_content) *at = cms->content;
    switch (cms_content_is(cms)) {
    case CMS_NOTHING:
        return refuse_content(*at, fault, DER_E_MISSING, "content");
    case CMS_REQUEST:
        *request = *at;
        return true;
    case CMS_PKI_DATA:
        if (!first_in(*at, request, &message, fault, remarks)) return false;
        if (request->data) return true;
        *at = message;
        if (!cms_read(at->data, at->size, &inner, fault, remarks)) return false;
        break;
    case CMS_SIGNED:
        if (!cms_content_signed(cms, &inner, fault, remarks)) return false;
        break;
    default:
        return refuse_content(*at, fault, DER_E_ALGORITHM, "content");
    }
    *cms = inner;
    return true;
}

/* `*at` is what is being read, from which the fault counts. */
static bool unwrap(struct der_bytes *at, struct pkcs10 *request, struct cms_layers *layers,
                   struct der_fault *fault, struct der_remarks *remarks)
{
    struct der_bytes found = {0};
    struct cms cms;

    if (!cms_kind(at->data, at->size)) found = *at;
    else if (!cms_read(at->data, at->size, &cms, fault, remarks)) return false;
    for (unsigned depth = 0; !found.data; depth++) {
        if (depth == CMS_NESTED_MAX) return refuse_content(*at, fault, DER_E_DEPTH, "signed data");
        layers->cms[layers->count++] = cms;
        if (!cmc_step(&cms, at, &found, fault, remarks)) return false;
    }
    *at = found;
    return pkcs10_read(found.data, found.size, request, fault, remarks);
}

bool pkcs10_unwrap_layers(const void *data, size_t size, struct pkcs10 *request,
                          struct cms_layers *layers, struct der_fault *fault,
                          struct der_remarks *remarks)
{
    struct der_bytes at = {data, size};
    bool ok;

    *request = (struct pkcs10){0};
    layers->count = 0;
    if (!size) return pkcs10_read(data, size, request, fault, remarks);
    ok = unwrap(&at, request, layers, fault, remarks);
    if (!ok) fault->offset += (size_t)(at.data - (const unsigned char *)data);
    return ok;
}

bool pkcs10_unwrap(const void *data, size_t size, struct pkcs10 *request, struct der_fault *fault,
                   struct der_remarks *remarks)
{
    struct cms_layers layers;

    return pkcs10_unwrap_layers(data, size, request, &layers, fault, remarks);
}
