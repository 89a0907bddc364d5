#!/usr/bin/python3
"""tests/lib/verify.py FOLDER verifies a journal from the prose at the top of src/journal/line.c alone; nothing of ours is used."""
import json, os, re, sys; from hashlib import sha256; from itertools import accumulate
START, END = rb'{"specversion":"1.0","id":"', rb',"hash":"(?P<hash>[0-9a-f]{64})"\}\n'
FORM = re.compile(re.escape(START) + rb'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-(?P<n>\d{20})","source":"[^"\\]*","type":"[^"\\]*",'
                  rb'("subject":"[^"\\]*",)?"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,}Z","sequence":"(?P=n)","previoushash":"(?P<previous>'
                  rb'[0-9a-f]{64})","flushed":"(?P<flushed>\d{20})","datacontenttype":"application/json","data":\{[^\n]*\}' + END)
def parse(raw):                                 # None where it is no strict JSON
    once = lambda pairs: dict(pairs) if len(dict(pairs)) == len(pairs) else int("a member's name stands twice")
    try: json.dumps(value := json.loads(raw.decode(), object_pairs_hook=once, parse_constant=int), ensure_ascii=False).encode()
    except (ValueError, RecursionError): return None
    return value if max(accumulate((c in b"{[") - (c in b"}]") for c in re.sub(rb'"(\\.|[^"\\])*"', b"", raw))) <= 64 else None
def sealed(raw): return (m := re.search(END + rb"\Z", raw)) and len(raw) <= 1 << 20 and sha256(raw[:m.start()]).hexdigest() == m["hash"].decode()
def intact(raw): return (m := FORM.fullmatch(raw)) and sealed(raw) and int(m["flushed"]) < int(m["n"]) < 2**64 - 1 and m or None
def look(raw, line, n, expected, previous, seen):       # what is wrong with it, as far as it tells itself, or None
    if not line: return "missing" if not raw else "changed" if not sealed(raw) else "not a line" if parse(raw) else "not JSON"
    if n != expected: return "missing" if n > expected else "reordered" if n not in seen else "duplicate" if seen[n] == line["hash"] else "foreign"
    return "changed" if line["previous"] != (previous or (b"0" * 64 if n == 1 else line["previous"])) else None
def head(folder, source):                               # the last line that was known to be on disk, or 0
    try: raw = open(os.path.join(folder, "head"), "rb").read()
    except OSError: return 0
    m = re.fullmatch(rb"(certwitness-head 1 [0-9a-f-]{36} (\d{20}) [0-9a-f]{64} )([0-9a-f]{64})\n", raw)
    return int(m[2]) if m and sha256(m[1] + source.rsplit("/", 1)[-1].encode()).hexdigest() == m[3].decode() and int(m[2]) < 2**63 else 0
def moved(before, first, second, tell):                 # where a run has another source than the line before it, its module.started says so
    module = [l["data"].get("module") for l in (first, second) if l["type"] == "certwitness.module.started" and before["source"] != first["source"]]
    if module: tell(f"another source{', as it says' * (isinstance(module[0], dict) and module[0].get('previousSource') == before['source'])}: sequence {int(first['sequence'])}")
def without_lines(line, tell):                          # runs before this one that left events unwritten
    module = line["data"].get("module") if line["type"] == "certwitness.module.started" else None
    if isinstance(module, dict) and isinstance(module.get("unwritten"), dict): tell(f"runs without lines: sequence {int(line['sequence'])}")
def verify(folder, tell=lambda text: None):             # the lines, or SystemExit with the first fault; tells of damage on record
    starts = sorted(int(n[:20]) for n in os.listdir(folder) if re.fullmatch(r"\d{20}\.jsonl", n) and 0 < int(n[:20]) < 2**64 - 1)
    texts = [re.findall(rb"[^\n]*\n|[^\n]+", open(os.path.join(folder, f"{n:020}.jsonl"), "rb").read()) for n in starts]
    lines, previous, seen = [], None, {}
    for start, limit, text, following in zip(starts, starts[1:] + [None], texts, texts[1:] + [[]]):
        for number, raw in enumerate(text + [b""]):
            if (expected := start if not number else expected) == limit:
                behind = (intact(r) or intact(r[r.rfind(START, 1):]) for r in text[number:])
                if not any(b and int(b["n"]) >= limit and int(b["flushed"]) >= limit for b in behind): break    # the rest was left behind
                raise SystemExit(f"foreign: {start:020}.jsonl line {number + 1} byte {sum(map(len, text[:number]))} sequence {expected}")
            lost = lambda: not limit and lines and head(folder, lines[-1]["source"]) >= expected
            if not raw and not limit and not lost(): break
            kind = look(raw, line := intact(raw), line and int(line["n"]), expected, previous, seen)
            if not kind and (value := parse(raw)):
                seen[expected] = line["hash"]
                lines, expected, previous = lines + [value], expected + 1, line["hash"]
                continue
            place = f"{start:020}.jsonl line {number + 1} byte {(offset := sum(map(len, text[:number])))} sequence {expected}"
            behind = [b for b in (intact(r) or intact(r[r.rfind(START, 1):]) for r in text[number:]) if b and int(b["n"]) >= expected]
            record = rb'.*,"type":"certwitness.journal.broken",.*,"data":\{"file":"%020d.jsonl","offset":%d,"sequence":%d,' % (start, offset, expected)
            if kind and limit and following and intact(following[0]) and re.match(record, following[0]):
                previous = max(behind, key=lambda b: b["n"])["hash"] if behind else previous
                tell(f"on record, {kind}: {place}"); break              # the chain goes on with the next segment
            if kind and not limit and not lost() and not any(int(b["flushed"]) >= expected for b in behind): kind = "torn"
            later = map(intact, sum(texts[starts.index(start):], [])[number:])
            raise SystemExit(f"{'reordered' if kind == 'missing' and expected in (b and int(b['n']) for b in later) else kind or 'not JSON'}: {place}")
    for before, first, second in zip(lines, lines[1:], lines[2:] + lines[-1:]): moved(before, first, second, tell)
    for line in lines: without_lines(line, tell)
    return lines
if __name__ == "__main__": print(f"holds: {len(verify(sys.argv[1], print))} lines")
