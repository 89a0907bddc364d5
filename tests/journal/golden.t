#!/usr/bin/python3
"""Journals that earlier versions have left (tests/journal/golden), read by what we ship and by tests/lib/verify.py: they are read for ever.

What a reader says of them may be said better one day; how many lines they hold, what these tell and whether they hold does not change."""
import sys; sys.path[0] += "/../lib"
import collections, csv, glob, hashlib, json, os, shutil

from commands import run, run_apart
from tap import run as run_tests, test
from verify import verify

PROGRAM, ROOT, OUT = "build/native/src/cli/certwitness", "tests/journal/golden", "build/tmp/golden"
DAY = collections.Counter({"certificate.issued": 4, "certificate.denied": 2, "certificate.pending": 1, "certificate.revoked": 2, "certificate.unrevoked": 1,
                           "certificate.imported": 1, "crl.issued": 3, "module.started": 1, "ca.stopping": 1, "module.stopped": 1})
RUN = collections.Counter({"module.started": 1, "ca.stopping": 1, "module.stopped": 1})
def days(count, **more): return sum([DAY] * count, collections.Counter({kind.replace("_", "."): number for kind, number in more.items()}))
KILLED = days(2, certificate_issued=3, module_started=1)

class Golden:
    """`held`: the lines that verify counts, by their types, the first of them event `first`; `behind`: those that it does not vouch for and show gives
    all the same. Exit codes of verify, and of show, stats and export; `said` by tests/lib/verify.py where the journal does not hold."""
    def __init__(self, first, held, code=0, behind=None, finding=None, said=None, shown=0):
        self.first, self.held, self.code, self.finding, self.said, self.shown = first, held, code, finding, said, shown
        self.all = held + (behind or collections.Counter())

BEFORE_DAMAGE = collections.Counter({"module.started": 1, "certificate.issued": 4, "certificate.denied": 2, "certificate.pending": 1})
GOLDEN = {
    "0.1.0/good": Golden(1, days(2)),
    "0.1.0/torn": Golden(1, KILLED, finding="torn", said="torn: 00000000000000000001.jsonl line 39 byte 79533 sequence 39"),
    "0.1.0/recovered": Golden(1, KILLED + days(1, journal_recovered=1), finding="recovered"),
    "0.1.0/damaged": Golden(1, BEFORE_DAMAGE, 1, DAY - BEFORE_DAMAGE - collections.Counter({"crl.issued": 1}), "changed",
                            "changed: 00000000000000000001.jsonl line 9 byte 16938 sequence 9", shown=1),
    "0.1.0/broken": Golden(1, BEFORE_DAMAGE + days(1, journal_broken=1), 1, DAY - BEFORE_DAMAGE - collections.Counter({"crl.issued": 1}), "broken", shown=1),
    "0.1.0/left-behind": Golden(1, RUN + collections.Counter({"certificate.issued": 30}), finding="left behind"),
    "0.1.0/gap": Golden(1, RUN + collections.Counter({"certificate.issued": 379, "journal.gap": 1}), finding="gap"),
    "0.1.0/pruned": Golden(350, days(2, journal_pruned=1), finding="pruned"),
}

def each(judge):
    def run_all():
        for name, golden in GOLDEN.items():
            try: judge(f"{ROOT}/{name}", golden)
            except AssertionError as fault: yield f"{name}: {fault}"
    return run_all

def kinds(lines): return collections.Counter(line["type"].removeprefix("certwitness.") for line in lines)
def told(command, path, code, *words):
    got, out, err = run_apart(PROGRAM, command, path, *words)
    assert got == code, f"{command}: code {got}, not {code}: {err or out[-500:]}"
    return out

@test("not a byte of them was changed, and each is read here")
def unchanged():
    for version in sorted(os.listdir(ROOT)):
        if not os.path.isdir(f"{ROOT}/{version}"): continue
        sums = dict(reversed(line.split("  ./")) for line in open(f"{ROOT}/{version}/SHA256SUMS").read().splitlines())
        found = {os.path.relpath(path, f"{ROOT}/{version}"): hashlib.sha256(open(path, "rb").read()).hexdigest()
                 for path in glob.glob(f"{ROOT}/{version}/*/**", recursive=True) if os.path.isfile(path)}
        assert found == sums, sorted(set(found.items()) ^ set(sums.items()))
        assert {f"{version}/{name.split('/')[0]}" for name in found} == {name for name in GOLDEN if name.startswith(version)}

@test("verify gives each its verdict, counts its lines and finds what is to be found")
@each
def verified(path, golden):
    said = json.loads(told("verify", path, golden.code, "--json"))
    assert (said["lines"], said["first"]) == (sum(golden.held.values()), golden.first), said
    assert (said["verdict"] in ("holds", "holds from", "torn tail")) == (golden.code == 0), said
    for kind in "recoveries", "gaps", "breaks": assert said[kind] == golden.held["journal." + {"recoveries": "recovered", "gaps": "gap", "breaks": "broken"}[kind]], said
    assert said["runs"] == golden.held["module.started"], said
    assert not golden.finding or golden.finding in [finding["kind"] for finding in said["findings"]], said
    if golden.code == 0 and not golden.said: assert said["head"]["hash"] == verify(path)[-1]["hash"], said

@test("the reader in forty lines gives each its verdict and its lines")
@each
def by_the_prose(path, golden):
    code, said = run("tests/lib/verify.py", path)
    if golden.said: assert (code, said.strip()) == (1, golden.said), said
    else: assert code == 0 and kinds(verify(path)) == golden.held, said

@test("show gives the lines, each as it stands in the file")
@each
def shown(path, golden):
    out = told("show", path, golden.shown, "--json")
    assert kinds(map(json.loads, out.splitlines())) == golden.all, kinds(map(json.loads, out.splitlines()))
    files = b"".join(open(file, "rb").read() for file in sorted(glob.glob(path + "/*.jsonl")))
    assert all(line.encode() in files for line in out.splitlines(keepends=True))
    told("show", path, golden.shown)

@test("stats counts them")
@each
def counted(path, golden):
    said = json.loads(told("stats", path, golden.shown, "--json"))
    assert said["events"] == sum(golden.all.values()), said["events"]
    assert {row["type"]: row["events"] for row in said["types"]} == dict(+golden.all), said["types"]

@test("export writes their certificates out")
@each
def exported(path, golden):
    out = OUT + path.removeprefix(ROOT).replace("/", "-")
    told("export", path, golden.shown, "--out", out)
    rows = list(csv.DictReader(open(out + "/index.csv", newline="", encoding="utf-8-sig")))
    issued = [row for row in rows if row["type"] == "certificate.issued" and row["item"] == "certificate"]
    assert len(issued) == golden.all["certificate.issued"], len(issued)
    for row in rows:
        assert not row["file"] or hashlib.sha256(open(f"{out}/{row['file']}", "rb").read()).hexdigest() == row["sha256"], row

for left in glob.glob(OUT + "-*"): shutil.rmtree(left)
os.makedirs("build/tmp", exist_ok=True)
run_tests()
