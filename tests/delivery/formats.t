#!/usr/bin/python3
"""What certwitness-delivery sends: each format, hostile values in it, whom it trusts, and how it reads answers."""
import sys; sys.path[0] += "/../lib"
import json

import chains
from deliveries import Delivery
from far_end import far_end
from tap import check, run as run_tests, same, test
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
        same({request.headers["Content-Type"] for request in far.requests}, {"application/cloudevents+json; charset=UTF-8"}, "the type")
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
def an_answer_that_is_none_of_bulk_acknowledges_nothing():
    for body in b"", b"{}", b'{"items":[]}', b"<html>", b'{"items":[{"create":{}}]}', b'{"items":{"a":1}}', b"[" * 100000:
        with far_end(lambda request: (200, {}, body)) as far:
            d = Delivery("nobulk", hub=http(far, format="elastic", timeout=5))
            d.grow(2)
            code, out, err = d.command("test", "hub")
            same(code, 1, f"the exit code of test for {body[:30]}")
            same(d.status()[1]["hub"]["sequence"], 0, "the position")

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

@test
def redirects_are_not_followed():
    with far_end() as other, far_end(lambda request: (307, {"Location": other.url}, b"")) as far:
        d = Delivery("redirect", hub=http(far))
        d.grow(1)
        code, out, err = d.command("test", "hub")
        check(code == 1 and "redirects are not followed" in err and not other.requests, err)

# --- TLS ---

def tried(name, ca="root", clients=None, **more):
    """Exit code of test, what it said, and how many requests came."""
    with far_end(tls=context(name, clients)) as far:
        d = Delivery("tls", hub=http(far, **({"ca": f"{FOLDER}/{ca}.pem"} if ca else {}), timeout=10, **more))
        d.grow(1)
        code, out, err = d.command("test", "hub")
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

@test
def a_client_certificate_is_shown_where_the_far_end_asks_for_one():
    mine = {"clientCertificate": f"{FOLDER}/client.pem", "clientKey": f"{FOLDER}/client.key"}
    other = {"clientCertificate": f"{FOLDER}/intruder.pem", "clientKey": f"{FOLDER}/intruder.key"}
    same(tried("right", clients="root", **mine)[::2], (0, 1), "with the certificate")
    same(tried("right", clients="root", **other)[::2], (1, 0), "with another one")
    same(tried("right", clients="root")[::2], (1, 0), "without")
    same(tried("right", clients="root", clientCertificate="/nowhere.pem")[::2], (1, 0), "with one that is not there")

run_tests()
