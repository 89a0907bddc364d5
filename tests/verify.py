#!/usr/bin/python3
"""Verify a journal from the prose at the top of src/journal/line.c alone; nothing of ours is used.

    tests/verify.py FOLDER      prints "N lines hold" or the first thing wrong, and exits with 1 then
"""
import hashlib, json, os, re, sys

MEMBERS = "specversion id source type subject time sequence previoushash flushed datacontenttype data hash".split()

def no_twice(pairs):
    assert len(dict(pairs)) == len(pairs), "a member stands twice"
    return dict(pairs)

def line_of(raw, sequence, previous):
    assert raw.endswith(b"\n"), "no LF at its end"
    assert len(raw) <= 1 << 20, "longer than 1 MiB"
    body, mark, rest = raw[:-1].rpartition(b',"hash":')
    assert mark and re.fullmatch(rb'"[0-9a-f]{64}"\}', rest), "no hash at its end"
    assert hashlib.sha256(body).hexdigest().encode() == rest[1:65], "its hash is wrong"
    line = json.loads(raw, object_pairs_hook=no_twice)
    assert list(line) == [name for name in MEMBERS if name != "subject" or name in line], "members out of order"
    assert line["specversion"] == "1.0" and line["datacontenttype"] == "application/json", "not our envelope"
    assert re.fullmatch(r"\d{20}", line["sequence"]) and re.fullmatch(r"\d{20}", line["flushed"]), "numbers of 20 digits"
    assert sequence is None or int(line["sequence"]) == sequence, f"sequence {line['sequence']}, expected {sequence}"
    assert line["id"][36:] == "-" + line["sequence"], "id and sequence differ"
    assert previous is None or line["previoushash"] == previous, "does not follow the line before"
    assert int(line["flushed"]) < int(line["sequence"]), "flushed before it was written"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,}Z", line["time"]), "time is not RFC 3339"
    assert isinstance(line["data"], dict), "data is no object"
    return line

def verify(folder):
    names = sorted(name for name in os.listdir(folder) if re.fullmatch(r"\d{20}\.jsonl", name) and int(name[:20]) < 1 << 64)
    starts, sequence, previous, lines = [int(name[:20]) for name in names], None, None, []
    for name, start, limit in zip(names, starts, starts[1:] + [None]):
        if sequence not in (None, start): raise SystemExit(f"{name}: missing {sequence} to {start - 1}")
        sequence, previous = start, "0" * 64 if start == 1 else previous
        for number, raw in enumerate(open(os.path.join(folder, name), "rb"), 1):
            if sequence == limit: break         # left behind by a failed write: they stand again in the next segment
            try: line = line_of(raw, sequence, previous)
            except (AssertionError, ValueError) as fault: raise SystemExit(f"{name}, line {number}: {fault}")
            lines, sequence, previous = lines + [line], sequence + 1, line["hash"]
    return lines

if __name__ == "__main__":
    print(len(verify(sys.argv[1])), "lines hold")
