#include "ca.h"

#include "ca_certificates.h"
#include "server.h"
#include "base/utf16_windows.h"

#include "journal/line.h"

#include <string.h>
#include <wchar.h>

#define NAME_MAX 200 /* characters of a CA's name that becomes a folder's; NTFS takes 255 */

/* A text that is cut, or that holds a zero, is none. */
static bool ca_take_text(struct server_value *value, WCHAR *out, size_t size)
{
    size_t units = value->size / sizeof(WCHAR);
    bool fits = value->bstr && units < size && wcslen(value->bstr) == units;

    if (fits) wcscpy(out, value->bstr);
    server_value_free(value);
    return fits && *out;
}

/* `server` is one of the pair's. */
static bool ask_text_of(struct server_pair *pair, ICertServerExit *server, const WCHAR *name,
                        WCHAR *out, size_t size)
{
    struct server_value value;

    return server &&
           server_get(server, &pair->held, SERVER_CERTIFICATE, name, PROPTYPE_STRING, &value) ==
               S_OK &&
           ca_take_text(&value, out, size);
}

static void ask_text(struct server_pair *pair, const WCHAR *name, WCHAR *out, size_t size)
{
    if (!ask_text_of(pair, pair->plain, name, out, size) &&
        !ask_text_of(pair, server_pair_bound(pair), name, out, size))
        out[0] = 0;
}

static bool ask_long(struct server_pair *pair, const WCHAR *name, LONG *out)
{
    struct server_value value;

    if (server_pair_get(pair, name, PROPTYPE_LONG, &value) != S_OK) return false;
    *out = value.number;
    return true;
}

/* The key is asked for after SetContext(0) too where the first answer is another module's:
 * location.h. */
static void find_location(struct ca *ca, struct server_pair *pair, const WCHAR *config)
{
    WCHAR bound[LOCATION_KEY_MAX] = L"";
    struct location_hints hints = {ca->key, bound, ca->name, config};

    if (!ask_text_of(pair, pair->plain, wszPROPMODULEREGLOC, ca->key, ARRAYSIZE(ca->key)))
        ca->key[0] = 0;
    if (!location_is_ours(ca->key))
        ask_text_of(pair, server_pair_bound(pair), wszPROPMODULEREGLOC, bound, ARRAYSIZE(bound));
    location_find(&hints, &ca->location);
    if (!ca->key[0]) wcscpy(ca->key, bound);
}

void ca_ask(const WCHAR *config, struct ca *ca)
{
    DWORD size = ARRAYSIZE(ca->machine);
    struct server_pair pair;

    memset(ca, 0, sizeof *ca);
    server_pair_open(&pair);
    ask_text(&pair, wszPROPSANITIZEDCANAME, ca->name, ARRAYSIZE(ca->name));
    ask_text(&pair, wszPROPSANITIZEDSHORTNAME, ca->short_name, ARRAYSIZE(ca->short_name));
    ask_text(&pair, wszPROPMACHINEDNSNAME, ca->machine, ARRAYSIZE(ca->machine));
    find_location(ca, &pair, config);
    ca->has_type = ask_long(&pair, wszPROPCATYPE, &ca->type);
    ca->has_cert_count = ask_long(&pair, wszPROPCERTCOUNT, &ca->cert_count);
    server_pair_close(&pair);
    if (!ca->name[0] && ca->location.way != LOCATION_CONTRADICTED)
        wcscpy(ca->name, ca->location.ca);
    if (wcslen(ca->name) > NAME_MAX) wcscpy(ca->name, ca->short_name);
    if (!ca->machine[0] && !GetComputerNameExW(ComputerNameDnsFullyQualified, ca->machine, &size))
        ca->machine[0] = 0;
}

/* Percent-escape what may not stand in a URI's path as it is. */
static void ca_add_escaped(struct bytes *out, const WCHAR *text)
{
    struct bytes utf8 = {0};

    utf16_add_utf8(&utf8, text, wcslen(text));
    if (utf8.failed) bytes_fail(out);
    for (size_t i = 0; i < utf8.size; i++) {
        unsigned char c = utf8.data[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     (c && c < 0x80 && strchr("-._~!", c));

        if (plain) bytes_add(out, &c, 1);
        else
            bytes_add(out,
                      (char[3]){'%', "0123456789ABCDEF"[c >> 4 & 15], "0123456789ABCDEF"[c & 15]},
                      3);
    }
    bytes_free(&utf8);
}

void ca_add_source(struct bytes *out, const struct ca *ca)
{
    bytes_add_text(out, "/adcs/");
    ca_add_escaped(out, ca->machine);
    if (out->size > LINE_SOURCE_MAX / 2)
        bytes_take_back(
            out, strlen("/adcs/")); /* no machine's name is so long: it would fit into no line */
    bytes_add(out, "/", 1);
    ca_add_escaped(out,
                   ca->name); /* 255 characters at most, of ASCII where the CA has sanitized it */
    bytes_take_back(out, LINE_SOURCE_MAX);
    bytes_add(out, "", 1);
}

void ca_add(struct json *json, const struct ca *ca)
{
    json_object(json, "ca");
    utf16_add_json(json, "SanitizedCAName", ca->name);
    utf16_add_json(json, "SanitizedShortName", ca->short_name);
    utf16_add_json(json, "MachineDNSName", ca->machine);
    utf16_add_json(json, "ModuleRegistryLocation", ca->key);
    location_add(json, &ca->location);
    if (ca->has_type) json_number(json, "CAType", ca->type);
    if (ca->has_cert_count) json_number(json, "CertCount", ca->cert_count);
    ca_certificates_add(json, ca->has_cert_count ? ca->cert_count : 1);
    json_end(json);
}
