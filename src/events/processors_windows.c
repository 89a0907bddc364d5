#include "processors.h"

#include <windows.h>

unsigned processor_count(void)
{
    DWORD count = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);

    return count ? count : 1;
}
