#!/usr/bin/python3
"""certwitness-delivery as a sender of mail: what it writes, judged by Python's email package, and what it does when a server misbehaves."""
import sys; sys.path[0] += "/../lib"
import base64, email, email.policy, json, os, random, shutil, signal, time

import chains
from commands import run
from deliveries import Delivery, comes_and_goes, end, until
from issued import Issued, date
from mail_end import DROP, HANG, LOST, mail_end
from tap import check, run as run_tests, same, test
import tls

KILLS = int(os.environ.get("CERTWITNESS_KILLS", 20))

def mail(far, **more):
    keys = {"kind": "mail", "server": f"127.0.0.1:{far.port}", "tls": far.mode, "from": "ca01@corp.example", "to": "pki@corp.example", "startAt": "oldest",
            **({"allowPlain": "yes"} if far.mode == "none" else {"ca": tls.FOLDER + "/root.pem"}), **more}
    return "".join(f"{name} = {value}\n" for name, value in keys.items())

def data_of(name, **more):
    return json.dumps({"event": 1, "request": {"RequestID": 7, "RequesterName": name, **more}}, separators=(",", ":"))

def defects(message):
    """Of the message and of every header field."""
    fields = [(name, value.defects) for name, value in message.items() if value.defects]
    return message.defects, fields

def judge(message):
    """What RFC 5322, 2045 and 2047 ask of every message."""
    same(defects(message.parsed), ([], []), "the defects")
    head, _, body = message.data.partition(b"\r\n\r\n")
    check(message.data.isascii() and b"\0" not in message.data, "not ASCII")
    check(b"\r" not in message.data.replace(b"\r\n", b"") and b"\n" not in message.data.replace(b"\r\n", b""), "a lone CR or LF")
    for line in message.data.split(b"\r\n"):
        if not line.startswith((b"Message-ID:", b"In-Reply-To:", b"References:")): check(len(line) <= 78, f"{len(line)} bytes: {line[:100]}")
    for line in head.split(b"\r\n"):
        if b"=?" in line: check(len(line) <= 76, f"an encoded word in {len(line)} bytes: {line}")
    names = [line.split(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    same(sorted(set(names) - ALLOWED), [], "header fields that nobody meant")
    same(sorted(names), sorted(set(names)), "the header fields, each once")
    same([message["From"], message["Auto-Submitted"], message.parsed.get_content_type(), message.parsed.get_content_charset()],
         ["ca01@corp.example", "auto-generated", "text/plain", "utf-8"], "what is always so")

ALLOWED = {"Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
           "Content-Transfer-Encoding", "X-CertWitness-Source", "X-CertWitness-Type", "X-CertWitness-Line"}

@test
def a_message_says_what_happened_to_whom_and_which_line_says_so():
    with mail_end() as far:
        d = Delivery("mail", approvers=mail(far, to="pki@corp.example, Second.One+x@corp.example"))
        d.grow(1, type="certificate.pending", data=data_of("CORP\\bob", DispositionMessage="Taken Under Submission"), source="/adcs/ca01/Issuing%20CA%201")
        code, out, err = d.once()
        same(code, 0, f"the exit code ({err})")
        same(sorted(message.recipients for message in far.messages), [["Second.One+x@corp.example"], ["pki@corp.example"]], "who got it")
        for message in far.messages:
            judge(message)
            same(message["To"], "pki@corp.example, Second.One+x@corp.example", "To")
            same(message["Subject"], "Issuing CA 1: pending: request 1 of CORP\\bob", "the subject")
            same(message["Date"].datetime.isoformat(), "2026-11-21T10:00:00+00:00", "the date")
            same(message["X-CertWitness-Line"], "1 " + chains.hash_of(d.lines[0]), "the line")
            for text in "CORP\\bob", "Issuing CA 1", "2026-11-21 10:00:00", "Taken Under Submission", chains.hash_of(d.lines[0]), "certwitness show --request 1 --full":
                check(text in message.text, f"{text} is missing in {message.text}")
        same(len({message["Message-ID"] for message in far.messages}), 1, "one message, whoever gets it")

HOSTILE = ["a\r\nBcc: evil@x.example", "Zoë", "a\n\nbody", "a\r\n\r\n.\r\nQUIT", "=?utf-8?q?=0D=0ABcc:_evil@x.example?=", "\u0000", "\u202eexe.txt", "\u200b", "\x1b[2J", "\u2028",
           ".", "..", "From me", "ÄÖ€😀" * 30, "x" * 10000, "ö" * 10000, "{type}", "\\", " ", "\t", "a  b ", "<script>", "%s%n", "e\u0301" * 50, "=", "?=", "=\r\n"]

@test
def no_name_ends_a_header_field_or_the_message_or_hides_in_it():
    with mail_end() as far:
        d = Delivery("hostile", approvers=mail(far))
        for name in HOSTILE: d.grow(1, type="certificate.denied", data=data_of(name, DispositionMessage=name, **{"Request.DistinguishedName": name}))
        same(d.once()[0], 0, "the exit code")
        same(far.sequences(), list(range(1, len(HOSTILE) + 1)), "what came")
        same({tuple(message.recipients) for message in far.messages}, {("pki@corp.example",)}, "to whom")
        for name, message in zip(HOSTILE, far.messages):
            judge(message)
            same(message["Bcc"], None, "Bcc")
            shown = "".join(c if c.isprintable() and c != "\ufffd" or c == " " else f"\\u{{{ord(c):x}}}" for c in name)
            subject = str(message["Subject"])
            if len(name) <= 60 or "\u0301" in name: check(f" of {shown}" == subject[subject.index(" of "):], f"the subject {subject!r} does not show {shown!r}")
            else: check(subject.endswith("…") and len(subject) <= 210, f"the subject is {subject!r}")
            check(all(c.isprintable() for c in subject) and all(c.isprintable() or c == "\n" for c in message.text), "something that is not printable")
            if len(name) < 900: check(f"Requester      {shown}\n" in message.text, f"the text does not show {shown!r}: {message.text}")
            check(len(message.text) < 6000, f"a text of {len(message.text)}")

@test
def every_kind_of_event_has_a_subject_that_says_what_it_is():
    wanted = {("certificate.issued", data_of("CORP\\bob")): "CA: issued: request 1 of CORP\\bob",
              ("certificate.denied", data_of("CORP\\bob", StatusCode=-2146877420)): "CA: denied: request 1 of CORP\\bob",
              ("certificate.revoked", data_of("CORP\\bob", RevokedReason=1)): "CA: revoked: request 1 of CORP\\bob",
              ("crl.issued", '{"event":32,"ca":{"keys":[]}}'): "CA: crl.issued: no CRL has changed",
              ("ca.stopping", '{"event":64}'): "CA: ca.stopping: the CA's service stops",
              ("journal.gap", '{"events":17,"why":{"queueFull":17}}'): "CA: journal.gap: 17 events were lost",
              ("module.started", '{"module":{"version":"1"}}'): "CA: module.started: CertWitness 1"}
    with mail_end() as far:
        d = Delivery("kinds", approvers=mail(far))
        for kind, data in wanted: d.grow(1, type=kind, data=data, subject='"subject":"request/1",' if kind.startswith("certificate") else "")
        same(d.once()[0], 0, "the exit code")
        for want, message in zip(wanted.values(), far.messages):
            judge(message)
            check(str(message["Subject"]).startswith(want), f"{message['Subject']} is not {want}")
        check("Reason         admin denied" in far.messages[1].text and "Reason         key compromise" in far.messages[2].text, far.messages[2].text)

@test
def damage_is_told_in_a_message_too():
    with mail_end() as far:
        d = Delivery("damaged", approvers=mail(far))
        d.grow(9)
        path = f"{d.journal}/{chains.name(1)}"
        with open(path, "r+b") as out:
            out.seek(len(b"".join(d.lines[:4])) + 100)
            out.write(b"!!!")
        d.once()
        told = [message for message in far.messages if message["X-CertWitness-Type"] == "certwitness.delivery.fault"]
        check(told, "nothing is told")
        for message in far.messages: judge(message)
        text = " ".join(told[0].text.split())
        check(f"the journal is damaged (changed), line 5 of the file {chains.name(1)}. Keep it as it is and look with: certwitness verify" in text and "{" not in text, text)
        check(str(told[0]["Subject"]).startswith("CA: delivery.fault: the journal is damaged (changed), line 5 of the file") and "@corp.example>" in told[0]["Message-ID"] and told[0]["X-CertWitness-Line"] is None, str(told[0].parsed))
        same([message.sequences for message in far.messages if message not in told], [[n] for n in range(1, 10) if n != 5], "what came")

def of_marks(count):
    """The data of a request whose subject has marks that take no column."""
    return json.dumps({"event": 1, "request": {"RequestID": 7, "Request.DistinguishedName": "CN=a" + "\u0301" * count}}, separators=(",", ":"), ensure_ascii=False)

@test
def a_name_that_is_long_in_bytes_and_not_in_columns_is_cut_too():
    with mail_end() as far:
        d = Delivery("marks", approvers=mail(far, subject="pending: {certificateSubject}"), all=mail(far))
        d.grow(1, type="certificate.pending", data=of_marks(20000))
        same(d.once()[0], 0, "the exit code")
        for message in far.messages:
            judge(message)
            head, _, body = message.data.partition(b"\r\n\r\n")
            check(len(head) < 5000 and len(body) < 30000, f"a head of {len(head)} bytes, a body of {len(body)}")
            check(str(message["Subject"]).startswith("pending: CN=a\u0301\u0301") or "\nSubject        CN=a\u0301" in message.text, str(message["Subject"]))
            check("\u0301…" in message.text + str(message["Subject"]), message.text[-300:])

@test
def a_message_that_is_too_large_whatever_is_cut_is_parked_and_the_others_go():
    with mail_end() as far:
        large = "text = " + "{certificateSubject} " * 30 + "\n"
        d = Delivery("toolarge", approvers=mail(far) + 16 * large, few=mail(far, atMost="2 an hour") + 16 * large)
        for count in 3, 5000, 4: d.grow(1, type="certificate.pending", data=of_marks(count))
        code, out, err = d.once()
        same((code, sorted(message.sequences for message in far.messages)), (1, [[1], [1, 2, 3], [3]]), f"the exit code and what came ({err})")
        parked, = map(json.loads, d.command("parked", "approvers")[1].splitlines())
        same((parked["sequence"], parked["reason"]), (2, "the message would be larger than 8 MiB; shorten text"), "what is parked")
        check("line 2 was refused: the message would be larger than 8 MiB" in err, err)
        code, out, err = d.command("test", "approvers", "--event", "2", "--dry-run")
        same((code, out, "line 2 would be is not shown: it would be too large; shorten text" in err), (2, "", True), f"--dry-run: {err}")
        same({name: each["sequence"] for name, each in d.status()[1].items()}, {"approvers/pki@corp.example": 3, "few/pki@corp.example": 3}, "status")

@test
def subject_and_text_can_be_templates():
    with mail_end() as far:
        d = Delivery("templates", approvers=mail(far, subject="{ca}: {type} request {request.RequestID} of {request.RequesterName} – bitte prüfen") +
                     'text = Request {request.RequestID} waits.\ntext = ""\ntext = {requester}{nothing}\n')
        d.grow(1, data=data_of("CORP\\bob\n"))
        same(d.once()[0], 0, "the exit code")
        judge(far.messages[0])
        same(str(far.messages[0]["Subject"]), "CA: certwitness.certificate.issued request 7 of CORP\\bob\\u{a} – bitte prüfen", "the subject")
        same(far.messages[0].text, "Request 7 waits.\n\nCORP\\bob\\u{a}\n", "the text")

@test
def messages_about_one_request_are_a_thread():
    with mail_end() as far:
        d = Delivery("thread", approvers=mail(far))
        for n in 1, 2, 1: d.grow(1, subject=f'"subject":"request/{n}",')
        d.once()
        one, other, again = [message["References"] for message in far.messages]
        check(one == again != other, (one, other, again))
        same(len({message["Message-ID"] for message in far.messages}), 3, "their own names")

# --- TLS and passwords ---

def tried(far, secret=None, **more):
    """Exit code of test, what it said, and the messages that came."""
    d = Delivery("mailtls", approvers=mail(far, timeout=10, **more))
    d.grow(1)
    if secret: d.command("secret", "set", "approvers", data=secret)
    code, out, err = d.command("test", "approvers")
    same(d.command("parked", "approvers")[1], "", "what is parked")
    return code, err, far.messages

@test
def starttls_and_smtps_carry_the_message_and_the_password():
    for mode in "starttls", "smtps":
        for mechanisms in "PLAIN LOGIN", "LOGIN", "CRAM-MD5 PLAIN", "GSSAPI NTLM LOGIN":
            with mail_end(mode=mode, tls=tls.context("right"), password=("ca01", "s3cret: ö"), mechanisms=mechanisms) as far:
                code, err, messages = tried(far, "s3cret: ö".encode(), user="ca01")
                same((code, [(message.user, message.tls) for message in messages]), (0, [("ca01", True)]), f"{mode}, {mechanisms}: {err}")

@test
def a_client_certificate_is_shown_where_the_server_asks_for_one():
    mine = {"clientCertificate": f"{tls.FOLDER}/client.pem", "clientKey": f"{tls.FOLDER}/client.key"}
    for more, want in (mine, (0, 1)), ({}, (1, 0)):
        with mail_end(mode="starttls", tls=tls.context("right", "root")) as far:
            code, err, messages = tried(far, **more)
            same((code, len(messages)), want, f"with {more}: {err}")

@test
def a_server_whose_certificate_or_name_is_wrong_gets_no_address_and_no_password():
    for mode in "starttls", "smtps":
        for name, ca in ("right", "stranger"), ("wrong", "root"), ("expired", "root"):
            with mail_end(mode=mode, tls=tls.context(name), password=("ca01", "s3cret")) as far:
                code, err, messages = tried(far, b"s3cret", user="ca01", ca=f"{tls.FOLDER}/{ca}.pem")
                same((code, len(messages)), (1, 0), f"{mode}, {name} with the root {ca}: exit code and what came")
                check("was not taken" in err, err)
                check(not any(said.startswith(("AUTH", "MAIL")) for said in far.commands), far.commands)

@test
def a_server_without_starttls_gets_nothing():
    for behave in (lambda *words: None), (lambda stage, words, session: "454 4.7.0 not now" if stage == "STARTTLS" else None):
        with mail_end(behave) as far:
            if behave("STARTTLS", "", None): far.mode = "starttls"
            code, err, messages = tried(far, ca=tls.FOLDER + "/root.pem", tls="starttls")
            same((code, [said[:4] for said in far.commands if said[:4] in ("AUTH", "MAIL")]), (1, []), f"what it did ({err})")

@test
def a_wrong_password_waits_for_the_right_one():
    with mail_end(mode="starttls", tls=tls.context("right"), password=("ca01", "right")) as far:
        d = Delivery("password", approvers=mail(far, user="ca01"))
        d.grow(3)
        check("has a user and no secret" in d.command("check")[2], "check says nothing of the secret")
        d.command("secret", "set", "approvers", data=b"wrong")
        same(d.command("check")[0], 0, "check")
        process = d.start()
        check(until(lambda: "535" in open(d.folder + "/said").read()), "nothing is said")
        check("look at user and secret" in open(d.folder + "/said").read(), open(d.folder + "/said").read())
        d.command("secret", "set", "approvers", data=b"right")
        check(until(lambda: far.sequences() == [1, 2, 3]), f"what came is {far.sequences()}")
        same(end(process), 0, "the exit code")
        same(d.command("parked", "approvers")[1], "", "what is parked")

# Names and passwords whose base64 begins as a command of SMTP does.
LIKE_VERBS = {"xyh": "EHLO", "I0+M9l": "STARTTLS", "iKa": "AUTH", "D*m": "RCPT", "AB-": "QUIT"}

@test
def a_name_or_password_that_reads_like_a_command_is_none():
    for begins, verb in LIKE_VERBS.items():
        check(base64.b64encode(begins.encode()).decode().upper() == verb, f"{begins} is no {verb}")
        for user, password in (begins + "svc", "s3cret"), ("ca01", begins + "s3cret"):
            with mail_end(mode="smtps", tls=tls.context("right"), password=(user, password), mechanisms="LOGIN") as far:
                d = Delivery("mailverbs", approvers=mail(far, user=user, atMost="1 an hour"))
                d.command("secret", "set", "approvers", data=password.encode())
                d.grow(1)
                same((d.once()[0], far.sequences()), (0, [1]), f"{user}, {password}: exit code and what came")
                d.grow(1)
                code, out, err = d.once()
                same((code, far.sequences()), (1, [1]), f"{user}, {password}: exit code and what came, with the limit reached")
                check("(atMost), so more are held" in err, err)

@test
def no_secret_is_shown_where_a_server_repeats_the_login():
    user, password = "certwitness", "hunter2hunter2ü"
    plain, own = base64.b64encode(f"\0{user}\0{password}".encode()).decode(), base64.b64encode(password.encode()).decode()
    for stage in "AUTH", "RCPT", "content":
        for answer in f"550 5.7.1 PLAIN {plain} {own}", f"454 4.7.0 {password} {own}", f"550 {'x' * 230} {password}":
            with mail_end(lambda at, words, session: answer if stage == at else None, mode="smtps", tls=tls.context("right"), password=(user, password)) as far:
                d = Delivery("mailrepeats", approvers=mail(far, user=user))
                d.command("secret", "set", "approvers", data=password.encode())
                d.grow(1)
                said = d.command("test", "approvers")[2]
                check(answer[:3] in said and ("..." in said or "x" * 200 in said), said)
                for hidden in plain, own, "hunter", plain[18:30], own[4:14]: check(hidden not in said, f"{hidden} is shown: {said}")

@test
def a_login_that_is_refused_parks_nothing_whatever_the_password_is():
    for begins in LIKE_VERBS:
        for answer in "550 5.7.0 too many logins", "550 1 no":
            with mail_end(lambda stage, words, session: answer if stage == "AUTH" else None, mode="smtps", tls=tls.context("right"), password=("ca01", "x"), mechanisms="LOGIN") as far:
                code, err, messages = tried(far, (begins + "pw").encode(), user="ca01")
                same((code, messages), (1, []), f"exit code and what came ({err})")
                check(f"to AUTH {answer}; look at user and secret" in err, err)

@test
def a_message_that_was_taken_stays_so_whatever_follows():
    for taken, bye in ("250 2.0.0 taken", DROP), ("250 2.0.0 taken", "550 5.0.0 no"), ("250 2.0.0 taken\n554 5.0.0 no", "421 4.0.0 no"), ("250-2.0.0 taken\n250 as 7", "500 what?"), ("251 2.0.0 taken", "221 bye"):
        with mail_end(lambda stage, words, session: {"content": taken, "QUIT": bye}.get(stage)) as far:
            d = Delivery("mailtaken", approvers=mail(far, atMost="9 an hour"))
            d.grow(1)
            code, out, err = d.once()
            same((code, far.sessions), (0, 1), f"{taken}, {bye}: exit code and sessions ({err})")
            path, = (f"{d.state}/{name}" for name in os.listdir(d.state) if name.endswith(".rate"))
            same(len(open(path).read().splitlines()), 2, "what counts for atMost")

# --- a server that misbehaves ---

STAGES = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "content"]

def once_at(stage, answer):
    """Misbehaves once."""
    left = [answer]
    return lambda at, words, session: left.pop() if at == stage and left else None

@test
def what_fails_at_any_stage_for_now_goes_again_and_arrives_once():
    for stage in STAGES:
        for answer in ("421 4.3.2 going down", "451 4.7.1 greylisted", DROP):
            with mail_end(once_at(stage, answer)) as far:
                d = Delivery("again", approvers=mail(far))
                d.grow(3)
                code, out, err = d.once()
                same((code, far.sequences()), (0, [1, 2, 3]), f"{answer} at {stage}: exit code and what came ({err})")

def verdict(behave, **more):
    with mail_end(behave, **more) as far:
        d = Delivery("verdict", approvers=mail(far, timeout=5))
        d.grow(1)
        code, out, err = d.command("test", "approvers")
        same((code, far.messages), (1, []), "the exit code, and what came")
        return "refused" if "was refused" in err else "not taken", err

@test
def what_is_refused_is_the_message_or_the_recipient_and_else_a_setting():
    def says(stage, answer): return lambda at, words, session: answer if at == stage else None
    for stage, answer, want in [("content", "550 5.6.0 bad content", "refused"), ("content", "554 5.7.1 spam", "refused"), ("content", "552 5.3.4 too large", "refused"),
                                ("content", "530 5.7.0 authenticate", "not taken"), ("content", "450 4.2.0 later", "not taken"), ("DATA", "554 5.5.1 no", "refused"),
                                ("DATA", "503 5.5.1 order", "not taken"), ("RCPT", "550 5.1.1 no such user", "refused"), ("RCPT", "550 no such user", "refused"),
                                ("RCPT", "554 5.7.1 relay access denied", "not taken"), ("RCPT", "530 5.7.0 authenticate", "not taken"), ("RCPT", "452 4.2.2 full", "not taken"),
                                ("MAIL", "550 5.7.60 not your address", "not taken"), ("MAIL", "552 5.3.4 too large", "refused"), ("MAIL", "501 5.1.7 bad address", "not taken"),
                                ("EHLO", "550 go away", "not taken"), ("greeting", "554 no service", "not taken")]:
        got, err = verdict(says(stage, answer))
        same(got, want, f"{answer} at {stage}")
        if stage != "EHLO": check(answer in err, f"{err} does not have {answer}")     # after EHLO curl tries HELO
        print("#", err.strip()[60:])

@test
def a_message_that_is_refused_is_parked_and_the_others_go():
    with mail_end(lambda stage, words, session: "554 5.6.0 no" if stage == "content" and words.sequences == [3] else None) as far:
        d = Delivery("parked", approvers=mail(far))
        d.grow(6)
        code, out, err = d.once()
        same((code, far.sequences()), (1, [1, 2, 4, 5, 6]), "exit code and what came")
        parked = [json.loads(line) for line in d.command("parked", "approvers")[1].splitlines()]
        same([each["sequence"] for each in parked], [3], "what is parked")
        check("to the message 554 5.6.0 no" in parked[0]["reason"], parked)
        far.behave = lambda *words: None
        same(d.command("retry", "approvers")[0], 0, "retry")
        same(far.sequences(), [1, 2, 4, 5, 6, 3], "what came")

@test
def one_recipient_that_cannot_or_is_refused_holds_up_no_other_and_nobody_gets_doubles():
    def behave(stage, words, session):
        if stage == "RCPT": return {"full@x.example": "452 4.2.2 full", "gone@x.example": "550 5.1.1 gone"}.get(words)
    with mail_end(behave) as far:
        d = Delivery("recipients", approvers=mail(far, to="one@x.example, full@x.example, gone@x.example, two@x.example"))
        d.grow(5)
        process = d.start()
        check(until(lambda: far.sequences("one@x.example") == far.sequences("two@x.example") == [1, 2, 3, 4, 5]), "the others do not go")
        check(until(lambda: len(d.command("parked", "approvers/gone@x.example")[1].splitlines()) == 5), "not parked")
        far.behave = lambda *words: None
        check(until(lambda: far.sequences("full@x.example") == [1, 2, 3, 4, 5]), "the one that was full gets nothing")
        same(end(process), 1, "the exit code: something is parked")
        status = d.status()[1]
        same({name: (each["sequence"], each["parked"]) for name, each in status.items()},
             {f"approvers/{who}@x.example": (5, 5 if who == "gone" else 0) for who in ("one", "full", "gone", "two")}, "status")
        same(d.command("retry", "approvers")[0], 0, "retry")
        for who in "one", "two", "full", "gone": same(far.sequences(who + "@x.example"), [1, 2, 3, 4, 5], f"what {who} has")

@test
def a_recipient_that_is_added_begins_at_startat_and_the_others_go_on():
    with mail_end() as far:
        d = Delivery("added", approvers=mail(far))
        d.grow(3)
        same(d.once()[0], 0, "the exit code")
        d.configure(approvers=mail(far, to="new@x.example, PKI@corp.example", startAt=3))
        d.grow(1)
        same(d.once()[0], 0, "the exit code")
        same((far.sequences("new@x.example"), far.sequences("PKI@corp.example")), ([3, 4], [4]), "what came")

@test
def a_message_whose_answer_is_lost_comes_again_as_the_same_message():
    with mail_end(once_at("content", LOST)) as far:
        d = Delivery("lost", approvers=mail(far))
        d.grow(2)
        same(d.once()[0], 0, "the exit code")
        same(far.sequences(), [1, 1, 2], "what came")
        same(far.messages[0].data, far.messages[1].data, "the second one")

@test
def a_server_that_hangs_is_left_and_the_delivery_can_be_stopped_meanwhile():
    for stage in "greeting", "MAIL", "content", "QUIT":
        with mail_end(lambda at, words, session: HANG if at == stage else None) as far:
            d = Delivery("hang", approvers=mail(far, timeout=600))
            d.grow(1)
            process = d.start()
            check(until(lambda: far.sessions and (stage == "greeting" or far.commands) and (stage != "QUIT" or far.messages)), "it does not connect")
            same(end(process), 0, f"the exit code ({stage})")

@test
def every_message_has_a_connection_of_its_own_and_ends_it():
    with mail_end() as far:
        d = Delivery("connections", approvers=mail(far))
        d.grow(3)
        same(d.once()[0], 0, "the exit code")
        same((far.sessions, far.commands.count("QUIT")), (3, 3), "connections, and how many ended with QUIT")

@test
def nothing_is_lost_when_the_delivery_is_killed_and_the_server_misbehaves():
    luck, lost = random.Random(1), []
    def behave(stage, words, session):
        if luck.random() > 0.05: return None
        answer = luck.choice(["451 4.3.0 later", "421 4.3.2 down", DROP, LOST if stage == "content" else DROP])
        if answer == LOST: lost.append(words)
        return answer
    with mail_end(behave) as far:
        d = Delivery("mailkills", approvers=mail(far, to="a@x.example, b@x.example"))
        d.grow(20)
        d.kill(KILLS, luck, comes_and_goes(far, luck), bursts=4, lines=8)
        process = d.start()
        want = set(range(1, len(d.lines) + 1))
        check(until(lambda: set(far.sequences("a@x.example")) == want == set(far.sequences("b@x.example")), 300), "lines are missing")
        same(end(process), 0, "the exit code")
        for who in "a@x.example", "b@x.example":
            came = far.sequences(who)
            firsts = list(dict.fromkeys(came))
            same(firsts, sorted(firsts), "the order in which lines came for the first time")
            check(len(came) - len(firsts) <= KILLS + len(lost), f"{len(came) - len(firsts)} doubles")
            print(f"# {who}: {len(d.lines)} lines, {KILLS} kills, {len(lost)} lost answers, {len(came) - len(firsts)} doubles")

# --- what certwitness expiry has written ---

def drafts(d, name):
    """Runs expiry over a journal with two certificates that end, of an owner and of nobody; its exit code and what it said."""
    shutil.rmtree(f"{d.folder}/{name}", True)
    ca = Issued()
    ca.issue(names=[f"shop-{name}.corp.example", "ä" * 60], requester="CORP\\webadmin")
    ca.issue(names=[f"other-{name}.corp.example"], requester="CORP\\b\u202e\r\nob")
    with open(d.folder + "/site", "w") as out: out.write('owner requester="CORP\\webadmin" mail=web-team@corp.example\n')
    journal = ca.write(f"{d.folder}/{name}")
    return run("build/native/src/cli/certwitness", "expiry", journal, "--now", date(300), "--site", d.folder + "/site", "--state", d.folder + "/told", "--eml", d.folder + "/drafts")

@test
def the_drafts_of_expiry_go_to_their_owners_and_are_kept_until_they_were_taken():
    with mail_end() as far:
        d = Delivery("drafts", approvers=mail(far, to="pki@corp.example, second@corp.example"))
        same(d.command("mail", "approvers", d.folder + "/drafts")[:2], (0, "0 sent, 0 refused, 0 kept for the next time\n"), "before there is a folder")
        same(drafts(d, "one")[0], 1, "expiry")
        listed = sorted(os.listdir(d.folder + "/drafts"))
        same(listed, ["owner-1-web-team@corp.example.eml", "unowned.eml"], "the drafts")
        far.stop()
        same(d.command("mail", "approvers", d.folder + "/drafts")[:2], (1, "0 sent, 0 refused, 2 kept for the next time\n"), "without a server")
        same(sorted(os.listdir(d.folder + "/drafts")), listed, "the drafts")
        code, said = drafts(d, "two")               # certificates that were not told yet
        check(code == 2 and "is still there" in said, f"expiry over drafts that were not sent: {code}, {said}")
        far.start()
        same(d.command("mail", "approvers", d.folder + "/drafts")[:2], (0, "2 sent, 0 refused, 0 kept for the next time\n"), "with one")
        same(os.listdir(d.folder + "/drafts"), [], "the drafts")
        same(sorted((message.recipients, str(message["To"])) for message in far.messages),
             [(["pki@corp.example"], "pki@corp.example, second@corp.example"), (["second@corp.example"], "pki@corp.example, second@corp.example"),
              (["web-team@corp.example"], "web-team@corp.example")], "to whom")
        for message in far.messages:
            judge(message)
            same(str(message["Subject"]), "1 certificate ends soon", "the subject")
            check("corp.example" in message.text and "\\u{202e}" in message.text if "web" not in message["To"] else "shop-one.corp.example" in message.text, message.text)
        code, said = drafts(d, "two")
        same((code, sorted(os.listdir(d.folder + "/drafts"))), (1, listed), "what could not be written before is told now")
        same(d.command("mail", "approvers", d.folder + "/drafts")[0], 0, "and sent")
        same(d.command("mail", "approvers", d.folder + "/drafts")[:2], (0, "0 sent, 0 refused, 0 kept for the next time\n"), "an empty folder")

@test
def a_draft_that_is_refused_is_put_aside_and_what_is_no_draft_stays():
    with mail_end(lambda stage, words, session: "550 5.1.1 gone" if stage == "RCPT" and words.startswith("web") else None) as far:
        d = Delivery("drafts2", approvers=mail(far))
        drafts(d, "one")
        good = open(d.folder + "/drafts/unowned.eml", "rb").read()
        for n, text in enumerate([b"", b"Subject: x\n\nx", b"Bcc: a@x\r\n" + good, good.replace(b"Subject", b"Subjects", 1), b"To: a@x>\r\n" + good, b"To: a@x,b@x\r\n" + good, b"To: \r\n" + good, good[:100]]):
            open(f"{d.folder}/drafts/wrong{n}.eml", "wb").write(text)
        code, out, err = d.command("mail", "approvers", d.folder + "/drafts")
        same((code, out), (1, "1 sent, 1 refused, 8 kept for the next time\n"), f"mail ({err})")
        same(sorted(os.listdir(d.folder + "/drafts")), ["owner-1-web-team@corp.example.eml.refused", *(f"wrong{n}.eml" for n in range(8))], "the folder")
        check("550 5.1.1 gone" in err and "wrong3.eml is no draft" in err, err)

@test
def a_draft_whose_answer_is_lost_comes_again_as_the_same_message():
    with mail_end(once_at("content", LOST)) as far:
        d = Delivery("drafts3", approvers=mail(far))
        drafts(d, "one")
        same([d.command("mail", "approvers", d.folder + "/drafts")[0] for _ in range(2)], [1, 0], "the exit codes")
        same(len({message["Message-ID"] for message in far.messages}), len(far.messages) - 1, "the names")

# --- the limit ---

def age(d, count):
    """The first messages that were sent, of one recipient, an hour earlier."""
    path, = (f"{d.state}/{name}" for name in os.listdir(d.state) if name.endswith(".rate"))
    head, *moments = open(path).read().splitlines()
    moments = sorted(int(moment) - 3600000000 * (n < count) for n, moment in enumerate(moments))
    with open(path, "w") as out: out.write("\n".join([head, *map(str, moments)]) + "\n")

@test
def more_events_than_messages_are_left_come_in_one_digest():
    with mail_end() as far:
        d = Delivery("digest", approvers=mail(far, atMost="5 an hour"))
        for n, kind in enumerate(["pending", "denied", "pending", "issued"] * 3): d.grow(1, type="certificate." + kind, data=data_of(HOSTILE[n]))
        same(d.once()[0], 0, "the exit code")
        same([message.sequences for message in far.messages], [list(range(1, 13))], "the messages")
        digest = far.messages[0]
        judge(digest)
        same(str(digest["Subject"]), "CA: 12 events: 6 pending, 3 denied, 3 issued", "the subject")
        same(digest["X-CertWitness-Line"], "1-12 " + chains.hash_of(d.lines[-1]), "its lines")
        for n, line in enumerate(d.lines, 1): check(f"\n{n}  2026-11-21 10:00:00  {json.loads(line)['type'][24:]}: request 1 of " in digest.text, f"line {n} is not there")
        same(d.status()[1]["approvers/pki@corp.example"]["sequence"], 12, "the position")

@test
def when_the_hours_messages_are_sent_lines_are_held_across_restarts_and_none_is_lost():
    with mail_end() as far:
        d = Delivery("held", approvers=mail(far, atMost="3 an hour"))
        process = d.start()
        for n in range(1, 4):
            d.grow(1)
            check(until(lambda: len(far.messages) == n), f"message {n} does not come")
        check(until(lambda: d.status()[1]["approvers/pki@corp.example"]["sequence"] == 3), "the position does not move")
        d.grow(2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = d.start()
        d.grow(2)
        time.sleep(2)
        same([message.sequences for message in far.messages], [[1], [2], [3]], "the messages")
        code, status = d.status()
        same((status["approvers/pki@corp.example"]["sequence"], status["approvers/pki@corp.example"]["state"]), (3, "delivers"), "status")
        same(end(process), 0, "the exit code")
        code, out, err = d.once()
        same(code, 1, "the exit code of run --once, which leaves lines")
        check("3 messages were sent in the last hour (atMost), so more are held" in err and "not all lines were sent; the next run goes on" in err, err)
        age(d, 1)
        same(d.once()[0], 0, "the exit code")
        same([message.sequences for message in far.messages], [[1], [2], [3], [4, 5, 6, 7]], "the messages")
        same(d.once()[0], 0, "with nothing to send")
        d.grow(1)
        age(d, 3)
        same(d.once()[0], 0, "the exit code")
        same([message.sequences for message in far.messages][4:], [[8]], "the message after it")

@test
def the_limit_holds_for_test_and_retry_and_for_a_delivery_that_runs_meanwhile():
    with mail_end() as far:
        d = Delivery("counted", approvers=mail(far, onRefused="park"))
        far.behave = lambda stage, words, session: "550 5.7.1 no" if stage == "content" else None
        d.grow(3)
        d.once()
        same(d.status()[1]["approvers/pki@corp.example"]["parked"], 3, "parked")
        far.behave = lambda stage, words, session: None
        d.configure(approvers=mail(far, atMost="3 an hour"))
        process = d.start()
        check(until(lambda: d.status()[1]["approvers/pki@corp.example"]["state"] == "delivers"), d.status())
        d.grow(1)
        check(until(lambda: d.status()[1]["approvers/pki@corp.example"]["sequence"] == 4), d.status())
        same(d.command("test", "approvers")[0], 0, "test")
        d.grow(1)
        check(until(lambda: d.status()[1]["approvers/pki@corp.example"]["sequence"] == 5), d.status())
        code, out, err = d.command("test", "approvers")
        same((code, len(far.messages)), (1, 3), "the test after it")
        check("not taken: 3 messages were sent in the last hour (atMost), so more are held" in err, err)
        d.grow(1)
        check(until(lambda: d.status()[1]["approvers/pki@corp.example"]["lag"] == 1), d.status())
        end(process)
        code, out, err = d.command("retry", "approvers")
        same((code, len(far.messages)), (1, 3), "retry")
        check("has taken 0, refused 0; 3 parked" in out and "(atMost), so more are held" in err, (out, err))
        age(d, 1)
        code, out, err = d.command("retry", "approvers")
        same((code, len(far.messages)), (0, 4), "retry with one message left: a digest")
        check("has taken 3, refused 0; 0 parked" in out, (out, err))
        same(d.once()[0], 1, "a line is left")
        same(len(far.messages), 4, "the messages of an hour")
        age(d, 3)
        same((d.once()[0], len(far.messages)), (0, 5), "an hour later")

@test
def what_comes_while_lines_are_held_goes_in_the_same_digest():
    with mail_end() as far:
        d = Delivery("gather", approvers=mail(far, atMost="2 an hour"))
        d.grow(2)
        d.once()
        path, = (f"{d.state}/{name}" for name in os.listdir(d.state) if name.endswith(".rate"))
        soon = int((time.time() - 3600 + 10) * 1e6)
        with open(path, "w") as out: out.write(f"certwitness-mail-rate 1\n{soon}\n{soon + 3000000000}\n")
        process = d.start()
        for _ in range(4):
            d.grow(1)
            time.sleep(0.1)
        check(until(lambda: len(far.messages) > 2), "no digest comes")
        same([message.sequences for message in far.messages], [[1], [2], [3, 4, 5, 6]], "the messages")
        same(end(process), 0, "the exit code")

@test
def messages_whose_answers_are_lost_count_too():
    with mail_end(lambda stage, words, session: LOST if stage == "content" else DROP if stage == "DATA" and session.end.sessions == 1 else None) as far:
        d = Delivery("mailcounts", approvers=mail(far, atMost="2 an hour"))
        d.grow(2)
        process = d.start()
        check(until(lambda: len(far.messages) == 2), d.words())
        time.sleep(6)                                   # without the limit it would be sent again after 2 seconds, and after 4
        same((end(process), d.status()[1]["approvers/pki@corp.example"]["sequence"]), (0, 0), "the exit code and the position")
        same([message.sequences[0] for message in far.messages], [1, 1], "what came")

@test
def a_message_that_cannot_be_counted_is_not_sent_and_that_is_told():
    with mail_end() as far:
        d = Delivery("uncounted", approvers=mail(far, atMost="2 an hour"))
        d.grow(1)
        same((d.command("test", "approvers")[0], d.once()[0], len(far.messages)), (0, 0, 2), "test before there is a folder, a run, and what came")
        path, = (f"{d.state}/{name}" for name in os.listdir(d.state) if name.endswith(".rate"))
        os.mkdir(path + ".part")                        # in the way of what is written
        d.grow(3)
        code, out, err = d.once()
        same((code, [message.sequences for message in far.messages]), (1, [[1], [1]]), f"the exit code and what came ({err})")
        check("how many messages were sent (atMost) cannot be saved in approvers" in err and ".rate, so none is sent: " in err, err)
        same((d.command("test", "approvers")[0], len(far.messages)), (1, 2), "test")
        process = d.start()
        check(until(lambda: "lastError" in d.status()[1]["approvers/pki@corp.example"]), d.words())
        code, status = d.status()
        same((code, status["approvers/pki@corp.example"]["wrong"]), (1, True), "status")
        os.rmdir(path + ".part")
        check(until(lambda: len(far.messages) == 3), d.words())
        same((end(process), far.messages[2].sequences), (0, [2, 3, 4]), "the exit code, and what came once it can be saved")

@test
def a_message_on_its_way_when_the_delivery_is_killed_counts():
    with mail_end(lambda stage, words, session: HANG if stage == "content" else None) as far:
        d = Delivery("midway", approvers=mail(far, atMost="1 an hour"))
        d.grow(1)
        process = d.start()
        check(until(lambda: "DATA" in far.commands), "it does not begin")
        process.send_signal(signal.SIGKILL)
        process.wait()
        far.behave = lambda *words: None
        d.grow(1)
        code, out, err = d.once()
        check(code == 1 and not far.messages and "(atMost), so more are held" in err, (code, err))

@test
def a_digest_that_is_refused_is_halved_until_the_line_is_found():
    with mail_end(lambda stage, words, session: "554 5.6.0 no" if stage == "content" and 5 in words.sequences else None) as far:
        d = Delivery("halved", approvers=mail(far, atMost="20 an hour"))
        d.grow(60)
        same(d.once()[0], 1, "the exit code")
        same(sorted(far.sequences()), [n for n in range(1, 61) if n != 5], "what came")
        same([json.loads(line)["sequence"] for line in d.command("parked", "approvers")[1].splitlines()], [5], "what is parked")

@test
def a_section_for_drafts_alone_gets_no_events_and_needs_no_state():
    with mail_end() as far:
        d = Delivery("draftsonly", approvers=mail(far, startAt="never"))
        d.grow(5)
        code, out, err = d.once()
        check(code == 2 and "there is nothing to deliver: every destination has startAt = never" in err, (code, err))
        d.configure(approvers=mail(far, startAt="never"), copy=f"kind = copy\npath = {d.folder}/copy\nstartAt = oldest\n")
        same((d.once()[0], far.messages), (0, []), "what came")
        code, status = d.status()
        same((code, {each["state"] for name, each in status.items() if name != "copy"}, status["copy"]["sequence"]), (0, {"drafts only"}, 5), "status")
        check(not [name for name in os.listdir(d.state) if name.startswith("approvers")], os.listdir(d.state))
        code, out, err = d.command("seek", "approvers", "now")
        check(code == 2 and "gets no events" in err, (code, err))
        same(d.command("test", "approvers")[0], 0, "test")
        d.configure(copy=f"kind = copy\npath = {d.folder}/copy\nstartAt = never\n")
        code, out, err = d.command("check")
        check(code == 2 and "startAt = never is for kind mail" in err, (code, err))

run_tests()
