#!/usr/bin/python3
"""certsrv.exe on a Windows Server as the host of a day (story.py). IT HAS NEVER RUN ON WINDOWS: real_host.t plays it against a pretended one.

    python real_host.py --ca NAME --package certwitness.msi --requests DIR --work DIR [--journal FOLDER] [--half first|second]

On a CA of a laboratory alone, in a prompt of an administrator: it installs and removes the package, ends the CA's process, renews the CA's
certificate, moves the machine's clock by two hours and back, changes what becomes of requests, and fills the journal's volume: to its last byte if --journal names a folder on a volume of its own, of
256 MiB; else the volume of the default folder until 300 MiB are free, which are the CA's own, while the module is set to write nothing below 512.
A host of virtual machines may set the clock right again at once: then nothing is said of lines whose time goes back.
The first half of the day ends before the clock is moved, with the package installed and the CA set for the day; its evidence can be brought home
before the second half, which needs WORK and the file beside it as the first has left them. Only then is the day judged.
Before the day it measures what a submission takes, without the module and with it; that journal is in a folder of its own, "... measured".
What the day needs of the CA, lab.ps1 sets: it is a standalone one with its default policy module, whose certificate can be renewed without a question
(RenewalKeyLength in CAPolicy.inf); base and delta CRLs are published, and into CertEnroll (CRLPublicationURLs, CRLDeltaPeriodUnits 1); and each entry of
its audit trail is written (AuditFilter 127, the audit policy of the subcategory {0CCE9221-69AE-11D9-BED3-505054503030}). RequestDisposition and the
service's failure actions are set for the day and put back, and the service runs afterwards if it ran before.
DIR of --requests is made on Linux by case_requests.py. WORK gets commands.log, with each command and what it printed, performance.txt, the table of
durations, journal, a copy of the folder, and evidence.json, which is written anew after each part of the day; then the day is judged.
A look at the machine or a measurement that fails is told, and the day goes on without it.
Exit code: 0 every judgement holds, 1 not, 2 a part of the day was not carried out, and evidence.json has what was seen.

Needs Python 3.9 and Windows' own tools. What these print is read by tools.py, in any language. Python has to be a program of 64 bits: else Windows
shows it, and the tools that it starts, other keys of the registry and other files.
"""
import argparse, base64, concurrent.futures, ctypes, glob, itertools, json, os, re, shutil, subprocess, sys, tempfile, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tools
from answers import AUDIT, DENIED, ISSUED, PENDING, TRUSTED, VOLATILE, print_anything
from judge import UPGRADE, judge, packed, report
from performance import flushes, summary, table
from story import CA, DAY, request_of
from verify import verify

# What the package, the module or Windows Installer may write to. Of services the names alone: some keys below are closed to administrators, too.
KEYS = {"classes": r"HKLM\SOFTWARE\Classes", "events": r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog", "service": r"HKLM\SYSTEM\CurrentControlSet\Services\CertSvc",
        "environment": r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment", "programs": r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall",
        "installer": r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer", "paths": r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths",
        "services": r"HKLM\SYSTEM\CurrentControlSet\Services"}
# And the folders, each with what is in it at any depth; of others the names that are ours.
FOLDERS = ("ProgramFiles", "\\CertWitness"), ("ProgramData", ""), ("SystemRoot", "\\Installer"), ("SystemRoot", "\\System32\\Tasks")
NAMED = ("ProgramFiles", "\\*"), ("SystemRoot", "\\System32\\cert*")
DISPOSITIONS = {9: "pending", 20: "issued", 21: "revoked", 30: "failed", 31: "denied"}
MODES = {"issue": "1", "pend": "257", "deny": "2"}          # REQDISP_ISSUE, REQDISP_PENDINGFIRST | REQDISP_ISSUE, REQDISP_DENY
ACTIONS = "", "restart", "reboot", "run"                    # SC_ACTION_TYPE, as sc.exe takes them
WARM_UP, SUBMISSIONS = 20, 200
MIB = 1 << 20
# MinFreeMiB of the day, on a small volume and on the system's. Below a quarter of it the module writes nothing. LEFT_MIB: what a full volume of the
# system still has free, so that the CA and Windows go on.
SMALL_MIB, USUAL_MIB, LEFT_MIB = 16, 2048, 300
CLOCK = [step[0] for step in DAY].index("clock")
HALVES = {None: DAY, "first": DAY[:CLOCK], "second": DAY[CLOCK:]}
LOOKED_S = 2                    # the module asks how much is free once a second
OFF_S = 60                      # a clock that is off by less is taken for right
# They set the clock by others' clocks: the second by that of the machine which this one is a guest of.
TIME_SERVICES = "W32Time", "vmictimesync"
NO_SERVICE, NOT_STARTED, NOT_NOW, STARTED = 1060, 1062, 1061, 1056        # what sc.exe ends with
BUSY, RESTART = 1618, 3010      # what msiexec ends with: another installation is in progress; files in use are replaced at the next start
OEM = "oem" if sys.platform == "win32" else "cp850"
AUDITED = {one: {ISSUED: "certificate.issued", PENDING: "certificate.pending", DENIED: "certificate.denied"}[AUDIT[ids]] for ids in TRUSTED for one in ids}
INVALID_NAME = re.compile(r"[^ -~]|[&'*\\{}\[\]^:,=!`><#()%|+?\";/]")

class NotCarriedOut(Exception):
    """A command failed that the day cannot go on without."""

FAULTS = NotCarriedOut, tools.Unreadable, OSError, ValueError, LookupError
def named(fault): return str(fault) if isinstance(fault, (NotCarriedOut, tools.Unreadable)) else f"{type(fault).__name__}: {fault}"

def decoded(data):
    """Our own program prints UTF-8, Windows' tools the machine's OEM code page."""
    try: return data.decode("utf-8")
    except UnicodeDecodeError: return data.decode(OEM, "replace")

def differing(before, after):
    one, other = set(before), set(after)
    return {"before": [line for line in before if line not in other], "after": [line for line in after if line not in one]}

def sanitized(name): return INVALID_NAME.sub(lambda one: f"!{ord(one[0]):04x}", name)

class Windows:
    """Commands, files and the clock; real_host.t puts another in its place."""
    def __init__(self, log): self.log, self.lock, self.numbers = open(log, "a", encoding="utf-8", newline=""), threading.Lock(), itertools.count(1)
    def note(self, text):
        """From any thread."""
        with self.lock:
            self.log.write(text)
            self.log.flush()
    def run(self, words, seconds):
        """(exit code, standard output, standard error); subprocess.TimeoutExpired. Into files: a pipe that a child's child has inherited would be waited for
        beyond the time limit."""
        own = os.path.join(os.environ.get("SystemRoot", ""), "System32", words[0])      # others of that name may stand in PATH before it
        number, begun, code = next(self.numbers), time.monotonic(), None
        self.note(f"{number} > {words}\n")
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
            process = subprocess.Popen([own if os.path.exists(own) else words[0], *words[1:]], stdin=subprocess.DEVNULL, stdout=out, stderr=error)
            try: code = process.wait(seconds) & 0xffffffff
            finally:
                if code is None: self.end(process)
                texts = []
                for file in (out, error):
                    file.seek(0)
                    texts.append(decoded(file.read()))
                self.note(f"{texts[0]}{texts[1]}{number} = {'not ended' if code is None else hex(code)} after {time.monotonic() - begun:.3f} s\n")
        return code, *texts
    def end(self, process):
        """With what it has started."""
        try:
            if sys.platform == "win32": subprocess.run(["taskkill.exe", "/f", "/t", "/pid", str(process.pid)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
            process.kill()
            process.wait(60)
        except (OSError, subprocess.TimeoutExpired): pass       # what is to be told is that it did not end
    def say(self, text): print(f"# {text}", flush=True)
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
    def free(self, folder): return shutil.disk_usage(folder).free
    def copy(self, folder, to):
        """The files; what cannot be read, since the CA holds it, is left out and noted."""
        os.makedirs(to, exist_ok=True)
        for name in sorted(os.listdir(folder)):
            try: shutil.copy(os.path.join(folder, name), to)
            except OSError as why: self.note(f"> copy {name}\n{why}\n")
    def flushes(self, path, count): return flushes(path, count)
    def sleep(self, seconds): time.sleep(seconds)
    def set_clock(self, at):
        """SetSystemTime, whose SYSTEMTIME is eight WORDs in UTC."""
        now = time.gmtime(at)
        words = now.tm_year, now.tm_mon, (now.tm_wday + 1) % 7, now.tm_mday, now.tm_hour, now.tm_min, now.tm_sec, int(at % 1 * 1000)
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        if not kernel.SetSystemTime((ctypes.c_uint16 * 8)(*words)): raise ctypes.WinError(ctypes.get_last_error())
    def folder(self, name): return os.environ[name]
    def time(self): return time.time()
    def steady(self):
        """Seconds by a clock that nobody sets."""
        return time.monotonic()

class RealHost:
    """`collect` carries the day out and gives the evidence (judge.py), whatever becomes of the day."""
    def __init__(self, windows, package, requests, work, ca=CA, journal=None):
        self.windows, self.package, self.requests, self.work, self.ca = windows, package, requests, work, ca
        self.config = windows.folder("COMPUTERNAME") + "\\" + ca
        self.modules = KEYS["service"] + rf"\Configuration\{sanitized(ca)}\ExitModules"
        self.own = self.modules + r"\CertWitness.Exit"
        self.journal, self.moved = journal or windows.folder("ProgramData") + "\\CertWitness\\" + sanitized(ca), bool(journal)
        self.policy = KEYS["service"] + rf"\Configuration\{sanitized(ca)}\PolicyModules\CertificateAuthority_MicrosoftDefault.Policy"
        self.rows = {}                  # RequestID by the name in the story
        self.paused = False             # the second half is to come
        self.was, self.ran = None, None # what put_back puts back; whether the service ran
        self.pictures = {}              # {"before", "after"}: {part of KEYS: lines} and names of files
        self.kept = False               # the copy of the journal was made
        self.aside = False              # the journal of a measurement is in another folder
        self.wanted = 0                 # seconds that the clock is to be ahead by
        self.right, self.halted = None, []      # what the right time differs from the steady clock by, once the clock was moved; services that wait for the end of that
        self.evidence = {"host": "real", "ca": ca, "registry": {}, "files": {}, "active": {}, "verify_linux": None, "performance": {"what": "a submission"}, "faults": {}}

    # commands

    def run(self, *words, good=(0,), seconds=120):
        """The exit code and the standard output."""
        try: code, text, error = self.windows.run(words, seconds)
        except subprocess.TimeoutExpired: raise NotCarriedOut(f"{' '.join(words)} did not end within {seconds} s")
        if good is not None and code not in good: raise NotCarriedOut(f"{' '.join(words)} ended with {code:#x}: {(text + error)[-300:]}")
        return code, text

    def tried(self, what, *words):
        """Whether it could be done. Nothing is raised."""
        try: return what(*words) or True
        except FAULTS as why: self.windows.say(f"{getattr(what, '__name__', what)} {' '.join(map(str, words))}: {named(why)}")

    def until(self, what, why, seconds=180):
        """By the steady clock: the other one is moved meanwhile."""
        end = self.windows.steady() + seconds
        while not what():
            if self.windows.steady() > end: raise NotCarriedOut(f"after {seconds} s still not: {why}")
            self.windows.sleep(0.5)

    def state(self, name="CertSvc"): return tools.service_state(self.run("sc.exe", "query", name)[1])
    def answers(self): return self.run("certutil.exe", "-config", self.config, "-ping", good=None)[0] == 0
    def certutil(self, *words, **more): return self.run("certutil.exe", "-config", self.config, *words, **more)
    def path(self, name): return self.work + "\\" + name
    def program(self, *words):
        """What it says in JSON; remarks are on standard error."""
        return json.loads(self.run(self.windows.folder("ProgramFiles") + "\\CertWitness\\certwitness.exe", *words, good=None, seconds=300)[1])

    def row(self, column, value, *wanted):
        """Columns of the database's rows where a column has this value. Whether certutil prints the heading where there is no row is not documented."""
        try: return tools.csv_rows(self.certutil("-view", "-restrict", f"{column}={value}", "-out", ",".join(wanted), "csv")[1])
        except tools.Unreadable: return []

    def disposition(self, number):
        found = self.row("RequestID", number, "Request.Disposition")
        return DISPOSITIONS.get(tools.number(found[0][0]), found[0][0]) if found else None

    def serial(self, name):
        found = self.row("RequestID", self.rows[name], "SerialNumber")
        if not found: raise NotCarriedOut(f"the database has no serial number of {name}, request {self.rows[name]}")
        return found[0][0]

    # the steps: each gives what became of it

    def start(self):
        self.run("sc.exe", "start", "CertSvc", good=(0, STARTED))
        self.until(self.answers, "the CA answers")

    def stop(self, name="CertSvc", seconds=180):
        """A service that is starting or stopping takes no command: it is told again."""
        def stopped():
            self.run("sc.exe", "stop", name, good=(0, NOT_STARTED, NOT_NOW))
            return self.state(name) == 1
        self.until(stopped, f"the service {name} is stopped", seconds)

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
        code, _ = self.certutil("-deleterow", str(self.rows[name]), good=None)
        return dict(request=self.rows[name], outcome="deleted" if code == 0 else f"{code:#x}")

    def import_(self, name):
        code, _ = self.certutil("-importcert", self.path(f"{name}.cer"), good=None)
        serial = self.imported_serial(name)
        found = self.row("SerialNumber", serial, "RequestID") or self.row("SerialNumber", serial.lstrip("0"), "RequestID")
        return dict(request=tools.number(found[0][0]) if found else None, outcome="imported" if code == 0 and found else f"{code:#x}")

    def imported_serial(self, name):
        from answers import element
        der = base64.b64decode(self.der(self.path(f"{name}.cer")))
        at = element(der, element(der, 0)[1])[1]
        if der[at] == 0xa0: at = element(der, at)[2]
        _, begin, end = element(der, at)
        return der[begin:end].hex() if der[begin] else der[begin + 1:end].hex()

    def renew(self):
        self.stop()
        self.run("certutil.exe", "-f", "-silent", "-renewCert", "ReuseKeys", seconds=300)      # it was seen to wait for a window that nobody sees
        self.start()

    def crowd(self, name, clients, each):
        def client(number): return [self.submit(f"{name}{number}", "plain") for _ in range(each)]
        with concurrent.futures.ThreadPoolExecutor(clients) as pool: rows = [row for many in pool.map(client, range(clients)) for row in many]
        outcomes = {self.disposition(row) for row in rows if row} | ({"no row"} if None in rows else set())
        return dict(requests=rows, outcome="issued" if outcomes == {"issued"} else str(sorted(outcomes)))

    def stays_ended(self):
        """After a crash the service's failure actions would start it again at any time: they are taken away, where there are any."""
        if self.failure_actions()[1]: self.run("sc.exe", "failure", "CertSvc", "reset=", "0", "actions=", "")

    def kill(self):
        """As a crash."""
        self.stays_ended()
        self.run("taskkill.exe", "/f", "/pid", str(tools.process_id(self.run("sc.exe", "queryex", "CertSvc")[1])))
        self.until(lambda: self.state() == 1, "the process is gone")

    def setreg(self, name, number): self.run("certutil.exe", "-setreg", f"exit\\CertWitness.Exit\\{name}", str(number))     # of this machine's CA, whose service does not run

    def off(self):
        """Seconds that the clock is ahead by."""
        return self.windows.time() - (self.right + self.windows.steady()) if self.right is not None else 0

    def halt(self, service):
        code, _ = self.run("sc.exe", "stop", service, good=None)
        if code in (NO_SERVICE, NOT_STARTED): return
        self.halted.append(service)
        self.tried(self.stop, service, 60)

    def clock(self, seconds):
        """To the right time, by the steady clock, and so many seconds. Services that set it by others' stand still meanwhile. It is looked at after two seconds."""
        if self.right is None:
            for service in TIME_SERVICES: self.halt(service)
            self.right = self.windows.time() - self.windows.steady()
        self.wanted += seconds
        self.windows.set_clock(self.right + self.windows.steady() + self.wanted)
        self.windows.sleep(2)
        if abs(self.off() - self.wanted) > OFF_S: self.windows.say(f"the clock was set to {self.wanted} s ahead and is {self.off():.0f} s ahead")

    def clock_again(self):
        """To the right time, whatever became of the day."""
        self.wanted = 0
        if abs(self.off()) > 1: self.tried(lambda: self.windows.set_clock(self.right + self.windows.steady()))
        while self.halted: self.tried(self.run, "sc.exe", "start", self.halted.pop())

    def set(self, name, number): self.run("reg.exe", "add", self.own, "/v", name, "/t", "REG_DWORD", "/d", str(number), "/f")

    def fill(self, filler):
        """A small volume to its end. Of the system's so much is allocated, and not written, that LEFT_MIB are free."""
        if self.moved: return self.windows.fill(filler)
        free, least = self.windows.free(filler.rsplit("\\", 1)[0]), (2 * USUAL_MIB + LEFT_MIB) * MIB     # below twice the limit it leaves values out all day
        if free < least: raise NotCarriedOut(f"the journal's volume has {free // MIB} MiB free, and the day needs {least // MIB}")
        self.run("fsutil.exe", "file", "createnew", filler, str(free - LEFT_MIB * MIB))

    def full(self, name):
        filler = self.journal.rsplit("\\", 1)[0] + "\\filler"
        written = lambda row: any(line["data"].get("request", {}).get("RequestID") == row for line in self.lines())
        try:
            self.fill(filler)
            self.windows.sleep(LOOKED_S)
            told = self.submitted(name)
            told["waited"] = not written(told["request"])
        finally:
            if self.windows.list(filler): self.windows.remove(filler)
        self.until(lambda: written(told["request"]), "the event that waited is written")
        return told

    # what the CA is set to

    def failure_actions(self):
        code, text = self.run("reg.exe", "query", KEYS["service"], "/v", "FailureActions", good=(0, 1))       # 1: there is no such value
        return [0, []] if code else tools.failure_actions(text)

    def set_to(self): return [tools.dword(self.run("reg.exe", "query", self.policy, "/v", "RequestDisposition")[1], "RequestDisposition"), self.failure_actions()]

    def remember(self):
        was, ran = self.set_to(), self.state() != 1
        strange = [kind for kind, _ in was[1][1] if kind >= len(ACTIONS)]
        if strange: raise NotCarriedOut(f"the service has failure actions that sc.exe cannot set again: {was[1]}")
        self.was, self.ran = was, ran

    def dispose(self, number): self.run("reg.exe", "add", self.policy, "/v", "RequestDisposition", "/t", "REG_DWORD", "/d", str(number), "/f")

    def put_back(self):
        """Both, though the one cannot be; then they are looked at."""
        if not self.was: return
        number, (seconds, actions) = self.was
        self.tried(self.dispose, number)
        if actions:
            words = "/".join(f"{ACTIONS[kind]}/{milliseconds}" for kind, milliseconds in actions)
            self.tried(self.run, "sc.exe", "failure", "CertSvc", "reset=", "INFINITE" if seconds == 0xffffffff else str(seconds), "actions=", words)
        now = self.set_to()
        if (now[0], now[1][1]) != (number, actions) or actions and now != self.was: raise NotCarriedOut(f"RequestDisposition and failure actions are {now}, they were {self.was}")
        self.was = None

    def service_again(self):
        """Running or not, as it was, and by what was put back."""
        if self.ran is not None: self.restart() if self.ran else self.stop()

    # the machine

    def lines(self):
        return [json.loads(line) for file in self.windows.list(self.journal + "\\*.jsonl") for line in self.windows.read(file).split(b"\n") if line.endswith(b"}")]

    def exported(self, name, part):
        file = self.path(f"{name}-{part}.reg")
        self.run("reg.exe", "export", KEYS[part], file, "/y", seconds=300)
        lines = tools.exported(self.windows.read(file).decode("utf-16", "backslashreplace"))      # a value may be no UTF-16: nothing is refused, and it shows
        if part in ("classes", "installer"): self.windows.remove(file)          # of some hundred MB on a hosted machine
        return lines

    def look(self, name, part):
        if part == "services": return tools.keys_below(self.run("reg.exe", "query", KEYS[part])[1])
        return [line for line in self.exported(name, part) if not VOLATILE.search(line)]

    def files(self):
        """Outside the journal: without it, what is measured beside it, and the folder that they lie in."""
        found = {path for place, below in FOLDERS for path in self.windows.walk(self.windows.folder(place) + below)}
        found |= {path for place, below in NAMED for path in self.windows.list(self.windows.folder(place) + below)}
        return sorted(path for path in found if not path.startswith(self.journal) and path != self.journal.rsplit("\\", 1)[0])

    def picture(self, name):
        """A part of the registry that cannot be read is left out, and told when the others were."""
        parts, unread = {}, []
        self.pictures[name] = [parts, self.files()]
        for part in KEYS:
            try: parts[part] = self.look(name, part)
            except FAULTS as why: unread.append(f"{part}: {named(why)}")
        if unread: raise NotCarriedOut("; ".join(unread))

    def compare_pictures(self):
        """What is in both is left out."""
        (before, files), (after, files_after) = (self.pictures.get(name, [{}, None]) for name in ("before", "after"))
        both = [part for part in KEYS if part in before and part in after]
        self.evidence["registry"] = {**differing([line for part in both for line in before[part]], [line for part in both for line in after[part]]), "unread": [part for part in KEYS if part not in both]}
        if files is not None and files_after is not None: self.evidence["files"].update(differing(files, files_after))

    def active(self): return tools.multi_string(self.run("reg.exe", "query", self.modules, "/v", "Active")[1], "Active")

    def product(self): return tools.product(self.run("reg.exe", "query", rf"{KEYS['classes']}\Installer\UpgradeCodes\{packed(UPGRADE)}", good=None)[1])

    def acl(self):
        file = self.path("acl.txt")
        self.run("icacls.exe", self.journal, "/save", file)
        return tools.saved_acl(self.windows.read(file).decode("utf-16", "backslashreplace"))

    def der(self, file):
        """DER or PEM, as base64."""
        data = self.windows.read(file)
        pem = re.fullmatch(rb"\s*-----BEGIN [^-]+-----(.*?)-----END [^-]+-----\s*", data, re.S)
        return base64.b64encode(base64.b64decode(pem[1]) if pem else data).decode()

    def log(self, name, query): return self.run("wevtutil.exe", "qe", name, "/f:xml", "/q:" + query)[1]

    def since(self, began): return time.strftime("TimeCreated[@SystemTime>='%Y-%m-%dT%H:%M:%S.000Z']", time.gmtime(began))

    def audited(self, began):
        """{ID: how many entries}, of those that answers.py knows."""
        counts = dict.fromkeys((one for ids in AUDIT for one in ids), 0)
        wanted = " or ".join(f"EventID={number}" for number in counts)
        for number, _, _ in tools.logged(self.log("Security", f"*[System[({wanted}) and {self.since(began)}]]")): counts[number] += 1
        return counts

    def witness(self, began):
        counts = dict.fromkeys(AUDITED.values(), 0)
        for number, count in self.audited(began).items():
            if number in AUDITED: counts[AUDITED[number]] += count
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
        elif self.aside: self.run("reg.exe", "delete", self.own, "/v", "JournalDirectory", "/f")
        self.aside = bool(folder)

    # all of it

    def copy_requests(self):
        """As certreq takes them in any version: base64 with marks."""
        for file in self.windows.list(self.requests + "\\*.req"):
            text = base64.encodebytes(self.windows.read(file)).replace(b"\n", b"\r\n")
            self.windows.write(self.path(file.rsplit("\\", 1)[-1]), b"-----BEGIN NEW CERTIFICATE REQUEST-----\r\n" + text + b"-----END NEW CERTIFICATE REQUEST-----\r\n")

    def day(self):
        self.evidence.setdefault("steps", [])
        for step in self.steps:
            began = self.windows.time()
            self.windows.say(" ".join(map(str, step)))
            try: told = getattr(self, "import_" if step[0] == "import" else step[0])(*step[1:]) or {}
            except FAULTS as why: raise NotCarriedOut(f"{' '.join(map(str, step))}: {named(why)}")
            self.evidence["steps"].append({"step": list(step), "began": began, "ended": self.windows.time(), "ahead": round(self.off()), **told})

    def prepare(self): self.copy_requests(), self.remember()

    def look_before(self):
        self.evidence["active"]["before"] = self.active()
        self.picture("before")

    def set_up(self):
        """In force from the next start."""
        self.dispose(MODES["issue"])

    def measure_without(self): self.evidence["performance"]["without"] = self.submissions()

    def msiexec(self, verb, log):
        """No restart, which with /qn nobody would be asked for."""
        done = lambda: self.run("msiexec.exe", verb, self.package, "/qn", "/norestart", "/l*v", self.path(log), good=(0, RESTART, BUSY), seconds=600)[0] != BUSY
        self.until(done, "no other installation is in progress", 300)

    def install(self):
        self.stop()
        self.msiexec("/i", "install.log")
        self.set("MinFreeMiB", SMALL_MIB if self.moved else USUAL_MIB)

    def look_installed(self): self.evidence["active"]["installed"], self.evidence["product"] = self.active(), self.product()

    def measure_with(self):
        """In a journal of its own, so that the day's journal is the day's."""
        folder, told = self.journal + " measured", self.evidence["performance"]
        self.directory(folder)
        try: told["with"], told["flush"] = self.submissions(), summary(self.windows.flushes(folder + "\\flush", SUBMISSIONS))
        finally: self.windows.write(self.path("performance.txt"), table(told).encode())

    def settle(self):
        """The journal is the day's, and the service does not run."""
        self.stop()
        self.directory(self.journal if self.moved else None)
        self.windows.sleep(2)           # what the event logs hold of the measurement is older than the day

    def play(self):
        self.evidence.setdefault("began", self.windows.time())
        try: self.day()
        finally:
            self.clock_again()
            self.evidence["ended"] = self.windows.time()

    def program_says(self):
        self.evidence["verify"] = self.program("verify", "--json", self.journal)
        self.evidence["status"] = self.program("status", "--json")

    def journal_says(self): self.evidence.update(lines=self.lines(), second=self.second())

    def system_says(self):
        began = self.evidence["began"]
        self.evidence.update(acl=self.acl(), witness=self.witness(began),
                             heads=tools.heads(self.log("CertWitness-Journal", f"*[System[(EventID>=100) and (EventID<=104) and {self.since(began)}]]")))

    def remove(self): self.msiexec("/x", "remove.log")

    def look_after(self):
        self.evidence["active"]["after"], self.evidence["files"]["journal_after"] = self.active(), self.windows.list(self.journal + "\\*.jsonl")
        try: self.picture("after")
        finally: self.compare_pictures()

    def import_again(self):
        self.start()
        self.evidence["reimported"] = self.reimported("heidi")

    def part(self, function):
        """Whether it was carried out. What was seen is kept, even if the run is ended."""
        try: return function() or True
        except FAULTS as why: self.evidence["faults"][function.__name__.replace("_", " ")] = named(why)
        finally: self.windows.write(self.path("evidence.json"), json.dumps(self.evidence).encode())

    def carried_out(self, *parts):
        """Whether the day went on to the end of these parts. One that fails ends it, but for looks and measurements, which no other part needs."""
        looks = self.look_before, self.measure_without, self.look_installed, self.measure_with
        return all(self.part(one) or one in looks for one in parts)

    # between two halves

    def state_file(self): return self.work + "-state.json"          # beside WORK: it has whole pictures, and is brought home by nobody
    KEPT = "rows", "pictures", "was", "ran"

    def pause(self):
        self.windows.write(self.state_file(), json.dumps({name: getattr(self, name) for name in self.KEPT}).encode())
        self.was, self.paused = None, True          # the second half puts back what was

    def go_on(self):
        """Once: what is set is in force from here on, and a second half is not played twice."""
        try: state, evidence = (json.loads(self.windows.read(path)) for path in (self.state_file(), self.path("evidence.json")))
        except FAULTS as why: raise NotCarriedOut(f"there is no first half that was carried out: {named(why)}")
        if list(state) != list(self.KEPT): raise NotCarriedOut(f"{self.state_file()} is of another program")
        self.windows.remove(self.state_file())
        for name, value in state.items(): setattr(self, name, value)
        self.evidence = evidence

    def collect(self, half=None):
        """What there is is looked at, whatever became of the day. The package is removed after a whole day alone. NotCarriedOut where a first half is missing."""
        self.steps = HALVES[half]
        if half == "second": self.go_on()
        begin = () if half == "second" else (self.prepare, self.look_before, self.set_up, self.measure_without, self.install, self.look_installed, self.measure_with, self.settle)
        whole = self.carried_out(*begin, self.play)
        for one in (self.program_says, self.journal_says, self.system_says, self.brought_home, self.keep_journal): self.part(one)
        if whole and half == "first" and self.part(self.pause): return self.evidence
        self.part(self.export)
        removed = whole and half != "first" and self.part(self.remove)
        self.part(self.put_back)
        if removed: self.part(self.look_after), self.part(self.import_again)
        self.part(self.service_again)
        return self.evidence

    def leave(self):
        """Whatever became of `collect`, as when it was ended from outside."""
        self.clock_again(), self.tried(self.put_back)
        if not self.kept: self.keep_journal()

    def keep_journal(self):
        """A copy of the folder as it is, of whatever day there was."""
        self.kept = True
        if self.windows.list(self.journal + "\\*"): self.windows.copy(self.journal, self.path("journal"))

    def brought_home(self):
        names = {step[1] for step in DAY if step[0] in ("issue", "full", "pend", "refuse")}
        got = {name: self.path(name + ".cer") for name in names if self.windows.list(self.path(name + ".cer"))}
        enrolled = self.windows.folder("SystemRoot") + "\\System32\\CertSrv\\CertEnroll\\*.crl"
        self.evidence.update(certificates={name: self.der(path) for name, path in got.items()}, requests={request_of(name): self.der(self.path(request_of(name) + ".req")) for name in names},
                             crls=[self.der(path) for path in self.windows.list(enrolled)])

    def export(self):
        export = self.path("export")
        self.program("export", "--json", "--out", export, self.journal)
        files = {path[len(export) + 1:].replace("\\", "/"): self.der(path) for path in self.windows.list(export + "\\*\\*")}
        self.evidence["export"] = {"files": files, "importcert": self.windows.read(export + "\\importcert.cmd").decode("utf-8", "replace")}

    def reimported(self, name):
        """True, or why not. Without the module, so that the journal ends as it was judged. What the database still has certutil refuses."""
        serial, script = self.serial(name), self.path("export") + "\\importcert.cmd"
        if not self.windows.list(script): raise NotCarriedOut(f"there is no {script}")
        if self.delete(name)["outcome"] != "deleted" or self.row("SerialNumber", serial, "RequestID"): return f"the row of {name} cannot be deleted"
        self.run("cmd.exe", "/c", script, good=None, seconds=600)
        return bool(self.row("SerialNumber", serial, "RequestID")) or f"the row of {name} is not there again"

    def second(self):
        try: return len(verify(self.journal))
        except SystemExit: return 0

def parser():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("ca", "package", "requests", "work"): options.add_argument("--" + name, required=True)
    options.add_argument("--journal", help="default, and where it is empty: the usual folder")
    options.add_argument("--half", choices=[half for half in HALVES if half], help="default: the whole day")
    return options

def begin():
    """What a run on Windows needs: a Python that sees the machine as the CA does."""
    print_anything()
    if sys.maxsize < 2**32: sys.exit("This Python is a program of 32 bits: Windows would show it other keys and files than the CA's. Start it with a Python of 64 bits.")

def main():
    options = parser().parse_args()
    begin()
    os.makedirs(options.work, exist_ok=True)
    work = os.path.abspath(options.work)
    host = RealHost(Windows(work + "\\commands.log"), os.path.abspath(options.package), os.path.abspath(options.requests), work, options.ca, options.journal)
    try: evidence = host.collect(options.half)
    except NotCarriedOut as why:
        print(f"The second half was not begun: {named(why)}")
        sys.exit(2)
    finally: host.leave()
    if host.paused:
        for part, why in evidence["faults"].items(): print(f"# {part}: {why}")
        print("# The first half was carried out. It is judged after the second, which puts back what was set.")
        sys.exit(0)
    print(table(evidence["performance"]))
    red = report(judge(evidence))
    if evidence["faults"]: print(f"# Not all of the day was carried out. {work}\\commands.log has every command and what it printed.")
    sys.exit(2 if evidence["faults"] else red)

if __name__ == "__main__": main()
