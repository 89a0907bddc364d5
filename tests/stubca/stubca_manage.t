#!/usr/bin/python3
"""What a scenario sees of a module as the CA's snap-in does, and of its description while it runs."""
import sys; sys.path[0] += "/../lib"
import re

from machine import on_machine
from stubload import STUBCA, WORK, run_tests, wine
from tap import test
from version import VERSION

on_machine("stub")
HEAD = f'ca "Manage CA" dns=ca01.example out={WORK}/pki\nmodule CertWitness.Exit\n'
PLAYED = WORK + "/played.scenario"

def play(steps, head=HEAD, env=()):
    with open(PLAYED, "w") as file: file.write(head + steps)
    code, out, err = wine(STUBCA, "run", PLAYED, env=env)
    return code, out + err

@test("GetManageModule and the Manage class both say what the module is")
def both_ways():
    for by, way in (("", "GetManageModule"), (" by=module", "GetManageModule"), (" by=class", "the class")):
        code, said = play(f"manage CertWitness.Exit{by} name=CertWitness file-version={VERSION} product-version={VERSION}\n")
        assert code == 0 and f"ok 3 - manage CertWitness.Exit\n# by {way}, multi-threaded: yes\n# Name: CertWitness\n# Description: " in said, said

@test("both can be asked while the module runs, and afterwards")
def while_it_runs():
    code, said = play("start\nmanage CertWitness.Exit\ndescribe CertWitness.Exit\nstop\nmanage CertWitness.Exit\n")
    assert code == 0 and "ok 5 - describe CertWitness.Exit\n# CertWitness: " in said, said

@test("what is not as expected is named")
def compared():
    names = ("Name", "Description", "Copyright", "File Version", "Product Version")
    code, said = play("".join(f"manage CertWitness.Exit {name.lower().replace(' ', '-')}=Other\n" for name in names))
    assert code == 1 and said.count("\nnot ok ") == 5, said
    for line, name in enumerate(names, 3): assert re.search(rf'^# {PLAYED}:{line}: {name} is ".*"; expected "Other"$', said, re.M), said
    code, said = play("start\ndescribe CertWitness.Exit is=Other\nstop\n")
    assert code == 1 and f"# {PLAYED}:4: it calls itself \"CertWitness: " in said and 'expected "Other"' in said, said

@test("a module that has no such object is told from one that has")
def nothing_to_manage():
    dlls = ["build/tests/modules/" + name for name in ("right_late.dll", "fault_manage.dll")]
    assert wine("regsvr32.exe", "/s", *dlls)[0] == 0
    try:
        progids = ("RightLate.Exit", "FaultManage.Exit", "Nobody.Exit")
        code, said = play("".join(f"manage {progid} expect=none\n" for progid in progids))
        assert code == 0, said
        code, said = play("".join(f"manage {progid}\n" for progid in progids) + "manage CertWitness.Exit expect=none\n")
        assert code == 1 and said.count("\nnot ok ") == 4 and "there is such an object; expected none" in said, said
        for line, progid in enumerate(progids, 3):
            assert re.search(rf"^# {PLAYED}:{line}: .*{progid}Manage that gives an object", said, re.M), said
    finally: wine("regsvr32.exe", "/u", "/s", *dlls)

@test("a module that is called by name is asked by name, and one that is not loaded is not asked")
def by_name_and_not_loaded():
    assert wine("regsvr32.exe", "/s", "build/tests/modules/right_late.dll")[0] == 0
    try:
        code, said = play("module RightLate.Exit\nstart\ndescribe RightLate.Exit\ndescribe Nobody.Exit\nstop\n")
        assert code == 1 and "\nok 5 - describe RightLate.Exit\n" in said, said
        assert f"# {PLAYED}:6: Nobody.Exit is not loaded" in said, said
    finally: wine("regsvr32.exe", "/u", "/s", "build/tests/modules/right_late.dll")

@test("Configure is called as the snap-in does it, without a dialog, and IsMultiThreaded is asked for")
def configured():
    """The window comes before Configure, as bytes or as a number; how the object takes that does not matter, what Configure says does."""
    dll, steps = "build/tests/modules/right_manages.dll", f"""manage RightManages.Exit multi-threaded=no copyright="" configure=refresh
manage RightManages.Exit copyright="8 bytes, flags 1" configure=refresh hwnd=number
manage RightManages.Exit copyright="type 20, flags 1" configure=refresh hwnd=none
manage RightManages.Exit copyright="no window, flags 1"
manage CertWitness.Exit configure=refresh multi-threaded=yes
"""
    assert wine("regsvr32.exe", "/s", dll)[0] == 0
    try:
        code, said = play(steps)
        assert code == 0 and "# by GetManageModule, multi-threaded: no\n# Name: Right\n" in said, said
        code, said = play("manage RightManages.Exit multi-threaded=unsaid\nmanage RightManages.Exit configure=refresh\n",
                          env={"RIGHT_MANAGES_FAILS": "1"})
        assert code == 1 and f"# {PLAYED}:3: IsMultiThreaded is no; expected unsaid\n" in said, said
        assert f"# {PLAYED}:4: Configure returned 0x80070005; expected it to succeed\n" in said, said
    finally: wine("regsvr32.exe", "/u", "/s", dll)

@test("the name of the CA's own module is refused on every thread that asks")
def reserved_name():
    dll = "build/tests/modules/fault_description.dll"
    assert wine("regsvr32.exe", "/s", dll)[0] == 0
    try:
        code, said = play('module FaultDescription.Exit\nstart\nlog 46 "own exit module"\ndescribe FaultDescription.Exit\n' +
                          'log 46 "own exit module"\n' * 4 + "stop\n")
        assert said.count("not ok") == 1 and "not ok 6 - describe" in said, said
    finally: wine("regsvr32.exe", "/u", "/s", dll)

run_tests()
