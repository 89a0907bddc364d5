/* The CA's own event log. */
#include "event_log.h"

#include "stubca/base/heap.h"
#include "stubca/base/tap.h"
#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    int number;
    char *text;
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct entry *entries;
static int count;

static void event_log_write_entry(int number, char *text)
{
    AcquireSRWLockExclusive(&lock);
    entries = heap_grow(entries, (size_t)(count + 1) * sizeof *entries);
    entries[count++] = (struct entry){number, text};
    tap_note("event %d: %s", number, text);
    ReleaseSRWLockExclusive(&lock);
}

void event_log_exit_error(const char *module, const char *method, HRESULT code, const char *detail)
{
    char *words = text_of_code(code);

    event_log_write_entry(EVENT_EXIT_ERROR,
                          text_format("The \"%s\" Exit Module \"%s\" method returned an error. %s "
                                      "The returned status code is "
                                      "0x%08lx (%ld). %s",
                                      module, method, words, (unsigned long)code, code, detail));
    free(words);
}

void event_log_exit_exception(const char *module, const char *method, DWORD code,
                              const void *address)
{
    char *words = text_of_code((HRESULT)code);

    event_log_write_entry(EVENT_EXIT_EXCEPTION,
                          text_format("The \"%s\" Exit Module \"%s\" method caused an exception at "
                                      "address 0x%p. %s The exception "
                                      "code is 0x%08lx.",
                                      module, method, address, words, (unsigned long)code));
    free(words);
}

static void remove_entry(int i)
{
    free(entries[i].text);
    memmove(entries + i, entries + i + 1, (size_t)(--count - i) * sizeof *entries);
}

bool event_log_take(int number, const char *part)
{
    bool found = false;

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < count && !found; i++) {
        if (entries[i].number != number || !strstr(entries[i].text, part)) continue;
        found = true;
        remove_entry(i);
    }
    ReleaseSRWLockExclusive(&lock);
    return found;
}

int event_log_count(void)
{
    int now;

    AcquireSRWLockShared(&lock);
    now = count;
    ReleaseSRWLockShared(&lock);
    return now;
}

char *event_log_oldest(void)
{
    char *text;

    AcquireSRWLockShared(&lock);
    text = count ? text_format("%s", entries[0].text) : NULL;
    ReleaseSRWLockShared(&lock);
    return text;
}

void event_log_clear(void)
{
    AcquireSRWLockExclusive(&lock);
    while (count) remove_entry(count - 1);
    ReleaseSRWLockExclusive(&lock);
}
