#!/usr/bin/python3
"""certwitness stats, on the build under sanitizers: its counts are those of jq and Python over the same lines, hostile names included."""
import sys; sys.path[0] += "/../lib"
import base64, datetime, hashlib, json, os, random, shutil, subprocess
from collections import Counter

from chains import hash_of, line, name, write
from tap import run as run_tests, test

PROGRAM, ROOT = "build/native/src/cli/certwitness", "build/tmp/reader-stats"
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
random.seed(5)
made = 0

def journal(events):
    """events: (type, time, data); a chain of them in files of 500 lines."""
    global made
    made += 1
    files, previous = {}, "0" * 64
    for n, (type, time, data) in enumerate(events, 1):
        request = data.get("request", {}).get("RequestID") if isinstance(data.get("request"), dict) else None
        lines = files.setdefault(name((n - 1) // 500 * 500 + 1), [])
        lines.append(line(n, previous, type=type, data=json.dumps(data, ensure_ascii=False), time=time,
                          subject=f'"subject":"request/{request}",' if request is not None else ""))
        previous = hash_of(lines[-1])
    path = f"{ROOT}/{made}"
    write(path, {file: b"".join(lines) for file, lines in files.items()})
    return path

def stats(path, *words, code=0):
    done = subprocess.run([PROGRAM, "stats", path, *words], capture_output=True, env={**os.environ, "COLUMNS": "80"})
    assert done.returncode == code, f"code {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}"
    text = done.stdout.decode()
    assert all(c == "\n" or c >= " " and not "\x7f" <= c < "\xa0" and c not in "\u202e\u2066\u200b" for c in text), repr(text)
    if "--json" in words: return json.loads(text)
    for row in text.splitlines(): assert len(row) <= 80, row
    return text

def jq(path, program):
    done = subprocess.run(f"cat {path}/*.jsonl | jq -sc '{program}'", shell=True, capture_output=True)
    assert not done.returncode, done.stderr.decode()
    return json.loads(done.stdout)

def date(days, seconds=0): return (NOW + datetime.timedelta(days=days, seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
def spaced(digits): return " ".join(digits[i:i + 2] for i in range(0, len(digits), 2))     # as the CA writes a hash
def event(kind, id, when="2026-11-21T10:00:00.123Z", requester="CORP\\alice", template="User", until=None, certificate=None, **more):
    """certificate: what is known of it besides, else a serial number and a hash of the RequestID's own."""
    own = {"SerialNumber": f"6d{id & 0xffffffff:08x}", "CertificateHash": spaced(hashlib.sha1(str(id).encode()).hexdigest())}
    data = {"event": 1, "request": {"RequestID": id, "RequesterName": requester},
            "certificate": {"CertificateTemplate": template, "NotAfter": until or date(365), **(own if certificate is None else certificate)}, **more}
    return "certificate." + kind, when, data

NAMES = ["CORP\\alice", "CORP\\Zoë Müller", "CORP\\日本語の名前日本語の名前日本語の名前", "CORP\\\x1b[31mred\x07", "a\u202eb\u2066\u200b", "=cmd|'/c calc'!A1", "x" * 5000, "", "\"'\\/\n\t", "\ud7ff\ufffd"]
shutil.rmtree(ROOT, ignore_errors=True)
DAYS = [(datetime.date(2026, 2, 20) + datetime.timedelta(days=d)).isoformat() for d in range(20)]
UNTIL = {id: date(random.randrange(-100, 400)) for id in range(1, 1200)}
EVENTS = [("module.started", DAYS[0] + "T00:00:00.000Z", {"module": {}})]
for id in range(1, 1200):
    kind = random.choice(("issued", "issued", "issued", "denied", "pending", "retrieved"))
    EVENTS.append(event(kind, id, f"{DAYS[id // 65]}T{id % 24:02}:00:00.000Z", random.choice(NAMES), random.choice(("User", "WebServer", "1.3.6.1.4.1.311.21.8.1.2.3", NAMES[3])),
                        UNTIL[id]))
for id in random.sample(range(1, 1200), 300): EVENTS.append(event("revoked", id, DAYS[19] + "T10:00:00.000Z", until=UNTIL[id]))
EVENTS += [("journal.gap", DAYS[19] + "T11:00:00.000Z", {"events": 17}), ("journal.recovered", DAYS[19] + "T11:00:00.000Z", {"bytes": 1}), ("some\u00e9thing.else", DAYS[19] + "T11:00:00.000Z", {})]
BIG = journal(EVENTS)

@test
def types_days_templates_and_requesters_are_what_jq_counts():
    said = stats(BIG, "--json")
    assert said["events"] == len(EVENTS) and said["complete"], said["events"]
    assert {row["type"]: row["events"] for row in said["types"]} == jq(BIG, '[.[].type | ltrimstr("certwitness.")] | group_by(.) | map({key: .[0], value: length}) | from_entries')
    assert {row["day"]: row["events"] for row in said["days"]} == jq(BIG, '[.[].time[:10]] | group_by(.) | map({key: .[0], value: length}) | from_entries')
    for table, key, path in ("templates", "template", ".data.certificate.CertificateTemplate"), ("requesters", "requester", ".data.request.RequesterName"):
        theirs = jq(BIG, f'[.[] | select(.type | test("issued|denied|revoked")) | [{path}, (.type | sub(".*[.]"; ""))]]')
        counts = Counter((text[:256] if len(text) > 256 else text, kind) for text, kind in theirs)
        ours = {(row[key], kind): row[kind] for row in said[table]["rows"] for kind in ("issued", "denied", "revoked") if row[kind]}
        assert ours == dict(counts), f"{table}: {ours}\n{counts}"
        assert not any(said[table]["others"].values()), said[table]["others"]
    assert said["records"] == {"recoveries": 1, "gaps": 1, "lostEvents": 17, "lostWhy": {}, "lostRequesters": [], "lostOthers": 0, "breaks": 0, "requestsAsHash": 0}, said["records"]

@test
def valid_and_expiring_certificates_are_what_python_counts_in_the_same_events():
    said = stats(BIG, "--json")["certificates"]
    ends, revoked = {}, set()
    for kind, _, data in EVENTS:
        id = data.get("request", {}).get("RequestID")
        if kind == "certificate.issued": ends[id] = datetime.datetime.fromisoformat(data["certificate"]["NotAfter"].replace("Z", "+00:00"))
        if kind == "certificate.revoked": revoked.add(id)
    now = datetime.datetime.fromisoformat(said["asOf"].replace("Z", "+00:00"))
    left = [(until - now).total_seconds() / 86400 for id, until in ends.items() if id not in revoked]
    def within(days): return sum(0 <= end <= days for end in left)
    assert said == {"asOf": said["asOf"], "issued": len(ends), "valid": within(9999), "expireWithin30Days": within(30), "expireWithin60Days": within(60), "expireWithin90Days": within(90),
                    "revoked": len(revoked & ends.keys()), "expired": len(left) - within(9999), "notYetValid": 0, "unknownEnd": 0, "untracked": 0}, said
    assert within(30) and within(60) > within(30) and within(9999) < len(left)

def simple(*events, **how): return stats(journal(list(events)), "--json", **how)["certificates"]

@test
def a_certificate_counts_in_the_term_in_which_it_ends():
    for days, seconds, term in (30, -60, "expireWithin30Days"), (30, 60, "expireWithin60Days"), (60, -60, "expireWithin60Days"), (60, 60, "expireWithin90Days"), \
                               (90, -60, "expireWithin90Days"), (90, 60, None), (0, -60, "expired"), (0, 60, "expireWithin30Days"):
        said = simple(event("issued", 1, until=date(days, seconds)))
        order = ["expireWithin30Days", "expireWithin60Days", "expireWithin90Days"]
        for key in order: assert said[key] == (term in order[:order.index(key) + 1]), (days, seconds, said)
        assert said["expired"] == (term == "expired") and said["valid"] == (term != "expired"), said

@test
def after_revoked_and_released_and_revoked_again_the_last_event_counts():
    one, soon = date(365), date(10)
    def on(*kinds, id=1, until=one): return [event(kind, id, until=until) for kind in kinds]
    assert simple(*on("issued", "revoked"))["valid"] == 0
    assert simple(*on("issued", "revoked", "revoked"))["revoked"] == 1
    assert simple(*on("issued", "revoked", "unrevoked"))["valid"] == 1
    assert simple(*on("issued", "revoked", "unrevoked", "revoked", until=soon)) | {"asOf": 0} == {"asOf": 0, "issued": 1, "valid": 0, "expireWithin30Days": 0, "expireWithin60Days": 0,
        "expireWithin90Days": 0, "revoked": 1, "expired": 0, "notYetValid": 0, "unknownEnd": 0, "untracked": 0}
    assert simple(*on("issued", "unrevoked"))["valid"] == 1
    assert simple(*on("issued", "issued"))["issued"] == 1
    assert simple(*on("revoked"), *on("issued", id=2))["valid"] == 1
    assert simple(*on("issued"), *on("revoked", id=2))["valid"] == 1

@test
def a_certificate_that_has_not_begun_is_not_valid():
    def begins(when, until=date(365), **more): return event("issued", 1, until=until, certificate={"SerialNumber": "6d01", "NotBefore": when, **more})
    for when, valid in (date(-1), 1), (date(0, -60), 1), (date(0, 60), 0), (date(20), 0), ("9999-12-31T23:59:59Z", 0):
        said = simple(begins(when))
        assert (said["issued"], said["valid"], said["notYetValid"]) == (1, valid, 1 - valid), (when, said)
    near = simple(begins(date(5), until=date(10)))
    assert (near["valid"], near["expireWithin30Days"], near["expired"], near["notYetValid"]) == (0, 0, 0, 1), near
    odd = simple(begins(date(5), until=date(-5)))
    assert (odd["valid"], odd["expired"], odd["notYetValid"]) == (0, 1, 0), odd
    gone = simple(begins(date(20)), event("revoked", 1, certificate={"SerialNumber": "6d01"}))
    assert (gone["valid"], gone["revoked"], gone["notYetValid"]) == (0, 1, 0), gone
    assert "not yet valid                     1" in stats(journal([begins(date(20))])), stats(journal([begins(date(20))]))
    assert "not yet valid" not in stats(journal([begins(date(-20))]))

@test
def where_the_ca_told_no_notbefore_the_certificate_says_it():
    import forms
    def utc(days): return forms.utc((NOW + datetime.timedelta(days=days)).strftime("%y%m%d%H%M%SZ"))
    for days, valid in (-5, 1), (5, 0):
        der = forms.certificate(validity=forms.seq(utc(days), utc(300)))
        for told in {"NotAfter": date(300)}, {}:
            kind, when, data = event("issued", 1, certificate={"RawCertificate": base64.b64encode(der).decode()})
            del data["certificate"]["NotAfter"]
            data["certificate"].update(told)
            said = simple((kind, when, data))
            assert (said["valid"], said["notYetValid"], said["unknownEnd"]) == (valid, 1 - valid, 0), (days, told, said)

def known(serial=None, der=None, told=None):
    """What an event has of a certificate: its serial number, its bytes, the hash that the CA tells."""
    values = {"SerialNumber": serial, "CertificateHash": told and spaced(hashlib.sha1(told).hexdigest()), "RawCertificate": der and base64.b64encode(der).decode()}
    return {name: value for name, value in values.items() if value}

@test
def requestids_that_a_restored_or_new_ca_gives_again_are_other_certificates():
    def day(n): return [event("issued", id, certificate=known(f"{n:02x}{id:02x}", told=f"{n} {id}".encode())) for id in range(1, 7)]
    days = [one for n in range(5) for one in day(n)]
    said = simple(*days)
    assert (said["issued"], said["valid"], said["untracked"]) == (30, 30, 0), said
    revoked = ("certificate.revoked", *day(3)[1][1:])
    assert simple(*days, revoked)["valid"] == simple(*days, revoked, revoked)["valid"] == 29
    assert simple(*days, revoked, ("certificate.revoked", *day(4)[1][1:]))["revoked"] == 2
    assert simple(*day(0), revoked)["valid"] == 6, "that one is not among them"
    moved = event("revoked", 4711, certificate=revoked[2]["certificate"])           # imported again, under another number
    assert simple(*days, moved)["revoked"] == 1

@test
def a_certificate_is_recognized_by_its_bytes_or_the_cas_hash_or_its_serial_number_alone():
    der = b"any bytes"
    ways = {"all": known("00AB 12", der, der), "bytes": known("ab12", der), "told": known("0xab:12", told=der), "serial": known("ab12")}
    for issued in ways:
        for revoked in ways:
            said = simple(event("issued", 1, certificate=ways[issued]), event("issued", 1, certificate=ways[revoked]), event("revoked", 2, certificate=ways[revoked]))
            assert (said["issued"], said["valid"], said["revoked"], said["untracked"]) == (1, 0, 1, 0), (issued, revoked, said)
    alone = simple(event("issued", 1, certificate=known(told=der)), event("revoked", 1, certificate=known(told=der)))
    assert alone["revoked"] == 1, alone
    none = simple(event("issued", 1, certificate={}), event("issued", 1, certificate={}), event("revoked", 1, certificate={}))
    assert (none["issued"], none["valid"], none["untracked"]) == (2, 2, 2), none

@test
def one_serial_number_under_two_keys_of_the_ca_is_two_certificates_with_their_own_revocations():
    old, new = (event("issued", 1, certificate=known("4d", told=name), until=date(days)) for name, days in ((b"old", 10), (b"new", 365)))
    said = simple(old, new, ("certificate.revoked", *old[1:]))
    assert (said["issued"], said["valid"], said["expireWithin30Days"]) == (2, 1, 0), said
    said = simple(old, new, ("certificate.revoked", *new[1:]))
    assert (said["issued"], said["valid"], said["expireWithin30Days"]) == (2, 1, 1), said
    many = [event("issued", n, certificate=known("4d", told=str(n).encode())) for n in range(100)]
    said = simple(*many, ("certificate.revoked", *many[0][1:]))
    assert (said["issued"], said["untracked"], said["revoked"]) == (100, 36, 1), said

@test
def a_revocation_takes_a_certificate_out_of_the_term_in_which_it_was_issued():
    said = simple(event("issued", 1, until=date(10)), ("certificate.revoked", "2026-11-21T10:00:00.000Z", {"certificate": {"SerialNumber": "6d00000001"}}))
    assert (said["valid"], said["expireWithin30Days"], said["revoked"]) == (0, 0, 1), said
    said = simple(event("issued", 1, until=date(10)), event("issued", 2), event("revoked", 1, until=date(500)))
    assert (said["valid"], said["expireWithin30Days"], said["revoked"]) == (1, 0, 1), said

@test
def options_choose_what_is_counted_and_revocations_count_all_the_same():
    path = journal([event("issued", 1, "2026-11-01T10:00:00.000Z"), event("issued", 2, "2026-11-02T10:00:00.000Z", template="WebServer"), event("revoked", 1, "2026-11-03T10:00:00.000Z")])
    said = stats(path, "--json", "--until", "2026-11-01")
    assert (said["events"], said["certificates"]["issued"], said["certificates"]["valid"], said["certificates"]["revoked"]) == (1, 1, 0, 1), said
    said = stats(path, "--json", "--template", "webserver")
    assert (said["events"], said["certificates"]["valid"]) == (1, 1), said
    assert "No events." in stats(path, "--since", "2030-01-01")

@test
def forged_and_odd_values_do_no_harm():
    until = ["", "Z", "yesterday", "2026-11-21T10:00:00", "9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "2026-02-31T00:00:00Z", 5, None, {}, [], "x" * 70000, "3" * 20]
    events = [event("issued", id, until="x") for id in (0, -5, 2**31, 2**31 - 1, -2**31)] + [("certificate.issued", "2026-11-21T10:00:00.000Z", {})] + \
        [("certificate.issued", "2026-11-21T10:00:00.000Z", {"request": {"RequestID": 10 + i, "RequesterName": value}, "certificate": {"NotAfter": value, "CertificateTemplate": value}}) for i, value in enumerate(until)] + \
        [("certificate.revoked", "0000-00-00T99:99:99.999Z", {"request": {"RequestID": 10 + i}}) for i in range(10)] + [("journal.gap", "1999-12-31T00:00:00.000Z", {"events": -1}), ("journal.gap", "2100-01-01T00:00:00.000Z", {"events": "x"})]
    path = journal(events)
    said = stats(path, "--json")
    assert said["events"] == len(events) and said["otherDays"] == 12 and said["records"]["lostEvents"] == 0, said
    stats(path)

@test
def beyond_4096_requesters_the_rest_are_counted_as_others():
    said = stats(journal([event("issued", n, requester=f"CORP\\user{n}") for n in range(1, 4300)] + [event("issued", n, requester="CORP\\user1") for n in range(4300, 4310)]), "--json")
    assert len(said["requesters"]["rows"]) == 4096 and said["requesters"]["rows"][0] == {"requester": "CORP\\user1", "issued": 11, "denied": 0, "revoked": 0}, said["requesters"]["rows"][0]
    assert said["requesters"]["others"] == {"issued": 4299 - 4096, "denied": 0, "revoked": 0}, said["requesters"]["others"]

@test
def the_text_shows_bars_and_the_ten_with_most_and_how_many_more_there_are():
    text = stats(BIG, "--top", "3")
    assert "(7 more)" in text and "█" in text and "\n  2026-02-20 " in text and "\\u{1b}[31mred\\u{7}" in text and "(none)" in text or "(7 more)" in text, text
    years = stats(journal([event("issued", n, f"{2010 + n}-06-01T00:00:00.000Z") for n in range(1, 9)]))
    assert "Years" in years and "\n  2014 " in years, years
    months = stats(journal([event("issued", n, f"2026-{n:02}-15T00:00:00.000Z") for n in (1, 3)]))
    assert "Months" in months and [row.split()[:2] for row in months.splitlines() if row.startswith("  2026-")] == [["2026-01", "1"], ["2026-02", "0"], ["2026-03", "1"]], months

@test
def a_damaged_journal_is_counted_as_far_as_it_can_be_read_and_the_exit_code_says_so():
    path = journal([event("issued", n) for n in range(1, 1200)])
    with open(f"{path}/{name(501)}", "r+b") as file: file.seek(5000); file.write(b"~")
    said = stats(path, "--json", code=1)
    assert not said["complete"] and said["events"] == 1198, said["events"]

@test
def losses_are_counted_by_cause_and_requester_and_so_are_requests_kept_as_a_hash_only():
    def gap(events, **more): return "journal.gap", "2026-11-21T10:00:00.000Z", {"events": events, "requestIDs": [], **more}
    def named(*pairs): return [{"name": name, "events": n} for name, n in pairs]
    events = [gap(12, requesters=named(("CORP\\mallory", 7), ("CORP\\\x1b[1mred", 2)), requestersLeftOut=1, why={"lowSpace": 10, "exception": 2}),
              gap(8, requesters=named(("CORP\\mallory", 3), ("", 1)), why={"lowSpace": 3, "queueHalf": 1, "noMemory": 1, "noLine": 1, "unwritten": 1, "queueFull": 1}),
              gap(1),                                                                                           # from before causes were told
              gap(1, requesters=[5, {"name": 7}, {"name": "x", "events": "9"}, {"name": "y", "events": -1}], requestersLeftOut=-3, why={"lowSpace": -1, "exception": "1", "new": 4}),
              gap(1, requesters="all", why=[1]),
              event("pending", 1, missing=[{"name": "RawRequest", "size": 5, "sha256": "a" * 64, "why": "flood"}]),
              event("denied", 2, missing=[{"name": "UPN", "hresult": "0x80094004"}, {"name": "RawRequest", "size": 5, "sha256": "a" * 64, "why": "lowSpace"}]),
              event("denied", 3, missing=[{"name": "RawRequest", "hresult": "0x80094004"}]),
              event("denied", 4, missing=[{"name": "RequestAttributes", "offset": 1024, "size": 5, "sha256": "a" * 64, "why": "flood"}], )]
    path = journal(events)
    said = stats(path, "--json")["records"]
    assert (said["gaps"], said["lostEvents"], said["lostOthers"], said["requestsAsHash"]) == (5, 23, 1, 2), said
    assert said["lostWhy"] == {"queueFull": 1, "queueHalf": 1, "lowSpace": 13, "noMemory": 1, "noLine": 1, "exception": 2, "unwritten": 1}, said
    assert [(row["requester"], row["events"]) for row in said["lostRequesters"]] == [("CORP\\mallory", 10), ("CORP\\\x1b[1mred", 2), ("", 1)], said
    text = [" ".join(row.replace("█", "").split()) for row in stats(path, "--top", "1").splitlines()]
    for row in "Lost, by requester events", r"CORP\mallory 10", "(others) 4", "lowSpace 13", "queueHalf 1", "requests as a hash only 2": assert row in text, (row, text)
    assert r"CORP\\u{1b}[1mred 2" in [" ".join(row.split()) for row in stats(path).splitlines()], stats(path)

@test
def an_attribute_that_may_have_been_cut_off_is_no_template():
    cut = "Comment:" + "x" * 900 + "\r\nCertificateTemplate:Web"
    def denied(attributes, *missing):
        data = {"event": 4, "request": {"RequestID": 1, "RequestAttributes": attributes}, "certificate": {}, "missing": list(missing)}
        return [row["template"] for row in stats(journal([("certificate.denied", "2026-11-21T10:00:00.000Z", data)]), "--json")["templates"]["rows"]]
    left = {"name": "RequestAttributes", "offset": 1024, "size": 50, "sha256": "b" * 64, "why": "flood"}
    assert denied(cut) == ["Web"] and denied(cut, left) == [""] and denied("CertificateTemplate:Web\r\n" + cut, left) == ["Web"]

run_tests()
