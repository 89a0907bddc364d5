#!/usr/bin/python3
"""certwitness expiry against the answers that the generator of journals writes beside its journals (tests/bench/README.md): every row of what ends, in
its order. What list says of the same journals: generated.t."""
import sys; sys.path[0] += "/../lib"
import collections, json, os, shutil, subprocess, tempfile

from tap import run as run_tests, same, test

GENERATE, PROGRAM, ROOT = "build/linux/tests/bench/generate", "build/native/src/cli/certwitness", tempfile.mkdtemp()

def rows(*words):
    done = subprocess.run([PROGRAM, *words], capture_output=True)
    assert done.returncode in (0, 1), done.stderr.decode()[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]

def generated(seed):
    folder, answers = f"{ROOT}/{seed}", f"{ROOT}/{seed}.answers"
    done = subprocess.run([GENERATE, "--certificates", "1500", "--seed", str(seed), "--out", folder, "--answers", answers], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    kinds = collections.defaultdict(list)
    for line in open(answers): kinds[json.loads(line)["kind"]].append(json.loads(line))
    return folder, kinds

JOURNALS = [generated(seed) for seed in (1, 2)]

@test
def expiry_has_the_rows_of_the_answers_in_their_order():
    for folder, kinds in JOURNALS:
        for answer in kinds["expiry"]:
            found = rows("expiry", folder, "--now", answer["at"], "--within", f"{answer['within']}d", "--all", "--json")
            found = [(row["sequence"], row["notAfter"], row["bucket"], row["row"]) for row in found if "sequence" in row and not row.get("imported")]
            same(found, [(row["sequence"], row["notAfter"], row["bucket"], row["row"]) for row in answer["rows"]], f"at {answer['at']} within {answer['within']} days")

@test
def expiry_has_the_cas_certificate_and_its_last_crls():
    for folder, kinds in JOURNALS:
        first, answer = kinds["journal"][0], kinds["expiry"][0]
        ours = {row["row"]: row for row in rows("expiry", folder, "--now", answer["at"], "--json") if "index" in row}
        same((ours["caCertificate"]["notAfter"], ours["crl"]["nextUpdate"], ours["deltaCrl"]["nextUpdate"]),
             (first["ca"]["notAfter"], first["crl"]["nextUpdate"], first["delta"]["nextUpdate"]))

run_tests(finish=lambda: shutil.rmtree(ROOT))
