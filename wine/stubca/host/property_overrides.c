/* Properties that answer otherwise: a list, short enough to be walked through. */
#include "property_overrides.h"

#include "stubca/base/heap.h"

#include <stdlib.h>
#include <string.h>

static SRWLOCK lock = SRWLOCK_INIT;
static struct property_override *overrides;
static size_t count;

static void remove_at(size_t i)
{
    free(overrides[i].value.data);
    memmove(overrides + i, overrides + i + 1, (--count - i) * sizeof *overrides);
}

static void remove_property(int property)
{
    for (size_t i = count; i-- > 0;) {
        if (overrides[i].property == property) remove_at(i);
    }
}

void property_overrides_add(const struct property_override *override)
{
    AcquireSRWLockExclusive(&lock);
    remove_property(override->property);
    overrides = heap_grow(overrides, (count + 1) * sizeof *overrides);
    overrides[count++] = *override;
    ReleaseSRWLockExclusive(&lock);
}

void property_overrides_remove(int property)
{
    AcquireSRWLockExclusive(&lock);
    remove_property(property);
    ReleaseSRWLockExclusive(&lock);
}

void property_overrides_clear(void)
{
    AcquireSRWLockExclusive(&lock);
    while (count) remove_at(count - 1);
    ReleaseSRWLockExclusive(&lock);
}

bool property_overrides_find(int property, unsigned getter, struct property_override *copy)
{
    bool found = false;

    AcquireSRWLockShared(&lock);
    for (size_t i = 0; i < count && !found; i++) {
        if (overrides[i].property != property || !(overrides[i].getters & getter)) continue;
        *copy = overrides[i];
        copy->value.data = copy->value.data ? heap_copy(copy->value.data, copy->value.size) : NULL;
        found = true;
    }
    ReleaseSRWLockShared(&lock);
    return found;
}
