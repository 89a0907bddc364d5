#!/usr/bin/python3
"""What is wrong around certwitness-delivery is named, with what to do. Nothing is sent, nothing is lost: once it is mended, every line comes once."""
import sys; sys.path[0] += "/../lib"
import os, shutil, stat, subprocess

import chains, tls
from commands import run_apart
from deliveries import FOLDER, Delivery
from far_end import far_end
from tap import check, run as run_tests, same, test

def http(far, **more):
    keys = {"kind": "http", "url": far.url, "startAt": "oldest", "timeout": 5, **({"ca": f"{tls.FOLDER}/root.pem"} if far.tls else {"allowPlain": "yes"}), **more}
    return "".join(f"{name} = {value}\n" for name, value in keys.items())

def refused(d, far, *parts, commands=("check", "run"), came=0, code=(1, 2)):
    """Each command says every part, nothing comes, and the state stays as it was."""
    def state(): return open(d.state + "/hub.state", "rb").read() if os.path.isfile(d.state + "/hub.state") else None
    before = state()
    for command in commands:
        got, out, err = d.once() if command == "run" else d.command(command)
        check(got in code, f"the exit code of {command} is {got} ({out}{err})")
        for part in parts: check(part in out + err, f"{command} does not say {part!r}: {out}{err}")
    same(len(far.sequences()), came, "the lines that came")
    if before is not None: check(state() == before, "the state was changed")

def mended(d, far, want=None):
    code, out, err = d.once()
    same(code, 0, f"the exit code, mended ({err})")
    same(far.sequences(), want or list(range(1, len(d.lines) + 1)), "what came, mended")

@test
def a_configuration_with_an_error_runs_nothing():
    with far_end() as far:
        d = Delivery("bad-config", hub=http(far, formt="batch"))
        d.grow(5)
        refused(d, far, f"{d.config}:11: there is no key \"formt\". Did you mean \"format\"?", code=(2,))
        d.configure(hub=http(far))
        mended(d, far)

@test
def a_journal_that_is_not_there_or_no_folder_is_named():
    with far_end() as far:
        d = Delivery("bad-journal", hub=http(far))
        d.grow(5)
        os.rename(d.journal, d.journal + ".away")
        refused(d, far, d.journal, commands=("check",))
        refused(d, far, "the journal cannot be read", commands=("run",))
        open(d.journal, "w").close()
        refused(d, far, d.journal, commands=("check",))
        os.remove(d.journal)
        os.rename(d.journal + ".away", d.journal)
        mended(d, far)

@test
def a_folder_for_the_state_that_is_a_file_is_named():
    with far_end() as far:
        d = Delivery("bad-state-file", hub=http(far))
        d.grow(5)
        open(d.state, "w").close()
        refused(d, far, d.state, commands=("run",), code=(2,))
        os.remove(d.state)
        mended(d, far)

@test
def the_state_of_another_journal_of_the_same_ca_is_named():
    with far_end() as far:
        one = Delivery("bad-state-one", hub=http(far))
        one.grow(9)
        one.once()
        d = Delivery("bad-state-other", hub=http(far))
        d.grow(30, data='{"event":2}')
        os.makedirs(d.state, 0o700)
        shutil.copy(one.state + "/hub.state", d.state + "/hub.state")
        refused(d, far, "changed", came=9)
        code, out, err = d.once()
        check("or [state] is that of another journal" in err and "seek" in err, err)
        same(d.command("seek", "hub", "oldest")[0], 0, "seek")
        mended(d, far, [*range(1, 10), *range(1, 31)])

@test
def the_journal_of_another_ca_is_named_with_both_names():
    with far_end() as far:
        one = Delivery("bad-ca-one", hub=http(far))
        one.grow(9)
        one.once()
        d = Delivery("bad-ca-other", hub=http(far))
        d.grow(30, source="/adcs/ca/Other")
        os.makedirs(d.state, 0o700)
        shutil.copy(one.state + "/hub.state", d.state + "/hub.state")
        refused(d, far, "Other", "the CA CA", commands=("run",), came=9)
        refused(d, far, "belongs to another CA", commands=("check",), came=9)
        shutil.rmtree(d.state)
        mended(d, far, [*range(1, 10), *range(1, 31)])

@test
def a_journal_that_begins_behind_the_state_has_to_follow_it():
    """As one whose older lines were removed: of another CA, or of this one with other lines before."""
    for name, more, parts in ("ca", {"source": "/adcs/ca/Other"}, ("the journal is that of the CA Other", "the CA CA")), ("same", {"data": '{"event":2}'}, ("line 100 of the journal was changed",)):
        for first in 101, 151:
            if (name, first) == ("same", 151): continue             # nothing shows it
            with far_end() as far:
                d = Delivery(f"bad-behind-{name}{first}", hub=http(far))
                d.grow(100)
                same(d.once()[0], 0, "the exit code")
                shutil.rmtree(d.journal)
                os.mkdir(d.journal)
                d.lines = []
                d.grow(300, **more)
                for before in range(1, first, 50): os.remove(f"{d.journal}/{chains.name(before)}")
                refused(d, far, *parts, commands=("run",), came=100)
                refused(d, far, "belongs to another CA" if name == "ca" else "was changed", commands=("check",), came=100)
                same([event["type"] for event in far.taken if "delivery" in event["type"]], [], "what was told")

@test
def a_damaged_state_is_named_with_the_command_that_mends_it():
    with far_end() as far:
        d = Delivery("bad-state", hub=http(far))
        d.grow(9)
        os.makedirs(d.state, 0o700)
        open(d.state + "/hub.state", "wb").write(b"\0" * 8192)
        refused(d, far, "its state is damaged", "certwitness-delivery seek")
        d.command("seek", "hub", "oldest")
        mended(d, far)

@test
def what_is_said_to_a_stream_that_is_closed_stands_in_no_file_of_the_state():
    for closed in (2,), (0, 1, 2), (1, 2), (0, 2):
        with far_end(lambda request: 400) as far:
            d = Delivery("closed", hub=http(far), there=f"kind = copy\npath = {FOLDER}/closed/copy\nstartAt = oldest")
            d.grow(5)
            subprocess.run([*d.program, "run", "--once", "--config", d.config], preexec_fn=lambda: [os.close(handle) for handle in closed])
            for name in os.listdir(d.state):
                data = open(f"{d.state}/{name}", "rb").read()
                check(b"certwitness-delivery:" not in data, f"without {closed}: {name} has {data[:80]}")
            same(d.status()[1]["there"]["sequence"], 5, f"the position of the other destination without {closed}")

@test
def a_secret_that_is_missing_open_to_others_or_wrong_is_named():
    with far_end(lambda request: 200 if request.headers["Authorization"] == "Bearer right" else 401) as far:
        d = Delivery("bad-secret", hub=http(far, auth="bearer"))
        d.grow(5)
        refused(d, far, "has an auth and no secret", "secret set hub")
        d.command("secret", "set", "hub", data=b"right")
        os.chmod(d.state + "/hub.secret", 0o644)
        refused(d, far, "its secret cannot be read")
        os.chmod(d.state + "/hub.secret", 0o600)
        d.command("secret", "set", "hub", data=b"wrong")
        refused(d, far, "answered 401; look at auth and secret", commands=("run",))
        d.command("secret", "set", "hub", data=b"right")
        mended(d, far)

@test
def a_client_certificate_that_has_expired_or_is_not_valid_yet_is_named_before_anything_is_sent():
    tls.leaf("late", "root", "extendedKeyUsage=clientAuth", "-1")
    tls.leaf("early", "root", "extendedKeyUsage=clientAuth", "9", when="+2 days")
    mine = {"clientCertificate": f"{tls.FOLDER}/client.pem", "clientKey": f"{tls.FOLDER}/client.key"}
    for name, said in ("late", "has expired at 20"), ("early", "is not valid before 20"):
        with far_end(tls=tls.context("right", "root")) as far:
            d = Delivery(f"bad-client-{name}", hub=http(far, clientCertificate=f"{tls.FOLDER}/{name}.pem", clientKey=f"{tls.FOLDER}/{name}.key"))
            d.grow(5)
            refused(d, far, f"the client certificate {tls.FOLDER}/{name}.pem {said}", "nothing is sent until")
            d.configure(hub=http(far, **mine))
            mended(d, far)

@test
def certificates_that_are_missing_or_none_are_named():
    with far_end(tls=tls.context("right", "root")) as far:
        mine = {"clientCertificate": f"{tls.FOLDER}/client.pem", "clientKey": f"{tls.FOLDER}/client.key"}
        d = Delivery("bad-certificates")
        d.grow(5)
        open(d.folder + "/garbage.pem", "w").write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        for change, part in ({"ca": f"{d.folder}/nowhere.pem"}, "nowhere.pem"), ({"ca": f"{d.folder}/garbage.pem"}, "garbage.pem"), \
                            ({"clientCertificate": f"{d.folder}/nowhere.pem"}, "client certificate"), ({"clientCertificate": f"{d.folder}/garbage.pem"}, "client certificate"), \
                            ({"clientKey": f"{tls.FOLDER}/intruder.key"}, "key"):
            d.configure(hub=http(far, **{**mine, **change}))
            refused(d, far, part, commands=("run",))
        d.configure(hub=http(far, **mine))
        mended(d, far)

@test
def check_names_each_file_that_is_missing_or_of_no_use_with_its_line():
    mine = {"ca": f"{tls.FOLDER}/root.pem", "clientCertificate": f"{tls.FOLDER}/client.pem", "clientKey": f"{tls.FOLDER}/client.key"}
    d = Delivery("bad-files")
    d.grow(5)
    def path(name, text=None, mode=0o644):
        if text is not None:
            with open(f"{d.folder}/{name}", "w") as out: out.write(text)
            os.chmod(f"{d.folder}/{name}", mode)
        return f"{d.folder}/{name}"
    garbage, empty = path("garbage.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), path("empty.pem", "")
    tls.openssl("ec", "-in", f"{tls.FOLDER}/client.key", "-aes128", "-passout", "pass:x", "-out", d.folder + "/locked.key")
    tls.openssl("pkcs8", "-topk8", "-in", f"{tls.FOLDER}/client.key", "-passout", "pass:x", "-out", d.folder + "/locked8.key")
    both = path("both.pem", open(mine["clientCertificate"]).read() + open(mine["clientKey"]).read())
    missing, none = "cannot be read: there is no such file or folder", "holds no certificate in PEM"
    locked = "is encrypted, and nobody is there to type its password; give a key without one that only the delivery's account can read"
    wrong = {"ca": {path("nowhere"): missing, d.folder: "cannot be read: access is denied", garbage: none + "; give the roots to trust so", empty: none + "; give the roots to trust so",
                    mine["clientKey"]: none + "; give the roots to trust so"},
             "clientCertificate": {path("nowhere"): missing, garbage: none, empty: none, mine["clientKey"]: none, d.folder: "cannot be read: access is denied"},
             "clientKey": {path("nowhere"): missing, garbage: "holds no private key in PEM", empty: "holds no private key in PEM", path("locked.key"): locked, path("locked8.key"): locked,
                           f"{tls.FOLDER}/intruder.key": f"is not the key of the certificate in {tls.FOLDER}/client.pem"},
             "program": {path("nowhere"): "does not exist; correct the path", path("empty.pem/x"): "does not exist; correct the path", d.folder: "is no file; give the path of a program",
                         path("tell", "#!/bin/sh\n", 0o644): "may not be executed by this account; look at its mode and those of the folders that lead to it"}}
    for key, cases in wrong.items():
        text, said = open(d.config).read(), []
        keys = {"program": {"kind": "program", "startAt": "now"}}.get(key, {"kind": "http", "url": "https://localhost/", "startAt": "now", **mine})
        for n, (value, sentence) in enumerate(cases.items()):
            text += f"[to n{n}]\n" + "".join(f"{name} = {each}\n" for name, each in keys.items() if name != key) + f"{key} = {value}\n"
            said.append(f"certwitness-delivery: {d.config}:{text.count(chr(10))}: {key} = {value} {sentence}")
        with open(d.config + ".wrong", "w") as out: out.write(text)
        code, out, err = run_apart(*d.program, "check", "--config", d.config + ".wrong")
        same((code, [line for line in err.splitlines()]), (1, [line.replace(d.config, d.config + ".wrong") for line in said]), f"{key}: exit code and what check says")
    d.configure(hub="kind = http\nurl = https://localhost/\nstartAt = now\n" + "".join(f"{name} = {value}\n" for name, value in mine.items()),
                both=f"kind = http\nurl = https://localhost/\nstartAt = now\nclientCertificate = {both}\n", run="kind = program\nprogram = /bin/sh\nstartAt = now\n",
                mail=f"kind = mail\nserver = x:25\nfrom = a@x\nto = b@x, c@x\nca = {path('nowhere')}\nstartAt = now\n")
    code, out, err = d.command("check")
    same((code, err.count("\n"), missing in err), (1, 1, True), f"what is right, and one fault of two recipients ({err})")

@test
def check_says_that_it_cannot_read_the_state():
    d = Delivery("bad-state-read", hub="kind = program\nprogram = /bin/sh\nstartAt = now\n")
    d.grow(5)
    same(d.command("check")[::2], (0, ""), "without a state")
    os.symlink(d.state, d.state)
    code, out, err = d.command("check")
    check(code == 1 and f"[state] {d.state}: " in err and not out, (code, out, err))

@test
def a_folder_of_a_copy_that_cannot_be_made_is_named():
    d = Delivery("bad-copy")
    open(d.folder + "/file", "w").close()
    d.configure(hub=f"kind = copy\npath = {d.folder}/file/copy\nstartAt = oldest\n")
    d.grow(5)
    code, out, err = d.once()
    check(code == 1 and f"{d.folder}/file/copy" in err, (code, err))
    os.remove(d.folder + "/file")
    os.mkdir(d.folder + "/file")
    same(d.once()[0], 0, "mended")
    same(open(f"{d.folder}/file/copy/{chains.name(1)}", "rb").read(), b"".join(d.lines), "the copy")

run_tests()
