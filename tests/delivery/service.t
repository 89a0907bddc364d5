#!/usr/bin/python3
"""The Windows service CertWitnessDelivery, under Wine: made, started, stopped and removed; what it says in the event log; a CA that runs meanwhile.

Wine keeps no access list as it was given: the entries themselves are tests/setup/grant_test.c's. Nor does it know virtual accounts, delayed starts, a
service's privileges and failures that are no crash: that each is asked for is seen in what Wine traces.
"""
import sys; sys.path[0] += "/../lib"
import glob, json, os, re, shutil, subprocess, threading

import chains
from commands import run, run_apart, windows as windows_of, wine
from deliveries import until
from far_end import HANG, far_end
from helper import HELPER, await_state, put, registry
from machine import on_machine
from tap import check, run as run_tests, same, test
from verify import verify

on_machine("install")
WORK = os.path.abspath("build/tmp/service")
DRIVE = os.environ["WINEPREFIX"] + "/drive_c"
HOME, DATA = DRIVE + "/CertWitness of service.t", DRIVE + "/ProgramData/CertWitness Delivery"
NAME = "CertWitnessDelivery"
SERVICE = rf"SYSTEM\CurrentControlSet\Services\{NAME}"
EVENTS = r"SYSTEM\CurrentControlSet\Services\EventLog"
CONFIGURATION = r"SYSTEM\CurrentControlSet\Services\CertSvc\Configuration"
SAID = WORK + "/said"                           # by the service, which Wine traces
shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(WORK)

def windows(path):
    """Of drive C, whose folders are nobody else's."""
    return "C:" + path.removeprefix(DRIVE).replace("/", "\\")

stays = []

def end_session():
    run("wineserver", "-k"), run("wineserver", "-w")
    while stays: stays.pop().wait(20)

def begin():
    """A machine without the service, with its program in a folder. Services write to SAID. Wine ends them when the last other program has ended: one stays."""
    wine("sc.exe", "stop", NAME), wine("sc.exe", "delete", NAME)
    for path in (HOME, DATA): shutil.rmtree(path, ignore_errors=True)
    registry("delete", CONFIGURATION, "delete", rf"{EVENTS}\CertWitness-Journal")
    os.makedirs(HOME + "/journal")
    os.makedirs(DATA)
    shutil.copy("build/bin/certwitness-delivery.exe", HOME)
    open(WORK + "/held", "w").close()
    end_session()
    with open(SAID, "ab") as said:
        stays.append(subprocess.Popen(["wine/run", HELPER, "hold", windows_of(WORK + "/held"), "600"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said,
                                      env={**os.environ, "WINEDEBUG": "-all,+eventlog,+service"}))
    check(stays[-1].stdout.readline().strip() == b"held", "no program stays")

def configure(text, journal=HOME + "/journal", state=DATA + "/state"):
    with open(DATA + "/delivery.conf", "w") as out: out.write(f"[journal]\npath = {windows(journal)}\n[state]\npath = {windows(state)}\n{text}")

def hub(far): return f"[to hub]\nkind = http\nurl = {far.url}\nallowPlain = yes\nstartAt = oldest\n"

def program(*words, **more): return wine(HOME + "/certwitness-delivery.exe", *words, **more)

def fine(*words, **more):
    code, said = program(*words, **more)
    check(code == 0, f"{words}: {code} {said}")
    return said

def entries():
    """What was reported: (type, texts inserted)."""
    told = open(SAID, "rb").read().decode(errors="replace")
    return re.findall(r':(trace|warn|err):eventlog:ReportEventW L"(.*)"\r?$', told, re.M)

def reported(pattern, kind, since=0):
    return until(lambda: any(each == kind and re.search(pattern, text) for each, text in entries()[since:]))

def grow(count, first=1, previous="0" * 64, **how):
    lines = chains.chain(first, count, previous, **how)
    with open(HOME + f"/journal/{chains.name(1)}", "ab") as out: out.writelines(lines)
    with open(HOME + "/journal/head", "wb") as out: out.write(chains.head_file(first + count - 1, chains.hash_of(lines[-1])))
    return lines

def picture():
    return {line for line in registry("dump", r"SYSTEM\CurrentControlSet\Services", "dump", EVENTS) if "CertWitness" in line}

def text(data): return bytes.fromhex(data).decode("utf-16-le").rstrip("\0")

def start():
    code, said = wine("sc.exe", "start", NAME)
    check(code == 0, f"start: {code} {said} {open(SAID, errors='replace').read()[-1500:]}")

def ended():
    return until(lambda: "STOPPED" in wine("sc.exe", "query", NAME)[1])

@test
def installed_started_stopped_and_removed_it_leaves_its_state_and_nothing_else():
    begin()
    before = picture()
    with far_end() as far:
        configure(hub(far))
        lines = grow(150)
        said = fine("service", "install")
        check("Start-Service CertWitnessDelivery" in said, said)
        for path, what in (("ProgramData\\CertWitness Delivery", "read"), ("state", "read and change"), ("delivery.conf", "read"), ("journal", "read")):
            check(re.search(rf"{re.escape(path)}: {what} for NT SERVICE\\CertWitnessDelivery\r?$", said, re.M), (path, said))
        made = {name: text(data) for name, data in (line.split("\t")[1::2] for line in registry("dump", SERVICE) if line.count("\t") == 3)}
        same(made["ImagePath"], rf'"{windows(HOME)}\certwitness-delivery.exe" run --config "{windows(DATA)}\delivery.conf"', "what runs")
        same((made["ObjectName"], made["Start"]), (r"NT SERVICE\CertWitnessDelivery", "\2"), "account, and a start by itself")
        start()
        await_state("RUNNING", NAME)
        check(until(lambda: len(far.sequences()) == 150), f"{len(far.sequences())} lines came")
        grow(50, 151, chains.hash_of(lines[-1]))
        check(until(lambda: far.sequences() == list(range(1, 201))), "what came")
        check(reported(r"delivers C:\\\\.*journal to 1 destination, as C:\\\\.*delivery.conf", "trace"), entries())
        check(program("status")[1].startswith("hub "), "status beside the service")
        code, said = program("seek", "hub", "oldest")
        check(code == 2 and "a delivery runs with this state" in said, said)
        wine("sc.exe", "stop", NAME)
        check(ended(), "it does not stop")
        check(reported("has stopped", "trace"), entries())
        fine("seek", "hub", "1")                # by an administrator, whose files the service reads afterwards
        start()
        check(until(lambda: len(far.sequences()) == 400), f"{len(far.sequences())} lines came after seek")
        said = fine("service", "remove")
        check("The state is kept: C:\\" in said, said)
    same(picture() - before, set(), "what is left in the registry")
    same(before - picture(), set(), "what is lost")
    check(os.path.exists(DATA + "/state/hub.state"), "the state is gone")
    check("There is no service" in fine("service", "remove"), "removed once more")

@test
def remove_with_purge_removes_the_state_and_what_is_not_ours_stays():
    begin()
    with far_end() as far:
        configure(hub(far))
        grow(3)
        fine("service", "install")
        fine("secret", "set", "hub", data=b"s3cret\n")
        open(DATA + "/state/notes.txt", "w").close()
        start()
        check(until(lambda: len(far.sequences()) == 3), "lines")
        for name in ("mail.rate", "hub.damaged-1782000000"): open(f"{DATA}/state/{name}", "w").close()
        fine("service", "remove", "--purge")
    same(os.listdir(DATA + "/state"), ["notes.txt"], "what is left of the state")
    check(os.path.exists(DATA + "/delivery.conf"), "the configuration is gone")

@test
def a_secret_that_an_administrator_sets_is_read_by_the_service():
    begin()
    with far_end(lambda request: 200 if request.headers["Authorization"] == "Bearer s3cret" else 401) as far:
        configure(hub(far) + "auth = bearer\n")
        grow(2)
        fine("service", "install")
        start()
        check(reported(r"\[to hub\] has an auth and no secret", "err"), entries())
        fine("secret", "set", "hub", data=b"s3cret\n")
        check(until(lambda: far.sequences() == [1, 2]), "what came")
        fine("service", "remove")

@test
def a_stop_ends_although_the_far_end_hangs():
    asked = threading.Event()
    def hang(request):
        asked.set()
        return HANG
    begin()
    with far_end(hang) as far:
        configure(hub(far) + "timeout = 600\n")
        grow(1)
        fine("service", "install")
        start()
        check(asked.wait(60), "nothing is sent")
        wine("sc.exe", "stop", NAME)
        check(ended(), "it does not stop")
        fine("service", "remove")

@test
def a_wrong_configuration_ends_the_service_with_an_entry_that_names_file_and_line():
    begin()
    with far_end() as far:
        configure(hub(far))
        grow(1)
        fine("service", "install")
        configure(hub(far) + "colour = blue\n")
        wine("sc.exe", "start", NAME)
        check(ended(), "it runs")
        check(reported(r'delivery\.conf:10: there is no key \\"colour\\"|delivery\.conf:10: there is no key "colour"', "err"), entries())
        check(not far.sequences(), "something was sent")
        os.remove(DATA + "/delivery.conf")
        since = len(entries())
        wine("sc.exe", "start", NAME)
        check(ended() and reported(r"delivery\.conf.*", "err", since), entries()[since:])
        fine("service", "remove")               # without a configuration

@test
def faults_removed_lines_and_a_lag_near_retaindays_are_entries():
    begin()
    with far_end(lambda request: 503) as far:
        configure(hub(far).replace("oldest", "2"))
        lines = grow(20, time="2026-01-02T10:00:00.000Z")
        registry(*put(CONFIGURATION + r"\CA", "CommonName", "CA"), *put(CONFIGURATION + r"\CA\ExitModules\CertWitness.Exit", "JournalDirectory", windows(HOME + "/journal")),
                 *put(CONFIGURATION + r"\CA\ExitModules\CertWitness.Exit", "RetainDays", b"\x1e\0\0\0", 4))
        fine("service", "install")
        start()
        check(reported(r"\[to hub\] error: what is not delivered is \d+ of the 30 days old", "err"), entries())
        far.behave = lambda request: 200
        check(until(lambda: len(far.sequences()) == 19), "lines")
        path = HOME + f"/journal/{chains.name(1)}"
        with open(path, "ab") as out: out.write(b"this is no line\n")
        grow(2, 21, chains.hash_of(lines[-1]))
        check(reported(r"\[to hub\] .*" + chains.name(1), "err"), entries())
        wine("sc.exe", "stop", NAME), ended()
        os.remove(path)
        with open(HOME + f"/journal/{chains.name(40)}", "wb") as out: out.writelines(chains.chain(40, 2, "1" * 64))
        start()
        check(reported(r"lines 23 to 39 were removed", "err"), entries())
        fine("service", "remove")
    registry("delete", CONFIGURATION)

@test
def what_wine_does_not_know_is_asked_for_all_the_same():
    begin()
    configure("[to copy]\nkind = copy\npath = C:\\copy of service.t\nstartAt = now\n")
    grow(1)
    since = os.path.getsize(SAID)
    fine("service", "install")
    with open(SAID, errors="replace") as said: 
        said.seek(since)
        asked = said.read()
    check(re.search(r"ChangeServiceConfig2W .*descr to L\"Hands the events", asked), asked)
    for what in ("SERVICE_CONFIG_FAILURE_ACTIONS not implemented: period 86400", *(f"level {level} not implemented" for level in (4, 5, 6))):
        check(what in asked, (what, asked))     # restarts after any failure, identifier, privileges
    check("level 3 not implemented" in asked or "SERVICE_CONFIG_DELAYED_AUTO_START_INFO: fDelayedAutostart 1" in asked, f"the delayed start, which Wine 10 knows: {asked}")
    fine("service", "remove")

def grow_old():
    """Four files of ten lines, all but the last one old: two may go, since the line after them has to be old, too."""
    previous = "0" * 64
    for n in range(4):
        lines = chains.chain(10 * n + 1, 10, previous, time=f"2025-{n + 1:02}-01T10:00:00.000Z" if n < 3 else "2026-11-21T10:00:00.000Z")
        previous = chains.hash_of(lines[-1])
        with open(HOME + f"/journal/{chains.name(10 * n + 1)}", "wb") as out: out.writelines(lines)
    with open(HOME + "/journal/head", "wb") as out: out.write(chains.head_file(40, previous))

def prune():
    """What would go. The clock is said, so that nothing depends on today."""
    return wine(HOME + "/certwitness.exe", "prune", "--older-than", "30d", "--now", "2026-11-22T00:00:00Z", "--all-at-once", "--dry-run", windows(HOME + "/journal"))

@test
def prune_holds_what_is_not_delivered_wherever_service_or_configuration_keep_the_state():
    begin()
    state, other, usual = DRIVE + "/state of service.t", HOME + "/other.conf", DATA + "/delivery.conf"
    for path in (state, state + " 2"): shutil.rmtree(path, ignore_errors=True)
    shutil.copy("build/bin/certwitness.exe", HOME)
    grow_old()
    def held(where, code_and_said):
        code, said = code_and_said
        check(code == 1 and "would go: 1 of 4 files, events 1 to 10" in said and f"by hub.state in {windows(where)} a destination" in said and "lines up to 15" in said, (where, code, said))
    def free(code_and_said):
        code, said = code_and_said
        check(code == 0 and "would go: 2 of 4 files, events 1 to 20" in said, (code, said))
    with far_end(lambda request: 200 if all(int(event["sequence"]) <= 15 for event in request.events) else 503) as far:
        configure(hub(far) + "format = structured\n", state=state)
        free(prune())                           # configured, and never run
        os.rename(usual, other)
        fine("service", "install", "--config", windows(other))
        start()
        check(until(lambda: far.sequences()[-1:] == [15] and "line 15" in program("status", "--config", windows(other))[1]), far.sequences())
        wine("sc.exe", "stop", NAME)
        check(ended(), "it does not stop")
    held(state, prune())                        # as its key says
    os.rename(state, state + " 2")
    code, said = prune()
    check(code == 2 and windows(state) in said and "nothing was removed" in said, (code, said))
    os.mkdir(state)
    free(prune())
    with open(other) as old: text = old.read()
    with open(other, "w") as out: out.write(text.replace("state of service.t", "state of service.t 2"))
    held(state + " 2", prune())                 # as its configuration says, which was changed afterwards
    registry(*put(SERVICE + r"\Parameters", "State", b"\1\0\0\0", 4))
    code, said = prune()
    check(code == 2 and "cannot be read from the registry key of the service" in said and "nothing was removed" in said, (code, said))
    wine("sc.exe", "delete", NAME)
    free(prune())                               # it cannot know
    os.rename(other, usual)
    held(state + " 2", prune())                 # run by hand, or by a task
    shutil.rmtree(state + " 2")
    free(prune())
    with open(usual, "w") as out: out.write("[state]\npath = Q:\\state\n")
    code, said = prune()
    check(code == 2 and "Q:\\state" in said and "nothing was removed" in said, (code, said))
    os.rmdir(state)

def status():
    """What certwitness status tells of the delivery, and what is wrong with it."""
    code, said, complaint = run_apart("wine/run", HOME + "/certwitness.exe", "status", "--json")
    report = json.loads(said)
    same(code, 1 if report["problems"] else 0, "the exit code of status")
    return report["delivery"], [text for text in report["problems"] if re.search("[Dd]elivery", text)]

def told(pattern, count=1):
    report, problems = status()
    check(len(problems) == count and any(re.search(pattern, text) for text in problems), (pattern, problems))
    return report

@test
def status_tells_of_service_and_destinations_and_what_is_wrong_with_them():
    begin()
    shutil.copy("build/bin/certwitness.exe", HOME)
    same(status(), ({"service": "none"}, []), "without a delivery")
    with far_end() as far:
        configure(hub(far) + "format = structured\n")
        lines = grow(3)
        report = told(r"^The delivery to hub is behind by 3 lines, the oldest of \d+ minutes ago")
        same((report["service"], report["configuration"], report["destinations"][0]["state"]), ("none", windows(DATA) + "\\delivery.conf", "not running"), "without a service")
        fine("service", "install")
        told("^The service CertWitnessDelivery does not run, and nothing is delivered: Start-Service", 2)
        start()
        check(until(lambda: far.sequences() == [1, 2, 3]), "lines")
        check(until(lambda: not status()[1]), status())
        report, problems = status()
        same((report["service"], report["file"]), ("running", windows(HOME) + "\\certwitness-delivery.exe"), "what runs")
        hub_ = report["destinations"][0]
        same([hub_[key] for key in ("name", "kind", "state", "sequence", "lag", "parked")], ["hub", "http", "delivers", 3, 0, 0], "the destination")
        check("eventLogError" in report or "eventLog" in report, report)
        text = wine(HOME + "/certwitness.exe", "status")[1]
        check(re.search(r"^Delivery:\r?\n    Service \(CertWitnessDelivery\): running\r?\n", text, re.M) and "Delivered up to sequence: 3" in text, text)
        far.behave = lambda request: 503
        lines += grow(1, 4, chains.hash_of(lines[-1]))
        check(until(lambda: any(re.search("^The delivery to hub fails, and is tried again: .*503", each) for each in status()[1])), status())
        far.behave = lambda request: 400
        check(until(lambda: any("its far end has refused 1 line." in each for each in status()[1])), status())
        wine("sc.exe", "stop", NAME)
        check(ended(), "it does not stop")
        configure(hub(far) + "colour = blue\n")
        wine("sc.exe", "start", NAME)
        check(ended(), "it runs")
        told(r"^The service CertWitnessDelivery ended by a failure, and nothing is delivered\. Entries 400 to 409", 2)
        told(r'^The delivery does not say how it is: .*delivery\.conf:10: there is no key "colour"\.', 2)
        for path, words in (DATA + "/delivery.conf", "where the journal goes and which programs"), (HOME + "/certwitness-delivery.exe", "so it was not asked"):
            mode = os.stat(path).st_mode
            os.chmod(path, 0o777)
            report = told(f"can be changed by .*{words}", 2)
            os.chmod(path, mode)
            check("destinations" not in report, report)
        os.rename(HOME + "/certwitness-delivery.exe", HOME + "/elsewhere.exe")
        told(r"certwitness-delivery\.exe is not there: put it back", 2)
        os.rename(HOME + "/elsewhere.exe", HOME + "/certwitness-delivery.exe")
        configure(hub(far))
        registry(*put(SERVICE, "Start", b"\4\0\0\0", 4))
        end_session()                           # Wine reads that anew
        same(told("its far end has refused 1 line")["service"], "disabled", "a service that is not to run")
        fine("service", "remove", "--purge")

@test
def status_waits_for_no_delivery_that_does_not_answer():
    begin()
    for name in "certwitness", "certwitness-delivery": shutil.copy(f"build/bin/{name}.exe", HOME)
    shutil.copy(HELPER, HOME + "/certwitness-delivery.exe")     # another program, which knows no such words
    configure("[to copy]\nkind = copy\npath = C:\\copy of service.t\nstartAt = now\n")
    told("^The delivery does not say how it is: ")

@test
def what_another_account_could_change_is_refused():
    begin()
    configure("[to copy]\nkind = copy\npath = C:\\copy of service.t\nstartAt = now\n")
    for path in (HOME, DATA, DATA + "/delivery.conf", HOME + "/certwitness-delivery.exe"):
        mode = os.stat(path).st_mode
        os.chmod(path, 0o777)
        code, said = program("service", "install")
        os.chmod(path, mode)
        check(code == 2 and "can be changed by" in said, (path, said))
        same(registry("dump", SERVICE), [], f"the service, with {path} for everybody")

@test
def a_configuration_that_another_account_can_change_is_not_run():
    begin()
    with far_end() as far:
        configure(hub(far))
        grow(1)
        fine("service", "install")
        os.chmod(DATA + "/delivery.conf", 0o666)
        wine("sc.exe", "start", NAME)
        check(ended(), "it runs")
        with open(SAID, errors="replace") as said: told = said.read()       # of a long text Wine traces the beginning
        check(re.search(r'err:eventlog:ReportEventW L"C:[^"]*delivery\.conf: It can be changed by', told), told[-2000:])
        check("SERVICE_EXIT_CODE  : 2" in re.sub(" +: ", "  : ", wine("sc.exe", "query", NAME)[1]), wine("sc.exe", "query", NAME))
        check(not far.sequences(), "something was sent")
        os.chmod(DATA + "/delivery.conf", 0o600)
        start()
        check(until(lambda: far.sequences() == [1]), "what came")
        fine("service", "remove")

@test
def a_ca_that_runs_notices_nothing_of_the_service():
    begin()
    journal = DRIVE + "/ProgramData/CertWitness/Service CA"
    shutil.rmtree(journal, ignore_errors=True)
    code, said = wine("regsvr32.exe", "/s", os.path.abspath("build/bin/certwitness.dll"))
    check(code == 0, said)
    subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=www.example", "-keyout", "/dev/null", "-out", WORK + "/www.csr"],
                   check=True, capture_output=True)
    with open(WORK + "/ca.scenario", "w") as out:
        out.write(f'ca "Service CA" dns=ca.example out={WORK}/pki\ninclude wine/scenarios/templates.scenario\nmodule CertWitness.Exit\nstart\nsubmit www request={WORK}/www.csr template=User requester="DEMO\\\\alice" times=400\nstop\n')
    with far_end() as far:
        configure(hub(far), journal=journal)
        ca = subprocess.Popen(["wine/run", "build/bin/stubca.exe", "run", WORK + "/ca.scenario"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            check(until(lambda: sum(os.path.getsize(path) for path in glob.glob(journal + "/*.jsonl")) > 50000), "the CA writes nothing")
            fine("service", "install")
            start()
            running = ca.poll() is None
        finally: said = ca.communicate(timeout=200)[0].decode(errors="replace")
        same(ca.returncode, 0, f"the CA's exit code ({said[-500:]})")
        check(running, "the CA had ended before the service was made")
        lines = verify(journal)
        check(until(lambda: len(far.sequences()) == len(lines)), f"{len(far.sequences())} of {len(lines)} came")
        same(far.sequences(), list(range(1, len(lines) + 1)), "what came")
        check(not any(b"journal.gap" in line or b"journal.broken" in line for line in open(journal + "/" + chains.name(1), "rb")), "the journal has gaps")
        fine("service", "remove")
    wine("regsvr32.exe", "/s", "/u", os.path.abspath("build/bin/certwitness.dll"))
    shutil.rmtree(journal, ignore_errors=True)

try: run_tests()
finally:
    end_session()
    shutil.rmtree(DATA, ignore_errors=True)     # or this machine has a delivery
