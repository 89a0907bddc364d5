#!/usr/bin/python3
"""Strict parsers read what tests/recorder_test.c left behind: Python's json and hashlib through tests/verify.py, and jq."""
import glob, json, os, subprocess, sys

sys.path.insert(0, "tests")
from verify import verify

FOLDERS = sorted(glob.glob("build/tmp/recorder/CertWitness/*/"))
TYPES = {"certificate.issued", "certificate.pending", "certificate.denied", "certificate.revoked", "certificate.unrevoked",
         "certificate.retrieved", "certificate.imported", "crl.issued", "ca.started", "ca.stopping", "event.unknown",
         "module.started", "module.stopped"}

def holds():
    return [line for folder in FOLDERS for line in verify(folder)]

def same_to_jq():
    for folder in FOLDERS:
        for name in glob.glob(folder + "*.jsonl"):
            printed = subprocess.run(["jq", "-c", ".", name], capture_output=True, check=True).stdout.decode()
            assert [json.loads(line) for line in printed.split("\n") if line] == [json.loads(line) for line in open(name, "rb")], name

def printable():
    for folder in FOLDERS:
        for name in glob.glob(folder + "*.jsonl"):
            text = open(name, encoding="utf-8", newline="").read()
            bad = {c for c in text if c != "\n" and not c.isprintable()}
            assert not bad, f"{name} holds {sorted(map(hex, map(ord, bad)))}"

def all_types():
    seen = {line["type"].removeprefix("certwitness.") for line in holds()}
    assert seen == TYPES, seen ^ TYPES

def values():
    lines = [line["data"] for line in holds() if line["type"] == "certwitness.certificate.issued"]
    names = [data["request"].get("RequesterName") for data in lines if "request" in data]
    assert 'CORP\\Zo\u00eb "quoted"\r\n{"specversion"' in names
    assert "a\ufffdz\ufffd" in [data["request"].get("CallerName") for data in lines if "request" in data]

tests = [(holds, "the chain of every journal holds"), (same_to_jq, "jq and Python read the same values"),
         (printable, "nothing in a journal is unprintable"), (all_types, "every type of event is there"),
         (values, "hostile names are read back as they were")]
print(f"1..{len(tests)}")
for number, (test, sentence) in enumerate(tests, 1):
    try:
        assert FOLDERS, "no journals: run build/tests/recorder_test.exe first"
        test()
        print(f"ok {number} - {sentence}")
    except (AssertionError, SystemExit, subprocess.CalledProcessError, json.JSONDecodeError) as fault:
        print(f"# {str(fault)[:500]}\nnot ok {number} - {sentence}")
