"""The stub CA under Wine as the host of a day (story.py).

The day is written as scenarios and played by stubca.exe. What became of each step is read from its output, by numbers and by the steps' own words.
Wine's certutil, icacls, wevtutil and sc are stubs that succeed whatever they are told: nothing here comes from them. The registry is read by
tests/lib/helper.c, files by Python. Wine keeps no ACL of that kind and no event log: the ACL is unseen, and the head is that of the file `head`.
"""
import base64, glob, json, os, re, shutil, time

from case_requests import make_requests
from commands import finished, run, wine
from helper import multi, put, registry
from judge import UPGRADE, packed
from performance import flushes, summary, table
from story import CA, DAY, request_of
from verify import verify

STUBCA, LINUX = "build/bin/stubca.exe", "build/native/certwitness"
SERVICE = r"SYSTEM\CurrentControlSet\Services\CertSvc"
EVENTS = r"SYSTEM\CurrentControlSet\Services\EventLog"
OTHERS = ["CertificateAuthority_MicrosoftDefault.Exit", "Other.Exit"]
# Wine's own installer makes these and never removes them; Components has what an installation that failed has left, until the next one.
OF_WINE = re.compile(r"""Software\\(Wine|Microsoft\\Windows\ NT\\CurrentVersion\\(Perflib|Fonts)
    |(Classes|Microsoft\\Windows\\CurrentVersion)\\Installer(\\(Features|Products|UpgradeCodes|UserData(\\S-1-5-18(\\Products)?)?))?(\t|$)
    |Microsoft\\Windows\\CurrentVersion\\Installer\\UserData\\S-1-5-18\\Components)""", re.X)
SHIM = "build/native/tests/shim/disk.so"
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
WITNESSED = {"submit": {"issued": "certificate.issued", "pending": "certificate.pending", "denied": "certificate.denied", "failed": "certificate.denied"},
             "approve": {"issued": "certificate.issued"}, "deny": {"denied": "certificate.denied"}, "retrieve": {"issued": "certificate.retrieved"},
             "revoke": {"revoked": "certificate.revoked"}, "hold": {"revoked": "certificate.revoked"}, "release": {"released": "certificate.unrevoked"},
             "crl": {"published": "crl.issued"}, "import": {"imported": "certificate.imported"}}

def sanitized(name): return "".join(c if " " <= c < "\x7f" and c not in "&'*\\{}[]^:,=!`><#()%|+?\";/" else f"!{ord(c):04x}" for c in name)
def b64(path):
    """DER, or PEM, as base64."""
    with open(path, "rb") as file: data = file.read()
    pem = re.fullmatch(rb"-----BEGIN [^-]+-----(.*)-----END [^-]+-----\s*", data, re.S)
    return base64.b64encode(base64.b64decode(pem[1]) if pem else data).decode()

def runs(day):
    """The day in parts, each of which is one run of the stub CA: it ends when it is killed, and begins where the clock is moved."""
    parts = [[]]
    for step in day:
        if step[0] == "clock" or parts[-1][-1:] == [("kill",)]: parts.append([])
        parts[-1].append(step)
    return parts

class StubHost:
    """`collect` plays the day and gives the evidence (judge.py). `broken` changes the scenarios' text, for tests."""
    def __init__(self, work, broken=lambda text: text):
        self.work, self.broken = work, broken
        self.drive = os.environ["WINEPREFIX"] + "/drive_c"
        self.journal = f"{self.drive}/ProgramData/CertWitness/{sanitized(CA)}"
        self.key = rf"{SERVICE}\Configuration\{sanitized(CA)}"
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(f"{self.drive}/ProgramData/CertWitness", ignore_errors=True)
        os.makedirs(work + "/control")
        make_requests(work)

    # the machine

    def pretend(self):
        """A machine with a CA: keys alone, as the stub CA makes its own while it runs."""
        registry("delete", SERVICE, *put(self.key, "CommonName", CA), *put(self.key + r"\ExitModules", "Active", multi(*OTHERS), 7))

    def picture(self):
        lines = [line for line in registry("dump", "Software", "dump", SERVICE, "dump", EVENTS) if not OF_WINE.match(line)]
        files = [f"{folder}/{name}" for top in ("Program Files", "ProgramData") for folder, a, b in os.walk(f"{self.drive}/{top}") for name in a + b]
        return lines, [path for path in files if not path.startswith(f"{self.drive}/ProgramData/CertWitness")]

    def active(self):
        found = [line.split("\t") for line in registry("dump", self.key + r"\ExitModules")]
        data = next((line[3] for line in found if line[1:2] == ["Active"]), "")
        return [name for name in bytes.fromhex(data).decode("utf-16-le").split("\0") if name]

    def msiexec(self, verb, good=(0,)):
        package, = glob.glob("build/dist/*.msi")
        code, said = wine("msiexec.exe", verb, package, "/qn", "/l*v", f"{self.work}/msi.log")
        assert code in good, f"msiexec {verb} ended with {code}: {said[-500:]}"

    # the day

    def lines_of(self, step, state):
        """The scenario's lines of a step, and how many of its steps say what became of it."""
        verb, words = step[0], step[1:]
        submit = lambda name, template, more="": f'submit {name} request={self.work}/{request_of(name)}.req template={template} requester="DEMO\\{name}" {more}'.rstrip()
        if verb in ("start", "stop", "kill"): return [verb]
        if verb in ("set", "setreg", "clock"): return []     # settings stand in the line of the module; the clock is moved between two runs
        if verb == "mode": return ["stop", "start"]
        if verb == "renew": return ["stop", "renew same-key", "start"]
        if verb == "issue": return [submit(words[0], "User")]
        if verb == "pend": return [submit(words[0], "Slow", "expect=pending")]
        if verb == "refuse": return [submit(words[0], "Gone", "expect=denied")]
        if verb == "fail": return [submit(words[0], "User", "expect=failed")]
        if verb == "import": return [f"import {words[0]}-again file={state['out']}/{words[0]}.cer"]
        if verb == "crowd":
            names = [f"{words[0]}{n}" for n in range(words[1] * words[2])]
            return [f"together threads={words[1]}", *(submit(name, "User") for name in names), "apart"]
        if verb == "full":
            there = f'file "%ProgramData%\\CertWitness\\{sanitized(CA)}\\*.jsonl" contains="DEMO\\\\{words[0]}" within-ms=60000'
            return ["disk full", submit(words[0], "User", "returns=0x800705b4"), "log 46", "disk normal", there]
        return [" ".join((verb, *words))]

    def play(self, steps, number, settings, ahead):
        """Records of the steps, and the counts of a witness."""
        out = f"{self.work}/pki{number}"
        lines = [f'ca "{CA}" dns=ca01.demo.example out={out} days=3650', "template User eku=clientAuth days=365", "template Slow eku=serverAuth days=365 approval=manager oid=1.3.6.1.4.1.311.21.8.1.1",
                 "template Gone days=9 published=off", "module CertWitness.Exit " + " ".join(f"{name}={value}" for name, value in settings.items())]
        places = []
        for step in steps:
            mine = self.lines_of(step, {"out": out})
            places.append((len(lines) + 1, len(lines) + len(mine)))
            lines += mine
        file = f"{self.work}/day{number}.scenario"
        with open(file, "w") as scenario: scenario.write(self.broken("\n".join(lines) + "\n"))
        shim = {"LD_PRELOAD": os.path.abspath(SHIM), "SHIM_WATCH": "/CertWitness/" + sanitized(CA), "SHIM_LOG": f"{self.work}/calls", "SHIM_CONTROL": f"{self.work}/control", "SHIM_ACKS": f"{self.work}/acks"}
        if ahead: shim.update(LD_PRELOAD=f"{shim['LD_PRELOAD']}:{FAKETIME}", FAKETIME=f"+{ahead}", FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1")
        done = finished("wine/run", STUBCA, "run", file, env={"TZ": "CET-1", **shim}, timeout=600, text=True)
        said = dict((int(n), (ok, text)) for ok, n, text in re.findall(r"^(ok|not ok) (\d+) - (.*)$", done.stdout, re.M))
        with open(f"{self.work}/day{number}.txt", "w") as log: log.write(done.stdout + done.stderr)
        return [self.record(step, [said.get(n, ("not ok", "")) for n in range(first, last + 1)]) for step, (first, last) in zip(steps, places)], said

    def record(self, step, said):
        told = [re.match(r"(?:\w+ \S+|crl \w+): (\w+)(?:, request (\d+))?", text) for ok, text in said]
        outcomes, rows = [m[1] for m in told if m], [int(m[2]) for m in told if m and m[2]]
        one = {"step": list(step), "outcome": outcomes[0] if outcomes else None, "request": rows[0] if rows else None}
        if step[0] == "full": one["waited"] = [ok for ok, text in said[:3]] == ["ok"] * 3      # Notify came back without it, and the CA logged that
        if step[0] == "crowd": one.update(requests=rows, outcome="issued" if set(outcomes) == {"issued"} else str(sorted(set(outcomes))))
        return one

    def witness(self, said):
        counts = {}
        for ok, text in said.values():
            told = re.match(r"(\w+) (?:\S+): (\w+)", text)
            type = told and WITNESSED.get(told[1], {}).get(told[2])
            if type: counts[type] = counts.get(type, 0) + 1
        return counts

    def day(self):
        records, counts, settings, ahead = [], {}, {}, 0
        for number, steps in enumerate(runs(DAY), 1):
            settings.update({step[1]: step[2] for step in steps if step[0] in ("set", "setreg")})
            ahead += sum(step[1] for step in steps if step[0] == "clock")
            some, said = self.play(steps, number, settings, ahead)
            records += some
            for type, count in self.witness(said).items(): counts[type] = counts.get(type, 0) + count
        return records, counts

    def performance(self):
        """Of Notify. Without the module: its questions to the CA, asked again, which is the CA's own share."""
        ca, count = "CertWitness Performance", 200
        done = finished("wine/run", STUBCA, "load", "CertWitness.Exit", "--ca", ca, "--threads", "1", "--events", str(count), "--out", f"{self.work}/pki-load", timeout=300, text=True)
        assert done.returncode == 0, done.stderr[-500:]
        told = json.loads(done.stdout)
        shutil.rmtree(f"{self.drive}/ProgramData/CertWitness/{ca}", ignore_errors=True)
        as_summary = lambda us: {"count": count, **{part: us[part] / 1000 for part in ("p50", "p99", "max")}}
        found = {"what": "a call of Notify", "with": as_summary(told["notify_us"]), "without": as_summary(told["reads"]["us"]), "flush": summary(flushes(f"{self.work}/flush", count))}
        with open(f"{self.work}/performance.txt", "w") as out: out.write(table(found))
        return found

    # all of it

    def collect(self):
        """The machine is as it was before, whatever happens."""
        try: return self.collected()
        finally:
            self.msiexec("/x", good=range(256))
            registry("delete", SERVICE)

    def collected(self):
        evidence = {"host": "stub", "ca": CA, "acl": None, "reimported": None, "faults": {}, "registry": {"alone": True}, "files": {}, "active": {}}
        self.msiexec("/x", good=range(256))         # what an earlier run may have left
        self.pretend()
        evidence["registry"]["before"], evidence["files"]["before"] = self.picture()
        evidence["active"]["before"] = self.active()
        self.msiexec("/i")
        evidence["active"]["installed"] = self.active()
        evidence["product"] = next((line.split("\t")[1] for line in registry("dump", rf"Software\Classes\Installer\UpgradeCodes\{packed(UPGRADE)}") if "\t" in line), None)
        kept = registry("dump", SERVICE)
        registry("delete", SERVICE)
        evidence["began"] = time.time()
        evidence["steps"], evidence["witness"] = self.day()
        evidence["ended"] = time.time()
        evidence["performance"] = self.performance()
        for line in kept:
            key, *value = line.split("\t")
            if value: registry("put", key, *value)
        evidence["status"] = self.program("status", "--json")
        evidence["verify"] = self.program("verify", "--json", "Z:" + self.journal.replace("/", "\\"))
        self.program("export", "--json", "--out", f"Z:{os.path.abspath(self.work)}/export".replace("/", "\\"), "Z:" + self.journal.replace("/", "\\"))
        self.msiexec("/x")
        evidence["registry"]["after"], evidence["files"]["after"] = self.picture()
        evidence["active"]["after"] = self.active()
        evidence["files"]["journal_after"] = sorted(os.listdir(self.journal)) if os.path.isdir(self.journal) else []
        return {**evidence, **self.brought_home()}

    def program(self, *words):
        done = finished("wine/run", f"{self.drive}/Program Files/CertWitness/certwitness.exe", *words, text=True)
        return json.loads(done.stdout)

    def brought_home(self):
        """What is read on Linux, from a copy."""
        copy = f"{self.work}/journal"
        shutil.copytree(self.journal, copy)
        lines = [json.loads(line) for file in sorted(glob.glob(copy + "/*.jsonl")) for line in open(file, encoding="utf-8")]
        try: second = len(verify(copy))
        except SystemExit: second = 0
        told = open(copy + "/head").read().split()
        names = {step[1] for step in DAY if step[0] in ("issue", "full", "pend", "refuse")}
        homes = {name: path for name in names for path in glob.glob(f"{self.work}/pki[0-9]/{name}.cer")}
        export = f"{self.work}/export"
        return {"lines": lines, "second": second, "verify_linux": json.loads(run(LINUX, "verify", "--json", copy)[1]), "heads": [[int(told[3]), told[4]]],
                "certificates": {name: b64(path) for name, path in homes.items()}, "requests": {request_of(name): b64(f"{self.work}/{request_of(name)}.req") for name in names},
                "crls": [b64(path) for path in sorted(glob.glob(f"{self.work}/pki1/*.crl"))],
                "export": {"files": {os.path.relpath(path, export): b64(path) for path in glob.glob(export + "/*/*")}, "importcert": open(export + "/importcert.cmd").read()}}
