#!/usr/bin/python3
"""Which events an operation is: wine/scenarios/mapping.scenario played with CertWitness, and its journal compared.

The operations that must stand there, and their events, are written down here once more, from the contract's table B.4. And
wine/scenarios/questions.scenario, in which every open question has each of its answers.
"""
import sys; sys.path[0] += "/../lib"
import os, re, shutil

from commands import wine
from machine import on_machine
from openssl import make_request
from tap import run as run_tests, test
from verify import verify

on_machine("stub")
SCENARIO, QUESTIONS, WORK = "wine/scenarios/mapping.scenario", "wine/scenarios/questions.scenario", "build/mapping"
ISS, PND, DEN, FAIL, REV, UNREV, RTP, CRL = ("certificate.issued/20", "certificate.pending/9", "certificate.denied/31",
        "certificate.denied/30", "certificate.revoked/21", "certificate.unrevoked/20", "certificate.retrieved/20", "crl.issued")
TABLE = {
    "service start": ["ca.started"], "service stop": ["ca.stopping"],
    "Submit, issued": [ISS], "Submit, pending": [PND], "Submit, policy denies": [DEN],
    "Submit, error while building the certificate": [FAIL], "Submit, undecodable blob": [],
    "ResubmitRequest, pending to issued": [ISS], "ResubmitRequest, denied to issued": [ISS],
    "ResubmitRequest, pending again": [PND, PND, ISS], "ResubmitRequest, denied": [PND, DEN], "DenyRequest": [PND, DEN],
    "RetrievePending, with certificate": [RTP], "RetrievePending, still pending": [], "RetrievePending, denied": [],
    "RevokeCertificate, reasons 0 to 5": [REV] * 6, "RevokeCertificate, reason 6": [REV],
    "RevokeCertificate, reason 8": [REV], "RevokeCertificate, reason -1": [UNREV],
    "RevokeCertificate, 0xfffffffd and 0xfffffffe": [],
    "PublishCRL, base": [CRL], "PublishCRL, delta": [CRL], "PublishCRL, both at once": [CRL],
    "ImportCertificate, foreign": ["certificate.imported/12"], "ImportCertificate, own": ["certificate.imported/20"],
    "SetExtension": [], "SetAttributes": [], "DeleteRow": [], "key recovery": [],
}

def make_requests():
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    make_request(f"{WORK}/good.csr", "-outform", "DER")
    make_request(f"{WORK}/foreign.crt", "-x509", name="foreign")
    der = bytearray(open(f"{WORK}/good.csr", "rb").read())
    open(f"{WORK}/cut.csr", "wb").write(der[:100])
    der[-1] ^= 1
    open(f"{WORK}/forged.csr", "wb").write(der)

# Every open question answered the other way, as far as it does not change which events there are.
OTHER_WAYS = """setting contexts=strict after-notify=answered ca-context=own dates=local location=first unknown-name=not-found
setting wrong-type=empty bad-index=empty enum-misuse=end ca-access=empty request-attributes=cut after-shutdown=suspended
setting request-names=issued release-message=released empty-text=null config-name=raw enum-flags=ignored
setting load-order=reversed exit-count=loaded thrown=dropped threads=1 stop-seconds=60
setting hashes=plain denied-message=plain warning-status=told request-type=bare der=lenient signers=any
"""

def play(scenario, name):
    """Exit code and output, and the lines of the journal."""
    prefix = os.environ.get("WINEPREFIX") or "build/wine"
    journal = f"{prefix}/drive_c/ProgramData/CertWitness/{name}"
    shutil.rmtree(journal, ignore_errors=True)
    code, said = wine("build/bin/stubca.exe", "run", scenario)
    try:
        return code, said, verify(journal)
    except (OSError, SystemExit) as fault:
        return code, said + str(fault), []

make_requests()
whole = open(SCENARIO).read()
marked = [(m[1], m[2].split()) for m in re.finditer("^#> (.*?):(.*)$", whole, re.M)]
open(f"{WORK}/other.scenario", "w").write(whole.replace("Mapping CA", "Other Mapping CA").replace("setting startup=on\n",
        "setting startup=on\n" + OTHER_WAYS))
wine("regsvr32.exe", "/s", "build/bin/certwitness.dll")
code, said, lines = play(SCENARIO, "Mapping CA")
other_code, other_said, other_lines = play(f"{WORK}/other.scenario", "Other Mapping CA")
asked_code, asked_said, asked_lines = play(QUESTIONS, "Questions CA")
settings = re.search(r"^  setting (.*?)^      \S", wine("build/bin/stubca.exe", "--help")[1], re.M | re.S)[1]
wine("regsvr32.exe", "/u", "/s", "build/bin/certwitness.dll")

def shown(line):
    kind, disposition = line["type"].removeprefix("certwitness."), line["data"].get("request", {}).get("Disposition")
    return kind if disposition is None else f"{kind}/{disposition}"

@test("the scenario plays to its end")
def plays(): assert code == 0, said

@test("every operation of the table is in it, with its events")
def whole_table(): assert dict(marked) == TABLE and len(marked) == len(TABLE), set(map(str, marked)) ^ set(map(str, TABLE.items()))

@test("the journal holds the table's events, in order, and no other")
def in_order():
    got = [shown(line) for line in lines]
    want = ["module.started"] + [event for _, events in marked for event in events] + ["module.stopped"]
    assert got == want, f"{got} and not {want}"

@test("a CA that answers every open question the other way gives the same events, with the same values")
def same_the_other_way():
    assert other_code == 0, other_said
    assert [shown(line) for line in other_lines] == [shown(line) for line in lines], list(map(shown, other_lines))
    for one, other in zip(lines, other_lines):
        assert set(one["data"].get("request", {})) == set(other["data"].get("request", {})), other

@test("nothing that the recorder asked for is missing")
def nothing_missing():
    assert len(lines) > len(TABLE) and len(other_lines) > len(TABLE), (len(lines), len(other_lines))
    for line in lines + other_lines: assert not line["data"].get("missing"), line

@test("every answer to an open question has a day of its own in a scenario")
def every_answer():
    """As the help lists them. The words that come first are the defaults, which a setting goes back to."""
    text, answers = open(QUESTIONS).read(), re.findall(r"\[([\w-]+)=(\S+)\]", settings)
    assert len(answers) >= 27, answers
    for name, words in answers:
        for number, word in enumerate(words.split("|")):
            if word != "...": assert f"\nsetting {name}={word}\n" in text, f"{name}={word} is not asked"
            if number: assert re.search(rf"^#> I-\d+, {name}={word}: ", text, re.M), f"{name}={word} has no day"
        assert re.search(rf"^#> I-\d+, {name}=", text, re.M), name

@test("whatever the answer, the module is told what it should be, and misses nothing")
def asked():
    assert asked_code == 0, asked_said
    want = [event for events in re.findall("^#> .*?: (.*)$", open(QUESTIONS).read(), re.M) for event in events.split()]
    got = [shown(line).split("/")[0] for line in asked_lines]
    got = [kind for kind in got if kind not in ("module.started", "module.stopped", "ca.stopping")]
    assert got == want, f"{got} and not {want}"
    for line in asked_lines: assert not line["data"].get("missing"), line

@test("status codes tell why a request was denied")
def denied_by_a_manager():
    codes = [line["data"]["request"]["StatusCode"] for line in lines if shown(line) in (DEN, FAIL)]
    assert [c & 0xffffffff for c in codes] == [0x80094800, 0x80090006, 0x80094800, 0x80094014], codes

@test("reasons are those that were given")
def reasons():
    got = [line["data"]["request"]["RevokedReason"] for line in lines if shown(line) in (REV, UNREV)]
    assert got == [0, 1, 2, 3, 4, 5, 6, -1, 8], got

run_tests()
