/*
 * An entry of an access list by which one account may do something with a folder or a file: added,
 * and removed again without a trace. Every other entry keeps its bytes and its place.
 */
#ifndef GRANT_H
#define GRANT_H

#include <windows.h>
#include <stdbool.h>

struct grant {
    PSID account;
    DWORD rights;
    BYTE flags;                         /* OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE, or 0 */
};

/* FILE_GENERIC_READ; to change what is in a folder, but not who may */
#define GRANT_READ   (FILE_GENERIC_READ)
#define GRANT_CHANGE (FILE_GENERIC_READ | FILE_GENERIC_WRITE | FILE_GENERIC_EXECUTE | DELETE)
#define GRANT_BELOW  (OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE)

/*
 * On disk. What inherits from the folder is changed with it; a list that is protected, as that of
 * the journal's file `lock`, is not. Nobody's open handles are affected. grant_add: S_FALSE: the
 * entry was there already. grant_remove: S_FALSE: there is no such entry, or no such file. Blocks
 * for as long as the disk does.
 */
HRESULT grant_add(const WCHAR *path, const struct grant *grant);
HRESULT grant_remove(const WCHAR *path, const struct grant *grant);

/*
 * In memory. The entry stands after the other entries of the object's own and before those that it
 * inherited. `*out` is freed with free(). S_FALSE: it was there already, or is not there; `*out` is
 * NULL.
 */
HRESULT grant_into(const ACL *list, const struct grant *grant, ACL **out);
HRESULT grant_out_of(const ACL *list, const struct grant *grant, ACL **out);

#endif
