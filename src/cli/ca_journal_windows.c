/*
 * A CA records in the folder that its settings name, by default %ProgramData%\CertWitness\<CA>.
 * Whoever changes JournalDirectory leaves a journal behind in the old folder: it is looked for in
 * the default place and beside the new folder. A journal further away is not found.
 */
#include "ca_journal.h"

#include "base/digits.h"
#include "base/utf16_windows.h"
#include "cli/terminal/outline_wide.h"
#include "journal/segment.h"
#include "journal_look.h"
#include "settings/directory.h"
#include "setup/former.h"
#include "setup/purge.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define FOLDERS_MAX 256                 /* that are looked into in one place */

const char *ca_journal_name(const struct ca *ca, char out[CA_JOURNAL_TEXT])
{
    utf16_put_utf8(ca->name, out, CA_JOURNAL_TEXT);
    return out;
}

const struct ca *ca_journal_default(const struct cas *cas)
{
    WCHAR name[CAS_NAME_MAX];
    DWORD size = sizeof name;

    if (cas->count == 1) return &cas->list[0];
    if (RegGetValueW(HKEY_LOCAL_MACHINE, CAS_CONFIGURATION, L"Active",
                     RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY, NULL, name, &size))
        return NULL;
    return cas_find(cas, name);
}

static bool ca_journal_is_missing(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND) ||
           hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

bool ca_journal_is_empty(const struct ca *ca)
{
    char folder[3 * WIDE_TEXT_MAX];
    HRESULT hr;

    if (!*ca->settings.journal_directory || !folder_has_drive(ca->settings.journal_directory))
        return false;
    hr = journal_look(wide_utf8(ca->settings.journal_directory, folder));
    return hr == S_FALSE || ca_journal_is_missing(hr);
}

void ca_journal_why_empty(const struct ca *ca, enum ca_service service, struct bytes *out)
{
    static const char *const begins[] = {
        [CA_SERVICE_MISSING] =
            "recording begins when CertSvc is started, and this machine has no such service",
        [CA_SERVICE_STOPPED] = "recording begins when CertSvc is started (Start-Service CertSvc)",
        [CA_SERVICE_RUNNING] =
            "recording begins when CertSvc is restarted (Restart-Service CertSvc)",
        [CA_SERVICE_UNKNOWN] =
            "recording begins when CertSvc is restarted (Restart-Service CertSvc)",
    };

    bytes_add_text(out, "nothing recorded yet; ");
    if (ca->error) bytes_add_text(out, "its exit modules cannot be read: run this elevated");
    else if (!exit_module_list_count(&ca->active, true))
        bytes_add_text(out, "the module is not among its exit modules: run certwitness install");
    else if (purge_is_in_use(ca->settings.journal_directory))
        bytes_add_text(out, "the CA has the journal open: certwitness status says what is wrong");
    else if (service == CA_SERVICE_RUNNING && service_is_clustered())
        bytes_add_text(out, "recording begins when the failover cluster restarts CertSvc");
    else bytes_add_text(out, begins[service]);
}

/* --- older journals --- */

struct search {
    const struct ca *ca;
    bool only_its_own; /* what others keep in that place is none of our business */
    unsigned count;                     /* folders that were looked into in this place */
    ca_journal_told *told;
    void *context;
};

/* "/adcs/ca01.example/Issuing%20CA": the name behind the last slash, zero-terminated and cut. */
static void ca_journal_take_name(struct span source, char *out, size_t size)
{
    size_t begin = source.size, used = 0;

    while (begin && source.text[begin - 1] != '/') begin--;
    for (size_t at = begin; at < source.size && used + 1 < size; at++) {
        int escaped = source.text[at] == '%' && at + 2 < source.size
                          ? digits_hex_byte(source.text + at + 1) : -1;

        out[used++] = escaped < 0 ? source.text[at] : (char)escaped;
        if (escaped >= 0) at += 2;
    }
    out[used] = 0;
}

static bool read_name(const char *path, char *out, size_t size)
{
    struct segment_reader *file;
    struct disk_folder *folder;
    struct line line;
    uint64_t first = 0;
    bool found = false;

    if (FAILED(disk_view_folder(path, &folder))) return false;
    if (segment_find_above(folder, 0, &first) == S_OK && first &&
        segment_open_first(folder, first, &file, &line) == S_OK) {
        ca_journal_take_name(line.source, out, size);
        segment_reader_close(file);
        found = true;
    }
    disk_close_folder(folder);
    return found;
}

static bool ca_journal_judge_folder(void *context, const WCHAR *folder)
{
    char path[3 * WIDE_TEXT_MAX], name[CA_JOURNAL_TEXT], its[CA_JOURNAL_TEXT] = "";
    struct search *search = context;
    bool is_its_own;

    if (read_name(wide_utf8(folder, path), name, sizeof name)) {
        is_its_own = search->ca && !strcmp(name, ca_journal_name(search->ca, its));
        if (is_its_own || !search->only_its_own)
            search->told(search->context, path, name, is_its_own);
    }
    return ++search->count < FOLDERS_MAX;
}

/* The folder above one; "" where there is none. "E:\" becomes "E:", to which a backslash is added.
 */
static void folder_above_of(const WCHAR *folder, WCHAR out[SETTINGS_PATH_MAX])
{
    WCHAR *last;

    wcscpy(out, folder);
    if ((last = wcsrchr(out, L'\\'))) *last = 0;
    else *out = 0;
}

void ca_journal_older(const struct cas *cas, const struct ca *ca, ca_journal_told *told,
                      void *context)
{
    struct search by_default = {ca, false, 0, told, context},
                  next_to = {ca, true, 0, told, context};
    WCHAR place[SETTINGS_PATH_MAX], beside[SETTINGS_PATH_MAX] = L"";

    if (directory_place(place))
        former_folders(cas, place, ca_journal_judge_folder, &by_default);
    if (ca && *ca->settings.journal_directory)
        folder_above_of(ca->settings.journal_directory, beside);
    if (*beside && _wcsicmp(beside, place))
        former_folders(cas, beside, ca_journal_judge_folder, &next_to);
}
