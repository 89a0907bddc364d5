#!/usr/bin/python3
"""What tests/recorder/memory_test.c left behind, read through tests/lib/verify.py, which is told by the format's prose alone."""
import sys; sys.path[0] += "/../lib"
import functools, glob

from tap import run as run_tests, test
from verify import verify

FOLDERS = sorted(glob.glob("build/tmp/memory-*/CertWitness/Memory"))
BROKEN = {"certwitness.journal.broken", "certwitness.journal.recovered"}

@functools.cache
def lines():
    assert FOLDERS, "no journals: run build/tests/recorder/memory_test.exe first"
    return [line for folder in FOLDERS for line in verify(folder)]

@test("the chain of every journal holds, and every line is JSON that every parser reads the same way")
def holds():
    lines()

@test("nothing was taken for damage, and what was lost was counted")
def nothing_broken():
    types = {line["type"] for line in lines()}
    assert not types & BROKEN, types & BROKEN
    assert "certwitness.journal.gap" in types

run_tests()
