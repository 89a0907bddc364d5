#!/usr/bin/python3
"""The configuration of certwitness-delivery: what is wrong is named with file, line and what would be right, and nothing is sent."""
import sys; sys.path[0] += "/../lib"
import os, stat

from deliveries import Delivery
from far_end import far_end
from tap import check, run as run_tests, same, test

HTTP = "kind = http\nurl = https://localhost/\nstartAt = now\n"

def shown(text):
    """As the terminal gets it."""
    return text.replace("\u200b", "\\u{200b}")

def refused(name, text, *sentences):
    """Every sentence is said, none besides, and nothing is begun. `text` begins on line 5."""
    d = Delivery("config")
    with open(d.config, "a") as out: out.write(text)
    d.grow(1)
    for command in "check", "run":
        code, out, err = d.command(command)
        same(code, 2, f"{name}: the exit code of {command} ({out}{err})")
        if code != 2: return                            # run would not end
        same(err.splitlines(), [f"certwitness-delivery: {d.config}:{sentence}" for sentence in sentences], f"{name}: what {command} says")
    check(not os.path.exists(d.state), f"{name}: something was begun")

def each_refused(name, keys, cases):
    """Each key and value, in a destination of its own that has `keys`, is refused by its sentence."""
    size = keys.count("\n") + 2
    refused(name, "".join(f"[to n{n}]\n{keys}{text}\n" for n, text in enumerate(cases)), *[f"{4 + size * n}: {said}" for n, said in enumerate(cases.values(), 1)])

@test
def what_is_wrong_is_named_with_its_line_and_what_would_be_right():
    refused("unknown key", f"[to a]\n{HTTP}formt = batch\n", '9: there is no key "formt". Did you mean "format"?')
    refused("unknown section", f"[too a]\nkind = http\n[to b]\n{HTTP}", "5: [too a] is no section; sections are [journal], [state] and [to NAME]")
    refused("twice", f"[to a]\n{HTTP}url = https://other/\n", "9: url was given on line 7 already")
    refused("of another kind", "[to a]\nkind = copy\npath = /x\nstartAt = now\nurl = https://x/\n", "9: url is no key of a destination of kind copy")
    refused("word", f"[to a]\n{HTTP}format = bach\n", "9: format = bach is not valid; it is batch, structured, splunk, elastic or template")
    refused("number", f"[to a]\n{HTTP}timeout = 0\n", "9: timeout = 0 is not valid; it is a number from 1 to 3600")
    refused("start", "[to a]\nkind = http\nurl = https://x/\n", "5: [to a] has no startAt; it is oldest, now or the sequence of a line")
    each_refused("start", "kind = http\nurl = https://x/\n", {f"startAt = {value}": f"startAt = {value} is not valid; it is oldest, now or the sequence of a line"
                                                              for value in ("0", "-1", "01", "1x", "0x10", "9223372036854775807", "18446744073709551617")})
    refused("retainDays", f"[to a]\n{HTTP}[journal]\nretainDays = 0\n", "10: retainDays = 0 is not valid; it is a number of days from 1 to 36500")
    refused("a key of the journal", f"[to a]\n{HTTP}[journal]\nretainDay = 7\n", '10: there is no key "retainDay" in [journal]; its keys are path and retainDays')
    refused("no kind", "[to a]\nstartAt = now\n", "5: [to a] has no kind; it is http, copy, program, relp, syslog or mail")
    refused("no url", "[to a]\nkind = http\nstartAt = now\n", "5: [to a] of kind http has no url")
    refused("plain", "[to a]\nkind = http\nstartAt = now\nurl = http://x/\n",
            "8: url begins with http://, so anybody on the way can read and change what is sent; use https://, or say allowPlain = yes")
    refused("scheme", "[to a]\nkind = http\nstartAt = now\nurl = file:///etc/passwd\n", "8: url is not valid; it begins with https://")
    refused("name", f"[to a/b]\n{HTTP}", "5: [to a/b]: a name has 1 to 32 letters, digits, hyphens and underscores")
    each_refused("device", HTTP, {f"[to {name}]": f"[to {name}]: on Windows {name} is a device, whatever follows the name; choose another one" for name in ("con", "NUL", "Com1", "lpt0")})
    each_refused("name", HTTP, {f"[to {name}]": f"[to {shown(name)}]: a name has 1 to 32 letters, digits, hyphens and underscores" for name in ("\u200ba", "journal\u200b", "../x", "a" * 33, "")})
    refused("name twice", f"[to a]\n{HTTP}[to A]\n{HTTP}", "9: [to A] stands on line 5 already")
    refused("no value", f"[to a]\n{HTTP}ca =\n", "9: ca has no value")
    refused("path", f"[to a]\n{HTTP}ca = roots.pem\n", "9: ca = roots.pem is not valid; it is an absolute path")
    refused("type", f"[to a]\n{HTTP}types = issued, deneid\n", '9: types: there is no type of event "deneid"; types are those that "certwitness show --type" knows')
    each_refused("request", HTTP, {f"requests = {value}": f"requests = {value} is not valid; it is a RequestID or a range, 42 or 40-50" for value in ("9-4", "42x", "42, 50", "40 50", "-1", "5-", "5--6", "5--18446744073709551606", "5-+6", "0x10", "4294967298", "18446744073709551616", "1-2-3")})
    each_refused("number", HTTP, {f"timeout = {value}": f"timeout = {value} is not valid; it is a number from 1 to 3600" for value in ("-1", "0x10", "4294967297", "18446744073709551617", "1e3", "+5", "5.0")})
    types = '{}: there is no type of event "{}"; types are those that "certwitness show --type" knows'
    each_refused("type", HTTP, {f"types = {value}": types.format("types", word) for value, word in {",": "", "issued,,denied": "", "pending denied": "pending denied", "issued ; denied": "issued ; denied",
                 "certwitnes.later": "certwitnes.later", "certwitness." + "x" * 60: "certwitness." + "x" * 60, "denied, x , y": "x"}.items()})
    refused("too many types", f"[to a]\n{HTTP}types = " + ", ".join(f"certwitness.later.x{n}" for n in range(17)) + "\n", "9: types has more than 16 types that this version does not know")
    for key in "requesters = x", "requests = 1", "subjects = x", "templates = x", "serials = 1":
        refused("too many", f"[to a]\n{HTTP}" + f"{key}\n" * 18, *[f"{line}: {key.split()[0]} has more than 16 values" for line in (25, 26)])
    each_refused("text", HTTP, {f"{key} = {'ä' * 513}": f"{key}: the text is longer than 1024 bytes" for key in ("requesters", "subjects", "templates")})
    each_refused("serial", HTTP, {f"serials = {value}": f"serials = {value} is not valid; it is a serial number in hexadecimal, as in 6d:00:2a" for value in ("6g", "0x", "6d00, 6d01", "x6d", "6" * 257, "６d", ":", "*2a")})
    each_refused("zeros", HTTP, {f"requests = {value}": f"requests = {value} is not valid; it is a RequestID or a range, 42 or 40-50" for value in ("00000000042", "1-00000000042")})
    for key in "since", "until":
        refused(key, f"[to a]\n{HTTP}{key} = 2026-11-21\n", f'9: there is no key "{key}": a destination gets all events from startAt on, as long as its section is here; "certwitness-delivery seek" moves it')
    refused("an option of show", f"[to a]\n{HTTP}serial = 2a\n", '9: there is no key "serial". Did you mean "serials"?')
    keys = "types = issued", "requests = 1", "requesters = x", "subjects = x", "templates = x", "serials = 1"
    refused("copy", "[to a]\nkind = copy\npath = /x\nstartAt = now\n" + "\n".join(keys) + "\n",
            *[f"{n}: {key.split()[0]} is no key of a destination of kind copy, which has every line of the journal, byte for byte" for n, key in enumerate(keys, 9)])
    refused("body", f"[to a]\n{HTTP}body = x\n", "9: body needs format = template")
    refused("user", f"[to a]\n{HTTP}user = x\n", "9: user needs auth = basic")
    each_refused("server", "kind = relp\nstartAt = now\n", {f"server = {server}": f"server = {server} is not valid; it is host:port, log.corp.example:2514 or [2001:db8::1]:2514" for server in (
                 "log.example", "log.example:", "log.example:0", "log.example:65536", "log.example:25x", ":25", "a/b:25", "u@a:25", "[::1:25", "[::1]", "[a]b:25", "a b:25", "a?:25")})
    refused("no server", "[to a]\nkind = relp\nstartAt = now\n", "5: [to a] of kind relp has no server")
    refused("TLS without TLS", "[to a]\nkind = relp\nstartAt = now\nserver = [::1]:20514\nallowPlain = yes\nca = /x.pem\n", "10: ca is of TLS, which allowPlain = yes leaves out; remove one of them")
    each_refused("nothing", HTTP, dict.fromkeys(("nonsense", "https://x/?token=s3cret", "s3cret==", "= x", "_a = x"), "the line is neither [section] nor key = value"))
    mail = "[to a]\nkind = mail\nstartAt = now\nserver = mail.x:587\nfrom = a@x\nto = b@x\n"
    refused("no server", "[to a]\nkind = mail\nstartAt = now\n", "5: [to a] of kind mail has no server", "5: [to a] of kind mail has no from", "5: [to a] of kind mail has no to")
    addresses = ("x", "@x", "a@", "a@x\"", "<a@x>", "a@x>", "ä@x", "a..b@x", ".a@x", "a.@x", "a@.x", "a@x-", "a@b@c", "a" * 65 + "@x", "a@" + "x" * 260)
    for key, keys in ("from", mail[7:].replace("from = a@x\n", "")), ("to", mail[7:].replace("to = b@x\n", "")):
        each_refused(key, keys, {f"{key} = {address}": f"{key} = {address} is not valid; it is an address, name@corp.example, in ASCII" for address in addresses})
    refused("to nobody", mail.replace("b@x", ","), "10: to has no value")
    refused("to twice", mail + "to = c@x, B@X\n", "11: to names B@X twice")
    refused("too many", "".join(f"[to a{n}]" + mail[6:] + f"to = c@x, d@x\n" for n in range(22)), "152: there are more than 64 destinations; each recipient of mail is one")
    refused("plain", mail + "tls = none\n", "11: tls = none sends events as plain text, so anybody on the way can read and change them; use starttls, or say allowPlain = yes")
    refused("plain password", mail + "tls = none\nallowPlain = yes\nuser = x\n", "13: user needs tls: a password is not sent as plain text")
    each_refused("rate", mail[7:], {f"atMost = {rate}": f'atMost = {rate} is not valid; it is "30 an hour", from 1 to 1000' for rate in ("30", "0 an hour", "1001 an hour", "3 a day", "-1 an hour")})
    each_refused("TLS without TLS", mail[7:] + "tls = none\nallowPlain = yes\n", {"ca = /x.pem": "ca is of TLS, which tls = none leaves out; remove one of them"})
    each_refused("TLS without TLS", "kind = http\nurl = http://x/\nallowPlain = yes\nstartAt = now\n", {
        f"{key} = {value}": f"{key} is of TLS, which http:// leaves out; remove one of them" for key, value in {"ca": "/x.pem", "clientCertificate": "/x.pem", "revocation": "off"}.items()})
    refused("proxy", mail + "proxy = http://x\n", "11: proxy is no key of a destination of kind mail")
    refused("nobody", "", "5: there is no [to NAME]")
    refused("two at once", "[to a]\nkind = copy\nstartAt = soon\n[to b]\nkind = program\nstartAt = now\nprogram = sh\n",
            "7: startAt = soon is not valid; it is oldest, now or the sequence of a line", "11: program = sh is not valid; it is an absolute path",
            "5: [to a] of kind copy has no path")

@test
def a_url_or_a_proxy_with_a_password_in_it_is_refused_and_never_shown():
    user = 'url has a user or a password in it; say auth = basic and user = NAME, and give the password with "certwitness-delivery secret set n{}"'
    spelled = "url is not valid; it is https://host/path or https://host:port/path in ASCII, with other characters as %20"
    urls = {"https://u:s3cret@x/": user, "https://s3cret@x/": user, "http://u:s3cret@x": user, "https://x:s3cret@y:443/a@b": user, "https://u@x@y/": user,
            "https://x\\@y/": user, "https://x y/": spelled, "https://": spelled, "https:///s3cret": spelled, "https://x:0/": spelled, "https://x:65536/": spelled, "https://x:/s3cret": spelled,
            "https://x:8a/": spelled, "https://[::1/": spelled, "https://[::1]x/": spelled, "https://ä.example/": spelled, "https://x/\u200bs3cret": spelled, "https://x/\"": spelled,
            "https://x/{s3cret}": spelled, "https://x/a b": spelled, "ftp://x/s3cret": "url is not valid; it begins with https://", "HTTPS://x/": "url is not valid; it begins with https://"}
    each_refused("url", "kind = http\nstartAt = now\n", {f"url = {url}": said.format(n) for n, (url, said) in enumerate(urls.items())})
    user, spelled = "proxy has a user or a password in it, which is not supported; let this machine pass the proxy without one", "proxy is not valid; it is http://host:port"
    proxies = {"http://u:s3cret@x:3128": user, "http://s3cret@x:3128/": user, "x:3128": spelled, "http://x": spelled, "http://x:3128/s3cret": spelled, "http://x:3128?a": spelled, "ftp://x:21": spelled, "http://:3128": spelled}
    for keys in HTTP, "kind = relp\nstartAt = now\nserver = x:2514\n": each_refused("proxy", keys, {f"proxy = {proxy}": said for proxy, said in proxies.items()})

@test
def a_header_that_the_delivery_sends_itself_or_that_hides_something_is_refused():
    own = "header cannot be {}, which the delivery sets as it needs it; leave it out"
    cases = {name: "header is not valid; it is Name: value" for name in ("x", "X-Key s3cret", ": s3cret", "X Y: s3cret", " : x", "X-A:", "X-A:  ", "X-Ä: x", "X-A : x", "x" * 100 + ": x")}
    cases |= {f"{name}: x": own.format(name) for name in ("Content-Length", "host", "TRANSFER-ENCODING", "Connection", "Expect", "te", "Content-Encoding", "Accept-Encoding", "Idempotency-Key",
                                                          "X-Splunk-Request-Channel", "Proxy-Authorization", "Upgrade", "Trailer", "Keep-Alive", "Proxy-Connection")}
    cases |= {"content-type: x": "header cannot be content-type; say contentType",
              "Authorization: Bearer s3cret": 'header cannot be Authorization; say auth, and give the secret with "certwitness-delivery secret set"'}
    cases |= {f"X-Key: a{odd}b": "header X-Key has a character in it that cannot be seen; write it anew" for odd in "\u200b\u202e\ufeff\xad\t"}
    each_refused("header", HTTP, {f"header = {text}": said for text, said in cases.items()})
    each_refused("contentType", HTTP, {f"contentType = {text}": f"contentType = {text} is not valid; it is type/subtype, such as application/json" for text in ("json", "/json", "text/", "text/ä", "a b/c", "a/b,c")})
    each_refused("user", HTTP + "auth = basic\n", {"user = u:s3cret": 'user has a colon in it, at which a far end would cut it; the password is given with "certwitness-delivery secret set n0"',
                                                  "user = u\u200b": "user has a character in it that cannot be seen; write it anew"})

@test
def a_template_that_a_value_could_break_is_refused():
    broken = "body is not JSON: with values in it, it has to be one object {...} or one list [...]; {name} stands inside quotes, or alone for a whole value"
    named = "body has a value in the name of a member, where it could take the place of another member; write the name out"
    cases = dict.fromkeys(('x', '{type}', '"{type}"', '{"a": 1', '{"a": {type}{hash}}', '{"a": 1{sequence}}', '{"a": -{sequence}}', '{{type}: 1}', '{"a": "x\\{type}"}', '{"a": "\\u00{sequence}"}', '{"a": "{type}}',
                           '{"a": 1} {"b": 2}', '{"a": 1},{"b": 2}', '1, "b": 2', '[1], "b": [2]', '{"a": 1, "a": 2}', "{'a': '{type}'}", '{"a": {1}}', '{"a": { type }}', '{"a": "\\ud800{type}"}', '[' * 100 + ']' * 100), broken)
    cases |= dict.fromkeys(('{"a": 1, "{requester}": 2}', '{"a": [{"x\\\\{type}": 2}]}'), named)
    each_refused("body", HTTP + "format = template\n", {f"body = {body}": said for body, said in cases.items()})
    each_refused("contentType", HTTP + "format = template\nbody = {}\n", {f"contentType = {text}": f"contentType = {text} does not go with format = template, which escapes values for JSON; "
                 "it is application/json or another kind of JSON, or text/plain" for text in ("application/xml", "application/x-www-form-urlencoded", "text/html", "application/notjson", "text/p", "text/plainer", "text/json5", "json/x")})

@test
def a_key_that_would_have_no_effect_is_refused():
    none = "revocation is of Windows alone: here nothing finds out whether a far end's certificate is revoked; leave it out, or say off"
    for keys in HTTP, "kind = relp\nstartAt = now\nserver = x:2514\n": each_refused("revocation", keys, {"revocation = hard": none, "revocation = bestEffort": none})
    each_refused("client", HTTP, {"clientKey = /x.key": "clientKey needs clientCertificate", "clientCertificate = client.pem": "clientCertificate = client.pem is not valid; it is an absolute path",
                                  f"clientCertificate = LocalMachine\\My\\{'a' * 40}": f"clientCertificate = LocalMachine\\My\\{'a' * 40} is not valid; it is an absolute path"})
    d = Delivery("config", hub=HTTP + "revocation = off\n")
    d.grow(1)
    same(d.command("check")[::2], (0, ""), "revocation = off")

@test
def a_file_that_is_no_text_or_is_missing_is_refused():
    d = Delivery("config")
    for data, said in {b"[journal]\npath = /\xff\n": ":2: the line is not UTF-8", b"[journal]\n\0": ":2: the line is not UTF-8", b"\x1b[2J": ":1: the line has a control",
                       "[journal]\n".encode("utf-16"): ":1: the line is not UTF-8", "[journal]\n".encode("utf-16-be"): ":1: the line is not UTF-8",
                       b"\n\xed\xa0\x80": ":2: the line is not UTF-8", b"\xc0\xaf": ":1: the line is not UTF-8", b"\n[journal]\r\r\n": ":2: the line has a carriage return",
                       b"\xef\xbb\xbf\xef\xbb\xbf[journal]": ":1: the line is neither", b"": ":1: there is no [journal]", b"\xef\xbb\xbf": ":1: there is no [journal]",
                       b"x" * (1 << 20) + b"x": "it is larger than 1 MiB"}.items():
        open(d.config, "wb").write(data)
        code, out, err = d.command("check")
        check(code == 2 and said in err, (data, code, err))
    os.remove(d.config)
    code, out, err = d.command("check")
    check(code == 2 and "there is no such file or folder" in err, err)

@test
def what_may_look_like_the_end_of_a_line_hides_nothing_behind_a_comment():
    for odd, said in {"\r": "carriage return", "\x0b": "control character", "\x0c": "control character", "\x85": "control character", "\x7f": "control character",
                      "\u2028": "line separator", "\u2029": "line separator"}.items():
        for text in f"# a{odd}allowPlain = yes", f"url = https://x/{odd}y", f"body = a{odd}b", f"[to b{odd}]":
            d = Delivery("config")
            with open(d.config, "a", newline="") as out: out.write(f"[to a]\n{HTTP}{text}\n")
            code, out, err = d.command("check")
            check(code == 2 and f"{d.config}:9: the line has a {said}" in err, (odd, text, code, err))

@test
def an_error_about_a_very_long_line_says_what_would_be_right_all_the_same():
    for text in f"timeout = {'9' * 500000}", f"timeout = {'ä' * 500000}":
        d = Delivery("config")
        with open(d.config, "a") as out: out.write(f"[to a]\n{HTTP}{text}\n")
        code, out, err = d.command("check")
        check(code == 2 and err.endswith(" is not valid; it is a number from 1 to 3600\n") and len(err) < 3000 and "\ufffd" not in err and f"{d.config}:9: timeout = " in err, (code, err))

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
def the_folders_of_journal_state_and_copies_are_apart():
    d = Delivery("config")
    def copy(path, name="a"): return f"[to {name}]\nkind = copy\nstartAt = now\npath = {path}\n"
    def apart(one, path, other): return f"the folder of [{one}], {path}, is that of [{other}], or one is in the other; give each a folder of its own"
    for path in d.journal, d.journal + "/", d.journal + "//sub", d.journal + "/./x/../y", d.folder + "/x/../journal":
        refused("in the journal", copy(path), "5: " + apart("to a", path, "journal"))
    for path in d.folder + "//.", "/", d.folder + "/x/..":
        refused("around", copy(path), "5: " + apart("to a", path, "journal"), "5: " + apart("to a", path, "state"))
    refused("in the state", copy(d.state + "/copy"), "5: " + apart("to a", d.state + "/copy", "state"))
    refused("two copies", copy("/x/one") + copy("/x/one/two", "b"), "9: " + apart("to b", "/x/one/two", "to a"))
    with open(d.config, "w") as out: out.write(f"[journal]\npath = {d.journal}\n[state]\npath = {d.journal}/../journal\n" + copy("/x/one") + copy("/x/one.2", "b") + copy("/x/One", "c"))
    code, out, err = d.command("run", "--once")
    same((code, err), (2, f"certwitness-delivery: {d.config}:4: {apart('state', d.journal + '/../journal', 'journal')}\n"), "a state in the journal")
    check(not os.path.exists(d.journal + "/lock"), "the journal was locked")

@test
def a_folder_is_known_by_another_path_that_leads_to_it():
    d = Delivery("links")
    apart = "the folder of [{}], {}, is that of [{}], or one is in the other; give each a folder of its own".format
    def judged(*paths):
        """The destinations of copies, by these paths, that are refused, each with what it is not apart from."""
        d.configure(**{f"c{n}": f"kind = copy\nstartAt = now\npath = {path}" for n, path in enumerate(paths)})
        code, out, err = d.command("check")
        found = [(name, other) for n, path in enumerate(paths) for name in [f"to c{n}"] for other in ("journal", "state", *[f"to c{m}" for m in range(n)])
                 if f": {apart(name, path, other)}\n" in err]
        same((code, len(err.splitlines())), (2 if found else 0, len(found)), f"the exit code, and lines, about {paths} ({err})")
        return found
    def place(path, target=None):
        os.makedirs(os.path.dirname(f"{d.folder}/{path}"), exist_ok=True)
        os.symlink(target, f"{d.folder}/{path}") if target else os.makedirs(f"{d.folder}/{path}")
        return f"{d.folder}/{path}"
    d.grow(1)
    sub, link, chain, above = place("journal/torn/x"), place("l/journal", d.journal), place("l/chain", "../l/./journal"), place("l/above", "..")
    dangling, loop, out = place("l/dangling", d.state), place("l/loop", "loop"), place("l/out", place("far/deep/er"))
    for path in link, link + "/", link + "/new/copy", chain, chain + "/torn/x", above + "/journal/a", above + "/l/chain", link + "/../journal", place("l/x", sub):
        same(judged(path), [("to c0", "journal")], f"what {path} is not apart from")
    for path in dangling, dangling + "/copy", above + "/state":
        same(judged(path), [("to c0", "state")], f"what {path} is not apart from")
    same(judged(above), [("to c0", "journal"), ("to c0", "state")], "what the folder above is not apart from")
    same(judged(out, d.folder + "/far/deep/er/copy", d.folder + "/far/deep"), [("to c1", "to c0"), ("to c2", "to c0"), ("to c2", "to c1")], "copies of one folder")
    same(judged(out + "/../journal", d.folder + "/l/out2", loop, d.folder + "/journal2", link + "2"), [], "what is apart")         # the first one is far/deep/journal
    d.journal, kept = chain, d.journal
    same(judged(kept + "/copy"), [("to c0", "journal")], "the journal by a link")
    d.journal, d.state = kept, link + "/state"
    d.configure(hub=HTTP)
    for command in ("check",), ("run", "--once"), ("status",):
        code, out, err = d.command(*command)
        same((code, err), (2, f"certwitness-delivery: {d.config}:4: {apart('state', d.state, 'journal')}\n"), f"{command} with a state in the journal")
    check(not os.path.exists(d.state), "a state was made in the journal")

@test
def a_hash_in_what_is_sent_is_no_comment():
    with far_end() as far:
        d = Delivery("hash", hub=f"kind = http # web\nurl = {far.url}\nallowPlain = yes\nformat = template\n  body\t= {{\"text\": \"Request #{{request.RequestID}} # of x\"}}\nheader = X-Room: a #b\nstartAt = oldest\n# body = x\n")
        d.grow(1)
        same(d.once()[0], 0, "the exit code")
        same(far.requests[0].headers["X-Room"], "a #b", "the header")
        check(far.requests[0].body.startswith(b'{"text": "Request #') and far.requests[0].body.endswith(b' # of x"}'), far.requests[0].body)

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
        for data, said in {b"": "there is no secret", b"\n": "there is no secret", b"\xef\xbb\xbf": "there is no secret", b"a\nb\n": "one line", b"a\x01": "control characters", b"a\x7f": "control characters",
                           "s3cret\r\n".encode("utf-16"): "save it as UTF-8", b" s3cret\n": "begins or ends with a blank", b"s3cret \r\n": "begins or ends with a blank", b"\ts3cret": "control characters"}.items():
            code, out, err = d.command("secret", "set", "hub", data=data)
            check(code == 2 and said in err, f"a secret of {data}: {code}, {err}")
        same(d.command("secret", "set", "hub", data=b"\xef\xbb\xbfs3cret\r\n")[0], 0, "a secret with the mark of UTF-8")
        with open(path, "rb") as file: same(file.read(), b"s3cret", "what is kept")

@test
def a_running_delivery_takes_a_secret_that_was_mended():
    with far_end(lambda request: 200 if request.headers["Authorization"] == "Basic dTpzM2NyZXQ=" else 401) as far:
        d = Delivery("mended", hub=f"kind = http\nurl = {far.url}\nallowPlain = yes\nauth = basic\nuser = u\nstartAt = oldest\n")
        d.grow(4)
        from deliveries import end, until
        d.command("secret", "set", "hub", data=b"wrong")
        process = d.start()
        check(until(lambda: d.status()[1]["hub"].get("failures")), "it does not fail")
        d.command("secret", "set", "hub", data=b"s3cret")
        check(until(lambda: far.sequences() == [1, 2, 3, 4]), "the new secret is not taken")
        same(end(process), 0, "the exit code")

run_tests()
