#!/usr/bin/python3
"""The stub CA against rows and logs of real CAs that were published: wine/README.md, "What of the real CA is known".

The module is tests/modules/probe.c; one test has a module that is written in script. Judges are openssl and DER by hand.
"""
import sys; sys.path[0] += "/../lib"
import datetime, hashlib, os, re, shutil

from commands import finished, wine, windows
from machine import on_machine
from openssl import openssl
from probe import DLL, Played, found
from tap import check, run as run_tests, same, test

on_machine("stub")
WORK = "build/tests/stubca/seen"
EMPTY, NOT_FOUND = "80094004", "80070002"

def path(name): return f"{WORK}/{name}"

def make_request(name, subject, *more):
    openssl("req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", path(name + ".key"),
            "-subj", subject, "-out", path(name + ".csr"), *more)

def make_requests():
    make_request("plain", "/O=Demo/OU=Eins/OU=Zwei/CN=plain")
    make_request("keyed", "/CN=keyed", "-addext", "subjectKeyIdentifier=0102030405060708")
    make_request("asks", "/CN=asks", "-addext", "basicConstraints=critical,CA:true", "-addext", "subjectKeyIdentifier=hash")

def submit(name, more="", request="plain", template="User"):
    return f'submit {name} request={path(request)}.csr template={template} requester="DEMO\\{name}" {more}'.rstrip()

HEAD = '''ca "Seen CA" dns=ca01.demo.example out={out}
template User eku=clientAuth days=365
template Slow eku=serverAuth days=730 approval=manager oid=1.3.6.1.4.1.311.21.8.1.2.3
template Mail eku=emailProtection days=365 san=requester mail=on
template None2 days=9 published=off
'''

def play(name, steps, module="module StubProbe.Exit", head=HEAD, code=0, meanwhile=None):
    return Played(WORK, name, f"{head}{module}\n{steps}\n", code, meanwhile)

def date(days): return datetime.datetime(1899, 12, 30) + datetime.timedelta(seconds=round(days * 86400))

def openssl_certificate(file):
    der = openssl("x509", "-in", file, "-outform", "DER")
    return der, openssl("x509", "-in", file, "-noout", "-text").decode()

@test
def hashes_have_blanks_between_their_bytes_and_serial_numbers_have_none():
    """I-27, either way."""
    played = play("hashes", f"start\n{submit('a')}\nstop\nsetting hashes=plain\nstart\n{submit('b')}\nimport again file={{out}}/a.cer "
                  "expect=refused status=0x80092005\nimport once file={out}/b.cer expect=refused status=0x80092005\nstop")
    for run, name, gap in zip(played.runs, "ab", (" ", "")):
        event = run.only(1)[0]
        der, says = openssl_certificate(played.certificate(name))
        key = bytes.fromhex(re.search(r"Subject Key Identifier: *\n *([0-9A-F:]+)", says)[1].replace(":", ""))
        spell = lambda data: gap.join(f"{byte:02x}" for byte in data)
        same([event.certificate("CertificateHash"), event.certificate("SubjectKeyIdentifier")],
             [spell(hashlib.sha1(der).digest()), spell(key)], f"hashes of {name}")
        check(re.fullmatch("[0-9a-f]+", event.certificate("SerialNumber")), event.certificate("SerialNumber"))

@test
def extensions_have_the_origins_of_real_rows():
    played = play("origins", f"start\n{submit('plain')}\n{submit('keyed', request='keyed')}\n{submit('asks', request='asks')}\nstop")
    plain, keyed, asks = played.runs[0].only(1)
    same([e.extensions["2.5.29.35"] for e in (plain, keyed)], [0x20000, 0x20000], "authority key identifier: the policy's")
    same([e.extensions["2.5.29.14"] for e in (plain, keyed)], [0x40000, 0x10000], "subject key identifier: the request's, if it has one")
    same([keyed.values["2.5.29.14"], keyed.certificate("SubjectKeyIdentifier")], ["04080102030405060708", "01 02 03 04 05 06 07 08"], "as it is there")
    check("Key Identifier: \n                01:02:03:04:05:06:07:08\n" in openssl_certificate(played.certificate("keyed"))[1], "and in the certificate")
    same([plain.extensions["2.5.29.19"], plain.values["2.5.29.19"]], [0x20003, "3000"], "basic constraints: there, critical, disabled")
    same([asks.extensions["2.5.29.19"], asks.values["2.5.29.19"]], [0x10003, "30030101ff"], "those of a request stay as they were asked for")
    for name in "plain", "asks":
        check("Basic Constraints" not in openssl_certificate(played.certificate(name))[1], f"{name}: what is disabled stands in the certificate")

@test
def rows_without_a_certificate_have_names_and_dates():
    """I-28: seen of denied ones, inferred of pending ones."""
    steps = "\n".join([submit("aN", "expect=denied", template="None2"), submit("bN", "expect=pending", template="Slow"), "deny bN"])
    played = play("unissued", "start\n" + steps.replace("N ", "1 ").replace("bN", "b1") + "\nstop\nsetting unissued=denied\nstart\n"
                  + steps.replace("N ", "2 ").replace("bN", "b2") + "\nstop\nsetting unissued=bare\nstart\n"
                  + steps.replace("N ", "3 ").replace("bN", "b3") + "\nstop")
    for run, wanted in zip(played.runs, ((True, True, True), (True, False, True), (False, False, False))):
        events = [*run.only(4)[:1], *run.only(2), *run.only(4)[1:]]
        same([e.value("Disposition") for e in events], [31, 9, 31], "rows")
        for event, told, days in zip(events, wanted, (365, 730, 730)):
            got = [event.certificate(n) for n in ("CommonName", "OrgUnit", "Organization", "Country")]
            same(got, ["plain", "Eins\nZwei", "Demo", EMPTY] if told else [EMPTY] * 4, "names")
            same([event.certificate(n) for n in ("DistinguishedName", "RawName", "SerialNumber", "RawCertificate", "CertificateHash")], [EMPTY] * 5,
                 "what only a certificate has")
            if not told: same([event.certificate(n) for n in ("NotBefore", "NotAfter")], [EMPTY] * 2, "dates")
            else: check((date(event.certificate("NotAfter")) - date(event.certificate("NotBefore"))).days in (days, 365), "dates")

@test
def dispositionmessage_has_the_words_of_real_rows():
    """I-29. Two blanks part what is said of one row."""
    played = play("messages", f'''start
{submit("a")}
{submit("b", "expect=pending", template="Slow")}
approve b by="DEMO\\olga"
{submit("c", "expect=denied", template="None2")}
submit d request={path("plain")}.csr requester="DEMO\\d" expect=denied status=0x80094801
{submit("e", "expect=pending", template="Slow")}
deny e by="DEMO\\olga"
approve e by="DEMO\\otto"
template Slow days=730 approval=manager oid=1.3.6.1.4.1.311.21.8.1.2.3 published=off
{submit("f", "expect=denied", template="Slow")}
approve f by="DEMO\\olga" expect=denied
template Slow days=730 approval=manager oid=1.3.6.1.4.1.311.21.8.1.2.3
approve f by="DEMO\\olga"
stop
setting denied-message=plain
start
{submit("g", "expect=denied", template="None2")}
stop''')
    unsupported = "Denied by Policy Module  0x80094800, The request was for a certificate template that is not supported by the Active Directory Certificate Services policy: "
    no_template = "Denied by Policy Module  0x80094801, The request does not contain a certificate template extension or the CertificateTemplate request attribute."
    same([e.value("DispositionMessage") for e in played.runs[0].events[:-1]],
         ["Issued", "Taken Under Submission", "Issued  Resubmitted by DEMO\\olga", unsupported + "None2.", no_template, "Taken Under Submission",
          "Denied by DEMO\\olga", "Issued  Resubmitted by DEMO\\otto", unsupported + "Slow.", unsupported + "Slow.  Resubmitted by DEMO\\olga",
          "Issued  Resubmitted by DEMO\\olga"], "messages")
    same([e.kind for e in played.runs[0].events[:-1]], [1, 2, 1, 4, 4, 2, 4, 1, 4, 4, 1], "events: a denied request is issued when it is resubmitted")
    same(played.runs[1].events[0].value("DispositionMessage"), "Denied by Policy Module", "the plain one")

@test
def a_certificate_can_be_issued_with_a_warning():
    """I-30."""
    played = play("warned", f'''start
{submit("a", 'dn="CN=Alice,DC=demo" upn=alice@demo.example', template="Mail")}
{submit("b", "mail=bob@demo.example upn=bob@demo.example", template="Mail")}
stop
setting warning-status=told
start
{submit("c", "status=0x80094004", template="Mail")}
stop''')
    a, b = played.runs[0].only(1)
    said = "Issued  0x80094004, The Enrollee ({}) has no E-Mail name registered in the Active Directory.  The E-Mail name will not be included in the certificate.\r\n"
    same([e.value("DispositionMessage") for e in (a, b, played.runs[1].only(1)[0])], [said.format("CN=Alice,DC=demo"), "Issued", said.format("DEMO\\c")], "messages")
    same([e.value(n) for e in (a, b, played.runs[1].only(1)[0]) for n in ("Disposition", "StatusCode")], [20, 0, 20, 0, 20, 0x80094004 - (1 << 32)], "rows")
    check("email:bob@demo.example" in openssl_certificate(played.certificate("b"))[1], "an address that is known")
    says = openssl_certificate(played.certificate("a"))[1]
    check("UPN:alice@demo.example" in says.replace("UPN::", "UPN:") and "email:" not in says, says)

@test
def requesttype_has_the_bit_of_a_full_response_or_has_not():
    """I-31: both were seen."""
    played = play("types", f"start\n{submit('a')}\nstop\nsetting request-type=bare\nstart\n{submit('b')}\nstop")
    same([run.only(1)[0].value("RequestType") for run in played.runs], [0x40100, 0x100], "RequestType")

@test
def a_base_crl_brings_a_delta_crl_for_every_key_where_there_are_delta_crls():
    steps = f"start\n{submit('a')}\nstop\nrenew new-key\nstart\n{submit('b')}\nrevoke a\ncrl base\nrevoke b\ncrl delta\nstop"
    ask = 'module StubProbe.Exit Ask="RawCRL.0:B RawCRL.1:B RawDeltaCRL.0:B RawDeltaCRL.1:B"'
    played = play("both", steps, ask)
    first, second = played.runs[1].only(0x20)
    def read(der, ca):
        says = openssl("crl", "-inform", "DER", "-CAfile", f"{played.out}/{ca}.cer", "-noout", "-text", data=der).decode()
        number = lambda words: (re.search(words + r":[^\n]*\n +(?:0x)?([0-9A-F]+)", says) or [None, None])[1]
        return number("CRL Number"), number("Delta CRL Indicator"), says.count("Serial Number:")
    for event, base, deltas in (first, [("1", None, 1), ("1", None, 0)], [("1", "1", 0), ("1", "1", 0)]), \
                               (second, [("1", None, 1), ("1", None, 0)], [("2", "1", 0), ("2", "1", 1)]):
        for key, ca in enumerate(("ca", "ca(1)")):
            same(read(event.certificate(f"RawCRL.{key}"), ca), base[key], f"base CRL of key {key}")
            same(read(event.certificate(f"RawDeltaCRL.{key}"), ca), deltas[key], f"delta CRL of key {key}")
    same(sorted(f for f in os.listdir(played.out) if f.endswith(".crl")), ["base(1).crl", "base.crl", "delta(1).crl", "delta.crl"], "files")
    played = play("bases", steps.replace("crl delta", "crl delta expect=refused"), ask, HEAD.replace("out={out}", "out={out} deltas=off"))
    same([e.certificate(f"RawDeltaCRL.{key}") for e in played.runs[1].only(0x20) for key in (0, 1)], [NOT_FOUND] * 2, "a CA without delta CRLs")
    same(sorted(f for f in os.listdir(played.out) if f.endswith(".crl")), ["base(1).crl", "base.crl"], "its files")

SCRIPT = r'''<?xml version="1.0"?>
<component>
<registration progid="StubScript.Exit" classid="{6f1d3c0a-5b7e-4d5e-9a55-0a4b7e2f1c18}" description="A module in script" version="1.00"></registration>
<public>
<method name="Initialize"><parameter name="config"></parameter></method>
<method name="Notify"><parameter name="what"></parameter><parameter name="context"></parameter></method>
<method name="GetDescription"></method>
</public>
<script language="VBScript"><![CDATA[
Sub Say(text)
  Dim file
  Set file = CreateObject("Scripting.FileSystemObject").OpenTextFile("SAID", 8, True)
  file.WriteLine text
  file.Close
End Sub
Function Initialize(config)
  Say "Initialize " & config & " " & CreateObject("CertificateAuthority.ServerExit").GetCertificateProperty("CAType", 1)
  Initialize = &H41
End Function
Function Notify(what, context)
  Dim server
  Set server = CreateObject("CertificateAuthority.ServerExit")
  server.SetContext context
  If what = 1 Then
    Say "Notify 1 " & server.GetRequestProperty("RequestID", 1) & " " & server.GetRequestAttribute("CertificateTemplate") & " " & server.GetCertificateProperty("CertificateHash", 4)
  Else
    Say "Notify " & what
  End If
End Function
Function GetDescription()
  GetDescription = "A module in script"
End Function
]]></script>
</component>
'''

@test
def a_module_in_script_finds_the_callback_object_by_its_progid():
    said, file = path("said.txt"), windows(path("module.wsc"))
    open(path("module.wsc"), "w").write(SCRIPT.replace("SAID", said.replace("/", "\\")))
    if os.path.exists(said): os.remove(said)
    same(wine("regsvr32.exe", "/s", "/n", "/i:" + file, "scrobj.dll")[0], 0, "exit code of regsvr32")
    try: played = play("script", f"start\n{submit('a')}\nstop", "module StubScript.Exit")
    finally: wine("regsvr32.exe", "/u", "/s", "/n", "/i:" + file, "scrobj.dll")
    der, _ = openssl_certificate(played.certificate("a"))
    same(open(said).read().splitlines(), ["Initialize Seen CA 0", "Notify 1 1 User " + hashlib.sha1(der).digest().hex(" "), "Notify 64"], "what it saw")
    check('# StubScript.Exit: "A module in script", wants events 0x41, is called by name' in played.text, played.text)

@test
def the_folder_certenroll_is_there_while_the_ca_runs_and_gone_afterwards():
    there = os.path.join(os.environ["WINEPREFIX"], "drive_c/windows/system32/CertSrv")
    shutil.rmtree(there, ignore_errors=True)
    script = path("look.wsc")
    open(script, "w").write(SCRIPT.replace("SAID", path("looked.txt").replace("/", "\\")).replace('Initialize = &H41',
        'Say "CertEnroll " & CInt(CreateObject("Scripting.FileSystemObject").FolderExists("C:\\windows\\system32\\CertSrv\\CertEnroll"))\n  Initialize = &H41'))
    if os.path.exists(path("looked.txt")): os.remove(path("looked.txt"))
    wine("regsvr32.exe", "/s", "/n", "/i:" + windows(script), "scrobj.dll")
    try:
        play("looks", "start\nstop", "module StubScript.Exit")
        check(not os.path.exists(there), "the folder is left behind")
        os.makedirs(there + "/CertEnroll")
        open(there + "/CertEnroll/kept.txt", "w").close()
        play("looks", "start\nstop", "module StubScript.Exit")
        same(os.listdir(there + "/CertEnroll"), ["kept.txt"], "what somebody has put there stays")
    finally:
        wine("regsvr32.exe", "/u", "/s", "/n", "/i:" + windows(script), "scrobj.dll")
        shutil.rmtree(there, ignore_errors=True)
    same([line for line in open(path("looked.txt")).read().splitlines() if "CertEnroll" in line], ["CertEnroll -1"] * 2, "the folder at Initialize, -1 for yes")

@test
def the_ca_publishes_its_certificates_and_crls_in_certenroll_by_the_names_of_microsofts_default_locations():
    """%1_%3%4.crt and %3%8%9.crl; cert-enroll=off turns it off."""
    there = os.path.join(os.environ["WINEPREFIX"], "drive_c/windows/system32/CertSrv/CertEnroll")
    shutil.rmtree(os.path.dirname(there), ignore_errors=True)
    moments, moments_of = {}, ["first", "crl", "renewed", "second"]
    def look(out):
        for moment in moments_of:
            found(f"{out}/{moment}.cer")
            moments[moment] = {name: open(os.path.join(there, name), "rb").read() for name in sorted(os.listdir(there))}
            open(path(moment + ".ready"), "w").close()
    wait = lambda moment: f"{submit(moment)}\nfile {path(moment + '.ready')} within-ms=60000"
    played = Played(WORK, "enroll", HEAD.replace("Seen CA", "Seen & CA") + f'''module StubProbe.Exit
start
{wait("first")}
revoke first
crl base
{wait("crl")}
stop
renew new-key
start
{wait("renewed")}
crl base
{wait("second")}
stop
''', 0, look)
    moments_of[:] = ["off"]
    play("off", f"start\ncrl base\n{wait('off')}\nstop", head=HEAD.replace("dns=", "cert-enroll=off dns="), meanwhile=look)
    ca, zero, one = "ca01.demo.example_Seen !0026 CA", ["Seen !0026 CA+.crl", "Seen !0026 CA.crl"], ["Seen !0026 CA(1)+.crl", "Seen !0026 CA(1).crl"]
    same({moment: sorted(names) for moment, names in moments.items()},
         {"first": [f"{ca}.crt"], "crl": sorted([*zero, f"{ca}.crt"]), "renewed": sorted([*zero, f"{ca}.crt", f"{ca}(1).crt"]),
          "second": sorted([*zero, *one, f"{ca}.crt", f"{ca}(1).crt"]), "off": []}, "what is there, moment by moment")
    check(not os.path.exists(os.path.dirname(there)), "something is left behind")
    write = lambda file, data: open(path(file), "wb").write(data)
    last = moments["second"]
    for suffix in "", "(1)":
        write("ca.crt", last[f"{ca}{suffix}.crt"])
        same(openssl("x509", "-in", f"{played.out}/ca{suffix}.cer", "-outform", "DER"), last[f"{ca}{suffix}.crt"], f"the certificate {suffix}")
        for delta in "", "+":
            write("ca.crl", last[f"Seen !0026 CA{suffix}{delta}.crl"])
            says = openssl("crl", "-inform", "DER", "-in", path("ca.crl"), "-noout", "-text").decode()
            same("Delta CRL Indicator" in says, delta == "+", f"a delta CRL: {suffix}{delta}")
            openssl("x509", "-inform", "DER", "-in", path("ca.crt"), "-out", path("ca.pem"))
            done = finished("openssl", "crl", "-inform", "DER", "-in", path("ca.crl"), "-noout", "-CAfile", path("ca.pem"))
            check(b"verify OK" in done.stdout + done.stderr, f"openssl: {suffix}{delta}: {done.stderr.decode()}")
    serial = openssl("x509", "-in", played.certificate("first"), "-noout", "-serial").decode().strip().split("=")[1]
    write("ca.crl", last["Seen !0026 CA.crl"])
    check(serial in openssl("crl", "-inform", "DER", "-in", path("ca.crl"), "-noout", "-text").decode(), "the revoked certificate is not in the base CRL")
    check(moments["crl"]["Seen !0026 CA.crl"] != last["Seen !0026 CA.crl"], "the next CRL took the place of the one before")

shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(WORK)
make_requests()
wine("regsvr32.exe", "/s", DLL)
run_tests(finish=lambda: wine("regsvr32.exe", "/u", "/s", DLL))
