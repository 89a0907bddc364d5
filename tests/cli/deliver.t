#!/usr/bin/python3
"""certwitness deliver: the program beside is started with the words as they are, or it is said where it comes from."""
import sys; sys.path[0] += "/../lib"
import os, shutil, tempfile

from commands import finished, run, run_apart
from tap import run as run_tests, same, test

LINUX, WINDOWS = ("build/native/certwitness",), ("wine/run", "build/bin/certwitness.exe")
OTHERS = {LINUX: ("build/native/certwitness-delivery",), WINDOWS: ("wine/run", "build/bin/certwitness-delivery.exe")}

@test
def what_it_says_and_its_exit_code_are_those_of_the_program():
    for program, other in OTHERS.items():
        for words in ["--version"], ["check", "--help"], ["check", "--config", "/nowhere/a file.conf"], ["no such command"], []:
            same(run_apart(*program, "deliver", *words), run_apart(*other, *words), (program, words))

@test
def hostile_words_arrive_as_they_were():
    for program, other in OTHERS.items():
        for word in ['a"b', "a b", "a\\", 'a\\"b', "ö 日本 🎉", "%PATH%", "$(true)", "", "*", "a\tb", "--"]:
            words = "check", "--config", f"/nowhere/{word}" if word else word
            same(run_apart(*program, "deliver", *words), run_apart(*other, *words), (program, word))

@test
def without_the_program_it_says_where_it_comes_from():
    with tempfile.TemporaryDirectory(dir="build/tmp") as lone:
        for source in "build/native/certwitness", "build/bin/certwitness.exe": shutil.copy(source, lone)
        code, said = run(os.path.join(lone, "certwitness"), "deliver", "check")
        assert code == 2 and "certwitness-delivery is not beside this program. It is in the package for Linux" in said, said
        code, said = run("wine/run", os.path.join(lone, "certwitness.exe"), "deliver", "check")
        assert code == 2 and "The MSI installs it with ADDLOCAL=Delivery" in said, said

@test
def a_program_that_cannot_be_started_is_named_with_the_reason():
    with tempfile.TemporaryDirectory(dir="build/tmp") as lone:
        shutil.copy("build/native/certwitness", lone)
        open(os.path.join(lone, "certwitness-delivery"), "w").close()           # may not be run
        code, said = run(os.path.join(lone, "certwitness"), "deliver", "check")
        assert code == 2 and "certwitness-delivery cannot be started: " in said, said

@test
def its_own_help_says_what_it_starts():
    code, said = run(*LINUX, "help", "deliver")
    assert code == 0 and said.startswith("certwitness deliver COMMAND ...:") and "beside this one" in said, said

run_tests()
