#!/usr/bin/python3
"""The rooms of src and wine/stubca, from the include lines: an arrow between two rooms goes down only, and no two files include each other."""
import os, re, subprocess, tempfile

import sys; sys.path[0] += "/../lib"
import tap
from tap import test

# A room, and those that it may include. What is not listed here is no room.
ROOMS = {
    "src/base": "",
    "src/der": "base",
    "src/journal": "base",
    "src/settings": "base",
    "src/registration": "base settings",
    "src/events": "base der journal",
    "src/facts": "base der journal events",
    "src/eventlog": "base",
    "src/recorder": "base journal settings registration eventlog",
    "src/page": "base journal settings registration setup",
    "src/setup": "base journal settings registration",
    "src/cli/terminal": "base",
    "src/cli/x509": "base der cli/terminal",
    "src/cli/show": "base der journal events cli/terminal cli/x509",
    "src/cli/verify": "base journal events cli/terminal",
    "src/cli/stats": "base events cli/terminal",
    "src/cli/export": "base der events cli/terminal cli/x509 cli/show",
    "src/cli/inventory": "base der events facts cli cli/terminal cli/x509 cli/show",
    "src/cli/expiry": "base der events facts cli/terminal cli/inventory",
    "src/cli/compare": "base der events facts cli/terminal cli/show",
    "src/cli/prune": "base journal events settings delivery/place cli/terminal",
    "src/cli/status": "base journal settings setup events delivery/place cli/terminal cli/verify",
    "src/cli/commands": "base der journal settings setup events facts cli cli/terminal cli/x509 cli/show cli/verify cli/stats cli/export cli/inventory cli/expiry cli/compare cli/prune cli/status delivery/place",
    "src/cli": "base journal settings setup events cli/terminal",
    "src/delivery/net": "base",
    "src/delivery/place": "base",
    "src/delivery/pace": "base",
    "src/delivery": "base der journal events cli cli/terminal cli/show delivery/net delivery/pace delivery/place",  # of cli the names that somebody mistyped, and words for events
    "src/delivery/mail": "base journal events cli/terminal cli/show delivery delivery/net",
    "src/delivery/copy": "base journal delivery",
    "src/delivery/program": "base delivery",
    "src/delivery/syslog": "base journal events delivery delivery/net",
    "src/delivery/commands": "base journal settings setup eventlog delivery delivery/place delivery/mail delivery/net delivery/pace delivery/program cli cli/terminal",
    "src/proxies": "",
    "src/image": "",
    "wine/stubca/base": "base der",
    "wine/stubca/ca": "der stubca/base",
    "wine/stubca/host": "stubca/base stubca/ca",
    "wine/stubca/scenario": "stubca/base stubca/ca stubca/host",
    "wine/stubca/check": "stubca/base stubca/ca stubca/host",
    "wine/stubca/load": "stubca/base stubca/ca stubca/host",
    "wine/stubca": "stubca/base stubca/host stubca/scenario stubca/check stubca/load",
}
EVERYBODYS = {"src/version.h"}

# Certificates, requests, CMS and its controls hold each other, and so do the files that show them.
NESTED = {"src/cli/x509/cert_show", "src/cli/x509/cms_show", "src/cli/x509/control_show", "src/cli/x509/request_show"}

def sources(root="."):
    for top in "src", "wine":
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                if name.endswith((".c", ".h")): yield os.path.relpath(os.path.join(folder, name), root)

def included(path, files, root="."):
    """The files of ours that a file includes, by the places where the compiler looks for them."""
    for name in re.findall(r'^\s*#\s*include\s+"([^"]+)"', open(os.path.join(root, path), encoding="utf8").read(), re.M):
        for place in os.path.join(os.path.dirname(path), name), "src/" + name, "wine/" + name:
            if os.path.normpath(place) in files:
                yield os.path.normpath(place)
                break

def arrows_up(root="."):
    files = set(sources(root))
    for path in sorted(files):
        room = os.path.dirname(path)
        if room not in ROOMS:
            if room not in ("src", "wine", "wine/sdk"): yield f"{path} lies in no room"
            continue
        may = {"src/" + each if not each.startswith("stubca") else "wine/" + each for each in ROOMS[room].split()} | {room}
        for target in included(path, files, root):
            if os.path.dirname(target) not in may and target not in EVERYBODYS: yield f"{path} includes {target}"

def stem(path): return re.sub(r"(_windows|_posix)?\.[ch]$", "", path)

def circles(root="."):
    """Files that lead back to themselves, a header and its source counting as one."""
    files, leads = set(sources(root)), {}
    for path in files: leads.setdefault(stem(path), set()).update({stem(each) for each in included(path, files, root)} - {stem(path)})
    for first in sorted(leads):
        seen, todo = set(), list(leads[first])
        while todo:
            each = todo.pop()
            if each not in seen: seen.add(each), todo.extend(leads.get(each, ()))
        if first in seen and first not in NESTED: yield f"{first} leads back to itself"

@test
def every_include_line_goes_to_a_room_below():
    yield from arrows_up()

@test
def no_room_is_listed_that_includes_itself_by_way_of_others():
    rooms = {room: {"src/" + each if not each.startswith("stubca") else "wine/" + each for each in below.split()} for room, below in ROOMS.items()}
    def reached(room, seen):
        for each in rooms[room]:
            if each not in seen: seen.add(each), reached(each, seen)
        return seen
    for room in rooms:
        if room in reached(room, set()): yield f"{room} includes itself by way of others"

@test
def no_file_leads_back_to_itself_but_those_that_show_certificates():
    yield from circles()

@test
def no_folder_of_ours_has_more_than_sixty_files():
    tracked = subprocess.run(["git", "ls-files", "src", "wine", "gen", "idl"], capture_output=True, text=True).stdout.split() or list(sources())
    count = {}
    for path in tracked: count[os.path.dirname(path)] = count.get(os.path.dirname(path), 0) + 1
    for folder, files in count.items():
        if files > 60: yield f"{folder} has {files}"

TOP_LEVEL = {"Makefile", "README.md", "LICENSE", "idl", "src", "gen", "tests", "wine"}

@test
def the_top_level_holds_only_its_eight_names_and_dot_files():
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True).stdout.split("\n")
    for name in sorted({path.split("/")[0].strip('"') for path in tracked} - TOP_LEVEL - {""}):
        if not name.startswith("."): yield f"{name} does not belong there"

@test
def only_one_file_converts_between_utf_16_and_utf_8():
    for path in sources():
        if stem(path) != "src/base/utf16" and re.search(r"^[^*]*\b(WideCharToMultiByte|MultiByteToWideChar)\(", open(path).read(), re.M):
            yield f"{path} converts by itself"

@test
def no_line_of_c_is_longer_than_a_hundred_columns():
    for path in set(sources()) - {"wine/sdk/my_exit.c"}:         # a hundred lines, for which stubca/check.t has its own limit
        for number, line in enumerate(open(path, encoding="utf-8").read().split("\n"), 1):
            if len(line) > 100: yield f"{path}:{number} has {len(line)} columns"

@test
def an_arrow_that_is_turned_round_is_found():
    with tempfile.TemporaryDirectory() as root:
        for path, text in {"src/base/low.h": '#include "journal/high.h"\n', "src/journal/high.h": "", "src/journal/high.c": '#include "high.h"\n#include "base/low.h"\n'}.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            open(os.path.join(root, path), "w").write(text)
        tap.same(list(arrows_up(root)), ["src/base/low.h includes src/journal/high.h"], "what points up")
        tap.same(len(list(circles(root))), 2, "the files in a circle")

tap.run()
