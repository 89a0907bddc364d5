/*
 * The settings of a CA's recorder: the choices of an administrator, and the values in force.
 *
 * They are in the registry, in the module's own key (HKLM\<ModuleRegistryLocation>), so that
 * `certutil -setreg exit\CertWitness.Exit\…` can set them. One table describes each setting; the
 * manual's table is checked against it. No file is accessed. No function that reads waits for a
 * disk, nor for a network unless it is given the registry of another machine; Initialize may
 * therefore call settings_read. Any thread; nothing is kept between calls.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <windows.h>
#include <stdbool.h>
#include <stdint.h>

/* characters with the zero: ProgramData and a CA's name, most of it escaped as !xxxx */
/* the folder in which CAs have their journals by default, each in one of its own */
#define SETTINGS_PLACE      L"%ProgramData%\\CertWitness"
#define SETTINGS_PATH_MAX   512
#define SETTINGS_LIST_MAX   4096        /* characters with the zeros */
#define SETTINGS_ITEMS_MAX  64          /* items of a list: each may cost a call of the CA for
                                         * every event */
#define SETTINGS_ITEM_MAX   255         /* characters */
#define SETTINGS_TEXT_MAX   512         /* characters with the zero, enough for every reason and
                                         * value made here */

enum setting_id {
    SETTING_JOURNAL_DIRECTORY,
    SETTING_EVENT_MASK,
    SETTING_PROPERTIES,
    SETTING_SEGMENT_MIB,
    SETTING_QUEUE_MIB,
    SETTING_MAX_WAIT_MS,
    SETTING_MIN_FREE_MIB,
    SETTING_RETAIN_DAYS,
    SETTINGS_COUNT
};

enum setting_type {
    SETTING_NUMBER, /* REG_DWORD, REG_QWORD, or REG_SZ with decimal digits */
    SETTING_PATH,   /* REG_SZ or REG_EXPAND_SZ; %variables% are replaced in both */
    SETTING_LIST,   /* REG_MULTI_SZ, or REG_SZ with items separated by LF or \n */
};

struct setting {
    const WCHAR *name;
    enum setting_type type;
    const WCHAR *unit;                  /* unit of a number; "" if it has none */
    uint32_t number, least, most;       /* default and range of a number */
    const WCHAR *text;                  /* default of a path or a list, as shown to an
                                         * administrator */
    const WCHAR *range;                 /* allowed values of a path or a list, for a table */
    const WCHAR *help;                  /* one or two sentences */
};

extern const struct setting settings_table[SETTINGS_COUNT];

/* Where a value in force comes from. */
enum setting_source {
    SETTING_BY_DEFAULT,                 /* there is no value, or the key cannot be opened */
    SETTING_FROM_REGISTRY,
    SETTING_REFUSED                     /* there is a value that cannot be used: the default is in
                                         * force */
};

/* The values in force. */
struct settings {
    /* absolute; empty if there is no default (no %ProgramData%) */
    WCHAR journal_directory[SETTINGS_PATH_MAX];
    uint32_t event_mask;                                /* always includes EXITEVENT_SHUTDOWN */
    /* zero-terminated items; an empty item ends the list */
    WCHAR properties[SETTINGS_LIST_MAX];
    uint32_t segment_mib, queue_mib, max_wait_ms, min_free_mib, retain_days;
    enum setting_source source[SETTINGS_COUNT];
};

/*
 * A function that receives a refused value: its name (the key's path if the key cannot be opened),
 * its data, printable on any terminal and cut, and the reason in one sentence. The texts are valid
 * during the call only.
 */
typedef void settings_refused(void *context, const WCHAR *name, const WCHAR *value,
                              const WCHAR *reason);

/*
 * Read the settings in force for a CA. `key` is ModuleRegistryLocation, below HKLM; "" and a
 * missing key or value mean defaults. `ca_name` is SanitizedCAName, which names the default folder;
 * the folder is "unnamed" if the name is not valid for one. A value that cannot be used is passed
 * to `refused` (may be NULL), and the default is in force. A key that cannot be opened is passed to
 * `refused`, too, and every default is in force: this is no failure. Registry data may be anything:
 * cut, odd, huge, of any type. Returns false if there was no memory to read the values; `*out` then
 * contains defaults that may not be the CA's values.
 */
bool settings_read(const WCHAR *key, const WCHAR *ca_name, settings_refused *refused, void *context,
                   struct settings *out);

/*
 * As settings_read, from `root`, which is as for settings_write; blocks for as long as the network
 * does if it is another machine's. Paths are always judged with the variables and drives of this
 * machine.
 */
bool settings_read_at(HKEY root, const WCHAR *key, const WCHAR *ca_name, settings_refused *refused,
                      void *context, struct settings *out);

/*
 * Check that `text`, as typed by an administrator (a list with LF or \n between its items), is a
 * valid value of the setting. If not, `why` (SETTINGS_TEXT_MAX characters) says what is valid;
 * else it is empty.
 */
bool settings_check(enum setting_id id, const WCHAR *text, WCHAR why[SETTINGS_TEXT_MAX]);

/*
 * One change to a setting. `text` is as for settings_check; NULL removes the value, so that the
 * default is in force.
 */
struct settings_change {
    enum setting_id id;
    const WCHAR *text;
};

/*
 * Write a set of changes to the module's key, all of them or none. Every text is checked before
 * anything is written. If one cannot be written, the values before all changes are restored, as far
 * as the registry permits, and a key that was created is removed. The changes take effect when the
 * CA starts.
 *
 * `root` is HKEY_LOCAL_MACHINE, or that of another machine (RegConnectRegistry), in which case each
 * call blocks for as long as the network does; `key` is as above. A missing key is created if a
 * value is to be written, missing keys above it are not. To remove values from a missing key is
 * S_OK. Numbers are written as REG_DWORD, a list as REG_MULTI_SZ, a path as REG_SZ with %variables%
 * replaced by those of this process: the value that was checked is the value that is written.
 *
 * After a failure `why` says in a sentence what is wrong and what is valid; else it is empty.
 * HRESULT_FROM_WIN32 of ERROR_INVALID_DATA: a text was refused, and `why` begins with the
 * setting's name. ERROR_ACCESS_DENIED: the caller is not an administrator. ERROR_FILE_NOT_FOUND or
 * ERROR_PATH_NOT_FOUND: the key above is missing. ERROR_NOT_ENOUGH_MEMORY. Any other: the
 * registry's.
 */
HRESULT settings_write(HKEY root, const WCHAR *key, const struct settings_change *changes,
                       size_t count, WCHAR why[SETTINGS_TEXT_MAX]);

/* A number in force. Not for a path or a list. */
uint32_t settings_number(const struct settings *settings, enum setting_id id);

/*
 * Texts for tables: the value in force (a list with ", " between its items), the default, and the
 * range with its unit. Cut to `size` characters with the zero.
 */
void settings_value_text(const struct settings *settings, enum setting_id id, WCHAR *out,
                         size_t size);
void settings_default_text(enum setting_id id, WCHAR *out, size_t size);
void settings_range_text(enum setting_id id, WCHAR *out, size_t size);

#endif
