/*
 * A CA's list of active exit modules: the value Active, a REG_MULTI_SZ shared by all modules in
 * it.
 *
 * Only our own entry is ever added or removed. Every other byte stays where it is, however odd the
 * list: others wrote it, and the CA works with it. These functions work on bytes and do not access
 * the registry. Text is UTF-16 as Windows stores it.
 */
#ifndef EXIT_MODULE_LIST_H
#define EXIT_MODULE_LIST_H

#include <windows.h>
#include <stdbool.h>

#define EXIT_MODULE_LIST_NAME L"CertWitness.Exit"         /* our entry in the list */
/* bytes of the longest list that is read; real ones have a few hundred */
#define EXIT_MODULE_LIST_SIZE_MAX 65536

/* The registry value. */
struct exit_module_list {
    DWORD type;                         /* REG_NONE with a size of 0: the value does not exist */
    DWORD size;                         /* bytes */
    WCHAR *data;                        /* owned */
};

/* Check that the value is a list. False: `why` is a sentence without the value's name. */
bool exit_module_list_check(const struct exit_module_list *active, const WCHAR **why);

/*
 * Count our entries: the ProgID, in any case, with or without the version. `visible`: count only
 * the part that most readers see, which stop at the first empty text; otherwise the whole list.
 */
unsigned exit_module_list_count(const struct exit_module_list *active, bool visible);

/*
 * exit_module_list_with: a copy of the list with our entry after the others.
 * exit_module_list_without: a copy without our entries. The caller frees `*out`. If the list did
 * not end correctly, the copy does: a CA may search its memory for the end. Adding and then
 * removing the entry gives the same bytes if the list ended correctly, was not empty, and did not
 * contain our entry.
 */
HRESULT exit_module_list_with(const struct exit_module_list *active, struct exit_module_list *out);
HRESULT exit_module_list_without(const struct exit_module_list *active,
                                 struct exit_module_list *out);

/* The n-th text that readers see; NULL: there is none. */
const WCHAR *exit_module_list_at(const struct exit_module_list *active, unsigned index);

void exit_module_list_free(struct exit_module_list *active);

#endif
