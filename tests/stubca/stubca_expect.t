#!/usr/bin/python3
"""What a scenario can expect of times, of what Notify returned, and of files; each kept and each broken.

The module is tests/modules/probe.c. Steps that must fail stand beside others that must not, in few runs.
"""
import sys; sys.path[0] += "/../lib"
import os, re, subprocess, time

from machine import on_machine
from openssl import make_request
from stubload import STUBCA, WORK, fresh_journal, run_tests, until, wine
from tap import test

on_machine("stub")
PROBE = "build/tests/modules/probe.dll"
PLAYED = WORK + "/played.scenario"
ENV = {"PROBE_FILE": WORK + "/probe.txt", "MY_FOLDER": WORK + "/files"}

def head(values): return f"""ca "Expect CA" dns=ca01.example out={WORK}/pki
template User eku=clientAuth days=365
module StubProbe.Exit Silent=1 {values}
"""

def play(steps, values=""):
    """Exit code, output, and of each line behind the head: its text, and why it failed (None: it did not)."""
    if not os.path.exists(WORK + "/good.csr"):
        make_request(WORK + "/good.csr")
        assert wine("regsvr32.exe", "/s", PROBE)[0] == 0
    with open(PLAYED, "w", newline="") as file: file.write(head(values) + "\n".join(steps) + "\n")
    if os.path.exists(ENV["PROBE_FILE"]): os.remove(ENV["PROBE_FILE"])
    code, out, err = wine(STUBCA, "run", PLAYED, env=ENV)
    why = {int(line): text for line, text in re.findall(rf"^# {re.escape(PLAYED)}:(\d+): (.*)$", out, re.M)}
    return code, out + err, [(step, why.get(number)) for number, step in enumerate(steps, 4)]

def submit(name, more): return f"submit {name} request={WORK}/good.csr template=User requester=x {more}"

def judged(played, wanted):
    """Each step with a reason, a regular expression, or with none."""
    code, said, lines = played
    for (step, why), (_, want) in zip(lines, wanted):
        assert (why is None) == (want is None) and (not want or re.fullmatch(want, why)), f"{step}: {why}, expected {want}\n{said}"
    assert code == any(want for _, want in wanted) and len(re.findall("^not ok", said, re.M)) == sum(bool(w) for _, w in wanted), said

def play_all(wanted, values=""): judged(play([step for step, _ in wanted], values), wanted)

@test("how long Notify and a step took is compared with what is expected, both ways")
def times():
    ms = r"took \d+\.\d ms; expected "
    play_all([("start took-ms=..60000", None),
              (submit("a", "notify-ms=300.."), None),
              (submit("b", "notify-ms=299..60000 returns=0"), None),
              (submit("c", "notify-ms=..200"), "submit c: Notify " + ms + "200 or less"),
              (submit("d", "notify-ms=60000.."), "submit d: Notify " + ms + "60000 or more"),
              (submit("e", "notify-ms=400000..500000 times=2"), "submit e: the quickest Notify " + ms + "400000 to 500000"),
              ("crl base notify-ms=300..", None),
              ("crl base notify-ms=1", "crl base: Notify " + ms + "1"),
              ("stop took-ms=300..60000 notify-ms=300..", None),
              ("start took-ms=60000..", "start: it " + ms + "60000 or more"),
              ("stop took-ms=..200", "stop: it " + ms + "200 or less")], "NotifySleeps=301")

@test("of several events the quickest counts")
def quickest():
    """One event in three is slow, as on a machine that was busy elsewhere."""
    play_all([("start", None), (submit("a", "times=3 notify-ms=..1900"), None), ("stop", None)], "FirstNotifySleeps=2000")
    play_all([("start", None), (submit("a", "notify-ms=..1900"), r"submit a: Notify took \d{4,}\..*")], "FirstNotifySleeps=2000")

@test("what nobody was told of is no proof of anything")
def not_told():
    """A step that is no event, or one that the module does not ask for, proves nothing about Notify."""
    nobody = ": no module was told of anything; expected one to be"
    play_all([("start", None), (submit("a", "notify-ms=.."+"1000"), "submit a" + nobody), (submit("b", "returns=0"), "submit b" + nobody),
              ("crl base notify-ms=..60000 returns=0", None),
              ("crl base expect=refused", "crl base is published.*"), (submit("c", "returns=0"), "submit c" + nobody),
              ("stop notify-ms=..1000", "stop" + nobody)], "Mask=0x20")

@test("what Notify returned is compared, success codes too")
def returns():
    play_all([("start", None), (submit("a", "returns=1"), None), (submit("b", "returns=0"), "submit b: Notify returned 0x00000001; expected 0"),
              ("crl base returns=0x80070005", None), ("log 46 probe", None),
              ("crl base returns=0x80070006", "crl base: Notify returned 0x80070005; expected 0x80070006"), ("log 46 probe", None),
              ("stop returns=0x1", None)], "NotifyReturns=1 NotifyFails=0x20")

def write(name, data):
    path = f"{WORK}/files/{name}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file: file.write(data)

@test("files are found, counted, measured and searched")
def files():
    write("one.log", b"first\nsecond \xc3\xa9\r\nlast")
    write("sub1/a.log", b"\0\xff\nneedle\0")
    write("sub2/deep/b.LOG", b"")
    write("sub2/deep/b.log1", b"x" * 70000)
    write("wide.txt", "\ufefföne\ntwo \U0001f512\n".encode("utf-16-le"))
    write("lone.txt", b"\xff\xfe")
    os.makedirs(WORK + "/files/folder.log", exist_ok=True)
    at = WORK + "/files"
    play_all([(f"file {at}/one.log", None),
              (f"file {at}/one.log count=1 size=21 lines=3 contains=first contains=\"second é\" lacks=third", None),
              (f"file %MY_FOLDER%\\one.log lines=3..", None),
              (f"file {at}/none.log expect=missing", None),
              (f"file {at}/none.log count=0", None),
              (f"file {at}/none.log", f"file {at}/none.log: there is none; expected it to be there"),
              (f"file {at}/one.log expect=missing", f"file .*: .*one.log is there; expected none"),
              (f"file {at}/folder.log expect=missing", None),
              (f"file {at}/*.log count=1", None),
              (f"file {at}/sub?/*.log count=1 contains=needle size=10 lines=2", None),
              (f"file {at}/s*/d??p/*.log count=1 size=0 lines=0", None),
              (f"file {at}/sub*/*/*1 size=70000 lines=1", None),
              (f"file {at}/*/*.log count=2", "file .*: count is 1; expected 2"),
              (f"file {at}/one.log size=22..", "file .*: size is 21; expected 22 or more"),
              (f"file {at}/one.log lines=..2", "file .*: lines is 3; expected 2 or less"),
              (f"file {at}/one.log contains=first contains=third", 'file .*: "third" does not stand in it; expected it to'),
              (f"file {at}/one.log lacks=third lacks=second", 'file .*: "second" stands in it; expected it not to'),
              (f"file {at}/wide.txt contains=öne contains=🔒 lines=2 size=24", None),
              (f"file {at}/lone.txt lines=0 size=2", None),
              ("start", None), (submit("a", ""), None), ("stop", None),
              (f"file {WORK}/probe.txt lines=4 contains=start contains=released", None)])

@test("files are read while a module has them open")
def open_files():
    """CertWitness has its journal open for writing while it runs."""
    fresh_journal("Expect CA")
    folder = '%ProgramData%\\CertWitness\\Expect CA\\'
    journal = f'"{folder}*.jsonl"'
    play_all([("module CertWitness.Exit", None), ("start", None), (submit("a", ""), None),
              (f"file {journal} lines=2.. contains=certwitness.certificate.issued lacks=module.stopped", None),
              (f'file "{folder}lock"', None), (f'file "{folder}lock" size=0..', ".*lock cannot be opened: .*"), ("stop", None),
              (f"file {journal} contains=module.stopped", None)])

@test("a file that comes late is waited for, and one that never comes is not waited for too long")
def late_files():
    """The file comes once the first step has found that it is not there."""
    late, seen = WORK + "/files/late.txt", WORK + "/said"
    steps = [f"file {late} expect=missing", f"file {late} contains=whole within-ms=60000", f"file {late}.not within-ms=200"]
    with open(PLAYED, "w") as file: file.write(head("") + "\n".join(steps) + "\n")
    with open(seen, "w") as out: process = subprocess.Popen(["wine/run", STUBCA, "run", PLAYED], stdout=out, stdin=subprocess.DEVNULL)
    until(lambda: "ok 4 - file" in open(seen).read(), "the first step is played")
    write("late.txt", b"half")
    time.sleep(0.3)
    write("late.txt", b"whole")
    assert process.wait(60) == 1
    said = open(seen).read()
    assert "\nok 4 -" in said and "\nok 5 -" in said and "\nnot ok 6 -" in said, said

@test("ranges that are none are refused before anything is played")
def bad_ranges():
    form = "expected a number such as 3, or a range such as 3.., ..5 or 3..5"
    steps = [f"file x {key}={value}" for key in ("count", "size", "lines") for value in ("", "x", "..", "5..3", "3...", "1-2", "-1",
             "1.5", "3..x", "1234567890123456")] + ["stop took-ms=.", "file x contains="]
    with open(PLAYED, "w") as file: file.write(head("") + "start\n" + "\n".join(steps) + "\n")
    code, out, err = wine(STUBCA, "run", PLAYED)
    lines = err.splitlines()
    assert code == 2 and not out and len(lines) == 20, err              # as many as are told
    for number, line in enumerate(lines, 5):
        assert line.startswith(f"{PLAYED}:{number}: ") and line.endswith(form), line
    with open(PLAYED, "w") as file: file.write(head("") + "file x contains=\nfile x size=1 size=2\nfile\nsetting threads=65\n")
    code, out, err = wine(STUBCA, "run", PLAYED)
    assert [line.split(": ", 1)[1] for line in err.splitlines()] == ["contains=, expected a value", "size= stands here twice, expected it once",
            "PATH is missing, expected file PATH", "threads=65, expected a number of threads from 1 to 64"], err

@test("the probe is unregistered again")
def cleaned():
    assert wine("regsvr32.exe", "/u", "/s", PROBE)[0] == 0

run_tests()
