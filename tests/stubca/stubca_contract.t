#!/usr/bin/python3
"""The stub CA against the contract: its open questions both ways, renewed keys, and what stands in its certificates.

Judges are the contract's words, openssl, and DER that is written here by hand; the module is tests/modules/probe.c.
One scenario plays many CA's days, since a key takes a second to make.
"""
import sys; sys.path[0] += "/../lib"
import datetime, os, re, shutil

from commands import finished, wine
from machine import on_machine
from openssl import openssl
from tap import check, run as run_tests, same, test

on_machine("stub")
WORK = "build/tests/contract"
PROBE = "build/tests/modules/probe.dll"
STUBCA = "build/bin/stubca.exe"
OK, END, EMPTY, INVALID, NOT_FOUND, UNEXPECTED, SUSPENDED = ("00000000", "00000001", "80094004", "80070057", "80070002",
        "8000ffff", "80094006")

def path(name):
    return f"{WORK}/{name}"

# DER by hand.

def tlv(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x80 | (size.bit_length() + 7) // 8]) + size.to_bytes(
            (size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + length + body

def oid(dotted):
    arcs = [int(arc) for arc in dotted.split(".")]
    out = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        piece = [arc & 0x7f]
        while arc := arc >> 7: piece.insert(0, arc & 0x7f | 0x80)
        out += bytes(piece)
    return tlv(6, out)

def request_with(key, attributes, out):
    """A PKCS#10 request with these attributes (OID, DER of the value), signed with the key."""
    spki = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
    name = tlv(0x30, tlv(0x31, tlv(0x30, oid("2.5.4.3"), tlv(12, b"client"))))
    listed = b"".join(sorted(tlv(0x30, oid(number), tlv(0x31, value)) for number, value in attributes))
    info = tlv(0x30, b"\2\1\0", name, spki, tlv(0xa0, listed))
    open(path("info"), "wb").write(info)
    signature = openssl("dgst", "-sha256", "-sign", key, path("info"))
    algorithm = tlv(0x30, oid("1.2.840.113549.1.1.11"), b"\5\0")
    open(out, "wb").write(tlv(0x30, info, algorithm, tlv(3, b"\0", signature)))

def make_requests():
    for name, kind in (("rsa", ["rsa:2048"]), ("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
        openssl("req", "-new", "-nodes", "-newkey", *kind, "-keyout", path(name + ".key"), "-out", path(name + ".csr"),
                "-subj", "/O=Demo/CN=" + name, "-addext", "subjectAltName=DNS:asked.demo.example")
    der = bytearray(openssl("req", "-in", path("rsa.csr"), "-outform", "DER"))
    der[-1] ^= 1
    open(path("forged.csr"), "wb").write(der)
    os_version, csp, client = "1.3.6.1.4.1.311.13.2.3", "1.3.6.1.4.1.311.13.2.2", "1.3.6.1.4.1.311.21.20"
    provider = tlv(0x30, b"\2\1\2", tlv(0x1e, "Söftware KSP".encode("utf-16-be")), tlv(3, b"\0"))
    info = tlv(0x30, b"\2\1\5", tlv(12, b"pc17.demo.example"), tlv(12, b"DEMO\\alice"), tlv(12, b"MMC.EXE"))
    request_with(path("rsa.key"), [(os_version, tlv(22, b"10.0.19045.2")), (csp, provider), (client, info)],
            path("windows.csr"))
    request_with(path("rsa.key"), [(os_version, tlv(22, b"10.0\nCertificateTemplate:Evil\r\nx:y")),
            (csp, tlv(0x30, b"\2\1\2")), (client, tlv(0x30, tlv(12, b"a\0b")))], path("hostile.csr"))
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9",
            "-keyout", path("foreign.key"), "-out", path("foreign.crt"), "-subj", "/CN=Foreign")
    open(path("archived.bin"), "wb").write(b"\x30\x03\0\xff\xd8")

def submit(name, request="ec", more="", template="User"):
    return f'submit {name} request={path(request)}.csr template={template} requester="DEMO\\{name}" {more}'.rstrip()

HEAD = f'''ca "Contract CA" dns=ca01.demo.example out={WORK}/{{name}}.pki aia-url="http://x/ca<CertificateName>.crt" {{more}}
template User eku=clientAuth days=365
template Slow eku=serverAuth,clientAuth days=730 approval=manager oid=1.3.6.1.4.1.311.21.8.1.2.3 version=101.7
'''

class Played:
    """A scenario that has been played, and what the probe wrote: a list of runs of the service."""
    def __init__(self, name, text, modules, more="", zone="UTC0", code=0):
        self.out, self.probe, file = path(name + ".pki"), path(name + ".txt"), path(name + ".scenario")
        open(file, "w").write(HEAD.format(name=name, more=more) + modules + "\n" + text + "\n")
        self.done = finished("wine/run", STUBCA, "run", file, env={"PROBE_FILE": self.probe, "TZ": zone})
        self.text = self.done.stdout.decode()
        check(self.done.returncode == code, f"exit code {self.done.returncode}:\n{self.text}{self.done.stderr.decode()}")
        lines = open(self.probe, encoding="utf-8").read().split("\n") if os.path.exists(self.probe) else []
        self.runs = []
        for line in lines:
            words = line.split("\t")
            if words[0] == "start" and words[1] == "0": self.runs.append(Run())
            if self.runs and len(words) > 1 and words[1] == "0": self.runs[-1].take(words)

class Run:
    """What the first probe saw from Initialize to Release."""
    def __init__(self):
        self.events, self.rules, self.start = [], {}, {}
    def take(self, words):
        last = self.events[-1] if self.events else None
        if words[0] == "event": self.events.append(Event(int(words[2], 16), int(words[3])))
        elif words[0] == "rule": self.rules[words[2]] = words[3]
        elif words[0] == "property": (last.properties if last else self.start)[words[2], words[3]] = words[5:8]
        elif words[0] == "attribute": last.attributes[text(words[2])] = text(words[3])
        elif words[0] == "extension": last.extensions[words[2]] = int(words[3], 16)
    def only(self, kind):
        return [event for event in self.events if event.kind == kind]

class Event:
    def __init__(self, kind, context):
        self.kind, self.context, self.properties, self.attributes, self.extensions = kind, context, {}, {}, {}
    def value(self, getter, name):
        return value(self.properties, getter, name)

def text(shown):
    return None if shown == "NULL" else "" if shown == "-" else bytes.fromhex(shown).decode("utf-16-le")

def value(properties, getter, name):
    """A value as Python has it, or the HRESULT as text."""
    hr, kind, shown = properties[getter, name]
    if hr != OK: return hr
    if kind == "3": return int(shown)
    if kind == "7": return float(shown)
    return bytes.fromhex(shown.replace("-", "")) if "Raw" in name or name == "ArchivedKey" else text(shown)

# Tests. Each is a sentence.

@test
def every_open_question_can_be_answered_in_both_ways():
    """A run of the service for each answer; what differs is looked at, and that the default is as the contract has it."""
    days = {}
    def day(setting, steps, **more):
        days[setting or "default"] = len(days)
        name = f"n{len(days)}-"
        undo = {"contexts": "lenient", "after-notify": "refused", "ca-context": "zero", "dates": "utc", "rows": "kept",
                "retrieve-event": "on", "failed-event": "on", "location": "caller", "unknown-name": "invalid",
                "wrong-type": "invalid", "bad-index": "not-found", "enum-misuse": "unexpected", "ca-access": "zero",
                "request-attributes": "whole", "after-shutdown": "answered", "request-names": "requested",
                "release-message": "revoked", "empty-text": "bstr", "enum-flags": "checked"}
        lines.append((f"setting {setting}\n" if setting else "") + "start\n" + steps.replace("NAME", name) + "\nstop")
        if setting: lines.append(f"setting {setting.split('=')[0]}={undo[setting.split('=')[0]]}")
    lines = []
    issue, pend = submit("NAMEa"), submit("NAMEb", more="expect=pending", template="Slow")
    fail, crl = submit("NAMEc", "forged", "expect=failed"), "crl base"
    retrieve = pend + "\napprove NAMEb\nretrieve NAMEb"
    long = submit("NAMEd", more='attribute="long:' + "x" * 17000 + '"')
    day("", "\n".join([issue, fail, retrieve, crl, long, "hold NAMEa", "release NAMEa"]))
    for setting in ("contexts=strict", "after-notify=answered", "dates=local", "unknown-name=empty",
            "unknown-name=not-found", "wrong-type=empty", "bad-index=invalid", "bad-index=empty", "enum-misuse=end", "enum-flags=ignored",
            "ca-access=empty", "ca-context=own", "location=first", "location=bound", "location=refused"): day(setting, issue + "\n" + crl)
    day("retrieve-event=off", retrieve)
    day("failed-event=off", fail)
    day("request-attributes=cut", long)
    day("after-shutdown=suspended", issue)
    day("request-names=issued", pend)
    day("release-message=released", issue + "\nhold NAMEa\nrelease NAMEa")
    day("empty-text=null", issue)
    day("rows=volatile", issue + "\nrevoke NAMEa expect=refused\nretrieve NAMEa expect=refused\ncrl base")
    played = Played("questions", "\n".join(lines), "module StubProbe2.Exit Silent=1\nmodule StubProbe.Exit Rules=1",
            zone="JST-9")
    if not same(len(played.runs), len(days), "runs of the service"): return
    was = {setting: played.runs[place] for setting, place in days.items()}
    plain = was["default"]
    first = lambda setting, kind=1: was[setting].only(kind)[0]

    same([first("default").value("C", "CAType"), first("contexts=strict").value("C", "CAType")], [0, INVALID], "I-2")
    same(value(was["contexts=strict"].start, "C", "CAType"), 0, "I-2, strict, in Initialize")
    same(first("contexts=strict", 0x20).value("C", "CAType"), 0, "I-2, strict, of the CA's own event")
    same([was[s].rules["dead context"] for s in ("default", "after-notify=answered")], [INVALID, OK], "dead contexts")
    same([first(s, 0x20).context != 0 for s in ("default", "ca-context=own")], [False, True], "the CA's context")
    same([first("ca-context=own", 0x20).value(*q) for q in (("C", "CAType"), ("R", "RequestID"))], [0, EMPTY],
            "under the CA's own context")
    now = datetime.datetime.utcnow()
    for setting, hours in (("default", 0), ("dates=local", 9)):
        when = datetime.datetime(1899, 12, 30) + datetime.timedelta(
                days=first(setting).value("R", "SubmittedWhen"), hours=-hours)
        check(abs((when - now).total_seconds()) < 1800, f"I-3, {setting}: {when}")
    same([len(was[s].only(0x10)) for s in ("default", "retrieve-event=off")], [1, 0], "I-4")
    same([[e.value("R", "Disposition") for e in was[s].only(4)] for s in ("default", "failed-event=off")], [[30], []],
            "I-6")
    same(value(plain.start, "C", "ModuleRegistryLocation").split("\\")[-1], "StubProbe.Exit", "I-8")
    same(value(was["location=first"].start, "C", "ModuleRegistryLocation").split("\\")[-1], "StubProbe2.Exit", "I-8: the key of another module")
    same([was[s].start["C", "ModuleRegistryLocation"][0] for s in ("location=bound", "location=refused")], [INVALID, INVALID], "I-8, before SetContext")
    same([was[s].rules["unknown name"] for s in ("default", "unknown-name=empty", "unknown-name=not-found")],
            [INVALID, EMPTY, NOT_FOUND], "I-9, unknown name")
    same([was[s].rules["wrong type"] for s in ("default", "wrong-type=empty")], [INVALID, EMPTY], "I-9, wrong type")
    same([was[s].rules["index out of range"] for s in ("default", "bad-index=invalid", "bad-index=empty")],
            [NOT_FOUND, INVALID, EMPTY], "I-9, index")
    same([was[s].rules["next before setup"] for s in ("default", "enum-misuse=end")], [UNEXPECTED, END], "I-10")
    same([was[s].rules["setup with flag 2"] for s in ("default", "enum-flags=ignored")], [INVALID, OK], "I-10, flags")
    same([first(s, 0x20).value("C", "RequesterCAAccess") for s in ("default", "ca-access=empty")], [0, EMPTY], "I-18")
    same(first("ca-access=empty").value("C", "RequesterCAAccess"), 1, "I-18, of a request")
    same([len(was[s].only(1)[-1].value("R", "RequestAttributes")) for s in ("default", "request-attributes=cut")],
            [len("CertificateTemplate:User\nlong:") + 17000, 16384], "I-19")
    same(len(first("request-attributes=cut").attributes["long"]), 17000, "the attribute itself")
    same([was[s].rules["after SHUTDOWN"] for s in ("default", "after-shutdown=suspended")], [OK, SUSPENDED], "I-21")
    same([first(s, 2).value("R", "DistinguishedName") for s in ("default", "request-names=issued")], ["CN=ec, O=Demo", EMPTY], "I-22")
    same(first("request-names=issued", 2).value("R", "Request.DistinguishedName"), "CN=ec, O=Demo", "I-22, with a prefix")
    same([was[s].only(8)[-1].value("R", "DispositionMessage").split()[0] for s in ("default", "release-message=released")],
            ["Revoked", "Released"], "I-23")
    volatile = first("rows=volatile")
    same([volatile.value("C", "VolatileMode"), volatile.value("R", "Disposition")], [1, 20], "I-25, during Notify")
    check(volatile.value("C", "RawCertificate")[:1] == b"\x30" and volatile.value("R", "RawRequest")[:1] == b"\x30", "I-25")
    same([e.kind for e in was["rows=volatile"].events], [1, 0x20, 0x40], "I-25, events")
    same([first(s).value("C", "CertSuffix.0") for s in ("default", "empty-text=null")], ["", None], "I-26")

@test
def events_are_told_on_as_many_threads_as_the_setting_says():
    """I-15. Each Notify sleeps, so that as many are there at a time as the CA has threads for; one of them is the single-thread mode."""
    counts = 8, 2, 8
    runs = ["together threads=8\n" + "\n".join(submit(f"{name}{n}") for n in range(count)) + "\napart\n" for name, count in zip("abc", counts)]
    played = Played("threads", "start\n" + runs[0] + "stop\nsetting threads=1\nstart\n" + runs[1] + "stop\nsetting threads=8\nstart\n"
            + runs[2] + "stop", "module StubProbe.Exit Silent=1 NotifySleeps=1000")
    lines = [line.split("\t") for line in open(played.probe) if line.startswith("event\t")]
    same(len(lines), sum(counts) + 3, "events")
    runs = [[lines.pop(0) for _ in range(count + 1)] for count in counts]      # certificates, and SHUTDOWN
    busiest = [max(int(line[6]) for line in run) for run in runs]
    check(1 < busiest[0] <= 4 and busiest[1] == 1 and 4 < busiest[2] <= 8, f"at a time: {busiest}")
    same(len({line[4] for line in runs[1]}), 1, "threads in single-thread mode")
    same({line[5] for run in runs for line in run}, {"MTA"}, "apartments")

@test
def modules_that_are_not_there_count_or_do_not():
    """I-16, and B.5: a client sees how many modules there are, and what each calls itself."""
    modules = "module StubNothing.Exit\nmodule StubProbe.Exit Silent=1\nmodule StubProbe2.Exit Silent=1 InitializeFails=0x80070005"
    missing = "log 46 StubNothing.Exit\nlog 46 \"not to begin\"\n"
    played = Played("counted", f"""start
{missing}cainfo exitcount is=3
cainfo exit is=""
cainfo exit index=1 is=Probe
cainfo exit index=2 is=""
cainfo exit index=3 expect=none
stop
setting exit-count=loaded load-order=reversed
start
{missing}cainfo exitcount is=1
cainfo exit index=0 is=Probe
cainfo exit index=1 expect=none
stop""", modules)
    order = lambda text: re.findall(r"^# event 46: The \"(\w+)", text, re.M)
    same(order(played.text), ["StubNothing", "StubProbe2", "StubProbe2", "StubNothing"], "order in which modules are loaded")
    played = Played("miscounted", f"start\n{missing}cainfo exitcount is=2\ncainfo exit index=1 is=Other\ncainfo exit index=9\n"
            "cainfo exit index=1 expect=none\nstop", modules, code=1)
    for number, words in enumerate(('the answer is "3"; expected "2"', 'the answer is "Probe"; expected "Other"',
            "there is no module of that index", 'the answer is "Probe"; expected none'), 10):
        check(f"# {path('miscounted.scenario')}:{number}: {words}\n" in played.text, played.text)

@test
def modules_are_told_in_the_order_of_loading():
    played = Played("order", f"""start
{submit("a")}
stop
setting load-order=reversed
start
{submit("b")}
stop""", "module StubProbe.Exit Silent=1\nmodule StubProbe2.Exit Silent=1")
    told = [line.split("\t")[1] for line in open(played.probe) if line.startswith(("start\t", "event\t"))]
    same(told, list("010101" + "101010"), "modules, at Initialize, CERTISSUED and SHUTDOWN")

@test
def a_module_that_threw_stays_or_is_dropped():
    """I-17. Another module is told all the same; the one that was dropped is released with it."""
    dll = "build/tests/modules/fault_throws.dll"
    wine("regsvr32.exe", "/s", dll)
    played = Played("threw", f"""start
{submit("a")}
log 45 FaultThrows.Exit
{submit("b")}
log 45 FaultThrows.Exit
stop
setting thrown=dropped
start
{submit("c")}
log 45 FaultThrows.Exit
{submit("d")}
stop""", "module FaultThrows.Exit\nmodule StubProbe.Exit Silent=1")
    wine("regsvr32.exe", "/u", "/s", dll)
    same([[e.kind for e in r.events] for r in played.runs], [[1, 1, 0x40]] * 2, "events of the other module")

@test
def stopping_has_a_time_limit_of_its_own():
    """I-20: SHUTDOWN, Release and unloading together."""
    head, tail = "setting stop-seconds=4\nstart\ncrl base", "\nstop"
    played = Played("hangs", head + tail, "module StubProbe.Exit Silent=1 NotifyHangs=0x40", code=2)
    check("hangs.scenario:8: StubProbe.Exit has not returned from Notify within the 4 s that the CA has to stop" in played.text,
            played.text)
    played = Played("stays", head + tail, "module StubProbe.Exit Silent=1 NotifySleeps=1000 StaysLoaded=1", code=1)
    found = re.search(r"stays.scenario:8: the DLL of StubProbe.Exit is still loaded ([\d.]+) s after", played.text)
    check(found and float(found[1]) < 3.1, played.text)
    Played("slow", head.replace("stop-seconds=4", "stop-seconds=60") + tail, "module StubProbe.Exit Silent=1 NotifySleeps=1200")

@test
def a_ca_can_refuse_to_start_without_its_modules():
    modules = "module StubProbe.Exit InitializeFails=0x80070005"
    played = Played("refuses", "setting initialize-failure=abort\nstart expect=refused\nlog 46\n"
            "setting initialize-failure=continue\nstart\nlog 46\ncrl base\nstop", modules)
    same([len(r.events) for r in played.runs], [0, 0], "events")

ASK = " ".join(f"{name}.{n}:{kind}" for n in (1, 2, 3) for name, kind in (("RawCACertificate", "B"), ("CertState", "L"),
        ("CertSuffix", "S"), ("CRLIndex", "L"), ("CRLState", "L"), ("CRLSuffix", "S"), ("RawCRL", "B"), ("RawDeltaCRL", "B")))

def verified(*arguments):
    """What openssl says of a chain: "OK", or why not."""
    done = finished("openssl", "verify", "-x509_strict", *arguments)
    said = (done.stdout + done.stderr).decode()
    return "OK" if done.returncode == 0 and said.strip().endswith(": OK") else (re.findall(r"lookup: (.*)", said) + [said])[0]

def crosses(out):
    """Each key's certificate, signed with the other: whoever trusts one CA certificate trusts what the other key issued."""
    at = lambda name: f"{out}/{name}.cer"
    for trusted, through, leaf in (("ca", "ca(1-2)", "c"), ("ca(1)", "ca(1-2)", "c"), ("ca(2)", "ca(2-1)", "a"), ("ca(2)", "ca(2-1)", "b")):
        same(verified("-CAfile", at(trusted), "-untrusted", at(through), at(leaf)), "OK", f"{leaf} by {trusted} through {through}")
        check(verified("-CAfile", at(trusted), at(leaf)) != "OK" or trusted + leaf in ("cab", "ca(1)a"), f"{leaf} by {trusted} alone")
    check(verified("-CAfile", at("ca"), "-untrusted", at("ca(2-1)"), at("c")) != "OK", "the other cross certificate will not do")
    says = openssl("x509", "-in", at("ca(1-2)"), "-noout", "-text").decode()
    for word in ("CA:TRUE", "CA Issuers - URI:http://x/ca(1).crt", "URI:http://x/.crl"): check(word in says, f"{word} in ca(1-2)")
    check(tlv(0x1e, "CrossCA".encode("utf-16-be")) in openssl("x509", "-in", at("ca(1-2)"), "-outform", "DER"), "template")

@test
def a_subordinate_ca_is_certified_and_revoked_by_the_one_above():
    above = 'parent="Zoë Röot" parent-crl-url="http://r/root.crl" parent-aia-url="http://r/root.crt" days=3000'
    played = Played("below", f"""start
{submit("a")}
crl base
stop
renew same-key
renew new-key
start
{submit("c")}
crl base
parent revoke index=1 reason=superseded
parent crl
crl base
stop
clock days=4000
renew new-key
start
stop""", 'module StubProbe.Exit Ask="CertState.1:L CertState.2:L CertState.3:L RawCACertificate.1:B"', above)
    out = played.out
    at = lambda name: f"{out}/{name}.cer"
    same(sorted(f for f in os.listdir(out) if not f.endswith("crl")), sorted([f"{n}.cer" for n in ("a", "c", "ca", "ca(1)", "ca(2)",
            "ca(3)", "parent")]), "files: no cross certificates, since both keys have the same CA above")
    for leaf, issuer in (("a", "ca"), ("a", "ca(1)"), ("c", "ca(2)")):
        same(verified("-CAfile", at("parent"), "-untrusted", at(issuer), at(leaf)), "OK", f"{leaf} by the root")
        check(verified("-CAfile", at(issuer), at(leaf)) != "OK", f"{leaf} without the root: {issuer} does not sign itself")
    same(verified("-CAfile", at("parent"), "-untrusted", at("ca(2)"), "-crl_check_all", "-CRLfile", f"{out}/parent.crl", "-CRLfile",
            f"{out}/base(2).crl", at("c")), "OK", "with all CRLs")
    same(verified("-CAfile", at("parent"), "-untrusted", at("ca(1)"), "-crl_check_all", "-CRLfile", f"{out}/parent.crl", "-CRLfile",
            f"{out}/base.crl", at("a")), "certificate revoked", "with all CRLs, by the certificate that was revoked")
    says = openssl("x509", "-in", at("ca"), "-noout", "-text", "-nameopt", "utf8,-esc_msb").decode()
    for word in ("Issuer: CN=Zoë Röot", "Subject: CN=Contract CA", "CA:TRUE", "URI:http://r/root.crl", "CA Issuers - URI:http://r/root.crt"):
        check(word in says, f"{word} in ca.cer: {says}")
    key = lambda name, words: re.search(words + r" Key Identifier: *\n *(?:keyid:)?([0-9A-F:]+)", openssl("x509", "-in", at(name), "-noout",
            "-text").decode())[1]
    same({key(name, "Authority") for name in ("ca", "ca(1)", "ca(2)")}, {key("parent", "Subject")}, "authority key identifiers")
    check(tlv(0x1e, "SubCA".encode("utf-16-be")) in openssl("x509", "-in", at("ca"), "-outform", "DER"), "template")
    same(openssl("crl", "-in", f"{out}/parent.crl", "-noout", "-crlnumber"), b"crlNumber=0x03\n", "CRLs of the root")
    dates = lambda name: openssl("x509", "-in", at(name), "-noout", "-enddate").strip()
    same(dates("ca(3)"), dates("parent"), "none outlives its issuer")
    first, second, third = played.runs
    same(value(first.start, "C", "CAType"), 1, "CAType: enterprise subordinate")
    same([e.value("C", f"CertState.{n}") for e in second.only(0x20) for n in (0, 1, 2)], [3, 3, 3, 3, 2, 3], "CertState, before and after")
    same(second.only(0x20)[1].value("C", "RawCACertificate.1"), openssl("x509", "-in", at("ca(1)"), "-outform", "DER"), "certificate")
    same([third.only(0x40)[0].value("C", f"CertState.{n}") for n in range(4)], [4, 2, 4, 3], "CertState, once the first three have run out")
    same([e.kind for e in second.events], [1, 0x20, 0x20, 0x40], "events: none for what the CA above does")

@test
def what_the_ca_above_cannot_do_is_named():
    played = Played("above", "parent revoke\nparent crl", "module StubProbe.Exit Silent=1", code=1)
    same(played.text.count("signs its own certificate: there is no CA above it"), 2, played.text)
    played = Played("above", "parent revoke index=1\nparent revoke reason=removeFromCRL\nparent revoke\nparent revoke",
            "module StubProbe.Exit Silent=1", "parent=Root", code=1)
    file = path("above.scenario")
    for number, words in ((5, "the CA has no certificate of index 1"), (6, "entry 0 of the CRL has reason 8, which it cannot have"),
            (8, "it is revoked already")):
        check(f"# {file}:{number}: {words}\n" in played.text, played.text)
    check(re.search(r"^ok \d+ - parent revoke$", played.text, re.M), played.text)

@test
def a_renewed_ca_has_a_certificate_and_perhaps_a_key_more():
    """V0.0, V1.0 with the same key, V2.2 with a new one."""
    played = Played("renewed", f'''start
{submit("a")}
stop
renew same-key
start
{submit("b")}
stop
renew new-key
start
{submit("c")}
crl base
revoke a reason=keyCompromise
revoke c reason=superseded effective=-3
crl delta
crl base delta
import again file={path("foreign.crt")}
stop
clock days=400
start
crl base
stop
clock days=36000
start
crl base
stop''', f'module StubProbe.Exit Ask="{ASK}"', 'crl-url="http://x/<CRLNameSuffix><DeltaCRLAllowed>.crl" days=30000')
    out = played.out
    same(sorted(f for f in os.listdir(out) if f.startswith(("ca", "base", "delta"))), sorted(["base.crl", "base(2).crl",
            "ca.cer", "ca(1).cer", "ca(2).cer", "ca(1-2).cer", "ca(2-1).cer", "delta.crl", "delta(2).crl"]), "files")
    crosses(out)
    own = [openssl("x509", "-in", f"{out}/ca{n}.cer", "-outform", "DER") for n in ("", "(1)", "(2)")]
    says = [openssl("x509", "-inform", "DER", "-noout", "-text", data=der).decode() for der in own]
    hexes = [re.search(r"1\.3\.6\.1\.4\.1\.311\.21\.1: *\n *(\S+)", s)[1] for s in says]
    same([der[der.index(oid("1.3.6.1.4.1.311.21.1")) + 11:][2:][:der[der.index(oid("1.3.6.1.4.1.311.21.1")) + 12]].hex()
            for der in own], ["020100", "020101", "0203020002"], f"CA version ({hexes})")
    key = lambda name: openssl("x509", "-in", f"{out}/{name}.cer", "-noout", "-pubkey")
    check(key("ca") == key("ca(1)") != key("ca(2)"), "keys")
    for name, issuer in (("a", "ca"), ("b", "ca(1)"), ("c", "ca(2)")):
        check(finished("openssl", "verify", "-partial_chain", "-trusted", f"{out}/{issuer}.cer",
                f"{out}/{name}.cer").returncode == 0, f"openssl verify {name}")
        certificate = openssl("x509", "-in", f"{out}/{name}.cer", "-noout", "-text").decode()
        check(f"URI:http://x/{'(2)' if name == 'c' else ''}.crl" in certificate, "CDP of " + name)
        check(f"CA Issuers - URI:http://x/{issuer}.crt" in certificate, "AIA of " + name)
    runs = played.runs
    same([runs[n].only(1)[0].value("C", "IssuerNameId") for n in (0, 1, 2)], [0, 1, 2 << 16 | 2], "IssuerNameId")
    counts = [value(r.start, "C", "CertCount") for r in runs]
    same(counts, [1, 2, 3, 3, 3], "CertCount")
    crls = runs[2].only(0x20)
    last = crls[2]
    get = lambda name: last.value("C", name)
    same([get("RawCACertificate" + n) for n in ("", ".0", ".1", ".2", ".3")], [own[2], *own, NOT_FOUND], "certificates")
    for name, wanted in (("CertState", [3, 3, 3, 3, NOT_FOUND]), ("CertSuffix", ["(2)", "", "(1)", "(2)", NOT_FOUND]),
            ("CRLIndex", [2, 0, 0, 2, NOT_FOUND]), ("CRLState", [3, 3, 1, 3, NOT_FOUND]),
            ("CRLSuffix", ["(2)", "", "(1)", "(2)", NOT_FOUND])):
        same([get(name + n) for n in ("", ".0", ".1", ".2", ".3")], wanted, name)
    files = {n: openssl("crl", "-in", f"{out}/{n}.crl", "-outform", "DER") for n in ("delta", "delta(2)")}
    for event in last, runs[3].only(0x20)[0]:
        current, old, same_key, new, none = (event.value("C", "RawDeltaCRL" + n) for n in ("", ".0", ".1", ".2", ".3"))
        same([same_key, none, current == new, old == new], [NOT_FOUND, NOT_FOUND, True, False], "RawDeltaCRL")
    same([new, old], [files["delta(2)"], files["delta"]], "the files are those of the last publication")
    same([get("RawCRL.1"), get("RawCRL.3"), get("RawCRL") == get("RawCRL.2")], [NOT_FOUND, NOT_FOUND, True], "RawCRL")
    def read(der, ca):
        done = finished("openssl", "crl", "-inform", "DER", "-CAfile", f"{out}/{ca}.cer", "-noout", "-text", data=der)
        check(b"verify OK" in done.stderr, "openssl crl: " + done.stderr.decode())
        shown = done.stdout.decode()
        number = int(re.search(r"CRL Number: *\n *(?:0x)?([0-9A-F]+)", shown)[1], 16)
        return number, re.findall(r"Reason Code: *\n +(.*)", shown), shown
    serials = lambda shown: re.findall(r"Serial Number: ([0-9A-F]+)", shown)
    serial = {n: openssl("x509", "-in", f"{out}/{n}.cer", "-noout", "-serial").decode().strip()[7:] for n in "abc"}
    for n, (event, name, wanted) in enumerate(((0, "RawCRL", (1, [], [])), (1, "RawDeltaCRL", (2, ["Key Compromise"],
            ["Superseded"])), (2, "RawCRL", (3, ["Key Compromise"], ["Superseded"])), (2, "RawDeltaCRL", (3, [], [])))):
        old, new = read(crls[event].value("C", name + ".0"), "ca"), read(crls[event].value("C", name + ".2"), "ca(2)")
        same((old[0], old[1], new[1]), wanted, f"CRLs of both keys, {n}")
        same(new[0], old[0], f"the number, {n}")
    shown = [read(last.value("C", "RawCRL." + n), ca)[2] for n, ca in (("0", "ca(1)"), ("2", "ca(2)"))]
    same([serials(s) for s in shown], [[serial["a"]], [serial["c"]]], "each key lists what it issued")
    when = datetime.datetime.strptime(re.search("Revocation Date: (.*) GMT", shown[1])[1], "%b %d %H:%M:%S %Y")
    check(abs((when - datetime.datetime.utcnow()).total_seconds() + 3 * 86400) < 1800, f"revoked as of {when}")
    check("http://x/(2)+.crl" in shown[1] and "http://x/+.crl" in shown[0], "freshest CRL")
    check(all(name in shown[1] for name in ("1.3.6.1.4.1.311.21.1:", "1.3.6.1.4.1.311.21.4:")), "CA version, next publish")
    for n, version in ((0, "020101"), (2, "0203020002")):
        der = last.value("C", f"RawCRL.{n}")
        at = der.index(oid("1.3.6.1.4.1.311.21.1")) + 11
        same(der[at + 2:][:der[at + 1]].hex(), version, f"CA version in the CRL of key {n}: the newest certificate's of that key")
    later = [r.only(0x20)[0] for r in runs[3:]]
    same(serials(read(later[0].value("C", "RawCRL.0"), "ca(1)")[2]), [], "an expired certificate is not listed")
    same([later[1].value("C", n) for n in ("CertState.0", "CertState.2", "CRLState.0", "CRLState.1", "CRLState.2")],
            [4, 4, 4, 1, 4], "states once all has expired")
    same(later[1].value("C", "RawCRL.0"), later[0].value("C", "RawCRL.0"), "no CRL is signed with a key that has expired")

@test
def cross_certificates_are_good_as_long_as_both_that_they_join():
    """The third renewal comes when the certificate before has run out: it goes well, and there is nothing to join."""
    out = Played("joined", "clock days=30\nrenew new-key\nclock days=80\nrenew new-key\nclock days=500\nrenew new-key\nstart\nstop",
            "module StubProbe.Exit Silent=1", "days=100").out
    def dates(name):
        said = openssl("x509", "-in", f"{out}/{name}.cer", "-noout", "-dates").decode()
        return [datetime.datetime.strptime(when, "%b %d %H:%M:%S %Y GMT") for when in re.findall("=(.*)", said)]
    same(sorted(f for f in os.listdir(out) if "-" in f), ["ca(0-1).cer", "ca(1-0).cer", "ca(1-2).cer", "ca(2-1).cer"], "which there are")
    for one, other, cross in (("ca", "ca(1)", "ca(0-1)"), ("ca", "ca(1)", "ca(1-0)"), ("ca(1)", "ca(2)", "ca(1-2)"), ("ca(1)", "ca(2)", "ca(2-1)")):
        begin, end = zip(dates(one), dates(other))
        same(dates(cross), [max(begin), min(end)], f"validity of {cross}")
    same(len(set(map(tuple, map(dates, ("ca", "ca(1)", "ca(2)", "ca(3)"))))), 4, "none of them has the validity of another")

@test
def a_new_ca_takes_away_what_a_former_one_left():
    modules, keeps = "module StubProbe.Exit Silent=1", lambda: sorted(os.listdir(path("anew.pki")))
    Played("anew", "start\nstop\nrenew new-key\nrenew same-key\nrenew new-key\nstart\ncrl base delta\nstop", modules)
    check({"ca(2-3).cer", "ca(3-2).cer", "ca(0-1).cer", "ca(1-0).cer", "ca(3).cer", "delta(3).crl"} < set(keeps()), f"{keeps()}")
    open(path("anew.pki/alice.txt"), "w").close()
    Played("anew", "start\nstop", modules, "parent=Root")
    same(keeps(), ["alice.txt", "ca.cer", "parent.cer", "parent.crl"], "where the CA had been renewed")
    Played("anew", "start\nstop", modules)
    same(keeps(), ["alice.txt", "ca.cer"], "where it had a CA above it")

@test
def certificates_carry_what_ad_cs_puts_there():
    sid, upn = "S-1-5-21-1004336348-1177238915-682003330-1105", "alice@demo.example"
    facts = f'sid={sid} upn={upn} dns=pc17.demo.example'
    built = "schema=4 oid=1.3.6.1.4.1.311.21.8.9 version=100.12"
    played = Played("carried", f'''template Built eku=clientAuth,smartcardLogon days=365 san=requester {built}
template Bare eku=clientAuth days=365 san=none enrollment-flags=0x80000
template Old eku=clientAuth days=365 schema=1 oid=1.3.6.1.4.1.311.21.8.77
template Gone days=5
start
{submit("v1", more=facts)}
{submit("v2", template="Slow", more="expect=pending")}
approve v2
{submit("built", "rsa", facts + ' dn="CN=Alice,DC=demo,DC=example"', template="Built")}
{submit("bare", more=facts, template="Bare")}
{submit("old", template="1.3.6.1.4.1.311.21.8.77")}
{submit("set", template="Slow", more="expect=pending")}
change set extension=1.2.3.4 der=0500 flags=1
change set extension=2.5.29.37 der=300a06082b06010505070304
change set extension=1.3.6.1.4.1.311.21.10 der=30023000
change set extension=2.5.29.17 der=30038201{b'm'.hex()}
change set attribute="note:x"
approve set
change set attribute="note:y" expect=refused status=0x80094003
{submit("gone", template="Gone")}
template Gone days=5 published=off
{submit("gone2", template="Gone", more="expect=denied status=0x80094800")}
stop''', "module StubProbe.Exit", 'crl-url="http://x/<CRLNameSuffix>.crl"')
    says, strings = {}, {}
    for name in ("v1", "v2", "built", "bare", "old", "set"):
        file = f"{played.out}/{name}.cer"
        check(finished("openssl", "verify", "-x509_strict", "-ignore_critical", "-CAfile", f"{played.out}/ca.cer",
                file).returncode == 0, "openssl verify " + name)
        says[name] = openssl("x509", "-in", file, "-noout", "-text").decode()
        der = openssl("x509", "-in", file, "-outform", "DER")
        strings[name] = der
    wrapped = lambda number, value: oid(number) + tlv(4, value)
    v1 = wrapped("1.3.6.1.4.1.311.20.2", tlv(0x1e, "User".encode("utf-16-be")))
    v2 = wrapped("1.3.6.1.4.1.311.21.7", tlv(0x30, oid("1.3.6.1.4.1.311.21.8.1.2.3"), b"\2\1\x65", b"\2\1\7"))
    other = lambda number, tag, value: tlv(0xa0, oid(number), tlv(0xa0, tlv(tag, value)))
    security = wrapped("1.3.6.1.4.1.311.25.2", tlv(0x30, other("1.3.6.1.4.1.311.25.2.1", 4, sid.encode())))
    policies = wrapped("1.3.6.1.4.1.311.21.10", tlv(0x30, tlv(0x30, oid("1.3.6.1.5.5.7.3.1")), tlv(0x30,
            oid("1.3.6.1.5.5.7.3.2"))))
    names = tlv(0x30, other("1.3.6.1.4.1.311.20.2.3", 12, upn.encode()), tlv(0x82, b"pc17.demo.example"))
    for what, name, part, there in (("template name", "v1", v1, True), ("template OID", "v2", v2, True),
            ("template OID", "v1", oid("1.3.6.1.4.1.311.21.7"), False),
            ("policies", "v2", policies, True), ("policies", "v1", oid("1.3.6.1.4.1.311.21.10"), False),
            ("SID", "v1", security, True), ("SID", "v2", oid("1.3.6.1.4.1.311.25.2"), False),
            ("SID", "built", security, True), ("SID", "bare", oid("1.3.6.1.4.1.311.25.2"), False),
            ("names of the directory", "built", names, True), ("the request's names", "built", b"asked.demo", False),
            ("the request's names", "v1", b"asked.demo", True), ("names", "bare", oid("2.5.29.17"), False),
            ("template of version 1 that has an OID", "old", wrapped("1.3.6.1.4.1.311.20.2", tlv(0x1e,
                    "Old".encode("utf-16-be"))), True),
            ("a manager's extension", "set", oid("1.2.3.4") + b"\1\1\xff" + tlv(4, b"\5\0"), True),
            ("a manager's policies", "set", wrapped("1.3.6.1.4.1.311.21.10", b"\x30\2\x30\0"), True),
            ("a manager's names", "set", wrapped("2.5.29.17", b"\x30\3\x82\1m"), True),
            ("the request's names", "set", b"asked.demo", False),
            ("a manager's usage", "set", wrapped("2.5.29.37", bytes.fromhex("300a06082b06010505070304")), True)):
        check((part in strings[name]) == there, f"{what}: {'not ' if there else ''}in {name}")
    for word in ("Authority Key Identifier", "Subject Key Identifier", "CA Issuers - URI:http://x/ca.crt", "URI:http://x/.crl",
            "X509v3 Key Usage: critical"):
        check(all(word in one for one in says.values()), word)
    check("othername: UPN:" + upn + ", DNS:pc17.demo.example" in says["built"].replace("UPN::", "UPN:"), "openssl prints the names")
    check("E-mail Protection" in says["set"] and "TLS Web Server" not in says["set"], "the manager's usage alone")
    events = {e.value("R", "RequesterName"): e for e in played.runs[0].only(1)}
    built, changed = events["DEMO\\built"], events["DEMO\\set"]
    same(built.extensions, {"2.5.29.17": 0x20000, "2.5.29.14": 0x40000, "2.5.29.35": 0x20000, "2.5.29.15": 0x20001, "2.5.29.19": 0x20003,
            "2.5.29.37": 0x20000, "2.5.29.31": 0x40000, "1.3.6.1.5.5.7.1.1": 0x40000, "1.3.6.1.4.1.311.21.7": 0x20000,
            "1.3.6.1.4.1.311.21.10": 0x20000, "1.3.6.1.4.1.311.25.2": 0x20000}, "flags and origins")
    same([changed.extensions["1.2.3.4"], changed.extensions["2.5.29.37"]], [0x30001, 0x30000], "a manager's origin")
    same([changed.attributes["note"], built.value("C", "UserDN"), built.value("C", "UPN")],
            ["x", "CN=Alice,DC=demo,DC=example", upn], "attribute, UserDN, UPN")
    same([events["DEMO\\old"].value("C", "CertificateTemplate"), built.value("C", "CertificateTemplate")],
            ["Old", "1.3.6.1.4.1.311.21.8.9"], "CertificateTemplate")
    same([e.kind for e in played.runs[0].events], [1, 2, 1, 1, 1, 1, 2, 1, 1, 4, 0x40], "events: none for a change")

@test
def what_windows_writes_into_a_request_becomes_attributes():
    played = Played("windows", f'''start
{submit("a", "windows")}
{submit("b", "windows", 'attribute="CCM:called"')}
{submit("c", "hostile")}
stop''', "module StubProbe.Exit")
    got = [e.attributes for e in played.runs[0].only(1)]
    same(got[0], {"RequestOSVersion": "10.0.19045.2", "RequestCSPProvider": "Söftware KSP", "ccm": "pc17.demo.example",
            "CertificateTemplate": "User"}, "attributes")
    same({name.lower(): value for name, value in got[1].items()}["ccm"], "called", "the call's own")
    same(got[2], {"RequestOSVersion": "10.0 CertificateTemplate:Evil  x:y", "ccm": "a\ufffdb",
            "CertificateTemplate": "User"}, "hostile ones")
    same(set(played.runs[0].only(1)[0].value("R", "RequestAttributes").split("\n")), {"RequestOSVersion:10.0.19045.2",
            "RequestCSPProvider:Söftware KSP", "ccm:pc17.demo.example", "CertificateTemplate:User"}, "RequestAttributes")

@test
def an_archived_key_is_shown_where_interfaceflags_say_so():
    for name, flags, wanted in (("closed", "0x41", EMPTY), ("opened", "0x841", open(path("archived.bin"), "rb").read())):
        played = Played(name, f'''start
{submit("a", more=f"archived-key={path('archived.bin')}")}
{submit("b")}
recover a
recover b expect=refused
stop''', "module StubProbe.Exit", "interface-flags=" + flags)
        a, b = played.runs[0].only(1)
        same([a.value("R", "RawArchivedKey"), b.value("R", "RawArchivedKey")], [wanted, EMPTY], "RawArchivedKey")
        same([a.value("C", "KeyArchived"), b.value("C", "KeyArchived")], [1, 0], "KeyArchived")
        same(len(played.runs[0].events), 3, "events: none for a recovery")

@test
def a_property_can_be_given_any_answer():
    steps = [("", {}), ("property RequesterName value=\"Zoë\\x\"", {("R", "RequesterName"): "Zoë\\x"}),
        ("property disposition value=-7", {("R", "Disposition"): -7}),
        ("property CN of=certificate value=\"\"", {("C", "CommonName"): "", ("R", "CommonName"): "ec"}),
        ("property SubmittedWhen value=1999-12-31T12:00:00Z", {("R", "SubmittedWhen"): 36525.5}),
        ("property RawCertificate value=00ff00", {("C", "RawCertificate"): b"\0\xff\0"}),
        ("property RawRequest size=100001", {("R", "RawRequest"): b"\xa5" * 100001}),
        ("property UPN size=3", {("C", "UPN"): "xxx"}), ("property CertCount error=0x8007000e", {("C", "CertCount"): "8007000e"}),
        ("property SerialNumber error=0x80094004", {("C", "SerialNumber"): EMPTY}),
        ("property RequestID delay-ms=300", {("R", "RequestID"): 10})]
    lines = "\n".join(f"{step}\n{submit(f'a{n}')}" for n, (step, _) in enumerate(steps))
    played = Played("overrides", f"start\n{lines}\nproperty CN\nproperty Disposition\n{submit('last')}\nstop",
            "module StubProbe.Exit")
    events = played.runs[0].only(1)
    for number, (step, wanted) in enumerate(steps[:-1]):
        for question, answer in wanted.items():
            same(events[number].value(*question), answer, step)
            if number and answer != "ec": check(events[number - 1].value(*question) != answer, f"{step}: before it")
    same([events[-1].value(*q) for q in (("C", "CommonName"), ("R", "Disposition"), ("R", "RequesterName"))],
            ["ec", 20, "Zoë\\x"], "the truth again, of two")
    same(played.runs[0].only(0x40)[0].value("C", "CertCount"), "8007000e", "to the end")

@test
def an_answer_can_come_too_late():
    """Later than a call into a module may take: the stub CA ends, and says at which step."""
    played = Played("late", f"setting call-seconds=5\nstart\nproperty RawCACertificate delay-ms=20000\n{submit('a')}\nstop",
            "module StubProbe.Exit", code=2)
    check("Bail out! " in played.text and "late.scenario:8: StubProbe.Exit has not returned from Notify within 5 s" in played.text,
            played.text)

@test
def operations_can_be_played_on_many_threads():
    steps = [submit(f"a{n}", more="times=5") for n in range(12)] + [submit(f"b{n}", template="Slow",
            more="expect=pending") for n in range(4)]
    played = Played("together", "start\ntogether threads=16\n" + "\n".join(steps) + "\napart\ntogether threads=8\n"
            + "\n".join(f"revoke a{n}" for n in range(12)) + "\n" + "\n".join(f"approve b{n}" for n in range(4))
            + "\ncrl base\napart\nstop", "module StubProbe.Exit Mask=0x3f")
    events = played.runs[0].events
    counts = {kind: len(played.runs[0].only(kind)) for kind in (1, 2, 8, 0x20)}
    same(counts, {1: 64, 2: 4, 8: 12, 0x20: 1}, "events")
    ids = [e.value("R", "RequestID") for e in played.runs[0].only(1)]
    same(sorted(ids), list(range(1, 65)), "each request once")
    same(len({e.value("C", "SerialNumber") for e in played.runs[0].only(1)}), 64, "serial numbers")
    same(int(played.text.split("\n")[0][3:]), len(re.findall("^ok ", played.text, re.M)), "the plan")
    busiest = max(int(line.split("\t")[6]) for line in open(played.probe) if line.startswith("event\t"))
    check(busiest > 1, "no two events were told of at a time")

shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(WORK)
make_requests()
wine("regsvr32.exe", "/s", PROBE)
run_tests(finish=lambda: wine("regsvr32.exe", "/u", "/s", PROBE))
