#!/usr/bin/python3
"""Characters that nobody sees: the table of them, and a journal full of hostile texts in every view of the program for Linux."""
import sys; sys.path[0] += "/../lib"
import glob, json, os, re, subprocess, tempfile

from chains import hash_of, line, name, write
from commands import run, run_apart
from tap import run as run_tests, test

PROGRAM = os.path.abspath("build/native/src/cli/certwitness")
ROOT = tempfile.mkdtemp()

def ranges():
    """The table's code points."""
    return [(int(first, 16), int(last, 16)) for first, last in re.findall(r"\{0x([0-9a-f]+), 0x([0-9a-f]+)\}", open("src/base/invisible.h").read())]

HIDDEN = {point for first, last in ranges() for point in range(first, last + 1)}

@test
def the_table_is_what_unicode_says_whichever_of_two_versions_is_the_older():
    """Perl brings data of its own: what it knows as invisible is in the table, and what is there besides it has not heard of."""
    script = r"""for my $c (0 .. 0x10ffff) {
        next if $c >= 0xd800 && $c <= 0xdfff;
        my $s = chr $c;
        printf "%x %d\n", $c, $s =~ /[\p{Default_Ignorable_Code_Point}\p{Cf}\x{2800}]/ ? 1 : 2 if $s =~ /[\p{Default_Ignorable_Code_Point}\p{Cf}\x{2800}]/ || $s =~ /\p{Unassigned}/; }"""
    code, said = run("perl", "-e", script)
    assert code == 0, said
    theirs = {1: set(), 2: set()}
    for entry in said.splitlines():
        point, kind = entry.split()
        theirs[int(kind)].add(int(point, 16))
    assert len(theirs[1]) > 4000 and theirs[1] <= HIDDEN, sorted(map(hex, theirs[1] - HIDDEN))
    assert HIDDEN - theirs[1] <= theirs[2], sorted(map(hex, HIDDEN - theirs[1] - theirs[2]))
    version = re.search(r'INVISIBLE_UNICODE "(\d+\.\d+\.\d+)"', open("src/base/invisible.h").read())
    assert version and re.match(r"1[5-9]\.", version[1]), version

@test
def the_script_makes_the_table_where_the_data_is():
    folder = "/usr/share/unicode"
    if not os.path.exists(folder + "/DerivedCoreProperties.txt"):       # Debian's package unicode-data; the format alone, then
        folder = tempfile.mkdtemp()
        open(folder + "/DerivedCoreProperties.txt", "w").write("# DerivedCoreProperties-1.2.3.txt\n00AD ; Default_Ignorable_Code_Point # Cf\n"
                                                               "FE00..FE0F ; Default_Ignorable_Code_Point # Mn\n0041 ; Alphabetic\n")
        open(folder + "/UnicodeData.txt", "w").write("0041;A;Lu;0\n0600;X;Cf;0\n0601;Y;Cf;0\nF0000;<Z, First>;Cf;0\nF0003;<Z, Last>;Cf;0\n")
        want = "{0xad, 0xad}, {0x600, 0x601}, {0x2800, 0x2800}, {0xfe00, 0xfe0f}, {0xf0000, 0xf0003},"
        code, said = run("src/base/invisible", folder)
        assert code == 0 and want in said and "Unicode 1.2.3" in said, said
        return
    code, said = run("src/base/invisible", folder)
    if f'"{re.search("[0-9.]+[0-9]", open(folder + "/DerivedCoreProperties.txt").readline())[0]}"' in open("src/base/invisible.h").read():
        assert code == 0 and said == open("src/base/invisible.h").read()

# Texts that hide, steer or disturb. Each stands behind "bob", which all of them must then be told from.
KINDS = ["\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u034f", "\ufe00", "\ufe0f", "\u17b4", "\u17b5", "\U0001bca0", "\U0001d173", "\U00013430", "\U0001343f",
         "\u0600", "\u0605", "\u06dd", "\u070f", "\u08e2", "\u00ad", "\u180e", "\u200b", "\u202e", "\u2066", "\ufeff", "\U000e0041", "\x1b[31m\x07", "\x9b1m\x7f\u2028"]
assert len(KINDS) == 28
BAD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges()) + "]")

def journal():
    """Each text in every member that holds text, of every type of event."""
    folder, previous, lines = ROOT + "/hostile", "0" * 64, []
    types = "certificate.issued", "certificate.denied", "certificate.revoked", "crl.issued", "event.unknown", "module.started", "journal.gap", "journal.broken"
    for kind in KINDS:
        text = "bob" + kind
        for type in types:
            data = {"event": 1, "context": 1, "what": text, "file": text,
                    "module": {"version": text, "run": text}, "ca": {"MachineDNSName": text, "SanitizedCAName": text, "keys": [{"index": 0, "RawCRL": text}]},
                    "settings": {"JournalDirectory": text, text: text}, "refusedSettings": [{"name": text, "value": text, "reason": text}],
                    "request": {"RequestID": 1, "Disposition": 20, "RequesterName": text, "CallerName": text, "DispositionMessage": text, "RequestAttributes": f"{text}:{text}\n{text}",
                                "Request.DistinguishedName": "CN=" + text, "SubmittedWhen": text, "RevokedReason": text, text: text},
                    "certificate": {"SerialNumber": text, "DistinguishedName": "CN=" + text, "CertificateTemplate": text, "UPN": text, "NotBefore": text},
                    "extra": {"attribute:" + text: text}, "missing": [{"name": text, "hresult": text}]}
            lines.append(line(len(lines) + 1, previous, data=json.dumps(data, ensure_ascii=False, separators=(",", ":")), type=type, subject=f'"subject":"request/{text}",' if kind.isprintable() or kind > "\x9f" else ""))
            previous = hash_of(lines[-1])
    write(folder, {name(1): b"".join(lines)})
    return folder

@test
def in_no_view_is_anything_hidden_or_two_names_alike():
    folder = journal()
    for view in (("show",), ("show", "--last", "400"), ("show", "--full"), ("show", "--full", "--json"), ("stats",), ("stats", "--json"), ("verify",), ("verify", "--json"),
                 ("cert", "--request", "1"), ("export", "--out", ROOT + "/out")):
        done = subprocess.run([PROGRAM, *view, folder], capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, "COLUMNS": "1000"})
        said = [done.stdout.decode(), done.stderr.decode()]
        assert "Sanitizer" not in said[1] and done.returncode in (0, 1, 2), (view, said)
        for text in said:
            for entry in text.split("\n"):
                if view[1:] == ("--full", "--json") and entry.startswith("{"): entry = entry[entry.rindex('"decoded":'):]      # before it the journal's own line, byte for byte
                assert not BAD.search(entry), (view, ascii(entry[max(0, BAD.search(entry).start() - 60):][:200]))
        if view[0] == "show" and "--json" not in view:
            for kind in KINDS: assert f"bob\\u{{{ord(kind[0]):x}}}" in said[0], (view, ascii(kind))
    for path in glob.glob(ROOT + "/out/*.csv"):
        assert not BAD.search(open(path, encoding="utf-8-sig").read().replace("\r", "")), path

run_tests()
