/*
 * The stub CA: certsrv.exe's side of the bargain, for exit modules.
 *
 *   stubca run FILE...              play scenarios, print TAP
 *   stubca check PROGID             examine a module, print TAP
 *   stubca load PROGID [OPTION...]  issue as fast as a module allows, print what that costs
 *   stubca --help
 *
 * Exit code: 0 everything came out as expected; 1 something did not; 2 it could not be played.
 */
#include "stubca/check/check.h"
#include "stubca/base/heap.h"
#include "stubca/load/load.h"
#include "stubca/scenario/scenario.h"
#include "stubca/base/tap.h"
#include "stubca/base/text.h"
#include "stubca/host/type_info.h"

#include <fcntl.h>
#include <io.h>
#include <oleauto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME L"stubca.exe"

enum { PLAYED = 0, UNEXPECTED = 1, CANNOT = 2 };

/* The manifest inside tells COM that CLSID_CCertServerExit lives in a file of this name. Under
 * another one COM would load the file of the old name, if there is one, into this process, and fall
 * over. */
static bool has_its_name(void)
{
    WCHAR path[MAX_PATH + 1], *name;
    DWORD length = GetModuleFileNameW(NULL, path, MAX_PATH);

    path[length] = '\0';
    for (name = path + length; name > path && name[-1] != '\\' && name[-1] != '/'; name--) continue;
    return !_wcsicmp(name, NAME);
}

static int help(void)
{
    text_print(0, "stubca plays a certification authority for the exit modules it is given, "
                  "without Active Directory "
                  "Certificate Services: it loads them as certsrv.exe does, takes real requests, "
                  "issues real certificates "
                  "and tells the modules what it does.");
    puts("\n"
         "  stubca run FILE...    play scenarios; prints TAP, a line for each step\n"
         "  stubca check PROGID   examine a registered module by the contract's rules;\n"
         "                        prints TAP, a line for each\n"
         "  stubca --help         this text");
    load_print_help();
    puts(
        "\n"
        "Exit code: 0 all came out as expected, 1 something did not, 2 could not be\nplayed.\n\n"
        "A scenario is a text file. # begins a comment; a value with blanks stands in\n\"...\".\n");
    script_print_help();
    puts("");
    text_print(0, "Without expect= a step must do what its verb says: submit must issue, deny must "
                  "deny. An entry of the "
                  "event log that no log step expected is a failure.");
    puts("");
    text_print(0, "N..M is a number or a range: 3, 3.., ..5, 3..5. notify-ms= is how long an event "
                  "kept the CA in the modules' "
                  "Notify; of several events the quickest counts (submit ... times=5), so that a "
                  "busy machine does no harm. "
                  "returns= is the first return of Notify that was not S_OK, else 0. took-ms= is "
                  "how long the whole step took. "
                  "contains= and lacks= may stand several times; within-ms= is how long a module "
                  "is given to write.");
    puts("\nREADME.md of the folder `wine`, which is in the SDK's folder `sdk`, tells more,\nfrom "
         "the first module on.");
    check_print_help();
    return PLAYED;
}

static void stubca_complain(const char *file, int line, const char *what)
{
    char *shown = text_shown(what);

    if (line) fprintf(stderr, "%s:%d: %s\n", file, line, shown);
    else fprintf(stderr, "%s: %s\n", file, shown);
    free(shown);
}

static int stubca_run(int count, char **paths)
{
    struct script *scripts = heap_take((size_t)count * sizeof *scripts);
    int lines = 0;
    bool readable = true;
    const struct step *kill;

    for (int i = 0; i < count; i++) {
        readable &= script_read(paths[i], &scripts[i], stubca_complain);
        lines += scenario_lines(&scripts[i]);
        if (i + 1 < count && (kill = script_kill(&scripts[i]))) {
            stubca_complain(kill->file, kill->line,
                            "kill, and other scenarios behind it; expected it in the last file");
            readable = false;
        }
    }
    if (readable) {
        tap_plan(lines);
        for (int i = 0; i < count; i++) scenario_play(&scripts[i]);
    }
    for (int i = 0; i < count; i++) script_free(&scripts[i]);
    free(scripts);
    type_library_unregister();
    return !readable ? CANNOT : tap_failures() ? UNEXPECTED : PLAYED;
}

/* What Windows loads by name is looked for in System32 alone; a module and what lies beside it COM
 * finds by the module's path. */
int wmain(int argc, WCHAR **wide)
{
    char **argv;

    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    argv = heap_take((size_t)(argc + 1) * sizeof *argv);
    _setmode(_fileno(stdout), _O_BINARY);
    _setmode(_fileno(stderr), _O_BINARY);
    SetConsoleOutputCP(CP_UTF8);
    if (!has_its_name()) {
        fprintf(stderr,
                "stubca: this program must be called %ls, since COM looks for its classes by that "
                "name; name it so again\n",
                NAME);
        return CANNOT;
    }
    for (int i = 0; i < argc; i++) argv[i] = text_utf8(wide[i]);
    if (argc == 2 &&
        (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")))
        return help();
    if (argc > 2 && !strcmp(argv[1], "run")) return stubca_run(argc - 2, argv + 2);
    if (argc > 2 && !strcmp(argv[1], "check")) return check(argc - 2, argv + 2);
    if (argc > 2 && !strcmp(argv[1], "load") && !strcmp(argv[2], "--help")) return help();
    if (argc > 1 && !strcmp(argv[1], "load")) return load_run(argc - 2, argv + 2);
    fputs("stubca: expected `stubca run FILE...`, `stubca check PROGID`, `stubca load PROGID` or "
          "`stubca --help`\n",
          stderr);
    return CANNOT;
}
