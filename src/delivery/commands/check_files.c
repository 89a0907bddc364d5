#include "check_files.h"

#include "base/error_text.h"
#include "base/file_read.h"
#include "cli/terminal/console.h"
#include "delivery/client_certificate.h"
#include "delivery/program/process.h"

#include <stdio.h>
#include <string.h>

#define ROOTS_MOST (16u << 20)          /* bytes; all roots of a system have some 200 KiB */

static bool check_roots(const struct target *target, char why[CHECK_WHY])
{
    struct bytes file = {0};
    char text[ERROR_TEXT_MAX];
    struct x509 root;
    HRESULT hr = file_read(target->ca, ROOTS_MOST, &file);
    bool good = SUCCEEDED(hr) && file.size && client_certificate_find(&file, &root);

    if (FAILED(hr))
        snprintf(why, CHECK_WHY, "cannot be read: %s", error_text(hr, text));
    else if (!good)
        snprintf(why, CHECK_WHY, "holds no certificate in PEM; give the roots to trust so");
    bytes_free(&file);
    return good;
}

static bool check_wrong(const struct call *call, const struct target *target, const char *key,
                        const char *value, const char *why)
{
    console_note("%s:%u: %s = %s %s", call->config.file, config_line_of(target, key), key, value,
                 why);
    return false;
}

bool check_files(const struct call *call, const struct target *target)
{
    const char *program = target->program, *fault, *key;
    char why[CHECK_WHY];
    bool good = true;

    if (target->ca && !check_roots(target, why))
        good = check_wrong(call, target, "ca", target->ca, why);
    if (target->client_certificate && (key = check_client(target, why)))
        good = check_wrong(call, target, key, strcmp(key, "clientKey") ? target->client_certificate
                                                                       : target->client_key, why);
    if (program && (fault = process_fault(program)))
        good = check_wrong(call, target, "program", program, fault);
    return good;
}
