#!/usr/bin/python3
"""settings set, get, reset and check from outside, and the registry before and after, value by value."""
import sys; sys.path[0] += "/../lib"
import json, os, re, shutil

from commands import run_apart
from helper import HELPER, multi, put, registry
from machine import on_machine
from tap import run as run_tests, test

on_machine("install")
DRIVE = os.environ["WINEPREFIX"] + "/drive_c"
BIN = DRIVE + "/CertWitness of settings_command.t"      # on C:, whose folders are nobody else's
HERE = "C:\\" + os.path.basename(BIN)
SERVICE = r"SYSTEM\CurrentControlSet\Services\CertSvc"
OURS, DEFAULT = "CertWitness.Exit", "CertificateAuthority_MicrosoftDefault.Exit"
TASK = f"{DRIVE}/windows/system32/tasks/CertWitness prune"

def key_of(ca): return rf"{SERVICE}\Configuration\{ca}\ExitModules\{OURS}"
def days(number): return number.to_bytes(4, "little")

def machine(*names, values=()):
    words = ["delete", SERVICE]
    for name in names or ("One CA",): words += put(rf"{SERVICE}\Configuration\{name}\ExitModules", "Active", multi(DEFAULT, OURS), 7)
    registry(*words, *values)

def held_values(ca="One CA"):
    """{name: (type, bytes)}, or None where there is no such key."""
    found = [line.split("\t") for line in registry("dump", key_of(ca))]
    return {name: (int(kind), bytes.fromhex(data)) for _, name, kind, data in (line for line in found if len(line) == 4)} if found else None

def cw(*arguments):
    return run_apart("wine/run", f"{BIN}/certwitness.exe", *arguments)

def fine(*arguments):
    code, said, complaint = cw(*arguments)
    assert code == 0 and not complaint, (arguments, code, said, complaint)
    return said

def refused(*arguments, says, ca="One CA"):
    before = held_values(ca)
    code, said, complaint = cw(*arguments)
    assert code == 2 and re.search(says, complaint) and not said, (arguments, code, said, complaint)
    assert held_values(ca) == before, (arguments, held_values(ca))

@test
def what_is_set_is_written_as_the_ca_reads_it_and_told_with_what_it_was():
    machine()
    said = fine("settings", "set", "MaxWaitMs=2500", r"properties=Officer\n!RawRequest", rf"JournalDirectory={HERE}\journal" + "\\")
    assert held_values() == {"MaxWaitMs": (4, days(2500)), "Properties": (7, multi("Officer", "!RawRequest")),
                             "JournalDirectory": (1, f"{HERE}\\journal\0".encode("utf-16-le"))}, held_values()
    lines = said.splitlines()
    assert lines[0] == 'Set MaxWaitMs of the CA "One CA" to 2500 ms; it was 5000 ms.', said
    assert lines[1] == 'Set Properties of the CA "One CA" to Officer, !RawRequest; it was empty.', said
    assert lines[2] == rf'Set JournalDirectory of the CA "One CA" to {HERE}\journal; it was C:\ProgramData\CertWitness\One CA.', said
    assert lines[-2:] == ["", "The change takes effect when the CA is restarted: Restart-Service CertSvc"], said
    said = fine("settings", "reset", "maxwaitms", "Properties", "JournalDirectory")
    assert held_values() == {} and said.startswith('Set MaxWaitMs of the CA "One CA" to 5000 ms, the default; it was 2500 ms.\n'), said
    assert "to empty, the default; it was Officer, !RawRequest." in said, said

@test
def a_value_that_is_refused_keeps_all_of_them_from_being_written():
    machine(values=put(key_of("One CA"), "RetainDays", days(30), 4))
    open_to_all = f"{BIN}/open"
    os.mkdir(open_to_all)
    os.chmod(open_to_all, 0o777)
    for wrong, why in (("MaxWaitMs=99", 'MaxWaitMs "99" is refused. It must be a whole number from 100 to 60000 ms'), ("Properties=Nobody", 'Properties "Nobody" is refused'),
                       ("JournalDirectory=relative", "absolute path"), (r"JournalDirectory=\\server\share", "network share"),
                       (rf"JournalDirectory={HERE}\open", "open: It, or what will stand in it, can be changed by"), ("QueueMiB=", "whole number"),
                       ("RetainDay=5", 'no setting "RetainDay". Did you mean "RetainDays"'), ("MinFreeMb=1", 'Did you mean "MinFreeMiB"'), ("Nonsense=1", 'no setting "Nonsense". "certwitness'),
                       ("RetainDays", "has to be NAME=VALUE"), ("retaindays=5", "named twice"), ("", "has to be NAME=VALUE"), ("=", 'no setting ""')):
        refused("settings", "set", "RetainDays=400", wrong, says=re.escape(why) if "(" not in why else why)
    refused("settings", "reset", "RetainDays", "Nonsense", says='no setting "Nonsense"')
    refused("settings", "set", says="NAME=VALUE")
    refused("settings", "reset", says="NAME")
    refused("settings", "sett", "RetainDays=1", says='Did you mean "settings set"')
    refused("settings", "set", "RetainDays=1", "--json", says="--json goes with")
    assert held_values() == {"RetainDays": (4, days(30))} and not os.path.exists(TASK)

@test
def a_dry_run_judges_and_tells_and_writes_nothing():
    machine()
    before = registry("dump", SERVICE)
    said = fine("settings", "set", "RetainDays=365", "EventMask=32", "--dry-run")
    assert 'Would set RetainDays of the CA "One CA" to 365 days; it is 0 days.' in said and said.endswith("\n\nThis was a dry run: nothing was changed.\n"), said
    refused("settings", "set", "RetainDays=-1", "--dry-run", says="whole number")
    fine("settings", "reset", "RetainDays", "--dry-run")
    assert registry("dump", SERVICE) == before and not os.path.exists(TASK)

@test
def the_scheduled_task_follows_retaindays():
    machine()
    said = fine("settings", "set", "RetainDays=365")
    assert os.path.exists(TASK) and "removes old files each day" in said and "from its next run on" in said and "Restart-Service" not in said, said
    said = fine("settings", "reset", "RetainDays")
    assert not os.path.exists(TASK) and "task \"CertWitness prune\" was removed" in said, said

@test
def a_folder_on_a_drive_that_is_not_there_is_refused():
    machine()
    for dry_run in [], ["--dry-run"]:
        refused("settings", "set", r"JournalDirectory=E:\x", *dry_run, says=r'JournalDirectory "E:.x" is refused. There is no drive E: on this machine now. Attach it, or choose another folder')
    assert held_values() is None

@test
def the_event_mask_is_taken_and_shown_in_hexadecimal_digits_too():
    machine()
    for typed, number in ("0x3FE", 0x3fe), ("0X41", 0x41), ("0x0000020", 0x20), ("65", 65):
        said = fine("settings", "set", f"EventMask={typed}")
        assert f"to {number} (0x{number:x}); it was " in said and held_values()["EventMask"] == (4, days(number)), (typed, said)
    assert fine("settings", "get", "EventMask") == "65 (0x41)\n" and json.loads(fine("settings", "get", "EventMask", "--json"))["value"] == 65
    assert re.search(r"EventMask: 65 \(0x41\)", fine("settings")), fine("settings")
    for typed in "0x", "0x400", "0x1g", "0x100000000000000001", "0x3\u0661", "3ff":
        refused("settings", "set", f"EventMask={typed}", says="It must be a whole number from 0 to 1023, or 0x and hexadecimal digits.")
    refused("settings", "set", "RetainDays=0x10", says="It must be a whole number from 0 to 36500 days.")
    assert held_values()["EventMask"] == (4, days(65))

@test
def get_prints_the_value_in_force_and_nothing_else():
    machine(values=[*put(key_of("One CA"), "RetainDays", days(365), 4), *put(key_of("One CA"), "Properties", multi("Officer", "!RawRequest"), 7), *put(key_of("One CA"), "QueueMiB", "lots")])
    assert fine("settings", "get", "retaindays") == "365\n" and fine("settings", "get", "QueueMiB") == "64\n"
    assert fine("settings", "get", "Properties") == "Officer\n!RawRequest\n"
    assert fine("settings", "get", "JournalDirectory") == "C:\\ProgramData\\CertWitness\\One CA\n"
    one = json.loads(fine("settings", "get", "RetainDays", "--json"))
    assert (one["name"], one["value"], one["unit"], one["source"]) == ("RetainDays", 365, "days", "registry"), one
    refused("settings", "get", "RetainDay", says='Did you mean "RetainDays"')
    refused("settings", "get", says="settings get NAME")
    refused("settings", "get", "RetainDays", "QueueMiB", says="settings get NAME")

@test
def of_several_cas_one_has_to_be_named_and_no_two_share_a_folder():
    machine("One CA", "Zwei \u00fc")
    for words in (("set", "RetainDays=1"), ("reset", "RetainDays"), ("get", "RetainDays")):
        refused("settings", *words, says="there are 2 CAs on this machine: name one with --ca(.|\n)*One CA(.|\n)*Zwei \u00fc")
    fine("settings", "set", "QueueMiB=8", "--ca", "zwei \u00fc")
    assert held_values("Zwei \u00fc") == {"QueueMiB": (4, days(8))} and held_values() is None
    fine("settings", "set", rf"JournalDirectory={HERE}\two", "--ca", "Zwei \u00fc")
    refused("settings", "set", rf"JournalDirectory={HERE}\TWO", "--ca", "One CA", says='It is the folder of the CA "Zwei \u00fc", and no two CAs may share one')
    refused("settings", "set", "QueueMiB=8", "--ca", "Three", says='no CA "Three"')
    registry("delete", SERVICE)
    refused("settings", "set", "QueueMiB=8", says="no certification authority on this machine")

@test
def a_key_that_may_not_be_written_is_told():
    machine(values=put(key_of("One CA"), "RetainDays", days(30), 4))
    assert run_apart("wine/run", HELPER, "protect", key_of("One CA"), "D:P(A;;KR;;;WD)")[0] == 0
    try: refused("settings", "set", "RetainDays=31", says=r"Only an administrator .* may write to HKLM\\SYSTEM.* Nothing was changed")
    finally: assert run_apart("wine/run", HELPER, "protect", key_of("One CA"), "D:P(A;;KA;;;WD)")[0] == 0

@test
def a_new_folder_is_told_with_the_old_one():
    machine()
    os.makedirs(f"{DRIVE}/ProgramData/CertWitness/One CA", 0o700, exist_ok=True)
    said = fine("settings", "set", rf"JournalDirectory={HERE}\new")
    assert rf"stays in C:\ProgramData\CertWitness\One CA. A new journal begins in {HERE}\new." in said, said
    assert "stays in" not in fine("settings", "set", rf"JournalDirectory={HERE}\new")
    shutil.rmtree(f"{DRIVE}/ProgramData/CertWitness", ignore_errors=True)

@test
def check_names_values_that_nothing_reads():
    key = key_of("One CA")
    machine(values=[*put(key, "RetainDay", days(365), 4), *put(key, "maxwaitms", days(5000), 4), *put(key, "Owner", "PKI team"), *put(key, "", "default"), *put(key, "\u202e\x1b[31m", "odd")])
    code, said, _ = cw("settings", "check", "--json")
    found = json.loads(said)
    assert code == 1 and found["refused"] == [], found
    assert sorted((one["ca"], one["name"], one.get("meant")) for one in found["unread"]) == [
        ("One CA", "", None), ("One CA", "Owner", None), ("One CA", "RetainDay", "RetainDays"), ("One CA", "\u202e\x1b[31m", None)], found
    code, said, _ = cw("settings", "check")
    assert code == 1 and "Name: RetainDay\n" in said and "Probably meant: RetainDays\n" in said and "Refused" not in said and "Nothing would" not in said, said
    assert "\x1b" not in said and "\u202e" not in said, said
    assert fine("settings", "check", "RetainDays=5") == "Nothing would be refused.\n", "what is typed is judged alone"
    registry("delete", key, *put(key, "RetainDays", days(365), 4))
    assert fine("settings", "check") == "Nothing would be refused.\n" and json.loads(cw("settings", "check", "--json")[1]) == {"refused": [], "unread": []}

shutil.rmtree(BIN, ignore_errors=True)
os.makedirs(BIN)
for name in "certwitness.exe", "certwitness.dll", "certwitness_page.dll": shutil.copy(f"build/bin/{name}", BIN)

def put_all_back():
    registry("delete", SERVICE)
    shutil.rmtree(BIN)

run_tests(finish=put_all_back)
