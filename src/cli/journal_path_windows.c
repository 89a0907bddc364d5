#include "journal_path.h"
#include "journal_path_system.h"

#include "ca_journal.h"
#include "cli/terminal/console.h"
#include "cli/terminal/outline_wide.h"
#include "base/error_text.h"
#include "base/shell_word.h"
#include "base/utf16_windows.h"
#include "journal_look.h"

#include <windows.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

bool journal_path_absolute(const char *path, struct bytes *out)
{
    WCHAR given[MAX_PATH * 4], whole[MAX_PATH * 4];
    int size;

    if (!utf16_from_utf8(path, given, ARRAYSIZE(given)) || !*given) return false;
    size = (int)GetFullPathNameW(given, ARRAYSIZE(whole), whole, NULL);
    if (!size || size >= (int)ARRAYSIZE(whole)) return false;
    while (size > 3 && (whole[size - 1] == L'\\' || whole[size - 1] == L'/')) whole[--size] = 0;
    utf16_add_utf8(out, whole, (size_t)size + 1);
    return !out->failed;
}

void journal_path_whole(const char *path, struct bytes *out)
{
    bytes_add_text(out, path);          /* journal_path_absolute made it so */
}

static void note_command(const char *before, const char *command, const char *word)
{
    struct bytes text = {0};

    shell_command_add(&text, command, word);
    bytes_add(&text, "", 1);
    if (!text.failed) console_note("%s%s", before, text.data);
    bytes_free(&text);
}

/* --- a CA without a journal, and journals without a CA --- */

static void note_older(void *context, const char *folder, const char *name, bool is_of_this_ca)
{
    (void)context;
    if (is_of_this_ca) console_note("an older journal of this CA is in %s; to read it:", folder);
    else console_note("a journal of another CA, %s, is in %s; to read it:", name, folder);
    note_command("    ", "certwitness show", folder);
}

static void note_nothing_yet(const struct cas *cas, const struct ca *ca)
{
    char name[CA_JOURNAL_TEXT];
    struct bytes why = {0};

    ca_journal_why_empty(ca, service_look(), &why);
    bytes_add(&why, "", 1);
    console_note("CA %s: %s", ca_journal_name(ca, name),
                 why.failed ? "nothing recorded yet" : why.data);
    bytes_free(&why);
    ca_journal_older(cas, ca, note_older, NULL);
}

/* Journals that were left: folder and CA in turn, each with a zero behind it. */
struct leftovers {
    struct bytes texts;
    unsigned count;
};

static void take_leftover(void *context, const char *folder, const char *name, bool is_of_this_ca)
{
    struct leftovers *leftovers = context;

    (void)is_of_this_ca;
    bytes_add(&leftovers->texts, folder, strlen(folder) + 1);
    bytes_add(&leftovers->texts, name, strlen(name) + 1);
    leftovers->count += !leftovers->texts.failed;
}

static void note_leftovers(const struct leftovers *leftovers)
{
    const char *folder = leftovers->texts.data, *name;

    console_note("this machine has no CA, and several journals; name the folder of one:");
    for (unsigned i = 0; i < leftovers->count; i++) {
        name = folder + strlen(folder) + 1;
        console_note("    %s, of the CA %s", folder, name);
        note_command("        ", "certwitness show", folder);
        folder = name + strlen(name) + 1;
    }
}

/* This machine has no CA, or none any more: a journal that was left is taken, and named. */
static bool find_leftover(const struct cas *cas, struct bytes *path)
{
    struct leftovers leftovers = {0};

    ca_journal_older(cas, NULL, take_leftover, &leftovers);
    if (!leftovers.count)
        console_note("no CA and no journal was found on this machine: name the folder that the "
                     "journal is in");
    if (leftovers.count == 1) {
        console_note("this machine has no CA; the journal that is read lies in %s",
                     leftovers.texts.data);
        bytes_add(path, leftovers.texts.data, strlen(leftovers.texts.data) + 1);
    }
    if (leftovers.count > 1) note_leftovers(&leftovers);
    bytes_free(&leftovers.texts);
    return path->size && !path->failed;
}

/* --- which CA --- */

static void note_cas(const struct cas *cas)
{
    char name[CA_JOURNAL_TEXT], folder[3 * WIDE_TEXT_MAX];

    for (size_t i = 0; i < cas->count; i++) {
        const struct ca *ca = &cas->list[i];

        note_command("    ", "--ca", ca_journal_name(ca, name));
        console_note("        %s%s", wide_utf8(ca->settings.journal_directory, folder),
                     ca_journal_is_empty(ca) ? " (nothing recorded yet)" : "");
    }
}

static const struct ca *choose_ca(const struct cas *cas, const char *name)
{
    WCHAR wide[CAS_NAME_MAX];
    const struct ca *ca;

    if (!name) {
        if (!(ca = ca_journal_default(cas)))
            console_note("this machine has several CAs; choose one:");
    } else {
        ca = utf16_from_utf8(name, wide, ARRAYSIZE(wide)) ? cas_find(cas, wide) : NULL;
        if (!ca)
            console_note(cas->count ? "there is no CA \"%s\" on this machine; these are there:"
                                    : "there is no CA \"%s\" on this machine",
                         name);
    }
    if (!ca) note_cas(cas);
    return ca;
}

static bool take_folder(const struct cas *cas, const struct ca *ca, struct bytes *path)
{
    char folder[3 * WIDE_TEXT_MAX], name[CA_JOURNAL_TEXT], reason[ERROR_TEXT_MAX];
    HRESULT hr;

    if (ca_journal_is_empty(ca)) {
        note_nothing_yet(cas, ca);
        return false;
    }
    if (FAILED(hr = journal_look(wide_utf8(ca->settings.journal_directory, folder)))) {
        console_note("CA %s: its journal in %s cannot be read: %s%s", ca_journal_name(ca, name),
                     folder, error_text(hr, reason),
                     hr == HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED) ? "; run this elevated" : "");
        return false;
    }
    bytes_add(path, folder, strlen(folder) + 1);
    return !path->failed;
}

static bool find_in(const struct cas *cas, const char *name, struct bytes *path)
{
    const struct ca *ca;

    if (!cas->count && cas->error) {
        console_note("the CAs of this machine cannot be read (error %ld): run this elevated, or "
                     "name the folder that the journal is in",
                     cas->error);
        return false;
    }
    if (!cas->count && !name) return find_leftover(cas, path);
    return (ca = choose_ca(cas, name)) && take_folder(cas, ca, path);
}

bool journal_path_of_machine(const char *ca, struct bytes *path)
{
    struct cas cas;
    bool found;

    if (FAILED(cas_read(&cas))) {
        console_note("there is not enough memory");
        return false;
    }
    found = find_in(&cas, ca, path);
    cas_free(&cas);
    return found;
}

bool journal_path_note_empty(const char *path)
{
    char folder[3 * WIDE_TEXT_MAX];
    bool noted = false;
    struct cas cas;

    if (FAILED(cas_read(&cas))) return false;
    for (size_t i = 0; i < cas.count && !noted; i++) {
        noted = !_stricmp(path, wide_utf8(cas.list[i].settings.journal_directory, folder)) &&
                ca_journal_is_empty(&cas.list[i]);
        if (noted) note_nothing_yet(&cas, &cas.list[i]);
    }
    cas_free(&cas);
    return noted;
}
