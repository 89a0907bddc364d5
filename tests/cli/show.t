#!/usr/bin/python3
"""`certwitness show` against Python's own reading of the same journals, which are made here from the prose: what it shows, what it leaves out, what it
says is wrong, and that nothing an enrollee or a forger wrote reaches a terminal."""
import sys; sys.path[0] += "/../lib"
import base64, fcntl, hashlib, json, os, pty, re, resource, select, shutil, signal, struct, subprocess, sys, tempfile, termios, time, unicodedata

import forms
from chains import chain, hash_of, head_file, line, name, seal, write
from commands import finished, windows
from openssl import openssl
from tap import run as run_tests, test

SHOW, LEAN, ROOT = "build/native/src/cli/certwitness", "build/native/certwitness", os.path.abspath("build/tmp/reader-show")
shutil.rmtree(ROOT, ignore_errors=True)
TYPES = ["certificate.issued", "certificate.denied", "certificate.revoked", "crl.issued", "certificate.pending"]
HOSTILE = ["\x1b[31m\x1b]0;owned\x07", "\u202egnp.exe", "a\x00b", "\ufffd", "\u65e5\u672c\u8a9e" * 30, "e\u0301" * 60, "x" * 70000, "tab\tcr\rlf\n", "\x9b1m\x7f",
           "\U0001f600 \u200b\u2066", "'\"\\`$(id)", "=1+1"]

def event(n, more=None):
    kind, text = TYPES[n % len(TYPES)], HOSTILE[n % len(HOSTILE)]
    if kind == "crl.issued": return kind, "", {"event": 32, "context": 0, "ca": {"CertCount": 1, "keys": [{"index": 0, "RawCRL": {"size": 70000, "sha256": "0" * 64}}]}, "missing": []}
    request = {"RequestID": n, "Disposition": 20, "RequesterName": f"CORP\\user{n}{text}", "StatusCode": -2146877420 if kind.endswith("denied") else 0, "RevokedReason": 1,
               "DispositionMessage": text, "RequestAttributes": f"CertificateTemplate:Web{n % 3}\r\nccm:{text}"}
    certificate = {"SerialNumber": f"6d{n:08x}", "DistinguishedName": f"CN={text}{n}, O=M\u00fcller", "CertificateTemplate": f"1.3.6.1.4.1.311.21.8.{n % 3}"}
    return kind, f'"subject":"request/{n}",', {"event": 1, "context": 7, "request": request, "certificate": certificate, "missing": []}

def lines_of(count, previous="0" * 64, first=1):
    lines = []
    for n in range(first, first + count):
        kind, subject, data = event(n)
        lines.append(line(n, previous, type=kind, subject=subject, data=json.dumps(data, separators=(",", ":")),
                          time=f"2026-11-{1 + n // 24:02}T{n % 24:02}:00:00.500Z"))
        previous = hash_of(lines[-1])
    return lines

LINES = lines_of(60)
def journal(label, files):
    folder = f"{ROOT}/{label}"
    write(folder, {file: text if isinstance(text, bytes) else b"".join(text) for file, text in files.items()})
    return folder

GOOD = journal("good", {name(1): LINES[:25], name(26): LINES[25:45], name(46): LINES[45:]})

def show(*words, program=SHOW, env={}, code=0):
    done = subprocess.run([program, "show", *words], capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, "TZ": "UTC", **env})
    said = done.stderr.decode()
    assert done.returncode == code, f"{words}: exit code {done.returncode}: {said}"
    return done.stdout, said

def columns(text): return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
def rows(*words, **how): return show(*words, **how)[0].decode().split("\n")[1:-1]
def parsed(lines): return [json.loads(l) for l in lines]

# What is shown.

@test("the table fits 80 columns, whatever the values")
def table_80():
    out = show(GOOD, env={"COLUMNS": "80"})[0].decode()
    for row in out.split("\n"):
        assert columns(row) <= 80, (columns(row), row)
        assert all(c.isprintable() for c in row), repr(row)
    events = [row for row in out.split("\n")[1:] if re.match(r"\d\d:\d\d:\d\d ", row)]
    dates = [row for row in out.split("\n") if re.fullmatch(r"\d{4}-\d\d-\d\d", row)]
    assert len(events) == 60 and len(dates) == 3, (len(events), dates)
    assert re.match(r"01:00:00 denied +1 +CORP\\user1", events[0]), events[0]

@test("the table fits any width")
def table_any_width():
    for width in (20, 50, 79, 109, 110, 133, 500):
        for row in show(GOOD, env={"COLUMNS": str(width)})[0].decode().split("\n"): assert columns(row) <= max(width, 53), (width, columns(row), row)

@test("without a terminal nothing is cut, and a row is an event")
def table_without_terminal():
    found = rows(GOOD)
    assert len(found) == 60, len(found)
    for n, row in enumerate(found, 1):
        kind, subject, data = event(n)
        assert row.startswith(f"2026-11-{1 + n // 24:02} {n % 24:02}:00:00 {kind.removeprefix('certificate.')} "), row[:100]
        assert all(c.isprintable() for c in row), repr(row)
        if "request" in data and n % len(HOSTILE) in (4, 6, 10, 11):         # what needs no escape stands there in full
            assert data["request"]["RequesterName"] in row and data["certificate"]["DistinguishedName"] in row, row[:200]
    assert "\\u{1b}[31m\\u{1b}]0;owned\\u{7}" in found[11] and "\\u{202e}gnp.exe" in found[0], found[11]
    assert "(key compromise)" in found[1] and "(admin denied request)" in found[5], (found[1], found[5])
    assert found[2].rstrip().endswith("CRL of 70000 bytes"), found[2]

@test("--json gives the journal's own lines, byte for byte")
def json_lines(): assert show(GOOD, "--json")[0] == b"".join(LINES)

def chosen(words, fits):
    want = b"".join(l for l, e in zip(LINES, parsed(LINES)) if fits(e))
    assert show(GOOD, "--json", *words)[0] == want, words
    assert want, f"{words}: a test of nothing"

def request(e): return e["data"].get("request", {})
def certificate(e): return e["data"].get("certificate", {})

@test("filters choose what Python chooses")
def filters():
    chosen(["--type", "denied"], lambda e: e["type"].endswith("denied"))
    chosen(["--type", "crl", "--type", "certificate.rev*"], lambda e: "crl" in e["type"] or "revoked" in e["type"])
    chosen(["--since", "2026-11-02", "--until", "2026-11-02"], lambda e: e["time"].startswith("2026-11-02"))
    chosen(["--since", "2026-11-02T03:00:00.500+01:00"], lambda e: e["time"] >= "2026-11-02T02:00:00.500Z")
    chosen(["--until", "2026-11-01 09:00"], lambda e: e["time"] < "2026-11-01T09")
    chosen(["--request", "7", "--request", "20-30"], lambda e: request(e).get("RequestID", 0) in [7, *range(20, 31)])
    chosen(["--requester", "USER1"], lambda e: "user1" in request(e).get("RequesterName", ""))
    chosen(["--requester", "corp\\user*=*"], lambda e: re.fullmatch(r"CORP\\user.*=.*", request(e).get("RequesterName", ""), re.S))
    chosen(["--subject", "\u65e5\u672c"], lambda e: "\u65e5\u672c" in certificate(e).get("DistinguishedName", ""))
    chosen(["--subject", "*o=M\u00dcLLER"], lambda e: "DistinguishedName" in certificate(e))
    chosen(["--template", "web2"], lambda e: "Web2" in request(e).get("RequestAttributes", ""))
    chosen(["--template", "*.21.8.1", "--type", "issued,revoked"], lambda e: certificate(e).get("CertificateTemplate", "").endswith(".1") and e["type"][24:] in ("issued", "revoked"))
    chosen(["--serial", "0x6D:00:00:00:07"], lambda e: certificate(e).get("SerialNumber") == "6d00000007")

@test("times are of this machine's zone where that is asked for")
def local_times():
    assert rows(GOOD, "--local", "--last", "1", env={"TZ": "XXX-3:30"})[0].startswith("2026-11-03 15:30:00"), rows(GOOD, "--local", "--last", "1")
    assert show(GOOD, "--local", "--last", "1")[0].startswith(b"TIME (LOCAL)") and show(GOOD, "--last", "1")[0].startswith(b"TIME (UTC)")
    out = show(GOOD, "--json", "--local", "--since", "2026-11-02", "--until", "2026-11-02", env={"TZ": "XXX+5"})[0]
    assert out == b"".join(l for l, e in zip(LINES, parsed(LINES)) if "2026-11-02T05" <= e["time"] < "2026-11-03T05")

# The last ones.

@test("--last gives the last that fit, across segments")
def last():
    for count in (1, 14, 15, 16, 35, 59, 60, 61, 10 ** 19):
        assert show(GOOD, "--json", "--last", str(count))[0] == b"".join(LINES[-count:]), count
    issued = [l for l in LINES if b"certificate.issued" in l]
    for count in (1, 2, 5, 11, 12, 13): assert show(GOOD, "--json", "--type", "issued", "--last", str(count))[0] == b"".join(issued[-count:]), count
    assert show(GOOD, "--json", "--serial", "1", "--last", "5")[0] == b""

@test("--last passes over torn and left-behind tails")
def last_with_tails():
    torn = journal("torn", {name(1): LINES[:25], name(26): LINES[25:45] + [LINES[45][:-9]]})
    out, said = show(torn, "--json", "--last", "3")
    assert out == b"".join(LINES[42:45]) and name(26) in said and "not a whole line" in said, said
    left = journal("left", {name(1): LINES[:25] + chain(26, 2, hash_of(LINES[24]), flushed=25), name(26): LINES[25:45]})
    assert show(left, "--json", "--last", "22")[0] == b"".join(LINES[23:45])
    zeros = journal("zeros", {name(1): LINES[:25] + [b"\0" * 3000000]})
    out, said = show(zeros, "--json", "--last", "2", code=1)
    assert out == b"".join(LINES[23:25]) and said.count("certwitness verify") == 1, said

@test("--last tells damage behind the first event shown, and does not look before it")
def last_sees_damage_behind_its_first():
    changed = journal("last-changed", {name(1): LINES[:25], name(26): LINES[25:30] + [LINES[30].replace(b"context", b"contexd")] + LINES[31:45]})
    out, said = show(changed, "--json", "--last", "16", code=1)
    assert out == b"".join(LINES[28:30] + LINES[31:45]) and name(26) in said and "event 31" in said, said
    assert show(changed, "--json", "--last", "14")[0] == b"".join(LINES[31:45])      # what stands before is not looked at

# What is wrong.

def wrong(label, files, sentence, shown):
    out, said = show(journal(label, files), "--json", code=1)
    assert re.search(sentence, said), f"{label}: {said}"
    assert out == b"".join(shown), (label, len(out.splitlines()))

@test("each kind of fault is told with its place, and what can be read is shown")
def faults():
    changed = LINES[6].replace(b"CORP", b"CORQ")
    wrong("changed", {name(1): LINES[:6] + [changed] + LINES[7:25], name(26): LINES[25:45]}, name(1) + r", line 7 \(byte \d+\): .*event 7", LINES[:6] + LINES[7:45])
    wrong("missing", {name(1): LINES[:6] + LINES[8:25], name(26): LINES[25:45]}, name(1) + r", line 7 .*events 7 to 8 are missing", LINES[:6] + LINES[8:45])
    wrong("segment", {name(1): LINES[:25], name(46): LINES[45:]}, name(1) + r", line 26 .*events 26 to 45 are missing", LINES[:25] + LINES[45:])
    wrong("swapped", {name(1): LINES[:5] + [LINES[6], LINES[5]] + LINES[7:25]}, name(1) + r", line 6 .*event 7 is where event 6 was expected",
          LINES[:5] + [LINES[6], LINES[5]] + LINES[7:25])
    wrong("twice", {name(1): LINES[:6] + LINES[5:25]}, name(1) + r", line 7 .*event 6 is here once more", LINES[:25])
    other = lines_of(25, previous="0" * 64)
    other[12] = line(13, hash_of(other[11]), data='{"event":2}')
    wrong("forged", {name(1): other}, name(1) + r", line 14 .*event 14 is a whole line, but does not follow event 13", other)
    bad = seal(LINES[9][:-76].replace(b'"data":{', b'"data":{"event":1,"x":tru,'))
    wrong("not-json", {name(1): LINES[:9] + [bad] + LINES[10:25]}, "line 10 .*not JSON", LINES[:9] + LINES[10:25])

@test("a second CA's lines are told")
def two_cas():
    theirs = []
    for n in range(11, 16): theirs.append(line(n, hash_of(theirs[-1]) if theirs else "7" * 64, source="/adcs/other/Other%20CA"))
    wrong("two-cas", {name(1): LINES[:10], name(11): theirs}, r"of another CA: /adcs/other/Other%20CA, and before it /adcs/ca/CA", LINES[:10] + theirs)

@test("a journal of nothing but faults comes to an end")
def many_faults_end():
    out, said = show(journal("faults", {name(1): LINES[::2]}), "--json", code=1)
    assert out == b"".join(LINES[::2]) and said.count("missing") == 20 and "9 more places" in said and "nothing after" not in said, said
    many = lines_of(300)[::2]
    out, said = show(journal("faulty", {name(1): many}), "--json", code=1)
    assert out == b"".join(many[:101]) and said.count("missing") == 20 and "81 more places" in said and "nothing after event 201 was read" in said, said

@test("bad input gets a sentence and exit code 2")
def bad_input():
    for path, sentence in ((ROOT, "there is no journal in this folder"), (ROOT + "/none", "there is no such file or folder"), (GOOD + "/" + name(1), "a journal is a folder"),
                           ("", "is not the path of a folder")):
        assert sentence in show(path, code=2)[1], (path, show(path, code=2)[1])
    for words in (["--since", "soon"], ["--type", "isued"], ["--request", "x"], ["--serial", "xyz"], ["--last", "0"], ["--last", "-1"], ["--last"], ["--nonsense"], ["--subject", ""],
                  [GOOD]):
        out, said = show(GOOD, *words, code=2)
        assert out == b"" and said.startswith("certwitness: "), (words, said)

@test("the command that is named after damage can be pasted into a shell, whatever the folder is called")
def advice_can_be_pasted():
    for label in ("plain", "two words", "it's $(touch x) `id` \\ \"q\" & more; #"):
        folder = journal(label, {name(1): LINES[:6] + LINES[8:25]})
        command = re.search(r"certwitness: to see up to where the journal holds: (certwitness verify .*)\n", show(folder, "--json", code=1)[1])[1]
        with tempfile.TemporaryDirectory() as place:
            os.symlink(os.path.abspath(SHOW), place + "/certwitness")
            done = subprocess.run(["sh", "-c", command], cwd=place, capture_output=True, text=True, env={**os.environ, "PATH": f"{place}:{os.environ['PATH']}"})
            assert done.returncode == 1 and "missing" in done.stdout and os.listdir(place) == ["certwitness"], (command, done)

@test("a journal has to be named where there is no CA, and a CA cannot be")
def journal_is_named():
    for command in ("show",), ("list",), ("verify",), ("stats",), ("export", "--out", ROOT + "/never"), ("cert", "--request", "1"):
        for words, sentence in ([], "name the folder that the journal is in"), (["--ca", "CA"], "name the journal's folder instead"), (["--ca", "CA", GOOD], "give one of the two"):
            done = subprocess.run([SHOW, *command, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            assert done.returncode == 2 and not done.stdout and sentence in done.stderr, (command, words, done)

@test("a file that may not be read is named")
def no_permission():
    with tempfile.TemporaryDirectory() as top:
        program, folder = top + "/program", top + "/journal"
        shutil.copy(LEAN, program)
        os.chmod(top, 0o755)
        write(folder, {name(1): b"".join(LINES[:25]), name(26): b"".join(LINES[25:45]), name(46): b"".join(LINES[45:])})
        def locked(mode, words, sentence, want, place=folder):
            if os.getuid() == 0: command = ["setpriv", "--reuid", "65534", "--clear-groups", program]
            else: command = [program]
            os.chmod(place, mode)
            done = subprocess.run([*command, words[0], folder, "--json", *words[1:]], capture_output=True)
            os.chmod(place, 0o755)
            assert done.returncode == 2 and sentence in done.stderr.decode() and done.stdout == b"".join(want), (words, done.returncode, done.stderr.decode())
            return done.stderr.decode()
        for first, count in (1, 25), (26, 20), (46, 15):
            rest = LINES[:first - 1] + LINES[first - 1 + count:]
            locked(0, ["show"], f"{name(first)} cannot be read: access is denied.", rest, f"{folder}/{name(first)}")
            locked(0, ["cert", "--sequence", str(first)], f"{name(first)} cannot be read: access is denied.", [], f"{folder}/{name(first)}")
        locked(0, ["show", "--last", "3"], f"{name(46)} cannot be read: access is denied", LINES[42:45], f"{folder}/{name(46)}")
        locked(0, ["show", "--last", "17"], f"{name(26)} cannot be read: access is denied", LINES[23:25] + LINES[45:], f"{folder}/{name(26)}")
        for command in ["show"], ["show", "--last", "3"], ["show", "--follow"], ["stats"], ["list"], ["cert", "--request", "1"], ["export", "--out", top + "/out"]:
            locked(0, command, f"{folder}: the journal cannot be read: access is denied", [])

# What somebody else wrote.

NASTY = '\u009b31m\u202e\u2066\x7f\u200b'
@test("nothing forged steers a terminal, in any form")
def forged_lines_are_made_plain():
    data = json.dumps({"event": 1, "request": {"RequestID": 1, "RequesterName": NASTY, NASTY: NASTY}, NASTY: {NASTY: [NASTY, {NASTY: 1.5}]}}, ensure_ascii=False)
    folder = journal("nasty", {name(1): [line(1, "0" * 64, data=data, type="certificate." + NASTY), line(2, hash_of(line(1, "0" * 64, data=data, type="certificate." + NASTY)),
                               data="{\"a\":\r1,\t\"b\":2}")]})
    for words in ([], ["--full"], ["--json"], ["--json", "--full"]):
        out = show(folder, *words)[0].decode()
        assert all(c.isprintable() or c == "\n" for c in out), (words, repr(out))
        if words == ["--json"]: assert json.loads(out.split("\n")[0])["data"] == json.loads(data)
        if len(words) == 2: assert json.loads(out.split("\n")[0])["event"]["data"] == json.loads(data)

@test("--full decodes every event")
def in_full():
    text = show(GOOD, "--full")[0].decode()
    assert all(c.isprintable() or c == "\n" for c in text)
    assert text.count("\nEvent ") + 1 == 60
    for part in ("Disposition: 20 (issued)", "StatusCode: -2146877420 = 0x80094014 (CERTSRV_E_ADMIN_DENIED_REQUEST)", "RevokedReason: 1 (key compromise)",
                 "            - CertificateTemplate:Web1\n", "Template asked for: Web1"): assert part in text, part
    for l in show(GOOD, "--full", "--json")[0].splitlines():
        both = json.loads(l)
        assert both["event"] in parsed(LINES)
        if "request" in both["event"]["data"]: assert both["decoded"]["disposition"] == "issued" and both["decoded"]["attributes"][0].startswith("CertificateTemplate:Web")

@test("--full decodes the certificates of the CA itself")
def ca_in_full():
    of_ca = lambda der: {"index": 0, "RawCACertificate": {"size": len(der), "sha256": hashlib.sha256(der).hexdigest(), "base64": base64.b64encode(der).decode()}}
    data = {"module": {}, "ca": {"certificates": [of_ca(forms.certificate(subject=forms.cn("Our CA"))), of_ca(b"\x30\x05")]}}
    folder = journal("of-ca", {name(1): [line(1, "0" * 64, type="module.started", subject="", data=json.dumps(data))]})
    text = show(folder, "--full")[0].decode()
    assert "                    Subject: CN=Our CA\n" in text and "Cannot be decoded: " in text and "base64" not in text, text
    first, second = json.loads(show(folder, "--full", "--json")[0])["decoded"]["caCertificates"]
    assert first["subject"] == "CN=Our CA" and second["bytes"] == 2 and second["refused"], (first, second)

@test("a gap says why and of which requesters, those of most first, and forged ones do no harm")
def gaps():
    def words(**data):
        folder = journal(f"gap-{len(os.listdir(ROOT))}", {name(1): [line(1, "0" * 64, type="journal.gap", subject="", data=json.dumps(data))]})
        return rows(folder)[0].split(" ", 3)[3].strip()
    def named(*pairs): return [{"name": name, "events": n} for name, n in pairs]
    full = words(events=17, requestIDs=[5, 6], requesters=named(("CORP\\a", 1), ("CORP\\\x1b[1mb", 5), ("CORP\\c", 2), ("CORP\\d", 3)), requestersLeftOut=2,
                 why={"lowSpace": 10, "queueHalf": 3, "queueFull": 1, "noMemory": 1, "noLine": 1, "exception": 1})
    assert full == ("17 events were lost, 1 as QueueMiB was full, 3 as half of QueueMiB was full, 10 as less than MinFreeMiB was free, 1 for want of memory, 1 as no line could be made "
                    "of them, 1 by exceptions of the CA's; of CORP\\\\u{1b}[1mb 5, CORP\\d 3, CORP\\c 2 and others 3: requests 5, 6"), full
    assert words(events=2, requestIDs=[], why={"unwritten": 2}) == "2 events were lost, 2 as the journal was closed before"
    assert words(events=2, requestIDs=[], requestersLeftOut=2, why={"lowSpace": 2}) == "2 events were lost, 2 as less than MinFreeMiB was free; of requesters that are not named 2"
    assert words(events=3, requestIDs=[9]) == "3 events were lost: requests 9"                    # from before causes were told
    assert words(events=1, requestIDs=7, requesters=[{"name": 1}, 2, [], {"name": "x", "events": -4}], why={"lowSpace": "3", "exception": -1, "new": 4}, requestersLeftOut="9") == "1 events were lost"

@test("--full says why a long value is a hash only")
def spared():
    for why, said in ("lowSpace", "twice MinFreeMiB was free"), ("flood", "100 of this requester within an hour"):
        data = {"event": 2, "context": 1, "request": {"RequestID": 1}, "certificate": {}, "missing": [{"name": "RawRequest", "size": 900, "sha256": "c" * 64, "why": why}]}
        text = show(journal("spared-" + why, {name(1): [line(1, "0" * 64, type="certificate.pending", data=json.dumps(data))]}), "--full")[0].decode()
        for part in ("name: RawRequest", "size: 900", "sha256: " + "c" * 64, f"why: {why} (", said, "the CA's database has the bytes"): assert part in text, (part, text)
    data["missing"][0]["why"] = "\x1b[1mwhy"
    assert "why: \\u{1b}[1mwhy\n" in show(journal("spared-forged", {name(1): [line(1, "0" * 64, data=json.dumps(data))]}), "--full")[0].decode()

@test("certificates are decoded, searched and named where the CA tells nothing")
def certificates():
    openssl("req", "-new", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", ROOT + "/key", "-subj", "/CN=Zo\u00eb\x1b[1m", "-utf8", "-days", "9",
            "-addext", "subjectAltName=DNS:www.corp.example", "-out", ROOT + "/cer")
    der = openssl("x509", "-in", ROOT + "/cer", "-outform", "der")
    serial = openssl("x509", "-in", ROOT + "/cer", "-noout", "-serial").decode().strip().split("=")[1].lower()
    data = {"event": 1, "request": {"RequestID": 1, "RawRequest": "MIIB"}, "certificate": {"RawCertificate": base64.b64encode(der).decode()}}
    folder = journal("certificate", {name(1): [line(1, "0" * 64, data=json.dumps(data, separators=(",", ":")))]})
    assert rows(folder)[0].endswith("CN=Zo\u00eb\\u{1b}[1m"), rows(folder)
    for words in (["--serial", serial], ["--subject", "www.corp.*"], ["--subject", "zo\u00cb"]): assert len(rows(folder, *words)) == 1, words
    assert rows(folder, "--subject", "ftp") == []
    decoded = json.loads(show(folder, "--json", "--full")[0])["decoded"]
    assert decoded["certificate"]["serialNumber"].lstrip("0") == serial.lstrip("0") and "bytes" in decoded["request"], decoded
    assert "Subject: CN=Zo\u00eb\\u{1b}[1m" in show(folder, "--full")[0].decode()

@test("lines of 1 MiB need less than 64 MiB of memory")
def long_lines_need_little_memory():
    wide = '{"event":1,"request":{' + ",".join(f'"{n:x}":[[],{{}}]' for n in range(60000)) + "}}"
    deep = '{"event":1,"request":{"RawRequest":"' + "MIIB" * 250000 + '"}}'
    first = line(1, "0" * 64, data=wide)
    folder = journal("long", {name(1): [first, line(2, hash_of(first), data=deep)]})
    for words in ([], ["--full"], ["--json", "--full"], ["--last", "2"], ["--subject", "x"]):
        show(folder, *words, program=LEAN)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, "measured below"
    done = subprocess.run([sys.executable, "-c", "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
                           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)", LEAN, "show", folder, "--subject", "x"], capture_output=True, check=True)
    assert int(done.stdout) < 64 << 10, f"{int(done.stdout)} KiB"

def on_a_terminal(env):
    pid, master = pty.fork()
    if not pid:
        os.environ.update(env)
        os.execv(SHOW, [SHOW, "show", "--all", GOOD])
    out = b""
    try:
        while part := os.read(master, 65536): out += part
    except OSError: pass
    os.waitpid(pid, 0)
    return out.decode()

@test("colours come on a terminal only, and from nobody else")
def colours():
    plain = {"TERM": "xterm", "COLUMNS": "80"}
    out = on_a_terminal(plain)
    assert "\x1b[31mdenied" in out and "\x1b[32missued" in out and "\x1b[33mrevoked" in out, out[:400]
    assert set(re.findall("\x1b.{3}", out)) <= {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[0m ", "\x1b[31", "\x1b[32", "\x1b[33"} | {f"\x1b[{n}m{c}" for n in "012" for c in map(chr, range(10, 0x3000))}
    assert not set(re.sub("\x1b\\[[0-9]{1,2}m", "", out)) & {"\x1b", "\x9b", "\x07", "\u202e"}
    for more in ({"NO_COLOR": "1"}, {"TERM": "dumb"}): assert "\x1b" not in on_a_terminal({**plain, **more}), more
    assert b"\x1b" not in show(GOOD)[0]

WRITES_OUT, WRITES_ERR, WAITS = "1 0x1 ", "1 0x2 ", "202 "             # write and futex, as Linux numbers them on amd64

def until_it_is_in(pid, call):
    end = time.monotonic() + 60
    while True:
        with open(f"/proc/{pid}/syscall") as now:
            if now.read().startswith(call): return
        assert time.monotonic() < end, f"it never is in the system call {call}"
        time.sleep(0.01)

# Ctrl-C.

def interrupted_at_a_note(*words):
    """What a command says when Ctrl-C comes while it tells of damage: standard error is full, so it waits there."""
    folder = f"{ROOT}/interrupted"
    if not os.path.exists(folder): journal("interrupted", {name(1): LINES[:6] + LINES[7:45]})
    end, start = os.pipe()
    os.set_blocking(start, False)
    filled = 0
    try:
        while True: filled += os.write(start, b"x")
    except BlockingIOError: pass
    os.set_blocking(start, True)
    shown = tempfile.TemporaryFile()
    process = subprocess.Popen([SHOW, words[0], folder, *words[1:]], stdout=shown, stderr=start)
    os.close(start)
    until_it_is_in(process.pid, WRITES_ERR)
    process.send_signal(signal.SIGINT)
    said = b""
    while part := os.read(end, 65536): said += part
    os.close(end)
    process.wait()
    shown.seek(0)
    return shown.read().decode(), said[filled:].decode(), process.returncode

@test("Ctrl-C ends a command, which says so and gives no part of a sum for the whole")
def interrupted_commands():
    out, said, code = interrupted_at_a_note("show", "--json")
    assert code == 2 and out.encode() == b"".join(LINES[:6]) and "event 7 is missing" in said, (code, said, out)
    for json in [], ["--json"]:
        out, said, code = interrupted_at_a_note("stats", *json)
        assert code == 2 and out == "" and "interrupted at event 6" in said, (code, said, out)
    out, said, code = interrupted_at_a_note("cert", "--request", "59")
    assert code == 2 and out == "" and "interrupted" in said and "there is no event" not in said, (code, said, out)

def on_a_screen(rows, width, *words):
    """What the command prints on a terminal of that size, and what it says besides."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, width, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
    process = subprocess.Popen([SHOW, "show", *words], stdout=slave, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env={**environment, "TERM": "dumb", "TZ": "UTC"})
    os.close(slave)
    out = b""
    try:
        while part := os.read(master, 65536): out += part
    except OSError: pass
    os.close(master)
    said = process.stderr.read().decode()
    assert process.wait() == 0, said
    return out.decode().replace("\r\n", "\n").splitlines(), said

def said_on_a_screen(width, *words):
    """What the program says on standard error, which is a terminal of that width."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
    process = subprocess.Popen([SHOW, *words], stdout=subprocess.DEVNULL, stderr=slave, stdin=subprocess.DEVNULL, env={**environment, "TERM": "dumb"})
    os.close(slave)
    said = b""
    try:
        while part := os.read(master, 65536): said += part
    except OSError: pass
    os.close(master)
    assert process.wait() == 2, said
    return said.decode().replace("\r\n", "\n")

@test("on a terminal a long complaint is broken at blanks, and in a pipe it is one line")
def complaints_are_broken():
    for name in "no such journal", "\u65e5\u672c\u8a9e " * 12 + "x":
        words = ["show", f"{GOOD}/{name}/that one has a long path that no terminal shows in one line"]
        piped = subprocess.run([SHOW, *words], capture_output=True).stderr.decode()
        assert piped.count("\n") == 1 and len(piped) > 120, piped
        for width in 40, 72, 300:
            said = said_on_a_screen(width, *words)
            assert said.replace("\n", " ").strip() == piped.strip(), (width, said)
            lines, most = said.splitlines(), min(width, 100)
            assert len(lines) > 1 and all(columns(line) <= most or " " not in line.removeprefix("certwitness: ") for line in lines), (width, lines)
            assert all(columns(line) + 1 + columns(after.split(" ")[0]) > most for line, after in zip(lines, lines[1:])), (width, lines)

@test("on a terminal show without options prints one screen, the last, and says how more is seen")
def last_screen():
    lines_from = lambda shown: [row[:8] for row in shown if re.match(r"\d\d:", row)]
    whole = lines_from(on_a_screen(24, 80, "--all", GOOD)[0])
    assert len(whole) == 60
    assert len(rows(GOOD)) == 60                                    # a pipe gets all
    for height in (10, 12, 24, 40, 63):
        for words in ([GOOD], ["--local", GOOD]):
            shown, said = on_a_screen(height, 80, *words)
            events = lines_from(shown)
            assert len(shown) <= height - 1 and not said, (height, len(shown), shown)
            assert len(shown) >= height - 2, (height, len(shown))       # a row may be left where the next event would need one for its date
            assert events == whole[-len(events):], (height, events)
            assert shown[-1] == f"The last {len(events)} events. To see more, add --last 100, or --all.", shown[-1]
    wide, _ = on_a_screen(24, 120, GOOD)
    assert len(wide) == 23 and wide[1].startswith("2026-11-02 16:00:00") and wide[-1].startswith("The last 21 events."), wide
    whole_screen, _ = on_a_screen(80, 80, GOOD)
    assert len(lines_from(whole_screen)) == 60 and "To see more" not in whole_screen[-1], whole_screen[-1]
    for words in (["--all"], ["--full"], ["--json"], ["--type", "certificate.*"], ["--last", "60"]):
        shown, _ = on_a_screen(12, 80, *words, GOOD)
        assert len(shown) > 40 and "To see more" not in shown[-1], (words, len(shown))

@test("a filter that nothing fits is named, with the number of events that were read")
def nothing_fits():
    for words, named in ((["--type", "imported", "--since", "2026-11-01"], "--since 2026-11-01"), (["--last", "5", "--subject", "no one's"], "--subject"), (["--request", "900-910"], "--request 900-910")):
        out, said = show(*words, GOOD, env={})
        assert f"{GOOD}: none of the 60 events that were read fits" in said and named in said and said.count("\n") == 1, said
        assert not out.decode().splitlines()[1:], out
    assert "--type imported --since 2026-11-01" in show("--type", "imported", "--since", "2026-11-01", GOOD)[1]
    assert show("--type", "issued", GOOD)[1] == "" and show(GOOD)[1] == "" and show("--local", GOOD)[1] == ""
    for command, code in (["stats"], 0), (["export", "--out", ROOT + "/none of them"], 0), (["cert"], 2):
        done = subprocess.run([SHOW, *command, "--request", "900", GOOD], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == code and "none of the 60 events that were read fits --request 900" in done.stderr, (command, done)

@test("Ctrl-C leaves no colour behind")
def interrupted_colours():
    many = journal("many", {name(1): lines_of(3000)})
    pid, master = pty.fork()
    if not pid:
        os.environ.update({"TERM": "xterm", "COLUMNS": "80"})
        os.execv(SHOW, [SHOW, "show", "--all", many])
    until_it_is_in(pid, WRITES_OUT)                                 # nobody reads, and the terminal is full
    os.kill(pid, signal.SIGINT)
    out = b""
    try:
        while part := os.read(master, 65536): out += part
    except OSError: pass
    status = os.waitpid(pid, 0)[1]
    assert os.waitstatus_to_exitcode(status) == 2 and len(out) < 60000, (status, len(out))
    assert out.endswith(b"\n") and re.findall(rb"\x1b\[[0-9]+m", out)[-1] == b"\x1b[0m", out[-100:]

# As they happen.

class Follower:
    def __init__(self, folder, *words):
        self.process = subprocess.Popen([SHOW, "show", folder, "--json", "--follow", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.out = b""
    def wait(self, count, seconds=60):
        end = time.monotonic() + seconds
        while self.out.count(b"\n") < count and time.monotonic() < end:
            if select.select([self.process.stdout], [], [], 0.05)[0]: self.out += os.read(self.process.stdout.fileno(), 1 << 20)
        return self.out
    def end(self, code=0):
        self.process.send_signal(signal.SIGINT)
        out, said = self.process.communicate(timeout=60)
        assert self.process.returncode == code, (self.process.returncode, said.decode())
        return self.out + out, said.decode()

def add(folder, segment, text):
    with open(f"{folder}/{name(segment)}", "ab") as out: out.write(text)

def unflushed(first, count, previous, flushed):
    lines = []
    for n in range(first, first + count): lines.append(line(n, hash_of(lines[-1]) if lines else previous, flushed=flushed))
    return lines

@test("--follow shows what is covered, and the rest after a second of quiet")
def follow():
    folder = journal("follow", {name(1): LINES[:25]})
    follower = Follower(folder, "--last", "2")
    assert follower.wait(2) == b"".join(LINES[23:25])
    waiting = unflushed(26, 3, hash_of(LINES[24]), 25)
    begun = time.monotonic()
    add(folder, 1, b"".join(waiting[:2]))
    time.sleep(0.2)
    add(folder, 1, waiting[2])                                      # which covers nothing, and begins the second of quiet anew
    assert follower.wait(3, seconds=0.3).count(b"\n") == 2, "shown before it was covered"
    assert follower.wait(5) == b"".join(LINES[23:25] + waiting) and time.monotonic() - begun > 1.1, "after a second of quiet"
    covered = unflushed(29, 2, hash_of(waiting[-1]), 28)
    more = unflushed(31, 1, hash_of(covered[-1]), 30)
    add(folder, 1, b"".join(covered))
    add(folder, 31, more[0][:-30])                                  # a new segment, the first line half written
    time.sleep(0.4)
    add(folder, 31, more[0][-30:])
    assert follower.wait(7) == b"".join(LINES[23:25] + waiting + covered)
    follower.wait(8)
    out, said = follower.end()
    assert out == b"".join(LINES[23:25] + waiting + covered + more) and said == "", said

@test("--follow shows the last lines once the file head names them, and not before")
def follow_head():
    folder = journal("follow-head", {name(1): LINES[:25], "head": head_file(25, hash_of(LINES[24]))})
    follower = Follower(folder, "--last", "2")
    assert follower.wait(2) == b"".join(LINES[23:25])
    lost = unflushed(26, 3, hash_of(LINES[24]), 25)
    add(folder, 1, b"".join(lost))
    assert follower.wait(3, seconds=2).count(b"\n") == 2, "shown, though nothing says that it is on disk"
    again = [line(n, hash_of(LINES[24]), flushed=25, data='{"again":1}') for n in (26,)]
    add(folder, 26, b"".join(again))                                # flushing them had failed: a new segment has them
    with open(f"{folder}/head", "wb") as out: out.write(head_file(26, hash_of(again[0])))
    follower.wait(3)
    out, said = follower.end()
    assert out == b"".join(LINES[23:25] + again) and said == "", (out, said)
    assert show(folder, "--json", "--last", "1")[0] == again[0]

@test("--follow does not show what was taken back")
def follow_taken_back():
    folder = journal("taken", {name(1): LINES[:5]})
    follower = Follower(folder, "--last", "0")
    until_it_is_in(follower.process.pid, WAITS)
    lost = unflushed(6, 3, hash_of(LINES[4]), 5)
    again = unflushed(6, 4, hash_of(LINES[4]), 5)
    again = [line(6, hash_of(LINES[4]), flushed=5, data='{"again":1}')]
    for n in (7, 8): again.append(line(n, hash_of(again[-1]), flushed=n - 1, data='{"again":1}'))
    add(folder, 1, b"".join(lost))
    time.sleep(0.3)
    add(folder, 6, b"".join(again))                                 # writing them had failed: a new segment has them
    follower.wait(3)
    out, said = follower.end()
    assert out == b"".join(again), out

@test("--follow filters")
def follow_filtered():
    folder = journal("filtered", {name(1): LINES[:25]})
    follower = Follower(folder, "--type", "denied", "--since", "2026-11-01")
    add(folder, 26, b"".join(LINES[25:45]))
    want = b"".join(l for l in LINES[:45] if b"certificate.denied" in l)
    follower.wait(want.count(b"\n"))
    assert follower.end()[0] == want

@test("--follow tells what was removed under it")
def follow_pruned():
    folder = journal("pruned", {name(1): LINES[:25]})
    follower = Follower(folder, "--last", "1")
    follower.wait(1)
    add(folder, 46, b"".join(LINES[45:]))                           # 26 to 45 came and went while nobody looked
    os.remove(f"{folder}/{name(1)}")
    follower.wait(16)
    out, said = follower.end(code=0)
    assert out == b"".join(LINES[24:25] + LINES[45:]) and "removed" in said, said

@test("what is removed before it was read is told, and the rest shown")
def pruned_meanwhile():
    folder = journal("pruned-meanwhile", {name(1): LINES[:25], name(26): LINES[25:45], name(46): LINES[45:]})
    shown = subprocess.Popen([SHOW, "show", "--json", folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    fcntl.fcntl(shown.stdout, fcntl.F_SETPIPE_SZ, 4096)
    select.select([shown.stdout], [], [])                           # it is in the first file, and held up by the pipe
    os.remove(f"{folder}/{name(1)}"), os.remove(f"{folder}/{name(26)}")
    out, said = shown.communicate(timeout=60)
    assert (shown.returncode, out) == (0, b"".join(LINES[:25] + LINES[45:])), (shown.returncode, said)
    assert said.decode().endswith("events from 26 on were removed from the journal before they were read\n"), said

@test("--follow tells damage once and goes on")
def follow_damage():
    folder = journal("damage", {name(1): LINES[:25]})
    follower = Follower(folder, "--last", "1")
    follower.wait(1)
    add(folder, 1, LINES[25].replace(b"context", b"contexd") + b"".join(LINES[26:30]))
    follower.wait(5)
    out, said = follower.end(code=1)
    assert out == b"".join(LINES[24:25] + LINES[26:30]) and "event 26" in said and said.count("event 26") == 1, said

@test("--follow tells of a last line that is damaged though head names it")
def follow_damage_at_the_end():
    folder = journal("damage-last", {name(1): LINES[:25], "head": head_file(25, hash_of(LINES[24]))})
    follower = Follower(folder, "--last", "1")
    follower.wait(1)
    add(folder, 1, LINES[25].replace(b"context", b"contexd"))
    with open(f"{folder}/head", "wb") as out: out.write(head_file(26, hash_of(LINES[25])))
    said, end = b"", time.monotonic() + 60
    while b"verify" not in said and time.monotonic() < end:
        if select.select([follower.process.stderr], [], [], 0.05)[0]: said += os.read(follower.process.stderr.fileno(), 65536)
    out, more = follower.end(code=1)
    said = said.decode() + more
    assert out == LINES[24] and said.count("event 26 was changed") == 1 and f"{name(1)}, " in said and f"certwitness verify {folder}" in said, said

@test("the Windows program says the same")
def on_windows():
    done = finished("wine/run", "build/bin/certwitness.exe", "show", windows(GOOD), "--last", "9")
    assert done.returncode == 0 and done.stdout == show(GOOD, "--last", "9")[0], (done.returncode, done.stdout[:500], done.stderr[-500:])

@test("the help of every command fits 80 columns and has examples")
def help_fits():
    top = subprocess.run([SHOW, "--help"], capture_output=True, check=True).stdout.decode()
    commands = re.findall(r"^  (\w+) {2,}\S", top, re.M)
    assert {"show", "list", "expiry", "verify", "stats", "cert", "export", "compare", "deliver", "prune"} == set(commands), commands       # those that work on Linux
    for command in [*commands, "install", "uninstall", "enable", "disable", "status", "settings"]:
        text = subprocess.run([SHOW, command, "--help"], capture_output=True, check=True).stdout.decode()
        assert text.startswith(f"certwitness {command}") and f"\n  certwitness {command}" in text, text            # with examples
        for row in (top + text).split("\n"): assert len(row) <= 80, f"{len(row)}: {row}"

@test
def bytes_without_a_line_are_no_journal_and_a_tail_that_is_no_line_is_wrong():
    zeros = b"".join(chain(1, 3)) + bytes(3_000_000)
    for text, want, said in ((b"x" * 5_000_000, 2, "this is not a journal"), (b"no line\n" * 1000, 2, "this is not a journal"), (b"{", 2, "this is not a journal"),
                             (zeros, 1, "not just the beginning of a line"), (zeros[:-2_900_000], 0, "bytes that are not a whole line"), (b"", 1, "the journal's files are empty")):
        folder = tempfile.mkdtemp()
        write(folder + "/j", {name(1): text})
        for command in ("show",), ("show", "--json"), ("show", "--last", "2"), ("stats",), ("stats", "--json"), ("list",), ("list", "--json"):
            done = subprocess.run([SHOW, *command, folder + "/j"], capture_output=True, stdin=subprocess.DEVNULL)
            assert done.returncode == want and said in done.stderr.decode(), (text[:20], command, done.returncode, done.stderr)
            if command == ("stats", "--json"): assert json.loads(done.stdout)["complete"] == (want == 0), (text[:20], done.stdout[:200])
    for command in "show", "stats", "verify":
        done = subprocess.run([SHOW, command, os.path.abspath("README.md")], capture_output=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 2 and b"a file stands where a folder has to be" in done.stderr, (command, done.stderr)
    done = subprocess.run([SHOW, "verify", "--head", "/dev/zero", folder + "/j"], capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and b"there is no head in /dev/zero" in done.stderr, done.stderr

run_tests()
