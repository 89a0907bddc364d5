#!/usr/bin/python3
"""The commands that read a journal on a CA's machine: which journal they take, what they say before there is one, and that a command which
they print can be run as it is printed."""
import sys; sys.path[0] += "/../lib"
import contextlib, json, os, re, shutil, subprocess, time

from chains import chain, hash_of, line, write
from commands import run_apart, windows, wine
from helper import HELPER, await_state, multi, put, registry
from machine import on_machine
from tap import run as run_tests, test

on_machine("install")
DRIVE = os.environ["WINEPREFIX"] + "/drive_c"
BIN, WORK, PLACE = f"{DRIVE}/CertWitness of nothing_yet.t", f"{DRIVE}/nothing_yet.t", f"{DRIVE}/ProgramData/CertWitness"
SERVICE = r"SYSTEM\CurrentControlSet\Services\CertSvc"
CONFIGURATION = SERVICE + r"\Configuration"
OURS = "CertWitness.Exit"
READERS = ("show",), ("verify",), ("stats",), ("export", "--out", r"C:\nothing_yet.t\out"), ("cert", "--request", "1")

def cw(*words):
    return run_apart("wine/run", f"{BIN}/certwitness.exe", *words)

def ca(name, folder=None, module=OURS):
    key = rf"{CONFIGURATION}\{name}"
    settings = put(rf"{key}\ExitModules\{OURS}", "JournalDirectory", folder) if folder else ()
    return [*put(key, "CommonName", name), *put(key + r"\ExitModules", "Active", multi(module), 7), *settings]

def machine(*words):
    registry("delete", CONFIGURATION, *words)
    for folder in PLACE, WORK: shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(WORK, 0o700)

def keep(folder, text):
    """A journal of these lines, in place of what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.dirname(folder), 0o700, exist_ok=True)
    write(folder, {f"{1:020}.jsonl": text})
    os.chmod(folder, 0o700)

def journal(folder, name, kind="ca.started"):
    keep(folder, line(1, "0" * 64, source="/adcs/ca/" + name.replace(" ", "%20"), type=kind, subject=""))
    return "C:" + folder.removeprefix(DRIVE).replace("/", "\\")

def each_refuses(*sentences, more=()):
    """Every command that reads a journal: exit code 2, nothing on standard output, and what it says."""
    for words in READERS:
        code, said, complaint = cw(*words, *more)
        assert code == 2 and not said, (words, code, said, complaint)
        for sentence in sentences: assert sentence in complaint, (words, sentence, complaint)
    return complaint

def status():
    code, said, complaint = cw("status", "--json")
    report = json.loads(said)
    return code, report["cas"], report["problems"]

def each_reads(folder, more=()):
    """Every command that reads a journal takes this one."""
    for words in READERS[:4]:
        code, said, complaint = cw(*words, *more)
        assert code == 0, (words, code, complaint)
    said = cw("verify", *more)[1]
    assert said.startswith(folder + "\n"), (folder, said)
    shutil.rmtree(f"{WORK}/out")

@contextlib.contextmanager
def service(running):
    wine("sc.exe", "delete", "CertSvc")                             # of a run that was cut off
    assert wine("sc.exe", "create", "CertSvc", "binPath=", f"{windows(HELPER)} service {windows('build/tmp/nothing_yet.log')}")[0] == 0
    try:
        if running:
            assert wine("net.exe", "start", "CertSvc")[0] == 0
            await_state("RUNNING")
        yield
    finally:
        if running:
            wine("net.exe", "stop", "CertSvc")
            await_state("STOPPED")
        wine("sc.exe", "delete", "CertSvc")

def printed_commands(text):
    """The commands in a text, as PowerShell reads them."""
    return [found.strip().rstrip(".,;") for found in re.findall(r"""certwitness (?:(?:"[^"]*"|'(?:[^']|'')*'|[a-z-]+)(?: |(?=[.,;:]|$))?)+""", text, re.M)]

def words_of(command):
    """The words of a command, by PowerShell's rules for the two kinds of quotes."""
    words = re.findall(r""""([^"]*)"|'((?:[^']|'')*)'|([^ "']+)""", command)
    return [double or single.replace("''", "'") or bare for double, single, bare in words][1:]

def each_runs(text, least=1):
    """Each command that the text names can be run in this state: it does not refuse."""
    found = printed_commands(text)
    assert len(found) >= least, (found, text)
    for command in found:
        code, said, complaint = cw(*words_of(command), *(["--dry-run"] if words_of(command)[0] in ("install", "enable", "disable") else []))
        assert code in (0, 1), (command, code, said, complaint)

@test
def after_install_each_command_says_that_nothing_is_recorded_yet():
    machine(*ca("First CA"))
    assert cw("install")[0] == 0
    each_refuses("CA First CA: nothing recorded yet; recording begins when CertSvc is started, and this machine has no such service")
    code, (found,), problems = status()
    assert code == 0 and not problems and "last" not in found, problems
    said = cw("status")[1]
    assert "Last event: none: nothing recorded yet; recording begins when CertSvc is started" in said and "CertSvc): not on this machine" in said, said
    each_refuses("CA First CA: nothing recorded yet", more=["--ca", "first ca"])
    code, said, complaint = cw("show", r"C:\ProgramData\CertWitness\First CA")
    assert code == 2 and "CA First CA: nothing recorded yet" in complaint, complaint

@test
def what_begins_the_recording_depends_on_the_service():
    for running, sentence in (True, "recording begins when CertSvc is restarted (Restart-Service CertSvc)"), (False, "recording begins when CertSvc is started (Start-Service CertSvc)"):
        machine()
        with service(running):
            registry(*ca("First CA"))
            assert cw("install")[0] == 0
            each_refuses(f"CA First CA: nothing recorded yet; {sentence}")
            code, (found,), problems = status()
            assert f"CertSvc): {'running' if running else 'stopped'}" in cw("status")[1]
            if running: assert code == 1 and "First CA: nothing recorded yet; recording begins when CertSvc is restarted" in problems[0] and len(problems) == 1, problems
            else: assert code == 0 and not problems, problems
    registry("delete", SERVICE)

@test
def a_ca_that_does_not_use_the_module_is_told_to_install():
    machine(*ca("First CA", module="Another.Exit"))
    each_runs(each_refuses("CA First CA: nothing recorded yet; the module is not among its exit modules"))

@test
def a_former_cas_journal_is_named_and_not_shown_in_place_of_this_one():
    machine(*ca("First CA"))
    assert cw("install")[0] == 0
    former = journal(f"{PLACE}/Old & gone's $CA", "Old & gone's $CA")
    complaint = each_refuses("CA First CA: nothing recorded yet", f"a journal of another CA, Old & gone's $CA, is in {former}; to read it:",
                             f"certwitness show 'C:\\ProgramData\\CertWitness\\Old & gone''s $CA' (in cmd.exe: certwitness show \"{former}\")")
    each_runs(re.sub(r"\(in cmd.*", "", complaint))
    each_reads(journal(f"{PLACE}/First CA", "First CA"))            # once there is one it is this CA's, and nobody asks

@test
def a_journal_in_the_folder_of_before_is_named():
    machine(*ca("First CA"))
    assert cw("install")[0] == 0
    for old, new in (f"{PLACE}/First CA", r"C:\nothing_yet.t\new"), (f"{WORK}/old", r"C:\nothing_yet.t\new"):
        machine(*ca("First CA", new))
        before = journal(old, "First CA")
        journal(f"{WORK}/stranger", "Another CA")                   # beside the folder, and another's
        complaint = each_refuses("CA First CA: nothing recorded yet", f"an older journal of this CA is in {before}; to read it:", f'certwitness show "{before}"')
        assert "stranger" not in complaint, complaint
        each_runs(complaint)
        code, (found,), problems = status()
        assert found["olderJournals"] == [before] and not problems, (found, problems)
        said = cw("status")[1]
        assert f"An older journal is in:\n        - {before}\n" in said, said
        now = journal(f"{WORK}/new", "First CA")
        each_reads(now)
        assert status()[1][0]["olderJournals"] == [before] and status()[1][0]["journal"] == now

@test
def of_several_cas_one_is_chosen_by_its_name_or_by_the_service():
    machine(*ca("One CA", r"C:\nothing_yet.t\one"), *ca("Two CA", r"C:\nothing_yet.t\two"))
    one, two = journal(f"{WORK}/one", "One CA"), journal(f"{WORK}/two", "Two CA")
    each_refuses("this machine has several CAs; choose one:", '--ca "One CA"', '--ca "Two CA"')
    each_reads(two, more=("--ca", "two ca"))
    each_reads(one, more=("--ca", "One CA"))
    each_refuses('there is no CA "Three" on this machine; these are there:', '--ca "Two CA"', more=("--ca", "Three"))
    each_refuses("give one of the two", more=("--ca", "One CA", one))
    registry(*put(CONFIGURATION, "Active", "Two CA"))
    each_reads(two)
    registry(*put(CONFIGURATION, "Active", "Gone CA"))
    each_refuses("this machine has several CAs")

@test
def without_a_ca_the_only_journal_is_read_and_named():
    machine()
    each_refuses("no CA and no journal was found on this machine")
    each_refuses('there is no CA "x" on this machine', more=("--ca", "x"))
    only = journal(f"{PLACE}/Old CA", "Old CA")
    each_reads(only)
    assert f"this machine has no CA; the journal that is read lies in {only}" in cw("show")[2]
    journal(f"{PLACE}/Other CA", "Other CA")
    each_runs(each_refuses("several journals; name the folder of one:"), least=2)

@test
def each_command_that_status_names_can_be_run():
    name = "R & D's $1 CA"
    folder = rf"C:\nothing_yet.t\{name}"
    machine(*ca(name, folder))
    assert cw("install")[0] == 0
    first, = chain(1, 1)
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    gap = line(2, hash_of(first), type="journal.gap", time=now, data='{"events":1,"first":"%s","last":"%s","requestIDs":[7]}' % (now, now), subject="")
    unwritten = f'"unwritten":{{"run":"01234567-89ab-4def-8123-456789abcdef","began":"{now}","ended":"{now}","runs":1,"events":2,"hresult":"0x80070070"}}'
    started = line(3, hash_of(gap), type="module.started", time=now, subject="", data=f'{{"module":{{"run":"01234567-89ab-4def-8123-456789abcdef","endedCleanly":false,{unwritten}}}}}')
    whole = first + gap + started
    def problems_are(least, *patterns):
        code, _, problems = status()
        text = "\n".join(re.sub(r" \(in cmd[^)]*\)", "", problem) for problem in problems)
        for pattern in patterns: assert re.search(pattern, text), (pattern, text)
        each_runs(text, least)
    keep(f"{WORK}/{name}", whole)
    problems_are(2, "events were lost", "left events unwritten")
    keep(f"{WORK}/{name}", whole.replace(b"requestIDs", b"requestIDz"))
    problems_are(2, "is damaged")
    registry(*ca(name, folder, module="Another.Exit"))
    problems_are(1, "not among its exit modules. Run certwitness enable --ca 'R & D''s \\$1 CA'")
    registry(*put(rf"{CONFIGURATION}\{name}\ExitModules", "Active", multi(OURS, OURS), 7))
    problems_are(2, "is 2 times in its list")
    assert cw("uninstall")[0] == 0
    registry(*ca(name, folder))
    problems_are(1, "not registered")
    registry(*ca(name, folder, module="Another.Exit"))
    problems_are(1, "not installed")
    machine()
    problems_are(1, "not installed")

shutil.rmtree(BIN, ignore_errors=True)
os.mkdir(BIN)
os.makedirs("build/tmp", exist_ok=True)
for name in ("certwitness.exe", "certwitness.dll", "certwitness_page.dll"): shutil.copy(f"build/bin/{name}", BIN)

def put_all_back():
    cw("uninstall")
    wine("sc.exe", "delete", "CertSvc")
    registry("delete", SERVICE)
    for folder in BIN, WORK, PLACE: shutil.rmtree(folder, ignore_errors=True)

run_tests(finish=put_all_back)
