#include "export_folder.h"

#include "cli/terminal/console.h"
#include "der/identifier.h"
#include "der/value.h"
#include "base/error_text.h"
#include "base/file_read.h"
#include "base/file_system.h"
#include "base/file_write.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>

#define CLAIM     "export.json"
#define CLAIM_MAX 65536                 /* bytes; it has one line */

void export_folder_path(struct bytes *out, const char *path, const char *name)
{
    size_t size = strlen(path);

    bytes_add(out, path, size);
    if (size && path[size - 1] != '/' && path[size - 1] != '\\') bytes_add_text(out, "/");
    bytes_add(out, name, strlen(name) + 1);
}

static bool export_folder_cannot(const char *path, const char *what, HRESULT hr)
{
    char reason[ERROR_TEXT_MAX];

    console_note("%s: %s: %s", path, what, error_text(hr, reason));
    return false;
}

static void write_claim(struct bytes *out, struct span source)
{
    struct json json = {.out = out};

    json_object(&json, NULL);
    json_text(&json, "what", "an export of a CertWitness journal");
    json_number(&json, "format", 1);
    json_string(&json, "source", source.text, source.size);
    json_end(&json);
    bytes_add_text(out, "\n");
}

/* S_OK: ours, of this journal. S_FALSE: of another one. ERROR_INVALID_DATA: not ours. */
static HRESULT read_claim(const char *file, struct span source)
{
    struct bytes text = {0}, found = {0};
    struct json_doc doc = {0};
    int64_t format = 0;
    HRESULT hr = file_read(file, CLAIM_MAX, &text);

    if (SUCCEEDED(hr)) {
        bool ours = json_doc_parse(&doc, (struct span){text.size ? text.data : "", text.size}) &&
                    json_doc_number(&doc, json_find(&doc, JSON_ROOT, "format"), &format) &&
                    format == 1 &&
                    json_doc_text(&doc, json_find(&doc, JSON_ROOT, "source"), &found);

        if (!ours) hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
        else
            hr = found.size == source.size &&
                         !memcmp(found.size ? found.data : "", source.text, source.size)
                     ? S_OK
                     : S_FALSE;
    }
    json_doc_free(&doc);
    bytes_free(&found);
    bytes_free(&text);
    return hr;
}

static bool export_folder_take(const char *path, const char *file, struct span source)
{
    struct bytes claim = {0};
    bool empty = false;
    HRESULT hr = folder_is_empty(path, &empty);

    if (FAILED(hr)) return export_folder_cannot(path, "cannot be looked at", hr);
    if (empty) {
        write_claim(&claim, source);
        hr = claim.failed ? E_OUTOFMEMORY : file_put(file, claim.data, claim.size);
        bytes_free(&claim);
        return SUCCEEDED(hr) || export_folder_cannot(path, "cannot be written to", hr);
    }
    hr = read_claim(file, source);
    if (hr == S_FALSE)
        console_note("%s: holds an export of another journal (" CLAIM
                     " names it); choose another folder",
                     path);
    else if (FAILED(hr))
        console_note("%s: has something in it that no export left (there is no " CLAIM
                     " of ours); choose another folder",
                     path);
    return hr == S_OK;
}

bool export_folder_claim(const char *path, struct span source)
{
    static const char *const folders[] = {"certificates", "requests", "crls", "ca"};
    struct bytes name = {0};
    HRESULT hr = folder_make(path);
    bool taken = false;

    if (FAILED(hr)) return export_folder_cannot(path, "the folder cannot be used", hr);
    export_folder_path(&name, path, CLAIM);
    if (!name.failed) taken = export_folder_take(path, name.data, source);
    for (size_t i = 0; taken && i < sizeof folders / sizeof *folders; i++) {
        name.size = 0;
        export_folder_path(&name, path, folders[i]);
        hr = name.failed ? E_OUTOFMEMORY : folder_make(name.data);
        if (FAILED(hr))
            taken = export_folder_cannot(name.failed ? path : name.data,
                                         "the folder cannot be used", hr);
    }
    bytes_free(&name);
    return taken;
}

/* At most `most` bytes in hexadecimal, zero-terminated. */
static void export_folder_put_hex(char *out, const unsigned char *data, size_t size, size_t most)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size && i < most; i++) {
        *out++ = digits[data[i] >> 4];
        *out++ = digits[data[i] & 15];
    }
    *out = 0;
}

static void serial_of(const struct event_item *item, char out[41])
{
    struct der_bytes serial = item->certificate.serial;

    if (serial.size > 1 && !serial.data[0]) serial.data++, serial.size--;
    export_folder_put_hex(out, serial.data, serial.size, 20);
}

static void name_crl(const struct event_item *item, const char *hash, char out[EXPORT_NAME_MAX])
{
    char number[24] = "";
    struct der_bytes content;
    struct extension extension;
    struct der_fault fault;
    int64_t value;

    if (item->readable && extensions_find(item->crl.extensions, "2.5.29.20", &extension) &&
        der_alone(extension.value, "number", DER_INTEGER, &content, &fault, DER_BORNE) &&
        der_number(content, &value) && value >= 0)
        snprintf(number, sizeof number, "%lld-", (long long)value);
    snprintf(out, EXPORT_NAME_MAX, "crls/%lld-%s-%s%s.%s", (long long)item->index,
             item->kind == ITEM_CRL ? "base" : "delta", number, hash,
             item->readable ? "crl" : "bin");
}

static const char *ending_of_request(const struct event_item *item)
{
    if (item->is_cms) return "p7m";
    if (item->is_keygen) return "spkac";
    return item->readable ? "req" : "bin";
}

void export_folder_name(const struct event_item *item, int64_t request_id,
                        char out[EXPORT_NAME_MAX])
{
    char hash[33], serial[41] = "";

    export_folder_put_hex(hash, item->sha256, sizeof item->sha256, 16);
    switch (item->kind) {
    case ITEM_CERTIFICATE:
    case ITEM_CA_CERTIFICATE:
        if (item->readable) serial_of(item, serial);
        snprintf(out, EXPORT_NAME_MAX, "%s/%s%s%s.%s",
                 item->kind == ITEM_CERTIFICATE ? "certificates" : "ca", serial, *serial ? "-" : "",
                 hash, item->readable ? "cer" : "bin");
        return;
    case ITEM_REQUEST:
        snprintf(out, EXPORT_NAME_MAX, "requests/%lld-%s.%s", (long long)request_id, hash,
                 ending_of_request(item));
        return;
    case ITEM_CRL:
    case ITEM_DELTA_CRL:
        name_crl(item, hash, out);
        return;
    }
}
