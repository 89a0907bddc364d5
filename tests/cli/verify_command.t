#!/usr/bin/python3
"""certwitness verify, on the build under sanitizers: good journals and doctored ones, heads, other people's files. The journals are made from the
format's prose, here and in chains.py; tests/lib/verify.py is the judge of what stands in them."""
import sys; sys.path[0] += "/../lib"
import base64, datetime, fcntl, json, os, shutil, struct, subprocess, tempfile, termios, time

from chains import RUN, chain, hash_of, head_file, line, name, seal, write
from commands import windows, wine
from tap import run as run_tests, test
from verify import verify

PROGRAM, ROOT = "build/native/src/cli/certwitness", "build/tmp/reader-verify"
NO_SUBJECT = dict(subject="")

def run(*words, program=(PROGRAM,), data=b"", env=None):
    done = subprocess.run([*program, *words], input=data, capture_output=True, env={**os.environ, **(env or {})})
    return done.returncode, done.stdout.decode(), done.stderr.decode()

def folder(files, twice=[0]):
    twice[0] += 1
    path = f"{ROOT}/{twice[0]}"
    write(path, {n: text if isinstance(text, bytes) else b"".join(text) for n, text in files.items()})
    return path

def flat(text): return " ".join(text.split())

def says(path, code, *sentences, words=(), data=b""):
    """Text has these sentences and fits 80 columns; JSON is one object with the same verdict. Returns the JSON."""
    got, out, err = run("verify", path, *words, data=data)
    assert got == code, f"code {got}, not {code}\n{out}{err}"
    for sentence in sentences: assert sentence in flat(out + err), f"not said: {sentence}\n{out}{err}"
    for row in out.splitlines(): assert len(row) <= 80 or " " not in row.strip(), f"too wide: {row}"
    assert all(c == "\n" or c >= " " and not "\x7f" <= c < "\xa0" for c in out + err), repr(out)
    got, out, err = run("verify", path, "--json", *words, data=data)
    assert got == code, f"--json: code {got}, not {code}\n{out}{err}"
    said = json.loads(out) if out else {}
    assert not out or (said["verdict"] in ("holds", "holds from", "torn tail")) == (code == 0), out
    return said

def head(line): return f"{int(json.loads(line)['sequence'])}:{hash_of(line)}"

LINES = chain(1, 15)
def journal(doctor=lambda files: None):
    files = {name(1): LINES[0:5], name(6): LINES[5:10], name(11): LINES[10:15]}
    doctor(files)
    return files
def place(number, before): return f"line {number} (byte {sum(map(len, before))})"

shutil.rmtree(ROOT, ignore_errors=True)
WHOLE = folder(journal())

@test
def a_sound_journal_holds_from_first_to_last_line_and_its_head_is_shown():
    said = says(WHOLE, 0, "Events 1 to 15", "15 in 3 files", "The journal holds: every line is whole and follows the one before it, from event 1 to event 15.",
                "shows only against a head that was noted elsewhere", "Head, to note down elsewhere: " + head(LINES[14]))
    theirs = verify(WHOLE)
    assert said["head"] == {"sequence": len(theirs), "hash": theirs[-1]["hash"]}, said
    assert (said["first"], said["last"], said["lines"], said["files"], said["source"]) == (1, 15, 15, 3, "/adcs/ca/CA"), said
    assert said["bytes"] == sum(map(len, LINES)) and said["findings"] == [] and said["state"] == "not closed", said

@test
def a_journal_restored_from_an_older_copy_and_written_on_is_recognized_with_what_to_do():
    started = line(6, hash_of(LINES[4]), data='{"module":{"endedCleanly":true}}', type="module.started", subject="")
    restored = folder({name(1): LINES[:5] + [started] + chain(7, 6, hash_of(started))})
    said = says(restored, 1, "or it was restored from a copy made before the head was noted, and written on", "compare with the disk or copy that it replaced, and keep both",
                words=["--head", head(LINES[4]), "--head", head(LINES[9])])
    assert said["verdict"] == "contradicted" and said["heads"]["proven"] == 1, said
    # With the file head of before the restore in the folder the module knows: it goes on behind what that names, and says so.
    record = line(16, hash_of(LINES[4]), type="journal.broken", subject="",
                  data=f'{{"file":"{name(1)}","offset":{sum(map(len, LINES[:5]))},"sequence":6,"bytes":0,"head":{{"run":"{RUN}","sequence":15,"hash":"{hash_of(LINES[14])}"}}}}')
    says(folder({name(1): LINES[:5], name(16): [record]}), 1, "The file head named event 15, which was not there: the last lines were cut off or lost, or the journal was "
         "restored from a copy that was made before.")

@test
def every_change_without_a_recomputed_chain_is_found_and_its_place_named():
    changed = LINES[7][:300] + b"~" + LINES[7][301:]
    for doctor, file, number, kind, sentence in (
            (lambda f: f[name(6)].__setitem__(2, changed), 6, 3, "changed", "event 8 was changed: what is in its place is not a line"),
            (lambda f: f[name(6)].__setitem__(2, line(8, hash_of(LINES[6]), data='{"event":2}')), 6, 4, "changed",
             "event 9 is a whole line, but does not follow event 8"),
            (lambda f: f[name(6)].pop(2), 6, 3, "missing", "event 8 is missing."),
            (lambda f: f.update({name(6): f[name(6)][:2]}), 6, 3, "missing", "events 8 to 10 are missing."),
            (lambda f: f.pop(name(6)), 1, 6, "missing", "events 6 to 10 are missing."),
            (lambda f: f[name(6)].insert(3, f[name(6)].pop(1)), 6, 2, "reordered", "event 8 is where event 7 was expected"),
            (lambda f: f[name(6)].insert(3, LINES[7]), 6, 4, "duplicate", "event 8 is here once more, where event 9 was expected"),
            (lambda f: f[name(6)].insert(3, b"inserted\n"), 6, 4, "changed", "event 9 was changed"),
            (lambda f: f.update({name(6): b"".join(LINES[5:10])[:700]}), 6, 2, "changed", "event 7 was changed"),
            (lambda f: f[name(1)].__setitem__(1, LINES[1].replace(b"request/1", b"request/9")), 1, 2, "changed", "event 2 was changed")):
        files = journal(doctor)
        said = says(folder(files), 1, f"{name(file)}, {place(number, files[name(file)][:number - 1]) if number < 7 and isinstance(files[name(file)], list) else 'line'}",
                    sentence, "Copy the whole folder")
        finding, = (f for f in said["findings"] if f["weight"] == "wrong")
        assert (finding["kind"], finding["file"], finding["line"]) == (kind, name(file), number), said

@test
def any_number_of_threads_says_the_same():
    text = f'{{"text":"{"x" * 3000}"}}'
    lines = chain(1, 400, data=text)
    changed = lines[:220] + [lines[220].replace(b"xxx", b"xyx", 1)] + lines[221:]
    for files in ({name(1): lines[:200], name(201): lines[200:]}, {name(1): changed[:200], name(201): changed[200:]}, {name(1): lines[:200], name(202): lines[201:]}):
        path = folder(files)
        plain = run("verify", path, "--json", "--threads", "1")
        assert plain[0] == (files[name(1)] + files.get(name(201), [])  != lines) and json.loads(plain[1])["lines"] >= 200, plain
        for threads in "2", "5", "16":
            assert run("verify", path, "--json", "--threads", threads) == plain, threads
    for wrong in "0", "17", "two", "":
        got, out, err = run("verify", WHOLE, "--threads", wrong)
        assert (got, out) == (2, "") and "--threads needs a number from 1 to 16" in err, (wrong, got, err)

@test
def the_lines_after_a_fault_are_counted_as_unverified():
    said = says(folder(journal(lambda f: f[name(6)].pop(2))), 1, "unverified, event 9", "After it, 7 lines, event 9 to event 15, are whole by their own hashes and follow each other; "
                "no line leads to them from event 7, up to which the journal holds. Nothing else confirms them.", "Head, up to which it holds: " + head(LINES[6]))
    assert (said["verdict"], said["last"], said["lines"], said["faults"], said["unverified"]) == ("damaged", 7, 7, 1, {"lines": 7, "stretches": 1}), said
    said = says(folder({name(1): LINES[:2] + [b"x\n"], name(4): [b"y\n"]}), 1, "event 3 was changed", "Head, up to which it holds: " + head(LINES[1]))
    assert said["unverified"] == {"lines": 0, "stretches": 0}, said

@test
def every_fault_is_found_and_what_verifies_the_lines_after_it_is_said():
    def several(files):
        files[name(1)][1] = files[name(1)][1].replace(b"request/1", b"request/9")
        files[name(6)].pop(2)
        files[name(11)][2] = line(13, hash_of(LINES[11]), data='{"event":2}')
    path = folder(journal(several))
    said = says(path, 1, f"{name(1)}, {place(2, LINES[:1])}: event 2 was changed", "event 8 is missing.", "event 14 is a whole line, but does not follow event 13",
                "5 lines, event 3 to event 7", "5 lines, event 9 to event 13", "2 lines, event 14 to event 15", "3 places; after the first of them 12 lines are whole")
    assert [(f["kind"], f["sequence"]) for f in said["findings"]] == [("changed", 2), ("unverified", 3), ("missing", 8), ("unverified", 9), ("changed", 14), ("unverified", 14)], said
    assert (said["faults"], said["unverified"], said["last"]) == (3, {"lines": 12, "stretches": 3}, 1), said
    said = says(path, 1, "A head that you gave confirms them up to event 12.", "is in the journal, after damage", "1 proven, 1 contradicted, 1 not checked",
                "is not the hash of the line of this number, which follows damage", words=("--head", head(LINES[11]), "--head", head(LINES[12]), "--head", head(LINES[7])))
    assert said["verdict"] == "contradicted", said
    for files in dict([(name(6), [b"x"])]), {}:        # unreadable and missing ones among them
        says(folder({name(1): LINES[:5], **files, name(11): LINES[10:12], name(20): b""}), 1, "events 13 to 19 are missing")

@test
def inserted_lines_are_one_fault_and_the_chain_goes_on_after_them():
    for stray, kind, sentence, lines in ([b"garbage\n"], "changed", "event 9 was changed", 0), ([LINES[2]], "duplicate", "event 3 is here once more", 0), \
            ([line(3, "1" * 64)], "foreign", "an event 3 is where event 9 was expected, and it differs from the one before", 1), \
            (chain(30, 2), "reordered", "event 30 is where event 9 was expected: it was put in", 0):
        said = says(folder(journal(lambda f: f[name(6)].__setitem__(slice(3, 3), stray))), 1, sentence, "Here the chain goes on: event 9 follows event 8. Between them nothing is missing.")
        assert [f["kind"] for f in said["findings"] if f["weight"] == "wrong"] == [kind] and (said["faults"], said["unverified"]["lines"]) == (1, lines), said

@test
def beyond_a_hundred_faults_the_rest_is_counted_and_takes_no_longer_than_its_length():
    lines, previous = [], "0" * 64
    for n in range(1, 8001):
        lines.append(line(n, previous if n % 2 else "1" * 64))
        previous = hash_of(lines[-1])
    got, out, err = run("verify", folder({name(1): lines}), "--json")
    said = json.loads(out)
    assert got == 1 and said["faults"] == 4000 and "There are 3900 more places" in said["findings"][-1]["text"] and len(said["findings"]) < 250, (got, said["faults"], err)
    assert len([f for f in said["findings"] if f["kind"] == "changed"]) == 100, said["findings"][-1]

@test
def a_right_hash_over_bad_json_or_over_no_line_is_found():
    bad = [*LINES[:2], line(3, hash_of(LINES[1]), data='{"a":1,"a":2}')]
    says(folder({name(1): bad + chain(4, 1, hash_of(bad[2]))}), 1, "event 3 has a hash that fits, but is not JSON that every program reads the same way")
    says(folder({name(1): LINES[:2] + [seal(b'{"a":1')], name(4): b""}), 1, "what is here has a hash that fits, but not the form of a journal's line")

RECOMPUTED = LINES[:7] + [line(8, hash_of(LINES[6]), data='{"event":2}')]
while len(RECOMPUTED) < 15: RECOMPUTED.append(line(len(RECOMPUTED) + 1, hash_of(RECOMPUTED[-1])))
FORGED = folder({name(1): RECOMPUTED[:5], name(6): RECOMPUTED[5:]})

@test
def a_recomputed_chain_holds_until_a_noted_head_contradicts_it():
    says(FORGED, 0, "Whether all of it was computed anew")
    said = says(FORGED, 1, f"{head(LINES[9])} is not the hash of this line", "the journal was changed, or restored and written on, between event 6 and event 10",
                words=("--head", head(LINES[9]), "--head", head(LINES[4])))
    assert said["heads"] == {"given": 2, "proven": 1, "contradicted": 1, "missing": 0, "notChecked": 0}, said
    assert [(f["kind"], f["sequence"], f["file"], f["line"]) for f in said["findings"]] == [("head proven", 5, name(1), 5), ("head contradicted", 10, name(6), 5)], said
    says(FORGED, 1, "the journal was changed, or restored and written on, at event 8 or before it", words=("--head", head(LINES[7])))

@test
def a_tail_that_was_cut_off_is_found_against_a_noted_head():
    cut = folder(journal(lambda f: f.update({name(11): LINES[10:13]})))
    says(cut, 0, "from event 1 to event 13")
    said = says(cut, 1, f"{head(LINES[14])} lies beyond the journal's end: its last lines were cut off", words=("--head", head(LINES[14]), "--head", head(LINES[12])))
    assert said["heads"]["missing"] == 1 and said["heads"]["proven"] == 1, said
    says(folder({name(1): b""}), 1, "Its files are empty: there is not one line in them.", "beyond the journal's end", words=("--head", head(LINES[14])))

@test
def heads_that_hold_say_up_to_where_the_journal_is_unchanged():
    said = says(WHOLE, 0, "Up to event 12 it is as it was when that head was noted.", "2 given: 2 proven", words=("--head", head(LINES[11]), "--head", head(LINES[2])))
    assert said["heads"]["proven"] == 2
    says(WHOLE, 0, "1 given: 1 proven", words=("--head", head(LINES[2]), "--head", head(LINES[2]).upper()))

@test
def heads_are_found_in_the_text_of_event_log_entries_in_any_form_of_export():
    entry = f"A journal continues in a new file.\r\n\r\nJournal: C:\\ProgramData\\CertWitness\\CA\r\nHead: sequence {12:020}, hash {hash_of(LINES[11])}\r\n\r\nWhat it means:"
    wrapped = f"Message : Head: sequence {3:020}, hash {hash_of(LINES[2])[:22]}\r\n          {hash_of(LINES[2])[22:]}\r\n"
    xml = f"<EventData><Data>C:\\x</Data><Data>{5:020}</Data><Data>{hash_of(LINES[4])}</Data><Data>0</Data></EventData>"
    csv = f'"21.11.2026 10:00","102","The position of a journal.\n\nHead: sequence {7:020}, hash {hash_of(LINES[6])}"\n10:30\n9:{hash_of(LINES[8])}\n'
    whole = entry + wrapped + xml + csv + "12:34:56 sequence 4, hash 00 sequence 99, hash " + "0" * 65 + " 77:" + "1" * 63 + " a8:" + "0" * 64
    for text in whole.encode(), whole.encode("utf-16"), whole.encode("utf-16-be"):
        said = says(WHOLE, 0, "5 given: 5 proven", words=("--head", "-"), data=text)
        assert [f["sequence"] for f in said["findings"]] == [3, 5, 7, 9, 12], said
    with open(ROOT + "/events.txt", "w") as out: out.write(whole)
    says(WHOLE, 0, "6 given: 6 proven", words=("--head", ROOT + "/events.txt", "--head", head(LINES[0])))
    says(WHOLE, 0, "1 given: 1 proven", words=("--head", entry))

@test
def thousands_of_heads_are_counted_and_those_that_do_not_hold_are_listed():
    many = "".join(head(l) + "\n" for l in LINES) + "".join(f"{n}:{n:064x}\n" for n in range(1, 5000))
    got, out, err = run("verify", WHOLE, "--head", "-", data=many.encode())
    assert got == 1 and "5014 given: 15 proven, 15 contradicted, 4984 beyond the end" in flat(out), out + err
    assert out.count("head contradicted") == 15 and out.count("head missing") == 20 and "head proven" not in out, out

@test
def words_that_are_no_head_are_refused():
    for word, sentence in ("42", "is neither a head"), ("42:8c1f", "is neither a head"), (LINES and "x:" + "0" * 64, "is neither a head"), ("-", "there is no head in standard input"), \
                          ("tests/README.md", "there is no head in tests/README.md"):
        got, out, err = run("verify", WHOLE, "--head", word)
        assert got == 2 and sentence in err and not out, (word, got, out, err)

@test
def a_journal_that_begins_later_says_so_and_names_the_hash_of_the_line_before():
    later = folder(journal(lambda f: f.pop(name(1))))
    said = says(later, 1, "begins with event 6. Files with the events before it are not in this folder, and no event says that they were removed", hash_of(LINES[4]),
                "Beginning event 6: nothing confirms that no events before it were removed")
    assert said["verdict"] == "not proven" and said["beginning"] == {"sequence": 6, "vouchedBy": "nothing"}, said
    said = says(later, 0, "is not in the journal itself, but the line that follows it is, and names it", "The journal holds from event 6 on", words=("--head", head(LINES[4])))
    assert said["verdict"] == "holds from" and said["beginning"]["vouchedBy"] == "head", said
    said = says(later, 1, "lies before the journal's beginning and cannot be proven here", words=("--head", head(LINES[2])))
    assert said["heads"]["notChecked"] == 1 and said["verdict"] == "not proven", said
    says(later, 1, "lies before the journal's beginning and cannot be proven here", words=("--head", head(LINES[2]), "--head", head(LINES[4])))
    said = says(later, 0, "The journal holds from event 6 on", "as --begins-at says", "which is known", words=("--begins-at", "6", "--head", head(LINES[2])))
    assert said["beginning"]["vouchedBy"] == "--begins-at", said
    assert says(later, 1, "has to begin with event 5, as --begins-at says, and begins with event 6", words=("--begins-at", "5"))["verdict"] == "damaged"
    for words in (), ("--head", head(LINES[2])):
        got, out, err = run("verify", later, "--quiet", *words)
        assert got == 1 and "begins later" in out and ("head not checked" in out) == bool(words), out

@test
def a_made_up_journal_does_not_pass_for_the_rest_of_one_whose_heads_are_known():
    made = folder({name(43): chain(43, 5, "1" * 64)})
    known = ("--head", "42:" + "2" * 64, "--head", "4:" + "3" * 64)
    said = says(made, 1, "is not the hash of the line before this one, as this one names it", "contradicted", words=known)
    assert said["verdict"] == "contradicted" and said["heads"]["contradicted"] == 1 and said["heads"]["notChecked"] == 1, said
    got, out, err = run("verify", made, "--quiet", *known)
    assert got == 1 and "head contradicted, event 42" in out and "head not checked, event 4" in out and "begins later" in out, out
    says(made, 1, "is not the hash of the line before this one", words=("--head", "42:" + "2" * 64, "--begins-at", "43"))

@test
def what_verifies_the_last_line_is_said():
    assert says(WHOLE, 0, "End event 15: nothing confirms that no event after it was cut off")["end"] == {"sequence": 15, "vouchedBy": "nothing", "vouchedTo": 0}
    said = says(WHOLE, 0, "End event 15: a head confirms it up to event 12; nothing confirms what follows", words=("--head", head(LINES[11])))
    assert said["end"] == {"sequence": 15, "vouchedBy": "nothing", "vouchedTo": 12}, said
    said = says(WHOLE, 0, "End event 15: a head that was given is its own", words=("--head", head(LINES[14])))
    assert said["end"] == {"sequence": 15, "vouchedBy": "head", "vouchedTo": 15}, said
    for n, hash, code, vouched in (15, hash_of(LINES[14]), 0, "file head"), (12, hash_of(LINES[11]), 0, "nothing"), (15, "1" * 64, 1, "nothing"), (12, "1" * 64, 1, "nothing"), (17, "1" * 64, 1, "nothing"):
        path = folder(journal() | {"head": head_file(n, hash)})
        said = says(path, code)
        assert said["end"] | {"sequence": 0} == {"sequence": 0, "vouchedBy": vouched, "vouchedTo": 0 if code else n}, said
        assert bool(run("verify", path, "--quiet")[1]) == (n != 15 or code == 1)
        assert said["verdict"] == ("holds" if not code else "contradicted" if n <= 15 else "damaged"), said
    got, out, err = run("verify", WHOLE, "--quiet", "--head", head(LINES[14]))
    assert (got, out, err) == (0, "", ""), out

@test
def files_pruned_by_age_are_distinguished_from_files_that_were_taken():
    lines = chain(1, 5)
    told = line(6, hash_of(lines[4]), type="journal.pruned", data=f'{{"sequence":3,"hash":"{hash_of(lines[2])}","segments":1}}', **NO_SUBJECT)
    rest = [told] + chain(7, 2, hash_of(told))
    said = says(folder({name(4): lines[3:] + rest}), 0, "Older files were removed, as event 6 says.", "pruned, event 6", "up to 3 were removed, as RetainDays says.")
    assert [f["weight"] for f in said["findings"]] == ["note", "note"], said
    says(folder({name(1): lines[:3], name(4): lines[3:] + rest}), 0, "But events from 1 on are here: removing them failed, or they were put back.")
    says(folder({name(4): lines[3:] + rest}), 0, "before the journal's beginning, which is known", words=("--head", head(lines[0])))
    says(folder({name(6): rest}), 1, "no event says that they were removed")
    other = line(6, hash_of(lines[4]), type="journal.pruned", data='{"sequence":3,"hash":"%s","segments":1}' % ("1" * 64), **NO_SUBJECT)
    says(folder({name(4): lines[3:] + [other]}), 1, "But the hash that it names is not the one that event 4 names")

def overtaken(doctor, by, until):
    """verify --json of a journal from whose files some are taken while it reads the first one, whose findings fill the pipe. `by`: the event that
    names what was removed up to `until`, or None."""
    gaps, previous = [], "0" * 64
    for n in range(1, 401):
        gaps.append(line(n, previous, type="journal.gap", data='{"events":1,"first":"2026-11-21T10:00:00.000Z","last":"2026-11-21T10:00:00.000Z","requestIDs":[1]}', **NO_SUBJECT))
        previous = hash_of(gaps[-1])
    lines = gaps + chain(401, 15, previous)
    if by:
        told = line(by, hash_of(lines[by - 2]), type="journal.pruned", data=f'{{"sequence":{until},"hash":"{hash_of(lines[until - 1])}","segments":1}}', **NO_SUBJECT)
        lines = lines[:by - 1] + [told] + chain(by + 1, 415 - by, hash_of(told))
    path = folder({name(1): lines[:400], name(401): lines[400:405], name(406): lines[405:410], name(411): lines[410:]})
    process = subprocess.Popen([PROGRAM, "verify", path, "--json"], stdout=subprocess.PIPE)
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
    while struct.unpack("i", fcntl.ioctl(process.stdout, termios.FIONREAD, b"0000"))[0] < 2048: time.sleep(0.01)
    for number in doctor: os.remove(f"{path}/{name(number)}")
    said = json.loads(process.communicate(timeout=60)[0])
    return process.returncode, said, {f["kind"]: f for f in said["findings"] if f["kind"] != "gap"}

@test
def files_pruned_by_age_during_reading_are_no_fault_and_other_missing_files_are():
    code, said, found = overtaken((1, 401, 406), 412, 410)
    assert code == 0 and "up to event 400" in found["overtaken"]["text"] and "as event 412 says" in found["begins later"]["text"], found
    assert (said["first"], said["last"], said["lines"], said["files"], said["gaps"]) == (411, 415, 5, 1, 0), said
    assert {f["weight"] for f in found.values()} == {"note"} and found["pruned"], found
    code, said, found = overtaken((1, 401), 412, 400)                # the module never said that it removed what is not there
    assert code == 1 and found["begins later"]["weight"] == "not proven" and (said["first"], said["lines"]) == (406, 10), found
    code, said, found = overtaken((1,), 412, 400)                    # all of it had been read
    assert code == 0 and said["lines"] == 415 and list(found) == ["pruned"], found
    assert found["pruned"]["weight"] == "note" and "They were there when this began." in found["pruned"]["text"], found
    code, said, found = overtaken((401,), 412, 410)                  # age takes the oldest first
    assert code == 2 and "no such file" in found["unreadable"]["text"] and "overtaken" not in found, (code, found)
    code, said, found = overtaken((1, 401, 406), None, 0)
    assert code == 1 and found["begins later"]["weight"] == "not proven", found

@test
def recoveries_gaps_and_breaks_on_record_are_reported_with_their_contents():
    def own(kind, data, n=3): return LINES[:n - 1] + (l := [line(n, hash_of(LINES[n - 2]), type="journal." + kind, data=data, **NO_SUBJECT)]) + chain(n + 1, 2, hash_of(l[0]))
    kept = f'torn/{name(1)[:20]}-900-1'
    path = folder({name(1): own("recovered", f'{{"file":"{name(1)}","offset":900,"sequence":3,"bytes":12,"kept":"{kept}"}}')})
    said = says(path, 0, "recovered, event 3, 2026-11-21 10:00:00 UTC", f"12 bytes that were being written when the power went or the CA was killed stood in {name(1)} from byte 900 on",
                f"They were moved to {kept}, which is not here.", "1 recovery")
    assert said["recoveries"] == 1, said
    os.mkdir(path + "/torn")
    for size, sentence in (12, "which is here."), (11, "which is here, but of 11 bytes."):
        with open(f"{path}/{kept}", "wb") as out: out.write(b"x" * size)
        says(path, 0, sentence)
    says(folder({name(1): own("gap", '{"events":17,"first":"2026-11-21T10:00:00.000Z","last":"2026-11-21T10:05:00.000Z","requestIDs":[%s]}' % ",".join(map(str, range(100, 130))))}), 0,
         "17 events of the CA could not be kept, from 2026-11-21 10:00:00 to 2026-11-21 10:05:00", "Requests 100, 101, 102,", "119 and others: look them up", "1 gap")
    says(folder({name(1): own("gap", '{"events":17,"requestIDs":[5],"why":{"lowSpace":10,"queueHalf":6,"exception":1},"requesters":[{"name":"a","events":9}],"requestersLeftOut":7}')}), 0,
         "not in this journal. Of them 6 as half of QueueMiB was full, 10 as less than MinFreeMiB was free, 1 by exceptions of the CA's. Requests 5: look them up")
    text = LINES[:5]
    text[2] = text[2].replace(b"certwitness", b"certWitness")
    broken = line(6, hash_of(LINES[4]), type="journal.broken", data=f'{{"file":"{name(1)}","offset":{sum(map(len, LINES[:2]))},"sequence":3,"bytes":1}}', **NO_SUBJECT)
    path = folder({name(1): text, name(6): [broken] + chain(7, 2, hash_of(broken))})
    said = says(path, 1, "broken, event 6", f"{name(1)}, {place(3, LINES[:2])}: event 3 was changed", "left it as it is, and went on with this event", "1 break")
    assert said["breaks"] == 1 and said["damaged"]["lines"] == 2, said
    assert said["verdict"] == "damaged" and "2 lines are whole by their own hashes." in "".join(f["text"] for f in said["findings"]), said
    says(path, 1, "belongs to a line that is damaged", words=("--head", head(LINES[2])))
    says(path, 1, "1 given: 1 proven", words=("--head", head(LINES[4])))
    os.remove(f"{path}/{name(1)}")
    says(path, 1, "Lines that had been on disk were found damaged")
    says(folder(journal(lambda f: f[name(1)].extend(chain(6, 2, hash_of(LINES[4]), data='{"a":1}', flushed=5)))), 0, f"behind the last line of {name(1)} that counts were passed over, 2 whole lines among them")

@test
def runs_whose_events_are_not_in_the_journal_are_reported_with_what_is_known_of_them():
    def started(unwritten, code=0, *sentences):
        said = line(2, hash_of(LINES[0]), type="module.started", data=json.dumps({"module": {"run": RUN, "endedCleanly": False, "unwritten": unwritten}}, separators=(",", ":")), **NO_SUBJECT)
        return says(folder({name(1): [LINES[0], said]}), code, *sentences)["findings"]
    when = {"run": RUN, "began": "2026-11-21T08:00:00.000Z", "ended": "2026-11-21T09:30:00.000Z", "hresult": "0x80070070"}
    started({**when, "runs": 1, "events": 1}, 0, "runs without lines, event 2", "Before this run 1 run of the module ended with events that are not in this journal, from 2026-11-21 08:00:00 to "
            "2026-11-21 09:30:00: it could not be written. 1 event was lost. Look up in the CA's database what it did in that time")
    started({**when, "runs": 3, "uncounted": 2, "events": 7}, 0, "Before this run 3 runs of the module", "7 events were lost. What 2 of the runs have lost was not counted. Look up")
    started({**when, "runs": 1, "uncounted": 1, "events": 0}, 0, "written. What 1 of the runs has lost was not counted.")
    for forged in {}, {**when, "runs": 0}, {**when, "runs": -1}, {**when, "runs": "1"}, [1], "\x1b[31m": assert not started(forged), forged
    started({"runs": 1, "began": "\x1b[31m", "ended": 5, "events": "7"}, 0, "not in this journal: it could not be written.")

@test
def forged_records_of_the_journal_itself_do_no_harm():
    for kind in "recovered", "gap", "broken", "pruned", "started":
        for data in "{}", '{"events":-1,"first":"","last":[],"requestIDs":{"a":1},"bytes":"x","file":{},"kept":"torn/../../../etc/passwd","sequence":1e9,"hash":"","module":[]}', \
                    '{"events":99999999999999999999,"first":"2026-99-99T00:00:00.000Z","requestIDs":["x",null,[1]],"bytes":9223372036854775807,"kept":"torn/00000000000000000001-%s-1",'\
                    '"file":"\\u001b[31m00000000000000000.jsonl","offset":-1,"sequence":18446744073709551615,"module":{"endedCleanly":"\\u0000"}}' % ("9" * 60):
            type = ("module." if kind == "started" else "journal.") + kind
            path = folder({name(1): LINES[:1] + [line(2, hash_of(LINES[0]), type=type, data=data, **NO_SUBJECT)]})
            says(path, kind == "broken", "event 2" if kind != "started" else "1 run")

@test
def a_torn_tail_is_distinguished_from_one_that_a_writer_is_busy_with():
    path = folder(journal(lambda f: f[name(11)].append(chain(16, 1, hash_of(LINES[14]))[0][:100])) | {"lock": b""})
    said = says(path, 0, f"torn, event 16 {name(11)}, {place(6, LINES[10:15])}: after event 15 there are bytes that are not a whole line. No writer has the journal open",
                "The journal is whole up to event 15, and ends in a torn tail")
    assert said["verdict"] == "torn tail" and "somebody" not in json.dumps(said), said
    assert "torn, event 16" in run("verify", path, "--quiet")[1]
    assert says(path, 1, "beyond the journal's end", words=("--head", f"16:{16:064x}"))["verdict"] == "not proven"
    for tail in b"\0" * 700, LINES[0][:200] + b"\0" * 512:
        assert says(folder(journal(lambda f: f[name(11)].append(tail))), 0)["verdict"] == "torn tail"
    for tail in b"x\n", LINES[14][:-9] + b"~" + LINES[14][-8:], b"half", b"\0\0x", chain(16, 1)[0][:100] + b"\n" + chain(17, 1, flushed=10)[0]:
        said = says(folder(journal(lambda f: f[name(11)].append(tail))), 1, "Or somebody has changed the last lines.")
        assert said["verdict"] == "not proven", said
    with open(path + "/lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        begun = time.time()
        got, out, _ = run("verify", path)
        assert got == 1 and "A writer has the journal open, and has not made a line of them in three seconds" in flat(out) and time.time() - begun > 2.5, out
        going = subprocess.Popen([PROGRAM, "verify", path, "--json"], stdout=subprocess.PIPE)
        time.sleep(0.5)
        with open(f"{path}/{name(11)}", "ab") as out: out.write(chain(16, 1, hash_of(LINES[14]))[0][100:])
        said = json.loads(going.communicate()[0])
        assert going.returncode == 0 and said["lines"] == 16 and said["state"] == "written", said

@test
def a_closed_journal_is_called_closed_and_an_open_one_not_closed():
    stop = [*LINES, line(16, hash_of(LINES[14]), type="module.stopped", data='{"module":{}}', **NO_SUBJECT)]
    assert says(folder({name(1): stop}), 0, "closed: its last line is module.stopped")["state"] == "closed"
    says(WHOLE, 0, "not closed, and no writer has it open")

@test
def journals_of_two_cas_in_one_folder_are_told_apart():
    other = dict(source="/adcs/other.example/Other%20CA")
    mixed = "The files in this folder are of several journals, each of which needs a folder of its own: /adcs/ca/CA (%s and 1 more), /adcs/other.example/Other%%20CA (%s)"
    says(folder(journal(lambda f: f.update({name(6): chain(6, 5, **other)}))), 1, mixed % (name(1), name(6)), f"{name(6)}, line 1 (byte 0)")
    says(folder({name(1): LINES[:5], name(6): LINES[5:10], name(100): chain(100, 2, **other)}), 1, mixed % (name(1), name(100)), "events 11 to 99 are missing")
    says(folder({name(3): chain(3, 2, **other), name(6): LINES[5:10], name(11): LINES[10:15]}), 1, "are of several journals")

@test
def two_journals_of_one_ca_in_one_folder_are_told_apart_by_their_runs():
    two, run = "It is of another run of the module than the event before, and no run begins with it: files of two journals of this CA", "f" * 8 + RUN[8:]
    says(folder(journal(lambda f: f.update({name(6): chain(6, 5, run=run)}))), 1, two, "event 6 is a whole line, but does not follow event 5")
    says(folder({name(1): LINES[:8], name(8): chain(8, 5, run=run)}), 1, two, f"{name(8)}, line 1 (byte 0)")
    says(folder({name(1): LINES[:10], name(8): chain(8, 5, run=run)}), 1, "from event 8 on there are two chains", f"{name(1)}, line 8")
    for same in dict(), dict(run=run, type="module.started", data='{"module":{"endedCleanly":true}}', **NO_SUBJECT):
        assert two not in json.dumps(says(folder(journal(lambda f: f.update({name(6): [line(6, "1" * 64, **same)]}))), 1, "does not follow event 5"))

@test
def a_change_of_source_within_a_chain_is_reported():
    def moved(source, **how): return LINES[:3] + (l := [line(4, hash_of(LINES[2]), source=source, **how)]) + chain(5, 2, hash_of(l[0]), source=source)
    said = says(folder({name(1): moved("/adcs/new/CA", type="module.started", data='{"module":{"endedCleanly":false}}', **NO_SUBJECT)}), 0,
                "From here on the journal is that of /adcs/new/CA, before it is that of /adcs/ca/CA: the CA has moved", "another source, event 4", "had not ended cleanly")
    assert said["uncleanEnds"] == 1 and said["source"] == "/adcs/new/CA", said
    remark = '{"module":{"endedCleanly":true,"previousSource":"/adcs/%s/CA","movedAside":["torn/x"]}}'
    for where, as_it_says in ("ca", ", as it says"), ("elsewhere", ""):
        path, told = folder({name(1): moved("/adcs/new/CA", type="module.started", data=remark % where, **NO_SUBJECT)}), []
        verify(path, told.append)
        assert told == [f"another source{as_it_says}: sequence 4"], told
        shown = run("show", path, "--type", "module.started")[1]
        assert f"before it the source was /adcs/{where}/CA; files that were not of the journal were moved to torn" in " ".join(shown.split()), shown
    torn = '{"file":"%s","offset":1,"sequence":4,"bytes":9,"kept":"torn/x"}' % name(1)
    says(folder({name(1): moved("/adcs/new/CA", type="journal.recovered", data=torn, **NO_SUBJECT)}), 0, "the CA has moved to another machine")     # a power cut, too
    says(folder({name(1): moved("/adcs/ca/Other", type="module.started", **NO_SUBJECT)}), 1, "two CAs have written into one chain, or somebody has")
    says(folder({name(1): moved("/adcs/new/CA")}), 1, "two CAs have written into one chain")
    says(folder({name(1): moved("/adcs/\u202eevil/X")}), 1, "/adcs/\\u{202e}evil/X")

@test
def a_ca_whose_dates_are_in_local_time_is_recognized():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=a", "-outform", "DER",
                    "-out", ROOT + "/a.cer"], check=True, capture_output=True)
    told = subprocess.run(["openssl", "x509", "-inform", "DER", "-in", ROOT + "/a.cer", "-noout", "-startdate", "-enddate", "-dateopt", "iso_8601"], check=True, capture_output=True, text=True).stdout
    ends = [datetime.datetime.fromisoformat(row.split("=")[1].rstrip("Z")) for row in told.splitlines()]
    with open(ROOT + "/a.cer", "rb") as file: raw = base64.b64encode(file.read()).decode()
    for hours, word, sentence in ((0,), "UTC", "The CA reports dates in UTC"), ((2,), "local", "off by +02:00 from those in the certificate"), \
                                 ((-8, -7), "local", "-08:00 to -07:00"), ((0, 5), "mixed", "differ from the certificates' without one reason"):
        lines = []
        for n, by in enumerate(hours, 1):
            shown = [(end + datetime.timedelta(hours=by)).isoformat() + "Z" for end in ends]
            data = json.dumps({"certificate": {"NotBefore": shown[0], "NotAfter": shown[1], "RawCertificate": raw}})
            lines.append(line(n, hash_of(lines[-1]) if lines else "0" * 64, data=data))
        said = says(folder({name(1): lines}), 0, sentence)
        assert said["dates"]["verdict"] == word and said["dates"]["certificates"] == len(hours), said

@test
def bytes_that_are_no_journal_are_told_from_a_damaged_one():
    for text in b"hello\n", b"{}\n" * 100, b"\xff\xfe\x00", b"\x01" + os.urandom(5000), b"x" * 3000000, b"\0" * 5000, LINES[0][:90], LINES[0].replace(b'"event":1', b'"event":2'):
        said = says(folder({name(1): text}), 2, "This is not a journal: its files hold not one whole line")
        assert said["verdict"] == "not a journal", said
    says(folder({name(1): b"\0" + LINES[0][1:] + LINES[1]}), 1, "event 1 was changed")
    for path, sentence in (ROOT, "there is no journal in this folder"), (f"{ROOT}/none", "there is no such file or folder"), (f"{WHOLE}/{name(1)}", "a journal is a folder"):
        got, out, err = run("verify", path)
        assert got == 2 and sentence in err and not out, (got, out, err)

@test
def foreign_files_are_named_and_their_names_steer_no_terminal():
    path = folder(journal(lambda f: f.update({"lock": b"", "head": b"", "notes \x1b[31m\u202e.txt": b"x", "00000000000000000001.JSONL": b"x", "99999999999999999999.jsonl": b""})))
    says(path, 0, "Files in the folder that are not the journal's, and were not looked at:", "\\u{1b}[31m\\u{202e}.txt", "99999999999999999999.jsonl")
    for i in range(20): open(f"{path}/{i}", "w").close()
    says(path, 0, "and 15 more.")

@test
def a_file_that_may_not_be_read_is_named():
    path = tempfile.mkdtemp() + "/journal"      # where anybody may come
    write(path, {n: b"".join(text) for n, text in journal().items()})
    for each in os.path.dirname(path), path: os.chmod(each, 0o755)
    for file in os.listdir(path): os.chmod(f"{path}/{file}", 0o644 if file != name(6) else 0)
    plain = ("setpriv", "--reuid", "65534", "--clear-groups", PROGRAM) if not os.getuid() else (PROGRAM,)
    got, out, err = run("verify", path, program=plain)
    assert got == 2 and f"{name(6)} cannot be read: access is denied" in flat(out) and "Not all of the journal could be read." in out, (got, out, err)
    os.chmod(path, 0)
    got, out, err = run("verify", path, program=plain)
    os.chmod(path, 0o700)
    shutil.rmtree(os.path.dirname(path))
    assert got == 2 and "access is denied" in err and not out, (got, out, err)

@test
def quiet_says_what_is_wrong_or_not_proven_and_nothing_else():
    got, out, err = run("verify", WHOLE, "--quiet")
    assert got == 0 and flat(out) == "end Nothing confirms that event 15 is the last one." and not err, (got, out, err)
    for path, words, code in (WHOLE, ("--head", head(LINES[14])), 0), (FORGED, ("--head", head(LINES[9]), "--head", head(LINES[4])), 1), (ROOT, (), 2):
        got, out, err = run("verify", path, "--quiet", *words)
        assert got == code and bool(out) == (code == 1) and bool(err) == (code == 2) and "proven" not in out and "Source" not in out, (got, out, err)

@test
def the_program_for_windows_says_the_same():
    for path, words, code in (WHOLE, (), 0), (FORGED, ("--head", head(LINES[9])), 1), (folder(journal(lambda f: f[name(6)].pop(2)) | {"lock": b"", "a.txt": b""}), (), 1):
        there = windows(os.path.realpath(path))
        got, out = wine("build/bin/certwitness.exe", "verify", there, "--json", *words)
        assert got == code and json.loads(out) | {"journal": 0} == json.loads(run("verify", path, "--json", *words)[1]) | {"journal": 0}, out
        got, out = wine("build/bin/certwitness.exe", "verify", there, *words)
        assert got == code and out.splitlines()[1:] == run("verify", path, *words)[1].splitlines()[1:], out

run_tests()
