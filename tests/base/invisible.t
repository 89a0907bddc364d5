#!/usr/bin/python3
"""Characters that nobody sees: the table of them, and a journal full of hostile texts in every view of the program for Linux."""
import sys; sys.path[0] += "/../lib"
import csv, glob, io, os, re, subprocess, tempfile

from chains import chain, hash_of, line, name, seal, write
from commands import run, run_apart
from hostile import KINDS, RANGES, check, damaged, journal
from tap import run as run_tests, test

PROGRAM = os.path.abspath("build/native/src/cli/certwitness")
ROOT = tempfile.mkdtemp()

HIDDEN = {point for first, last in RANGES for point in range(first, last + 1)}

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
        assert code == 0 and want in " ".join(said.split()) and "Unicode 1.2.3" in said, said
        return
    code, said = run("src/base/invisible", folder)
    if f'"{re.search("[0-9.]+[0-9]", open(folder + "/DerivedCoreProperties.txt").readline())[0]}"' in open("src/base/invisible.h").read():
        assert code == 0 and said == open("src/base/invisible.h").read()

@test
def in_no_view_is_anything_hidden_or_two_names_alike():
    folder, odd = journal(ROOT + "/hostile"), damaged(ROOT + "/odd")
    for view in (("show",), ("show", "--last", "400"), ("show", "--full"), ("show", "--json"), ("show", "--full", "--json"), ("show", "--last", "9", "--json"), ("show", "--requester", "bob", "--local"),
                 ("stats",), ("stats", "--json"), ("list",), ("list", "--json"), ("expiry", "--all"), ("expiry", "--json", "--within", "9999y"), ("verify",), ("verify", "--json"), ("verify", "--quiet"), ("cert", "--request", "1"), ("cert", "--request", "1", "--json"),
                 ("export", "--out", ROOT + "/out"), ("export", "--json", "--out", ROOT + "/out2"), ("prune", "--older-than", "1d", "--dry-run")):
        done = subprocess.run([PROGRAM, *view, folder], capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, "COLUMNS": "1000"})
        said = [done.stdout.decode(), done.stderr.decode()]
        assert "Sanitizer" not in said[1] and "runtime error" not in said[1] and done.returncode in (0, 1, 2), (view, said[1][-2000:])
        for text in said: check(text, view)
        if "--out" not in view:
            done = subprocess.run([PROGRAM, *view, odd], capture_output=True, stdin=subprocess.DEVNULL)
            assert done.returncode in (0, 1, 2), (view, done.stderr)
            check(done.stdout.decode() + done.stderr.decode(), view)
        if view[0] == "show" and "--json" not in view and "--last" not in view:
            for kind in KINDS: assert f"bob\\u{{{ord(kind[0]):x}}}" in said[0], (view, ascii(kind))
    for out in "out", "out2":
        files = {path: open(path, encoding="utf-8-sig", newline="").read() for path in glob.glob(f"{ROOT}/{out}/*.*")}
        assert {os.path.basename(path) for path in files} >= {"index.csv", "index.json", "importcert.cmd", "export.json"}, files.keys()
        for path, text in files.items(): check(text, path)
        for row in csv.reader(io.StringIO(files[f"{ROOT}/{out}/index.csv"])):
            for cell in row: assert re.fullmatch(r"-?\d+", cell) or not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20|]", cell), ascii(cell)

@test
def what_is_no_utf_8_is_not_echoed():
    whole = [line(1, "0" * 64)]
    for text in b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x9b31m", b"\x1b[31m", b"\0":
        for place in b'"name":"', b'"source":"', b'"type":"', b'"subject":"', b'"time":"', b'{"specversion":"':
            body = line(2, hash_of(whole[0]), data='{"event":1,"name":""}')[:-75].replace(place, place + text)
            path = tempfile.mkdtemp(dir=ROOT) + "/j"
            write(path, {name(1): b"".join([*whole, seal(body), *chain(3, 2)])})
            for view in (("show",), ("show", "--json"), ("show", "--full"), ("stats",), ("verify",), ("cert", "--request", "1"), ("export", "--out", path + ".out")):
                done = subprocess.run([PROGRAM, *view, path], capture_output=True, stdin=subprocess.DEVNULL)
                assert done.returncode in (1, 2), (text, place, view, done)
                check(done.stdout.decode() + done.stderr.decode(), view)

run_tests()
