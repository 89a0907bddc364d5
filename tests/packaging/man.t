#!/usr/bin/python3
"""The man pages for Linux: man reads them without a warning, and they have what --help and the table of keys have."""
import sys; sys.path[0] += "/../lib"
import re, subprocess

from tap import check, run as run_tests, same, test

COMMANDS, KEYS = (f"src/packaging/linux/certwitness-delivery.{end}" for end in ("1", "conf.5"))

def page(path):
    return open(path).read().replace("\\-", "-")

@test
def man_has_no_warning():
    for path in COMMANDS, KEYS:
        done = subprocess.run(["man", "--warnings", "-l", "-E", "UTF-8", "-Tutf8", path], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
        same((done.returncode, done.stderr), (0, ""), path)
        check(len(done.stdout.splitlines()) > 40, f"{path}: {done.stdout}")

@test
def every_command_and_option_of_help_is_in_the_page():
    told = subprocess.run(["build/native/src/delivery/certwitness-delivery", "--help"], capture_output=True, text=True).stdout
    commands, options = re.findall(r"^  ([a-z]+) ", told, re.M)[0:], set(re.findall(r"--[a-z-]+", re.sub(r'"certwitness .*?"', "", told)))
    commands = [each for each in commands if each != "certwitness"]
    check(len(commands) >= 9 and len(options) >= 6, told)
    for each in commands: check(re.search(rf'^\.BI? "?{each}\b', page(COMMANDS), re.M), f"there is no {each}")
    for each in options: check(each in page(COMMANDS), f"there is no {each}")

@test
def every_key_is_in_the_page_and_no_other():
    keys = re.findall(r'^ +\{"([A-Za-z]+)"', open("src/delivery/config_keys.c").read(), re.M)
    told = page(KEYS).split(".SH KEYS OF A DESTINATION")[1].split(".SH")[0]
    same(re.findall(r"^\.B (\w+)$", told, re.M), keys, "the keys")
    check("See the manual." not in told, "a key is not described")

run_tests()
