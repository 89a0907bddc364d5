#!/usr/bin/python3
"""lab.cmd under Wine's cmd, with pretended tools: each command line by the documented syntax, the order, and what is put back. No Windows has run it."""
import sys; sys.path.insert(0, sys.path[0] + "/../lib")
import base64, json, os, re, shutil

from answers import facts_in, request_id_in, said_in, shown
from case_requests import broken, make_requests
from commands import run, windows, wine
from machine import on_machine
from tap import check, run as run_tests, same, test
from tools_syntax import Wrong, checked

on_machine("stub")
WORK = "build/tmp/lab"
LIST = "CertificateAuthority_MicrosoftDefault.Exit\\0Other.Exit"
KEY = r"HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration"
CA = KEY + r"\Wit !0026 Ness CA"

def words_of(line):
    """As cmd parts them: blanks, but not within quotation marks."""
    return [word.replace('"', "") for word in re.findall(r'(?:"[^"]*"|[^\s"])+', line)]

SAYS = 'RequestId: 41\r\nRequestId: "41"\r\nCertificate retrieved(Issued) Issued\r\n'
VIEW = '"Request ID","Serial Number"\r\n"41","6100AB"\r\nCertUtil: -view command completed successfully.\r\n'
UNREACHED = "Certificate Request Processor: The RPC server is unavailable. 0x800706ba (WIN32: 1722)\r\n"
READER = "build/lab/lab_reader.exe"
OWN = "lab.cmd", "lab_reader.exe", "commands.txt", "commands.txt.submitted", "commands.txt.stopped", "said", "view"
# Of an administrator, beside lab.cmd; tools.txt and bob.cer are names that lab.cmd gives.
OTHERS = "my-root-ca.cer", "old.cert", "tools.txt", "bob.cer", "alice.rsp", "certificate.txt"

def played(ca="there", modules=LIST, answer="/y", says=SAYS, view=VIEW, type="0x3", fault="none", there=(), probe=None, last="41"):
    """Exit code, what was said, the commands, and the folder."""
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    for file in ("tests/acceptance/lab.cmd", READER): shutil.copy(file, WORK)
    if fault == "rests": there = (*there, "commands.txt.stopped")
    for name, data in (("said", says.encode("cp437")), ("view", view.encode("cp437")), *((name, b"of somebody") for name in there)):
        with open(f"{WORK}/{name}", "wb") as out: out.write(data)
    tool = "call " + windows("tests/acceptance/pretended.cmd")
    env = {name: f"{tool} {word}" for name, word in (("CERTUTIL", "certutil"), ("CERTREQ", "certreq"), ("SC", "sc"), ("REG", "reg"), ("REGSVR", "regsvr32"))}
    env.update(PRETENDED_LOG=windows(WORK + "/commands.txt"), PRETENDED_CA=ca, PRETENDED_LIST=modules, PRETENDED_SAID=windows(WORK + "/said"), PRETENDED_VIEW=windows(WORK + "/view"), PRETENDED_TYPE=type, PRETENDED_FAULT=fault, PRETENDED_LAST=last)
    if probe: env["PRETENDED_PROBE"] = windows(probe)
    code, said = wine("cmd.exe", "/c", windows(WORK + "/lab.cmd"), answer, env=env, data=b"no\r\n", timeout=900)
    log = WORK + "/commands.txt"
    return code, said, [words_of(line) for line in open(log, encoding="utf-8", errors="replace")] if os.path.exists(log) else []

def probe_log():
    """What the probe writes, as pretended.cmd puts it beside lab.cmd."""
    with open("build/tmp/lab-probe.txt", "w") as out: out.write(PROBE)
    return "build/tmp/lab-probe.txt"

PLAYED = []
def whole():
    """A run without a fault, in a folder with others' files; and what it left."""
    if PLAYED: return PLAYED
    PLAYED.extend(played(there=OTHERS, probe=probe_log()))
    PLAYED.append(open(WORK + "/probe.txt", newline="").read() if os.path.exists(WORK + "/probe.txt") else "")
    PLAYED.append(open(WORK + "/probe-texts.txt", encoding="utf-16").read() if os.path.exists(WORK + "/probe-texts.txt") else "")
    PLAYED.append(sorted(set(os.listdir(WORK)) - set(OWN)))
    PLAYED.append([name for name in OTHERS if not os.path.exists(f"{WORK}/{name}") or open(f"{WORK}/{name}", "rb").read() != b"of somebody"])
    return PLAYED

def wide(text): return text.encode("utf-16-le").hex()
HOSTILE = "CORP\\zo\u00eb\x1b[31m\r\n\u202eetaerc"
PROBE = "".join("\t".join(words) + "\n" for words in (
    ["start", "0", wide("lab\\Wit Ness CA"), "MTA", "00000000"], ["active", "0", wide("A.Exit\0B.Exit")], ["event", "0", "1", "7", "1", "MTA", "1"],
    *([["property", "0", "R", "RequesterName", "S", "00000000", "8", wide(HOSTILE)]] * 2), ["property", "0", "R", "RequestID", "L", "00000000", "3", "12"],
    ["property", "0", "R", "StatusCode", "S", "80070057", "8", "-"], ["property", "0", "C", "CertSuffix.0", "S", "00000000", "8", "NULL"],
    ["property", "0", "C", "RawCACertificate", "B", "00000000", "8", (b"\x30\x82http://pki.lab.example/ca.crl\x02short\xff" + b"CN=Inside").hex()],
    ["attribute", "0", wide("cdc"), wide("host.lab.example")], ["extension", "0", "1.2.3", "0", b"\x04\x08template-of-lab".hex()], ["class", "0", "STA", "STA", "00000000", wide("Sanitized"), wide("SYSTEM\\X")],
    ["rule", "0", "unknown name", "80070057"]))
TEXTS = ["start: lab\\Wit Ness CA", "active: A.Exit\\u0000B.Exit", "RequesterName: CORP\\zo\u00eb\\u001b[31m\\u000d\\u000a\\u202eetaerc", "RawCACertificate, within: http://pki.lab.example/ca.crl",
         "RawCACertificate, within: CN=Inside", "attribute: cdc", "value of an attribute: host.lab.example", "1.2.3, within: template-of-lab", "CA: Sanitized", "key: SYSTEM\\X"]

@test
def each_command_line_is_one_that_the_documentation_knows():
    code, said, commands = whole()[:3]
    same(code, 0, f"exit code; {said[-600:]}")
    check(len(commands) > 60, f"{len(commands)} commands")
    for words in commands:
        try: checked([words[0] + ".exe", *words[1:]])
        except Wrong as why: check(False, str(why))

@test
def the_list_the_policy_and_the_class_are_put_back():
    commands = whole()[2]
    lists = [words[words.index("/d") + 1] for words in commands if words[:2] == ["reg", "add"] and "Active" in words]
    same(lists, [LIST + "\\0StubProbe.Exit\\0StubProbe2.Exit", LIST], "the list")
    policies = [words[words.index("/d") + 1] for words in commands if words[:2] == ["reg", "add"] and "RequestDisposition" in words]
    same(policies, ["1", "257", "2", "1", "0x101"], "the policy")
    check("are as they were" in whole()[1], f"what it says: {whole()[1][-300:]}")
    same([words[1:3] for words in commands if words[0] == "regsvr32"], [["/s", words_of(windows(WORK + "/probe.dll"))[0]], ["/s", "/u"]], "the class")
    same([words[2] for words in commands if words[:2] == ["reg", "delete"]], [rf"{CA}\ExitModules\StubProbe.Exit", rf"{CA}\ExitModules\StubProbe2.Exit"], "keys that are deleted")
    same([words[1] for words in commands if words[0] == "sc" and words[1] in ("start", "stop")].count("start"), 6, "starts")

def until_first_start(commands): return commands[:next((place for place, words in enumerate(commands) if words[:2] == ["sc", "start"]), 0)]

@test
def an_earlier_run_that_was_cut_off_does_not_spoil_the_first_start():
    """Values of the later starts may stand in the key of the second probe: it would fail, or throw, from the beginning."""
    values = [words[2:] for words in until_first_start(whole()[2]) if words[:2] == ["reg", "add"]]
    for name in ("InitializeFails", "NotifyThrows"):
        same([words for words in values if name in words], [[rf"{CA}\ExitModules\StubProbe2.Exit", "/v", name, "/t", "REG_DWORD", "/d", "0", "/f"]], f"{name} before the first start")

@test
def a_service_that_was_stopped_before_is_stopped_again():
    last = lambda commands: [words[1] for words in commands if words[0] == "sc" and words[1] != "query"][-1:]
    same([last(whole()[2]), "stopped before" in whole()[1]], [["start"], False], "a service that ran")
    code, said, commands = played(fault="rests", probe=probe_log())
    same([code, last(commands)], [0, ["stop"]], f"exit code and the last word to the service; {said[-300:]}")
    check("The service was stopped before, and is stopped again." in said, said[-400:])
    check(any("-ping" in words for words in commands[-12:]), "whether the CA answers is looked at before")

@test
def the_page_says_what_a_run_that_was_cut_off_leaves():
    with open("src/manual/lab.md", encoding="utf-8") as file: told = re.search(r"\*\*If lab\.cmd is cut off\*\*(.*?)\n\n##", file.read(), re.S)[1]
    for words in ("ExitModules\\StubProbe.Exit", "ExitModules\\StubProbe2.Exit", "regsvr32 /u", "lab-working", "RequestDisposition"): check(words in told, f"{words} is not named: {told}")

@test
def the_questions_are_asked():
    commands = whole()[2]
    cases = [words[words.index("-attrib") + 1] for words in commands if "-submit" in words]
    same(cases, ["cwcase:" + case for case in ("alice", "titled", "broken", "several", "stranger", "garbage", "keygen\\nChallenge:another", "san\\nsan:dns=asked.example", "bob", "carol", "refused", "dave", "erin")], "requests")
    same([words[-1] for words in commands if "-revoke" in words], ["6", "-1"], "reasons")
    check(all("6100AB" in words for words in commands if "-revoke" in words), "the serial number")
    same([[words[3], words[4]] for words in commands if words[3:4] in (["-resubmit"], ["-deny"])], [["-resubmit", "41"], ["-deny", "41"]], "the requests that are managed")
    last, serial = (["-view", "-restrict", "RequestId==$", "-out", "RequestID", "csv"], ["-view", "-restrict", "RequestID=41", "-out", "RequestID,SerialNumber", "csv"])
    same([words[words.index("-view"):] for words in commands if "-view" in words], [last] * 6 + [serial], "what is asked of the database")
    same({words[words.index("-config") + 1].split("\\")[1] for words in commands if "-config" in words}, {"Wit & Ness (Root) CA"}, "the CA")

@test
def what_the_probe_cannot_know_is_written_behind_its_log():
    lines = whole()[3].split("\n")
    facts = facts_in(lines)
    said = {name: text for name, _, text in said_in(lines)}
    same(said["exitcount"], "Exit module count: 3", "an output, as it was")
    same([name for name, _, _ in said_in(lines) if not name.startswith("submit-")], ["resubmit", "retrieve", "deny", "hold", "release", "crl", "service", "crl", "exitcount", "crl", "windows"], "outputs that are kept")
    same([facts["rows"]["carol"], facts["stopped"], facts["after_throw"]], [41, False, 0], "numbers")
    same([sorted(facts["done"]), facts["exit_count"]], [sorted("alice titled broken several stranger garbage keygen san bob retrieve carol refused dave erin".split()), 3], "facts")
    check(re.search(r"\d+\.\d+\.\d+", facts.get("windows", "")), f"windows: {facts.get('windows')!r}")

@test
def outputs_are_judged_by_code_number_and_position_in_any_language():
    for count, number in (("Exit module count: 3", "RequestId: 7"), ("Anzahl der Exitmodule: 3", "Anforderungs-ID: 7"), ("Nombre de modules de sortie : 0x3 (3)", "IDDemande : \ufffd 7 \ufffd")):
        lines = ["said\texitcount", count, "CertUtil: -CAInfo command completed successfully.", "code\t0", "said\tretrieve", "x", "code\t-2147024809", "said\tsubmit-broken", number, "Zertifikat nicht ausgestellt", "code\t1"]
        same(facts_in([line + "\r" for line in lines]), {"done": ["broken"], "rows": {"broken": 7}, "exit_count": 3}, count)
    same(facts_in(["said\texitcount", "Access is denied.", "code\t5", "said\tsubmit-garbage", "RequestId: 8"]), {"done": [], "rows": {}}, "an output without a number, and one that was cut off")

@test
def no_file_of_others_is_touched_and_none_of_its_own_stays():
    left, changed = whole()[5:]
    same(changed, [], "files of others that are gone or changed")
    same(left, sorted((*OTHERS, "probe.txt", "probe-texts.txt")), "files beside lab.cmd")

@test
def no_request_of_others_is_touched_where_its_own_did_not_reach_the_ca():
    for says in (UNREACHED, "RequestId:\r\n", "A request 7 is there.\r\n(WIN32: 7)\r\n", ""):
        code, said, commands = played(says=says, view='"Request ID","Serial Number"\r\n"6","6100AA"\r\n"7","6100AB"\r\n', fault="unreached")
        same(managing(commands), [], f"commands after {says[:30]!r}")
        check(code == 3 and all(word in said for word in ("approval and retrieval", "denial", "hold and release", "are as they were")), f"code {code}, {said[-500:]}")

def managing(commands): return [words[1:] for words in commands if {"-resubmit", "-retrieve", "-deny", "-revoke"} & set(words) or any(word.startswith("RequestID=") for word in words)]

@test
def no_request_is_touched_of_which_it_is_not_certain_that_it_is_its_own():
    """What certreq printed against the CA's last request, which was 40 before."""
    for last, says, why in (("41", "RequestId: 7\r\n", "certreq speaks of request 7, and the CA's last one is 41"), ("43", SAYS, "somebody else uses this CA, whose last request was 40 and is 43"),
                            ("40", SAYS, "the CA has no request more than before, the last is 40"), ("none", SAYS, "the CA does not say which request is its last")):
        code, said, commands = played(last=last, says=says)
        same(managing(commands), [], f"commands after {last} and {says[:20]!r}")
        same([said.count(f'Which request is that of "{name}" is not certain: ') for name in ("alice", "bob", "carol")], [1, 1, 1], f"sentences after {last} and {says[:20]!r}: {said[-900:]}; they")
        check(code == 3 and why in said and "are as they were" in said, f"{last}, {says[:20]!r}: code {code}, {said[-700:]}")

@test
def its_own_request_is_known_though_certreq_says_no_number_that_can_be_read():
    code, said, commands = played(says="Die Anforderung Nummer 41 wurde ausgestellt.\r\n", probe=probe_log())
    same([words[words.index(verb) + 1] for words in commands for verb in ("-resubmit", "-deny") if verb in words], ["41", "41"], "requests that are managed")
    check(code == 0 and "not certain" not in said, f"code {code}, {said[-500:]}")

@test
def the_last_request_is_read_with_quotation_marks_and_without():
    for text, number in (('"Request ID"\r\n"41"\r\n', 41), ('"Request ID"\r\n41\r\nCertUtil: -view command completed successfully.\r\n', 41), ('"Anforderungs-ID"\r\n"0x29 (41)"\r\n', 41), ('"Issued Request ID"\r\n0x29\r\n', 41),
                         ('"Request ID"\r\nCertUtil: -view command completed successfully.\r\n', 0), ('"Request ID"\r\n"41"\r\n"42"\r\n', None), ('"Request ID","x"\r\n"41","5"\r\n', None), ("41\r\n", None), ("", None),
                         ('"Request ID"\r\n"41x"\r\n', 0), ('"Request ID"\r\n"99999999999"\r\n', 0), ("CertUtil: -view command FAILED: 0x80070005 (WIN32: 5 ERROR_ACCESS_DENIED)\r\n", None)):
        with open(WORK + "/view", "wb") as out: out.write(text.encode("cp850"))
        code, said = run("wine/run", READER, "last", windows(WORK + "/view"))
        same((code, said.strip()), (1, "") if number is None else (0, str(number)), f"the last request in {text!r}")

@test
def no_failure_below_zero_is_taken_for_success():
    """Wine's cmd compares without a sign, and would not show it: the text is looked at."""
    with open("tests/acceptance/lab.cmd") as file: lines = [line for line in file if not line.startswith("rem ")]
    behind = [after for line, after in zip(lines, lines[1:]) if line.startswith(("%CERTUTIL%", "%CERTREQ%"))]
    check(len(behind) > 8, f"{len(behind)} commands")
    same([line for line in behind if re.match(r"if (not )?errorlevel ", line)], [], "what is asked behind a command that fails below zero")

@test
def no_command_comes_before_the_ca_answers():
    """certutil -ping fails with a number below zero, as each of its commands does."""
    code, said, commands = played(fault="slow", probe=probe_log())
    same(code, 0, said[-300:])
    for place in [place for place, words in enumerate(commands) if words[:2] == ["sc", "start"]]:
        after = [words for words in commands[place:] if words == ["answers"] or {"-submit", "-view", "-CRL", "-resubmit"} & set(words)]
        check(after[:1] == [["answers"]], f"after start {place}: {after[:1]}")

@test
def no_certificate_is_revoked_whose_serial_number_is_not_that_of_the_own_request():
    for view in ("", '"Request ID","Serial Number"\r\n', '"Request ID","Serial Number"\r\n"7","6100AB"\r\n', '"41","EMPTY"\r\n', '"41","61AB"\r\n"41","61AC"\r\n', '"141","61AB"\r\n', '"41"\r\n', '"41","61AB & calc"\r\n',
                 "CertUtil: -view command FAILED: 0x80070005 (WIN32: 5 ERROR_ACCESS_DENIED)\r\n"):
        with open(WORK + "/view", "wb") as out: out.write(view.encode())
        same(run("wine/run", READER, "serial", windows(WORK + "/view"), "41"), (1, ""), f"serial number in {view!r}")
    code, said, commands = played(view='"Request ID","Serial Number"\r\n"7","6100AB"\r\n')
    same([words for words in commands if "-revoke" in words], [], "revocations")
    check(code == 3 and "hold and release" in said and "denial" not in said, f"code {code}, {said[-400:]}")

@test
def the_request_id_is_read_as_the_answers_reader_reads_it():
    recorded = [(one["text"], one["is"]) for one in json.load(open("tests/acceptance/tool_output.json", encoding="utf-8"))["outputs"] if one["read"] == "request_id"]
    check(len(recorded) > 4, f"{len(recorded)} outputs")
    odd = [(text, None) for text in (UNREACHED, "", "RequestId:\r\n", "x: 7x\r\n", "x: 0x7\r\n", "x7: 8\r\n", "{x: 8\r\n", "x: (8)\r\n", ": 8\r\n", "x: 1 2\r\n", "x: 7: 8\r\n", "no colon 7\r\n", "x: -7\r\n", "y" * 70000)]
    for text, number in (*recorded, *odd, ("ldap:\r\n  {5A-3}\r\n  x & y: \"|%PATH% !x!\r\nRequestId: 9\r\nRequestId: 10\r\n", 9), ("\u00c9tat : \u00ab\u00a031\u00a0\u00bb\r\n", 31), ("RequestId: 8", 8)):
        for codec in ("utf-8", "cp850", "cp1252"):
            with open(WORK + "/said", "wb") as out: out.write(text.encode(codec))
            code, said = run("wine/run", READER, "number", windows(WORK + "/said"))
            same((code, said.strip()), (0, str(number)) if number else (1, ""), f"lab_reader, {codec}, {text[:50]!r}")
        same(request_id_in(text), number, f"answers.py, {text[:50]!r}")

@test
def what_is_given_away_can_be_read_before():
    """By lab_reader.exe on the CA, and by answers.py --show elsewhere: every text once, and none that does harm where it is shown."""
    lines = whole()[4].splitlines()
    same([line for line in lines if line in TEXTS], TEXTS, "texts")
    same(len(lines), len(set(lines)), "lines, and those that differ")
    check('RequestId: "41"' in lines and "said exitcount" in lines and "Exit module count: 3" in lines, "what the tools said")
    same(shown(PROBE.splitlines()), TEXTS, "answers.py")
    code, said = run("python3", "tests/acceptance/answers.py", WORK + "/probe.txt", "--show")
    same([code, [line for line in said.splitlines() if line not in lines]], [0, []], "lines that only answers.py --show has")

@test
def it_says_what_stays_and_what_is_not_as_it_was():
    for words in ("fifteen requests more", "published CRLs", "probe-texts.txt"): check(words in whole()[1], f"{words}: {whole()[1][-600:]}")
    code, said, _ = played(fault="stuck")
    check(code == 4 and "NOT AS IT WAS: policy" in said and "HAD=0x101" in said and "are as they were" not in said, f"code {code}, {said[-400:]}")

@test
def a_probe_that_has_written_nothing_is_told_of():
    code, said, _ = played()
    check(code == 3 and "The probe has written nothing" in said and "are as they were" in said, f"code {code}, {said[-500:]}")
    check("has written nothing" not in whole()[1], "a probe that has written")

@test
def nothing_is_done_where_it_cannot_be():
    earlier = "of an earlier run"
    for given, says in ((dict(ca="none"), "no CA"), (dict(modules=LIST + "\\0StubProbe.Exit"), "in the CA's list already"), (dict(answer="/x"), "For a CA of a laboratory alone"),
                        (dict(type="0x0"), "no standalone CA"), (dict(type="0x1"), "no standalone CA"), (dict(type=""), "no standalone CA"), (dict(there=["probe.txt"]), earlier), (dict(there=["lab-working"]), earlier)):
        code, said, commands = played(**given)
        changing = [words for words in commands if words[:2] != ["reg", "query"]]
        check(code != 0 and says in said and not changing, f"{given}: code {code}, {changing[:2]}, {said[-300:]}")
    code, said, commands = played(fault="class")
    check(code == 2 and "cannot be registered" in said, f"a class that cannot be registered: {code}, {said[-300:]}")
    same([[words[0] for words in commands if words[:2] != ["reg", "query"]], os.path.exists(WORK + "/lab-working")], [["regsvr32"], False], "what was done then")

@test
def the_page_says_of_each_tool_whether_its_output_was_seen():
    with open("src/manual/lab.md", encoding="utf-8") as file: told = re.search(r"Seen in a publication(.*?)\. Not seen so(.*?) \|", file.read(), re.S)
    with open("tests/acceptance/tool_output.json", encoding="utf-8") as file: outputs = [one for one in json.load(file)["outputs"] if one["tool"] != "submit.ps1"]
    tool = lambda one: one["tool"].split(",")[0]
    seen = {tool(one) for one in outputs if one["kind"] == "seen"}
    same([set(re.findall("`(.*?)`", part)) for part in told.groups()], [seen, {tool(one) for one in outputs} - seen], "tools of which an output was seen, and of which none")
    same({one["language"] for one in outputs if one["kind"] == "seen"}, {"en"}, "languages")

@test
def the_kit_has_what_the_page_says():
    kit = WORK + "/kit"
    shutil.rmtree(kit, ignore_errors=True)
    code, said = run("tests/acceptance/kit", kit)
    same(code, 0, said)
    def held(name):
        with open(f"{kit}/{name}", "rb") as file: return file.read()
    same(sorted(os.listdir(kit)), sorted(["answers.py", "lab.cmd", "lab_reader.exe", "probe.dll", *(f"{name}.req" for name in REQUESTS)]), "files")
    for name in ("lab.cmd", *(f"{name}.req" for name in REQUESTS)):
        check(b"\r\n" in held(name) and b"\n" not in held(name).replace(b"\r\n", b""), f"the lines of {name} do not end as cmd wants them")
    check(held("plain.req").startswith(b"-----BEGIN NEW CERTIFICATE REQUEST-----\r\n"), "requests are base64")
    for name in ("probe.dll", "lab_reader.exe"): same(held(name) == open(f"build/lab/{name}", "rb").read(), True, f"{name} is the one that was built")

REQUESTS = "plain", "titled", "broken", "several", "stranger", "garbage", "keygen"
DRAWN = {0x03: 0, 0x02: 4, 0x04: 20, 0x17: 0, 0x18: 0}        # what is another one each time, by tag, where it has more bytes: keys and signatures, serial numbers, digests, times

def shape(der):
    """Tags, one in another, and what is the same each time."""
    made = []
    while der:
        tag, size, head = der[0], der[1], 2
        if size > 0x80: head, size = 2 + size - 0x80, int.from_bytes(der[2:2 + size - 0x80], "big")
        assert head + size <= len(der), f"{head + size} bytes are told, and {len(der)} are there"
        value, der = der[head:head + size], der[head + size:]
        made.append((tag, shape(value) if tag & 0x20 else "drawn" if size > DRAWN.get(tag, size) else value))
    return made

@test
def the_committed_requests_are_what_would_be_made_today_but_for_the_keys():
    fresh, kept = WORK + "/fresh", {}
    make_requests(fresh)
    for name in REQUESTS:
        with open(f"tests/acceptance/requests/{name}.req") as file: lines = file.read().splitlines()
        same([lines[0], lines[-1]], ["-----BEGIN NEW CERTIFICATE REQUEST-----", "-----END NEW CERTIFICATE REQUEST-----"], f"the marks of {name}")
        kept[name] = base64.b64decode("".join(lines[1:-1]), validate=True)
        with open(f"{fresh}/{name}.req", "rb") as file: made = file.read()
        if name != "garbage": same(shape(kept[name]), shape(made), name)
    same([kept["broken"], kept["garbage"]], [broken(kept["plain"]), kept["plain"][:100]], "what is made of the plain one")
    for name, good in (("plain", True), ("titled", True), ("several", True), ("broken", False)):
        _, said = run("openssl", "req", "-in", f"tests/acceptance/requests/{name}.req", "-verify", "-noout")
        same("verify OK" in said, good, f"the signature of {name}: {said[:200]}; it")
    same(sorted(os.listdir("tests/acceptance/requests")), sorted(f"{name}.req" for name in REQUESTS), "files")

run_tests()
