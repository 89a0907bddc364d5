/*
 * The settings: what an administrator may choose for a CA's recorder, and what is in force.
 *
 * They stand in the registry, in the module's own key (HKLM\<ModuleRegistryLocation>), so that `certutil -setreg exit\CertWitness.Exit\…`
 * reaches them. One table says everything about each; the manual's table is checked against it. No files are touched and nothing that reads
 * waits for a disk or a network, so that Initialize may call it. Any thread; nothing is kept between calls.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <windows.h>
#include <stdbool.h>
#include <stdint.h>

#define SETTINGS_PATH_MAX   512         /* characters with the zero: ProgramData and a CA's name, most of it escaped as !xxxx */
#define SETTINGS_LIST_MAX   4096        /* characters with the zeros */
#define SETTINGS_ITEMS_MAX  64          /* of a list: each may cost a call into the CA for every event */
#define SETTINGS_ITEM_MAX   255         /* characters */
#define SETTINGS_TEXT_MAX   512         /* characters with the zero, ample for every reason and value that is made here */

enum setting_id {
    SETTING_JOURNAL_DIRECTORY, SETTING_EVENT_MASK, SETTING_PROPERTIES, SETTING_SEGMENT_MIB, SETTING_QUEUE_MIB, SETTING_MAX_WAIT_MS,
    SETTING_MIN_FREE_MIB, SETTING_RETAIN_DAYS, SETTINGS_COUNT
};

enum setting_type {
    SETTING_NUMBER,                     /* REG_DWORD, REG_QWORD, or REG_SZ with decimal digits */
    SETTING_PATH,                       /* REG_SZ or REG_EXPAND_SZ; %variables% are replaced in both */
    SETTING_LIST,                       /* REG_MULTI_SZ, or REG_SZ with one item or several with LF or \n between them */
};

struct setting {
    const WCHAR *name;
    enum setting_type type;
    const WCHAR *unit;                  /* of a number; "" where it has none */
    uint32_t number, least, most;       /* of a number: default and range */
    const WCHAR *text;                  /* the default of a path or a list, as an administrator reads it */
    const WCHAR *range;                 /* what a path or a list may be, for a table */
    const WCHAR *help;                  /* one sentence or two */
};

extern const struct setting settings_table[SETTINGS_COUNT];

enum setting_source { SETTING_BY_DEFAULT, SETTING_FROM_REGISTRY, SETTING_REFUSED };     /* refused: the default is in force */

/* What is in force. */
struct settings {
    WCHAR journal_directory[SETTINGS_PATH_MAX];         /* absolute; empty where no default can be had (no %ProgramData%) */
    uint32_t event_mask;                                /* with EXITEVENT_SHUTDOWN in it whatever was asked for */
    WCHAR properties[SETTINGS_LIST_MAX];                /* items each ended by a zero, an empty one ends the list */
    uint32_t segment_mib, queue_mib, max_wait_ms, min_free_mib, retain_days;
    enum setting_source source[SETTINGS_COUNT];
};

/*
 * Told of a value that was refused: the value's name (the key's path where the key could not be read), what is there, printable on any
 * terminal and cut, and why that cannot be, in one sentence. Nothing of it outlives the call.
 */
typedef void settings_refused(void *context, const WCHAR *name, const WCHAR *value, const WCHAR *reason);

/*
 * Read what is in force for a CA. `key` is ModuleRegistryLocation, below HKLM; "" and a key or value that is not there mean defaults.
 * `ca_name` is SanitizedCAName, which names the default folder. What is there but cannot be used is told to `refused` (or NULL), and the
 * default is in force. Registry data may be anything: cut, odd, huge, of any type. False: there was no memory to read
 * them with, and `*out` holds defaults that may not be the CA's.
 */
bool settings_read(const WCHAR *key, const WCHAR *ca_name, settings_refused *refused, void *context, struct settings *out);

/*
 * The same from `root`, which is as for settings_write. Paths are judged by this machine's variables and drives, whatever the root.
 */
bool settings_read_at(HKEY root, const WCHAR *key, const WCHAR *ca_name, settings_refused *refused, void *context,
                      struct settings *out);

/*
 * Whether `text`, as an administrator would type it (a list with LF or \n between its items), can be that setting's value. Where it
 * cannot, `why` (SETTINGS_TEXT_MAX characters) says what would be right; else it is empty.
 */
bool settings_check(enum setting_id id, const WCHAR *text, WCHAR why[SETTINGS_TEXT_MAX]);

/* One change to a setting. `text` is as settings_check takes it; NULL removes the value, so that the default is in force. */
struct settings_change {
    enum setting_id id;
    const WCHAR *text;
};

/*
 * Write a set of changes into the module's key, all of them or none: every text is checked before anything is written, and when one
 * cannot be written, those before it are put back as they were. They take effect when the CA starts.
 *
 * `root` is HKEY_LOCAL_MACHINE, or that of another machine (RegConnectRegistry), where each call blocks for as long as the network does;
 * `key` as above. The key is made where it is missing, those above it are not. Numbers are written as REG_DWORD, a list as REG_MULTI_SZ,
 * a path as REG_SZ and as it was understood here, %variables% replaced by this process's: what was checked is what is written.
 *
 * After failure `why` says in a sentence what cannot be, and what would be right; else it is empty. HRESULT_FROM_WIN32 of
 * ERROR_INVALID_DATA: a text was refused, `why` begins with the setting's name. ERROR_ACCESS_DENIED: no administrator.
 * ERROR_FILE_NOT_FOUND: the key above is missing.
 */
HRESULT settings_write(HKEY root, const WCHAR *key, const struct settings_change *changes, size_t count, WCHAR why[SETTINGS_TEXT_MAX]);

/* A number that is in force. Of a path or a list: not to be asked. */
uint32_t settings_number(const struct settings *settings, enum setting_id id);

/* For tables: the value in force, the default, and the range with its unit. Cut where `size` characters do not hold them. */
void settings_value_text(const struct settings *settings, enum setting_id id, WCHAR *out, size_t size);
void settings_default_text(enum setting_id id, WCHAR *out, size_t size);
void settings_range_text(enum setting_id id, WCHAR *out, size_t size);

#endif
