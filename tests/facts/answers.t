#!/usr/bin/python3
"""list and expiry against the answers that the generator of journals writes beside its journals (tests/bench/README.md): every fact of every
certificate, every renewal, and every row of what ends."""
import sys; sys.path[0] += "/../lib"
import collections, json, os, shutil, subprocess, tempfile

from tap import run as run_tests, same, check, test

GENERATE, PROGRAM, ROOT = "build/linux/tests/bench/generate", "build/native/src/cli/certwitness", tempfile.mkdtemp()
KINDS = {"upn": "UPN", "dns": "DNS", "email": "email", "ip": "IP", "uri": "URI"}

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

def source(word): return "CA" if word == "ca" else word

def wanted(answer):
    """What list has to say, by the answer."""
    by, revoked, sid = answer["renewedBy"], answer["revoked"], answer["sid"]
    return {"requestId": answer["request"], "requester": answer["requester"], "caller": answer["caller"], "template": answer["template"]["id"],
            "serial": answer["serial"].lstrip("0"), "thumbprint": answer["sha1"], "subject": answer["subject"], "notBefore": answer["notBefore"], "notAfter": answer["notAfter"],
            "names": [(KINDS[name["type"]], name["value"], source(name["from"])) for name in answer["names"]], "sid": sid and (sid["value"], source(sid["from"])),
            "eku": answer["eku"], "isCa": answer["isCA"], "key": answer["key"], "client": answer["client"],
            "renewedBy": by and (by["sequence"], by["request"], by["ground"]), "revoked": revoked and (revoked["time"], revoked["reason"])}

def told(row):
    by, revoked, client = row.get("renewedBy"), row.get("revoked"), row.get("client")
    return {"requestId": row.get("requestId"), "requester": row.get("requester"), "caller": row.get("caller"), "template": row.get("template", ""), "serial": row.get("serial"),
            "thumbprint": row.get("thumbprint"), "subject": row.get("subject", ""), "notBefore": row.get("notBefore"), "notAfter": row.get("notAfter"),
            "names": [(name["kind"], name["value"], name["from"]) for name in row["names"]], "sid": (row["sid"], row["sidFrom"]) if "sid" in row else None,
            "eku": row.get("eku"), "isCa": row.get("isCa", False), "key": row["key"]["name"].replace("P-", "EC "),
            "client": client and {name: client.get(name) for name in ("id", "machine", "user", "process")},
            "renewedBy": by and (by["sequence"], by["requestId"], by["ground"]), "revoked": revoked and (revoked["when"], revoked["reason"])}

@test
def list_says_of_every_certificate_what_the_answers_say():
    for folder, kinds in JOURNALS:
        found = {row["sequence"]: row for row in rows("list", folder, "--json") if not row.get("imported")}
        same(len(found), len(kinds["issuance"]), "certificates")
        for answer in kinds["issuance"]:
            want, got = wanted(answer), told(found[answer["sequence"]])
            for name in want: check(got[name] == want[name], f"event {answer['sequence']} ({answer['case']}): {name} is {got[name]!r}, expected {want[name]!r}")

@test
def every_ground_of_renewal_and_every_source_occurs():
    grounds, sources = collections.Counter(), collections.Counter()
    for _, kinds in JOURNALS:
        for answer in kinds["issuance"]:
            grounds[(answer["renewedBy"] or {}).get("ground")] += 1
            sources.update(name["from"] for name in answer["names"])
    check(all(grounds[ground] >= 10 for ground in (None, "certain", "same", "probable")), grounds)
    check(all(sources[word] >= 5 for word in ("ca", "enrollee", "unknown")), sources)

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
