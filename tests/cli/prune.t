#!/usr/bin/python3
"""certwitness prune: what goes, that it is on record first, and that no clock, interruption or neighbour makes it take more. The journals are made from the
prose of the format; a writer of ours keeps them open where one is wanted."""
import sys; sys.path[0] += "/../lib"
import contextlib, glob, json, os, pty, random, shutil, signal, subprocess, time
from datetime import datetime, timedelta, timezone

from chains import hash_of, line, name
from tap import run as run_tests, same, test
from verify import verify

WORK = "build/tmp/prune"
PROGRAM, KEEPER = "build/native/src/cli/certwitness", "build/native/tests/journal/journal_keeper"
NOW = datetime.now(timezone.utc)
RULE = ("--older-than", "365d")
random.seed(12)

def at(days):
    """So many days ago, as a line has it."""
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

def made(label, files):
    """A folder with a chain: a list of files, each a list of ages in days. Returns it and the lines."""
    folder = f"{WORK}/{label}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, 0o700)
    n, previous, lines = 1, "0" * 64, []
    for ages in files:
        text = b""
        first = n
        for age in ages:
            kind = dict(type="module.started", subject="", data='{"module":{"run":"01234567-89ab-4def-8123-456789abcdef"}}') if n == 1 else {}
            lines.append(line(n, previous, time=at(age), **kind))
            previous = hash_of(lines[-1])
            text += lines[-1]
            n += 1
        with open(f"{folder}/{name(first)}", "wb") as out: out.write(text)
    return folder, lines

def days(first, last, step, each=1):
    """Files of `each` lines from `first` days ago to `last`."""
    ages = [first - i * step for i in range(int((first - last) / step) + 1)]
    return [ages[i:i + each] for i in range(0, len(ages), each)]

def files(folder): return sorted(file for file in os.listdir(folder) if file.endswith(".jsonl"))

def prune(folder, *words, program=PROGRAM, **how):
    ran = subprocess.run([program, "prune", *words, folder], capture_output=True, text=True, stdin=subprocess.DEVNULL, **how)
    return ran.returncode, ran.stdout, ran.stderr

@contextlib.contextmanager
def kept(folder, look_ms=20):
    keeper = subprocess.Popen([KEEPER, os.path.abspath(folder), str(look_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert keeper.stdout.readline() == "open\n"
        yield keeper
    finally:
        keeper.stdin.close()
        assert keeper.wait() == 0

def pruned(folder): return [entry["data"] for entry in verify(folder) if entry["type"] == "certwitness.journal.pruned"]

def holds(folder):
    """Both readers say so, and what is gone is on record."""
    first = int(files(folder)[0][:20])
    said = subprocess.run([PROGRAM, "verify", "--json", folder], capture_output=True, text=True)
    found = [entry.get("kind") for entry in map(json.loads, said.stdout.splitlines())]
    assert said.returncode == 0, (said.stdout[-2000:], said.stderr)
    records = pruned(folder)
    if first > 1: assert any(record["sequence"] == first - 1 for record in records), (first, records)
    return records

def refuses(folder, part, *words, **how):
    before = files(folder)
    code, said, wrong = prune(folder, *(words or RULE), **how)
    assert code == 2 and part in wrong and "othing was removed" in wrong, (code, said, wrong)
    same(files(folder), before, "what is there")

OLD = days(430, 424, 1) + days(420, 0, 7)       # seven files of one week, and a file a week up to now

@test
def what_is_old_goes_once_it_is_on_record():
    folder, lines = made("goes", OLD)
    before = len(files(folder))
    with kept(folder):
        code, said, wrong = prune(folder, *RULE)
    assert code == 0 and "7 files are removed" in said, (code, said, wrong)
    same(len(files(folder)), before - 7, "files")
    record, = holds(folder)
    same((record["sequence"], record["hash"], record["segments"], record["rule"], record["archived"]),
         (7, hash_of(lines[6]), 7, "--older-than 365d", False), "the record")
    assert record["account"] and abs(datetime.fromisoformat(record["before"][:-1] + "+00:00") - NOW + timedelta(days=365)) < timedelta(hours=1), record
    assert not os.path.exists(f"{folder}/prune")
    told = subprocess.run([PROGRAM, "verify", "--json", folder], capture_output=True, text=True).stdout
    assert f"up to 7 were removed by the rule --older-than 365d, asked by {record['account']}." in told, told

@test
def a_run_takes_a_week_of_recording_or_one_file_or_one_of_a_hundred():
    for label, ages, gone in (("week", days(500, 0, 1), 8), ("file", days(500, 0, 10, 2), 1), ("part", days(600, 0, 0.5, 1) + [], 15),
                              ("hundredth", days(3000, 0, 8), 3)):
        folder, _ = made("limit-" + label, ages)
        before = len(files(folder))
        with kept(folder): code, said, wrong = prune(folder, *RULE)
        assert code == 0 and "the next one goes on" in said, (said, wrong)
        same(before - len(files(folder)), gone, label)
        holds(folder)

@test
def run_after_run_takes_all_that_is_old_and_then_nothing():
    folder, _ = made("runs", days(402, 0, 5))
    with kept(folder):
        for _ in range(12): code, said, wrong = prune(folder, *RULE)
    assert code == 0 and "nothing is old enough" in said, (code, said, wrong)
    same(len(files(folder)), len(days(402, 0, 5)) - 7, "files")     # the one of 367 days borders on one of 362
    holds(folder)

@test
def a_ca_that_writes_all_the_time_has_a_right_clock_all_the_same():
    folder, _ = made("busy", OLD)
    with kept(folder) as keeper:
        pid = os.fork()
        if not pid:                             # one event after the other, until it is killed
            while True: keeper.stdin.write("append\n"), keeper.stdin.flush(), keeper.stdout.readline()
        try: said = [prune(folder, *RULE, "--dry-run") for _ in range(20)] + [prune(folder, *RULE)]
        finally: os.kill(pid, signal.SIGKILL), os.waitpid(pid, 0)
    assert all(code == 0 for code, _, _ in said), said
    holds(folder)

@test
def nothing_goes_without_a_writer_and_with_stopped_it_is_a_run_of_its_own():
    folder, _ = made("stopped", OLD)
    refuses(folder, "no CA has this journal open")
    code, said, wrong = prune(folder, *RULE, "--stopped")
    assert code == 0, (code, said, wrong)
    record, = holds(folder)
    same(record["rule"], "--older-than 365d --stopped", "the rule")
    started, = (entry for entry in verify(folder)[-3:] if entry["type"] == "certwitness.module.started")
    same((started["source"], started["data"]["module"]["program"]), ("/adcs/ca/CA", "certwitness prune"), "its run")
    folder, _ = made("locked", OLD)
    with kept(folder): refuses(folder, "has this journal open", *RULE, "--stopped")

@test
def with_stopped_a_request_that_is_slow_to_open_is_answered_all_the_same():
    folder, _ = made("slow", OLD)
    code, said, wrong = prune(folder, *RULE, "--stopped", program="build/native/certwitness",
                              env={**os.environ, "LD_PRELOAD": os.path.abspath("build/native/tests/shim/slow_open.so"), "SLOW_OPEN": "prune"})
    assert (code, wrong) == (0, ""), (code, said, wrong)
    assert [entry["type"] for entry in verify(folder)].count("certwitness.journal.pruned") == 1 and "prune" not in os.listdir(folder)

@test
def a_dry_run_says_what_would_go_and_writes_nothing():
    folder, _ = made("dry", OLD)
    before = sorted(os.listdir(folder))
    code, said, wrong = prune(folder, *RULE, "--dry-run")
    assert code == 0 and "would go: 7 of" in said and sorted(os.listdir(folder)) == before, (code, said, wrong)

@test
def an_archive_has_the_same_bytes_before_anything_is_removed():
    folder, _ = made("archived", OLD)
    archive = f"{WORK}/archive"
    shutil.rmtree(archive, ignore_errors=True)
    with kept(folder):
        refuses(folder, "Make it first", *RULE, "--archive", archive)
        os.mkdir(archive)
        before = {file: open(f"{folder}/{file}", "rb").read() for file in files(folder)}
        open(f"{archive}/{name(2)}", "wb").write(before[name(2)][:100])         # an interrupted copy
        open(f"{archive}/{name(3)}", "wb").write(before[name(3)])
        open(f"{archive}/{name(5)}", "wb").write(before[name(6)])
        refuses(folder, "another file " + name(5), *RULE, "--archive", archive)
        os.remove(f"{archive}/{name(5)}")
        code, said, wrong = prune(folder, *RULE, "--archive", archive)
    assert code == 0, (code, said, wrong)
    record, = holds(folder)
    same(record["archived"], True, "archived")
    gone = sorted(set(before) - set(files(folder)))
    same(sorted(os.listdir(archive)), gone, "the archive")
    for file in gone: assert open(f"{archive}/{file}", "rb").read() == before[file], file
    for file in files(folder)[:-1]: shutil.copy(f"{folder}/{file}", archive)
    shutil.copy(f"{folder}/{files(folder)[-1]}", archive)
    verify(archive)                             # one chain again

# --- clocks: this machine's is right, so what a wrong one sees is put into the journal ---

@test
def a_clock_400_days_ahead_for_minutes_or_for_three_nights_takes_nothing():
    ages = days(900, 400, 5)                    # the machine's clock is 400 days ahead of these
    for label, wrong in (("none", []), ("minutes", [[0.02, 0.01], [0.001]]), ("nights", days(3, 0, 0.25))):
        folder, _ = made("ahead-" + label, ages + wrong)
        with kept(folder) if wrong else contextlib.nullcontext():
            refuses(folder, "times of the newest lines jump" if wrong else "more than 7 days lie between")

@test
def after_a_jump_ahead_a_right_clock_prunes_again():
    for ahead in (-400, -36000):                # lines of the future, long ago
        ages = days(430, 424, 1) + [[423, 423 + ahead, 422.9]] + [[422 + ahead]] + days(420, 0, 7)
        folder, _ = made("future", ages)
        with kept(folder):
            for _ in range(12): code, said, wrong = prune(folder, *RULE)
        assert code == 0, (said, wrong)
        gone = len(ages) - len(files(folder))
        assert gone >= 13 if ahead < -1000 else gone >= 7, (ahead, gone)
        holds(folder)

@test
def a_clock_back_in_2001_takes_nothing_neither_while_it_is_wrong_nor_after():
    back = (NOW - datetime(2001, 1, 1, tzinfo=timezone.utc)).days
    folder, _ = made("back-now", days(400, 300, 5) + [[-200]])          # the newest line is of after now
    refuses(folder, "one of the two clocks is, or was, wrong")
    folder, _ = made("back", days(100, 10, 5) + [[back, back]] + days(9, 0, 1))
    refuses(folder, "times of the newest lines jump")
    folder, _ = made("back-old", days(300, 200, 5) + [[back, back]] + days(199, 0, 1))
    code, said, wrong = prune(folder, *RULE, "--dry-run")
    assert code == 0 and "nothing is old enough" in said, (said, wrong)         # nothing before it looks old for it

@test
def an_offline_root_that_is_on_two_hours_a_year_says_what_it_sees_and_believes_who_knows_better():
    folder, _ = made("root", [[year * 365, year * 365 - 0.05] for year in range(5, -1, -1)][:-1] + [[0.05, 0.01]])
    with kept(folder):
        refuses(folder, "nothing was recorded for so long")
        code, said, wrong = prune(folder, *RULE, "--now", NOW.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert code == 0 and "1 file is removed" in said, (said, wrong)
    record, = holds(folder)
    assert " --now 20" in record["rule"], record

@test
def a_machine_that_slept_for_a_month_prunes_again_once_it_has_recorded_for_a_month():
    folder, _ = made("slept", days(500, 31.5, 5))
    refuses(folder, "more than 7 days lie between")
    folder, _ = made("woke", days(500, 36, 5) + [[0.01]])
    with kept(folder): refuses(folder, "times of the newest lines jump")
    folder, _ = made("later", days(500, 80, 5) + days(45, 0, 1))
    with kept(folder): code, said, wrong = prune(folder, *RULE)
    assert code == 0 and "removed" in said, (said, wrong)

# --- damage, and others ---

@test
def damage_that_is_not_on_record_stays_with_all_after_it():
    for label, doctor, left in (("oldest", lambda folder: damage(folder, 1), (1, 1)), ("third", lambda folder: damage(folder, 3), (2, 3)),
                                ("hole", lambda folder: os.remove(f"{folder}/{name(4)}"), (3, 3))):
        folder, _ = made("damaged-" + label, OLD)
        doctor(folder)
        with kept(folder): code, said, wrong = prune(folder, *RULE)
        assert code == 1 and "It is evidence" in wrong and name(left[1]) in wrong, (label, code, said, wrong)
        same(int(files(folder)[0][:20]), left[0], label)

def damage(folder, n):
    with open(f"{folder}/{name(n)}", "r+b") as file: file.seek(50), file.write(b"#")

@test
def damage_on_record_goes_when_it_is_old():
    folder, lines = made("recorded", [[430, 429]])
    broken = lines[1][:-70] + b"x" + lines[1][-69:]
    told = line(2, hash_of(lines[0]), type="journal.broken", subject="", time=at(428),
                data='{"file":"%s","offset":%d,"sequence":2,"bytes":%d}' % (name(1), len(lines[0]), len(broken)))
    open(f"{folder}/{name(1)}", "wb").write(lines[0] + broken)
    rest, previous, n = {name(2): told}, hash_of(told), 3
    for age, in days(420, 0, 7):
        rest[name(n)] = line(n, previous, time=at(age))
        previous, n = hash_of(rest[name(n)]), n + 1
    for file, text in rest.items(): open(f"{folder}/{file}", "wb").write(text)
    with kept(folder): code, said, wrong = prune(folder, *RULE)
    assert code == 0 and int(files(folder)[0][:20]) > 1, (said, wrong)
    same(len(pruned(folder)), 1, "records")

@contextlib.contextmanager
def waiting(folder):
    """A prune that waits for the answer of the journal's writer, and is interrupted in the end."""
    one = subprocess.Popen([PROGRAM, "prune", *RULE, folder], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        while not os.path.exists(f"{folder}/prune"):
            assert one.poll() is None, one.stderr.read()
            time.sleep(0.02)
        yield one
    finally: one.send_signal(signal.SIGINT), one.wait()

@test
def two_at_once_do_not_meet():
    folder, _ = made("two", OLD)
    with kept(folder, 3600000):
        with waiting(folder) as first:
            code, said, wrong = prune(folder, *RULE)
            assert code == 2 and "another certwitness prune is at work" in wrong, (code, said, wrong)
        assert first.returncode == 2
    with kept(folder): assert prune(folder, *RULE)[0] == 0
    same(len(holds(folder)), 1, "records")

@test
def killed_at_any_moment_and_run_again_it_leaves_no_hole_and_says_nothing_twice():
    for round in range(6):
        folder, _ = made("killed", days(430, 424, 0.03) + days(420, 0, 7))
        with kept(folder, 5):
            one = subprocess.Popen([PROGRAM, "prune", *RULE, folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.uniform(0, 1.5))
            one.kill(), one.wait()
            verify(folder)                      # whatever is gone, it is the oldest
            code, said, wrong = prune(folder, *RULE)
            assert code == 0, (round, said, wrong)
        same(len({record["sequence"] for record in holds(folder)}), len(pruned(folder)), "records of different lines")

@test
def a_request_that_is_not_answered_is_taken_back():
    folder, _ = made("slow", OLD)
    with kept(folder, 3600000):
        with waiting(folder) as one: pass
        assert one.returncode == 2 and "nothing was removed" in one.stderr.read()
        assert not os.path.exists(f"{folder}/prune")
    same(len(files(folder)), len(OLD), "files")

@test
def all_at_once_is_for_a_person_who_is_asked():
    folder, _ = made("once", OLD)
    code, said, wrong = prune(folder, *RULE, "--all-at-once")
    assert code == 2 and "for a person at a terminal" in wrong and len(files(folder)) == len(OLD), (code, wrong)
    for answer, gone in ((b"y\n", 0), (b"yes\n", 14)):
        with kept(folder):
            ours, theirs = pty.openpty()
            one = subprocess.Popen([PROGRAM, "prune", *RULE, "--all-at-once", folder], stdin=theirs, stdout=theirs, stderr=theirs)
            os.write(ours, answer)
            assert one.wait() == (0 if gone else 2)
            os.close(ours), os.close(theirs)
        same(len(OLD) - len(files(folder)), gone, "gone")

@test
def wrong_options_are_refused():
    folder, _ = made("options", OLD)
    for words, part in ((("--older-than", "0d"), "number of days"), (("--older-than", "365"), "365d"), (("--older-than", "1h"), "365d"), ((), "no RetainDays"),
                        ((*RULE, "--now", "soon"), "not a time")):
        code, said, wrong = prune(folder, *words)
        assert code == 2 and part in wrong, (words, code, wrong)

@test
def however_many_files_there_are_they_are_listed_once():
    count = int(os.environ.get("CERTWITNESS_FILES", 30000))             # making a million takes minutes
    folder, lines = made("million", days(430, 426, 1))
    for n in range(6, count): os.close(os.open(f"{folder}/{name(n)}", os.O_CREAT | os.O_WRONLY, 0o600))
    body, previous = b"", "1" * 64
    for i, age in enumerate(range(40, -1, -1)):
        body += line(count + i, previous, time=at(age))
        previous = hash_of(body[body.rfind(b"\n", 0, -1) + 1:])
    open(f"{folder}/{name(count)}", "wb").write(body)
    told = os.path.abspath(f"{WORK}/listings")
    begun = time.time()
    code, said, wrong = prune(folder, *RULE, "--dry-run", program="build/native/certwitness",
                              env={**os.environ, "LD_PRELOAD": os.path.abspath("build/native/tests/shim/listings.so"), "LISTINGS": told})
    took = time.time() - begun
    shutil.rmtree(folder)
    assert code == 1 and f"would go: 4 of {count} files" in said, (code, said, wrong)
    print(f"# {took:.1f} s")
    assert int(open(told).read()) <= 2, open(told).read()               # one to see that it is a journal, one for all that follows

run_tests()
