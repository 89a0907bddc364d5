#include "fact_columns.h"

#include "base/json.h"
#include "base/utc.h"
#include "fact_words.h"

#include <string.h>

static void put_text(struct json *json, const char *name, struct span text)
{
    if (text.size) json_string(json, name, text.text, text.size);
}

static void put_time(struct json *json, const char *name, int64_t seconds)
{
    char text[UTC_TEXT_MAX];

    if (seconds == FACT_NO_TIME || seconds > INT64_MAX / 1000000 || seconds < INT64_MIN / 1000000)
        return;
    if (utc_text(seconds * 1000000, false, text)) json_text(json, name, text);
}

static void put_word(struct json *json, const char *name, const char *word)
{
    if (*word) json_text(json, name, word);
}

static void put_names(struct json *json, const struct issuance *issuance)
{
    struct span packed = issuance->texts[FACT_NAMES];
    struct fact_name name;
    uint32_t count = 0;

    json_array(json, "names");
    for (; names_next(&packed, &name); count++) {
        json_object(json, NULL);
        json_text(json, "kind", names_kind(name.kind));
        json_string(json, "value", name.text.text, name.text.size);
        put_word(json, "from", fact_source_word(name.source));
        json_end(json);
    }
    json_end(json);
    if (issuance->name_count > count) json_number(json, "namesMore", issuance->name_count - count);
    if (issuance->names_unread) json_bool(json, "namesUnread", true);
}

static void put_oids(struct json *json, const char *name, struct span all)
{
    json_array(json, name);
    for (size_t at = 0, size; at < all.size; at += size + 1) {
        const char *end = memchr(all.text + at, ' ', all.size - at);

        size = end ? (size_t)(end - all.text) - at : all.size - at;
        json_string(json, NULL, all.text + at, size);
    }
    json_end(json);
}

static void put_key(struct json *json, const struct issuance *issuance)
{
    struct bytes words = {0};

    if (!issuance->has_certificate) return;
    json_object(json, "key");
    fact_words_key(issuance, &words);
    json_string(json, "name", words.data, words.size);
    put_text(json, "algorithm", issuance->texts[FACT_KEY_ALGORITHM]);
    put_text(json, "curve", issuance->texts[FACT_CURVE]);
    if (issuance->bits) json_number(json, "bits", issuance->bits);
    json_end(json);
    words.size = 0;
    fact_words_signature(issuance, &words);
    json_string(json, "signature", words.data, words.size);
    bytes_free(&words);
}

static void put_client(struct json *json, const struct issuance *issuance)
{
    if (!issuance->client && !issuance->texts[FACT_PROCESS].size &&
        !issuance->texts[FACT_MACHINE].size && !issuance->texts[FACT_USER].size)
        return;
    json_object(json, "client");
    put_text(json, "process", issuance->texts[FACT_PROCESS]);
    put_text(json, "machine", issuance->texts[FACT_MACHINE]);
    put_text(json, "user", issuance->texts[FACT_USER]);
    if (issuance->client) json_number(json, "id", issuance->client);
    json_end(json);
}

/* What is only said has a name of its own: no program takes it for a renewal. */
static void put_renewal(struct json *json, const struct fate *fate, struct facts *facts)
{
    bool is_said = fate->ground == GROUND_SAID;
    struct bytes requester = {0};

    if (!fate->ground) return;
    json_object(json, is_said ? "saidRenewedBy" : "renewedBy");
    if (!is_said) json_text(json, "ground", fact_ground_word(fate->ground));
    json_number(json, "sequence", (int64_t)fate->by_sequence);
    if (fate->by_request != FACT_NO_TIME) json_number(json, "requestId", fate->by_request);
    if (is_said && !facts_requester(facts, fate->by_place, &requester)) json->out->failed = true;
    put_text(json, "requester", (struct span){requester.data, requester.size});
    json_end(json);
    bytes_free(&requester);
}

static void put_fate(struct json *json, const struct fate *fate, struct facts *facts)
{
    put_renewal(json, fate, facts);
    if (fate->is_routine) json_bool(json, "routine", true);
    if (!fate->is_revoked) return;
    json_object(json, "revoked");
    json_number(json, "sequence", (int64_t)fate->revoked_sequence);
    put_time(json, "when", fate->revoked_when);
    if (fate->revoked_reason != -1) json_number(json, "reason", fate->revoked_reason);
    json_end(json);
}

static void put_template(struct json *json, const struct fact *fact, const struct fact_view *view)
{
    struct span told = fact->issuance.texts[FACT_TEMPLATE];
    const char *name = told.size ? template_names_find(view->names, told.text, told.size) : NULL;

    put_text(json, "template", told);
    if (name) json_text(json, "templateKnownAs", name);
    put_text(json, "templateAskedFor", fact->issuance.texts[FACT_ASKED_TEMPLATE]);
}

static void put_numbers(struct json *json, const struct issuance *issuance)
{
    json_number(json, "sequence", (int64_t)issuance->sequence);
    if (issuance->has_request_id) json_number(json, "requestId", issuance->request_id);
    put_time(json, "issued", issuance->time);
    put_time(json, "notBefore", issuance->not_before);
    put_time(json, "notAfter", issuance->not_after);
}

static void put_identity(struct json *json, const struct issuance *issuance)
{
    const struct span *texts = issuance->texts;

    put_text(json, "subject", texts[FACT_SUBJECT]);
    put_word(json, "subjectFrom", fact_source_word(issuance->subject_source));
    put_names(json, issuance);
    put_text(json, "upn", texts[FACT_UPN]);
    put_text(json, "sid", texts[FACT_SID]);
    if (texts[FACT_SID].size || issuance->names_unread)
        put_word(json, "sidFrom", fact_source_word(issuance->sid_source));
    put_text(json, "serial", texts[FACT_SERIAL]);
    put_text(json, "thumbprint", texts[FACT_HASH]);
}

void fact_json(const struct fact *fact, const struct fact_view *view, const char *first,
               struct bytes *out)
{
    const struct issuance *issuance = &fact->issuance;
    struct json json = {.out = out};

    json_object(&json, NULL);
    if (first) json_members(&json, first, strlen(first));
    put_numbers(&json, issuance);
    json_text(&json, "state", fact_state_word(fact_state(fact, view->now)));
    put_text(&json, "requester", issuance->texts[FACT_REQUESTER]);
    put_text(&json, "caller", issuance->texts[FACT_CALLER]);
    put_template(&json, fact, view);
    put_identity(&json, issuance);
    put_key(&json, issuance);
    if (issuance->has_purposes) put_oids(&json, "eku", issuance->texts[FACT_PURPOSES]);
    if (issuance->purposes_cut) json_bool(&json, "ekuMore", true);
    if (issuance->is_ca) json_bool(&json, "isCa", true);
    put_client(&json, issuance);
    if (issuance->flags) json_number(&json, "requestFlags", issuance->flags);
    put_fate(&json, &fact->fate, view->facts);
    if (issuance->is_imported) json_bool(&json, "imported", true);
    if (issuance->is_unverified) json_bool(&json, "unverified", true);
    json_end(&json);
    bytes_add_text(out, "\n");
}
