#!/usr/bin/python3
"""certwitness compare, on the build under sanitizers: the journal beside a dump of the CA's database with rows missing, deleted, moved and changed, in the
languages and code pages in which certutil's output is redirected. No certutil has written any of these dumps."""
import sys; sys.path[0] += "/../lib"
import json, os, random, shutil, subprocess, tempfile

from issued import *
from tap import run as run_tests, same, check, test

PROGRAM, ROOT = os.path.abspath("build/native/src/cli/certwitness"), tempfile.mkdtemp()
ENGLISH = ["Request ID", "Request Disposition", "Requester Name", "Serial Number", "Certificate Hash", "Certificate Template", "Revocation Reason"]
GERMAN = ["Anforderungskennung", "Anforderungsdisposition", "Anforderungsname", "Seriennummer", "Zertifikathash", "Zertifikatvorlage", "Sperrgrund"]
NAMES = {9: "Under Submission", 12: "Foreign", 15: "CA Certificate", 20: "Issued", 21: "Revoked", 30: "Error", 31: "Denied"}
made = 0

def place(name=""):
    global made
    made += 1
    return f"{ROOT}/{made}{name}"

def row(id, disposition=20, requester="CORP\\alice", serial="", hash="", template="WebServer", reason=None):
    return [str(id), f"{disposition} -- {NAMES[disposition]}", requester, serial, hash, template, "EMPTY" if reason is None else f"{reason} -- Reason"]

def of(certificate, **how):
    hash = certificate.hash
    return row(certificate.id, **{"requester": certificate.requester, "serial": f"{certificate.serial:x}", "template": certificate.template,
                                  "hash": " ".join(hash[n:n + 2] for n in range(0, 40, 2)), **how})

def csv_text(rows, heading=ENGLISH):
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in each) for each in [heading, *rows]]
    return "\r\n".join([*lines, "Maximum Row Index: 5", "", f"{len(rows)} Rows", "  35 Row Properties, Total Size = 1200, Max Size = 40, Ave Size = 34",
                        "   0 Total Fields, Total Size = 0", "CertUtil: -view command completed successfully.", ""])

def dump(rows, encoding="utf-8", heading=ENGLISH, bom=b""):
    path = place(".csv")
    open(path, "wb").write(bom + (rows if isinstance(rows, str) else csv_text(rows, heading)).encode(encoding))
    return path

def run(path, journal, *words, code=None, now=100):
    done = subprocess.run([PROGRAM, "compare", path, journal, "--now", date(now), *words], capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode in ((0, 1) if code is None else (code,)) and b"Sanitizer" not in done.stderr, (words, done.returncode, done.stdout.decode()[-500:], done.stderr.decode()[-2000:])
    return done.stdout.decode(), done.stderr.decode()

def deviations(path, journal, **how):
    found = [json.loads(line) for line in run(path, journal, "--json", **how)[0].splitlines()]
    return [(each["deviation"], each["requestId"], *([each["lastRequestId"]] if "lastRequestId" in each else []), *([each["databaseRequestId"]] if "databaseRequestId" in each else []),
             *([tuple(each["differs"])] if "differs" in each else [])) for each in found]

def journal(issued): return issued.write(place())

def five():
    ca = Issued()
    made = [ca.issue(on=n, days=50 if n == 1 else 365) for n in range(5)]
    return ca, made

@test
def a_database_that_has_what_the_journal_has_is_the_same():
    ca, made = five()
    ca.revoke(made[2], 9, 4)
    denied = ca.deny(9)
    pending = ca.last = ca.last + 1
    ca.of_request("certificate.pending", 10, pending, 2, {"RequesterName": "CORP\\alice"}, {})
    rows = [of(each, **({"disposition": 21, "reason": 4} if each is made[2] else {})) for each in made] + [row(denied, 31, "CORP\\mallory"), row(pending, 9)]
    folder = journal(ca)
    same(deviations(dump(rows), folder, code=0), [])
    check("7 rows of the database, 0 of them of the CA itself; 7 requests are in both. 0 differences" in " ".join(run(dump(rows), folder)[0].split()), "the sum")

@test
def half_a_character_in_utf_16_is_no_part_of_a_name_that_is_left_out():
    ca = Issued()
    one = ca.issue(requester="CORP\\alice")
    folder = journal(ca)
    for name in "CORP\\al\ud83dice", "CORP\\alice\ud83d", "CORP\\alice\ude00", "\ud83d\ud83dCORP\\alice":
        path = place(".csv")
        open(path, "wb").write(b"\xff\xfe" + csv_text([of(one, requester=name)]).encode("utf-16-le", "surrogatepass"))
        same(deviations(path, folder, code=1), [("different", 1, ("RequesterName",))], ascii(name))

@test
def it_is_the_same_in_each_language_and_code_page():
    ca = Issued()
    one = ca.issue(requester="CORP\\müller")
    folder = journal(ca)
    for heading in ENGLISH, GERMAN, ["Идентификатор", "Решение", "Имя", "Номер", "Хэш", "Шаблон", "Причина"]:
        for encoding, bom in (("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("utf-16-le", b"")):
            if encoding == "utf-16-le" and not bom and heading[0][0] > "\x7f": continue
            same(deviations(dump([of(one)], encoding, heading, bom), folder, code=0), [], (encoding, bom))
            same(deviations(dump([of(one, requester="CORP\\Mueller")], encoding, heading, bom), folder, code=1), [("different", 1, ("RequesterName",))], (encoding, bom))
    for page in "cp850", "cp437", "cp1252":
        out, err = run(dump([of(one)], page, GERMAN), folder, "--json", code=0)
        check("1 value could not be compared" in err, err)

@test
def numbers_are_read_as_certutil_writes_them():
    ca, made = five()
    folder = journal(ca)
    ca.revoke(made[0], 9, 1)
    folder = journal(ca)
    for id, disposition, reason in ("1", "21", "1"), ("0x1 (1)", "0x15 (21) -- Revoked", "0x1 (1)"), (" 1 ", "21 -- Widerrufen", "1 -- Schlüssel"):
        first = of(made[0])
        first[0], first[1], first[6] = id, disposition, reason
        same(deviations(dump([first] + [of(each) for each in made[1:]]), folder, code=0), [], id)

@test
def a_row_that_is_gone_is_told_with_what_became_of_its_certificate():
    ca, made = five()
    denied = ca.deny(9)
    folder = journal(ca)
    same(deviations(dump([of(each) for each in (made[0], made[3], made[4])]), folder, code=1), [("rowGoneExpired", 2), ("rowGoneValid", 3), ("rowGone", denied)])
    out = run(dump([of(made[0])]), folder, code=1)[0]
    check(f"RequestID 3, {date(2)}" in out and "its certificate has not expired" in out, out)

@test
def a_row_that_the_journal_has_not_is_explained_as_far_as_the_journal_can():
    ca = Issued()
    ca.last = 10
    ca.issue(on=0)                                                          # 11
    ca.event("journal.gap", 1, {"events": 2, "cause": {}})
    ca.last = 13
    ca.issue(on=2), ca.issue(on=2)                                          # 14, 15
    ca.ca(3)
    ca.last = 17
    ca.issue(on=4)                                                          # 18
    ca.last = 19
    ca.issue(on=5)                                                          # 20
    issued = [each for each in ca.events if each[0] == "certificate.issued"]
    rows = [[str(data["request"]["RequestID"]), "20 -- Issued", "CORP\\alice", data["certificate"]["SerialNumber"], data["certificate"]["CertificateHash"], "WebServer", ""] for _, _, data, _ in issued]
    rows += [row(id, serial=f"ab{id:02x}") for id in (1, 2, 3, 12, 13, 16, 17, 19, 21, 22)]
    same(deviations(dump(rows), journal(ca), code=1),
         [("beforeJournal", 1, 3), ("afterJournal", 21, 22), ("gap", 12, 13), ("moduleOff", 16, 17), ("unexplained", 19), ("neither", 4, 10)])
    rows = [each for each in rows if int(each[0]) not in (12, 13, 16, 17, 19)]
    same([each[0] for each in deviations(dump(rows), journal(ca), code=0)], ["beforeJournal", "afterJournal"] + ["neither"] * 4)

@test
def what_differs_is_named():
    ca, made = five()
    ca.revoke(made[4], 9, 1)
    folder = journal(ca)
    rows = [of(made[0], hash="00" * 20), of(made[1], disposition=21, reason=0), of(made[2], requester="CORP\\bob", template="Other"), of(made[3], serial=""),
            of(made[4], disposition=21, reason=3)]
    same(deviations(dump(rows), folder, code=1), [("different", 1, ("CertificateHash",)), ("different", 2, ("Disposition",)), ("different", 3, ("RequesterName", "CertificateTemplate")),
                                                  ("different", 4, ("SerialNumber",)), ("different", 5, ("RevokedReason",))])
    check("Disposition (journal issued, database revoked)" in run(dump(rows), folder)[0], "the dispositions are told")

@test
def a_certificate_is_found_where_its_request_id_moved():
    ca, made = five()
    rows = [of(each) for each in made]
    rows[1][0], rows[2][0] = "3", "2"                                       # two that changed places
    rows[4][0] = "77"
    same(deviations(dump(rows), journal(ca), code=1), [("moved", 2, 3), ("moved", 3, 2), ("moved", 5, 77), ("neither", 6, 76)])

@test
def request_ids_that_a_restored_ca_gave_again_are_told_apart():
    ca = Issued()
    old, new = ca.issue(on=0, id=7), ca.issue(on=5, id=7)
    same(deviations(dump([of(new)]), journal(ca), code=1), [("rowGoneValid", 7)])

@test
def another_certificate_in_a_row_is_missed_on_both_sides():
    ca, made = five()
    rows = [of(each) for each in made]
    rows[2][3] = "abcdef"
    same(deviations(dump(rows), journal(ca), code=1), [("unexplained", 3), ("rowGoneValid", 3)])

@test
def templates_are_equal_by_oid_by_name_and_by_both():
    for told, asked, cell, expected in (("1.2.3.4", "Web", "1.2.3.4 Web Server", 0), ("1.2.3.4", "Web", "1.2.3.4", 0), ("1.2.3.4", "Web", "web", 0), ("1.2.3.4", "Web", "1.2.3.5 Web2", 1),
                                        ("WebServer", None, "WebServer", 0), ("WebServer", None, "User", 1), ("1.2.3.4", None, "Web", 0), ("WebServer", None, "EMPTY", 0)):
        ca = Issued()
        one = ca.issue(template=told, attributes=f"CertificateTemplate:{asked}" if asked else None)
        same(len(deviations(dump([of(one, template=cell)]), journal(ca), code=expected)), expected, (told, asked, cell))

@test
def rows_of_the_ca_itself_are_counted_and_not_missed():
    ca, made = five()
    out = run(dump([row(9, 15, serial="01")] + [of(each) for each in made]), journal(ca), code=0)[0]
    check("6 rows of the database, 1 of them of the CA itself" in " ".join(out.split()), out)

@test
def lines_that_are_no_rows_are_counted_and_exit_code_1():
    ca, made = five()
    good, folder = csv_text([of(each) for each in made]), journal(ca)
    for more in '6,"20 -- Issued","CORP\r\n', '6,"20","a","b","c","d","e","f"\r\n', '6,"x","a","b","c","d",""\r\n', '6,"' + "x" * (1 << 21) + '"\r\n', '6,"20","a","b","c","d","word"\r\n':
        out, err = run(dump(good + more), folder, "--json", code=1)
        check("1 line could not be read" in err, (more[:40], err))

@test
def what_is_no_dump_is_2_with_the_line_that_writes_one():
    ca, made = five()
    folder = journal(ca)
    for text in "", "hello\n", "\0\1\2" * 1000, ",".join(ENGLISH[:6]) + "\n":
        out, err = run(dump(text), folder, code=2)
        check(not out and "certutil -view -out" in err, (text[:20], err))
    run("/nowhere", folder, code=2)
    run(dump([]), "/nowhere", code=2)
    same(deviations(dump([]), folder, code=1)[0][0], "rowGoneExpired")

@test
def hostile_cells_and_random_bytes_do_no_harm():
    ca, made = five()
    folder, chosen = journal(ca), random.Random(1)
    text = csv_text([of(each, requester='a\x1b[31m"\u202e,', template="=1+1") for each in made]).encode()
    for _ in range(40):
        bad = bytearray(text)
        for _ in range(chosen.randrange(1, 30)): bad[chosen.randrange(len(bad))] = chosen.randrange(256)
        path = place(".csv")
        open(path, "wb").write(bytes(bad))
        for words in [], ["--json"]:
            done = subprocess.run([PROGRAM, "compare", path, folder, *words], capture_output=True)
            check(done.returncode in (1, 2) and b"Sanitizer" not in done.stderr and b"runtime" not in done.stderr, done.stderr[-500:])
            for line in done.stdout.decode().splitlines(): check(line.isprintable(), line)

@test
def thousands_of_rows_with_a_few_changes_give_just_these():
    ca, chosen = Issued(), random.Random(2)
    made = [ca.issue(on=n / 100, days=365) for n in range(1500)]
    rows, expected = [of(each) for each in made], []
    for n in sorted(chosen.sample(range(1, 1499), 30)):
        how = chosen.choice(("gone", "changed", "moved"))
        if how == "gone": rows[n] = None
        elif how == "changed": rows[n][2] = "CORP\\eve"
        else: rows[n][0] = str(5000 + n)
        expected.append({"gone": ("rowGoneValid", n + 1), "changed": ("different", n + 1, ("RequesterName",)), "moved": ("moved", n + 1, 5000 + n)}[how])
    rows = [each for each in rows if each]
    chosen.shuffle(rows)
    found = [each for each in deviations(dump(rows), journal(ca), code=1) if each[0] != "neither"]
    same(sorted(found, key=str), sorted(expected, key=str))

@test
def a_damaged_journal_is_1_though_all_rows_are_there():
    ca, made = five()
    ca.deny(9)
    folder = journal(ca)
    segment = os.path.join(folder, os.listdir(folder)[0])
    text = open(segment, "rb").read()
    open(segment, "wb").write(text.replace(b"mallory", b"MALLORY"))
    out, err = run(dump([of(each) for each in made]), folder, "--json", code=1)
    check(".jsonl" in err, err)

run_tests(finish=lambda: shutil.rmtree(ROOT))
