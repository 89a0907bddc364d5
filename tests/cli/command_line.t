#!/usr/bin/python3
"""The command line itself: help in every spelling, names that were mistyped, and paths that end in a backslash before a quotation mark."""
import sys; sys.path[0] += "/../lib"
import glob, os, re, shutil

from commands import run, run_apart, wine
from helper import HELPER
from tap import run as run_tests, test

LINUX, WINDOWS = ("build/native/src/cli/certwitness",), ("wine/run", "build/bin/certwitness.exe")
READERS = ["show", "list", "expiry", "verify", "stats", "cert", "export", "compare", "deliver"]
OF_WINDOWS = ["status", "settings", "install", "uninstall", "enable", "disable"]
DRIVE = os.environ["WINEPREFIX"] + "/drive_c/CertWitness of command_line.t"

def listed(said):
    return [line.split()[0] for line in said.splitlines() if re.match(r"  [a-z]+ {2,}", line)]

@test
def the_list_of_commands_tells_reading_from_administering_and_has_what_is_there():
    code, said = run(*LINUX, "--help")
    assert code == 0 and listed(said) == READERS + ["prune"] and "Change a journal:\n  prune" in said and "PowerShell" not in said, said
    code, said = run(*WINDOWS, "--help")
    assert code == 0 and listed(said) == READERS + OF_WINDOWS + ["prune"], said
    assert re.search(r"Read a journal, and never change it:\n  show(.|\n)*\n\nAdminister [^\n]*prune and uninstall --purge change", said), said
    assert "[Console]::OutputEncoding = [Text.UTF8Encoding]::new()" in said, said

@test
def help_is_help_in_every_spelling():
    for program, names in (LINUX, READERS + ["prune"]), (WINDOWS, READERS + OF_WINDOWS + ["prune"]):
        whole = run(*program, "--help")
        for word in ("-h", "-?", "/?", "/help", "help"): assert run(*program, word) == whole, (program, word)
        for name in names:
            code, said = run(*program, name, "--help")
            assert code == 0 and f"certwitness {name}" in said, (name, code, said)
            for words in ((name, "-h"), (name, "-?"), (name, "/?"), (name, "/help"), ("help", name)): assert run(*program, *words) == (code, said), (program, words)

@test
def no_line_of_help_is_wider_than_80_columns():
    for name in ["--help"] + [f"{name} --help" for name in READERS + OF_WINDOWS + ["prune"]]:
        for line in run(*WINDOWS, *name.split())[1].splitlines(): assert len(line) <= 80, (name, len(line), line)

@test
def a_time_outside_the_years_that_are_taken_is_refused_with_these_years():
    of_now = [name for name in READERS + ["prune"] if re.search(r"^  --now ", run(*LINUX, name, "--help")[1], re.M)]
    assert {"list", "expiry", "compare", "prune"} <= set(of_now), of_now
    more = {"compare": ["/dev/null"], "prune": ["--older-than", "365d"]}
    for name, option in *((name, "--now") for name in of_now), ("show", "--since"), ("stats", "--until"):
        for time in "1969-12-31", "3000-01-01", "1970-01-01T00:30+01:00", "3000y", "999999999y", "999999999y 999999999y", "soon":
            code, said = run(*LINUX, name, *more.get(name, []), option, time, "/nowhere")
            assert code == 2 and "the years 1970 to 2999" in said and time in said and "/nowhere" not in said and "runtime" not in said, (name, time, said)
        for time in "1970-01-01", "2999-12-31T23:59":
            code, said = run(*LINUX, name, *more.get(name, []), option, time, "/nowhere")
            assert "1970 to 2999" not in said, (name, time, said)

@test
def a_name_that_was_mistyped_is_named_as_it_is_spelled():
    for program in LINUX, WINDOWS:
        for words, meant in ((("shwo",), "show"), (("help", "verfy"), "verify"), (("uninstal",), "uninstall"), (("show", "--jsn"), "--json"), (("show", "-json"), "--json"),
                             (("stats", "--tmplate=x"), "--template"), (("prune", "--dryrun"), "--dry-run"), (("install", "--jornal", "x"), "--journal")):
            code, said = run(*program, *words)
            assert code == 2 and f'Did you mean "{meant}"?' in said and said.count("\n") == 1, (program, words, said)
        for words in (("frobnicate",), ("show", "--zzzzzz"), ("",), ("\u202eshow",), ("x" * 5000,)):
            code, said = run(*program, *words)
            assert code == 2 and "Did you mean" not in said and said.startswith("certwitness: there is no "), (program, words, said)
    code, said = run(*WINDOWS, "show", "/json")
    assert code == 2 and 'no option /json. Did you mean "--json"?' in said, said
    code, said = run(*LINUX, "show", "/json")
    assert code == 2 and "no option" not in said, said

def typed(line):
    """What the program does with this command line, as it stands."""
    return wine(HELPER, "filtered", line)

@test
def a_path_that_ends_in_a_backslash_and_a_quotation_mark_is_understood():
    shutil.rmtree(DRIVE, ignore_errors=True)
    os.makedirs(DRIVE + "/CA 1")
    program = r'"Z:' + os.path.abspath("build/bin/certwitness.exe").replace("/", "\\") + '"'
    folder = "C:\\CertWitness of command_line.t\\CA 1"
    want = typed(rf'{program} show "{folder}"')
    assert want[0] == 2 and "there is no journal in this folder" in want[1], want
    code, said = typed(rf'{program} show "{folder}\"')
    assert code == 2 and "there is no journal in this folder" in said and '"' not in said, said
    code, said = typed(rf'{program} export --out "{folder}\out\" --json')
    assert code == 2 and f'Type the path without a backslash at its end: "{folder}\\out"' in said, said
    for line in (rf'show "{folder}\" --last 5', rf'prune --archive "{folder}\" "{folder}"', rf'settings check "JournalDirectory={folder}\" RetainDays=1'):
        code, said = typed(f"{program} {line}")
        assert code == 2 and "was read as one argument" in said and rf'{folder}"' + "\n" in said and said.count("\n") == 1, (line, said)
    code, said = typed(rf'{program} settings check "JournalDirectory={folder}\"')
    assert '"' not in said and "was read as one argument" not in said, said
    shutil.rmtree(DRIVE)

@test
def on_linux_a_quotation_mark_is_a_letter_of_a_name():
    code, said = run(*LINUX, "show", 'build/no such "')
    assert code == 2 and 'build/no such ": ' in said, said

def lines_of_manual():
    """(page, line) for every line of the documents that calls certwitness."""
    for page in ["README.md"] + sorted(glob.glob("src/manual/*.md")):
        text = open(page, encoding="utf-8").read()
        for block in re.findall(r"^    (.*certwitness [a-z].*)$", text, re.M) + re.findall(r"`([^`\n]*certwitness [a-z][^`\n]*)`", text):
            for line in re.findall(r"(?<![\\/\w.])(?:\.\\)?certwitness ((?:[a-z-]+)(?: [^|&;`)]*)?)", block): yield page, line

@test
def every_line_of_the_manual_names_commands_and_options_that_there_are():
    options = {name: set(re.findall(r"^  --([a-z-]+)", run(*WINDOWS, name, "--help")[1], re.M)) | {"help"} for name in READERS + OF_WINDOWS + ["prune"]}
    found = 0
    for page, line in lines_of_manual():
        name, *words = line.split()
        assert name in options, (page, line)
        for word in words:
            if word.startswith("--"):
                found += 1
                assert re.match("[a-z-]*", word[2:])[0] in options[name], (page, line, word)
    assert found > 15, found

@test
def what_goes_through_a_pipe_is_utf_8_whatever_the_code_page():
    for page in "437", "850", "1252":
        code, out, errors = run_apart("wine/run", "cmd.exe", "/c", f"chcp {page} >NUL & build\\bin\\certwitness.exe cert M\u00fcller")
        assert code == 2 and "M\u00fcller" in errors, (page, out, errors)

run_tests()
