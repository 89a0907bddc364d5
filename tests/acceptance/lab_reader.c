/*
 * What lab.cmd cannot read by itself, on a CA that has no Python: lines that others wrote, whose every character cmd takes for its own.
 *
 *   lab_reader.exe number FILE             the RequestID in what certreq -submit printed, by position: RequestId: 10, Anforderungs-ID: 5, IDDemande : « 29 »
 *   lab_reader.exe last FILE               the only number in what certutil -view -restrict RequestId==$ -out RequestID csv printed; 0 where there is a heading alone
 *   lab_reader.exe serial FILE REQUEST_ID  the serial number in what certutil -view -out RequestID,SerialNumber csv printed, of that row
 *   lab_reader.exe texts FILE              each text of the probe's log once, in UTF-16: what is text, the longer texts within bytes, and what the tools
 *                                          printed. Characters that are not seen, or that turn a line around, are written as \uXXXX
 *
 * Exit code 1 and no output: it is not there. 2: the file cannot be read.
 */
#include <windows.h>
#include <ctype.h>
#include <fcntl.h>
#include <io.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { IN_BYTES_MIN = 6, KNOWN = 1 << 16 };

static char *read_whole(const WCHAR *path)
{
    FILE *file = _wfopen(path, L"rb");
    size_t size = 0, room = 1 << 16;
    char *text = malloc(room);

    while (file && text) {
        size += fread(text + size, 1, room - size - 1, file);
        if (size + 1 < room) break;
        text = realloc(text, room *= 2);
    }
    if (!file || !text) {
        fwprintf(stderr, L"%ls cannot be read.\n", path);
        exit(2);
    }
    fclose(file);
    for (size_t i = 0; i < size; i++) {
        if (!text[i]) text[i] = ' ';
    }
    text[size] = '\0';
    return text;
}

/* The next line, which becomes a text of its own; NULL behind the last. */
static char *next_line(char **rest)
{
    char *line = *rest, *end;

    if (!line || !*line) return NULL;
    end = strchr(line, '\n');
    *rest = end ? end + 1 : NULL;
    if (!end) end = line + strlen(line);
    if (end > line && end[-1] == '\r') end--;
    *end = '\0';
    return line;
}

/* Blanks and quotation marks; those of other code pages are no ASCII. */
static bool is_around(char c)
{
    return c == ' ' || c == '\t' || c == '"' || (unsigned char)c >= 0x80;
}

static bool is_number(const char *text)
{
    size_t size = strspn(text, "0123456789");

    return size && size < 10 && !text[size];
}

/* The digits behind the line's only colon, or NULL. */
static char *number_in(char *line)
{
    char *colon = strchr(line, ':'), *end;

    if (!colon || colon == line || strcspn(line, "0123456789{}()") < (size_t)(colon - line)) return NULL;
    while (*++colon && is_around(*colon)) {}
    for (end = colon + strlen(colon); end > colon && is_around(end[-1]); end--) {}
    *end = '\0';
    return is_number(colon) ? colon : NULL;
}

static int number(char *text)
{
    for (char *line; (line = next_line(&text));) {
        char *found = number_in(line);

        if (found) return puts(found) < 0;
    }
    return 1;
}

/* Takes the next column out of a line of CSV; its quotation marks are none of the value. */
static char *next_column(char **rest)
{
    char *value = *rest, *end;

    if (!value) return NULL;
    end = strchr(value, ',');
    *rest = end ? end + 1 : NULL;
    if (end) *end = '\0';
    if (*value == '"' && (end = strrchr(value + 1, '"'))) {
        *end = '\0';
        value++;
    }
    return value;
}

/* Of a column: 41 or 0x29, perhaps with the other form in brackets behind it. -1: none. */
static long number_of(const char *column)
{
    bool hex = column[0] == '0' && column[1] == 'x';
    const char *digits = column + (hex ? 2 : 0);
    size_t size = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");

    if (!size || size > (hex ? 7 : 9) || (digits[size] && strncmp(digits + size, " (", 2)))
        return -1;
    return strtol(digits, NULL, hex ? 16 : 10);
}

/* Two rows, or none and no heading, are no answer. */
static int last(char *text)
{
    bool heading = false;
    long found = 0;

    for (char *line; (line = next_line(&text));) {
        bool quoted = *line == '"';
        long here = number_of(next_column(&line));

        heading |= quoted && here < 0;
        if (here < 0) continue;
        if (found || line) return 1;
        found = here;
    }
    return !heading || printf("%ld\n", found) < 0;
}

/* One row has that number, or there is no answer. */
static int serial(char *text, long wanted)
{
    char *found = NULL;
    int count = 0;

    for (char *line; (line = next_line(&text));) {
        char *first = next_column(&line), *second = next_column(&line);

        if (number_of(first) != wanted || !second) continue;
        found = second;
        count++;
    }
    if (count != 1 || strlen(found) < 2 || found[strspn(found, "0123456789abcdefABCDEF")]) return 1;
    return puts(found) < 0;
}

/* Texts. A line that was written is not written again. */

static WCHAR *out;
static size_t out_size, out_room;
static unsigned long long known[KNOWN];

static void put(WCHAR c)
{
    if (out_size == out_room) {
        out_room = 2 * out_room + 1024;
        if (!(out = realloc(out, out_room * sizeof *out))) exit(2);
    }
    out[out_size++] = c;
}

static bool is_seen(WCHAR c)
{
    return c >= ' ' && !(c >= 0x7f && c < 0xa0) && c != 0xad && c != 0x61c && !(c >= 0x200b && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) &&
           !(c >= 0x2060 && c <= 0x206f) && c != 0xfeff && c < 0xfff0;
}

static void put_shown(WCHAR c)
{
    WCHAR text[8];

    if (is_seen(c) || c == '\t') {
        put(c == '\t' ? ' ' : c);
        return;
    }
    swprintf(text, 8, L"\\u%04x", c);
    for (size_t i = 0; text[i]; i++) put(text[i]);
}

static void put_ascii(const char *text)
{
    while (*text) put_shown((unsigned char)*text++);
}

/* The line that began at `start`: once, and not without a text. */
static void end_line(size_t start)
{
    unsigned long long hash = 14695981039346656037ull;
    size_t at;

    for (size_t i = start; i < out_size; i++) hash = (hash ^ out[i]) * 1099511628211ull;
    hash |= 1;
    for (at = hash % KNOWN; known[at] && known[at] != hash && at < KNOWN - 1; at++) {}
    if (known[at] == hash) {
        out_size = start;
        return;
    }
    if (!known[at]) known[at] = hash;
    put('\r');
    put('\n');
}

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Of a value in hex; how many bytes. */
static size_t octets(const char *hex, unsigned char *bytes)
{
    size_t size = 0;

    for (; digit(hex[0]) >= 0 && digit(hex[1]) >= 0; hex += 2) bytes[size++] = (unsigned char)(digit(hex[0]) << 4 | digit(hex[1]));
    return size;
}

static void put_text(const char *name, const unsigned char *bytes, size_t size)
{
    size_t start = out_size;

    if (!size) return;
    put_ascii(name);
    put_ascii(": ");
    for (size_t i = 0; i + 1 < size; i += 2) put_shown((WCHAR)(bytes[i] | bytes[i + 1] << 8));
    end_line(start);
}

/* Each run of ASCII that is long enough to be no accident. */
static void put_bytes(const char *name, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0, end; i < size; i = end + 1) {
        size_t start = out_size;

        for (end = i; end < size && bytes[end] >= ' ' && bytes[end] < 0x7f; end++) {}
        if (end - i < IN_BYTES_MIN) continue;
        put_ascii(name);
        put_ascii(", within: ");
        for (size_t at = i; at < end; at++) put(bytes[at]);
        end_line(start);
    }
}

static void put_value(const char *name, const char *value, bool is_text)
{
    unsigned char *bytes = malloc(strlen(value) / 2 + 1);

    if (!bytes) exit(2);
    if (is_text) put_text(name, bytes, octets(value, bytes));
    else put_bytes(name, bytes, octets(value, bytes));
    free(bytes);
}

/* Of a tool: in the code page of the machine. */
static void put_output(const char *line)
{
    int size = MultiByteToWideChar(CP_OEMCP, 0, line, -1, NULL, 0);
    WCHAR *wide = calloc((size_t)size + 1, sizeof *wide);
    size_t start = out_size;

    if (!wide) exit(2);
    MultiByteToWideChar(CP_OEMCP, 0, line, -1, wide, size);
    for (size_t i = 0; wide[i]; i++) put_shown(wide[i]);
    if (out_size > start) end_line(start);
    free(wide);
}

/* A line of the probe: its kind, and the column that holds a text, or bytes. */
static void put_line(char *line, bool *said)
{
    char *columns[9] = {0};
    size_t count = 0;

    if (!strncmp(line, "said\t", 5)) *said = true;
    if (*said) put_output(line);
    if (!strncmp(line, "code\t", 5)) *said = false;
    if (*said) return;
    for (char *rest = line; rest && count < 9; count++) {
        columns[count] = rest;
        if ((rest = strchr(rest, '\t'))) *rest++ = '\0';
    }
    if (!strcmp(line, "property") && count > 7 && *columns[4] != 'L' && *columns[4] != 'D')
        put_value(columns[3], columns[7], *columns[4] == 'S');
    if (!strcmp(line, "attribute") && count > 3) {
        put_value("attribute", columns[2], true);
        put_value("value of an attribute", columns[3], true);
    }
    if (!strcmp(line, "extension") && count > 4) put_value(columns[2], columns[4], false);
    if (!strcmp(line, "class") && count > 6) {
        put_value("CA", columns[5], true);
        put_value("key", columns[6], true);
    }
    if ((!strcmp(line, "start") || !strcmp(line, "name") || !strcmp(line, "active")) && count > 2) put_value(line, columns[2], true);
}

static int texts(char *text)
{
    bool said = false;

    put(0xfeff);
    for (char *line; (line = next_line(&text));) put_line(line, &said);
    _setmode(1, _O_BINARY);
    return fwrite(out, sizeof *out, out_size, stdout) != out_size || fflush(stdout);
}

int wmain(int count, WCHAR **words)
{
    char wanted[20];

    if (count == 3 && !wcscmp(words[1], L"last")) return last(read_whole(words[2]));
    if (count == 3 && !wcscmp(words[1], L"number")) return number(read_whole(words[2]));
    if (count == 3 && !wcscmp(words[1], L"texts")) return texts(read_whole(words[2]));
    if (count == 4 && !wcscmp(words[1], L"serial") && snprintf(wanted, sizeof wanted, "%ls", words[3]) < 20 && is_number(wanted))
        return serial(read_whole(words[2]), strtol(wanted, NULL, 10));
    return 2;
}
