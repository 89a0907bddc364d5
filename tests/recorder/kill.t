#!/usr/bin/python3
"""
The stub CA under load, killed with SIGKILL at random moments, again and again over the same journal.

    CERTWITNESS_KILLS=2000 wine/run tests/recorder/kill.t        how often (20); `make soak` does this
    CERTWITNESS_SEED=7 wine/run tests/recorder/kill.t            the moments again, as far as a machine repeats itself

After each kill the next run opens what the last one left. Every RequestID that was reported to be acknowledged has to be in the
journal once, every line has to follow the one before, and nothing may have been taken for damage. Some kills come while the
program starts and recovers. Every 20 kills the journal is verified as a whole, and all its segments but the last two are moved
away, so that 2000 need no more room than 20.
"""
import sys; sys.path[0] += "/../lib"
import os, random, time

from stubload import Load, fresh_journal, numbers, run_tests
from tap import test
from verify import verify

CA = "Kill CA"
KILLS = int(os.environ.get("CERTWITNESS_KILLS", 20))
SEED = int(os.environ.get("CERTWITNESS_SEED", random.randrange(1 << 32)))
ROUND = 20
MOST = 500000                           # events of one run: it is killed long before
chance = random.Random(SEED)
counts = {"acknowledged": 0, "lines": 0, "recovered": 0, "before the first event": 0}

def the_program(process):
    """Is the process that we are about to kill the stub CA, and no shell on the way to it?"""
    with open(f"/proc/{process.pid}/comm") as file: return file.read().strip() == "stubca.exe"

def kill_one(number):
    """RequestIDs that were acknowledged. Each run has numbers of its own."""
    load = Load(CA, MOST, 8, "--first", str(number * MOST + 1))
    try:
        if chance.random() < 0.75:
            load.until_acknowledged(1)
            time.sleep(chance.uniform(0, 0.25))
        else:
            time.sleep(chance.uniform(0, 0.6))
        running = the_program(load.process)
        load.end()
        assert load.process.returncode == -9, f"it had ended with {load.process.returncode}: {open(load.err).read()}"
        acknowledged = load.acknowledged()
        assert running or not acknowledged
        counts["before the first event"] += not acknowledged
        return acknowledged
    finally: load.end()

def end_well(number):
    """A run that ends as it should: it recovers what the last kill left."""
    load = Load(CA, 10, 2, "--first", str(number * 10 + 1))
    try:
        told = load.measured()
        assert told["failures"] == {} and load.let_go() == 0, told
        return load.acknowledged()
    finally: load.end()

def check(folder, acknowledged):
    lines = verify(folder)
    got = numbers(lines)
    recorded = set(got)
    lost = [number for number in acknowledged if number not in recorded]
    assert not lost, f"{len(lost)} acknowledged events are lost: {lost[:10]}"
    assert len(recorded) == len(got), "an event is recorded twice"
    kinds = [line["type"] for line in lines]
    assert "certwitness.journal.broken" not in kinds, "a kill was taken for damage"
    counts["acknowledged"] += len(acknowledged)
    counts["lines"] += len(lines)
    counts["recovered"] += kinds.count("certwitness.journal.recovered")

def keep_the_end(folder):
    """The last two segments; what was acknowledged from now on is in them or behind them."""
    for name in sorted(name for name in os.listdir(folder) if name.endswith(".jsonl"))[:-2]: os.remove(f"{folder}/{name}")

@test(f"killed {KILLS} times, no acknowledged event is lost and the chain holds")
def killed():
    folder, number, rounds = fresh_journal(CA), 0, 0
    while number < KILLS:
        acknowledged = []
        for number in range(number + 1, min(number + ROUND, KILLS) + 1): acknowledged += kill_one(number)
        acknowledged += end_well(rounds)
        rounds += 1
        check(folder, acknowledged)
        keep_the_end(folder)
    print("# " + ", ".join(f"{count} {what}" for what, count in counts.items()), flush=True)

print(f"# CERTWITNESS_SEED={SEED}", flush=True)
run_tests()
