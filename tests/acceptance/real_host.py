#!/usr/bin/python3
"""certsrv.exe on a Windows Server as the host of a day (story.py). IT HAS NEVER RUN ON WINDOWS: real_host.t plays it against a pretended one.

    python real_host.py --ca NAME --package certwitness.msi --requests DIR --work DIR [--journal FOLDER] [--probe probe.dll]

On a CA of a laboratory alone, in a prompt of an administrator: it installs and removes the package, ends the CA's process, renews the CA's
certificate, changes what becomes of requests, and fills the journal's volume if --journal names one on a volume of its own, of 256 MiB.
Before the day it measures what a submission takes, without the module and with it; that journal is in a folder of its own, "... measured".
DIR of --requests is made on Linux by case_requests.py. WORK gets commands.log, with each command and what it printed, performance.txt, the table of
durations, and evidence.json; then the day is judged. Exit code: 0 every judgement holds, 1 not, 2 the day was not carried out.

Needs Python and Windows' own tools. What these print is read by tools.py, in any language. Python of runners is a program of 64 bits: so is reg.exe then.
"""
import base64, concurrent.futures, glob, json, os, re, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tools
from judge import judge, report
from performance import flushes, summary, table
from story import CA, DAY, request_of
from verify import verify

KEYS = {"classes": r"HKLM\SOFTWARE\Classes", "events": r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog", "service": r"HKLM\SYSTEM\CurrentControlSet\Services\CertSvc"}
# What a CA changes by itself while it works, or this day changes on purpose.
VOLATILE = re.compile(r'Certificate(Hash|s)|CACertHash|CRL\w*Publish|"(RequestDisposition|CACert\w+|CAXchg\w*|HighSerial|LastSerial|FailureActions\w*|Environment)"'
                      r"|\\ExitModules\\CertWitness\.Exit(\t|$)|\\EventLog\\(Security|System)\\", re.I)
DISPOSITIONS = {9: "pending", 20: "issued", 21: "revoked", 30: "failed", 31: "denied"}
MODES = {"issue": "1", "pend": "257", "deny": "2"}          # REQDISP_ISSUE, REQDISP_PENDINGFIRST | REQDISP_ISSUE, REQDISP_DENY
# The audit trail, if AuditFilter and the audit policy are on. Others (4870 revoked, 4872 CRL) count differently, perhaps: not compared until seen.
WARM_UP, SUBMISSIONS = 20, 200
AUDITED = {4887: "certificate.issued", 4889: "certificate.pending", 4888: "certificate.denied", 4868: "certificate.denied"}
INVALID_NAME = re.compile(r"[^ -~]|[&'*\\{}\[\]^:,=!`><#()%|+?\";/]")

class NotCarriedOut(Exception):
    """A command failed that the day cannot go on without."""

def sanitized(name): return INVALID_NAME.sub(lambda one: f"!{ord(one[0]):04x}", name)

class Windows:
    """Commands, files and the clock; real_host.t puts another in its place."""
    def __init__(self, log): self.log = open(log, "a", encoding="utf-8")
    def run(self, words, seconds):
        begun = time.time()
        own = os.path.join(os.environ["SystemRoot"], "System32", words[0])      # others of that name may stand in PATH before it
        done = subprocess.run([own if os.path.exists(own) else words[0], *words[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds)
        text = done.stdout.decode("oem", "replace") if not done.stdout.startswith(b"{") else done.stdout.decode("utf-8", "replace")
        self.log.write(f"> {words}\n{text}= {done.returncode & 0xffffffff:#x} after {time.time() - begun:.3f} s\n")
        self.log.flush()
        return done.returncode & 0xffffffff, text
    def read(self, path):
        with open(path, "rb") as file: return file.read()
    def write(self, path, data):
        with open(path, "wb") as file: file.write(data)
    def remove(self, path): os.remove(path)
    def list(self, pattern): return sorted(glob.glob(pattern))
    def walk(self, top): return [os.path.join(folder, name) for folder, a, b in os.walk(top) for name in a + b]
    def fill(self, path):
        """Until there is no room."""
        with open(path, "wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                try:
                    while file.write(b"\0" * size): pass
                except OSError: pass
    def flushes(self, path, count): return flushes(path, count)
    def sleep(self, seconds): time.sleep(seconds)
    def folder(self, name): return os.environ[name]
    def time(self): return time.time()

class RealHost:
    """`collect` carries the day out and gives the evidence (judge.py)."""
    def __init__(self, windows, package, requests, work, ca=CA, journal=None):
        self.windows, self.package, self.requests, self.work, self.ca = windows, package, requests, work, ca
        self.config = windows.folder("COMPUTERNAME") + "\\" + ca
        self.modules = KEYS["service"] + rf"\Configuration\{sanitized(ca)}\ExitModules"
        self.own = self.modules + r"\CertWitness.Exit"
        self.journal, self.moved = journal or windows.folder("ProgramData") + "\\CertWitness\\" + sanitized(ca), bool(journal)
        self.rows = {}                  # RequestID by the name in the story

    # commands

    def run(self, *words, good=(0,), seconds=120):
        code, text = self.windows.run(words, seconds)
        if good is not None and code not in good: raise NotCarriedOut(f"{' '.join(words)} ended with {code:#x}: {text[-300:]}")
        return code, text

    def until(self, what, why, seconds=180):
        end = self.windows.time() + seconds
        while not what():
            if self.windows.time() > end: raise NotCarriedOut(f"after {seconds} s still not: {why}")
            self.windows.sleep(0.5)

    def state(self): return tools.service_state(self.run("sc.exe", "query", "CertSvc")[1])
    def answers(self): return self.run("certutil.exe", "-config", self.config, "-ping", good=None)[0] == 0
    def certutil(self, *words, **more): return self.run("certutil.exe", "-config", self.config, *words, **more)
    def path(self, name): return self.work + "\\" + name
    def program(self, *words): return json.loads(self.run(self.windows.folder("ProgramFiles") + "\\CertWitness\\certwitness.exe", *words, good=None)[1])

    def row(self, column, value, *wanted):
        """Columns of the database's rows where a column has this value."""
        return tools.csv_rows(self.certutil("-view", "-restrict", f"{column}={value}", "-out", ",".join(wanted), "csv")[1])

    def disposition(self, number):
        found = self.row("RequestID", number, "Request.Disposition")
        return DISPOSITIONS.get(tools.number(found[0][0]), found[0][0]) if found else None

    def serial(self, name): return self.row("RequestID", self.rows[name], "SerialNumber")[0][0]

    # the steps: each gives what became of it

    def start(self):
        self.run("sc.exe", "start", "CertSvc", good=(0, 1056))
        self.until(self.answers, "the CA answers")

    def stop(self):
        self.run("sc.exe", "stop", "CertSvc", good=(0, 1062))
        self.until(lambda: self.state() == 1, "the service is stopped")

    def restart(self): self.stop(), self.start()

    def mode(self, word):
        self.certutil("-setreg", "policy\\RequestDisposition", MODES[word])
        self.restart()

    def submit(self, name, file):
        """The RequestID, or None where there is no row."""
        _, text = self.run("certreq.exe", "-submit", "-q", "-f", "-config", self.config, self.path(f"{file}.req"), self.path(f"{name}.cer"), good=None)
        try: return tools.request_id(text)
        except tools.Unreadable: return None

    def submitted(self, name, file=None):
        number = self.rows[name] = self.submit(name, file or request_of(name))
        return dict(request=number, outcome=self.disposition(number) if number else "no row")

    issue = pend = refuse = fail = submitted

    def managed(self, name, *words):
        self.certutil(*words)
        return dict(request=self.rows[name], outcome=self.disposition(self.rows[name]))

    def approve(self, name): return self.managed(name, "-resubmit", str(self.rows[name]))
    def deny(self, name): return self.managed(name, "-deny", str(self.rows[name]))
    def hold(self, name): return self.managed(name, "-revoke", self.serial(name), "6")
    def revoke(self, name): return self.managed(name, "-revoke", self.serial(name), "1")

    def release(self, name):
        told = self.managed(name, "-revoke", self.serial(name), "-1")
        return {**told, "outcome": "released" if told["outcome"] == "issued" else told["outcome"]}

    def retrieve(self, name):
        code, _ = self.run("certreq.exe", "-retrieve", "-q", "-f", "-config", self.config, str(self.rows[name]), self.path(f"{name}.cer"), good=None)
        return dict(request=self.rows[name], outcome="issued" if code == 0 else f"{code:#x}")

    def crl(self, kind):
        code, _ = self.certutil("-CRL", *(["delta"] if kind == "delta" else []), good=None)
        return dict(outcome="published" if code == 0 else f"{code:#x}")

    def delete(self, name):
        code, _ = self.certutil("-deleterow", str(self.rows[name]), "Request", good=None)
        return dict(request=self.rows[name], outcome="deleted" if code == 0 else f"{code:#x}")

    def import_(self, name):
        code, _ = self.certutil("-importcert", self.path(f"{name}.cer"), good=None)
        serial = self.imported_serial(name)
        found = self.row("SerialNumber", serial, "RequestID")
        return dict(request=tools.number(found[0][0]) if found else None, outcome="imported" if code == 0 and found else f"{code:#x}")

    def imported_serial(self, name):
        from answers import element
        der = base64.b64decode(self.der(self.path(f"{name}.cer")))
        at = element(der, element(der, 0)[1])[1]
        if der[at] == 0xa0: at = element(der, at)[2]
        _, begin, end = element(der, at)
        return der[begin:end].hex().lstrip("0") if der[begin] else der[begin + 1:end].hex()

    def renew(self):
        self.stop()
        self.run("certutil.exe", "-f", "-renewCert", "ReuseKeys", seconds=300)
        self.start()

    def crowd(self, name, clients, each):
        def client(number): return [self.submit(f"{name}{number}", "plain") for _ in range(each)]
        with concurrent.futures.ThreadPoolExecutor(clients) as pool: rows = [row for many in pool.map(client, range(clients)) for row in many]
        outcomes = {self.disposition(row) for row in rows if row} | ({"no row"} if None in rows else set())
        return dict(requests=rows, outcome="issued" if outcomes == {"issued"} else str(sorted(outcomes)))

    def kill(self):
        """As a crash. The service's failure actions would start it again: they are taken away first."""
        self.run("sc.exe", "failure", "CertSvc", "reset=", "0", "actions=", "")
        self.run("taskkill.exe", "/f", "/pid", str(tools.process_id(self.run("sc.exe", "queryex", "CertSvc")[1])))
        self.until(lambda: self.state() == 1, "the process is gone")

    def set(self, name, number): self.run("reg.exe", "add", self.own, "/v", name, "/t", "REG_DWORD", "/d", str(number), "/f")

    def full(self, name):
        if not self.moved: return self.submitted(name)      # the system's volume is not filled
        filler = self.journal.rsplit("\\", 1)[0] + "\\filler"
        self.windows.fill(filler)
        told = self.submitted(name)
        self.windows.remove(filler)
        self.until(lambda: any(line["data"].get("request", {}).get("RequestID") == told["request"] for line in self.lines()), "the event that waited is written")
        return told

    # the machine

    def lines(self):
        return [json.loads(line) for file in self.windows.list(self.journal + "\\*.jsonl") for line in self.windows.read(file).split(b"\n") if line.endswith(b"}")]

    def picture(self, name):
        lines = []
        for part, key in KEYS.items():
            file = self.path(f"{name}-{part}.reg")
            self.run("reg.exe", "export", key, file, "/y")
            lines += [line for line in tools.exported(self.windows.read(file).decode("utf-16")) if not VOLATILE.search(line)]
        return lines, self.windows.walk(self.windows.folder("ProgramFiles") + "\\CertWitness")

    def active(self): return tools.multi_string(self.run("reg.exe", "query", self.modules, "/v", "Active")[1], "Active")

    def acl(self):
        file = self.path("acl.txt")
        self.run("icacls.exe", self.journal, "/save", file)
        return tools.saved_acl(self.windows.read(file).decode("utf-16"))

    def der(self, file):
        """DER or PEM, as base64."""
        data = self.windows.read(file)
        pem = re.fullmatch(rb"\s*-----BEGIN [^-]+-----(.*?)-----END [^-]+-----\s*", data, re.S)
        return base64.b64encode(base64.b64decode(pem[1]) if pem else data).decode()

    def log(self, name, query): return self.run("wevtutil.exe", "qe", name, "/f:xml", "/q:" + query)[1]

    def since(self, began): return time.strftime("TimeCreated[@SystemTime>='%Y-%m-%dT%H:%M:%S.000Z']", time.gmtime(began))

    def witness(self, began):
        wanted = " or ".join(f"EventID={number}" for number in AUDITED)
        counts = dict.fromkeys(AUDITED.values(), 0)
        for number, _, _ in tools.logged(self.log("Security", f"*[System[({wanted}) and {self.since(began)}]]")): counts[AUDITED[number]] += 1
        return counts

    # what the module costs

    def submissions(self):
        """Summary of what the CA takes for one, after a start and some that do not count."""
        self.restart()
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "submit.ps1")
        _, text = self.run("powershell.exe", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", script, "-Config", self.config,
                           "-Request", self.path("plain.req"), "-Count", str(WARM_UP + SUBMISSIONS), seconds=600)
        told = tools.durations(text)
        if {disposition for _, disposition in told} not in ({3}, {5}): raise NotCarriedOut("the requests that are measured were neither issued nor pending")
        return summary([taken for taken, _ in told[WARM_UP:]])

    def directory(self, folder=None):
        """The setting JournalDirectory: this folder, or none."""
        if folder: self.run("reg.exe", "add", self.own, "/v", "JournalDirectory", "/t", "REG_SZ", "/d", folder, "/f")
        else: self.run("reg.exe", "delete", self.own, "/v", "JournalDirectory", "/f")

    def with_the_module(self):
        """In a journal of its own, so that the day's journal is the day's."""
        folder = self.journal + " measured"
        self.directory(folder)
        told = {"with": self.submissions(), "flush": summary(self.windows.flushes(folder + "\\flush", SUBMISSIONS))}
        self.stop()
        self.directory(self.journal if self.moved else None)
        self.windows.sleep(2)           # what the event logs hold of the measurement is older than the day
        return told

    # all of it

    def copy_requests(self):
        """As certreq takes them in any version: base64 with marks."""
        for file in self.windows.list(self.requests + "\\*.req"):
            text = base64.encodebytes(self.windows.read(file)).replace(b"\n", b"\r\n")
            self.windows.write(self.path(file.rsplit("\\", 1)[-1]), b"-----BEGIN NEW CERTIFICATE REQUEST-----\r\n" + text + b"-----END NEW CERTIFICATE REQUEST-----\r\n")

    def day(self):
        records = []
        for step in DAY:
            began = self.windows.time()
            told = getattr(self, "import_" if step[0] == "import" else step[0])(*step[1:]) or {}
            records.append({"step": list(step), "began": began, "ended": self.windows.time(), **told})
        return records

    def collect(self):
        evidence = {"host": "real", "ca": self.ca, "registry": {}, "files": {}, "active": {}, "verify_linux": None}
        self.copy_requests()
        evidence["registry"]["before"], evidence["files"]["before"] = self.picture("before")
        evidence["active"]["before"] = self.active()
        evidence["performance"] = {"what": "a submission", "without": self.submissions()}
        self.stop()
        self.run("msiexec.exe", "/i", self.package, "/qn", "/l*v", self.path("install.log"), good=(0, 3010), seconds=600)
        evidence["active"]["installed"] = self.active()
        if self.moved: self.set("MinFreeMiB", 16)
        evidence["performance"].update(self.with_the_module())
        evidence["began"] = self.windows.time()
        evidence["steps"] = self.day()
        evidence["ended"] = self.windows.time()
        evidence.update(status=self.program("status", "--json"), verify=self.program("verify", "--json", self.journal), acl=self.acl(), witness=self.witness(evidence["began"]),
                        heads=tools.heads(self.log("CertWitness-Journal", f"*[System[(EventID>=100) and (EventID<=104) and {self.since(evidence['began'])}]]")), lines=self.lines(), **self.brought_home())
        self.run("msiexec.exe", "/x", self.package, "/qn", "/l*v", self.path("remove.log"), good=(0, 3010), seconds=600)
        evidence["registry"]["after"], evidence["files"]["after"] = self.picture("after")
        evidence["active"]["after"] = self.active()
        evidence["files"]["journal_after"] = self.windows.list(self.journal + "\\*.jsonl")
        self.start()
        return evidence

    def brought_home(self):
        export = self.path("export")
        self.program("export", "--json", "--out", export, self.journal)
        files = {path[len(export) + 1:].replace("\\", "/"): self.der(path) for path in self.windows.list(export + "\\*\\*")}
        names = {step[1] for step in DAY if step[0] in ("issue", "full", "pend", "refuse")}
        got = {name: self.path(name + ".cer") for name in names if self.windows.list(self.path(name + ".cer"))}
        enrolled = self.windows.folder("SystemRoot") + "\\System32\\CertSrv\\CertEnroll\\*.crl"
        return {"certificates": {name: self.der(path) for name, path in got.items()}, "requests": {request_of(name): self.der(self.path(request_of(name) + ".req")) for name in names},
                "crls": [self.der(path) for path in self.windows.list(enrolled)], "second": self.second(),
                "export": {"files": files, "importcert": self.windows.read(export + "\\importcert.cmd").decode("utf-8", "replace")}}

    def second(self):
        try: return len(verify(self.journal))
        except SystemExit: return 0

def main():
    import argparse
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("ca", "package", "requests", "work"): parser.add_argument("--" + name, required=True)
    parser.add_argument("--journal")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    work = os.path.abspath(options.work)
    host = RealHost(Windows(work + "\\commands.log"), os.path.abspath(options.package), os.path.abspath(options.requests), work, options.ca, options.journal)
    try: evidence = host.collect()
    except (NotCarriedOut, tools.Unreadable, subprocess.TimeoutExpired, OSError) as why:
        print(f"Bail out! The day was not carried out: {why}\n{work}\\commands.log has every command and what it printed.")
        sys.exit(2)
    with open(work + "\\evidence.json", "w", encoding="utf-8") as out: json.dump(evidence, out)
    with open(work + "\\performance.txt", "w", encoding="utf-8") as out: out.write(table(evidence["performance"]))
    print(table(evidence["performance"]))
    sys.exit(report(judge(evidence)))

if __name__ == "__main__": main()
