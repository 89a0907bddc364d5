#!/usr/bin/python3
"""What certwitness-delivery sends: each format, hostile values in it, whom it trusts, and how it reads answers."""
import sys; sys.path[0] += "/../lib"
import base64, concurrent.futures, html, json, os, random, re, shutil, time, urllib.parse

import chains
from commands import run, run_apart
from deliveries import Delivery, end, until
from far_end import HANG, far_end
from mail_end import mail_end
from proxy import proxy
from relp_end import relp_end
from rfc5424 import Message
from tap import Skip, check, run as run_tests, same, test
from tls import FOLDER, context

HOSTILE = ['"},{"evil":"', "a\r\nX-Evil: 1", "\u202eexe", "</script>", "\x1b[2J", "'; drop table", "{type}", "\\", "ÄÖ€😀", "\u0000"]

def http(far, **more):
    keys = {"kind": "http", "url": far.url, "startAt": "oldest", **({} if far.tls else {"allowPlain": "yes"}), **more}
    return "".join(f"{name} = {value}\n" for name, value in keys.items())

def data_of(name):
    return json.dumps({"event": 1, "request": {"RequestID": 7, "RequesterName": name}}, separators=(",", ":"))

def grow_hostile(d):
    for name in HOSTILE: d.grow(1, data=data_of(name))

@test
def structured_events_come_one_a_request():
    with far_end() as far:
        d = Delivery("structured", hub=http(far, format="structured"))
        grow_hostile(d)
        same(d.once()[0], 0, "the exit code")
        same([request.body + b"\n" for request in far.requests], d.lines, "the bodies")
        same({request.headers["Content-Type"] for request in far.requests}, {"application/cloudevents+json; charset=utf-8"}, "the type")
        same([request.headers["Idempotency-Key"] for request in far.requests], [chains.hash_of(line) + "-1" for line in d.lines], "the keys")

@test
def splunk_gets_the_lines_raw():
    with far_end(lambda request: (200, {}, b'{"text":"Success","code":0}')) as far:
        d = Delivery("splunk", hub=http(far, format="splunk", auth="splunk"))
        grow_hostile(d)
        d.command("secret", "set", "hub", data=b"token-1")
        same(d.once()[0], 0, "the exit code")
        same(b"".join(request.body for request in far.requests), b"".join(d.lines), "the bodies")
        same(far.requests[0].headers["Authorization"], "Splunk token-1", "the token")
        same(len(far.requests[0].headers["X-Splunk-Request-Channel"]), 36, "the channel")

@test
def splunk_has_taken_the_lines_only_if_its_code_says_so():
    for status, body, want, words in [(200, '{"text":"Success","code":0,"ackId":7}', TAKEN, ""), (200, '{"text":"Server is busy","code":9}', AGAIN, "answered 200: {\"text\":\"Server is busy"),
                                      (200, '{"text":"Incorrect index","code":7,"invalid-event-number":1}', AGAIN, "look at the url, at auth and secret, and at the settings of the token"), (200, '{"text":"HEC is healthy","code":17}', AGAIN, "healthy"),
                                      (200, '{"text":"Invalid data format","code":6}', REFUSED, "Invalid data format"), (200, "", AGAIN, "not as Splunk's HTTP Event Collector"), (204, "", AGAIN, "not as Splunk's"), (200, '{"ok":true}', AGAIN, "not as Splunk's"),
                                      (200, '{"code":"0"}', AGAIN, "not as Splunk's"), (200, '{"code":-1}', AGAIN, "not as Splunk's"), (200, '{"code":0' + " " * (1 << 20) + "}", AGAIN, "not as Splunk's"), (200, "<html>Please sign in</html>", AGAIN, "login page of a proxy"),
                                      (400, '{"text":"Incorrect index","code":7}', AGAIN, "answered 400; look at the url"), (400, '{"text":"Invalid data format","code":6}', REFUSED, "answered 400"), (400, "no", REFUSED, "answered 400"),
                                      (503, '{"text":"Server is busy","code":9}', AGAIN, "answered 503")]:
        with far_end(lambda request: (status, {}, body.encode())) as far:
            d = Delivery("splunkcodes", hub=http(far, format="splunk"))
            d.grow(2)
            verdict(d, want, words, f"{status}, {body[:60]}")

def verdict(d, want, words, what):
    code, out, err = d.command("test", "hub")
    check(f"hub {want}" in out if want == TAKEN else f"line 2 was {want}" in err, f"{what}: {out}{err}")
    check(words in out + err, f"{what}: {out}{err}")

TAKEN, AGAIN, REFUSED = "has taken line 2", "not taken: ", "refused: "

@test
def a_page_of_html_acknowledges_nothing_but_an_empty_answer_or_a_word_does():
    page = "<!DOCTYPE html>\n<title>Please sign in</title>"
    for form in {"format": "batch"}, {"format": "structured"}, {"format": "template", "body": '{"a": {type}}'}, {"format": "elastic"}:
        for kind, body, taken in [("text/html", page, False), ("text/html; charset=utf-8", "\ufeff \r\n<p>Hello</p>", False), (None, " <HTML><body>", False), ("application/xhtml+xml", "<?xml version='1.0'?><html/>", False),
                                  ("text/html", "ok", True), ("text/html; charset=utf-8", "", True), ("application/xml", "<ok/>", True), ("application/json", '{"a": "<html>"}', True)][:None if form["format"] == "batch" else 1 if form["format"] == "elastic" else 5]:
            with far_end(lambda request: (200, {"Content-Type": kind} if kind else {}, body.encode())) as far:
                d = Delivery("page", hub=http(far, **form))
                d.grow(2)
                verdict(d, TAKEN if taken else AGAIN, "" if taken else "answered 200 with a page of HTML, which acknowledges nothing: is it the login page of a proxy", f"{form['format']}, {kind}, {body}")

class Elastic:
    """What _bulk answers, item by item; a document that is there is not made again."""
    def __init__(self, status=lambda event: 201): self.made, self.status = {}, status
    def __call__(self, request):
        actions, items = [json.loads(line) for line in request.body.decode().splitlines()[::2]], []
        for action, event in zip(actions, request.events):
            name = action["create"].get("_id")
            status = 409 if name in self.made else self.status(event)
            if status == 201: self.made[name] = event
            items.append({"create": {"_id": name, "status": status, **({"error": {"reason": 'failed to parse "x"'}} if status == 400 else {})}})
        return 200, {}, json.dumps({"errors": True, "items": items}).encode()

@test
def elastic_gets_each_line_once_by_its_hash_and_its_answer_is_read_line_by_line():
    tries = {}
    def status(event):
        n = int(event["sequence"])
        tries[n] = tries.get(n, 0) + 1
        return 400 if n in (3, 9) else 429 if n == 6 and tries[n] == 1 else 201
    elastic = Elastic(status)
    with far_end(elastic) as far:
        d = Delivery("elastic", hub=http(far, format="elastic"))
        grow_hostile(d)
        d.grow(20)
        code, out, err = d.once()
        same(code, 1, "the exit code")
        same(sorted(elastic.made), sorted(chains.hash_of(line) for n, line in enumerate(d.lines, 1) if n not in (3, 9)), "the documents")
        same([json.loads(line)["sequence"] for line in d.command("parked", "hub")[1].splitlines()], [3, 9], "what is parked")
        check("_bulk says 400 of a line" in err and "failed to parse" in err, err)

@test
def an_item_of_bulk_that_is_about_the_index_or_the_account_parks_no_line():
    for status in 404, 401, 403, 405, 407, 408, 429, 503:
        broken = [True]
        with far_end(Elastic(lambda event: status if broken[0] else 201)) as far:
            d = Delivery("noindex", hub=http(far, format="elastic"))
            d.grow(3)
            process = d.start()
            check(until(lambda: d.status()[1]["hub"].get("failures")), "nothing fails")
            hub = d.status()[1]["hub"]
            same((hub["parked"], hub["sequence"]), (0, 0), f"parked and the position after {status}")
            broken[0] = False
            check(until(lambda: d.status()[1]["hub"]["sequence"] == 3), f"not sent after {status}")
            end(process)
            said = open(d.folder + "/said").read()
            check(f"_bulk says {status} of a line" in said, said)

@test
def an_answer_that_is_none_of_bulk_acknowledges_nothing():
    for body in b"", b"{}", b'{"items":[]}', b"<html>", b'{"items":[{"create":{}}]}', b'{"items":{"a":1}}', b"[" * 100000:
        with far_end(lambda request: (200, {}, body)) as far:
            d = Delivery("nobulk", hub=http(far, format="elastic", timeout=5))
            d.grow(2)
            code, out, err = d.command("test", "hub")
            same(code, 1, f"the exit code of test for {body[:30]}")
            same(d.status()[1]["hub"]["sequence"], 0, "the position")

@test
def an_answer_without_measure_acknowledges_by_its_status():
    with far_end(lambda request: (200, {}, b"x" * (3 << 20))) as far:
        d = Delivery("longanswer", hub=http(far))
        d.grow(5)
        code, out, err = d.once()
        same((code, far.sequences()), (0, [1, 2, 3, 4, 5]), f"the exit code, what came ({err})")

def endless(status, sent):
    """An answer that begins and never ends."""
    def say(out):
        out.write(b"HTTP/1.1 %d So\r\nTransfer-Encoding: chunked\r\n\r\n" % status)
        while True:
            out.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            sent[0] += 65536
    return say

@test
def an_answer_without_end_is_left_at_a_mebibyte_and_judged_by_its_status():
    for status, want in (200, (0, 2, 0)), (400, (1, 2, 2)), (500, (1, 0, 0)):
        sent = [0]
        with far_end(lambda request: endless(status, sent)) as far:
            d = Delivery("endless", hub=http(far, timeout=20))
            d.grow(2)
            code, out, err = d.once()
            hub = d.status()[1]["hub"]
            same((code, hub["sequence"], hub["parked"]), want, f"{status}: the exit code, the position, what is parked ({err})")
            check(sent[0] < 64 << 20, f"{status}: {sent[0]} bytes were taken")
            check(status == 200 or f"answered {status}: xxxx" in err, err)

def heads(begins, sent):
    """Header lines without end behind that."""
    def say(out):
        out.write(begins)
        while True:
            out.write(b"X-A: " + b"y" * 1000 + b"\r\n")
            sent[0] += 1007
            time.sleep(0.0001)
    return say

TRAILERS = b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"

@test
def headers_and_trailers_without_end_are_left_and_acknowledge_nothing():
    long = "its headers are longer than 64 KiB"
    for begins, words in [(b"HTTP/1.1 200 So\r\n", f" answered 200, and its answer breaks off: {long}"), (b"HTTP/1.1 200 So\r\n" + TRAILERS, f" answered 200, and its answer breaks off: {long}"),
                          (b"HTTP/1.1 500 So\r\n" + TRAILERS, " answered 500"), (b"HTTP/1.1 103 So\r\n", f": {long}")]:
        sent = [0]
        with far_end(lambda request: heads(begins, sent)) as far:
            d = Delivery("heads", hub=http(far, timeout=5))
            d.grow(2)
            code, out, err = d.command("test", "hub")
            check(code == 1 and words in err, f"{begins}: {err}")
            check(sent[0] < 8 << 20, f"{begins}: {sent[0]} bytes were taken")
            far.behave = lambda request: (200, {"X-A": "y" * 30000, "X-B": "y" * 30000}, b"ok")
            same(d.once()[0], 0, f"{begins}: the exit code, once the headers end")

@test
def a_proxy_that_opens_no_tunnel_waits_for_somebody_if_time_alone_does_not_mend_it():
    login, permits = "; the proxy wants a password, which is not supported: let this machine pass it without one", "; the proxy does not let this machine through: look at proxy"
    for status, words in (407, login), (403, permits), (400, permits), (503, ""), (429, ""):
        with proxy() as ours:
            ours.answer = b"HTTP/1.1 %d So\r\nContent-Length: 0\r\n\r\n" % status
            d = Delivery("tunnel", hub=f"kind = http\nurl = https://events.example/x\nstartAt = oldest\nproxy = {ours.url}\n",
                         siem=f"kind = relp\nserver = events.example:2514\nstartAt = oldest\nproxy = {ours.url}\n")
            d.grow(1)
            process = d.start()
            check(until(lambda: all(each.get("failures") for each in d.status()[1].values())), "nothing fails")
            same(end(process), 0, f"{status}: the exit code")
            for name in "hub", "siem":
                said, = (line for line in d.words().splitlines() if f"[to {name}]" in line and "no state yet" not in line)
                check(f"response {status}{words}" in said and (words or said.endswith(f"response {status}")), f"{status}, {name}: {said}")

@test
def headers_of_a_proxy_without_end_are_left():
    with far_end() as far, proxy() as ours:
        sent = [0]
        ours.answer = heads(b"HTTP/1.1 200 So\r\n", sent)
        d = Delivery("proxyheads", hub=http(far, url="https://127.0.0.1/", proxy=ours.url, timeout=5),
                     siem=f"kind = relp\nserver = 127.0.0.1:2514\nstartAt = oldest\ntimeout = 5\nproxy = {ours.url}\n")
        d.grow(2)
        for name in "hub", "siem":
            code, out, err = d.command("test", name)
            check(code == 1 and "its headers are longer than 64 KiB" in err, err)
        check(sent[0] < 8 << 20, f"{sent[0]} bytes were taken")

def drips(status):
    def say(out):
        out.write(b"HTTP/1.1 %d So\r\nContent-Length: 1000\r\n\r\n" % status)
        for _ in range(1000):
            out.write(b"x")
            time.sleep(random.random() / 10)
    return say

def breaks(out): out.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * random.randrange(1, 99))

@test
def what_fails_in_the_same_way_each_time_is_told_once():
    for name, behave, words in [("drip", lambda request: drips(200), "answered 200, and its answer breaks off: Operation timed out\n"), ("drip5", lambda request: drips(503), "answered 503\n"),
                                ("hang", lambda request: HANG, "Operation timed out\n"), ("short", lambda request: breaks, "answered 200, and its answer breaks off: "), ("away", None, "connect")]:
        with far_end(behave) as far:
            d = Delivery("oncetold", hub=http(far, timeout=1))
            d.grow(1)
            if not behave: far.stop()
            process = d.start()
            check(until(lambda: d.status()[1]["hub"].get("failures", 0) >= 3), f"{name}: it does not fail")
            same(end(process), 0, f"{name}: the exit code")
            said = [line for line in d.words().splitlines(True) if "[to hub]" in line and "no state yet" not in line]
            check(len(said) == 1 and words in said[0], f"{name}: {said}")
            same(d.status()[1]["hub"]["sequence"], 0, f"{name}: the position")
            if not behave: far.start()

@test
def where_the_answer_of_bulk_is_too_long_fewer_lines_are_sent_and_each_is_judged():
    long, sizes = Elastic(lambda event: 400 if int(event["sequence"]) % 100 == 3 else 201), []
    def behave(request):
        status, headers, body = long(request)
        told = json.loads(body)
        for item in told["items"]: item["create"]["padding"] = "x" * 4000
        sizes.append(len(told["items"]))
        return status, headers, json.dumps(told).encode()
    with far_end(behave) as far:
        d = Delivery("longbulk", hub=http(far, format="elastic"))
        d.grow(600)
        code, out, err = d.once()
        same(code, 1, f"the exit code ({err})")
        check(max(sizes) > 300 and len(sizes) > 2, f"lines of each request: {sizes}")
        same(sorted(long.made), sorted(chains.hash_of(line) for n, line in enumerate(d.lines, 1) if n % 100 != 3), "the documents")
        same([json.loads(line)["sequence"] for line in d.command("parked", "hub")[1].splitlines()], [3, 103, 203, 303, 403, 503], "what is parked")

@test
def where_the_answer_of_bulk_to_one_line_is_too_long_that_is_told_without_the_rest_of_the_url():
    with far_end(lambda request: (200, {}, b"[" * (2 << 20))) as far:
        d = Delivery("longone", hub=http(far, format="elastic"))
        d.grow(1)
        code, out, err = d.command("test", "hub")
        check(code == 1 and f"http://127.0.0.1:{far.port}: the answer of _bulk to one line is longer than 1 MiB" in out + err, (code, out, err))

@test
def a_template_is_filled_in_and_no_value_breaks_its_json():
    body = '{"text": "{type} {request.RequestID}", "who": "{requester}", "n": "{sequence}", "none": "{request.Nothing}", "more": {"a": [1, {"b": {}}]}}'
    with far_end() as far:
        d = Delivery("template", hub=http(far, format="template", body=body))
        grow_hostile(d)
        same(d.once()[0], 0, "the exit code")
        for n, (name, request) in enumerate(zip(HOSTILE, far.requests), 1):
            same(json.loads(request.body), {"text": "certwitness.certificate.issued 7", "who": name, "n": str(n), "none": "", "more": {"a": [1, {"b": {}}]}}, "the body")

@test
def a_value_outside_a_string_is_a_whole_value_and_no_value_adds_a_member():
    body = '{"id": {request.RequestID}, "who":{requester},"n": {sequence}, "none": {request.Nothing}, "all": [{request}, {type}, "{requester}\\\\"], "q\\"{": {hash}}'
    def plainly(pairs):
        same(len(pairs), len(dict(pairs)), "the names of members that are there twice")
        return dict(pairs)
    ids = [7, -1, 1.5e300, True, None, '7}, "evil": 1', '"', [1, {"}": "{type}"}], {}, ""]
    with far_end() as far:
        d = Delivery("values", hub=http(far, format="template", body=body))
        for name, number in zip(HOSTILE, ids): d.grow(1, data=json.dumps({"event": 1, "request": {"RequestID": number, "RequesterName": name}}, separators=(",", ":")))
        same(d.once()[0], 0, "the exit code")
        same(len(far.requests), len(HOSTILE), "the requests")
        for n, (name, number, request) in enumerate(zip(HOSTILE, ids, far.requests), 1):
            same(json.loads(request.body, object_pairs_hook=plainly), {"id": number, "who": name, "n": n, "none": None, "all": [{"RequestID": number, "RequesterName": name}, "certwitness.certificate.issued", name + "\\"],
                                                                       'q"{': chains.hash_of(d.lines[n - 1])}, "the body")

@test
def a_template_that_is_text_shows_values_as_text():
    with far_end() as far:
        far.take = far.requests.append
        d = Delivery("text", hub=http(far, format="template", contentType="text/plain; charset=utf-8", body='#{request.RequestID} "{requester}"'))
        grow_hostile(d)
        same(d.once()[0], 0, "the exit code")
        bodies = [request.body.decode() for request in far.requests]
        same((bodies[0], bodies[1], bodies[8]), ('#7 ""},{"evil":""', '#7 "a\\u{d}\\u{a}X-Evil: 1"', '#7 "ÄÖ€😀"'), "the bodies")
        same({request.headers["Content-Type"] for request in far.requests}, {"text/plain; charset=utf-8"}, "the type")

@test
def a_template_shows_what_the_delivery_itself_says():
    body = '{"text": "{type} of {source} at {time}: {first}-{last}{fault} {file}:{line} [{sequence}{hash}{subject}]"}'
    with far_end() as far:
        d = Delivery("templateown", hub=http(far, format="template", body=body))
        d.grow(60)
        d.once()
        d.grow(90)
        for first in 1, 51: os.remove(f"{d.journal}/{chains.name(first)}")
        d.damage(110, first=101)
        d.once()
        told = [json.loads(request.body)["text"] for request in far.requests if b"certwitness.delivery" in request.body]
        same([re.sub(r"at 2\S+Z", "at T", text) for text in told],
             ["certwitness.delivery.pruned of /certwitness-delivery/CA at T: 61-100 : []",
              f"certwitness.delivery.fault of /certwitness-delivery/CA at T: -changed {chains.name(101)}:10 []"], "what was told")

@test
def no_value_of_an_event_becomes_a_header():
    with far_end() as far:
        d = Delivery("headers", hub=http(far, header="X-Own: yes"))
        grow_hostile(d)
        d.once()
        for request in far.requests:
            check("X-Evil" not in request.headers and request.headers["X-Own"] == "yes", request.headers)

@test
def a_filter_lets_its_events_through_and_the_position_passes_the_others():
    with far_end() as far:
        d = Delivery("filter", hub=http(far, types="denied", requesters="CORP\\*"))
        for n in range(60):
            d.grow(1, type="certificate.denied" if n % 3 == 0 else "certificate.issued", data=data_of("CORP\\a" if n % 2 else "OTHER\\a"))
        same(d.once()[0], 0, "the exit code")
        same(far.sequences(), [n + 1 for n in range(60) if n % 3 == 0 and n % 2], "what came")
        same(d.status()[1]["hub"]["sequence"], 60, "the position")

FILTERS = [("types = crl, pending",), ("types = Certificate.*ed",), ("types = certwitness.later.thing, denied",), ("types = certwitness.later.*", "types = gap"), ("requests = 40-50",),
           ("requests = 7", "requests = 41-41"), ("requesters = corp",), ("requesters = ?ORP\\*", "types = issued"), ("subjects = zoë@",), ("subjects = CN=Printer ?3",), ("subjects = *, o=müller",),
           ("templates = web*",), ("templates = user", "templates = Web"), ("serials = 0x006D:00 00-2A",), ("serials = 6d00002b", "serials = 6d00002a"), ("serials = 6d00002a", "requests = 1-7")]

def grow_mixed(d):
    """A line for each of these filters, and some for none."""
    for n, (type, requester, subject, upn, template, serial) in enumerate((
            ("certificate.issued", "CORP\\Zoë", "CN=Zoë, O=Müller", "zoë@corp.example", "WebServer", "6d00002A"), ("certificate.pending", "CORP\\bob", "CN=Printer #3", "", "User", ""),
            ("certificate.denied", "OTHER\\bob", "CN=x", "", "Web", ""), ("certificate.revoked", "OTHER\\eve", "CN=x, O=Müller", "", "User", "006d00002b"), ("later.thing", "x", "", "", "", ""))):
        for request in 7 + n, 40 + n, 50 + n:
            named = {"SerialNumber": serial, "DistinguishedName": subject, "UPN": upn, "CertificateTemplate": template}
            d.grow(1, type=type, subject=f'"subject":"request/{request}",', data=json.dumps({"event": 1, "request": {"RequestID": request, "RequesterName": requester},
                   "certificate": {name: value for name, value in named.items() if value}}, ensure_ascii=False, separators=(",", ":")))
    d.grow(1, type="crl.issued", subject="")
    d.grow(1, type="journal.gap", subject="", data='{"events":2,"requestIDs":[7,45]}')

@test
def each_filter_takes_what_show_takes():
    with far_end() as far:
        d = Delivery("filters", **{f"n{n}": http(far, url=f"{far.url}?n={n}") + "".join(key + "\n" for key in keys) for n, keys in enumerate(FILTERS)})
        grow_mixed(d)
        same(d.once()[0], 0, "the exit code")
        for n, keys in enumerate(FILTERS):
            got = [int(event["sequence"]) for request in far.requests if request.path.endswith(f"?n={n}") for event in json.loads(request.body)]
            options = [f"--{name[:-1]}={value}" for name, value in (key.split(" = ") for key in keys)]
            want = [json.loads(line)["sequence"] for line in run("build/native/certwitness", "show", "--json", *options, d.journal)[1].splitlines()]
            same(got, list(map(int, want)), f"what came with {keys}")
            check(0 < len(got) < len(d.lines), f"{keys} chose {len(got)} of {len(d.lines)}")

@test
def a_line_that_could_not_be_judged_for_lack_of_memory_is_judged_again():
    """By the delivery; by show and stats it is told. Each kind of value that a filter looks at needs more than 512 KiB."""
    memory = {"LD_PRELOAD": os.path.abspath("build/native/tests/shim/memory.so"), "MEMORY": f"{1 << 20},1"}
    large, der = "a" * (600 << 10), base64.b64encode(b"\x30\x83\x09\x5f\xfb" + bytes(614395)).decode()
    for key, value, data in (("requesters", "aaa*", {"request": {"RequesterName": large}}), ("subjects", "aaa*", {"certificate": {"DistinguishedName": large}}),
                             ("templates", "aaa*", {"certificate": {"CertificateTemplate": large}}), ("templates", "Web", {"request": {"RequestAttributes": f"x:{large}\nCertificateTemplate:Web\n"}}),
                             ("serials", "1", {"certificate": {"SerialNumber": "0" * (600 << 10) + "1"}}), ("subjects", "b", {"certificate": {"RawCertificate": der}})):
        with far_end() as far:
            d = Delivery("memory", hub=http(far) + f"{key} = {value}\n")
            d.program = ("build/native/certwitness-delivery",)          # no sanitizer, which has to be loaded first
            d.grow(3, data='{"event":1}')
            d.grow(1, data=json.dumps({"event": 1, **data}, separators=(",", ":")))
            code, out, err = d.once(env=memory)
            same((code, far.sequences()), (0, [4] if value != "b" else []), (key, err))
            check("the journal cannot be read: there is not enough memory" in err, (key, err))
            for command in ("show", "--last", "9"), ("show", "--csv"), ("stats",):
                code, out, err = run_apart("build/native/certwitness", *command, f"--{key[:-1]}={value}", d.journal, env=memory)
                same((code, "not enough memory" in err), (2, True), f"{command} by {key}: {err}")

@test
def memory_that_runs_out_while_a_line_is_filled_in_costs_no_value_in_it():
    """The line comes later, whole. Its data needs a buffer of 128 KiB wherever it is parsed: in the journal's reader, and by who fills in."""
    data = json.dumps({"event": 1, "request": {"RequestID": 7, "RequesterName": "mallory"}, "values": [[]] * 5000}, separators=(",", ":"))
    def filled(name, body, want, **more):
        return name, far_end, lambda far: http(far, format="template", body=body, **more), lambda far: [request.body.decode() for request in far.requests], want
    def plain(kind, server): return f"kind = {kind}\nserver = {server}\nallowPlain = yes\nstartAt = oldest\n"
    kinds = (filled("json", '{"who": "{requester}", "id": {request.RequestID}}', '{"who": "mallory", "id": 7}'), filled("text", '"{requester}"', '"mallory"', contentType="text/plain"),
             ("relp", relp_end, lambda far: plain("relp", far.server), lambda far: [dict(Message(message).data["certwitness@32473"]).get("request.RequesterName") for message in far.taken], "mallory"),
             ("mail", mail_end, lambda far: plain("mail", f"127.0.0.1:{far.port}") + "tls = none\nfrom = a@corp.example\nto = b@corp.example\n", lambda far: [re.findall("(?m)^Requester .*", message.text) for message in far.messages],
              ["Requester      mallory"]))
    def tried(kind):
        name, far_end_of, keys, came, want = kind
        said = ""
        for given in range(1, 5):                       # none before: the configuration could not be read
            with far_end_of() as far:
                d = Delivery(f"memory-{name}", hub=keys(far))
                d.program = ("build/native/certwitness-delivery",)
                d.grow(1, type="certificate.pending", data=data)
                code, out, err = d.once(env={"LD_PRELOAD": os.path.abspath("build/native/tests/shim/memory.so"), "MEMORY": f"{128 << 10},1,{given}"})
                same((code, came(far)), (0, [want]), f"{name}, the {given + 1}th buffer refused: {err}")
                said += err
        check(re.search(r"\[to hub\S*\] (127\S+: )?there is not enough memory\n", said), f"{name}: {said}")
    with concurrent.futures.ThreadPoolExecutor(len(kinds)) as threads: list(threads.map(tried, kinds))

@test
def test_sends_one_event_and_moves_nothing():
    with far_end() as far:
        d = Delivery("test", hub=http(far))
        d.grow(9)
        same(d.command("test", "hub")[:2], (0, "hub has taken line 9\n"), "test")
        same(d.command("test", "hub", "--event", "4")[:2], (0, "hub has taken line 4\n"), "test --event")
        same(d.command("test", "hub", "--event", "4", "--dry-run")[1], "[" + d.lines[3][:-1].decode() + "]\n", "--dry-run")
        same(d.command("test", "hub", "--event", "40")[0], 2, "a line that is not there")
        same(far.sequences(), [9, 4], "what came")
        d.once()
        same(far.sequences()[2:], list(range(1, 10)), "what came")

NGINX = "<html>\r\n<head><title>400 {}</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n"

@test
def a_400_of_nginx_about_certificates_parks_nothing_and_one_that_repeats_its_words_does():
    for body, parked in (NGINX.format("No required SSL certificate was sent"), 0), (NGINX.format("The SSL certificate error"), 0), (NGINX.format("Bad Request"), 1), \
                        ("bad: " + NGINX.format("The SSL certificate error"), 1), (NGINX.format("The SSL certificate error")[:30], 1):
        with far_end(lambda request: (400, {}, body.encode())) as far:
            d = Delivery("nginx400", hub=http(far))
            d.grow(1)
            process = d.start()
            check(until(lambda: d.status()[1]["hub"]["parked"] or d.status()[1]["hub"].get("failures")), "nothing happens")
            end(process)
            same(d.status()[1]["hub"]["parked"], parked, f"parked after {body!r}")

@test
def what_may_be_a_secret_in_a_url_is_told_to_nobody():
    def behave(request): return statuses[0], {}, f"Cannot POST {request.path} (t0ken-t0ken-t0ken) {request.headers['Authorization']}".encode()
    statuses = [500]
    with far_end(behave) as far:
        d = Delivery("secreturl", hub=http(far, url=far.url + "/hooks/5ecret-5ecret-5ecret?token=t0ken-t0ken-t0ken", auth="bearer"))
        d.command("secret", "set", "hub", data=b"pa55")
        d.grow(1)
        said = []
        def tell(): said.extend(str(d.command(*words)) for words in (("check",), ("test", "hub"), ("status",), ("status", "--json"), ("status", "--prometheus", d.folder + "/prom"), ("parked", "hub")))
        process = d.start()
        place = f"http://127.0.0.1:{far.port}"
        for status, wait in (500, "failures"), (400, "parked"):
            statuses[0] = status
            check(until(lambda: d.status()[1]["hub"].get(wait), 60), f"nothing fails with {status}")
            tell()
        end(process)
        far.stop()
        said.append(str(d.command("test", "hub")))
        far.start()
        said += [open(d.folder + "/said").read(), open(d.folder + "/prom").read()]
        check(f"{place} answered 500: Cannot POST /in/hooks/...?token=... (...) Bearer ..." in said[-2] and f"{place} answered 400" in said[-2], said[-2])
        check(f"{place}: " in said[-3], said[-3])
        for text in said: check("5ecret" not in text and "t0ken" not in text and "pa55" not in text, text)

@test
def redirects_are_not_followed():
    with far_end() as other, far_end(lambda request: (307, {"Location": other.url}, b"")) as far:
        d = Delivery("redirect", hub=http(far))
        d.grow(1)
        code, out, err = d.command("test", "hub")
        check(code == 1 and "redirects are not followed" in err and not other.requests, err)

# --- what a far end repeats of what it was sent ---

def repeats(spell):
    """Answers with all that it was sent besides the events, spelled so."""
    def behave(request):
        said = spell({**request.headers, "path": request.path})
        status = 400 if "first" in request.path else 500
        if "ndjson" not in request.headers["Content-Type"]: return status, {}, said.encode()
        items = [{"create": {"status": status, "error": {"reason": said}}} for _ in request.events]
        return 200, {}, json.dumps({"errors": True, "items": items}).encode()
    return behave

def left_in(d, err):
    """All that the delivery said or wrote, but for the secrets' own files."""
    texts = [err]
    for name in os.listdir(d.state):
        if not name.endswith(".secret"):
            with open(f"{d.state}/{name}", errors="replace") as file: texts.append(file.read())
    return "\n".join([*texts, *(d.command(*words)[1] for words in (("status",), ("status", "--json"), ("parked", "hub")))])

@test
def no_secret_is_shown_where_a_far_end_repeats_what_it_was_sent():
    key, part, secret = "K1234567890abcdef", "B0123456789abcdefghij", 'hunter2"hünter2&x'
    basic = base64.b64encode(("certwitness:" + secret).encode()).decode()
    spellings = {"plain": lambda said: "\n".join(said.values()), "json": json.dumps, "html": lambda said: html.escape(json.dumps(said, ensure_ascii=False)),
                 "url": lambda said: urllib.parse.quote(said.get("Authorization", "") + said["X-Api-Key"] + said["path"], safe=""),
                 "base64": lambda said: base64.b64encode(f"x{said['X-Api-Key']} {said['path']}".encode()).decode(), "cut": lambda said: said["X-Api-Key"][:14] + "… " + said.get("Authorization", "")[:25]}
    forms = {"batch": {"auth": "basic", "user": "certwitness"}, "template": {"auth": "bearer", "body": '{"a": {type}}'}, "splunk": {"auth": "splunk"}, "elastic": {"auth": "basic", "user": "certwitness"}}
    for way, name, form in [*(("first", name, "batch") for name in spellings), ("first", "json", "elastic"), ("first", "plain", "template"), ("second", "json", "splunk"), ("second", "plain", "elastic")]:
        with far_end(repeats(spellings[name])) as far:
            d = Delivery("repeats", hub=http(far, url=f"http://127.0.0.1:{far.port}/{way}/{part}/_bulk?apikey={part}&x", format=form, header=f"X-Api-Key: {key}", **forms[form]))
            d.grow(1)
            d.command("secret", "set", "hub", data=secret.encode())
            said = left_in(d, (d.once() if way == "first" else d.command("test", "hub"))[2])
            check(("400" if way == "first" else "500") in said and "..." in said, said)
            for hidden in key, part, secret, "hunter2", "nter2&x", basic, key[:12], basic[20:36], base64.b64encode(key.encode()).decode()[3:15]:
                check(hidden not in said, f"{hidden} is shown ({name}, {form}, {way}): {said}")

# --- TLS ---

def tried(name, ca="root", clients=None, env=(), made=Delivery, **more):
    """Exit code of test, what it said, and how many requests came."""
    with far_end(tls=context(name, clients)) as far:
        d = made("tls", hub=http(far, **({"ca": f"{FOLDER}/{ca}.pem"} if ca else {}), timeout=10, **more))
        d.grow(1)
        code, out, err = d.command("test", "hub", env=env)
        return code, err, len(far.requests)

@test
def a_far_end_whose_certificate_is_right_gets_the_events():
    code, err, came = tried("right")
    same((code, came), (0, 1), f"what came ({err})")

@test
def an_unknown_root_a_wrong_name_and_an_expired_certificate_get_nothing():
    for name, ca in ("right", "stranger"), ("right", None), ("wrong", "root"), ("expired", "root"):
        code, err, came = tried(name, ca)
        same((code, came), (1, 0), f"{name} with the root {ca}: exit code and what came")
        print("#", err.strip()[-120:])

ROOTS = os.path.abspath("build/tmp/delivery-roots")

class Elsewhere(Delivery):
    """On a system whose roots are those in ROOTS: a folder of its own lies over /etc/ssl/certs."""
    inside = "unshare", "--user", "--map-root-user", "--mount", "sh", "-c", f"mount --bind '{ROOTS}' /etc/ssl/certs && exec \"$@\"", "sh"
    program = (*inside, *Delivery.program)

@test
def the_roots_of_ca_are_trusted_instead_of_the_systems():
    shutil.rmtree(ROOTS, ignore_errors=True)
    os.makedirs(ROOTS)
    hashed = run("openssl", "x509", "-noout", "-hash", "-in", f"{FOLDER}/root.pem")[1].strip()
    for name in f"{hashed}.0", "ca-certificates.crt": shutil.copy(f"{FOLDER}/root.pem", f"{ROOTS}/{name}")
    code, said = run(*Elsewhere.inside, "true")
    if code: raise Skip(f"no folder can be laid over /etc/ssl/certs here: {said.strip()}")
    code, err, came = tried("right", None, made=Elsewhere)
    same((code, came), (0, 1), f"with the system's roots: exit code and what came ({err})")
    code, err, came = tried("right", "stranger", made=Elsewhere)
    same((code, came), (1, 0), "with the root of a stranger: exit code and what came")

@test
def a_client_certificate_is_shown_where_the_far_end_asks_for_one():
    mine = {"clientCertificate": f"{FOLDER}/client.pem", "clientKey": f"{FOLDER}/client.key"}
    other = {"clientCertificate": f"{FOLDER}/intruder.pem", "clientKey": f"{FOLDER}/intruder.key"}
    same(tried("right", clients="root", **mine)[::2], (0, 1), "with the certificate")
    same(tried("right", clients="root", **other)[::2], (1, 0), "with another one")
    same(tried("right", clients="root")[::2], (1, 0), "without")
    same(tried("right", clients="root", clientCertificate="/nowhere.pem")[::2], (1, 0), "with one that is not there")

@test
def the_proxy_that_is_configured_is_asked_and_no_other():
    with proxy() as ours, proxy() as other:
        same(tried("right", proxy=ours.url)[::2], (0, 1), "what came")
        same(tried("right", proxy=ours.url, env={"no_proxy": "*", "NO_PROXY": "*"})[::2], (0, 1), "what came beside no_proxy")
        check(len(ours.asked) == 2 and all(asked.startswith("CONNECT 127.0.0.1:") for asked in ours.asked), ours.asked)
        with far_end() as far:
            d = Delivery("proxy", hub=http(far))
            d.grow(1)
            same(d.command("test", "hub", env={"http_proxy": other.url, "https_proxy": other.url, "all_proxy": other.url})[0], 0, "test")
            same((len(far.requests), other.asked), (1, []), "the environment's")

run_tests()
