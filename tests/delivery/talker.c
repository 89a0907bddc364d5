/*
 * A program as a destination of the delivery for Windows that says much on standard error: windows.t.
 *
 *   talker.exe flood          writes without end
 *   talker.exe much FILE      writes 4 MB and a last line, then copies standard input to FILE; ends with 3 the first time
 *   talker.exe leaves FILE    the same after a word, and leaves a child behind that has standard error open and lives for ten minutes
 */
#include <windows.h>
#include <stdio.h>
#include <string.h>

static void say(const char *words)
{
    DWORD written;

    WriteFile(GetStdHandle(STD_ERROR_HANDLE), words, (DWORD)strlen(words), &written, NULL);
}

static void flood(int pieces)
{
    static char piece[4096 + 1];

    memset(piece, 'x', sizeof piece - 1);
    piece[sizeof piece - 2] = '\n';
    while (pieces < 0 || pieces--) say(piece);
}

static int take(const char *path)
{
    BOOL again = GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
    HANDLE out = CreateFileA(path, FILE_APPEND_DATA, 0, NULL, OPEN_ALWAYS, 0, NULL);
    static char piece[65536];
    DWORD got, written;

    if (out == INVALID_HANDLE_VALUE) return 4;
    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), piece, sizeof piece, &got, NULL) && got) WriteFile(out, piece, got, &written, NULL);
    CloseHandle(out);
    return again ? 0 : 3;
}

static void leave(void)
{
    STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES, .hStdError = GetStdHandle(STD_ERROR_HANDLE)};
    PROCESS_INFORMATION started;
    char command[MAX_PATH + 16], path[MAX_PATH];

    GetModuleFileNameA(NULL, path, MAX_PATH);
    snprintf(command, sizeof command, "\"%s\" sleeps", path);
    if (!CreateProcessA(path, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &started)) say("no child\n");
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "sleeps")) return Sleep(600000), 0;
    if (argc == 2 && !strcmp(argv[1], "flood")) flood(-1);
    if (argc == 3 && !strcmp(argv[1], "much")) flood(1000);
    if (argc == 3 && !strcmp(argv[1], "leaves")) leave();
    if (argc != 3) return 2;
    say("the last words\r\n");
    return take(argv[2]);
}
