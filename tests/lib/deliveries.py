"""A journal, a configuration and the delivery between them, for tests."""
import json, os, shutil, signal, subprocess, sys, time

os.umask(0o022)                         # what others can write to is refused

import chains, tap                      # tap goes into the project's folder
from commands import run_apart

PROGRAM = "build/native/src/delivery/certwitness-delivery"
SCRIPT, _ = os.path.splitext(os.path.basename(sys.argv[0]))
FOLDER = os.path.abspath(f"build/tmp/delivery/{SCRIPT}")        # the script's own: others run beside it

class Delivery:
    program = (PROGRAM,)
    path = staticmethod(lambda path: path)              # as the program spells it

    def __init__(self, name, **targets):
        """A fresh folder. `targets` are texts of sections."""
        self.folder = f"{FOLDER}/{name}"
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder + "/journal")
        self.journal, self.state, self.config = self.folder + "/journal", self.folder + "/state", self.folder + "/delivery.conf"
        self.lines, self.first = [], 1
        self.configure(**targets)

    def configure(self, **targets):
        with open(self.config, "w") as out:
            out.write(f"[journal]\npath = {self.path(self.journal)}\n[state]\npath = {self.path(self.state)}\n")
            for name, text in targets.items(): out.write(f"[to {name}]\n{text}\n")

    def grow(self, count, every=50, head=True, **how):
        """More lines; a new file after each `every`. The head follows, as the module's does."""
        more = chains.chain(len(self.lines) + 1, count, chains.hash_of(self.lines[-1]) if self.lines else "0" * 64, **how)
        for line in more:
            self.lines.append(line)
            with open(f"{self.journal}/{chains.name((len(self.lines) - 1) // every * every + 1)}", "ab") as out: out.write(line)
        if head: self.tell_head()

    def tell_head(self):
        with open(self.journal + "/head", "wb") as out: out.write(chains.head_file(len(self.lines), chains.hash_of(self.lines[-1])))

    def command(self, *words, **more):
        return run_apart(*self.program, words[0], "--config", self.path(self.config), *words[1:], **more)

    def once(self, **more): return self.command("run", "--once", timeout=120, **more)

    def start(self, *words, **more):
        self.said = open(self.folder + "/said", "ab")
        return subprocess.Popen([*self.program, "run", *words, "--config", self.path(self.config)], stderr=self.said, stdin=subprocess.DEVNULL, **more)

    def words(self):
        """What it has said since it was started first."""
        with open(self.folder + "/said", errors="replace") as file: return file.read()

    def kill(self, times, luck, before, bursts=6, lines=30):
        """Start it and kill it, so often, while the journal grows. `before(i)` of each kill: what becomes of the far end."""
        for i in range(times):
            process = self.start()
            for _ in range(luck.randrange(1, bursts)):
                self.grow(luck.randrange(1, lines))
                time.sleep(luck.random() * 0.1)
            before(i)
            process.send_signal(signal.SIGKILL)
            process.wait()

    def damage(self, number, first=1):
        """That line is changed, in the file that begins with line `first`."""
        path, line = f"{self.journal}/{chains.name(first)}", self.lines[number - 1]
        with open(path, "rb") as file: data = file.read()
        with open(path, "wb") as out: out.write(data.replace(line, line.replace(b'"event":1', b'"event":7')))

    def status(self):
        code, out, err = self.command("status", "--json")
        return code, {each["name"]: each for each in json.loads(out)["destinations"]}

def comes_and_goes(far, luck):
    """For `kill`: each fourth time the far end goes away as well."""
    def before(i):
        if i % 4 != 3: return
        far.stop()
        time.sleep(luck.random() * 0.1)
        far.start()
    return before

def until(condition, seconds=60):
    """Whether it came true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end: return False
        time.sleep(0.02)
    return True

def catches(pid, number):
    """Whether it has a handler for the signal."""
    with open(f"/proc/{pid}/status") as file:
        return any(line.startswith("SigCgt:") and int(line.split()[1], 16) >> number - 1 & 1 for line in file)

def end(process, number=signal.SIGTERM):
    """Its exit code. One that has just been started is given the time to listen to signals."""
    until(lambda: process.poll() is not None or not os.path.exists(f"/proc/{process.pid}/status") or catches(process.pid, number), 10)
    process.send_signal(number)
    return process.wait(60)
