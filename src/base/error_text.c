#include "error_text.h"

#include "file_system.h"

#include <stdio.h>

const char *error_text(HRESULT hr, char out[ERROR_TEXT_MAX])
{
    switch ((uint32_t)hr) {
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND):
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND):
        return "there is no such file or folder";
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED):     return "access is denied";
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION):
        return "another program has it open and lets nobody else";
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_FILE_EXISTS):       return "it is there already";
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_DISK_FULL):         return "the disk is full";
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_DIRECTORY):
        return "a file stands where a folder has to be";
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_NOT_FOUND):
        return "somebody has moved, removed or exchanged it";
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_BAD_FILE_TYPE):
        return "a file there is a link or no plain file, has several names, or belongs to another "
               "account; look at it, then remove it";
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_IO_DEVICE):         return "the disk failed";
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_REPARSE_POINT_ENCOUNTERED):
        return "it is a link, which leads to another place; remove it";
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_INVALID_OWNER):
        return "somebody else owns it, and so may write to it; choose another one";
    case (uint32_t)HRESULT_FROM_WIN32(ERROR_INVALID_ACL):
        return "others may write to it; choose another one, or let nobody else";
    case (uint32_t)E_OUTOFMEMORY:                               return "there is not enough memory";
    default:
        snprintf(out, ERROR_TEXT_MAX, "error 0x%08x", (unsigned)hr);
        return out;
    }
}
