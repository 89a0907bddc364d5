/* The command secret set: a token or password, from standard input. */
#include "call.h"

#include "base/error_text.h"
#include "base/file_read.h"
#include "cli/terminal/console.h"
#include "delivery/secret.h"
#include "delivery/store.h"

#include <string.h>

/* One line, without its end and without the mark that some editors put before a text in UTF-8. What
 * is wrong with it; NULL: nothing. */
static const char *secret_fault(struct bytes *secret)
{
    if (secret->size >= 3 && !memcmp(secret->data, "\xef\xbb\xbf", 3))
        memmove(secret->data, secret->data + 3, secret->size -= 3);
    while (secret->size && strchr("\r\n", secret->data[secret->size - 1])) secret->size--;
    for (size_t i = 0; i < secret->size; i++)
        if ((unsigned char)secret->data[i] < 0x20 || secret->data[i] == 0x7f)
            return "the secret is one line on standard input, without control characters; save it "
                   "as UTF-8";
    if (!secret->size) return "there is no secret on standard input";
    if (*secret->data == ' ' || secret->data[secret->size - 1] == ' ')
        return "the secret begins or ends with a blank; give it without";
    return NULL;
}

/* The folder is made where it is missing, and belongs to nobody else afterwards. */
static HRESULT secret_put(const struct call *call, const char *name, const struct bytes *secret)
{
    struct store *store = NULL;
    HRESULT hr = store_open(call->config.state, &store);

    store_close(store);
    if (FAILED(hr) && hr != HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)) return hr;
    return secret_save(call->config.state, name, secret);
}

enum outcome call_secret(struct call *call)
{
    struct bytes secret = {0};
    const char *fault = NULL;
    const struct target *target;
    unsigned count;
    char text[ERROR_TEXT_MAX];
    HRESULT hr;

    if (strcmp(call->operands[0], "set")) {
        console_note("usage: certwitness-delivery secret set NAME, with the secret on standard "
                     "input");
        return OUTCOME_CANNOT;
    }
    call->operands++;
    if (!(target = call_targets(call, &count))) return OUTCOME_CANNOT;
    hr = file_read("-", SECRET_MAX, &secret);
    if (SUCCEEDED(hr) && (fault = secret_fault(&secret))) {
        console_note("%s", fault);
        hr = E_INVALIDARG;
    } else if (FAILED(hr) || FAILED(hr = secret_put(call, target->section, &secret)))
        console_note("the secret cannot be kept: %s", error_text(hr, text));
    else console_print("the secret of %s is kept; a running delivery takes it when the far end "
                       "next refuses the old one\n", target->section);
    if (secret.data) memset(secret.data, 0, secret.size);
    bytes_free(&secret);
    return FAILED(hr) ? OUTCOME_CANNOT : OUTCOME_FINE;
}
