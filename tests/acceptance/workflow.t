#!/usr/bin/python3
"""The workflow real-ca.yml, held against the scripts that it runs: each command line as their own parsers take it, for each machine of the matrix.
actionlint and the grammar of PowerShell (make interop) judge its form."""
import sys; sys.path.insert(0, sys.path[0] + "/../lib")
import contextlib, functools, glob, io, itertools, json, os, re, shutil, yaml

import judge, real_host, real_probe
from commands import finished
from tap import check, run as run_tests, same, test

WORK = "build/tmp/workflow"
with open(".github/workflows/real-ca.yml", encoding="utf-8") as file: TEXT = file.read()
PARSERS = {"real_host.py": real_host.parser, "real_probe.py": real_probe.parser, "judge.py": judge.parser}
ENVIRONMENT = {"$env:CA_NAME": "name", "$env:JOURNAL": "journal"}

def machines(windows):
    """Of the matrix, as GitHub makes them: an entry of `include` adds what it has to those that it fits."""
    matrix = dict(windows["strategy"]["matrix"])
    more = matrix.pop("include", [])
    made = [dict(zip(matrix, values)) for values in itertools.product(*matrix.values())]
    for one in made:
        for extra in more:
            if all(one[key] == value for key, value in extra.items() if key in matrix): one.update({key: value for key, value in extra.items() if key not in matrix})
    return made

def runs(step, machine):
    condition = step.get("if", "")
    told = re.fullmatch(r"(?:always\(\)(?: && )?)?(?:matrix\.(\w+)(?: == '([^']*)')?)?", condition)
    check(told, f"a condition that this test cannot judge: {condition}")
    if not told or not told[1]: return True
    return machine.get(told[1]) == told[2] if told[2] is not None else bool(machine.get(told[1]))

def words(line, machine):
    """As PowerShell hands them on."""
    line = line.replace("(Get-ChildItem build\\dist\\*.msi).FullName", "build\\dist\\certwitness.msi")
    out = []
    for word in line.split():
        for name, key in ENVIRONMENT.items(): word = word.replace(name, str(machine.get(key) or ""))
        out.append(re.sub('^"(.*)"$', r"\1", word))
    return out

def taken(parser, given):
    """The options, or None."""
    try:
        with contextlib.redirect_stderr(io.StringIO()): return parser.parse_args(given)
    except SystemExit: return None

def complaints(text):
    """What does not fit in a workflow, given as text."""
    jobs = yaml.safe_load(text)["jobs"]
    brought = jobs["build"]["steps"][-1]["with"]["path"].split()
    with open("tests/acceptance/lab.ps1") as file: lab = file.read()
    steps = re.findall(r"'(\w+)'", re.search(r"ValidateSet\(([^)]*)\)", lab)[1])
    parameters = re.findall(r"^ *(?:\[[^\]]*\](?:\([^)]*\)\])?)*\$(\w+)", re.search(r"^param\((.*?)^\)", lab, re.M | re.S)[1].replace("ValidateSet('ca', 'volume', 'gone')", "ValidateSet()"), re.M)
    made, seen = machines(jobs["windows"]), []
    for machine in made:
        programs, laboratory, halves = [], [], []
        for step in jobs["windows"]["steps"]:
            if not runs(step, machine): continue
            if "upload-artifact" in step.get("uses", ""): halves.append(step["with"]["name"].split("-")[0])
            if "run" not in step: continue
            given = words(step["run"].strip(), machine)
            script = given.pop(0)
            if script == "python": script = given.pop(0)
            name = script.replace("\\", "/")
            if not os.path.exists(name): yield f"there is no {name}"
            if not any(name.startswith(one) for one in brought): yield f"{name} is not brought to the machine"
            if name.endswith(".ps1"):
                laboratory.append(given[given.index("-Step") + 1])
                for word in given:
                    if word.startswith("-") and word[1:] not in parameters: yield f"{word} is no parameter of {name}: {parameters}"
                if laboratory[-1] not in steps: yield f"{laboratory[-1]} is no step of {name}"
            else:
                programs.append(os.path.basename(name))
                options = taken(PARSERS.get(programs[-1], judge.parser)(), given)
                if not options: yield f"{name} does not take {given}"
                else:
                    halves.append(getattr(options, "half", None))
                    same_options = {key: value for key, value in vars(options).items() if key != "half"}
                    if programs[:-1] and same_options != before: yield f"the halves of the day have other options: {before}, {same_options}"
                    before = same_options
        journal = machine.get("journal") if "real_host.py" in programs else None
        plain = machine["profile"] == "plain"
        if programs != (["real_host.py"] * 2 if plain else ["real_probe.py"]): yield f"{machine}: {programs}"
        # The clock is moved behind an upload: with it two hours ahead one renewal of the job's lease that fails is the end of the job.
        if halves != (["first", "early", "second", "result"] if plain else [None, "result"]): yield f"{machine}: halves and uploads {halves}"
        if laboratory != ["ca"] + ["volume"] * bool(machine.get("journal")) + ["gone"]: yield f"{machine}: {laboratory}"
        seen.append((machine["os"], machine["profile"], bool(re.search(r"[^\w ]", machine["name"])), bool(journal)))
    for os_name in ("windows-2022", "windows-2025"):
        for profile in ("plain", "probe"):
            if {odd for one, kind, odd, _ in seen if (one, kind) == (os_name, profile)} != {True, False}: yield f"{os_name}, {profile}: a plain name and an odd one"
        if {moved for one, kind, _, moved in seen if (one, kind) == (os_name, "plain")} != {True, False}: yield f"{os_name}: the default folder and another"
    plain = sum(profile == "plain" for _, profile, _, _ in seen)
    if "build/dist/*-lab.zip" not in brought or not any(re.search(r"\bmake dist\b", step.get("run", "")) for step in jobs["build"]["steps"]): yield "the zip for a lab CA is not made, or not kept"
    last = jobs["linux"]["steps"][-1]["run"]
    if f'test "$count" = {plain} && ' not in last: yield f"{plain} days are judged once more"
    told = re.search(r"all/built/tests/acceptance/judge\.py (.*?)(?: \|\| .*)?$", last, re.M)
    if not told or not taken(judge.parser(), re.sub(r'"[^"]*"', "x", told[1]).split()): yield "the judge does not take what it is given"
    yield from limits(jobs, made)
    yield from rights(text)
    code, said, journals = judged_as_delivered(last, tuple(brought))
    if said.count("\n1..") + said.startswith("1..") != plain or len(journals) != plain: yield f"of {plain} days {len(journals)} were judged: {said[-300:]}"

def limits(jobs, made):
    """A job that reaches its own limit has five minutes left for what is always done: each step has to reach its own before."""
    for name, job in jobs.items():
        if "timeout-minutes" not in job: yield f"the job {name} has no limit of time"
    windows = jobs["windows"]
    for machine in made:
        minutes = [step.get("timeout-minutes") for step in windows["steps"] if runs(step, machine)]
        if None in minutes: yield f"a step without a limit of time: {minutes}"
        elif sum(minutes) >= windows.get("timeout-minutes", 0): yield f"the steps may take {sum(minutes)} minutes, and the job {windows.get('timeout-minutes')}"
    after = [step for step in windows["steps"] if "always()" in step.get("if", "")]
    if not after or "upload-artifact" not in after[0].get("uses", "") or after != windows["steps"][-len(after):]: yield "the result is not the first thing that is brought home whatever happens"

def rights(text):
    whole = yaml.safe_load(text)
    if whole.get("permissions") != {"contents": "read"} or any("permissions" in job for job in whole["jobs"].values()): yield f"it may do more than read: {whole.get('permissions')}"
    for step in (step for job in whole["jobs"].values() for step in job["steps"]):
        if not re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/x@v1")): yield f"{step['uses']}: somebody else's, or of no version"
        if "${{" in step.get("run", ""): yield f"a value becomes part of a script: {step['run']}"
    if "secrets." in text: yield "it takes a secret"

# ---- the last job, with the files as an artifact brings them: nobody may execute them

def deliver(brought, days):
    shutil.rmtree(WORK, ignore_errors=True)
    for one in brought:
        to = f"{WORK}/all/built/{one}"
        if one.endswith("/"): shutil.copytree(one, to, ignore=shutil.ignore_patterns("__pycache__"))
        elif one in ("build/native/certwitness", "tests/lib/verify.py"): os.makedirs(os.path.dirname(to), exist_ok=True)
        if one == "tests/lib/verify.py": shutil.copy(one, to)
        if one == "build/native/certwitness":
            with open(to, "w") as out: out.write('#!/bin/sh\necho "$3" >>journals\necho "{}"\n')
    for number in range(days):
        os.makedirs(f"{WORK}/all/result-windows-2022-plain-{number}/journal")
        with open(f"{WORK}/all/result-windows-2022-plain-{number}/evidence.json", "w") as out: json.dump({"faults": {}}, out)
    for path in glob.glob(WORK + "/all/built/**", recursive=True):
        if os.path.isfile(path): os.chmod(path, 0o644)

@functools.lru_cache(None)
def judged_as_delivered(script, brought, days=4, judge=None):
    """(exit code, what was said, the journals that the program for Linux was asked for)"""
    deliver(brought, days)
    if judge:
        with open(WORK + "/all/built/tests/acceptance/judge.py", "w") as out: out.write(judge)
    done = finished("bash", "-e", "-c", script, cwd=WORK, text=True)
    try: journals = open(WORK + "/journals").read().split()
    except OSError: journals = []
    return done.returncode, done.stdout + done.stderr, journals

@test
def each_day_is_judged_though_one_before_it_is_red():
    jobs = yaml.safe_load(TEXT)["jobs"]
    script, brought = jobs["linux"]["steps"][-1]["run"], tuple(jobs["build"]["steps"][-1]["with"]["path"].split())
    red, green, second = "import sys; print('1..1'); sys.exit(1)", "print('1..1')", "import sys; print('1..1'); sys.exit('plain-1' in sys.argv[1])"
    same([judged_as_delivered(script, brought, *given)[0] for given in ((4, red), (4, green), (4, second), (3, green))], [1, 0, 1, 1], "exit codes: all red, none, the second alone, a day that is missing")
    same(judged_as_delivered(script, brought, 4, red)[1].count("1..1"), 4, "days that are judged")

@test
def each_machine_runs_what_is_there_with_options_that_it_takes(): same(list(complaints(TEXT)), [], "what does not fit")

@test
def the_volume_is_made_where_the_journal_lies_on_it_and_nowhere_else():
    made = machines(yaml.safe_load(TEXT)["jobs"]["windows"])
    same([len(made), sum("journal" in one for one in made)], [8, 4], "machines, and those with a volume")

EARLY = re.search(r"      - uses: actions/upload-artifact@v4\n(?:        .*\n)*?          name: early.*\n.*\n", TEXT)[0]
PLANTED = {"a zip that is not kept": ("            build/dist/*-lab.zip\n", ""), "a zip that is not made": ("make dist ", "make "),
           "an option that is none": ("--requests", "--request-files"), "an option that is missing": (" --work result", ""), "a script that is gone": ("real_probe.py", "real_prob.py"),
           "a step that lab.ps1 lacks": ("-Step gone", "-Step away"), "a parameter that lab.ps1 lacks": ("-Name", "-CA"), "a day that is not counted": ("= 4", "= 3"),
           "the default folder is left out": ("          - name: CertWitness Test CA\n            journal", "          - os: windows-2022\n            journal"), "a name that is not odd": ("Wit & Ness (Root) CA", "Wit and Ness CA"),
           "a volume that is not made": ("if: matrix.journal\n", "if: matrix.profile == 'none'\n"), "an option of the judge that is none": ("--program", "--programme"),
           "a judge that may not be executed": ("python3 all/built", "all/built"), "a program that may not be executed": ("          chmod +x all/built/build/native/certwitness\n", ""),
           "a step without a limit of time": ("        timeout-minutes: 45\n", ""), "a job without one": ("    timeout-minutes: 15\n    steps", "    steps"), "a job that ends before its steps": ("timeout-minutes: 150", "timeout-minutes: 140"),
           "a result that is lost with the day": ("        if: always()\n        timeout-minutes: 15", "        timeout-minutes: 15"),
           "a clock that is moved before anything is brought home": (EARLY, ""), "a clock that is moved with the rest": (" --half first", ""), "a second half before the first": (" --half second", " --half first"),
           "a half with another folder": ('result "--journal=$env:JOURNAL" --half second', 'other "--journal=$env:JOURNAL" --half second'), "a result that is taken for the whole": ("name: early-", "name: result-"), "a right too many": ("contents: read", "contents: write"),
           "an action of no version": ("upload-artifact@v4", "upload-artifact@main"), "a name that becomes a script": ("--ca $env:CA_NAME", "--ca ${{ matrix.name }}"),
           "a script that is not brought along": ("            tests/acceptance/\n", "            tests/acceptance/judge.py\n"), "a day that is not played": ("matrix.profile == 'plain'", "matrix.profile == 'plane'")}

@test
def each_planted_error_is_found():
    for what, (old, new) in PLANTED.items():
        check(old in TEXT, f"{what}: {old!r} is not there")
        check(list(complaints(TEXT.replace(old, new))), f"{what} is not found")

run_tests()
