#!/usr/bin/python3
"""
Event 46 as an administrator reads it: whether the event WAITS or is LOST, or the CA did NOT ANSWER, and the journal's real reason.

Everything goes through the DLL, driven by the stub CA; the disk is full or hangs by tests/shim/disk.c. What the CA logs is compared with what the
journal holds in the end. (That callbacks fail is tried in recorder_test.c, which has a CA that fails.)
"""
import sys; sys.path[0] += "/../lib"
import os, re, shutil

from commands import windows
from machine import on_machine
from openssl import make_request
from stubload import STUBCA, WORK, fresh_journal, journal_of, numbers, run_tests, wine
from tap import Skip, test
from verify import verify

on_machine("stub")
CA = "Event 46 CA"
CONTROL = WORK + "/control"
SHIM = {"LD_PRELOAD": os.path.abspath("build/native/tests/shim/disk.so"), "SHIM_WATCH": "/CertWitness/" + CA,
        "SHIM_LOG": WORK + "/log", "SHIM_CONTROL": CONTROL, "SHIM_ACKS": WORK + "/acks"}
ANYBODY = r"Everyone|everybody|S-1-1-0"        # who may write there
START = "This is about CertWitness' journal, not about the CA's database sessions. "

def play(settings, steps, env=()):
    """What was printed, and [(step, sentence of event 46)], in their order: the CA logs it while the step is played. All steps succeed; that the
    DLL outlives its last Release, since its writer had no time to end, is up to the speed of the machine."""
    if not os.path.exists(WORK + "/good.csr"): make_request(WORK + "/good.csr")
    os.makedirs(CONTROL, exist_ok=True)
    open(WORK + "/log", "w").close()
    with open(WORK + "/played.scenario", "w") as file:
        file.write(f'ca "{CA}" dns=ca01.example out={WORK}/pki\ntemplate User eku=clientAuth days=365\nmodule CertWitness.Exit {settings}\n'
                   f"start\n{steps}stop\n")
    try: code, out, err = wine(STUBCA, "run", WORK + "/played.scenario", env=env)
    finally:
        for name in os.listdir(CONTROL): os.remove(f"{CONTROL}/{name}")
    said, told, waiting = out + err, [], []
    for line in said.splitlines():
        step = re.match(r"(?:not )?ok \d+ - (?:submit )?([^:]*)", line)
        if line.startswith("# event 46: "): waiting.append(re.search(r"This is about .*|NOT ANSWERED.*|$", line)[0])
        if step: told, waiting = told + [(step[1], one) for one in waiting], []
    failed = [line for line in re.findall(r"^not ok \d+ - (.*)$", re.sub(r"(?m)^not ok \d+ - stop\n# .* the DLL of CertWitness\.Exit is still loaded .*$", "", said), re.M)
              if line != "the event log holds nothing that was not expected"]
    assert not failed and code in (0, 1) and not waiting, (code, failed, said[-3000:])
    return said, told

def of(told, step):
    """The only sentence of that step. What else had to wait did so since the machine is busy, and nothing is lost."""
    for sentence in [one for name, one in told if name != step]: assert sentence.startswith(START + "WAITS: "), told
    assert len([one for name, one in told if name == step]) == 1, told
    return dict(told)[step]

def submit(*names):
    return "".join(f'submit {name} request={WORK}/good.csr template=User requester="EXAMPLE\\{name}"\n' for name in names)

def once_there(name, sequence):
    """That line is in the file, and flushed: the file `head` is written when its flush is done."""
    folder = f"%ProgramData%\\CertWitness\\{CA}"
    return f'file "{folder}\\*.jsonl" contains="EXAMPLE\\\\{name}" within-ms=60000\nfile "{folder}\\head" contains=" {sequence:020} " within-ms=60000\n'

def once_seen(text):
    """By the shim, in what the disk was asked for."""
    return f'file "{windows(WORK + "/log")}" contains="{text}" within-ms=60000\n'

FAILED, STALLED = once_seen("failed 28 "), once_seen("stalled ")

def folder_of(name, mode):
    folder = f"{WORK}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    os.chmod(folder, mode)
    return folder

def is_one(sentence, kind, hresult, reason):
    want = START + ("WAITS: the event waits in memory, and is recorded later in " if kind == "WAITS" else
                    "LOST: the event is not recorded, and will be counted by a journal.gap in ")
    assert sentence.startswith(want), sentence
    assert ("WAITS" in sentence, "LOST" in sentence) == (kind == "WAITS", kind == "LOST"), sentence
    assert f" ({hresult}). The reason: " in sentence, sentence
    assert re.search(reason, sentence.split("The reason: ")[1]), f"{sentence}\nhas no {reason}"

TIMEOUT, QUEUE_FULL = "0x800705b4", "0x80070718"

@test("a full disk: the event WAITS since the disk is full, and is recorded later")
def full():
    fresh_journal(CA)
    said, told = play("MaxWaitMs=2000 MinFreeMiB=0", submit("alice") + "disk full\n" + submit("bob") + FAILED + submit("carol") + "disk normal\n" + once_there("carol", 4), SHIM)
    is_one(of(told, "carol"), "WAITS", TIMEOUT, r"^The disk is full \(0x80070070\)\.")
    assert of(told, "bob") and sorted(numbers(verify(journal_of(CA)))) == [1, 2, 3], said

@test("a disk that hangs: the event WAITS since the disk does not answer, and is recorded later")
def hangs():
    fresh_journal(CA)
    said, told = play("MaxWaitMs=2000", submit("alice") + "disk stall\n" + submit("bob") + "disk normal\n" + once_there("bob", 3), SHIM)
    is_one(of(told, "bob"), "WAITS", TIMEOUT, r"^The disk does not answer\.")
    assert sorted(numbers(verify(journal_of(CA)))) == [1, 2], said

@test("a disk that was full and then hangs does not answer: what was wrong before is no reason any more")
def hangs_after_being_full():
    """It is one for five seconds; the last failure was before the disk was seen to hang."""
    fresh_journal(CA)
    said, told = play("MaxWaitMs=2000 MinFreeMiB=0", submit("alice") + "disk full\n" + submit("bob") + FAILED + submit("carol") + "disk stall\n" + STALLED +
                      "property UPN delay-ms=7000\n" + submit("dave") + "property UPN\ndisk normal\n" + once_there("dave", 5), SHIM)
    is_one(of(told, "carol"), "WAITS", TIMEOUT, r"^The disk is full")
    is_one(of(told, "dave"), "WAITS", TIMEOUT, r"^The disk does not answer\.")
    assert sorted(numbers(verify(journal_of(CA)))) == [1, 2, 3, 4], said

@test("what waits is written when the CA stops and the disk works again, though MaxWaitMs is shorter than the time between two attempts")
def written_at_the_end():
    fresh_journal(CA)
    said, told = play("MaxWaitMs=1200 MinFreeMiB=0", submit("alice") + "disk full\n" + submit("bob") + "disk normal\n", SHIM)
    assert of(told, "bob") and sorted(numbers(verify(journal_of(CA)))) == [1, 2], said

def reasons(told):
    """Of what WAITS, in its order, and that the reason is told as soon as it is known: the first event may come before the journal has seen its folder."""
    known = [sentence for number, (_, sentence) in enumerate(told) if "WAITS" in sentence and (number or "The disk does not answer." not in sentence)]
    assert len(known) > 1, told
    return known

@test("too little free space: the event WAITS, and the setting is named")
def little_free():
    if shutil.disk_usage(WORK).free >= 1 << 38: raise Skip("a quarter of the largest MinFreeMiB is free")
    folder = folder_of("little", 0o700)
    said, told = play(f"JournalDirectory={windows(folder)} MinFreeMiB=1048576 MaxWaitMs=1000", "crl base\n" * 2)
    assert len(told) == 3, said           # the CRLs and the stop
    for sentence in reasons(told): is_one(sentence, "WAITS", TIMEOUT, r"^Only \d+ bytes are free on the disk, less than a quarter of MinFreeMiB\.")

@test("a folder that is refused: the event WAITS, and it is said what is wrong with the folder")
def refused():
    folder = folder_of("refused", 0o777)
    said, told = play(f"JournalDirectory={windows(folder)} MaxWaitMs=1000", "crl base\n" * 2)
    assert len(told) == 3, said
    for sentence in reasons(told):
        is_one(sentence, "WAITS", TIMEOUT, ANYBODY)
        assert "does not answer" not in sentence and "full" not in sentence.split("The reason: ")[1], sentence

@test("a full queue: what fits WAITS, what does not is LOST with another code than a full disk's, and the reason behind it is told")
def queue_full():
    folder = folder_of("queue", 0o777)
    said, told = play(f"JournalDirectory={windows(folder)} QueueMiB=1 MaxWaitMs=1000", "property DispositionMessage size=60000\n" + submit(*(f"s{n}" for n in range(40))))
    assert len(told) == 41, (len(told), said[-3000:])
    told_all = [sentence for _, sentence in told]
    waits, lost = [s for s in told_all if "WAITS" in s], [s for s in told_all if "LOST" in s]
    assert len(waits) + len(lost) == 41 and lost, told_all[-1]
    for sentence in reasons(told): is_one(sentence, "WAITS", TIMEOUT, ANYBODY)
    for sentence in lost: is_one(sentence, "LOST", QUEUE_FULL, "^QueueMiB of events wait in memory already. They wait for this: .*" + ANYBODY)
    assert "0x80070070" not in said and "disk is full" not in said, said

run_tests()
