#!/usr/bin/python3
"""The open questions, put to certsrv.exe by two probes in it. IT HAS NEVER RUN ON WINDOWS: real_host.t plays it against a pretended one.

    python real_probe.py --ca NAME --probe probe.dll --requests DIR --work DIR

On a CA of a laboratory alone: a probe uses the CA's interfaces in ways that no module should, one fails in Initialize, one raises an exception in Notify.
WORK gets probe.txt (the log), facts.json, answers.json and commands.log. What a CA answers goes into the project as wine/real-ca/answers-BUILD.json.
"""
import json, os, subprocess, sys

from answers import answers, whole_lines
from real_host import NotCarriedOut, RealHost, Windows
import tools

PROBES = "StubProbe.Exit", "StubProbe2.Exit"

class ProbeHost(RealHost):
    """`ask` gives what the probes wrote, and the facts beside it (answers.py)."""
    def __init__(self, windows, probe, requests, work, ca):
        super().__init__(windows, None, requests, work, ca)
        self.probe, self.done = probe, []

    def values(self, progid, **values):
        for name, value in values.items(): self.run("reg.exe", "add", self.modules + "\\" + progid, "/v", name, "/t", "REG_DWORD", "/d", str(value), "/f")

    def listed(self, names): self.run("reg.exe", "add", self.modules, "/v", "Active", "/t", "REG_MULTI_SZ", "/d", "\\0".join(names), "/f")

    def submit_case(self, case, file="plain", *more):
        attributes = "\\n".join((f"cwcase:{case}", *more))
        self.run("certreq.exe", "-submit", "-q", "-f", "-attrib", attributes, "-config", self.config, self.path(f"{file}.req"), self.path(f"{case}.cer"), good=None)
        self.done.append(case)

    def questions(self):
        """With both probes."""
        self.issue("alice"), self.issue("titled")
        for case in ("broken", "several", "stranger", "garbage"): self.submit_case(case, case)
        self.submit_case("keygen", "keygen", "Challenge:another")
        self.submit_case("san", "plain", "san:dns=asked.example")
        self.submit_case("long", "plain", "filler:" + "x" * 17000)
        self.mode("pend")
        self.pend("bob"), self.approve("bob"), self.retrieve("bob")
        self.done.append("retrieve")
        self.pend("carol"), self.deny("carol")
        self.mode("deny")
        self.submit_case("refused")
        self.mode("issue")
        self.hold("alice"), self.release("alice")
        self.crl("base")

    def after_failure(self):
        """With one that fails in Initialize: does the CA start, and is it counted?"""
        self.run("sc.exe", "start", "CertSvc", good=None)
        try: self.until(self.answers, "the CA answers", 60)
        except NotCarriedOut: return None           # it does not start without its modules: the log shows that
        self.issue("dave"), self.crl("base")
        try: return tools.exit_count(self.certutil("-CAInfo", "exitcount", good=None)[1])
        except tools.Unreadable: return None

    def ask(self):
        self.copy_requests()
        before = self.active()
        log = self.probe.rsplit("\\", 1)[0] + "\\probe.txt"
        self.stop()
        self.run("regsvr32.exe", "/s", self.probe)
        try:
            for progid in PROBES: self.values(progid, Rules=1, Threads=1, Gentle=1)
            self.listed([*before, *PROBES])
            self.start(), self.questions(), self.stop()
            self.values(PROBES[1], InitializeFails=0x80070005)
            count = self.after_failure()
            self.run("sc.exe", "stop", "CertSvc", good=None)
            self.until(lambda: self.state() == 1, "the service is stopped")
            self.values(PROBES[1], InitializeFails=0, NotifyThrows=1)
            self.start(), self.issue("erin"), self.crl("base"), self.stop()
        finally:
            self.run("sc.exe", "stop", "CertSvc", good=None)
            self.listed(before)
            self.run("regsvr32.exe", "/s", "/u", self.probe, good=None)
            self.run("sc.exe", "start", "CertSvc", good=None)
        return self.windows.read(log).decode("utf-8", "replace"), {"ca": self.ca, "done": self.done, "exit_count": count}

def main():
    import argparse, shutil
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("ca", "probe", "requests", "work"): parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    work = os.path.abspath(options.work)
    os.makedirs(work, exist_ok=True)
    shutil.copy(options.probe, work + "\\probe.dll")
    host = ProbeHost(Windows(work + "\\commands.log"), work + "\\probe.dll", os.path.abspath(options.requests), work, options.ca)
    try: log, facts = host.ask()
    except (NotCarriedOut, tools.Unreadable, subprocess.TimeoutExpired, OSError) as why: sys.exit(f"The questions were not all asked: {why}\n{work}\\commands.log has every command and what it printed.")
    facts["windows"] = ".".join(map(str, sys.getwindowsversion()[:3]))
    told = answers(whole_lines(log), facts)
    for name, value in (("facts.json", facts), ("answers.json", {"format": 1, "windows": facts["windows"], "answers": told})):
        with open(work + "\\" + name, "w", encoding="utf-8") as out: json.dump(value, out, indent=1, ensure_ascii=False)
    for name, one in told.items(): print(f"{name}: {one['answer']}")

if __name__ == "__main__": main()
