#include "column_choice.h"

#include "cli/suggestion.h"
#include "cli/terminal/console.h"

#include <string.h>
#include <strings.h>

#define NAME_MOST 32                    /* characters that are compared and repeated */

static const struct event_column *column_choice_find(const char *name)
{
    const struct event_column *column;
    unsigned i = 0;

    while ((column = event_column_at(i)) && strcasecmp(column->name, name)) i++;
    return column;
}

static void tell_unknown(const char *name)
{
    char meant[SUGGESTION_TEXT_MAX];
    const struct event_column *column;
    struct suggestion suggestion;
    struct bytes all = {0};

    suggestion_begin(&suggestion, name);
    for (unsigned i = 0; (column = event_column_at(i)); i++) {
        suggestion_offer(&suggestion, column->name);
        if (i) bytes_add_text(&all, ", ");
        bytes_add_text(&all, column->name);
    }
    console_note("--columns: there is no column \"%s\".%s The columns are %.*s", name,
                 suggestion_text(&suggestion, "", meant), (int)all.size, all.size ? all.data : "");
    bytes_free(&all);
}

/* One name of the list, from `text` on; blanks around it do not count. */
static bool column_choice_take(struct event_columns *columns, const char *text, size_t size)
{
    const struct event_column *column;
    char name[NAME_MOST + 1] = "";

    while (size && *text == ' ') text++, size--;
    while (size && text[size - 1] == ' ') size--;
    memcpy(name, text, size < NAME_MOST ? size : NAME_MOST);
    column = size <= NAME_MOST ? column_choice_find(name) : NULL;
    if (!column) {
        tell_unknown(name);
        return false;
    }
    if (columns->count == EVENT_COLUMNS_MOST) {
        console_note("--columns: more than %u columns", EVENT_COLUMNS_MOST);
        return false;
    }
    columns->list[columns->count++] = column;
    return true;
}

bool column_choice_read(const struct options *options, struct event_columns *columns)
{
    const char *list;
    unsigned at = 0;

    columns->count = 0;
    while ((list = option_next(options, "columns", &at)))
        for (size_t size;; list += size + 1) {
            size = strcspn(list, ",");
            if (!column_choice_take(columns, list, size)) return false;
            if (!list[size]) break;
        }
    if (!columns->count) event_columns_all(columns);
    return true;
}
