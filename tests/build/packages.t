#!/usr/bin/python3
""".ci/packages, which installs what is missing, and the number of jobs that make has when nobody says one. Programs of ours stand in
for dpkg, sudo and apt and record what they are asked; sudo passes nothing of the environment on, as Debian's."""
import sys; sys.path[0] += "/../lib"
import functools, os, shutil

from commands import run, run_apart
from tap import run as run_tests, same, test

WORK = os.path.abspath("build/tmp/packages")
BIN, ASKED = f"{WORK}/bin", f"{WORK}/asked"
PROGRAMS = {
    "id": "echo 1000",
    "sudo": f'exec env -i PATH="{BIN}:/usr/bin:/bin" "$@"',
    # Whatever is asked for is there once it has been installed.
    "dpkg-query": f'shift 3; [ ! -e "{WORK}/installed" ] || printf "installed %s\\n" "$@"',
    "apt-get": f'{{ echo "$@"; env; readlink /proc/self/fd/0; }} >>"{ASKED}"\n'
               f'case " $* " in *" install "*) touch "{WORK}/installed" ;; esac',
}
GOALS = "include Makefile\ntell tell2: ; @echo $(filter -j%,$(MAKEFLAGS))\n"

@functools.cache
def asked():
    """Two packages are wanted: what apt-get was asked and found, its words, its environment and its standard input, line by line."""
    code, said = run(".ci/packages", "one", "two", env={"PATH": f"{BIN}:{os.environ['PATH']}"})
    same(code, 0, f"the exit code, with {said!r},")
    with open(ASKED) as file: return file.read().splitlines()

@test
def an_ordinary_user_has_what_is_missing_installed_by_sudo():
    same([line.split()[-1] for line in asked() if line.endswith(" update")], ["update"],
         "what was updated")
    same([line.split(" install ")[1].split()[-2:] for line in asked() if " install " in line],
         [["one", "two"]], "what was installed")

@test
def no_package_asks_anything_behind_sudo_either():
    same(asked().count("DEBIAN_FRONTEND=noninteractive"), 2, "how often apt-get was told so")

@test
def no_package_waits_for_somebody_to_answer():
    same(asked().count("/dev/null"), 2, "how often apt-get had no input")

def jobs(flags, *words):
    """How many a goal of ours sees, as make's own option."""
    env = {name: value for name, value in os.environ.items()
           if name not in ("MAKELEVEL", "MFLAGS", "MAKEFLAGS")}
    code, said, errors = run_apart("env", "-i", *map("=".join, env.items()), f"MAKEFLAGS={flags}",
                                   "make", "-s", "--no-print-directory",
                                   "-f", f"{WORK}/jobs.mk", *words)
    same((code, errors), (0, ""), f"make's exit code and complaints of {words}")
    return said.split()

@test
def make_uses_all_processors_where_nobody_says_how_many_for_one_goal():
    for flags, words, want in (("", ["tell"], "-j" + run("nproc")[1].strip()),
                               ("", ["-j1", "tell"], "-j1"), ("", ["-j3", "tell"], "-j3"),
                               ("-j1", ["tell"], "-j1"), ("", ["tell", "tell2"], None)):
        for job in jobs(flags, *words) or [None]:
            same(job, want, f"the jobs of {words} with {flags!r}")

shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(BIN)
for name, text in {f"{BIN}/{name}": f"#!/bin/sh\n{text}\n" for name,
                   text in PROGRAMS.items()}.items():
    with open(name, "w") as file: file.write(text)
    os.chmod(name, 0o755)
with open(f"{WORK}/jobs.mk", "w") as file: file.write(GOALS)
run_tests()
