#!/usr/bin/python3
"""How wine/run starts programs: Linux begins a heap at a random place, which must not be that of the page that Windows shares with every process,
or Wine ends the program before its first instruction, without a word (see wine/run). Asked of the running processes; a collision is too rare."""
import sys; sys.path[0] += "/../lib"
import contextlib, ctypes, os, signal, subprocess, uuid

from commands import windows
from helper import HELPER
from tap import Skip, run as run_tests, test

WORK = "build/tmp/start"
os.makedirs(WORK + "/forbidden", exist_ok=True)

def as_found():
    """Whatever the wine/run that runs this test has set."""
    ctypes.CDLL(None).personality(0)

def heap_in(maps, begin):
    """Where these mappings have a heap that begins there. Linux gives the name [heap] to whatever mapping holds that address, though the heap has no bytes."""
    return next((f"{begin:x}" for line in maps.splitlines() if line.startswith(f"{begin:08x}-") and line.endswith("[heap]")), None)

def heaps_of(mark):
    """{process: where its heap begins, or None}, of the programs of Wine that have this on their command line."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try: words, maps, state = (open(f"/proc/{pid}/{name}").read() for name in ("cmdline", "maps", "stat"))
        except OSError: continue
        if mark in words and "/ntdll.so\n" in maps: found[int(pid)] = heap_in(maps, int(state.rpartition(")")[2].split()[44]))       # start_brk, man proc
    return found

def heaps(path=os.environ["PATH"]):
    """Where the heap of a program begins, and that of what it starts. By a wine/run that is not within another one, in the prefix that is there."""
    env = {name: value for name, value in os.environ.items() if name not in ("CERTWITNESS_WINE", "GLIBC_TUNABLES")}
    file = f"{WORK}/{uuid.uuid4()}"
    open(file, "w").close()
    runner = subprocess.Popen(["wine/run", "cmd.exe", "/c", windows(HELPER), "hold", windows(file), "60"], preexec_fn=as_found, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**env, "CERTWITNESS_PREFIX": env["WINEPREFIX"], "PATH": path})
    try:
        assert runner.stdout.readline().strip() == b"held"
        found = heaps_of(os.path.basename(file))
    finally:
        for pid in heaps_of(os.path.basename(file)):
            with contextlib.suppress(ProcessLookupError): os.kill(pid, signal.SIGKILL)      # Wine may have ended it with the one before
        runner.wait()
    assert len(found) >= 2, found               # there may be one more, which hosts its console
    return list(found.values())

@test
def the_heap_of_a_program_and_of_its_child_begins_at_one_place_or_nowhere():
    places = {place for _ in range(3) for place in heaps()}
    assert len(places) == 1, places

@test
def where_randomization_cannot_be_switched_off_there_is_no_such_heap():
    if "Hugepagesize:" not in open("/proc/meminfo").read(): raise Skip("the kernel has no huge pages, and malloc cannot be told to leave the heap alone")
    with open(f"{WORK}/forbidden/setarch", "w") as file: file.write("#!/bin/sh\nexit 1\n")
    os.chmod(file.name, 0o755)
    places = {place for _ in range(3) for place in heaps(f"{WORK}/forbidden:{os.environ['PATH']}")}
    assert places == {None}, places

@test
def a_reservation_of_wine_in_which_a_heap_would_begin_is_no_heap():
    maps = """7d004000-7d005000 rw-p 00004000 fe:00 2621495    /usr/lib/wine/wine64
7ff00000-7ffe0000 ---p 00000000 00:00 0    [heap]
"""
    assert (heap_in(maps, 0x7ff2b000), heap_in(maps, 0x7ff00000)) == (None, "7ff00000")

run_tests()
