#include "crls.h"

#include "stubca/base/heap.h"

#include <stdlib.h>
#include <string.h>

struct crls *crls_open(void)
{
    return heap_take(sizeof(struct crls));
}

void crl_list_empty(struct crl_list *list)
{
    for (size_t i = 0; i < list->count; i++) free((char *)list->entries[i].serial);
    free(list->entries);
    *list = (struct crl_list){NULL, 0};
}

void crls_close(struct crls *crls)
{
    if (!crls) return;
    crl_list_empty(&crls->in_base);
    crl_list_empty(&crls->in_delta);
    free(crls->base.data);
    free(crls->delta.data);
    free(crls);
}

struct der_bytes crls_base(const struct crls *crls)
{
    return (struct der_bytes){crls->base.data, crls->base.size};
}

struct der_bytes crls_delta(const struct crls *crls)
{
    return (struct der_bytes){crls->delta.data, crls->delta.size};
}

void crl_list_add(struct crl_list *list, const char *serial, int64_t when, int reason)
{
    list->entries = heap_grow(list->entries, (list->count + 1) * sizeof *list->entries);
    list->entries[list->count++] = (struct crl_entry){heap_text(serial), when, reason};
}

const struct crl_entry *crl_list_find(const struct crl_list *list, const char *serial)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!strcmp(list->entries[i].serial, serial)) return &list->entries[i];
    }
    return NULL;
}
