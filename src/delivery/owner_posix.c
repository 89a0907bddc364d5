#define _GNU_SOURCE
#include "owner_posix.h"

#include "base/file_system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool owner_was_root;

static bool owner_is_of_a_state(const char *name)
{
    static const char *const ends[] = {".state", ".parked", ".status", ".secret",
                                       ".rate",  ".new",    ".part"};
    size_t size = strlen(name);

    if (!strcmp(name, "lock") || strstr(name, ".damaged-")) return true;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (size > strlen(ends[i]) && !strcmp(name + size - strlen(ends[i]), ends[i])) return true;
    return false;
}

bool owner_is_to_change(uid_t us, const struct stat *folder, const char *name,
                        const struct stat *file)
{
    return !us && folder->st_uid && !file->st_uid && S_ISREG(file->st_mode) &&
           file->st_nlink == 1 && owner_is_of_a_state(name);
}

/* By its handle: the folder's owner can put another file in its place at any time. */
static HRESULT owner_change(int folder, const struct stat *of, const char *name)
{
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat found;
    HRESULT hr = S_OK;

    if (file < 0) return S_OK;
    if (!fstat(file, &found) && owner_is_to_change(geteuid(), of, name, &found) &&
        fchown(file, of->st_uid, of->st_gid))
        hr = file_error();
    close(file);
    return hr;
}

HRESULT owner_hand_over(const char *folder)
{
    DIR *listing = geteuid() ? NULL : opendir(folder);
    struct dirent *entry;
    struct stat of;
    HRESULT first = S_OK, hr;

    if (!listing) return S_OK;
    if (!fstat(dirfd(listing), &of) && of.st_uid)
        while ((entry = readdir(listing))) {
            if (!owner_is_of_a_state(entry->d_name)) continue;
            hr = owner_change(dirfd(listing), &of, entry->d_name);
            if (SUCCEEDED(first)) first = hr;
        }
    closedir(listing);
    return first;
}

/* Of an account without a name, as systemd makes them, the folder's group is its only one. */
static bool owner_take_groups(const struct stat *of)
{
    const struct passwd *user = getpwuid(of->st_uid);
    gid_t group = user ? user->pw_gid : of->st_gid;

    return (user ? !initgroups(user->pw_name, group) : !setgroups(1, &group)) &&
           !setresgid(group, group, group);
}

/* The journal and the folders that lead to the state may be closed to an account that has them
 * from systemd alone. */
static bool owner_keep_reading(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};

    if (syscall(SYS_capget, &header, sets)) return false;
    sets[0].permitted &= 1u << CAP_DAC_READ_SEARCH;
    sets[0].effective = sets[0].permitted;
    sets[0].inheritable = sets[1].effective = sets[1].permitted = sets[1].inheritable = 0;
    return !syscall(SYS_capset, &header, sets);
}

HRESULT owner_become(const char *folder)
{
    struct stat of;
    HRESULT hr;

    if (geteuid() || stat(folder, &of) || !of.st_uid) return S_FALSE;
    if (FAILED(hr = owner_hand_over(folder))) return hr;
    owner_was_root = !getuid();
    errno = 0;
    if (!prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) && owner_take_groups(&of) &&
        !setresuid(of.st_uid, of.st_uid, of.st_uid) && owner_keep_reading() &&
        !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return S_OK;
    return file_error();
}

uid_t owner_before(void)
{
    return owner_was_root ? 0 : getuid();
}
