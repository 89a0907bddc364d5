"""Scenarios that are played with tests/modules/probe.c, and what it wrote down: for tests of the stub CA.

A scenario may have several runs of the service; each is told of by itself.
"""
import os, shutil, threading, time

from commands import finished
from tap import check

STUBCA, DLL = "build/bin/stubca.exe", "build/tests/modules/probe.dll"

def text(shown):
    return None if shown == "NULL" else "" if shown == "-" else bytes.fromhex(shown).decode("utf-16-le")

def value(properties, getter, name):
    """As Python has it, or the HRESULT as text."""
    hr, kind, shown = properties[getter, name]
    if hr != "00000000": return hr
    if kind == "3": return int(shown)
    if kind == "7": return float(shown)
    return bytes.fromhex(shown.replace("-", "")) if "Raw" in name or name == "ArchivedKey" else text(shown)

class Event:
    def __init__(self, kind, context):
        self.kind, self.context, self.properties, self.attributes, self.extensions, self.values = kind, context, {}, {}, {}, {}
    def value(self, name, getter="R"):
        return value(self.properties, getter, name)
    def certificate(self, name):
        return self.value(name, "C")

class Run:
    """What the first probe saw from Initialize to Release: its events, flags of extensions by OID, and their values."""
    def __init__(self):
        self.events = []
    def take(self, words):
        last = self.events[-1] if self.events else None
        if words[0] == "event": self.events.append(Event(int(words[2], 16), int(words[3])))
        elif last and words[0] == "property": last.properties[words[2], words[3]] = words[5:8]
        elif last and words[0] == "attribute": last.attributes[text(words[2])] = text(words[3])
        elif last and words[0] == "extension": last.extensions[words[2]], last.values[words[2]] = int(words[3], 16), words[4]
    def only(self, kind):
        return [event for event in self.events if event.kind == kind]

class Played:
    """`{out}` in the text is the folder for certificates. The exit code must be `code`; None: any.

    `meanwhile` is called with that folder while the scenario plays, and may make requests out of certificates that it finds
    there: {wait} in the text is a step that waits until it has returned.
    """
    def __init__(self, work, name, scenario, code=0, meanwhile=None):
        self.out, self.file, self.probe = (f"{work}/{name}.{end}" for end in ("pki", "scenario", "txt"))
        shutil.rmtree(self.out, ignore_errors=True)
        if os.path.exists(self.probe): os.remove(self.probe)
        ready = f"{work}/{name}.ready"
        if os.path.exists(ready): os.remove(ready)
        open(self.file, "w").write(scenario.replace("{out}", self.out).replace("{wait}", f"file {ready} within-ms=120000"))
        if meanwhile: threading.Thread(target=lambda: (meanwhile(self.out), open(ready, "w").close()), daemon=True).start()
        done = finished("wine/run", STUBCA, "run", self.file, env={"PROBE_FILE": self.probe})
        self.code, self.text, self.errors = done.returncode, done.stdout.decode(), done.stderr.decode()
        check(code is None or self.code == code, f"exit code {self.code}:\n{self.text}{self.errors}")
        self.runs = []
        for line in open(self.probe, encoding="utf-8").read().split("\n") if os.path.exists(self.probe) else []:
            words = line.split("\t")
            if words[0] == "start" and words[1] == "0": self.runs.append(Run())
            if self.runs and words[1:2] == ["0"]: self.runs[-1].take(words)

    def certificate(self, name):
        return f"{self.out}/{name}.cer"

def found(file, seconds=100):
    """Once it is there, its path: whoever finds a certificate's file finds all of it."""
    end = time.monotonic() + seconds
    while not os.path.exists(file) and time.monotonic() < end: time.sleep(0.05)
    return file
