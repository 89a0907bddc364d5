"""For tests that put the module under load: `stubca load`, started, watched, ended, and the journal that it leaves."""
import json, os, shutil, subprocess, sys, time
import tap
from commands import run_apart

STUBCA, MODULE = "build/bin/stubca.exe", "build/bin/certwitness.dll"
WORK = os.path.join(os.getcwd(), "build/tmp", os.path.basename(sys.argv[0]).removesuffix(".t"))
ISSUED = "certwitness.certificate.issued"
# Notify's HRESULTs: waits in memory; no more may wait, lost; no memory, lost.
TIMEOUT, QUEUE_FULL, NO_MEMORY = "0x800705b4", "0x80070718", "0x8007000e"

def journal_of(ca):
    return os.path.join(os.environ["WINEPREFIX"], "drive_c/ProgramData/CertWitness", ca)

def fresh_journal(ca):
    shutil.rmtree(journal_of(ca), ignore_errors=True)
    return journal_of(ca)

def numbers(lines):
    return [line["data"]["request"]["RequestID"] for line in lines if line["type"] == ISSUED]

def settings(lines):
    """Those in force, as the journal has them."""
    return [line for line in lines if line["type"] == "certwitness.module.started"][-1]["data"]["settings"]

def wine(*command, **more):
    """Exit code, standard output and error. A load takes what it takes."""
    return run_apart("wine/run", *command, timeout=None, **more)

def until(what, why, seconds=60):
    """Whatever this waits for comes in a moment, or never; on a busy machine the moment may be long."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"after {seconds} s still not: {why}"
        time.sleep(0.005)

class Load:
    """One process. It holds the CA up, when all events are done, until `let_go`."""
    def __init__(self, ca, events, threads, *options, env=()):
        os.makedirs(WORK, exist_ok=True)
        self.acks, self.out, self.err, self.hold = (os.path.join(WORK, name) for name in ("acks", "out", "err", "hold"))
        for path in (self.acks, self.hold): open(path, "w").close()
        with open(self.out, "w") as out, open(self.err, "w") as err:
            self.process = subprocess.Popen(
                ["wine/run", STUBCA, "load", "CertWitness.Exit", "--ca", ca, "--events", str(events), "--threads", str(threads),
                 "--acks", self.acks, "--hold", self.hold, "--out", WORK + "/pki", *options],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=dict(os.environ, **dict(env)))

    def acknowledged(self):
        """Whole lines only: the last may be on its way."""
        with open(self.acks) as file: return [int(line) for line in file if line.endswith("\n")]

    def until_acknowledged(self, count):
        def enough():
            assert self.process.poll() is None, f"ended with code {self.process.returncode}: {open(self.err).read()}"
            return os.path.getsize(self.acks) and len(self.acknowledged()) >= count
        until(enough, f"{count} events acknowledged; {open(self.err).read()}")

    def measured(self, seconds=120):
        """What it says, once all events are done."""
        def told():
            assert self.process.poll() is None or open(self.out).read(), f"code {self.process.returncode}: {open(self.err).read()}"
            return open(self.out).read().endswith("}\n")
        until(told, "all events are done", seconds)
        return json.loads(open(self.out).read())

    def let_go(self):
        """Its exit code."""
        if os.path.exists(self.hold): os.remove(self.hold)
        return self.process.wait(60)

    def end(self):
        """If it is still there. By the number of the process that we started: Wine runs the program in that very one."""
        if self.process.poll() is None: self.process.kill()
        self.process.wait()

def run_tests():
    """The module is registered meanwhile."""
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    assert wine("regsvr32.exe", "/s", MODULE)[0] == 0
    tap.run(finish=lambda: wine("regsvr32.exe", "/u", "/s", MODULE))
