#!/usr/bin/python3
"""Scenarios in which the process is killed, or the disk hangs, is full or fails; judged by what CertWitness's journal holds."""
import sys; sys.path[0] += "/../lib"
import os, time

from machine import on_machine
from openssl import make_request
from stubload import STUBCA, WORK, fresh_journal, journal_of, numbers, run_tests, wine
from tap import test
from verify import verify

on_machine("stub")
CA = "Trouble CA"
CONTROL = WORK + "/control"
SHIM = {"LD_PRELOAD": os.path.abspath("build/native/tests/shim/disk.so"), "SHIM_WATCH": "/CertWitness/" + CA,
        "SHIM_LOG": WORK + "/log", "SHIM_CONTROL": CONTROL, "SHIM_ACKS": WORK + "/acks"}
HEAD = f"""ca "{CA}" dns=ca01.example out={WORK}/pki
template User eku=clientAuth days=365
module CertWitness.Exit MaxWaitMs=4000
"""
# The next event comes once the journal has tried again, which it does every five seconds. Until then nothing waits a second time; nor
# between the write and the end of its flush, the one of that number.
def once_there(name, flush):
    return f'file "%ProgramData%\\CertWitness\\{CA}\\*.jsonl" contains="EXAMPLE\\\\{name}" within-ms=60000\n' \
           f'file "Z:{os.path.abspath(WORK)}/log" contains="flushed {flush} 0 " within-ms=60000\n'

def scenario(steps, name="played", head=HEAD):
    with open(f"{WORK}/{name}.scenario", "w") as file: file.write(head + steps)
    return f"{WORK}/{name}.scenario"

def submit(*names):
    return "".join(f'submit {name} request={WORK}/good.csr template=User requester="EXAMPLE\\{name}"\n' for name in names)

def play(steps, env=()):
    """Exit code, and all it printed. The request is made when it is first needed."""
    if not os.path.exists(WORK + "/good.csr"): make_request(WORK + "/good.csr")
    code, out, err = wine(STUBCA, "run", scenario(steps), env=env)
    return code, out + err

def kinds(lines): return [line["type"].removeprefix("certwitness.") for line in lines]

@test("a process that is killed at a step leaves every event before it, and the next run goes on in the journal")
def killed():
    fresh_journal(CA)
    code, said = play("start\n" + submit("alice", "bob") + "revoke bob\nkill\n")
    assert code == 0 and "ok 8 - kill\nok 9 - " in said and said.startswith("1..9\n"), said
    before = verify(journal_of(CA))
    assert kinds(before) == ["module.started"] + ["certificate.issued"] * 2 + ["certificate.revoked"], kinds(before)
    code, said = play("start\n" + submit("carol") + "stop\n")
    assert code == 0, said
    lines = verify(journal_of(CA))
    assert lines[:len(before)] == before, "what was there before the kill is there"
    later = lines[len(before):]
    assert kinds(later) == ["module.started", "certificate.issued", "ca.stopping", "module.stopped"], kinds(later)
    assert later[0]["data"]["module"]["endedCleanly"] is False, later[0]
    code, said = play("start\nstop\n")
    assert code == 0, said
    started = [line for line in verify(journal_of(CA)) if line["type"] == "certwitness.module.started"]
    assert [line["data"]["module"]["endedCleanly"] for line in started] == [True, False, True], started

@test("a kill does not hide that a step before it failed")
def killed_with_failures():
    fresh_journal(CA)
    code, said = play("start\nsubmit eve request=/none requester=x template=User\nkill\n")
    assert code == 1 and "\nnot ok 5 - submit eve" in said and "\nok 6 - kill\n" in said, (code, said)

@test("a kill with anything behind it is refused before anything is played")
def killed_only_at_the_end():
    for steps, line in (("start\nkill\nstop\n", 6), ("start\nkill\nkill\n", 6), ("kill\n", 4),
                        ("start\ntogether threads=2\nkill\napart\n", 6)):
        code, said = play(steps)
        assert code == 2 and said.startswith(f"{WORK}/played.scenario:{line}: ") and "kill" in said.split("\n")[0], (steps, said)
    first, second = scenario("start\nkill\n", "first"), scenario("start\nstop\n", "second")
    code, out, err = wine(STUBCA, "run", first, second)
    assert code == 2 and not out and err.startswith(f"{first}:5: kill"), (out, err)
    code, out, err = wine(STUBCA, "run", second, first)
    assert code == 0 and out.startswith("1..12\n"), (out, err)

def disk(steps):
    fresh_journal(CA)
    open(WORK + "/log", "w").close()
    os.makedirs(CONTROL, exist_ok=True)
    try: return *play(steps, SHIM), os.listdir(CONTROL)
    finally:
        for name in os.listdir(CONTROL): os.remove(f"{CONTROL}/{name}")

@test("a disk that hangs makes Notify fail, and no event is lost")
def stalled():
    code, said, left = disk("start\n" + submit("alice") + "disk stall\n" + submit("bob") + 'log 46 "waits in memory"\n' +
                            "disk normal\n" + once_there("bob", 3) + submit("carol") + "stop\n")
    assert code == 0 and not left, (said, left)
    assert numbers(verify(journal_of(CA))) == [1, 2, 3], "every event is on record, in order"
    assert any(line.startswith("stalled ") for line in open(WORK + "/log")), "the disk has hung"

@test("a disk that is full or fails makes Notify fail, and no event is lost")
def full_and_failing():
    for word, errno in (("full", 28), ("failing", 5)):
        code, said, left = disk("start\n" + submit("alice") + f"disk {word}\n" + submit("bob") + "log 46 \"not about the CA's database sessions\"\ndisk normal\n" +
                                once_there("bob", 4) + submit("carol") + "stop\n")      # 4: the folder, for the new segment
        assert code == 0 and not left, (word, said, left)
        assert sorted(numbers(verify(journal_of(CA)))) == [1, 2, 3], f"{word}: an event is lost"
        assert any(line.startswith(f"failed {errno} ") for line in open(WORK + "/log")), f"the disk was not {word}"

@test("a scenario that ends with a disk that hangs ends all the same")
def normal_in_the_end():
    code, said, left = disk("start\n" + submit("alice") + "disk stall\n")
    assert code == 0 and not left, (said, left)
    assert kinds(verify(journal_of(CA)))[-1] == "module.stopped"

@test("what is killed while the disk hangs has no more than was acknowledged")
def killed_while_the_disk_hangs():
    code, said, left = disk("start\n" + submit("alice") + "disk stall\n" + submit("bob") + 'log 46 "waits in memory"\nkill\n')
    assert code == 0 and left == ["stall"], (said, left)
    assert numbers(verify(journal_of(CA))) == [1], "what waited in memory died with the process, as Notify had said"

@test("Release ends in time while the disk hangs, and leaves the writer its code")
def released_while_the_disk_hangs():
    """The module stays loaded with its writer, as the stub CA complains; the last event is written once the disk is back."""
    begun = time.monotonic()
    code, said, left = disk("start\n" + submit("alice") + "disk stall\n" + submit("bob") + 'log 46 "waits in memory"\nstop\n' +
                            'log 46 "waits in memory"\n')
    assert code == 1 and not left and said.count("\nnot ok ") == 1 and "CertWitness.Exit is still loaded" in said, (code, said)
    assert time.monotonic() - begun < 60, "Notify, SHUTDOWN and Release wait for MaxWaitMs each, 4 s, and the stub CA 10 s for the DLL"
    assert numbers(verify(journal_of(CA)))[0] == 1

@test("without the shim a disk step fails and says what it wants")
def without_the_shim():
    fresh_journal(CA)
    os.makedirs(CONTROL, exist_ok=True)
    for env in ((), {"SHIM_CONTROL": CONTROL}):
        code, said = play("start\ndisk full\nstop\n", env)
        assert code == 1 and "not ok 5 - disk full\n" in said, said
        assert f"# {WORK}/played.scenario:5: the disk is out of reach" in said, said
    code, said = play("disk broken\n")
    assert code == 2 and f'{WORK}/played.scenario:4: "broken", expected stall, full, failing or normal' in said, said

run_tests()
