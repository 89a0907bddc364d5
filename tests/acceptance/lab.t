#!/usr/bin/python3
"""lab.cmd under Wine's cmd, with pretended tools: each command line by the documented syntax, the order, and what is put back. No Windows has run it."""
import sys; sys.path.insert(0, sys.path[0] + "/../lib")
import json, os, re, shutil, zipfile

from answers import answers, facts_in
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

def played(ca="there", modules=LIST, answer="/y"):
    """Exit code, what was said, the commands, and the folder."""
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    shutil.copy("tests/acceptance/lab.cmd", WORK)
    tool = "call " + windows("tests/acceptance/pretended.cmd")
    env = {name: f"{tool} {word}" for name, word in (("CERTUTIL", "certutil"), ("CERTREQ", "certreq"), ("SC", "sc"), ("REG", "reg"), ("REGSVR", "regsvr32"))}
    env.update(PRETENDED_LOG=windows(WORK + "/commands.txt"), PRETENDED_CA=ca, PRETENDED_LIST=modules)
    code, said = wine("cmd.exe", "/c", windows(WORK + "/lab.cmd"), answer, env=env, data=b"no\r\n")
    log = WORK + "/commands.txt"
    return code, said, [words_of(line) for line in open(log, encoding="utf-8", errors="replace")] if os.path.exists(log) else []

PLAYED = []
def whole():
    if not PLAYED: PLAYED.extend((*played(), open(WORK + "/probe.txt", newline="").read() if os.path.exists(WORK + "/probe.txt") else ""))
    return PLAYED

@test
def each_command_line_is_one_that_the_documentation_knows():
    code, said, commands, _ = whole()
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
    same([words[1:3] for words in commands if words[0] == "regsvr32"], [["/s", words_of(windows(WORK + "/probe.dll"))[0]], ["/s", "/u"]], "the class")
    same([words[2] for words in commands if words[:2] == ["reg", "delete"]], [rf"{CA}\ExitModules\StubProbe.Exit", rf"{CA}\ExitModules\StubProbe2.Exit"], "keys that are deleted")
    same([words[1] for words in commands if words[0] == "sc" and words[1] in ("start", "stop")].count("start"), 6, "starts")

@test
def the_questions_are_asked():
    commands = whole()[2]
    cases = [words[words.index("-attrib") + 1] for words in commands if "-submit" in words]
    same(cases, ["cwcase:" + case for case in ("alice", "titled", "broken", "several", "stranger", "garbage", "keygen\\nChallenge:another", "san\\nsan:dns=asked.example", "bob", "carol", "refused", "dave", "erin")], "requests")
    same([words[-1] for words in commands if "-revoke" in words], ["6", "-1"], "reasons")
    check(all("6100AB" in words for words in commands if "-revoke" in words), "the serial number")
    same({words[words.index("-config") + 1].split("\\")[1] for words in commands if "-config" in words}, {"Wit & Ness (Root) CA"}, "the CA")

@test
def what_the_probe_cannot_know_is_written_behind_its_log():
    facts = facts_in(whole()[3].split("\n"))
    same([sorted(facts["done"]), facts["exit_count"]], [sorted("alice titled broken several stranger garbage keygen san bob retrieve carol refused dave erin".split()), 3], "facts")
    check(re.search(r"\d+\.\d+\.\d+", facts.get("windows", "")), f"windows: {facts.get('windows')!r}")
    same(answers(whole()[3].split("\n"))["unreadable"]["answer"], "refused", "an answer that needs a fact")

@test
def nothing_is_done_where_it_cannot_be():
    for given, says in ((dict(ca="none"), "no CA"), (dict(modules=LIST + "\\0StubProbe.Exit"), "in the CA's list already"), (dict(answer="/x"), "For a CA of a laboratory alone")):
        code, said, commands = played(**given)
        changing = [words for words in commands if words[:2] != ["reg", "query"]]
        check(code != 0 and says in said and not changing, f"{given}: code {code}, {changing[:2]}, {said[-300:]}")

@test
def the_kit_has_what_the_page_says():
    run("rm", "-f", WORK + "/lab.zip")
    code, said = run("tests/acceptance/kit", WORK + "/lab.zip")
    same(code, 0, said)
    with zipfile.ZipFile(WORK + "/lab.zip") as kit:
        names = sorted(kit.namelist())
        same(names, sorted(["answers.py", "lab.cmd", "probe.dll", *(f"{name}.req" for name in ("plain", "titled", "broken", "several", "stranger", "garbage", "keygen"))]), "files")
        check(b"\r\n" in kit.read("lab.cmd") and b"\n" not in kit.read("lab.cmd").replace(b"\r\n", b""), "lines end as cmd wants them")
        check(kit.read("plain.req").startswith(b"-----BEGIN NEW CERTIFICATE REQUEST-----\r\n"), "requests are base64")
        same(kit.read("probe.dll"), open("build/tests/modules/probe.dll", "rb").read(), "the probe")

run_tests()
