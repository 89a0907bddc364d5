#!/usr/bin/python3
"""The generated headers as a module developer meets them: compiled, linked and run from outside, with gen/ in front.

Also here, since it needs two compilations that see different headers: our vtables and MinGW-w64's, method by method;
and that widl makes the same bytes wherever and whenever it runs.
"""
import sys; sys.path[0] += "/../lib"
import concurrent.futures
import os
import pathlib
import re
import shutil
import tempfile
import time

import commands
from tap import run as run_tests, test

ROOT = pathlib.Path(__file__).resolve().parents[2]
DROPIN = ROOT / "tests/build/dropin"
OURS = ["certexit.h", "certif.h", "certmod.h"]
COMPILER = {".c": ["x86_64-w64-mingw32-gcc", "-std=gnu11"], ".cpp": ["x86_64-w64-mingw32-g++", "-std=gnu++17"]}
STRICT = ["-Wall", "-Wextra", "-Werror"]
SECONDS = 500                           # for any one command

# make's own variables would turn a make started here into a part of the one that may be running the tests
for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "V"): os.environ.pop(name, None)

scratch = pathlib.Path(tempfile.mkdtemp(prefix="certwitness-headers-"))
pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2)


def run(*command):
    return commands.run(*command, timeout=SECONDS)


def errors(said):
    return "\n".join(line for line in said.splitlines() if "error" in line)


def compile(source, obj, *flags, include=("-I", ROOT / "gen")):
    """Returns what the compiler had to say: nothing, if all is well."""
    code, said = run(*COMPILER[source.suffix], *STRICT, *include, *flags, "-c", "-o", obj, source)
    return said or (f"exit code {code}" if code else "")


def all_done(jobs):
    """Runs jobs, which return complaints, two or more at a time; returns the complaints."""
    return "".join(pool.map(lambda job: job(), jobs))


def link(program, objects, compiler=".c"):
    code, said = run(*COMPILER[compiler], "-static", "-o", program, *objects, "-luuid")
    return said or (f"exit code {code}" if code else "")


# The GUIDs of the interfaces either come with the generated C files or, where INITGUID says so, out of the headers.
def program(suffix, charset, guids):
    """Two files that say only #include <certsrv.h>, made into a program and run."""
    name = f"{suffix[1:]}-{'wide' if charset else 'narrow'}-{'linked' if guids == 'linked' else 'initguid'}"
    flags = (["-DUNICODE", "-D_UNICODE"] if charset else []) + (["-DINITGUID"] if guids == "initguid" else [])
    sources = [DROPIN / f"one{suffix}", DROPIN / f"two{suffix}"]
    objects = [scratch / f"{name}-{source.stem}.o" for source in sources]

    said = all_done([lambda s=s, o=o: compile(s, o, *flags) for s, o in zip(sources, objects)])
    if said:
        return said
    said = link(scratch / f"{name}.exe", objects + (iids() if guids == "linked" else []), suffix)
    if said:
        return said
    code, said = run(ROOT / "wine/run", scratch / f"{name}.exe")
    return said or (f"{code} things are wrong in it" if code else "")


def iids():
    """The objects of *_i.c, compiled once."""
    objects = [scratch / f"{name}_i.o" for name in ("certexit", "certif", "certmod", "certwitness")]
    missing = [o for o in objects if not o.exists()]
    said = all_done([lambda o=o: compile(ROOT / f"gen/{o.stem}.c", o) for o in missing])
    assert not said, said
    return objects


def read_from(source, *flags):
    """How many lines the compiler takes out of each file, declarations and #defines, less what guards hide."""
    code, said = run(*COMPILER[source.suffix], "-E", "-dD", "-I", ROOT / "gen", *flags, source)
    assert code == 0, errors(said)
    taken, path = {}, ""
    for line in said.splitlines():
        marker = re.match(r'# \d+ "(.*)"', line)
        if marker:
            path = os.path.realpath(ROOT / marker.group(1))
        elif line.strip():
            taken[path] = taken.get(path, 0) + 1
    return taken


def whose_headers(source, *flags):
    """Complains about each of the three out of which nothing is taken in gen/, or anything elsewhere.

    MinGW-w64's own certcli.h and certpol.h still open the headers beside them; there is nothing left in these to take.
    """
    seen = {path for path in read_from(source, *flags) if os.path.basename(path) in OURS}
    want = {os.path.realpath(ROOT / "gen" / name) for name in OURS}
    return "".join(f"{source.name} takes something from {path}\n" for path in sorted(seen - want)) + \
        "".join(f"{source.name} takes nothing from {path}\n" for path in sorted(want - seen))


def macros(include):
    """All macros after #include <certsrv.h>, which also tell of every interface: __IX_INTERFACE_DEFINED__."""
    code, said = run(*COMPILER[".c"], "-E", "-dM", "-DUNICODE", *include, "-include", "certsrv.h", "-xc", "/dev/null")
    assert code == 0, errors(said)
    return dict(re.match(r"#define (\w+(?:\([^)]*\))?) ?(.*)", line).groups() for line in said.splitlines())


def layouts():
    """Our vtables against MinGW-w64's. Returns what the comparison prints, and its exit code."""
    jobs, objects = [], []
    for language, flags in (("c", ["-DCINTERFACE"]), ("cpp", [])):
        for whose, include in (("certwitness", ("-I", ROOT / "gen")), ("mingw", ())):
            obj = scratch / f"layout-{language}-{whose}.o"
            flags_of_table = flags + [f"-DLAYOUT={language}_of_{whose}"]
            jobs.append(lambda o=obj, f=flags_of_table, i=include: compile(DROPIN / "layout.cpp", o, *f, include=i))
            objects.append(obj)
    jobs.append(lambda: compile(DROPIN / "layout_compare.cpp", scratch / "layout_compare.o"))
    said = all_done(jobs) or link(scratch / "layout.exe", objects + [scratch / "layout_compare.o"], ".cpp")
    return (1, said) if said else run(ROOT / "wine/run", scratch / "layout.exe")


def generated(folder):
    """Has the Makefile generate everything in a folder of its own. Returns the files and their contents."""
    shutil.copytree(ROOT / "idl", folder / "idl")
    shutil.copytree(ROOT / ".ci", folder / ".ci")
    shutil.copy(ROOT / "Makefile", folder)
    headers = [f"gen/{idl.stem}.h" for idl in sorted((folder / "idl").glob("*.idl"))]
    names = ("certexit", "certif", "certmod")
    files = headers + [f"gen/{name}_{kind}.c" for name in names for kind in "ip"] + \
        ["gen/certwitness_i.c", "gen/dlldata.c", "gen/certwitness.tlb"]
    code, said = run("make", "-C", folder, *files)
    assert code == 0, said
    return {file: (folder / file).read_bytes() for file in files}


def differences(a, b, what):
    return [f"{name} differs {what}" for name in sorted(a.keys() | b.keys()) if a.get(name) != b.get(name)]


@test
def a_c_program_that_says_only_certsrv_h_compiles_links_and_runs():
    for charset in ("wide", None): yield from program(".c", charset, guids="linked").splitlines()


@test
def a_cpp_program_that_says_only_certsrv_h_compiles_links_and_runs():
    for charset in ("wide", None): yield from program(".cpp", charset, guids="linked").splitlines()


@test
def with_initguid_nothing_of_ours_has_to_be_linked():
    for suffix in (".c", ".cpp"): yield from program(suffix, charset="wide", guids="initguid").splitlines()


@test
def without_guids_from_anywhere_it_does_not_link():
    """Which is why *_i.c are there."""
    sources = [DROPIN / "one.c", DROPIN / "two.c"]
    objects = [scratch / f"none-{source.stem}.o" for source in sources]
    yield from all_done([lambda s=s, o=o: compile(s, o, "-DUNICODE", "-D_UNICODE") for s, o in zip(sources, objects)]).splitlines()
    said = link(scratch / "none.exe", objects)
    if "undefined reference to `IID_ICertExit'" not in said: yield f"it linked, or failed otherwise: {said}"


@test
def without_our_folder_the_same_files_do_not_compile():
    """The markers tell our headers from MinGW-w64's."""
    said = pool.map(lambda name: compile(DROPIN / name, "/dev/null", "-E", include=()),
                    ("one.c", "two.c", "one.cpp", "two.cpp"))
    for text in said:
        if "these headers are not ours" not in text: yield f"they do, or fail otherwise: {text}"


@test
def the_three_headers_are_read_from_gen_and_nowhere_else():
    yield from all_done([lambda n=name, f=flags: whose_headers(DROPIN / n, *f) for name in ("one.c", "one.cpp")
                         for flags in ([], ["-DUNICODE"], ["-DCOBJMACROS"])]).splitlines()


@test
def so_they_are_whatever_other_header_comes_first():
    source = DROPIN / "every_order.c"
    yield from all_done([lambda: whose_headers(source), lambda: whose_headers(source, "-x", "c++"),
                         lambda: compile(source, scratch / "every_order.o")]).splitlines()


@test
def nothing_that_mingw_has_is_lost_or_changed():
    ours, theirs = macros(("-I", ROOT / "gen")), macros(())
    for name in sorted(theirs):
        if name not in ours: yield f"{name} is lost"
        elif ours[name] != theirs[name]: yield f"{name} is {ours[name]}, was {theirs[name]}"


@test
def each_header_of_ours_stands_alone():
    """As C++, which refuses more; that they are C as well the programs above have shown."""
    sources = [scratch / f"alone-{header.stem}.cpp" for header in sorted((ROOT / "gen").glob("*.h"))]
    for source in sources:
        header = source.stem.removeprefix("alone-") + ".h"
        source.write_text(f"#include <{header}>\n#include <{header}>\n")
    yield from all_done([lambda s=source: compile(s, "/dev/null", "-fsyntax-only") for source in sources]).splitlines()
    if len(sources) < 5: yield "the headers are not there"


@test
def vtables_and_parameter_types_are_those_of_mingw():
    """Five interfaces of 10, 11, 10, 19 and 21 slots for C; for C++ less those that a class inherits from IDispatch."""
    code, said = layouts()
    same, other = [], []
    for line in said.splitlines():
        (same if line.startswith("same: ") else other).append(line)
    yield from other
    if code: yield f"exit code {code}"
    c, cpp = (sum(line.startswith(f"same: {language} ") for line in same) for language in ("C", "C++"))
    if (c, cpp) != (71, 36): yield f"{c} and {cpp} methods compared"


@test
def generated_files_are_the_same_bytes_in_any_folder_at_any_time():
    first = generated(scratch / "first")
    began = time.time()
    while int(time.time()) == int(began):
        time.sleep(0.05)                # a time stamp of whole seconds would show
    second = generated(scratch / "deeper" / "second")
    built = {name: (ROOT / name).read_bytes() for name in first}
    yield from differences(first, second, "between two folders")
    yield from differences(first, built, "from what was built here")


run_tests(finish=lambda: shutil.rmtree(scratch, ignore_errors=True))
