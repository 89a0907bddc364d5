#include "delivery_show.h"

#include "delivery_report.h"
#include "program_output.h"

#include "base/error_text.h"
#include "base/error_windows.h"
#include "base/folder_guard_windows.h"
#include "base/folder_windows.h"
#include "base/utf16_windows.h"
#include "cli/terminal/outline_wide.h"
#include "delivery/place/usual.h"
#include "setup/service_account.h"

#include <stdio.h>
#include <wchar.h>

#define WAIT_MS     60000
#define REPORT_MOST (1 << 20)           /* bytes: as much as can be parsed */
#define ERRORS_MOST 4096
#define LINE_MAX_HERE (2 * DELIVERY_SERVICE_PATH + 64)

/* A delivery while it is shown. */
struct shown {
    struct outline *outline;
    struct bytes *problems;
    struct delivery_service *service;
    bool is_installed;
};

static void shown_problem(struct shown *shown, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void shown_problem(struct shown *shown, const char *format, ...)
{
    char text[3 * FOLDER_WHY_MAX + 512];
    va_list options;

    va_start(options, format);
    vsnprintf(text, sizeof text, format, options);
    va_end(options);
    bytes_add(shown->problems, text, strlen(text) + 1);
}

/* --- what there is --- */

/* The program beside this one. */
static bool shown_find_beside(WCHAR out[DELIVERY_SERVICE_PATH])
{
    DWORD size = GetModuleFileNameW(NULL, out, DELIVERY_SERVICE_PATH);
    WCHAR *name = size && size < DELIVERY_SERVICE_PATH ? wcsrchr(out, '\\') : NULL;

    if (!name || name + 1 - out + ARRAYSIZE(DELIVERY_PROGRAM) > DELIVERY_SERVICE_PATH) return false;
    wcscpy(name + 1, DELIVERY_PROGRAM);
    return GetFileAttributesW(out) != INVALID_FILE_ATTRIBUTES;
}

/* A configuration that cannot be looked at is one. */
static bool shown_find_usual(struct delivery_service *service)
{
    DWORD error;

    if (!utf16_from_utf8(usual_configuration, service->configuration, DELIVERY_SERVICE_PATH))
        return false;
    if (GetFileAttributesW(service->configuration) == INVALID_FILE_ATTRIBUTES) {
        error = GetLastError();
        if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND) return false;
    }
    return shown_find_beside(service->program);
}

static void shown_judge_service(struct shown *shown)
{
    const struct delivery_service *service = shown->service;

    if (service->runs || service->is_disabled) return;
    if (service->ended_with)
        shown_problem(shown,
                      "The service CertWitnessDelivery ended by a failure, and nothing is "
                      "delivered. Entries 400 to 409 of the log CertWitness-Journal say why. Then "
                      "Start-Service CertWitnessDelivery.");
    else
        shown_problem(shown, "The service CertWitnessDelivery does not run, and nothing is "
                             "delivered: Start-Service CertWitnessDelivery. Where it is not to "
                             "run, certwitness-delivery service remove.");
}

static void shown_tell(struct shown *shown)
{
    const struct delivery_service *service = shown->service;

    outline_word(shown->outline, "service", "Service (CertWitnessDelivery)",
                 !shown->is_installed   ? "none"
                 : service->runs        ? "running"
                 : service->is_disabled ? "disabled"
                                        : "stopped");
    outline_wide(shown->outline, "file", "Program", service->program);
    outline_wide(shown->outline, "configuration", "Configuration", service->configuration);
}

/* --- what it says --- */

/* Whoever can change one of them chooses what the service runs, or where the journal goes. */
static bool shown_is_safe(struct shown *shown, const WCHAR *file, const char *means)
{
    WCHAR why[FOLDER_WHY_MAX];
    char sentence[3 * WIDE_TEXT_MAX];
    enum folder_answer answer = folder_judge_file(file, NULL, why);

    if (answer == FOLDER_FIT) return true;
    if (answer == FOLDER_MISSING)
        shown_problem(shown,
                      "%s is not there: put it back, or run certwitness-delivery service install.",
                      wide_utf8(file, sentence));
    else shown_problem(shown, "%s %s", wide_utf8(why, sentence), means);
    return false;
}

static bool shown_judge_files(struct shown *shown)
{
    BYTE account[SECURITY_MAX_SID_SIZE];
    bool good;

    if (SUCCEEDED(service_account_sid(DELIVERY_SERVICE, account))) folder_guard_trust(account);
    good = shown_is_safe(shown, shown->service->program,
                         "The delivery runs whatever is put there, so it was not asked how it is: "
                         "see what is there, then copy CertWitness to a folder that only "
                         "administrators can write to.");
    return shown_is_safe(shown, shown->service->configuration,
                         "Whoever changes the delivery's configuration says where the journal goes "
                         "and which programs the delivery runs: look at it, then put it into a "
                         "folder that only administrators can write to.") &&
           good;
}

/* The first line of what it complained of, without the program's name. */
static void shown_complain(struct shown *shown, const struct bytes *errors, HRESULT hr)
{
    static const char prefix[] = "certwitness-delivery: ";
    struct span text = {errors->data, errors->size};
    const char *end = text.size ? memchr(text.text, '\n', text.size) : NULL;
    char reason[ERROR_TEXT_MAX];

    if (end) text.size = (size_t)(end - text.text);
    if (text.size && text.text[text.size - 1] == '\r') text.size--;
    if (text.size >= sizeof prefix && !memcmp(text.text, prefix, sizeof prefix - 1)) {
        text.text += sizeof prefix - 1;
        text.size -= sizeof prefix - 1;
    }
    if (FAILED(hr))
        shown_problem(shown, "The delivery does not say how it is: %s. Run certwitness-delivery "
                             "status to see why.",
                      hr == HRESULT_FROM_WIN32(ERROR_TIMEOUT) ? "it has not answered in time"
                                                              : error_text(hr, reason));
    else
        shown_problem(shown, "The delivery does not say how it is: %.*s. If access is denied, run "
                             "this elevated.",
                      (int)text.size, text.size ? text.text : "");
}

static void shown_ask(struct shown *shown)
{
    struct bytes report = {.limit = REPORT_MOST}, errors = {.limit = ERRORS_MOST};
    WCHAR line[LINE_MAX_HERE];
    DWORD code = 0;
    HRESULT hr;

    swprintf(line, LINE_MAX_HERE, L"\"%ls\" status --json --config \"%ls\"",
             shown->service->program, shown->service->configuration);
    hr = program_output(shown->service->program, line, WAIT_MS, &report, &errors, &code);
    if (FAILED(hr) || report.failed ||
        !delivery_report_show((struct span){report.data, report.size}, shown->outline,
                              shown->problems))
        shown_complain(shown, &errors, hr);
    bytes_free(&report);
    bytes_free(&errors);
}

bool delivery_show(struct outline *outline, struct bytes *problems,
                   struct delivery_service *service)
{
    struct shown shown = {outline, problems, service, false};
    HRESULT hr = delivery_service_read(service);
    char reason[ERROR_TEXT_MAX];

    if (FAILED(hr)) {
        shown_problem(&shown, "Whether a delivery is installed is not known: the services cannot "
                              "be opened (%s).",
                      error_text(hr, reason));
        return false;
    }
    shown.is_installed = hr == S_OK;
    if (!shown.is_installed && !shown_find_usual(service)) return false;
    shown_tell(&shown);
    if (shown.is_installed) shown_judge_service(&shown);
    if (shown_judge_files(&shown)) shown_ask(&shown);
    return true;
}
