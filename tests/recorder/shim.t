#!/usr/bin/python3
"""
The module on a disk that is watched, hangs, is full or fails: tests/shim/disk.c between Wine and the kernel.

What is proved of the calls is read from the shim's log, whose order is theirs: before an event is reported to have been
acknowledged, its last byte was written, then its segment was flushed (and the folder, where the segment is new), and no
flush of that segment failed in between. Where the events ended up is read from the journal itself.
"""
import sys; sys.path[0] += "/../lib"
import os, re

from stubload import NO_MEMORY, QUEUE_FULL, ISSUED, TIMEOUT, WORK, Load, fresh_journal, journal_of, numbers, run_tests, settings, until
from tap import test
from verify import verify

CA = "Shim CA"
LOG, CONTROL = WORK + "/log", WORK + "/control"
SHIM = {"LD_PRELOAD": os.path.abspath("build/native/tests/shim/disk.so"), "SHIM_WATCH": "/CertWitness/" + CA, "SHIM_LOG": LOG,
        "SHIM_CONTROL": CONTROL, "SHIM_ACKS": WORK + "/acks"}
QUICKLY = ("--value", "MaxWaitMs=2000")

class Disk:
    """Switches, and the log."""
    def __enter__(self):
        os.makedirs(CONTROL, exist_ok=True)
        self.__exit__()
        open(LOG, "w").close()
        return self
    def __exit__(self, *_):
        for name in os.listdir(CONTROL): os.remove(f"{CONTROL}/{name}")
    def on(self, name): open(f"{CONTROL}/{name}", "w").close()
    def off(self, name): os.remove(f"{CONTROL}/{name}")
    def log(self): return [line.rstrip("\n") for line in open(LOG)]
    def until_logged(self, word): until(lambda: any(line.startswith(word) for line in self.log()), f"the shim sees: {word}")

class File:
    """What is known of one file, reading the log from its beginning."""
    def __init__(self):
        self.unflushed, self.flushed, self.flushing, self.begins_here = [], [], {}, False

    def covers(self, start, end):
        for first, last in sorted(self.flushed):
            if first > start: break
            start = max(start, last)
        return start >= end

def read_log(log, at_acknowledgement):
    """Calls at_acknowledgement(number, files, folder) as the log stood when that was reported."""
    files, folder_flushed, folder_flushing = {}, set(), {}
    for line in log:
        word, rest = line.split(" ", 1)
        if word == "wrote":
            offset, size, path = rest.split(" ", 2)
            assert int(offset) >= 0, "a write without an offset: " + line
            file = files.setdefault(os.path.basename(path), File())
            file.begins_here |= offset == "0"
            # Bytes that are written anew are not on disk until they are flushed anew.
            start, end = int(offset), int(offset) + int(size)
            file.flushed = [part for a, b in file.flushed for part in ((a, min(b, start)), (max(a, end), b)) if part[0] < part[1]]
            file.unflushed.append((start, end))
        elif word == "flushing":
            number, path = rest.split(" ", 1)
            name = os.path.basename(path)
            file = files.setdefault(name, File())
            if name.endswith(".jsonl"): file.flushing[number] = list(file.unflushed)
            else: folder_flushing[number] = {name for name, file in files.items() if file.begins_here}
        elif word == "flushed":
            number, code, path = rest.split(" ", 2)
            name = os.path.basename(path)
            if not name.endswith(".jsonl"):     # the folder
                if code == "0": folder_flushed |= folder_flushing.pop(number)
                continue
            file = files[name]
            begun = file.flushing.pop(number)
            file.unflushed = [part for part in file.unflushed if part not in begun]
            # What a failed flush has not written, no later flush will: it stays what it is, not on disk.
            if code == "0": file.flushed += begun
        elif word == "acked":
            for number in rest.split(): at_acknowledgement(int(number), files, folder_flushed)

def places(ca):
    """RequestID: (segment, where its line begins, where it ends), of the lines that count."""
    found, lines = {}, {line["id"]: line for line in verify(journal_of(ca))}
    for name in sorted(name for name in os.listdir(journal_of(ca)) if name.endswith(".jsonl")):
        end = 0
        for raw in open(f"{journal_of(ca)}/{name}", "rb"):
            start, end = end, end + len(raw)
            line = lines.pop(re.search(rb'"id":"([^"]*)"', raw)[1].decode(), None)
            if line and line["type"] == ISSUED: found.setdefault(line["data"]["request"]["RequestID"], []).append((name, start, end))
    assert all(len(where) == 1 for where in found.values()), "an event stands twice"
    return {number: where[0] for number, where in found.items()}

def prove_calls(disk, load):
    """Every acknowledged event was on disk before it was acknowledged. Returns how many that were."""
    where, proved = places(CA), []
    def check(number, files, folder_flushed):
        assert number in where, f"request {number} was acknowledged and is not in the journal"
        name, start, end = where[number]
        assert name in files, f"request {number}: nothing was written to {name} before it was acknowledged"
        assert files[name].covers(start, end), \
            f"request {number} was acknowledged before bytes {start} to {end} of {name} were flushed"
        assert not files[name].begins_here or name in folder_flushed, f"request {number}: {name} is new, its folder not flushed"
        proved.append(number)
    read_log(disk.log(), check)
    assert sorted(proved) == sorted(load.acknowledged()), "the shim has not seen every acknowledgement"
    return len(proved)

def left_what_failed(disk):
    """Nothing is written to a segment with acknowledged lines any more once a write or a flush of it has failed. One that failed
    from its first line may be begun again. Returns how many segments failed."""
    good, failed = set(), set()
    for line in disk.log():
        word, rest = line.split(" ", 1)
        name, code = os.path.basename(line), rest.split(" ")[1] if word == "flushed" else ""
        if word == "failed" or code not in ("", "0"): failed.add(name)
        assert word != "wrote" or name not in good & failed, f"written to after a failure: {line}"
        if code == "0" and name not in failed: good.add(name)
    return len(failed)

def all_there(events):
    """Every event is on record once, in a chain that holds, whatever was said of it."""
    got = sorted(numbers(verify(journal_of(CA))))
    assert got == list(range(1, events + 1)), f"{len(got)} of {events} events: {got[:5]} to {got[-5:]}"

def in_force(name, least):
    return max(settings(verify(journal_of(CA)))[name], least)

@test("an event is flushed, and the folder of a new segment, before it is acknowledged")
def flushed_first():
    fresh_journal(CA)
    with Disk() as disk:
        load = Load(CA, 1200, 8, "--value", "SegmentMiB=1", env=SHIM)
        try:
            assert load.measured()["failures"] == {}
            assert load.let_go() == 0
            assert prove_calls(disk, load) == 1200
            all_there(1200)
        finally: load.end()

@test("a disk that hangs costs one wait, and what waited is written in order when it is back")
def hangs():
    events = 400
    fresh_journal(CA)
    with Disk() as disk:
        load = Load(CA, events, 1, *QUICKLY, env=SHIM | {"SHIM_BEGIN": "20 stall"})
        try:
            told = load.measured()
            acknowledged, wait = len(load.acknowledged()), in_force("MaxWaitMs", 0) / 1000
            assert told["failures"] == {TIMEOUT: events - acknowledged}, told["failures"]
            # It waited once. All the others did not wait: they are hundreds.
            assert told["notify_us"]["max"] >= wait * 0.9e6, told
            assert told["longest_thread_seconds"] < wait + 1 + events * told["reads"]["us"]["max"] / 1e6, told
            disk.off("stall")
            until(lambda: len(numbers(lines_so_far())) == events, "what waited is written")
            assert load.let_go() == 1
            assert numbers(verify(journal_of(CA))) == list(range(1, events + 1)), "what waited is in order"
            prove_calls(disk, load)
        finally: load.end()

def lines_so_far():
    """While somebody writes there may be half a line at the end."""
    try: return verify(journal_of(CA))
    except (SystemExit, OSError): return []

@test("a disk that hangs from the start keeps nothing from starting, and loses nothing")
def hangs_from_the_start():
    fresh_journal(CA)
    with Disk() as disk:
        disk.on("stall")
        load = Load(CA, 50, 2, *QUICKLY, env=SHIM)
        try:
            told = load.measured()
            assert told["failures"] == {TIMEOUT: 50}, told
            assert load.acknowledged() == []
            disk.off("stall")
            until(lambda: len(numbers(lines_so_far())) == 50, "what waited is written")
            assert load.let_go() == 1
            all_there(50)
        finally: load.end()

@test("a disk that is full for a while loses nothing")
def full():
    events = 400
    fresh_journal(CA)
    with Disk() as disk:
        load = Load(CA, events, 4, env=SHIM | {"SHIM_BEGIN": "20 enospc"})
        try:
            disk.until_logged("failed 28")
            disk.off("enospc")
            told = load.measured()
            assert set(told["failures"]) <= {TIMEOUT}, told     # on a slow machine the retry may come too late for some
            load.let_go()
            prove_calls(disk, load)
            assert left_what_failed(disk) >= 1
            all_there(events)
        finally: load.end()

def fails_once(how):
    events = 400
    fresh_journal(CA)
    with Disk() as disk:
        load = Load(CA, events, 4, env=SHIM | {"SHIM_BEGIN": "20 " + how})
        try:
            told = load.measured()
            assert set(told["failures"]) <= {TIMEOUT}, told
            load.let_go()
            prove_calls(disk, load)
            assert left_what_failed(disk) == 1
            all_there(events)
        finally: load.end()

@test("a flush that fails acknowledges nothing, and nothing is lost")
def a_flush_fails(): fails_once("eio-fsync")

@test("a write that fails acknowledges nothing, and nothing is lost")
def a_write_fails(): fails_once("eio-write")

def hung_with_many(queue_mib):
    """64 threads, 100 events each."""
    threads, each = 64, 100
    events = threads * each
    fresh_journal(CA)
    with Disk() as disk:
        load = Load(CA, events, threads, *QUICKLY, "--value", f"QueueMiB={queue_mib}", env=SHIM | {"SHIM_BEGIN": "20 stall"})
        try:
            told = load.measured()
            acknowledged, lost = load.acknowledged(), told["failures"].get(QUEUE_FULL, 0)
            wait = in_force("MaxWaitMs", 0) / 1000
            assert set(told["failures"]) <= {TIMEOUT, QUEUE_FULL} and sum(told["failures"].values()) == events - len(acknowledged)
            assert len(acknowledged) < events, "the disk hung too late"
            assert told["longest_thread_seconds"] < wait + 1 + each * told["reads"]["us"]["max"] / 1e6, told
            grown = told["memory"]["peak_working_set"] - told["memory"]["start"]["working_set"]
            assert grown < (in_force("QueueMiB", 0) + 4 * threads) << 20, f"memory has grown by {grown} bytes"
            disk.off("stall")
            until(lambda: len(numbers(lines_so_far())) >= events - lost, "what waited is written")
            load.let_go()
            prove_calls(disk, load)
            return acknowledged, lost, in_force("QueueMiB", 0)
        finally: load.end()

def in_order(threads):
    """A thread begins its next event after it has queued the one before: so when the p-th was queued, at most `threads` - 1
    others had a number and were not queued yet, and its own number is at most p + `threads` - 1."""
    got = numbers(verify(journal_of(CA)))
    late = [(place, number) for place, number in enumerate(got, 1) if number > place + threads - 1]
    assert not late, f"out of order, as (place, number): {late[:5]}"

@test("64 threads on a disk that hangs wait once each, and nothing is lost")
def hung_with_room():
    _, lost, _ = hung_with_many(64)
    assert lost == 0
    all_there(6400)
    in_order(64)

@test("what does not fit into memory meanwhile is counted in journal.gap")
def hung_without_room():
    acknowledged, lost, queue = hung_with_many(1)
    lines = verify(journal_of(CA))
    assert queue > 1 or lost, "64 threads offer more than one MiB"
    got = numbers(lines)
    assert len(set(got)) == len(got) == 6400 - lost and set(acknowledged) <= set(got)
    gaps = [line["data"] for line in lines if line["type"] == "certwitness.journal.gap"]
    assert sum(gap["events"] for gap in gaps) == lost, f"{lost} events did not fit, journal.gap says {gaps}"
    named = [number for gap in gaps for number in gap["requestIDs"] if isinstance(number, int)]
    assert set(named).isdisjoint(got) and len(set(named)) == len(named)

def ends_of_lines():
    return sum(open(f"{journal_of(CA)}/{name}", "rb").read().count(b"\n") for name in os.listdir(journal_of(CA)) if name.endswith(".jsonl"))

@test("150 threads whose events are read and wait at once share 128 MiB for them; what is beyond is counted in journal.gap")
def bound_of_what_is_read():
    threads, events = 150, 200
    fresh_journal(CA)
    with Disk() as disk:
        # 175,000 characters of three bytes: somewhat more than half of the longest line, which takes as much room.
        load = Load(CA, events, threads, "--value", "MaxWaitMs=10000", "--value", "QueueMiB=1024", "--attributes", "175000",
                    env=SHIM | {"SHIM_BEGIN": "3 stall"})
        try:
            told = load.measured(300)
            lost, late = told["failures"].get(NO_MEMORY, 0), told["failures"].get(TIMEOUT, 0)
            assert set(told["failures"]) == {TIMEOUT, NO_MEMORY} and lost and 64 <= late, told
            grown = told["memory"]["peak_working_set"] - told["memory"]["start"]["working_set"]
            print(f"# memory has grown by {grown >> 20} MiB; {lost} events are lost, {late} wait")
            disk.off("stall")
            until(lambda: ends_of_lines() >= events - lost, "what waited is written")
            load.let_go()
            lines = verify(journal_of(CA))
            assert len(numbers(lines)) == events - lost, f"{len(numbers(lines))} lines, {lost} lost"
            gaps = [line["data"] for line in lines if line["type"] == "certwitness.journal.gap"]
            assert sum(gap["events"] for gap in gaps) == sum(gap["why"].get("noMemory", 0) for gap in gaps) == lost, gaps
        finally: load.end()

run_tests()
