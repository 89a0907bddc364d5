#!/usr/bin/python3
"""Installing and removing from outside: certwitness.exe install, uninstall, enable, disable, and the whole of the registry that is concerned,
byte by byte, before and after."""
import sys; sys.path[0] += "/../lib"
import contextlib, fcntl, os, pty, re, select, shutil, struct, subprocess, termios, threading, time, tty

from commands import run, windows, wine
from helper import HELPER, await_state, held, multi, put, registry
from machine import on_machine
from tap import run as run_tests, test

on_machine("install")
WORK = "build/tmp/setup"
DRIVE = os.environ["WINEPREFIX"] + "/drive_c"
TOP = DRIVE + "/CertWitness of setup.t"
BIN = TOP + "/bin"                              # on C:, as the way there is judged and Z: may lead through /tmp, where all may write
PARTS = "certwitness.exe", "certwitness.dll", "certwitness_page.dll"
SERVICE = r"HKLM\SYSTEM\CurrentControlSet\Services\CertSvc"
CONFIG = SERVICE + r"\Configuration"
LOGS = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog"
LOG, OLD = LOGS + r"\CertWitness-Journal", LOGS + r"\Application"
LOG_FILE = "windows/system32/winevt/Logs/CertWitness-Journal.evtx"
OURS = "CertWitness.Exit"
DEFAULT = "CertificateAuthority_MicrosoftDefault.Exit"

def cw(*arguments):
    """Exit code, and all that was said."""
    return wine(f"{BIN}/certwitness.exe", *arguments)

CLSIDS = "{67B52257-F818-4162-8A35-DDEFA4AC3974}", "{CC598E0D-1175-41C6-93EC-5DC9269FC593}"
PLACES = [rf"Software\Classes\{one}" for one in [rf"CLSID\{clsid}" for clsid in CLSIDS] + [OURS, OURS + ".1", OURS + "Manage", OURS + "Manage.1"]]

def dump(*keys):
    """{key: {name: (type, bytes)}}, keys as they are compared: in small letters."""
    out = {}
    for line in registry(*[word for key in keys for word in ("dump", key)]):
        key, *value = line.split("\t")
        key = out.setdefault("hklm\\" + key.lower(), {})
        if value: key[value[0]] = int(value[1]), bytes.fromhex(value[2])
    return out

def picture(whole=False):
    """All that an installation could have to do with; `whole` takes seconds."""
    return dump(SERVICE, LOG, OLD, *(["Software"] if whole else PLACES))

def changed(before, after):
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}

def choose(folder):
    registry(*put(rf"{CONFIG}\Test CA\ExitModules\{OURS}", "JournalDirectory", folder))

GONE = [word for key in [SERVICE, LOG, OLD + r"\CertWitness", *PLACES] for word in ("delete", key)]

def clear():
    registry(*GONE)
    shutil.rmtree(f"{DRIVE}/ProgramData/CertWitness", ignore_errors=True)

def machine(**cas):
    """A machine with these CAs: name=bytes of Active, or (type, bytes), or None for no such value."""
    words = list(GONE)
    for name, active in cas.items():
        key = rf"{CONFIG}\{name.replace('_', ' ')}"
        words += put(key, "CommonName", f"{name} of ours") + put(key + r"\ExitModules", "Vendor", b"\7\0\0\0", 4)
        if active is not None: words += put(key + r"\ExitModules", "Active", *(reversed(active) if isinstance(active, tuple) else (active, 7)))
    registry(*words)
    shutil.rmtree(f"{DRIVE}/ProgramData/CertWitness", ignore_errors=True)

def active(name="Test CA"):
    """The bytes of Active, or None."""
    key = rf"{CONFIG}\{name}\ExitModules"
    kind, data = dump(key)[key.lower()].get("Active", (7, None))
    assert kind == 7, kind
    return data

def refused(*arguments, says):
    before, disk = picture(), files()
    code, said = cw(*arguments)
    assert code == 2 and re.search(says, said) and "Nothing was changed." in said, (arguments, code, said)
    assert picture() == before and files() == disk, (arguments, changed(before, picture()))
    return said

def files():
    return sorted(os.path.join(folder, name) for top in (f"{DRIVE}/ProgramData", WORK + "/disk") for folder, a, b in os.walk(top) for name in a + b)

def fine(*arguments):
    code, said = cw(*arguments)
    assert code == 0, (arguments, code, said)
    return said

KEY = rf"{CONFIG}\Test CA\ExitModules".lower()

def cw_filtered(*arguments):
    """As programs of an administrator run that were not elevated."""
    program = "C:\\" + os.path.relpath(f"{BIN}/certwitness.exe", DRIVE).replace("/", "\\")
    return wine(HELPER, "filtered", " ".join((f'"{program}"', *arguments)))

@test
def only_a_process_that_is_an_administrator_s_changes_anything():
    """That the token holds the group Administrators for denying alone is what counts, not what it says of its elevation."""
    machine(Test_CA=multi(DEFAULT))
    before = picture()
    def told(verb):
        code, said = cw_filtered(verb)
        assert code == 2 and "needs an administrator's rights" in said and "Nothing was changed" in said, (verb, code, said)
    told("install")
    code, said = cw_filtered("install", "--dry-run")
    assert code == 0 and picture() == before, (code, said, changed(before, picture()))
    fine("install")
    for verb in ("disable", "uninstall"): told(verb)
    assert active() == multi(DEFAULT, OURS), active()
    fine("uninstall")

@test
def without_a_ca_nothing_is_done():
    clear()
    for verb in ("install", "enable", "disable"): refused(verb, says="no certification authority on this machine")
    registry(*put(CONFIG, "Odd", b""))
    refused("install", says="--console-only")
    assert "nothing to do" in fine("uninstall")

@test
def a_dry_run_tells_all_that_is_touched_and_touches_nothing():
    machine(Test_CA=multi(DEFAULT))
    before, disk = picture(True), files()
    arguments = ("install", "--journal", r"C:\ProgramData\CertWitness\one")
    said = fine(*arguments, "--dry-run")
    assert picture(True) == before and files() == disk
    told = [line.strip().lower() for line in said.splitlines() if line.startswith("    ")]
    fine(*arguments)
    touched = changed(before, picture(True))
    assert len(touched) > 10 and r"hklm\software\classes\certwitness.exit\curver" in touched, touched
    for key in touched:
        assert any(key == one or key.startswith(one + "\\") or one.startswith(key + "\\") for one in told), (key, told)
    assert set(files()) - set(disk) == {f"{DRIVE}/ProgramData/CertWitness", f"{DRIVE}/ProgramData/CertWitness/one"}, files()
    before, disk = picture(), files()
    said = fine("uninstall", "--purge", "--dry-run")
    assert picture() == before and files() == disk
    told = [line.strip().lower() for line in said.splitlines() if line.startswith("    ")]
    fine("uninstall", "--purge", "--yes")
    for key in changed(before, picture()): assert any(key == one or key.startswith(one + "\\") or one.startswith(key + "\\") for one in told), key
    assert r"c:\programdata\certwitness\one" in told and not os.path.exists(f"{DRIVE}/ProgramData/CertWitness")

@test
def others_stay_as_they_are_byte_for_byte():
    lists = {
        multi(DEFAULT): multi(DEFAULT, OURS),
        multi(DEFAULT, "Other.Exit"): multi(DEFAULT, "Other.Exit", OURS),
        multi("Zweiter.Exit", DEFAULT, "Zweiter.Exit"): multi("Zweiter.Exit", DEFAULT, "Zweiter.Exit", OURS),
        multi("CertWitness.ExitX", "CertWitness", "xCertWitness.Exit"): multi("CertWitness.ExitX", "CertWitness", "xCertWitness.Exit", OURS),
        multi(DEFAULT, "", "Behind.Exit"): multi(DEFAULT, OURS, "", "Behind.Exit"),        # readers stop at the empty one
        multi("", "Behind.Exit"): multi(OURS, "", "Behind.Exit"),
        multi(DEFAULT, end="\0\0\0"): multi(DEFAULT, OURS, end="\0\0\0"),
        multi("\u00dcml\u00e4ut \U0001f511.Exit"): multi("\u00dcml\u00e4ut \U0001f511.Exit", OURS),
        multi(): multi(OURS),
    }
    for before, wanted in lists.items():
        machine(Test_CA=before)
        start = picture()
        fine("install")
        now = picture()
        assert now[KEY]["Active"] == (7, wanted), (before, now[KEY])
        assert "nothing to do" in fine("install") and picture() == now
        fine("uninstall")
        assert picture() == start, (before, active(), changed(start, picture()))

@test
def a_list_that_lacks_its_end_gets_one_with_us():
    for before, wanted, after in ((multi(DEFAULT, end=""), multi(DEFAULT, OURS), multi(DEFAULT)),
                                  (DEFAULT.encode("utf-16-le"), multi(DEFAULT, OURS), multi(DEFAULT)),
                                  (b"", multi(OURS), multi()), (None, multi(OURS), multi())):
        machine(Test_CA=before)
        fine("enable" if before == "never" else "install")
        assert active() == wanted, (before, active())
        fine("disable")
        assert active() == after, (before, active())

@test
def we_are_there_once_and_gone_in_every_spelling():
    for before in (multi("certwitness.EXIT", DEFAULT), multi(DEFAULT, "CertWitness.Exit.1")):
        machine(Test_CA=before)
        fine("install")
        assert active() == before, active()
        fine("uninstall")
        assert active() == multi(DEFAULT), active()
    machine(Test_CA=multi(OURS, DEFAULT, "CERTWITNESS.exit.1", OURS, "", OURS))
    fine("uninstall")
    assert active() == multi(DEFAULT, ""), active()

@test
def a_list_of_the_wrong_kind_is_refused():
    whole = multi(DEFAULT)
    for value in ((1, whole[:-2]), (4, b"\1\0\0\0"), (3, whole), (0, whole), (7, whole + b"\0"), (2, whole)):
        machine(Test_CA=value)
        refused("install", says=r"ExitModules\\Active is not touched.*REG_MULTI_SZ")
    for verb in ("uninstall", "disable"): refused(verb, says="Active is not touched")

@test
def of_several_cas_all_are_meant_or_the_one_that_is_named():
    machine(One=multi(DEFAULT), Two=multi("Other.Exit"), Three=None)
    refused("install", "--journal", r"C:\CW", says="3 CAs.*--ca")
    refused("install", "--ca", "Four", says='no CA "Four"(.|\n)*One(.|\n)*Three(.|\n)*Two')
    fine("install", "--ca", "two OF ours", "--journal", windows(f"{WORK}/disk/two"))
    assert [active(name) for name in ("One", "Two", "Three")] == [multi(DEFAULT), multi("Other.Exit", OURS), None]
    refused("install", "--ca", "One", "--journal", windows(f"{WORK}/disk/TWO"), says='folder of the CA "Two"')
    fine("install")
    assert [active(name) for name in ("One", "Two", "Three")] == [multi(DEFAULT, OURS), multi("Other.Exit", OURS), multi(OURS)]
    fine("disable", "--ca", "One")
    assert [active(name) for name in ("One", "Two")] == [multi(DEFAULT), multi("Other.Exit", OURS)]
    fine("uninstall")
    assert [active(name) for name in ("One", "Two", "Three")] == [multi(DEFAULT), multi("Other.Exit"), multi()]

@test
def a_ca_has_the_name_of_its_key_first_and_may_have_strange_ones():
    names = {"Alpha": "Beta", "Beta": None, "Gamma": "", "Z!00fcrich !d83d!dd11": "Z\u00fcrich \U0001f511", "\u0416 raw": None, "x" * 255: "y" * 255}
    clear()
    words = []
    for name, common in names.items():
        words += put(rf"{CONFIG}\{name}\ExitModules", "Active", multi(DEFAULT), 7)
        words += put(rf"{CONFIG}\{name}", "CommonName", *((b"H\0i\0", 4) if common is None else (common,)))
    registry(*words, *put(rf"{CONFIG}\No CA\Exit", "Active", multi(DEFAULT), 7))
    start, below = picture(), f"{DRIVE}/ProgramData/CertWitness"
    for verb in ("settings", "install"):
        for name in ("", "Hi", "Beta of ours", "No CA", "y" * 254, "y" * 600): assert cw(verb, "--ca", name)[0] == 2, (verb, name)
    assert picture() == start
    for asked, meant in (("bETA", "Beta"), ("Z\u00fcrich \U0001f511", "Z!00fcrich !d83d!dd11"), ("\u0416 raw", "\u0416 raw"), ("y" * 255, "x" * 255)):
        fine("install", "--ca", asked)
        folder = "unnamed" if meant[0] == "\u0416" else meant
        assert [name for name in names if active(name) != multi(DEFAULT)] == [meant] and os.listdir(below) == [folder], (asked, os.listdir(below))
        assert "nothing to do" in fine("install", "--ca", asked)
        open(f"{below}/{folder}/{1:020}.jsonl", "w").close()
        fine("uninstall", "--purge", "--yes")
        assert picture() == start and not os.path.exists(below)
    registry(*put(CONFIG + "\\\u042f raw\\ExitModules", "Active", multi(DEFAULT), 7))
    refused("install", says='unnamed is the folder of the CA "\u0416 raw"; no two CAs may share one')

@test
def one_bad_ca_keeps_the_good_one_untouched():
    machine(Good=multi(DEFAULT), Wrong=(1, DEFAULT.encode("utf-16-le") + b"\0\0"))
    refused("install", says="Wrong.ExitModules.Active")

@test
def enable_and_disable_touch_the_list_alone():
    machine(Test_CA=multi(DEFAULT))
    refused("enable", says="not registered.*install")
    fine("install", "--register-only")
    assert active() == multi(DEFAULT) and not os.path.exists(f"{DRIVE}/ProgramData/CertWitness")
    before = picture()
    fine("enable")
    key, = changed(before, picture())
    assert key == rf"{CONFIG}\Test CA\ExitModules".lower() and active() == multi(DEFAULT, OURS)
    fine("disable")
    assert picture() == before

@test
def the_console_gets_its_class_and_no_more():
    clear()
    before = picture()
    fine("install", "--console-only")
    keys = changed(before, picture())
    assert keys and all("exitmanage" in key or "{cc598e0d" in key for key in keys), keys
    assert "nothing to do" in fine("install", "--console-only")
    fine("uninstall")
    assert picture() == before
    for active in (multi(DEFAULT), (1, b"odd")):        # a CA here is none of its business, whatever is wrong with it
        machine(Test_CA=active)
        before = picture()
        said = fine("install", "--console-only", "--dry-run")
        assert picture() == before and "for the CA's snap-in alone" in said
        told = [line.strip().lower() for line in said.splitlines() if line.startswith("    ")]
        fine("install", "--console-only")
        keys = changed(before, picture())
        assert all("exitmanage" in key or "{cc598e0d" in key for key in keys) and all(any(key.startswith(one) for one in told) for key in keys), keys
        assert all(one in keys for one in told), (told, keys)
    fine("install", "--register-only")
    whole = picture()
    assert "nothing to do" in fine("install", "--console-only") and picture() == whole
    for words in (("--ca", "Test CA"), ("--journal", r"C:\CW"), ("--register-only",)):
        assert cw("install", "--console-only", *words)[0] == 2 and picture() == whole, words

@test
def an_install_that_was_interrupted_goes_on():
    machine(Test_CA=multi(DEFAULT))
    start = picture()
    fine("install")
    whole = picture()
    for undo in (lambda: registry("delete", PLACES[0]), lambda: registry("delete", OLD + r"\CertWitness"), lambda: registry("delete", LOG), lambda: fine("disable"),
                 lambda: registry(*GONE[2:]),
                 lambda: shutil.rmtree(f"{DRIVE}/ProgramData/CertWitness")):
        undo()
        fine("install")
        assert picture() == whole and os.path.isdir(f"{DRIVE}/ProgramData/CertWitness/Test CA"), changed(whole, picture())
    fine("uninstall")
    assert picture() == start

@test
def a_folder_that_is_not_fit_is_refused():
    machine(Test_CA=multi(DEFAULT))
    disk = f"{WORK}/disk"
    os.mkdir(disk + "/open", 0o777)
    os.chmod(disk + "/open", 0o777)
    os.mkdir(disk + "/real", 0o700)
    os.symlink("real", disk + "/link")
    open(disk + "/file", "w").close()
    for name, why in (("open", "can be changed by"), ("link", "leads to another place"), ("file", "is a file")):
        refused("install", "--journal", windows(f"{disk}/{name}"), says=why)
        choose(windows(f"{disk}/{name}"))
        refused("install", says=why)
        registry("delete", rf"{CONFIG}\Test CA\ExitModules\{OURS}")
    for path, why in ((r"X:\CW", "no drive X: now"), (r"\\server\share", "network share"), ("CW", "absolute"), ("", "empty"), ("C:\\", "below the drive"),
                      (r"C:\a\..\b", r"\.\."), ("C:\\" + "x" * 600, "too long")):
        code, said = cw("install", "--journal", path)
        assert code == 2 and re.search(why, said), (path, said)
    assert active() == multi(DEFAULT)

@test
def a_journal_on_a_drive_that_was_removed_is_told():
    machine(Test_CA=multi(DEFAULT))
    choose(r"X:\CW")
    refused("install", says="no drive X: now")
    fine("install", "--register-only")

@test
def a_registry_that_may_not_be_written_is_told():
    machine(Test_CA=multi(DEFAULT))
    key = CONFIG.removeprefix("HKLM\\") + r"\Test CA\ExitModules"
    assert wine(HELPER, "protect", key, "D:P(A;;KR;;;WD)")[0] == 0
    try: refused("install", says="cannot be written .access is denied.")
    finally: assert wine(HELPER, "protect", key, "D:P(A;;KA;;;WD)")[0] == 0

@test
def a_module_in_the_place_of_which_anybody_may_put_another_is_not_registered():
    wanted = " The CA would run whatever is put there. Copy CertWitness "
    places = {f"{BIN}/certwitness.dll": r"certwitness\.dll: It can be changed by", f"{BIN}/certwitness_page.dll": r"certwitness_page\.dll: It can be changed by",
              BIN: r"bin: It, or what will stand in it, can be changed by", TOP: r"setup\.t: It, or what stands in it, can be taken away by",
              DRIVE: r"C:\\: What stands in it can be taken away by"}
    for path, why in places.items():
        machine(Test_CA=multi(DEFAULT))
        fine("install")                         # registered before the place was opened: nothing is left to be done
        mode = os.stat(path).st_mode
        os.chmod(path, 0o777)
        try:
            assert re.search(why + "(.|\n)*The CA runs whatever is put there", cw("status")[1]), path
            fine("uninstall")
            for arguments in ((), ("--register-only",), ("--console-only",)): refused("install", *arguments, says=why + ".*" + wanted)
            assert not registry("dump", PLACES[0])
        finally: os.chmod(path, mode)
        fine("install")
        assert "whatever is put there" not in cw("status")[1]

@test
def a_module_that_is_run_from_a_share_or_through_a_link_is_not_registered():
    clear()
    share, link = os.environ["WINEPREFIX"] + "/dosdevices/unc/server/share", f"{TOP}/link"
    os.makedirs(os.path.dirname(share))
    os.symlink(BIN, share)
    os.symlink("bin", link)
    before = picture()
    try:
        for program, why in ((r"\\server\share\certwitness.exe", r"\\\\server\\share\\certwitness.dll: It is no file on a drive of this machine"),
                             (r"C:\CertWitness of setup.t\link\certwitness.exe", "link: It leads to another place")):
            for words in (("--register-only",), ("--console-only",)) if program[0] == "C" else ():        # Wine has UNC\\ for the share's \\\\
                code, said = wine(program, "install", *words)
                assert code == 2 and re.search(why + ".*The CA would run whatever is put there", said) and picture() == before, (program, said)
            fine("install", "--register-only")
            for clsid in CLSIDS: registry(*put(rf"Software\Classes\CLSID\{clsid}\InprocServer32", "", program.replace(".exe", ".dll")))
            assert re.search(why + "(.|\n)*The CA runs whatever is put there", cw("status")[1]), program
            clear()
    finally: shutil.rmtree(os.path.dirname(os.path.dirname(share))), os.unlink(link)

@test
def without_its_page_the_module_is_installed_with_a_word_and_the_console_gets_nothing():
    page = f"{BIN}/certwitness_page.dll"
    for take_away in (lambda: None, lambda: os.mkdir(page), lambda: shutil.copy(f"{DRIVE}/windows/system32/comctl32.dll", page),
                      lambda: shutil.copy("README.md", page)):
        machine(Test_CA=multi(DEFAULT))
        os.rename(page, f"{BIN}/away")
        take_away()
        try:
            clear()
            said = refused("install", "--console-only", says=r"certwitness_page\.dll is not there, or not of the same version .*copy both there from one package")
            machine(Test_CA=multi(DEFAULT))
            assert re.search(r"certwitness_page\.dll is not there.*the CA records without it.*Copy it there", fine("install")), said
            assert active() == multi(DEFAULT, OURS)
            assert re.search(r"certwitness_page\.dll is not there.*copy both there", " ".join(cw("status")[1].split()))
        finally:
            if os.path.isdir(page): os.rmdir(page)
            os.replace(f"{BIN}/away", page)
        assert "certwitness_page" not in fine("install") and "certwitness_page" not in cw("status")[1]
    for name in PARTS[1:]: os.rename(f"{BIN}/{name}", f"{BIN}/away from {name}")
    shutil.copy("README.md", f"{BIN}/certwitness.dll")             # of no version, as what is not there
    try: assert re.search(r"certwitness_page\.dll is not there.*copy both there", " ".join(cw("status")[1].split()))
    finally:
        for name in PARTS[1:]: os.replace(f"{BIN}/away from {name}", f"{BIN}/{name}")

@test
def a_folder_is_named_as_it_is_spelled():
    machine(Test_CA=multi(DEFAULT))
    os.mkdir(f"{WORK}/disk/Pr\u00fcfung \u0416", 0o777)
    os.chmod(f"{WORK}/disk/Pr\u00fcfung \u0416", 0o777)
    refused("install", "--journal", windows(f"{WORK}/disk/Pr\u00fcfung \u0416"), says="Pr\u00fcfung \u0416: It, or what will stand in it")

@test
def a_module_that_is_registered_from_elsewhere_is_left():
    machine(Test_CA=multi(DEFAULT))
    os.mkdir(f"{DRIVE}/CertWitness elsewhere")
    shutil.copy("build/bin/certwitness.dll", f"{DRIVE}/CertWitness elsewhere")
    assert wine("regsvr32.exe", "/s", r"C:\CertWitness elsewhere\certwitness.dll")[0] == 0
    refused("uninstall", says=r"Another file is registered, C:.CertWitness elsewhere.certwitness.dll")
    assert "takes the place of" in fine("install")
    fine("uninstall")
    assert wine("regsvr32.exe", "/s", r"C:\CertWitness elsewhere\certwitness.dll")[0] == 0
    shutil.rmtree(f"{DRIVE}/CertWitness elsewhere")               # what points nowhere may go
    before = picture()
    fine("uninstall")
    assert changed(before, picture())

@test
def without_the_dll_beside_it_nothing_is_installed_but_all_can_be_removed():
    machine(Test_CA=multi(DEFAULT))
    os.rename(f"{BIN}/certwitness.dll", f"{BIN}/away")
    try:
        refused("install", says="certwitness.dll is not there")
        os.rename(f"{BIN}/away", f"{BIN}/certwitness.dll")
        before = picture()
        fine("install")
        os.rename(f"{BIN}/certwitness.dll", f"{BIN}/away")
        fine("uninstall")                       # a file that somebody deleted first keeps nobody from cleaning up
        assert picture() == before, changed(before, picture())
    finally: os.rename(f"{BIN}/away", f"{BIN}/certwitness.dll")

@test
def purge_removes_the_journal_and_nothing_else():
    machine(Test_CA=multi(DEFAULT))
    start = picture()
    folder = f"{WORK}/disk/journal"
    fine("install", "--journal", windows(folder))
    ours = ["00000000000000000001.jsonl", "00000000000000000009.jsonl", "18446744073709551614.jsonl", "lock", "head", "unwritten"]
    theirs = ["00000000000000000000.jsonl", "0000000000000000000a.jsonl", "00000000000000000001.jsonk", "00000000000000000001.jsonl.bak", "1.jsonl",
              "18446744073709551615.jsonl", "lock.txt", "head.txt", "notes.txt", "\u0661" * 10 + ".jsonl"]
    for name in ours + theirs: open(f"{folder}/{name}", "w").write("x" * (name != "lock"))
    os.mkdir(folder + "/00000000000000000002.jsonl")
    os.mkdir(folder + "/torn", 0o700)
    tails = ["00000000000000000009-0-1", "00000000000000000009-79533-1000"]
    kept = ["00000000000000000009", "00000000000000000009-1", "0000000000000000009-1-1", "00000000000000000009-1-1.txt", "00000000000000000009-1-", "notes", "lock"]
    for name in tails + kept: open(f"{folder}/torn/{name}", "w").close()
    assert "kept" in fine("uninstall") and len(os.listdir(folder)) == len(ours + theirs) + 2
    fine("install")
    with held(folder + "/lock"): refused("uninstall", "--purge", "--yes", says="the CA writes this journal. Stop it first")
    assert "something else" in fine("uninstall", "--purge", "--yes")
    assert sorted(os.listdir(folder)) == sorted(theirs + ["00000000000000000002.jsonl", "torn"]), os.listdir(folder)
    assert sorted(os.listdir(folder + "/torn")) == sorted(kept), os.listdir(folder + "/torn")
    for name in kept: os.remove(f"{folder}/torn/{name}")
    for name, size in (("lock", 1), ("head", 208), ("unwritten", 251), ("prune", 1025)): open(f"{folder}/{name}", "w").write("x" * size)
    choose(windows(folder))
    assert "something else" in fine("uninstall", "--purge", "--yes")        # of a name of the journal's, and none of its files
    assert sorted(os.listdir(folder)) == sorted(theirs + ["00000000000000000002.jsonl", "lock", "head", "unwritten", "prune"]), os.listdir(folder)
    assert picture() == start, changed(start, picture())

@test
def entries_in_the_event_log_outlive_an_installation_and_not_a_purge():
    """The file is Windows' own; here one stands in its place, since Wine keeps no log."""
    machine(Test_CA=multi(DEFAULT))
    start, log = picture(), f"{DRIVE}/{LOG_FILE}"
    os.makedirs(os.path.dirname(log), exist_ok=True)
    for name in log, log + ".old", log.replace("-Journal", ""): open(name, "w").write("entries")
    fine("install")
    assert dump(LOG)[LOG.lower()]["MaxSize"] == (4, (32 << 20).to_bytes(4, "little")), dump(LOG)
    said = fine("uninstall")
    assert re.search(r"The entries in the event log are kept: C:\\.*\\CertWitness-Journal.evtx\n", said) and picture() == start and os.path.exists(log), said
    fine("install")
    assert r"winevt\logs\certwitness-journal.evtx" in fine("uninstall", "--purge", "--dry-run").lower() and os.path.exists(log)
    with held(log): assert "Remove it when the machine has restarted" in fine("uninstall", "--purge", "--yes") and os.path.exists(log)
    fine("uninstall", "--purge", "--yes")
    assert not os.path.exists(log) and picture() == start and "Removed" not in fine("uninstall", "--purge", "--yes")
    for name in log + ".old", log.replace("-Journal", ""): os.remove(name)          # theirs

def at_a_terminal(answer, *arguments):
    """Exit code, and what a person saw of 80 columns who answered."""
    master, slave = pty.openpty()
    tty.setraw(slave)                           # Enter is CR to a console of Wine
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    child = subprocess.Popen(("wine/run", f"{BIN}/certwitness.exe", *arguments), stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    seen, answered, end = b"", False, time.monotonic() + 120
    while time.monotonic() < end and child.poll() is None:
        if not select.select([master], [], [], 0.2)[0]: continue
        try: seen += os.read(master, 65536)
        except OSError: break
        if b"Type yes:" in seen and not answered:
            os.write(master, answer.encode() + b"\r")
            answered = True
    code = child.wait(30)
    os.close(master)
    return code, re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|\][^\x07]*\x07)", "", seen.decode(errors="replace")).replace("\r", "")

def journal_to_purge(folder):
    """A machine with a journal of two files, and one of a CA that is gone; what may be looked at: all that a purge takes, and what stays."""
    machine(Test_CA=multi(DEFAULT))
    fine("install", "--journal", windows(folder))
    former = f"{DRIVE}/ProgramData/CertWitness/Gone CA"
    os.makedirs(former, 0o700)
    for name in f"{folder}/{1:020}.jsonl", f"{folder}/lock", f"{former}/{1:020}.jsonl": open(name, "w").close()
    return former

TAKEN = r"Will remove the journal of the CA \"Test CA\" for good, 2 files in .*asked(.|\n)*Will remove the settings of the CA \"Test CA\""

@test
def a_purge_that_nobody_agreed_to_lists_what_would_go_and_what_stays_and_does_nothing():
    former = journal_to_purge(f"{WORK}/disk/asked")
    said = refused("uninstall", "--purge", says="without a terminal nobody can be asked .* add --yes")
    assert re.search(TAKEN, said) and r"no CA of this machine writes stays: C:\ProgramData\CertWitness\Gone CA" in said, said
    assert "archives and exports" in said and "Removed" not in said, said
    said = fine("uninstall", "--purge", "--yes")
    assert re.search(r"Removed the journal of the CA .Test CA. for good", said) and "Gone CA" in said and "Will" not in said, said
    assert os.listdir(former) == [f"{1:020}.jsonl"] and not os.path.exists(f"{WORK}/disk/asked")

@test
def a_purge_asks_the_person_at_the_terminal():
    journal_to_purge(f"{WORK}/disk/asked")
    before, disk = picture(), files()
    for answer in "no", "", "y", "yes please":
        code, seen = at_a_terminal(answer, "uninstall", "--purge")
        assert code == 2 and "Nothing was changed" in seen and picture() == before and files() == disk, (answer, code, seen)
    code, seen = at_a_terminal("yes", "uninstall", "--purge")
    plain = " ".join(seen.split())
    assert code == 0 and re.search(TAKEN, plain) and "Remove this for good? Type yes:" in plain, (code, seen)
    assert not os.path.exists(f"{WORK}/disk/asked") and active() == multi(DEFAULT), seen

@test
def what_was_done_is_reported_and_what_to_do_next_is_the_last_paragraph():
    machine(Test_CA=multi(DEFAULT))
    said = fine("install")
    done, blank, following = said.partition("\n\n")
    assert [line.split()[0] for line in done.splitlines()] == ["Created", "Created", "Registered", "Added"], said
    assert following == "Recording begins when the CA is started: Start-Service CertSvc. Then check it: certwitness status\n", said
    said = fine("install", "--journal", windows(f"{WORK}/disk/moved"))
    assert said.count("A new journal begins in") == 1 and said.endswith("The change takes effect when the CA is started: Start-Service CertSvc. Then check it: certwitness status\n"), said
    said = refused("install", "--journal", r"X:\CW", says="no drive X: now")
    assert "new journal begins" not in said, said
    said = fine("uninstall", "--dry-run")
    assert re.search(r"^Would remove CertWitness.Exit from the exit modules(.|\n)*\n\nThis was a dry run: nothing was changed.\n$", said), said
    assert all(line.startswith(("Would ", "    ", "The ", "This ")) for line in said.splitlines() if line), said
    fine("uninstall", "--purge", "--yes")

@test
def what_was_so_already_is_not_reported_as_done():
    """Two CAs with one folder: the journal is gone when the second one's turn comes. What is above it is not taken for it."""
    above = f"{DRIVE}/ProgramData/CertWitness"
    machine(One_CA=multi(DEFAULT), Two_CA=multi(DEFAULT))
    os.makedirs(f"{above}/both", 0o700)
    for folder in above, f"{above}/both": open(f"{folder}/{1:020}.jsonl", "w").close()
    for name in "One CA", "Two CA": registry(*put(rf"{CONFIG}\{name}\ExitModules\{OURS}", "JournalDirectory", r"C:\ProgramData\CertWitness\both"))
    said = fine("uninstall", "--purge", "--yes")
    assert said.count("Removed the journal of the CA") == 1 and said.count("Removed the settings of the CA") == 2, said
    assert os.listdir(above) == [f"{1:020}.jsonl"], os.listdir(above)

@test
def certutil_finds_the_key_for_the_settings_and_an_empty_one_goes_with_the_module():
    """certutil -setreg opens the key and does not create it."""
    machine(Test_CA=multi(DEFAULT))
    start = picture()
    key = rf"{CONFIG}\Test CA\ExitModules\{OURS}".removeprefix("HKLM\\")
    set_days = ("set", key, "RetainDays", "4", "6d010000")
    assert wine(HELPER, "registry", *set_days)[0] != 0, "there is no key yet"
    fine("install")
    registry(*set_days)
    assert re.search(r"RetainDays: 365\n.*set in the registry", fine("settings")), fine("settings")
    fine("uninstall")
    assert dump(key)["hklm\\" + key.lower()] == {"RetainDays": (4, b"\x6d\1\0\0")}, "a setting is kept"
    registry("delete", key)
    for other in ("key", "value"):
        fine("install")
        registry(*(put(key + r"\Theirs", "odd", b"", 4711) if other == "key" else put(key, "Theirs", "odd")))
        fine("uninstall")
        assert "hklm\\" + key.lower() in dump(key), "what somebody put there stays"
        registry("delete", key)
    fine("install")
    fine("uninstall")
    assert picture() == start

@test
def the_lines_of_the_manual_take_the_module_out_without_a_program_of_ours():
    """First thing on the page on operating; Wine's reg.exe plays them. What was in the list before install is in it again, byte for byte."""
    page = open("src/manual/operating.md", encoding="utf-8").read()
    first = page.partition("\n## ")[2]
    assert first.startswith("The CA does not start"), first[:80]
    lines = [line.strip().replace("<CA>", "Test CA") for line in first.splitlines() if line.startswith("    reg ")]
    assert len(lines) == 2 and DEFAULT in lines[1], lines
    others = re.search(r'`/d "([^"]*)"`', first)[1]
    def play(line):
        # As cmd takes the words apart: quotation marks group, backslashes are letters.
        code, said = wine("reg.exe", *[a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', line.removeprefix("reg "))])
        assert code == 0, (line, said)
        return said
    for before, last in ((multi(DEFAULT), lines[1]), (multi(DEFAULT, "Other.Exit"), lines[1].replace(f"/d {DEFAULT}", f'/d "{others}"'))):
        machine(Test_CA=before)
        fine("install")
        whole = picture()
        assert OURS in play(lines[0])
        play(last)
        assert active() == before, active()
        assert changed(whole, picture()) == {KEY}, "nothing else"
        fine("enable")
        assert picture() == whole, "and the module is back"
        fine("uninstall")

@test
def purge_follows_no_link_and_takes_nothing_from_a_folder_that_others_may_change():
    disk = f"{WORK}/disk/links"
    for name in ("theirs", "real", "journal"): os.makedirs(f"{disk}/{name}", 0o700)
    for name in ("theirs/letter", "theirs/00000000000000000001.jsonl", "real/00000000000000000001.jsonl", "journal/00000000000000000001.jsonl"):
        open(f"{disk}/{name}", "w").close()
    os.symlink("real", disk + "/link")
    os.symlink("../theirs", disk + "/journal/torn")
    machine(Test_CA=multi(DEFAULT))
    choose(windows(disk + "/link"))
    refused("uninstall", "--purge", "--yes", says="link: It leads to another place(.|\n)*Nothing is removed from there")
    os.chmod(disk + "/real", 0o777)
    choose(windows(disk + "/real"))
    refused("uninstall", "--purge", "--yes", says="real: It, or what will stand in it, can be changed by(.|\n)*uninstall without --purge")
    choose(windows(disk + "/journal"))
    assert "something else" in fine("uninstall", "--purge", "--yes")
    left = sorted(os.path.relpath(path, disk) for path in files() if path.startswith(disk + "/"))
    assert left == ["journal", "journal/torn", "link", "real", "real/00000000000000000001.jsonl", "theirs", "theirs/00000000000000000001.jsonl",
                    "theirs/letter"], left

@test
def a_purge_that_is_cut_short_says_so_and_the_next_one_does_the_rest():
    machine(Test_CA=multi(DEFAULT))
    folder = f"{WORK}/disk/short"
    fine("install", "--journal", windows(folder))
    for number in (1, 2, 3): open(f"{folder}/{number:020}.jsonl", "w").close()
    with held(f"{folder}/{2:020}.jsonl"):
        code, said = cw("uninstall", "--purge", "--yes")
        assert code == 2 and "short could not be removed whole" in said and "run this again for the rest" in said, said
        assert os.listdir(folder) == [f"{2:020}.jsonl"], os.listdir(folder)
    assert dump(rf"{CONFIG}\Test CA\ExitModules\{OURS}"), "the setting that says where the rest is"
    fine("uninstall", "--purge", "--yes")
    assert not os.path.exists(folder) and not dump(rf"{CONFIG}\Test CA\ExitModules\{OURS}")

@test
def a_purge_leaves_what_another_program_puts_into_the_folder_meanwhile():
    machine(Test_CA=multi(DEFAULT))
    folder = f"{WORK}/disk/busy"
    fine("install", "--journal", windows(folder))
    for number in range(1, 2000): open(f"{folder}/{number:020}.jsonl", "w").close()
    done, put_there = threading.Event(), []
    def write():
        while not done.is_set():
            put_there.append(f"{len(put_there)}.txt")
            open(f"{folder}/{put_there[-1]}", "w").close()
            time.sleep(0.001)
    writer = threading.Thread(target=write)
    writer.start()
    try: said = fine("uninstall", "--purge", "--yes")
    finally: done.set(), writer.join()
    assert "busy stays: something else is in it" in said and sorted(os.listdir(folder)) == sorted(put_there), (said, len(put_there))
    shutil.rmtree(folder)
    os.mkdir(folder, 0o700)
    choose(windows(folder))
    with held(f"{TOP}/held", cwd=folder):         # a prompt that stands there
        assert "busy stays, with nothing of the journal in it" in fine("uninstall", "--purge", "--yes")
    assert os.listdir(folder) == []

@test
def purge_takes_the_settings_of_every_ca_and_a_drive_that_is_not_there_is_told_first():
    machine(One=multi(DEFAULT), Two=multi(DEFAULT))
    start = picture()
    for name, folder in (("One", windows(f"{WORK}/disk/never")), ("Two", windows(f"{WORK}/disk/second"))):
        registry(*put(rf"{CONFIG}\{name}\ExitModules\{OURS}", "JournalDirectory", folder))
    fine("install", "--ca", "Two")
    open(f"{WORK}/disk/second/{1:020}.jsonl", "w").close()
    one = rf"{CONFIG}\One\ExitModules\{OURS}"
    registry(*put(one, "JournalDirectory", r"X:\CW"))
    refused("uninstall", "--purge", "--yes", says="there is no drive X: now, so the journal on it cannot be removed. Attach it, or uninstall without --purge")
    registry(*put(one, "JournalDirectory", windows(f"{WORK}/disk/never")), *put(one + r"\Below", "odd", b"", 4711))
    fine("uninstall", "--purge", "--yes")
    assert picture() == start and not os.path.exists(f"{WORK}/disk/second"), changed(start, picture())

@contextlib.contextmanager
def service(log):
    """The CA's service, which does not run yet; gives the file where it tells of itself."""
    log = f"{WORK}/{log}"
    wine("sc.exe", "delete", "CertSvc")         # of a run that was cut off
    assert wine("sc.exe", "create", "CertSvc", "binPath=", f"{windows(HELPER)} service {windows(log)}")[0] == 0
    try: yield log
    finally:
        registry("delete", r"HKLM\Cluster")
        wine("net.exe", "stop", "CertSvc")
        await_state("STOPPED")
        wine("sc.exe", "delete", "CertSvc")

def start():
    assert wine("net.exe", "start", "CertSvc")[0] == 0
    await_state("RUNNING")

@test
def restart_restarts_the_service_and_leaves_a_cluster_alone():
    machine(Test_CA=multi(DEFAULT))
    with service("service.log") as log:
        assert "there is nothing to restart" in fine("install", "--restart") and not os.path.exists(log)
        start()
        assert "Restart-Service CertSvc" in fine("disable") and open(log).read().split() == ["started"]
        assert "Restart-Service" not in fine("enable", "--restart")
        assert open(log).read().split() == ["started", "stopped", "started"]      # all of it done when the command returns
        resources = r"HKLM\Cluster\Resources"
        for number, value in enumerate(("CertSvc2", "certsv", "", "CertSvc" + "x" * 300, (multi("CertSvc"), 7), (multi("CertSvc")[:-2], 3),
                                        (b"\1\0\0\0", 4))):
            registry(*put(rf"{resources}\7f0{number}\Parameters", "ServiceName", *(value if isinstance(value, tuple) else (value,))))
        registry(*put(rf"{resources}\7f0d", "ServiceName", "CertSvc"), *put(resources, "ServiceName", "CertSvc"))
        assert "Restart-Service CertSvc" in fine("disable") and '"clustered"' not in cw("status", "--json")[1]
        fine("enable", "--restart")
        for name in ("7f10", "\u00dc" * 255):        # behind the others, and of the longest name that a key may have
            registry("delete", rf"{resources}\7f10", *put(rf"{resources}\{name}\Parameters", "ServiceName", "certsvc"))
            before = open(log).read()
            refused("disable", "--restart", says="failover cluster")
            assert "take its resource offline and online" in fine("disable")
            assert '"clustered":true' in cw("status", "--json")[1]
            refused("uninstall", "--purge", "--yes", "--restart", says="failover cluster")
            fine("enable")
            assert open(log).read() == before

@test
def a_service_that_does_not_come_back_is_told_and_a_journal_that_is_still_held_is_not_purged():
    folder = f"{WORK}/disk/still"
    machine(Test_CA=multi(DEFAULT))
    with service("broken.log") as log:
        start()
        fine("install", "--journal", windows(folder))
        for name in (f"{1:020}.jsonl", "lock"): open(f"{folder}/{name}", "w").close()
        with held(folder + "/lock"):
            refused("uninstall", "--purge", "--yes", says="the CA writes this journal. Stop it first .*, or add --restart")
            code, said = cw("uninstall", "--purge", "--yes", "--restart")
        assert code == 2 and "the CA still writes this journal" in said and "run this again for the rest." in said, said
        assert sorted(os.listdir(folder)) == [f"{1:020}.jsonl", "lock"] and dump(rf"{CONFIG}\Test CA\ExitModules\{OURS}")
        open(log + ".broken", "w").close()
        code, said = cw("enable", "--restart")
        assert code == 2 and "not registered" in said, said
        fine("install")
        code, said = cw("disable", "--restart")
        assert code == 2 and "The steps above were done" in said, said
        assert re.search("CertSvc could not be started .error 0x80070570.*Get-Service CertSvc", said), said
        assert active() == multi(DEFAULT) and open(log).read().split() == ["started", "stopped", "started", "stopped"]

@test
def a_folder_is_judged_again_once_the_service_was_restarted():
    """Whoever could write to it until then, and had it open, may have changed who can."""
    folder = f"{WORK}/disk/again"
    machine(Test_CA=multi(DEFAULT))
    with service("again.log") as log:
        start()
        fine("install", "--journal", windows(folder))
        open(f"{folder}/{1:020}.jsonl", "w").close()
        with open(log + ".opens", "w") as file: file.write(windows(folder))
        code, said = cw("uninstall", "--purge", "--yes", "--restart")
        os.remove(log + ".opens")
        assert code == 2 and re.search(r"again: It, or what will stand in it, can be changed by S-1-1-0(.|\n)*Nothing is removed from there(.|\n)*for the rest", said), said
        assert open(log).read().split() == ["started", "stopped", "started"] and os.listdir(folder) == [f"{1:020}.jsonl"], os.listdir(folder)
        assert dump(rf"{CONFIG}\Test CA\ExitModules\{OURS}"), "the setting that says where it is"
        os.chmod(folder, 0o700)
        fine("uninstall", "--purge", "--yes")
        assert not os.path.exists(folder)

TASK = f"{DRIVE}/windows/system32/tasks/CertWitness prune"

def retain(value):
    registry(*put(rf"{CONFIG}\Test CA\ExitModules\{OURS}", "RetainDays", value.to_bytes(4, "little"), 4))

@test
def a_task_prunes_each_day_where_retaindays_is_set_and_goes_with_it():
    machine(Test_CA=multi(DEFAULT))
    fine("uninstall")
    fine("install")
    assert not os.path.exists(TASK), "RetainDays is 0"
    retain(365)
    said = fine("install", "--dry-run")
    assert "Would schedule" in said and "\\bin\\certwitness.exe" in said and not os.path.exists(TASK), said
    fine("install")
    raw = open(TASK, "rb").read()
    xml = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    assert "\\bin\\certwitness.exe" in xml, xml       # Wine 8 keeps the description alone; task_test looks at the rest
    assert "There is nothing to do" in fine("install"), "it is read back as it was made"
    retain(0)
    assert "Removed the scheduled task" in fine("install") and not os.path.exists(TASK)
    retain(30)
    fine("install")
    assert os.path.exists(TASK)
    assert "Removed the scheduled task" in fine("uninstall") and not os.path.exists(TASK)

@test
def a_task_of_that_name_that_runs_something_else_is_replaced_and_a_path_with_variables_is_refused():
    machine(Test_CA=multi(DEFAULT))
    retain(30)
    fine("install")
    raw = open(TASK, "rb").read()
    kind = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    with open(TASK, "wb") as file: file.write(raw.decode(kind).replace("\\bin\\certwitness.exe", "\\evil\\certwitness.exe").encode(kind))
    assert "Scheduled" in fine("install") and "evil" not in open(TASK, "rb").read().decode(kind)
    fine("uninstall")
    home = f"{TOP}/100%TEMP%"
    shutil.copytree(BIN, home)
    code, said = wine(f"{home}/certwitness.exe", "install")
    said = " ".join(said.split())
    assert code == 2 and "text between % signs" in said and "Nothing was changed" in said and not os.path.exists(TASK), said
    shutil.rmtree(home)

@test
def a_ca_runs_with_what_was_installed():
    clear()
    fine("install", "--register-only")
    open(f"{WORK}/one.scenario", "w").write(f'ca "Setup CA" dns=ca.example out={WORK}/pki\nmodule {OURS} JournalDirectory={windows(WORK + "/disk/run")}\n'
                                            "start\ncrl base\nstop\n")
    code, said = wine("build/bin/stubca.exe", "run", f"{WORK}/one.scenario")
    assert code == 0 and os.listdir(f"{WORK}/disk/run"), said
    fine("uninstall")

@test
def on_linux_the_commands_say_so():
    for verb in ("install", "uninstall", "enable", "disable", "status", "settings"):
        code, said = run("build/native/certwitness", verb)
        assert code == 2 and said == f'certwitness: "{verb}" is about the CA of a Windows machine: run certwitness.exe there\n', said

shutil.rmtree(WORK, ignore_errors=True)
shutil.rmtree(TOP, ignore_errors=True)
os.makedirs(BIN)
os.makedirs(WORK + "/disk")
for name in PARTS: shutil.copy(f"build/bin/{name}", BIN)

def put_all_back():
    clear()
    shutil.rmtree(TOP)

run_tests(finish=put_all_back)
