#!/usr/bin/python3
"""Every line that any test has left behind, read by strict parsers and held against src/journal/journal.schema.json.

Runs after all other tests. The schema has one definition for each type of event; here each also refuses what is not one.
"""
import sys; sys.path[0] += "/../lib"
import copy, functools, json, subprocess, unicodedata

from jsonschema import Draft202012Validator
from journals import lines
from tap import run as run_tests, test

SCHEMA = json.load(open("src/journal/journal.schema.json"))
CHECK = Draft202012Validator(SCHEMA)
TYPES = """certificate.issued certificate.pending certificate.denied certificate.revoked certificate.unrevoked certificate.retrieved
    certificate.imported crl.issued ca.started ca.stopping event.unknown module.started module.stopped journal.recovered journal.gap
    journal.broken journal.pruned""".split()
# Where a test wrote to a journal without the recorder, what it calls events is made up, and only these are made by our code alone.
OWN = {"module.stopped", "journal.recovered", "journal.gap", "journal.broken", "journal.pruned"}
CHECK_ENVELOPE = Draft202012Validator({**SCHEMA, "allOf": []})

def no_twice(pairs):
    if len(dict(pairs)) != len(pairs): raise ValueError("a member stands twice")
    return dict(pairs)

def not_json(text): raise ValueError(f"{text} is not JSON")
def strict(raw): return json.loads(raw.decode("utf-8", "strict"), object_pairs_hook=no_twice, parse_constant=not_json)
def kind(line): return line["type"].removeprefix("certwitness.")

ALL = list(lines())
RECORDED = ("build/tmp/recorder/", "build/tmp/properties-", "/ProgramData/CertWitness/")

def made_up(where, line):
    return not any(part in where for part in RECORDED) and line["id"][:36] not in recorded_runs() and kind(line) not in OWN

@functools.cache
def read():
    """By place, what Python makes of a line."""
    found = {}
    for where, raw in ALL:
        try: found[where] = strict(raw)
        except ValueError as fault: raise AssertionError(f"{where}: {fault}")
    return found

@functools.cache
def recorded_runs():
    return {line["id"][:36] for line in read().values() if "fileVersion" in line["data"].get("module", {})}

@test("recorder, properties, journal and demo have left journals")
def from_everywhere():
    for part in (*RECORDED[:2], "build/tmp/journal-", RECORDED[2] + "Demo Issuing CA/"):
        assert any(part in where for where, _ in ALL), f"no journal of {part}: run the tests first, or make demo"
    print(f"# {len(ALL)} lines of {len({where.rpartition(':')[0] for where, _ in ALL})} segments")

@test("Python reads every line, strictly")
def python_reads():
    assert len(read()) == len(ALL)

@test("jq reads the same values")
def jq_reads_the_same():
    run = subprocess.run(["jq", "-c", "."], input=b"".join(raw for _, raw in ALL), capture_output=True)
    assert run.returncode == 0, run.stderr.decode()
    printed = run.stdout.decode().split("\n")[:-1]
    assert len(printed) == len(ALL), f"{len(printed)} of {len(ALL)}"
    for (where, _), text in zip(ALL, printed): assert json.loads(text) == read()[where], where

# Signs that stand around numbers in Arabic and Syriac: format characters by name, but they have a shape and steer nothing.
SHAPED = {*range(0x600, 0x606), 0x6dd, 0x70f, 0x890, 0x891, 0x8e2}

def steers(character):
    """Whether it could steer a terminal, hide, or change the order in which a person reads."""
    point = ord(character)
    return (unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and point not in SHAPED) or point & 0xfffe == 0xfffe \
        or 0xfdd0 <= point <= 0xfdef

@test("nothing in a line is unprintable")
def printable():
    for where, raw in ALL:
        bad = {c for c in set(raw.decode()[:-1]) if steers(c)}
        assert not bad, f"{where} holds {sorted(map(hex, map(ord, bad)))}"

def fault_of(line, check=CHECK):
    faults = list(check.iter_errors(line))
    return "; ".join(f"{fault.json_path}: {fault.message[:300]}" for fault in faults)

@test("every line is as the schema says")
def as_the_schema_says():
    faults = []
    for where, line in read().items():
        fault = fault_of(line, CHECK_ENVELOPE if made_up(where, line) else CHECK)
        if fault: faults.append(f"{where}, {line.get('type')}: {fault}")
    assert not faults, f"{len(faults)} lines; the first: " + "\n".join(faults[:3])

# --- the schema itself ---

HASH, GUID, NUMBER = "0123456789abcdef" * 4, "0f0ef3ce-0000-4000-8000-0123456789ab", "00000000000000000007"
WHEN = "2026-11-21T10:00:00.123Z"
ROW = {"request": {"RequestID": 2, "Disposition": 20, "SubmittedWhen": "2026-11-21T10:00:00Z", "RequesterName": "CORP\\a", "RawRequest": "MAA="},
       "certificate": {"SerialNumber": "6d", "NotBefore": WHEN, "RawCertificate": "MIIB"},
       "extra": {"Officer": 1, "attribute:ccm": "x", "extension:1.2.3": {"flags": 1, "base64": "MA=="}},
       "missing": [{"name": "UPN", "hresult": "0x80020005", "variant": 3}, {"name": "RawName", "size": 3000000, "sha256": HASH},
                   {"name": "RequestAttributes", "offset": 1024, "size": 3000, "sha256": HASH, "why": "flood"}]}
OF_CA = {"context": 0, "missing": []}
FOUND = {"file": NUMBER + ".jsonl", "offset": 12, "sequence": 7, "bytes": 99}
DATA = {**{"certificate." + name: {"event": event, "context": 7, **ROW} for name, event in
           (("issued", 1), ("pending", 2), ("denied", 4), ("retrieved", 16), ("imported", 512), ("unrevoked", 8))},
        "certificate.revoked": {"event": 8, "context": 7, **ROW, "request": {**ROW["request"], "Disposition": 21}},
        "crl.issued": {"event": 32, **OF_CA, "ca": {"CertCount": 1, "fDeltaCRLsDisabled": 0, "keys": [
            {"index": 0, "CertState": 3, "CRLIndex": 0, "CRLState": 3, "CRLSuffix": "",
             "RawCRL": {"size": 2, "sha256": HASH, "base64": "MAA="}, "RawDeltaCRL": {"unchanged": HASH}},
            {"index": 1, "RawCRL": {"size": 70000, "sha256": HASH}}]}},
        "ca.started": {"event": 128, **OF_CA}, "ca.stopping": {"event": 64, **OF_CA}, "event.unknown": {"event": 1024, "context": 3, **ROW},
        "module.started": {"module": {"run": GUID, "endedCleanly": True, "version": "1.0.0", "fileVersion": "1.0.0", "eventMask": 1023,
                                      "dates": "assumed UTC", "utcOffsetMinutes": 60, "host": "C:\\x.exe", "processId": 4,
                                      "previousSource": "/adcs/b/A", "movedAside": ["torn/00000000000000000007-foreign-1"],
                                      "unwritten": {"run": GUID, "began": WHEN, "ended": WHEN, "runs": 2, "uncounted": 1, "events": 3, "hresult": "0x80070070"}},
                           "ca": {"SanitizedCAName": "A", "MachineDNSName": "b", "CAType": 0, "CertCount": 1, "settingsKey": {"way": "SanitizedCAName", "key": "x"}, "certificates": [
                               {"index": 0, "RawCACertificate": {"size": 2, "sha256": HASH, "base64": "MAA="}}, {"index": 1, "hresult": "0x80004005"}]},
                           "settings": {"JournalDirectory": "C:\\j", "EventMask": 1023, "Properties": ["Officer"], "SegmentMiB": 64, "QueueMiB": 64,
                                        "MaxWaitMs": 5000, "MinFreeMiB": 1024, "RetainDays": 0},
                           "refusedSettings": [{"name": "QueueMiB", "reason": "It is no number."}]},
        "module.stopped": {"module": {"run": GUID}},
        "journal.recovered": {**FOUND, "kept": "torn/x"}, "journal.broken": {**FOUND, "head": {"run": GUID, "sequence": 9, "hash": HASH}},
        "journal.gap": {"events": 17, "first": WHEN, "last": WHEN, "requestIDs": [101, 102], "requestIDsLeftOut": 15, "requesters": [{"name": "CORP\\m", "events": 3}],
                        "requestersLeftOut": 1, "why": {"queueFull": 12, "lowSpace": 4, "exception": 1}},
        "journal.pruned": {"sequence": 7, "hash": HASH, "segments": 3, "before": WHEN, "archived": False, "rule": "RetainDays=365", "account": "CORP\\a"}}
OPTIONAL = {"subject", "extra", "requestIDsLeftOut", "requesters", "requestersLeftOut", "why", "refusedSettings", "host", "request", "certificate", "ca", "head", "archived", "rule", "account"}    # at the levels that are doctored below

def sample(name):
    line = {"specversion": "1.0", "id": f"{GUID}-{NUMBER}", "source": "/adcs/ca.example/CA%20!0416", "type": "certwitness." + name,
            "time": WHEN, "sequence": NUMBER, "previoushash": HASH, "flushed": "0" * 20, "datacontenttype": "application/json",
            "data": copy.deepcopy(DATA[name]), "hash": HASH}
    if "request" in line["data"]: line["subject"] = "request/2"
    return line

@test("every type of event was made")
def every_type_was_made():
    seen = {kind(line) for where, line in read().items() if not made_up(where, line)}
    assert seen == set(TYPES), seen ^ set(TYPES)

@test("the schema has one definition for each type of event")
def one_definition_each():
    assert {name for name in SCHEMA["$defs"] if "." in name} == set(TYPES) == set(DATA)
    assert {"certwitness." + name for name in TYPES} == set(SCHEMA["properties"]["type"]["enum"])
    Draft202012Validator.check_schema(SCHEMA)
    for name in TYPES: assert not fault_of(sample(name)), f"{name}: {fault_of(sample(name))}"

def places(value, path=()):
    """Every value in a line, by its path."""
    yield path, value
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(child, path + (key,))

def changed(name, path, value):
    line = sample(name)
    inner = line
    for key in path[:-1]: inner = inner[key]
    if value is GONE: del inner[path[-1]]
    else: inner[path[-1]] = value
    return line

GONE = object()
BINARY = {"base64", "RawRequest", "RawCertificate"}
TIGHT = {"before", "hash", "previoushash", "sequence", "flushed", "time", "first", "last", "id", "run", "SubmittedWhen", "NotBefore", "sha256",
         "unchanged", "hresult", "specversion", "datacontenttype", "dates"}

def not_quite(value, binary):
    """Texts that are nearly `value`, and none of its kind."""
    if binary: return {value + "\n", " " + value, value[:-1], value + "=", "%" + value[1:], "-" + value[1:], "MB=="}
    return {"", value + "\n", " " + value, value[:-1], value + "0", value.upper().replace("Z", "+00:00"), value.replace("T", " "), "\uff10" + value[1:]} - {value}

def doctored(name):
    """What no longer is a line of that type: a value of another type, a member too many or too few, a text that is not quite one."""
    for path, value in places(sample(name)):
        if path: yield path, changed(name, path, {"surprise": True} if not isinstance(value, dict) else [True])
        if isinstance(value, dict) and path[-1:] != ("extra",): yield (*path, "surprise"), changed(name, (*path, "surprise"), 1)
        if path and path[-1] not in OPTIONAL and (len(path) == 1 or len(path) == 2 and path[0] == "data"):
            yield (*path, "gone"), changed(name, path, GONE)
        if isinstance(value, str) and path[-1] in TIGHT | BINARY:
            for text in not_quite(value, path[-1] in BINARY): yield (*path, text), changed(name, path, text)
        if type(value) is int and path[-2:-1] != ("extra",):
            for number in (1.5, "1", None, True, -1 << 63): yield (*path, number), changed(name, path, number)

@test("each of them refuses what was doctored")
def refuses():
    count = 0
    for name in TYPES:
        for path, line in doctored(name):
            assert fault_of(line), f"{name} is accepted with {'.'.join(map(str, path))}: {json.dumps(line)[:1500]}"
            count += 1
        for other in set(TYPES) - {name}:
            assert fault_of({**sample(name), "type": "certwitness." + other}), f"{name} is accepted as {other}"
            count += 1
    print(f"# {count} doctored lines")

run_tests()
