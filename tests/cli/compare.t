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
NAMES = {9: "Under Submission", 12: "Foreign", 15: "CA Certificate", 16: "CA Certificate Chain", 17: "KRA Certificate", 20: "Issued", 21: "Revoked", 30: "Error", 31: "Denied"}
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

def deviations(path, journal, *words, **how):
    found = [json.loads(line) for line in run(path, journal, "--json", *words, **how)[0].splitlines()]
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
    same([each[0] for each in deviations(dump(rows), journal(ca), code=1)], ["beforeJournal", "afterJournal"] + ["neither"] * 4)
    same([each[0] for each in deviations(dump(rows), journal(ca), "--copy", code=0)], ["beforeJournal", "afterJournal"] + ["neither"] * 4)

def with_older(*lines, first=True, others=True, pruned=False):
    """A journal that begins on day 10 and has requests 21 to 25; and lines of older ones, (kind, RequestID, day, day of submission or None), before these or
    after; among them (gap, day), (start, day) and (news,). The rows of all, and of 1 to 20 as the journal tells of them."""
    ca, rows = Issued(), {id: row(id, serial=f"ab{id:02x}") for id in range(1, 21)}
    def dated(submitted):
        if submitted is not None: ca.events[-1][2]["request"]["SubmittedWhen"] = date(submitted)
    def news():
        for id in range(21, 26): rows[id] = of(ca.issue(on=id, id=id)); dated(id)
    def olds():
        for kind, *how in lines:
            if kind == "gap": ca.event("journal.gap", how[0], {"events": 15, "cause": {}})
            elif kind == "start": ca.ca(how[0])
            elif kind == "news": news()
            if len(how) < 3: continue
            id, on, submitted = how
            one = Issued().issue(on=-100, id=id, serial=0x6e0000000000 + id)
            if kind in ("issued", "imported"): one = ca.issue(on=on, id=id, kind=f"certificate.{kind}")
            elif kind in ("revoked", "unrevoked"): ca.revoke(one, on, release=kind == "unrevoked")
            else: ca.of_request(f"certificate.{kind}", on, id, 4, {"RequesterName": "CORP\\alice"}, {})
            dated(submitted)
            rows[id] = of(one, **({"disposition": 21, "reason": 4} if kind == "revoked" else {})) if kind in ("issued", "imported", "revoked", "unrevoked") else row(id, 31 if kind == "denied" else 9)
    if not pruned: ca.ca(10)
    if first: olds()
    if others: news()
    if not first: olds()
    return ca, rows

@test
def a_request_that_is_older_than_the_journal_leaves_those_after_it_before_the_journal():
    for kind in "issued", "imported", "denied", "pending", "revoked", "unrevoked":
        for first in True, False:
            for submitted in (-100, None) if kind.endswith("revoked") else (-100, 10 - 1 / 86400):
                ca, rows = with_older((kind, 5, 11 if first else 30, submitted), first=first)
                same(deviations(dump(list(rows.values())), journal(ca), code=0), [("beforeJournal", 1, 4), ("beforeJournal", 6, 20)], (kind, first, submitted))
    ca, rows = with_older(("pending", 5, 11, -100), ("issued", 15, 12, -90), ("denied", 5, 13, -100), ("revoked", 7, 14, -90))
    same(deviations(dump(list(rows.values())), journal(ca), code=0), [("beforeJournal", 1, 4), ("beforeJournal", 6), ("beforeJournal", 8, 14), ("beforeJournal", 16, 20)], "several")

@test
def a_gap_or_a_start_between_an_older_request_and_the_first_new_one_explains_what_may_be_new():
    news, older = ("news",), lambda id, on, submitted=-5: ("issued", id, on, submitted)
    undated = lambda id, on: ("revoked", id, on, None)
    for kind, lost in ("gap", ("gap", 15)), ("moduleOff", ("start", 15)):
        all_lost, some_lost = [("beforeJournal", 1, 4), (kind, 6, 20)], [("beforeJournal", 1, 4), ("beforeJournal", 6, 14), (kind, 16, 20)]
        for lines, expected in (((older(5, 11), lost), all_lost), ((older(5, 11), lost, news), all_lost), ((undated(5, 11), lost, news), all_lost),
                                ((older(15, 11), lost, news), [("beforeJournal", 1, 14), (kind, 16, 20)]), ((older(5, 11), older(15, 12), lost, news), some_lost),
                                ((older(5, 11), lost, older(15, 16), news), some_lost), ((older(5, 11), lost, older(15, 16)), some_lost),
                                ((older(5, 11), lost, news, older(15, 30)), some_lost), ((older(5, 11), lost, undated(15, 16), news), [("beforeJournal", 1, 4), (kind, 6, 14), (kind, 16, 20)]),
                                ((older(5, 11), lost, news, older(26, 30)), all_lost)):      # the last: a date proves nothing where a higher number has an earlier one
            ca, rows = with_older(*lines, others=False)
            same(deviations(dump(list(rows.values())), journal(ca), code=1), expected, (kind, lines))
        for lines, expected in (((lost, news), [("beforeJournal", 1, 20)]), ((lost, older(5, 16), news), [("beforeJournal", 1, 4), ("beforeJournal", 6, 20)]),
                                ((older(20, 11), lost, news), [("beforeJournal", 1, 19)]), ((older(5, 11), lost, news, ("revoked", 20, 30, -5)), [("beforeJournal", 1, 4), ("beforeJournal", 6, 19)]),
                                ((older(5, 11), news, lost), [("beforeJournal", 1, 4), ("beforeJournal", 6, 20)])):
            ca, rows = with_older(*lines, others=False)
            same(deviations(dump(list(rows.values())), journal(ca), code=0), expected, (kind, lines))

@test
def the_journals_first_request_is_one_that_may_have_been_submitted_since_it_began():
    for line in ("issued", 5, 30, 10), ("issued", 5, 30, None), ("denied", 5, 30, None), ("pending", 5, 30, 29), ("revoked", 5, 30, 12), ("issued", 5, 9, -100), ("revoked", 5, 9, -100):
        ca, rows = with_older(line, first=False)                            # the last two: the clock was set back, and a date proves nothing
        same(deviations(dump(list(rows.values())), journal(ca), code=1), [("beforeJournal", 1, 4), ("unexplained", 6, 20)], line)
    ca, rows = with_older(("issued", 5, 9, 9), others=False, pruned=True)       # the first line is a request's
    ca.issue(on=20, id=3), ca.issue(on=20, id=9)
    rows[3], rows[9] = ([str(id), "20 -- Issued", "CORP\\alice", data["certificate"]["SerialNumber"], data["certificate"]["CertificateHash"], "WebServer", ""] for id, data in ((3, ca.events[-2][2]), (9, ca.events[-1][2])))
    same(deviations(dump([rows[id] for id in range(1, 11)]), journal(ca), code=1), [("beforeJournal", 1, 2), ("afterJournal", 10), ("unexplained", 4), ("unexplained", 6, 8)])

@test
def of_older_requests_alone_the_highest_is_the_journals_first():
    ca, rows = with_older(("revoked", 5, 11, None), ("denied", 15, 12, -90), ("revoked", 12, 13, -91), others=False)
    same(deviations(dump(list(rows.values())), journal(ca), code=1), [("beforeJournal", 1, 4), ("beforeJournal", 6, 11), ("beforeJournal", 13, 14), ("afterJournal", 16, 20)])

@test
def a_row_that_is_not_what_the_journal_has_of_an_older_request_is_not_before_the_journal():
    for kind, gone in ("issued", [("rowGoneValid", 5)]), ("revoked", [("rowGoneValid", 5)]), ("denied", []), ("pending", []):
        ca, rows = with_older((kind, 5, 30, -100), first=False)
        rows[5] = row(5, serial="abcd")
        same(deviations(dump(list(rows.values())), journal(ca), code=1), [("beforeJournal", 1, 4), ("beforeJournal", 6, 20), ("unexplained", 5), *gone], kind)

@test
def where_numbers_began_again_an_older_request_that_was_kept_explains_those_below_it():
    for kept, expected in ((5,), {3: "beforeJournal", 4: "beforeJournal", 6: "moduleOff", 19: "moduleOff"}), ((5, 22), dict.fromkeys((3, 4, 6, 19), "beforeJournal")), ((), dict.fromkeys((3, 4, 6, 19), "moduleOff")):
        ca, rows = with_older(("revoked", 5, 11, -100))
        ca.ca(40)
        for id in 23, 24: rows[id] = of(ca.issue(on=18 + id, id=id, serial=0x6f0000000000 + id)); ca.events[-1][2]["request"]["SubmittedWhen"] = date(18 + id)
        found = [each for each in deviations(dump([rows[id] for id in (*kept, 3, 4, 6, 19, 23, 24)]), journal(ca), code=1) if each[1] in expected]
        same({id: kind for kind, low, *high in found for id in range(low, (high or [low])[0] + 1)}, expected, kept)

@test
def a_gap_after_an_older_request_explains_what_a_restored_database_kept():
    for kept, kind in ((5, 22), "gap"), ((5,), "moduleOff"):
        ca, rows = with_older(("issued", 5, 11, -5), ("gap", 15), ("news",), ("start", 40), others=False)
        for id in 23, 24: rows[id] = of(ca.issue(on=18 + id, id=id, serial=0x6f0000000000 + id)); ca.events[-1][2]["request"]["SubmittedWhen"] = date(18 + id)
        found = deviations(dump([rows[id] for id in (*kept, 3, 6, 19, 23, 24)]), journal(ca), code=1)
        same([each for each in found if each[1] < 20 and each[0] != "neither"], [("beforeJournal", 3), (kind, 6), (kind, 19)], kept)

@test
def an_older_request_that_was_kept_says_nothing_of_a_restore_that_no_date_shows():
    for kept, more in ((5, 23, 24), True), ((5, 22, 23, 24), False):
        ca, rows = with_older(("revoked", 5, 11, -100))
        ca.events[-1][2]["request"]["SubmittedWhen"] = date(5000)           # the clock ran ahead
        for id in 23, 24: rows[id] = of(ca.issue(on=18 + id, id=id, serial=0x6f0000000000 + id)); ca.events[-1][2]["request"]["SubmittedWhen"] = date(18 + id)
        err = run(dump([rows[id] for id in (6, *kept)]), journal(ca), "--json", code=1)[1]
        same("also of those below 21, the journal's first" in err, more, err)

@test
def rows_after_the_journals_last_event_are_a_difference_but_of_an_older_copy():
    ca, made = five()
    rows, folder = [of(each) for each in made], journal(ca)
    path = dump([*rows, row(6, serial="ab06", hash="11" * 20)])
    out = " ".join(run(path, folder, code=1)[0].split())
    check("RequestID 6 " in out and "1 difference," in out and "the module may be off: certwitness status" in out, out)
    out = " ".join(run(path, folder, "--copy", code=0)[0].split())
    check("RequestID 6 " in out and "0 differences, and 1 RequestID" in out and "may be off" not in out, out)
    run(dump([*rows[:4], row(6, serial="ab06")]), folder, "--copy", code=1)

@test
def rows_above_the_journals_last_that_a_start_or_a_gap_since_explains_are_a_difference_also_of_a_copy():
    stopped = "module.stopped", {"module": {"run": chains.RUN, "events": 1, "lost": 0}}
    for kind, since, time in (("moduleOff", [20], 20), ("moduleOff", [20, "crl"], 20), ("moduleOff", ["stopped", 20, "crl"], 20), ("gap", ["gap", "crl"], 21), ("gap", [20, "gap"], 21), ("moduleOff", ["gap", 22], 22),
                              ("moduleOff", [20, "revoked"], 20), ("moduleOff", [20, "older"], 20), ("afterJournal", ["crl", "stopped"], None), ("afterJournal", [20, "issued", "stopped"], None),
                              ("afterJournal", ["gap", "issued", "crl"], None), ("afterJournal", ["issued"], None)):
        ca, made = five()
        for each in since:
            if each == "crl": ca.crl(on=23)
            elif each == "gap": ca.event("journal.gap", 21, {"events": 3, "cause": {}})
            elif each == "stopped": ca.event(stopped[0], 24, stopped[1])
            elif each == "revoked": ca.revoke(made[0], 24)
            elif each == "older": ca.of_request("certificate.denied", 24, 3, 4, {"RequesterName": "CORP\\alice"}, {})
            elif each == "issued": made.append(ca.issue(on=24))
            else: ca.ca(each)
        last = len(made)
        rows = [of(each, **({"disposition": 21, "reason": 4} if each is made[0] and "revoked" in since else {})) for each in made] + [row(last + more, serial=f"ab{more:02}") for more in (1, 2, 3)]
        folder, path = journal(ca), dump(rows)
        for words in [], ["--copy"]:
            is_after = kind == "afterJournal"
            found = [json.loads(line) for line in run(path, folder, "--json", *words, code=0 if is_after and words else 1)[0].splitlines()]
            same([(each["deviation"], each["requestId"], each.get("lastRequestId"), each.get("time")) for each in found if each["deviation"] != "rowGone"],
                 [(kind, last + 1, last + 3, None if time is None else date(time))], (since, words))
            said = " ".join(run(path, folder, *words)[0].split())
            same(f"3 rows above RequestID {last}, the journal's last, may be newer than its last event, or from before the start or gap that is shown" in said, not is_after, said)
            same("--copy leaves them differences" in said, not is_after and bool(words), said)
            same("--copy takes these rows" in said, is_after and not words, said)

@test
def a_start_after_the_last_of_numbers_that_began_again_explains_the_rows_above_it():
    ca, last = again(30, (21, 41), (22, 42), (23, 43), ("start", 60))
    rows = [of(last[id]) for id in range(1, 24)] + [row(id, serial=f"ab{id:02x}") for id in (24, 25, 40)]
    for words in [], ["--copy"]:
        found = deviations(dump(rows), journal(ca), *words, code=1)
        same([each for each in found if each[0] not in ("rowGoneValid", "neither")], [("moduleOff", 24, 25), ("moduleOff", 40)])
    ca, rows = with_older(("revoked", 5, 11, None), others=False)
    ca.ca(12)
    same(deviations(dump(list(rows.values())), journal(ca), code=1), [("beforeJournal", 1, 4), ("moduleOff", 6, 20)], "all that the journal has are older")

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
def the_last_of_many_certificates_of_one_request_id_did_not_move():
    ca = Issued()
    many = [ca.issue(on=n, id=7) for n in range(70)]
    same(deviations(dump([of(many[-1])]), journal(ca), code=1), [("rowGoneValid", 7)] * 69)
    same(deviations(dump([of(many[-1], requester="CORP\\bob")]), journal(ca), code=1)[-1], ("different", 7, ("RequesterName",)))

@test
def where_request_ids_began_again_a_row_is_explained_by_what_happened_since():
    def submitted(ca, on): ca.events[-1][2]["request"]["SubmittedWhen"] = date(on)
    ca = Issued()
    for on in range(1, 31):                                                     # 1 to 30
        if on == 27: ca.ca(26.5)
        ca.issue(on=on), submitted(ca, on)
    ca.ca(40)
    for id in range(21, 26): ca.issue(on=40 + id, id=id), submitted(ca, 40 + id)
    ca.issue(on=66, id=29), submitted(ca, 28)                                   # pending since before
    ca.ca(70)
    ca.issue(on=71, id=28), submitted(ca, 71)
    last = {}
    for kind, _, data, _ in ca.events:
        if kind == "certificate.issued": last[data["request"]["RequestID"]] = data["certificate"]
    def rows(*more): return [row(id, serial=told["SerialNumber"], hash=told["CertificateHash"]) for id, told in last.items()] + [row(id, serial=f"ab{id:02x}") for id in more]
    gone = [("rowGoneValid", id) for id in (21, 22, 23, 24, 25, 28, 29)]
    same(sorted(deviations(dump(rows()), journal(ca), code=1)), sorted(gone))
    same(sorted(deviations(dump(rows(26, 27, 31)), journal(ca), code=1)), sorted(gone + [("afterJournal", 31)] + [("moduleOff", 26, 27)]))

def again(old=30, *events):
    """Requests 1 to `old`, the start at 40, and (RequestID, day of submission) or (kind, day) after it; and the rows of those that the database has."""
    ca, last = Issued(), {}
    for id, on in [*((id, id / 2) for id in range(1, old + 1)), ("start", 40), *events]:
        if id == "start": ca.ca(on)
        elif id == "gap": ca.event("journal.gap", on, {"events": 2, "cause": {}})
        else:
            last[id] = ca.issue(on=max(on, 41) if ca.last >= old else on, id=id)
            ca.events[-1][2]["request"]["SubmittedWhen"] = date(on)
    return ca, last

@test
def rows_above_the_last_of_the_numbers_that_began_again_are_newer_than_the_journal():
    ca, last = again(30, (21, 41), (22, 42), (23, 43))
    rows = [of(last[id]) for id in range(1, 24)] + [row(id, serial=f"ab{id:02x}") for id in (24, 25, 26)]
    found = deviations(dump(rows), journal(ca), code=1)
    same([each for each in found if each[0] != "rowGoneValid"], [("afterJournal", 24, 26)])

@test
def requests_between_a_restore_and_the_first_new_number_are_explained():
    for kind, between in ("moduleOff", [("start", 45)]), ("gap", [("gap", 45)]):
        ca, last = again(30, *between, (25, 46), (26, 47))
        rows = [of(last[id]) for id in (*range(1, 21), 25, 26)] + [row(id, serial=f"ab{id:02x}") for id in range(21, 25)]
        found = deviations(dump(rows), journal(ca), code=1)
        same([each for each in found if each[0] != "rowGoneValid"], [(kind, 21, 24)])

@test
def a_start_explains_no_row_below_one_that_the_restored_database_kept():
    for kept in 16, 18, 24:
        ca, last = again(30, (25, 46), (26, 47))
        lost = [id for id in range(17, 25) if id != kept]
        rows = [of(last[id]) for id in (*range(1, 17), kept, 25, 26, *([28] if kept == 18 else []))] + [row(id, serial=f"ab{id:02x}") for id in lost]
        got = [each for each in deviations(dump(rows), journal(ca), code=1) if each[0] in ("moduleOff", "unexplained")]
        same({id: kind for kind, first, *last_one in got for id in range(first, (last_one or [first])[0] + 1)}, {id: "unexplained" if id < kept else "moduleOff" for id in lost}, kept)
        err = run(dump(rows), journal(ca), "--json", code=1)[1]
        same("not known whether they are older" in err, kept < 24, err)
        check(f"RequestIDs began again with 25 after the start at {date(40)}" in err, err)

@test
def a_gap_among_the_old_numbers_explains_none_of_the_new_ones():
    ca, last = Issued(), {}
    for id in *range(1, 20), *range(25, 31): last[id] = ca.issue(on=id / 2, id=id); ca.events[-1][2]["request"]["SubmittedWhen"] = date(id / 2)
    at = next(n for n, each in enumerate(ca.events) if each[2]["request"]["RequestID"] == 25)
    ca.events.insert(at, ("journal.gap", 11, {"events": 5, "cause": {}}, ""))
    ca.ca(40)
    for id in 15, 16, 17, 18, 19, 20, 21, 23, 24: last[id] = ca.issue(on=26 + id, id=id); ca.events[-1][2]["request"]["SubmittedWhen"] = date(26 + id)
    rows = [of(last[id]) for id in (*range(1, 22), 23, 24)] + [row(22, serial="ab22")]
    same([each for each in deviations(dump(rows), journal(ca), code=1) if each[0] != "rowGoneValid"], [("unexplained", 22)])
    del ca.events[-9:]
    rows = [of(last[id]) for id in (*range(1, 15), 25)] + [row(22, serial="ab22")]
    same([each for each in deviations(dump(rows), journal(ca), code=1) if each[0] == "gap"], [("gap", 22)], "before numbers began again")

@test
def numbers_that_were_given_twice_where_no_date_shows_it_are_told():
    ca, last = again(30, (21, 41), (22, 42))
    check("given to two certificates" not in run(dump([of(last[22])]), journal(ca), "--json", code=1)[1], "the dates show it")
    ca, last = again(30)
    ca.events[29][2]["request"]["SubmittedWhen"] = date(5000)                   # the clock ran ahead
    for id in 21, 22: last[id] = ca.issue(on=id + 20, id=id); ca.events[-1][2]["request"]["SubmittedWhen"] = date(id + 20)
    out = run(dump([of(each) for each in last.values()]), journal(ca), code=1)[0]
    check("2 RequestIDs were given to two certificates where no date shows" in " ".join(out.split()), out)

def below(first, new, kept, more=(), ahead=False):
    """Requests `first` to 30, the start at 40, and those of `new`. The database has these, those of `kept`, and of `more`, which the journal has not. With
    `ahead` no date shows the restore."""
    ca, last = Issued(), {}
    for id, on in [*((id, id / 2) for id in range(first, 31)), ("start", 40), *((id, 41 + n) for n, id in enumerate(new))]:
        if id == "start": ca.ca(on); continue
        if id not in last or id in new: last[id] = ca.issue(on=on, id=id)
        ca.events[-1][2]["request"]["SubmittedWhen"] = date(5000 if ahead and id == 30 else on)
    out, err = run(dump([of(last[id]) for id in (*kept, *new)] + [row(id, serial=f"ab{id:02x}") for id in more]), journal(ca), "--json", code=1)
    found = [json.loads(line) for line in out.splitlines()]
    return {id: (each["deviation"], each.get("time")) for each in found for id in range(each["requestId"], each.get("lastRequestId", each["requestId"]) + 1)
            if id in more and not each["deviation"].startswith("rowGone")}, err

@test
def rows_below_the_journals_first_may_be_new_where_numbers_began_again_below_it():
    started = "moduleOff", date(40)
    for first, new, kept, more, expected, unsure in (
            (20, (15, 16), (), (3, 13, 14), dict.fromkeys((3, 13, 14), started), (1, 14)),       # the database went back to before the journal began
            (20, (15, 16), (20, 21), (3, 14), dict.fromkeys((3, 14), started), (1, 14)),         # rows that nobody gave before 15 prove nothing
            (20, (20, 21), (), (3, 19), dict.fromkeys((3, 19), started), (1, 19)),
            (20, (26, 27), (20, 22), (3, 19, 21, 23, 25), {3: ("beforeJournal", None), 19: ("beforeJournal", None), 21: ("unexplained", None), 23: started, 25: started}, (23, 25)),
            (20, (26, 27), (25,), (3, 19), dict.fromkeys((3, 19), ("beforeJournal", None)), None),
            (20, (26, 27), (), (3, 24), dict.fromkeys((3, 24), started), (1, 25)),               # nothing of the journal's was kept
            (20, (31, 32), (20,), (3, 19), dict.fromkeys((3, 19), ("beforeJournal", None)), None)):  # numbers went on
        got, err = below(first, new, kept, more)
        same(got, expected, (first, new, kept))
        same(f"of rows from {unsure[0]} to {unsure[1]} that the journal does not have it is not known whether they are older" in err if unsure
             else "not known" not in err, True, err)

@test
def where_no_date_shows_a_restore_the_lines_between_which_it_was_are_told():
    got, err = below(20, (25, 26, 27), (), (3,), ahead=True)
    same(got, {3: ("beforeJournal", None)})
    for part in ("3 RequestIDs were given to two certificates where no date shows", "They are from 25 to 27.", "If that was once, it was between the journal's lines 8 and 13.",
                 "are from before or since, also of those below 20, the journal's first."): check(part in err, (part, err))
    got, err = below(20, (25, 26, 27), (20,), (3,), ahead=True)
    check("are from before or since." in err, "a row of before was kept: those below are older " + err)
    got, err = below(20, (25,), (), (), ahead=True)
    check("1 RequestID was given" in err and "It is 25." in err and "lines 6 and 13" in err and "are from before or since." in err, err)
    for ids, said in (((1, 2, 1, 3, 2, 3), "more than once, after the journal's line 1."), ((1, 1, 2, 2), "more than once, after the journal's line 1."),
                      ((9, 1, 2, 3, 2, 1, 3), "between the journal's lines 4 and 5.")):
        ca = Issued()
        for id in ids: last = ca.issue(id=id)
        err = run(dump([of(last)]), journal(ca), "--json", code=1)[1]
        check(said in err, (ids, said, err))

@test
def a_number_that_was_given_before_a_restore_and_issued_after_it_is_none_without_a_date():
    for submitted, hidden in (14, False), (41, True):
        ca, last = again(30, (21, 41), (22, 42))
        for on in 43, 44: ca.issue(on=on, id=29); ca.events[-1][2]["request"]["SubmittedWhen"] = date(submitted if on == 43 else on)
        del ca.events[28]                                                   # 29 was pending until 43, or is given twice after the start
        err = run(dump([of(last[22])]), journal(ca), "--json", code=1)[1]
        same("1 RequestID was given to two certificates where no date" in err, hidden, err)

@test
def a_clock_that_was_set_back_is_no_restore():
    ca, last = again(9, (10, 50), (11, 51), ("start", 40), (10, 50), (14, 53))
    del ca.events[10]                                                           # 10 was pending, and is issued later
    pending = json.loads(json.dumps(ca.events[-2][2]["request"]))
    ca.events.insert(10, ("certificate.pending", 50, {"event": 2, "context": 10, "request": pending, "certificate": {}, "missing": []}, '"subject":"request/10",'))
    rows = [of(each) for each in last.values()] + [row(id, serial=f"ab{id:02x}") for id in (12, 13)]
    same(deviations(dump(rows), journal(ca), code=1), [("moduleOff", 12, 13)])

@test
def a_row_without_a_certificate_is_that_of_the_request_that_has_none():
    for denied_later, kept, expected in (True, "denied", [("rowGoneValid", 7)]), (True, "issued", [("rowGone", 7)]), (False, "issued", []), (False, "denied", [("rowGoneValid", 7)]):
        ca = Issued()
        if denied_later:
            one, ca.last = ca.issue(id=7), 6
            ca.deny(5)
        else:
            ca.last = 6
            ca.deny(0)
            one = ca.issue(on=5, id=7)
        same(deviations(dump([of(one) if kept == "issued" else row(7, 31, "CORP\\mallory")]), journal(ca), code=1 if expected else 0), expected, (denied_later, kept))

def timed(path, journal, **how): return [(each["deviation"], each["requestId"], each.get("time")) for each in map(json.loads, run(path, journal, "--json", **how)[0].splitlines())]

def twice(*lines, id=7):
    """Lines of one RequestID: (kind, day, day of submission, requester), or a day on which the module started."""
    ca = Issued()
    for line in lines:
        if not isinstance(line, tuple): ca.ca(line); continue
        kind, on, submitted, requester = line
        ca.last = id - 1
        if kind == "issued": ca.issue(on=on, requester=requester)
        elif kind == "denied": ca.deny(on, requester)
        else: ca.of_request("certificate.pending", on, id, 2, {"RequesterName": requester, "CallerName": requester}, {})
        if submitted is not None: ca.events[-1][2]["request"]["SubmittedWhen"] = date(submitted)
    return ca

ALICE, BOB = "CORP\\alice", "CORP\\bob"

@test
def each_of_two_requests_without_a_certificate_that_had_one_request_id_is_told():
    for first in "denied", "pending":
        for second, disposition in ("denied", 31), ("pending", 9):
            ca = twice((first, 1, 1, ALICE), 2, (second, 3, 3, ALICE))
            same(timed(dump([row(7, disposition)]), journal(ca), code=1), [("rowGone", 7, date(1))], (first, second))
            if first != second: same(timed(dump([row(7, 40 - disposition)]), journal(ca), code=1), [("rowGone", 7, date(3))], "the database was set back once more")
            same(timed(dump([row(8, 20, serial="ab")]), journal(ca), code=1)[1:], [("rowGone", 7, date(1)), ("rowGone", 7, date(3))], "neither is there")
    ca = twice(("denied", 1, 1, ALICE), 2, ("denied", 3, 3, BOB), 4, ("denied", 5, 5, ALICE))
    same(timed(dump([row(7, 31, BOB, template="")]), journal(ca), code=1), [("rowGone", 7, date(1)), ("rowGone", 7, date(5))], "the row is the requester's")
    same(timed(dump([row(7, 31, ALICE, template="")]), journal(ca), code=1), [("rowGone", 7, date(1)), ("rowGone", 7, date(3))], "of two that fit the last")

@test
def a_request_without_a_certificate_is_told_beside_the_certificate_that_had_its_request_id():
    for lines, gone in (((("denied", 1, 1, ALICE), 2, ("issued", 3, 3, ALICE)), [("rowGone", 7, date(1))]), ((("denied", 1, 1, ALICE), 2, ("issued", 3, None, BOB)), [("rowGone", 7, date(1))]),
                        ((("denied", 1, 1, ALICE), 2, ("issued", 3, 1, ALICE)), []), ((("denied", 1, 1, ALICE), 2, ("issued", 3, None, ALICE)), [])):
        ca = twice(*lines)
        issued = next(each[2] for each in ca.events if each[0] == "certificate.issued")
        same(timed(dump([row(7, requester=issued["request"]["RequesterName"], serial=issued["certificate"]["SerialNumber"], hash=issued["certificate"]["CertificateHash"])]), journal(ca), code=len(gone)), gone, lines)

@test
def a_request_without_a_certificate_has_the_row_of_a_certificate_that_the_journal_has_not_if_the_requester_is_the_same():
    for requester, more in (ALICE, []), (BOB, [("rowGone", 7)]):
        same(deviations(dump([row(7, requester=requester, serial="ab")]), journal(twice(("denied", 1, 1, ALICE))), code=1), [("unexplained", 7), *more], requester)

@test
def a_request_that_was_pending_over_a_start_or_was_submitted_anew_is_one():
    for lines in ((("pending", 1, 1, ALICE), 2, ("denied", 3, 1, ALICE)), (("denied", 1, 1, ALICE), 2, ("denied", 3, 1, ALICE)), (("pending", 1, None, ALICE), 2, ("denied", 3, 3, ALICE)),
                  (("denied", 1, 1, ALICE), ("pending", 2, 2, ALICE), 3, ("denied", 4, 2, ALICE)), (("pending", 1, 1, ALICE), ("denied", 3, 1, BOB))):
        same(timed(dump([row(7, 31, lines[-1][3])]), journal(twice(*lines)), code=0), [], lines)

@test
def of_a_hundred_requests_without_a_certificate_and_one_request_id_the_last_has_the_row():
    lines = [each for on in range(100) for each in (on, ("denied", on + 0.5, on + 0.5, ALICE))]
    same(timed(dump([row(7, 31, ALICE)]), journal(twice(*lines)), code=1), [("rowGone", 7, date(on + 0.5)) for on in range(99)])

@test
def a_request_that_a_gap_names_is_explained_wherever_its_number_is():
    ca = Issued()
    ca.issue(id=5), ca.issue(id=50)
    ca.event("journal.gap", 3, {"events": 3, "requestIDs": [7, 9, 60]})
    rows = [row(id, serial=data["certificate"]["SerialNumber"], hash=data["certificate"]["CertificateHash"]) for id, data in ((each[2]["request"]["RequestID"], each[2]) for each in ca.events[:2])]
    same(deviations(dump(rows + [row(7, serial="ab07"), row(8, serial="ab08"), row(60, 31)]), journal(ca), code=1),
         [("gap", 7), ("gap", 60), ("unexplained", 8), ("neither", 6), ("neither", 9, 49), ("neither", 51, 59)])

@test
def another_certificate_in_a_row_is_missed_on_both_sides():
    ca, made = five()
    rows = [of(each) for each in made]
    rows[2][3] = "abcdef"
    same(deviations(dump(rows), journal(ca), code=1), [("unexplained", 3), ("rowGoneValid", 3)])

@test
def templates_are_equal_by_oid_by_name_and_by_both():
    for told, asked, cell, expected in (("1.2.3.4", "Web", "1.2.3.4 Web Server", 0), ("1.2.3.4", "Web", "1.2.3.4", 0), ("1.2.3.4", "Web", "web", 0), ("1.2.3.4", "Web", "1.2.3.5 Web2", 1),
                                        ("WebServer", None, "WebServer", 0), ("WebServer", None, "User", 1), ("1.2.3.4", None, "Web", 0), ("WebServer", None, "EMPTY", 1)):
        ca = Issued()
        one = ca.issue(template=told, attributes=f"CertificateTemplate:{asked}" if asked else None)
        same(len(deviations(dump([of(one, template=cell)]), journal(ca), code=expected)), expected, (told, asked, cell))

@test
def what_the_enrollee_asked_for_excuses_no_other_template():
    for told, asked, cell, differs, counted in (("WebServer", "User", "User", 1, 0), ("WebServer", "User", "user", 1, 0), ("WebServer", "User", "1.2.3.4 User", 0, 1), ("1.2.3.4", "User", "1.2.3.5 User", 1, 0),
                                                ("1.2.3.4", "1.2.3.5", "1.2.3.5", 1, 0), ("1.2.3.4", "User", "User", 0, 1), ("WebServer", "1.2.3.5", "1.2.3.5", 0, 1), ("WebServer", "User", "EMPTY", 1, 0),
                                                ("WebServer", "User", "WebServer", 0, 0), ("1.2.3.4", "User", "1.2.3.4 Web", 0, 0), ("WebServer", "User", "1.2.3.4 WebServer", 0, 0)):
        ca = Issued()
        one = ca.issue(template=told, attributes=f"CertificateTemplate:{asked}")
        folder, path = journal(ca), dump([of(one, template=cell)])
        same(deviations(path, folder, code=differs), [("different", 1, ("CertificateTemplate",))] * differs, (told, asked, cell))
        same("1 value could not be compared" in run(path, folder, "--json")[1], bool(counted), (told, asked, cell))
    for cell, counted in ("WebServer", 0), ("User", 1):                     # the journal has no template of a request without a certificate
        ca = Issued()
        denied = ca.deny(9)
        same("could not be compared" in run(dump([row(denied, 31, "CORP\\mallory", template=cell)]), journal(ca), code=0)[0], bool(counted), cell)

@test
def a_value_that_was_blanked_in_the_row_is_a_difference():
    ca, made = five()
    folder = journal(ca)
    for blank in "", "EMPTY", " ":
        for name, column in ("requester", "RequesterName"), ("hash", "CertificateHash"), ("template", "CertificateTemplate"), ("serial", "SerialNumber"):
            same(deviations(dump([of(made[0], **{name: blank}), *map(of, made[1:])]), folder, code=1), [("different", 1, (column,))], (name, blank))
        same(deviations(dump([of(made[0], requester=blank, hash=blank, template=blank), *map(of, made[1:])]), folder, code=1), [("different", 1, ("CertificateHash", "RequesterName", "CertificateTemplate"))], blank)
    same(deviations(dump([of(made[0], hash="12 34"), *map(of, made[1:])]), folder, code=1), [("different", 1, ("CertificateHash",))], "a hash that is none")

@test
def a_hash_is_compared_to_its_first_digit():
    ca, made = five()
    folder, hash, rest = journal(ca), made[0].hash, [of(each) for each in made[1:]]
    for at in 0, 1, 15, 23, 24, 39:                                         # of 40 digits
        other = hash[:at] + "0123456789abcdef"[int(hash[at], 16) ^ 1] + hash[at + 1:]
        same(deviations(dump([of(made[0], hash=other), *rest]), folder, code=1), [("different", 1, ("CertificateHash",))], at)
    for cut in hash[1:], hash[24:], "0" + hash, "f" + hash, hash + hash:
        same(deviations(dump([of(made[0], hash=cut), *rest]), folder, code=1), [("different", 1, ("CertificateHash",))], cut)
    for form in hash, hash.upper(), ":".join(hash[n:n + 2] for n in range(0, 40, 2)):
        same(deviations(dump([of(made[0], hash=form), *rest]), folder, code=0), [], form)

@test
def a_hash_may_be_written_without_the_zeros_that_begin_it():
    ca = Issued()
    one = next(each for each in (ca.issue() for _ in range(2000)) if each.hash.startswith("0"))
    ca.events = ca.events[-1:]
    same(deviations(dump([of(one, hash=one.hash.lstrip("0"))]), journal(ca), code=0), [])

@test
def what_the_journal_does_not_have_is_not_compared_and_counted():
    for name, side in ("RequesterName", "request"), ("CertificateTemplate", "certificate"), ("RevokedReason", "request"):
        ca, made = five()
        ca.revoke(made[0], 9, 4)
        for each in ca.events if name != "RequesterName" else ca.events[:1]: each[2].get(side, {}).pop(name, None)
        rows = [of(made[0], disposition=21, reason=4), *map(of, made[1:])]
        out, err = run(dump(rows), journal(ca), "--json", code=0)
        check("could not be compared" in err and not out, (name, out, err))

@test
def a_row_that_is_there_and_cannot_be_read_is_not_called_gone():
    ca, made = five()
    denied, folder = ca.deny(9), None
    folder = journal(ca)
    rows = [*map(of, made), row(denied, 31, "CORP\\mallory")]
    for id, old, new in ((2, "20 -- Issued", "Issued"), (2, "EMPTY", "7x"), (2, '"20 -- Issued"', '"20 -- Issued'), (2, '"2",', '"2","",'), (2, '"EMPTY"', '"' + "x" * (1 << 21) + '"'), (2, ',"EMPTY"', ""),
                         (denied, "31 -- Denied", "Denied"), (9, "20 -- Issued", "Issued")):
        lines = csv_text(rows + [row(9, serial="ab09")]).split("\r\n")
        at = next(n for n, line in enumerate(lines) if line.startswith(f'"{id}",'))
        lines[at] = lines[at].replace(old, new, 1)
        if id != 9: del lines[next(n for n, line in enumerate(lines) if line.startswith('"9",'))]
        out, err = run(dump("\r\n".join(lines)), folder, "--json", code=1)
        check("1 line could not be read" in err and "0 differences" in err, (new[:20], err))
        found = [(each["deviation"], each["requestId"]) for each in map(json.loads, out.splitlines()) if each["deviation"] != "neither"]
        same(found, [("unreadable", id)], new[:20])

@test
def of_two_requests_with_one_number_the_row_that_cannot_be_read_is_the_lasts():
    ca = Issued()
    ca.issue(on=1, id=7), ca.issue(on=3, id=7)
    same(timed(dump(csv_text([row(7)]).replace("20 -- Issued", "Issued")), journal(ca), code=1), [("rowGoneValid", 7, date(1)), ("unreadable", 7, date(3))])
    for lines, gone in ((("denied", 1, 1, ALICE), 2, ("denied", 3, 3, BOB)), ("rowGone", date(1))), \
                       ((("issued", 1, 1, ALICE), 2, ("denied", 3, 3, BOB)), ("rowGoneValid", date(1))), ((("denied", 1, 1, ALICE), 2, ("issued", 3, 3, BOB)), ("rowGone", date(1))):
        same(timed(dump(csv_text([row(7)]).replace("20 -- Issued", "Issued")), journal(twice(*lines)), code=1), [(gone[0], 7, gone[1]), ("unreadable", 7, date(3))], lines)

@test
def the_word_for_an_empty_cell_may_be_in_any_language():
    ca, made = five()
    ca.revoke(made[4], 9, 1)
    denied, folder = ca.deny(9), None
    folder = journal(ca)
    rows = [*map(of, made[:4]), of(made[4], disposition=21, reason=1), row(denied, 31, "CORP\\mallory", template="EMPTY", hash="EMPTY", serial="EMPTY")]
    for word in "LEER", "leer", "VIDE", "ПУСТО", "空":
        out, err = run(dump(csv_text(rows).replace("EMPTY", word)), folder, "--json", code=0)
        check(not out and "could not be" not in err, (word, out, err))
        same(deviations(dump(csv_text([of(made[0], template="EMPTY"), *rows[1:]]).replace("EMPTY", word)), folder, code=1), [("different", 1, ("CertificateTemplate",))], word)
        same(deviations(dump(csv_text([*rows[:4], of(made[4], disposition=21), rows[5]]).replace("EMPTY", word)), folder, code=1), [("different", 5, ("RevokedReason",))], word)

@test
def rows_of_the_ca_itself_are_listed_and_not_missed():
    ca, made = five()
    path, folder = dump([row(id, disposition, serial=f"{id:02}") for id, disposition in ((9, 15), (10, 16), (20, 17))] + [of(each) for each in made]), journal(ca)
    out = " ".join(run(path, folder, code=0)[0].split())
    check("8 rows of the database, 3 of them of the CA itself" in out and "0 differences, and 4 RequestIDs" not in out, out)
    same([each for each in deviations(path, folder, code=0) if each[0] != "neither"], [("ofTheCA", 9), ("ofTheCA", 10), ("ofTheCA", 20)])

@test
def a_requester_that_lost_characters_on_its_way_is_not_compared():
    ca = Issued()
    one = ca.issue(requester="CORP\\müller")
    folder = journal(ca)
    for name in "CORP\\m?ller", "CORP\\m\ufffdller":
        for encoding, bom in (("utf-8", b""), ("utf-16-le", b"\xff\xfe")):
            out, err = run(dump([of(one, requester=name)], encoding, bom=bom), folder, "--json", code=0)
            check(not out and "1 value could not be compared" in err, (out, err))
    for name in "CORP\\muller", "CORP\\?", "CORP\\m?llr", "?\\müller", "CORP\\m?l?ler", "???":
        same(deviations(dump([of(one, requester=name)]), folder, code=1), [("different", 1, ("RequesterName",))], name)
    plain = Issued()
    same(deviations(dump([of(plain.issue(requester="CORP\\alice"), requester="CORP\\al?ce")]), journal(plain), code=1), [("different", 1, ("RequesterName",))])

@test
def a_request_id_of_the_ca_itself_is_not_one_that_neither_has():
    ca = Issued()
    one, ca.last = ca.issue(), 3
    other = ca.issue()
    same(deviations(dump([of(one), row(2, 15, serial="01"), of(other)]), journal(ca), code=0), [("ofTheCA", 2), ("neither", 3)])

@test
def lines_that_are_no_rows_are_counted_and_exit_code_1():
    ca, made = five()
    good, folder = csv_text([of(each) for each in made]), journal(ca)
    for more in '6,"20 -- Issued","CORP\r\n', '6,"20","a","b","c","d","e","f"\r\n', '6,"x","a","b","c","d",""\r\n', '6,"' + "x" * (1 << 21) + '"\r\n', '6,"20","a","b","c","d","7x"\r\n':
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
