#!/usr/bin/python3
"""
The folders above a journal's, through the DLL in the stub CA: a link that others could make lead somewhere else is refused, and the CA's event 46 says
why; whatever else others could do there is an entry in the event log, and the events are recorded.

Wine shows a folder's permissions by its mode alone, and those of a link as those of what it leads to; who may change a link by its own permissions, and
Windows' roots of drives, are descriptors in tests/base/folder_guard_test.c.
"""
import sys; sys.path[0] += "/../lib"
import os, re, shutil

from commands import windows
from openssl import make_request
from stubload import STUBCA, WORK, numbers, wine
from tap import run as run_tests, test
from verify import verify

PREFIX = os.environ["WINEPREFIX"]
DRIVE, ROOT = f"{WORK}/drive", r"V:" + "\\"

def fresh():
    """A drive of its own, whose folders are made by hand."""
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    folder(""), make_request(WORK + "/good.csr")
    letter = f"{PREFIX}/dosdevices/v:"
    if os.path.lexists(letter): os.remove(letter)
    os.symlink(os.path.abspath(DRIVE), letter)

def folder(name, mode=0o755):
    os.mkdir(f"{DRIVE}/{name}")
    os.chmod(f"{DRIVE}/{name}", mode)

def record(journal):
    """The sentences of event 46, and the folders that entries 212 name: one request, to a journal in this folder of the drive."""
    with open(WORK + "/played.scenario", "w") as file:
        file.write(f'ca "Above CA" dns=ca01.example out={WORK}/pki\ntemplate User eku=clientAuth days=365\n'
                   f'module CertWitness.Exit JournalDirectory={ROOT}{journal} MaxWaitMs=1500\nstart\n'
                   f'submit alice request={WORK}/good.csr template=User requester="EXAMPLE\\alice"\nstop\nlog 46\n')
    _, out, err = wine(STUBCA, "run", WORK + "/played.scenario", env={"WINEDEBUG": "-all,+eventlog"})
    told = re.findall(r':warn:eventlog:ReportEventW L"(.*?): (?:It, or w|W)hat stands in it,? can be taken away by S-1-1-0.* [(]To mend it: icacls (.*?) /inheritance:d /remove:g \*S-1-1-0 [)]"$', out + err, re.M)
    return re.findall(r"^# event 46: .*? The reason: (.*)$", out + err, re.M), [(path.replace("\\\\", "\\"), quoted.replace("\\\\", "\\").replace('\\"', '"')) for path, quoted in told], out + err

def records(journal, *above):
    refused, told, said = record(journal)
    assert not refused, said
    assert [path for path, _ in told] == [ROOT + path for path in above], (told, said)
    for path, quoted in told: assert quoted == (path if path == ROOT else f'"{path}"'), told
    assert numbers(verify(f"{DRIVE}/" + journal.replace("\\", "/"))) == [1], said

def refuses(journal, blamed, why):
    refused, told, said = record(journal)
    assert refused and not told, said
    for sentence in refused: assert sentence.startswith(ROOT + blamed + ": ") and re.search(why, sentence), sentence

@test
def a_link_in_a_folder_of_anybodys_is_refused_and_nothing_is_written_behind_it():
    fresh()
    folder("e", 0o777), folder("real")
    os.symlink("../real", DRIVE + "/e/mine")
    refuses(r"e\mine\CA1", "e", "It, or what stands in it,? can be taken away by S-1-1-0.* A link in it is on the way to the journal[.] [(]To mend it: icacls \"V:\\\\e\" /inheritance:d /remove:g [*]S-1-1-0")
    assert os.listdir(DRIVE + "/real") == []

@test
def a_link_that_anybody_may_change_is_refused():
    fresh()
    folder("e"), folder("anybodys", 0o777)
    os.symlink("../anybodys", DRIVE + "/e/mine")
    refuses(r"e\mine\CA1", r"e\mine", "It leads to another place .* and can be changed by S-1-1-0.*icacls \"V:\\\\e\\\\mine\" /L /inheritance:d /remove:g [*]S-1-1-0")
    assert os.listdir(DRIVE + "/anybodys") == []

@test
def a_link_of_the_administrators_in_a_folder_of_theirs_leads_to_a_journal():
    fresh()
    folder("e"), folder("real")
    os.symlink("../real", DRIVE + "/e/mine")
    records(r"e\mine\CA1")
    assert os.listdir(DRIVE + "/real") == ["CA1"]

@test
def a_plain_folder_of_anybodys_above_is_an_entry_and_the_events_are_recorded():
    fresh()
    folder("PKI", 0o777), folder("PKI/own"), folder("PKI/own/open", 0o777)
    records(r"PKI\own\open\CA1", "PKI", r"PKI\own\open")

@test
def the_root_of_a_drive_that_others_may_change_is_no_reason_not_to_record():
    fresh()
    os.chmod(DRIVE, 0o777)
    folder("PKI")
    records(r"PKI\CA1", "")

@test
def where_all_is_the_administrators_nothing_is_told():
    fresh()
    folder("PKI")
    records(r"PKI\CA1")
    assert ":warn:eventlog" not in record(r"PKI\CA2")[2]

def put_back():
    wine("regsvr32.exe", "/u", "/s", "build/bin/certwitness.dll")
    os.remove(f"{PREFIX}/dosdevices/v:")
    shutil.rmtree(WORK)

wine("regsvr32.exe", "/s", "build/bin/certwitness.dll")
run_tests(finish=put_back)
