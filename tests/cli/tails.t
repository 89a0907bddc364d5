#!/usr/bin/python3
"""What stands behind a journal's last line, or in place of all of them: every command that reads a journal judges it alike, by exit code and `complete`."""
import sys; sys.path[0] += "/../lib"
import base64, fcntl, json, os, subprocess, tempfile, time

from chains import hash_of, head_file, line, name, write
from openssl import openssl
from tap import run as run_tests, same, test

PROGRAM = os.path.abspath("build/native/src/cli/certwitness")
ROOT = tempfile.TemporaryDirectory()
COMMANDS = (("show",), ("show", "--json"), ("show", "--full"), ("show", "--last", "2"), ("stats",), ("stats", "--json"), ("list",), ("list", "--json"), ("cert", "--request", "1"), ("export", "--out"), ("verify",))

key = ROOT.name + "/key"
openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
REQUEST = base64.b64encode(openssl("req", "-new", "-key", key, "-subj", "/CN=alice", "-outform", "der")).decode()
LINES = []
for n in range(1, 6):
    LINES.append(line(n, hash_of(LINES[-1]) if LINES else "0" * 64, type="certificate.denied",
                      data=f'{{"event":4,"context":1,"request":{{"RequestID":{n},"RequesterName":"DEMO\\\\alice","RawRequest":"{REQUEST}"}}}}'))
NEXT = line(6, hash_of(LINES[-1]))
count = 0

def start(files, *command):
    """A command under way on a journal, and its folder."""
    global count
    count += 1
    path = f"{ROOT.name}/{count}"
    write(path, files)
    return path, running(path, *command)

def running(path, *command):
    command = *command, *((path + ".out",) if command[-1] == "--out" else ()), path
    return subprocess.Popen([PROGRAM, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

def ended(process, command):
    """Exit code, standard error and what stats says of `complete`."""
    out, told = process.communicate(timeout=60)
    assert b"Sanitizer" not in told and b"runtime error" not in told, told.decode()
    complete = json.loads(out)["complete"] if command == ("stats", "--json") and out else None
    return process.returncode, (out + told).decode(), complete

def alike(files, want, what):
    for command in COMMANDS:
        code, said, complete = ended(start(files, *command)[1], command)
        same(code, want, f"{what!r:.60}: the exit code of {' '.join(command)}, which says {said[-300:]!r},")
        if want == 2 and command[0] != "verify": same("where event" in said or "missing" in said, False, f"{what!r:.60}: damage is told of what is no journal: {said[-300:]!r}")
        if command == ("stats", "--json") and want < 2: same(complete, not want, f"{what!r:.60}: complete")

@test
def the_beginning_of_a_line_as_every_copy_may_end_with_is_0():
    for tail in b"", NEXT[:1], NEXT[:-1], NEXT[:100] + bytes(500), bytes(100_000):
        alike({name(1): b"".join(LINES) + tail}, 0, tail)
        alike({name(1): b"".join(LINES), name(6): tail}, 0, ("in the next file", tail))

@test
def anything_else_behind_the_last_line_is_1():
    for tail in (b"x", b"\n", b"half\n", bytes(9) + b"x", bytes(3_000_000), b"x" * 3_000_000, NEXT[:100] + b"\n" + NEXT, NEXT[:-9] + b"~" + NEXT[-8:],
                 b'{"specversion":"1.1"', b"\xef\xbb\xbf" + NEXT[:50]):
        alike({name(1): b"".join(LINES) + tail}, 1, tail)

@test
def bytes_without_one_line_are_no_journal_and_2():
    for text in b"x", b"\n", NEXT[:50], bytes(5000), b"x" * 5_000_000, LINES[0][:-9] + b"~" + LINES[0][-8:], LINES[0][:-1]:
        alike({name(1): text}, 2, text)
        alike({name(1): text, name(6): text}, 2, ("two files", text))
        alike({name(1): text, "head": head_file(5, hash_of(LINES[4]))}, 2, ("a head", text))

@test
def of_one_changed_line_among_whole_ones_the_others_are_a_journal():
    alike({name(1): b"".join(LINES[:3]) + LINES[3].replace(b'"RequestID":4', b'"RequestID":5') + LINES[4]}, 1, "changed")

@test
def a_line_that_a_writer_is_busy_with_is_waited_for_and_one_that_does_not_come_is_1():
    for comes in True, False:
        path, once = start({name(1): b"".join(LINES) + NEXT[:50], "lock": b""}, "--version")
        once.communicate()
        with open(path + "/lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            under_way = [(command, running(path, *command)) for command in COMMANDS]
            if comes:
                with open(path + "/" + name(1), "ab", buffering=0) as file:
                    for part in NEXT[50:90], NEXT[90:]: time.sleep(0.3), file.write(part)
            for command, process in under_way:
                code, said, complete = ended(process, command)
                same(code, not comes, f"{'comes' if comes else 'hangs'}: the exit code of {' '.join(command)}, which says {said[-300:]!r},")
                if not comes: same("has not made a line of them in three seconds" in " ".join(said.split()), True, (command, said))
                if complete is not None: same(complete, comes, "complete")

run_tests(finish=ROOT.cleanup)
