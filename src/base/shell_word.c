#include "shell_word.h"

#include <string.h>

/* A quote, and in front of it what a program's own rules need: backslashes before a quote count
 * twice. */
static void add_argument_text(struct bytes *out, const char *word)
{
    size_t slashes = 0;

    for (; *word; word++) {
        for (size_t i = 0; *word == '"' && i <= slashes; i++) bytes_add_text(out, "\\");
        bytes_add(out, word, 1);
        slashes = *word == '\\' ? slashes + 1 : 0;
    }
    while (slashes--) bytes_add_text(out, "\\"); /* before the quote that ends the word */
}

static void add_in_double_quotes(struct bytes *out, const char *word)
{
    bytes_add_text(out, "\"");
    add_argument_text(out, word);
    bytes_add_text(out, "\"");
}

/* PowerShell takes typographic quotes for quotes: U+2018 to U+201B single ones, U+201C to U+201E
 * double ones. */
static bool is_typographic(const char *at, char least, char most)
{
    return at[0] == '\xe2' && at[1] == '\x80' && (unsigned char)at[2] >= (unsigned char)least &&
           (unsigned char)at[2] <= (unsigned char)most;
}

static bool powershell_reads_more(const char *word)
{
    for (; *word; word++)
        if (strchr("\"$`", *word) || is_typographic(word, '\x9c', '\x9e')) return true;
    return false;
}

/* Nothing is replaced in single quotes, and such a quote is written twice. */
static void add_powershell(struct bytes *out, const char *word)
{
    struct bytes text = {0};

    if (!powershell_reads_more(word)) {
        add_in_double_quotes(out, word);
        return;
    }
    add_argument_text(&text, word);
    bytes_add(&text, "", 1);
    bytes_add_text(out, "'");
    for (const char *at = text.failed ? "" : text.data; *at; at++) {
        if (is_typographic(at, '\x98', '\x9b')) bytes_add(out, at, 3);
        if (*at == '\'') bytes_add_text(out, "'");
        bytes_add(out, at, 1);
    }
    bytes_add_text(out, "'");
    out->failed |= text.failed;
    bytes_free(&text);
}

/* With a quote or a % in it nothing is quoted for cmd.exe, and all that it would read has a caret
 * before it. */
static void add_cmd(struct bytes *out, const char *word)
{
    struct bytes text = {0};

    if (!strpbrk(word, "\"%")) {
        add_in_double_quotes(out, word);
        return;
    }
    add_in_double_quotes(&text, word);
    for (size_t i = 0; i < text.size && !text.failed; i++) {
        if (strchr("\"%^&|<>()!", text.data[i])) bytes_add_text(out, "^");
        bytes_add(out, text.data + i, 1);
    }
    out->failed |= text.failed;
    bytes_free(&text);
}

/* Without quotes where nothing needs them. A word that begins with a hyphen would be an option. */
static void add_posix(struct bytes *out, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@%=";

    if (*word == '-') bytes_add_text(out, "./");
    if (*word && !word[strspn(word, plain)]) {
        bytes_add_text(out, word);
        return;
    }
    bytes_add_text(out, "'");
    for (; *word; word++) {
        if (*word == '\'') bytes_add_text(out, "'\\'");
        bytes_add(out, word, 1);
    }
    bytes_add_text(out, "'");
}

void shell_word_add(struct bytes *out, enum shell shell, const char *word)
{
    switch (shell) {
    case SHELL_POWERSHELL:
        add_powershell(out, word);
        break;
    case SHELL_CMD:
        add_cmd(out, word);
        break;
    case SHELL_POSIX:
        add_posix(out, word);
        break;
    }
}

static void add_command(struct bytes *out, const char *command, enum shell shell, const char *word)
{
    bytes_add_text(out, command);
    bytes_add_text(out, " ");
    shell_word_add(out, shell, word);
}

void shell_command_add(struct bytes *out, const char *command, const char *word)
{
#ifdef _WIN32
    add_command(out, command, SHELL_POWERSHELL, word);
    if (!powershell_reads_more(word) && !strpbrk(word, "\"%")) return;
    bytes_add_text(out, " (in cmd.exe: ");
    add_command(out, command, SHELL_CMD, word);
    bytes_add_text(out, ")");
#else
    add_command(out, command, SHELL_POSIX, word);
#endif
}
