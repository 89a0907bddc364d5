#include "config_judge.h"

#include <string.h>

#ifdef _WIN32
#define ON_WINDOWS true
#else
#define ON_WINDOWS false
#endif

/* What leaves TLS out; NULL: nothing does. */
static const char *config_plain(const struct target *to)
{
    if (to->kind == CONFIG_HTTP)
        return to->url && !strncmp(to->url, "http://", 7) ? "http://" : NULL;
    if (to->kind == CONFIG_MAIL) return to->tls == TLS_NONE ? "tls = none" : NULL;
    return to->allow_plain ? "allowPlain = yes" : NULL;
}

/* LocalMachine\My\<SHA-1> */
static bool config_is_in_store(const char *text)
{
    const char *store = strchr(text, '\\'), *digits = store ? strchr(store + 1, '\\') : NULL;

    return digits && store > text && digits > store + 1 && strlen(digits + 1) == 40 &&
           strspn(digits + 1, "0123456789abcdefABCDEF") == 40;
}

static void config_judge_client(struct config_reading *at, unsigned index)
{
    const struct target *to = &at->config->targets[index];
    unsigned line = config_given(at, index, "clientCertificate");

    if (ON_WINDOWS && to->client_key)
        config_wrong(at, config_given(at, index, "clientKey"),
                     "clientKey is of Linux alone: on Windows the key is where clientCertificate "
                     "says, in the machine's store or in the PKCS#12 file; leave clientKey out");
    else if (to->client_key && !to->client_certificate)
        config_wrong(at, config_given(at, index, "clientKey"), "clientKey needs clientCertificate");
    if (!to->client_certificate || config_is_absolute(to->client_certificate)) return;
    if (!ON_WINDOWS)
        config_wrong(at, line, "clientCertificate = %s is not valid; it is an absolute path",
                     to->client_certificate);
    else if (!config_is_in_store(to->client_certificate))
        config_wrong(at, line, "clientCertificate = %s is not valid; it is LocalMachine\\My\\ with "
                     "the 40 digits of its SHA-1, or an absolute path", to->client_certificate);
}

void config_judge_tls(struct config_reading *at, unsigned index)
{
    static const char *const keys[] = {"ca", "clientCertificate", "clientKey", "revocation"};
    const struct target *to = &at->config->targets[index];
    const char *plain = config_plain(to);
    unsigned revocation = config_given(at, index, "revocation");

    for (size_t i = 0; plain && i < sizeof keys / sizeof *keys; i++)
        if (config_given(at, index, keys[i]))
            config_wrong(at, config_given(at, index, keys[i]),
                         "%s is of TLS, which %s leaves out; remove one of them", keys[i], plain);
    config_judge_client(at, index);
    if (!ON_WINDOWS && revocation && to->revocation != REVOCATION_OFF)
        config_wrong(at, revocation, "revocation is of Windows alone: here nothing finds out "
                     "whether a far end's certificate is revoked; leave it out, or say off");
}
