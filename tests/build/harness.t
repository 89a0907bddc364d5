#!/usr/bin/python3
"""The runner itself: a test that crashes, hangs, prints no plan, or fewer results than it planned, fails the run."""
import sys; sys.path[0] += "/../lib"
import os, shutil, signal

from commands import run
from tap import check, run as run_tests, test

WORK = "build/tmp/harness"
PASSES = "echo 1..1; echo ok 1\n"

def outcome(name, script, seconds=100):
    """prove's exit code, and what it said, of one test: this script, which has so many seconds."""
    path = f"{WORK}/{name}.t"
    with open(path, "w") as file: file.write("#!/bin/sh\n" + script)
    os.chmod(path, 0o755)
    return run("prove", "--exec", "tests/run", path, env={"TEST_SECONDS": str(seconds)})

def passes(name, script):
    code, said = outcome(name, script)
    check(code == 0 and "Result: PASS" in said, said)

def fails(name, script, **more):
    code, said = outcome(name, script, **more)
    check(code != 0 and "Result: FAIL" in said, said)

@test
def a_test_that_passes_passes(): passes("good", PASSES)

@test
def a_test_that_crashes_fails_though_all_its_results_were_good():
    fails("crash", PASSES + "kill -SEGV $$\n")

@test
def a_test_that_hangs_is_ended_and_fails(): fails("hang", PASSES + "sleep 60\n", seconds=2)

@test
def a_test_that_prints_no_plan_fails(): fails("silent", "exit 0\n")

@test
def a_test_that_prints_fewer_results_than_it_planned_fails():
    fails("short", "echo 1..3; echo ok 1\n")

@test
def a_test_that_leaves_a_process_behind_passes_and_does_not_hold_up_the_run():
    passes("child", f"sleep 200 & echo $! >{WORK}/pid\n" + PASSES)
    # raises where the run waited for its end
    with open(f"{WORK}/pid") as file: os.kill(int(file.read()), signal.SIGKILL)

shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(WORK)
run_tests()
