#!/usr/bin/python3
"""certwitness-delivery's RELP, against far ends that misbehave at each place of the protocol: every line, in order, twice only where an answer was lost."""
import sys; sys.path[0] += "/../lib"
import concurrent.futures, csv, json, os, random, socket, time

import chains
from deliveries import Delivery, comes_and_goes, end, until
from proxy import proxy
from relp_end import DRIP, DROP, FLOOD, FLOOD_BEHIND, GARBAGE, HALF, HANG, HINT, LATER, LONG, LOST, OFFERS, SERVERCLOSE, SILENT, WRONG, frame, relp_end
from rfc5424 import Message
from streams import refuses_wrong_certificates, sequences, shows_its_certificate, stream
from tap import check, run as run_tests, same, test
from tls import FOLDER, context

KILLS = int(os.environ.get("CERTWITNESS_KILLS", 20))

def relp(far, **more): return stream("relp", far, **more)

@test
def every_line_arrives_once_and_in_order_as_it_stands_in_the_journal():
    with relp_end() as far:
        d = Delivery("relp", hub=relp(far))
        d.grow(230)
        code, out, err = d.once()
        same(code, 0, f"the exit code ({err})")
        same([Message(message).text + b"\n" for message in far.taken], d.lines, "what came")
        same((far.sessions, far.closes), (1, 1), "sessions, and those that were closed as they should be")

def ordered(d, far, doubles=0):
    """Everything came, in its order; no more than so many lines twice."""
    came = sequences(far)
    firsts = list(dict.fromkeys(came))
    same(firsts, list(range(1, len(d.lines) + 1)), "lines, in the order in which they came for the first time")
    check(len(came) - len(firsts) <= doubles, f"{len(came) - len(firsts)} lines came twice, at most {doubles} may")

def nth(*answers, then=200):
    """Answers, each a pair of the message's number and of what becomes of it."""
    count, what = [0], dict(answers)
    def behave(message):
        count[0] += 1
        return what.get(count[0], then)
    return behave

@test
def wherever_the_connection_breaks_lines_come_twice_only_where_an_answer_was_lost():
    def broken(answer):
        with relp_end(nth((1, answer), (41, answer), (140, answer), (230, answer))) as far:
            d = Delivery(f"relp-breaks-{ANSWERS.index(answer)}", hub=relp(far))
            d.grow(230)
            code, out, err = d.once()
            same(code, 0, f"{answer}: the exit code ({err})")
            ordered(d, far, 230 * 4 if answer == WRONG else 4 if answer in (LOST, HALF) else 0)  # behind a wrong answer none is heard, and the far end reads on
    ANSWERS = DROP, LOST, HALF, WRONG, GARBAGE, LONG, SERVERCLOSE, DRIP, HINT, LATER
    with concurrent.futures.ThreadPoolExecutor(len(ANSWERS)) as threads: list(threads.map(broken, ANSWERS))

@test
def lines_that_were_acknowledged_before_their_turn_come_once_though_the_destination_is_opened_anew():
    tries = []
    def behave(message):
        if int(json.loads(Message(message).text)["sequence"]) != 1: return 200
        tries.append(message)
        return SILENT if len(tries) < 5 else 200
    with relp_end(behave) as far:
        d = Delivery("relp-ahead", hub=relp(far, timeout=1))
        d.grow(20)
        same(d.once()[0], 0, "the exit code")
        same((len(tries), far.sessions), (5, 5), "attempts with the first line, sessions")
        same(sorted(sequences(far)), list(range(1, 21)), "what came")

@test
def a_line_that_is_refused_is_parked_alone_and_nothing_comes_twice():
    for bad in {1, 17, 18, 130, 200}, {17, 18, 130, 199}: refused(bad)

def refused(bad):
    refuse = [True]
    def behave(message):
        return (500, b"no \"such\" message\xff\x1b[2J") if refuse[0] and int(json.loads(Message(message).text)["sequence"]) in bad else 200
    with relp_end(behave) as far:
        d = Delivery("relp-refused", hub=relp(far))
        d.grow(200)
        code, out, err = d.once()
        same(code, 1, "the exit code")
        same(sequences(far), sorted(set(range(1, 201)) - bad), "what came")
        code, out, err = d.command("parked", "hub")
        entries = [json.loads(line) for line in out.splitlines()]
        same([entry["sequence"] for entry in entries], sorted(bad), "what is parked")
        check(all('answered 500 no "such" message' in entry["reason"] for entry in entries), entries)
        refuse[0] = False
        same(d.command("retry", "hub")[:2], (0, f"hub has taken {len(bad)}, refused 0; 0 parked\n"), "retry")
        same(sorted(sequences(far)), list(range(1, 201)), "what came")

@test
def with_onRefused_stop_the_destination_halts_at_a_line_that_is_refused():
    with relp_end(lambda message: 500 if b'sequence="5"' in message else 200) as far:
        d = Delivery("relp-stops", hub=relp(far, onRefused="stop"))
        d.grow(10)
        code, out, err = d.once()
        check(code == 1 and "line 5 was refused" in err, err)
        same(d.status()[1]["hub"]["sequence"], 4, "the position")

@test
def answers_may_come_in_any_order():
    with relp_end(lambda message: LATER if int(json.loads(Message(message).text)["sequence"]) % 7 else 200) as far:
        d = Delivery("relp-later", hub=relp(far))
        d.grow(300)
        same(d.once()[0], 0, "the exit code")
        ordered(d, far)

@test
def a_line_is_parked_with_the_words_of_its_own_refusal_though_another_came_first():
    words = {3: (500, b"the third", LATER), 4: (500, b"the fourth")}
    with relp_end(lambda message: words.get(int(json.loads(Message(message).text)["sequence"]), 200)) as far:
        d = Delivery("relp-words", hub=relp(far))
        d.grow(10)
        same(d.once()[0], 1, "the exit code")
        parked = [json.loads(line) for line in d.command("parked", "hub")[1].splitlines()]
        same([(each["sequence"], each["reason"].split("answered ")[1]) for each in parked], [(3, "500 the third"), (4, "500 the fourth")], "what is parked")

def refused_all(name, behave, count, **more):
    """How often each line came, and the words with which it is parked."""
    came = []
    def keep(message):
        came.append(int(json.loads(Message(message).text)["sequence"]))
        return behave(came[-1], len(came))
    with relp_end(keep) as far:
        d = Delivery(name, hub=relp(far, **more))
        d.grow(count)
        same(d.once()[0], 1, "the exit code")
        return came, {each["sequence"]: each["reason"].split("answered ")[-1] for each in map(json.loads, d.command("parked", "hub")[1].splitlines())}

@test
def a_far_end_that_refuses_every_line_gets_each_once_and_each_is_parked_with_its_own_words():
    def spelled(line): return "".join("abcdefghij"[int(digit)] for digit in str(line))      # equal answers but for numbers would end the parking
    came, parked = refused_all("relp-all", lambda line, turn: (500, b"no line " + spelled(line).encode()), 1200)
    same(came, list(range(1, 1201)), "what came")
    same(parked, {line: f"500 no line {spelled(line)}" for line in range(1, 1201)}, "what is parked")

@test
def refusals_out_of_turn_are_kept_when_the_connection_breaks_and_when_the_first_line_has_no_answer():
    came, parked = refused_all("relp-kept", lambda line, turn: DROP if turn in (40, 90) else 200 if line % 10 == 0 else (500, b"no %d" % (line // 3), LATER) if line % 2 else (500, b"no %d" % (line // 3)), 150)
    same((sorted(set(came)), len(came) <= 150 + 2 * 2), (list(range(1, 151)), True), f"what came ({came})")
    same(parked, {line: f"500 no {line // 3}" for line in range(1, 151) if line % 10}, "what is parked")
    tries = []
    def silent_first(line, turn):
        if line > 1: return 500, b"x" * 190 + b"%d" % line
        tries.append(line)
        return SILENT if len(tries) < 3 else 200
    came, parked = refused_all("relp-silent", silent_first, 30, timeout=1)
    same((came, sorted(parked)), ([*range(1, 31), 1, 1], list(range(2, 31))), "what came, and what is parked")

@test
def nothing_is_lost_or_out_of_order_when_both_sides_are_killed_and_the_far_end_misbehaves():
    luck, kinds, lost = random.Random(2), [DROP, LOST, HALF, WRONG, GARBAGE, LONG, SERVERCLOSE, DRIP, LATER, HINT], []
    def behave(message):
        if luck.random() > 0.01: return 200
        lost.append(luck.choice(kinds))
        return lost[-1]
    with relp_end(behave) as far:
        d = Delivery("relp-kills", hub=relp(far))
        d.grow(50)
        d.kill(KILLS, luck, comes_and_goes(far, luck))
        process = d.start()
        for _ in range(10):
            d.grow(luck.randrange(1, 10))
            check(until(lambda: len(far.taken) and set(sequences(far)) == set(range(1, len(d.lines) + 1)), 120), "lines are missing")
        same(end(process), 0, "the exit code")
        ordered(d, far, len(d.lines) * (KILLS + KILLS // 4 + len(lost)))
        print(f"# {len(d.lines)} lines, {KILLS} kills, {len(lost)} times it misbehaved, {len(far.taken) - len(d.lines)} lines twice")

@test
def a_far_end_that_went_away_between_two_batches_is_found_before_anything_is_sent():
    with relp_end() as far:
        d = Delivery("relp-away", hub=relp(far))
        d.grow(10)
        process = d.start()
        check(until(lambda: len(far.taken) == 10), "the first lines")
        for how in range(2):
            far.stop()
            far.start()
            d.grow(5)
            check(until(lambda: len(far.taken) == 15 + 5 * how), "the lines after it came back")
        same(end(process), 0, "the exit code")
        same(sequences(far), list(range(1, 21)), "what came")
        check("[to hub] 127" not in open(d.folder + "/said").read(), open(d.folder + "/said").read())

def left_in_time(name, how):
    with relp_end(nth((5, how))) as far:
        d = Delivery(name, hub=relp(far, timeout=3))
        d.grow(9)
        code, out, err = d.once()
        check(code == 0 and "it did not answer in time" in err, (code, err))
        ordered(d, far)
    with relp_end(lambda message: how) as far:
        d = Delivery(name, hub=relp(far, timeout=600))
        d.grow(1)
        process = d.start()
        check(until(lambda: far.sessions), "no session")
        time.sleep(0.3)
        same(end(process), 0, "the exit code")          # which comes in a minute

@test
def a_far_end_that_hangs_is_left_after_the_timeout_and_at_once_when_the_delivery_ends():
    left_in_time("relp-hangs", HANG)

@test
def a_far_end_that_talks_without_end_is_left_after_the_timeout_and_when_the_delivery_ends():
    left_in_time("relp-floods", FLOOD)

@test
def a_far_end_that_talks_without_end_between_two_batches_gets_the_next_one_in_another_session():
    with relp_end(nth((5, FLOOD_BEHIND))) as far:
        d = Delivery("relp-floods-between", hub=relp(far))
        d.grow(5)
        process = d.start()
        check(until(lambda: len(far.taken) == 5), "the first lines")
        d.grow(5)
        check(until(lambda: len(far.taken) == 10), "the next lines")
        same(end(process), 0, "the exit code")
        ordered(d, far)

@test
def a_far_end_that_is_none_of_RELP_is_named_and_gets_no_line():
    openings = {b"200 OK\nrelp_software=x": "it speaks no version of RELP that we do", b"500 not you": "it refuses to open a RELP session",
                b"200 OK\nrelp_version=0\ncommands=eventlog,xsyslog": "it does not take the RELP command syslog", b"": "it refuses to open",
                b"220 mail.example ESMTP\r\n": "it does not answer as RELP does; look at the server's port", b"2 rsp 6 200 OK\n": "it does not answer as RELP does",
                b"1 rsp 99999 200 OK\n": "it does not answer as RELP does", b"12345678901 rsp 6 200 OK\n": "it does not answer as RELP does",
                b"1 rsp 6 200 OKx\n": "it does not answer as RELP does", b"1 rsp 600 200 OK\n": "it did not answer in time", None: "it has closed the connection"}
    for opening, said in openings.items():
        with relp_end(opening=opening) as far:
            d = Delivery("relp-none", hub=relp(far, timeout=5))
            d.grow(1)
            code, out, err = d.command("test", "hub")
            check(code == 1 and said in err, (opening, code, err))
            same(far.taken, [], f"what {opening} got")

@test
def lines_of_a_mebibyte_and_hostile_names_arrive_exactly():
    HOSTILE = ['"] [evil@1 x="', "a\r\n<0>1 - - - - - - x", "\u202eexe", "\x1b[2J", "\\", "\\\"]", "ÄÖ€😀", "\u0000", "]", "\x85\u2028\ufeff", "x" * 5000, "é" * 3000, " ", "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace")]
    with relp_end() as far:
        d = Delivery("relp-hostile", hub=relp(far))
        for name in HOSTILE: d.grow(1, data=json.dumps({"event": 1, "request": {"RequestID": -7, "RequesterName": name, "Request.DistinguishedName": name}}))
        d.grow(3, data='{"event":1,"request":{"RequestAttributes":"' + "\\u00fc\u00fc\u6f22" * 92000 + '"}}')
        same(d.once()[0], 0, "the exit code")
        same(sequences(far), list(range(1, len(d.lines) + 1)), "what came")
        for name, message in zip(HOSTILE, map(Message, far.taken)):
            same(list(message.data), ["certwitness@32473"], "structured data")
            params = message.data["certwitness@32473"]
            shown = "".join(c if c.isprintable() or c == " " else "\ufffd" for c in name)
            if len(name) > 1000: check(params["request.RequesterName"][:-1] == name[:len(params["request.RequesterName"]) - 1] and params["request.RequesterName"][-1] == "…", params)
            else: same(params["request.RequesterName"], shown, "the requester")
            same((params["request.RequestID"], params["request.DistinguishedName"]), ("-7", params["request.RequesterName"]), "the request")

@test
def a_message_has_the_parts_that_the_manual_says():
    kinds = {"certificate.issued": 6, "certificate.retrieved": 6, "crl.issued": 6, "ca.started": 6, "module.started": 6, "certificate.pending": 5, "certificate.denied": 5, "certificate.revoked": 5,
             "certificate.unrevoked": 5, "certificate.imported": 5, "ca.stopping": 5, "module.stopped": 5, "journal.pruned": 5, "journal.recovered": 4, "event.unknown": 4, "journal.gap": 3, "journal.broken": 3}
    with relp_end() as far:
        d = Delivery("relp-parts", hub=relp(far))
        for kind in kinds: d.grow(1, type=kind, source="/adcs/ca01.corp.ex%C3%A4mple/CA", time="2026-11-21T10:00:00.120Z", data='{"event":1,"certificate":{"NotAfter":"2027-11-21T10:00:00Z","UPN":null}}')
        d.grow(1, source="/adcs/" + "m" * 300 + "/CA", subject="")
        d.once()
        messages = [Message(message) for message in far.taken]
        same({message.id: message.severity for message in messages[:-1]}, kinds, "severities")
        same({(m.facility, m.host, m.app, m.process, m.time.isoformat()) for m in messages[:-1]}, {(13, "ca01.corp.ex%C3%A4mple", "certwitness", "-", "2026-11-21T10:00:00.120000+00:00")}, "the header")
        same(messages[0].data["certwitness@32473"], {"sequence": "1", "hash": chains.hash_of(d.lines[0]), "source": "/adcs/ca01.corp.ex%C3%A4mple/CA", "subject": "request/1",
                                                     "certificate.NotAfter": "2027-11-21T10:00:00Z"}, "the structured data")
        same(messages[-1].host, "-", "a machine's name that is too long")

@test
def the_names_in_the_structured_data_are_those_of_the_integrations():
    with open("src/packaging/integrations/fields.csv", newline="") as file: names = [row["journal"] for row in csv.DictReader(file)]
    known = {name.removeprefix("data.").replace(".Request.", "."): name for name in names}
    value = lambda name: 7 if name.endswith(("RequestID", "Disposition", "StatusCode", "Reason")) else f"of {name}"
    data = {"event": 1, "request": {}, "certificate": {}}
    for name in names:
        part, _, rest = name.removeprefix("data.").partition(".")
        if name.startswith("data.") and rest: data[part][rest] = value(name)
    with relp_end() as far:
        d = Delivery("relp-names", hub=relp(far))
        d.grow(1, data=json.dumps(data))
        same(d.once()[0], 0, "the exit code")
        params = Message(far.taken[0]).data["certwitness@32473"]
        for name, got in params.items():
            if check(name in known, f"{name} is not in fields.csv") and known[name].startswith("data."): same(got, str(value(known[name])), name)
        same(len(params), 19, "how many there are")

@test
def events_of_the_delivery_itself_arrive_too():
    with relp_end() as far:
        d = Delivery("relp-own", hub=relp(far))
        d.grow(60)
        d.damage(10)
        d.once()
        own = [Message(message) for message in far.taken if b"delivery.fault" in message]
        same([(m.severity, m.host, m.id, json.loads(m.text)["data"]["sequence"]) for m in own], [(3, socket.gethostname(), "delivery.fault", 10)], "what was told")
        same(len(far.taken), 60, "how many came")

@test
def the_filter_chooses_and_test_shows_a_message():
    with relp_end() as far:
        d = Delivery("relp-filter", hub=relp(far, types="denied"))
        for n in range(20): d.grow(1, type="certificate.denied" if n % 3 == 0 else "certificate.issued")
        same(d.once()[0], 0, "the exit code")
        same(sequences(far), [n + 1 for n in range(20) if n % 3 == 0], "what came")
        code, out, err = d.command("test", "hub", "--event", "4", "--dry-run")
        same(out.encode(), far.taken[1] + b"\n", "--dry-run")

# --- TLS ---

def tried(name, ca="root", clients=None, **more):
    """Exit code of test, what it said, and how many messages came."""
    with relp_end(tls=context(name, clients)) as far:
        d = Delivery("relp-tls", hub=relp(far, **({"ca": f"{FOLDER}/{ca}.pem"} if ca else {}), timeout=10, **more))
        d.grow(1)
        code, out, err = d.command("test", "hub")
        return code, err, len(far.taken)

@test
def a_far_end_whose_certificate_is_right_gets_the_lines():
    with relp_end(nth((150, DROP)), tls=context("right")) as far:
        d = Delivery("relp-tls", hub=relp(far, ca=f"{FOLDER}/root.pem"))
        d.grow(400)
        code, out, err = d.once()
        same(code, 0, f"the exit code ({err})")
        ordered(d, far)

@test
def an_unknown_root_a_wrong_name_and_an_expired_certificate_get_nothing_and_are_named():
    refuses_wrong_certificates(tried)

@test
def a_client_certificate_is_shown_where_the_far_end_asks_for_one():
    shows_its_certificate(tried)

@test
def a_far_end_without_TLS_gets_nothing_where_TLS_is_asked_for():
    with relp_end() as far:
        d = Delivery("relp-plain", hub=f"kind = relp\nserver = {far.server}\nstartAt = oldest\ntimeout = 5\n")
        d.grow(1)
        code, out, err = d.command("test", "hub")
        same((code, far.taken), (1, []), "what came")

@test
def a_proxy_is_asked_for_a_tunnel_with_TLS_and_without():
    for tls in None, context("right"):
        with relp_end(tls=tls) as far, proxy() as way:
            d = Delivery("relp-proxy", hub=relp(far, proxy=way.url, **({"ca": f"{FOLDER}/root.pem"} if tls else {})))
            d.grow(20)
            code, out, err = d.once()
            same((code, way.asked), (0, [f"CONNECT {far.server} HTTP/1.1"]), f"what the proxy was asked ({err})")
            ordered(d, far)

run_tests()
