#include "config_text.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

#define BLANKS " \t"

/* Keys whose values are texts that are sent: a '#' belongs to them. */
static bool config_is_sent(const char *text)
{
    static const char *const keys[] = {"body", "subject", "text", "header"};
    size_t size;

    text += strspn(text, BLANKS);
    size = strcspn(text, BLANKS "=");
    if (text[size + strspn(text + size, BLANKS)] != '=') return false;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strlen(keys[i]) == size && !memcmp(keys[i], text, size)) return true;
    return false;
}

/* A '#' at the beginning, or after a blank, begins a comment. */
static void config_cut_comment(char *text)
{
    if (config_is_sent(text)) return;
    for (char *at = text; *at; at++) {
        if (*at == '#' && (at == text || at[-1] == ' ' || at[-1] == '\t')) *at = 0;
        if (!*at) break;
    }
}

/* What an editor may show as the end of a line is none here, not in a comment either. */
static const char *config_odd_character(uint32_t point)
{
    if (point == '\r')
        return "the line has a carriage return in it; save the file with LF or CRLF at the ends of "
               "lines";
    if ((point < 0x20 && point != '\t') || (point >= 0x7f && point < 0xa0))
        return "the line has a control character in it";
    return point == 0x2028 || point == 0x2029 ? "the line has a line separator of Unicode in it"
                                              : NULL;
}

static const char *config_wrong_in(const char *text)
{
    const char *wrong = NULL, *end = text + strlen(text);
    uint32_t point;

    while (text < end && !wrong) {
        text += utf8_next(text, (size_t)(end - text), &point);
        wrong = config_odd_character(point);
    }
    return wrong;
}

static char *config_trim(char *text)
{
    size_t size;

    text += strspn(text, BLANKS);
    for (size = strlen(text); size && strchr(BLANKS, text[size - 1]);) text[--size] = 0;
    return text;
}

void config_text_begin(struct config_text *at, struct bytes *text)
{
    bool marked = text->size >= 4 && !memcmp(text->data, "\xef\xbb\xbf", 3);

    *at = (struct config_text){.next = text->data + (marked ? 3 : 0)};
}

char *config_text_next(struct config_text *at)
{
    char *line, *end;
    size_t size;

    while (at->next && *at->next) {
        line = at->next;
        end = strchr(line, '\n');
        if (end) *end = 0;
        at->next = end ? end + 1 : NULL;
        at->line++;
        size = strlen(line);
        if (size && line[size - 1] == '\r') line[size - 1] = 0;
        if ((at->wrong = config_wrong_in(line))) return line;
        config_cut_comment(line);
        if (*(line = config_trim(line))) return line;
    }
    if (at->next) at->line++;
    at->next = NULL;
    return NULL;
}

char *config_text_value(char *line)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char *end = line + strspn(line, letters), *equals = end + strspn(end, BLANKS);

    if (end == line || *equals != '=') return NULL;
    *end = 0;
    return equals + 1 + strspn(equals + 1, BLANKS);
}
