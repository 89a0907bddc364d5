#!/usr/bin/python3
"""Journals of two years that tests/bench/generator makes, and what `certwitness list` and `expiry` say of them: every fact of every
certificate, and where each that ends belongs, exactly.

    CERTWITNESS_CERTIFICATES=3000   so many in each journal
    CERTWITNESS_SEEDS=1             the seeds, with commas between

The answers come from the plan of the journal, and not from its bytes (tests/bench/README.md). `make soak` has large journals. The order of
what ends, and what the CA itself has, are in expiry_answers.t.
"""
import sys; sys.path[0] += "/../lib"
import json, os, shutil, subprocess

from commands import run
from tap import check, run as run_tests, same, test

COUNT, SEEDS = os.environ.get("CERTWITNESS_CERTIFICATES", "3000"), os.environ.get("CERTWITNESS_SEEDS", "1").split(",")
GENERATE, READER, WORK = "build/linux/tests/bench/generate", "build/native/certwitness", "build/tmp/generated"
MOST_MIB = 256
# From a small process: what a large one starts counts that one's memory as its own until it runs its program.
MEASURE = ("import resource, subprocess, sys; code = subprocess.call(sys.argv[2:]); "
           "open(sys.argv[1], 'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)); sys.exit(code)")

class Journal:
    def __init__(self, seed):
        self.folder, answers = f"{WORK}/{seed}", f"{WORK}/{seed}.answers"
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(WORK, exist_ok=True)
        code, out = run(GENERATE, "--certificates", COUNT, "--seed", seed, "--out", self.folder, "--answers", answers, timeout=3600)
        assert code == 0, out
        self.issuances, self.rest = {}, []
        for line in open(answers):
            answer = json.loads(line)
            if answer["kind"] == "issuance": self.issuances[answer["sequence"]] = answer
            else: self.rest.append(answer)
        self.until = self.rest[0]["until"]
        self.listed, self.peak = self.read("list")
        self.listed_code = self.code

    def read(self, command, *options, now=None):
        """What the command prints, an object a line, and the most memory that it took, in MiB."""
        with open(WORK + "/out", "w") as out, open(WORK + "/err", "w") as errors:
            process = subprocess.run(["/usr/bin/python3", "-c", MEASURE, WORK + "/peak", READER, command, "--json", "--now", now or self.until,
                                      *options, self.folder], stdout=out, stderr=errors)
        self.code = process.returncode
        return [json.loads(line) for line in open(WORK + "/out")], int(open(WORK + "/peak").read()) / 1024

    def sequences(self, *options):
        rows, _ = self.read("list", *options)
        return sorted(row["sequence"] for row in rows if not row.get("imported"))

    def chosen(self, of): return sorted(number for number, answer in self.issuances.items() if of(answer))

JOURNALS = [Journal(seed) for seed in SEEDS]

def told(row):
    """What `list` says, in the answers' words."""
    renewed, revoked, client = row.get("renewedBy"), row.get("revoked"), row.get("client")
    return {
        "request": row["requestId"], "time": row["issued"], "requester": row["requester"], "caller": row["caller"], "onBehalfOf": bool(row.get("requestFlags", 0) & 0x10),
        "template": {"id": row["template"], "name": row.get("templateKnownAs", row["template"])}, "serial": row["serial"], "sha1": row["thumbprint"],
        "subject": row.get("subject", ""), "subjectFrom": row.get("subjectFrom"),
        "names": [{"type": name["kind"].lower(), "value": name["value"], "from": name["from"]} for name in row["names"]],
        "sid": {"value": row["sid"], "from": row["sidFrom"]} if "sid" in row else None, "bits": row["key"]["bits"], "eku": row.get("eku"), "isCA": row.get("isCa", False),
        "notBefore": row["notBefore"], "notAfter": row["notAfter"], "client": client and {each: client[each] for each in ("id", "machine", "user", "process")},
        "renewedBy": renewed and {"sequence": renewed["sequence"], "request": renewed["requestId"], "ground": renewed["ground"]},
        "revoked": revoked and {"time": revoked["when"], "reason": revoked["reason"]},
    }

def lowered(facts):
    """Where a value is from, in one spelling."""
    facts = json.loads(json.dumps(facts))
    for place in [facts, *facts["names"], *([facts["sid"]] if facts["sid"] else [])]:
        for name in "from", "subjectFrom":
            if place.get(name): place[name] = place[name].lower()
    return facts

@test
def every_fact_of_every_certificate_is_the_one_that_was_planned():
    for journal in JOURNALS:
        same(journal.listed_code, 0, "the exit code")
        rows = {row["sequence"]: row for row in journal.listed if not row.get("imported")}
        same(sorted(rows), sorted(journal.issuances), "the certificates")
        wrong = 0
        for number, row in rows.items():
            want = {**journal.issuances[number], "bits": int(journal.issuances[number]["key"].split()[1])}
            got = lowered(told(row))
            for name in got:
                if wrong < 20 and not same(got[name], want[name], f"{journal.folder}, line {number} ({want['case']}): {name}"): wrong += 1

@test
def the_imported_certificates_are_listed_as_such():
    for journal in JOURNALS:
        planted = [answer["sequence"] for answer in journal.rest if answer["kind"] == "attack" and answer["name"] in ("imported", "imported-near")]
        same([row["sequence"] for row in journal.listed if row.get("imported")], sorted(planted), "the lines")

@test
def filters_choose_the_certificates_that_the_answers_choose():
    for journal in JOURNALS:
        now = journal.until
        def valid(answer): return answer["notBefore"] <= now < answer["notAfter"] and not answer["revoked"]
        def supplied(answer): return answer["subjectFrom"] == "enrollee" or any(name["from"] == "enrollee" for name in answer["names"]) or answer["sid"] and answer["sid"]["from"] == "enrollee"
        for options, of in (
                (["--valid"], valid),
                (["--expires-within", "2026-12-01T00:00:00Z"], lambda answer: valid(answer) and answer["notAfter"] <= "2026-12-01T00:00:00Z"),
                (["--key", "rsa<2048"], lambda answer: answer["key"] == "RSA 1024"),
                (["--eku", "1.3.6.1.4.1.311.20.2.1"], lambda answer: "1.3.6.1.4.1.311.20.2.1" in (answer["eku"] or [])),
                (["--supplied"], supplied),
                (["--caller", "desk2"], lambda answer: "desk2" in answer["caller"]),
                (["--requester", "CORP\\mallory"], lambda answer: answer["requester"] == "CORP\\mallory"),
                (["--valid", "--key", "ec>=256", "--template", "1.3.6.1.4.1.311.21.8.7638.1389.4"],
                 lambda answer: valid(answer) and answer["key"] == "EC 256" and answer["template"]["id"] == "1.3.6.1.4.1.311.21.8.7638.1389.4")):
            got, want = journal.sequences(*options), journal.chosen(of)
            check(got == want, f"{options}: {len(got)} certificates, expected {len(want)}; the first that differ: {sorted(set(got) ^ set(want))[:5]}")
            check(want, f"{options} choose nothing")

SHOWN = "service", "probable", "due"

@test
def what_ends_is_in_the_row_and_the_bucket_of_the_answers():
    seen = set()
    for journal in JOURNALS:
        for answer in (each for each in journal.rest if each["kind"] == "expiry"):
            for all_of_it in False, True:
                rows, _ = journal.read("expiry", "--within", f"{answer['within']}d", *(["--all"] if all_of_it else []), now=answer["at"])
                got = {row["sequence"]: (row["row"], row["bucket"], row["notAfter"], row.get("renewedBy", {}).get("ground")) for row in rows
                       if "serial" in row and not row.get("imported")}
                want = {row["sequence"]: (row["row"], row["bucket"], row["notAfter"], row["renewed"]) for row in answer["rows"] if all_of_it or row["row"] in SHOWN}
                wrong = [number for number in sorted(got.keys() | want.keys()) if got.get(number) != want.get(number)]
                check(not wrong, f"{journal.folder} at {answer['at']} within {answer['within']} days: {len(wrong)} of {len(want)} differ, as line "
                      + ", ".join(f"{number}: {got.get(number)}, expected {want.get(number)}" for number in wrong[:3]))
                same(journal.code, 1, "the exit code")
                seen |= {row for row, *_ in got.values()}
    for row in *SHOWN, "renewed", "autoenrolled", "shortLived": check(row in seen, f"no certificate is {row}")

@test
def listing_takes_no_more_memory_than_promised():
    for journal in JOURNALS: check(journal.peak < MOST_MIB, f"{journal.peak:.0f} MiB for {COUNT} certificates")

run_tests()
