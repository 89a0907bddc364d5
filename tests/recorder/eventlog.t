#!/usr/bin/python3
"""The event log from outside: what arrives at Windows' own ReportEvent, as Wine traces it, and whether the manual tells the administrator
the same as the messages do."""
import sys; sys.path[0] += "/../lib"
import re, struct

import pefile

from commands import wine
from tap import run as run_tests, test

MESSAGE_TABLE, US_ENGLISH = 11, 0x409         # RT_MESSAGETABLE
ENGLISH = {"Informational": "information", "Warning": "warning", "Error": "error"}

MODULE, DELIVERY = "src/recorder/messages.mc", "src/delivery/commands/messages.mc"

def messages(path):
    """What messages.mc says: {id: (severity, first line, what to do)}, and the texts."""
    found, texts = {}, {}
    source = open(path, encoding="utf-8").read()
    for block in re.findall(r"^MessageId=.*?^\.$", source, re.M | re.S):
        header, text = block.split("Language=English\n", 1)
        value = dict(line.split("=", 1) for line in header.splitlines())
        number = int(value["MessageId"])
        assert number not in found, f"{number} is there twice"
        todo = re.findall(r"^What to do: (.*)$", text, re.M)
        assert len(todo) == 1, f"{number} says {len(todo)} times what to do"
        found[number] = (ENGLISH[value["Severity"]], text.splitlines()[0], todo[0])
        texts[number] = text
    return found, texts

def table():
    """The same, as the manual tells it."""
    found = {}
    for line in open("src/manual/event-log.md", encoding="utf-8"):
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if len(cells) == 4 and cells[0].isdigit() and cells[1] in ENGLISH.values():
            assert int(cells[0]) not in found, f"the manual has {cells[0]} twice"
            found[int(cells[0])] = tuple(cells[1:])
    return found

@test("the manual's table says what the messages say")
def the_manual_agrees():
    wanted = messages(MODULE)[0] | messages(DELIVERY)[0]
    told = table()
    for number in sorted(wanted.keys() | told.keys()):
        assert wanted.get(number) == told.get(number), f"{number}: messages.mc {wanted.get(number)}, the manual {told.get(number)}"
    assert len(wanted) == 24 + 11

@test("the messages are plain text with their inserts in order")
def plain():
    for number, text in [*messages(MODULE)[1].items(), *messages(DELIVERY)[1].items()]:
        assert text.isascii(), f"{number}: an old console would not show all of it"
        for line in text.splitlines():
            assert len(line) <= 220, f"{number} is long-winded: {line}"
            assert not re.search(r"%(?![1-9](?![0-9!]))", line), f"{number} has a percent sign that is no insert: {line}"
        used = [int(n) for n in re.findall(r"%(\d)", text)]
        assert used == list(range(1, len(used) + 1)), f"{number} uses its inserts in the order {used}"

SEVERITIES = {"information": 1, "warning": 2, "error": 3}

@test("the DLL's table, and the delivery's, have each message once, in US English, by the number that Event Viewer looks for")
def in_the_files():
    in_the_file("build/bin/certwitness.dll", MODULE)
    in_the_file("build/bin/certwitness-delivery.exe", DELIVERY)

def in_the_file(path, source):
    """US English is the language that FormatMessage tries last, on a Windows of any language. Bits of a number: severity, customer's, reserved, facility, code."""
    found, texts = messages(source)
    pe = pefile.PE(path)
    tables = [language for kind in pe.DIRECTORY_ENTRY_RESOURCE.entries if kind.id == MESSAGE_TABLE for name in kind.directory.entries for language in name.directory.entries]
    assert [table.id for table in tables] == [US_ENGLISH], [hex(table.id) for table in tables]
    data = pe.get_data(tables[0].data.struct.OffsetToData, tables[0].data.struct.Size)
    there = {}
    for n in range(struct.unpack_from("<I", data)[0]):
        low, high, at = struct.unpack_from("<III", data, 4 + 12 * n)
        for number in range(low, high + 1):
            size, flags = struct.unpack_from("<HH", data, at)
            assert flags == 1, f"{number:#x} is not Unicode"
            there[number], at = data[at + 4:at + size].decode("utf-16-le").rstrip("\0"), at + size
    wanted = {SEVERITIES[severity] << 30 | number: texts[number].removesuffix(".").replace("\n", "\r\n") for number, (severity, _, _) in found.items()}
    assert sorted(there) == sorted(wanted), (sorted(map(hex, set(there) ^ set(wanted))))
    for number in wanted: assert there[number] == wanted[number], (hex(number), there[number][-80:], wanted[number][-80:])

def traced(*command):
    """The inserts of every entry, in one list, each after its type, as the real ReportEvent was given them."""
    code, text = wine(*command, env={"WINEDEBUG": "-all,+eventlog"})
    assert code == 0, text
    found = re.findall(r':(trace|warn|err):eventlog:ReportEventW L"(.*)"$', text, re.M)
    return [(kind, insert.replace("\\\\", "\\")) for kind, insert in found]

@test("Windows is given every entry with its inserts, in order")
def arrives():
    folder, sequence, hash = "C:\\ProgramData\\CertWitness\\CA", "%020d" % 42, "8c1f" + "0" * 56 + "e07a"
    head, file, requests = [folder, sequence, hash, "0"], "%020d.jsonl" % 1, [folder, "3", "101, 102 and 1 more", "0"]
    setting = ["SYSTEM\\X\\CertWitness.Exit", "MaxWaitMs", "fast", "It has to be a number.", "0"]
    wanted = [("trace", 5 * head), ("err", 2 * [folder, "0x80041234", "0"] + [folder, "17", "0"]), ("trace", [folder, "0"]),
              ("warn", [folder, file, "4096", "17", "0"]), ("err", [folder, file, "4096", "%020d" % 40, "0"] + requests),
              ("warn", [folder, file, "0x80041234", "0"] + [folder, file, "0"] + [folder, "17", "0"]), ("trace", [folder, "17", "0"]), ("err", requests), ("warn", setting + [folder, "0"]),
              ("err", ["0x80041234", "0"]), ("warn", [folder, "0"] + ["0"]), ("err", ["CA One", "CA Two", "0"]), ("warn", [folder, "D:\\PKI: It can.", "0"])]
    got = traced("build/tests/recorder/eventlog_test.exe", "report")
    assert got == [(kind, insert) for kind, inserts in wanted for insert in inserts], f"got {got}"

@test("the module tells its own troubles")
def module_tells():
    """A second object and a CA without a name, as tests/recorder/recorder_test.c plays them, through the DLL."""
    got = traced("build/tests/recorder/recorder_test.exe", "a_second_object_for_the_same_ca", "a_name_that_could_leave_the_root")
    for name, of in (("CA [^\\\\]+", "second object"), ("unnamed", "CA without a name")):
        known = [kind for kind, insert in got if re.search(r"\\build\\tmp\\recorder\\CertWitness\\" + name + "$", insert)]
        assert "warn" in known, f"no {of} in {got}"

run_tests()
