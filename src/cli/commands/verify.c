#include "cli/commands.h"

#include "cli/terminal/console.h"
#include "base/error_text.h"
#include "base/file_system.h"
#include "cli/journal_path.h"
#include "events/processors.h"
#include "cli/verify/verification.h"

#include <errno.h>
#include <string.h>

static bool verify_read_file(const char *path, struct noted_heads *heads)
{
    bool standard = !strcmp(path, "-");
    FILE *file = standard ? stdin : file_open(path, "rb");
    char reason[ERROR_TEXT_MAX];
    size_t found;
    bool failed;

    if (!file) {
        console_note("--head: \"%s\" is neither a head (SEQUENCE:HASH, of 64 hexadecimal digits) "
                     "nor a file that can be read: %s",
                     path, error_text(file_error(), reason));
        return false;
    }
    errno = 0;
    found = noted_heads_add_file(heads, file);
    failed = ferror(file);
    if (failed)
        console_note("--head: %s cannot be read: %s", standard ? "standard input" : path,
                     error_text(file_error(), reason));
    else if (!found)
        console_note("--head: there is no head in %s (\"42:<64 hexadecimal digits>\" or \"sequence "
                     "42, hash <64 hexadecimal digits>\")",
                     standard ? "standard input" : path);
    if (!standard) fclose(file);
    return found && !failed;
}

static bool read_heads(const struct options *options, struct noted_heads *heads)
{
    unsigned at = 0;
    const char *value;

    while ((value = option_next(options, "head", &at)))
        if (!noted_heads_add_text(heads, value, strlen(value)) && !verify_read_file(value, heads))
            return false;
    if (heads->failed)
        console_note("--head: more than %d heads, or not enough memory for them", NOTED_HEADS_MAX);
    noted_heads_sort(heads);
    return !heads->failed;
}

static enum outcome verify(const char *path, struct noted_heads *heads, uint64_t begins_at,
                           unsigned threads, struct report *report)
{
    static const enum outcome outcomes[] = {OUTCOME_FINE,   OUTCOME_FINE,  OUTCOME_FINE,
                                            OUTCOME_WRONG,  OUTCOME_WRONG, OUTCOME_WRONG,
                                            OUTCOME_CANNOT, OUTCOME_CANNOT};
    struct verification verification;
    char reason[ERROR_TEXT_MAX];
    enum verdict verdict = VERDICT_UNREADABLE;
    HRESULT hr = verification_open(&verification, path, heads, report, threads);

    if (SUCCEEDED(hr)) {
        verification.begins_at = begins_at;
        verdict = verification_run(&verification);
        verification_sum_up(&verification, verdict);
    } else console_note("%s: the journal cannot be read: %s", path, error_text(hr, reason));
    verification_close(&verification);
    return outcomes[verdict];
}

static enum outcome verify_run(const struct options *options)
{
    enum outcome outcome = OUTCOME_CANNOT;
    struct noted_heads heads = {0};
    unsigned long long begins_at = 0, threads = processor_count();
    struct bytes path = {0};
    struct report report;

    if (!option_number(options, "begins-at", 1, UINT64_MAX - 1, &begins_at) ||
        !option_number(options, "threads", 1, READ_AHEAD_THREADS_MAX, &threads) ||
        !read_heads(options, &heads) ||
        !journal_path_find(operand_at(options, 0), option_value(options, "ca"), &path))
        goto done;
    report_begin(&report, option_given(options, "json"), option_given(options, "quiet"), path.data);
    outcome = verify(path.data, &heads, begins_at, (unsigned)threads, &report);
    report_end(&report);
done:
    noted_heads_free(&heads);
    bytes_free(&path);
    return outcome;
}

static const struct option_row options[] = {
    JOURNAL_OPTION,
    {"head", "SEQ:HASH", "prove that this head is part of the journal"},
    {"begins-at", "N", "it is known that the journal begins with event N"},
    {"threads", "N", "check lines with N threads (default: one for each processor)"},
    {"json", NULL, "one JSON object instead of text"},
    {"quiet", NULL, "say only what is wrong, or not proven"},
    {0},
};

const struct command command_verify = {
    .name = "verify",
    .operands = "[JOURNAL]",
    .operands_least = 0,
    .operands_most = 1,
    .options = options,
    .run = verify_run,
    .summary = "check a journal and noted heads",
    .more = "Every line is hashed and has to follow the one before it. A byte that was\n"
            "changed, a line that was removed, swapped, copied or put in, and a file that is\n"
            "missing are reported with their place. Somebody who computes all later hashes\n"
            "anew, or cuts off the end, leaves no trace in the journal. Only a head shows it:\n"
            "the number and hash of a line, noted elsewhere. verify ends with the head\n"
            "of today: note it down. The entries 100 to 104 in the event log are heads too.\n\n"
            "  certwitness verify\n"
            "  certwitness verify /evidence/ca01 --head 42:8c1f... --head events.txt\n"
            "  wevtutil qe CertWitness-Journal /f:text > events.txt\n\n" JOURNAL_HELP "\n"
            "--head takes a head, the text of an entry, a file of such texts, or - for\n"
            "standard input, and may be given several times.\n\n"
            "Verdicts: 0 \"holds\", \"holds from\" (a later event, and it is known why), \"torn\n"
            "tail\" (whole up to its end, which is half a line, as in a copy). 1 \"not proven\"\n"
            "(a beginning without evidence, a head before the beginning or beyond the end,\n"
            "a tail that may have been changed), \"damaged\", also where that is on\n"
            "record, \"contradicted\" by a head. 2 \"unreadable\", or \"not a journal\".\n",
};
