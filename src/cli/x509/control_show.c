#include "control_show.h"
#include "der/value.h"
#include "extension_show.h"
#include "name_show.h"
#include "request_show.h"

#include <string.h>

/* Each of these shows the values of one kind of control; what is wrong with them is left in the
 * fault. */

static void show_target(struct outline *outline, const struct cmc_addition *addition)
{
    struct der_bytes number;
    struct der_fault fault;
    struct der cursor;

    if (addition->to) outline_number(outline, "message", "Of message", addition->to);
    outline_list(outline, "requests", "To requests");
    der_begin_with(&cursor, &fault, DER_BORNE, addition->requests.data, addition->requests.size);
    while (der_more(&cursor) && der_integer(&cursor, "number of a request", &number))
        integer_show(outline, NULL, NULL, number);
    outline_close(outline);
}

static void control_show_extensions(struct outline *outline, struct der_bytes values,
                                    struct der_fault *fault, struct der_remarks *remarks)
{
    struct cmc_addition addition;

    if (!cmc_add_extensions_read(values, &addition, fault, remarks)) return;
    show_target(outline, &addition);
    extensions_show(outline, false, addition.list, remarks);
}

static void control_show_attributes(struct outline *outline, struct der_bytes values,
                                    struct der_fault *fault, struct der_remarks *remarks)
{
    struct cmc_addition addition;

    if (!cmc_add_attributes_read(values, &addition, fault, remarks)) return;
    show_target(outline, &addition);
    attributes_show(outline, "attributes", "Attributes", addition.list, remarks);
}

/* Text with '%' and two digits for a byte: what it stands for; in JSON, if that is another, also as
 * it stands. */
static void escaped_show(struct outline *outline, const char *key, const char *label,
                         const char *raw_key, struct der_bytes raw)
{
    struct bytes text = {0};
    char *room = raw.size ? bytes_reserve(&text, raw.size) : NULL;

    if (room) text.size = reg_info_unescape(raw, room);
    outline->out->failed |= text.failed;
    outline_text(outline, key, label, text.size ? text.data : "", text.size);
    if (outline->as_json && text.size != raw.size)
        outline_text(outline, raw_key, NULL, (const char *)raw.data, raw.size);
    bytes_free(&text);
}

static void control_show_pairs(struct outline *outline, struct der_bytes values,
                               struct der_fault *fault, struct der_remarks *remarks)
{
    struct reg_info_pair pair;
    struct der_bytes text;

    if (!reg_info_read(values, &text, fault, remarks)) return;
    outline_list(outline, "pairs", NULL);
    while (reg_info_next(&text, &pair)) {
        outline_group(outline, NULL, "Pair", NULL);
        if (pair.name.size || !pair.secret)
            escaped_show(outline, "name", "Name", "rawName", pair.name);
        if (pair.secret) outline_word(outline, "hidden", "Value", "(a password, not shown)");
        else escaped_show(outline, "value", "Value", "rawValue", pair.value);
        outline_close(outline);
    }
    outline_close(outline);
}

/* A number, a nonce, a name. */
static void control_show_value(struct outline *outline, struct der_bytes values,
                               struct der_fault *fault, struct der_remarks *remarks)
{
    simple_show(outline, "value", "Value", values, fault, remarks);
}

static void control_show_sealed(struct outline *outline, struct der_bytes values,
                                struct der_fault *fault, struct der_remarks *remarks)
{
    (void)fault;
    (void)remarks;
    sealed_show(outline, values.size);
}

/* 1.3.6.1.5.5.7.7.<number>. What rests on a secret that client and CA share could be used to guess
 * it, and is sealed. */
#define CMC "1.3.6.1.5.5.7.7."
static const struct kind {
    const char *oid, *name, *label;
    void (*show)(struct outline *outline, struct der_bytes values, struct der_fault *fault,
                 struct der_remarks *remarks);
} kinds[] = {
    {"1.3.6.1.4.1.311.10.10.1", "cmcAddAttributes", "Added attributes", control_show_attributes},
    {CMC "8", "addExtensions", "Added extensions", control_show_extensions},
    {CMC "18", "regInfo", "Registration info", control_show_pairs},
    {CMC "1", "statusInfo", "Status", values_show},
    {CMC "2", "identification", "Identification", control_show_value},
    {CMC "3", "identityProof", "Proof of identity", control_show_sealed},
    {CMC "4", "dataReturn", "Data to be returned", values_show},
    {CMC "5", "transactionId", "Transaction ID", control_show_value},
    {CMC "6", "senderNonce", "Nonce of the sender", control_show_value},
    {CMC "7", "recipientNonce", "Nonce of the recipient", control_show_value},
    {CMC "9", "encryptedPOP", "Proof of possession, encrypted", values_show},
    {CMC "10", "decryptedPOP", "Proof of possession, decrypted", control_show_sealed},
    {CMC "11", "lraPOPWitness", "Proof of possession witnessed", values_show},
    {CMC "15", "getCert", "Get a certificate", values_show},
    {CMC "16", "getCRL", "Get a CRL", values_show},
    {CMC "17", "revokeRequest", "Revoke a certificate", control_show_sealed},
    {CMC "19", "responseInfo", "Response info", values_show},
    {CMC "21", "queryPending", "Ask for what is pending", values_show},
    {CMC "22", "popLinkRandom", "Random number for the proof of possession", values_show},
    {CMC "23", "popLinkWitness", "Proof of possession linked", control_show_sealed},
    {CMC "24", "confirmCertAcceptance", "Certificate accepted", values_show},
    {CMC "25", "statusInfoV2", "Status", values_show},
    {CMC "26", "trustedAnchors", "Trust anchors", values_show},
    {CMC "27", "authData", "Authenticated data", values_show},
    {CMC "28", "batchRequests", "Batch of requests", values_show},
    {CMC "29", "batchResponses", "Batch of responses", values_show},
    {CMC "30", "publishCert", "Publish certificates", values_show},
    {CMC "31", "modCertTemplate", "Change to what is requested", values_show},
    {CMC "32", "controlProcessed", "Controls that were processed", values_show},
    {CMC "33", "popLinkWitnessV2", "Proof of possession linked", control_show_sealed},
    {CMC "34", "identityProofV2", "Proof of identity", control_show_sealed},
};

static const struct kind *control_show_kind_of(const char *oid)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!strcmp(kinds[i].oid, oid)) return &kinds[i];
    }
    return NULL;
}

static void control_show(struct outline *outline, const struct cmc_control *control,
                         struct der_remarks *remarks)
{
    char oid[DER_OID_TEXT];
    const struct kind *kind =
        der_oid_text(control->oid, oid, sizeof oid) ? control_show_kind_of(oid) : NULL;
    bool may_hold_secret =
        kind && (kind->show == control_show_attributes || kind->show == control_show_pairs);
    struct der_fault fault = {0};

    outline_group(outline, NULL, kind ? kind->label : "Control", NULL);
    outline_number(outline, "bodyPartId", "Body part", control->id);
    if (!*oid) outline_hex(outline, "oid", "OID", control->oid.data, control->oid.size);
    else if (!kind || outline->as_json) outline_word(outline, "oid", "OID", oid);
    if (kind && outline->as_json) outline_word(outline, "name", NULL, kind->name);
    (kind ? kind->show : values_show)(outline, control->values, &fault, remarks);
    if (fault.error)
        refusal_show(outline, &fault, may_hold_secret ? (struct der_bytes){0} : control->values);
    outline_close(outline);
}

void controls_show(struct outline *outline, const struct pki_data *pki_data,
                   struct der_remarks *remarks)
{
    struct cmc_control control;
    struct der_fault fault;
    struct der cursor;

    if (!pki_data->controls.size) return;
    outline_list(outline, "controls", "Controls");
    for (cmc_controls_begin(&cursor, &fault, pki_data); cmc_controls_next(&cursor, &control);)
        control_show(outline, &control, remarks);
    outline_close(outline);
}
