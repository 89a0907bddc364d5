#!/usr/bin/python3
"""
What the manual says has been proven: each row of its table names tests that exist, and that have passed in this very run. `tests/run` keeps the
results of each test in build/tmp/tap, which `make check` empties when it begins.
"""
import glob, os, re, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))
from tap import Skip, run as run_tests, test

RESULTS = "build/tmp/tap"

def rows():
    """Of the table of what is proven, wherever it is: what is claimed, and the names of tests."""
    for page in ["README.md", *sorted(glob.glob("src/manual/*.md"))]:
        found = re.search(r"^\| \| native, under sanitizers \|.*\n\|[-|]+\n((?:\|.*\n)+)", open(page).read(), re.M)
        if found: return [(cells[1].strip(), re.findall(r"`([^`]+)`", cells[5])) for cells in (row.split("|") for row in found[1].splitlines())]
    raise AssertionError("no page has the table")

def results_of(name):
    """The results of a script; of a test in C those of each program that was made of it."""
    stem = "tests/" + name.removesuffix(".c")
    built = [f"build/{stem}.exe", f"build/native/{stem}", f"build/tsan/{stem}"] if name.endswith(".c") else [stem]
    return [open(path, errors="replace").read() for path in (f"{RESULTS}/{one.replace('/', '_')}" for one in built) if os.path.exists(path)]

def has_passed(text):
    plan = re.search(r"^1\.\.(\d+)", text, re.M)
    passed = re.findall(r"^ok \d+(?!.*# SKIP)", text, re.M)
    return plan and passed and not re.search(r"^not ok", text, re.M) and len(re.findall(r"^ok \d+", text, re.M)) == int(plan[1])

@test
def every_row_names_tests_that_exist():
    table = rows()
    assert len(table) > 20, table
    missing = [f"{claim}: {name}" for claim, names in table for name in names or ["no test"] if not os.path.isfile("tests/" + name)]
    assert not missing, "\n".join(missing)

@test
def every_test_that_a_row_names_has_passed_in_this_run():
    if not os.path.isdir(RESULTS): raise Skip("no results of a run are here: make check leaves them")
    names = {name for _, names in rows() for name in names} - {"build/lines.t"}        # which runs beside this
    bad = []
    for name in sorted(names):
        results = results_of(name)
        if not results: bad.append(f"{name} did not run")
        elif not all(map(has_passed, results)): bad.append(f"{name} did not pass, or nothing of it ran")
    assert not bad, "\n".join(bad)

run_tests()
