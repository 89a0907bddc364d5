#!/usr/bin/python3
"""certwitness-delivery's syslog over TCP and TLS, where nothing is acknowledged: the lines of the last minute go again after a break, and none is lost."""
import sys; sys.path[0] += "/../lib"
import concurrent.futures, json, os, random, time

from deliveries import Delivery, end, until
from relp_end import DROP, FLOOD_BEHIND, HANG, LOST, syslog_end
from rfc5424 import Message
from streams import refuses_wrong_certificates, sequences, shows_its_certificate, stream
from tap import check, run as run_tests, same, test
from tls import FOLDER, context

KILLS = int(os.environ.get("CERTWITNESS_KILLS", 20))

def syslog(far, **more): return stream("syslog", far, **more)

def whole(d, far):
    return set(sequences(far)) == set(range(1, len(d.lines) + 1))

def in_order(far):
    firsts = list(dict.fromkeys(sequences(far)))
    return same(firsts, sorted(firsts), "the order in which lines came for the first time")

def until_all(d, far, seconds=60):
    check(until(lambda: whole(d, far), seconds), f"of {len(d.lines)} lines there are {len(set(sequences(far)))}")

@test
def every_line_arrives_in_order_as_it_stands_in_the_journal():
    for tls in None, context("right"):
        with syslog_end(tls=tls) as far:
            d = Delivery("syslog", hub=syslog(far, **({"ca": f"{FOLDER}/root.pem"} if tls else {})))
            d.grow(230)
            process = d.start()
            until_all(d, far)
            d.grow(20)
            until_all(d, far)
            same(end(process), 0, "the exit code")
            same([Message(message).text + b"\n" for message in far.taken], d.lines, "what came")
            same(d.status()[1]["hub"]["sequence"], 0, "the position, since nothing counts as arrived yet")

@test
def what_the_far_end_had_in_memory_when_it_died_comes_again():
    with syslog_end() as far:
        d = Delivery("syslog-memory", hub=syslog(far))
        d.grow(100)
        process = d.start()
        until_all(d, far)
        far.crash(40)                                   # they were read, and are on no disk
        d.grow(1)
        until_all(d, far)
        in_order(far)
        same(end(process), 0, "the exit code")

@test
def a_connection_that_breaks_while_nothing_is_sent_is_noticed():
    with syslog_end() as far:
        d = Delivery("syslog-idle", hub=syslog(far))
        d.grow(10)
        process = d.start()
        until_all(d, far)
        far.stop()
        far.taken.clear()
        far.start()
        until_all(d, far)                               # no line came to find it by
        check("it has closed the connection" in open(d.folder + "/said").read(), open(d.folder + "/said").read())
        same(end(process), 0, "the exit code")

@test
def nothing_is_lost_or_out_of_order_when_both_sides_are_killed_and_the_far_end_forgets():
    luck, forgotten = random.Random(3), []
    def forget(i):
        if i % 3 != 2: return
        forgotten.append(luck.randrange(80))
        far.crash(forgotten[-1])
        time.sleep(luck.random() * 0.2)
    with syslog_end(lambda message: 200 if luck.random() > 0.003 else luck.choice([DROP, LOST])) as far:
        d = Delivery("syslog-kills", hub=syslog(far))
        d.grow(50)
        d.kill(KILLS, luck, forget)
        far.behave = lambda message: 200
        process = d.start()
        until_all(d, far, 120)
        in_order(far)
        same(end(process), 0, "the exit code")
        print(f"# {len(d.lines)} lines, {KILLS} kills, {sum(forgotten)} lines forgotten, {len(far.taken) - len(d.lines)} twice")

def once_for_a_minute():
    with syslog_end() as far:
        d = Delivery("syslog-once", hub=syslog(far))
        d.grow(150)
        begun = time.monotonic()
        code, out, err = d.once()
        took = time.monotonic() - begun
        same(code, 0, f"the exit code ({err})")
        check(took > 60, f"it ended after {took:.1f} s")
        same(d.status()[1]["hub"]["sequence"], 150, "the position")
        same(d.once()[0], 0, "the exit code")
        same(sequences(far), list(range(1, 151)), "what came")

def killed_after_a_minute():
    """Lines older than a minute do not come again, younger ones do."""
    with syslog_end() as far:
        d = Delivery("syslog-minute", hub=syslog(far))
        d.grow(30)
        process = d.start()
        until_all(d, far)
        time.sleep(45)
        d.grow(10)
        until_all(d, far)
        check(until(lambda: d.status()[1]["hub"]["sequence"] == 30), d.status())
        process.kill()
        process.wait()
        process = d.start()
        check(until(lambda: len(far.taken) >= 50), len(far.taken))
        time.sleep(0.5)
        same(sequences(far), [*range(1, 41), *range(31, 41)], "what came")
        same(end(process), 0, "the exit code")

def flaps():
    """A far end that closes behind each batch gets it again, more and more rarely, and `run --once` gives up."""
    with syslog_end(lambda message: LOST if b'sequence="20"' in message else 200) as far:
        d = Delivery("syslog-flaps", hub=syslog(far))
        d.grow(20)
        code, out, err = d.once()
        same((code, sequences(far)), (1, list(range(1, 21)) * 5), "what came")
        same(d.status()[1]["hub"]["sequence"], 0, "the position")

def breaks_once():
    """A far end that breaks each connection after it stood for a while: `run --once` gives up, too."""
    with syslog_end() as far:
        d = Delivery("syslog-breaks-once", hub=syslog(far))
        d.grow(20)
        process = d.start("--once")
        for times in range(1, 6):
            check(until(lambda: sequences(far) == list(range(1, 21)) * times), f"the lines do not come for the {times}. time")
            time.sleep(6)                               # longer than a connection needs to be taken for one that works
            far.end_connections(True)
        check(until(lambda: process.poll() is not None), "it goes on for ever")
        same((end(process), d.status()[1]["hub"]["sequence"]), (1, 0), "the exit code and the position")

def ends_sooner(breaks):
    """Two connections, of 40 and 25 seconds, and a far end that has forgotten what came over them if they broke."""
    with syslog_end() as far:
        d = Delivery(f"syslog-{'breaks' if breaks else 'closes'}", hub=syslog(far))
        d.grow(20)
        process = d.start()
        for seconds in 40, 25:
            until_all(d, far)
            time.sleep(seconds)
            if seconds == 40:
                far.taken.clear()
                far.end_connections(breaks)
        same(d.status()[1]["hub"]["sequence"], 0 if breaks else 20, f"breaks: {breaks}: the position")
        far.taken.clear()
        far.end_connections(breaks)
        time.sleep(0.5)                                 # noticed by then
        d.grow(1)
        check(until(lambda: 21 in sequences(far)), "the line behind them has not come")
        same(sequences(far), list(range(1 if breaks else 21, 22)), f"breaks: {breaks}: what came over the third connection")
        same(end(process), 0, "the exit code")

@test
def after_a_minute_lines_count_as_arrived_and_come_no_more():
    each = once_for_a_minute, killed_after_a_minute, flaps, breaks_once, lambda: ends_sooner(True), lambda: ends_sooner(False)
    with concurrent.futures.ThreadPoolExecutor(len(each)) as threads:
        for done in [threads.submit(one) for one in each]: done.result()

@test
def lines_that_the_filter_leaves_out_move_the_position_at_once():
    with syslog_end() as far:
        d = Delivery("syslog-filter", hub=syslog(far, types="denied"))
        d.grow(300)
        same(d.once()[0], 0, "the exit code")
        same((d.status()[1]["hub"]["sequence"], far.taken), (300, []), "the position, and what came")

@test
def lines_of_a_mebibyte_and_hostile_names_arrive_exactly():
    with syslog_end() as far:
        d = Delivery("syslog-hostile", hub=syslog(far))
        for name in ['"] [evil@1 x="', "a\r\n77 <0>1 - - - - - - x", "\x1b[2J", "\\", "ÄÖ€😀", "\u0000", "]"]:
            d.grow(1, data=json.dumps({"event": 1, "request": {"RequesterName": name}}))
        d.grow(3, data='{"event":1,"request":{"RequestAttributes":"' + "\\u00fc\u00fc\u6f22" * 92000 + '"}}')
        process = d.start()
        until_all(d, far)
        same(end(process), 0, "the exit code")
        same({tuple(Message(message).data) for message in far.taken}, {("certwitness@32473",)}, "structured data")

@test
def a_far_end_that_reads_no_more_is_left_after_the_timeout():
    hangs = [True]
    with syslog_end(lambda message: HANG if hangs[0] else 200) as far:
        d = Delivery("syslog-hangs", hub=syslog(far, timeout=2))
        d.grow(12, data='{"event":1,"request":{"RequestAttributes":"' + "x" * 900000 + '"}}')
        process = d.start()
        check(until(lambda: "it takes nothing more" in open(d.folder + "/said").read()), open(d.folder + "/said").read())
        hangs[0] = False
        until_all(d, far)
        same(end(process), 0, "the exit code")

@test
def a_far_end_that_talks_without_end_is_left():
    first = iter([200] * 4 + [FLOOD_BEHIND])
    with syslog_end(lambda message: next(first, 200)) as far:
        d = Delivery("syslog-floods", hub=syslog(far))
        d.grow(5)
        process = d.start()
        check(until(lambda: "it talks without end" in open(d.folder + "/said").read()), open(d.folder + "/said").read())
        d.grow(5)
        until_all(d, far)
        same(end(process), 0, "the exit code")

@test
def check_says_that_nothing_is_acknowledged_and_test_that_it_was_sent():
    with syslog_end() as far:
        d = Delivery("syslog-check", hub=syslog(far))
        d.grow(2)
        code, out, err = d.command("check")
        check(code == 0 and "nothing acknowledges what is sent" in out and 'maxMessageSize="2m"' in out, (code, out, err))
        same(far.sessions, 0, "connections")
        same(d.command("test", "hub")[:2], (0, "hub was sent line 2\n"), "test")

def tried(name, ca="root", clients=None, **more):
    """Exit code of test, what it said, and how many messages came."""
    with syslog_end(tls=context(name, clients)) as far:
        d = Delivery("syslog-tls", hub=syslog(far, **({"ca": f"{FOLDER}/{ca}.pem"} if ca else {}), timeout=10, **more))
        d.grow(1)
        code, out, err = d.command("test", "hub")
        until(lambda: far.taken, 1)
        return code, err, len(far.taken)

@test
def an_unknown_root_a_wrong_name_and_an_expired_certificate_get_nothing_and_are_named():
    refuses_wrong_certificates(tried)

@test
def a_client_certificate_is_shown_where_the_far_end_asks_for_one():
    shows_its_certificate(tried)

run_tests()
