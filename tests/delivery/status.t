#!/usr/bin/python3
"""What certwitness-delivery says about itself: status, its JSON, the metrics for Prometheus, and the age of what waits beside the time that lines are kept."""
import sys; sys.path[0] += "/../lib"
import json, os, re
from datetime import datetime, timedelta, timezone

from deliveries import Delivery, end, until
from far_end import far_end
from mail_end import mail_end
from tap import check, run as run_tests, same, test

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf'({NAME})(?:\{{((?:{NAME}="(?:[^"\\\n]|\\[\\"n])*",?)*)\}})? (NaN|[+-]Inf|[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)(?: -?[0-9]+)?')
LABEL = re.compile(rf'({NAME})="((?:[^"\\\n]|\\[\\"n])*)"')

def exposition(text):
    """The samples, judged by the rules that Prometheus publishes for its text format 0.0.4: one TYPE a metric, before its samples, which stand together."""
    assert text.endswith("\n") and "\r" not in text
    types, samples, ended, current = {}, {}, set(), None
    for line in text[:-1].split("\n"):
        if line.startswith("# "):
            kind, name, rest = line[2:].split(" ", 2)
            assert kind in ("HELP", "TYPE") and re.fullmatch(NAME, name) and name not in ended, line
            if kind == "TYPE":
                assert name not in types and rest in ("counter", "gauge", "histogram", "summary", "untyped"), line
                types[name] = rest
            if current not in (None, name): ended.add(current)
            current = name
            continue
        found = SAMPLE.fullmatch(line)
        assert found, f"no sample: {line}"
        name, labels, value = found.groups()
        assert name in types and name == current, line
        assert types[name] != "counter" or name.endswith("_total"), line
        labels = {key: re.sub(r"\\(.)", lambda at: "\n" if at[1] == "n" else at[1], text) for key, text in LABEL.findall(labels or "")}
        key = name, tuple(sorted(labels.items()))
        assert key not in samples, line
        samples[key] = float(value)
    return samples

def http(far, **more):
    keys = {"kind": "http", "url": far.url, "allowPlain": "yes", "startAt": "oldest", **more}
    return "".join(f"{name} = {value}\n" for name, value in keys.items())

def days_ago(days):
    return (datetime.now(timezone.utc) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")

def metrics(d, name="metrics.prom"):
    path = f"{d.folder}/{name}"
    code, out, err = d.command("status", "--prometheus", path)
    same(out, "", "standard output")
    check(not os.path.exists(path + ".part"), "something is left beside it")
    return code, exposition(open(path).read())

@test
def status_says_in_json_how_far_each_destination_is():
    with far_end() as far, far_end(lambda request: 503) as away:
        d = Delivery("status", hub=http(far), away=http(away))
        d.grow(30, time=days_ago(2))
        process = d.start()
        check(until(lambda: d.status()[1]["hub"].get("sent") == 30 and d.status()[1]["away"].get("failures")), "nothing came")
        code, out, err = d.command("status", "--json")
        told = json.loads(out)
        same((code, told["running"]), (1, True), "the exit code, running")
        hub, away = told["destinations"]
        for key in "sentAt", "failedAt": hub.pop(key, None)
        same(hub, {"name": "hub", "kind": "http", "state": "delivers", "wrong": False, "sequence": 30, "lag": 0, "lagSeconds": 0, "parked": 0, "sent": 30, "failures": 0}, "hub")
        same((away["state"], away["wrong"], away["lag"], away["lagSeconds"] // 3600, "answered 503" in away["lastError"]), ("fails", True, 30, 48, True), f"away {away}")
        end(process)
        code, out, err = d.command("status")
        check("behind by 30" in out and "not running" in out, out)

@test
def of_a_destination_that_cannot_tell_of_itself_status_does_not_say_that_it_delivers():
    with far_end() as far:
        d = Delivery("silent", hub=http(far), other=http(far))
        d.grow(3)
        os.makedirs(d.state + "/hub.status")            # as where the disk is full: it cannot be written
        process = d.start()
        check(until(lambda: d.status()[1]["other"].get("sent") == 3), d.status())
        code, told = d.status()
        same((code, [(told[name]["state"], told[name]["wrong"]) for name in ("hub", "other")]), (1, [("unknown", True), ("delivers", False)]), "while it cannot")
        same("sent" in told["hub"], False, "lines that it has sent in this run are told")
        code, out, err = d.command("status")
        check(code == 1 and "unknown" in out and "is the disk full?" in out, (code, out, err))
        same(metrics(d)[0], 1, "the exit code with metrics")
        os.rmdir(d.state + "/hub.status")
        check(until(lambda: d.status()[0] == 0, 10), d.status())
        d.configure(hub=http(far), other=http(far), new=http(far))
        code, told = d.status()
        same((code, told["new"]["state"], told["hub"]["state"]), (1, "unknown", "delivers"), "a section that the delivery has not read")
        end(process)
        same(d.status()[1]["new"]["state"], "not running", "when it does not run")

@test
def what_was_wrong_on_this_side_is_over_once_it_is_mended_though_no_line_comes():
    with far_end(lambda request: 400) as far:
        for name, keys, break_, mend in (
                ("secret", {"auth": "bearer", "startAt": "now"}, lambda d: None, lambda d: same(d.command("secret", "set", "hub", data=b"token")[0], 0, "secret set")),
                ("park", {}, lambda d: os.makedirs(d.state + "/hub.parked"), lambda d: os.rmdir(d.state + "/hub.parked"))):
            d = Delivery("ours" + name, hub=http(far, **keys))
            d.grow(1)
            break_(d)
            process = d.start()
            check(until(lambda: d.status()[1]["hub"]["state"] == "fails"), f"{name}: {d.status()}")
            mend(d)
            check(until(lambda: d.status()[1]["hub"]["state"] == "delivers"), f"{name}: {d.status()}")
            same(d.status()[1]["hub"]["failures"], 0, "attempts that failed since")
            end(process)

@test
def a_far_end_that_refuses_a_line_after_it_was_away_works_again():
    with far_end(lambda request: 503) as far:
        d = Delivery("refuses", hub=http(far))
        d.grow(1)
        process = d.start()
        check(until(lambda: d.status()[1]["hub"]["state"] == "fails"), d.status())
        far.behave = lambda request: 400
        check(until(lambda: d.status()[1]["hub"]["parked"] == 1), d.status())
        check(until(lambda: d.status()[1]["hub"]["state"] == "delivers", 20), d.status())
        same(d.status()[1]["hub"]["failures"], 0, "attempts that failed since")
        end(process)

@test
def a_state_that_cannot_be_looked_at_is_no_state_that_is_missing():
    with far_end() as far:
        d = Delivery("unseen", hub=http(far))
        d.grow(3)
        same(d.status()[1]["hub"]["lag"], 3, "the lag, without a state")
        os.symlink(d.state, d.state)
        code, out, err = d.command("status", "--json")
        same((code, out), (2, ""), "exit code and standard output")
        check(f"how far the delivery is cannot be read from {d.state}: " in err, err)

@test
def the_metrics_are_what_prometheus_reads_and_the_file_is_replaced_whole():
    with far_end(lambda request: 400 if any(event["sequence"].endswith("7") for event in request.events) else 200) as far:
        d = Delivery("metrics")
        journal = d.journal
        d.journal = f'{d.folder}/a "b" \\c {{}}'
        os.rename(journal, d.journal)
        d.configure(hub=http(far), other=http(far, startAt="now"))
        d.grow(20, time=days_ago(1))
        open(f"{d.folder}/metrics.prom", "w").write("old")
        d.once()
        os.umask(0o077)
        code, samples = metrics(d)
        os.umask(0o022)
        same(os.stat(f"{d.folder}/metrics.prom").st_mode & 0o777, 0o644, "the exporter has an account of its own: the file's mode")
        same(code, 1, "the exit code: two lines are parked")
        def of(name, destination): return samples["certwitness_delivery_" + name, (("destination", destination), ("journal", d.journal), ("kind", "http"))]
        same([of(name, "hub") for name in ("wrong", "sequence", "lag_lines", "lag_seconds", "parked_lines", "failures", "halted", "sent_lines_total")], [1, 20, 0, 0, 2, 0, 0, 18], "hub")
        same([of(name, "other") for name in ("wrong", "sequence", "parked_lines", "sent_lines_total")], [0, 20, 0, 0], "other")
        same(samples["certwitness_delivery_running", (("journal", d.journal),)], 0, "running")
        check(of("sent_timestamp_seconds", "hub") > 1.7e9, "sent_timestamp_seconds")
        code, out, err = d.command("status", "--prometheus", f"{d.folder}/nowhere/metrics.prom")
        check(code == 2 and "cannot be written" in err, (code, err))

@test
def what_waits_is_reported_from_half_the_time_on_that_lines_are_kept():
    for age, want in (45, "fine"), (55, "warning"), (79, "warning"), (81, "error"):
        with far_end(lambda request: 503) as far:
            d = Delivery("retention", hub=http(far))
            text = open(d.config).read().replace("[state]", "retainDays = 100\n[state]")
            open(d.config, "w").write(text)
            d.grow(3, time=days_ago(age))
            process = d.start()
            check(until(lambda: d.status()[1]["hub"].get("failures")), "it does not fail")
            end(process)
            said = [line for line in open(d.folder + "/said") if "days old that lines are kept" in line]
            same(len(said), want != "fine", f"{age} days: notes {said}")
            if said: check(f"[to hub] {want}: what is not delivered is {age} of the 100 days" in said[0], said)
            same(d.status()[1]["hub"]["retention"], want, f"{age} days")
            same(f"{want}: what is not delivered" in d.command("status")[1], want != "fine", f"{age} days in words")
            samples = metrics(d)[1]
            same(samples["certwitness_delivery_retain_seconds", (("journal", d.journal),)], 8640000, "retain_seconds")

@test
def a_destination_that_is_halted_or_holds_lines_tells_of_their_age_like_any_other():
    mail = lambda far: f"kind = mail\nserver = 127.0.0.1:{far.port}\ntls = none\nallowPlain = yes\nfrom = ca01@corp.example\nto = pki@corp.example\natMost = 1 an hour\nstartAt = oldest\n"
    with far_end(lambda request: 400) as refuses, mail_end() as mailbox:
        for name, target, state in ("hub", http(refuses, onRefused="stop"), "halted"), ("mails", mail(mailbox), "delivers"):
            d = Delivery("aging", **{name: target})
            text = open(d.config).read().replace("[state]", "retainDays = 100\n[state]")
            open(d.config, "w").write(text)
            d.grow(1, time=days_ago(81))
            process = d.start()
            told = list(d.status()[1])[0]
            check(until(lambda: mailbox.messages if state == "delivers" else d.status()[1][told]["state"] == state, 30), f"{name}: nothing was sent")
            d.grow(2, time=days_ago(81))
            check(until(lambda: "error: what is not delivered is 81 of the 100 days" in d.words(), 30), f"{name}: {d.words()}")
            check(process.poll() is None, f"{name}: the delivery has ended")
            same(d.status()[1][told]["state"], state, name)
            same(end(process), state == "halted", f"{name}: the exit code")

run_tests()
