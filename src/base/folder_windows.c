#include "folder_windows.h"

#include "error_windows.h"
#include "folder_guard_windows.h"
#include "utf16_windows.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { MEND_PATH_MAX = 200 };           /* characters of a path for which a command is told */

/* On the way from the drive to a folder or a file. */
struct walk {
    WCHAR *path;
    size_t public_size; /* of the part of it that is %ProgramData%; 0: it lies elsewhere */
    SECURITY_ATTRIBUTES *security;      /* of folders that are made; NULL: none are */
    struct folder_held *held;           /* all that was judged, the last one last */
    struct folder_fault fault;          /* where the guard refused one; `path` then ends with it */
    size_t blamed;                      /* characters of `path` that name it; 0: all of them */
    bool is_link;                       /* it is a link, which icacls has to be told */
};

static bool folder_is_missing(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
           hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
}

static size_t public_size(const WCHAR *path)
{
    WCHAR root[MAX_PATH];
    DWORD size = ExpandEnvironmentStringsW(L"%ProgramData%", root, ARRAYSIZE(root));

    if (!size || size > ARRAYSIZE(root) || _wcsnicmp(path + FOLDER_LONG_SIZE, root, size - 1))
        return 0;
    return path[FOLDER_LONG_SIZE + size - 1] == '\\' ? FOLDER_LONG_SIZE + size - 1 : 0;
}

/* "subst" makes a drive of a folder: what lies above that is not on the way that is judged. */
static bool folder_is_aliased_drive(WCHAR letter)
{
    static const WCHAR alias[] = L"\\??\\";
    WCHAR target[512];

    return QueryDosDeviceW((WCHAR[]){letter, ':', 0}, target, ARRAYSIZE(target)) &&
           !wcsncmp(target, alias, ARRAYSIZE(alias) - 1);
}

/* Only in the writer's thread: a drive that leads to a dead share answers after a minute. One that
 * is not there is left for what follows. */
static HRESULT check_drive(const WCHAR *path)
{
    const WCHAR root[] = {path[FOLDER_LONG_SIZE], ':', '\\', 0};
    UINT type = GetDriveTypeW(root);

    if (folder_is_aliased_drive(*root)) return HRESULT_FROM_WIN32(ERROR_BAD_DEV_TYPE);
    return type == DRIVE_FIXED || type == DRIVE_NO_ROOT_DIR
               ? S_OK
               : HRESULT_FROM_WIN32(ERROR_BAD_DEV_TYPE);
}

static HRESULT judge(struct walk *walk, enum folder_role role)
{
    struct folder_held *held = walk->held;
    HRESULT hr;

    walk->fault.why[0] = 0;
    if (held->count == FOLDER_HELD_MAX) return HRESULT_FROM_WIN32(ERROR_TOO_MANY_OPEN_FILES);
    hr = folder_guard_open(walk->path, role, &held->handles[held->count], &walk->fault);
    held->count += SUCCEEDED(hr);
    return hr;
}

static bool is_link(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_REPARSE_POINT;
}

/* The folder that a link stands in: whoever may take the link away may put another there. */
static HRESULT judge_around(struct walk *walk)
{
    WCHAR *name = wcsrchr(walk->path, '\\');
    bool in_root = name == walk->path + FOLDER_LONG_SIZE + 2;
    WCHAR *end = name + in_root, cut = *end;    /* "C:" without the \ would be the disk itself */
    HRESULT hr;

    *end = 0;
    hr = folder_guard_look(walk->path, FOLDER_LEADS, &walk->fault);
    *end = cut;
    if (walk->fault.why[0])
        wcsncat(walk->fault.why, L" A link in it is on the way to the journal.",
                FOLDER_GUARD_TEXT_MAX - 1 - wcslen(walk->fault.why));
    if (FAILED(hr)) walk->blamed = end - walk->path;
    return hr;
}

/* Outside %ProgramData% the way is the administrator's choice, but not a link that somebody else
 * could make lead somewhere else. */
static HRESULT judge_link(struct walk *walk)
{
    HRESULT hr;

    if (!is_link(walk->path)) return S_OK;
    if (SUCCEEDED(hr = folder_guard_look(walk->path, FOLDER_LINK, &walk->fault)))
        return judge_around(walk);
    walk->is_link = true;
    return hr;
}

/* One folder, whose path is `walk->path` as it stands. */
static HRESULT folder_step(struct walk *walk, bool judged)
{
    DWORD code;

    if (walk->security && GetFileAttributesW(walk->path) == INVALID_FILE_ATTRIBUTES &&
        !CreateDirectoryW(walk->path, walk->security)) {
        code = GetLastError();
        if (code != ERROR_ALREADY_EXISTS) return HRESULT_FROM_WIN32(code);
    }
    return judged ? judge(walk, FOLDER_HOLDS) : judge_link(walk);
}

static HRESULT go(struct walk *walk)
{
    HRESULT hr = check_drive(walk->path);

    walk->public_size = public_size(walk->path);
    for (WCHAR *at = walk->path + FOLDER_LONG_SIZE + 3; *at && SUCCEEDED(hr);
         at++) { /* behind "C:\" */
        if (*at != '\\') continue;
        *at = 0;
        hr = folder_step(walk, walk->public_size && (size_t)(at - walk->path) > walk->public_size);
        if (FAILED(hr) && !walk->security) return hr;
        *at = '\\';
    }
    return SUCCEEDED(hr) ? folder_step(walk, true) : hr;
}

/* To a file, and every folder is judged: only the last one holds it, the drive's root among those
 * that lead there. */
static HRESULT go_to_file(struct walk *walk)
{
    WCHAR *first = walk->path + FOLDER_LONG_SIZE + 3, *last = wcsrchr(walk->path, '\\'),
          cut = *first;
    HRESULT hr = check_drive(walk->path);

    if (FAILED(hr)) return hr;
    *first = 0;                         /* "C:" without the \ would be the disk itself */
    if (FAILED(hr = judge(walk, last < first ? FOLDER_HOLDS : FOLDER_ROOT))) return hr;
    *first = cut;
    for (WCHAR *at = first; *at; at++) {
        if (*at != '\\') continue;
        *at = 0;
        if (FAILED(hr = judge(walk, at == last ? FOLDER_HOLDS : FOLDER_LEADS))) return hr;
        *at = '\\';
    }
    return judge(walk, FOLDER_FILE);
}

void folder_let_go(struct folder_held *held)
{
    while (held->count) CloseHandle(held->handles[--held->count]);
}

/* The folder itself is all that has to stay open: it keeps those above it where they are. */
HRESULT folder_hold(WCHAR *path, HANDLE *out)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security};
    struct walk walk = {.path = path, .security = &security};
    HRESULT hr;

    *out = NULL;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(FOLDER_SDDL, SDDL_REVISION_1,
                                                              &security.lpSecurityDescriptor, NULL))
        return last_error();
    walk.held = calloc(1, sizeof *walk.held);
    hr = walk.held ? go(&walk) : E_OUTOFMEMORY;
    LocalFree(security.lpSecurityDescriptor);
    if (SUCCEEDED(hr)) *out = walk.held->handles[--walk.held->count];
    if (walk.held) folder_let_go(walk.held);
    free(walk.held);
    return hr;
}

/* --- the answers --- */

static void folder_say(const WCHAR *path, const WCHAR *sentence, WCHAR *out)
{
    swprintf(out, FOLDER_WHY_MAX, L"%.511ls: %ls", path, sentence);
    out[FOLDER_WHY_MAX - 1] = 0;
}

/* A command is told as a whole or not at all, with a blank behind it, so that nothing is copied
 * with it. That of a root has no quotes: a \ before one would make it part of the path. */
static void say_fault(const WCHAR *path, bool is_link, const struct folder_fault *fault, WCHAR *out)
{
    const WCHAR *quote = path[wcslen(path) - 1] == '\\' ? L"" : L"\"";

    folder_say(path, fault->why, out);
    if (!fault->mend[0] || wcslen(path) > MEND_PATH_MAX) return;
    swprintf(out + wcslen(out), FOLDER_WHY_MAX - wcslen(out),
             L" (To mend it: icacls %ls%ls%ls %ls%ls )", quote, path, quote, is_link ? L"/L " : L"",
             fault->mend);
}

static enum folder_answer unjudged(const WCHAR *path, HRESULT hr, WCHAR *out)
{
    WCHAR sentence[64];

    switch ((uint32_t)hr) {
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED):
        folder_say(path,
                   L"It cannot be judged: access is denied. Run this elevated; if that does not "
                   L"help, see to its permissions.",
                   out);
        break;
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION):
        folder_say(path,
                   L"It cannot be judged: another program keeps it open in a way in which it could "
                   L"be changed or moved meanwhile. Close that program.",
                   out);
        break;
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_BAD_PATHNAME):
        folder_say(path,
                   L"It cannot be judged: it is no absolute path with a drive of less than 1024 "
                   L"characters.",
                   out);
        break;
    default:
        swprintf(sentence, ARRAYSIZE(sentence), L"It cannot be judged: error 0x%08lx.", hr);
        folder_say(path, sentence, out);
    }
    return FOLDER_UNJUDGED;
}

/* Where the walk ended its path ends with what is to blame, or goes on below it. */
static enum folder_answer answer_of(const struct walk *walk, HRESULT hr, WCHAR *why)
{
    WCHAR *path = walk->path + FOLDER_LONG_SIZE;

    *why = 0;
    if (SUCCEEDED(hr)) return FOLDER_FIT;
    if (walk->blamed) walk->path[walk->blamed] = 0;
    if (hr == HRESULT_FROM_WIN32(ERROR_BAD_DEV_TYPE))
        folder_say(path, L"The drive is no fixed disk of this machine.", why);
    else if (walk->fault.why[0]) say_fault(path, walk->is_link, &walk->fault, why);
    else return folder_is_missing(hr) ? FOLDER_MISSING : unjudged(path, hr, why);
    return FOLDER_UNFIT;
}

static bool is_absolute(const WCHAR *path)
{
    return wcslen(path) > 3 && wcslen(path) < FOLDER_PATH_MAX && path[1] == ':' && path[2] == '\\';
}

static enum folder_answer judge_path(const WCHAR *path, HRESULT (*way)(struct walk *walk),
                                     struct folder_held *held, WCHAR *why)
{
    struct {
        struct walk walk;
        WCHAR whole[FOLDER_LONG_SIZE + FOLDER_PATH_MAX];
        struct folder_held own;
    } * all;
    enum folder_answer answer;

    if (!is_absolute(path)) return unjudged(path, HRESULT_FROM_WIN32(ERROR_BAD_PATHNAME), why);
    if (!(all = calloc(1, sizeof *all))) return unjudged(path, E_OUTOFMEMORY, why);
    wcscpy(all->whole, FOLDER_LONG_PATH);
    wcscat(all->whole, path);
    all->walk.path = all->whole;
    all->walk.held = held ? held : &all->own;
    answer = answer_of(&all->walk, way(&all->walk), why);
    folder_let_go(&all->own);
    free(all);
    return answer;
}

/* --- what is above --- */

struct above {
    folder_told *told;
    void *context;
    bool beyond; /* a link led here: what follows has no links that lead further */
    WCHAR whole[FOLDER_LONG_SIZE + FOLDER_PATH_MAX];
    WCHAR sentence[FOLDER_WHY_MAX];
    struct folder_fault fault;
};

static void folder_look_above(const WCHAR *path, struct above *above)
{
    HRESULT hr = folder_guard_look(path, FOLDER_LEADS, &above->fault);

    if (SUCCEEDED(hr) || folder_is_missing(hr)) return;
    if (above->fault.why[0])
        say_fault(path + FOLDER_LONG_SIZE, false, &above->fault, above->sentence);
    else unjudged(path + FOLDER_LONG_SIZE, hr, above->sentence);
    above->told(above->context, above->sentence);
}

static void walk_above(WCHAR *path, struct above *above);

/* Where a link leads, as the file system names that: without links. */
static void look_beyond(const WCHAR *path, struct above *above)
{
    WCHAR whole[FOLDER_LONG_SIZE + FOLDER_PATH_MAX];
    HANDLE handle = CreateFileW(path, FILE_READ_ATTRIBUTES,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    DWORD size =
        handle == INVALID_HANDLE_VALUE
            ? 0
            : GetFinalPathNameByHandleW(handle, whole, ARRAYSIZE(whole) - 1, FILE_NAME_NORMALIZED);

    if (handle != INVALID_HANDLE_VALUE) CloseHandle(handle);
    if (above->beyond || size <= FOLDER_LONG_SIZE + 3 || size >= ARRAYSIZE(whole) - 1 ||
        whole[FOLDER_LONG_SIZE + 1] != ':')
        return;
    above->beyond = true;
    if (whole[size - 1] != '\\') wcscat(whole, L"\\");      /* itself too */
    walk_above(whole, above);
    above->beyond = false;
}

/* Every folder whose name ends with a \ in `path`, from the root on. */
static void walk_above(WCHAR *path, struct above *above)
{
    WCHAR *first = path + FOLDER_LONG_SIZE + 3, cut = *first;

    *first = 0;
    folder_look_above(path, above);
    *first = cut;
    for (WCHAR *at = first; *at; at++) {
        if (*at != '\\') continue;
        *at = 0;
        if (is_link(path)) look_beyond(path, above);
        else folder_look_above(path, above);
        *at = '\\';
    }
}

void folder_above(const WCHAR *directory, folder_told *told, void *context)
{
    struct above *above;

    if (!is_absolute(directory)) return;
    if (!(above = calloc(1, sizeof *above))) {
        told(context,
             L"The folders above the journal's cannot be judged: there is not enough memory.");
        return;
    }
    above->told = told;
    above->context = context;
    wcscpy(above->whole, FOLDER_LONG_PATH);
    wcscat(above->whole, directory);
    if (SUCCEEDED(check_drive(above->whole))) walk_above(above->whole, above);
    free(above);
}

bool folder_has_drive(const WCHAR *path)
{
    const WCHAR root[] = {path[0], ':', '\\', 0};

    return GetDriveTypeW(root) != DRIVE_NO_ROOT_DIR;
}

bool folder_is_there(const WCHAR *directory)
{
    WCHAR path[FOLDER_LONG_SIZE + FOLDER_PATH_MAX];

    swprintf(path, ARRAYSIZE(path), FOLDER_LONG_PATH L"%.1023ls", directory);
    return *directory && (GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES ||
                          !folder_is_missing(last_error()));
}

enum folder_answer folder_judge(const WCHAR *directory, struct folder_held *held,
                                WCHAR why[FOLDER_WHY_MAX])
{
    return judge_path(directory, go, held, why);
}

/* Windows loads what the full path names: without dots, or blanks at the end of a name, or slashes.
 */
enum folder_answer folder_judge_file(const WCHAR *file, struct folder_held *held,
                                     WCHAR why[FOLDER_WHY_MAX])
{
    WCHAR full[FOLDER_PATH_MAX];
    DWORD size = is_absolute(file) ? GetFullPathNameW(file, ARRAYSIZE(full), full, NULL) : 0;

    return judge_path(size && size < ARRAYSIZE(full) ? full : file, go_to_file, held, why);
}

enum folder_answer folder_explain(const char *directory, char why[FOLDER_WHY_MAX])
{
    struct { WCHAR path[FOLDER_PATH_MAX], sentence[FOLDER_WHY_MAX]; } *wide = malloc(sizeof *wide);
    enum folder_answer answer;

    if (!wide) {
        strcpy(why, "The folder cannot be judged: there is not enough memory.");
        return FOLDER_UNJUDGED;
    }
    if (!utf16_from_utf8(directory, wide->path, ARRAYSIZE(wide->path))) *wide->path = 0;
    answer = folder_judge(wide->path, NULL, wide->sentence);
    if (!utf16_put_utf8(wide->sentence, why, FOLDER_WHY_MAX)) *why = 0;
    free(wide);
    return answer;
}
