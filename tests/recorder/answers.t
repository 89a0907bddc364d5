#!/usr/bin/python3
"""The module under every answer that a CA may give where its contract is open: a day of the stub CA for each word of each setting that it has.

The settings are those that the stub CA's help lists, so that a new one is played by itself. Each day has a CA and a journal of its own, and the
same events; what a setting changes of them stands in CHANGES.
"""
import sys; sys.path[0] += "/../lib"
import os, re, shutil

from commands import run, wine
from machine import on_machine
from openssl import make_request
from tap import check, run as run_tests, test
from verify import verify

on_machine("stub")
WORK, REQUESTS = "build/tmp/answers", "build/answers"
NUMBERS = {"call-seconds": ["60"], "stop-seconds": ["60"], "threads": ["1", "64"]}      # what a setting that is no choice is given

STEPS = """start
submit a request={requests}/good.csr template=User requester="DEMO\\a"
submit b request={requests}/good.csr template=Slow requester="DEMO\\b" expect=pending
approve b
retrieve b
submit c request={requests}/forged.csr template=User requester="DEMO\\c" expect=failed
submit d request={requests}/good.csr template=Slow requester="DEMO\\d" expect=pending
deny d
hold a
release a
revoke a reason=keyCompromise
import e file={requests}/foreign.crt
crl base delta
stop
"""
DAY = ["module.started", "issued/20", "pending/9", "issued/20", "retrieved/20", "denied/30", "pending/9", "denied/31", "revoked/21", "unrevoked/20",
       "revoked/21", "imported/12", "crl.issued", "ca.stopping", "module.stopped"]

def without(*gone): return lambda day: [event for event in day if event not in gone]

# (what becomes of the steps, what becomes of the events)
CHANGES = {
    "startup=on": (str, lambda day: day[:1] + ["ca.started"] + day[1:]),
    "retrieve-event=off": (str, without("retrieved/20")),
    "failed-event=off": (str, without("denied/30")),
    "rows=volatile": (lambda steps: re.sub(r"^(?:hold a|release a|revoke a.*)$", r"\g<0> expect=refused", steps, flags=re.M),
                      without("revoked/21", "unrevoked/20")),
}

def answers():
    """Every NAME=WORD of the help."""
    said = re.search(r"^  setting (.*?)^      \S", wine("build/bin/stubca.exe", "--help")[1], re.M | re.S)[1]
    listed = re.findall(r"\[([\w-]+)=(\S+)\]", said)
    return [f"{name}={word}" for name, words in listed
            for word in (words.split("|") if words != "..." else NUMBERS.get(name, ["NUMBERS has no value for this setting"]))]

def name_of(answer): return "Answers " + answer.replace("=", " ")

def journal_of(answer): return os.path.join(os.environ["WINEPREFIX"], "drive_c/ProgramData/CertWitness", name_of(answer))

def play(answer):
    change, _ = CHANGES.get(answer, (str, list))
    path = f"{WORK}/{answer}.scenario"
    shutil.rmtree(journal_of(answer), ignore_errors=True)
    with open(path, "w") as file:
        file.write(f'ca "{name_of(answer)}" dns=ca.example out={WORK}/{answer}.pki\ntemplate User eku=clientAuth days=365\n'
                   "template Slow eku=serverAuth days=365 approval=manager\n"
                   f"module CertWitness.Exit SegmentMiB=3\nsetting {answer}\n" + change(STEPS.format(requests=REQUESTS)))
    return wine("build/bin/stubca.exe", "run", path)

def shown(line):
    kind = line["type"].removeprefix("certwitness.").removeprefix("certificate.")
    disposition = line["data"].get("request", {}).get("Disposition")
    return kind if disposition is None else f"{kind}/{disposition}"

def judge(answer):
    code, said = play(answer)
    if code: return f"{answer}: exit code {code}\n{said}"
    try: lines = verify(journal_of(answer))
    except (OSError, SystemExit) as fault: return f"{answer}: {fault}"
    got, want = [shown(line) for line in lines], CHANGES.get(answer, (str, list))[1](DAY)
    if got != want: return f"{answer}: {got}\nand not {want}"
    if any(line["data"].get("missing") for line in lines): return f"{answer}: something is missing"
    if lines[0]["data"]["settings"]["SegmentMiB"] != 3: return f"{answer}: the settings are not in force"
    code, said = run("build/native/certwitness", "verify", journal_of(answer))
    if code: return f"{answer}: certwitness verify: {code}\n{said}"

@test("the stub CA lists its settings, with every word")
def listed():
    got = answers()
    check(len(got) == len(set(got)) and len(got) >= 50, got)
    check({"location=refused", "contexts=strict", "threads=64", "dates=utc"} <= set(got), got)

@test("under every answer each event has its line, nothing is missing, the settings are in force, and the journal verifies")
def every_answer():
    for answer in answers():
        if wrong := judge(answer): check(False, wrong)

@test("an answer that loses an event is noticed")
def notices():
    """The judge itself: a day of which one event is not expected."""
    CHANGES["dates=utc"] = (str, without("crl.issued"))
    wrong = judge("dates=utc")
    del CHANGES["dates=utc"]
    check(wrong and "'crl.issued'" in wrong, wrong)

for folder in (WORK, REQUESTS):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
make_request(f"{REQUESTS}/good.csr", "-outform", "DER")
make_request(f"{REQUESTS}/foreign.crt", "-x509", name="foreign")
der = bytearray(open(f"{REQUESTS}/good.csr", "rb").read())
der[-1] ^= 1
open(f"{REQUESTS}/forged.csr", "wb").write(der)
wine("regsvr32.exe", "/s", "build/bin/certwitness.dll")
run_tests(finish=lambda: wine("regsvr32.exe", "/u", "/s", "build/bin/certwitness.dll"))
