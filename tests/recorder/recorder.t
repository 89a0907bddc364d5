#!/usr/bin/python3
"""What tests/recorder/recorder_test.c left behind, read through tests/lib/verify.py, which is told by the format's prose alone."""
import sys; sys.path[0] += "/../lib"
import base64, glob

from tap import run as run_tests, test
from verify import verify

FOLDERS = sorted(glob.glob("build/tmp/recorder/CertWitness/*/"))
TYPES = {"certificate.issued", "certificate.pending", "certificate.denied", "certificate.revoked", "certificate.unrevoked",
         "certificate.retrieved", "certificate.imported", "crl.issued", "ca.started", "ca.stopping", "event.unknown",
         "module.started", "module.stopped", "journal.gap"}

def lines():
    assert FOLDERS, "no journals: run build/tests/recorder/recorder_test.exe first"
    return [line for folder in FOLDERS for line in verify(folder)]

@test("the chain of every journal holds")
def holds():
    lines()

@test("every type of event is there")
def all_types():
    seen = {line["type"].removeprefix("certwitness.") for line in lines()}
    assert seen == TYPES, seen ^ TYPES

@test("hostile names are read back as they were")
def values():
    issued = [line["data"] for line in lines() if line["type"] == "certwitness.certificate.issued"]
    names = [data["request"].get("RequesterName") for data in issued if "request" in data]
    assert 'CORP\\Zo\u00eb "quoted"\r\n{"specversion"' in names
    assert "a\ufffdz\ufffd" in [data["request"].get("CallerName") for data in issued if "request" in data]

def utf16(units):
    return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le", "surrogatepass")

def every_unit(count):
    """The text that recorder_test.c makes, a lone surrogate replaced as the recorder does it."""
    text = utf16([(i * 0x9e37 + 1) % 65536 or 1 for i in range(count)])
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)

@test("4096 characters, attributes of 32 KiB and a request of 64 KiB are read back as they were")
def long_values():
    row = [line["data"]["request"] for line in lines() if line["data"].get("request", {}).get("RequestID") == 4096][-1]
    assert row["RequesterName"] == every_unit(4096)
    assert len(row["RequestAttributes"].encode("utf-16-le", "surrogatepass")) >= 32000
    assert row["RequestAttributes"] == every_unit(16384)
    assert base64.b64decode(row["RawRequest"], validate=True) == bytes((i * 7 + (i >> 8)) % 256 for i in range(65536))

run_tests()
