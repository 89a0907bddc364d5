#!/usr/bin/python3
"""A DLL that lies beside a program of ours, and has the name of one that Windows loads later, is not loaded. Which those are is told by Wine's own trace of
what it loads; what the programs import is loaded before their first instruction, and Wine 8 does not read what keeps Windows to System32 there (see
src/image/README.md)."""
import sys; sys.path[0] += "/../lib"
import glob, os, re, shutil

from commands import finished, windows, wine
from helper import HELPER, put, registry
from machine import on_machine
from tap import run as run_tests, test

on_machine("install")
WORK = os.path.abspath("build/tmp/planted")
CONFIG = os.path.abspath("build/tmp/planted.conf")
# What each is given to do so that something is loaded later: the Task Scheduler's COM classes and what they import; a module, which brings its own imports;
# the network, with Windows' security packages, and a far end that is not there.
LATE = {"certwitness.exe": [("install", "--dry-run"), ("status",)],
        "certwitness-delivery.exe": [(word, *name, "--config", windows(CONFIG)) for word, *name in (("check",), ("run", "--once"))],
        "stubca.exe": [("check", "CertWitness.Exit")]}
# The class by its bare name, as that of much that is Windows' own: Wine has it by its path.
SCHEDULER = r"Software\Classes\CLSID\{0F87369F-A4E5-4CFC-BD3E-73E6154572DD}\InprocServer32"
# Wine's sechost, which has the doors to services, imports it late by ntdll's LdrResolveDelayLoadedAPI; in Wine 8 that looks beside the program first, whatever
# the program has said. Windows has it among its KnownDLLs, which come from System32 alone.
KNOWN = {"rpcrt4.dll"}
# What SHELL32 and others load by name on Windows.
BY_NAME = ("cryptbase cryptsp edputil propsys profapi uxtheme dwmapi userenv wintypes windows.storage shcore ntmarta wldp msasn1 gpapi netapi32 logoncli samcli "
           "sspicli secur32 rstrtmgr wtsapi32 rsaenh dpapi apphelp amsi shell32 xmllite taskschd clbcatq").split()

def loaded(program, *arguments):
    """The files that it loads, as Wine tells of them."""
    done = finished("wine/run", program, *arguments, env={"WINEDEBUG": "+loaddll"})
    told = done.stderr.decode(errors="replace")
    paths = re.findall(r'loaddll:\w+ Loaded L"([^"]+)"', told)
    assert paths, told[-500:]
    return {path.replace("\\\\", "\\").lower() for path in paths}

def name_of(path):
    return path.rsplit("\\", 1)[1]

def late(name):
    """What a program loads in all that it is given to do, and not when it only tells how it is used."""
    first = {name_of(path) for path in loaded(f"build/bin/{name}", "--help")}
    return {name_of(path) for words in LATE[name] for path in loaded(f"build/bin/{name}", *words)} - first - {"certwitness.dll"}

def plant(names, *programs):
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    for path in programs: shutil.copy(path, WORK)
    for name in names: shutil.copy("build/bin/certexitps.dll", f"{WORK}/{name}")

@test
def each_program_that_is_built_is_tried():
    assert set(LATE) == {os.path.basename(path) for path in glob.glob("build/bin/*.exe")}

@test
def what_is_loaded_later_is_taken_from_system32_whatever_lies_beside_the_program():
    here = windows(WORK).lower()
    for program, orders in LATE.items():
        put_all_back()
        names = late(program)
        assert names, program
        registry(*put(SCHEDULER, "", "taskschd.dll"))
        plant(names | {f"{name}.dll" for name in BY_NAME}, f"build/bin/{program}")
        for words in orders:
            ours = {name_of(path) for path in loaded(f"{WORK}/{program}", *words) if path.startswith(here)} - KNOWN
            assert ours == {program}, (program, words, ours)

@test
def a_program_that_does_not_see_to_it_loads_what_lies_beside_it():
    """Or the test above would hold for any program."""
    plant({"xmllite.dll"}, HELPER)
    code, said = wine(f"{WORK}/helper.exe", "load", "xmllite.dll")
    assert code == 0 and windows(WORK).lower() + "\\xmllite.dll" == said.strip().lower(), (code, said)

before = registry("dump", SCHEDULER)
assert wine("regsvr32.exe", "/s", windows("build/bin/certwitness.dll"))[0] == 0

os.makedirs(WORK + ".journal", exist_ok=True)
with open(CONFIG, "w") as file:
    file.write(f"[journal]\npath = {windows(WORK)}.journal\n[state]\npath = {windows(WORK)}.state\n"
               "[to hub]\nkind = http\nurl = https://127.0.0.1:9/\nstartAt = oldest\n")

def put_all_back():
    registry(*(word for line in before for key, *value in [line.split("\t")] if value for word in ("put", key, *value)))

def finish():
    put_all_back()
    wine("regsvr32.exe", "/s", "/u", windows("build/bin/certwitness.dll"))

run_tests(finish=finish)
