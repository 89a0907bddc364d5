#!/usr/bin/python3
"""certwitness expiry, on the build under sanitizers: what ends, what needs a person, and each certificate told once a threshold over 400 days."""
import sys; sys.path[0] += "/../lib"
import csv, email, email.policy, io, json, os, re, resource, shutil, signal, subprocess, tempfile, time, unicodedata

from issued import *
from tap import run as run_tests, same, check, test

PROGRAM, LEAN, ROOT = os.path.abspath("build/native/src/cli/certwitness"), os.path.abspath("build/native/certwitness"), tempfile.mkdtemp()
made = 0

def place(name=""):
    global made
    made += 1
    return f"{ROOT}/{made}{name}"

def folder(issued): return issued.write(place())

def run(*words, now=None, code=None, program=PROGRAM, env={}):
    done = subprocess.run([program, "expiry", *map(str, words), *(["--now", date(now)] if now is not None else [])], capture_output=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, "TZ": "UTC", **env})
    assert done.returncode in ((0, 1) if code is None else (code,)) and b"Sanitizer" not in done.stderr, (words, done.returncode, done.stderr.decode()[-2000:])
    return done.stdout.decode("utf-8-sig"), done.stderr.decode()

def rows(journal, *words, now=300, **how): return [json.loads(line) for line in run(journal, "--json", *words, now=now, **how)[0].splitlines()]
def found(journal, *words, **how): return [(row["requestId"], row["row"], row["bucket"]) for row in rows(journal, *words, **how) if "requestId" in row]

def ending(on=0, days=365, n=[0], **how):
    n[0] += 1
    ca = Issued()
    ca.issue(**{"on": on, "days": days, "names": [f"n{n[0]}.corp.example"], **how})
    return ca

@test
def a_certificate_is_in_the_bucket_of_the_days_that_are_left():
    journal = folder(ending())
    for now, bucket in (274.9, None), (275, "90"), (304.9, "90"), (305, "60"), (335, "30"), (351, "14"), (358, "7"), (364.9, "7"), (365, "expired"), (371.9, "expired"), (372, None):
        same(found(journal, now=now, code=1 if bucket else 0), [(1, "due", bucket)] if bucket else [], f"on day {now}")

@test
def the_window_decides_what_is_shown_and_the_exit_code():
    journal = folder(ending())
    for within, shown in ("60d", 0), ("66d", 1), ("9w", 0), ("10w", 1), (date(364), 0), (date(365), 1):
        same(len(found(journal, "--within", within, now=300, code=shown)), shown, within)

@test
def a_certificate_of_half_a_year_or_more_is_not_short_lived_however_wide_the_window_is():
    for days, shown in (179, ()), (180, ("90d", "100d", "200d", "400d")), (365, ("90d", "100d", "200d", "400d")):
        journal = folder(ending(on=310 - days, days=days))
        for within in "90d", "100d", "200d", "400d":
            same(len(found(journal, "--within", within, now=300, code=within in shown)), within in shown, f"{days} days, --within {within}")

@test
def what_is_renewed_automatic_or_short_lived_is_counted_and_shown_with_all():
    ca = Issued()
    one, two = ca.issue(names=["a"]), ca.issue(names=["b"])
    ca.issue(names=["c"], client=("pc", "CORP\\\\u", "taskhostw.exe", 6))
    ca.issue(names=["d"], on=250, days=100)
    three = ca.issue(names=["e"])
    ca.issue(names=["f"], purposes=[AGENT_OID], client=("pc", "u", "taskhostw.exe", 6))
    ca.issue(names=["g"])
    ca.issue(names=["a", "x"], renews=one, on=299, days=700), ca.issue(names=["b"], on=299, days=700), ca.issue(names=["e"], requester="CORP\\\\bob", on=299, days=700)
    journal = folder(ca)
    same(found(journal), [(5, "probable", "90"), (6, "service", "90"), (7, "due", "90")])
    same(sorted(found(journal, "--all")), [(1, "renewed", "90"), (2, "renewed", "90"), (3, "autoenrolled", "90"), (4, "shortLived", "60"), (5, "probable", "90"), (6, "service", "90"), (7, "due", "90")])
    text = " ".join(run(journal, now=300)[0].split())
    check("Not shown: 2 renewed, 1 enrolled automatically, 1 short-lived; --all shows them." in text, text)
    check("probably renewed by request 10" in text and "The journal begins at 2026-01-01 00:00:00" in text, text)

@test
def a_certificate_that_another_requester_says_to_renew_stays_shown():
    ca, mail = Issued(), place()
    www, agent = ca.issue(requester="CORP\\webadmin"), ca.issue(requester="CORP\\badges", template="EnrollmentAgent", names=["x"], purposes=[AGENT_OID])
    for old in www, agent: ca.issue(requester="CORP\\mallory", template="User", subject="m", names=["m"], on=10, days=500, renews=old)
    journal = folder(ca)
    same(found(journal, code=1), [(1, "due", "90"), (2, "service", "90")])
    check("said to be renewed by request 3 of CORP\\mallory" in run(journal, "--eml", mail, now=300, code=1)[0], "the table")
    check("said to be renewed by request 4 of CORP\\mallory" in messages(mail)["unowned.eml"].get_content(), "the message")

@test
def a_node_that_nobody_renewed_is_shown_where_the_renewal_of_another_names_one_from_before_the_journal():
    before = Issued()
    before.last = 900
    other = before.issue(on=-7)
    for how in {"renews": other}, {"cms_renews": other, "flags": 2}:
        ca = ending(names=["lb.corp.example"])
        ca.issue(on=340, names=["lb.corp.example"], **how)
        same(found(folder(ca), now=350, code=1), [(1, "due", "30")], how)

@test
def a_certificate_whose_end_is_not_known_is_shown_and_is_exit_code_1():
    ca, state, mail = Issued(), place(".state"), place()
    odd = seq(utc("260101000000Z"), utc("26ABCDEFGHIJZ"))
    ca.issue(names=["a"], without=("certificate", "NotAfter")), ca.issue(names=["b"], without=("certificate", "NotAfter"), purposes=[AGENT_OID])
    ca.issue(names=["c"], without=("NotAfter",), validity=odd), ca.issue(names=["d"], validity=odd, days=330), ca.issue(names=["e"], without=("certificate",), days=340)
    revoked = ca.issue(names=["f"], without=("certificate", "NotAfter"))
    ca.revoke(revoked, 1)
    journal = folder(ca)
    for now in 300, 5: same(sorted(found(journal, now=now, code=1))[:3], [(1, "unknown", "unknown"), (2, "unknown", "unknown"), (3, "unknown", "unknown")], now)
    same(sorted(found(journal))[3:], [(4, "due", "30"), (5, "due", "60")], "by the CA's property")
    check("End not known\n1 " in run(journal, now=300)[0] and "6 certificates" not in run(journal, now=300)[0], run(journal, now=300)[0])
    same([len(found(journal, "--state", state, now=now, code=code)) for now, code in ((100, 1), (101, 0), (300, 1), (900, 0))], [3, 0, 2, 0])
    run(journal, "--eml", mail, now=100, code=1)
    same(messages(mail)["unowned.eml"].get_content().count("End not known"), 3)

@test
def what_names_a_certificate_whose_end_is_not_known_renews_nothing():
    for requester in "CORP\\mallory", "CORP\\alice":
        for days in 1, 800:
            ca, mail = Issued(), place()
            old = ca.issue(without=("certificate", "NotAfter"))
            ca.issue(on=1, days=days, requester=requester, renews=old)
            ca.issue(on=2, days=800, requester="CORP\\other", names=["other"])
            journal = folder(ca)
            same(found(journal, code=1), [(1, "unknown", "unknown")], (requester, days))
            for shown in run(journal, "--eml", mail, now=300, code=1)[0], run(journal, "--all", now=300, code=1)[0], messages(mail)["unowned.eml"].get_content():
                check("renewed by" not in shown, shown)

@test
def all_shows_renewed_ones_too_and_these_are_no_reason_for_exit_code_1():
    ca = Issued()
    one = ca.issue()
    ca.issue(on=299, days=700, renews=one)
    same(found(folder(ca), "--all", code=0), [(1, "renewed", "90")])
    ca.issue(names=["other"])
    journal, state = folder(ca), place(".state")
    same([len(found(journal, "--all", "--state", state, code=code)) for code in (1, 0)], [2, 0])
    same(found(journal, "--all", "--state", state, now=336, code=1), [(1, "renewed", "30"), (3, "due", "30")])

@test
def a_machine_account_is_routine_after_two_renewals_of_its_template():
    for renewals, row in (1, "due"), (2, "autoenrolled"):
        ca = Issued()
        for n in range(renewals + 1): ca.issue(on=n * 150, days=200, requester="CORP\\\\PC$", names=["pc"])
        same([r for _, r, _ in found(folder(ca), "--all", "--within", "50d", now=renewals * 150 + 180)], [row])

@test
def an_account_that_enrols_for_devices_is_routine_for_those_alone_that_it_renews():
    ca = Issued()
    def enrol(n, on): ca.issue(on=on, days=200, requester="CORP\\NDES01$", template="Router", names=[f"router{n}.corp.example"], subject=f"router{n}")
    for on in 0, 150, 300:
        for n in range(2 if on else 6): enrol(n, on)
    same(found(folder(ca), "--all", "--within", "50d", now=180), [(n, "renewed" if n < 3 else "due", "30") for n in range(1, 7)])
    same(found(folder(ca), "--all", "--within", "50d", now=480), [(9, "autoenrolled", "30"), (10, "autoenrolled", "30")])

@test
def nothing_is_folded_in_its_last_seven_days_and_once_it_has_ended_unless_its_life_is_brief():
    for days, how in (365, {"client": ("pc", "u", "taskhostw.exe", 6)}), (100, {}), (30, {}), (29, {}), (29, {"client": ("pc", "u", "taskhostw.exe", 6)}), (1, {}):
        journal, row = folder(ending(days=days, **how)), "autoenrolled" if how else "shortLived"
        for left, folded in (7.1, True), (6.9, days < 30), (-0.1, days < 30), (-6.9, days < 30):
            same([r for _, r, _ in found(journal, "--all", now=days - left, code=0 if folded else 1)], [row if folded else "due"], (days, left, how))
            same(len(found(journal, now=days - left)), 0 if folded else 1, (days, left))

@test
def nothing_is_folded_that_may_be_a_service_for_all_that_is_known():
    known, ca = [SERVER], Issued()
    odd = ext("2.5.29.37", seq(oid(SERVER), tlv(0x26, b"\x06\x01\x2a"), oid(AGENT_OID)))
    for how in {"purposes": [], "extensions": [odd]}, {"without": ("certificate",)}, {"purposes": known}:
        ca.issue(names=["a"], subject=f"x{ca.last}", client=("pc", "u", "taskhostw.exe", 6), **how)
        ca.issue(names=["b"], subject=f"x{ca.last}", on=250, days=100, **how)
    same(sorted(found(folder(ca), code=1)), [(1, "due", "90"), (2, "due", "60"), (3, "due", "90"), (4, "due", "60")])

@test
def a_revoked_certificate_is_not_shown_and_one_whose_renewal_was_revoked_is():
    ca = Issued()
    one, two = ca.issue(names=["a"]), ca.issue(names=["b"])
    new = ca.issue(names=["a"], renews=one, on=290, days=700)
    ca.revoke(two, 295), ca.revoke(new, 296)
    same(found(folder(ca)), [(1, "due", "90")])

@test
def the_ca_and_its_crls_come_first_and_a_crl_that_is_late_is_exit_code_1():
    ca = Issued()
    ca.ca(0, 4000), ca.crl(290, 14, 7), ca.crl(298, 3, delta=True), ca.deny(299)
    journal = folder(ca)
    what = rows(journal, now=296.9, code=0)
    same([(row["row"], row.get("late", row.get("due"))) for row in what], [("caCertificate", False), ("crl", False), ("deltaCrl", False)])
    same([row.get("nextUpdate") or row.get("notAfter") for row in what], [date(4000), date(304), date(301)])
    same([row.get("late") for row in rows(journal, now=297.5, code=1)], [None, True, False])
    same([row.get("late") for row in rows(journal, now=302, code=1)], [None, True, True])
    same(rows(journal, now=3950, code=1)[0]["due"], True)
    out = run(journal, now=297.5)[0]
    check(out.startswith("The CA itself\nCertificate 0: CN=Demo CA, ends") and "published in time" in out, out)

def of_key(crl=None, delta=None, index=0): return {"index": index, **({"RawCRL": crl} if crl else {}), **({"RawDeltaCRL": delta} if delta else {})}
def published(ca, on, *keys, missing=(), **of_ca): ca.event("crl.issued", on, {"event": 32, "context": 0, "ca": {**of_ca, "keys": list(keys)}, "missing": list(missing)})
def in_full(on, days=7):
    made = crl(times=(der_time(on), der_time(on + days)))
    return {"size": len(made), "sha256": hashlib.sha256(made).hexdigest(), "base64": base64.b64encode(made).decode()}
def left_out(on): return {name: value for name, value in in_full(on).items() if name != "base64"}
def unchanged(on): return {"unchanged": in_full(on)["sha256"]}
def failed(name): return {"name": name, "hresult": "0x80070005"}

def told_of_crls(ca, now, code):
    """What is said of each CRL, in JSON; the table says the same."""
    journal = folder(ca)
    out = run(journal, now=now, code=code)[0]
    found = [row for row in rows(journal, now=now, code=code) if row["row"] in ("crl", "deltaCrl")]
    for row in found:
        what = f"{'CRL' if row['row'] == 'crl' else 'Delta CRL'} of key {row['index']}: next update "
        check(what + ("not known: " if "notKnown" in row else "20" if "nextUpdate" in row else "never") in out, out)
        check(not ("notKnown" in row and ("late" in row or "nextUpdate" in row)), row)
        if "notKnown" in row: check(f"line {row['line']} of {row['published'][:10]}" in out, out)
    return [(row["row"], row["index"], row["notKnown"] if "notKnown" in row else row["late"]) for row in found]

@test
def a_crl_that_had_no_room_in_its_line_is_not_late_and_its_next_update_not_known():
    ca = Issued()
    ca.crl(200, 7), published(ca, 290, of_key(left_out(290))), ca.crl(291, 7, delta=True)
    same(told_of_crls(ca, 293, 0), [("crl", 0, "leftOut"), ("deltaCrl", 0, False)])
    ca.crl(297, 7)
    same(told_of_crls(ca, 305, 1), [("crl", 0, True), ("deltaCrl", 0, True)], "one with bytes counts again")
    published(ca, 306, of_key({"size": 20 << 20}))
    same(told_of_crls(ca, 307, 1)[0], ("crl", 0, "leftOut"), "one of more than 16 MiB has no hash either")

@test
def a_large_crl_that_is_named_again_is_still_not_known_and_known_once_its_bytes_came():
    ca = Issued()
    published(ca, 290, of_key(left_out(290))), published(ca, 291, of_key(unchanged(290)))
    same(told_of_crls(ca, 400, 0), [("crl", 0, "leftOut")])
    same([row["line"] for row in rows(folder(ca), now=400, code=0)], [1], "the line that had it first")
    published(ca, 292, of_key(in_full(290)))
    same(told_of_crls(ca, 293, 0), [("crl", 0, False)])
    same(told_of_crls(ca, 298, 1), [("crl", 0, True)])

@test
def a_crl_that_is_named_and_not_in_the_journal_is_told():
    ca = Issued()
    published(ca, 290, of_key(unchanged(280), unchanged(289)))
    same(told_of_crls(ca, 400, 0), [("crl", 0, "unchanged"), ("deltaCrl", 0, "unchanged")])
    ca = Issued()
    published(ca, 290, of_key(in_full(290))), published(ca, 292, of_key(unchanged(290)))
    same(told_of_crls(ca, 293, 0), [("crl", 0, False)])
    same(told_of_crls(ca, 298, 1), [("crl", 0, True)])
    published(ca, 299, of_key(unchanged(299)))
    same(told_of_crls(ca, 400, 0), [("crl", 0, "unchanged")])

@test
def a_crl_that_cannot_be_read_is_told():
    ca = Issued()
    published(ca, 290, of_key({"size": 3, "sha256": "ab" * 32, "base64": "AgEA"})), published(ca, 290, of_key({"size": 3, "base64": "AgEA"}, index=1))
    same(told_of_crls(ca, 400, 0), [("crl", 0, "unreadable"), ("crl", 1, "unreadable")])

@test
def a_crl_that_the_ca_did_not_give_is_not_late():
    for missing, keys, expected in (
            (["RawCRL.0"], [of_key(delta=in_full(299, 2))], [("crl", 0, "notGiven"), ("deltaCrl", 0, False)]),
            (["RawDeltaCRL.0"], [of_key(in_full(299, 9))], [("crl", 0, False), ("deltaCrl", 0, "notGiven")]),
            (["keys.0"], [], [("crl", 0, "notGiven"), ("deltaCrl", 0, "notGiven")]),
            (["RawCRL.12", "RawCRL.", "RawCRL.x", "RawCRLx", "keys.12345678901", "RawCRL"], [of_key(in_full(299, 9), in_full(299, 2))], [("crl", 0, False), ("deltaCrl", 0, False), ("crl", 12, "notGiven")])):
        ca = Issued()
        published(ca, 290, of_key(in_full(290), in_full(290, 2))), published(ca, 299, *keys, missing=map(failed, missing))
        same(told_of_crls(ca, 300, 0), expected, missing)

@test
def a_crl_that_was_not_given_is_late_one_period_after_the_last_known_was_due():
    for missing in [["RawCRL.0"]], [["RawCRL.0"], ["keys.0"]]:
        ca = Issued()
        published(ca, 10, of_key(in_full(10)))
        for names in missing: published(ca, 12, missing=map(failed, names))
        same(told_of_crls(ca, 23.9, 0)[0], ("crl", 0, "notGiven"))
        same(told_of_crls(ca, 24.1, 1)[0], ("crl", 0, "notGiven"))
        check("was due" in run(folder(ca), now=24.1, code=1)[0], "the reason is told")
    published(ca, 26, of_key(in_full(26)))
    same(told_of_crls(ca, 27, 0), [("crl", 0, False)], "one that came again")
    published(ca, 28, of_key(left_out(28)))
    same(told_of_crls(ca, 400, 0), [("crl", 0, "leftOut")])
    ca = Issued()
    published(ca, 10, of_key(in_full(10))), published(ca, 30, missing=[failed("RawCRL.0")]), published(ca, 35, missing=[failed("RawCRL.0")])
    same([told_of_crls(ca, now, code) for now, code in ((36.9, 0), (37.1, 1))], [[("crl", 0, "notGiven")]] * 2, "since the first line without it")
    ca = Issued()
    published(ca, 10, of_key(in_full(10)))
    ca.event("crl.issued", 12, {"event": 32, "context": 0, "missing": [failed("SetContext")]})
    same([told_of_crls(ca, now, code) for now, code in ((23, 0), (25, 1))], [[("crl", 0, "notGiven")]] * 2, "of an event without any")

@test
def a_crl_that_is_not_given_because_the_ca_has_none_any_more_is_not_late():
    ca = Issued()
    published(ca, 10, of_key(in_full(10, 900), in_full(10))), published(ca, 12, of_key(in_full(12, 900)), missing=[failed("RawDeltaCRL.0")], fDeltaCRLsDisabled=1)
    same(told_of_crls(ca, 400, 0), [("crl", 0, False)], "disabled delta CRLs")
    ca = Issued()
    ca.ca(0, 11)
    published(ca, 10, of_key(in_full(10))), published(ca, 12, of_key(in_full(12, 900), index=1), missing=[failed("RawCRL.0")])
    same(told_of_crls(ca, 400, 0), [("crl", 1, False)], "a key that has ended")

@test
def where_the_list_of_what_is_missing_had_no_room_no_crl_that_is_not_there_is_known():
    for name in "missing", "keys":
        ca = Issued()
        published(ca, 290, of_key(in_full(290, 30)), of_key(in_full(290, 30), index=1)), published(ca, 299, of_key(in_full(299, 9)), missing=[failed(name)])
        same(told_of_crls(ca, 300, 0), [("crl", 0, False), ("crl", 1, "notGiven")], name)

@test
def of_an_event_that_has_nothing_of_the_ca_no_crl_is_known():
    ca = Issued()
    ca.event("crl.issued", 290, {"event": 32, "context": 0, "missing": [failed("SetContext")]})
    same(told_of_crls(ca, 400, 0), [("crl", 0, "notGiven")])
    ca = Issued()
    published(ca, 290, of_key(in_full(290), in_full(290, 2)))
    ca.event("crl.issued", 299, {"event": 32, "context": 0, "missing": [failed("SetContext")]})
    same(told_of_crls(ca, 300, 0), [("crl", 0, "notGiven"), ("deltaCrl", 0, "notGiven")])

@test
def a_crl_of_the_future_is_over_with_the_next_that_the_ca_publishes():
    ca = Issued()
    published(ca, 9, of_key(in_full(5000), in_full(5000, 2))), published(ca, 10, of_key(in_full(10), in_full(10, 2)))
    same(told_of_crls(ca, 11, 0), [("crl", 0, False), ("deltaCrl", 0, False)])
    same(told_of_crls(ca, 400, 1), [("crl", 0, True), ("deltaCrl", 0, True)])
    same([(row["nextUpdate"], row["line"]) for row in rows(folder(ca), now=400, code=1)], [(date(17), 2), (date(12), 2)])

@test
def a_crl_without_next_update_never_ends():
    ca = Issued()
    made = crl(times=(utc("260101000000Z"),))
    published(ca, 290, of_key({"size": len(made), "sha256": hashlib.sha256(made).hexdigest(), "base64": base64.b64encode(made).decode()}))
    same(told_of_crls(ca, 9000, 0), [("crl", 0, False)])
    check("nextUpdate" not in rows(folder(ca), now=9000, code=0)[0], "nextUpdate")

@test
def delta_crls_that_were_disabled_are_not_late():
    for disabled, expected in (0, [("crl", 0, False), ("deltaCrl", 0, True)]), (1, [("crl", 0, False)]):
        ca = Issued()
        published(ca, 290, of_key(in_full(290), in_full(290, 2))), published(ca, 299, of_key(in_full(299, 9)), fDeltaCRLsDisabled=disabled)
        same(told_of_crls(ca, 300, len(expected) - 1), expected)
    ca = Issued()
    published(ca, 290, of_key(in_full(290), in_full(290, 2)), fDeltaCRLsDisabled=1)
    same(told_of_crls(ca, 300, 1), [("crl", 0, True), ("deltaCrl", 0, True)], "one that is there all the same")

@test
def the_crl_of_a_key_whose_certificate_has_ended_is_over_once_the_ca_publishes_none():
    for until, both, expected in (280, False, [("crl", 1, False)]), (280, True, [("crl", 0, True), ("crl", 1, False)]), (900, False, [("crl", 0, True), ("crl", 1, False)]):
        ca = Issued()
        ca.ca(0, until)
        published(ca, 285, of_key(in_full(285)))
        published(ca, 299, *([of_key(in_full(285))] if both else []), of_key(in_full(299, 9), index=1))
        same(told_of_crls(ca, 300, len(expected) - 1), expected, (until, both))

@test
def a_certificate_of_the_ca_that_a_later_one_replaced_needs_nobody():
    def own(*certificates, code):
        ca, all = Issued(), []
        for index, begins, ends in certificates:
            ca.ca(begins, ends - begins)
            all.append({**ca.events.pop()[2]["ca"]["certificates"][0], "index": index})
        ca.ca(0), ca.events[-1][2]["ca"].update(certificates=all), ca.crl(299, 7)
        out, err = run(folder(ca), "--json", "--within", "30d", now=300, code=code)
        return [(row["index"], row["due"], row.get("replacedBy")) for row in map(json.loads, out.splitlines()) if row["row"] == "caCertificate"]
    same(own((0, 0, 320), code=1), [(0, True, None)])
    same(own((0, 0, 320), (1, 200, 3000), code=0), [(0, False, 1), (1, False, None)])
    same(own((0, 0, 297), (1, 200, 3000), (2, 250, 3000), code=0), [(0, False, 2), (1, False, None), (2, False, None)])
    same(own((0, 0, 320), (1, 301, 3000), code=1), [(0, True, None), (1, False, None)])
    same(own((0, 0, 320), (1, 200, 325), code=1), [(0, True, None), (1, True, None)])
    same(own((0, 0, 3000), (1, 200, 320), code=1), [(0, False, None), (1, True, None)])

@test
def what_is_not_known_of_the_ca_itself_is_said():
    def said(*events):
        ca = ending()
        for event in events: event(ca)
        found = [" ".join("".join(run(folder(ca), *form, now=300)).split()) for form in ((), ("--json",), ("--csv",))]
        return [re.findall(r"The CA's own ([a-zA-Z ]+) not known to the journal", each) for each in found]
    def started(ca): ca.ca(0, 3650)
    def published(ca): ca.crl(299, 7)
    for events, told in (((), ["certificates and CRLs are"]), ((started,), ["CRLs are"]), ((published,), ["certificate is"]), ((started, published), [])): same(said(*events), [told] * 3)

@test
def the_csv_says_that_the_cas_own_are_not_in_it():
    ca = ending()
    check("not in the CSV" not in run(folder(ca), "--csv", now=300)[1], "without any")
    ca.crl(299, 7)
    check("The CA's own certificates and CRLs are not in the CSV." in run(folder(ca), "--csv", now=300)[1], "with a CRL")

@test
def days_that_are_left_are_a_number_in_the_csv_also_once_it_has_ended():
    journal = folder(ending())
    for now, left in (300, "65"), (366.5, "-1"), (371, "-6"):
        same([row["left"] for row in csv.DictReader(io.StringIO(run(journal, "--csv", "--columns", "request,left", now=now)[0]))], [left], now)

@test
def services_are_shown_before_what_ends_earlier():
    ca = Issued()
    ca.issue(names=["a"], days=310)
    for n, purpose in enumerate((AGENT_OID, OCSP, KRA)): ca.issue(names=[f"s{n}"], purposes=[purpose], days=370 + n)
    out = run(folder(ca), now=300)[0]
    check(re.findall(r"^(\d+) +20", out, re.M) == ["2", "3", "4", "1"] and out.index("Agents") < out.index("Within 14 days"), out)

@test
def rows_are_grouped_by_requester_template_or_name():
    ca = Issued()
    for n, (requester, template) in enumerate((("CORP\\\\zoe", "B"), ("CORP\\\\Adam", "A"), ("corp\\\\adam", "B"), ("CORP\\\\zoe", "A"))):
        ca.issue(names=[f"{9 - n}.corp.example"], requester=requester, template=template)
    journal = folder(ca)
    for by, order in ("requester", "2314"), ("template", "2413"), ("name", "4321"):
        same("".join(re.findall(r"^(\d) +20", run(journal, "--by", by, now=300)[0], re.M)), order, by)
    check("CORP\\\\zoe\n" in run(journal, "--by", "requester", now=300)[0], "the group's heading")
    check("requester, template or name" in run(journal, "--by", "x", now=300, code=2)[1], "--by x")

@test
def nothing_that_is_renewed_is_under_a_heading_that_says_it_is_not():
    ca = Issued()
    for name, by in ("a", "CORP\\\\alice"), ("b", None):
        ca.issue(names=[name], days=295, requester="CORP\\\\alice")
        if by: ca.issue(names=[name], on=290, days=700, requester=by)
    journal = folder(ca)
    for words, heading, shown in ([], "Expired, and not renewed\n3 ", 1), (["--all"], "Expired\n1 ", 2):
        out = run(journal, *words, now=300, code=1)[0]
        check(heading in out and out.count("Expired") == 1 and f"{shown} certificate" in out, (words, out))

@test
def the_csv_has_row_and_bucket_before_the_columns():
    out = run(folder(ending()), "--csv", "--columns", "request,until", now=300)[0]
    same(list(csv.reader(io.StringIO(out, newline=""))), [["row", "bucket", "request", "until"], ["due", "90", "1", "2027-01-01"]])

@test
def the_table_has_its_head_once_and_fits_the_terminal_with_each_renewal_in_full():
    ca = Issued()
    for day in 0, 20, 40:
        ca.issue(on=day, names=[f"server-{day}.corp.example"])
        ca.issue(on=299, days=700, names=[f"server-{day}.corp.example"], requester="CORP\\\\bob")
    ca.issue(names=["agent"], purposes=[AGENT_OID])
    journal = folder(ca)
    for width, heads in ("80", "REQUEST UNTIL LEFT REQUESTER TEMPLATE NAME"), ("132", "REQUEST UNTIL LEFT REQUESTER TEMPLATE NAME NOTE"), (None, "REQUEST UNTIL LEFT REQUESTER TEMPLATE NAME NOTE"):
        lines = run(journal, "--within", "120d", now=300, env={"COLUMNS": width} if width else {})[0].splitlines()
        same([line.split() for line in lines if "REQUEST" in line], [heads.split()], width)
        check(lines[1].startswith("Agents") and (not width or max(map(len, lines)) <= int(width)), lines)
        for id, name in (1, "server-0"), (3, "server-20"), (5, "server-40"):
            at = next(n for n, line in enumerate(lines) if line.startswith(f"{id} "))
            check(f"{name}.corp.example" in lines[at] and lines[at + (width == "80")].endswith(f" probably renewed by request {id + 1}"), lines)

def of_the_ca_itself(journal, width, now):
    """The first section's lines, as they are in a terminal of this width; None: not in one."""
    lines = run(journal, now=now, env={"COLUMNS": str(width)} if width else {})[0].splitlines()
    same(lines[0], "The CA itself")
    return lines[1:lines.index("")]

@test
def what_is_said_of_the_ca_itself_fits_the_terminal():
    for subject in "Demo CA", "C" * 64, "Example Corporation Issuing Authority for Servers and Clients 01", "\u4e2d" * 30 + " " + "\u4e2d" * 8:
        ca = Issued()
        ca.ca(0, 320, subject=subject), ca.crl(200, 7), ca.crl(201, 1, delta=True)
        published(ca, 290, of_key(left_out(290), index=1)), published(ca, 291, of_key(unchanged(290), index=2)), published(ca, 292, of_key({**in_full(9), "base64": "AAAA"}, index=3))
        published(ca, 10, of_key(in_full(10), index=4)), published(ca, 12, missing=[failed("RawCRL.4")])
        journal = folder(ca)
        whole = of_the_ca_itself(journal, None, 300)
        same(len(whole), 7, whole)
        for width in 80, 100, 40:
            lines = of_the_ca_itself(journal, width, 300)
            joined = []
            for line in lines:
                if line.startswith(" " * 8): joined[-1] += " " + line[8:]
                else: joined.append(line)
            same(joined, whole, (width, "nothing is left out"))
            wide = [line for line in lines if sum(2 if unicodedata.east_asian_width(each) == "W" else 1 for each in line) > width]
            check(all(width == 40 and " " not in line.strip() for line in wide), (width, wide))     # a name of one word is not broken
        if subject == "Demo CA": check("CRL of key 0: next update 2026-07-27 00:00:00, 93 days ago:\n" + " " * 8 + "the journal has none that was published in time" in "\n".join(of_the_ca_itself(journal, 80, 300)),
                                       of_the_ca_itself(journal, 80, 300))

@test
def a_group_with_a_long_name_has_a_heading_of_several_lines():
    ca = ending(names=(), subject="x" * 40 + " " + "y" * 23, requester="CORP\\" + "a" * 60 + " " + "b" * 60)
    journal = folder(ca)
    out = run(journal, "--by", "requester", now=300, env={"COLUMNS": "80"})[0]
    check("\nCORP\\" + "a" * 60 + "\n" + " " * 8 + "b" * 60 + "\n" in out and max(map(len, out.splitlines())) <= 80, out)
    check("\nCORP\\" + "a" * 60 + " " + "b" * 60 + "\n" in run(journal, "--by", "requester", now=300)[0], "without a terminal it is one line")

# --- told once a threshold ---
@test
def over_400_days_with_missed_runs_each_certificate_is_told_once_a_threshold():
    ca, state = Issued(), place(".state")
    for n in range(60): ca.issue(on=n * 6.3, days=(95, 200, 365)[n % 3], names=[f"h{n}"], requester=f"CORP\\\\u{n}")
    journal = folder(ca)
    thresholds, told, best = (90, 60, 30, 14, 7), {}, {}
    for day in range(400):
        if day % 11 in (3, 4, 5) or 200 <= day < 240: continue              # the run was missed
        now = day + 0.25
        wanted = set()
        for event in ca.events:
            id, end = event[2]["request"]["RequestID"], event[1] + (95, 200, 365)[(event[2]["request"]["RequestID"] - 1) % 3]
            left = end - now
            if left > 40: continue
            at = 0 if left <= 0 else min(t for t in (7, 14, 30, 60) if left <= t)
            if at > 30: at = 60
            if at < best.get(id, 1000): wanted.add(id)
            best[id] = min(at, best.get(id, 1000))
        got = [json.loads(line)["requestId"] for line in run(journal, "--json", "--within", "40d", "--state", state, now=now, program=LEAN, code=1 if wanted else 0)[0].splitlines()]
        # the rows of certificates that the window makes short-lived are folded
        wanted = {id for id in wanted if (95, 200, 365)[(id - 1) % 3] >= 80}
        check(len(got) == len(set(got)) and set(got) == wanted, f"day {day}: told {sorted(got)}, expected {sorted(wanted)}")
        for id in got: told[id] = told.get(id, 0) + 1
    check(len(told) > 30 and max(told.values()) == 5 and min(told.values()) >= 1, told)

@test
def a_second_run_on_the_same_day_tells_nothing_and_a_lost_file_tells_all_again():
    journal, state = folder(ending()), place(".state")
    same([len(found(journal, "--state", state, now=300, code=code)) for code in (1, 0)], [1, 0])
    check(re.fullmatch(r"certwitness-expiry 2\nrun [0-9a-f]{32} \d+\n[0-9a-f]{32} 90 \d+\n", open(state).read()), "no names are in it")
    os.remove(state)
    same(len(found(journal, "--state", state, now=300, code=1)), 1)
    same([found(journal, "--state", state, now=400, code=code) for code in (1, 0)], [[(1, "due", "expired")], []])
    check(re.fullmatch(r"certwitness-expiry 2\nrun [0-9a-f]{32} \d+\n", open(state).read()), "what expired long ago is forgotten")

def last_lines(journal, state, *words, now, code): return " ".join(run(journal, "--state", state, *words, now=now, code=code)[0].split())

def ending_on(*days, **how):
    ca = Issued()
    for n, day in enumerate(days): ca.issue(names=[f"e{n}"], days=day, template="AB"[n % 2], **how)
    return ca

@test
def what_ended_while_runs_were_missed_is_told_by_the_next_one():
    ca, state, mail = ending_on(294, 310, 330, 345), place(".state"), place()
    ca.ca(0, 320)
    journal = folder(ca)
    same(found(journal, "--state", state, "--within", "5d", now=300, code=1), [(1, "due", "expired")])
    same(found(journal, now=350, code=1), [(4, "due", "expired")], "without a state: of seven days")
    before = open(state).read()
    said = last_lines(journal, state, "--within", "5d", now=350, code=1)
    check(f"The last run was at {date(300).replace('T', ' ')[:-1]}, and 3 of these have ended since." in said and f"CN=Demo CA, ends {date(320)[:10]}" in said, said)
    open(state, "w").write(before)
    same(rows(journal, "--state", state, "--within", "5d", "--eml", mail, now=350, code=1)[0]["row"], "caCertificate")
    same(messages(mail)["unowned.eml"].get_content().count("(expired)"), 4, "the CA's is one of them")
    said = last_lines(journal, state, "--within", "5d", now=350.5, code=0)
    check(f"0 certificates are shown. The last run was at {date(350).replace('T', ' ')[:-1]}, and 0 of these have ended since." in said, said)

@test
def a_certificate_that_came_back_after_the_last_run_is_told_though_it_ended_before():
    ca, state = ending_on(295), place(".state")
    new = ca.issue(names=["e0"], template="A", on=280, days=900)
    journal = folder(ca)
    same(found(journal, "--state", state, now=300, code=0), [])
    ca.revoke(new, 303)
    shutil.rmtree(journal), ca.write(journal)
    same(found(journal, "--state", state, now=340, code=1), [(1, "due", "expired")])

@test
def what_one_selection_told_or_missed_is_none_of_anothers_business():
    a, b, other = ["--template", "A"], ["--template", "B"], ["--all"]
    journal, state = folder(ending_on(310, 312, 600, 600)), place(".state")
    def told(now, *words): return [id for id, _, _ in found(journal, "--within", "5d", "--state", state, *words, now=now)]
    same([told(300, *words) for words in (a, [], b)], [[], [], []])
    same([told(340, *words) for words in (a, a)], [[1], []])
    same([told(345, *words) for words in ([], [])], [[2], []], "what the run with A alone did not tell")
    same([told(400), told(401, *b), told(402, *other)], [[], [], []], "told by another run, and first of its kind")
    same(told(403, "--template", "C"), [])
    entries = lambda: [line[:4] for line in open(state).read().splitlines()[1:]]
    same(entries(), ["run "] * 5, "nothing is kept that no run looks back to")
    same([told(703), told(403 + 366, *a)], [[3, 4], []])
    same(entries().count("run "), 2, "runs of a year ago are forgotten")

@test
def how_the_certificates_are_shown_is_no_selection_and_the_window_is_one():
    ca = ending_on(310, 900)
    journal, state = folder(ca), place(".state")
    for now, words in (300, []), (301, ["--by", "name"]), (302, ["--csv"]), (303, ["--json", "--eml", place()]), (304, ["--columns", "name"]): run(journal, "--state", state, *words, now=now)
    for path in os.path.relpath(journal), journal + "/", os.path.dirname(journal) + "/../" + os.path.relpath(journal, ROOT + "/.."): run(path, "--state", state, now=305)
    same(open(state).read().count("run "), 1)
    for words in ["--within", "90d"], ["--all"], ["--requester", "x"], ["--subject", "x"], ["--local"]: run(journal, "--state", state, *words, now=305)
    run(folder(ca), "--state", state, now=305)
    same(open(state).read().count("run "), 7)

@test
def a_first_run_says_from_when_on_it_tells():
    journal, state = folder(ending_on(310, 343)), place(".state")
    said = last_lines(journal, state, now=345, code=1)
    check(f"1 certificate is shown. This is the first run with this state and these options: certificates that ended by {date(338).replace('T', ' ')[:-1]} are not shown." in said, said)
    check("run" not in run(journal, now=345)[0], "without a state nothing is said of runs")

@test
def a_state_of_the_first_form_is_read_and_its_last_run_is_not_known():
    journal, state = folder(ending_on(310, 343, 344, 360)), place(".state")
    run(journal, "--template", "A", "--state", state, now=345)
    kept = [line + "\n" for line in open(state).read().splitlines()[1:] if not line.startswith("run ")]
    same(len(kept), 1)
    open(state, "w").write("certwitness-expiry 1\n" + kept[0] + "f" * 32 + " 30 4000000000\n" + "e" * 32 + " 0 1\n")
    out, err = run(journal, "--json", "--state", state, now=346, code=1)
    same([json.loads(line)["requestId"] for line in out.splitlines()], [2, 4], "3 was told")
    check("This is the first run" in err, err)
    text = open(state).read()
    check(text.startswith("certwitness-expiry 2\nrun ") and kept[0] in text and "f" * 32 in text and "e" * 32 not in text, text)

@test
def a_clock_that_was_ahead_once_hides_nothing_later():
    journal, state = folder(ending_on(330)), place(".state")
    same([found(journal, "--state", state, now=now) for now in (600, 300, 350)], [[], [(1, "due", "30")], [(1, "due", "expired")]])

@test
def of_too_many_selections_the_one_that_ran_longest_ago_is_forgotten():
    journal, state = folder(ending_on(310)), place(".state")
    at = int(datetime.datetime.fromisoformat(date(200).replace("Z", "+00:00")).timestamp())
    open(state, "w").write("certwitness-expiry 2\n" + "".join(f"run {n:032x} {at + (n - 77) % 500}\n" for n in range(500)))
    run(journal, "--state", state, now=300, code=1)
    found = re.findall("run ([0-9a-f]{32}) ", open(state).read())
    check(len(found) == 500 and f"{77:032x}" not in found and f"{76:032x}" in found, found)

@test
def the_file_is_unchanged_if_what_it_tells_of_could_not_be_written():
    journal, state = folder(ending()), place(".state")
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "expiry", journal, "--now", date(300), "--state", state], stdout=full, stderr=subprocess.PIPE)
    check(done.returncode == 2 and not os.path.exists(state), done)
    same(len(found(journal, "--state", state, now=300, code=1)), 1)

@test
def a_file_that_is_no_state_is_refused_and_kept():
    journal = folder(ending())
    good = "certwitness-expiry 1\n" + "0" * 32 + " 30 1\n"
    two = good.replace("y 1", "y 2")
    runs = two + "run " + "0" * 32 + " 1\n"
    for text in "", "other\n", good.replace("y 1", "y 3"), good.replace("y 1", "y 10"), two[:-1], runs[:-1], runs.replace("y 2", "y 1"), runs.replace("run 0", "run "), runs + "junk\n", \
            runs.replace(" 1\n", " x\n"), runs.replace(" 1\n", " 1 1\n"), two + runs[len(two):] * 501, good[:-1], good[:40] + "x", good + "junk\n", good.replace(" 30", " x"), good.replace("0" * 32, "0" * 31), "\0" * 100:
        state = place(".state")
        open(state, "w").write(text)
        out, err = run(journal, "--state", state, now=300, code=2)
        check(not out and "line" in err and open(state).read() == text, (text, err))
    state = place(".state")
    open(state, "w").write(good)
    run(journal, "--state", state, now=300, code=1)
    run(journal, "--state", "/nowhere/at/all", now=300, code=2)

def told_with(state, ca, now, *words): return [row[0] for row in found(folder(ca), "--state", state, *words, now=now)]

@test
def a_certificate_that_was_told_is_told_no_more_once_it_is_renewed_or_revoked_and_anew_when_it_comes_back():
    for how in "renewed", "revoked":
        for words in [], ["--all"]:
            ca, state = Issued(), place(".state")
            one = ca.issue(names=["a"])
            same(told_with(state, ca, 336, *words), [1], how)
            new = ca.issue(names=["a"], renews=one, on=337, days=700) if how == "renewed" else ca.revoke(one, 337, 6)
            same([told_with(state, ca, now, *words) for now in (338, 338.5)], [[1], []] if how == "renewed" and words else [[], []], (how, words))
            if how == "renewed": ca.revoke(new, 339)
            else: ca.revoke(one, 339, 8, release=True)
            same([told_with(state, ca, now, *words) for now in (340, 341, 352)], [[1], [], [1]], (how, words))

@test
def a_certificate_that_another_run_left_out_is_not_forgotten():
    ca, state = Issued(), place(".state")
    ca.issue(names=["a"], template="A"), ca.issue(names=["b"], template="B")
    same([told_with(state, ca, 300, *words) for words in ([], ["--template", "A"], ["--within", "10d"], [])], [[1, 2], [], [], []])

@test
def two_journals_can_share_a_state():
    state, one, other = place(".state"), ending(), ending()
    other.events[0][2]["certificate"]["SerialNumber"] = "77"
    other.issuer = cn("Other")
    other.events.clear(), other.issue(serial=0x77)
    same([told_with(state, each, now) for now in (300, 301, 340) for each in (one, other)], [[1], [2], [], [], [1], [2]])

@test
def certificates_of_which_the_journal_has_neither_serial_number_nor_hash_are_told_one_by_one():
    ca, state = Issued(), place(".state")
    for n in range(3):
        ca.issue(names=[f"n{n}"], without=["certificate"])
        for name in "SerialNumber", "CertificateHash": del ca.events[-1][2]["certificate"][name]
    journal = folder(ca)
    same([len(found(journal, "--state", state, now=300, code=code)) for code in (1, 0)], [3, 0])

# --- messages ---
def messages(path): return {name: email.message_from_bytes(open(f"{path}/{name}", "rb").read(), policy=email.policy.default) for name in sorted(os.listdir(path))}

@test
def each_owner_gets_one_message_and_what_has_none_is_in_another():
    ca = Issued()
    for requester in "CORP\\webadmin", "CORP\\App1$", "corp\\WEBADMIN", "CORP\\eve\x1b[31m\u202e": ca.issue(requester=requester, names=[f"{requester[5:9]}.corp.example"])
    journal, mail, site = folder(ca), place(), place(".site")
    open(site, "w").write('# owners\n\nowner requester="CORP\\webadmin" mail=web-team@corp.example\r\n'
                          'owner requester=CORP\\App?$ mail=apps+team@corp.example\nallow anything at all\nwatch name=x\n')
    run(journal, "--eml", mail, "--site", site, now=300, code=1)
    found = messages(mail)
    same(sorted(found), ["owner-3-web-team@corp.example.eml", "owner-4-apps_team@corp.example.eml", "unowned.eml"])
    web = found["owner-3-web-team@corp.example.eml"]
    same((web["To"], web["Subject"], web["X-Unsent"], web.get_content_type(), web.defects), ("web-team@corp.example", "2 certificates end soon", "1", "text/plain", []))
    same(web["Date"].datetime.isoformat(), "2026-10-28T00:00:00+00:00")
    check(web.get_content().count("requester CORP\\webadmin") == 1 and "ends" in web.get_content(), web.get_content())
    same(found["owner-4-apps_team@corp.example.eml"]["To"], "apps+team@corp.example")
    check(found["unowned.eml"]["To"] is None and found["unowned.eml"].get_content().replace("\r", "").replace("\n", "").isprintable(), found["unowned.eml"].get_content())

@test
def a_message_that_gets_too_long_ends_with_how_many_more_there_are():
    ca, mail, state = Issued(), place(), place(".state")
    for n in range(1500): ca.issue(names=[upn(f"{n:04}" + "a" * 190)], subject="s", template="T" * 200, requester="CORP\\" + "r" * 190 + str(n % 2))
    journal, site = folder(ca), place(".site")
    open(site, "w").write("owner requester=*0 mail=even@corp.example\n")
    run(journal, "--eml", mail, "--state", state, "--csv", now=300, code=1)
    text = messages(mail)["unowned.eml"]
    rows, more = text.get_content().count("(ends)"), re.search(r"And (\d+) more, for which this message has no room", text.get_content())
    check(more and rows > 1000 and rows + int(more[1]) == 1500 and text["Subject"].startswith("1500 certificates"), (rows, more, text["Subject"]))
    check(os.path.getsize(mail + "/unowned.eml") < 1 << 20 and open(state).read().count("\n") == 1502, os.path.getsize(mail + "/unowned.eml"))
    run(journal, "--eml", mail + "2", "--site", site, "--csv", now=300, code=1)
    check(all("And " not in each.get_content() for each in messages(mail + "2").values()), "each has room")

@test
def with_a_state_a_message_has_only_what_is_new():
    journal, state, mail = folder(ending()), place(".state"), place()
    run(journal, "--state", state, "--eml", mail, now=300, code=1)
    same(list(messages(mail)), ["unowned.eml"])
    os.remove(mail + "/unowned.eml")
    run(journal, "--state", state, "--eml", mail, now=300, code=0)
    same(list(messages(mail)), [])

def of_two_owners():
    ca = Issued()
    for name in "alice", "bob": ca.issue(requester="CORP\\" + name, names=[f"{name}.corp.example"])
    site = place(".site")
    open(site, "w").write("".join(f"owner requester=CORP\\{name} mail={name}@corp.example\n" for name in ("alice", "bob")))
    return folder(ca), site

@test
def a_message_that_is_still_there_keeps_each_other_owners_from_being_written():
    (journal, site), state, mail = of_two_owners(), place(".state"), place()
    os.mkdir(mail, 0o700)
    stuck = mail + "/owner-2-bob@corp.example.eml"
    open(stuck, "w").write("not sent yet")
    for _ in range(2):
        check(stuck in run(journal, "--site", site, "--state", state, "--eml", mail, now=300, code=2)[1], "it is named")
        same((os.listdir(mail), open(stuck).read(), os.path.exists(state)), ([os.path.basename(stuck)], "not sent yet", False))
    os.remove(stuck)
    run(journal, "--site", site, "--state", state, "--eml", mail, now=300, code=1)
    same(list(messages(mail)), ["owner-1-alice@corp.example.eml", "owner-2-bob@corp.example.eml"])

@test
def with_a_state_the_messages_of_a_run_that_failed_are_removed():
    (journal, site), state, mail = of_two_owners(), place(".state"), place()
    os.mkdir(mail, 0o700)
    os.symlink("nowhere", mail + "/owner-2-bob@corp.example.eml")       # is not there, and cannot be written
    run(journal, "--site", site, "--state", state, "--eml", mail, now=300, code=2)
    same((os.listdir(mail), os.path.exists(state)), (["owner-2-bob@corp.example.eml"], False))

def full_state():
    """So long that it cannot be written where a file may have 20,000 bytes; a message can."""
    state = place(".state")
    open(state, "w").write("certwitness-expiry 1\n" + "".join(f"{n:032x} 30 4000000000\n" for n in range(1000)))
    return state, open(state).read()

def limited(journal, *words, ignored):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)), resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return subprocess.run([LEAN, "expiry", journal, *words, "--now", date(300)], capture_output=True, preexec_fn=limit, restore_signals=False)

@test
def where_the_state_cannot_be_written_the_messages_are_removed():
    (journal, site), mail, (state, before) = of_two_owners(), place(), full_state()
    done = limited(journal, "--site", site, "--state", state, "--eml", mail, ignored=True)
    same((done.returncode, os.listdir(mail), open(state).read() == before, os.path.exists(state + ".part")), (2, [], True, False))
    check(b"--state " + state.encode() in done.stderr and b"Nothing was changed" in done.stderr, done.stderr)
    for path in "/nowhere/at/all", place() + "/x/y":
        mail = place()
        run(journal, "--site", site, "--state", path, "--eml", mail, now=300, code=2)
        same(os.listdir(mail) if os.path.exists(mail) else [], [], path)
    state = place(".state")
    os.mkdir(state + ".part")
    run(journal, "--site", site, "--state", state, "--eml", mail, now=300, code=2)
    same((os.listdir(mail) if os.path.exists(mail) else [], os.path.exists(state)), ([], False), "its .part cannot be made")

@test
def a_run_that_is_killed_between_message_and_state_is_told_again():
    (journal, site), mail, (state, before) = of_two_owners(), place(), full_state()
    words = "--site", site, "--state", state, "--eml", mail
    done = limited(journal, *words, ignored=False)
    same((done.returncode, len(messages(mail)), open(state).read() == before), (-signal.SIGXFSZ, 2, True))
    check("is still there" in run(journal, *words, now=300, code=2)[1], "its messages are there")
    for name in os.listdir(mail): os.remove(f"{mail}/{name}")
    run(journal, *words, now=300, code=1)
    same((len(messages(mail)), open(state).read().count("\n"), os.path.exists(state + ".part")), (2, 1004, False))

@test
def a_run_that_finds_its_state_in_use_is_refused_and_what_it_would_tell_is_told_by_the_next():
    ca = Issued()
    for n in range(800): ca.issue(names=[f"{n}.corp.example"], subject="x" * 200, template="AB"[n % 2])
    journal, state = folder(ca), place(".state")
    def words(template): return "--template", template, "--csv", "--state", state
    first = subprocess.Popen([LEAN, "expiry", journal, *words("A"), "--now", date(300)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not os.path.exists(state + ".part"): same(first.poll(), None), time.sleep(0.05)   # it now waits for a reader, with its state unfinished
    out, err = run(journal, *words("B"), now=300, code=2)
    check(not out and "another run of certwitness expiry has this file" in err, err)
    out = first.communicate()[0]
    same((first.returncode, out.count(b"\r\n"), open(state).read().count("\n"), sorted(name for name in os.listdir(ROOT) if name.startswith(os.path.basename(state)))),
         (1, 401, 402, [os.path.basename(state) + end for end in ("", ".lock")]))
    same(run(journal, *words("B"), now=300, code=1)[0].count("\n"), 401)
    same(open(state).read().count("\n"), 803)

@test
def what_ends_in_more_than_ninety_days_is_told_once_by_a_window_up_to_a_date_too():
    journal, state = folder(ending()), place(".state")
    same([len(found(journal, "--within", date(500), "--state", state, now=now, code=code)) for now, code in ((100, 1), (101, 0), (102.5, 0), (274, 0), (275, 1), (276, 0))], [1, 0, 0, 0, 1, 0])
    text = open(state).read()
    open(state, "w").write(re.sub(r" 90 (\d+)$", r" 265 \1", text, flags=re.M))
    same(len(found(journal, "--within", date(500), "--state", state, now=270, code=0)), 0, "of an earlier version")
    same([row["bucket"] for row in rows(journal, "--within", "200d", now=200, code=1)], ["200"], "the bucket")

@test
def a_clock_that_was_ahead_once_mutes_no_certificate():
    journal, state, options = folder(ending()), place(".state"), "--columns request".split()
    def told(now): return run(journal, "--state", state, *options, now=now)[0]
    def shown(now): return "\n1 " in told(now)
    same([shown(300), shown(367)], [True, True])
    out = told(306)
    check("\n1 " in out and "The clock was set back since an earlier run" in " ".join(out.split()) and "first run" not in out, out)
    same([shown(now) for now in (307, 340, 341, 352, 360, 365.5, 366)], [False, True, False, True, True, True, False])
    check("set back" not in told(367), "once")
    state = place(".state")
    same([shown(300), shown(1000)], [True, False])
    same([shown(now) for now in (306, 340)], [True, True], "one that was forgotten meanwhile")

@test
def a_late_crl_that_was_told_by_a_clock_ahead_is_told_again():
    (journal, site), state, mail = of_the_ca(ends=4000, days=4000), place(".state"), place()
    for now, count in (330, 1), (300, 1), (300.5, 0), (308, 1):
        run(journal, "--eml", mail, "--site", site, "--state", state, now=now, code=1)
        same(len(messages(mail)), count, now)
        for name in os.listdir(mail): os.remove(f"{mail}/{name}")

def of_the_ca(ends=340, **how):
    ca = ending(**how)
    ca.ca(0, ends, subject="Demo CA\x1b[31m\u202e"), ca.crl(290, 3), ca.crl(299, 2, delta=True)
    site = place(".site")
    open(site, "w").write("owner requester=CORP\\alice mail=alice@corp.example\nowner ca mail=pki@corp.example\nowner ca mail=second@corp.example\n")
    return folder(ca), site

@test
def an_address_in_several_lines_gets_one_message():
    ca, site, mail = ending(), place(".site"), place()
    ca.issue(requester="CORP\\bob", names=["b"]), ca.ca(0, 340), ca.crl(290, 3)
    open(site, "w").write("owner requester=CORP\\nobody mail=first@corp.example\nowner requester=CORP\\alice mail=PKI@corp.example\nowner ca mail=pki@Corp.example\n"
                          "owner requester=CORP\\b* mail=pki@corp.example\n")
    run(folder(ca), "--eml", mail, "--site", site, now=300, code=1)
    found = messages(mail)
    same(list(found), ["owner-2-PKI@corp.example.eml"])
    text = found["owner-2-PKI@corp.example.eml"].get_content()
    for part in "the CA's certificate 0", "requester CORP\\alice", "requester CORP\\bob": same(text.count(part), 1, part)
    same(found["owner-2-PKI@corp.example.eml"]["Subject"], "3 certificates end soon, 1 CRL is late")

@test
def what_of_the_ca_itself_needs_a_person_is_in_the_message_of_its_owner():
    (journal, site), mail = of_the_ca(), place()
    run(journal, "--eml", mail, "--site", site, now=300, code=1)
    found = messages(mail)
    same(sorted(found), ["owner-1-alice@corp.example.eml", "owner-2-pki@corp.example.eml"])
    pki = found["owner-2-pki@corp.example.eml"]
    text = pki.get_content().replace("\r", "")
    same((pki["To"], pki["Subject"], pki.defects), ("pki@corp.example", "1 certificate ends soon, 1 CRL is late", []))
    check(f"{date(340)[:10]}  (ends)  the CA's certificate 0\n    subject CN=Demo CA" in text and text.replace("\n", "").isprintable(), repr(text))
    check(f"{date(293)[:10]}  (late)  CRL of key 0\n    the journal has none that was published in time\n    next update {date(293).replace('T', ' ')[:-1]}" in text, text)
    check("Delta" not in text and "the CA's" not in found["owner-1-alice@corp.example.eml"].get_content(), "a CRL that is not late, and another owner")

@test
def without_an_owner_the_ca_itself_is_in_the_message_for_what_has_none_with_the_certificates():
    (journal, _), mail = of_the_ca(), place()
    run(journal, "--eml", mail, now=302, code=1)
    same([(name, each["Subject"]) for name, each in messages(mail).items()], [("unowned.eml", "2 certificates end soon, 2 CRLs are late")])
    text = messages(mail)["unowned.eml"].get_content()
    check(text.index("the CA's certificate") < text.index("Delta CRL of key 0") < text.index("requester CORP"), text)

@test
def where_nothing_of_the_ca_itself_needs_a_person_its_owner_gets_no_message():
    (journal, site), mail = of_the_ca(ends=4000), place()
    run(journal, "--eml", mail, "--site", site, now=292.9, code=1)
    same(list(messages(mail)), ["owner-1-alice@corp.example.eml"])
    (journal, site), mail = of_the_ca(ends=4000, days=4000), place()
    run(journal, "--eml", mail, "--site", site, now=301.5, code=1)
    same([(name, each["Subject"]) for name, each in messages(mail).items()], [("owner-2-pki@corp.example.eml", "2 CRLs are late")])

@test
def a_crl_that_was_not_given_and_is_late_is_in_the_message():
    ca, mail = Issued(), place()
    published(ca, 10, of_key(in_full(10)))
    for on in 12, 20: published(ca, on, missing=[failed("RawCRL.0")])
    run(folder(ca), "--eml", mail, now=25, code=1)
    check("(late)  CRL of key 0\n    the last known one was due long ago\n\n" in messages(mail)["unowned.eml"].get_content().replace("\r", ""), messages(mail)["unowned.eml"].get_content())

@test
def with_a_state_messages_tell_of_the_ca_once_a_threshold_and_of_a_late_crl_once_a_week():
    (journal, site), state, mail = of_the_ca(days=4000), place(".state"), place()
    for now, subject in ((300, "1 certificate ends soon, 1 CRL is late"), (300.5, None), (301.5, "1 CRL is late"), (306.9, None), (307, "1 CRL is late"), (309, "1 CRL is late"), (309.5, None),
                         (310, "1 certificate ends soon"), (333, "1 certificate ends soon, 2 CRLs are late")):
        run(journal, "--eml", mail, "--site", site, "--state", state, now=now, code=1)
        same([each["Subject"] for each in messages(mail).values()], [subject] if subject else [], now)
        for name in os.listdir(mail): os.remove(f"{mail}/{name}")
    out = run(journal, "--state", state, now=333, code=1)[0]
    check("published in time" in out and "Certificate 0" in out, "the table has it every time")

@test
def a_site_file_with_a_wrong_line_is_refused_with_file_line_and_reason():
    journal = folder(ending())
    for text in ("owner", "owner requester=x", "owner mail=a@b", "owner requester=x mail=no", "owner requester=x mail=a@b,c@d", "owner requester=x mail=a@b more=1", "ownr requester=x mail=a@b",
                 'owner requester="" mail=a@b', "owner ca", "owner ca requester=x mail=a@b", "owner CA mail=a@b", "owner ca=x mail=a@b"):
        site, mail = place(".site"), place()
        open(site, "w").write("# first\n" + text + "\n")
        out, err = run(journal, "--site", site, "--eml", mail, now=300, code=2)
        check(not out and f"{site}, line 2: " in err and not os.path.exists(mail), (text, err))
    for text, line in (b"owner requester=x mail=a@b\nowner re\0quester=y mail=a@b\n", 2), ("owner requester=x mail=a@b\n".encode("utf-16"), 1), (b"owner requester=x mail=a@b\n\0", 2):
        site, mail = place(".site"), place()
        open(site, "wb").write(text)
        check(f"{site}, line {line}: it has a zero byte" in run(journal, "--site", site, "--eml", mail, now=300, code=2)[1] and not os.path.exists(mail), text)
    check("--eml" in run(journal, "--site", "x", now=300, code=2)[1], "without --eml")
    run(journal, "--site", "/nowhere", "--eml", place(), now=300, code=2)

@test
def a_site_file_may_begin_with_the_mark_of_utf_8():
    site, mail = place(".site"), place()
    open(site, "wb").write(b"\xef\xbb\xbfowner requester=*alice mail=alice@corp.example\r\n")
    run(folder(ending()), "--site", site, "--eml", mail, now=300, code=1)
    same(list(messages(mail)), ["owner-1-alice@corp.example.eml"])

@test
def hostile_names_steer_no_terminal():
    ca = Issued()
    for text in "=cmd|'/c calc'!A1", "a\x1b]0;owned\x07\u202e\nX", "x" * 70000: ca.issue(names=[upn(text)], subject=text[:300], requester=text[:300], template=text[:100])
    journal = folder(ca)
    for words in [], ["--csv"], ["--by", "requester"], ["--by", "template"], ["--by", "name"], ["--json"]:
        for line in run(journal, *words, now=300)[0].splitlines(): check(line.isprintable(), (words, repr(line)[:200]))

@test
def a_damaged_journal_is_1_and_a_missing_one_2():
    ca = ending()
    ca.deny(1)
    journal = folder(ca)
    segment = os.path.join(journal, os.listdir(journal)[0])
    text = open(segment, "rb").read()
    open(segment, "wb").write(text.replace(b"mallory", b"MALLORY"))
    check(".jsonl" in run(journal, now=10, code=1)[1], "what is wrong is told")
    run(ROOT + "/nowhere", code=2)

run_tests(finish=lambda: shutil.rmtree(ROOT))
