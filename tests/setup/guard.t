#!/usr/bin/python3
"""The guard of folders from outside: what cannot be judged is refused by install, status, settings check and purge, at every level: what another program
keeps open so that it could move it away, and what may not be looked at."""
import sys; sys.path[0] += "/../lib"
import contextlib, os, re, shutil

from commands import windows, wine
from helper import HELPER, UNJUDGED, denied, held, kept, multi, powerless, put, registry
from machine import on_machine
from tap import run as run_tests, test

powerless()
on_machine("install")
WORK = "build/tmp/guard"
DRIVE = os.environ["WINEPREFIX"] + "/drive_c"
TOP = DRIVE + "/CertWitness of guard.t"
BIN, ATTACK = TOP + "/bin", DRIVE + "/Work of guard.t"
JOURNALS = DRIVE + "/ProgramData/CertWitness"
SERVICE = r"HKLM\SYSTEM\CurrentControlSet\Services\CertSvc"
CA = SERVICE + r"\Configuration\Guard CA"
OURS, DEFAULT = "CertWitness.Exit", "CertificateAuthority_MicrosoftDefault.Exit"
REGISTERED = rf"Software\Classes\{OURS}"
SEGMENT = f"{1:020}.jsonl"

def cw(*arguments, home=BIN):
    code, said = wine(f"{home}/certwitness.exe", *arguments)
    return code, " ".join(said.split())

def fine(*arguments):
    code, said = cw(*arguments)
    assert code == 0, (arguments, code, said)
    return said

def refused(*arguments, says, home=BIN, want=2):
    code, said = cw(*arguments, home=home)
    assert code == want and re.search(says, said), (arguments, code, said)

def machine(folder=None):
    registry("delete", SERVICE, *put(CA, "CommonName", "Guard CA"), *put(CA + r"\ExitModules", "Active", multi(DEFAULT), 7),
             *(put(CA + rf"\ExitModules\{OURS}", "JournalDirectory", windows(folder)) if folder else ()))

def as_windows(path):
    return re.escape(path.replace(DRIVE, "C:" if path != DRIVE else "C:\\").replace("/", "\\"))

def cw_filtered(*arguments):
    """As programs of an administrator run that were not elevated."""
    program = BIN.replace(DRIVE, "C:").replace("/", "\\") + "\\certwitness.exe"
    code, said = wine(HELPER, "filtered", " ".join((f'"{program}"', *arguments)))
    return code, " ".join(said.split())

@test
def a_module_that_cannot_be_judged_is_not_registered_and_status_tells_of_one_that_is():
    for path in f"{BIN}/certwitness.dll", f"{BIN}/certwitness_page.dll", BIN, TOP:
        for how, why in UNJUDGED:
            machine()
            fine("install")
            with how(path):
                refused("status", says=as_windows(path) + ": " + why + ".* It is not known whether others could change what the CA runs", want=1)
                refused("install", says=as_windows(path) + ": " + why)
            fine("uninstall")
            with how(path):
                for word in "--register-only", "--console-only": refused("install", word, says=as_windows(path) + ": " + why + ".*Nothing was changed")
            assert not registry("dump", REGISTERED), (path, how)

@contextlib.contextmanager
def open_to_all(path):
    mode = os.stat(path).st_mode
    os.chmod(path, 0o777)
    try: yield
    finally: os.chmod(path, mode)

@test
def the_root_of_the_drive_is_a_level_as_the_others_are():
    hows = ((denied, "It cannot be judged: access is denied"), (held, "It cannot be judged: another program keeps it open"),
            (open_to_all, "What stands in it can be taken away by S-1-1-0"))
    for how, why in hows:
        machine()
        fine("install")
        with how(DRIVE):
            refused("status", says=as_windows(DRIVE) + ": " + why, want=1)
            refused("install", says=as_windows(DRIVE) + ": " + why)
        fine("uninstall")
        with how(DRIVE):
            for word in "--register-only", "--console-only": refused("install", word, says=as_windows(DRIVE) + ": " + why + ".*Nothing was changed")
        assert not registry("dump", REGISTERED), how
    with kept(DRIVE): fine("install")           # nobody moves it, so a right to delete it is none
    fine("uninstall")

@test
def who_is_no_administrator_is_refused_by_the_same_judgements_and_told_to_run_it_elevated():
    folder = f"{JOURNALS}/Guard CA"
    os.makedirs(folder, 0o700, exist_ok=True)
    os.chmod(JOURNALS, 0o700)
    machine()
    fine("install")
    before = registry("dump", "Software\\Classes\\CLSID", "dump", SERVICE)
    for path in JOURNALS, folder, BIN, f"{BIN}/certwitness.dll":
        for how, why in UNJUDGED:
            with how(path):
                for words, want in ((("status",), 1), (("install",), 2), (("uninstall", "--purge", "--yes"), 2), (("settings", "check"), 1)):
                    if path.startswith(TOP) and words[0] in ("settings", "uninstall"): continue        # these do not run the module
                    code, said = cw_filtered(*words)
                    assert code == want and re.search(as_windows(path) + ": " + why + ".*Run this elevated" * (how is denied), said), (path, words, code, said)
    for words in ("install", "--register-only"), ("uninstall", "--purge", "--yes"), ("disable",):
        code, said = cw_filtered(*words)
        if words[0] == "install": assert code == 0 and "everything is as it should be" in said, said
        else: assert code == 2 and "needs an administrator's rights" in said, (words, code, said)
    assert registry("dump", "Software\\Classes\\CLSID", "dump", SERVICE) == before and os.path.isdir(folder)
    fine("uninstall", "--purge", "--yes")

@test
def a_folder_open_to_everybody_that_is_held_is_refused_as_without_the_holder():
    home, journal = ATTACK + "/CertWitness", ATTACK + "/journal"
    machine()
    fine("install")                             # the good one
    good = registry("dump", REGISTERED, "dump", r"Software\Classes\CLSID")
    shutil.copytree(BIN, home)
    os.mkdir(journal)
    open(f"{journal}/{SEGMENT}", "w").close()
    for path in ATTACK, home, journal: os.chmod(path, 0o777)
    try:
        for holder in contextlib.nullcontext(), kept(ATTACK), kept(home):
            with holder: refused("install", says="Nothing was changed", home=home)
            assert registry("dump", REGISTERED, "dump", r"Software\Classes\CLSID") == good
        machine(journal)
        for holder in contextlib.nullcontext(), kept(journal):
            with holder:
                refused("settings", "check", says=r"journal: It", want=1)
                refused("settings", "check", f"JournalDirectory={windows(journal)}", says=r"journal: It", want=1)
                refused("status", says=r"journal: It", want=1)
                refused("install", says="Nothing was changed")
                refused("uninstall", "--purge", "--yes", says="Nothing was changed")
            assert os.listdir(journal) == [SEGMENT]
    finally: shutil.rmtree(ATTACK)

@test
def a_journal_s_folder_that_cannot_be_judged_is_refused():
    inside, outside = JOURNALS + "/Guard CA", f"{WORK}/journal"
    for folder, levels in ((inside, (JOURNALS, inside)), (outside, (outside,))):
        os.makedirs(folder, 0o700, exist_ok=True)
        os.makedirs(JOURNALS, exist_ok=True)
        os.chmod(JOURNALS, 0o700)
        open(f"{folder}/{SEGMENT}", "w").close()
        machine(folder if folder == outside else None)
        fine("install")
        for level in levels:
            for how, why in UNJUDGED:
                with how(level):
                    why = as_windows(windows(level) if level == outside else level) + ": " + why
                    refused("status", says=why + ".* It is not known whether a journal is written there", want=1)
                    refused("settings", "check", says=why, want=1)
                    refused("install", says=why + ".* No journal is put where that is not known")
                    refused("uninstall", "--purge", "--yes", says=why + ".* Nothing is removed from there until that is known")
                assert os.listdir(folder) == [SEGMENT]
        fine("uninstall", "--purge", "--yes")
        assert not os.path.exists(folder)

@test
def a_folder_above_the_journal_s_that_others_could_take_away_is_a_warning_with_the_command_that_mends_it():
    above, journal = ATTACK + "/PKI", ATTACK + "/PKI/journal"
    os.makedirs(journal, 0o700)
    os.chmod(above, 0o777)
    machine()
    place = r"C:\Work of guard.t\PKI\journal"
    registry(*put(CA + rf"\ExitModules\{OURS}", "JournalDirectory", place))
    path = as_windows(above)
    warning = path + r': It, or what stands in it, can be taken away by S-1-1-0, .*[(]To mend it: icacls "' + path + '" /inheritance:d /remove:g [*]S-1-1-0 [)]'
    try:
        for words, want in (("install",), 0), (("settings", "check"), 0), (("settings", "check", f"JournalDirectory={place}"), 0), (("status",), 0):
            code, said = cw(*words)
            assert code == want and re.search("[Ww]arning:? +" + warning, said), (words, code, said)
        assert "What is wrong: nothing" in said, said
        os.chmod(above, 0o755)
        for words in ("install",), ("settings", "check"), ("status",): assert "arning" not in cw(*words)[1], words
    finally:
        fine("uninstall")
        shutil.rmtree(ATTACK)

for path in WORK, TOP, ATTACK, JOURNALS: shutil.rmtree(path, ignore_errors=True)
os.makedirs(BIN)
os.makedirs(WORK)
for name in "certwitness.exe", "certwitness.dll", "certwitness_page.dll": shutil.copy(f"build/bin/{name}", BIN)

def put_all_back():
    wine(f"{BIN}/certwitness.exe", "uninstall")
    registry("delete", SERVICE)
    shutil.rmtree(TOP)

run_tests(finish=put_all_back)
