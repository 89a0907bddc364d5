#!/usr/bin/python3
"""status and settings from outside: what is there is told, and what is wrong with it, each with what to do."""
import hashlib, json, os, re, shutil, time

from commands import run_apart, windows
from helper import held, multi, put, registry
from machine import on_machine
from tap import run as run_tests, test

on_machine("install")
WORK = "build/tmp/status"
BIN = os.environ["WINEPREFIX"] + "/drive_c/CertWitness of status.t"     # on C:, whose folders are nobody else's
SERVICE = r"SYSTEM\CurrentControlSet\Services\CertSvc"
CA = SERVICE + r"\Configuration\Status CA"
MODULE = CA + r"\ExitModules\CertWitness.Exit"
OURS, DEFAULT = "CertWitness.Exit", "CertificateAuthority_MicrosoftDefault.Exit"

def cw(*arguments):
    return run_apart("wine/run", f"{BIN}/certwitness.exe", *arguments)

def machine(*modules, kind=7, more=()):
    registry("delete", SERVICE, *put(CA, "CommonName", "Status CA"), *put(CA + r"\ExitModules", "Active", multi(*modules), kind), *more)

def status():
    """Exit code, the report, and the problems in it."""
    code, said, _ = cw("status", "--json")
    report = json.loads(said)
    assert code == (1 if report["problems"] else 0), (code, report)
    return code, report, report["problems"]

def told(pattern):
    code, report, problems = status()
    assert code == 1 and any(re.search(pattern, text) for text in problems), (pattern, problems)

def journal(name, *kinds, year=2001):
    """A journal with a line of each of these kinds."""
    folder = f"{WORK}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, 0o700)
    run_id, previous = "11111111-2222-4333-8444-555555555555", "0" * 64
    with open(f"{folder}/{1:020}.jsonl", "w") as file:
        for n, kind in enumerate(kinds, 1):
            body = f'{{"specversion":"1.0","id":"{run_id}-{n:020}","source":"/adcs/a/b","type":"certwitness.{kind}","time":"{year}-01-01T00:00:0{n}.000Z",' \
                   f'"sequence":"{n:020}","previoushash":"{previous}","flushed":"{n - 1:020}","datacontenttype":"application/json","data":{{"module":{{"run":"{run_id}"}}}}'
            previous = hashlib.sha256(body.encode()).hexdigest()
            file.write(f'{body},"hash":"{previous}"}}\n')
    return folder

def at(folder):
    return put(MODULE, "JournalDirectory", windows(folder) if "/" in folder else folder)

@test
def what_is_not_installed_is_told():
    registry("delete", SERVICE)
    told("not installed.*certwitness install")
    machine(DEFAULT, OURS)
    told("load a module that is not registered")

@test
def a_ca_that_is_recorded_is_fine():
    folder = journal("fine", "module.started", "ca.stopping", "module.stopped")
    machine(DEFAULT, OURS, more=at(folder))
    assert cw("install")[0] == 0
    code, report, problems = status()
    assert code == 0 and not problems, problems
    assert report["module"]["file"].lower() == r"c:\certwitness of status.t\certwitness.dll" and report["module"]["version"] == report["program"], report
    ca, = report["cas"]
    assert (ca["name"], ca["active"], ca["modules"], ca["journal"], ca["isWritten"]) == ("Status CA", True, [DEFAULT, OURS], windows(folder), False), ca
    assert ca["last"] == {"time": "2001-01-01 00:00:03Z", "type": "module.stopped", "sequence": 3} or \
           ca["last"] == {"time": "2001-01-01 00:00:03", "type": "module.stopped", "sequence": 3}, ca["last"]
    code, said, _ = cw("status")
    assert code == 0 and said.endswith("\nWhat is wrong: nothing\n") and "could not be read" in said, said     # Wine keeps no event log
    assert "Sequence: 3" in said and "Last gap: none" in said, said

@test
def each_trouble_is_told_with_what_to_do():
    assert cw("install", "--register-only")[0] == 0
    folder = journal("trouble", "module.started")
    for modules, pattern in (((DEFAULT,), "nothing is recorded.*certwitness enable"), ((OURS, DEFAULT, OURS), "stands 2 times")):
        machine(*modules, more=at(folder))
        told(pattern)
    machine(DEFAULT, kind=1)
    told("Active in HKLM.*no REG_MULTI_SZ")
    machine(OURS, more=at(r"X:\gone"))
    told("the drive is not there")
    os.chmod(folder, 0o777)
    machine(OURS, more=at(folder))
    told("can be changed by.*mend its permissions")
    os.chmod(folder, 0o700)
    machine(OURS, more=[*at(folder), *put(MODULE, "RetainDays", "soon")])
    told('the setting RetainDays is refused.*"soon".*whole number from 0 to 36500 days')

@test
def what_the_journal_tells_is_told():
    machine(OURS, more=at(journal("gap", "module.started", "journal.gap", "ca.stopping", year=time.gmtime().tm_year)))
    code, report, problems = status()
    assert report["cas"][0]["gap"]["sequence"] == 2, report
    folder = journal("damaged", "module.started", "ca.started", "ca.stopping")
    name = f"{folder}/{1:020}.jsonl"
    text = open(name).read().replace("ca.started", "ca.sterted")
    open(name, "w").write(text)
    machine(OURS, more=at(folder))
    told("damaged .changed.*certwitness verify")

@test
def a_journal_that_cannot_be_read_is_told_with_the_file_and_the_reason():
    assert cw("install", "--register-only")[0] == 0
    folder = journal("unreadable", "module.started", "ca.stopping", "module.stopped")
    machine(DEFAULT, OURS, more=at(folder))
    assert status()[2] == []
    with held(windows(f"{folder}/{1:020}.jsonl")):
        code, report, problems = status()
        assert problems == [windows(folder) + f": {1:020}.jsonl cannot be read: another program has it open and lets nobody else. "
                            "Close that program, or run this again when it is done."], problems
        assert "last" not in report["cas"][0], report["cas"]
        code, said, _ = cw("status")
        assert code == 1 and "Last event: none in what was read" in said and "What is wrong: nothing" not in said, said
    assert status()[2] == []

@test
def a_file_that_is_gone_is_told():
    assert cw("install", "--register-only")[0] == 0
    machine(OURS, more=at(journal("gone", "module.started")))
    os.rename(f"{BIN}/certwitness.dll", f"{BIN}/away")
    try: told("certwitness.dll is registered, and is not there")
    finally: os.rename(f"{BIN}/away", f"{BIN}/certwitness.dll")

@test
def names_cannot_steer_a_terminal():
    key = SERVICE + "\\Configuration\\x\x1b[2J\u202ey"
    registry("delete", SERVICE, *put(key + r"\ExitModules", "Active", multi("\x1b]0;evil\x07.Exit"), 7))
    for arguments in (("status",), ("settings",), ("status", "--json"), ("install", "--dry-run"), ("enable", "--ca", "no\x1b[2J")):
        code, said, complaint = cw(*arguments)
        assert "\x1b" not in said + complaint and "\u202e" not in (said if arguments[0] == "status" else ""), (arguments, said)

@test
def settings_are_listed_with_their_sources():
    machine(OURS, more=[*put(MODULE, "RetainDays", b"\x6d\1\0\0", 4), *put(MODULE, "QueueMiB", "lots"), *put(MODULE, "Properties", multi("Officer", "!RawRequest"), 7)])
    code, said, _ = cw("settings", "--json")
    rows = {row["name"]: row for row in json.loads(said)["cas"][0]["settings"]}
    assert code == 0 and len(rows) == 8, said
    assert [rows[name]["source"] for name in ("RetainDays", "QueueMiB", "MaxWaitMs")] == ["registry", "refused", "default"], rows
    assert (rows["RetainDays"]["value"], rows["QueueMiB"]["value"], rows["Properties"]["value"]) == ("365", "64", "Officer, !RawRequest"), rows
    assert rows["MaxWaitMs"]["default"] == "5000" and rows["MaxWaitMs"]["range"] == "100 to 60000 ms", rows
    code, said, _ = cw("settings")
    assert code == 0 and "RetainDays: 365\n        - set in the registry; by default 0; it may be 0 to 36500 days" in said, said

@test
def settings_check_says_what_would_be_refused():
    machine(OURS, more=[*put(MODULE, "QueueMiB", "lots"), *at(r"\\server\share")])
    code, said, _ = cw("settings", "check", "--json")
    assert code == 1 and [(one["name"], one["value"]) for one in json.loads(said)["refused"]] == [("JournalDirectory", '"\\\\server\\share"'), ("QueueMiB", '"lots"')], said
    check = lambda *words: [tuple(one.values()) for one in json.loads(cw("settings", "check", *words, "--json")[1])["refused"]]
    wrong = [("Properties", "!Nonsense", "It is not on the list that is recorded anyway, so it cannot be left out."),
             ("Properties", "Nobody", "No property of that name is known. Say its type as well: name:string, name:long, name:date or name:binary.")]
    assert check(r"Properties=Officer\n!Nonsense\nNobody\n!RawRequest") == wrong and check("Properties=\u00e4")[0][0:2] == ("Properties", "\u00e4")
    machine(OURS, more=[*at(journal("items", "module.started")), *put(MODULE, "Properties", multi("Officer", "!Nonsense", "Nobody"), 7)])
    assert check() == wrong and cw("settings", "check")[0] == 1
    for _, item, reason in wrong: told(re.escape(f'the setting Properties is in force without its item "{item}". {reason}'))
    machine(OURS)
    assert cw("settings", "check")[:2] == (0, "Nothing would be refused.\n")
    code, said, _ = cw("settings", "check", "RetainDays=365", "MaxWaitMs=99", "journaldirectory=relative", "Properties=Officer")
    assert code == 1 and said.count("Reason:") == 2 and "100 to 60000" in said and "absolute path" in said, said
    for wrong in ("Retain=1", "RetainDays", "=5"):
        code, said, complaint = cw("settings", "check", wrong)
        assert code == 2 and complaint.startswith("certwitness: "), (wrong, code, said, complaint)
    assert cw("settings", "--ca", "nobody")[0] == 2 and cw("settings", "list")[0] == 2

shutil.rmtree(WORK, ignore_errors=True)
shutil.rmtree(BIN, ignore_errors=True)
os.makedirs(WORK)
os.mkdir(BIN)
for name in ("certwitness.exe", "certwitness.dll", "certwitness_page.dll"): shutil.copy(f"build/bin/{name}", BIN)

def put_all_back():
    cw("uninstall")
    registry("delete", SERVICE)
    shutil.rmtree(BIN)

run_tests(finish=put_all_back)
