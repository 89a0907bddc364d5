#include "host.h"

#include "base/utf16_windows.h"

#include <windows.h>

void host_name(char out[HOST_MAX + 1])
{
    WCHAR name[HOST_MAX + 1];
    DWORD size = HOST_MAX + 1;

    if (!GetComputerNameExW(ComputerNameDnsFullyQualified, name, &size) ||
        !utf16_put_utf8(name, out, HOST_MAX + 1))
        out[0] = 0;
}
