#include "commands.h"

#include "cert_show.h"
#include "console.h"
#include "error_text.h"
#include "file_read.h"

#define FILE_MAX (64u << 20)            /* bytes: the largest CRLs in the world are a tenth of it */

static enum outcome show_file(const char *path, const struct cert_show_options *options)
{
    char reason[ERROR_TEXT_MAX], sentence[256];
    struct bytes data = {0}, out = {0};
    enum outcome outcome = OUTCOME_CANNOT;
    struct der_fault fault;
    HRESULT hr = file_read(path, FILE_MAX, &data);

    if (hr == E_INVALIDARG) console_note("%s: longer than %u MiB, so it is no certificate, request or CRL", path, FILE_MAX >> 20);
    else if (FAILED(hr)) console_note("%s: cannot be read: %s", path, error_text(hr, reason));
    else if (cert_show(data.data, data.size, options, &out, &fault) && !out.failed) {
        console_write(out.data, out.size);
        outcome = OUTCOME_FINE;
    } else {
        der_fault_text(&fault, sentence, sizeof sentence);
        console_note("%s: %s", path, out.failed ? "there is not enough memory" : sentence);
    }
    bytes_free(&data);
    bytes_free(&out);
    return outcome;
}

static enum outcome cert_run(const struct arguments *arguments)
{
    struct cert_show_options options = {.as_json = option_given(arguments, "json"), .entries_max = 100};
    unsigned long long entries = options.entries_max;

    if (!option_number(arguments, "entries", 0, 100000000, &entries)) return OUTCOME_CANNOT;
    options.entries_max = (size_t)entries;
    return show_file(operand_at(arguments, 0), &options);
}

static const struct option_row options[] = {
    {"json", NULL, "one JSON object instead of text"},
    {"entries", "N", "show at most N entries of a CRL (100)"},
    {0},
};

const struct command command_cert = {
    .name = "cert", .operands = "FILE", .operands_least = 1, .operands_most = 1, .options = options, .run = cert_run,
    .summary = "decode a certificate, a request or a CRL",
    .more = "  certwitness cert alice.cer\n",
};
