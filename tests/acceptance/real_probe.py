#!/usr/bin/python3
"""The open questions, put to certsrv.exe by two probes in it. IT HAS NEVER RUN ON WINDOWS: real_host.t plays it against a pretended one.

    python real_probe.py --ca NAME --probe probe.dll --requests DIR --work DIR

On a CA of a laboratory alone: the CA's certificate is renewed, a probe uses the CA's interfaces in ways that no module should, one fails in Initialize, one raises an exception in Notify.
It needs what real_host.py needs; of the audit trail an observation is made. RequestDisposition, the failure actions, the list of exit modules and whether
the service runs are as before afterwards.
WORK gets probe.txt (the log), facts.json, answers.json and commands.log. What a CA answers goes into the project as wine/real-ca/answers-BUILD.json.
Exit code: 0 the questions were asked, 2 not all of them, or the CA is not as it was: facts.json has the reason as `broke_off`, or `not_as_it_was`,
and the others are answered all the same.
"""
import argparse, json, os, shutil, sys

from answers import request_id_in, whole_file, whole_lines
from real_host import FAULTS, MODES, NotCarriedOut, RealHost, Windows, begin, named
import tools

PROBES = "StubProbe.Exit", "StubProbe2.Exit"

class ProbeHost(RealHost):
    """`ask` gives what the probes wrote, and the facts beside it (answers.py)."""
    def __init__(self, windows, probe, requests, work, ca):
        super().__init__(windows, None, requests, work, ca)
        self.probe, self.facts = probe, {"ca": ca, "done": [], "rows": {}}

    def values(self, progid, **values):
        for name, value in values.items(): self.run("reg.exe", "add", self.modules + "\\" + progid, "/v", name, "/t", "REG_DWORD", "/d", str(value), "/f")

    def listed(self, names): self.run("reg.exe", "add", self.modules, "/v", "Active", "/t", "REG_MULTI_SZ", "/d", "\\0".join(names), "/f")

    def submit_case(self, case, file="plain", *more):
        attributes = "\\n".join((f"cwcase:{case}", *more))
        _, text = self.run("certreq.exe", "-submit", "-q", "-f", "-attrib", attributes, "-config", self.config, self.path(f"{file}.req"), self.path(f"{case}.cer"), good=None)
        number = request_id_in(text)
        if not number: return               # certreq may have refused it, or no CA answered
        self.facts["done"].append(case)
        self.facts["rows"][case] = number

    def questions(self):
        """With both probes."""
        self.issue("alice"), self.issue("titled")
        for case in ("broken", "several", "stranger", "garbage"): self.submit_case(case, case)
        self.submit_case("keygen", "keygen", "Challenge:another")
        self.submit_case("san", "plain", "san:dns=asked.example")
        self.submit_case("long", "plain", "filler:" + "x" * 17000)
        self.mode("pend")
        self.pend("bob"), self.approve("bob")
        if self.retrieve("bob")["outcome"] == "issued": self.facts["done"].append("retrieve")
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
        except NotCarriedOut: pass
        self.facts["stopped"] = self.state() == 1
        if self.facts["stopped"]: return            # it does not start without its modules
        self.issue("dave"), self.crl("base")
        code, text = self.certutil("-CAInfo", "exitcount", good=None)
        try: self.facts["exit_count"] = tools.exit_count(text) if not code else None
        except tools.Unreadable: pass

    def after_throw(self):
        """With one that raises an exception: does the CA's process live on?"""
        self.start(), self.issue("erin")
        told = self.crl("base")["outcome"]
        self.facts["after_throw"] = 0 if told == "published" else int(told, 16)
        self.stop()

    def after_renewal(self):
        """With a new certificate of the CA, and without any word of a CRL."""
        self.renew()
        self.issue("renewed")
        self.windows.sleep(10)          # for what the CA does by itself
        self.stop()

    def service_key(self, name):
        """{KEY\\NAME of a value: the line}, without what is ours."""
        lines = [line for line in self.exported(name, "service") if "StubProbe" not in line and "\t" in line]
        return {line.split("=")[0].replace("\t", "\\").replace('"', ""): line for line in lines}

    def rounds(self, before):
        """Four runs of the service with the probes in it."""
        self.run("regsvr32.exe", "/s", self.probe)
        self.stays_ended()              # where the exception ends the process
        self.dispose(MODES["issue"])
        for progid in PROBES: self.values(progid, Rules=1, Threads=1, Gentle=1, InitializeFails=0, NotifyThrows=0)     # what a run that was cut off may have left
        self.listed([*before, *PROBES])
        self.start(), self.questions(), self.stop()
        self.values(PROBES[1], InitializeFails=0x80070005)
        self.after_failure()
        self.stop()
        self.values(PROBES[1], InitializeFails=0, NotifyThrows=1)
        self.after_throw()
        self.values(PROBES[1], NotifyThrows=0)
        self.after_renewal()

    def as_before(self, before):
        """Each thing, whatever becomes of the others. A service that does not stop is ended, and does not start again by itself: it would be with the probes."""
        if not self.tried(self.stop): self.tried(self.kill)
        done = [self.tried(self.listed, before), *(self.tried(self.run, "reg.exe", "delete", self.modules + "\\" + progid, "/f") for progid in PROBES),
                self.tried(self.run, "regsvr32.exe", "/s", "/u", self.probe), self.tried(self.put_back), self.tried(self.service_again)]
        names = "the list of exit modules", *PROBES, "the class", "RequestDisposition or the failure actions", "the service"
        left = [name for name, one in zip(names, done) if not one]
        if left: self.facts["not_as_it_was"] = left

    def compare(self, began, as_it_was):
        now = self.service_key("after")
        self.facts["changed"] = sorted(name for name in {**as_it_was, **now} if as_it_was.get(name) != now.get(name))
        self.facts["audited"] = self.audited(began)

    def ask(self):
        """The log, and the facts. Where not all was asked, `broke_off` in these says why, and what nobody looked at is left out."""
        before = self.active()
        if set(PROBES) & set(before): raise NotCarriedOut("a probe is in the CA's list already: a run was cut off")
        self.copy_requests(), self.remember()
        began, as_it_was = self.windows.time(), self.service_key("before")
        log = self.probe.rsplit("\\", 1)[0] + "\\probe.txt"
        self.stop()
        try: self.rounds(before)
        except FAULTS as why: self.facts["broke_off"] = named(why)
        finally: self.as_before(before)
        if "broke_off" not in self.facts: self.tried(self.compare, began, as_it_was)
        return self.windows.read(log).decode("utf-8", "replace") if self.windows.list(log) else "", self.facts

def parser():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("ca", "probe", "requests", "work"): options.add_argument("--" + name, required=True)
    return options

def main():
    options = parser().parse_args()
    begin()
    work = os.path.abspath(options.work)
    os.makedirs(work, exist_ok=True)
    shutil.copy(options.probe, work + "\\probe.dll")
    host = ProbeHost(Windows(work + "\\commands.log"), work + "\\probe.dll", os.path.abspath(options.requests), work, options.ca)
    try: log, facts = host.ask()
    except FAULTS as why:
        print(f"The questions were not asked: {named(why)}\n{work}\\commands.log has every command and what it printed.")
        sys.exit(2)
    facts["windows"] = ".".join(map(str, sys.getwindowsversion()[:3]))
    told = whole_file(whole_lines(log), facts, facts["windows"])
    for name, value in (("facts.json", facts), ("answers.json", told)):
        with open(work + "\\" + name, "w", encoding="utf-8") as out: json.dump(value, out, indent=1, ensure_ascii=False)
    for name, one in [*told["answers"].items(), *told["observations"].items()]: print(f"{name}: {one['answer']}")
    if "broke_off" in facts:
        print(f"The questions were not all asked: {facts['broke_off']}\n{work}\\commands.log has every command and what it printed.")
    if "not_as_it_was" in facts: print(f"The CA is not as it was: {', '.join(facts['not_as_it_was'])}.")
    if {"broke_off", "not_as_it_was"} & set(facts): sys.exit(2)

if __name__ == "__main__": main()
