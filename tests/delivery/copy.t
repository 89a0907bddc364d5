#!/usr/bin/python3
"""The destination `copy`, while somebody moves its folder or changes its files: nothing is lost, and nothing is called fine that is not."""
import sys; sys.path[0] += "/../lib"
import os, shutil

import chains
from commands import run
from deliveries import Delivery, end, until
from tap import check, run as run_tests, same, test

VERIFY = "build/native/src/cli/certwitness", "verify"

class Copied:
    """A delivery to a copy, which runs."""
    def __init__(self, name, lines=20, start="oldest", **grow):
        self.d = Delivery("copy-" + name)
        self.path, self.segment = self.d.folder + "/copy", f"{self.d.folder}/copy/{chains.name(1)}"
        self.configure(start)
        self.d.grow(lines, **grow)

    def configure(self, start, path=None): self.d.configure(far=f"kind = copy\npath = {path or self.path}\nstartAt = {start}")

    def __enter__(self):
        self.process = self.d.start()
        self.comes()
        return self

    def __exit__(self, *_): end(self.process)

    def comes(self):
        check(until(lambda: self.d.status()[1]["far"]["sequence"] == len(self.d.lines)), f"not all lines were taken: {self.said()}")

    def grow(self, count, **how):
        self.d.grow(count, **how)
        self.comes()

    def fails(self): check(until(lambda: self.d.status()[1]["far"].get("failures")), "nothing fails")
    def said(self): return open(self.d.folder + "/said").read()
    def says(self, *parts):
        for part in parts: check(until(lambda: part in self.said()), f"it does not say {part!r}: {self.said()}")

    def is_whole(self, folder=None):
        names = sorted(name for name in os.listdir(self.d.journal) if name.endswith(".jsonl"))
        for name in names: same(open(f"{folder or self.path}/{name}", "rb").read(), open(f"{self.d.journal}/{name}", "rb").read(), name)
        code, said = run(*VERIFY, folder or self.path)
        same(code, 0, f"verify ({said})")

@test
def a_folder_that_is_moved_away_is_told_and_gets_every_line_once_it_is_back():
    with Copied("moved") as copied:
        os.rename(copied.path, copied.path + ".old")
        copied.d.grow(50)
        copied.fails()
        copied.says("copy has no lines, and those before 21 were copied to it", "seek far oldest", "startAt = 21")
        same((copied.d.status()[0], copied.d.status()[1]["far"]["sequence"]), (1, 20), "status")
        check(not os.path.exists(copied.path), "a folder was made")
        os.rename(copied.path + ".old", copied.path)
        copied.comes()
        copied.is_whole()

@test
def an_empty_folder_in_place_of_the_copy_is_told_and_not_written_to():
    """As when a volume is not mounted."""
    with Copied("empty") as copied: pass
    os.rename(copied.path, copied.path + ".old")
    os.mkdir(copied.path)
    copied.d.grow(50)
    code, out, err = copied.d.once()
    check(code == 1 and "it was moved or emptied, or is not mounted" in err, (code, err))
    same(os.listdir(copied.path), [], "what the empty folder holds")
    copied.configure(21)
    same(copied.d.once()[0], 0, "startAt = 21")
    copied.is_whole()
    shutil.rmtree(copied.path)
    copied.configure("oldest")
    same(copied.d.command("seek", "far", "oldest")[0], 0, "seek")
    same(copied.d.once()[0], 0, "after seek")
    copied.is_whole()

@test
def another_folder_in_place_of_the_copy_gets_what_it_lacks():
    with Copied("other", lines=70) as copied:
        shutil.copytree(copied.path, copied.path + ".older")
        for name in (chains.name(51), "head"): os.remove(f"{copied.path}.older/{name}")
        copied.grow(50)
        os.rename(copied.path, copied.path + ".old")
        os.rename(copied.path + ".older", copied.path)
        copied.grow(40)
        copied.says("was moved, removed or replaced")
        copied.is_whole()

@test
def a_file_that_is_removed_is_copied_again():
    with Copied("removed", lines=10) as copied:
        os.remove(copied.segment)
        copied.grow(10)
        copied.says(f"{chains.name(1)} in {copied.path} was removed, replaced or changed")
        copied.is_whole()

@test
def a_file_that_is_replaced_is_what_is_written_to():
    with Copied("replaced", lines=10) as copied:
        shutil.copy(copied.segment, copied.path + "/new")
        os.rename(copied.path + "/new", copied.segment)
        copied.grow(10)
        copied.is_whole()

@test
def a_file_that_is_cut_is_filled_from_the_journal():
    for size in 0, 1000:
        with Copied(f"cut{size}", lines=10) as copied:
            os.truncate(copied.segment, size)
            copied.grow(10)
            copied.is_whole()

@test
def a_file_that_was_cut_while_nothing_ran_is_filled_though_a_later_one_has_begun():
    copied = Copied("cutlater", lines=50)
    same(copied.d.once()[0], 0, "the exit code")
    os.truncate(copied.segment, 3000)
    copied.d.grow(50)
    same(copied.d.once()[0], 0, "the exit code")
    copied.is_whole()

@test
def other_bytes_before_the_position_are_told_and_never_overwritten():
    copied = Copied("bytes")
    same(copied.d.once()[0], 0, "the exit code")
    with open(copied.segment, "r+b") as file: file.write(b"\0" * 100)
    before = open(copied.segment, "rb").read()
    copied.d.grow(5)
    code, out, err = copied.d.once()
    check(code == 1 and f"holds other bytes than the journal in {chains.name(1)} at byte 0" in err and "seek far oldest" in err, (code, err))
    same(open(copied.segment, "rb").read(), before, "the copy")
    copied.configure("oldest", copied.path + ".new")
    same(copied.d.command("seek", "far", "oldest")[0], 0, "seek")
    same(copied.d.once()[0], 0, "in a new folder")
    copied.is_whole(copied.path + ".new")

@test
def the_copy_of_another_ca_is_told_and_not_added_to():
    one = Copied("oneca", lines=100)
    same(one.d.once()[0], 0, "the exit code")
    other = Copied("otherca", lines=90, source="/adcs/ca/Other")
    other.configure("oldest", one.path)
    before = {name: os.path.getsize(f"{one.path}/{name}") for name in os.listdir(one.path)}
    code, out, err = other.d.once()
    check(code == 1 and f"{one.path} is a copy of the journal of the CA CA; give another folder as path for the CA Other" in err, (code, err))
    same({name: os.path.getsize(f"{one.path}/{name}") for name in os.listdir(one.path)}, before, "what is there")
    other.configure("oldest")
    same(other.d.once()[0], 0, "in another folder")
    other.is_whole()

@test
def a_copy_whose_first_line_names_a_ca_beyond_measure_is_judged_by_its_bytes():
    copied = Copied("longca", lines=10)
    os.makedirs(copied.path)
    with open(f"{copied.path}/{chains.name(1)}", "wb") as out: out.write(chains.chain(1, 1, source="/adcs/ca/" + "x" * 100000)[0])
    code, out, err = copied.d.once()
    check(code == 1 and "holds other bytes than the journal" in err, (code, err[-500:]))

@test
def lines_that_are_cut_off_the_end_of_a_copy_are_missed_by_verify():
    copied = Copied("end", lines=20)
    same(copied.d.once()[0], 0, "the exit code")
    copied.is_whole()
    same(open(copied.path + "/head", "rb").read(), open(copied.d.journal + "/head", "rb").read(), "the head")
    os.truncate(copied.segment, sum(map(len, copied.d.lines[:15])))
    code, said = run(*VERIFY, copied.path)
    check(code == 1 and "20" in said, (code, said))

run_tests()
