#!/usr/bin/python3
"""`stubca load`, judged by what it prints, what it acknowledges, and by the journal that the module leaves."""
import sys; sys.path[0] += "/../lib"
import glob, json, re

from stubload import ISSUED, STUBCA, WORK, fresh_journal, journal_of, run_tests, wine
from tap import test
from verify import verify

ACKS = WORK + "/acks"

def load(*options, **more): return wine(STUBCA, "load", *options, "--out", WORK + "/pki", **more)

def issued(folder, since=0):
    return [line["data"] for line in verify(folder)[since:] if line["type"] == ISSUED]

@test("every event is issued, measured, acknowledged and on record, with its own RequestID")
def measures():
    folder = journal_of("Load Test CA")
    before = len(verify(folder)) if glob.glob(folder + "/*.jsonl") else 0
    code, out, err = load("CertWitness.Exit", "--events", "103", "--threads", "4", "--first", "7", "--ca", "Load Test CA",
                          "--acks", ACKS)
    assert code == 0, (code, out, err)
    told = json.loads(out)
    assert (told["events"], told["threads"], told["failures"]) == (103, 4, {}), out
    times = told["notify_us"]
    assert 0 < times["p50"] <= times["p99"] <= times["p99.9"] <= times["max"] <= told["seconds"] * 1e6, out
    assert abs(told["events_per_second"] * told["seconds"] - 103) < 5, out
    assert 0 < told["longest_thread_seconds"] <= told["seconds"], out
    acknowledged = [int(line) for line in open(ACKS)]
    data = issued(folder, before)
    numbers = [line["request"]["RequestID"] for line in data]
    assert sorted(acknowledged) == list(range(7, 110)), acknowledged
    assert sorted(numbers) == list(range(7, 110)), numbers
    # What it says of the calls is what they were: each value that is there was one; SetContext, and those that were empty.
    values = {len(line["request"]) + len(line["certificate"]) for line in data}
    assert told["reads"]["calls"] == told["calls_per_event"] > max(values), (out, values)
    assert all(not line["missing"] for line in data), data[0]["missing"]
    assert len({line["certificate"]["RawCertificate"] for line in data}) == 8
    for moment in ("start", "tenth", "end"):
        assert told["memory"][moment]["working_set"] > 1 << 20 and told["memory"][moment]["handles"] > 3, out

@test("acknowledgements go through a pipe as well, and the measurements behind them")
def to_a_pipe():
    code, out, err = wine("sh", "-c", f"wine {STUBCA} load CertWitness.Exit --events 9 --acks - --ca 'Load Test CA' | cat")
    lines = out.split()
    assert code == 0 and sorted(map(int, lines[:9])) == list(range(1, 10)) and json.loads(lines[9])["events"] == 9, (out, err)

@test("a thread without an event is not counted")
def more_threads_than_events():
    code, out, err = load("CertWitness.Exit", "--events", "2", "--threads", "64", "--ca", "Load Test CA")
    assert code == 0 and json.loads(out)["threads"] == 2, (code, out, err)

@test("what Notify failed with is counted, and nothing of it acknowledged")
def failures():
    probe = {"PROBE_FILE": WORK + "/probe"}.items()
    assert wine("regsvr32.exe", "/s", "build/tests/modules/probe.dll")[0] == 0
    try:
        code, out, err = load("StubProbe.Exit", "--events", "20", "--value", "Silent=1", "--value", "NotifyFails=1",
                              "--acks", ACKS, env=probe)
        assert code == 1 and json.loads(out)["failures"] == {"0x80070005": 20}, (code, out, err)
        assert open(ACKS).read() == "", "a failing Notify acknowledges nothing"
        assert len(re.findall("^# event 46: ", err, re.M)) == 1, err
        code, out, err = load("StubProbe.Exit", "--events", "20", "--value", "InitializeFails=0x80004004", env=probe)
        assert code == 2 and out == "" and "0x80004004" in err and "is not loaded" in err, (code, out, err)
        code, out, err = load("StubProbe.Exit", "--value", "Mask=4", env=probe)
        assert code == 2 and out == "" and "does not want to hear of certificates" in err, (code, out, err)
    finally:
        wine("regsvr32.exe", "/u", "/s", "build/tests/modules/probe.dll")

@test("a run of 100000 events on 32 threads leaves memory and handles where they were after a tenth of it")
def no_leak():
    """After a tenth of the events everything has been allocated once that is kept: threads' heaps, the queue, the writer's buffers.
    Over the 90000 others it may not grow by 24 bytes an event, which is less than the smallest block of a heap (32), nor by one
    handle for each thread. Measured: by 1 byte an event, and no handle."""
    folder, events = fresh_journal("Leak CA"), 100000
    try:
        code, out, err = load("CertWitness.Exit", "--events", str(events), "--threads", "32", "--ca", "Leak CA")
        assert code == 0, (code, out, err)
        told = json.loads(out)
        assert (told["events"], told["threads"], told["failures"]) == (events, 32, {}), out
        tenth, end = told["memory"]["tenth"], told["memory"]["end"]
        grown = end["working_set"] - tenth["working_set"]
        assert grown < 24 * events * 9 // 10, f"memory has grown by {grown} bytes: {out}"
        assert end["handles"] < tenth["handles"] + 32, out
    finally: fresh_journal("Leak CA")

@test("what cannot be done is refused, with a word why")
def usage():
    for options, words in (([], "which module"), (["A", "B"], "B is the second"), (["A", "--events"], "--events wants"),
                           (["A", "--events", "0"], 'cannot be "0"'), (["A", "--threads", "257"], 'cannot be "257"'),
                           (["A", "--threads", "2x"], 'cannot be "2x"'), (["A", "--value", "=3"], 'cannot be "=3"'),
                           (["A", "--first", "-1"], 'cannot be "-1"'), (["A", "--speed", "9"], "no option --speed"),
                           (["No.Such\x1b[31m"], "0x800401f3"), (["A", "--acks", "/no/such/folder/acks"], "cannot be written")):
        code, out, err = wine(STUBCA, "load", *options)
        assert code == 2 and not out and words in err and "\x1b" not in err and "--help" in err, (options, code, out, err)
    code, out, err = wine(STUBCA, "load", "--help")
    assert code == 0 and "--acks" in out and not err

run_tests()
