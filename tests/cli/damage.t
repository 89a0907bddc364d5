#!/usr/bin/python3
"""Damage behind which the journal goes on, on record and not: every command that reads a journal gives each line that is whole by its own hash, says in
its place that nothing else vouches for it, and ends with exit code 1. On the build under sanitizers; status is in status.t."""
import sys; sys.path[0] += "/../lib"
import base64, csv, json, os, shutil, signal, subprocess, time

from chains import RUN, chain, hash_of, line, name, write
from commands import run_apart
from openssl import openssl
from tap import run as run_tests, test

PROGRAM, ROOT = "build/native/src/cli/certwitness", "build/tmp/damage"
shutil.rmtree(ROOT, ignore_errors=True)

def journal(label, files):
    write(f"{ROOT}/{label}", {n: b"".join(text) for n, text in files.items()})
    return f"{ROOT}/{label}"

def told(command, path, *words, code=1):
    got, out, err = run_apart(PROGRAM, command, path, *words)
    assert got == code, f"{command}: code {got}, not {code}: {err}{out}"
    return out, err

os.makedirs(ROOT)
def made(n):
    key, der = f"{ROOT}/key.pem", f"{ROOT}/{n}.der"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj", f"/CN=host{n}", "-set_serial", str(n),
                    "-outform", "der", "-out", der], check=True, capture_output=True)
    with open(der, "rb") as file: return base64.b64encode(file.read()).decode()

def event(n, previous):
    data = {"event": 1, "context": 1, "request": {"RequestID": n, "RequesterName": f"CORP\\{n}"},
            "certificate": {"SerialNumber": f"{n:02x}", "NotAfter": "2099-01-01T00:00:00Z", "DistinguishedName": f"CN=host{n}", "RawCertificate": made(n)}, "missing": []}
    return line(n, previous, data=json.dumps(data, separators=(",", ":")), subject=f'"subject":"request/{n}",')

LINES = []
for n in range(1, 7): LINES.append(event(n, hash_of(LINES[-1]) if LINES else "0" * 64))
CHANGED = LINES[3].replace(b"CORP", b"CORQ")
OFFSET = sum(map(len, LINES[:3]))
RECORD = line(7, hash_of(LINES[5]), type="journal.broken", data=f'{{"file":"{name(1)}","offset":{OFFSET},"sequence":4,"bytes":1}}', subject="")
REST = [event(8, hash_of(RECORD))]
REST.append(line(9, hash_of(REST[0]), type="module.stopped", data='{"module":{"run":"0f0ef3ce-0000-4000-8000-0123456789ab"}}', subject=""))
ON_RECORD = journal("on-record", {name(1): LINES[:3] + [CHANGED] + LINES[4:], name(7): [RECORD] + REST})
NOT_YET = journal("not-yet", {name(1): LINES[:3] + [CHANGED] + LINES[4:]})

@test
def damage_on_record_is_shown_in_its_place_and_each_whole_line_after_it_is_marked():
    out, err = told("show", ON_RECORD)
    assert [row.split()[2:5] for row in out.splitlines()[1:]] == [["issued", "1", "CORP\\1"], ["issued", "2", "CORP\\2"], ["issued", "3", "CORP\\3"], ["?", "issued", "5"],
            ["?", "issued", "6"], ["broken", "damaged", "from"], ["issued", "8", "CORP\\8"], ["module.stopped", "the", "journal"]], out
    assert f"{name(1)}, line 4 (byte {OFFSET}): event 4 was changed" in err and "The journal itself reports this." in err, err
    assert "2 events from 5 to 6 are verified by their own hashes only; no verified line leads to them" in err, err
    out, err = told("show", ON_RECORD, "--json")
    assert out == b"".join(LINES[:3] + LINES[4:] + [RECORD] + REST).decode()
    assert told("show", ON_RECORD, "--full")[0].count("Verified: no") == 2
    decoded = [json.loads(row) for row in told("show", ON_RECORD, "--full", "--json")[0].splitlines()]
    assert [int(row["event"]["sequence"]) for row in decoded if row.get("verified", True) is False] == [5, 6]

@test
def damage_not_on_record_yet_is_shown_the_same_way():
    out, err = told("show", NOT_YET, "--json")
    assert out == b"".join(LINES[:3] + LINES[4:]).decode() and "2 events from 5 to 6 are verified by their own hashes only" in err, err
    assert [row.split()[2] for row in told("show", NOT_YET)[0].splitlines()[1:]] == ["issued"] * 3 + ["?"] * 2

@test
def after_inserted_lines_the_chain_goes_on():
    foreign = line(2, "1" * 64, data='{"event":2}')
    path = journal("inserted", {name(1): LINES[:4] + [foreign] + [b"garbage\n"] + LINES[4:]})
    out, err = told("show", path, "--json")
    assert out == b"".join(LINES[:4] + [foreign] + LINES[4:]).decode(), out
    assert "an event 2 is where event 5 was expected, and it differs from the one before" in err and "event 2 is verified by its own hash only" in err, err
    assert [row.split()[2] for row in told("show", path)[0].splitlines()[1:]] == ["issued"] * 4 + ["?"] + ["issued"] * 2
    path = journal("swapped", {name(1): LINES[:2] + [LINES[3], LINES[2]] + LINES[4:]})
    out, err = told("show", path, "--json")
    assert out == b"".join(LINES[:2] + [LINES[3], LINES[2]] + LINES[4:]).decode() and err.count("event 4 is where event 3 was expected") == 1 and err.count(name(1)) == 1, err
    path = journal("twice", {name(1): LINES[:4] + LINES[1:3] + LINES[4:]})
    out, err = told("show", path, "--json")
    assert "event 2 is here once more" in err and set(out.splitlines()) == {l.decode().rstrip("\n") for l in LINES}, err

@test
def damage_known_from_journal_broken_alone_makes_the_exit_code_1_too():
    path = journal("moved", {name(7): [RECORD] + REST})
    for command, words in ("show", ()), ("show", ("--last", "3")), ("stats", ()), ("verify", ()), ("export", ("--out", ROOT + "/moved-out")):
        out, err = told(command, path, *words)
        assert command == "verify" or "event 7 reports that lines before it, which had been on disk, were found damaged" in err, err
    told("show", path, "--last", "1", code=0)           # nothing was asked of what stands before

@test
def stats_counts_the_events_after_damage_and_says_how_many_are_unverified():
    said = json.loads(told("stats", ON_RECORD, "--json")[0])
    assert (said["events"], said["unverified"], said["complete"], said["certificates"]["issued"], said["records"]["breaks"]) == (8, 2, False, 6, 1), said
    assert "2 of them are verified by their own hashes only" in told("stats", ON_RECORD)[0]
    assert json.loads(told("stats", NOT_YET, "--json")[0])["unverified"] == 2

@test
def cert_finds_events_after_damage_and_says_that_they_are_unverified():
    for words in ("--request", "5"), ("--serial", "05"), ("--sequence", "5"):
        out, err = told("cert", ON_RECORD, *words)
        assert "From: event 5, request 5: RawCertificate (unverified)" in out and "CN=host5" in out, out + err
    assert "(unverified)" not in told("cert", ON_RECORD, "--request", "3")[0]
    assert "there is no event 4" in told("cert", ON_RECORD, "--sequence", "4", code=2)[1]

@test
def export_writes_what_is_after_damage_and_the_index_says_what_is_unverified():
    told("export", ON_RECORD, "--out", ROOT + "/out")
    rows = json.load(open(ROOT + "/out/index.json"))
    assert [(row["sequence"], row.get("unverified")) for row in rows] == [(1, None), (2, None), (3, None), (5, "yes"), (6, "yes"), (8, None)], rows
    assert [row["unverified"] for row in csv.DictReader(open(ROOT + "/out/index.csv", encoding="utf-8-sig", newline=""))] == ["", "", "", "yes", "yes", ""]

@test
def show_with_follow_prints_the_events_after_damage_too():
    process = subprocess.Popen([PROGRAM, "show", ON_RECORD, "--follow", "--since", "2020-01-01"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    rows = []
    while len(rows) < 9: rows.append(process.stdout.readline().split())
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=200)[1]
    assert [row[2] for row in rows[1:]] == ["issued"] * 3 + ["?"] * 2 + ["broken", "issued", "module.stopped"], rows
    assert err.count("The journal itself reports this.") == 1 and "2 events from 5 to 6" in err, err

run_tests()
