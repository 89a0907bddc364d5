/*
 * `stubca load`: a CA that issues as fast as its exit module lets it.
 *
 * A few certificates are requested and issued before the clock starts. Then threads of the CA's
 * pool tell the module of EXITEVENT_CERTISSUED, one event after the other, each with a RequestID of
 * its own, while the rows behind them repeat: keys, signatures and the database cost nothing while
 * it is measured; what the module reads through ICertServerExit is read in earnest. Afterwards what
 * the module asked on one event is asked again, as often and on as many threads, without the module
 * ("reads"), which tells what of the time is the CA's own.
 */
#include "load.h"

#include "stubca/ca/ca.h"
#include "stubca/host/configuration.h"
#include "stubca/host/contexts.h"
#include "enrollee.h"
#include "stubca/host/event_log.h"
#include "stubca/base/files.h"
#include "stubca/base/heap.h"
#include "stubca/host/modules.h"
#include "query_replay.h"
#include "stubca/ca/requests.h"
#include "stubca/base/tap.h"
#include "stubca/base/text.h"
#include "stubca/base/process_usage.h"

#include <certsrv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DONE = 0, UNEXPECTED = 1, CANNOT = 2 };
enum {
    PREPARED = 8,
    READS_MAX = 10000,
    THREADS_MAX = 256,
    EVENTS_MAX = 100000000,
    FAILURES_MAX = 16,
    ATTRIBUTES_MAX = 1 << 23
};

struct options {
    const char *progid, *ca, *out, *acks, *hold;
    long threads, events, first, attributes;
    struct module_value values[32];
    size_t value_count;
};

/* HRESULTs that Notify failed with, and how often. */
struct failures {
    struct {
        HRESULT hr;
        LONG count;
    } each[FAILURES_MAX]; /* beyond them: counted with the last */
    int count;
};

/* One thread's share. */
struct worker {
    struct load *load;
    long number, events;
    float *microseconds;                /* of each Notify; what query_replay_again took, later */
    double seconds;                     /* in Notify, all in all */
    struct failures failures;
};

struct load {
    const struct options *options;
    struct modules *modules;
    struct worker *workers;
    double ticks_per_second;
    volatile LONG next;                 /* RequestID, counted from 0 */
    HANDLE acks;                        /* NULL: nobody wants them */
    bool acks_in_file;                  /* else they go to a stream */
    SRWLOCK acks_lock;
    ULONGLONG acks_size;
    bool acks_failed;
    struct process_usage before, tenth, after, reads_before, reads_after;
    double seconds;
    LONGLONG calls;
};

/* Options. */

void load_print_help(void)
{
    puts("  stubca load PROGID [OPTION...]\n"
         "                        issue as fast as this module lets us; prints one line\n"
         "                        of JSON\n"
         "    --events N          certificates, all in all (1000)\n"
         "    --threads N         on which the module is told of them (8)\n"
         "    --acks FILE         write each RequestID there, a line of its own, as soon\n"
         "                        as Notify returned S_OK; - is standard output. What\n"
         "                        stands there survives the death of this process\n"
         "    --first N           the first RequestID (1)\n"
         "    --attributes N      make RequestAttributes N characters longer (0)\n"
         "    --ca NAME           the CA's name (Stub Load CA)\n"
         "    --value NAME=VALUE  put a value into the module's key; may be repeated\n"
         "    --out FOLDER        for the CA's certificates (a temporary folder)\n"
         "    --hold FILE         when all is done, and the JSON printed, keep the CA up\n"
         "                        while this file is there");
}

static bool load_number_of(const char *text, long least, long most, long *out)
{
    char *end;

    *out = strtol(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && *out >= least && *out <= most;
}

static bool load_value_of(struct options *options, const char *text)
{
    const char *equals = strchr(text, '=');
    struct module_value *value = &options->values[options->value_count];

    if (!equals || equals == text || options->value_count == ARRAYSIZE(options->values))
        return false;
    value->name = heap_copy(text, (size_t)(equals - text));
    value->text = heap_text(equals + 1);
    options->value_count++;
    return true;
}

static bool take_option(struct options *options, const char *name, const char *value)
{
    if (!strcmp(name, "--events")) return load_number_of(value, 1, EVENTS_MAX, &options->events);
    if (!strcmp(name, "--threads")) return load_number_of(value, 1, THREADS_MAX, &options->threads);
    if (!strcmp(name, "--first"))
        return load_number_of(value, 1, LONG_MAX - EVENTS_MAX, &options->first);
    if (!strcmp(name, "--attributes"))
        return load_number_of(value, 0, ATTRIBUTES_MAX, &options->attributes);
    if (!strcmp(name, "--value")) return load_value_of(options, value);
    if (!strcmp(name, "--acks")) return *(options->acks = value);
    if (!strcmp(name, "--hold")) return *(options->hold = value);
    if (!strcmp(name, "--out")) return *(options->out = value);
    if (!strcmp(name, "--ca")) return *(options->ca = value);
    return false;
}

/* Always false, for `return complain(...)`. */
static bool __attribute__((format(printf, 1, 2))) complain(const char *format, ...)
{
    char text[1024], *shown;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    shown = text_shown(text);
    fprintf(stderr, "stubca load: %s; `stubca --help` tells more\n", shown);
    free(shown);
    return false;
}

static bool is_option(const char *word)
{
    static const char *const names[] = {"--events",     "--threads", "--first",
                                        "--attributes", "--value",   "--acks",
                                        "--hold",       "--out",     "--ca"};

    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        if (!strcmp(word, names[i])) return true;
    }
    return false;
}

static bool read_word(struct options *options, const char *word, const char *next, bool *took_next)
{
    *took_next = is_option(word);
    if (*took_next && !next) return complain("%s wants something behind it", word);
    if (*took_next)
        return take_option(options, word, next) || complain("%s cannot be \"%s\"", word, next);
    if (*word == '-') return complain("there is no option %s", word);
    if (options->progid) return complain("one module at a time, and %s is the second", word);
    options->progid = word;
    return true;
}

static bool load_read_options(struct options *options, int count, char **words)
{
    bool took_next;

    for (int i = 0; i < count; i += 1 + took_next) {
        if (!read_word(options, words[i], i + 1 < count ? words[i + 1] : NULL, &took_next))
            return false;
    }
    if (!options->progid) return complain("which module? A ProgID was expected");
    if (options->threads > options->events) options->threads = options->events;
    return true;
}

/* What is prepared before the clock starts. */

static char *default_folder(void)
{
    WCHAR path[MAX_PATH + 1] = L"";
    char *utf8, *folder;

    GetTempPathW(MAX_PATH, path);
    utf8 = text_utf8(path);
    folder = text_format("%sstubca-load", utf8);
    free(utf8);
    return folder;
}

/* Each character takes three bytes of UTF-8. */
static char *load_attributes_of(long count)
{
    static const char usual[] = "CertificateTemplate:Load\nccm:load.example",
                      more[] = "\nmore:", character[] = "\xe2\x82\xac";
    char *text = heap_take(sizeof usual + sizeof more + 3 * (size_t)count),
         *end = text + sizeof usual - 1;

    strcpy(text, usual);
    if (!count) return text;
    strcpy(end, more);
    end += sizeof more - 1;
    for (long i = 0; i < count; i++, end += 3) memcpy(end, character, 3);
    *end = 0;
    return text;
}

static HRESULT prepare_one(struct ca *ca, struct enrollee *enrollee, int number, long more,
                           struct reason *reason)
{
    char *name = text_format("load-%d", number), *path = text_format("%s/%s.csr", ca->folder, name);
    char *subject = text_format("Load %d", number),
         *requester = text_format("LOAD\\user%d", number);
    char *attributes = load_attributes_of(more);
    struct submission submission = {
        .name = name,
        .path = path,
        .attributes = attributes,
        .requester = requester,
        .caller = requester,
    };
    struct verdict verdict;
    HRESULT hr = enrollee_request(enrollee, subject, path, reason);

    if (SUCCEEDED(hr)) {
        request_submit(ca, &submission, &verdict);
        if (verdict.outcome != OUTCOME_ISSUED) {
            hr = text_reason(reason, E_FAIL, "no certificate: %s (0x%08lx)", verdict.reason.text,
                             (unsigned long)verdict.status);
        }
    }
    free(name);
    free(path);
    free(subject);
    free(requester);
    free(attributes);
    return hr;
}

static HRESULT prepare(const struct options *options, struct ca **ca, struct reason *reason)
{
    struct template template = {
        .name = heap_text("Load"), .days = 365, .key_usage = 1 /* digitalSignature */};
    char *folder = options->out ? heap_text(options->out) : default_folder();
    struct ca_settings settings = {
        .name = options->ca ? options->ca : "Stub Load CA",
        .dns_name = "load.example",
        .folder = folder,
        .days = 365,
    };
    struct enrollee *enrollee = NULL;
    HRESULT hr;

    if (SUCCEEDED(hr = ca_open(&settings, ca, reason))) {
        templates_add((*ca)->templates, &template);
        hr = enrollee_create(&enrollee, reason);
        for (int i = 1; i <= PREPARED && SUCCEEDED(hr); i++)
            hr = prepare_one(*ca, enrollee, i, options->attributes, reason);
        rows_repeat((*ca)->rows);
    }
    enrollee_free(enrollee);
    free(folder);
    return hr;
}

static void make_workers(struct load *load)
{
    const struct options *options = load->options;

    load->workers = heap_take((size_t)options->threads * sizeof *load->workers);
    for (long i = 0; i < options->threads; i++) {
        struct worker *worker = &load->workers[i];

        *worker = (struct worker){.load = load, .number = i};
        worker->events =
            options->events / options->threads + (i < options->events % options->threads);
        worker->microseconds = heap_take((size_t)worker->events * sizeof(float));
        /* in memory before it is measured */
        for (long j = 0; j < worker->events; j++) ((volatile float *)worker->microseconds)[j] = -1;
    }
}

static HRESULT open_acks(struct load *load, struct reason *reason)
{
    const char *path = load->options->acks;
    WCHAR *wide;

    if (!path) return S_OK;
    load->acks_in_file = strcmp(path, "-");
    if (!load->acks_in_file) {
        load->acks = GetStdHandle(STD_OUTPUT_HANDLE);
        return S_OK;
    }
    wide = text_wide(path);
    load->acks = CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS,
                             FILE_ATTRIBUTE_NORMAL, NULL);
    free(wide);
    if (load->acks != INVALID_HANDLE_VALUE) return S_OK;
    load->acks = NULL;
    return text_reason(reason, HRESULT_FROM_WIN32(GetLastError()), "%s cannot be written", path);
}

/* The load itself. */

/* Straight to the system, one call for one line: whatever becomes of this process, what was written
 * stays. At explicit offsets, since appending is not atomic under Wine. */
static void acknowledge(struct load *load, LONG id)
{
    char line[16];
    DWORD size = (DWORD)sprintf(line, "%ld\n", id), written = 0;
    OVERLAPPED at = {0};

    if (!load->acks) return;
    AcquireSRWLockExclusive(&load->acks_lock);
    at.Offset = (DWORD)load->acks_size;
    at.OffsetHigh = (DWORD)(load->acks_size >> 32);
    if (!WriteFile(load->acks, line, size, &written, load->acks_in_file ? &at : NULL) ||
        written != size) {
        load->acks_failed = true;
    }
    load->acks_size += written;
    ReleaseSRWLockExclusive(&load->acks_lock);
}

static void count_failure(struct failures *failures, HRESULT hr, LONG count)
{
    int i = 0;

    while (i < failures->count && failures->each[i].hr != hr) i++;
    if (i == FAILURES_MAX) i--;
    if (i == failures->count) failures->each[failures->count++].hr = hr;
    failures->each[i].count += count;
}

static void issue_one(struct worker *worker, long event)
{
    struct load *load = worker->load;
    LONG id = (LONG)load->options->first + InterlockedIncrement(&load->next) - 1;
    bool noted = worker->number ||
                 event; /* the very first event is the one whose questions are asked again */
    LONGLONG ticks;
    HRESULT hr;

    if (!noted) query_replay_note();
    hr = modules_notify_here(load->modules, EXITEVENT_CERTISSUED, id, &ticks);
    if (!noted) query_replay_noted();
    if (hr == S_OK) acknowledge(load, id);
    else count_failure(&worker->failures, hr, 1);
    worker->microseconds[event] = (float)((double)ticks / load->ticks_per_second * 1e6);
    worker->seconds += (double)ticks / load->ticks_per_second;
}

static void issue_share(void *argument)
{
    struct worker *worker = argument;

    for (long i = 0; i < worker->events; i++) {
        issue_one(worker, i);
        if (!worker->number && i == worker->events / 10) worker->load->tenth = process_usage_now();
    }
}

static double load_now(const struct load *load)
{
    LARGE_INTEGER counter;

    QueryPerformanceCounter(&counter);
    return (double)counter.QuadPart / load->ticks_per_second;
}

static void issue_all(struct load *load)
{
    double start;

    query_replay_begin();
    load->before = process_usage_now();
    start = load_now(load);
    modules_run(load->modules, issue_share, load->workers, sizeof *load->workers,
                load->options->threads);
    load->seconds = load_now(load) - start;
    load->after = process_usage_now();
    load->calls = query_replay_count();
}

static long reads_share(const struct worker *worker)
{
    long most = READS_MAX / worker->load->options->threads;

    return worker->events < most ? worker->events : most;
}

static void read_share(void *argument)
{
    struct worker *worker = argument;

    for (long i = 0; i < reads_share(worker); i++) {
        LONG context = context_open(1 + i);
        double start = load_now(worker->load);
        HRESULT hr = query_replay_again(context);

        worker->microseconds[i] = FAILED(hr) ? 0 : (float)((load_now(worker->load) - start) * 1e6);
        context_close(context);
    }
}

static void load_read_all(struct load *load)
{
    load->reads_before = process_usage_now();
    modules_run(load->modules, read_share, load->workers, sizeof *load->workers,
                load->options->threads);
    load->reads_after = process_usage_now();
}

/* The line of JSON. */

static int by_value(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;

    return (left > right) - (left < right);
}

static double quantile(const float *sorted, size_t count, double part)
{
    size_t at = (size_t)(part * (double)count);

    return count ? sorted[at < count ? at : count - 1] : 0;
}

static void print_times(const struct load *load, long (*share)(const struct worker *worker))
{
    float *all = heap_take((size_t)load->options->events * sizeof *all);
    size_t count = 0;

    for (long i = 0; i < load->options->threads; i++) {
        const struct worker *worker = &load->workers[i];

        memcpy(all + count, worker->microseconds, (size_t)share(worker) * sizeof *all);
        count += (size_t)share(worker);
    }
    qsort(all, count, sizeof *all, by_value);
    printf("{\"p50\":%.1f,\"p99\":%.1f,\"p99.9\":%.1f,\"max\":%.1f}", quantile(all, count, 0.5),
           quantile(all, count, 0.99), quantile(all, count, 0.999), quantile(all, count, 1));
    free(all);
}

static void print_cpu(const struct process_usage *before, const struct process_usage *after,
                      double count)
{
    double user = after->user_seconds - before->user_seconds,
           kernel = after->kernel_seconds - before->kernel_seconds;

    printf("{\"user\":%.1f,\"kernel\":%.1f}", user / count * 1e6, kernel / count * 1e6);
}

static void load_print_usage(const char *name, const struct process_usage *usage)
{
    printf("\"%s\":{\"working_set\":%zu,\"handles\":%lu}", name, usage->working_set,
           usage->handles);
}

static long all_events(const struct worker *worker)
{
    return worker->events;
}

static void print_failures(const struct failures *failures)
{
    printf("\"failures\":{");
    for (int i = 0; i < failures->count; i++) {
        printf("%s\"0x%08lx\":%ld", i ? "," : "", (unsigned long)failures->each[i].hr,
               failures->each[i].count);
    }
    printf("}");
}

static struct failures all_failures(const struct load *load)
{
    struct failures all = {.count = 0};

    for (long i = 0; i < load->options->threads; i++) {
        const struct failures *own = &load->workers[i].failures;

        for (int j = 0; j < own->count; j++)
            count_failure(&all, own->each[j].hr, own->each[j].count);
    }
    return all;
}

static double longest_thread(const struct load *load)
{
    double longest = 0;

    for (long i = 0; i < load->options->threads; i++) {
        if (load->workers[i].seconds > longest) longest = load->workers[i].seconds;
    }
    return longest;
}

static long reads_total(const struct load *load)
{
    long total = 0;

    for (long i = 0; i < load->options->threads; i++) total += reads_share(&load->workers[i]);
    return total;
}

/* Part of it is printed before the questions are asked again, since that uses the same memory. */
static void print_load(const struct load *load)
{
    const struct options *options = load->options;

    printf("{\"events\":%ld,\"threads\":%ld,\"seconds\":%.3f,\"events_per_second\":%.1f,\"notify_"
           "us\":",
           options->events, options->threads, load->seconds,
           (double)options->events / load->seconds);
    print_times(load, all_events);
    printf(",\"longest_thread_seconds\":%.3f,\"cpu_us_per_event\":", longest_thread(load));
    print_cpu(&load->before, &load->after, (double)options->events);
    printf(",\"calls_per_event\":%.3f,\"memory\":{", (double)load->calls / (double)options->events);
    load_print_usage("start", &load->before);
    printf(",");
    load_print_usage("tenth", &load->tenth);
    printf(",");
    load_print_usage("end", &load->after);
    printf(",\"peak_working_set\":%zu}", load->after.peak_working_set);
}

static void print_reads(const struct load *load)
{
    printf(",\"reads\":{\"calls\":%d,\"us\":", query_replay_noted_count());
    print_times(load, reads_share);
    printf(",\"cpu_us_per_event\":");
    print_cpu(&load->reads_before, &load->reads_after, (double)reads_total(load));
    printf("}");
}

/* All of it. */

static struct configuration *written;   /* what tap_bail_out takes away */

static void load_clean_up(void)
{
    configuration_remove(written);
    written = NULL;
}

static void load_hold(const struct options *options)
{
    WCHAR *path = text_wide(options->hold);

    while (path && GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES) Sleep(20);
    free(path);
}

static int load_measure(struct load *load)
{
    struct failures failures;

    make_workers(load);
    issue_all(load);
    print_load(load);
    load_read_all(load);
    print_reads(load);
    failures = all_failures(load);
    printf(",");
    print_failures(&failures);
    printf("}\n");
    fflush(stdout);
    load_hold(load->options);
    if (load->acks_failed)
        return complain("not every acknowledgement could be written to %s", load->options->acks),
               CANNOT;
    return failures.count ? UNEXPECTED : DONE;
}

static HRESULT load_start(struct load *load, struct ca *ca, struct reason *reason)
{
    const struct options *options = load->options;
    struct module_entry entry = {(char *)options->progid, (struct module_value *)options->values,
                                 options->value_count};
    struct modules_settings settings = {.call_ms = 60000, .threads = (int)options->threads};
    HRESULT hr;

    tap_on_bail_out(load_clean_up);
    if (FAILED(hr = configuration_write(ca->sanitized, &entry, 1, &written, reason))) return hr;
    if (FAILED(hr = modules_start(ca, &settings, &load->modules, reason))) return hr;
    if (modules_mask(load->modules) & EXITEVENT_CERTISSUED) return S_OK;
    return text_reason(reason, E_FAIL, "%s is not loaded, or does not want to hear of certificates",
                       options->progid);
}

int load_run(int count, char **words)
{
    struct options options = {.threads = 8, .events = 1000, .first = 1};
    struct load load = {.options = &options, .acks_lock = SRWLOCK_INIT};
    struct reason reason = {""};
    LARGE_INTEGER frequency;
    struct ca *ca = NULL;
    int code = CANNOT;
    HRESULT hr;

    if (!load_read_options(&options, count, words)) return CANNOT;
    tap_to_stderr();
    tap_at("stubca load", 0);
    QueryPerformanceFrequency(&frequency);
    load.ticks_per_second = (double)frequency.QuadPart;
    if (SUCCEEDED(hr = open_acks(&load, &reason)) && SUCCEEDED(hr = prepare(&options, &ca, &reason))
        && SUCCEEDED(hr = load_start(&load, ca, &reason))) code = load_measure(&load);
    if (FAILED(hr)) complain("%s (0x%08lx)", reason.text, (unsigned long)hr);
    if (FAILED(modules_stop(load.modules, &reason))) {
        complain("%s", reason.text);
        if (code == DONE) code = UNEXPECTED;
    }
    load_clean_up();
    ca_close(ca);
    return code;                        /* the process ends here, and takes the rest */
}
