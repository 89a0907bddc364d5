#!/usr/bin/python3
"""Every line of every journal that the tests have left behind.

    tests/lib/journals.py           prints them, for other programs to read

Journals lie below build/tmp and in the ProgramData of every Wine prefix. Some were damaged on purpose: a line counts where its own hash
is right, for then a writer of ours made it as it stands; but for those of the tests of reader, status, delivery and page, which seal what they
made up (and of which page leaves 20 GiB, all holes). What is older than the module was left by another build, and does not count.
"""
import glob, hashlib, os, re, sys
from datetime import datetime

BUILT = os.path.getmtime("build/bin/certwitness.dll")
MADE_UP = "build/tmp/reader", "build/tmp/status", "build/tmp/page", "build/tmp/delivery"
PREFIX = os.environ.get("CERTWITNESS_PREFIX") or os.environ.get("WINEPREFIX") or "build/wine"

def segments():
    for place in ("build/tmp", *sorted(glob.glob(PREFIX + "*/drive_c/ProgramData"))):
        for path in sorted(glob.glob(place + "/**/*.jsonl", recursive=True)):
            ours = re.fullmatch(r"\d{20}\.jsonl", os.path.basename(path)) and not path.startswith(MADE_UP)
            if ours and os.path.isfile(path) and os.path.getmtime(path) >= BUILT: yield path

def is_intact(raw):
    body, mark, rest = raw.rpartition(b',"hash":')
    return bool(mark) and rest == b'"%s"}\n' % hashlib.sha256(body).hexdigest().encode()

def is_old(path, raw):
    """A journal of the recorder may go on where an earlier run left it; what tests write themselves is new, and of any time."""
    if "/ProgramData/" not in path and "/recorder/" not in path: return False
    time = re.search(rb'"time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)', raw)
    return bool(time) and datetime.fromisoformat(time[1].decode() + "+00:00").timestamp() < BUILT - 1

def lines():
    for path in segments():
        with open(path, "rb") as file:
            for number, raw in enumerate(file, 1):
                if is_intact(raw) and not is_old(path, raw): yield f"{path}:{number}", raw

if __name__ == "__main__":
    for _, raw in lines(): sys.stdout.buffer.write(raw)
