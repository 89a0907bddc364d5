#include "journal_path.h"

#include "cli/terminal/console.h"
#include "base/error_text.h"
#include "journal_look.h"
#include "journal_path_system.h"

#include <string.h>

static bool ends_so(const char *text, const char *end)
{
    size_t size = strlen(text), most = strlen(end);

    return size > most && !strcmp(text + size - most, end);
}

static bool journal_path_named(const char *operand, struct bytes *path)
{
    char reason[ERROR_TEXT_MAX];
    size_t before = path->size;
    HRESULT hr;

    if (!journal_path_absolute(operand, path)) {
        console_note("\"%s\" is not the path of a folder", operand);
        return false;
    }
    if ((hr = journal_look(path->data + before)) == S_OK) return true;
    if (journal_path_note_empty(path->data + before)) return false;
    if (hr == S_FALSE)
        console_note("%s: there is no journal in this folder (no file named <20 digits>.jsonl)",
                     operand);
    else if (ends_so(operand, ".jsonl"))
        console_note("%s: a journal is a folder; name the folder that this file is in", operand);
    else console_note("%s: the journal cannot be read: %s", operand, error_text(hr, reason));
    return false;
}

bool journal_path_find(const char *operand, const char *ca, struct bytes *path)
{
    if (operand && ca) {
        console_note("--ca names a CA of this machine and \"%s\" a folder: give one of the two",
                     operand);
        return false;
    }
    return operand ? journal_path_named(operand, path) : journal_path_of_machine(ca, path);
}
