/*
 * A CA's list of active exit modules: the value Active, a REG_MULTI_SZ that belongs to everybody whose module stands in it.
 *
 * Only our own entry is ever put in or taken out; every other byte stays where it is, however odd the list: others wrote it, and the CA
 * has lived with it. A function of bytes, which knows no registry. Text is UTF-16 as Windows keeps it.
 */
#ifndef EXIT_MODULE_LIST_H
#define EXIT_MODULE_LIST_H

#include <windows.h>
#include <stdbool.h>

#define EXIT_MODULE_LIST_NAME L"CertWitness.Exit"         /* what stands in the list for us */
#define EXIT_MODULE_LIST_SIZE_MAX 65536                   /* bytes of a list that is looked at; real ones have a few hundred */

/* The value as it stands in the registry. */
struct exit_module_list {
    DWORD type;                         /* REG_NONE with a size of 0: there is no such value */
    DWORD size;                         /* bytes */
    WCHAR *data;                        /* owned */
};

/* Whether it can be read as a list. False: `why` is a sentence without the value's name. */
bool exit_module_list_check(const struct exit_module_list *active, const WCHAR **why);

/* How often our entry stands in it: under its ProgID in any case, or under the ProgID with the version. `visible`: what readers see that
 * stop at the first empty text, as most do; else all of it. */
unsigned exit_module_list_count(const struct exit_module_list *active, bool visible);

/*
 * A list with our entry behind the others; one without any entry of ours. `*out` is the caller's to free. Where the list did not end as it
 * should, what is written does: it may lie in the memory of a CA that looks for the end.
 * Putting in and taking out again gives the same bytes where the list ended as it should, was not empty, and nobody put us in before.
 */
HRESULT exit_module_list_with(const struct exit_module_list *active, struct exit_module_list *out);
HRESULT exit_module_list_without(const struct exit_module_list *active, struct exit_module_list *out);

/* The n-th text that readers see, or NULL. */
const WCHAR *exit_module_list_at(const struct exit_module_list *active, unsigned index);

void exit_module_list_free(struct exit_module_list *active);

#endif
