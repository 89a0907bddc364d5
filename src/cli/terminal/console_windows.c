#include "console_system.h"
#include "base/utf16_windows.h"

#include <windows.h>
#include <stdlib.h>

static HANDLE handle_of(enum console_stream stream)
{
    return GetStdHandle(stream == CONSOLE_OUT     ? STD_OUTPUT_HANDLE
                        : stream == CONSOLE_ERROR ? STD_ERROR_HANDLE
                                                  : STD_INPUT_HANDLE);
}

bool console_system_is_terminal(enum console_stream stream)
{
    DWORD mode;

    return GetConsoleMode(handle_of(stream), &mode);
}

/* Colours are sequences of characters, which a console of Windows Server 2016 and later understands
 * once told to. */
static bool has_colours;

void console_system_open(void)
{
    DWORD mode;

    if (GetConsoleMode(handle_of(CONSOLE_OUT), &mode))
        has_colours =
            SetConsoleMode(handle_of(CONSOLE_OUT),
                           mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
    if (GetConsoleMode(handle_of(CONSOLE_ERROR), &mode))
        SetConsoleMode(handle_of(CONSOLE_ERROR),
                       mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

bool console_system_has_colours(void)
{
    return has_colours;
}

/* In pieces that do not end within a character: an old console takes no more than some 30,000 bytes
 * at once. */
static size_t piece_size(const char *text, size_t size)
{
    size_t piece = size < 8192 ? size : 8192;

    if (piece < size) while (piece > 8000 && ((unsigned char)text[piece] & 0xc0) == 0x80) piece--;
    return piece;
}

static bool write_console(HANDLE console, const char *text, size_t size)
{
    WCHAR wide[8192];

    while (size) {
        size_t piece = piece_size(text, size);
        DWORD length = (DWORD)utf16_show(text, piece, wide, ARRAYSIZE(wide)), done;

        for (DWORD at = 0; at < length; at += done)
            if (!WriteConsoleW(console, wide + at, length - at, &done, NULL) || !done) return false;
        text += piece;
        size -= piece;
    }
    return true;
}

bool console_system_write(enum console_stream stream, const char *text, size_t size)
{
    HANDLE handle = handle_of(stream);
    DWORD done;

    if (console_system_is_terminal(stream)) return write_console(handle, text, size);
    for (; size; text += done, size -= done)
        if (!WriteFile(handle, text, size < 1 << 20 ? (DWORD)size : 1 << 20, &done, NULL) || !done)
            return false;
    return true;
}

unsigned console_system_width(enum console_stream stream)
{
    CONSOLE_SCREEN_BUFFER_INFO info;

    if (!GetConsoleScreenBufferInfo(handle_of(stream), &info)) return 0;
    return (unsigned)(info.srWindow.Right - info.srWindow.Left + 1);
}

unsigned console_system_height(void)
{
    CONSOLE_SCREEN_BUFFER_INFO info;

    if (!GetConsoleScreenBufferInfo(handle_of(CONSOLE_OUT), &info)) return 0;
    return (unsigned)(info.srWindow.Bottom - info.srWindow.Top + 1);
}

static volatile int *interrupted;

static BOOL WINAPI on_interrupt(DWORD event)
{
    if ((event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) || *interrupted) return FALSE;
    *interrupted = 1;
    return TRUE;
}

void console_system_catch_interrupt(volatile int *flag)
{
    interrupted = flag;
    SetConsoleCtrlHandler(on_interrupt, TRUE);
}
