#!/usr/bin/python3
"""Our reader and tests/lib/verify.py, which was written from the prose alone, say the same of good and of doctored journals. The journals are made
here, again from the prose."""
import sys; sys.path[0] += "/../lib"
import os, random, shutil, subprocess

from chains import chain, hash_of, head_file, line, name, seal, write
from tap import run as run_tests, test
from verify import verify

ROOT = "build/tmp/reader"
random.seed(3)
cases = []                                      # (name, {file: bytes}, what has to be said or None)

LINES = chain(1, 15)

def journal():                                  # three segments: lines 1 to 5, 6 to 10, 11 to 15
    return {name(1): LINES[0:5], name(6): LINES[5:10], name(11): LINES[10:15]}

def case(sentence, files, said=None):
    cases.append((sentence, {n: text if isinstance(text, bytes) else b"".join(text) for n, text in files.items()}, said))

def place(segment, number, sequence, files=None):
    lines = (files or journal())[name(segment)]
    return f"{name(segment)} line {number} byte {sum(map(len, lines[:number - 1]))} sequence {sequence}"

def doctored(sentence, doctor, said=None):
    files = journal()
    doctor(files)
    case(sentence, files, said)

def rechained(n, **how):                        # the whole journal from line n on made anew, by who knows the format
    lines = LINES[:n - 1] + [line(n, hash_of(LINES[n - 2]) if n > 1 else "0" * 64, **how)]
    for m in range(n + 1, 16): lines.append(line(m, hash_of(lines[-1])))
    return {name(1): lines[0:5], name(6): lines[5:10], name(11): lines[10:15]}

# Good ones.
case("nothing", {}, "holds: 0 lines")
case("an empty segment", {name(1): b""}, "holds: 0 lines")
case("a journal", journal(), "holds: 15 lines")
doctored("older segments moved away", lambda f: f.pop(name(1)), "holds: 10 lines")
doctored("a new segment that has no line yet", lambda f: f.update({name(16): b""}), "holds: 15 lines")
doctored("files of others", lambda f: f.update({"lock": b"", "notes.txt": b"x", "00000000000000000001.JSONL": b"x", "99999999999999999999.jsonl": b"x",
                                                "18446744073709551615.jsonl": b"x", name(0): b"x"}), "holds: 15 lines")
doctored("lines left behind", lambda f: f[name(1)].extend(chain(6, 2, hash_of(LINES[4]), data='{"other":1}', flushed=5)), "holds: 15 lines")
doctored("a copy of a line left behind", lambda f: f[name(1)].append(LINES[2]), "holds: 15 lines")
for tail in b"garbage", b"garbage\n", b"\n", b"\0" * 3000, LINES[5][:100], LINES[5][:-1]:
    doctored(f"left behind: {tail[:20]!r}", lambda f: f[name(1)].append(tail), "holds: 15 lines")
    doctored(f"a torn tail: {tail[:20]!r}", lambda f: f[name(11)].append(tail), "torn: " + place(11, 6, 16))
    doctored(f"a torn tail in a new segment: {tail[:20]!r}", lambda f: f.update({name(16): tail}), "torn: " + f"{name(16)} line 1 byte 0 sequence 16")

# What was left behind, and had been on disk: two writers went on from the same line.
twice = chain(6, 3, hash_of(LINES[4]), data='{"other":1}')
doctored("lines left behind that had been acknowledged", lambda f: f[name(1)].extend(twice), "foreign: " + place(1, 6, 6))
doctored("the same behind garbage", lambda f: f[name(1)].extend([b"garbage", twice[0], b"garbage\n", twice[1]]), "foreign: " + place(1, 6, 6))
doctored("lines left behind in two attempts", lambda f: f[name(1)].extend([line(6, hash_of(LINES[4]), data='{"n":1}'), line(6, hash_of(LINES[4]), data='{"n":2}')]),
         "holds: 15 lines")

# The file head.
def with_head(n, hash, doctor=lambda f: None, **how):
    return lambda f: (f.update({"head": head_file(n, hash, **how)}), doctor(f))

OTHER = "5" * 64
doctored("a head of the last line", with_head(15, hash_of(LINES[14])), "holds: 15 lines")
doctored("an older head", with_head(7, hash_of(LINES[6])), "holds: 15 lines")
doctored("a head of another line 15", with_head(15, OTHER), "holds: 15 lines")
doctored("a head beyond the end by one", with_head(16, OTHER), "missing: " + place(11, 6, 16))
doctored("a head far beyond the end", with_head(2**63 - 1, OTHER), "missing: " + place(11, 6, 16))
doctored("the last line removed, and the head there", with_head(15, hash_of(LINES[14]), lambda f: f[name(11)].pop()), "missing: " + place(11, 5, 15))
doctored("the last segment removed, and the head there", with_head(15, hash_of(LINES[14]), lambda f: f.pop(name(11))), "missing: " + place(6, 6, 11))
doctored("the last line changed, and the head there", with_head(15, hash_of(LINES[14]), lambda f: f[name(11)].__setitem__(4, LINES[14][:50] + b"~" + LINES[14][51:])),
         "changed: " + place(11, 5, 15))
doctored("the last line cut, and the head there", with_head(15, hash_of(LINES[14]), lambda f: f[name(11)].__setitem__(4, LINES[14][:50])), "changed: " + place(11, 5, 15))
doctored("the last LF gone, and the head there", with_head(15, hash_of(LINES[14]), lambda f: f[name(11)].__setitem__(4, LINES[14][:-1])), "changed: " + place(11, 5, 15))
doctored("a torn tail behind the head's line", with_head(15, hash_of(LINES[14]), lambda f: f[name(11)].append(b"garbage")), "torn: " + place(11, 6, 16))
doctored("a torn tail that the head covers", with_head(16, OTHER, lambda f: f[name(11)].append(b"garbage")), "changed: " + place(11, 6, 16))
doctored("an empty new segment, and a head beyond", with_head(16, OTHER, lambda f: f.update({name(16): b""})), f"missing: {name(16)} line 1 byte 0 sequence 16")
doctored("a torn new segment that the head covers", with_head(16, OTHER, lambda f: f.update({name(16): b"garbage"})), f"changed: {name(16)} line 1 byte 0 sequence 16")
doctored("another line where the head's has to stand", with_head(16, OTHER, lambda f: f[name(11)].append(LINES[3])), "duplicate: " + place(11, 6, 16))
doctored("a head beyond the end, of another CA", with_head(16, OTHER, ca="CA2"), "holds: 15 lines")
doctored("a head whose source had a machine in it", with_head(16, OTHER, ca="ca/CA"), "holds: 15 lines")
for sentence, change in ("cut", lambda h: h[:-1]), ("longer", lambda h: h + b"\n"), ("of which a bit is other", lambda h: h[:40] + bytes([h[40] ^ 1]) + h[41:]), \
                        ("of version 2", lambda h: h.replace(b" 1 ", b" 2 ", 1)), ("of zeros", lambda h: bytes(207)), ("that is empty", lambda h: b""):
    doctored(f"a head {sentence}", lambda f: f.update({"head": change(head_file(16, OTHER))}), "holds: 15 lines")
case("a head and no line", {"head": head_file(7, OTHER)}, "holds: 0 lines")

# A byte changed, everywhere in one line of a middle segment, of the last and of the first.
for segment, number in (6, 3), (11, 2), (1, 1):
    sequence = segment + number - 1
    for at in range(0, len(LINES[sequence - 1]), 3):
        files, text = journal(), bytearray(LINES[sequence - 1])
        text[at] ^= random.choice((1, 2, 4, 8, 16, 32, 64, 128))
        files[name(segment)][number - 1] = bytes(text)
        case(f"byte {at} of line {sequence} changed", files, "changed: " + place(segment, number, sequence))
for at in 1, 50, 200, 477:
    doctored(f"byte {at} of the last line changed", lambda f: f[name(11)].__setitem__(4, LINES[14][:at] + b"~" + LINES[14][at + 1:]),
             "torn: " + place(11, 5, 15))
doctored("the LF of a sealed segment's last line gone", lambda f: f[name(6)].__setitem__(4, LINES[9][:-1]), "changed: " + place(6, 5, 10))
doctored("an LF gone", lambda f: f[name(6)].__setitem__(1, LINES[6][:-1]), "changed: " + place(6, 2, 7))
doctored("an LF gone in the last segment", lambda f: f[name(11)].__setitem__(3, LINES[13][:-1]), "changed: " + place(11, 4, 14))
doctored("the last LF gone", lambda f: f[name(11)].__setitem__(4, LINES[14][:-1]), "torn: " + place(11, 5, 15))
doctored("CRLF", lambda f: f.update({name(6): [l[:-1] + b"\r\n" for l in LINES[5:10]]}), "changed: " + place(6, 1, 6))
doctored("a BOM", lambda f: f[name(1)].insert(0, b"\xef\xbb\xbf"), "changed: " + place(1, 1, 1))
doctored("an empty line", lambda f: f[name(6)].insert(2, b"\n"), "changed: " + place(6, 3, 8))

# Lines removed, swapped, copied, inserted.
doctored("a line removed", lambda f: f[name(6)].pop(2), "missing: " + place(6, 3, 8))
doctored("the first line removed", lambda f: f[name(1)].pop(0), "missing: " + place(1, 1, 1))
doctored("a line removed in the last segment", lambda f: f[name(11)].pop(1), "missing: " + place(11, 2, 12))
doctored("the last line of a sealed segment removed", lambda f: f[name(6)].pop(), "missing: " + place(6, 5, 10))
doctored("all lines of a segment removed", lambda f: f[name(6)].clear(), "missing: " + place(6, 1, 6))
doctored("the last line of all removed", lambda f: f[name(11)].pop(), "holds: 14 lines")
doctored("two lines swapped", lambda f: f[name(6)].insert(3, f[name(6)].pop(1)), "reordered: " + place(6, 2, 7))
doctored("two lines swapped in the last segment", lambda f: f[name(11)].insert(2, f[name(11)].pop(1)), "reordered: " + place(11, 2, 12))
doctored("the last two lines swapped", lambda f: f[name(11)].insert(3, f[name(11)].pop()), "reordered: " + place(11, 4, 14))
doctored("a line moved to a later segment", lambda f: f[name(11)].insert(2, f[name(6)].pop(1)), "reordered: " + place(6, 2, 7))
doctored("a line twice", lambda f: f[name(6)].insert(3, LINES[7]), "duplicate: " + place(6, 4, 9))
doctored("a line from an earlier segment", lambda f: f[name(6)].insert(3, LINES[2]), "duplicate: " + place(6, 4, 9))
doctored("a line twice in the last segment", lambda f: f[name(11)].insert(2, LINES[11]), "duplicate: " + place(11, 3, 13))
doctored("a line of another journal put in, whose sequence was read", lambda f: f[name(6)].insert(3, line(7, "1" * 64)), "foreign: " + place(6, 4, 9))
doctored("the same, of an earlier segment", lambda f: f[name(11)].insert(3, line(2, "1" * 64)), "foreign: " + place(11, 4, 14))
doctored("the last line twice", lambda f: f[name(11)].append(LINES[14]), "torn: " + f"{place(11, 6, 16)}")
doctored("a line of another journal", lambda f: f[name(6)].__setitem__(2, chain(8, 1)[0]), "changed: " + place(6, 3, 8))
doctored("a line from before the journal's beginning", lambda f: (f.pop(name(1)), f[name(6)].insert(1, LINES[1])), "reordered: " + place(6, 2, 7))

# Segments.
doctored("a segment removed", lambda f: f.pop(name(6)), "missing: " + place(1, 6, 6))
doctored("two segments swapped", lambda f: f.update({name(1): f[name(6)], name(6): f[name(1)]}), "reordered: " + f"{name(1)} line 1 byte 0 sequence 1")
doctored("a segment renamed up", lambda f: f.update({name(8): f.pop(name(6))}), "reordered: " + place(1, 6, 6))
doctored("a segment renamed down", lambda f: f.update({name(4): f.pop(name(6))}), "foreign: " + place(1, 4, 4))
doctored("the first segment renamed", lambda f: f.update({name(3): f.pop(name(1))}), f"reordered: {name(3)} line 1 byte 0 sequence 3")
case("a segment alone under another name", {name(7): LINES[0:5]}, f"torn: {name(7)} line 1 byte 0 sequence 7")
for size in 0, 1, 100, 478, 700, 1500:
    doctored(f"a sealed segment cut off at {size}", lambda f: f.update({name(6): b"".join(f[name(6)])[:size]}))
    doctored(f"the last segment cut off at {size}", lambda f: f.update({name(11): b"".join(f[name(11)])[:size]}))

# Who knows the format, and recomputes one hash or all.
doctored("a line changed and its hash made anew", lambda f: f[name(6)].__setitem__(2, line(8, hash_of(LINES[6]), data='{"event":2}')),
         "changed: " + place(6, 4, 9, {name(6): LINES[5:7] + [line(8, hash_of(LINES[6]), data='{"event":2}')] + LINES[8:10]}))
case("line 1 follows something", {name(1): chain(1, 3, "1" * 64)}, f"changed: {name(1)} line 1 byte 0 sequence 1")
for n in 8, 12, 15:
    for data in ('{"a":}', '{"a":1,"a":2}', '{"a":{"b":1,"\\u0062":2}}', '{"a":01}', '{"a":NaN}', '{"a":"\\ud800"}', '{"a":"\t"}', '{"a":1}}', '{"a":[}',
                 "{'a':1}", '{"a":' + "[" * 63 + "]" * 63 + '}', '{,}', '{"a":"\\x"}', '{"hash":1}{}'):
        segment = 6 if n == 8 else 11
        case(f"line {n} says {data[:40]}", rechained(n, data=data), "not JSON: " + place(segment, n - segment + 1, n))
    case(f"line {n} nested as deep as allowed", rechained(n, data='{"a":' + "[" * 62 + "]" * 62 + '}'), "holds: 15 lines")
    for how in dict(data="[1]"), dict(data='"x"'), dict(run="x" * 36), dict(time="2026-11-21T10:00:00Z"), dict(time="yesterday"), dict(flushed=n), \
               dict(subject='"subject": "request/1",'), dict(subject='"Subject":"request/1",'), dict(type="\\u0061"):
        case(f"line {n} with {how}", rechained(n, **how))
case("not UTF-8", {name(1): LINES[:2] + [seal(LINES[2][:-77].replace(b"\\u00e9", b"\xe9\xff"))] + LINES[3:5]})
sealed_bom = {name(1): LINES[:2] + [seal(b"\xef\xbb\xbf" + LINES[2][:-76])] + LINES[3:5], name(6): []}
case("a BOM with the right hash", sealed_bom, "not JSON: " + place(1, 3, 3))
case("another object with the right hash", {name(1): LINES[:2] + [seal(b'{"a":1')] + LINES[3:5], name(6): []}, "not a line: " + place(1, 3, 3))

# Damage that the journal has on record.
def broken(file, offset, sequence, n, previous):
    return line(n, previous, data=f'{{"file":"{file}","offset":{offset},"sequence":{sequence},"bytes":1}}', type="journal.broken", subject="")

def with_record(lines, at, highest, n=None, offset=None, file=name(1), sequence=None, type=None):
    """Line `at` of one segment is damaged, then comes a journal.broken."""
    text = list(lines)
    text[at - 1] = text[at - 1].replace(b"certwitness", b"certWitness")
    offset = sum(map(len, lines[:at - 1])) if offset is None else offset
    first = broken(file, offset, sequence or at, n or highest + 1, hash_of(lines[highest - 1]))
    rest = chain((n or highest + 1) + 1, 3, hash_of(first))
    return {name(1): text, name(n or highest + 1): [first] + rest}

five = LINES[:5]
offset3 = sum(map(len, five[:2]))
recorded = f"on record, changed: {name(1)} line 3 byte {offset3} sequence 3"
case("damage on record", with_record(five, 3, 5), recorded + "\nholds: 6 lines")
case("damage on record, and the last line before is lost", with_record(five, 5, 4, n=6),
     f"on record, changed: {name(1)} line 5 byte {sum(map(len, five[:4]))} sequence 5\nholds: 8 lines")
case("a record of another place", with_record(five, 3, 5, offset=offset3 + 1), recorded.split(", ")[1])
case("a record of another file", with_record(five, 3, 5, file=name(2)), recorded.split(", ")[1])
case("a record of another sequence", with_record(five, 3, 5, sequence=4), recorded.split(", ")[1])
case("a record that follows another line", with_record(five, 3, 4, n=6), recorded + f"\nchanged: {name(6)} line 1 byte 0 sequence 6")
missing = with_record(five, 3, 5)
missing[name(1)].pop(2)
case("lines that are missing, on record", missing, recorded.replace("changed", "missing") + "\nholds: 6 lines")
glued = with_record(five, 3, 5)
glued[name(1)][4] = b"garbage" + LINES[4]
case("an intact line behind garbage", glued, recorded + "\nholds: 6 lines")
twice = with_record(five, 3, 5)
twice[name(6)][2] = b"x" + twice[name(6)][2][1:]
case("damage behind damage on record", twice, recorded + f"\nchanged: {name(6)} line 3 byte {len(twice[name(6)][0] + twice[name(6)][1])} sequence 8")
huge = with_record(five, 3, 5)
huge[name(1)][2] = b"\0" * 3000000
case("megabytes of zeros on record", huge, f"on record, changed: {name(1)} line 3 byte {offset3} sequence 3\nholds: 6 lines")
case("a line as long as allowed", {name(1): chain(1, 1, data='{"a":"' + "x" * ((1 << 20) - len(LINES[0]) + 17) + '"}') })
case("a line that is too long", {name(1): chain(1, 1, data='{"a":"' + "x" * (1 << 20) + '"}') + chain(2, 1)})
exact = '{"a":"' + "x" * ((1 << 20) - len(line(1, "0" * 64, data='{"a":""}'))) + '"}'
case("a line of exactly 1 MiB", {name(1): chain(1, 2, data=exact)}, "holds: 2 lines")

def theirs(folder):
    told = []
    try: told.append(f"holds: {len(verify(folder, told.append))} lines")
    except SystemExit as fault: told.append(str(fault))
    return "\n".join(told)

shutil.rmtree(ROOT, ignore_errors=True)
folders = [os.path.join(ROOT, str(i)) for i in range(len(cases))]
for folder, (_, files, _) in zip(folders, cases): write(folder, files)
done = subprocess.run(["build/native/tests/journal/journal_verdict"] + folders, capture_output=True, text=True)
ours = done.stdout.split("\n\n")[:-1]

@test(f"the reader has something to say of each of {len(cases)} journals")
def something(): assert not done.returncode and len(ours) == len(cases), done.stderr[:2000]

@test("verify.py says the same")
def the_same():
    for folder, (sentence, _, _), text in zip(folders, cases, ours):
        if text != theirs(folder): yield f"{folder}, {sentence}: the reader says {text!r}, verify.py {theirs(folder)!r}"

@test("and it is what has been done to them")
def as_done():
    for folder, (sentence, _, said), text in zip(folders, cases, ours):
        if said is not None and text != said: yield f"{folder}, {sentence}: the reader says {text!r}, it should be {said!r}"

run_tests()
