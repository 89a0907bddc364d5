#!/usr/bin/python3
"""The real host's dry run: the whole day against a pretended Windows, which checks each command line by the documented syntax, and answers in the forms
that real tools were seen to print, in three languages. No Windows has run it: this proves parsing, order and syntax, and nothing of a CA."""
import sys; sys.path.insert(0, sys.path[0] + "/../lib")
import base64, calendar, json, os, re, shutil, time

import tools
from case_requests import make_requests
from judge import judge
from openssl import openssl
from performance import table
from real_host import NotCarriedOut, RealHost, sanitized
from real_probe import PROBES, ProbeHost
from story import CA, DAY
from tap import check, run as run_tests, same, test
from tools_syntax import RECORDED, Wrong, checked

WORK = "build/tmp/real_host"
READERS = {**{name: getattr(tools, name) for name in ("request_id", "number", "csv_rows", "service_state", "process_id", "saved_acl", "logged", "heads", "exported", "exit_count", "durations")},
           "active": lambda text: tools.multi_string(text, "Active")}

@test
def each_published_output_is_read_as_it_has_to_be():
    for one in RECORDED["outputs"]:
        if not one["read"]: continue
        try: got = READERS[one["read"]](one["text"])
        except tools.Unreadable as why: got = str(why)
        same(json.loads(json.dumps(got)), one["is"], f"{one['tool']} ({one['language']}, {one['source'][:40]})")

@test
def each_output_names_its_source_and_whether_a_machine_printed_it():
    for one in RECORDED["outputs"]: check(one["source"] and one["kind"] in ("seen", "form"), f"{one['tool']}: {one}")
    check(sum(one["kind"] == "seen" for one in RECORDED["outputs"]) >= 12, "outputs that machines have printed")

@test
def an_output_of_another_form_is_not_taken_for_one():
    for name, reader in READERS.items():
        if name in ("number", "exported", "heads", "logged"): continue
        for text in ("", "Access is denied.\r\n", "CertUtil: -view command FAILED: 0x80070005 (WIN32: 5 ERROR_ACCESS_DENIED)\r\n"):
            try: got = reader(text)
            except tools.Unreadable: continue
            check(name == "csv_rows" and got == [], f"{name} takes {text!r} for {got!r}")

# ---- a pretended Windows

ISSUED, PENDING, DENIED, FAILED, REVOKED = 20, 9, 31, 30, 21
WORDS = {"en": ("RequestId: {0}\r\nRequestId: \"{0}\"\r\nCertificate retrieved(Issued) Issued\r\n", "Issued", "STATE"),
         "de": ("Anforderungs-ID: {0}\r\nAnforderungs-ID: \"{0}\"\r\nAusstehende Zertifikatanforderung: Bei Uebermittlung (0)\r\n", "Ausgestellt", "STATUS"),
         "fr": ("IDDemande : « {0} »\r\n", "\u00c9mis", "\u00c9TAT")}

class Pretended:
    """A CA, its module and the tools, as far as the day goes. Files are kept in memory, by their names on Windows."""
    def __init__(self, language, faults=()):
        self.language, self.faults = language, set(faults)
        self.listed, self.registered, self.measured = None, False, []
        self.commands, self.files, self.rows, self.lines, self.audit = [], {}, {}, [], []
        self.running, self.mode, self.installed, self.ended, self.now, self.settings, self.certificates, self.next = True, 1, False, True, 1795910400.0, {}, 1, 1
        self.certificate = base64.b64encode(openssl("x509", "-in", WORK + "/home.crt", "-outform", "DER")).decode()
        for name in os.listdir(WORK + "/requests"): self.files["R:\\" + name] = open(f"{WORK}/requests/{name}", "rb").read()
        self.files["S:\\System32\\CertSrv\\CertEnroll\\ca.crl"] = b"a CRL"

    def folder(self, name): return {"COMPUTERNAME": "CA01", "SystemRoot": "S:", "ProgramData": "D:", "ProgramFiles": "P:"}[name]
    def time(self): self.now += 0.01; return self.now
    def sleep(self, seconds): self.now += seconds
    def read(self, path): return self.files[path]
    def write(self, path, data): self.files[path] = data
    def remove(self, path): del self.files[path]
    def fill(self, path): self.files[path] = b""
    def flushes(self, path, count): self.measured.append(path); return [0.5] * count
    def walk(self, top): return [path for path in self.files if path.startswith(top + "\\")]
    def list(self, pattern):
        if pattern.endswith("\\*.jsonl"): self.files[pattern.replace("*", "1")] = b"\n".join(json.dumps(line).encode() for line in self.lines) + b"\n"
        form = re.escape(pattern).replace(r"\*", r"[^\\]*")
        return sorted(path for path in self.files if re.fullmatch(form, path))

    # the module

    def tell(self, type, row=None, **data):
        if not self.installed or type in self.faults or self.settings.get("JournalDirectory", "").endswith(" measured"): return
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.now))
        data = {"missing": [], **data}
        if row:
            one = self.rows[row]
            data["request"] = {"RequestID": row, "Disposition": one["disposition"], "RequesterName": "CA01\\admin", "SubmittedWhen": when + "Z", "StatusCode": 0, "ResolvedWhen": when + "Z",
                               "RevokedReason": 6, "RevokedWhen": when + "Z", "RawRequest": one["raw"]}
            if one["disposition"] in (ISSUED, REVOKED): data["certificate"] = {"SerialNumber": "61", "DistinguishedName": "CN=x", "NotBefore": NOT_BEFORE, "NotAfter": "x", "RawCertificate": self.certificate, "CertificateHash": "x"}
        number = len(self.lines) + 1
        self.lines.append({"type": "certwitness." + type, "time": when + ".000Z", "sequence": f"{number:020}", "hash": f"{number:064x}", "data": data})

    def start(self):
        self.tell("module.started", module={"endedCleanly": self.ended}, ca={"CertCount": self.certificates, "settingsKey": {"key": "SYSTEM\\X\\ExitModules\\CertWitness.Exit"}}, settings=dict(self.settings))
        self.running, self.ended = True, True
    def stop(self): self.tell("ca.stopping"), self.tell("module.stopped"); self.running = False

    # the tools

    def run(self, words, seconds):
        tool, verb, options, operands = checked(words)
        self.commands.append((tool, verb))
        return getattr(self, (tool.replace(".exe", "") + "_" + re.sub(r"\W", "", verb)).rstrip("_"))(options, operands) or (0, "")

    def sc_start(self, options, operands):
        if self.running: return 1056, ""
        self.start()
    def sc_stop(self, options, operands):
        if not self.running: return 1062, ""
        self.stop()
    def sc_query(self, options, operands):
        return 0, f"\r\nSERVICE_NAME: CertSvc \r\n        TYPE               : 110  WIN32_OWN_PROCESS  (interactive)\r\n        {WORDS[self.language][2]:18} : {4 if self.running else 1}  {'RUNNING' if self.running else 'STOPPED'} \r\n"
    def sc_queryex(self, options, operands): return 0, self.sc_query(options, operands)[1] + "        PID                : 1748\r\n        FLAGS              :\r\n"
    def sc_failure(self, options, operands): same([options["actions="], options["reset="]], [[""], ["0"]], "failure actions")
    def taskkill(self, options, operands):
        same(options["/pid"], ["1748"], "the process that is ended")
        self.running = self.ended = False

    def certreq_submit(self, options, operands):
        data = self.files[operands[0]]
        raw = re.sub(rb"-----[^-]+-----|\s", b"", data).decode()
        number, self.next = self.next, self.next + 1
        bad = operands[0].endswith("broken.req")
        self.rows[number] = {"disposition": FAILED if bad else {1: ISSUED, 257: PENDING, 2: DENIED}[self.mode], "raw": raw}
        type = "certificate.denied" if bad else {1: "certificate.issued", 257: "certificate.pending", 2: "certificate.denied"}[self.mode]
        self.tell(type, number), self.audit.append({"certificate.issued": 4887, "certificate.pending": 4889, "certificate.denied": 4888}[type])
        if self.rows[number]["disposition"] == ISSUED: self.files[operands[1]] = b"-----BEGIN CERTIFICATE-----\r\n" + self.certificate.encode() + b"\r\n-----END CERTIFICATE-----\r\n"
        return (0x80090006 if bad else 0), WORDS[self.language][0].format(number)
    def certreq_retrieve(self, options, operands): self.tell("certificate.retrieved", int(operands[0])); self.files[operands[1]] = self.certificate.encode()

    def certutil_ping(self, options, operands): return (0 if self.running else 0x800706ba), ""
    def certutil_setreg(self, options, operands): same(operands[0], "policy\\RequestDisposition", "the value"); self.mode = int(operands[1])
    def certutil_resubmit(self, options, operands): self.change(operands[0], ISSUED, "certificate.issued", 4887)
    def certutil_deny(self, options, operands): self.change(operands[0], DENIED, "certificate.denied", 4868)
    def change(self, row, disposition, type, audited):
        self.rows[int(row)]["disposition"] = disposition
        self.tell(type, int(row)), self.audit.append(audited)
    def certutil_revoke(self, options, operands):
        serial, reason = operands
        same(serial, "61", "the serial number")
        row = next(row for row, one in self.rows.items() if one.get("asked"))
        if reason == "-1": self.change(row, ISSUED, "certificate.unrevoked", 4870)
        else: self.change(row, REVOKED, "certificate.revoked", 4870)
    def certutil_CRL(self, options, operands):
        same(operands in ([], ["delta"]), True, str(operands))
        self.tell("crl.issued", ca={"keys": [{"RawCRL": {"base64": base64.b64encode(b"a CRL").decode()}}]})
    def certutil_deleterow(self, options, operands): same(operands[1], "Request", "the table"); del self.rows[int(operands[0])]
    def certutil_importcert(self, options, operands):
        number, self.next = self.next, self.next + 1
        self.rows[number] = {"disposition": ISSUED, "raw": "", "imported": True}
        self.tell("certificate.imported", number)
    def certutil_renewCert(self, options, operands): same([operands, self.running], [["ReuseKeys"], False], "the renewal"); self.certificates += 1
    def certutil_view(self, options, operands):
        column, value = options["-restrict"][0].split("=")
        same(operands, ["csv"], "the form")
        if column == "SerialNumber": rows = [max(row for row, one in self.rows.items() if one.get("imported"))]
        else: rows = [int(value)] if int(value) in self.rows else []
        shown = {"RequestID": str, "Request.Disposition": lambda row: f"{self.rows[row]['disposition']} -- {WORDS[self.language][1]}", "SerialNumber": lambda row: "61"}
        for row in rows: self.rows[row]["asked"] = True
        for row in self.rows: self.rows[row]["asked"] = row in rows
        wanted = options["-out"][0].split(",")
        return 0, ",".join(f'"{name}"' for name in wanted) + "\r\n" + "".join(",".join(f'"{shown[name](row)}"' for name in wanted) + "\r\n" for row in rows)

    def certutil_CAInfo(self, options, operands): same(operands, ["exitcount"], "what is asked for"); return 0, "Exit module count: 3\r\nCertUtil: -CAInfo command completed successfully.\r\n"
    def regsvr32(self, options, operands): self.registered = "/u" not in options

    def powershell(self, options, operands):
        check(self.running and options["-File"][0].endswith("/submit.ps1") and os.path.exists(options["-File"][0]), f"powershell {options}")
        check(options["-Request"][0] in self.files and options["-Config"] == ["CA01\\" + CA], f"powershell {options}")
        self.measured.append(self.settings.get("JournalDirectory") if self.installed else "without")
        return 0, f"{9 + self.installed}.125 {6 if 'measured' in self.faults else 3}\r\n" * int(options["-Count"][0])

    def reg_delete(self, options, operands):
        check(operands[0].endswith("\\ExitModules\\CertWitness.Exit") and "/f" in options, f"reg delete {operands}")
        del self.settings[options["/v"][0]]
    def reg_add(self, options, operands):
        if options["/v"] == ["Active"]:
            self.listed = options["/d"][0].split("\\0")
            return
        if operands[0].endswith(PROBES): return
        check(operands[0].endswith("\\ExitModules\\CertWitness.Exit") and "/f" in options, f"reg add {operands}")
        name, data = options["/v"][0], options["/d"][0]
        self.settings[name] = int(data) if options["/t"] == ["REG_DWORD"] else data
    def active(self): return self.listed or ["CertificateAuthority_MicrosoftDefault.Exit"] + ["CertWitness.Exit"] * self.installed
    def reg_query(self, options, operands): return 0, f"\r\n{operands[0]}\r\n    Active    REG_MULTI_SZ    {chr(92).join([''] + self.active())[1:].replace(chr(92), chr(92) + '0')}\r\n\r\n"
    def reg_export(self, options, operands):
        key, file = operands
        text = f"Windows Registry Editor Version 5.00\r\n\r\n[{key}]\r\n\"X\"=\"Y\"\r\n" + (f"[{key}\\CertWitness.Exit]\r\n@=\"{{67B52257}}\"\r\n" if self.installed or "key" in self.faults and self.lines else "")
        self.files[file] = text.encode("utf-16")
    def icacls(self, options, operands): self.files[options["/save"][0]] = ("CA\r\nD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)" + "(A;OICI;0x1200a9;;;BU)" * ("acl" in self.faults) + "\r\n").encode("utf-16")
    def wevtutil_qe(self, options, operands):
        event = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{}'/><EventID>{}</EventID></System><EventData>{}</EventData></Event>\r\n"
        if operands == ["Security"]: return 0, "".join(event.format("Microsoft-Windows-Security-Auditing", number, "<Data>1</Data>") for number in self.audit if f"EventID={number}" in options["/q:"])
        last = self.lines[-1]
        return 0, event.format("CertWitness.Exit", 102, f"<Data>{last['sequence']}</Data><Data>{last['hash'] if 'head' not in self.faults else '0' * 64}</Data>")
    def msiexec_i(self, options, operands): self.installed = True; self.files["P:\\CertWitness\\certwitness.exe"] = b""
    def msiexec_x(self, options, operands): self.installed = False; del self.files["P:\\CertWitness\\certwitness.exe"]
    def certwitness_status(self, options, operands): return 0, json.dumps({"problems": []})
    def certwitness_verify(self, options, operands): return 0, json.dumps({"verdict": "holds", "lines": len(self.lines)})
    def certwitness_export(self, options, operands):
        out = options["--out"][0]
        self.files[out + "\\certificates\\61.cer"], self.files[out + "\\importcert.cmd"] = base64.b64decode(self.certificate), b"certutil -importcert certificates\\61.cer\r\n"
        return 0, "{}"

class Host(RealHost):
    def second(self): return len(self.windows.lines)

NOT_BEFORE = ""

def day(language, faults=(), journal="W:\\CertWitness"):
    windows = Pretended(language, faults)
    return Host(windows, "M:\\certwitness.msi", "R:", "T:", CA, journal).collect(), windows

def holds_in(language):
    evidence, windows = day(language)
    for sentence, complaints, _ in judge(evidence):
        for complaint in complaints or (): check(False, f"{sentence}: {complaint}")
    return windows

@test
def the_day_is_carried_out_in_english(): holds_in("en")
@test
def the_day_is_carried_out_in_german(): holds_in("de")
@test
def the_day_is_carried_out_in_french(): holds_in("fr")

@test
def the_day_is_carried_out_with_the_journal_in_its_usual_folder():
    evidence, windows = day("en", journal=None)
    same([sentence for sentence, complaints, _ in judge(evidence) if complaints], [], "what does not hold")

@test
def a_submission_is_measured_without_the_module_with_it_and_beside_a_flush():
    for journal, usual in (("W:\\CertWitness", "W:\\CertWitness"), (None, "D:\\CertWitness\\" + sanitized(CA))):
        evidence, windows = day("en", journal=journal)
        same(windows.measured, ["without", usual + " measured", usual + " measured\\flush"], "what is measured")
        same([windows.settings.get("JournalDirectory"), windows.settings.get("MinFreeMiB")], [journal, 16 if journal else None], "the settings of the day")
        told = evidence["performance"]
        same([told[name]["p50"] for name in ("without", "with", "flush")], [9.125, 10.125, 0.5], "durations")
        same({told[name]["count"] for name in ("without", "with", "flush")}, {200}, "how many")
        rows = [re.findall(r"[\d.]+", line[48:]) for line in table(told).splitlines()]
        same(rows[1:], [["200"] + ["10.125"] * 3, ["200"] + ["9.125"] * 3, ["200"] + ["0.500"] * 3], "the table")

@test
def requests_that_the_ca_refuses_measure_nothing():
    try: day("en", ["measured"])
    except NotCarriedOut as why: check("neither issued nor pending" in str(why), str(why))
    else: check(False, "they were measured")

def ask():
    windows = Pretended("en")
    windows.files["T:\\probe.txt"] = b"start\t0\t-\tMTA\t00000000\n"
    host = ProbeHost(windows, "T:\\probe.dll", "R:", "T:", CA)
    return *host.ask(), windows

@test
def the_questions_are_asked_and_the_list_is_as_it_was():
    log, facts, windows = ask()
    same(sorted(facts["done"]), sorted(["broken", "several", "stranger", "garbage", "keygen", "san", "long", "retrieve", "refused"]), "what was done")
    same([facts["exit_count"], log[:5]], [3, "start"], "facts and log")
    same([windows.listed, windows.registered, windows.running], [["CertificateAuthority_MicrosoftDefault.Exit"], False, True], "the list, the class, the service")

@test
def the_list_is_as_it_was_if_the_questions_break_off():
    def fails(): raise OSError("the network is gone")
    windows = Pretended("en")
    host = ProbeHost(windows, "T:\\probe.dll", "R:", "T:", CA)
    host.questions = fails
    try: host.ask()
    except OSError: pass
    else: check(False, "the fault is hidden")
    same([windows.listed, windows.registered, windows.running], [["CertificateAuthority_MicrosoftDefault.Exit"], False, True], "the list, the class, the service")

@test
def each_command_has_a_syntax_and_each_syntax_a_command():
    evidence, windows = day("en")
    windows.commands += ask()[2].commands
    known = {(tool, verb) for tool, verbs in RECORDED["syntax"].items() if tool != "about" for verb in verbs}
    same(sorted(known - set(windows.commands) - {("reg.exe", "delete")}), [], "syntax that no command of the day uses")

@test
def what_goes_wrong_there_turns_its_judgement():
    for fault, sentence in (("certificate.revoked", "each event is one line in order and nothing else is"), ("acl", "the folder is open to system and administrators alone"),
                            ("head", "heads kept elsewhere are in the journal"), ("key", "removed it leaves the registry as it was"), ("certificate.pending", "a counter of others counts the same")):
        red = [name for name, complaints, _ in judge(day("en", [fault])[0]) if complaints]
        check(sentence in red, f"{fault}: red are {red}")

@test
def a_command_that_the_documentation_does_not_know_is_found():
    for words in (["certreq.exe", "-submit", "--config", "x"], ["certutil.exe", "-frobnicate"], ["certutil.exe", "-revoke"], ["sc.exe", "stop"], ["curl.exe", "x"], ["reg.exe", "export", "HKLM\\X"],
                  ["certutil.exe", "-view", "-restrictt", "x=1"], ["wevtutil.exe", "qe", "/x:y", "Security"]):
        try: checked(words)
        except Wrong: continue
        check(False, f"{words} is taken")

@test
def names_of_cas_are_sanitized_as_the_documentation_says():
    same([sanitized("Wit & Ness (Root) CA"), sanitized("T\u00ebst"), sanitized("plain")], ["Wit !0026 Ness !0028Root!0029 CA", "T!00ebst", "plain"], "names")

def main():
    global NOT_BEFORE
    shutil.rmtree(WORK, ignore_errors=True)
    make_requests(WORK + "/requests")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-set_serial", "0x61", "-keyout", "/dev/null", "-subj", "/CN=home", "-out", WORK + "/home.crt")
    said = openssl("x509", "-in", WORK + "/home.crt", "-noout", "-startdate").decode().split("=")[1].strip()
    NOT_BEFORE = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(calendar.timegm(time.strptime(said, "%b %d %H:%M:%S %Y GMT"))))
    run_tests()

main()
