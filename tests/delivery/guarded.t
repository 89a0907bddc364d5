#!/usr/bin/python3
"""The folder of the state: what another account has put into it leads nobody elsewhere, one that was exchanged is noticed, one that
others can change is refused."""
import sys; sys.path[0] += "/../lib"
import os, shutil, subprocess, time

from deliveries import Delivery, end, until
from far_end import far_end
from tap import Skip, check, run as run_tests, same, test

ODD = "a file there is a link or no plain file, has several names, or belongs to another account"
OTHER = {"user": 12345, "group": 12346, "extra_groups": []}

def http(far, **more):
    keys = {"kind": "http", "url": far.url, "allowPlain": "yes", "startAt": "oldest", **more}
    return "".join(f"{name} = {value}\n" for name, value in keys.items())

def planted(name, file, make, far, **more):
    """A delivery in whose state that file leads to `victim`."""
    d = Delivery(name, hub=http(far, **more))
    d.grow(5)
    os.mkdir(d.state, 0o700)
    d.victim = d.folder + "/victim"
    with open(d.victim, "w") as out: out.write("s3cret\n")
    os.chmod(d.victim, 0o600)
    make(d.victim, f"{d.state}/{file}")
    return d

def stays(d, what):
    with open(d.victim) as file: same(file.read(), "s3cret\n", f"{what}: what is elsewhere")

WAYS = {"a link": os.symlink, "a second name": os.link}

def other_account():
    if os.geteuid(): raise Skip("it takes root to become another account")
    if subprocess.run(["test", "-x", "build/tmp"], **OTHER).returncode: raise Skip("that account cannot reach build/tmp")

@test
def a_link_in_place_of_the_lock_makes_no_file_elsewhere():
    with far_end() as far:
        d = planted("guarded-lock", "lock", lambda victim, path: os.symlink(victim + ".new", path), far)
        for words in ("seek", "hub", "2"), ("run", "--once"):
            code, out, err = d.command(*words)
            check(code == 2 and ODD in err, (words, code, err))
        check(not os.path.exists(d.victim + ".new"), "it was made")
        same(far.sequences(), [], "what came")

@test
def a_pipe_in_place_of_the_lock_holds_nobody_up():
    with far_end() as far:
        d = planted("guarded-pipe", "lock", lambda victim, path: os.mkfifo(path), far)
        same(d.command("status", timeout=60)[0], 1, "the exit code of status")
        code, out, err = d.command("seek", "hub", "2", timeout=60)
        check(code == 2 and ODD in err, (code, err))

@test
def a_link_in_place_of_what_status_reads_is_replaced_and_not_followed():
    for what, make in WAYS.items():
        with far_end() as far:
            d = planted("guarded-status", "hub.status", make, far)
            same(d.once()[0], 0, f"{what}: the exit code")
            stays(d, what)
            check(not os.path.islink(d.state + "/hub.status") and os.stat(d.state + "/hub.status").st_nlink == 1, f"{what}: it is there yet")
            same(d.status()[1]["hub"]["sent"], 5, f"{what}: what status says")

@test
def a_link_in_place_of_the_state_or_the_parked_lines_is_neither_read_nor_written():
    for what, make in WAYS.items():
        for file, said in ("hub.state", "its state cannot be read: "), ("hub.parked", "refused lines cannot be parked, so nothing more is sent: "):
            with far_end(lambda request: 400) as far:
                d = planted("guarded-state", file, make, far)
                process = d.start()
                check(until(lambda: said + ODD in d.words()), f"{what} {file}: {d.words()}")
                same(end(process), 0, f"{what} {file}: the exit code")
                stays(d, f"{what} {file}")

@test
def a_link_in_place_of_a_secret_sends_nothing_of_another_file():
    for what, make in WAYS.items():
        with far_end() as far:
            d = planted("guarded-secret", "hub.secret", make, far, auth="bearer")
            code, out, err = d.command("check")
            check(code == 1 and f"its secret cannot be read: {ODD}" in err, (what, code, err))
            same((d.once()[0], len(far.requests)), (1, 0), f"{what}: the exit code, and what came")
            stays(d, what)

@test
def a_program_that_root_lets_run_runs_as_the_owner_of_the_state():
    other_account()
    d = Delivery("guarded-program")
    script, told = d.folder + "/script", d.folder + "/told"
    with open(script, "w") as out: out.write(f"#!/bin/sh\ncat >/dev/null\necho $(id -u) $(id -g) $(grep CapEff /proc/self/status) >>{told}\nexit 65\n")
    os.chmod(script, 0o755)
    d.configure(p=f"kind = program\nprogram = {script}\nstartAt = oldest\n")
    d.grow(2)
    with open(told, "w"): os.chmod(told, 0o666)
    os.mkdir(d.state, 0o700)
    os.chown(d.state, OTHER["user"], OTHER["group"])
    for words in ("test", "p"), ("run", "--once"), ("retry", "p"):
        code, out, err = d.command(*words)
        with open(told, "r+") as file:
            ran = set(file.read().splitlines())
            file.truncate(0)
        same((code, ran), (1, {f"{OTHER['user']} {OTHER['group']} CapEff: {0:016x}"}), f"{words}: the exit code, and who ran ({err})")
    same({os.stat(f"{d.state}/{name}").st_uid for name in os.listdir(d.state)}, {OTHER["user"]}, "the owners")

@test
def what_root_does_reads_a_journal_that_is_closed_to_the_owner_of_the_state():
    """As the unit of systemd has it: folders above the state, too."""
    other_account()
    with far_end() as far:
        d = Delivery("guarded-closed", hub=http(far))
        d.state = d.folder + "/private/state"
        d.configure(hub=http(far))
        d.grow(20)
        os.makedirs(d.state)
        os.chown(d.state, OTHER["user"], OTHER["group"])
        for closed in d.journal, d.folder + "/private": os.chmod(closed, 0o700)
        same(d.command("seek", "hub", "11")[0], 0, "the exit code of seek")
        same((d.once()[0], far.sequences()), (0, list(range(11, 21))), "what came")
        same({os.stat(f"{d.state}/{name}").st_uid for name in os.listdir(d.state)}, {OTHER["user"]}, "the owners")

def exchanged(d):
    """What may become of a state, by words."""
    def restored():
        os.rename(d.state, d.state + ".old")
        shutil.copytree(d.state + ".old", d.state)
    return {"removed": lambda: shutil.rmtree(d.state), "moved": lambda: os.rename(d.state, d.state + ".old"), "restored": restored,
            "its file removed": lambda: os.remove(d.state + "/hub.state"), "its lock removed": lambda: os.remove(d.state + "/lock")}

def begun(far):
    """A delivery that runs and has delivered 20 lines."""
    d = Delivery("guarded-gone", hub=http(far))
    d.grow(20)
    process = d.start()
    check(until(lambda: far.sequences() == list(range(1, 21)) and d.status()[1]["hub"]["sequence"] == 20), f"what came is {far.sequences()}")
    return d, process

GONE = "somebody has moved, removed or exchanged hub.state, lock or the folder with them"

@test
def a_state_that_was_exchanged_under_a_delivery_is_told_before_a_line_comes_and_nothing_more_is_sent():
    for what in exchanged(Delivery("guarded-gone")):
        with far_end() as far:
            d, process = begun(far)
            exchanged(d)[what]()
            check(until(lambda: GONE in d.words() and "certwitness-delivery seek hub 21" in d.words()), f"{what}: {d.words()}")
            d.grow(10)
            time.sleep(2)
            same(far.sequences(), list(range(1, 21)), f"{what}: what came")
            end(process)
            same((d.command("seek", "hub", "21")[0], d.once()[0]), (0, 0), f"{what}: the exit codes of seek and run")
            same(far.sequences(), list(range(1, 31)), f"{what}: what came after that seek")

@test
def a_state_that_was_exchanged_when_lines_come_sends_them_once_at_most():
    for what in exchanged(Delivery("guarded-gone")):
        with far_end() as far:
            d, process = begun(far)
            exchanged(d)[what]()
            d.grow(10)
            check(until(lambda: GONE in d.words()), f"{what}: {d.words()}")
            time.sleep(2)
            check(len(far.sequences()) == len(set(far.sequences())), f"{what}: what came is {far.sequences()}")
            end(process)

@test
def a_state_that_was_put_back_goes_on_by_itself_and_a_delivery_beside_it_is_alone_until_then():
    with far_end() as far:
        d = Delivery("guarded-back", hub=http(far))
        d.grow(20)
        process = d.start()
        check(until(lambda: far.sequences() == list(range(1, 21)) and d.status()[1]["hub"]["sequence"] == 20), f"what came is {far.sequences()}")
        os.rename(d.state, d.state + ".old")
        check(until(lambda: GONE in d.words()), d.words())
        d.configure(hub=http(far, startAt="now"))
        d.grow(10)
        same(d.once()[0], 0, "the exit code of one beside it")
        same(far.sequences(), list(range(1, 21)), "what came")
        shutil.rmtree(d.state)
        os.rename(d.state + ".old", d.state)
        check(until(lambda: far.sequences() == list(range(1, 31))), f"what came is {far.sequences()}")
        check(until(lambda: "it works again" in d.words()), d.words())
        same(end(process), 0, "the exit code")

@test
def a_configuration_or_a_state_that_others_can_change_is_refused_and_named():
    with far_end() as far:
        for name, path, mode, said in (("config", "config", 0o664, "Whoever changes the configuration says where the journal goes."), ("others", "config", 0o646, "chmod go-w"),
                                       ("folder", "folder", 0o777, ", the folder of the configuration, has the mode 777"), ("state", "state", 0o770, ", the folder of the state, has the mode 770"),
                                       ("sticky", "folder", 0o1777, None), ("read", "config", 0o644, None)):
            d = Delivery("guarded-trust", hub=http(far))
            d.grow(3)
            os.mkdir(d.state, 0o700)
            os.chmod(getattr(d, path), mode)
            code, out, err = d.command("check")
            check(code == 1 and err.startswith(f"certwitness-delivery: {getattr(d, path)}") and said in err if said else (code, err) == (0, ""), f"{name}: check says {code}, {err}")
            for words in ("run", "--once"), ("seek", "hub", "2"), ("retry", "hub"), ("test", "hub"), ("secret", "set", "hub"):
                if not said: break
                code, out, err = d.command(*words, data=b"x")
                check(code == 2 and said in err, f"{name}: {words} say {code}, {err}")
            same(sorted(os.listdir(d.state)), [], f"{name}: what was made")
        link = d.folder + "/open"
        os.mkdir(link)
        os.chmod(link, 0o777)
        os.rename(d.config, link + "/delivery.conf")
        os.symlink(link + "/delivery.conf", d.config)
        code, out, err = d.command("check")
        check(code == 1 and f"{link}, the folder of the configuration, has the mode 777" in err, f"behind a link: {code}, {err}")
        same(far.requests, [], "what came")

@test
def a_configuration_a_state_or_a_secret_of_another_account_is_refused():
    other_account()
    with far_end() as far:
        for path, said in ("config", "belongs to the account with the number 12345"), ("folder", ", the folder of the configuration, belongs to the account"), ("secret", f"its secret cannot be read: {ODD}"):
            d = Delivery("guarded-whose", hub=http(far, auth="bearer"))
            d.grow(3)
            same(d.command("secret", "set", "hub", data=b"s3cret\n")[0], 0, "secret set")
            os.chown(d.state + "/hub.secret" if path == "secret" else getattr(d, path), 12345, 12346)
            for words, code in (("check",), 1), (("run", "--once"), 1 if path == "secret" else 2):
                got, out, err = d.command(*words)
                check(got == code and said in err, f"{path}: {words} say {got}, {err}")
        d = Delivery("guarded-whose", hub=http(far))
        os.mkdir(d.state, 0o700)
        os.chown(d.state, 54321, 12346)
        ran = subprocess.run([*d.program, "run", "--once", "--config", d.config], capture_output=True, text=True, timeout=120, **OTHER)
        check(ran.returncode == 2 and ", the folder of the state, belongs to the account with the number 54321" in ran.stderr, (ran.returncode, ran.stderr))
        same(far.requests, [], "what came")

run_tests()
