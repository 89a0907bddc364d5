#!/usr/bin/python3
"""certwitness expiry, on the build under sanitizers: what ends, what needs a person, and each certificate told once a threshold over 400 days."""
import sys; sys.path[0] += "/../lib"
import csv, email, email.policy, io, json, os, re, shutil, subprocess, tempfile

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
        same([r for _, r, _ in found(folder(ca), "--all", "--within", "50d", now=renewals * 150 + 195)], [row])

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

@test
def a_crl_that_had_no_room_in_its_line_is_not_late_and_its_next_update_not_known():
    ca = Issued()
    ca.crl(200, 7)
    ca.crl(290, 7)
    del ca.events[-1][2]["ca"]["keys"][0]["RawCRL"]["base64"]
    ca.crl(291, 7, delta=True)
    what, out = rows(folder(ca), now=293, code=0), run(folder(ca), now=293)[0]
    same([(row["row"], row["late"], "nextUpdate" in row) for row in what], [("crl", False, False), ("deltaCrl", False, True)])
    check("CRL of key 0: next update not known; line 2 has the CRL's hash only\n" in out, out)
    ca.crl(297, 7)
    same([row["late"] for row in rows(folder(ca), now=305, code=1) if row["row"] == "crl"], [True], "one with bytes counts again")

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
            if left <= -7 or left > 40: continue
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
    check("n" not in open(state).read().split("\n")[1] and open(state).read().startswith("certwitness-expiry 1\n"), "no names are in it")
    os.remove(state)
    same(len(found(journal, "--state", state, now=300, code=1)), 1)
    same(len(found(journal, "--state", state, now=400, code=0)), 0)
    same(open(state).read(), "certwitness-expiry 1\n", "what expired long ago is forgotten")

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
    for text in "", "other\n", good[:-1], good[:40] + "x", good + "junk\n", good.replace(" 30", " x"), good.replace("0" * 32, "0" * 31), "\0" * 100:
        state = place(".state")
        open(state, "w").write(text)
        out, err = run(journal, "--state", state, now=300, code=2)
        check(not out and "line" in err and open(state).read() == text, (text, err))
    state = place(".state")
    open(state, "w").write(good)
    run(journal, "--state", state, now=300, code=1)
    run(journal, "--state", "/nowhere/at/all", now=300, code=2)

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
def with_a_state_a_message_has_only_what_is_new():
    journal, state, mail = folder(ending()), place(".state"), place()
    run(journal, "--state", state, "--eml", mail, now=300, code=1)
    same(list(messages(mail)), ["unowned.eml"])
    os.remove(mail + "/unowned.eml")
    run(journal, "--state", state, "--eml", mail, now=300, code=0)
    same(list(messages(mail)), [])

@test
def a_site_file_with_a_wrong_line_is_refused_with_file_line_and_reason():
    journal = folder(ending())
    for text in ("owner", "owner requester=x", "owner mail=a@b", "owner requester=x mail=no", "owner requester=x mail=a@b,c@d", "owner requester=x mail=a@b more=1", "ownr requester=x mail=a@b",
                 'owner requester="" mail=a@b'):
        site, mail = place(".site"), place()
        open(site, "w").write("# first\n" + text + "\n")
        out, err = run(journal, "--site", site, "--eml", mail, now=300, code=2)
        check(not out and f"{site}, line 2: " in err and not os.path.exists(mail), (text, err))
    check("--eml" in run(journal, "--site", "x", now=300, code=2)[1], "without --eml")
    run(journal, "--site", "/nowhere", "--eml", place(), now=300, code=2)

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
