#include "ca.h"

#include "ca_certificates.h"
#include "server.h"
#include "text.h"

#include "journal/line.h"

#include <string.h>
#include <wchar.h>

#define NAME_MAX 200                    /* characters of a CA's name that becomes a folder's; NTFS takes 255 */

static void ask_text(ICertServerExit *server, const WCHAR *name, WCHAR *out, size_t size)
{
    struct server_value value;

    out[0] = 0;
    if (server_get(server, SERVER_CERTIFICATE, name, PROPTYPE_STRING, &value) != S_OK) return;
    if (value.bstr && SysStringLen(value.bstr) < size) wcscpy(out, value.bstr);
    server_value_free(&value);
}

static bool ask_long(ICertServerExit *server, const WCHAR *name, LONG *out)
{
    struct server_value value;

    if (server_get(server, SERVER_CERTIFICATE, name, PROPTYPE_LONG, &value) != S_OK) return false;
    *out = value.number;
    return true;
}

/* …\Configuration\<sanitised CA name>\ExitModules\<ProgID> */
static void name_from_key(struct ca *ca)
{
    static const WCHAR before[] = L"\\Configuration\\";
    WCHAR *name = wcsstr(ca->key, before), *end;

    if (!name) return;
    name += ARRAYSIZE(before) - 1;
    end = wcschr(name, '\\');
    if (end && (size_t)(end - name) < ARRAYSIZE(ca->name)) wmemcpy(ca->name, name, end - name);
}

void ca_ask(struct ca *ca)
{
    DWORD size = ARRAYSIZE(ca->machine);
    ICertServerExit *server;

    memset(ca, 0, sizeof *ca);
    if (SUCCEEDED(server_open(0, &server))) {
        ask_text(server, wszPROPSANITIZEDCANAME, ca->name, ARRAYSIZE(ca->name));
        ask_text(server, wszPROPSANITIZEDSHORTNAME, ca->short_name, ARRAYSIZE(ca->short_name));
        if (wcslen(ca->name) > NAME_MAX) wcscpy(ca->name, ca->short_name);
        ask_text(server, wszPROPMACHINEDNSNAME, ca->machine, ARRAYSIZE(ca->machine));
        ask_text(server, wszPROPMODULEREGLOC, ca->key, ARRAYSIZE(ca->key));
        ca->has_type = ask_long(server, wszPROPCATYPE, &ca->type);
        ca->has_cert_count = ask_long(server, wszPROPCERTCOUNT, &ca->cert_count);
        ICertServerExit_Release(server);
    }
    if (!ca->name[0]) name_from_key(ca);
    if (!ca->machine[0] && !GetComputerNameExW(ComputerNameDnsFullyQualified, ca->machine, &size)) ca->machine[0] = 0;
}

/* Percent-escape what may not stand in a URI's path as it is. */
static void add_escaped(struct bytes *out, const WCHAR *text)
{
    struct bytes utf8 = {0};

    text_add_utf8(&utf8, text, wcslen(text));
    if (utf8.failed) bytes_fail(out);
    for (size_t i = 0; i < utf8.size; i++) {
        unsigned char c = utf8.data[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c && c < 0x80 && strchr("-._~!", c));

        if (plain) bytes_add(out, &c, 1);
        else bytes_printf(out, "%%%02X", c);
    }
    bytes_free(&utf8);
}

void ca_add_source(struct bytes *out, const struct ca *ca)
{
    bytes_add_text(out, "/adcs/");
    add_escaped(out, ca->machine);
    if (out->size > LINE_SOURCE_MAX / 2) bytes_take_back(out, strlen("/adcs/"));  /* no machine's name is so long: it would fit into no line */
    bytes_add(out, "/", 1);
    add_escaped(out, ca->name);         /* 255 characters at most, of ASCII where the CA has sanitized it */
    bytes_take_back(out, LINE_SOURCE_MAX);
    bytes_add(out, "", 1);
}

void ca_add(struct json *json, const struct ca *ca)
{
    json_object(json, "ca");
    text_add_json(json, "SanitizedCAName", ca->name);
    text_add_json(json, "SanitizedShortName", ca->short_name);
    text_add_json(json, "MachineDNSName", ca->machine);
    text_add_json(json, "ModuleRegistryLocation", ca->key);
    if (ca->has_type) json_number(json, "CAType", ca->type);
    if (ca->has_cert_count) json_number(json, "CertCount", ca->cert_count);
    ca_certificates_add(json, ca->has_cert_count ? ca->cert_count : 1);
    json_end(json);
}
