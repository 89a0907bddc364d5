#!/usr/bin/python3
"""The settings from outside: the manual tells what the code does, and what stands in the registry takes effect while a CA runs.

CERTWITNESS_LOCATION=refused: of a CA that does not say where they stand (settings_refused.t).
"""
import sys; sys.path[0] += "/../lib"
import base64, glob, hashlib, json, os, shutil, time

from commands import windows, wine
from openssl import make_request
from tap import Skip, run as run_tests, test
from verify import verify

LOCATION = os.environ.get("CERTWITNESS_LOCATION", "caller")
WORK = "build/tmp/settings" + ("" if LOCATION == "caller" else "_" + LOCATION)

def play(name, settings, steps, after=""):
    """Exit code and output of a CA with these settings that does these steps."""
    file = f"{WORK}/{name}.scenario"
    text = f'ca "Settings CA" dns=ca.example out={WORK}/{name}.pki\ntemplate User eku=clientAuth days=365\n' \
           f"module CertWitness.Exit {settings}\nsetting location={LOCATION}\nstart\n{steps}\nstop\n{after}\n"
    open(file, "w").write(text)
    return wine("build/bin/stubca.exe", "run", file)

def submit(name, more=""):
    return f'submit {name} request={WORK}/request.csr template=User requester="DEMO\\{name}" {more}'

def fresh(name, mode=None):
    folder = f"{WORK}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    if mode is not None:
        os.mkdir(folder)
        os.chmod(folder, mode)
    return folder

def started(lines):
    assert lines[0]["type"] == "certwitness.module.started", lines[0]
    return lines[0]["data"]

@test
def the_manual_has_the_table():
    code, table = wine("build/tests/settings/settings_test.exe", "table")
    assert code == 0 and table.count("\n") == 10, table
    assert table in open("src/manual/settings.md").read(), "the manual's table of settings is not what the code says:\n" + table

@test
def the_values_are_in_force():
    folder = fresh("chosen")
    code, said = play("chosen", f'JournalDirectory={windows(folder)} EventMask=0x20 Properties="Officer\\n!RawRequest" QueueMiB=8 '
                      "SegmentMiB=1 MinFreeMiB=0 RetainDays=365 MaxWaitMs=20000", submit("a") + "\ncrl base")
    assert code == 0, said
    lines = verify(folder)
    kinds = [line["type"].removeprefix("certwitness.") for line in lines]
    assert kinds == ["module.started", "crl.issued", "ca.stopping", "module.stopped"], kinds       # the mask: no certificate.issued
    assert started(lines)["settings"] == {
        "JournalDirectory": windows(folder), "EventMask": 0x60, "Properties": ["Officer", "!RawRequest"], "SegmentMiB": 1, "QueueMiB": 8,
        "MaxWaitMs": 20000, "MinFreeMiB": 0, "RetainDays": 365}, lines[0]
    assert started(lines)["module"]["eventMask"] == 0x60 and "refusedSettings" not in started(lines), lines[0]

@test
def wrong_values_are_refused_and_named():
    folder = fresh("refused")
    code, said = play("refused", f'JournalDirectory={windows(folder)} EventMask=1024 Properties=1 QueueMiB=lots SegmentMiB=0 MaxWaitMs="5000 "',
                      submit("a"))
    assert code == 0, said
    data = started(verify(folder))
    assert [item["name"] for item in data["refusedSettings"]] == ["EventMask", "Properties", "SegmentMiB", "QueueMiB", "MaxWaitMs"], data
    assert data["refusedSettings"][4] == {"name": "MaxWaitMs",
        "reason": "It must be a whole number from 100 to 60000 ms, as REG_DWORD, REG_QWORD, or REG_SZ in decimal digits."}, data
    assert data["settings"] == {"JournalDirectory": windows(folder), "EventMask": 0x3ff, "Properties": [], "SegmentMiB": 64, "QueueMiB": 64,
                                "MaxWaitMs": 5000, "MinFreeMiB": 1024, "RetainDays": 0}, data

@test
def what_properties_asks_for_is_recorded():
    folder = fresh("properties")
    asked = ["certificate:PublicKeyLength", "Request.CommonName", "attribute:ccm", "extension:2.5.29.37", "NoSuchColumn:long",
             "!RawRequest", "!upn", "Challenge", "attribute: challenge", "Nonsense", "!RequestID"]
    code, said = play("properties", f"JournalDirectory={windows(folder)} Properties=\"{chr(92) + 'n'}\"".replace(chr(92) + "n", (chr(92) + "n").join(asked)),
                      submit("alice", 'attribute="ccm:host.example"'))
    assert code == 0, said
    lines = verify(folder)
    refused = started(lines)["refusedSettings"]
    assert {item["name"] for item in refused} == {"Properties"} and [item["reason"].split(": ")[0] for item in refused] == [
        "Challenge", "attribute", "Nonsense", "!RequestID"], refused
    data, = [line["data"] for line in lines if line["type"] == "certwitness.certificate.issued"]
    extra = data["extra"]
    assert extra["certificate:PublicKeyLength"] == 256 and extra["attribute:ccm"] == "host.example", extra
    assert base64.b64decode(extra["extension:2.5.29.37"]["base64"])[:1] == b"0", extra
    assert "RawRequest" not in data["request"] and "RawCertificate" in data["certificate"], data
    assert [item["name"] for item in data["missing"]] == ["NoSuchColumn"], data["missing"]
    assert "hallenge" not in json.dumps(data), data

@test
def a_share_leads_to_the_default_folder():
    folder = os.environ["WINEPREFIX"] + "/drive_c/ProgramData/CertWitness/Settings CA"
    shutil.rmtree(folder, ignore_errors=True)
    code, said = play("share", "JournalDirectory=\\\\nas\\journal", submit("a"))
    assert code == 0, said
    data = started(verify(folder))
    assert [item["name"] for item in data["refusedSettings"]] == ["JournalDirectory"], data

def two_mib():
    """Steps that make events of nearly two MiB."""
    for half in range(2):                       # a file of a scenario has its limit
        open(f"{WORK}/half{half}.scenario", "w").write("\n".join(submit(f"s{half}{i}", f'attribute="long:{"x" * 30000}"') for i in range(30)))
    return f"include {WORK}/half0.scenario\ninclude {WORK}/half1.scenario"

@test
def no_more_waits_in_memory_than_chosen():
    said = [play("queue", f"JournalDirectory={windows(fresh('queue', 0o777))} QueueMiB={size} MaxWaitMs=100", two_mib())[1] for size in (1, 8)]
    assert ["LOST: the event" in text for text in said] == [True, False], said
    assert all("waits in memory" in text for text in said), said

@test
def the_ca_waits_as_long_as_chosen():
    """No folder comes: Initialize waits all of MaxWaitMs, and Release three quarters of it. That is 14 s; by default it would be 8.75."""
    start = time.monotonic()
    play("wait", f"JournalDirectory={windows(fresh('wait', 0o777))} MaxWaitMs=8000", "crl base")
    took = time.monotonic() - start
    assert took > 12, took                      # Wine's clock lags when the machine is busy

@test
def segments_are_as_long_as_chosen():
    folder = fresh("segments")
    code, said = play("segments", f"JournalDirectory={windows(folder)} SegmentMiB=1", two_mib())
    assert code == 0, said
    sizes = [os.path.getsize(name) for name in sorted(glob.glob(folder + "/*.jsonl"))]
    assert len(verify(folder)) == 63 and len(sizes) == 2 and 1 << 20 <= sizes[0] < (1 << 20) + 40000, sizes

@test
def less_free_space_than_chosen_keeps_events_waiting():
    folder = fresh("full")
    if shutil.disk_usage(WORK).free >= 1 << 38: raise Skip("a quarter of the largest MinFreeMiB is free")
    code, said = play("full", f"JournalDirectory={windows(folder)} MinFreeMiB=1048576 MaxWaitMs=2000", 'crl base\nlog 46 "waits in memory"',
                      'log 46 "waits in memory"')
    assert code == 0 and not glob.glob(folder + "/*.jsonl"), said

@test
def a_run_that_recorded_nothing_is_told_of_by_the_next():
    """MinFreeMiB set for one run only, and put back: two clean runs would stand side by side, and nothing between them."""
    folder = fresh("silenced")
    if shutil.disk_usage(WORK).free >= 1 << 38: raise Skip("a quarter of the largest MinFreeMiB is free")
    journal, told = f"JournalDirectory={windows(folder)} MaxWaitMs=2000", []
    for number, setting, steps in (1, "", submit("a")), (2, "MinFreeMiB=1048576", submit("b") + "\nlog 46"), (3, "", submit("c")), (4, "", "crl base"):
        code, said = play(f"silenced{number}", f"{journal} {setting}", steps, "log 46" if setting else "")
        assert code == 0, said
    lines = verify(folder, told.append)
    starts = [line["data"]["module"] for line in lines if line["type"] == "certwitness.module.started"]
    assert [start["endedCleanly"] for start in starts] == [True, False, True], starts
    assert ["unwritten" in start for start in starts] == [False, True, False] and not os.path.exists(folder + "/unwritten"), starts
    lost = starts[1]["unwritten"]
    assert (lost["runs"], lost["events"], lost["hresult"]) == (1, 2, "0x80070070") and "uncounted" not in lost, lost     # the certificate and the stop
    assert lost["began"] <= lost["ended"] and any(text.startswith("runs without lines") for text in told), (lost, told)
    code, said = wine("build/bin/certwitness.exe", "verify", windows(folder))
    assert code == 0 and "runs without lines, event " in said and "2 events were lost" in said, said
    code, said = wine("build/bin/certwitness.exe", "show", windows(folder), "--type", "module.started")
    assert said.count("events of runs before it are lost") == 1, said

def old_journal(folder):
    """Three segments of one line each, of the year 2001, as another run has left them."""
    previous, run = "0" * 64, "11111111-2222-4333-8444-555555555555"
    for n, kind in enumerate(("module.started", "ca.stopping", "module.stopped"), 1):
        body = f'{{"specversion":"1.0","id":"{run}-{n:020}","source":"/adcs/a/b","type":"certwitness.{kind}","time":"2001-01-01T00:00:0{n}.000Z",' \
               f'"sequence":"{n:020}","previoushash":"{previous}","flushed":"{n - 1:020}","datacontenttype":"application/json","data":{{"module":{{"run":"{run}"}}}}'
        previous = hashlib.sha256(body.encode()).hexdigest()
        open(f"{folder}/{n:020}.jsonl", "w").write(f'{body},"hash":"{previous}"}}\n')

@test
def the_module_removes_no_file_however_old():
    folder = fresh("old", 0o700)
    old_journal(folder)
    code, said = play("old", f"JournalDirectory={windows(folder)} RetainDays=30", "crl base")
    assert code == 0 and verify(folder)[0]["sequence"] == f"{1:020}", said

@test
def the_module_removes_no_file_however_old_and_full_the_disk_is():
    folder = fresh("old2", 0o700)
    old_journal(folder)
    if shutil.disk_usage(WORK).free >= 1 << 38: raise Skip("a quarter of the largest MinFreeMiB is free")
    code, said = play("old2", f"JournalDirectory={windows(folder)} RetainDays=30 MinFreeMiB=1048576 MaxWaitMs=2000", 'crl base\nlog 46',
                      "log 46")
    assert code == 0 and verify(folder)[0]["sequence"] == f"{1:020}", said

def refused_folder(name, folder):
    """Nothing is written there, the CA goes on, and its event log has an entry for every event."""
    before = sorted(os.listdir(folder))
    code, said = play(name, f"JournalDirectory={windows(folder)} MaxWaitMs=2000", 'crl base\nlog 46 "waits in memory"',
                      'log 46 "waits in memory"')
    assert code == 0, said
    assert sorted(os.listdir(folder)) == before, os.listdir(folder)

@test
def a_folder_that_everybody_may_write_to_is_refused():
    refused_folder("open", fresh("open", 0o777))

@test
def a_link_is_refused():
    target = fresh("target", 0o700)
    link = f"{WORK}/link"
    if os.path.lexists(link): os.remove(link)
    os.symlink(os.path.abspath(target), link)
    refused_folder("link", link)

@test
def a_folder_of_the_administrators_is_taken():
    folder = fresh("private", 0o700)
    code, said = play("private", f"JournalDirectory={windows(folder)}", "crl base")
    assert code == 0 and len(verify(folder)) == 4, said
    folder = fresh("readable", 0o755)
    code, said = play("readable", f"JournalDirectory={windows(folder)}", "crl base")
    assert code == 0 and len(verify(folder)) == 4, said

os.makedirs(WORK, exist_ok=True)
make_request(f"{WORK}/request.csr", name="Alice")
wine("regsvr32.exe", "/s", "build/bin/certwitness.dll")
run_tests(finish=lambda: wine("regsvr32.exe", "/u", "/s", "build/bin/certwitness.dll"))
