#!/usr/bin/python3
"""The real host's dry run: the whole day against a pretended Windows, which checks each command line by the documented syntax, and answers in the forms
that real tools were seen to print, in three languages. No Windows has run it: this proves parsing, order and syntax, and nothing of a CA."""
import sys; sys.path.insert(0, sys.path[0] + "/../lib")
import base64, calendar, json, os, re, shutil, signal, struct, subprocess, time

import tools
from case_requests import make_requests
from commands import finished
from judge import judge
from openssl import openssl
from performance import table
from answers import observations
import real_host
from real_host import BUSY, KEYS, MIB, NO_SERVICE, NOT_NOW, NOT_STARTED, STARTED, NotCarriedOut, RealHost, Windows, decoded, sanitized
from real_probe import PROBES, ProbeHost
from story import CA, DAY
from tap import check, run as run_tests, same, test
from tools_syntax import RECORDED, Wrong, checked

WORK = "build/tmp/real_host"
READERS = {**{name: getattr(tools, name) for name in ("request_id", "number", "csv_rows", "service_state", "process_id", "saved_acl", "logged", "heads", "exported", "exit_count", "durations", "product", "failure_actions", "keys_below")},
           "disposition": lambda text: tools.dword(text, "RequestDisposition"), "active": lambda text: tools.multi_string(text, "Active")}

@test
def each_published_output_is_read_as_it_has_to_be():
    for one in RECORDED["outputs"]:
        if not one["read"]: continue
        try: got = READERS[one["read"]](one["text"])
        except tools.Unreadable as why: got = str(why)
        same(json.loads(json.dumps(got)), one["is"], f"{one['tool']} ({one['language']}, {one['source'][:40]})")

@test
def each_output_names_its_source_and_whether_a_machine_printed_it():
    for one in RECORDED["outputs"]:
        check(one["source"] and one["kind"] in ("seen", "unnamed", "form"), f"{one['tool']}: {one}")
        if one["kind"] == "seen": check(re.match(r"[\w.-]+/[\w.-]+, [\w./-]+|[\w.-]+\.io, \w", one["source"]), f"a machine has printed this, and its source has no name: {one['source']}")
    seen = {one["tool"].split()[0] for one in RECORDED["outputs"] if one["kind"] == "seen"}
    same(seen, {"certreq", "certutil", "sc"}, "tools of which an output was seen; the others' forms are from their documentation alone")

@test
def an_output_of_another_form_is_not_taken_for_one():
    for name, reader in READERS.items():
        if name in ("number", "exported", "heads", "logged", "product", "keys_below"): continue
        for text in ("", "Access is denied.\r\n", "CertUtil: -view command FAILED: 0x80070005 (WIN32: 5 ERROR_ACCESS_DENIED)\r\n"):
            try: got = reader(text)
            except tools.Unreadable: continue
            check(name == "csv_rows" and got == [], f"{name} takes {text!r} for {got!r}")

# ---- a pretended Windows

ISSUED, PENDING, DENIED, FAILED, REVOKED = 20, 9, 31, 30, 21
BASE, DELTA = b"a CRL", b"a CRL\x06\x03\x55\x1d\x1b"
WORDS = {"en": ("RequestId: {0}\r\nRequestId: \"{0}\"\r\nCertificate retrieved(Issued) Issued\r\n", "Issued", "STATE"),
         "de": ("Anforderungs-ID: {0}\r\nAnforderungs-ID: \"{0}\"\r\nAusstehende Zertifikatanforderung: Bei Uebermittlung (0)\r\n", "Ausgestellt", "STATUS"),
         "fr": ("IDDemande : « {0} »\r\n", "\u00c9mis", "\u00c9TAT")}

class Pretended:
    """A CA, its module and the tools, as far as the day goes. Files are kept in memory, by their names on Windows."""
    def __init__(self, language, faults=()):
        self.language, self.faults = language, set(faults)
        self.listed, self.registered, self.measured, self.copied, self.deleted, self.asleep, self.removed, self.said, self.written = None, False, [], [], [], 0, 0, [], []
        self.services = {"W32Time": 4, "vmictimesync": 4} if "guest" in self.faults else {"W32Time": 4}       # the states of those that set the clock
        self.began, self.elapsed, self.shift, self.refusals = 1795910400.0, 0, 0, {"pending": 3, "stuck": 10**6}.get(next(iter(self.faults), ""), 0)
        self.room, self.filled, self.unwritten = 100000 * MIB, None, []        # bytes free, since which moment there are fewer, lines that wait
        self.commands, self.files, self.rows, self.lines, self.audit = [], {}, {}, [], []
        self.names = ["CertSvc", "W32Time"]
        self.actions = b""              # the service's value FailureActions
        self.force = None               # RequestDisposition as it was at the service's start; before the first, self.mode
        self.running, self.mode, self.installed, self.ended, self.settings, self.certificates, self.next = True, 1, False, True, {}, 1, 1
        self.certificate = base64.b64encode(openssl("x509", "-in", WORK + "/home.crt", "-outform", "DER")).decode()
        for name in os.listdir(WORK + "/requests"): self.files["R:\\" + name] = open(f"{WORK}/requests/{name}", "rb").read()
        for name, crl in (("ca", BASE), ("ca+", DELTA)): self.files[f"S:\\System32\\CertSrv\\CertEnroll\\{name}.crl"] = crl

    def folder(self, name): return {"COMPUTERNAME": "CA01", "SystemRoot": "S:", "ProgramData": "D:", "ProgramFiles": "P:"}[name]
    @property
    def now(self): return self.began + self.elapsed + self.shift
    def time(self): self.elapsed += 0.01; return self.now
    def steady(self): self.elapsed += 0.01; return self.elapsed
    def set_clock(self, at):
        same(set(self.services.values()), {1}, "the services that would set the clock again")
        self.shift = at - self.began - self.elapsed
    def sleep(self, seconds):
        self.elapsed, self.asleep = self.elapsed + seconds, self.asleep + seconds
        if "corrected" in self.faults: self.shift = 0           # by the host of the virtual machine, which asks nobody
    def say(self, text): self.said.append(text)
    def read(self, path): return self.files[path]
    def write(self, path, data): self.files[path] = data
    def remove(self, path):
        del self.files[path]
        if path.endswith("\\filler"): self.room, self.lines, self.unwritten = 100000 * MIB, self.lines + self.unwritten, []
    def fill(self, path): self.files[path], self.room, self.filled = b"", 0, self.asleep
    def free(self, folder): return self.room if "little" not in self.faults else 4395 * MIB
    def copy(self, folder, to): self.copied.append((folder, to))
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
        # It looks once a second, and below a quarter of MinFreeMiB it writes nothing.
        full = self.filled is not None and self.asleep - self.filled > 1 and self.room < self.settings.get("MinFreeMiB", 1024) * MIB / 4
        (self.unwritten if full else self.lines).append({"type": "certwitness." + type, "time": when + ".000Z", "sequence": f"{number:020}", "hash": f"{number:064x}", "data": data})

    def start(self):
        self.tell("module.started", module={"endedCleanly": self.ended}, ca={"CertCount": self.certificates, "settingsKey": {"key": "SYSTEM\\X\\ExitModules\\CertWitness.Exit"}}, settings=dict(self.settings))
        self.running, self.ended, self.force = True, True, self.mode
    def stop(self): self.tell("ca.stopping"), self.tell("module.stopped"); self.running = False

    # the tools

    def run(self, words, seconds):
        check(0 < seconds <= 600, f"{words} without a time limit")
        tool, verb, options, operands = checked(words)
        self.commands.append((tool, verb))
        if "hangs" in self.faults and verb == "-renewCert": raise subprocess.TimeoutExpired(words, seconds)
        code, text, *error = getattr(self, (tool.replace(".exe", "") + "_" + re.sub(r"\W", "", verb)).rstrip("_"))(options, operands) or (0, "")
        return code, text, error[0] if error else ""

    def sc_start(self, options, operands):
        if operands != ["CertSvc"]: self.services[operands[0]] = 4; return
        if self.running: return STARTED, ""
        self.start()
    def sc_stop(self, options, operands):
        """A service of the clock takes two looks to stop."""
        name, = operands
        if name != "CertSvc":
            if name not in self.services: return NO_SERVICE, ""
            if self.services[name] != 4: return (NOT_STARTED if self.services[name] == 1 else NOT_NOW), ""
            self.services[name], self.looks = 3, 2
            return
        if not self.running: return NOT_STARTED, ""
        if self.refusals: self.refusals -= 1; return NOT_NOW, ""
        self.stop()
    def sc_query(self, options, operands):
        name, = operands
        state = (4 if self.running else 1) if name == "CertSvc" else self.services[name]
        if state == 3:
            self.looks -= 1
            if not self.looks: self.services[name] = 1
        return 0, f"\r\nSERVICE_NAME: {name} \r\n        TYPE               : 110  WIN32_OWN_PROCESS  (interactive)\r\n        {WORDS[self.language][2]:18} : {state}  {['', 'STOPPED', '', 'STOP_PENDING', 'RUNNING'][state]} \r\n"
    def sc_queryex(self, options, operands): return 0, self.sc_query(options, operands)[1] + "        PID                : 1748\r\n        FLAGS              :\r\n"
    def sc_failure(self, options, operands):
        words = options["actions="][0].split("/")
        kinds, delays = words[0::2] if words != [""] else [], words[1::2]
        same(len(kinds), len(delays), f"actions and delays of {options}")
        seconds = 0xffffffff if options["reset="] == ["INFINITE"] else int(options["reset="][0])
        self.actions = struct.pack("<5I", seconds, 0, 0, len(kinds), 20) + b"".join(struct.pack("<2I", ["", "restart", "reboot", "run"].index(kind), int(delay)) for kind, delay in zip(kinds, delays))
    def taskkill(self, options, operands):
        same(options["/pid"], ["1748"], "the process that is ended")
        self.running = self.ended = False

    def certreq_submit(self, options, operands):
        data = self.files[operands[0]]
        raw = re.sub(rb"-----[^-]+-----|\s", b"", data).decode()
        number, self.next = self.next, self.next + 1
        bad = operands[0].endswith("broken.req")
        if "garbage" in self.faults and operands[0].endswith("garbage.req"): return 0x8009310b, "Certificate Request Processor: ASN1 bad tag value met. 0x8009310b (ASN: 267)\r\n"
        mode = self.force or self.mode
        self.rows[number] = {"disposition": FAILED if bad else {1: ISSUED, 257: PENDING, 2: DENIED}[mode], "raw": raw}
        type = "certificate.denied" if bad else {1: "certificate.issued", 257: "certificate.pending", 2: "certificate.denied"}[mode]
        self.tell(type, number), self.audit.append({"certificate.issued": 4887, "certificate.pending": 4889, "certificate.denied": 4888}[type])
        if self.rows[number]["disposition"] == ISSUED: self.files[operands[1]] = b"-----BEGIN CERTIFICATE-----\r\n" + self.certificate.encode() + b"\r\n-----END CERTIFICATE-----\r\n"
        return (0x80090006 if bad else 0), WORDS[self.language][0].format(number)
    def certreq_retrieve(self, options, operands): self.tell("certificate.retrieved", int(operands[0])); self.files[operands[1]] = self.certificate.encode()

    def certutil_ping(self, options, operands): return (0 if self.running else 0x800706ba), ""
    def certutil_setreg(self, options, operands):
        check(self.running or "-config" not in options, "a CA that does not run is asked by its name")
        if operands[0].startswith("exit\\CertWitness.Exit\\"): self.settings[operands[0].rsplit("\\", 1)[1]] = int(operands[1]); return
        same(operands[0], "policy\\RequestDisposition", "the value"); self.mode = int(operands[1])
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
        both = {"RawCRL": BASE, "RawDeltaCRL": DELTA}
        self.tell("crl.issued", ca={"keys": [{name: {"base64": base64.b64encode(crl).decode()} for name, crl in both.items() if name not in self.faults}]})
    def certutil_deleterow(self, options, operands):
        if "undeletable" in self.faults and not self.installed: return 0x80070005, ""
        del self.rows[int(operands[0])]
        if not self.installed: self.removed = self.next
    def certutil_importcert(self, options, operands):
        number, self.next = self.next, self.next + 1
        self.rows[number] = {"disposition": ISSUED, "raw": "", "imported": True}
        self.tell("certificate.imported", number)
    def cmd_c(self, options, operands):
        check(self.running and not self.installed and operands[0].endswith("\\export\\importcert.cmd") and operands[0] in self.files, f"cmd /c {operands}")
        if "import" not in self.faults: self.certutil_importcert({}, [])
        return 1, ""
    def certutil_renewCert(self, options, operands): same([operands, self.running, "-silent" in options], [["ReuseKeys"], False, True], "the renewal"); self.certificates += 1
    def certutil_view(self, options, operands):
        column, value = options["-restrict"][0].split("=")
        same(operands, ["csv"], "the form")
        if column == "SerialNumber": rows = sorted(row for row, one in self.rows.items() if one.get("imported"))[-1:] if not self.removed else [self.next - 1] * (self.next - 1 in self.rows and self.next > self.removed)
        else: rows = [int(value)] if int(value) in self.rows else []
        shown = {"RequestID": str, "Request.Disposition": lambda row: f"{self.rows[row]['disposition']} -- {WORDS[self.language][1]}", "SerialNumber": lambda row: "61"}
        for row in rows: self.rows[row]["asked"] = True
        for row in self.rows: self.rows[row]["asked"] = row in rows
        wanted = options["-out"][0].split(",")
        if "no heading" in self.faults and not rows: return 0, "CertUtil: -view command completed successfully.\r\n"
        return 0, ",".join(f'"{name}"' for name in wanted) + "\r\n" + "".join(",".join(f'"{shown[name](row)}"' for name in wanted) + "\r\n" for row in rows)

    def certutil_CAInfo(self, options, operands): same(operands, ["exitcount"], "what is asked for"); return 0, "Exit module count: 3\r\nCertUtil: -CAInfo command completed successfully.\r\n"
    def regsvr32(self, options, operands): self.registered = "/u" not in options

    def powershell(self, options, operands):
        check(self.running and options["-File"][0].endswith("/submit.ps1") and os.path.exists(options["-File"][0]), f"powershell {options}")
        check(options["-Request"][0] in self.files and options["-Config"] == ["CA01\\" + CA], f"powershell {options}")
        self.measured.append(self.settings.get("JournalDirectory") if self.installed else "without")
        return 0, f"{9 + self.installed}.125 {6 if 'measured' in self.faults else {1: 3, 257: 5, 2: 2}[self.force]}\r\n" * int(options["-Count"][0])

    def fsutil_file(self, options, operands):
        same([operands[0], operands[1].rsplit("\\", 1)[1]], ["createnew", "filler"], "what is made")
        check(0 < int(operands[2]) < self.room, f"{operands[2]} bytes of {self.room}")
        self.files[operands[1]], self.room, self.filled = b"", self.room - int(operands[2]), self.asleep

    def reg_delete(self, options, operands):
        if operands[0].endswith(PROBES): self.deleted.append(operands[0].rsplit("\\", 1)[1]); return
        check(operands[0].endswith("\\ExitModules\\CertWitness.Exit") and "/f" in options, f"reg delete {operands}")
        del self.settings[options["/v"][0]]
    def reg_add(self, options, operands):
        if options["/v"] == ["Active"]:
            self.listed = options["/d"][0].split("\\0")
            return
        if operands[0].endswith(PROBES): self.written.append((operands[0].rsplit("\\", 1)[1], options["/v"][0], options["/d"][0])); return
        if options["/v"] == ["RequestDisposition"]: check(operands[0].endswith("\\PolicyModules\\CertificateAuthority_MicrosoftDefault.Policy"), f"{operands}"); self.mode = int(options["/d"][0]); return
        check(operands[0].endswith("\\ExitModules\\CertWitness.Exit") and "/f" in options, f"reg add {operands}")
        name, data = options["/v"][0], options["/d"][0]
        self.settings[name] = int(data) if options["/t"] == ["REG_DWORD"] else data
    def active(self): return self.listed or ["CertificateAuthority_MicrosoftDefault.Exit"] + ["CertWitness.Exit"] * self.installed
    def reg_query(self, options, operands):
        if options.get("/v") == ["FailureActions"]: return (0, f"\r\n{operands[0]}\r\n    FailureActions    REG_BINARY    {self.actions.hex().upper()}\r\n\r\n") if self.actions else (1, "")
        if options.get("/v") == ["RequestDisposition"]: return 0, f"\r\n{operands[0]}\r\n    RequestDisposition    REG_DWORD    {self.mode:#x}\r\n\r\n"
        if operands[0] == KEYS["services"]: return 0, "\r\n" + "".join(f"{operands[0]}\\{name}\r\n" for name in self.names).replace("HKLM", "HKEY_LOCAL_MACHINE")
        if "\\UpgradeCodes\\" in operands[0]: return 0, f"\r\n{operands[0]}\r\n    {'AB' * 16}    REG_SZ    \r\n\r\n"
        return 0, f"\r\n{operands[0]}\r\n    Active    REG_MULTI_SZ    {chr(92).join([''] + self.active())[1:].replace(chr(92), chr(92) + '0')}\r\n\r\n"
    def reg_export(self, options, operands):
        key, file = operands
        if "CertSvc" not in key: policy = ""
        else: policy = f"\"RequestDisposition\"=dword:{self.mode:08x}\r\n\"FailureActions\"=hex:{self.actions.hex(',')}\r\n"
        text = f"Windows Registry Editor Version 5.00\r\n\r\n[{key}]\r\n\"X\"=\"Y\"\r\n\"CACertHash\"=\"{self.certificates}\"\r\n\"Turned\"=\"{'turned' in self.faults and self.certificates}\"\r\n{policy}" + (f"[{key}\\CertWitness.Exit]\r\n@=\"{{67B52257}}\"\r\n" if self.installed or "key" in self.faults and self.lines else "")
        if "features" in self.faults and self.lines and "Classes" in key: text += f"[{key}\\Installer\\Features\\{'AB' * 16}]\r\n\"Complete\"=\"\"\r\n"
        if self.lines and "Classes" in key: text += f"[{key}\\Stranger.App]\r\n@=\"of somebody\"\r\n"       # others write there, too
        self.files[file] = text.encode("utf-16")
    def icacls(self, options, operands): self.files[options["/save"][0]] = ("CA\r\nD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)" + "(A;OICI;0x1200a9;;;BU)" * ("acl" in self.faults) + "\r\n").encode("utf-16")
    def wevtutil_qe(self, options, operands):
        event = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{}'/><EventID>{}</EventID></System><EventData>{}</EventData></Event>\r\n"
        if operands == ["Security"]: return 0, "".join(event.format("Microsoft-Windows-Security-Auditing", number, "<Data>1</Data>") for number in self.audit if f"EventID={number}" in options["/q:"])
        last = self.lines[-1]
        return 0, event.format("CertWitness.Exit", 102, f"<Data>{last['sequence']}</Data><Data>{last['hash'] if 'head' not in self.faults else '0' * 64}</Data>")
    def busy(self, options):
        """Two other installations, before this one."""
        check("/norestart" in options, "msiexec would start the machine anew")
        if "busy" in self.faults: self.others = getattr(self, "others", 2) - 1
        return getattr(self, "others", -1) >= 0
    def msiexec_i(self, options, operands):
        if self.busy(options): return BUSY, ""
        self.installed = True; self.files["P:\\CertWitness\\certwitness.exe"] = b""
    def msiexec_x(self, options, operands):
        if self.busy(options): return BUSY, ""
        self.installed = False; del self.files["P:\\CertWitness\\certwitness.exe"]
    def certwitness_status(self, options, operands): return 0, json.dumps({"problems": []})
    def certwitness_verify(self, options, operands):
        if "silent" in self.faults: return 2, "", "certwitness: there is no such folder\n"
        return 0, json.dumps({"verdict": "holds", "lines": len(self.lines)})
    def certwitness_export(self, options, operands):
        out = options["--out"][0]
        self.files[out + "\\certificates\\61.cer"], self.files[out + "\\importcert.cmd"] = base64.b64decode(self.certificate), b"certutil -importcert certificates\\61.cer\r\n"
        return 1, "{}", "61: something is wrong with 1 of them\n"

class Host(RealHost):
    def second(self): return len(self.windows.lines)

NOT_BEFORE = ""

def host_on(windows, journal): return Host(windows, "M:\\certwitness.msi", "R:", "T:", CA, journal)

def day(language, faults=(), journal="W:\\CertWitness"):
    windows = Pretended(language, faults)
    return host_on(windows, journal).collect(), windows

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
    same([("fsutil.exe", "file") in windows.commands, ("fsutil.exe", "file") in day("en")[1].commands], [True, False], "a volume of the system is filled by allocation, a small one by writing")

@test
def the_journal_s_volume_is_full_and_then_it_is_not():
    for journal, left in ((None, 300 * MIB), ("W:\\CertWitness", 0)):
        windows, room = Pretended("en"), []
        submit = windows.certreq_submit
        def seen(options, operands):
            if windows.filled is not None: room.append(windows.room)
            return submit(options, operands)
        windows.certreq_submit = seen
        evidence = host_on(windows, journal).collect()
        same([room[0], room[1], windows.room], [left, 100000 * MIB, 100000 * MIB], "bytes free at the request, at the next one and in the end")
        same([one["waited"] for one in evidence["steps"] if one["step"][0] == "full"], [True], "its event")

@test
def a_full_volume_has_room_again_if_the_day_breaks_off():
    windows = Pretended("en")
    host = host_on(windows, None)
    def fails(name, file=None): raise OSError("the network is gone")
    host.submitted = fails
    try: host.full("grace")
    except OSError: pass
    else: check(False, "the fault is hidden")
    same([path for path in windows.files if "filler" in path], [], "the filler")

@test
def a_volume_with_little_room_is_not_filled():
    same(day("en", ["little"], journal=None)[0]["faults"], {"play": "full grace: the journal's volume has 4395 MiB free, and the day needs 4396"}, "why not")

@test
def a_module_that_does_not_wait_for_room_turns_its_judgement():
    windows = Pretended("en")
    windows.settings = type("Unheeding", (dict,), {"get": lambda self, name, default=None: 0 if name == "MinFreeMiB" else dict.get(self, name, default)})()
    red = [sentence for sentence, complaints, _ in judge(host_on(windows, None).collect()) if complaints]
    check("on a full disk an event waits" in red, f"red are {red}")

TIME = "every line s time is within the day"
def complaints_of(evidence, sentence): return next(complaints for name, complaints, _ in judge(evidence) if name == sentence)
def red(evidence): return [name for name, complaints, _ in judge(evidence) if complaints]

@test
def the_clock_is_right_if_the_day_breaks_off():
    for faults in ((), ("guest",), ("guest", "corrected")):
        windows = Pretended("en", faults)
        host = host_on(windows, None)
        host.clock(7200), host.clock_again(), host.clock_again()
        same([abs(round(windows.shift)), set(windows.services.values())], [0, {4}], f"seconds off, and the services that set the clock ({faults})")

@test
def a_clock_that_the_machine_s_host_sets_right_does_not_end_up_wrong():
    windows = Pretended("en", ("guest",))
    host = host_on(windows, None)
    host.clock(7200)
    windows.shift = 0           # by the host, this once
    host.clock(-7200)
    same(abs(round(windows.shift)), 0, "seconds off behind the step back")
    windows = Pretended("en", ("guest", "corrected"))
    evidence = host_on(windows, None).collect()
    same([abs(round(windows.shift)), set(windows.services.values())], [0, {4}], "seconds off, and the services that set the clock")
    same([red(evidence), complaints_of(evidence, TIME)], [[], None], "what does not hold, and what is said of the clock")
    check(any("did not stay as it was set" in why for _, complaints, why in judge(evidence) if complaints is None), "the reason")
    evidence["lines"][3]["time"] = "2026-11-29T23:59:59.000Z"
    check(complaints_of(evidence, TIME), "a line's time that is wrong under any clock is passed over")

@test
def a_wait_ends_though_the_clock_is_set_back_meanwhile():
    windows = Pretended("en")
    host, windows.shift = host_on(windows, None), 7200
    def set_back(): windows.shift = 0
    try: host.until(set_back, "never")
    except NotCarriedOut as why: check("after 180 s still not: never" in str(why), str(why))
    check(windows.elapsed < 400, f"it has waited for {windows.elapsed} s")

@test
def a_service_that_did_not_run_before_does_not_run_behind():
    windows = Pretended("en", ("guest",))
    windows.services["W32Time"] = 1         # as on a machine of no domain, where it ends by itself
    host_on(windows, None).collect()
    same(windows.services, {"W32Time": 1, "vmictimesync": 4}, "the services")

# ---- what goes wrong, and what is kept of the day

PARTS = "prepare", "look_before", "set_up", "measure_without", "install", "look_installed", "measure_with", "settle", "play", "program_says", "journal_says", "system_says", "brought_home", "keep_journal", "export", "remove", "put_back", "look_after", "import_again", "service_again"
LOOKS = "look_before", "measure_without", "look_installed", "measure_with"
# What is missing where a part fails, behind the play or as a look.
LACKS = {"look_before": [], "measure_without": ["without"], "look_installed": ["installed", "product"], "measure_with": ["with", "flush"], "program_says": ["verify", "status"], "journal_says": ["lines"],
         "system_says": ["acl"], "brought_home": ["certificates"], "export": ["export", "reimported"], "remove": ["registry", "after", "reimported"], "look_after": ["registry", "after"], "import_again": ["reimported"], "keep_journal": [], "put_back": [], "service_again": []}

def lacking(kept):
    """Of the names in LACKS."""
    told = {**kept, **kept["performance"], **kept["active"], "registry": kept["registry"] or None}
    return [name for name in ("registry", "without", "installed", "product", "with", "flush", "verify", "status", "lines", "acl", "certificates", "export", "after", "reimported") if told.get(name) is None]

@test
def whatever_part_of_the_day_fails_the_others_are_kept():
    for name in PARTS:
        for fault in (OSError("the network is gone"), IndexError("list index out of range"), json.JSONDecodeError("Expecting value", "", 0), KeyError("verdict"), NotCarriedOut("x.exe ended with 0x5")):
            windows = Pretended("en")
            host = host_on(windows, None)
            def fails(): raise fault
            fails.__name__ = name
            setattr(host, name, fails)
            evidence = host.collect()
            kept = json.loads(windows.files["T:\\evidence.json"])
            check(list(kept["faults"])[:1] == [name.replace("_", " ")] and (str(fault) in kept["faults"][name.replace("_", " ")]), f"{name}: {kept['faults']}")
            same(kept, json.loads(json.dumps(evidence)), f"{name}: the file")
            check("the day was carried out to its end" in red(kept), f"{name}: red are {red(kept)}")
            if name in LACKS: same([len(kept.get("steps", ())), sorted(lacking(kept))], [len(DAY), sorted(LACKS[name])], f"{name}: steps that were played, and what is missing")
            elif name != "play": same("steps" in kept, False, f"{name}: steps")

def judged_day(windows):
    """(its faults, what is red, how many steps were played)"""
    evidence = host_on(windows, None).collect()
    return evidence["faults"], red(evidence), len(evidence.get("steps", ()))

WHOLE = "the day was carried out to its end"

# ---- the day in two halves

def second(windows, journal=None): return host_on(windows, journal).collect("second")

@test
def a_day_in_two_halves_is_the_day():
    for journal in (None, "W:\\CertWitness"):
        windows = set_otherwise()
        host = host_on(windows, journal)
        first = host.collect("first")
        host.leave()            # as the program ends
        same([first["faults"], host.paused, len(first["steps"]), first["steps"][-1]["step"], windows.shift, windows.installed, windows.running], [{}, True, len(DAY) - 8, ["stop"], 0, True, False], "the first half")
        same([name for name in ("lines", "verify", "certificates", "acl", "ended") if name not in first], [], "what its evidence lacks")
        same([len(windows.copied), [path for path in windows.files if path.startswith("T:") and path.endswith(".json")]], [1, ["T:\\evidence.json", "T:-state.json"]], "the journal is kept; files")
        evidence = second(windows, journal)
        same([evidence["faults"], red(evidence), [one["step"] for one in evidence["steps"]] == [list(step) for step in DAY]], [{}, [], True], "faults, what is red, and whether each step was played once")
        same([windows.mode, windows.force, windows.actions, windows.running, windows.installed, "T:-state.json" in windows.files], [257, 257, SET, True, False, False], "what was set is put back")

@test
def a_second_half_has_a_first_that_was_carried_out():
    for what in ("none", "broken", "twice"):
        windows = set_otherwise("hangs" if what == "broken" else "none")
        if what != "none": host_on(windows, None).collect("first")
        if what == "broken": same([windows.mode, windows.running, "T:-state.json" in windows.files], [257, True, False], "RequestDisposition and the service, behind a first half that broke off")
        if what == "twice": second(windows)
        before, commands = windows.files.get("T:\\evidence.json"), len(windows.commands)
        try: second(windows)
        except NotCarriedOut as why: check("no first half" in str(why), str(why))
        else: check(False, f"{what}: it is played")
        same([windows.files.get("T:\\evidence.json") == before, len(windows.commands)], [True, commands], f"{what}: the evidence, and commands")

@test
def a_look_that_failed_in_the_first_half_is_told_in_the_second():
    windows = Pretended("en", ["measured"])
    same([list(host_on(windows, None).collect("first")["faults"]), list(second(windows)["faults"])], [["measure without", "measure with"]] * 2, "faults")

@test
def a_table_that_cannot_be_made_takes_its_judgement_and_not_the_day():
    for which in (1, 2):
        windows, calls = Pretended("en"), []
        measure = windows.powershell
        def warns(options, operands):
            calls.append(1)
            code, text = measure(options, operands)
            return code, "WARNING: x\r\n" * (len(calls) == which) + text
        windows.powershell = warns
        faults, complaints, steps = judged_day(windows)
        same([list(faults), complaints, steps], [[["measure without", "measure with"][which - 1]], [WHOLE, "what the module costs was measured"], len(DAY)], f"faults, what is red and the steps, measurement {which}")
        same(["JournalDirectory" in windows.settings, windows.lines != []], [False, True], "the journal is the day's")
        check(windows.files["T:\\performance.txt"].count(b"\n") == 3 - (which == 2), f"the table of what was measured: {windows.files['T:' + chr(92) + 'performance.txt']}")

@test
def a_key_that_cannot_be_exported_takes_its_part_of_a_judgement_and_not_the_day():
    for only in (None, "before", "after"):
        windows = Pretended("en", ["key"])
        export = windows.reg_export
        windows.reg_export = lambda options, operands: (1, "") if "Classes" in operands[0] and (not only or only in operands[1]) else export(options, operands)
        evidence = host_on(windows, None).collect()
        wanted = [f"look {one}" for one in ("before", "after") if only in (None, one)]
        same([list(evidence["faults"]), len(evidence["steps"]), evidence["registry"]["unread"], red(evidence)], [wanted, len(DAY), ["classes"], [WHOLE, "removed it leaves the registry as it was"]], f"{only}: what became of it")
        check(any("\\CertSvc\\CertWitness.Exit" in line for line in evidence["registry"]["after"]), "other parts are compared")

@test
def a_value_of_the_registry_that_is_no_utf_16_is_compared_all_the_same():
    for odd, differs in ((b"\x00\xd8", False), (None, True)):
        windows, number = Pretended("en"), [0]
        export = windows.reg_export
        def bad(options, operands):
            export(options, operands)
            number[0] += 1
            if "Classes" in operands[0]: windows.files[operands[1]] += '[HKLM\\Odd]\r\n"Z"="certwitness '.encode("utf-16-le") + (odd or bytes([number[0], 0xd8])) + 'x"\r\n'.encode("utf-16-le")
        windows.reg_export = bad
        evidence = host_on(windows, None).collect()
        same([evidence["faults"], "removed it leaves the registry as it was" in red(evidence)], [{}, differs], "faults, and whether a difference shows")

@test
def a_run_that_is_ended_leaves_what_was_seen():
    windows = Pretended("en")
    host = host_on(windows, None)
    def ended(name): raise KeyboardInterrupt
    host.revoke = ended
    try: host.collect()
    except KeyboardInterrupt: pass
    kept = json.loads(windows.files["T:\\evidence.json"])
    same([kept["steps"][-1]["step"], "ended" in kept], [["release", "alice"], True], "the steps")

@test
def a_day_that_breaks_off_at_a_step_says_where_and_why():
    evidence, windows = day("en", ["hangs"])
    same(list(evidence["faults"]), ["play"], "the part")
    check(re.fullmatch(r"renew: certutil\.exe .*-renewCert ReuseKeys did not end within 300 s", evidence["faults"]["play"]), evidence["faults"]["play"])
    same([evidence["steps"][-1]["step"], evidence["verify"]["verdict"], windows.installed, len(evidence["lines"]) > 10], [["import", "dave"], "holds", True, True], "what is there")

@test
def what_our_program_says_beside_the_json_is_not_read_as_json():
    evidence, windows = day("en")
    same([evidence["faults"], list(evidence["export"]["files"])], [{}, ["certificates/61.cer"]], "the export, with a remark on standard error")
    evidence, windows = day("en", ["silent"])
    same([list(evidence["faults"]), "verify" in evidence, "status" in evidence, evidence["reimported"]], [["program says"], False, False, True], "no JSON at all")

@test
def a_row_that_cannot_be_deleted_is_told_of_and_the_evidence_is_there():
    evidence, windows = day("en", ["undeletable"])
    same([evidence["faults"], evidence["reimported"]], [{}, "the row of heidi cannot be deleted"], "what became of it")
    same(red(evidence), ["importcert brings a deleted certificate back"], "what does not hold")

@test
def a_list_without_rows_may_lack_its_heading():
    for faults in ((), ("no heading",)): same([day("en", faults)[0][part] for part in ("faults", "reimported")], [{}, True], f"{faults}")

@test
def a_service_that_takes_no_command_yet_is_told_again():
    evidence, windows = day("en", ["pending"])
    same([evidence["faults"], windows.refusals], [{}, 0], "what became of it")

@test
def another_installation_is_waited_for():
    evidence, windows = day("en", ["busy"])
    same([evidence["faults"], windows.commands.count(("msiexec.exe", "/i"))], [{}, 3], "what became of it")

@test
def serial_numbers_keep_the_zero_that_makes_their_digits_even():
    windows = Pretended("en")
    for serial in ("0x0a61", "0x61", "0x8a61"):
        pem = f"{WORK}/serial.crt"
        openssl("req", "-x509", "-key", WORK + "/home.key", "-days", "9", "-set_serial", serial, "-subj", "/CN=home", "-out", pem)
        windows.files["T:\\dave.cer"] = open(pem, "rb").read()
        same(host_on(windows, None).imported_serial("dave"), serial[2:], "digits")

# ---- commands, as they are run

def windows_here():
    path = f"{WORK}/commands.log"
    if os.path.exists(path): os.remove(path)
    return Windows(path), path

@test
def standard_output_and_standard_error_are_kept_apart_and_both_are_in_the_log():
    windows, log = windows_here()
    same(windows.run(["sh", "-c", "printf out; printf err >&2; exit 3"], 60), (3, "out", "err"), "what is told")
    windows.log.close()
    check(re.fullmatch(r"1 > \['sh', .*\]\nouterr1 = 0x3 after \d+\.\d{3} s\n", open(log).read()), open(log).read())

@test
def a_command_that_does_not_end_is_ended_though_a_child_of_it_holds_its_output():
    """The child's child is waited for by nobody; the log has what was printed until then, and the command even if the test itself were ended."""
    windows, log = windows_here()
    began, child = time.monotonic(), None
    try: windows.run(["sh", "-c", "sleep 300 & echo $!; wait"], 2)
    except subprocess.TimeoutExpired: pass
    else: check(False, "it has ended")
    finally:
        windows.log.close()
        text = open(log).read()
        child = re.search(r"^(\d+)$", text, re.M)
        if child: os.kill(int(child[1]), signal.SIGKILL)
    check(child and re.search(r"^1 = not ended after ", text, re.M) and time.monotonic() - began < 200, text)

@test
def a_command_s_words_are_in_the_log_before_it_ends():
    windows, log = windows_here()
    same(windows.run(["cat", log], 60)[1][:5], "1 > [", "the log, as the command saw it")
    windows.log.close()

@test
def outputs_in_either_encoding_are_read():
    same([decoded(one) for one in ("\u00fc".encode(), b"\x81", b"\xe9\xff", b"")], ["\u00fc", "\u00fc", "\u00da\u00a0", ""], "texts")

@test
def a_python_of_32_bits_is_refused():
    usual = real_host.sys.maxsize
    real_host.sys.maxsize = 2**31 - 1
    try: real_host.begin()
    except SystemExit as why: check("64 bits" in str(why), str(why))
    else: check(False, "it is taken")
    finally: real_host.sys.maxsize = usual

@test
def a_judgement_is_printed_whatever_characters_it_has():
    with open(f"{WORK}/odd.json", "w") as out: json.dump({"faults": {"play": "\u2554\ufffd \u4e2d"}}, out)
    done = finished(sys.executable, "tests/acceptance/judge.py", f"{WORK}/odd.json", env={"PYTHONIOENCODING": "cp1252"}, text=True)
    check(done.returncode == 1 and "# play: \\u2554\\ufffd \\u4e2d" in done.stdout, done.stdout[:300] + done.stderr[-300:])

@test
def the_journal_is_kept_whatever_became_of_the_day():
    windows = Pretended("en")
    host = host_on(windows, "W:\\CertWitness")
    host.keep_journal()
    host.collect(), host.keep_journal()
    same(windows.copied[-1:], [("W:\\CertWitness", "T:\\journal")], "what is copied")

@test
def a_submission_is_measured_without_the_module_with_it_and_beside_a_flush():
    for journal, usual in (("W:\\CertWitness", "W:\\CertWitness"), (None, "D:\\CertWitness\\" + sanitized(CA))):
        evidence, windows = day("en", journal=journal)
        same(windows.measured, ["without", usual + " measured", usual + " measured\\flush"], "what is measured")
        same([windows.settings.get("JournalDirectory"), windows.settings.get("MinFreeMiB")], [journal, 16 if journal else 2048], "the settings of the day")
        told = evidence["performance"]
        same([told[name]["p50"] for name in ("without", "with", "flush")], [9.125, 10.125, 0.5], "durations")
        same({told[name]["count"] for name in ("without", "with", "flush")}, {200}, "how many")
        rows = [re.findall(r"[\d.]+", line[48:]) for line in table(told).splitlines()]
        same(rows[1:], [["200"] + ["10.125"] * 3, ["200"] + ["9.125"] * 3, ["200"] + ["0.500"] * 3], "the table")

@test
def requests_that_the_ca_refuses_measure_nothing():
    same(day("en", ["measured"])[0]["faults"]["measure without"], "the requests that are measured were neither issued nor pending", "why not")

def ask(*faults):
    windows = Pretended("en", faults)
    windows.files["T:\\probe.txt"] = b"start\t0\t-\tMTA\t00000000\n"
    host = ProbeHost(windows, "T:\\probe.dll", "R:", "T:", CA)
    return *host.ask(), windows

@test
def the_questions_are_asked_and_the_list_is_as_it_was():
    log, facts, windows = ask()
    same(sorted(facts["done"]), sorted(["broken", "several", "stranger", "garbage", "keygen", "san", "long", "retrieve", "refused"]), "what was done")
    same([facts["exit_count"], log[:5]], [3, "start"], "facts and log")
    same(sorted(windows.deleted), sorted(PROBES), "the probes' keys are deleted")
    same([windows.written.count((PROBES[1], name, "0")) for name in ("InitializeFails", "NotifyThrows")], [2, 2], "values of the second probe that are zero before the first start and behind their own")
    key = KEYS["service"]
    same([one["answer"] for one in observations(log.split("\n"), facts).values()], ["not observed", "not observed", "known"], "observations of a log without an event")
    same([ask(fault)[1]["changed"] for fault in ("none", "turned")], [[key + "\\CACertHash"], [key + "\\CACertHash", key + "\\Turned"]], "values that the CA has changed")
    same(observations([], ask("turned")[1])["registry"]["answer"], "more", "one that is not allowed for")
    same({number: count for number, count in facts["audited"].items() if count}, {4887: 12, 4889: 2, 4888: 2, 4868: 1, 4870: 2}, "entries of the audit trail")
    same([windows.listed, windows.registered, windows.running], [["CertificateAuthority_MicrosoftDefault.Exit"], False, True], "the list, the class, the service")

@test
def what_certreq_refuses_and_what_fails_is_no_answer_of_the_ca():
    facts = ask("garbage")[1]
    same(["garbage" in facts["done"], "garbage" in facts["rows"], "broken" in facts["done"], facts["stopped"], facts["after_throw"]], [False, False, True, False, 0], "facts")
    windows = Pretended("en")
    host = ProbeHost(windows, "T:\\probe.dll", "R:", "T:", CA)
    windows.certutil_CRL = lambda options, operands: (0x800706ba, "")
    windows.certreq_retrieve = lambda options, operands: (0x800706ba, "")
    host.copy_requests(), host.remember(), host.questions(), host.stop(), host.after_throw()
    same([host.facts["after_throw"], "retrieve" in host.facts["done"]], [0x800706ba, False], "a CA whose process has ended")
    windows.sc_start = lambda options, operands: (1053, "")
    host.after_failure()
    same([host.facts["stopped"], "exit_count" in host.facts], [True, False], "a CA that does not start")

@test
def the_list_is_as_it_was_if_the_questions_break_off():
    def fails(): raise OSError("the network is gone")
    for faults in ((), ("stuck",)):
        windows = Pretended("en")
        windows.files["T:\\probe.txt"] = b"start\t0\t-\tMTA\t00000000\n"
        host = ProbeHost(windows, "T:\\probe.dll", "R:", "T:", CA)
        def questions():
            windows.refusals = 10**6 if faults else 0       # a service that never takes the command to stop
            fails()
        host.questions = questions
        log, facts = host.ask()
        same([log[:5], facts], ["start", {"ca": CA, "done": [], "rows": {}, "broke_off": "OSError: the network is gone"}], "the log, and the facts")
        same([windows.listed, windows.registered, windows.running, sorted(windows.deleted)], [["CertificateAuthority_MicrosoftDefault.Exit"], False, True, sorted(PROBES)], "the list, the class, the service, the keys")
        same(observations(log.split("\n"), facts)["registry"]["answer"], "not observed", "values that nobody compared")
        same(("taskkill.exe", "") in windows.commands, bool(faults), "a process with the probes in it that does not stop is ended")

@test
def each_thing_is_put_back_though_another_cannot_be():
    windows = Pretended("en")
    windows.files["T:\\probe.txt"] = b""
    host = ProbeHost(windows, "T:\\probe.dll", "R:", "T:", CA)
    add = windows.reg_add
    def denied(options, operands): return (5, "") if windows.listed and options["/v"] == ["Active"] else add(options, operands)
    windows.reg_add = denied
    host.ask()
    same([len(windows.listed), windows.registered, windows.running, sorted(windows.deleted)], [3, False, True, sorted(PROBES)], "the list, the class, the service, the keys")
    check(any("listed" in one for one in windows.said), str(windows.said))
    same(host.facts.get("not_as_it_was"), ["the list of exit modules"], "what is told")

# ---- what a CA was set to before

SET = struct.pack("<5I6I", 86400, 0, 0, 3, 20, 1, 60000, 1, 60000, 0, 0)       # started anew twice, then left alone
def set_otherwise(*faults, actions=SET):
    """A CA as its installation leaves it, which holds each request, with failure actions."""
    windows = Pretended("en", faults)
    windows.mode, windows.actions = 257, actions
    windows.files["T:\\probe.txt"] = b"start\t0\t-\tMTA\t00000000\n"
    return windows

@test
def a_ca_that_holds_each_request_is_played_on_and_is_set_so_again():
    for actions in (SET, b"", struct.pack("<7I", 0xffffffff, 0, 0, 1, 20, 2, 5)):
        windows = set_otherwise(actions=actions)
        evidence = host_on(windows, None).collect()
        same([evidence["faults"], red(evidence), windows.mode, windows.force, windows.actions, windows.running], [{}, [], 257, 257, actions, True], "faults, what is red, RequestDisposition, also in force, the actions, the service")
        same(("sc.exe", "failure") in windows.commands, bool(actions), "a service without failure actions is left alone")
        windows = set_otherwise(actions=actions)
        log, facts = ProbeHost(windows, "T:\\probe.dll", "R:", "T:", CA).ask()
        same([windows.mode, windows.force, windows.actions, windows.running, "not_as_it_was" in facts, "alice" in facts["done"] or len(facts["done"])], [257, 257, actions, True, False, 9], "the probe's: RequestDisposition, also in force, the actions, the service")

@test
def the_actions_are_taken_away_before_the_process_is_ended():
    windows, then = set_otherwise(), []
    end = windows.taskkill
    windows.taskkill = lambda options, operands: (then.append(windows.actions), end(options, operands))[1]
    host_on(windows, None).collect()
    same([one[12] for one in then], [0], "how many there are")

@test
def a_ca_is_set_as_it_was_though_the_day_breaks_off():
    windows = set_otherwise("hangs")
    evidence = host_on(windows, None).collect()
    same([list(evidence["faults"]), windows.mode, windows.force, windows.running], [["play"], 257, 257, True], "the part, RequestDisposition, also in force, the service")
    windows = set_otherwise()
    host = host_on(windows, None)
    def ended(name): raise KeyboardInterrupt
    host.revoke = ended
    try: host.collect()
    except KeyboardInterrupt: host.leave()
    same([windows.mode, host.kept], [257, True], "RequestDisposition, and whether the journal is kept, where it is ended from outside")

@test
def what_cannot_be_put_back_is_told():
    windows = set_otherwise()
    add = windows.reg_add
    windows.reg_add = lambda options, operands: (5, "") if options["/d"] == ["257"] else add(options, operands)
    evidence = host_on(windows, None).collect()
    same(evidence["faults"], {"put back": "RequestDisposition and failure actions are [1, [86400, [[1, 60000], [1, 60000], [0, 0]]]], they were [257, [86400, [[1, 60000], [1, 60000], [0, 0]]]]"}, "what is told")
    same([red(evidence), windows.actions], [[WHOLE, "removed it leaves the registry as it was"], SET], "what is red, and the other setting")

@test
def a_ca_of_another_policy_module_is_left_alone():
    windows = set_otherwise()
    query = windows.reg_query
    windows.reg_query = lambda options, operands: (1, "") if options.get("/v") == ["RequestDisposition"] else query(options, operands)
    evidence = host_on(windows, None).collect()
    same([list(evidence["faults"])[:1], windows.mode, ("msiexec.exe", "/i") in windows.commands, ("sc.exe", "stop") in windows.commands], [["prepare"], 257, False, False], "the part, and what was done")

@test
def a_service_that_was_stopped_is_stopped_again():
    windows = set_otherwise()
    windows.running = False
    evidence = host_on(windows, None).collect()
    same([evidence["faults"], red(evidence), windows.running], [{}, [], False], "faults, what is red, the service")
    windows = set_otherwise()
    windows.running = False
    log, facts = ProbeHost(windows, "T:\\probe.dll", "R:", "T:", CA).ask()
    same(["not_as_it_was" in facts, windows.running], [False, False], "the service, after the probe")

@test
def probes_that_a_run_left_in_the_list_are_not_taken_for_the_ca_s_own():
    windows = set_otherwise()
    windows.listed = ["CertificateAuthority_MicrosoftDefault.Exit", PROBES[0]]
    try: ProbeHost(windows, "T:\\probe.dll", "R:", "T:", CA).ask()
    except NotCarriedOut as why: check("a run was cut off" in str(why), str(why))
    else: check(False, "it is asked")

def commands_of_lab():
    """[words] of what lab.ps1 runs, as it stands there."""
    with open("tests/acceptance/lab.ps1") as file: text = file.read()
    calls = re.findall(r"^ *Invoke-Tool (?!\$)([\w.]+) @\((.*)\)$", text, re.M) + [(tool, words) for tool, words in re.findall(r"^ *& ([\w.]+\.exe) (.*?) 2>&1", text, re.M)]
    same(len(calls), len(re.findall(r"^ *(?:Invoke-Tool \w+\.exe|& \w+\.exe)", text, re.M)), "commands that are understood")
    return [[tool, *(re.findall(r"'([^']*)'|(\$\w+)|([^\s',]+)", words))] for tool, words in calls]

@test
def what_lab_ps1_runs_is_documented_too():
    found = [[one if isinstance(one, str) else "".join(one) for one in words] for words in commands_of_lab()]
    check(len(found) >= 10, f"{len(found)} commands")
    for words in found:
        try: checked([word.strip('"') for word in words])
        except Wrong as why: check(False, str(why))
    for words in (["tzutil.exe", "/z", "x"], ["auditpol.exe", "/set", "/subcategorie:x"], ["diskpart.exe", "/f", "x"], ["diskpart.exe", "x"]):
        try: checked(words)
        except Wrong: continue
        check(False, f"{words} is taken")

@test
def each_command_has_a_syntax_and_each_syntax_a_command():
    evidence, windows = day("en")
    otherwise = set_otherwise()
    host_on(otherwise, None).collect()
    windows.commands += ask()[2].commands + day("en", journal=None)[1].commands + otherwise.commands
    windows.commands += [("tzutil.exe", ""), ("auditpol.exe", "/set"), ("diskpart.exe", "")]        # lab.ps1's
    known = {(tool, verb) for tool, verbs in RECORDED["syntax"].items() if tool != "about" for verb in verbs}
    same(sorted(known - set(windows.commands) - {("reg.exe", "delete")}), [], "syntax that no command of the day uses")

@test
def what_goes_wrong_there_turns_its_judgement():
    for fault, sentence in (("certificate.revoked", "each event is one line in order and nothing else is"), ("acl", "the folder is open to system and administrators alone"),
                            ("head", "heads kept elsewhere are in the journal"), ("key", "removed it leaves the registry as it was"), ("features", "removed it leaves the registry as it was"), ("import", "importcert brings a deleted certificate back"), ("certificate.pending", "a counter of others counts the same")):
        red = [name for name, complaints, _ in judge(day("en", [fault])[0]) if complaints]
        check(sentence in red, f"{fault}: red are {red}")

@test
def a_base_and_a_delta_crl_have_to_be_compared():
    enrolled = "S:\\System32\\CertSrv\\CertEnroll\\"
    for gone, wanted in (("ca", ["no published base CRL was compared, of 1 files"]), ("ca+", ["no published delta CRL was compared, of 1 files"]),
                         ("ca ca+", ["no published base CRL was compared, of 0 files", "no published delta CRL was compared, of 0 files"]), ("", [])):
        windows = Pretended("en")
        for name in gone.split(): del windows.files[f"{enrolled}{name}.crl"]
        same(complaints_of(host_on(windows, None).collect(), "crls are the published ones"), wanted, f"complaints without {gone!r}")
    same(complaints_of(day("en", ["RawDeltaCRL"])[0], "crls are the published ones"), ["CRL 0 of 2 files is in no line", "no published delta CRL was compared, of 2 files"], "where no line has a delta CRL")

@test
def what_a_removal_leaves_is_found_wherever_it_lies():
    """Ours by its name is a complaint, another's a remark."""
    def exports(windows, part, text):
        export = windows.reg_export
        def more(options, operands):
            export(options, operands)
            if not windows.installed and windows.lines and operands[0] == KEYS[part]: windows.files[operands[1]] += text.encode("utf-16-le")
        windows.reg_export = more
    def removal(windows, leaves):
        remove = windows.msiexec_x
        windows.msiexec_x = lambda options, operands: (remove(options, operands), leaves())[0]
    file = lambda path: lambda windows: removal(windows, lambda: windows.files.update({path: b""}))
    path = "C:\\x;P:\\CertWitness".encode("utf-16-le").hex(",")
    registry, files = "removed it leaves the registry as it was", "removed it leaves the journal and no other file"
    for name, plant, wanted in (
        ("PATH", lambda windows: exports(windows, "environment", f'[{KEYS["environment"]}]\r\n"Path"=hex(2):{path[:30]}\\\r\n  {path[30:]}\r\n'), [registry]),
        ("another entry of PATH", lambda windows: exports(windows, "environment", f'[{KEYS["environment"]}]\r\n"Path"=hex(2):{"C:y".encode("utf-16-le").hex(",")}\r\n'), [registry]),
        ("the list of programs", lambda windows: exports(windows, "programs", f'[{KEYS["programs"]}\\{{1}}]\r\n"DisplayName"="CertWitness"\r\n'), [registry]),
        ("the installer's list", lambda windows: exports(windows, "installer", f'[{KEYS["installer"]}\\UserData\\S-1-5-18\\Components\\X]\r\n"{"AB" * 16}"="01:"\r\n'), [registry]),
        ("a program by its name", lambda windows: exports(windows, "paths", f'[{KEYS["paths"]}\\certwitness.exe]\r\n'), [registry]),
        ("a service", lambda windows: removal(windows, lambda: windows.names.append("CertWitness-Delivery")), [registry]),
        ("another's service", lambda windows: removal(windows, lambda: windows.names.append("Stranger")), []),
        ("another's program", lambda windows: exports(windows, "programs", f'[{KEYS["programs"]}\\{{1}}]\r\n"DisplayName"="Stranger"\r\n'), []),
        ("a file of the package beside the journal", file("D:\\CertWitness\\certwitness.dll"), [files]), ("a task", file("S:\\System32\\Tasks\\CertWitness"), [files]),
        ("the installer's icon", file("S:\\Installer\\{1}\\certwitness.ico"), [files]), ("a program in the system's folder", file("S:\\System32\\certwitness.dll"), [files]),
        ("another's file", file("D:\\left.txt"), []), ("the journal's own", file("D:\\CertWitness\\" + sanitized(CA) + "\\lock"), [])):
        windows = Pretended("en")
        plant(windows)
        evidence = host_on(windows, None).collect()
        same([evidence["faults"], red(evidence)], [{}, wanted], f"{name}: faults and what is red")
        if not wanted and "journal" not in name: check(any("by others" in why for _, complaints, why in judge(evidence) if complaints == []) and any(one in str(judge(evidence)) for one in ("Stranger", "left.txt")), f"{name}: no remark")

@test
def a_command_that_the_documentation_does_not_know_is_found():
    for words in (["certreq.exe", "-submit", "--config", "x"], ["certutil.exe", "-frobnicate"], ["certutil.exe", "-revoke"], ["sc.exe", "stop"], ["curl.exe", "x"], ["reg.exe", "export", "HKLM\\X"],
                  ["certutil.exe", "-view", "-restrictt", "x=1"], ["wevtutil.exe", "qe", "/x:y", "Security"]):
        try: checked(words)
        except Wrong: continue
        check(False, f"{words} is taken")

@test
def a_file_of_the_journal_that_cannot_be_read_is_left_out_and_the_others_are_not():
    for name in ("journal/1.jsonl", "journal/held/x", "journal/2.jsonl"):       # a folder can be copied as little as a file that is held
        os.makedirs(os.path.dirname(f"{WORK}/{name}"), exist_ok=True)
        with open(f"{WORK}/{name}", "w") as out: out.write(name)
    windows = Windows(f"{WORK}/commands.log")
    windows.copy(WORK + "/journal", WORK + "/copy")
    windows.log.close()
    same(sorted(os.listdir(WORK + "/copy")), ["1.jsonl", "2.jsonl"], "the copy")
    check("> copy held" in open(f"{WORK}/commands.log").read(), "what is left out is noted")

@test
def names_of_cas_are_sanitized_as_the_documentation_says():
    same([sanitized("Wit & Ness (Root) CA"), sanitized("T\u00ebst"), sanitized("plain")], ["Wit !0026 Ness !0028Root!0029 CA", "T!00ebst", "plain"], "names")

def main():
    global NOT_BEFORE
    shutil.rmtree(WORK, ignore_errors=True)
    make_requests(WORK + "/requests")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-set_serial", "0x61", "-keyout", WORK + "/home.key", "-subj", "/CN=home", "-out", WORK + "/home.crt")
    said = openssl("x509", "-in", WORK + "/home.crt", "-noout", "-startdate").decode().split("=")[1].strip()
    NOT_BEFORE = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(calendar.timegm(time.strptime(said, "%b %d %H:%M:%S %Y GMT"))))
    run_tests()

main()
