#!/usr/bin/python3
"""certwitness-delivery between a journal and far ends that misbehave: every line, in order, at least once, whatever happens on the way."""
import sys; sys.path[0] += "/../lib"
import fcntl, hashlib, json, os, random, re, shlex, signal, subprocess, threading, time

import chains
from commands import run
from deliveries import Delivery, comes_and_goes, end, until
from far_end import DROP, HANG, LOST, far_end
from relp_end import syslog_end
from tap import Skip, check, run as run_tests, same, test

KILLS = int(os.environ.get("CERTWITNESS_KILLS", 20))
VERIFY = "build/native/src/cli/certwitness", "verify"

def http(far, **more):
    keys = {"kind": "http", "url": far.url, "allowPlain": "yes", "startAt": "oldest", **more}
    return "".join(f"{name} = {value}\n" for name, value in keys.items())

def program(folder, script, **more):
    path = f"{folder}/script"
    with open(path, "w") as out: out.write("#!/bin/sh\n" + script)
    os.chmod(path, 0o755)
    return "".join(f"{name} = {value}\n" for name, value in {"kind": "program", "program": path, "startAt": "oldest", **more}.items())

class Shipped(Delivery):
    program = ("build/native/certwitness-delivery",)    # without a sanitizer, which keeps what was freed

def peak(process):
    """KiB."""
    with open(f"/proc/{process.pid}/status") as file: return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))

def delivered(delivery, far):
    """Every line once, exactly as in the journal, in its order."""
    same(far.sequences(), list(range(1, len(delivery.lines) + 1)), "what came")

@test
def every_line_arrives_once_and_in_order_as_it_stands_in_the_journal():
    with far_end() as far:
        d = Delivery("plain", hub=http(far))
        d.grow(230)
        code, out, err = d.once()
        same(code, 0, f"the exit code ({err})")
        delivered(d, far)
        bodies = b"\n".join(request.body[1:-1] for request in far.requests)
        for line in d.lines: check(line[:-1] in bodies, f"not as it stands: {line[:80]}")
        d.grow(1)
        d.once()
        delivered(d, far)
        same(far.requests[-1].headers["Content-Type"], "application/cloudevents-batch+json; charset=utf-8", "the type")

@test
def run_once_ends_with_what_was_there_though_the_journal_grows_all_the_time():
    for keys in {}, {"types": "denied"}:
        with far_end() as far:
            d = Delivery("busy", hub=http(far, **keys))
            d.grow(20)
            ended = threading.Event()
            def grow():
                for _ in range(450):
                    if ended.wait(0.2): return
                    d.grow(1)
            busy = threading.Thread(target=grow)
            busy.start()
            code, out, err = d.once()
            grows = busy.is_alive()
            ended.set()
            busy.join()
            same((code, grows), (0, True), f"the exit code, and whether it ended while lines came ({keys}, {err})")
            check(d.status()[1]["hub"]["sequence"] >= 20, d.status())
            if not keys: check(far.sequences()[:20] == list(range(1, 21)), far.sequences())

@test
def run_once_does_not_wait_for_a_far_end_that_asks_for_minutes():
    with far_end(lambda request: (429, {"Retry-After": "600"}, b"busy")) as far:
        d = Delivery("minutes", hub=http(far))
        d.grow(1)
        code, out, err = d.once()
        same(code, 1, "the exit code")
        check("answered 429" in err and "run --once does not wait for the 600 s that the far end asks for; the next run goes on" in err, err)
        far.behave = lambda request: 200
        same((d.once()[0], far.sequences()), (0, [1]), "the next run")

@test
def run_once_that_a_signal_ends_says_that_lines_are_left_and_so_does_its_exit_code():
    asked = threading.Event()
    def hang(request):
        asked.set()
        return HANG
    with far_end(hang) as far:
        d = Delivery("cutshort", hub=http(far))
        d.grow(30)
        for number in signal.SIGTERM, signal.SIGINT:
            asked.clear()
            process = d.start("--once")
            check(asked.wait(60), "nothing was sent")
            same(end(process, number), 1, f"the exit code after {number}")
        said = d.words().count("[to hub] run --once was stopped before all lines were delivered; the next run goes on")
        same(said, 2, d.words())
        far.behave = lambda request: 200
        same((d.once()[0], far.sequences()), (0, list(range(1, 31))), "the next run")

@test
def a_hangup_ends_the_delivery_with_an_exit_code_that_says_so_unless_it_was_ignored():
    with far_end() as far:
        d = Delivery("hangup", hub=http(far))
        d.grow(5)
        process = d.start(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
        check(until(lambda: len(far.sequences()) == 5), "what came")
        same(end(process, signal.SIGHUP), 2, "the exit code")
        check("has stopped, with exit code 2, as SIGHUP came" in d.words(), d.words())
        process = d.start(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        d.grow(5)
        check(until(lambda: len(far.sequences()) == 10), "what came")
        process.send_signal(signal.SIGHUP)
        d.grow(5)
        check(until(lambda: len(far.sequences()) == 15), f"it does not go on: {d.words()}")
        same(end(process), 0, "the exit code after SIGTERM")

LOOKS_UP = """
import fcntl, socket, struct, subprocess, sys, time
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(server, 0x8914, struct.pack("16sh14x", b"lo", 0x41))     # up
server.bind(("127.0.0.1", 53))
server.settimeout(60)
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
server.recv(512)
process.terminate()
begun = time.monotonic()
print("exit code", process.wait(120), "after", int(time.monotonic() - begun), "s")
"""

@test
def a_stop_does_not_wait_for_a_name_that_nobody_answers():
    """In a space of mounts and networks of its own, where the name server takes questions and says nothing."""
    if run("unshare", "-rmn", "true")[0]: raise Skip("no space of networks can be made here")
    d = Delivery("names", hub="kind = http\nurl = https://events.corp.example/in\nstartAt = oldest\n")
    d.grow(5)
    with open(d.folder + "/resolv", "w") as out: out.write("nameserver 127.0.0.1\noptions timeout:30 attempts:5\n")
    command = shlex.join([sys.executable, "-c", LOOKS_UP, *d.program, "run", "--config", d.config])
    code, said = run("unshare", "-rmn", "sh", "-c", f"mount --bind {shlex.quote(d.folder)}/resolv /etc/resolv.conf && {command}")
    took = re.search(r"exit code 0 after (\d+) s", said)
    check(code == 0 and took and int(took[1]) < 60, said)
    if took and int(took[1]) > 15: check("[to hub] does not end, as it waits for the system, and is left; what it has sent last is sent again" in said, said)

@test
def a_journal_without_a_head_is_delivered_after_a_second_of_quiet():
    with far_end() as far:
        d = Delivery("headless", hub=http(far))
        d.grow(30, head=False)
        same(d.once()[0], 0, "the exit code")
        delivered(d, far)

@test
def nothing_is_lost_or_out_of_order_when_the_delivery_is_killed_and_the_far_end_misbehaves():
    luck, kinds = random.Random(1), [500, 503, 429, DROP, LOST]
    lost = []
    def behave(request):
        if luck.random() > 0.2: return 200
        kind = luck.choice(kinds)
        if kind == LOST: lost.append(len(request.events))
        return (kind, {"Retry-After": "1"}, b"busy") if kind in (503, 429) else kind
    with far_end(behave) as far:
        d = Delivery("kills", hub=http(far))
        d.grow(50)
        d.kill(KILLS, luck, comes_and_goes(far, luck))
        process = d.start()
        for _ in range(25):                         # one that lives, and waits after what fails
            d.grow(luck.randrange(1, 10))
            check(until(lambda: set(far.sequences()) == set(range(1, len(d.lines) + 1)), 60), "lines are missing")
        same(end(process), 0, "the exit code")
        came = far.sequences()
    firsts = list(dict.fromkeys(came))
    same(firsts, sorted(firsts), "the order in which lines came for the first time")
    again = sum(after <= before for before, after in zip(came, came[1:]))
    check(again <= KILLS + len(lost), f"{again} times lines came again, after {KILLS} kills and {len(lost)} lost answers")
    print(f"# {len(d.lines)} lines, {KILLS} kills, {len(lost)} lost answers, {len(came) - len(firsts)} lines twice")

@test
def the_copy_is_the_journal_byte_for_byte_and_verify_judges_it():
    d = Delivery("copy")
    d.configure(far=f"kind = copy\npath = {d.folder}/copy\nstartAt = oldest")
    d.grow(120)
    for _ in range(3):
        same(d.once()[0], 0, "the exit code")
        for name in sorted(os.listdir(d.journal)):
            if name.endswith(".jsonl"):
                same(open(f"{d.folder}/copy/{name}", "rb").read(), open(f"{d.journal}/{name}", "rb").read(), name)
        code, said = run(*VERIFY, d.folder + "/copy")
        same(code, 0, f"verify ({said})")
        d.grow(33)

@test
def a_copy_that_holds_other_bytes_is_not_overwritten():
    d = Delivery("othercopy")
    d.configure(far=f"kind = copy\npath = {d.folder}/copy\nstartAt = oldest")
    d.grow(5)
    os.makedirs(d.folder + "/copy", 0o700)
    path = f"{d.folder}/copy/{chains.name(1)}"
    open(path, "wb").write(b"something else")
    code, out, err = d.once()
    same(code, 1, "the exit code")
    check("holds other bytes" in err, err)
    same(open(path, "rb").read(), b"something else", "the copy")

def given(name, count, script, says="", times=1):
    """The delivery, after so many lines went to a program that adds them to the file `got`: all, so many times; and it is said how it ended."""
    d = Delivery(name)
    d.configure(script=program(d.folder, script.replace("HERE", d.folder)))
    d.grow(count)
    code, out, err = d.once()
    same(code, 0, f"the exit code ({err[-500:]})")
    check(says in err, err[-500:])
    same(open(d.folder + "/got", "rb").read(), b"".join(d.lines) * times, "what it got")
    return d

@test
def a_program_gets_each_line_on_its_standard_input():
    given("program", 150, 'cat >>HERE/got\n')

@test
def a_program_that_fails_gets_the_same_lines_again_and_its_words_are_noted():
    given("failing", 7, 'test -e HERE/ok || { touch HERE/ok; echo "the disk is full" >&2; exit 3; }; cat >>HERE/got\n', "ended with exit code 3: the disk is full")

@test
def a_program_that_cannot_be_started_is_told_from_one_that_ends_with_that_exit_code():
    d = Delivery("nostart")
    d.grow(1)
    path = d.folder + "/script"
    for text, mode, words in (("#!/bin/sh\nno-such-command\n", 0o755, "ended with exit code 127"), ("#!/bin/sh\nexit 126\n", 0o755, "ended with exit code 126"),
                              ("#!/bin/sh\n", 0o644, "cannot be run: "), ("#!/no/such/shell\n", 0o755, "cannot be run: "), (None, 0, "cannot be run: ")):
        d.configure(script=program(d.folder, ""))
        os.remove(path)
        if text:
            with open(path, "w") as out: out.write(text)
            os.chmod(path, mode)
        process = d.start()
        check(until(lambda: words in (d.status()[1]["script"].get("lastError") or "")), f"{text!r}: {d.status()}")
        same(("cannot be run" in d.status()[1]["script"]["lastError"]), words.startswith("cannot"), f"{text!r}: what it says")
        end(process)

@test
def a_program_that_does_not_end_is_ended_with_what_it_has_started():
    d = Delivery("slow")
    d.configure(script=program(d.folder, f'test -e {d.folder}/ok && exit 0; touch {d.folder}/ok; sleep 300 & echo $! >{d.folder}/child; sleep 300\n', timeout=3))
    d.grow(1)
    code, out, err = d.once()
    same(code, 0, "the exit code")
    check("did not end within 3 s" in err, err)
    child = int(open(d.folder + "/child").read())
    def gone():
        try: return open(f"/proc/{child}/stat").read().split()[2] == "Z"
        except OSError: return True
    check(until(gone), "its child lives")

@test
def a_program_that_floods_its_standard_error_costs_no_memory_and_is_ended_at_its_time_limit():
    d = Shipped("flood")
    d.configure(script=program(d.folder, f'test -e {d.folder}/ok && {{ cat >>{d.folder}/got; exit 0; }}; touch {d.folder}/ok; exec yes "no end" >&2\n', timeout=3))
    d.grow(1000)
    process = d.start()
    check(until(lambda: "did not end within 3 s" in d.words(), 60), "it was not ended")
    check("It wrote last: no end" in d.words(), d.words())
    check(until(lambda: d.status()[1]["script"]["sequence"] == 1000, 60), "the next one got nothing")
    check(peak(process) < 40000, f"{peak(process)} KiB")
    same(end(process), 0, "the exit code")
    same(open(d.folder + "/got", "rb").read(), b"".join(d.lines), "what it got")

@test
def a_program_that_reads_nothing_until_it_has_written_much_to_standard_error_gets_its_lines():
    given("talks", 500, 'head -c 20000000 /dev/zero >&2; echo >&2; printf "  the last words \\n\\n" >&2; cat >>HERE/got; test -e HERE/ok || { touch HERE/ok; exit 3; }\n',
          "ended with exit code 3: the last words\n", times=2)

@test
def a_far_end_that_is_late_with_many_lines_gets_fewer_of_them_and_all():
    with far_end(lambda request: HANG if len(request.events) > 200 else 200) as far:
        d = Delivery("late")
        some = f"cat >{d.folder}/part; test $(wc -l <{d.folder}/part) -le 200 || exec sleep 300; cat {d.folder}/part >>{d.folder}/got\n"
        d.configure(hub=http(far, timeout=5), script=program(d.folder, some, timeout=5))
        d.grow(2000)
        process = d.start()
        check(until(lambda: {each["sequence"] for each in d.status()[1].values()} == {2000}, 300), f"lines are missing: {d.status()}")
        end(process)
        delivered(d, far)
        sizes = [len(request.events) for request in far.requests]
        check(max(sizes) > 100, f"it stays with few lines: {sizes}")
        same(open(d.folder + "/got", "rb").read(), b"".join(d.lines), "what the program got")

@test
def what_a_program_starts_and_leaves_behind_with_its_standard_error_open_holds_nothing_up():
    d = Delivery("leaves")
    d.configure(script=program(d.folder, f'setsid sh -c "echo \\$\\$ >{d.folder}/child; exec sleep 600" & until test -s {d.folder}/child; do sleep 0.1; done; cat >>{d.folder}/got; echo bye >&2; test -e {d.folder}/ok || {{ touch {d.folder}/ok; exit 3; }}\n'))
    d.grow(5)
    begun, children = time.monotonic(), set()
    process = d.start()
    try:
        def all_gone():
            try: children.add(int(open(d.folder + "/child").read()))
            except (OSError, ValueError): pass
            return d.status()[1]["script"]["sequence"] == 5
        check(until(all_gone, 60), "it waits for what was left behind")
        check("ended with exit code 3: bye" in d.words(), d.words())
        check(any(os.path.exists(f"/proc/{child}") for child in children), "nothing was left behind")
        same(end(process), 0, "the exit code")
    finally:
        for child in children:
            try: os.kill(child, signal.SIGKILL)
            except ProcessLookupError: pass

@test
def a_program_may_write_files_of_any_size_and_cannot_change_its_standard_input():
    d = given("large", 5, 'truncate -s 3G HERE/large && ! echo more >&0 && cat >>HERE/got\n')
    same(os.path.getsize(d.folder + "/large"), 3 << 30, "the file")
    os.remove(d.folder + "/large")

@test
def a_line_that_is_refused_is_parked_alone_with_the_answer_and_the_others_go():
    bad = {17, 18, 130}
    refuse = [True]
    def behave(request):
        if refuse[0] and bad & {int(event["sequence"]) for event in request.events}: return 400, {}, b'no "such" field'
        return 200
    with far_end(behave) as far:
        d = Delivery("refused", hub=http(far))
        d.grow(200)
        code, out, err = d.once()
        same(code, 1, "the exit code")
        same(sorted(set(far.sequences())), sorted(set(range(1, 201)) - bad), "what came")
        same(far.sequences(), sorted(far.sequences()), "the order")
        code, out, err = d.command("parked", "hub")
        entries = [json.loads(line) for line in out.splitlines()]
        same([entry["sequence"] for entry in entries], sorted(bad), "what is parked")
        check(all('answered 400: no "such" field' in entry["reason"] for entry in entries), entries)
        check(d.lines[16][:-1].decode() in out, "the line is not as it was")
        code, status = d.status()
        same((code, status["hub"]["parked"]), (1, 3), "status")
        code, out, err = d.command("retry", "hub")
        same((code, out), (1, "hub has taken 0, refused 3; 3 parked\n"), "retry while it refuses")
        refuse[0] = False
        code, out, err = d.command("retry", "hub")
        same((code, out), (0, "hub has taken 3, refused 0; 0 parked\n"), "retry")
        same(sorted(set(far.sequences())), list(range(1, 201)), "what came")
        same(d.status()[0], 0, "status")

def refuses_each(request):
    """With an answer of its own for each line."""
    return 400, {}, b"no " + str(request.events[0]["sequence"]).translate(str.maketrans("0123456789", "ghijklmnop")).encode()

def parked_of(d): return [json.loads(line)["sequence"] for line in d.command("parked", "hub")[1].splitlines()]

@test
def a_far_end_that_refuses_every_line_with_one_answer_waits_for_somebody_and_the_journal_is_not_parked():
    """As a receiver answers whose index is not there."""
    answer = 400, {}, b'{"text":"Incorrect index","code":7,"invalid-event-number":1}'
    with far_end(lambda request: answer) as far:
        d = Delivery("allrefused", hub=http(far))
        d.grow(1500)
        process = d.start()
        check(until(lambda: "so no more are parked" in d.words() and d.status()[1]["hub"].get("failures")), "it goes on")
        code, status = d.status()
        same((code, status["hub"]["sequence"], status["hub"]["parked"], status["hub"]["state"]), (1, 100, 100, "fails"), "status")
        for said in d.words(), status["hub"]["lastError"]:
            check("100 lines one after the other were refused with this answer, so no more are parked" in said and "Incorrect index" in said, said)
        check("to 100 were refused and are parked" in d.words(), d.words())
        same(end(process), 1, "the exit code")
        process = d.start()                             # and does not park as many with each start
        check(until(lambda: d.words().count("so no more are parked") == 2), d.words())
        same((parked_of(d), far.sequences()), (list(range(1, 101)), []), "what is parked, what came")
        far.behave = lambda request: 200
        check(until(lambda: d.status()[1]["hub"]["sequence"] == 1500, 120), "it does not go on once that is mended")
        end(process)
        same(far.sequences(), list(range(101, 1501)), "what came")
        same(d.command("retry", "hub")[:2], (0, "hub has taken 100, refused 0; 0 parked\n"), "retry")

@test
def lines_that_the_filter_leaves_out_between_refused_ones_make_no_later_start_park_as_many_again():
    with far_end(lambda request: (400, {}, b"the index is missing")) as far:
        d = Delivery("allrefused-filter", hub=http(far, types="pending"))
        for i in range(260): d.grow(1, type=f"certificate.{'issued' if i % 2 else 'pending'}", head=False)
        d.tell_head()
        for start in range(1, 4):
            process = d.start()
            check(until(lambda: d.words().count("so no more are parked") == start), (start, d.words()))
            same((parked_of(d), far.sequences()), (list(range(1, 200, 2)), []), f"what is parked and what came after {start} starts")
            end(process)
        same(d.command("seek", "hub", "205")[0], 0, "seek")             # somebody says that it is right to refuse them
        process = d.start()
        check(until(lambda: d.status()[1]["hub"]["parked"] == 128), d.status())
        end(process)

@test
def many_refused_lines_between_others_are_parked_with_one_answer():
    with far_end(lambda request: (400, {}, b"no") if any(int(event["sequence"]) % 50 for event in request.events) else 200) as far:
        d = Delivery("manyrefused", hub=http(far))
        d.grow(300)
        d.once()
        same((len(parked_of(d)), far.sequences()), (294, [50, 100, 150, 200, 250, 300]), "how many are parked, what came")

@test
def lines_that_are_refused_one_after_the_other_are_parked_together_and_all_of_them_whoever_dies():
    """The disk is watched by tests/shim/disk.c: a flush for each line would slow down the CA beside it."""
    with far_end(refuses_each) as far:
        d = Shipped("together", hub=http(far))
        d.grow(900, every=1000)
        log = d.folder + "/flushes"
        env = {"LD_PRELOAD": os.path.abspath("build/native/tests/shim/disk.so"), "SHIM_WATCH": d.state, "SHIM_ACKS": "/nowhere", "SHIM_LOG": log, "SHIM_CONTROL": d.folder}
        code, out, err = d.once(env=env)
        same((code, d.status()[1]["hub"]["parked"]), (1, 900), f"what is parked ({err})")
        flushes = sum(line.startswith("flushed") for line in open(log))
        print(f"# {flushes} flushes for 900 lines")
        check(0 < flushes < 200, f"{flushes} flushes")
        check("lines from " in err and "were refused and are parked; the last one: " in err, err)
        luck = random.Random(5)
        d.kill(5, luck, lambda i: None, lines=200)
        d.once()
        parked = parked_of(d)
        same(sorted(set(parked)), list(range(1, len(d.lines) + 1)), "what is parked after kills")
        same(len(parked), d.status()[1]["hub"]["parked"], "how many")

def three_are_parked(name, far):
    d = Delivery(name, hub=http(far, format="structured"))
    d.grow(3)
    d.once()
    same(d.status()[1]["hub"]["parked"], 3, "what is parked")
    return d, d.state + "/hub.parked"

@test
def parked_lines_whose_file_somebody_has_changed_are_named_kept_aside_and_counted_no_more():
    cut, longer = lambda text: text.split(b"\n", 1)[1], lambda text: text.replace(b'"reason":"', b'"reason":"noted; ')
    for name, change in ("cut", cut), ("longer", longer), ("emptied", lambda text: b""):
        with far_end(lambda request: 400) as far:
            d, parked = three_are_parked("parked-" + name, far)
            left = change(open(parked, "rb").read())
            open(parked, "wb").write(left)
            for command in "parked", "retry":
                code, out, err = d.command(command, "hub")
                check(code == 2 and "was changed by somebody: put hub.parked back as it was" in err and "--discard" in err and "0x" not in err, (name, command, code, err))
            d.grow(1)
            code, out, err = d.once()
            same([json.loads(line)["sequence"] for line in d.command("parked", "hub")[1].splitlines()], [4], f"what is parked, {name}")
            same(d.status()[1]["hub"]["parked"], 1, "how many")
            kept = [file for file in os.listdir(d.state) if "damaged" in file]
            if not left: check(not kept and "hub.parked was removed or emptied by somebody: 3 parked lines are gone" in err, (kept, err))
            elif check(len(kept) == 1 and f"are kept as {kept[0]} and count no more" in err, (kept, err)):
                same(open(f"{d.state}/{kept[0]}", "rb").read(), left, "what is kept")

@test
def parked_lines_that_are_refused_again_and_again_take_no_more_room():
    with far_end(lambda request: 400) as far:
        d, parked = three_are_parked("parked-again", far)
        size = os.path.getsize(parked)
        for i in range(5):
            same(d.command("retry", "hub")[1], "hub has taken 0, refused 3; 3 parked\n", "retry")
            same([json.loads(line)["sequence"] for line in d.command("parked", "hub")[1].splitlines()], [1, 2, 3], "what is parked")
            check(os.path.getsize(parked) <= 2 * size, f"{os.path.getsize(parked)} bytes after {size}")
        far.behave = lambda request: 200
        same(d.command("retry", "hub")[1], "hub has taken 3, refused 0; 0 parked\n", "retry")

@test
def retry_sends_parked_lines_in_batches_each_once_and_keeps_them_when_it_is_killed():
    asked = threading.Event()
    def hang(request):
        asked.set()
        return HANG
    with far_end(refuses_each) as far:
        d = Delivery("retries", hub=http(far))
        d.grow(300, every=300)
        d.once()
        same(len(parked_of(d)), 300, "how many are parked")
        far.behave = hang
        process = subprocess.Popen([*d.program, "retry", "--config", d.config, "hub"])
        check(asked.wait(60), "nothing was sent")
        process.kill()
        process.wait()
        same(parked_of(d), list(range(1, 301)), "what is parked after a kill")
        far.behave = lambda request: 400 if {50, 222} & {int(event["sequence"]) for event in request.events} else 200
        same(d.command("retry", "hub")[:2], (1, "hub has taken 298, refused 2; 2 parked\n"), "retry")
        same((parked_of(d), far.sequences()), ([50, 222], [n for n in range(1, 301) if n not in (50, 222)]), "what is parked, what came")
        check(len(far.requests) < 50, f"{len(far.requests)} requests")
        far.behave = lambda request: 200
        same(d.command("retry", "hub")[:2], (0, "hub has taken 2, refused 0; 0 parked\n"), "retry")

@test
def a_destination_with_onRefused_stop_stops_there():
    with far_end(lambda request: 400 if any(int(event["sequence"]) == 5 for event in request.events) else 200) as far:
        d = Delivery("stops", hub=http(far, onRefused="stop"))
        d.grow(10)
        code, out, err = d.once()
        same((code, far.sequences()), (1, [1, 2, 3, 4]), "what came")
        check("line 5 was refused, so it has halted (onRefused = stop); restart the delivery once that is mended: " in err, err)
        same(d.status()[1]["hub"]["state"], "halted", "status")

@test
def destinations_that_hang_refuse_or_are_away_delay_no_other():
    with far_end() as far, far_end(lambda request: HANG) as hangs, far_end(lambda request: 401) as refuses, far_end() as away:
        away.stop()
        d = Delivery("others", good=http(far), hangs=http(hangs, timeout=600), refuses=http(refuses), away=http(away))
        d.grow(300)
        process = d.start()
        check(until(lambda: len(far.sequences()) == 300), "the good one waits")
        delivered(d, far)
        check(until(lambda: d.status()[1]["refuses"].get("failures", 0) > 0), "status")
        code, status = d.status()
        same(code, 1, "the exit code of status")
        same(status["good"]["state"], "delivers", "the good one")
        check("answered 401; look at auth and secret" in status["refuses"]["lastError"], status)
        end(process)                                    # in a minute, although one hangs
        away.start()

def unread(name, far, **more):
    """A delivery that parks every second line of 800, whose log is a pipe of 4096 bytes that nobody reads."""
    d = Delivery(name, bad=http(far), **more)
    d.grow(800)
    process = subprocess.Popen([*d.program, "run", "--config", d.config], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, 4096)
    check(until(lambda: d.status()[1]["bad"].get("parked") == 400, 300), "the log holds up what is refused")
    return d, process

def refuses_odd(request):
    return 400 if any(int(event["sequence"]) % 2 for event in request.events) else 200

@test
def a_log_that_nobody_reads_delays_no_destination_and_no_end():
    with far_end(refuses_odd) as bad, far_end() as good:
        d, process = unread("unread", bad, good=http(good))
        d.grow(10)
        check(until(lambda: len(set(good.sequences())) == 810, 60), "the log holds up the other destination")
        process.terminate()
        check(process.wait(60) in (0, 1), "the exit code")
        process.stderr.close()

@test
def what_the_log_did_not_take_is_counted():
    with far_end(refuses_odd) as bad:
        d, process = unread("dropped", bad)
        said = ""
        for part in iter(lambda: process.stderr.read1(4096), b""):
            said += part.decode()
            if "were not written" in said: process.terminate()
        process.wait(60)
        dropped, lines = int(re.search(r"(\d+) more sentences were not written", said).group(1)), said.count(" was refused: ")
        check(dropped > 50 and lines > 250 and 400 <= lines + dropped <= 410, f"{lines} sentences about lines, {dropped} dropped")

@test
def memory_stays_flat_and_no_line_is_late_beside_destinations_that_hang_refuse_or_are_slow():
    def slow(request):
        time.sleep(0.5)
        return 200
    with far_end() as far, far_end(lambda request: HANG) as hangs, far_end(refuses_each) as refuses, far_end(slow) as slows:
        d = Shipped("flat", good=http(far), hangs=http(hangs, timeout=5), refuses=http(refuses), slow=http(slows, format="structured"))
        d.grow(3000)
        process = d.start()
        check(until(lambda: len(far.sequences()) == 3000, 60), "the good one waits")
        check(until(lambda: d.status()[1]["refuses"]["parked"] and d.status()[1]["hangs"].get("failures")), "nothing is refused, nothing hangs")
        before = peak(process)
        for _ in range(5):
            d.grow(3000)
            begun = time.monotonic()
            check(until(lambda: len(far.sequences()) == len(d.lines), 60), "the good one waits")
            print(f"# 3000 lines in {time.monotonic() - begun:.2f} s, {peak(process)} KiB")
        check(peak(process) - before < 4096, f"memory grew from {before} to {peak(process)} KiB")
        delivered(d, far)
        check(0 < len(slows.requests) < 500, f"the slow one has {len(slows.requests)}")
        end(process)

@test
def the_place_is_kept_while_a_filter_leaves_out_what_there_is():
    with far_end() as far:
        d = Delivery("fewtaken", hub=http(far, types="denied"))
        d.grow(10)
        same(d.once()[0], 0, "the exit code")
        d.grow(60000, every=30000)
        process = d.start()
        check(until(lambda: d.status()[1]["hub"]["sequence"] > 10, 120), "the position stays")
        at = d.status()[1]["hub"]["sequence"]
        check(at < 60010, f"nothing was kept before the end: {at}")
        end(process)
        same((d.once()[0], d.status()[1]["hub"]["sequence"], far.taken), (0, 60010, []), "the exit code, the position, what came")

@test
def a_lag_is_told_though_the_lines_are_dated_ahead_and_idle_time_is_none():
    with far_end() as far:
        d = Delivery("ahead", hub=http(far))
        d.grow(5, time="2099-01-01T10:00:00.000Z")
        process = d.start()
        check(until(lambda: far.sequences() == [1, 2, 3, 4, 5]), "what came")
        def moved_at():
            with open(d.state + "/hub.status") as file: return json.loads(file.read() or "{}").get("movedAt", 0)
        before = moved_at()
        check(until(lambda: moved_at() > before), "while nothing waits it counts as waiting")
        far.behave = lambda request: 503
        d.grow(5, time="2099-01-01T10:00:00.000Z")
        check(until(lambda: d.status()[1]["hub"]["lagSeconds"] >= 3), f"status {d.status()}")
        same(d.status()[1]["hub"]["lag"], 5, "the lag")
        far.behave = lambda request: 200
        check(until(lambda: d.status()[1]["hub"]["lag"] == 0), "it does not go on")
        same(d.status()[1]["hub"]["lagSeconds"], 0, "the lag")
        end(process)

@test
def parked_lines_can_be_discarded_and_a_deleted_file_of_them_is_named_and_begun_anew():
    with far_end(lambda request: 400 if {2, 5, 8, 11} & {int(event["sequence"]) for event in request.events} else 200) as far:
        d = Delivery("discard", hub=http(far))
        d.grow(3)
        d.once()
        parked = open(d.state + "/hub.parked", "rb").read()
        code, out, err = d.command("retry", "hub", "--discard")
        same((code, d.status()[1]["hub"]["parked"]), (0, 0), f"retry --discard ({out}{err})")
        check("hub: 1 discarded; 0 parked. They are kept in hub.discarded-" in out, out)
        same([open(f"{d.state}/{name}", "rb").read() for name in os.listdir(d.state) if "discarded" in name], [parked], "the file that is kept")
        same(d.once()[0], 0, "the exit code")
        d.grow(3)
        d.once()
        os.remove(d.state + "/hub.parked")
        for command in "parked", "retry":
            code, out, err = d.command(command, "hub")
            check(code == 2 and "put hub.parked back" in err and "--discard" in err, (code, err))
        d.grow(3)
        d.once()
        same([json.loads(line)["sequence"] for line in d.command("parked", "hub")[1].splitlines()], [8], "what is parked behind a deleted file")
        same(d.status()[1]["hub"]["parked"], 1, "how many")
        os.remove(d.state + "/hub.parked")
        same(d.command("retry", "hub", "--discard")[:2], (0, "hub: 1 discarded; 0 parked\n"), "retry --discard without the file")
        same(d.once()[0], 0, "the exit code")

@test
def who_discarded_which_lines_and_who_moved_a_destination_is_in_the_machines_log():
    """In a space of mounts of its own, where /dev has a log that the test reads."""
    if run("unshare", "-rm", "true")[0]: raise Skip("no space of mounts can be made here")
    with far_end(lambda request: 400 if {2, 5, 6, 7, 11} & {int(event["sequence"]) for event in request.events} else 200) as far:
        d = Delivery("trail", hub=http(far))
        d.grow(12)
        d.once()
        def logged(*words):
            reader = "import socket,subprocess,sys; s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); s.bind('/dev/log'); s.settimeout(20); subprocess.run(sys.argv[1:],check=True,stdout=sys.stderr); print(s.recv(9999))"
            command = shlex.join([sys.executable, "-c", reader, *d.program, words[0], "--config", d.config, *words[1:]])
            code, said = run("unshare", "-rm", "sh", "-c", f"mount -t tmpfs none /dev && {command}", env={"SUDO_USER": "alice"})
            same(code, 0, f"the exit code ({said})")
            return said
        said = logged("retry", "hub", "--discard")
        check("<85>" in said and "certwitness-delivery[" in said and "root, by sudo of alice, discarded 5 parked lines of hub: 2, 5-7, 11; they are kept in hub.discarded-" in said, said)
        said = logged("seek", "hub", "now")
        check("root, by sudo of alice, moved hub from after line 12 to after line 12" in said, said)

@test
def a_second_delivery_with_the_same_state_does_not_begin():
    with far_end(lambda request: HANG) as far:
        d = Delivery("second", hub=http(far))
        d.grow(1)
        process = d.start()
        check(until(lambda: os.path.exists(d.state + "/hub.state")), "no state")
        code, out, err = d.once()
        check(code == 2 and "another delivery uses" in err, (code, err))
        code, out, err = d.command("seek", "hub", "now")
        check(code == 2 and "a delivery runs" in err and "systemctl stop certwitness-delivery" in err and "systemctl start certwitness-delivery" in err, (code, err))
        code, out, err = d.command("retry", "hub")
        check(code == 2 and "a delivery runs" in err and "systemctl stop certwitness-delivery" in err and "systemctl start certwitness-delivery" in err, (code, err))
        end(process)

# --- positions ---

@test
def delivery_begins_where_startAt_says():
    for start, want in {"oldest": list(range(1, 61)), "now": list(range(56, 61)), "40": list(range(40, 61)), "51": list(range(51, 61))}.items():
        with far_end() as far:
            d = Delivery("start", hub=http(far, startAt=start))
            d.grow(55)
            same(d.once()[0], 0, "the exit code")
            d.grow(5)
            same(d.once()[0], 0, "the exit code")
            same(far.sequences(), want, f"startAt = {start}")

@test
def now_is_behind_the_last_line_that_is_on_disk_and_lines_that_are_taken_back_halt_nothing():
    for by_seek in False, True:
        with far_end() as far:
            d = Delivery("nowhead", hub=http(far, startAt="oldest" if by_seek else "now"))
            d.grow(25)
            d.grow(5, head=False, flushed=25)
            if by_seek: same(d.command("seek", "hub", "now")[0], 0, "seek")
            same(d.once()[0], 0, "the exit code")
            hub = d.status()[1]["hub"]
            same((hub["sequence"], hub["lag"]), (25, 0), "the position, and the lag")
            d.lines = d.lines[:25]
            open(f"{d.journal}/{chains.name(1)}", "wb").write(b"".join(d.lines))
            d.grow(5, data='{"event":2}')
            same(d.once()[0], 0, "the exit code after lines were taken back")
            same(far.sequences(), list(range(26, 31)), "what came")

@test
def a_damaged_state_stops_its_destination_until_seek_says_where_to_go_on():
    for damage in b"", b"\0" * 8192, b"certwitness-delivery 1 garbage":
        with far_end() as far:
            d = Delivery("damaged", hub=http(far))
            d.grow(10)
            d.once()
            open(d.state + "/hub.state", "wb").write(damage)
            d.grow(10)
            code, out, err = d.once()
            same((code, len(far.sequences())), (1, 10), "what came after the damage")
            check("its state is damaged" in err, err)
            same(d.status()[1]["hub"]["state"], "damaged", "status")
            same(d.command("seek", "hub", "11")[0], 0, "seek")
            same(d.once()[0], 0, "the exit code")
            same(far.sequences(), list(range(1, 21)), "what came")

@test
def a_state_of_which_the_last_record_is_torn_goes_on_with_the_one_before():
    with far_end() as far:
        d = Delivery("torn", hub=http(far))
        d.grow(10)
        d.once()
        d.grow(10)
        d.once()
        data = bytearray(open(d.state + "/hub.state", "rb").read())
        newer = max(range(2), key=lambda slot: int(data[slot * 4096:].split()[2]))
        data[newer * 4096 + 30:newer * 4096 + 60] = b"\0" * 30
        open(d.state + "/hub.state", "wb").write(data)
        same(d.once()[0], 0, "the exit code")
        same(sorted(set(far.sequences())), list(range(1, 21)), "what came")

@test
def a_line_that_was_changed_after_it_was_delivered_stops_its_destination():
    with far_end() as far:
        d = Delivery("changed", hub=http(far))
        d.grow(10)
        d.once()
        d.lines[9:] = [chains.line(10, chains.hash_of(d.lines[8]), data='{"event":2}')]
        open(f"{d.journal}/{chains.name(1)}", "wb").write(b"".join(d.lines))
        d.grow(5)
        code, out, err = d.once()
        same((code, len(far.sequences())), (1, 10), "what came")
        check("line 10 of the journal was changed since it was delivered" in err, err)

@test
def seek_goes_on_behind_a_line_that_was_changed_and_tells_of_it():
    for name, number, first, asked, behind in ("seekdamage", 5, 1, 6, 4), ("seekfirst", 51, 51, 52, 50):
        with far_end() as far:
            d = Delivery(name, hub=http(far))
            d.grow(number)
            d.once()
            d.grow(4)
            d.damage(number, first)
            code, out, err = d.once()
            check(code == 1 and f"line {number} of the journal was changed" in err, (code, err))
            code, out, err = d.command("seek", "hub", str(asked))
            check(code == 0 and f"hub goes on after line {behind}: what the journal has of lines {number} to {number} is not whole" in out, (code, out, err))
            d.once()
            same(far.sequences(), list(range(1, number + 5)), "what came")
            same([event["data"]["sequence"] for event in far.taken if event["type"] == "certwitness.delivery.fault"], [number], "what was told")

@test
def seek_says_which_lines_are_not_in_the_journal_any_more():
    with far_end() as far:
        d = Delivery("seekgone", hub=http(far))
        d.grow(130)
        for first in 1, 51: os.remove(f"{d.journal}/{chains.name(first)}")
        code, out, err = d.command("seek", "hub", "20")
        check(code == 0 and "hub goes on with line 101; lines 20 to 100 are not in the journal any more" in out, (code, out, err))
        d.once()
        same([event["data"] for event in far.taken if event["type"] == "certwitness.delivery.pruned"], [{"first": 20, "last": 100}], "what was told")
        same(far.sequences(), list(range(101, 131)), "what came")
        same(d.command("seek", "hub", "150")[0], 2, "seek behind the end")

@test
def a_journal_that_was_set_back_stops_its_destination():
    with far_end() as far:
        d = Delivery("setback", hub=http(far))
        d.grow(10)
        d.once()
        open(f"{d.journal}/{chains.name(1)}", "wb").write(b"".join(d.lines[:7]))
        code, out, err = d.once()
        same((code, len(far.sequences())), (1, 10), "what came")
        check("set back: it ends before line 10" in err, err)

@test
def the_journal_of_another_ca_is_not_delivered_as_if_it_were_this_one():
    with far_end() as far:
        d = Delivery("otherca", hub=http(far))
        d.grow(10)
        d.once()
        os.remove(f"{d.journal}/{chains.name(1)}")
        d.lines = []
        d.grow(20, source="/adcs/ca/Other")
        code, out, err = d.once()
        same((code, len(far.sequences())), (1, 10), "what came")
        check("the journal is that of the CA Other" in err, err)

@test
def lines_that_were_pruned_before_they_were_delivered_are_told_to_the_far_end():
    with far_end() as far:
        d = Delivery("pruned", hub=http(far))
        d.grow(60)
        d.once()
        d.grow(90)
        for first in 1, 51: os.remove(f"{d.journal}/{chains.name(first)}")
        same(d.once()[0], 0, "the exit code")
        told = [event for event in far.taken if event["type"] == "certwitness.delivery.pruned"]
        same([event["data"] for event in told], [{"first": 61, "last": 100}], "what was told")
        same(far.sequences(), [*range(1, 61), *range(101, 151)], "what came")

def told_of(far, what):
    return [event["data"] for event in far.taken if event["type"] == f"certwitness.delivery.{what}"]

@test
def lines_that_were_removed_before_the_first_was_delivered_are_told_with_their_range():
    for start, before, want in ("oldest", [], (1, 50)), ("oldest", [1], (51, 100)), ("1", [], (1, 50)), ("30", [1], (30, 100)), ("30", [], (30, 50)):
        with far_end(lambda request: 503) as far:
            d = Delivery("prunedfirst", hub=http(far, startAt=start))
            d.grow(160)
            for first in before: os.remove(f"{d.journal}/{chains.name(first)}")
            process = d.start()
            check(until(lambda: d.status()[1]["hub"].get("failures"), 30), "nothing fails")
            end(process)
            err = d.words()
            if (start, before) == ("oldest", [1]):
                check("delivery begins with line 51, as the lines up to 50 are not in the journal any more" in err, err)
                same((d.status()[1]["hub"]["sequence"], d.status()[1]["hub"]["lag"], told_of(far, "pruned")), (50, 110, []), "a new destination")
            os.remove(f"{d.journal}/{chains.name(51 if before else 1)}")
            far.behave = lambda request: 200
            far.taken.clear()
            for _ in range(2): same(d.once()[0], 0, "the exit code")
            same(told_of(far, "pruned"), [{"first": want[0], "last": want[1]}], f"what was told, {start} without {before}")
            same({event["source"] for event in far.taken if "pruned" in event["type"]}, {"/certwitness-delivery/CA"}, "the source")
            same(far.sequences()[-(160 - want[1]):], list(range(want[1] + 1, 161)), "what came")

@test
def a_new_destination_is_told_nothing_of_lines_that_were_removed_before_it_was_there():
    with far_end() as far:
        d = Delivery("prunedlong", hub=http(far))
        d.grow(120)
        os.remove(f"{d.journal}/{chains.name(1)}")
        for _ in range(2): same(d.once()[0], 0, "the exit code")
        same((far.sequences(), told_of(far, "pruned")), (list(range(51, 121)), []), "what came")

@test
def removed_lines_are_told_once_even_if_the_delivery_dies_before_the_next_line():
    hold = [True]
    def behave(request):
        if hold[0] and any("sequence" in event for event in request.events): return HANG
        return 200
    with far_end(behave) as far:
        d = Delivery("prunedonce", hub=http(far, format="structured", timeout=60))
        hold[0] = False
        d.grow(60)
        d.once()
        hold[0] = True
        d.grow(90)
        for first in 1, 51: os.remove(f"{d.journal}/{chains.name(first)}")
        process = d.start()
        check(until(lambda: d.status()[1]["hub"]["sequence"] == 100), "the position is not behind the removed lines")
        process.kill()
        process.wait()
        status = d.status()[1]["hub"]
        check(status["lag"] == 50 and status["lagSeconds"] > 0, f"status {status}")
        same(d.command("check")[0], 0, "check")
        hold[0] = False
        same(d.once()[0], 0, "the exit code")
        told = [event for event in far.taken if event["type"] == "certwitness.delivery.pruned"]
        same([event["data"] for event in told], [{"first": 61, "last": 100}], "what was told")
        same(told[0]["source"], "/certwitness-delivery/CA", "the source")
        same(far.sequences(), [*range(1, 61), *range(101, 151)], "what came")

@test
def a_copy_goes_on_when_files_were_removed_whose_lines_it_was_about_to_get():
    d = Delivery("prunedcopy")
    d.configure(far=f"kind = copy\npath = {d.folder}/copy\nstartAt = oldest")
    d.grow(60)
    same(d.once()[0], 0, "the exit code")
    d.grow(50)
    os.rename(d.folder + "/copy", d.folder + "/away")
    open(d.folder + "/copy", "w").close()
    process = d.start()
    check(until(lambda: d.status()[1]["far"].get("failures")), "nothing fails")
    for first in 1, 51: os.remove(f"{d.journal}/{chains.name(first)}")
    os.remove(d.folder + "/copy")
    os.rename(d.folder + "/away", d.folder + "/copy")
    check(until(lambda: d.status()[1]["far"]["sequence"] == 110), "the copy does not go on")
    end(process)
    said = open(d.folder + "/said").read()
    check("lines 61 to 100 were removed" in said, said)
    same(open(f"{d.folder}/copy/{chains.name(101)}", "rb").read(), b"".join(d.lines[100:]), "the copy")

@test
def files_that_were_pruned_after_all_of_them_was_delivered_are_no_matter():
    with far_end() as far:
        d = Delivery("prunedfine", hub=http(far))
        d.grow(50)
        d.once()
        d.grow(10)
        os.remove(f"{d.journal}/{chains.name(1)}")
        same(d.once()[0], 0, "the exit code")
        same([event["type"] for event in far.taken if "delivery" in event["type"]], [], "what was told")
        same(far.sequences(), list(range(1, 61)), "what came")

def pruned(d, *words):
    """What prune says and leaves. The clock is said, so that nothing depends on today."""
    code, said = run("build/native/src/cli/certwitness", "prune", "--older-than", "30d", "--now", "2026-11-22T00:00:00Z", "--stopped", "--delivery", d.state, *words, d.journal)
    return code, said, [int(file[:20]) for file in sorted(os.listdir(d.journal)) if file.endswith(".jsonl")]

@test
def prune_removes_nothing_that_a_destination_does_not_have_unless_told_regardless():
    with far_end() as far, far_end(lambda request: 200 if all(int(event["sequence"]) <= 60 for event in request.events) else 503) as slow:
        d = Delivery("prune", fast=http(far), slow=http(slow, format="structured"))
        for n in range(3): d.grow(50, time=f"2025-0{n + 1}-01T10:00:00.000Z")
        d.grow(10)
        d.once()
        same({name: each["sequence"] for name, each in d.status()[1].items()}, {"fast": 160, "slow": 60}, "the positions")
        code, said, left = pruned(d, "--dry-run")
        check(code == 1 and "would go: 1 of 4 files, events 1 to 50" in said and "by slow.state" in said and "lines up to 60" in said and "--regardless" in said, (code, said))
        code, said, left = pruned(d)
        same((code, left[:2]), (1, [51, 101]), "what is left")
        code, said, left = pruned(d)
        same((code, left[:2]), (1, [51, 101]), "what is left")
        slow.behave = lambda request: 200
        d.once()
        os.rename(d.state + "/slow.state", d.state + "/kept")
        open(d.state + "/slow.state", "wb").write(b"garbage")
        code, said, left = pruned(d)
        check(code == 2 and "slow.state" in said and "nothing was removed" in said and left[0] == 51, (code, said))
        os.rename(d.state + "/kept", d.state + "/slow.state")
        code, said, left = pruned(d)
        same((code, left[0]), (0, 101), f"one file a run ({said})")
        check(set(slow.sequences()) >= set(range(1, 161)), "what came")

@test
def prune_takes_no_heed_of_other_cas_and_none_if_regardless():
    with far_end() as far:
        d = Delivery("pruneother", hub=http(far))
        d.grow(60, time="2025-01-01T10:00:00.000Z")
        d.once()
        d.grow(60, time="2025-02-01T10:00:00.000Z")
        d.grow(40)
        code, said, left = pruned(d, "--regardless", "--dry-run")
        check(code == 0 and "would go: 1 of 4 files" in said, (code, said))
        same(pruned(d, "--regardless")[::2][1][0], 51, "what is left")
        code, said, left = pruned(d)
        same((code, left[0]), (1, 51), f"what is left ({said})")
        other = Delivery("pruneother2", hub=http(far))
        other.grow(160, source="/adcs/ca/Other", time="2025-01-01T10:00:00.000Z")
        other.state = d.state
        code, said, left = pruned(other)
        same((code, left[0]), (0, 151), f"what is left ({said})")
        code, said = run("build/native/src/cli/certwitness", "prune", "--older-than", "30d", "--now", "2026-11-22T00:00:00Z", "--stopped", "--delivery", d.folder + "/nowhere", d.journal)
        check(code == 2 and "nothing was removed" in said, (code, said))

@test
def what_root_sets_and_seeks_in_the_folder_of_another_account_that_account_can_use():
    """Before its first state, too. As another account than root tests/delivery/owner_test.c alone."""
    if os.geteuid(): raise Skip("it takes root to work in the folder of another account")
    if subprocess.run(["test", "-x", "build/tmp"], user=12345, group=12346, extra_groups=[]).returncode: raise Skip("that account cannot reach build/tmp")
    with far_end(lambda request: 200 if request.headers["Authorization"] == "Bearer s3cret" else 401) as far:
        d = Delivery("owner", hub=http(far, auth="bearer"))
        d.grow(20)
        os.mkdir(d.state, 0o700)
        os.chown(d.state, 12345, 12346)
        with open(d.state + "/notes.txt", "w"): pass
        same(d.command("secret", "set", "hub", data=b"s3cret\n")[0], 0, "the exit code of secret set")
        same(d.command("seek", "hub", "11")[0], 0, "the exit code of seek")
        owners = {name: (os.stat(f"{d.state}/{name}").st_uid, os.stat(f"{d.state}/{name}").st_gid) for name in os.listdir(d.state)}
        same(owners, {"notes.txt": (0, 0), **dict.fromkeys(("lock", "hub.state", "hub.secret"), (12345, 12346))}, "the owners")
        ran = subprocess.run([*d.program, "run", "--once", "--config", d.config], user=12345, group=12346, extra_groups=[], capture_output=True, text=True, timeout=120)
        same((ran.returncode, far.sequences()), (0, list(range(11, 21))), f"what came ({ran.stderr})")

@test
def prune_without_a_word_of_the_state_looks_where_the_configuration_of_this_machine_keeps_it():
    """In a space of mounts of its own, where /etc has that configuration; a system that lets nobody make one runs tests/delivery/state_path_test.c alone."""
    if run("unshare", "-rm", "true")[0]: raise Skip("no space of mounts can be made here")
    with far_end() as far:
        d = Delivery("prunetold", hub=http(far))
        d.grow(60, time="2025-01-01T10:00:00.000Z")
        d.once()
        d.grow(60, time="2025-02-01T10:00:00.000Z")
        d.grow(40)
        os.makedirs(d.folder + "/etc")
        def plain(text):
            with open(d.folder + "/etc/certwitness-delivery.conf", "w") as out: out.write(text)
            words = shlex.join([os.path.abspath("build/native/src/cli/certwitness"), "prune", "--older-than", "30d", "--now", "2026-11-22T00:00:00Z", "--stopped", "--dry-run", d.journal])
            return run("unshare", "-rm", "sh", "-c", f"mount --bind {shlex.quote(d.folder)}/etc /etc && {words}")
        code, said = plain("[to hub]\npath = /nowhere\n")
        check(code == 0 and "would go" in said and "delivery has" not in said, (code, said))
        before = d.status()[1]["hub"]["sequence"]
        code, said = plain(f"[state] # of ours\npath = {d.state}\n")
        check(f"by hub.state in {d.state} a destination" in said and f"lines up to {before}" in said and code == 1, (code, said))
        code, said = plain(f"[state]\npath = {d.folder}/nowhere\n")
        check(code == 2 and "/nowhere" in said and "nothing was removed" in said, (code, said))

@test
def damage_in_the_journal_is_told_to_the_far_end_and_what_follows_is_delivered():
    with far_end() as far:
        d = Delivery("damage", hub=http(far))
        d.grow(20)
        d.damage(10)
        d.once()
        told = [event["data"] for event in far.taken if event["type"] == "certwitness.delivery.fault"]
        same([(fault["fault"], fault["sequence"]) for fault in told], [("changed", 10)], "what was told")
        same(far.sequences(), [*range(1, 10), *range(11, 21)], "what came")

@test
def a_last_line_that_is_damaged_or_gone_though_the_head_names_it_is_told_once_with_its_place():
    path = chains.name(1)
    for fault in "changed", "missing":
        with far_end() as far:
            d = Delivery("damagelast", hub=http(far))
            d.grow(19)
            d.once()
            d.grow(1)
            if fault == "changed": d.damage(20)
            else: open(f"{d.journal}/{path}", "wb").write(b"".join(d.lines[:19]))
            code, out, err = d.once()
            check(f"{path}, line 20 (byte {sum(map(len, d.lines[:19]))}): event 20 " in err and f"certwitness verify {d.journal}" in err, err)
            want = [(fault, path, 20, 20)]
            def told(): return [(each["fault"], each["file"], each["line"], each["sequence"]) for each in told_of(far, "fault")]
            same((told(), far.sequences()), (want, list(range(1, 20))), "what was told, and came")
            d.once()
            same(told(), want, "how often it was told")
            d.grow(5)
            d.once()
            same((told(), far.sequences()[19:]), (want, list(range(21, 26))), "what came behind it")

@test
def damage_in_the_first_line_is_told_with_the_name_of_the_ca():
    for number in 1, 2:
        with far_end() as far:
            d = Delivery("damagefirst", hub=http(far))
            d.grow(9)
            d.damage(number)
            d.once()
            same([event["source"] for event in far.taken if event["type"] == "certwitness.delivery.fault"], ["/certwitness-delivery/CA"], f"line {number}: who tells")

@test
def damage_behind_which_no_line_follows_is_told_once_however_often_the_delivery_is_started():
    for kind in "http", "syslog":
        with (far_end() if kind == "http" else syslog_end()) as far:
            d = Delivery("damageend", hub=http(far) if kind == "http" else f"kind = syslog\nserver = {far.server}\nallowPlain = yes\nstartAt = oldest\n")
            def faults(): return len(told_of(far, "fault")) if kind == "http" else sum(b'"type":"certwitness.delivery.fault"' in message for message in far.taken)
            d.grow(20)
            with open(f"{d.journal}/{chains.name(30)}", "wb") as out: out.write(b"this is no line\n")
            for _ in range(3 if kind == "http" else 2): d.once()
            same(faults(), 1, f"{kind}: how often it was told")
            if kind == "syslog": continue               # whose lines take a minute to arrive
            more = chains.chain(30, 20, "1" * 64)
            with open(f"{d.journal}/{chains.name(30)}", "wb") as out: out.writelines([*more[:5], b"this is no line\n", *more[5:]])
            with open(d.journal + "/head", "wb") as out: out.write(chains.head_file(49, chains.hash_of(more[-1])))
            for _ in range(2): d.once()
            same((far.sequences(), faults()), ([*range(1, 21), *range(30, 50)], 2), f"what came, and how much damage was told: {told_of(far, 'fault')}")
            same(d.command("seek", "hub", "1")[0], 0, "seek")
            d.once()
            same(faults(), 4, "how often it was told after seek")

@test
def states_of_earlier_versions_are_read():
    for version, more in ((b"1", []), (b"2", [b"0", b"0"])):
        with far_end() as far:
            d = Delivery("earlierversion", hub=http(far))
            d.grow(10)
            d.once()
            data = open(d.state + "/hub.state", "rb").read()
            newer = max((data[at:at + 4096] for at in (0, 4096) if data[at:at + 4096].strip()), key=lambda record: int(record.split()[2]))
            words = newer.split()
            same((words[1], len(words)), (b"3", 16), "the version, and the fields")
            text = b" ".join([words[0], version, *words[2:11], *more, words[14]]) + b" "
            open(d.state + "/hub.state", "wb").write((text + hashlib.sha256(text).hexdigest().encode() + b"\n").ljust(4096))
            same(d.status()[1]["hub"]["sequence"], 10, "status")
            d.grow(5)
            same(d.once()[0], 0, "the exit code")
            same(far.sequences(), list(range(1, 16)), "what came")

run_tests()
