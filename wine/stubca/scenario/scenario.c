/* Plays a scenario. */
#include "scenario.h"

#include "stubca/ca/ca.h"
#include "stubca/host/cert_enroll.h"
#include "stubca/host/configuration.h"
#include "disk.h"
#include "stubca/host/event_log.h"
#include "stubca/base/heap.h"
#include "expectations.h"
#include "stubca/host/manage.h"
#include "stubca/host/modules.h"
#include "operations.h"
#include "stubca/host/property_overrides.h"
#include "stubca/ca/properties.h"
#include "stubca/ca/revocation.h"
#include "stubca/base/tap.h"
#include "stubca/base/text.h"
#include "value_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct play {
    struct ca *ca;
    struct module_entry *entries;
    size_t entry_count;
    struct modules_settings settings;
    struct open_questions choices;
    struct configuration *configuration;
    struct modules *modules;
    struct operations *operations;
    bool running;
    bool publishes;                     /* in the folder CertEnroll */
};

/* What tap_bail_out takes away. */
static struct configuration *written;
static struct ca *published;            /* in the folder CertEnroll; not owned */

static void scenario_clean_up(void)
{
    if (published) cert_enroll_withdraw(published);
    published = NULL;
    configuration_remove(written);
    written = NULL;
}

/* The CA has new CRLs. Its operation is done; what becomes of the files is told beside it. */
static void scenario_publish(const struct ca *ca)
{
    struct reason reason = {""};

    if (FAILED(cert_enroll_publish(ca, &reason)))
        tap_reason("the CA's files are not in CertEnroll: %s", reason.text);
}

/* Setting up. */

static void play_ca(struct play *play, const struct step *step)
{
    struct ca_settings settings = {
        .name = step->words[0],
        .dns_name = step_value(step, "dns", NULL),
        .folder = step_value(step, "out", NULL),
        .crl_url = step_value(step, "crl-url", NULL),
        .issuer_url = step_value(step, "aia-url", NULL),
        .interface_flags = (unsigned)step_number(step, "interface-flags", 0),
        .days = (int)step_number(step, "days", 5 * 365),
        .delta_crls = !strcmp(step_value(step, "deltas", "on"), "on"),
        .parent = step_value(step, "parent", NULL),
        .parent_crl_url = step_value(step, "parent-crl-url", NULL),
        .parent_issuer_url = step_value(step, "parent-aia-url", NULL),
    };
    struct reason reason = {""};
    HRESULT hr = ca_open(&settings, &play->ca, &reason);

    if (FAILED(hr)) {
        tap_bail_out("there is no CA without its key and certificate: %s (0x%08lx)", reason.text,
                     (unsigned long)hr);
    }
    play->ca->choices = play->choices;
    play->publishes = !strcmp(step_value(step, "cert-enroll", "on"), "on");
    play->operations = operations_open(play->ca);
    expectation_met(step);
}

/* Call `take` for each word of a list parted by commas. */
static void each_word(const char *list, void (*take)(void *argument, const char *word),
                      void *argument)
{
    char *copy = heap_text(list), *rest = copy;

    while (rest) {
        char *comma = strchr(rest, ',');

        if (comma) *comma++ = '\0';
        take(argument, rest);
        rest = comma;
    }
    free(copy);
}

/* Put an OID into a list that ends in NULL. */
static void scenario_add_oid(char ***list, const char *oid)
{
    size_t count = 0;

    while (*list && (*list)[count]) count++;
    *list = heap_grow(*list, (count + 2) * sizeof(char *));
    (*list)[count] = heap_text(oid);
    (*list)[count + 1] = NULL;
}

static void take_extended_key_usage(void *argument, const char *word)
{
    scenario_add_oid(&((struct template *)argument)->extended_key_usage,
                     extended_key_usage_oid(word));
}

static void scenario_take_extension(void *argument, const char *word)
{
    scenario_add_oid(&((struct template *)argument)->takes, taken_extension_oid(word));
}

static void take_key_usage(void *argument, const char *word)
{
    ((struct template *)argument)->key_usage |= key_usage_bit(word);
}

static void play_template(struct play *play, const struct step *step)
{
    const LONG pend_all_requests = 2;   /* CT_FLAG_PEND_ALL_REQUESTS of msPKI-Enrollment-Flag */
    struct template template = {
        .name = heap_text(step->words[0]),
        .oid = heap_text(step_value(step, "oid", NULL)),
        .days = (int)step_number(step, "days", 0),
        .withdrawn = !strcmp(step_value(step, "published", "on"), "off"),
        .general_flags = step_number(step, "general-flags", 0),
        .private_key_flags = step_number(step, "private-key-flags", 0),
    };
    const char *extended = step_value(step, "eku", NULL),
               *approval = step_value(step, "approval", "none");
    const char *names = step_value(step, "san", "request"),
               *takes = step_value(step, "takes", NULL);

    template.schema = (int)step_number(step, "schema", template.oid ? 2 : 1);
    template.approval = !strcmp(approval, "twice") ? 2 : !strcmp(approval, "manager");
    template.enrollment_flags =
        step_number(step, "enrollment-flags", 0) | (template.approval ? pend_all_requests : 0);
    if (!strcmp(names, "requester")) template.alternative_names = NAMES_OF_REQUESTER;
    if (!strcmp(names, "none")) template.alternative_names = NAMES_NONE;
    if (takes) each_word(takes, scenario_take_extension, &template);
    template.mail = !strcmp(step_value(step, "mail", "off"), "on");
    sscanf(step_value(step, "version", "100.0"), "%u.%u", &template.major, &template.minor);
    if (extended) each_word(extended, take_extended_key_usage, &template);
    each_word(step_value(step, "usage", "digitalSignature,keyEncipherment"), take_key_usage,
              &template);
    templates_add(play->ca->templates, &template);
    expectation_met(step);
}

static void play_module(struct play *play, const struct step *step)
{
    struct module_entry entry = {.progid = heap_text(step->words[0])};

    entry.values = heap_take(step->pair_count * sizeof *entry.values);
    for (; entry.count < step->pair_count; entry.count++) {
        const struct pair *pair = &step->pairs[entry.count];

        entry.values[entry.count] =
            (struct module_value){heap_text(pair->key), heap_text(pair->value)};
    }
    play->entries = heap_grow(play->entries, (play->entry_count + 1) * sizeof *play->entries);
    play->entries[play->entry_count++] = entry;
    expectation_met(step);
}

static void play_setting(struct play *play, const struct step *step)
{
    const char *startup = step_value(step, "startup", NULL),
               *name = step_value(step, "config-name", NULL);

    if (startup) play->settings.startup = !strcmp(startup, "on");
    if (name) play->settings.raw_name = !strcmp(name, "raw");
    for (int i = 0; i < CHOICE_COUNT; i++) {
        const char *word = step_value(step, choice_rules[i].name, NULL);

        if (word) open_questions_set(&play->choices, i, word);
    }
    if (play->ca) play->ca->choices = play->choices;
    play->settings.call_ms =
        (DWORD)step_number(step, "call-seconds", (long)(play->settings.call_ms / 1000)) * 1000;
    play->settings.stop_ms =
        (DWORD)step_number(step, "stop-seconds", (long)(play->settings.stop_ms / 1000)) * 1000;
    play->settings.threads = (int)step_number(step, "threads", play->settings.threads);
    expectation_met(step);
}

/* The service. */

static HRESULT scenario_stop(struct play *play, struct reason *reason)
{
    HRESULT hr = modules_stop(play->modules, reason);

    play->ca->published = NULL;
    scenario_clean_up();
    play->modules = NULL;
    play->configuration = NULL;
    play->running = false;
    return hr;
}

/* A module was left out: does the CA start without it (I-7)? */
static void judge_start(struct play *play, const struct step *step, bool left_out)
{
    struct verdict verdict = {.outcome = OUTCOME_STARTED};

    if (left_out && play->choices.chosen[CHOICE_INITIALIZE_FAILURE]) {
        verdict_say(&verdict, OUTCOME_REFUSED, E_FAIL, "a module could not be loaded");
        scenario_stop(play, &verdict.reason);
    }
    expectation_verdict(step, &verdict, OUTCOME_STARTED);
}

static void play_start(struct play *play, const struct step *step)
{
    struct reason reason = {""};
    struct ca *ca = play->ca;
    HRESULT hr = configuration_write(ca->sanitized, play->entries, play->entry_count,
                                     &play->configuration, &reason);

    if (FAILED(hr)) tap_bail_out("the CA cannot start: %s", reason.text);
    written = play->configuration;
    configuration_put_number(play->configuration, "InterfaceFlags", ca->interface_flags);
    if (play->publishes) {
        published = ca;
        ca->published = scenario_publish;
        if (FAILED(cert_enroll_publish(ca, &reason)))
            tap_bail_out("the CA cannot start: %s", reason.text);
    }
    hr = modules_start(ca, &play->settings, &play->modules, &reason);
    if (FAILED(hr)) tap_bail_out("the CA cannot start: %s", reason.text);
    play->running = true;
    judge_start(play, step, hr == S_FALSE);
}

static void play_stop(struct play *play, const struct step *step)
{
    struct reason reason = {""};

    if (FAILED(scenario_stop(play, &reason))) expectation_failed(step, reason.text);
    else expectation_met(step);
}

/* Operations. */

static void play_operation(struct play *play, const struct step *step)
{
    operation_play(play->operations, step);
}

static void play_renew(struct play *play, const struct step *step)
{
    struct reason reason = {""};

    if (FAILED(ca_renew(play->ca, !strcmp(step->words[0], "new-key"), &reason)))
        expectation_failed(step, reason.text);
    else expectation_met(step);
}

static void play_parent(struct play *play, const struct step *step)
{
    int code = revocation_reason(step_value(step, "reason", "unspecified"));
    struct reason reason = {""};
    HRESULT hr;

    if (!strcmp(step->words[0], "crl")) hr = ca_publish_parent(play->ca, &reason);
    else hr = ca_revoke_own(play->ca, (unsigned)step_number(step, "index", 0), code, &reason);
    if (FAILED(hr)) expectation_failed(step, reason.text);
    else expectation_met(step);
}

static void play_clock(struct play *play, const struct step *step)
{
    (void)play;
    ca_advance(step_number(step, "days", 0) * DAY);
    expectation_met(step);
}

static void play_property(struct play *play, const struct step *step)
{
    const char *of = step_value(step, "of", "both"), *text = step_value(step, "value", NULL);
    size_t size = (size_t)step_number(step, "size", 0);
    struct property_override override = {
        .property = property_find(step->words[0]),
        .getters = IN_REQUEST | IN_CERTIFICATE,
        .delay_ms = (DWORD)step_number(step, "delay-ms", 0),
        .error = (HRESULT)strtoul(step_value(step, "error", "0"), NULL, 0),
    };
    LONG type = properties[override.property].type;

    (void)play;
    if (!strcmp(of, "request")) override.getters = IN_REQUEST;
    if (!strcmp(of, "certificate")) override.getters = IN_CERTIFICATE;
    if (text) value_read(type, text, &override.value);
    if (size && !value_of_size(type, size, &override.value)) {
        expectation_failed(step, "size= is for bytes and text");
        return;
    }
    if (text || size || override.error || override.delay_ms) property_overrides_add(&override);
    else property_overrides_remove(override.property);
    expectation_met(step);
}

static void play_log(struct play *play, const struct step *step)
{
    const char *part = step->word_count > 1 ? step->words[1] : "";
    char *why;

    (void)play;
    if (event_log_take(atoi(step->words[0]), part)) {
        expectation_met(step);
        return;
    }
    why = text_format("the event log has no entry %s left with \"%s\" in it", step->words[0], part);
    expectation_failed(step, why);
    free(why);
}

static void play_file(struct play *play, const struct step *step)
{
    (void)play;
    expectation_files(step);
}

/* Each text that the step has an expectation for, "" stands for no value too; and the rest. */
static char *first_difference(const struct step *step, const struct manage_answers *answers)
{
    const char *threads = step_value(step, "multi-threaded", answers->multi_threaded);
    static const char *const keys[MANAGE_TEXTS] = {"name", "description", "copyright",
                                                   "file-version", "product-version"};

    for (int i = 0; i < MANAGE_TEXTS; i++) {
        const char *got = answers->texts[i] ? answers->texts[i] : "",
                   *expected = step_value(step, keys[i], got);

        if (strcmp(got, expected))
            return text_format("%s is \"%s\"; expected \"%s\"", manage_names[i], got, expected);
    }
    if (strcmp(threads, answers->multi_threaded)) {
        return text_format("IsMultiThreaded is %s; expected %s", answers->multi_threaded, threads);
    }
    if (SUCCEEDED(answers->configured)) return NULL;
    return text_format("Configure returned 0x%08lx; expected it to succeed",
                       (unsigned long)answers->configured);
}

static void judge_answers(const struct step *step, const struct manage_answers *answers)
{
    char *difference = first_difference(step, answers);

    if (!strcmp(step_value(step, "expect", "found"), "none"))
        expectation_failed(step, "there is such an object; expected none");
    else if (difference) expectation_failed(step, difference);
    else expectation_met(step);
    tap_note("by %s, multi-threaded: %s", answers->way, answers->multi_threaded);
    for (int i = 0; i < MANAGE_TEXTS; i++) {
        if (answers->texts[i]) tap_note("%s: %s", manage_names[i], answers->texts[i]);
    }
    free(difference);
}

static void play_manage(struct play *play, const struct step *step)
{
    const char *by = step_value(step, "by", "either"), *window = step_value(step, "hwnd", "bytes");
    struct manage_wish wish = {
        .progid = step->words[0],
        .configure = !strcmp(step_value(step, "configure", "no"), "refresh"),
        .way = !strcmp(by, "module")  ? MANAGE_BY_MODULE
               : !strcmp(by, "class") ? MANAGE_BY_CLASS
                                      : MANAGE_EITHER,
        .window = !strcmp(window, "bytes")    ? MANAGE_WINDOW_BYTES
                  : !strcmp(window, "number") ? MANAGE_WINDOW_NUMBER
                                              : MANAGE_NO_WINDOW,
    };
    struct manage_answers answers;
    struct reason reason = {""};
    HRESULT hr = manage_ask(play->ca, &wish, play->settings.call_ms, &answers, &reason);

    if (SUCCEEDED(hr)) judge_answers(step, &answers);
    else if (hr == E_NOINTERFACE && !strcmp(step_value(step, "expect", "found"), "none"))
        expectation_met(step);
    else expectation_failed(step, reason.text);
    manage_free(&answers);
}

static void play_describe(struct play *play, const struct step *step)
{
    const char *expected = step_value(step, "is", NULL);
    struct reason reason = {""};
    char *text = NULL, *why;

    if (FAILED(modules_describe(play->modules, step->words[0], &text, &reason))) {
        expectation_failed(step, reason.text);
    } else if (expected && strcmp(text, expected)) {
        why = text_format("it calls itself \"%s\"; expected \"%s\"", text, expected);
        expectation_failed(step, why);
        free(why);
    } else {
        expectation_met(step);
        tap_note("%s", text);
    }
    free(text);
}

/* What clients are told; NULL, with the reason: nothing. The caller frees. */
static char *client_answer(struct play *play, const struct step *step, struct reason *reason)
{
    char *text;

    if (!strcmp(step->words[0], "exitcount"))
        return text_format("%d", modules_count(play->modules));
    modules_description(play->modules, (int)step_number(step, "index", 0), &text, reason);
    return text;
}

static void play_cainfo(struct play *play, const struct step *step)
{
    const char *expected = step_value(step, "is", NULL);
    bool none = !strcmp(step_value(step, "expect", "found"), "none");
    struct reason reason = {""};
    char *text = client_answer(play, step, &reason), *why = NULL;

    if (none && text) why = text_format("the answer is \"%s\"; expected none", text);
    if (!none && !text) why = heap_text(reason.text);
    if (text && expected && strcmp(text, expected))
        why = text_format("the answer is \"%s\"; expected \"%s\"", text, expected);
    if (why) expectation_failed(step, why);
    else expectation_met(step);
    if (text) tap_note("%s", text);
    free(text);
    free(why);
}

static void play_disk(struct play *play, const struct step *step)
{
    struct reason reason = {""};

    (void)play;
    if (FAILED(disk_make(step->words[0], &reason))) expectation_failed(step, reason.text);
    else expectation_met(step);
}

/* What these mean, scenario_play sees to. */
static void play_nothing(struct play *play, const struct step *step)
{
    (void)play;
    expectation_met(step);
}

static void (*const players[VERB_COUNT])(struct play *play, const struct step *step) = {
    [VERB_CA] = play_ca,
    [VERB_TEMPLATE] = play_template,
    [VERB_MODULE] = play_module,
    [VERB_SETTING] = play_setting,
    [VERB_START] = play_start,
    [VERB_STOP] = play_stop,
    [VERB_SUBMIT] = play_operation,
    [VERB_APPROVE] = play_operation,
    [VERB_DENY] = play_operation,
    [VERB_RETRIEVE] = play_operation,
    [VERB_REVOKE] = play_operation,
    [VERB_HOLD] = play_operation,
    [VERB_RELEASE] = play_operation,
    [VERB_CRL] = play_operation,
    [VERB_IMPORT] = play_operation,
    [VERB_RENEW] = play_renew,
    [VERB_PARENT] = play_parent,
    [VERB_CHANGE] = play_operation,
    [VERB_DELETE] = play_operation,
    [VERB_RECOVER] = play_operation,
    [VERB_CLOCK] = play_clock,
    [VERB_PROPERTY] = play_property,
    [VERB_TOGETHER] = play_nothing,
    [VERB_APART] = play_nothing,
    [VERB_LOG] = play_log,
    [VERB_FILE] = play_file,
    [VERB_CAINFO] = play_cainfo,
    [VERB_MANAGE] = play_manage,
    [VERB_DESCRIBE] = play_describe,
    [VERB_DISK] = play_disk,
    [VERB_KILL] = play_nothing,
};

int scenario_lines(const struct script *script)
{
    return (int)script->count + 1;
}

/* The last line, once `hr` has become of stopping the service. */
static void judge_log(HRESULT hr, const struct reason *reason)
{
    int left = event_log_count();
    char *oldest = event_log_oldest();

    tap_result(SUCCEEDED(hr) && !left, "the event log holds nothing that was not expected");
    if (FAILED(hr)) tap_reason("%s", reason->text);
    if (left)
        tap_reason("%d more in the event log than log steps expected, the first: %s", left, oldest);
    free(oldest);
    event_log_clear();
}

static void scenario_finish(struct play *play)
{
    struct reason reason = {""};
    HRESULT hr = play->running ? scenario_stop(play, &reason) : S_OK;

    judge_log(hr, &reason);
}

/* As in a crash, but for our own keys: the modules hear nothing of it, nor do their threads come to
 * an end. A disk that hangs goes on hanging, or what waits for it would be written after all. */
static void __attribute__((noreturn)) kill_process(void)
{
    judge_log(S_OK, NULL);
    scenario_clean_up();
    TerminateProcess(GetCurrentProcess(), tap_failures() != 0);
    abort();
}

static void play_free(struct play *play)
{
    for (size_t i = 0; i < play->entry_count; i++) {
        for (size_t j = 0; j < play->entries[i].count; j++) {
            free(play->entries[i].values[j].name);
            free(play->entries[i].values[j].text);
        }
        free(play->entries[i].values);
        free(play->entries[i].progid);
    }
    free(play->entries);
    operations_close(play->operations);
    ca_close(play->ca);
}

static void play_step(struct play *play, const struct step *step)
{
    expectation_begins(step);
    players[step->verb](play, step);
}

/* Steps that several threads take one by one. */
struct crowd {
    struct play *play;
    const struct step *steps;
    LONG count;
    volatile LONG next;
};

static DWORD WINAPI member(void *argument)
{
    struct crowd *crowd = argument;
    LONG i;

    while ((i = InterlockedIncrement(&crowd->next) - 1) < crowd->count)
        play_step(crowd->play, &crowd->steps[i]);
    return 0;
}

static void play_together(struct play *play, const struct step *steps, LONG count, long threads)
{
    struct crowd crowd = {.play = play, .steps = steps, .count = count};
    HANDLE members[MAXIMUM_WAIT_OBJECTS];
    int made = 0;

    for (; made < min(threads - 1, MAXIMUM_WAIT_OBJECTS); made++) {
        if (!(members[made] = CreateThread(NULL, 0, member, &crowd, 0, NULL))) break;
    }
    member(&crowd); /* the last of them, and the only one where none can be had */
    for (int i = 0; i < made; i++) {
        WaitForSingleObject(members[i], INFINITE);
        CloseHandle(members[i]);
    }
}

void scenario_play(const struct script *script)
{
    struct play play = {.settings = {.call_ms = 60000}};

    tap_on_bail_out(scenario_clean_up);
    for (size_t i = 0; i < script->count; i++) {
        size_t first = i + 1;

        play_step(&play, &script->steps[i]);
        if (script->steps[i].verb == VERB_KILL) kill_process();
        if (script->steps[i].verb != VERB_TOGETHER) continue;
        while (i + 1 < script->count && script->steps[i + 1].verb != VERB_APART) i++;
        play_together(&play, &script->steps[first], (LONG)(i + 1 - first),
                      step_number(&script->steps[first - 1], "threads", 1));
    }
    property_overrides_clear();
    disk_back_to_normal();
    scenario_finish(&play);
    play_free(&play);
}
