/* Our entries in this machine's event log, the newest first: in our own log, and in the Application
 * log, where earlier versions wrote. */
#ifndef EVENT_ENTRIES_H
#define EVENT_ENTRIES_H

#include <windows.h>
#include <stdbool.h>

#define EVENT_ENTRIES_MAX 10

struct event_entry {
    DWORD id; /* with its severity, as the message table has it; the low half is what people see */
    unsigned level;                     /* 1, 2: error; 3: warning; else information */
    FILETIME time;
};

enum event_entries_of { ENTRIES_OF_RECORDER, ENTRIES_OF_DELIVERY };

/* How many there are in `out`; false: the log cannot be read, as by a user who may not, or where
 * Windows keeps none. `*error` tells why. */
bool event_entries_read(enum event_entries_of whose, struct event_entry out[EVENT_ENTRIES_MAX],
                        unsigned *count, DWORD *error);

/* The first line of a message, out of the DLL that holds them; "" where it cannot be had. */
void event_entry_text(const WCHAR *dll, DWORD id, WCHAR *out, size_t size);

#endif
