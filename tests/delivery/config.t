#!/usr/bin/python3
"""The configuration of certwitness-delivery: what is wrong is named with file, line and what would be right, and nothing is sent."""
import sys; sys.path[0] += "/../lib"
import os, stat

from deliveries import Delivery
from far_end import far_end
from tap import check, run as run_tests, same, test

HTTP = "kind = http\nurl = https://localhost/\nstartAt = now\n"

def refused(name, text, *sentences):
    """Every sentence is said, none besides, and nothing is begun. `text` begins on line 5."""
    d = Delivery("config")
    with open(d.config, "a") as out: out.write(text)
    d.grow(1)
    for command in "check", "run":
        code, out, err = d.command(command)
        same(code, 2, f"{name}: the exit code of {command} ({out}{err})")
        same(err.splitlines(), [f"certwitness-delivery: {d.config}:{sentence}" for sentence in sentences], f"{name}: what {command} says")
    check(not os.path.exists(d.state), f"{name}: something was begun")

@test
def what_is_wrong_is_named_with_its_line_and_what_would_be_right():
    refused("unknown key", f"[to a]\n{HTTP}formt = batch\n", '9: there is no key "formt". Did you mean "format"?')
    refused("unknown section", f"[too a]\nkind = http\n[to b]\n{HTTP}", "5: [too a] is no section; sections are [journal], [state] and [to NAME]")
    refused("twice", f"[to a]\n{HTTP}url = https://other/\n", "9: url was given on line 7 already")
    refused("of another kind", "[to a]\nkind = copy\npath = /x\nstartAt = now\nurl = https://x/\n", "9: url is no key of a destination of kind copy")
    refused("word", f"[to a]\n{HTTP}format = bach\n", "9: format = bach is not valid; it is batch, structured, splunk, elastic or template")
    refused("number", f"[to a]\n{HTTP}timeout = 0\n", "9: timeout = 0 is not valid; it is a number from 1 to 3600")
    refused("start", "[to a]\nkind = http\nurl = https://x/\n", "5: [to a] has no startAt; it is oldest, now or the sequence of a line")
    refused("start", "[to a]\nkind = http\nurl = https://x/\nstartAt = 0\n", "8: startAt = 0 is not valid; it is oldest, now or the sequence of a line")
    refused("no kind", "[to a]\nstartAt = now\n", "5: [to a] has no kind; it is http, copy or program")
    refused("no url", "[to a]\nkind = http\nstartAt = now\n", "5: [to a] of kind http has no url")
    refused("plain", "[to a]\nkind = http\nstartAt = now\nurl = http://x/\n",
            "8: url begins with http://, so anybody on the way can read and change what is sent; use https://, or say allowPlain = yes")
    refused("scheme", "[to a]\nkind = http\nstartAt = now\nurl = file:///etc/passwd\n", "8: url = file:///etc/passwd is not valid; it begins with https://")
    refused("name", f"[to a/b]\n{HTTP}", "5: [to a/b]: a name has 1 to 32 letters, digits, hyphens and underscores")
    refused("name twice", f"[to a]\n{HTTP}[to A]\n{HTTP}", "9: [to A] stands on line 5 already")
    refused("no value", f"[to a]\n{HTTP}ca =\n", "9: ca has no value")
    refused("path", f"[to a]\n{HTTP}ca = roots.pem\n", "9: ca = roots.pem is not valid; it is an absolute path")
    refused("type", f"[to a]\n{HTTP}types = issued, deneid\n", '9: types: there is no type of event "deneid"; types are those that "certwitness show --type" knows')
    refused("request", f"[to a]\n{HTTP}requests = 9-4\n", "9: requests = 9-4 is not valid; it is a RequestID or a range, 42 or 40-50")
    refused("body", f"[to a]\n{HTTP}body = x\n", "9: body needs format = template")
    refused("user", f"[to a]\n{HTTP}user = x\n", "9: user needs auth = basic")
    refused("header", f"[to a]\n{HTTP}header = x\n", "9: header = x is not valid; it is Name: value")
    refused("nothing", "nonsense\n", '5: "nonsense" is neither [section] nor key = value')
    refused("nobody", "", "5: there is no [to NAME]")
    refused("two at once", "[to a]\nkind = copy\nstartAt = soon\n[to b]\nkind = program\nstartAt = now\nprogram = sh\n",
            "7: startAt = soon is not valid; it is oldest, now or the sequence of a line", "11: program = sh is not valid; it is an absolute path",
            "5: [to a] of kind copy has no path")

@test
def a_file_that_is_no_text_or_is_missing_is_refused():
    d = Delivery("config")
    for data, said in {b"[journal]\npath = /\xff\n": ":2: the line is not UTF-8", b"[journal]\n\0": ":2: the line is not UTF-8", b"\x1b[2J": ":1: the line has a control"}.items():
        open(d.config, "wb").write(data)
        code, out, err = d.command("check")
        check(code == 2 and said in err, (data, code, err))
    os.remove(d.config)
    code, out, err = d.command("check")
    check(code == 2 and "there is no such file or folder" in err, err)

@test
def a_file_with_a_bom_comments_and_blanks_is_read():
    with far_end() as far:
        d = Delivery("config")
        text = open(d.config).read() + f"# all of it\r\n[to a]  # this one\n  kind=http\t# web\n\turl = {far.url}?a=b#c\nallowPlain = yes\nstartAt = oldest\n"
        open(d.config, "wb").write(b"\xef\xbb\xbf" + text.encode())
        d.grow(3)
        same(d.once()[0], 0, "the exit code")
        same(far.requests[0].path, "/in?a=b", "the path")

@test
def a_mistyped_command_option_or_destination_is_named():
    with far_end() as far:
        d = Delivery("config", hub=HTTP)
        d.grow(1)
        for words, said in {("stats",): 'Did you mean "status"?', ("run", "--onec"): "run has no option --onec", ("seek", "hbu", "now"): 'Did you mean "hub"?',
                            ("seek", "hub", "soon"): '"soon" is not valid', ("seek", "hub"): "usage: certwitness-delivery seek NAME TO",
                            ("seek", "hub", "99"): "has no line 98"}.items():
            code, out, err = d.command(*words)
            check(code == 2 and said in err, (words, code, err))

@test
def a_secret_is_kept_for_its_owner_alone_and_never_shown():
    with far_end(lambda request: 200 if request.headers["Authorization"] == "Bearer s3cret" else 401) as far:
        d = Delivery("secret", hub=f"kind = http\nurl = {far.url}\nallowPlain = yes\nauth = bearer\nstartAt = oldest\n")
        d.grow(4)
        code, out, err = d.command("check")
        check(code == 1 and "has an auth and no secret" in err, (code, err))
        same(d.command("secret", "set", "hub", data=b"wrong\n")[0], 0, "secret set")
        same(d.once()[0], 1, "with a wrong secret")
        same(d.command("secret", "set", "hub", data=b"s3cret\n")[0], 0, "secret set")
        path = d.state + "/hub.secret"
        same(stat.S_IMODE(os.stat(path).st_mode), 0o600, "its mode")
        said = "".join(map(str, d.command("check") + d.once() + d.command("status", "--json")))
        check("s3cret" not in said, said)
        same(far.sequences(), [1, 2, 3, 4], "what came")
        d.grow(1)
        os.chmod(path, 0o644)
        code, out, err = d.once()
        check(code == 1 and "its secret cannot be read" in err, (code, err))
        for data in b"", b"\n", b"a\nb\n", b"a\x01":
            same(d.command("secret", "set", "hub", data=data)[0], 2, f"a secret of {data}")

@test
def a_running_delivery_takes_a_secret_that_was_mended():
    with far_end(lambda request: 200 if request.headers["Authorization"] == "Basic dTpzM2NyZXQ=" else 401) as far:
        d = Delivery("mended", hub=f"kind = http\nurl = {far.url}\nallowPlain = yes\nauth = basic\nuser = u\nstartAt = oldest\n")
        d.grow(4)
        from deliveries import end, until
        d.command("secret", "set", "hub", data=b"wrong")
        process = d.start()
        check(until(lambda: d.status()[1]["hub"].get("failures"), 20), "it does not fail")
        d.command("secret", "set", "hub", data=b"s3cret")
        check(until(lambda: far.sequences() == [1, 2, 3, 4], 20), "the new secret is not taken")
        same(end(process), 0, "the exit code")

run_tests()
