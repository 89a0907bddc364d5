#!/usr/bin/python3
"""status and settings from outside: what is there is told, and what is wrong with it, each with what to do."""
import sys; sys.path[0] += "/../lib"
import hashlib, json, os, re, shutil, time

import hostile
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

def in_json(*arguments):
    """Exit code, and what was said."""
    code, said, complaint = cw(*arguments, "--json")
    assert said, (arguments, code, complaint)
    return code, json.loads(said)

def machine(*modules, kind=7, more=()):
    registry("delete", SERVICE, *put(CA, "CommonName", "Status CA"), *put(CA + r"\ExitModules", "Active", multi(*modules), kind), *more)

def status():
    """Exit code, the report, and the problems in it."""
    code, report = in_json("status")
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
    for modules, pattern in (((DEFAULT,), "nothing is recorded.*certwitness enable"), ((OURS, DEFAULT, OURS), "is 2 times in its list")):
        machine(*modules, more=at(folder))
        told(pattern)
    machine(DEFAULT, kind=1)
    told("Active in HKLM.*not a REG_MULTI_SZ")
    machine(OURS, more=at(r"X:\gone"))
    told("the drive is not there")
    os.chmod(folder, 0o777)
    machine(OURS, more=at(folder))
    told("can be changed by.*mend its permissions")
    os.chmod(folder, 0o700)
    machine(OURS, more=[*at(folder), *put(MODULE, "RetainDays", "soon")])
    told('the setting RetainDays is refused.*"soon".*whole number from 0 to 36500 days')

@test
def a_task_and_retaindays_that_do_not_go_together_are_told():
    task = os.environ["WINEPREFIX"] + "/drive_c/windows/system32/tasks/CertWitness prune"
    place, days = at(journal("task", "module.started")), lambda number: put(MODULE, "RetainDays", bytes([number, 0, 0, 0]), 4)
    def now(number):
        registry(*days(number))
        _, report, problems = status()
        return report["task"], [text for text in problems if "RetainDays" in text]
    machine(DEFAULT, OURS, more=place)
    assert cw("install")[0] == 0 and now(0) == ("none", [])
    word, (problem,) = now(30)
    assert word == "none" and problem == 'RetainDays is set, and no scheduled task removes old files: run certwitness install.', problem
    assert cw("install")[0] == 0 and now(30) == ("daily", []) and now(7) == ("daily", [])
    word, (problem,) = now(0)
    assert word == "daily" and "is there, and no CA of this machine has RetainDays set: run" in problem, problem
    raw = open(task, "rb").read()
    for old in ("of status.t".encode(kind) for kind in ("utf-16-le", "utf-8")): raw = raw.replace(old, old.replace(b"u", b"v"))
    open(task, "wb").write(raw)
    word, (problem,) = now(30)
    assert word == "other" and "runs another program than the one beside the module" in problem, problem
    assert "there, and no CA" in now(0)[1][0] and cw("install")[0] == 0 and now(0) == ("none", []) and not os.path.exists(task)

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
    assert status()[1]["cas"][0]["last"]["sequence"] == 3           # it stands behind the damage

@test
def damage_on_record_is_told_with_the_file_and_the_event_that_names_it():
    from chains import chain, hash_of, line, write
    lines = chain(1, 5)
    record = line(6, hash_of(lines[4]), type="journal.broken", data=f'{{"file":"{1:020}.jsonl","offset":{len(lines[0] + lines[1])},"sequence":3,"bytes":1}}', subject="")
    folder = f"{WORK}/on-record"
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, {f"{1:020}.jsonl": b"".join(lines[:2] + [lines[2].replace(b"event", b"evend")] + lines[3:]), f"{6:020}.jsonl": record + chain(7, 1, hash_of(record))[0]})
    os.chmod(folder, 0o700)
    machine(OURS, more=at(folder))
    told(rf"found damaged in {1:020}.jsonl when the journal was opened on 2026-11-21 10:00:00.*sequence 6.*certwitness verify")
    ca, = status()[1]["cas"]
    assert ca["broken"] == {"time": ca["broken"]["time"], "sequence": 6, "file": f"{1:020}.jsonl"} and ca["last"]["sequence"] == 7, ca

@test
def damage_on_record_is_told_however_many_files_ago_it_was():
    from chains import chain, hash_of, line, write
    lines = chain(1, 2)
    record = line(3, hash_of(lines[1]), type="journal.broken", data=f'{{"file":"{1:020}.jsonl","offset":{len(lines[0])},"sequence":2,"bytes":1}}', subject="")
    files = {f"{1:020}.jsonl": lines[0] + lines[1].replace(b"event", b"evend"), f"{3:020}.jsonl": record}
    for n in range(4, 24):
        files[f"{n:020}.jsonl"] = line(n, hash_of(record if n == 4 else files[f"{n - 1:020}.jsonl"]))
    folder = f"{WORK}/long-ago"
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, files)
    os.chmod(folder, 0o700)
    machine(OURS, more=at(folder))
    told(rf"found damaged in {1:020}.jsonl when the journal was opened on 2026-11-21 10:00:00.*sequence 3.*certwitness verify")
    ca, = status()[1]["cas"]
    assert ca["broken"]["sequence"] == 3 and ca["readFrom"] == 20, ca

@test
def runs_that_left_nothing_are_told():
    import datetime
    from chains import chain, hash_of, line, write
    first, = chain(1, 1)
    unwritten = f'"unwritten":{{"run":"01234567-89ab-4def-8123-456789abcdef","began":"2026-11-21T10:00:00.000Z","ended":"2026-11-21T10:00:00.000Z","runs":1,"events":2,"hresult":"0x80070070"}}'
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    started = line(2, hash_of(first), type="module.started", data=f'{{"module":{{"run":"01234567-89ab-4def-8123-456789abcdef","endedCleanly":false,{unwritten}}}}}', subject="", time=now)
    folder = f"{WORK}/silent"
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, {f"{1:020}.jsonl": first + started})
    os.chmod(folder, 0o700)
    machine(OURS, more=at(folder))
    told(r"silent: runs before the one of .*sequence 2.*left events unwritten")

@test
def a_journal_that_cannot_be_read_is_told_with_the_file_and_the_reason():
    assert cw("install", "--register-only")[0] == 0
    folder = journal("unreadable", "module.started", "ca.stopping", "module.stopped")
    machine(DEFAULT, OURS, more=at(folder))
    assert status()[2] == []
    with held(f"{folder}/{1:020}.jsonl"):
        code, report, problems = status()
        assert problems == [windows(folder) + f": {1:020}.jsonl cannot be read: another program has it open and lets nobody else. "
                            "Close that program, or run this again when it is done."], problems
        assert "last" not in report["cas"][0], report["cas"]
        code, said, _ = cw("status")
        assert code == 1 and "Last event: none in what was read" in said and "What is wrong: nothing" not in said, said
    assert status()[2] == []
    os.mkdir(f"{folder}/{9:020}.jsonl")                         # what takes a segment's name is none
    assert status()[2] == []
    open(f"{folder}/{4:020}.jsonl", "w").close()
    with held(f"{folder}/{4:020}.jsonl"):                       # the newer of two: what stands before it is told
        code, report, problems = status()
        assert len(problems) == 1 and f"{4:020}.jsonl cannot be read: another program" in problems[0], problems
        assert report["cas"][0]["last"]["sequence"] == 3, report
        text = open(f"{folder}/{1:020}.jsonl").read()
        for faulty in (text.replace("ca.stopping", "ca.stepping"), text[:text.index("\n") + 1]):       # which the newer one may tell more of
            open(f"{folder}/{1:020}.jsonl", "w").write(faulty)
            problems = status()[2]
            assert len(problems) == 1 and f"{4:020}.jsonl cannot be read: another program" in problems[0], problems
    told(f"{1:020}.jsonl is damaged .missing")
    with held(f"{folder}/{6:020}.jsonl"):                       # one behind that could have what is missing
        problems = status()[2]
        assert len(problems) == 1 and f"{6:020}.jsonl cannot be read: another program" in problems[0], problems

@test
def a_journal_whose_folder_is_none_is_told():
    assert cw("install", "--register-only")[0] == 0
    open(f"{WORK}/a file", "w").close()
    machine(OURS, more=at(f"{WORK}/a file"))
    code, report, problems = status()
    assert "a file: It is a file, not a folder. No journal is written there" in problems[0] and "last" not in report["cas"][0], problems
    assert "a file: the journal cannot be read: " in problems[1] and len(problems) == 2, problems
    deep = f"{WORK}/" + "/".join(["\u0416" * 60] * 6)             # in UTF-8 longer than most buffers
    os.makedirs(deep, 0o700)
    os.chmod(deep, 0o777)
    machine(OURS, more=at(deep))
    told(re.escape(windows(deep)) + ": It, or what will stand in it, can be changed by .*, which is neither SYSTEM nor Administrators.*mend its perm")
    os.chmod(deep, 0o700)
    assert status()[2] == []
    shutil.rmtree(deep)
    code, report, problems = status()
    assert problems == [] and "last" not in report["cas"][0], problems
    assert "none: nothing recorded yet; recording begins when CertSvc is started" in cw("status")[1]

@test
def a_journal_whose_files_are_empty_is_told():
    assert cw("install", "--register-only")[0] == 0
    folder = journal("emptied", "module.started")
    open(f"{folder}/{1:020}.jsonl", "w").close()
    machine(OURS, more=at(folder))
    told("the journal's files are empty: there is not one event in them")
    assert cw("stats")[0] == cw("show")[0] == cw("verify")[0] == 1

@test
def a_file_that_is_gone_is_told():
    assert cw("install", "--register-only")[0] == 0
    machine(OURS, more=at(journal("gone", "module.started")))
    os.rename(f"{BIN}/certwitness.dll", f"{BIN}/away")
    try: told("certwitness.dll is registered, and is not there")
    finally: os.rename(f"{BIN}/away", f"{BIN}/certwitness.dll")

@test
def at_80_columns_status_breaks_lines_at_blanks_and_commands_nowhere():
    assert cw("install", "--register-only")[0] == 0
    machine(OURS, DEFAULT, OURS, more=[*at(journal("narrow", "module.started")), *put(MODULE, "RetainDays", "soon")])
    code, wide, _ = cw("status")
    code, narrow, _ = run_apart("wine/run", f"{BIN}/certwitness.exe", "status", env={"COLUMNS": "80"})
    assert max(map(len, wide.splitlines())) > 120 and narrow.split() == wide.split(), (wide, narrow)
    for row in narrow.splitlines(): assert len(row) <= 80 or "\\" in row, row      # a path may
    for command in "disable", "enable":
        assert re.search(rf'^.*certwitness {command} --ca "Status CA"[,.]', narrow, re.M), narrow

@test
def at_80_columns_settings_breaks_lines_at_blanks():
    machine(OURS, more=at(journal("narrow", "module.started")))
    wide, narrow = (run_apart("wine/run", f"{BIN}/certwitness.exe", "settings", env=env)[1] for env in ({}, {"COLUMNS": "80"}))
    assert max(map(len, wide.splitlines())) > 80 and narrow.split() == wide.split(), (wide, narrow)
    for row in narrow.splitlines(): assert len(row) <= 80 or "\\" in row, row

@test
def names_cannot_steer_a_terminal():
    key = SERVICE + "\\Configuration\\x\x1b[2J\u202ey"
    registry("delete", SERVICE, *put(key + r"\ExitModules", "Active", multi("\x1b]0;evil\x07.Exit"), 7))
    for arguments in (("status",), ("settings",), ("status", "--json"), ("install", "--dry-run"), ("enable", "--ca", "no\x1b[2J")):
        code, said, complaint = cw(*arguments)
        assert "\x1b" not in said + complaint and "\u202e" not in (said if arguments[0] == "status" else ""), (arguments, said)
    hidden = "\u115f\u3164\uffa0\u2800\u034f\ufe0f\u17b4\U0001bca0\U0001d173\U00013430\u0600\u06dd\u070f\u08e2\u00ad\u180e\u200b\u2066\ufeff\U000e0041"
    key = SERVICE + "\\Configuration\\bob" + hidden
    registry("delete", SERVICE, *put(key + r"\ExitModules", "Active", multi(f"bob{hidden}.Exit"), 7),
             *put(key + rf"\ExitModules\{OURS}", "RetainDays", "bob" + hidden), *put(key + rf"\ExitModules\{OURS}", "Properties", multi("bob" + hidden), 7))
    for arguments in (("status",), ("status", "--json"), ("settings",), ("settings", "--json"), ("settings", "check"), ("install", "--dry-run")):
        code, said, complaint = cw(*arguments)
        assert code != 125 and not set(hidden) & set(said + complaint), (arguments, ascii(said + complaint))
        if arguments != ("settings", "check"): assert "bob\\u{115f}" in said or "bob\\u115f" in said, (arguments, said)

@test
def a_hostile_journal_and_hostile_settings_steer_no_terminal():
    """As every other command's views, which invisible.t looks at with the program for Linux."""
    assert cw("install", "--register-only")[0] == 0
    for name, make in (("hostile", hostile.journal), ("odd", hostile.damaged)):
        shutil.rmtree(f"{WORK}/{name}", ignore_errors=True)
        make(f"{WORK}/{name}")
        os.chmod(f"{WORK}/{name}", 0o700)
        machine(OURS, more=at(f"{WORK}/{name}"))
        for words in ("status",), ("status", "--json"), ("settings",), ("settings", "check"), ("show", "--last", "30"), ("show", "--last", "30", "--json"), ("verify", "--quiet"):
            code, said, complaint = cw(*words, *([windows(f"{WORK}/{name}")] if words[0] in ("show", "verify") else []))
            assert code in (0, 1, 2), (words, complaint)
            hostile.check(said + complaint, words)
    registry("delete", SERVICE)
    for number, kind in enumerate(hostile.KINDS + hostile.FORMULAS):    # a CA for each
        ca = SERVICE + rf"\Configuration\CA {number}"
        key = ca + r"\ExitModules\CertWitness.Exit"
        registry(*put(ca, "CommonName", "bob" + kind), *put(ca + r"\ExitModules", "Active", multi(OURS, "bob" + kind), 7), *put(key, "JournalDirectory", r"C:\bob" + kind),
                 *put(key, "Properties", multi("bob" + kind), 7), *put(key, "RetainDays", "bob" + kind),
                 *put(key, "EventMask", "bob".encode("utf-16-le") + b"\x00\xd8=\0\x00\xdc\0\0", 1))
    for words in ("status",), ("status", "--json"), ("settings",), ("settings", "--json"), ("settings", "check"):
        code, said, complaint = cw(*words)
        assert code in (0, 1, 2) and "bob" in said + complaint, (words, said[-500:], complaint[-500:])
        hostile.check(said + complaint, words)

@test
def settings_are_listed_with_their_sources():
    machine(OURS, more=[*put(MODULE, "RetainDays", b"\x6d\1\0\0", 4), *put(MODULE, "QueueMiB", "lots"), *put(MODULE, "Properties", multi("Officer", "!RawRequest"), 7)])
    code, said = in_json("settings")
    rows = {row["name"]: row for row in said["cas"][0]["settings"]}
    assert code == 0 and len(rows) == 8, said
    assert [rows[name]["source"] for name in ("RetainDays", "QueueMiB", "MaxWaitMs")] == ["registry", "refused", "default"], rows
    assert (rows["RetainDays"]["value"], rows["QueueMiB"]["value"], rows["Properties"]["value"]) == (365, 64, ["Officer", "!RawRequest"]), rows
    assert rows["MaxWaitMs"]["default"] == 5000 and rows["MaxWaitMs"]["range"] == "100 to 60000 ms", rows
    assert [rows["MaxWaitMs"][name] for name in ("unit", "least", "most")] == ["ms", 100, 60000] and "unit" not in rows["EventMask"], rows
    assert rows["Properties"]["default"] == [] and rows["JournalDirectory"]["value"] == r"C:\ProgramData\CertWitness\Status CA", rows
    code, said, _ = cw("settings")
    assert code == 0 and "RetainDays: 365\n        - set in the registry; by default 0; it may be 0 to 36500 days" in said, said

@test
def settings_check_says_what_would_be_refused():
    machine(OURS, more=[*put(MODULE, "QueueMiB", "lots"), *at(r"\\server\share")])
    code, said = in_json("settings", "check")
    assert code == 1 and [(one["name"], one["value"]) for one in said["refused"]] == [("JournalDirectory", '"\\\\server\\share"'), ("QueueMiB", '"lots"')], said
    check = lambda *words: [tuple(one.values()) for one in in_json("settings", "check", *words)[1]["refused"]]
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

def check(*words):
    """What `settings check` refuses: (name, value or item, reason), and whether it is an item."""
    code, said = in_json("settings", "check", *words)
    found = said["refused"]
    assert code == (1 if found else 0), (code, said)
    return [(one["name"], one.get("value", one.get("item")), one["reason"], "item" in one) for one in found]

@test
def a_folder_is_judged_as_it_is_typed_and_as_it_stands_in_the_registry():
    folder = f"{BIN}/Pr\u00fcfung \u0416"
    os.makedirs(folder + "/fine", 0o700)
    os.chmod(folder, 0o777)
    os.symlink("fine", folder + "/link")
    open(folder + "/file", "w").close()
    path = r"C:\CertWitness of status.t" + "\\Pr\u00fcfung \u0416"
    machine(OURS)
    for end, why in (("", ": It, or what will stand in it, can be changed by S-1-"), (r"\link", ": It leads to another place"),
                     (r"\file", ": It is a file"), (r"\fine", None), (r"\none", None)):
        for spelled in (path, path + "\\", path.replace("C:", "%SystemDrive%"), path.lower()):
            found = check(f"JournalDirectory={spelled.rstrip(chr(92)) + end}" + spelled[len(spelled.rstrip(chr(92))):])
            named = (path.lower() if spelled == path.lower() else path) + end
            assert [one[0] for one in found] == ["JournalDirectory"] * bool(why), (spelled, end, found)
            assert not why or found[0][2].startswith(named + why), (spelled, end, found)
        registry(*put(MODULE, "JournalDirectory", path.replace("C:", "%SystemDrive%") + end, 2))
        found = check()
        assert len(found) == bool(why) and (not why or found[0][2].startswith(path + end + why)), (end, found)
    found, = check("JournalDirectory=Q:\\nothing")
    assert found[2].startswith("There is no drive Q: on this machine now."), found
    registry(*put(MODULE, "JournalDirectory", "Q:\\nothing"))
    assert check() == [], "a drive that is set may come back"
    assert check("JournalDirectory=" + path + "\\" + "\u0416" * 500)[0][2].startswith("It must have at most")

@test
def items_of_properties_are_judged_one_by_one_in_every_type_that_holds_them():
    assert cw("install", "--register-only")[0] == 0
    many = [f"attribute:a{number}" for number in range(65)]
    strange = multi("Officer", "", "Behind")
    cases = [("Officer\\nNobody\\n\\n !Nonsense \n", 1, ["Nobody", "!Nonsense"]), (multi("Nobody", "Officer"), 7, ["Nobody"]), (multi(), 7, []),
             (strange, 7, ["Behind"]), (multi("Challenge", "challenge", "officer", "Officer"), 7, ["Challenge", "challenge", "Officer"]),
             (multi('say "no\\'), 7, ['say "no\\']), (multi("x" * 255), 7, ["x" * 255]), ("", 1, [])]
    whole = [(multi(*many), 7, "It must hold at most 64 names."), (multi("x" * 256), 7, "Each name in it must have at most 255 characters."),
             *[(multi(item), 7, "The names in it must be printable ASCII.") for item in ("Offi\u202ecer\x1b[2J", "Zerti\u00df")],
             (b"O\0f", 7, "It must be text, but has an odd number of bytes."),
             ("Officer\0Nobody", 1, "It must be one text, but contains a zero character."),
             *[(data, kind, "It must be a list of names, as REG_MULTI_SZ, or as REG_SZ with \\n between them.")
               for data, kind in ((b"\1\0\0\0", 4), (b"Officer", 3), ("Officer", 2), (b"", 0), (b"\1" * 8, 11), (b"", 4711))]]
    place = at(journal("properties", "module.started"))
    for data, kind, items in cases:
        machine(OURS, more=[*place, *put(MODULE, "Properties", data, kind)])
        found = check()
        assert [(name, item, is_item) for name, item, _, is_item in found] == [("Properties", item, True) for item in items], (data, found)
        assert all((item.lower() == "challenge") == (why == "It is a secret, which is never recorded.") for _, item, why, _ in found), found
        problems = status()[2]
        assert problems == [f'Status CA: the setting Properties is in force without its item "{item}". {why}' for _, item, why, _ in found], problems
    for data, kind, reason in whole:
        machine(OURS, more=[*place, *put(MODULE, "Properties", data, kind)])
        found, (_, report, problems) = check(), status()
        assert [(name, why, is_item) for name, _, why, is_item in found] == [("Properties", reason, False)], (data, found)
        assert problems == [f"Status CA: the setting Properties is refused, its default is in force ({found[0][1]}). {reason}"], problems
        assert "\x1b" not in cw("settings", "check")[1] + cw("status")[1]

@test
def of_several_cas_each_is_told_with_its_own_settings():
    assert cw("install", "--register-only")[0] == 0
    other = CA.replace("Status", "Another")
    its = other + rf"\ExitModules\{OURS}"
    machine(OURS, more=[*at(journal("own", "module.started")), *put(MODULE, "Properties", multi("Nobody"), 7),
                        *put(other, "CommonName", b"\1\0\0\0", 4), *put(other + r"\ExitModules", "Active", multi(OURS), 7),
                        *put(its, "Properties", multi("Noone"), 7), *put(its, "JournalDirectory", windows(journal("others", "module.started")))])
    assert [one[1] for one in check()] == ["Noone", "Nobody"] and [one[1] for one in check("--ca", "another CA")] == ["Noone"]
    problems = status()[2]
    assert [text.split(":")[0] for text in problems] == ["Another CA", "Status CA"] and "Noone" in problems[0] and "Nobody" in problems[1], problems
    assert check("Properties=Officer") == [] and [one[1] for one in check("Properties=Nobody", "RetainDays=x")] == ["Nobody", "x"]

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
