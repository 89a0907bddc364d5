#!/usr/bin/python3
"""The journal goes away while certwitness-delivery runs, comes back, or another one is put into its place: the log and status tell, and nothing wrong is sent."""
import sys; sys.path[0] += "/../lib"
import contextlib, os, shutil, time

import chains
from deliveries import Delivery, end, until
from far_end import far_end
from tap import Skip, check, run as run_tests, same, test

def http(far, **more):
    keys = {"kind": "http", "url": far.url, "allowPlain": "yes", "startAt": "oldest", **more}
    return "".join(f"{name} = {value}\n" for name, value in keys.items())

def begun(name, far, count=60):
    """A delivery that runs and has delivered so many lines."""
    d = Delivery(name, hub=http(far))
    d.grow(count)
    process = d.start()
    check(until(lambda: d.status()[1]["hub"]["sequence"] == count), d.status())
    return d, process

def told(d, state, *parts):
    """Status says so, and is wrong; in words, too."""
    seen = {}
    def says():
        code, all = d.status()
        seen.update(all["hub"], code=code)
        return code == 1 and seen["state"] == state and seen["wrong"] and all_in(parts, seen.get("journal", ""))
    check(until(says), f"status does not say {state}, {parts}: {seen}")
    code, out, err = d.command("status")
    same((code, all_in(parts, out)), (1, True), f"in words: {out}")
    same(sum(out.count(part) for part in parts[:1]), 1, f"how often in words: {out}")

def all_in(parts, text):
    return all(part in text for part in parts)

def fine(d):
    check(until(lambda: d.status()[0] == 0 and "journal" not in d.status()[1]["hub"]), d.status())

def unmount(d): os.rename(d.journal, d.journal + ".away"); os.mkdir(d.journal)
def mount(d): os.rmdir(d.journal); os.rename(d.journal + ".away", d.journal)
def rename(d): os.rename(d.journal, d.journal + ".away")
def rename_back(d): os.rename(d.journal + ".away", d.journal)
def forbid(d): os.chmod(d.journal, 0)
def allow(d): os.chmod(d.journal, 0o755)

def goes_and_comes_back(name, leave, come, reason, by_itself=True):
    with far_end() as far:
        d, process = begun(name, far)
        leave(d)
        told(d, "fails", f"the journal cannot be read: {d.journal}: {reason}", "goes on by itself")
        time.sleep(5)                               # it is looked for again meanwhile
        same(d.words().count("the journal cannot be read"), 1, f"how often the log says it: {d.words()}")
        check(process.poll() is None, "it has ended")
        same(end(process), 0, "the exit code")
        told(d, "not running", f"the journal cannot be read: {d.journal}: {reason}")
        process = d.start()
        told(d, "fails", f"the journal cannot be read: {d.journal}: {reason}")
        come(d)
        d.grow(50)
        check(until(lambda: d.status()[1]["hub"]["sequence"] == 110), d.status())
        fine(d)
        check("it works again" in d.words(), d.words())
        same(end(process), 0, "the exit code")
        same(far.sequences(), list(range(1, 111)), "what came")

@test
def a_journal_that_was_renamed_is_told_of_and_delivered_on_once_it_is_back():
    goes_and_comes_back("renamed", rename, rename_back, "there is no such file or folder")

@test
def so_is_one_whose_volume_is_not_mounted_any_more():
    goes_and_comes_back("unmounted", unmount, mount, "no file of a journal is in this folder")

@contextlib.contextmanager
def unreadable(path):
    """For a while: lines.t reads all journals afterwards."""
    os.chmod(path, 0)
    try: yield
    finally: os.chmod(path, 0o644)

@test
def a_file_that_cannot_be_read_is_told_and_run_once_does_not_exit_with_0():
    if not os.geteuid(): raise Skip("root may read everything")
    for name, came in (chains.name(1), 0), (chains.name(51), 50), (chains.name(101), 100), ("head", 119):
        with far_end() as far:
            d = Delivery("unread", hub=http(far))
            d.grow(120)
            with unreadable(f"{d.journal}/{name}"):
                code, out, err = d.once()
                same((code, err.count(f"{name} cannot be read: access is denied")), (1, 1), err)
                code, all = d.status()
                same((code, all["hub"]["sequence"], all["hub"]["wrong"], "access is denied" in all["hub"]["journal"]), (1, came, True, True), (name, all))
                process = d.start()
                check(until(lambda: d.status()[1]["hub"]["state"] == "fails"), (name, d.status()))
            check(until(lambda: d.status()[1]["hub"]["sequence"] == 120), (name, d.status()))
            fine(d)
            same(end(process), 0, "the exit code")
            same(far.sequences(), list(range(1, 121)), name)

@test
def the_place_before_a_file_that_cannot_be_read_is_kept_though_the_filter_takes_no_line():
    if not os.geteuid(): raise Skip("root may read everything")
    with far_end() as far:
        d = Delivery("unread-filter", hub=http(far, types="denied"))
        d.grow(120)
        with unreadable(f"{d.journal}/{chains.name(51)}"):
            process = d.start()
            check(until(lambda: d.status()[1]["hub"]["sequence"] == 50), d.status())
            same((d.status()[1]["hub"]["state"], far.sequences()), ("fails", []), "the state, and what came")
            same(end(process), 0, "the exit code")

@test
def so_is_one_that_the_account_may_not_read_any_more():
    if not os.geteuid(): raise Skip("root may read everything")
    goes_and_comes_back("forbidden", forbid, allow, "access is denied")

def other_journal(d, count):
    """That of the CA Other, beside it."""
    other = Delivery(os.path.basename(d.folder) + "-other")
    other.grow(count, source="/adcs/ca/Other", head=False)
    with open(other.journal + "/head", "wb") as out: out.write(chains.head_file(count, chains.hash_of(other.lines[-1]), ca="Other"))
    return other.journal

@test
def the_journal_of_another_ca_in_its_place_halts_the_destination_and_nothing_of_it_is_sent():
    for count in 7, 60, 200:                        # lines of the other one: fewer, as many, more
        with far_end() as far:
            d, process = begun(f"stranger{count}", far)
            other = other_journal(d, count)
            rename(d)
            os.rename(other, d.journal)
            sentence = "the journal is that of the CA Other, but its state belongs to the CA CA"
            told(d, "halted", sentence)
            check(until(lambda: sentence in d.words()), d.words())
            same(d.words().count(sentence), 1, "how often the log says it")
            same(end(process), 1, "the exit code")
            told(d, "halted", sentence)
            shutil.rmtree(d.journal)
            rename_back(d)
            d.grow(20)
            code, all = d.status()
            same((code, all["hub"]["state"], all["hub"].get("journal")), (1, "halted", None), "until it is started again")
            process = d.start()
            check(until(lambda: d.status()[1]["hub"]["sequence"] == 80), d.status())
            fine(d)
            end(process)
            same(far.sequences(), list(range(1, 81)), "what came")
            check(all_of(far, "CA"), "lines of the other CA came")

def all_of(far, ca): return all(event["source"].endswith("/" + ca) for event in far.taken)

@test
def an_older_copy_of_the_journal_in_its_place_halts_the_destination():
    with far_end() as far:
        d, process = begun("older", far)
        shutil.copytree(d.journal, d.journal + ".old")
        d.grow(40)
        check(until(lambda: d.status()[1]["hub"]["sequence"] == 100), d.status())
        rename(d)
        os.rename(d.journal + ".old", d.journal)
        told(d, "halted", "the journal was set back: it ends before line 100")
        end(process)
        same(far.sequences(), list(range(1, 101)), "what came")

@test
def a_copy_of_the_same_journal_in_its_place_is_delivered_on():
    with far_end() as far:
        d, process = begun("same", far)
        shutil.copytree(d.journal, d.journal + ".copy")
        rename(d)
        os.rename(d.journal + ".copy", d.journal)
        d.grow(70)
        check(until(lambda: d.status()[1]["hub"]["sequence"] == 130), d.status())
        same(end(process), 0, "the exit code")
        same(far.sequences(), list(range(1, 131)), "what came")

run_tests()
