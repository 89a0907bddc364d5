#!/usr/bin/python3
"""The Makefile keeps its promises: nothing is made twice, everything that depends on a change is made again, and the same sources
give the same bytes in another folder at another time. Runs in a copy, so that nobody else's build is disturbed.

In the copy everything is generated, linked, finished and packed anew, but of the objects only one of each folder and all that are
compiled of generated sources: all objects come of the same few commands, and -Wdate-time refuses a source that asks for the time. The
others come from here, and so does libcurl. EVERY_OBJECT=1 has them all compiled again, for minutes.
"""
import sys; sys.path[0] += "/../lib"
import filecmp, functools, glob, os, re, shutil

from commands import run
from tap import check, complain, run as run_tests, same, test

HERE = os.getcwd()
COPY = HERE + "/build/tmp/elsewhere/a-longer-name"
SOURCES = "Makefile README.md LICENSE .ci .github idl src tests wine gen/README.md gen/.gitignore"
BUILT = "gen build/obj build/linux build/curl"

def copy(names):
    """With the times of here, so that what comes from here is not older than what it was made of."""
    for name in names.split():
        if os.path.isfile(name): shutil.copy2(name, f"{COPY}/{name}")
        else: shutil.copytree(name, f"{COPY}/{name}", symlinks=True, dirs_exist_ok=True)

def in_the_copy(*words):
    """Exit code, and what was said. make is started as by hand: not as a part of the make that runs the tests."""
    return run("env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "MAKELEVEL", "-C", COPY, *words,
               timeout=900)

def made(*goals, at=()):
    """What make said that made them."""
    code, said = in_the_copy(*at, "make", "-j2", *goals)
    assert code == 0, said[-2000:]
    return said

def would_make(*words):
    """What make would do for `all`."""
    code, said = in_the_copy("make", "-n", *words, "all")
    assert code == 0, said[-2000:]
    return [line for line in said.splitlines() if not line.startswith(".ci/packages")]

def files_below(folder):
    return {os.path.relpath(path, folder)
            for path in glob.glob(f"{folder}/**", recursive=True, include_hidden=True)
            if os.path.isfile(path)}

def same_as_here(name):
    """File or folder: the same files, of the same bytes."""
    if os.path.isfile(name):
        return check(filecmp.cmp(name, f"{COPY}/{name}", shallow=False), f"{name} is not the same")
    here, there = files_below(name), files_below(f"{COPY}/{name}")
    check(here, f"there is nothing in {name}")
    same(sorted(here ^ there), [], f"what is only here or only there in {name}")
    different = [path for path in sorted(here & there)
                 if not filecmp.cmp(f"{name}/{path}", f"{COPY}/{name}/{path}", shallow=False)]
    return same(different, [], f"what differs in {name}")

def objects(folder): return sorted(glob.glob(f"{folder}/**/*.o", recursive=True))

def to_be_compiled():
    """The first object of each folder, those of generated sources, and all resources; all there are with EVERY_OBJECT."""
    if os.environ.get("EVERY_OBJECT"): return objects("build/obj") + objects("build/linux")
    folders = [folder for of in ("obj/src", "obj/wine", "linux/src")
               for folder in glob.glob(f"build/{of}/*/")]
    first = [object for folder in folders for object in objects(folder)[:1]]
    return first + objects("build/obj/gen") + glob.glob("build/obj/**/*.res", recursive=True)

@functools.cache
def generated():
    """gen/ of the copy, made there."""
    return made(*sorted(set(glob.glob("gen/*.*")) - {"gen/README.md"}))

@functools.cache
def built():
    """Programs made in the copy, and packages three years later."""
    generated()
    shutil.rmtree(f"{COPY}/gen")
    copy(BUILT)
    missing = to_be_compiled()
    for path in missing: os.remove(f"{COPY}/{path}")
    said = made("all")
    made("dist", at=["faketime", "-f", "+1000d"])
    return [path for path in missing if path.endswith(".o")], len(re.findall(r"^ +CC ", said, re.M))

@test
def the_same_is_generated_in_another_folder():
    generated()
    same_as_here("gen")

@test
def programs_are_made_there_and_three_years_later_packages():
    missing, compiled = built()
    check(len(missing) > 10 and compiled >= len(missing),
          f"{len(missing)} objects were missing, and {compiled} were compiled")
    print(f"# {len(missing)} objects, {compiled} of them compiled")

@test
def programs_and_debug_symbols_and_packages_and_sums_are_the_same_bytes():
    built()
    for name in "build/bin", "build/lab", "build/symbols", "build/dist", "build/native/certwitness":
        same_as_here(name)

@test
def a_second_make_does_nothing():
    built()
    same(would_make()[:5], [], "what make would do")

def remakes(source, *parts):
    built()
    again = "\n".join(would_make("-W", source))
    for part in parts:
        if part not in again: complain(f"not made again: {part}")

@test
def a_changed_idl_makes_again_what_depends_on_it():
    remakes("idl/certexit.idl", "gen/certexit.h", "gen/certexit_i.c", "gen/certwitness.tlb",
            "src/recorder/exit.o", "certwitness.dll",
            "certexitps.dll", "stubca.exe")

@test
def changed_messages_make_again_what_depends_on_them():
    remakes("src/recorder/messages.mc", "gen/messages", "src/recorder/eventlog.o",
            "src/recorder/certwitness.res", "certwitness.dll")

shutil.rmtree(COPY, ignore_errors=True)
os.makedirs(COPY + "/gen"), os.makedirs(COPY + "/build")
copy(SOURCES)
run_tests()
