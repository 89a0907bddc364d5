#include "exit_module_list.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define VERSIONED EXIT_MODULE_LIST_NAME L".1"

/* Copies are always ended by two zeros more than are counted, so that texts in them end. */
static HRESULT exit_module_list_make(struct exit_module_list *out, size_t characters)
{
    *out = (struct exit_module_list){.type = REG_MULTI_SZ};
    out->data = calloc(characters + 2, sizeof *out->data);
    return out->data ? S_OK : E_OUTOFMEMORY;
}

static size_t length(const struct exit_module_list *active)
{
    return active->size / sizeof *active->data;
}

bool exit_module_list_check(const struct exit_module_list *active, const WCHAR **why)
{
    *why = NULL;
    if (active->type == REG_NONE && !active->size) return true;
    if (active->type != REG_MULTI_SZ) *why = L"It is not a REG_MULTI_SZ.";
    else if (active->size > EXIT_MODULE_LIST_SIZE_MAX)
        *why = L"It is longer than any list of modules.";
    else if (active->size % sizeof *active->data)
        *why = L"It is damaged: it ends in half a character.";
    return !*why;
}

/* The text that begins at `at`, without its zero. */
static size_t text_size(const struct exit_module_list *active, size_t at)
{
    size_t size = 0;

    while (at + size < length(active) && active->data[at + size]) size++;
    return size;
}

static bool exit_module_list_is_ours(const WCHAR *text, size_t size)
{
    return CompareStringOrdinal(text, (int)size, EXIT_MODULE_LIST_NAME, -1, TRUE) == CSTR_EQUAL ||
           CompareStringOrdinal(text, (int)size, VERSIONED, -1, TRUE) == CSTR_EQUAL;
}

/* The end of the list for a reader that stops at an empty text. */
static size_t visible_end(const struct exit_module_list *active)
{
    size_t at = 0, size;

    while (at < length(active) && (size = text_size(active, at))) at += size + 1;
    return at < length(active) ? at : length(active);
}

unsigned exit_module_list_count(const struct exit_module_list *active, bool visible)
{
    size_t end = visible ? visible_end(active) : length(active);
    unsigned count = 0;

    for (size_t at = 0, size; at < end; at += size + 1) {
        size = text_size(active, at);
        if (size && exit_module_list_is_ours(active->data + at, size)) count++;
    }
    return count;
}

const WCHAR *exit_module_list_at(const struct exit_module_list *active, unsigned index)
{
    size_t at = 0, end = visible_end(active);

    for (; at < end && index; index--) at += text_size(active, at) + 1;
    return at < end ? active->data + at : NULL;
}

static void exit_module_list_add(struct exit_module_list *out, const WCHAR *text, size_t size)
{
    memcpy((char *)out->data + out->size, text, size * sizeof *text);
    out->size += (DWORD)(size * sizeof *text);
}

static void add_zeros(struct exit_module_list *out, size_t wanted)
{
    size_t have = 0;

    while (have < length(out) && !out->data[length(out) - 1 - have]) have++;
    while (have++ < wanted) exit_module_list_add(out, L"", 1);
}

HRESULT exit_module_list_with(const struct exit_module_list *active, struct exit_module_list *out)
{
    size_t end = visible_end(active);
    HRESULT hr = exit_module_list_make(out, length(active) + wcslen(EXIT_MODULE_LIST_NAME) + 4);

    if (FAILED(hr)) return hr;
    exit_module_list_add(out, active->data, end);
    if (end) add_zeros(out, 1);
    exit_module_list_add(out, EXIT_MODULE_LIST_NAME, wcslen(EXIT_MODULE_LIST_NAME) + 1);
    exit_module_list_add(out, active->data + end, length(active) - end);
    add_zeros(out, 2);
    return S_OK;
}

HRESULT exit_module_list_without(const struct exit_module_list *active,
                                 struct exit_module_list *out)
{
    HRESULT hr = exit_module_list_make(out, length(active) + 4);

    if (FAILED(hr)) return hr;
    for (size_t at = 0, size; at < length(active); at += size + 1) {
        size_t whole;

        size = text_size(active, at);
        if (size && exit_module_list_is_ours(active->data + at, size)) continue;
        whole = at + size < length(active) ? size + 1 : size;
        exit_module_list_add(out, active->data + at, whole);
    }
    add_zeros(out, length(out) > 1 ? 2 : 1);
    return S_OK;
}

void exit_module_list_free(struct exit_module_list *active)
{
    free(active->data);
    *active = (struct exit_module_list){0};
}
