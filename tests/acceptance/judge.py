#!/usr/bin/python3
"""Judgements on what a host has seen of a day (story.py). They know no host, and look at nothing but the evidence, a dictionary that JSON can hold.

    judge.py EVIDENCE.json [--journal COPY --program certwitness]

judges what another machine brought home, with a copy of its journal that the program for Linux reads. Exit code 1: something does not hold.
The evidence:

    host        "stub" or "real"
    ca          the CA's name as it was entered
    began, ended        of the day, seconds since 1970
    faults      {part of the day: why it was not carried out}; what was to be seen in it is left out
    steps       of each step: step (as in the story), outcome, request (the RequestID), requests (of a crowd: all of them), began and ended where they are known,
                waited (of a full disk: its event was not in the journal while there was no room), ahead (seconds that the clock was ahead of the right time
                when the step ended; left out where the clock does what it is told)
    lines       the journal, line by line, as JSON
    verify      what certwitness verify --json says, on the CA's machine; verify_linux: what the program for Linux says of a copy
    second      the number of lines that tests/lib/verify.py, which is not ours alone to trust, finds sound
    certificates, requests      {name: base64 of DER}, as they came home and as they were submitted
    crls        base64 of each CRL that was published, as a file
    heads       [[sequence, hash]], as the event log or the head file has them
    witness     {type of event: number}, counted by somebody else: the CA's audit trail, or the steps that the stub CA reports
    registry    {"before", "after"}: lists of lines; those that are in both may be left out. "alone": True where nobody else writes to it, or makes and
                removes files, meanwhile. "unread": parts of it that nobody could look at
    product     the package's ProductCode as Windows Installer writes it (packed), or None
    files       {"before", "after"}: names of files and folders outside the journal; those that are in both may be left out. "journal_after": those of the journal
    active      {"before", "installed", "after"}: the CA's list of exit modules
    status      what certwitness status --json says while the module is installed
    acl         SDDL of the journal's folder, or None where the system keeps none (Wine)
    performance what a submission or a call of Notify took with the module and without it, and a bare flush beside it (performance.py)
    export      {"files": {name: base64}, "importcert": text of importcert.cmd}
    reimported  True if importcert.cmd brought a row back that had been deleted, the module being removed, or words why not; None where certutil is none (Wine)

Each judgement is a sentence and a generator of complaints; a Remark is none. One that cannot be made raises Unseen, with the reason.
"""
import argparse, base64, collections, datetime, json, re, subprocess, sys

from answers import not_before, print_anything
from story import EVENTS, NOISE, OPEN, OUTCOMES, request_of

SKEW_S = 5                      # of clocks and roundings
HELD_S = 60                     # a clock that is so near is as it was set
OURS = "CertWitness.Exit"

class Unseen(Exception):
    """The host cannot see it."""

class Remark(str):
    """To be known, and no complaint."""

JUDGEMENTS = []

def judgement(function):
    JUDGEMENTS.append((function.__name__.strip("_").replace("_", " "), function))
    return function

# ---- reading the evidence

def type_of(line): return line["type"].removeprefix("certwitness.")
def row_of(line): return line["data"].get("request", {}).get("RequestID")
def seconds(text): return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
def of_requests(evidence): return [line for line in evidence["lines"] if type_of(line).startswith("certificate.")]
def starts(evidence): return [line for line in evidence["lines"] if type_of(line) == "module.started"]

def by_the_clock(evidence):
    """[(step's record, seconds that the clock was to be ahead by, those that it was ahead by before the step and behind it, the step's lines)]"""
    told, before, out = 0, 0, []
    for one, lines in matched(evidence)[0]:
        if one["step"][0] == "clock": told += one["step"][1]
        now = one.get("ahead", told)
        out.append((one, told, (before, now), lines))
        before = now
    return out

def name_of(step): return " ".join(map(str, step))

def matched(evidence):
    """[(step's record, its lines)], and the first complaint: lines are taken in their order, for the steps in theirs."""
    lines = [line for line in evidence["lines"] if type_of(line) not in NOISE]
    pairs, complaint = [], ""
    for one in evidence["steps"]:
        verb, mine = one["step"][0], []
        for type in EVENTS[verb]:
            left = list(one.get("requests") or [one.get("request")])
            while left and lines and type_of(lines[0]) == type and (row_of(lines[0]) in left or left == [None]):
                left.remove(None if left == [None] else row_of(lines[0]))
                mine.append(lines.pop(0))
            if left and verb not in OPEN and not complaint:
                complaint = f"{name_of(one['step'])}: no line {type} of {left[:3]}; the next one is {[(type_of(line), row_of(line)) for line in lines[:1]]}"
        while verb == "renew" and lines and type_of(lines[0]) == "crl.issued": mine.append(lines.pop(0))    # a CA may publish then, by itself
        pairs.append((one, mine))
    return pairs, complaint or (f"more lines than steps: {[(type_of(line), row_of(line)) for line in lines[:3]]}" if lines else "")

# ---- the journal and the day

@judgement
def the_day_was_carried_out_to_its_end(evidence):
    for part, why in evidence["faults"].items(): yield f"{part}: {why}"

@judgement
def every_step_became_what_it_had_to(evidence):
    for one in evidence["steps"]:
        want = OUTCOMES.get(one["step"][0])
        if want and one.get("outcome") != want: yield f"{name_of(one['step'])}: {one.get('outcome')}, expected {want}"

@judgement
def each_event_is_one_line_in_order_and_nothing_else_is(evidence):
    complaint = matched(evidence)[1]
    if complaint: yield complaint

@judgement
def a_counter_of_others_counts_the_same(evidence):
    ours = collections.Counter(map(type_of, evidence["lines"]))
    for type, count in sorted(evidence["witness"].items()):
        if ours[type] != count: yield f"{type}: {ours[type]} lines, {count} by the other's count"

@judgement
def the_certificate_in_the_journal_is_the_one_that_came_home(evidence):
    for one, lines in matched(evidence)[0]:
        if one["step"][0] not in ("issue", "full"): continue
        name = one["step"][1]
        if [line["data"]["certificate"].get("RawCertificate") for line in lines] != [evidence["certificates"].get(name)]: yield f"{name}: another certificate, or none"

@judgement
def the_request_in_the_journal_is_the_one_that_was_sent(evidence):
    for one, lines in matched(evidence)[0]:
        if one["step"][0] not in ("issue", "pend", "refuse", "full"): continue
        name = one["step"][1]
        if [line["data"]["request"].get("RawRequest") for line in lines] != [evidence["requests"][request_of(name)]]: yield f"{name}: another request, or none"

NEEDED = {"certificate.issued": (("request", "RequesterName SubmittedWhen Disposition RawRequest"), ("certificate", "SerialNumber DistinguishedName NotBefore NotAfter RawCertificate CertificateHash")),
          "certificate.pending": (("request", "RequesterName SubmittedWhen Disposition RawRequest"),), "certificate.denied": (("request", "RequesterName StatusCode Disposition RawRequest"),),
          "certificate.revoked": (("request", "RevokedReason RevokedWhen Disposition"), ("certificate", "SerialNumber")),
          "certificate.imported": (("certificate", "SerialNumber RawCertificate"),)}

@judgement
def every_line_has_what_a_reader_needs(evidence):
    for line in evidence["lines"]:
        for part, names in NEEDED.get(type_of(line), ()):
            absent = [name for name in names.split() if line["data"].get(part, {}).get(name) in (None, "")]
            if absent: yield f"{type_of(line)} of request {row_of(line)}: without {absent}"
        refused = [one for one in line["data"].get("missing", ()) if one]
        if refused: yield f"{type_of(line)} of request {row_of(line)}: the CA refused {str(refused)[:100]}"

@judgement
def dates_are_utc_as_in_the_certificate(evidence):
    for line in of_requests(evidence):
        certificate = line["data"].get("certificate", {})
        if not certificate.get("RawCertificate") or not certificate.get("NotBefore"): continue
        real = not_before(base64.b64decode(certificate["RawCertificate"])).replace(tzinfo=datetime.timezone.utc).timestamp()
        if seconds(certificate["NotBefore"]) != real: yield f"request {row_of(line)}: NotBefore is {certificate['NotBefore']}, {round((seconds(certificate['NotBefore']) - real) / 60)} minutes off"

@judgement
def every_line_s_time_is_within_the_day(evidence):
    within = lambda text, clocks: any(evidence["began"] - SKEW_S <= seconds(text) - ahead <= evidence["ended"] + SKEW_S for ahead in clocks)
    wrong, lost = [], ""
    for one, told, clocks, lines in by_the_clock(evidence):
        if abs(clocks[1] - told) > HELD_S and not lost: lost = f"the machine's clock did not stay as it was set: {clocks[1]} s ahead and not {told} after {name_of(one['step'])}"
        for line in lines:
            if not within(line["time"], clocks): wrong.append(f"{type_of(line)}: {line['time']}")
            when = line["data"].get("request", {}).get("ResolvedWhen")
            if when and not within(when, clocks): wrong.append(f"{type_of(line)}: ResolvedWhen {when}")
    times = [seconds(line["time"]) for line in evidence["lines"]]
    if times == sorted(times) and not lost: wrong.append("the clock went back, and no line's time did")
    yield from wrong
    if lost and not wrong: raise Unseen(lost)

@judgement
def what_was_acknowledged_before_the_kill_is_there(evidence):
    verbs = [one["step"][0] for one in evidence["steps"]]
    before = evidence["steps"][:verbs.index("kill")]
    began = [place for place, line in enumerate(evidence["lines"]) if type_of(line) == "module.started"] + [len(evidence["lines"])]
    until = began[min(len(began) - 1, sum(one["step"][0] in STARTS for one in before))]
    there = {row_of(line) for line in evidence["lines"][:until] if type_of(line) == "certificate.issued"}
    acknowledged = {row for one in before if one.get("outcome") == "issued" for row in one.get("requests") or [one["request"]] if one["step"][0] != "retrieve"}
    if acknowledged - there: yield f"lost: requests {sorted(acknowledged - there)}"

STARTS = "start", "mode", "renew"

@judgement
def on_a_full_disk_an_event_waits(evidence):
    waited = [one.get("waited") for one in evidence["steps"] if one["step"][0] == "full"]
    if waited != [True]: yield f"there was room, or none can say: {waited}"

@judgement
def each_start_says_how_the_run_before_it_ended(evidence):
    ended, want = True, []
    for one in evidence["steps"]:
        verb = one["step"][0]
        if verb in STARTS: want.append(ended)
        ended = verb != "kill" and (ended or verb in STARTS)
    told = [line["data"]["module"].get("endedCleanly") for line in starts(evidence)]
    if told != want: yield f"endedCleanly is {told}, expected {want}"

@judgement
def the_module_finds_its_key_and_its_ca(evidence):
    for line in starts(evidence):
        key = line["data"]["ca"].get("settingsKey", {}).get("key", "")
        if not key.lower().endswith("\\exitmodules\\certwitness.exit"): yield f"settingsKey is {key!r}"

@judgement
def a_setting_is_in_force_from_the_next_start(evidence):
    given = {}
    for one, lines in matched(evidence)[0]:
        if one["step"][0] in ("set", "setreg"): given[one["step"][1]] = one["step"][2]
        for line in lines:
            if type_of(line) != "module.started": continue
            told = {name: line["data"]["settings"].get(name) for name in given}
            if told != given: yield f"{told}, expected {given}"

@judgement
def a_renewed_ca_has_a_certificate_more(evidence):
    count = None
    for one, lines in matched(evidence)[0]:
        for line in lines:
            if type_of(line) != "module.started": continue
            now = line["data"]["ca"].get("CertCount")
            if one["step"][0] == "renew" and now != (count or 0) + 1: yield f"CertCount is {now} after the renewal, it was {count}"
            count = now

DELTA = bytes.fromhex("0603551d1b")             # the OID of deltaCRLIndicator, which makes a CRL a delta
@judgement
def crls_are_the_published_ones(evidence):
    ours = {key[name]["base64"] for line in evidence["lines"] if type_of(line) == "crl.issued" for key in line["data"]["ca"]["keys"]
            for name in ("RawCRL", "RawDeltaCRL") if "base64" in key.get(name, {})}
    compared = set()
    for number, crl in enumerate(evidence["crls"]):
        if crl not in ours: yield f"CRL {number} of {len(evidence['crls'])} files is in no line"
        else: compared.add("delta" if DELTA in base64.b64decode(crl) else "base")
    for kind in ("base", "delta"):
        if kind not in compared: yield f"no published {kind} CRL was compared, of {len(evidence['crls'])} files"

# ---- the journal as a whole

@judgement
def the_journal_holds(evidence):
    said = evidence["verify"]
    if said.get("verdict") != "holds" or said.get("lines") != len(evidence["lines"]): yield f"verdict {said.get('verdict')}, {said.get('lines')} lines of {len(evidence['lines'])}: {said.get('text')}"

@judgement
def the_copy_holds_on_linux_too(evidence):
    ours, linux = evidence["verify"], evidence["verify_linux"]
    if linux is None: raise Unseen("the copy was not read on Linux yet")
    for member in ("verdict", "lines", "head"):
        if ours.get(member) != linux.get(member): yield f"{member}: {linux.get(member)} on Linux, {ours.get(member)} on the CA"
    if evidence["second"] != len(evidence["lines"]): yield f"the second reader finds {evidence['second']} lines"

@judgement
def heads_kept_elsewhere_are_in_the_journal(evidence):
    hashes = {int(line["sequence"]): line["hash"] for line in evidence["lines"]}
    if not evidence["heads"]: yield "there is no head"
    for sequence, hash in evidence["heads"]:
        if hashes.get(int(sequence)) != hash: yield f"head {sequence} is {hash[:16]}, the line's hash {str(hashes.get(int(sequence)))[:16]}"

@judgement
def every_certificate_is_exported_and_importcert_names_it(evidence):
    files = set(evidence["export"]["files"].values())
    for line in of_requests(evidence):
        raw = line["data"].get("certificate", {}).get("RawCertificate")
        if raw and raw not in files: yield f"request {row_of(line)}: its certificate is no file"
    named = set(re.findall(r"[\w.-]+\.cer", evidence["export"]["importcert"]))
    issued = {name.rsplit("/", 1)[-1] for name in evidence["export"]["files"] if name.startswith("certificates/")}
    if issued - named: yield f"importcert.cmd lacks {sorted(issued - named)[:3]}"

@judgement
def importcert_brings_a_deleted_certificate_back(evidence):
    if evidence["reimported"] is None: raise Unseen("this system's certutil imports nothing")
    if evidence["reimported"] is not True: yield evidence["reimported"] or "its row is not there"

@judgement
def what_the_module_costs_was_measured(evidence):
    """Whatever it is: no figure is judged."""
    for name in ("with", "without", "flush"):
        one = evidence["performance"][name]
        if one["count"] < 100: yield f"{name}: {one['count']} measurements"
        if not 0 < one["p50"] <= one["p99"] <= one["max"]: yield f"{name}: {one}"

# ---- the machine

@judgement
def the_module_comes_last_in_the_ca_s_list(evidence):
    before, installed = evidence["active"]["before"], evidence["active"]["installed"]
    if installed != before + [OURS]: yield f"{installed}; before {before}"

@judgement
def status_finds_nothing_wrong(evidence):
    for problem in evidence["status"].get("problems", ["it says nothing of problems"]): yield problem[:300]

FULL = {"FA", "0x1f01ff"}
@judgement
def the_folder_is_open_to_system_and_administrators_alone(evidence):
    if evidence["acl"] is None: raise Unseen("this system keeps no ACL")
    flags, entries = re.match(r"(?:O:\w+)?(?:G:\w+)?D:([A-Z]*)((?:\([^)]*\))*)", evidence["acl"]).groups()
    found = [tuple(entry.split(";")) for entry in re.findall(r"\(([^)]*)\)", entries)]
    allowed = {(entry[5], entry[2]) for entry in found if entry[0] == "A"}
    who = {"SY": "SY", "S-1-5-18": "SY", "BA": "BA", "S-1-5-32-544": "BA"}
    if "P" not in flags: yield "what the folder above allows is inherited"
    strangers = {sid for sid, _ in allowed if sid not in who}
    if strangers: yield f"open to {sorted(strangers)}"
    if {who.get(sid) for sid, rights in allowed if rights in FULL} < {"SY", "BA"}: yield f"SYSTEM and Administrators have {sorted(allowed)}"

# What the package writes, or could: its names; the ids of idl/, of which the interfaces are the CA's own; its UpgradeCode.
NAMES = "certwitness", "certexitps"
IDS = """67b52257-f818-4162-8a35-ddefa4ac3974 cc598e0d-1175-41c6-93ec-5dc9269fc593 1f0a82b3-f6f2-4270-9b87-c81a9e05c534 91686ca5-803d-48ce-be62-200d98b886c4
         e19ae1a0-7364-11d0-8816-00a0c903b83c 0abf484b-d049-464d-a7ed-552e7529b0ff aa000922-ffbe-11cf-8800-00a0c903b83c 4ba9eb90-732c-11d0-8816-00a0c903b83c
         aa000926-ffbe-11cf-8800-00a0c903b83c 4c4a5e40-732c-11d0-8816-00a0c903b83c e7d7ad42-bd3d-11d1-9a4d-00c04fc297eb""".split()
UPGRADE = "7c1b8e52-6e0b-4c53-9d5e-3c1e8b0f5a67"

def packed(code):
    """A GUID as Windows Installer writes it in names of keys and values."""
    a, b, c, d, e = code.strip("{}").upper().split("-")
    return a[::-1] + b[::-1] + c[::-1] + "".join(pair[::-1] for pair in re.findall("..", d + e))

def legible(line):
    """With what its data says, where that is UTF-16 in hexadecimal digits."""
    data = re.findall(r"(?:[0-9a-f]{2},?){4,}", line, re.I)
    return line + "".join("\t" + bytes.fromhex(one.replace(",", "")).decode("utf-16-le", "replace") for one in data)

def concerns_us(line, product):
    """Of the CA's own key every line does, and PATH, which the package changes."""
    words = *NAMES, *IDS, packed(UPGRADE).lower(), *([product.lower()] if product else [])
    return bool(re.search(r'\\Services\\CertSvc([\\\t]|$)|\\Session Manager\\Environment\t"?Path\b', line, re.I)) or any(word in legible(line).lower() for word in words)

def differences(evidence, part, kind):
    """Complaints of what is ours, remarks of what others have done meanwhile."""
    before, after = (set(evidence[part][name]) for name in ("before", "after"))
    product, alone = evidence["product"], evidence["registry"].get("alone")
    ours = lambda line: alone or concerns_us(line, product)
    for what, lines in (("left behind", after - before), ("gone", before - after)):
        complaints, others = sorted(filter(ours, lines)), sorted(line for line in lines if not ours(line))
        if complaints: yield f"{what}: {complaints[:4]}"
        if others: yield Remark(f"{what} by others, whose names and classes are not the package's, {len(others)} {kind}: {others[:4]}")

@judgement
def removed_it_leaves_the_registry_as_it_was(evidence):
    for part in evidence["registry"].get("unread", ()): yield f"{part}: it was not looked at both times"
    yield from differences(evidence, "registry", "lines")
    if evidence["active"]["after"] != evidence["active"]["before"]: yield f"the list is {evidence['active']['after']}, it was {evidence['active']['before']}"

@judgement
def removed_it_leaves_the_journal_and_no_other_file(evidence):
    yield from differences(evidence, "files", "files")
    if not evidence["files"]["journal_after"]: yield "the journal is gone"

def judge(evidence):
    """[(sentence, complaints or None where it could not be seen, the reason or, line by line, remarks)]"""
    out = []
    for sentence, function in JUDGEMENTS:
        try:
            said = list(function(evidence))
            out.append((sentence, [one for one in said if not isinstance(one, Remark)], "\n".join(one for one in said if isinstance(one, Remark))))
        except Unseen as why: out.append((sentence, None, str(why)))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as fault: out.append((sentence, [f"the evidence cannot be read: {type(fault).__name__}: {fault}"], ""))
    return out

def report(found):
    """TAP on standard output; 1 where something does not hold, else 0."""
    print(f"1..{len(found)}")
    for number, (sentence, complaints, why) in enumerate(found, 1):
        print(f"{'not ' if complaints else ''}ok {number} - {sentence}" + (f" # SKIP {why}" if complaints is None else ""))
        for complaint in (complaints or [])[:5]: print(f"# {complaint}"[:1000])
        for remark in why.splitlines() if complaints is not None else (): print(f"# no complaint: {remark}"[:1000])
    return int(any(complaints for _, complaints, _ in found))

def parser():
    options = argparse.ArgumentParser(description="Judge the evidence of a day on a CA.")
    options.add_argument("evidence"), options.add_argument("--journal"), options.add_argument("--program", default="certwitness")
    return options

def read_copy(evidence, program, journal):
    try: evidence["verify_linux"] = json.loads(subprocess.run([program, "verify", "--json", journal], stdout=subprocess.PIPE).stdout)
    except (OSError, ValueError) as why: evidence.setdefault("faults", {})["the copy of the journal is read"] = f"{program} verify --json {journal}: {why}"

def main():
    options = parser().parse_args()
    print_anything()
    with open(options.evidence, encoding="utf-8-sig") as file: evidence = json.load(file)
    if options.journal: read_copy(evidence, options.program, options.journal)
    sys.exit(report(judge(evidence)))

if __name__ == "__main__": main()
