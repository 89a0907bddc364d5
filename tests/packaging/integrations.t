#!/usr/bin/python3
"""The settings for other programs in src/packaging/integrations, against the journal's schema and real journals.

Read by others than us: YAML by python3-yaml, XML by xmllint and Wine's schtasks, regular expressions by perl, alerts.jq by jq. What
Debian has no program for (Splunk, Elastic, Fluent Bit, Windows) is read here only as far as its form goes, and its names are compared
with the journal's. rsyslog and PostgreSQL run in tests/interop.
"""
import sys; sys.path[0] += "/../lib"
import csv, fnmatch, glob, io, json, os, re, subprocess, xml.etree.ElementTree as ElementTree
from datetime import datetime, timezone

import yaml

from chains import chain, hash_of, line
from commands import run, windows, wine
from tap import check, run as run_tests, same, test

HERE = "src/packaging/integrations"
WORK = "build/tmp/integrations"
LONGEST = 1 << 20                       # bytes of a line, LF included
GOLDEN = "tests/journal/golden/0.1.0"
SCHEMA = json.load(open("src/journal/journal.schema.json"))
ALERTS = re.findall(r"(?m)^\| ([a-zA-Z ]+) \| [`A-Zt]", open(f"{HERE}/README.md").read().partition("## What the alerts mean")[2])
CA_FOLDER = "C:\\ProgramData\\CertWitness\\Demo Issuing CA\\"


def text(name): return open(f"{HERE}/{name}", encoding="utf8").read()

def journal(name): return b"".join(open(path, "rb").read() for path in sorted(glob.glob(f"{GOLDEN}/{name}/*.jsonl")))

def whole(lines):
    """Lines that are JSON; some of the journals were damaged on purpose."""
    for raw in lines.splitlines(keepends=True):
        try: yield raw, json.loads(raw)
        except ValueError: pass

def real_lines():
    return [pair for name in sorted(os.listdir(GOLDEN)) if os.path.isdir(f"{GOLDEN}/{name}") for pair in whole(journal(name))]

def leaves(node, path=()):
    """(path, kind, most) of whatever the schema describes that is neither object nor list."""
    name = node.get("$ref", "").rpartition("/")[2]
    if name in ("hash", "sequence", "count", "guid", "text", "long", "time", "date", "base64", "hresult"): yield path, name, None
    elif "const" in node or "enum" in node:
        yield path, {bool: "boolean", str: "word", int: "long"}[type(node.get("const", (node.get("enum") or [0])[0]))], None
    elif node.get("type") in ("string", "integer", "boolean"): yield path, node["type"], node.get("maximum")
    else:
        inside = [SCHEMA["$defs"][name]] if name else []
        inside += [one for how in ("allOf", "oneOf", "anyOf") for one in node.get(how, [])] + [node[how] for how in ("then", "items") if isinstance(node.get(how), dict)]
        for one in inside: yield from leaves(one, path)
        for name, one in node.get("properties", {}).items():
            if isinstance(one, dict): yield from leaves(one, (*path, name))
        if isinstance(node.get("additionalProperties"), dict): yield path, "free", None

LEAVES = {}
for path, kind, most in leaves(SCHEMA): LEAVES.setdefault(".".join(path), set()).add((kind, most))
TYPES = set(SCHEMA["properties"]["type"]["enum"])
TEMPLATE = json.loads(text("elastic-template.json"))

def mapped(properties=TEMPLATE["template"]["mappings"]["properties"], path=""):
    for name, one in properties.items():
        if "properties" in one: yield from mapped(one["properties"], f"{path}{name}.")
        else: yield path + name, one

MAPPED = dict(mapped())


# Splunk
def stanzas(name):
    """A .conf, strictly: comments, [stanza] and KEY = VALUE, nothing twice, no value that goes on in another line."""
    found, keys = {}, None
    for number, written in enumerate(text(name).splitlines(), 1):
        if not written.strip() or written.startswith("#"): continue
        stanza, pair = re.fullmatch(r"\[([^\]]+)\]", written), re.fullmatch(r"([A-Za-z][\w.-]*) = (\S.*)", written)
        if stanza and stanza[1] not in found: keys = found[stanza[1]] = {}
        elif pair and keys is not None and pair[1] not in keys and not written.endswith("\\"): keys[pair[1]] = pair[2]
        else: check(False, f"{name}:{number}: {written}")
    return found

def perl(pattern, raw, group=0):
    """What a regular expression of Splunk's finds first, by perl; None if nothing."""
    script = f'local $/; binmode STDIN; binmode STDOUT; my $x = <STDIN>; if ($x =~ m\x01$ENV{{PATTERN}}\x01) {{ print "+", {"$&" if not group else f"${group}"} }}'
    done = subprocess.run(["perl", "-e", script], input=raw, env={**os.environ, "PATTERN": pattern}, capture_output=True)
    assert not done.stderr, done.stderr
    return done.stdout[1:] if done.stdout else None

KNOWN = {   # settings of Splunk 9, from its spec files
    "splunk-inputs.conf": "whitelist sourcetype disabled renderXml",
    "splunk-props.conf": "SHOULD_LINEMERGE LINE_BREAKER EVENT_BREAKER_ENABLE EVENT_BREAKER TRUNCATE CHARSET TIME_PREFIX TIME_FORMAT MAX_TIMESTAMP_LOOKAHEAD TZ MAX_DAYS_AGO KV_MODE EXTRACT-* FIELDALIAS-* EVAL-*",
    "splunk-savedsearches.conf": "search cron_schedule dispatch.earliest_time dispatch.latest_time dispatch.index_earliest dispatch.index_latest enableSched alert.severity counttype relation quantity",
}

@test
def splunk_s_files_have_their_form_and_no_setting_that_splunk_does_not_know():
    for name, known in KNOWN.items():
        for stanza, keys in stanzas(name).items():
            for key in keys:
                if not any(fnmatch.fnmatchcase(key, one) for one in known.split()): yield f"{name} [{stanza}] {key}"
    props = stanzas("splunk-props.conf")["certwitness:journal"]
    if int(props["TRUNCATE"]) not in (0, LONGEST): yield f"lines are cut at {props['TRUNCATE']}"
    if (props["SHOULD_LINEMERGE"], props["KV_MODE"]) != ("false", "json"): yield str(props)

@test
def splunk_takes_the_journal_s_files_and_no_others():
    inputs = stanzas("splunk-inputs.conf")
    (monitor, keys), = [(name, keys) for name, keys in inputs.items() if name.startswith("monitor://")]
    same([name for name in inputs if name.startswith("WinEventLog")], ["WinEventLog://CertWitness-Journal"], "the event log")
    for name, want in (("00000000000000000001.jsonl", True), ("18446744073709551614.jsonl", True), ("head", False), ("lock", False), ("unwritten", False), ("prune", False),
                       ("torn\\00000000000000000001-79533-1", False), ("00000000000000000001.jsonl.bak", False), ("copy of 00000000000000000001.jsonl", False)):
        path = CA_FOLDER + name
        pattern = re.escape(monitor.removeprefix("monitor://")).replace(r"\*", r"[^\\]*")      # * stays within a folder
        taken = bool(re.fullmatch(pattern, path)) and perl(keys["whitelist"], path.encode()) is not None
        check(taken == want, f"{name}: {taken}")

@test
def splunk_breaks_a_journal_into_its_lines_and_finds_the_time_of_each():
    props = stanzas("splunk-props.conf")["certwitness:journal"]
    lines = real_lines()
    together = b"".join(raw for raw, _ in lines)
    for key in "LINE_BREAKER", "EVENT_BREAKER":
        broken = [part for part in re.split(props[key].encode(), together) if part.strip(b"\r\n")]
        same(len(broken), len(lines), f"events by {key}")
    format = props["TIME_FORMAT"].replace("%3N", "%f")
    enrollee = line(1, "0" * 64, data=json.dumps({"event": 1, "x": '","time":"1999-01-01T00:00:00.000Z'}))
    first_of_type = {event["type"]: (raw, event) for raw, event in lines}
    for raw, event in [*first_of_type.values(), (enrollee, json.loads(enrollee))]:
        prefix = perl(props["TIME_PREFIX"], raw)
        if prefix is None: return check(False, f"no time in {raw[:200]}")
        after = raw[raw.index(prefix) + len(prefix):][:int(props["MAX_TIMESTAMP_LOOKAHEAD"])].decode()
        same(after, event["time"], "the time")
        same(datetime.strptime(after, format).replace(tzinfo=timezone.utc), datetime.fromisoformat(event["time"].replace("Z", "+00:00")), "the moment")

@test
def splunk_s_own_extractions_find_what_they_are_named_for_in_a_line_of_any_length():
    props = stanzas("splunk-props.conf")["certwitness:journal"]
    long = line(1, "0" * 64, data='{"event":1,"context":1,"hash":"' + "a" * 64 + '"}' + "", source="/adcs/ca.example/Demo%20CA")
    full = line(1, "0" * 64, data=json.dumps({"event": 1, "x": "y" * (LONGEST - 2000)}), source="/adcs/ca.example/Demo%20CA")
    for raw in long, full:
        check(len(raw) <= LONGEST, len(raw))
        same(perl(props["EXTRACT-certwitness_hash"], raw.rstrip(b"\n"), 1), hash_of(raw).encode(), "the hash")
        same([perl(props["EXTRACT-certwitness_source"], raw, group) for group in (1, 2)], [b"ca.example", b"Demo%20CA"], "machine and CA")
    first = {event["type"]: raw for raw, event in real_lines()}["certwitness.certificate.issued"]
    command = re.search(r"(?m)^# SEDCMD-\w+ = (.*)$", text("splunk-props.conf"))[1]
    less = json.loads(subprocess.run(["perl", "-pe", command], input=first, capture_output=True, check=True).stdout)
    check("RawCertificate" not in less["data"]["certificate"] and less["data"]["certificate"]["SerialNumber"], "SEDCMD")
    # What is searched for stands within the part of a line that Splunk makes fields of.
    for raw, event in real_lines():
        for name in "RequesterName", "SerialNumber":
            at = raw.find(b'"%s":' % name.encode())
            check(at < 10240, f"{name} stands at byte {at}")

@test
def fields_and_events_that_splunk_s_files_name_are_the_journal_s():
    searches = [keys["search"] for keys in stanzas("splunk-savedsearches.conf").values()]
    whole = "\n".join(searches + list(stanzas("splunk-props.conf")["certwitness:journal"].values()))
    named = lambda pattern: sorted(set(re.findall(pattern, whole.replace("{}", ""))))
    fields, events, groups = named(r"\bdata\.[\w.]+"), named(r"certwitness\.(?:[a-z]+\.)[a-z]+"), named(r"certwitness\.(\w+)\.\*")
    check(len(fields) >= 10 and len(events) >= 5 and groups, (fields, events, groups))
    for name in fields: check(name in LEAVES, name)
    for name in events: check(name in TYPES, name)
    for name in groups: check(any(one.startswith(f"certwitness.{name}.") for one in TYPES), name)


# Elastic
def unique(loader, node):
    """YAML in which no key stands twice."""
    keys = [loader.construct_object(key) for key, _ in node.value]
    assert len(keys) == len(set(keys)), f"{keys} at {node.start_mark}"
    return {key: loader.construct_object(value, deep=True) for key, (_, value) in zip(keys, node.value)}

class Strict(yaml.SafeLoader): pass
Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, unique)

def glob_matches(pattern, name):
    """As Go's filepath.Match and Windows' wildcards have it: * stays within a folder."""
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", r"[^\\]*"), CA_FOLDER + name))

def check_path(pattern):
    for name, want in (("00000000000000000001.jsonl", True), ("head", False), ("lock", False), ("torn\\00000000000000000001-79533-1", False), ("torn\\00000000000000000001-foreign-1", False)):
        check(glob_matches(pattern, name) == want, f"{pattern}: {name}")

@test
def filebeat_s_settings_are_yaml_and_fit_the_journal_s_files():
    settings = yaml.load(text("elastic-filebeat.yml"), Strict)
    given, = settings["filebeat.inputs"]
    same(given["type"], "filestream", "the input")
    for path in given["paths"]: check_path(path)
    check(given["message_max_bytes"] >= LONGEST, "lines are cut")
    known = given["prospector.scanner.fingerprint"]
    beginnings = set()
    for path in sorted(glob.glob(GOLDEN + "/*/*.jsonl")):
        first = open(path, "rb").readline()
        check(len(first) >= known["offset"] + known["length"], f"{path} begins with a line of {len(first)} bytes: it would wait")
        beginnings.add(first[known["offset"]:][:known["length"]])
    check(known["length"] >= 64, "Filebeat wants 64 bytes at least")
    files = {open(path, "rb").readline() for path in glob.glob(GOLDEN + "/*/*.jsonl")}
    same(len(beginnings), len(files), "files told apart")
    parser, = given["parsers"]
    same(parser["ndjson"]["target"], "certwitness", "where the line goes")

@test
def what_filebeat_copies_is_in_the_journal_and_where_it_goes_is_in_the_template():
    processors = yaml.load(text("elastic-filebeat.yml"), Strict)["processors"]
    names = [next(iter(one)) for one in processors]
    same(sorted(set(names)), ["add_fields", "copy_fields", "fingerprint", "timestamp"], "processors")
    by_name = {name: [one[name] for one in processors if name in one] for name in names}
    for pair in by_name["copy_fields"][0]["fields"]:
        check(pair["from"].removeprefix("certwitness.") in LEAVES, pair), check(pair["to"] in MAPPED, pair)
        source, target = MAPPED[pair["from"]]["type"], MAPPED[pair["to"]]["type"]
        check((source, target) in (("keyword", "keyword"), ("date", "date"), ("integer", "keyword")), (pair, source, target))
    for one in by_name["add_fields"]:
        if "when" in one: check(one["when"]["equals"]["certwitness.type"] in TYPES, one)
        for name in one["fields"]: check(f"{one['target']}.{name}" in MAPPED, name)
    time, = by_name["timestamp"]
    for sample in [*time["test"], real_lines()[0][1]["time"]]: datetime.strptime(sample, "%Y-%m-%dT%H:%M:%S.%fZ")
    same((time["field"], time["layouts"]), ("certwitness.time", ["2006-01-02T15:04:05.999Z"]), "the time")

ELASTIC = {"hash": "keyword", "sequence": "keyword", "guid": "keyword", "hresult": "keyword", "word": "keyword", "text": "keyword", "string": "keyword", "long": "integer",
           "integer": "long", "count": "unsigned_long", "time": "date", "date": "date", "base64": "binary", "boolean": "boolean", "free": "flattened"}

@test
def the_index_template_has_each_member_of_the_schema_by_its_type_and_no_other():
    ours = {name.removeprefix("certwitness."): one for name, one in MAPPED.items() if name.startswith("certwitness.")}
    same(sorted(ours), sorted(LEAVES), "the members")
    for name, kinds in LEAVES.items():
        want = {ELASTIC[kind] for kind, _ in kinds}
        check({ours[name]["type"]} == want, f"{name} is {ours[name]['type']}, not {want}")
        if "free" in {kind for kind, _ in kinds}: check(ours[name]["ignore_above"] * 4 + 256 * 4 + 1 <= 32766, name)
        for kind, most in kinds: check(kind != "integer" or (most or 0) <= 2 ** 63 - 1, f"{name} may be {most}")
    bounded = {f"certwitness.{name}" for name, kinds in LEAVES.items() if not {kind for kind, _ in kinds} & {"text", "string"}}
    for name, one in MAPPED.items():            # a term above 32766 bytes would refuse the whole event
        if one["type"] == "keyword" and name not in bounded: check(one.get("ignore_above", 1 << 20) * 4 <= 32766, f"{name} may be a term that is too long")
    same((TEMPLATE["index_patterns"], "data_stream" in TEMPLATE), (["logs-certwitness.journal-*"], True), "the pattern")
    same(yaml.load(text("elastic-filebeat.yml"), Strict)["output.elasticsearch"]["index"], "logs-certwitness.journal-default", "the index")
    check(len(MAPPED) < TEMPLATE["template"]["settings"]["index"]["mapping"]["total_fields"]["limit"], len(MAPPED))

FITS = {"keyword": lambda value: isinstance(value, str), "integer": lambda value: type(value) is int and abs(value) <= 2 ** 31, "long": lambda value: type(value) is int and abs(value) < 2 ** 63,
        "unsigned_long": lambda value: type(value) is int and 0 <= value < 2 ** 64, "boolean": lambda value: type(value) is bool, "binary": lambda value: re.fullmatch("[A-Za-z0-9+/]*=*", value),
        "date": lambda value: datetime.fromisoformat(value.replace("Z", "+00:00"))}

@test
def every_value_of_a_real_line_fits_its_type_in_the_template():
    seen = set()
    def fit(value, path):
        if isinstance(value, list): return [fit(one, path) for one in value]
        if MAPPED.get(path, {}).get("type") == "flattened": return
        if isinstance(value, dict): return [fit(one, f"{path}.{name}") for name, one in value.items()]
        seen.add(path)
        check(path in MAPPED and FITS[MAPPED[path]["type"]](value), f"{path}: {str(value)[:80]}")
    for raw, event in real_lines(): fit(event, "certwitness")
    check(len(seen) > 60, f"only {len(seen)} members were seen")

@test
def the_queries_in_es_ql_name_events_and_fields_that_are_there():
    queries = re.sub(r"(?m)^//.*$", "", text("elastic-alerts.esql"))
    events = set(re.findall(r'"(certwitness\.[\w.]+)"', queries))
    check(len(events) >= 5, events)
    for name in sorted(events): check(name in TYPES, name)
    fields = set(re.findall(r"(?<![\"\w.-])((?:certwitness|event|host|user)\.[\w.]+)", queries))
    check(len(fields) > 10, fields)
    for name in sorted(fields): check(name in MAPPED, name)


# Fluent Bit
@test
def fluent_bit_s_settings_are_yaml_with_room_for_the_longest_line():
    settings = yaml.load(text("fluent-bit.yaml"), Strict)
    parser, = settings["parsers"]
    tail, = settings["pipeline"]["inputs"]
    units = {"k": 1 << 10, "M": 1 << 20}
    check(int(tail["buffer_max_size"][:-1]) * units[tail["buffer_max_size"][-1]] > LONGEST, tail["buffer_max_size"])
    same((tail["name"], tail["parser"], tail["read_from_head"], tail["skip_long_lines"]), ("tail", parser["name"], True, False), "the input")
    check_path(tail["path"])
    same(settings["pipeline"]["outputs"][0]["match"], tail["tag"], "the output")
    same((parser["format"], parser["time_key"]), ("json", "time"), "the parser")
    for raw, event in real_lines()[:3]: datetime.strptime(event["time"], parser["time_format"].replace("%L", "%f"))


# Windows
def xmllint(*arguments, data=b""):
    done = subprocess.run(["xmllint", "--nonet", *arguments], input=data, capture_output=True)
    return done.returncode, (done.stdout + done.stderr).decode()

@test
def subscription_and_task_have_the_form_that_microsoft_describes():
    for file, form in ("event-forwarding.xml", "subscription.rng"), ("status-task.xml", "task.rng"):
        code, said = xmllint("--noout", "--relaxng", f"tests/packaging/{form}", f"{HERE}/{file}")
        check(code == 0, said)
        check(text(file).isascii() and "encoding=" not in text(file).splitlines()[0], f"{file}: PowerShell hands it on in another encoding")

@test
def the_subscription_selects_every_entry_that_the_module_makes():
    namespace = "{http://schemas.microsoft.com/2006/03/windows/events/subscription}"
    query = ElementTree.fromstring(text("event-forwarding.xml")).findtext(f"{namespace}Query")
    selects = [(one.get("Path"), one.text) for one in ElementTree.fromstring(query).iter("Select")]
    same(selects[0][0], re.search(r'#define EVENT_LOG_NAME +L"([^"]+)"', open("src/settings/event_log.h").read())[1], "the log")
    entries = [int(number) for number in re.findall(r"(?m)^MessageId=(\d+)", open("src/recorder/messages.mc").read())]
    check(len(entries) > 20, entries)
    def selected(path, provider, number):
        event = f"<Event><System><Provider Name='{provider}'/><EventID>{number}</EventID></System></Event>"
        inside = [re.fullmatch(r"\*\[(.*)\]", one, re.S)[1] for log, one in selects if log == path]
        return any(xmllint("--xpath", f"boolean(/Event[{one}])", "-", data=event.encode())[1].strip() == "true" for one in inside)
    for number in entries: check(selected("CertWitness-Journal", "CertWitness.Exit", number), f"{number} is not forwarded")
    for path, provider, number, want in (("Application", "Microsoft-Windows-CertificationAuthority", 46, True), ("Application", "Microsoft-Windows-CertificationAuthority", 45, False),
                                         ("Application", "CertWitness status", 900, True), ("Application", "Somebody", 46, False), ("Application", "Somebody", 100, False)):
        check(selected(path, provider, number) == want, (path, provider, number))

def task_s_line():
    task = ElementTree.fromstring(text("status-task.xml"))
    namespace = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    return [task.findtext(f"{namespace}Actions/{namespace}Exec/{namespace}{name}") for name in ("Command", "Arguments")]

@test
def wine_s_task_scheduler_takes_the_task():
    code, said = wine("schtasks.exe", "/create", "/f", "/tn", "CertWitness status of a test", "/xml", windows(f"{HERE}/status-task.xml"))
    check(code == 0, said)
    code, said = wine("schtasks.exe", "/delete", "/f", "/tn", "CertWitness status of a test")
    check(code == 0, said)

@test
def the_task_s_line_tells_the_event_log_where_status_is_not_content_and_only_there():
    """In Wine's cmd; in the place of status a program with that exit code, and in the place of eventcreate, which Wine lacks, cmd's echo."""
    command, arguments = task_s_line()
    same(command, "%SystemRoot%\\System32\\cmd.exe", "the command")
    check('"%ProgramFiles%\\CertWitness\\certwitness.exe" status ' in arguments and '"%SystemRoot%\\System32\\eventcreate.exe" /l APPLICATION' in arguments, arguments)
    ours, there, not_there = '"%ProgramFiles%\\CertWitness\\certwitness.exe" status', windows("build/bin/certwitness.exe"), windows(WORK + "/nothing.exe")
    for code, program, want in ("--version", there, False), ("no-such-command", there, True), ("status", not_there, True):
        played = arguments.replace(ours, f'"{program}" {code}')
        played = played.replace('"%SystemRoot%\\System32\\eventcreate.exe"', "echo told:")
        script = f"{WORK}/play.bat"
        with open(script, "w", newline="\r\n") as file: file.write(f"@cmd {played}\n")
        _, said = wine("cmd.exe", "/c", windows(script))
        check(("told: /l APPLICATION /t ERROR" in said) == want, f"{program} {code}: {said}")


# jq
NOW = "2026-11-28T21:18:00Z"            # soon after the golden journals ended

def alerts(lines, now=NOW):
    done = subprocess.run(["jq", "-nRc", "--arg", "now", now, "-f", f"{HERE}/alerts.jq"], input=lines, capture_output=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [json.loads(one) for one in done.stdout.splitlines()]

def names(lines, now=NOW): return [one["alert"] for one in alerts(lines, now)]

@test
def jq_alerts_on_what_is_wrong_in_real_journals_and_on_nothing_else():
    same(names(journal("good")), [], "a journal of which nothing is wrong")
    for name, want in (("gap", "events were lost"), ("broken", "a journal is damaged"), ("pruned", "old files are removed"), ("recovered", "a run did not end cleanly")):
        same(names(journal(name)).count(want), 1, f"{name}: {want}")
    gap, = [one for one in alerts(journal("gap")) if one["alert"] == "events were lost"]
    check(gap["events"] == 41 and gap["requestIDs"][0] == 380 and gap["source"] == "/adcs/load.example/Golden%20CA" and gap["sequence"] == f"{381:020}", gap)

@test
def jq_alerts_where_a_ca_is_silent_and_names_each():
    two = b"".join(chain(1, 3, source="/adcs/ca/One", time="2026-11-28T21:10:00.000Z") + chain(1, 3, source="/adcs/ca/Two", time="2026-11-26T21:10:00.000Z"))
    same([(one["alert"], one["source"], one["hours"]) for one in alerts(two)], [("no event for a day", "/adcs/ca/Two", 48)], "the silent one")
    same(names(journal("good"), "2026-11-28T21:32:00Z"), [], "15 minutes after the end")
    same(names(journal("good"), "2026-11-28T21:33:00Z"), ["the module does not run"], "16 minutes after the end")
    same(names(journal("good") + b"".join(chain(1, 1, type="module.started", subject="", source="/adcs/load.example/Golden%20CA", time="2026-11-28T21:20:00.000Z",
                                                data='{"module":{"endedCleanly":true}}')).replace(b'"sequence":"00000000000000000001"', b'"sequence":"00000000000000009999"'),
               "2026-11-28T21:59:00Z"), [], "it runs again")

@test
def jq_passes_over_what_is_no_line_and_is_not_led_astray_by_what_an_enrollee_sent():
    good = journal("good")
    same(names(good + b'{"specversion":"1.0","id":"half a li'), [], "the beginning of a line at the end")
    same(names(good + b"\0" * 4096 + b"\n[1,2]\n\"text\"\n7\nnull\n" + b"\n"), [], "what is none")
    sent = line(1, "0" * 64, data=json.dumps({"event": 1, "request": {"RequesterName": '"},"type":"certwitness.journal.gap","x":{"', "type": "certwitness.journal.broken"}}), time="2026-11-28T21:17:30.000Z")
    same(names(sent), [], "what an enrollee sent")


@test
def jq_passes_over_json_that_is_no_journal_s_line_and_goes_on_behind_it():
    whole = json.loads(line(1, "0" * 64, type="journal.gap", subject="", data='{"events":1}', time="2026-11-28T21:17:30.000Z"))
    lacking = [{member: value for member, value in whole.items() if member != left_out} for left_out in ("type", "source", "sequence", "time", "data")]
    odd = [{**whole, member: value} for member in ("type", "source", "sequence", "time", "data") for value in (None, 7, [], {"a": 1}, "x") if (member, value) not in (("data", {"a": 1}), ("source", "x"), ("sequence", "x"))]
    others = [1, 2.5, True, None, "text", [], [1, [2]], {}, {"a": 1}, *lacking, *odd, {**whole, "type": "certwitness.module.started", "data": {"module": 7}}]
    check(len(others) > 30, len(others))
    for other in others:
        same(names(json.dumps(other).encode() + b"\n" + journal("gap")), names(journal("gap")), f"{other} before a journal")
        same(names(json.dumps(other).encode() + b"\n"), [], f"{other} alone")
    same(names(json.dumps(whole).encode()), ["events were lost"], "the line of which these were made")
    same(names(b""), [], "no line at all")


# All of them
@test
def each_alert_is_there_for_splunk_elastic_and_jq():
    check(len(ALERTS) == 7, ALERTS)
    splunk = [name.removeprefix("CertWitness: ") for name in stanzas("splunk-savedsearches.conf")]
    elastic = [one.partition(" (")[0] for one in re.findall(r"(?m)^// (.*)\nFROM", text("elastic-alerts.esql"))]
    jq = re.findall(r'alert\("([^"]+)"', text("alerts.jq"))
    same(sorted(splunk), sorted(ALERTS), "Splunk's"), same(sorted(elastic), sorted(ALERTS), "Elastic's")
    same(sorted(jq), sorted(set(ALERTS) - {"the CA runs without the module"}), "jq's")        # which needs the Security log

@test
def the_table_of_fields_has_each_member_of_envelope_request_and_certificate():
    rows = list(csv.DictReader(io.StringIO(text("fields.csv"))))
    listed = [row["journal"] for row in rows]
    want = {name for name in LEAVES if "." not in name or name.startswith(("data.request.", "data.certificate."))} | {"data.event", "data.context", "data.extra", "data.missing"}
    same(sorted(listed), sorted(want), "the members")
    copied = {pair["to"]: pair["from"].removeprefix("certwitness.") for one in yaml.load(text("elastic-filebeat.yml"), Strict)["processors"] if "copy_fields" in one for pair in one["copy_fields"]["fields"]}
    for row in rows:
        ecs, name = row["ECS"], row["Windows Security event data"]
        if ecs and ecs != "@timestamp": check(copied.get(ecs) == row["journal"], f"{ecs} is not copied from {row['journal']}")
        check(bool(name) == bool(row["source of the Windows names"]), f"{row['journal']}: who says {name}?")
        if f"winlog.event_data.{name}" in copied: check(copied[f"winlog.event_data.{name}"] == row["journal"], name)
    winlog = sorted(to.removeprefix("winlog.event_data.") for to in copied if to.startswith("winlog."))
    elsewhere = {"(the event's ID)", "Disposition", "SubjectKeyIdentifier"}     # event.code; other numbers; in the certificate
    same(winlog, sorted({row["Windows Security event data"] for row in rows} - elsewhere - {""}), "the names of Windows")
    same(len([to for to in copied if not to.startswith("winlog.")]) + 1, len([row for row in rows if row["ECS"]]), "the names in ECS")
    alias = stanzas("splunk-props.conf")["certwitness:journal"]["FIELDALIAS-certwitness_security"]
    by_name = {row["Windows Security event data"]: row["journal"] for row in rows}
    pairs = re.findall(r'"([^"]+)" AS (\w+)', alias)
    same(len(pairs), alias.count(" AS "), "pairs that were read"), check(len(pairs) >= 4, pairs)
    for member, name in pairs: same(by_name.get(name), member, name)

@test
def the_readme_lists_every_file_and_no_other():
    listed = set(re.findall(r"`([\w.-]+\.(?:conf|yml|json|esql|yaml|xml|jq|csv|sql))`", text("README.md")))
    same(sorted(listed | {"README.md"}), sorted(os.listdir(HERE)), "files")
    for name in sorted(os.listdir(HERE)): check("\t" not in text(name) and "\r" not in text(name), f"{name} has tabs or CRs")

@test
def what_the_manual_shows_of_a_file_stands_in_it():
    seen = 0
    for words, block in re.findall(r"((?:.+\n)+)\n((?:    .+\n)+)", open("src/manual/integrations.md", encoding="utf8").read()):
        name = re.search(r"From\s`integrations/([\w.-]+)`", words)
        for shown in block.splitlines() if name else ():
            seen += 1
            check(shown.strip() in map(str.strip, text(name[1]).splitlines()), f"{name[1]} has no {shown.strip()}")
    check(seen > 10, seen)
    for name in "event-forwarding.xml", "status-task.xml", "alerts.jq":
        command, = [one for one in re.findall(r"(?m)^    (.*)$", open("src/manual/integrations.md", encoding="utf8").read()) if name in one]
        check(command.strip() in re.sub(r"(?m)^#", "", text(name)), f"{name} does not say: {command}")


os.makedirs(WORK, exist_ok=True)
run_tests()
