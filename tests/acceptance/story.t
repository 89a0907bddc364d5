#!/usr/bin/python3
"""A day on a CA (story.py) on the stub CA: from the MSI's installation to its removal, judged by the code that judges a real CA; and faults, planted one
by one into what was seen, each of which turns the judgement that it belongs to."""
import sys; sys.path.insert(0, sys.path[0] + "/../lib")
import base64, copy, datetime, glob, json, os, re, shutil

from commands import run
from helper import powerless
from judge import DELTA, IDS, JUDGEMENTS, UPGRADE, judge, packed, type_of
from machine import on_machine
from stub_host import StubHost
from tap import check, run as run_tests, same
from tools_syntax import Wrong, checked

powerless()
on_machine("install")
WORK = "build/tmp/story"
SEEN = {}
ACL = "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"     # as a Windows with our folder has it, by what the module asks for
UNSEEN = {"acl": ACL, "reimported": True}

def evidence():
    """Of one day, which is played once; a copy, to be changed at will."""
    if not SEEN:
        SEEN.update(StubHost(WORK).collect())
        with open(WORK + "/evidence.json", "w") as out: json.dump(SEEN, out)
    return copy.deepcopy(SEEN)

def judged(changed): return {sentence: complaints for sentence, complaints, _ in judge(changed)}

def judgement_holds(sentence):
    def holds():
        found = judged(evidence())[sentence]
        if found is None: found = judged({**evidence(), **UNSEEN})[sentence]        # here; what a Windows has to show
        for complaint in found: check(False, complaint)
    holds.__name__ = sentence.replace(" ", "_")
    return holds

# ---- planted faults: what is changed, and the judgement that has to turn

FAULTS = []
def fault(sentence, *turns):
    def keep(function):
        FAULTS.append((sentence, function, turns))
        return function
    return keep

def place(seen, type, number=0): return [n for n, line in enumerate(seen["lines"]) if type_of(line) == type][number]
def line(seen, type, number=0): return seen["lines"][place(seen, type, number)]
def flipped(text): return base64.b64encode(base64.b64decode(text)[:-1] + b"\0").decode()
def later(text, hours=1):
    moved = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) + datetime.timedelta(hours=hours)
    return moved.strftime("%Y-%m-%dT%H:%M:%SZ")

ORDER = "each event is one line in order and nothing else is"

@fault("an event is lost", ORDER, "a counter of others counts the same")
def _(seen): del seen["lines"][place(seen, "certificate.revoked", 1)]

@fault("an event is there twice", ORDER)
def _(seen): seen["lines"].insert(place(seen, "certificate.pending"), line(seen, "certificate.pending"))

@fault("two events have changed places", ORDER)
def _(seen):
    at = place(seen, "certificate.revoked")
    seen["lines"][at], seen["lines"][at + 1] = seen["lines"][at + 1], seen["lines"][at]

@fault("a pending request is told of as issued", ORDER)
def _(seen): line(seen, "certificate.pending")["type"] = "certwitness.certificate.issued"

@fault("an event has another request's number", ORDER)
def _(seen): line(seen, "certificate.denied", 1)["data"]["request"]["RequestID"] = 4711

@fault("an event comes of nothing", ORDER)
def _(seen): seen["lines"].append(line(seen, "certificate.issued"))

@fault("one of a crowd's events is lost", ORDER, "what was acknowledged before the kill is there")
def _(seen): del seen["lines"][place(seen, "certificate.issued", -7)]

@fault("the last event before the kill is lost", "what was acknowledged before the kill is there")
def _(seen):
    starts = [n for n, one in enumerate(seen["lines"]) if type_of(one) == "module.started"]
    del seen["lines"][starts[-3] - 1]

@fault("a part of the day was not carried out", "the day was carried out to its end")
def _(seen): seen["faults"]["import again"] = "certutil.exe did not end within 600 s"

@fault("a property is dropped", "every line has what a reader needs")
def _(seen): del line(seen, "certificate.issued", 1)["data"]["request"]["RequesterName"]

@fault("the CA refuses a property", "every line has what a reader needs")
def _(seen): line(seen, "certificate.issued", 1)["data"]["missing"].append({"name": "RawRequest", "hresult": "0x80070057"})

@fault("the journal has another certificate than came home", "the certificate in the journal is the one that came home")
def _(seen): line(seen, "certificate.issued")["data"]["certificate"]["RawCertificate"] = flipped(line(seen, "certificate.issued")["data"]["certificate"]["RawCertificate"])

@fault("the journal has another request than was sent", "the request in the journal is the one that was sent")
def _(seen): line(seen, "certificate.denied", 2)["data"]["request"]["RawRequest"] = line(seen, "certificate.denied", 0)["data"]["request"]["RawRequest"]

@fault("a certificate's dates are in local time", "dates are utc as in the certificate")
def _(seen):
    for part in ("NotBefore", "NotAfter"): line(seen, "certificate.issued")["data"]["certificate"][part] = later(line(seen, "certificate.issued")["data"]["certificate"][part])

@fault("a request's dates are in local time", "every line s time is within the day")
def _(seen): line(seen, "certificate.issued")["data"]["request"]["ResolvedWhen"] = later(line(seen, "certificate.issued")["data"]["request"]["ResolvedWhen"])

@fault("a line's time does not follow the clock", "every line s time is within the day")
def _(seen):
    at = place(seen, "certificate.issued", -2)
    seen["lines"][at]["time"] = later(seen["lines"][at]["time"], -2)

@fault("no line's time goes back with the clock", "every line s time is within the day")
def _(seen):
    for one in seen["lines"]: one["time"] = seen["lines"][0]["time"]

@fault("a line's time follows no clock, on a machine that sets its clock right by itself", "every line s time is within the day")
def _(seen):
    for one in seen["steps"]: one["ahead"] = 0
    line(seen, "crl.issued")["time"] = later(line(seen, "crl.issued")["time"], 2)

@fault("a line's time is in local time", "every line s time is within the day")
def _(seen): line(seen, "crl.issued")["time"] = later(line(seen, "crl.issued")["time"])

@fault("the start after the kill says that the run before it was stopped", "each start says how the run before it ended")
def _(seen): line(seen, "module.started", -3)["data"]["module"]["endedCleanly"] = True

@fault("a start after a stop says that the run before it was killed", "each start says how the run before it ended")
def _(seen): line(seen, "module.started", 1)["data"]["module"]["endedCleanly"] = False

@fault("the module does not find its key", "the module finds its key and its ca")
def _(seen): line(seen, "module.started")["data"]["ca"]["settingsKey"] = {"way": "none"}

@fault("a setting is not in force", "a setting is in force from the next start")
def _(seen): line(seen, "module.started", -1)["data"]["settings"]["MaxWaitMs"] = 5000

@fault("a setting by certutil is not in force", "a setting is in force from the next start")
def _(seen): line(seen, "module.started", -3)["data"]["settings"]["QueueMiB"] = 64

@fault("the renewed certificate is not recorded", "a renewed ca has a certificate more")
def _(seen): line(seen, "module.started", -4)["data"]["ca"]["CertCount"] -= 1

@fault("a CRL is another than the published one", "crls are the published ones")
def _(seen): seen["crls"][0] = flipped(seen["crls"][0])

@fault("no CRL was published", "crls are the published ones")
def _(seen): seen["crls"].clear()

@fault("no delta CRL was published", "crls are the published ones")
def _(seen): seen["crls"] = [crl for crl in seen["crls"] if DELTA not in base64.b64decode(crl)]

@fault("the audit trail counts one certificate more", "a counter of others counts the same")
def _(seen): seen["witness"]["certificate.issued"] += 1

@fault("a request that had to be denied is issued", "every step became what it had to")
def _(seen): next(one for one in seen["steps"] if one["step"][0] == "refuse")["outcome"] = "issued"

@fault("on a full disk the CA does not go on", "every step became what it had to")
def _(seen): next(one for one in seen["steps"] if one["step"][0] == "full")["outcome"] = "failed"

@fault("the disk was not full", "on a full disk an event waits")
def _(seen): next(one for one in seen["steps"] if one["step"][0] == "full")["waited"] = False

@fault("what waited for room on the disk was never written", ORDER)
def _(seen): del seen["lines"][place(seen, "certificate.issued", -4)]

@fault("the journal does not hold", "the journal holds")
def _(seen): seen["verify"]["verdict"] = "damaged"

@fault("the copy has a line less", "the copy holds on linux too")
def _(seen): seen["verify_linux"]["lines"] -= 1

@fault("the second reader stops early", "the copy holds on linux too")
def _(seen): seen["second"] -= 1

@fault("a head in the event log is none of the journal's", "heads kept elsewhere are in the journal")
def _(seen): seen["heads"][0][1] = "0" * 64

@fault("there is no head", "heads kept elsewhere are in the journal")
def _(seen): seen["heads"].clear()

@fault("a certificate is not exported", "every certificate is exported and importcert names it")
def _(seen): del seen["export"]["files"][next(name for name in seen["export"]["files"] if name.startswith("certificates/"))]

@fault("importcert.cmd lacks a certificate", "every certificate is exported and importcert names it")
def _(seen): seen["export"]["importcert"] = seen["export"]["importcert"].replace(".cer", ".crt", 1)

@fault("importcert.cmd brings nothing back", "importcert brings a deleted certificate back")
def _(seen): seen["reimported"] = False

MEASURED = "what the module costs was measured"
@fault("the CA without the module was not measured", MEASURED)
def _(seen): seen["performance"]["without"]["count"] = 0

@fault("a flush took no time", MEASURED)
def _(seen): seen["performance"]["flush"]["p50"] = 0

@fault("a key is left behind", "removed it leaves the registry as it was")
def _(seen): seen["registry"]["after"].append("Software\\Classes\\CertWitness.Exit")

@fault("another's value is gone", "removed it leaves the registry as it was")
def _(seen): seen["registry"]["after"].remove(next(one for one in seen["registry"]["after"] if "CommonName" in one))

REGISTRY = "removed it leaves the registry as it was"
CLASSES, STRANGER = "Software\\Classes\\", "{5f1b6a6e-0c3f-4a0a-8a55-6f0d3c6b1f9e}"
def string(text): return "\t\t1\t" + (text + "\0").encode("utf-16-le").hex()

def among_others(seen):
    """As on a machine where other programs are installed, updated and removed meanwhile."""
    seen["registry"]["alone"] = False
    seen["registry"]["after"] += [CLASSES + "Stranger.App", CLASSES + "Stranger.App" + string("of somebody"), rf"{CLASSES}Installer\Products\{'1' * 32}"]
    seen["registry"]["before"] += [rf"{CLASSES}CLSID\{STRANGER}\InprocServer32{string('C:/old.dll')}", "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\Stranger"]

LEFT = {"a ProgID": lambda seen: CLASSES + "CertWitness.ExitManage\\CLSID", "a class": lambda seen: CLASSES + "CLSID\\{67B52257-F818-4162-8A35-DDEFA4AC3974}",
        "a type library": lambda seen: CLASSES + "TypeLib\\{91686CA5-803D-48CE-BE62-200D98B886C4}\\1.0",
        "an interface of the CA's that is registered anew": lambda seen: CLASSES + "Interface\\{E19AE1A0-7364-11D0-8816-00A0C903B83C}\\TypeLib",
        "another's class that names our DLL": lambda seen: f"{CLASSES}CLSID\\{STRANGER}\\InprocServer32" + string("C:\\Program Files\\CertWitness\\CERTWITNESS.DLL"),
        "the same as reg.exe writes it": lambda seen: f'{CLASSES}CLSID\\{STRANGER}\\InprocServer32\t@=hex(2):{"certwitness.dll".encode("utf-16-le").hex(",")},00,00',
        "an application that names our DLL": lambda seen: f'{CLASSES}AppID\\{STRANGER}\t"DllSurrogate"="C:\\\\x\\\\certexitps.dll"',
        "a feature of the package": lambda seen: rf"{CLASSES}Installer\Features\{seen['product']}", "the package's UpgradeCode": lambda seen: CLASSES + r"Installer\UpgradeCodes\25E8B1C7B0E635C4D9E5C3E1B8F0A576",
        "an event log": lambda seen: "SYSTEM\\CurrentControlSet\\Services\\EventLog\\CertWitness-Journal", "a value of the CA": lambda seen: "SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\tNew\t4\t01000000"}
for name, line_of in LEFT.items():
    def left(seen, line_of=line_of):
        among_others(seen)
        seen["registry"]["after"].append(line_of(seen))
    def gone(seen, line_of=line_of):
        among_others(seen)
        seen["registry"]["before"].append(line_of(seen))
    fault(f"{name} is left behind, among changes of others", REGISTRY)(left)
    fault(f"{name} is gone, among changes of others", REGISTRY)(gone)

@fault("the list has lost another module", "the module comes last in the ca s list")
def _(seen): seen["active"]["installed"].pop(0)

@fault("the module comes first in the list", "the module comes last in the ca s list")
def _(seen): seen["active"]["installed"].insert(0, seen["active"]["installed"].pop())

@fault("the module stays in the list", "removed it leaves the registry as it was")
def _(seen): seen["active"]["after"].append("CertWitness.Exit")

@fault("a file is left behind, among others", "removed it leaves the journal and no other file")
def _(seen):
    among_others(seen)
    seen["files"]["after"] += ["C:/ProgramData/Stranger/left.txt", "C:/ProgramData/CertWitness/certwitness.dll"]

@fault("PATH has lost an entry, among changes of others", REGISTRY)
def _(seen):
    among_others(seen)
    seen["registry"]["before"].append("SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment\t\"Path\"=hex(2):43,00")

@fault("a part of the registry was not looked at", REGISTRY)
def _(seen): seen["registry"]["unread"] = ["classes"]

@fault("a file is left behind", "removed it leaves the journal and no other file")
def _(seen): seen["files"]["after"].append("C:/Program Files/CertWitness/certwitness.dll")

@fault("the journal is gone", "removed it leaves the journal and no other file")
def _(seen): seen["files"]["journal_after"] = []

@fault("status finds something wrong", "status finds nothing wrong")
def _(seen): seen["status"]["problems"].append("CertWitness.Exit is not among its exit modules.")

FOLDER = "the folder is open to system and administrators alone"

@fault("users may read the journal", FOLDER)
def _(seen): seen["acl"] = ACL + "(A;OICI;0x1200a9;;;BU)"

@fault("the folder inherits what the one above allows", FOLDER)
def _(seen): seen["acl"] = ACL.replace("PAI", "AI")

@fault("SYSTEM may not write", FOLDER)
def _(seen): seen["acl"] = ACL.replace("FA;;;SY", "0x1200a9;;;SY")

def turns(sentence, plant, wanted):
    def fault_is_seen():
        seen = evidence()
        seen.update(UNSEEN)
        plant(seen)
        red = {name for name, complaints in judged(seen).items() if complaints}
        for name in wanted: check(name in red, f"'{name}' still holds; red are {sorted(red)}")
    fault_is_seen.__name__ = "planted_" + "".join(c if c.isalnum() else "_" for c in sentence)
    return fault_is_seen

# ---- faults in what is there, and not in what was collected

def a_journal_in_which_a_byte_was_changed_is_judged_so():
    evidence()
    folder = WORK + "/doctored"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(WORK + "/journal", folder)
    file = sorted(glob.glob(folder + "/*.jsonl"))[0]
    data = open(file, "rb").read()
    with open(file, "wb") as out: out.write(data.replace(b'DEMO\\\\bob', b'DEMO\\\\rob', 1))
    said = json.loads(run("build/native/certwitness", "verify", "--json", folder)[1])
    found = judged({**evidence(), "verify": said, "verify_linux": said})
    check(found["the journal holds"], f"verify says {said['verdict']}")

def a_module_that_records_certificates_alone_is_judged_so():
    """The setting EventMask, in the module's key: what a real module loses, and no evidence that was changed."""
    seen = StubHost(WORK + "-masked", broken=lambda text: text.replace("module CertWitness.Exit", "module CertWitness.Exit EventMask=1")).collect()
    found = judged(seen)
    check(found[ORDER] and "module.stopped" not in found[ORDER][0], f"the order: {found[ORDER]}")
    check(any("certificate.revoked: 0 lines" in one for one in found["a counter of others counts the same"]), "the count of others")
    same(found["the journal holds"], [], "the journal itself")

def a_clock_that_does_not_stay_as_it_was_set_is_seen_and_judges_nothing():
    seen = evidence()
    ahead = 0
    for one in seen["steps"]:
        ahead += one["step"][1] if one["step"][0] == "clock" else 0
        one["ahead"] = ahead
    same(judged(seen)["every line s time is within the day"], [], "a clock that is measured, and was as it was set")
    moved = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.timedelta(seconds=7200)
    for one in seen["steps"]: one["ahead"] = 0
    for one in seen["lines"]:
        for part, name in ((one, "time"), (one["data"].get("request", {}), "ResolvedWhen")):
            if name in part and moved(part[name]).timestamp() > seen["began"]: part[name] = moved(part[name]).strftime("%Y-%m-%dT%H:%M:%SZ")
    seen["lines"].sort(key=lambda one: one["time"])     # as if no line had been written before another that it follows
    same(judged(seen)["every line s time is within the day"], None, "one that was set right again at once")

def what_others_write_meanwhile_is_told_and_no_complaint():
    seen = evidence()
    among_others(seen)
    (complaints, why), = [(complaints, why) for sentence, complaints, why in judge(seen) if sentence == REGISTRY]
    same(complaints, [], "complaints")
    check("left behind by others, whose names and classes are not the package's, 3 lines" in why and "gone by others" in why and "Stranger.App" in why, f"what is told: {why}")
    seen["registry"]["alone"] = True
    check(judged(seen)[REGISTRY], "where nobody else writes, each change is a complaint")

def the_ids_are_those_of_the_sources():
    written = {one.lower() for path in glob.glob("idl/*.idl") for one in re.findall(r"\buuid\(([-0-9a-f]{36})\)", open(path).read(), re.I)}
    same(sorted(IDS), sorted(written), "ids of idl/")
    same([UPGRADE, packed(UPGRADE)], [re.search('UpgradeCode="([^"]*)"', open("src/packaging/certwitness.wxs").read())[1].lower(), "25E8B1C7B0E635C4D9E5C3E1B8F0A576"], "the UpgradeCode")
    check(re.fullmatch("[0-9A-F]{32}", evidence()["product"] or ""), f"the ProductCode is {evidence()['product']!r}")

def evidence_that_lacks_a_part_is_no_proof():
    for part in evidence():
        if part in ("host", "ca"): continue
        seen = evidence()
        del seen[part]
        check(any(complaints for complaints in judged(seen).values()), f"without {part} everything holds")

CERTUTIL = '"%SystemRoot%\\System32\\certutil.exe" '
REASONS = {str(reason) for reason in (-1, 0, 1, 2, 3, 4, 5, 6, 8, 9, 10)}     # Microsoft Learn, certutil -revoke

def undocumented(script):
    """Lines of importcert.cmd that cmd.exe or certutil might take for something else."""
    for line in script.split("\r\n"):
        if line.startswith(CERTUTIL):
            words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line[len(CERTUTIL):])]
            try: _, verb, _, operands = checked(["certutil.exe", *words])
            except Wrong as why: yield str(why)
            else:
                if verb == "-importcert" and not re.fullmatch(r"%~dp0certificates\\[-0-9a-f]+\.cer", operands[0]): yield line
                if verb == "-revoke" and not (re.fullmatch("([0-9a-f]{2}){1,20}", operands[0]) and operands[1] in REASONS): yield line
        elif not re.match(r"(@?echo|rem|setlocal|set|if|exit)( |$)|$", line): yield line
        if len(line) > 8191 or re.search(r"[^ -~]", line): yield f"too long, or not ASCII: {line[:80]}"

def importcert_has_commands_that_are_documented_and_no_others():
    script = evidence()["export"]["importcert"].replace("\n", "\r\n")      # as text it has lost the returns
    same(list(undocumented(script)), [], "odd lines")
    check(all(CERTUTIL + verb in script for verb in ("-importcert", "-revoke")), "it has both verbs")
    for old, new in (("-importcert ", "-importcrt "), ("-revoke ", "-revoke 7f "), ("%~dp0", "%~dp0..\\"), ("exit /b 0", "del *"), (" 6\r\n", " 7\r\n")):
        check(old in script and list(undocumented(script.replace(old, new))), f"{new!r} in place of {old!r} is taken")

def each_judgement_can_be_turned():
    same(sorted({name for _, _, wanted in FAULTS for name in wanted}), sorted(sentence for sentence, _ in JUDGEMENTS), "judgements that a planted fault turns")

TESTS = [(judgement_holds(sentence), sentence) for sentence, _ in JUDGEMENTS]
TESTS += [(turns(*one), f"planted: {one[0]}") for one in FAULTS]
TESTS += [a_journal_in_which_a_byte_was_changed_is_judged_so, a_clock_that_does_not_stay_as_it_was_set_is_seen_and_judges_nothing, a_module_that_records_certificates_alone_is_judged_so, what_others_write_meanwhile_is_told_and_no_complaint, the_ids_are_those_of_the_sources, evidence_that_lacks_a_part_is_no_proof,
          importcert_has_commands_that_are_documented_and_no_others, each_judgement_can_be_turned]
run_tests(TESTS)
