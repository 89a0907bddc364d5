#!/usr/bin/python3
"""certwitness-delivery between a journal and far ends that misbehave: every line, in order, at least once, whatever happens on the way."""
import sys; sys.path[0] += "/../lib"
import json, os, random, signal, time

import chains
from commands import run
from deliveries import Delivery, end, until
from far_end import DROP, HANG, LOST, far_end
from tap import check, run as run_tests, same, test

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
        same(far.requests[-1].headers["Content-Type"], "application/cloudevents-batch+json; charset=UTF-8", "the type")

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
        for i in range(KILLS):
            process = d.start()
            for _ in range(luck.randrange(1, 6)):
                d.grow(luck.randrange(1, 30))
                time.sleep(luck.random() * 0.1)
            if i % 4 == 3:                          # the far end goes away as well
                far.stop()
                time.sleep(luck.random() * 0.1)
                far.start()
            process.send_signal(signal.SIGKILL)
            process.wait()
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

@test
def a_program_gets_each_line_on_its_standard_input():
    d = Delivery("program")
    d.configure(script=program(d.folder, f'cat >>{d.folder}/got\n'))
    d.grow(150)
    same(d.once()[0], 0, "the exit code")
    same(open(d.folder + "/got", "rb").read(), b"".join(d.lines), "what it got")

@test
def a_program_that_fails_gets_the_same_lines_again_and_its_words_are_noted():
    d = Delivery("failing")
    d.configure(script=program(d.folder, f'test -e {d.folder}/ok || {{ touch {d.folder}/ok; echo "the disk is full" >&2; exit 3; }}; cat >>{d.folder}/got\n'))
    d.grow(7)
    code, out, err = d.once()
    same(code, 0, "the exit code")
    check("ended with exit code 3: the disk is full" in err, err)
    same(open(d.folder + "/got", "rb").read(), b"".join(d.lines), "what it got")

@test
def a_program_that_does_not_end_is_ended_with_what_it_has_started():
    d = Delivery("slow")
    d.configure(script=program(d.folder, f'test -e {d.folder}/ok && exit 0; touch {d.folder}/ok; sleep 300 & echo $! >{d.folder}/child; sleep 300\n', timeout=1))
    d.grow(1)
    code, out, err = d.once()
    same(code, 0, "the exit code")
    check("did not end within 1 s" in err, err)
    child = int(open(d.folder + "/child").read())
    def gone():
        try: return open(f"/proc/{child}/stat").read().split()[2] == "Z"
        except OSError: return True
    check(until(gone, 5), "its child lives")

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

@test
def a_destination_with_onRefused_stop_stops_there():
    with far_end(lambda request: 400 if any(int(event["sequence"]) == 5 for event in request.events) else 200) as far:
        d = Delivery("stops", hub=http(far, onRefused="stop"))
        d.grow(10)
        code, out, err = d.once()
        same((code, far.sequences()), (1, [1, 2, 3, 4]), "what came")
        check("line 5 was refused" in err, err)
        same(d.status()[1]["hub"]["state"], "halted", "status")

@test
def destinations_that_hang_refuse_or_are_away_delay_no_other():
    with far_end() as far, far_end(lambda request: HANG) as hangs, far_end(lambda request: 401) as refuses, far_end() as away:
        away.stop()
        d = Delivery("others", good=http(far), hangs=http(hangs), refuses=http(refuses), away=http(away))
        d.grow(300)
        process = d.start()
        check(until(lambda: len(far.sequences()) == 300, 30), "the good one waits")
        delivered(d, far)
        check(until(lambda: d.status()[1]["refuses"].get("failures", 0) > 0, 10), "status")
        code, status = d.status()
        same(code, 1, "the exit code of status")
        same(status["good"]["state"], "delivers", "the good one")
        check("answered 401; look at auth and secret" in status["refuses"]["lastError"], status)
        begun = time.monotonic()
        end(process)
        check(time.monotonic() - begun < 10, "a destination that hangs keeps the program from ending")
        away.start()

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
        check(code == 2 and "a delivery runs" in err, (code, err))
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

@test
def damage_in_the_journal_is_told_to_the_far_end_and_what_follows_is_delivered():
    with far_end() as far:
        d = Delivery("damage", hub=http(far))
        d.grow(20)
        path = f"{d.journal}/{chains.name(1)}"
        data = open(path, "rb").read().replace(d.lines[9], d.lines[9].replace(b'"event":1', b'"event":7'))
        open(path, "wb").write(data)
        d.once()
        told = [event["data"] for event in far.taken if event["type"] == "certwitness.delivery.fault"]
        same([(fault["fault"], fault["sequence"]) for fault in told], [("changed", 10)], "what was told")
        same(far.sequences(), [*range(1, 10), *range(11, 21)], "what came")

run_tests()
