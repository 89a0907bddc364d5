#include "directory.h"

#include "base/refusal_windows.h"

#include <stdio.h>
#include <wchar.h>

#define UNNAMED       L"unnamed"        /* the folder of a CA that does not tell its name */
#define NAME_MAX      255               /* characters of a name, on NTFS and ReFS */

/* CON, NUL.txt, "com1 .x": not even \\?\ makes them harmless, since no other program could open
 * what lies there. */
static bool is_device(const WCHAR *name, size_t size)
{
    static const WCHAR *const devices[] = {L"CON",    L"PRN",     L"AUX",  L"NUL",
                                           L"CONIN$", L"CONOUT$", L"COM#", L"LPT#"};
    size_t length = 0;

    while (length < size && name[length] != '.') length++;
    while (length && name[length - 1] == ' ') length--;
    for (size_t i = 0; i < ARRAYSIZE(devices); i++) {
        bool numbered = wcschr(devices[i], '#') != NULL;
        size_t letters = wcslen(devices[i]) - numbered;

        if (length != letters + numbered || _wcsnicmp(name, devices[i], letters)) continue;
        if (!numbered || wcschr(L"0123456789\u00b9\u00b2\u00b3", name[letters])) return true;
    }
    return false;
}

static bool has_lone_surrogate(const WCHAR *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!IS_HIGH_SURROGATE(text[i]) && !IS_LOW_SURROGATE(text[i])) continue;
        if (IS_LOW_SURROGATE(text[i]) || i + 1 == size || !IS_LOW_SURROGATE(text[i + 1]))
            return true;
        i++;
    }
    return false;
}

/* One name between backslashes. NULL where it is one. */
static const WCHAR *wrong_name(const WCHAR *name, size_t size)
{
    if (!size) return L"It must not contain two backslashes in a row after the drive.";
    if (size > NAME_MAX) return L"Each name in it must have at most 255 characters.";
    for (size_t i = 0; i < size; i++) {
        if (name[i] < ' ' || name[i] == 0x7f || wcschr(L"/:*?\"<>|", name[i]))
            return L"It must not hold control characters or any of / : * ? \" < > |.";
    }
    if (has_lone_surrogate(name, size))
        return L"It must consist of whole characters, but contains half of a surrogate pair.";
    if (size <= 2 && name[0] == '.' && name[size - 1] == '.')
        return L"It must not hold . or .. as a name.";
    if (name[size - 1] == '.' || name[size - 1] == ' ')
        return L"No name in it may end in a dot or a blank.";
    if (is_device(name, size)) return L"No name in it may be a device's, such as NUL or COM1.";
    return NULL;
}

static const WCHAR *wrong_names(const WCHAR *path)
{
    const WCHAR *end, *wrong = NULL;

    for (const WCHAR *name = path; !wrong; name = end + 1) {
        end = wcschr(name, '\\');
        if (!end) return wrong_name(name, wcslen(name));
        wrong = wrong_name(name, end - name);
    }
    return wrong;
}

bool directory_target_is_local(const WCHAR *target)
{
    static const WCHAR mup[] = L"\\Device\\Mup", alias[] = L"\\??\\";

    /* The target of every network drive holds the drive's letter behind a semicolon:
     * \Device\LanmanRedirector\;X:… */
    if (wcsstr(target, L"\\;") || !_wcsnicmp(target, mup, ARRAYSIZE(mup) - 1)) return false;
    return wcsncmp(target, alias, ARRAYSIZE(alias) - 1);
}

/* GetDriveType would ask the drive, and a dead share does not answer for a minute. */
static bool is_local_drive(WCHAR letter)
{
    WCHAR drive[] = {letter, ':', 0}, target[1024];

    return !QueryDosDeviceW(drive, target, ARRAYSIZE(target)) || directory_target_is_local(target);
}

static const WCHAR *wrong_path(const WCHAR *path)
{
    if (!wcsncmp(path, L"\\\\?\\", 4) || !wcsncmp(path, L"\\\\.\\", 4) ||
        !wcsncmp(path, L"\\??\\", 4))
        return L"It must be a plain path such as D:\\Journal, without \\\\?\\ or \\\\.\\ before "
               L"it.";
    if (!wcsncmp(path, L"\\\\", 2))
        return L"It must be on a disk of this machine: a journal cannot be on a network share.";
    if (!((path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z')) ||
        path[1] != ':' || path[2] != '\\')
        return L"It must be an absolute path with a drive, such as D:\\Journal.";
    if (!path[3]) return L"It must be a folder below the drive's root, such as D:\\Journal.";
    return wrong_names(path + 3);
}

bool directory_check(const WCHAR *text, WCHAR out[SETTINGS_PATH_MAX], WCHAR why[SETTINGS_TEXT_MAX])
{
    DWORD size = ExpandEnvironmentStringsW(text, out, SETTINGS_PATH_MAX);
    const WCHAR *wrong, *percent;

    why[0] = 0;
    if (!*text)
        return refused(
            why, SETTINGS_TEXT_MAX,
            L"It must be an absolute path with a drive, such as D:\\Journal: it is empty.");
    if (!size || size > SETTINGS_PATH_MAX)
        return refused(why, SETTINGS_TEXT_MAX, L"It must have at most 511 characters.");
    percent = wcschr(out, '%');
    if (percent && wcschr(percent + 1, '%'))
        return refused(why, SETTINGS_TEXT_MAX,
                       L"A variable between %% signs in it is not known to the CA's process.");
    for (size_t end = wcslen(out); end > 3 && out[end - 1] == '\\'; end--) out[end - 1] = 0;
    if ((wrong = wrong_path(out))) return refused(why, SETTINGS_TEXT_MAX, L"%ls", wrong);
    if (!is_local_drive(out[0]))
        return refused(why, SETTINGS_TEXT_MAX,
                       L"It must be on a disk of this machine: that drive is a network share or "
                       L"another folder's alias.");
    return true;
}

/* A sanitized name holds none of the characters that a path gives a meaning to; one that does is
 * not what it says it is. */
static const WCHAR *folder_name(const WCHAR *name)
{
    for (const WCHAR *c = name; *c; c++) if (*c < ' ' || *c > '~' || *c == '\\') return UNNAMED;
    return wrong_name(name, wcslen(name)) ? UNNAMED : name;
}

bool directory_place(WCHAR out[SETTINGS_PATH_MAX])
{
    DWORD size = ExpandEnvironmentStringsW(SETTINGS_PLACE, out, SETTINGS_PATH_MAX);

    if (!size || size > SETTINGS_PATH_MAX || out[0] == '%') out[0] = 0;
    return *out;
}

void directory_default(const WCHAR *ca_name, WCHAR out[SETTINGS_PATH_MAX])
{
    const WCHAR *name = folder_name(ca_name);

    if (!directory_place(out)) return;
    if (wcslen(out) + 1 + wcslen(name) >= SETTINGS_PATH_MAX) out[0] = 0;
    else wcscat(wcscat(out, L"\\"), name);
}
