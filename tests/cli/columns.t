#!/usr/bin/python3
"""Whom a certificate stands for, its template's name, and who asked for it: in the columns of `certwitness show`, in its CSV, and in the index of
`export`. The journals are made here from the prose; the certificates are openssl's or made byte by byte, and openssl says what is in them."""
import sys; sys.path[0] += "/../lib"
import base64, csv, io, json, os, re, shutil, subprocess, tempfile, unicodedata

import chains
from chains import hash_of, line, write
from forms import *
from openssl import openssl
from tap import run as run_tests, same, check, test

PROGRAM = os.path.abspath("build/native/src/cli/certwitness")
ROOT = tempfile.mkdtemp()
WEB = "1.3.6.1.4.1.311.21.8.11111111.2222222.3333333.4444444.55555555.66.7777777.8888881"
VPN = WEB[:-1] + "2"
COLUMNS = ("sequence time event request requester caller subject identity upn sid san template serial notBefore notAfter eku key algorithm flags "
           "detail unverified hash").split()
FORMULA = "=cmd|'/c calc'!A1"
ODD = "a,b\"c\"\nd\re\u202ef;=1+1\tg"
SID = "S-1-5-21-1004336348-1177238915-682003330-1105"

def run(*words, code=0, columns=None):
    env = {**os.environ, "TZ": "UTC"}
    env.pop("COLUMNS", None)
    if columns: env["COLUMNS"] = str(columns)
    done = subprocess.run([PROGRAM, *words], capture_output=True, stdin=subprocess.DEVNULL, env=env)
    assert done.returncode == code, (words, done.returncode, done.stderr.decode())
    return done.stdout, done.stderr.decode()

def show(*words, **how): return run("show", *words, **how)[0].decode()
def cells(*words): return list(csv.DictReader(io.StringIO(run("show", *words, "--csv")[0].decode("utf-8-sig"), newline="")))
def width(text): return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)

def event(id, certificate=None, request=None, requester="CORP\\alice", caller=None, template=None, asks=None, kind="certificate.issued", flags=None):
    data = {"event": 1, "context": id, "request": {"RequestID": id, "RequesterName": requester, "CallerName": caller or requester}, "certificate": {}, "missing": []}
    if asks is not None: data["request"]["RequestAttributes"] = f"CertificateTemplate:{asks}\nccm:pc17"
    if flags is not None: data["request"]["RequestFlags"] = flags
    if request: data["request"]["RawRequest"] = base64.b64encode(request).decode()
    if certificate: data["certificate"]["RawCertificate"] = base64.b64encode(certificate).decode()
    if template: data["certificate"]["CertificateTemplate"] = template
    return kind, f'"subject":"request/{id}",', data

def journal(label, events):
    lines, previous = [], "0" * 64
    for n, (kind, subject, data) in enumerate(events, 1):
        lines.append(line(n, previous, type=kind, subject=subject, data=json.dumps(data, separators=(",", ":"))))
        previous = hash_of(lines[-1])
    write(os.path.join(ROOT, label), {chains.name(1): b"".join(lines)})
    return os.path.join(ROOT, label)

def template_information(dotted): return ext(MS + "21.7", seq(oid(dotted), integer(100), integer(3)))
def certificate_of(*extensions, **more): return certificate(extensions=extensions, **more)
def purposes(*oids): return ext("2.5.29.37", seq(*[oid(each) for each in oids]))
def uri(text): return tlv(0x86, text.encode())

# --- one journal of many kinds: certificates of openssl's, and byte by byte ---
def by_openssl(subject, names, *key):
    conf = os.path.join(ROOT, "conf")
    with open(conf, "w") as out:
        out.write("[req]\ndistinguished_name=dn\nx509_extensions=e\n[dn]\n[e]\n"
                  f"subjectAltName={names}\nextendedKeyUsage=clientAuth,serverAuth,1.2.3.4.5\n")
    openssl("req", "-x509", "-new", "-nodes", *key, "-keyout", "/dev/null", "-config", conf, "-subj", subject, "-days", "30", "-out", os.path.join(ROOT, "pem"))
    return openssl("x509", "-in", os.path.join(ROOT, "pem"), "-outform", "der")

RSA_OF_OPENSSL = by_openssl("/CN=www", "DNS:www.corp.example,DNS:alt.corp.example,IP:192.0.2.7,IP:2001:db8::17,email:a@corp.example,URI:http://x/",
                            "-newkey", "rsa:2048", "-sha256")
EC_OF_OPENSSL = by_openssl("/CN=alice", "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:alice@corp.example,DNS:pc.corp.example", "-newkey", "ec",
                           "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384")
MANY = certificate_of(san(*[dns(f"host{n}.corp.example") for n in range(5000)]), template_information(WEB))
EVIL = certificate_of(san(upn(FORMULA), upn(ODD), dns("x, UPN:admin@corp")), template_information(WEB), subject=cn(FORMULA))
LONG = certificate_of(san(dns("l" * 60000), upn("\u65e5" * 20000)))
ALL = [
    event(1, RSA_OF_OPENSSL, template=WEB, asks="WebServer2"),
    event(2, EC_OF_OPENSSL, template=VPN, asks="VpnClient", caller="CORP\\desk1", flags=0x10),
    event(3, certificate_of(sid(SID), template_information(WEB)), requester="corp\\ALICE", caller="CORP\\alice"),
    event(4, certificate_of(san(uri("tag:microsoft.com,2022-09-14:sid:" + SID), dns("pc")))),
    event(5, MANY, asks="WebServer2"), event(6, EVIL, requester=FORMULA, caller=ODD, asks="@x"), event(7, LONG),
    event(8, None, request(cn("asked"), asks(san(upn("bob@corp.example")), sid(SID))), kind="certificate.denied", asks="VpnClient"),
    ("crl.issued", "", {"event": 32, "context": 0, "ca": {"keys": []}, "missing": []}),
]
JOURNAL = journal("all", ALL)

@test
def eighty_columns_and_a_pipe_have_the_columns_that_they_had():
    assert show(JOURNAL, columns=80).split("\n")[0].split() == ["UTC", "EVENT", "REQUEST", "REQUESTER", "SUBJECT"]
    assert show(JOURNAL, columns=119).split("\n")[0].split() == ["TIME", "(UTC)", "EVENT", "REQUEST", "REQUESTER", "SUBJECT"]
    assert show(JOURNAL).split("\n")[0].split() == ["TIME", "(UTC)", "EVENT", "REQUEST", "REQUESTER", "SUBJECT"]

@test
def a_wide_terminal_has_whom_the_certificate_stands_for_and_a_wider_one_the_template_by_name():
    head, *rows = show(JOURNAL, columns=120).split("\n")
    at = head.index("IDENTITY")
    same([row[at:].split(" ")[0] for row in rows[:5]], ["www.corp.example", "alice@corp.example", "\u2026" + SID[-23:], "pc", "host0.corp.example"])
    check("TEMPLATE" not in head, head)
    head, *rows = show(JOURNAL, columns=150).split("\n")
    at = head.index("TEMPLATE")
    same([row[at:].split(" ")[0] for row in rows[:3]], ["WebServer2", "VpnClient", "WebServer2"])
    same(rows[7][at:].split(" ")[0], "VpnClient", "the template that a denied request asked for")
    for columns in (120, 130, 150, 200):
        for row in show(JOURNAL, columns=columns).split("\n"): check(width(row) <= columns and row.isprintable(), (columns, row))

@test
def an_oid_without_a_name_shows_its_end_where_it_is_cut():
    rows = show(journal("nameless", [event(1, template=WEB), event(2, template=VPN)]), columns=150).split("\n")
    assert "8888881 " in rows[1] + " " and "8888882 " in rows[2] + " ", rows

@test
def who_asked_is_told_where_it_is_not_the_requester_in_any_case():
    rows = show(JOURNAL).split("\n")[1:]
    assert rows[1].endswith("CN=alice (by CORP\\desk1)"), rows[1]
    assert "(by" not in rows[0] + rows[2] + rows[3], rows[:4]
    assert "(by CORP\\desk1)" in show(JOURNAL, columns=100) and "desk1" not in show(JOURNAL, columns=99)
    denied = journal("denied by", [event(1, requester="CORP\\a", caller="CORP\\b", kind="certificate.denied")])
    assert show(denied).split("\n")[1].endswith("(by CORP\\b)")
    data = {"StatusCode": -2146877420, "Disposition": 30, "RequestID": 1, "RequesterName": "CORP\\a", "CallerName": "CORP\\b"}
    both = journal("both", [("certificate.denied", '"subject":"request/1",', {"event": 4, "context": 1, "request": data, "missing": []})])
    assert show(both).split("\n")[1].endswith("(by CORP\\b: admin denied request)"), show(both)

@test
def chosen_columns_come_in_their_order_and_fit_the_terminal():
    out = show(JOURNAL, "--columns", "template, REQUEST,identity", "--columns=key")
    assert out.split("\n")[0].split() == ["TEMPLATE", "REQUEST", "IDENTITY", "KEY"]
    first = out.split("\n")[1]
    assert re.fullmatch(re.escape(f"WebServer2 ({WEB}) 1       www.corp.example (+5) RSA 2048"), first), first
    for columns in (60, 80, 133):
        for row in show(JOURNAL, "--columns", "time,requester,san,template", columns=columns).split("\n"): check(width(row) <= columns, (columns, row))

@test
def a_column_that_there_is_not_gets_the_one_that_was_meant_and_the_list():
    out, said = run("show", JOURNAL, "--columns", "time,requestor", code=2)
    assert not out and '"requestor". Did you mean "requester"?' in said and ", ".join(COLUMNS) in said, said
    for list in ("", ",", "time,,san", "x" * 5000, "time," * 40 + "san", "\x1b[31m"):
        out, said = run("show", JOURNAL, "--columns", list, code=2)
        assert not out and len(said) < 700 and "\x1b" not in said, (list, said)
    for other in ("--json", "--full"):
        for what in (["--csv"], ["--columns", "time"]): assert "one of the two" in run("show", JOURNAL, *what, other, code=2)[1]

@test
def the_csv_is_what_python_reads_with_all_columns_or_those_that_were_chosen():
    found = cells(JOURNAL)
    assert list(found[0]) == COLUMNS and len(found) == len(ALL), (list(found[0]), len(found))
    same([row["time"] for row in found], ["2026-11-21T10:00:00.123Z"] * len(ALL))
    same([row["event"] for row in found], [kind for kind, _, _ in ALL])
    same([row["request"] for row in found], ["1", "2", "3", "4", "5", "6", "7", "8", ""])
    assert found[8]["detail"] == "no CRL has changed", found[8]
    same(found[1]["flags"].split(" ")[0], "0x10")
    same([list(row.values()) for row in cells(JOURNAL, "--columns", "sid,request", "--request", "3")], [[SID, "3"]])
    same(show(JOURNAL, "--csv", "--request", "999").split("\r\n")[1:], [""], "a CSV of nothing")

@test
def the_csv_says_of_a_certificate_what_openssl_says():
    found = cells(JOURNAL)
    for row, der in (found[0], RSA_OF_OPENSSL), (found[1], EC_OF_OPENSSL):
        def ask(*what): return openssl("x509", "-inform", "der", "-noout", *what, data=der).decode()
        same(row["serial"].lstrip("0").upper(), ask("-serial").strip().split("=")[1].lstrip("0"))
        dates = ask("-startdate", "-enddate", "-dateopt", "iso_8601").splitlines()
        same([row["notBefore"], row["notAfter"]], [date.split("=")[1].replace(" ", "T") for date in dates])
        said = ask("-ext", "subjectAltName").split("\n")[1].strip()
        said = said.replace("othername: UPN::", "UPN:").replace("othername:UPN:", "UPN:").replace("IP Address:", "IP:")
        same(row["san"].lower(), said.lower(), "the alternative names")
        assert re.findall(r"\(([\d.]+)\)", row["eku"]) == ["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"] and row["eku"].endswith(", 1.2.3.4.5"), row["eku"]
    same([row["key"] for row in found[:2]], ["RSA 2048", "P-384"])
    assert "Public-Key: (2048 bit)" in openssl("x509", "-inform", "der", "-noout", "-text", data=RSA_OF_OPENSSL).decode()
    same([row["algorithm"].lower() for row in found[:2]], ["sha256rsa", "sha384ecdsa"])
    same([row["upn"] for row in found[:3]], ["", "alice@corp.example", ""])
    same([row["sid"] for row in found[2:4]], [SID, SID])
    same([found[7][column] for column in ("subject", "identity", "upn", "sid")], ["CN=asked", "bob@corp.example", "bob@corp.example", SID], "a request's")

@test
def no_name_hides_behind_one_that_cannot_be_read_or_in_another_extension():
    bad, admin = tlv(0x88), upn("admin@corp.example")
    folder = journal("hiding", [event(1, None, request(cn("a"), asks(san(dns("pc"), bad, admin))), kind="certificate.pending"),
                                event(2, None, request(cn("a"), asks(san(bad, admin))), kind="certificate.pending"),
                                event(3, None, request(cn("a"), raw=tlv(0xa0, asks(san(dns("pc"))), asks(san(admin)))), kind="certificate.pending"),
                                event(4, certificate_of(san(dns("pc")), san(bad), san(admin))), event(5, certificate_of(san())), event(6, certificate_of(tlv(0x30, oid("2.5.29.17"), octets(b""))))])
    same([(row["identity"], row["upn"], row["san"]) for row in cells(folder)],
         [("pc (+?)", "", "DNS:pc, (not readable)"), ("?", "", "(not readable)"), ("admin@corp.example (+1)", "admin@corp.example", "DNS:pc, UPN:admin@corp.example"),
          ("admin@corp.example (+?)", "admin@corp.example", "DNS:pc, UPN:admin@corp.example, (not readable)"), ("", "", ""), ("?", "", "(not readable)")])
    same([row["request"] for row in cells(folder, "--subject", "admin@corp.example")], ["3", "4"])

@test
def a_upn_that_is_text_of_another_type_is_a_upn_and_one_that_is_none_is_said_to_be_unread():
    def upn_of(value): return tlv(0xa0, oid(MS + "20.2.3"), tlv(0xa0, value))
    admin = "admin@corp.example"
    folder = journal("upns", [event(n, certificate_of(san(dns("pc"), upn_of(value)))) for n, value in enumerate((ia5(admin), bmp(admin), seq(utf8(admin))), 1)])
    same([(row["identity"], row["upn"], row["san"]) for row in cells(folder)],
         2 * [(admin + " (+1)", admin, "DNS:pc, UPN:" + admin)] + [("pc (+?)", "", f"DNS:pc, other:{MS}20.2.3, (not readable)")])
    same([row["request"] for row in cells(folder, "--subject", admin)], ["1", "2"])

def no_formula(value):
    for cell in re.split("[,;\"|\t\n\r]", value): check(not cell.strip(" ").startswith(tuple("=+-@")), f"a formula: {value!r}")

@test
def nothing_in_the_csv_is_a_formula_or_steers_a_terminal_and_no_cell_is_too_long_for_a_spreadsheet():
    raw = run("show", JOURNAL, "--csv")[0]
    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\n") == raw.count(b"\r\n") == len(ALL) + 1
    for row in cells(JOURNAL):
        for column, value in row.items():
            no_formula(value)
            check(value.isprintable(), repr(value)[:200])
            if column in ("san", "identity", "upn", "sid", "eku", "template"): check(len(value) < 32767, (column, len(value)))
    evil = cells(JOURNAL)[5]
    assert evil["requester"] == "'" + FORMULA, evil["requester"]
    assert "\\u{202e}" in evil["san"] and "x\\, UPN:admin@corp" in evil["san"], evil["san"]

@test
def of_thousands_of_names_a_hundred_are_shown_and_the_rest_is_counted():
    many, long = cells(JOURNAL)[4], cells(JOURNAL)[6]
    names = many["san"].split(", ")
    assert names[:100] == [f"DNS:host{n}.corp.example" for n in range(100)] and names[100:] == ["and 4900 more"], names[98:]
    same(many["identity"], "host0.corp.example (+4999)")
    assert len(long["san"].encode()) < 600 and long["san"].startswith("DNS:llll") and long["upn"].endswith("\u65e5..."), long["san"]

@test
def a_renewal_has_the_subject_of_the_request_within_or_of_what_it_renews():
    old = certificate(subject=cn("old"), extensions=[san(dns("old.corp.example"))])
    def renewal(subject): return cms(DATA, request(subject, attribute(MS + "13.1", old)), [signer(cn("ca"), 0x51)], [old], version=1)
    folder = journal("renewals", [event(1, None, renewal(cn("within")), kind="certificate.pending"),
                                  event(2, None, renewal(name_of_nothing), kind="certificate.pending")])
    same([row["subject"] for row in cells(folder)], ["CN=within", "CN=old"])

name_of_nothing = seq()

# --- templates ---
def known(events, label): return [row["template"] for row in cells(journal(label, events))]

@test
def a_template_is_called_what_requests_called_it_from_the_first_of_them_on():
    same(known([event(1, template=WEB), event(2, template=WEB, asks="Web"), event(3, template=WEB), event(4, template=VPN)], "order"),
         [WEB, f"Web ({WEB})", f"Web ({WEB})", VPN])

@test
def the_template_of_the_certificate_counts_as_what_the_ca_told():
    same(known([event(1, certificate_of(template_information(WEB)), asks="Web")], "extension"), [f"Web ({WEB})"])

@test
def a_name_that_few_requests_used_does_not_take_the_place_of_the_one_that_most_used():
    lies = [event(100 + n, template=WEB, asks=f"Lie{n}") for n in range(30)]
    good = [event(n, template=WEB, asks="web" if n % 2 else "Web") for n in range(20)]
    same(known(good + lies, "lies")[-1], f"Web ({WEB})")
    mixed = [each for pair in zip(lies, good, good, good) for each in pair]
    same(known(mixed, "mixed")[-1], f"Web ({WEB})")
    same(known(lies[:4] + good[::2][:3], "lies first")[-1], f"Web ({WEB})")

@test
def what_no_template_is_called_is_no_name():
    for n, bad in enumerate(("1.2.3.4", "\u202eevil", "a\x1b[31m", "x" * 65, "zero\u200bwidth", " ")):
        same(known([event(1, template=WEB, asks=bad)], f"bad{n}"), [WEB], bad)
    same(known([event(1, template=WEB, asks="n" * 64), event(2, template="User", asks="Other")], "long"), [f"{'n' * 64} ({WEB})", "User"])

@test
def thousands_of_templates_take_bounded_memory_and_those_beyond_have_no_name():
    found = known([event(n, template=f"1.2.3.{n}", asks=f"T{n}") for n in range(1500)], "thousands")
    same(found[:2] + found[1022:1026], [f"T{n} (1.2.3.{n})" for n in (0, 1, 1022, 1023)] + ["1.2.3.1024", "1.2.3.1025"])

@test
def every_command_names_the_template():
    folder = journal("every", [event(1, certificate_of(template_information(WEB)), template=WEB, asks="Web"), event(2, template=WEB), event(3, template=VPN)])
    full = show(folder, "--full")
    assert full.count(f"  Template: Web ({WEB})\n") >= 3 and f"Template: {VPN}\n" in full, full
    decoded = json.loads(show(folder, "--json", "--full", "--request", "1").split("\n")[0])["decoded"]
    assert decoded["template"] == WEB and decoded["templateKnownAs"] == "Web", decoded
    shown = run("cert", "--sequence", "1", folder)[0].decode()
    assert f"Template: Web ({WEB})" in shown, shown
    told = run("stats", folder)[0].decode()
    assert re.search(r"^  Web \(\u2026[\d.]*8888881\) +2 ", told, re.M) and re.search(r"^  \u2026[\d.]+8888882 +1 ", told, re.M), told
    rows = json.loads(run("stats", folder, "--json")[0])["templates"]["rows"]
    same([(row["template"], row.get("templateKnownAs")) for row in rows], [(WEB, "Web"), (VPN, None)])
    run("export", folder, "--out", os.path.join(ROOT, "every-out"))
    index = json.load(open(os.path.join(ROOT, "every-out", "index.json")))
    same([row["template"] for row in index], [f"Web ({WEB})"])

@test
def stats_names_templates_by_what_comes_later_too():
    told = run("stats", journal("later", [event(1, template=WEB), event(2, template=WEB, asks="Web")]), "--json")[0]
    same(json.loads(told)["templates"]["rows"][0]["templateKnownAs"], "Web")

@test
def the_last_events_are_named_by_all_of_them_and_events_that_do_not_fit_name_nothing():
    folder = journal("last", [event(1, template=WEB), event(2, template=WEB), event(3, template=WEB, asks="Web")])
    same([row["template"] for row in cells(folder, "--last", "2")], [f"Web ({WEB})"] * 2)
    same([row["template"] for row in cells(folder, "--last", "2", "--request", "1-2")], [WEB] * 2)

# --- the index ---
@test
def the_index_of_an_export_says_whom_what_for_how_strong_and_who_asked():
    run("export", JOURNAL, "--out", os.path.join(ROOT, "out"))
    index = json.load(open(os.path.join(ROOT, "out", "index.json")))
    shown = {row["request"]: row for row in cells(JOURNAL)}
    with open(os.path.join(ROOT, "out", "index.csv"), encoding="utf-8-sig", newline="") as file: found = list(csv.DictReader(file))
    assert len(found) == len(index) == 8
    for row, exact in zip(found, index):
        theirs = shown[row["request"]]
        for ours, other in ("caller", "caller"), ("flags", "flags"), ("san", "san"), ("upn", "upn"), ("sid", "sid"), ("eku", "eku"), ("publicKey", "key"), ("algorithm", "algorithm"):
            check(row[ours] == theirs[other], f"{ours} of {row['request']}: {row[ours]!r}, {theirs[other]!r}")
            no_formula(row[ours])
        same(row["template"], theirs["template"], f"the template of {row['request']}")
        no_formula(row["template"])
    same(index[1]["caller"], "CORP\\desk1")
    same(index[5]["upn"], FORMULA, "in JSON it is exact")
    same(index[1]["flags"].split()[0], "0x10")
    same([index[7][column] for column in ("item", "upn", "sid", "publicKey", "template")], ["request", "bob@corp.example", SID, "RSA 2048", "VpnClient"])

run_tests(finish=lambda: shutil.rmtree(ROOT))
