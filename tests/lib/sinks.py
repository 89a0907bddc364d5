"""The far end of the benches: build/linux/tests/bench/sink (tests/bench/sink.c), which acknowledges and counts."""
import json, os, subprocess, time

SINK, PATIENCE = "build/linux/tests/bench/sink", 120        # seconds

class Sink:
    def __init__(self, how, core=None):
        pinned = ["taskset", "-c", str(core)] if core is not None else []
        self.process = subprocess.Popen([*pinned, SINK, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def came(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def until(self, lines, ordered=True):
        """What came, once so many lines have. Not ordered: a line after a higher one counts."""
        end = time.monotonic() + PATIENCE
        while (told := self.came())["lines"] + (0 if ordered else told["again"]) < lines:
            assert time.monotonic() < end, f"of {lines} lines came in {PATIENCE} s: {told}"
            time.sleep(.02)
        return told

    def end(self):
        self.process.stdin.close()
        self.process.wait()
