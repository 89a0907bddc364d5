#include "outline.h"
#include "base/utf8.h"
#include "console.h"

#include <string.h>

void outline_begin(struct outline *outline, struct bytes *out, bool as_json)
{
    *outline = (struct outline){.out = out, .as_json = as_json, .json = {.out = out}};
}

static void begin_line(struct outline *outline, const char *label)
{
    for (unsigned i = 0; i < outline->depth; i++) bytes_add_text(outline->out, "    ");
    bytes_add_text(outline->out, label ? label : "-");
    if (label) bytes_add_text(outline->out, ":");
}

static void open(struct outline *outline, const char *label, const char *note)
{
    bool bare = !label;

    outline->bare = (outline->bare & ~(1u << outline->level)) | (uint32_t)bare << outline->level;
    outline->level++;
    if (bare) return;
    if (!outline->as_json) {
        begin_line(outline, label);
        if (note) {
            outline->out->size -= !outline->out->failed;        /* the colon, which comes behind */
            bytes_add_text(outline->out, " (");
            bytes_add_text(outline->out, note);
            bytes_add_text(outline->out, "):");
        }
        bytes_add_text(outline->out, "\n");
    }
    outline->depth++;
}

void outline_group(struct outline *outline, const char *key, const char *label, const char *note)
{
    if (outline->as_json) json_object(&outline->json, key);
    open(outline, label, note);
}

void outline_list(struct outline *outline, const char *key, const char *label)
{
    if (outline->as_json) json_array(&outline->json, key);
    open(outline, label, NULL);
}

/* In JSON nothing follows the outermost value but the end of the line. */
void outline_close(struct outline *outline)
{
    outline->level--;
    if (!(outline->bare >> outline->level & 1)) outline->depth--;
    if (!outline->as_json) return;
    json_end(&outline->json);
    if (!outline->level) bytes_add_text(outline->out, "\n");
}

static void outline_add_plain(struct bytes *out, const char *text, size_t size)
{
    uint32_t point;

    for (size_t i = 0, length; i < size && !out->failed; i += length) {
        length = utf8_next(text + i, size - i, &point);
        if (point == 0xfffd) bytes_add_text(out, "\xef\xbf\xbd");
        else if (utf8_is_plain(point)) bytes_add(out, text + i, length);
        else bytes_printf(out, "\\u{%x}", (unsigned)point);
    }
}

static size_t blank_at(const char *text, size_t size, size_t from)
{
    const char *blank = from < size ? memchr(text + from, ' ', size - from) : NULL;

    return blank ? (size_t)(blank - text) : size;
}

/* Where a command ends that begins at `at`: at a blank outside of quotes behind a mark of
 * punctuation, or before a bracket. */
static size_t command_end(const char *text, size_t size, size_t at)
{
    char quote = 0;

    for (; at < size; at++) {
        if (quote) quote = text[at] == quote ? 0 : quote;
        else if (text[at] == '"' || text[at] == '\'') quote = text[at];
        else if (text[at] == ' ' &&
                 (strchr(".,;:", text[at - 1]) || (at + 1 < size && text[at + 1] == '(')))
            break;
    }
    return at;
}

/* The end of the piece that begins at `at`, perhaps with a blank: a word, or one of our commands,
 * which is pasted as it stands. */
static size_t piece_end(const char *text, size_t size, size_t at)
{
    static const char command[] = "certwitness ";
    size_t word = at + (text[at] == ' ');

    if (size - word > sizeof command && !memcmp(text + word, command, sizeof command - 1))
        return command_end(text, size, word);
    return blank_at(text, size, at + 1);
}

/* The text from where the line begins at `start`, broken at blanks: the lines that follow are
 * indented once more. */
static void add_wrapped(struct outline *outline, size_t start, const char *text, size_t size)
{
    struct bytes *out = outline->out;
    unsigned column = out->failed ? 0 : console_columns(out->data + start, out->size - start);

    for (size_t at = 0, end; at < size && !out->failed; at = end) {
        unsigned columns;
        size_t before = out->size;

        end = piece_end(text, size, at);
        outline_add_plain(out, text + at, end - at);
        if (out->failed) return;
        columns = console_columns(out->data + before, out->size - before);
        if (text[at] == ' ' && column + columns > outline->width) {
            out->size = before;
            bytes_printf(out, "\n%*s", (int)(outline->depth + 1) * 4, "");
            outline_add_plain(out, text + at + 1, end - at - 1);
            column = (outline->depth + 1) * 4 + columns - 1;
        } else column += columns;
    }
}

void outline_text(struct outline *outline, const char *key, const char *label, const char *text,
                  size_t size)
{
    size_t start;

    if (outline->as_json) {
        json_string(&outline->json, key, size ? text : "", size);
        return;
    }
    start = outline->out->size;
    begin_line(outline, label);
    if (size) bytes_add_text(outline->out, " ");
    if (outline->width) add_wrapped(outline, start, text, size);
    else outline_add_plain(outline->out, text, size);
    bytes_add_text(outline->out, "\n");
}

void outline_word(struct outline *outline, const char *key, const char *label, const char *word)
{
    outline_text(outline, key, label, word, strlen(word));
}

void outline_number(struct outline *outline, const char *key, const char *label, int64_t number)
{
    if (outline->as_json) {
        json_number(&outline->json, key, number);
        return;
    }
    begin_line(outline, label);
    bytes_printf(outline->out, " %lld\n", (long long)number);
}

void outline_flag(struct outline *outline, const char *key, const char *label, bool flag)
{
    if (outline->as_json) json_bool(&outline->json, key, flag);
    else outline_word(outline, key, label, flag ? "yes" : "no");
}

/* Year, month and day from days since 1970: years begin in March here, so that the odd day comes
 * last. */
static void outline_date_of(int64_t days, int *year, int *month, int *day)
{
    int64_t since = days + 719468, era = (since >= 0 ? since : since - 146096) / 146097,
            of_era = since - era * 146097;
    int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * years + years / 4 - years / 100),
            march = (5 * of_year + 2) / 153;

    *day = (int)(of_year - (153 * march + 2) / 5 + 1);
    *month = (int)(march < 10 ? march + 3 : march - 9);
    *year = (int)(years + era * 400 + (*month <= 2));
}

void outline_time(struct outline *outline, const char *key, const char *label, int64_t seconds)
{
    int64_t days = (seconds >= 0 ? seconds : seconds - 86399) / 86400,
            rest = seconds - days * 86400;
    struct bytes text = {.limit = 64};
    int year, month, day;

    outline_date_of(days, &year, &month, &day);
    bytes_printf(&text, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, (int)(rest / 3600),
                 (int)(rest / 60 % 60), (int)(rest % 60));
    outline->out->failed |= text.failed;
    outline_text(outline, key, label, text.data, text.size);
    bytes_free(&text);
}

/* Bytes to a line of several, and those shown of a value that is cut: both fit into 80 columns. */
enum { LINE = 20, BEGINNING = 16 };

static void add_hex_line(struct bytes *out, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++)
        bytes_add(out, (char[3]){digits[bytes[i] >> 4], digits[bytes[i] & 15], ':'},
                  i + 1 < count ? 3 : 2);
}

void outline_hex(struct outline *outline, const char *key, const char *label, const void *data,
                 size_t size)
{
    const unsigned char *bytes = data;

    if (outline->as_json) {
        json_hex(&outline->json, key, data, size);
        return;
    }
    begin_line(outline, label);
    if (size) bytes_add_text(outline->out, size > OUTLINE_HEX_MAX && outline->full ? "" : " ");
    if (size <= OUTLINE_HEX_MAX) {
        add_hex_line(outline->out, bytes, size);
    } else if (!outline->full) {
        add_hex_line(outline->out, bytes, BEGINNING);
        bytes_printf(outline->out, "... (%llu bytes)", (unsigned long long)size);
    } else for (size_t i = 0; i < size; i += LINE) {
        bytes_printf(outline->out, "\n%*s", (int)(outline->depth + 1) * 4, "");
        add_hex_line(outline->out, bytes + i, size - i < LINE ? size - i : LINE);
        if (size - i > LINE) bytes_add_text(outline->out, ":");
    }
    bytes_add_text(outline->out, "\n");
}

void outline_kind(struct outline *outline, const char *kind, const char *label, const char *text,
                  size_t size)
{
    if (!outline->as_json) {
        outline_text(outline, NULL, label, text, size);
        return;
    }
    json_object(&outline->json, NULL);
    json_text(&outline->json, "type", kind);
    json_string(&outline->json, "value", size ? text : "", size);
    json_end(&outline->json);
}

void outline_oid(struct outline *outline, const char *key, const char *label, const char *dotted,
                 const char *name)
{
    if (outline->as_json) {
        json_object(&outline->json, key);
        json_text(&outline->json, "oid", dotted);
        if (name) json_text(&outline->json, "name", name);
        json_end(&outline->json);
        return;
    }
    begin_line(outline, label);
    bytes_add_text(outline->out, " ");
    bytes_add_text(outline->out, name ? name : dotted);
    if (name) {
        bytes_add_text(outline->out, " (");
        bytes_add_text(outline->out, dotted);
        bytes_add_text(outline->out, ")");
    }
    bytes_add_text(outline->out, "\n");
}
