#!/usr/bin/python3
"""certwitness prune on Windows, beside programs that have files of the journal open."""
import sys; sys.path[0] += "/../lib"
import contextlib, os, shutil, time
from datetime import datetime, timedelta, timezone

from chains import hash_of, line, name
from commands import windows, wine
from helper import held
from machine import on_machine
from tap import run as run_tests, same, test
from verify import verify

on_machine("install")
WORK = "build/tmp/prune-held"
NOW = datetime.now(timezone.utc)

def made(label, ages):
    """A folder with a chain, a line to a file, of so many days ago."""
    folder, previous = f"{WORK}/{label}", "0" * 64
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, 0o700)
    for n, age in enumerate(ages, 1):
        kind = dict(type="module.started", subject="", data='{"module":{"run":"01234567-89ab-4def-8123-456789abcdef"}}') if n == 1 else {}
        text = line(n, previous, time=(NOW - timedelta(days=age)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z", **kind)
        previous = hash_of(text)
        with open(f"{folder}/{name(n)}", "wb") as out: out.write(text)
    return folder

def prune(folder, *words):
    return wine("build/bin/certwitness.exe", "prune", "--older-than", "365d", "--stopped", *words, windows(folder))

def files(folder): return sorted(file for file in os.listdir(folder) if file.endswith(".jsonl"))
def pruned(folder): return [entry["data"]["sequence"] for entry in verify(folder) if entry["type"] == "certwitness.journal.pruned"]

OLD = [*range(430, 423, -1), *range(420, -1, -7)]       # seven files of one week, and a file a week up to now

@test
def a_file_that_another_program_does_not_let_go_stays_with_all_after_it_until_the_next_run():
    for number in 1, 2, 3:              # what is left of the week is what the next run takes
        folder = made(f"held-{number}", OLD)
        whole = files(folder)
        with held(f"{folder}/{name(number)}", how="read"):
            for gone in number - 1, 0:
                code, said = prune(folder)
                assert code == 1 and f"{name(number)} cannot be removed: another program has it open and does not let it go." in said, (number, code, said)
                assert f"{gone} of {8 - number + gone} files {'is' if gone == 1 else 'are'} removed" in said and "run this again when that program has closed it" in said, (number, said)
                same([file for file in files(folder) if file in whole], whole[number - 1:], "what is there")
                same(pruned(folder), [7], "on record, once")
        code, said = prune(folder)
        assert code == 0 and f"{8 - number} files are removed" in said, (number, code, said)
        same([file for file in files(folder) if file in whole], whole[7:], "what is there")
        same(pruned(folder), [7], "on record, once")

@test
def nothing_is_removed_from_a_folder_that_others_could_change_or_that_cannot_be_judged():
    """The scheduled task removes as SYSTEM."""
    folder = made("open", OLD)
    whole = sorted(os.listdir(folder))
    os.symlink("open", f"{WORK}/link")
    def refused(path, why, told="Nothing was removed"):
        code, said = prune(path)
        assert code == 2 and why in said and told in said, (why, code, said)
        same(sorted(os.listdir(folder)), whole, "what is there")
    with held(folder, how="keep"): refused(folder, "the journal cannot be read: another program has it open", told="")
    refused(f"{WORK}/link", "It leads to another place")
    os.chmod(folder, 0o777)
    refused(folder, "can be changed by S-1-1-0")
    code, said = prune(folder, "--dry-run")
    assert code == 0 and "would go" in said, said
    os.chmod(folder, 0o700)
    assert prune(folder)[0] == 0 and len(files(folder)) < len(whole)
    os.remove(f"{WORK}/link")

@test
def a_file_that_nobody_else_may_read_keeps_all_from_going_and_nothing_is_put_on_record():
    folder = made("shut", OLD)
    whole = sorted(os.listdir(folder))
    with held(f"{folder}/{name(3)}"):
        code, said = prune(folder)
        assert code == 2 and "an old file cannot be read: another program has it open and lets nobody else; nothing was removed" in said, (code, said)
    same([file for file in sorted(os.listdir(folder)) if not file.startswith("prune")], whole, "what is there")
    code, said = prune(folder)
    assert code == 0 and pruned(folder) == [7], (code, said)

@test
def a_copy_in_the_archive_that_nobody_else_may_read_keeps_the_file_where_it_is():
    folder, archive = made("copied", OLD), f"{WORK}/archive"
    whole = files(folder)
    os.makedirs(archive)
    shutil.copy(f"{folder}/{name(2)}", archive)
    with held(f"{archive}/{name(2)}"):
        code, said = prune(folder, "--archive", windows(archive))
        assert code == 2 and f"{name(2)} cannot be copied there" in said and "nothing was removed" in said, (code, said)
    same((files(folder), pruned(folder)), (whole, []), "what is there, and on record")
    with held(f"{folder}/{name(2)}", how="read"):       # in the archive already when it cannot be removed
        code, said = prune(folder, "--archive", windows(archive))
        assert code == 1 and "1 of 7 files is removed" in said, (code, said)
    code, said = prune(folder, "--archive", windows(archive))
    assert code == 0, (code, said)
    same(sorted(os.listdir(archive)), whole[:7], "the archive")
    same(pruned(folder), [7], "on record, once")

shutil.rmtree(WORK, ignore_errors=True)
run_tests()
