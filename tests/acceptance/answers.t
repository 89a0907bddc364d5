#!/usr/bin/python3
"""The answers reader, proved on a CA whose answers are known: under each `setting` of the stub CA it reads that setting's word, and of no other.

All settings share three scenarios, a run of the service for each setting: one with two probes, one with a probe that fails in Initialize, one with a
probe that throws. A file of answers of a real CA, where there is one, is compared with the stub CA's defaults.
"""
import sys; sys.path.insert(0, sys.path[0] + "/../lib")
import glob, json, os, re, shutil

from answers import OBSERVATIONS, QUESTIONS, UNSEEN, answers, observations, read_runs, whole_lines
from commands import finished, run, wine
from machine import on_machine
from case_requests import make_requests
from tap import check, run as run_tests, same, test

on_machine("stub")
WORK = "build/tmp/probe-answers"
REAL = "wine/real-ca"
STUBCA, PROBE = "build/bin/stubca.exe", "build/tests/modules/probe.dll"
NAME = "Tësting & CA"
DONE = ["retrieve", "broken", "several", "stranger", "garbage", "keygen"]
ALIKE = {"signers=chained"}                 # read as the default: no certificate of a CA below can be prepared

def choices():
    """{setting: its words, the default first}, as `stubca --help` lists them."""
    said = finished("wine/run", STUBCA, "--help", text=True).stdout
    said = re.sub(r"\s+", " ", said[said.index("\n  setting "):said.index("how this CA behaves")])
    return {name: words.split("|") for name, words in re.findall(r"\[([a-z-]+)=([a-z|-]+)\]", said) if "|" in words}

def submit(name, request="plain", more="", template="User"):
    return f'submit {name} request={WORK}/{request}.req template={template} requester="DEMO\\{name}" {more}'.rstrip()

def case(kind): return f'attribute="cwcase:{kind}"'

def day(n, setting):
    """With two probes."""
    on = lambda *one: "=".join(one) == setting
    return [submit(f"a{n}"), submit(f"w{n}", template="Mail", more="status=0x80094004" * on("warning-status", "told")),
            submit(f"b{n}", template="Slow", more="expect=pending"), f"approve b{n}", f"retrieve b{n}",
            submit(f"c{n}", template="Slow", more="expect=pending"), f"deny c{n}",
            submit(f"d{n}", template="Gone", more="expect=denied " + case("refused")),
            submit(f"e{n}", "broken", "expect=failed " + case("broken")),
            submit(f"f{n}", "several", case("several") + ("" if on("der", "lenient") else " expect=failed" if on("unreadable", "recorded") else " expect=refused")),
            submit(f"g{n}", "stranger", case("stranger") + ("" if on("signers", "any") else " expect=failed")),
            submit(f"h{n}", "garbage", case("garbage") + (" expect=failed" if on("unreadable", "recorded") else " expect=refused")),
            submit(f"k{n}", "keygen", case("keygen") + ' attribute="Challenge:another"' + ("" if on("challenge", "ignored") else " expect=failed")),
            submit(f"i{n}", more=case("san") + ' attribute="san:dns=asked.example"'),
            submit(f"j{n}", more=case("long") + f' attribute="filler:{"x" * 17000}"'),
            *([] if on("rows", "volatile") else [f"hold a{n}", f"release a{n}"]), "crl base"]

def failing(n, setting):
    return [submit(f"a{n}"), "cainfo exitcount is=99"]

def throwing(n, setting): return [submit(f"a{n}"), "log 45", "crl base"]

SCENARIOS = {"day": ("Rules=1 Threads=1", "Rules=1 Threads=1", day), "failing": ("", "InitializeFails=0x80070005", failing), "throwing": ("", "NotifyThrows=1", throwing)}

def scenario(kind, settings, zone):
    """Play it; the runs' lines, one list a setting, and what the CA said."""
    one, other, steps = SCENARIOS[kind]
    lines = [f'ca "{NAME}" dns=ca01.demo.example out={WORK}/{kind}.pki', "template User eku=clientAuth days=365",
             "template Slow eku=serverAuth days=365 approval=manager oid=1.3.6.1.4.1.311.21.8.1.1", "template Mail eku=emailProtection days=365 san=requester mail=on",
             "template Gone days=9 published=off", f"module StubProbe.Exit {one}", f"module StubProbe2.Exit {other}"]
    for n, (setting, undo) in enumerate(settings):
        aborts = kind == "failing" and setting == "initialize-failure=abort"
        lines += ([f"setting {setting}"] if setting else []) + ["start" + " expect=refused" * aborts] + ["log 46"] * (kind == "failing")
        lines += ([] if aborts else steps(n, setting) + ["stop"]) + ([f"setting {undo}"] if setting else [])
    log = f"{WORK}/{kind}.log"
    if os.path.exists(log): os.remove(log)
    with open(f"{WORK}/{kind}.scenario", "w") as out: out.write("\n".join(lines) + "\n")
    done = finished("wine/run", STUBCA, "run", f"{WORK}/{kind}.scenario", env={"PROBE_FILE": log, "TZ": zone}, timeout=600)
    said = done.stdout.decode()
    wrong = [line for line in re.findall(r"^not ok .*", said, re.M) if "cainfo" not in line]
    check(not wrong, f"{kind}: {wrong[:3]}\n" + "\n".join(re.findall(r"^# .*scenario:.*", said, re.M)[:5]) + done.stderr.decode()[:500])
    return split(log), said

def split(log):
    """The log's lines, cut where a run of the service begins."""
    out, seen = [], set()
    for line in open(log, encoding="utf-8"):
        words = line.split("\t")
        if words[0] == "start":
            if not out or words[1] in seen: out, seen = out + [[]], set()
            seen.add(words[1])
        if out: out[-1].append(line.rstrip("\n"))
    return out

def read_all(settings, zone="CET-1"):
    """The answers under each of the settings."""
    logs = {kind: scenario(kind, settings, zone) for kind in SCENARIOS}
    counts = iter(re.findall(r'the answer is "(\d+)"', logs["failing"][1]))
    out = []
    for n, (setting, _) in enumerate(settings):
        facts = {"ca": NAME, "done": DONE}   # the stub CA has no value CommonName for the probe to note
        if setting == "initialize-failure=abort": facts["stopped"] = True
        else: facts["exit_count"] = int(next(counts))
        out.append(answers([line for kind in SCENARIOS for line in logs[kind][0][n]], facts))
    return out

def words(told): return {name: one["answer"] for name, one in told.items()}

PLAYED = {}

def played():
    """{setting: the words read under it}, "" for the defaults."""
    if not PLAYED:
        settings = [("", "")] + [(f"{name}={word}", f"{name}={all_words[0]}") for name, all_words in CHOICES.items() for word in all_words[1:]]
        PLAYED.update(zip([setting for setting, _ in settings], read_all(settings)))
    return PLAYED

@test
def every_setting_of_the_stub_ca_that_has_words_has_its_question():
    same(sorted(QUESTIONS), sorted(CHOICES), "questions")

@test
def the_defaults_are_read_as_the_defaults():
    told = played()[""]
    for name, all_words in CHOICES.items():
        check(told[name]["answer"] == all_words[0], f"{name} is read as {told[name]}, the stub CA was set to {all_words[0]}")

@test
def each_setting_turns_its_answer_and_no_other():
    plain = words(played()[""])
    for setting, told in played().items():
        if not setting: continue
        name, word = setting.split("=")
        changed = {key: value for key, value in words(told).items() if value != plain[key]}
        # With rows=volatile there is nothing to put on hold; where the CA does not start there is nobody to ask for EXITCOUNT.
        for key in {"rows=volatile": ("release-message",), "initialize-failure=abort": ("exit-count",)}.get(setting, ()):
            same(changed.pop(key, UNSEEN), UNSEEN, f"{key} under {setting}")
        same(changed, {} if setting in ALIKE else {name: word}, f"answers that {setting} turns: {told[name]}")

@test
def nothing_is_said_of_what_was_not_seen():
    told = words(answers(["start\t0\t-\tMTA\t00000000"]))
    same({name: word for name, word in told.items() if word != UNSEEN}, {}, "answers of a log without an event")
    same(read_runs([""]), [], "runs in an empty log")

UNREACHED = "Certificate Request Processor: The RPC server is unavailable. 0x800706ba (WIN32: 1722)"
REFUSED = "Certificate not issued (Denied) Denied by Policy Module  0x80094801, The request does not contain a certificate template extension."
CASES = "alice", "broken", "several", "stranger", "garbage", "keygen"
OF_CASES = "failed-event", "der", "signers", "challenge", "unreadable"

def submitted(says, code):
    """As lab.cmd keeps it: `says` of a case, or of each."""
    said = lambda case, n: says if isinstance(says, str) else says(case, n)
    return [line for n, case in enumerate(CASES) for line in (f"said\tsubmit-{case}", *said(case, n).split("\n"), f"code\t{code}")]

def wide(text): return text.encode("utf-16-le").hex()

def event(kind, case=None, disposition=None, module=0):
    lines = [f"event\t{module}\t{kind:x}\t7\t1\tMTA\t1"]
    if case: lines.append(f"attribute\t{module}\t{wide('cwcase')}\t{wide(case)}")
    return lines + ([f"property\t{module}\tR\tDisposition\tL\t00000000\t3\t{disposition}"] if disposition else [])

BEGUN = ["start\t0\t-\tMTA\t00000000", "start\t1\t-\tMTA\t00000000"]

@test
def a_submission_that_reached_no_ca_answers_nothing():
    """Whether no CA answered or certreq itself refused the file; with events of other requests, too."""
    for says in (UNREACHED, "Certificate Request Processor: ASN1 bad tag value met. 0x8009310b (ASN: 267)", "", "Ungültig: x7\n(5)\nRequestId:"):
        for more in ([], event(1, "alice", 20)):
            told = words(answers([*BEGUN, *more, *submitted(says, -2147023174)]))
            same({name: told[name] for name in OF_CASES}, dict.fromkeys(OF_CASES, UNSEEN), f"answers after {says[:40]!r}, {len(more)} lines of events")

@test
def a_case_that_the_ca_got_is_answered_by_what_became_of_it():
    numbered = submitted(lambda case, n: f"Anforderungs-ID: {n + 1}\nAnforderungs-ID: \"{n + 1}\"\n{REFUSED}", 0)
    told = words(answers([*BEGUN, *event(1, "alice", 20), *event(4, "broken", 30), *numbered]))
    same({name: told[name] for name in OF_CASES}, {"failed-event": "on", "der": "strict", "signers": "known", "challenge": "compared", "unreadable": "other"},
         "answers; garbage has a RequestID and no event, which no setting has")
    told = words(answers([*BEGUN, *event(1, "alice", 20), *numbered]))
    same(told["failed-event"], "off", "a row and no event")
    told = words(answers([*BEGUN, *event(4, "alice", 31), *numbered]))
    same({name: told[name] for name in OF_CASES[1:4]}, dict.fromkeys(OF_CASES[1:4], UNSEEN), "of a CA that refuses every request, as an enterprise CA does without a template")
    told = words(answers([*BEGUN, *event(1, "alice", 20), *event(2, "several", 9), *numbered]))
    same(told["der"], UNSEEN, "a request that waits for an administrator")
    same(words(answers([*BEGUN, *event(1, "alice", 20), *event(4, "stranger", 30)]))["signers"], "known", "an event is enough")

@test
def outputs_of_commands_that_failed_answer_nothing():
    failing = [*BEGUN, "fails\t1\t80070005", *event(1, "dave", 20), f"active\t0\t{wide('A')}0000{wide('B')}"]
    answer = lambda *lines: words(answers([*failing, *lines]))["exit-count"]
    same([answer("said\texitcount", "x: 2", f"code\t{code}") for code in (0, 5)], ["active", UNSEEN], "EXITCOUNT")
    same(words(answers([*(line for line in failing if "fails" not in line), "said\texitcount", "x: 2", "code\t0"]))["exit-count"], UNSEEN, "where no module failed")
    same(words(answers([*BEGUN, *event(1, "bob", 20), "said\tretrieve", "x", "code\t5"]))["retrieve-event"], UNSEEN, "a certificate that was not retrieved")

@test
def a_start_of_which_nothing_was_seen_is_no_refusal():
    """The CA may be slow, or certreq may have failed: what counts is the state of the service."""
    failing = [*BEGUN, "fails\t1\t80070005"]
    state = lambda number: ["said\tservice", "        TYP                : 110  WIN32_OWN_PROCESS", f"        STATUS             : {number}  STOPPED", "code\t0"]
    same([words(answers([*failing, *lines]))["initialize-failure"] for lines in ([], state(4), state(2), state(1))], [UNSEEN] * 3 + ["abort"], "answers")
    same(words(answers([*failing, *event(1, "dave", 20), *state(4)]))["initialize-failure"], "continue", "a CA that goes on")

@test
def a_ca_that_an_exception_ends_is_told_as_one():
    run = [*BEGUN, *event(1, "erin", 20), *event(1, "erin", 20, 1), "throws\t1\t1"]
    after = lambda code: ["said\tsubmit-erin", UNREACHED, "code\t-2147023170", "said\tcrl", "x", f"code\t{code}"]
    told = answers([*run, *after(-2147023174)])["thrown"]
    same(told["answer"], "other", f"answer; {told['evidence']}")
    check("-2147023174" in told["evidence"] and "no SHUTDOWN ends: 1" in told["evidence"], f"evidence: {told['evidence']}")
    same(words(answers([*run, *BEGUN]))["thrown"], "other", "the service has started again")
    stop = [*event(0x40), *event(0x40, module=1)]
    same(words(answers([*BEGUN, *event(1, "erin", 20, 1) * 2, "throws\t1\t1", *event(0x40), *after(5)]))["thrown"], UNSEEN, "a service that was stopped, of which the other module was told less")
    for lines, word in (([], UNSEEN), (after(0), UNSEEN), ([*stop, *after(5)], "stays"), ([*event(0x20), *event(0x20, module=1), *stop], "stays"), ([*event(0x20), *event(0x40)], "dropped")):
        same(words(answers([*run, *lines]))["thrown"], word, f"answer with {lines[:3]}")

@test
def dates_of_a_machine_in_utc_say_nothing():
    told = read_all([("", ""), ("dates=local", "dates=utc")], zone="UTC0")
    same([words(one)["dates"] for one in told], [UNSEEN, UNSEEN], "dates")

@test
def a_log_that_was_cut_anywhere_is_read_as_far_as_it_goes():
    lines = open(f"{WORK}/day.log", encoding="utf-8").read() if os.path.exists(f"{WORK}/day.log") else ""
    check(len(lines) > 10000, "there is a log")
    for end in range(0, min(len(lines), 200000), 7919):
        answers(whole_lines(lines[:end]))
        answers(lines[:end].split("\n"))

# ---- observations

def observed(name, lines, facts=()): return observations(lines, facts)[name]["answer"]

@test
def a_crl_that_comes_with_a_renewal_is_seen():
    found = []
    for n, crl in enumerate(("", "crl base\n")):
        log = f"{WORK}/renewed{n}.log"
        with open(f"{WORK}/renewed{n}.scenario", "w") as out:
            out.write(f'ca Renewed dns=ca out={WORK}/renewed{n}.pki\ntemplate User eku=clientAuth days=9\nmodule StubProbe.Exit\nstart\n{submit("a")}\ncrl base\nstop\nrenew same-key\nstart\n{crl}{submit("b")}\nstop\n')
        code, said = wine(STUBCA, "run", f"{WORK}/renewed{n}.scenario", env={"PROBE_FILE": log})
        same(code, 0, said[-500:])
        with open(log, encoding="utf-8") as file: lines = file.read().split("\n")
        found.append(observed("crl-at-renewal", lines))
        same(observed("crl-at-renewal", lines[:len(lines) // 2]), UNSEEN, "of a log that ends before it")
    same(found, ["not-published", "published"], "what is seen")

@test
def an_audit_trail_is_held_against_what_the_module_was_told():
    lines = ["start\t0\t-\tMTA\t00000000", *(f"event\t0\t{kind:x}\t7\t1\tMTA\t1" for kind in (1, 1, 2, 4, 4, 8))]
    right = {"4887": 2, "4889": 1, "4888": 1, "4868": 1, "4870": 0, "4872": 0}
    same(observed("audit", lines, {"audited": right}), "each", "each has its entry; of revocations nothing is taken for granted")
    for number in ("4887", "4889", "4888", "4868"):
        for by in (-1, 1): same(observed("audit", lines, {"audited": {**right, number: right[number] + by}}), "other", f"{number} by {by}")
    same([observed("audit", lines), observed("audit", lines, {"audited": dict.fromkeys(right, 0)}), observed("audit", lines[:2], {"audited": right})], [UNSEEN] * 3, "no trail, an empty one, and no events")

@test
def values_that_a_ca_changes_are_known_or_they_are_told():
    same([observed("registry", []), observed("registry", [], {"changed": []})], [UNSEEN, "known"], "not compared, and none")
    key = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration\CA"
    same([observed("registry", [], {"changed": [key + "\\" + name]}) for name in ("CACertHash", "CRLNextPublish", "HighSerial", r"PolicyModules\X\RequestDisposition", "CommonName", "CRLFlags")],
         ["known"] * 3 + ["more"] * 3, "values")

@test
def what_the_judgements_take_for_granted_was_seen_so_on_the_real_cas_whose_answers_are_known():
    """real_host.py counts by the audit trail and passes over the values that a CA changes."""
    for file in sorted(glob.glob(REAL + "/answers-*.json")):
        told = json.load(open(file, encoding="utf-8")).get("observations", {})
        for name, word in (("audit", "each"), ("registry", "known")): check(told.get(name, {}).get("answer", UNSEEN) in (UNSEEN, word), f"{file}: {name}: {told.get(name)}")

# ---- a real CA's answers

def deviations(file, defaults):
    """Where a file of answers says otherwise than the stub CA does."""
    told = json.load(open(file, encoding="utf-8"))["answers"]
    unknown = sorted(set(told) - set(defaults))
    assert not unknown, f"{file}: there are no questions {unknown}"
    return {name: (one["answer"], defaults[name]) for name, one in told.items() if one["answer"] not in (UNSEEN, defaults[name])}

@test
def the_defaults_are_those_of_the_real_cas_whose_answers_are_known():
    """wine/real-ca/answers-VERSION.json. There is none yet: no real CA was asked."""
    defaults = words(played()[""])
    for file in sorted(glob.glob(REAL + "/answers-*.json")): same(deviations(file, defaults), {}, f"differences (real, stub CA) in {file}")
    made_up = f"{WORK}/answers-made-up.json"
    told = {name: {"answer": word, "evidence": ""} for name, word in defaults.items()}
    for name, word in (("dates", "local"), ("startup", UNSEEN), ("contexts", "other")): told[name] = {"answer": word, "evidence": ""}
    with open(made_up, "w") as out: json.dump({"format": 1, "answers": told}, out)
    same(deviations(made_up, defaults), {"dates": ("local", "utc"), "contexts": ("other", "lenient")}, "differences in a file that was made up")

@test
def the_program_writes_such_a_file():
    facts = f"{WORK}/facts.json"
    with open(facts, "w") as out: json.dump({"ca": NAME, "done": DONE, "windows": "none"}, out)
    code, said = run("python3", "tests/acceptance/answers.py", f"{WORK}/day.log", "--facts", facts, "--out", f"{WORK}/answers.json")
    check(code == 0 and said == open(f"{WORK}/answers.json", encoding="utf-8").read(), "it shows all that it writes")
    told = json.load(open(f"{WORK}/answers.json", encoding="utf-8"))
    same([told["format"], told["windows"], sorted(told["answers"]), sorted(told["observations"])], [1, "none", sorted(QUESTIONS), sorted(OBSERVATIONS)], "the file")
    with open(f"{WORK}/empty.log", "w"): pass
    code, said = run("python3", "tests/acceptance/answers.py", f"{WORK}/empty.log")
    check(code == 1 and "ExitModules\\Active" in said, f"an empty log: {code}, {said}")

@test
def a_text_that_the_code_page_lacks_stops_neither_the_answers_nor_what_is_shown():
    """Windows gives a program whose output goes into a file or a pipe the machine's code page."""
    log, out = f"{WORK}/odd.log", f"{WORK}/odd.json"
    with open(log, "w", encoding="utf-8") as file: file.write("\n".join([*BEGUN, *event(4, "refused", 31), f"property\t0\tR\tDispositionMessage\tS\t00000000\t8\t{wide(chr(0x11b))}", ""]))
    for more, said in ((("--out", out), "\\u011b"), (("--show",), "DispositionMessage: \\u011b")):
        done = finished(sys.executable, "tests/acceptance/answers.py", log, *more, env={"PYTHONIOENCODING": "cp1252"}, text=True)
        check(done.returncode == 0 and said in done.stdout, f"{more}: {done.returncode}, {done.stdout[:200]}{done.stderr[-300:]}")
    check(os.path.exists(out) and "\u011b" in open(out, encoding="utf-8").read(), "the file has the text as it is")

# ---- the probe itself

@test
def the_probe_harms_no_ca():
    """stubca check with a CA that answers nothing, oddly, or fails at random; with the rules that the probe tries and without."""
    def broken(values):
        code, said = wine(STUBCA, "check", "StubProbe.Exit", *values, env={"PROBE_FILE": f"{WORK}/checked.log"}, timeout=600)
        # Three it breaks on purpose: it asks without a context and about one that is over, and offers nothing by name.
        return set(re.findall(r"^not ok \d+ - (\w+)", said, re.M)) - {"bound", "held", "interfaces"}, said
    for values in (["Rules=1", "Threads=1"], ["Rules=1", "Threads=1", "Gentle=1"]):
        bad, said = broken(values)
        same(sorted(bad), [], f"rules that the probe breaks with {values}:\n" + "\n".join(re.findall(r"^(?:not ok.*|# .*)", said, re.M)[:12]))

@test
def the_probe_writes_beside_its_dll_if_it_is_given_no_file():
    folder = os.path.join(os.environ["WINEPREFIX"], "drive_c/CertWitness Lab")
    shutil.rmtree(folder, ignore_errors=True), os.makedirs(folder)
    shutil.copy(PROBE, folder)
    wine("regsvr32.exe", "/s", "C:\\CertWitness Lab\\probe.dll")
    with open(f"{WORK}/beside.scenario", "w") as out: out.write(f'ca Beside dns=ca out={WORK}/beside.pki\nmodule StubProbe.Exit\nstart\ncrl base\nstop\n')
    code, said = wine(STUBCA, "run", f"{WORK}/beside.scenario")
    wine("regsvr32.exe", "/s", PROBE)
    same(code, 0, said)
    log = open(folder + "/probe.txt", encoding="utf-8").read()
    same([event.kind for event in read_runs(log.split("\n"))[0][0].events], [0x20, 0x40], "events")

CHOICES = {}

def main():
    shutil.rmtree(WORK, ignore_errors=True), os.makedirs(WORK)
    make_requests(WORK)
    wine("regsvr32.exe", "/s", PROBE)
    CHOICES.update(choices())
    run_tests(finish=lambda: wine("regsvr32.exe", "/u", "/s", PROBE))

main()
