#!/usr/bin/python3
"""The answers of a CA to the contract's open questions, read from the log of the probe (tests/modules/probe.c).

    answers.py PROBE_LOG [--facts FACTS.json] [--out ANSWERS.json]
    answers.py PROBE_LOG --show             each text in it once, legibly: what gives it away gives away

An answer is a word of the stub CA's `setting` of the same name, so that the answers of a real CA can be compared with the defaults of the stub CA.
A question of which the log shows nothing has the answer "not observed"; one that was answered as no setting has it, "other". Nothing is guessed,
and nothing depends on the language of the CA. The program needs Python alone.

A submission is recognized by its attribute `cwcase`: broken (a wrong signature), several (extensions in several attributes), stranger (signed by a
certificate of no CA), garbage (no request), keygen (of KEYGEN, with another challenge than the attribute), san (with an attribute `san`), long (with
one of 17000 characters). FACTS.json holds what the log cannot show, {"ca": the CA's name as it was entered, "done": [steps that the CA has carried
out: cases that it got, "retrieve"], "rows": {case: its RequestID}, "exit_count": answer to certutil -CAInfo exitcount, "stopped": was the service
stopped after a start with a module that fails, "after_throw": exit code of the first command after an exception, "audited": {ID of an audit event:
how many}, "changed": [values below the service's key that are others after the questions than before]}; each may be left out. lab.cmd appends to
the log what the tools said, as it was: "said NAME", the output, "code NUMBER"; "done" to "after_throw" are read from that.

Silence is no answer. That a CA did not do a thing is said only where the log or an output shows that it was asked to: a case counts as one that the CA
got where it has an event, or where certreq printed a RequestID. What certreq itself refuses, and what no CA answered, leaves its question open.

Beside the answers there are observations: what no setting of the stub CA stands for, and the judgements of a day take for granted or allow for.
"""
import argparse, collections, datetime, json, re, sys

OK, END, EMPTY, INVALID, NOT_FOUND, UNEXPECTED, SUSPENDED = "00000000", "00000001", "80094004", "80070057", "80070002", "8000ffff", "80094006"
ISSUED, PENDING, DENIED, REVOKED, RETRIEVED, CRL, SHUTDOWN, STARTUP, IMPORTED = 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x200
# The audit trail, if AuditFilter and the audit policy are on: the IDs that stand for an event. Each is compared with what a module was told; that
# the first three do is what real_host.py takes for granted. 4870 and 4872 may count differently: a revocation undone, a CRL for each key.
AUDIT = {(4887,): ISSUED, (4889,): PENDING, (4888, 4868): DENIED, (4870,): REVOKED, (4872,): CRL}
TRUSTED = (4887,), (4889,), (4888, 4868)
# Below the service's key: what a CA changes by itself while it works, or a day changes on purpose; of failure actions, which are put back, the bytes may
# be others. Lines KEY<tab>"NAME"=DATA, or KEY\\NAME.
VOLATILE = re.compile(r'Certificate(Hash|s)|CACertHash|CRL\w*Publish|[\\"](CACert\w+|CAXchg\w*|HighSerial|LastSerial|FailureActions\w*|Environment)("|$)'
                      r"|\\ExitModules\\CertWitness\.Exit(\t|$)|\\EventLog\\(Security|System)\\", re.I)
FAILED_ROW, RELEASED_ROW, CUT_AT = 30, 20, 16384
UNSEEN = "not observed"

# ---- the log

def octets(shown):
    """Of hex digits; those behind a character that is none are left out."""
    return bytes.fromhex(re.match("([0-9a-f]{2})*", shown)[0])

def text(shown):
    """Of hex digits of UTF-16, None for NULL."""
    return None if shown in ("NULL", "(null)") else octets(shown).decode("utf-16-le", "replace")

def whole_lines(log):
    """A log that was cut off ends in a line without its end, which says nothing."""
    return log.split("\n")[:-1]

class Asked:
    """Properties as a module read them: (getter, name) -> (HRESULT, VARTYPE, value)."""
    def __init__(self): self.properties = {}
    def hr(self, getter, name): return self.properties.get((getter, name), (None,))[0]
    def value(self, getter, name):
        hr, kind, shown = self.properties.get((getter, name), ("", "", "-"))
        if hr != OK: return None
        return int(shown) if kind == "3" else float(shown) if kind == "7" else text(shown)
    def raw(self, getter, name):
        hr, kind, shown = self.properties.get((getter, name), ("", "", "-"))
        return octets(shown) if hr == OK and kind == "8" and shown not in ("-", "NULL", "(null)") else b""

class Event(Asked):
    def __init__(self, words):
        super().__init__()
        self.kind, self.context, self.attributes, self.extensions = int(words[2], 16), int(words[3]), {}, {}
    def case(self):
        told = re.search(r"^cwcase:(\w+)", self.value("R", "RequestAttributes") or "", re.M | re.I)
        return self.attributes.get("cwcase") or (told[1] if told else None)

class Module(Asked):
    """One module from Initialize to Release."""
    def __init__(self, words):
        super().__init__()
        self.number, self.config, self.events, self.rules, self.active, self.zone, self.failed, self.threw, self.name = int(words[1]), text(words[2]), [], {}, None, None, False, [], None
    def take(self, words):
        last, kind = self.events[-1] if self.events else self, words[0]
        if kind == "event": self.events.append(Event(words))
        elif kind == "property": last.properties[words[2], words[3]] = words[5], words[6], words[7]
        elif kind == "attribute" and self.events: last.attributes[(text(words[2]) or "").lower()] = text(words[3])
        elif kind == "extension" and self.events: last.extensions[words[2]] = words[4]
        elif kind == "rule": self.rules[words[2]] = words[3]
        elif kind == "zone": self.zone = int(words[2])
        elif kind == "active": self.active = [name for name in (text(words[2]) or "").split("\0") if name]
        elif kind == "fails": self.failed = True
        elif kind == "name": self.name = text(words[2])
        elif kind == "throws": self.threw.append(len(self.events))
    def of(self, *kinds): return [event for event in self.events if event.kind in kinds]

def read_runs(lines):
    """The runs of the service, each a {number: Module} in the order of loading. A line that was cut off is left out."""
    runs = []
    for line in lines:
        words = line.rstrip("\n").split("\t")
        try:
            number = int(words[1])
            if words[0] == "start":
                if not runs or number in runs[-1]: runs.append({})
                runs[-1][number] = Module(words)
            elif runs and number in runs[-1]: runs[-1][number].take(words)
        except (IndexError, ValueError): continue
    return runs

class Seen:
    """All that the answers are read from."""
    def __init__(self, runs, facts):
        self.runs, self.facts, self.done = runs, facts, set(facts.get("done", ()))
        self.modules = [module for run in runs for module in run.values()]
        self.events = [event for module in self.modules if module.number == 0 for event in module.events]
        self.rules = {}
        for module in self.modules: self.rules.update(module.rules)
    def of(self, *kinds): return [event for event in self.events if event.kind in kinds]
    def starts(self, getter, name): return [module.hr(getter, name) for module in self.modules if module.hr(getter, name)]
    def case(self, name, *kinds): return [event for event in self.events if event.case() == name and (not kinds or event.kind in kinds)]
    def got(self, name):
        """Has the CA got that case, while a module was told of requests?"""
        return bool(self.case(name)) or name in self.done and bool(self.of(ISSUED, PENDING, DENIED))

# ---- DER, as far as a date needs it

def element(der, at):
    """Tag, begin and end of the content."""
    size, begin = der[at + 1], at + 2
    if size & 0x80: begin, size = begin + (size & 0x7f), int.from_bytes(der[begin:begin + (size & 0x7f)], "big")
    return der[at], begin, begin + size

def not_before(der):
    """NotBefore of a certificate, in UTC."""
    at = element(der, element(der, 0)[1])[1]
    for _ in range(4 if der[at] == 0xa0 else 3): at = element(der, at)[2]
    tag, begin, end = element(der, element(der, at)[1])
    return datetime.datetime.strptime(der[begin:end].decode("ascii"), "%y%m%d%H%M%SZ" if tag == 0x17 else "%Y%m%d%H%M%SZ")

# ---- the questions: each gives an answer and its evidence

QUESTIONS = collections.OrderedDict()
def question(name):
    def keep(function): QUESTIONS[name] = function
    return keep

def by_result(seen, rule, **words):
    """The word of the HRESULT that a rule of the probe met."""
    hr = seen.rules.get(rule)
    return (UNSEEN if hr is None else {code: word.replace("_", "-") for word, code in words.items()}.get(hr, "other")), f"{rule}: {hr}"

def one_of(words, evidence):
    """The word that all agree on."""
    words = set(words)
    return (UNSEEN if not words else words.pop() if len(words) == 1 else "other"), evidence

SANITIZED = "&'*\\{}[]^:,=!`><#()%|+?\";/"
def sanitized(name): return "".join(c if " " <= c < "\x7f" and c not in SANITIZED else "".join(f"!{unit:04x}" for unit in units(c)) for c in name)
def units(text):
    data = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(data[at:at + 2], "little") for at in range(0, len(data), 2)]

@question("config-name")
def _(seen):
    given = {module.config for module in seen.modules}
    told = {module.value("C", "SanitizedCAName") for module in seen.modules if module.number == 0} - {None}
    raw = seen.facts.get("ca") or next((module.name for module in seen.modules if module.name), None)
    if not told or raw is None or told == {raw}: return UNSEEN, f"strConfig {sorted(given, key=str)}, sanitized {sorted(told)}, the CA's name {raw!r}"
    return ("sanitized" if given == told else "raw" if given == {raw} else "other"), f"strConfig {sorted(given, key=str)}, sanitized {sorted(told)}"

@question("contexts")
def _(seen):
    results = {event.hr("C", "CAType") for event in seen.of(ISSUED, PENDING, DENIED, REVOKED) if event.context} - {None}
    return one_of(({OK: "lenient", INVALID: "strict"}.get(hr, "other") for hr in results), f"CAType under a request's context: {sorted(results)}")

@question("after-notify")
def _(seen):
    hr = seen.rules.get("dead context")
    return (UNSEEN if hr is None else "answered" if hr == OK else "refused"), f"SetContext with a context whose Notify has returned: {hr}"

@question("ca-context")
def _(seen):
    contexts = {event.context for event in seen.of(CRL, SHUTDOWN, STARTUP)}
    return one_of(("own" if context else "zero" for context in contexts), f"contexts of CRL, stop and start: {sorted(contexts)}")

@question("dates")
def _(seen):
    zones = {module.zone for module in seen.modules} - {None}
    minutes = collections.Counter()
    for event in seen.of(ISSUED):
        date, der = event.value("C", "NotBefore"), event.raw("C", "RawCertificate")
        if date is not None and der: minutes[round((datetime.datetime(1899, 12, 30) + datetime.timedelta(days=date) - not_before(der)).total_seconds() / 60)] += 1
    evidence = f"minutes between NotBefore and the certificate's: {dict(minutes)}; zone {sorted(zones)}"
    if not minutes or len(zones) != 1 or zones == {0}: return UNSEEN, evidence
    return ("utc" if set(minutes) == {0} else "local" if set(minutes) == zones else "other"), evidence

@question("retrieve-event")
def _(seen):
    count = len(seen.of(RETRIEVED))
    return ("on" if count else "off" if "retrieve" in seen.done and seen.of(ISSUED, PENDING, DENIED) else UNSEEN), f"{count} events"

@question("startup")
def _(seen):
    ended = [run[0] for run in seen.runs if 0 in run and run[0].of(SHUTDOWN)]
    return (UNSEEN if not ended else "on" if seen.of(STARTUP) else "off"), f"{len(ended)} whole runs of the service, {len(seen.of(STARTUP))} events"

@question("failed-event")
def _(seen):
    told = [event.value("R", "Disposition") for event in seen.case("broken", DENIED)]
    return ("on" if FAILED_ROW in told else UNSEEN if not seen.got("broken") else "off" if not told else "other"), f"Disposition of a request with a wrong signature: {told}"

@question("initialize-failure")
def _(seen):
    runs = [run for run in seen.runs if any(module.failed for module in run.values())]
    went_on = [any(not module.failed and [e for e in module.events if e.kind != SHUTDOWN] for module in run.values()) for run in runs]
    stopped = seen.facts.get("stopped")
    return one_of(("continue" if on else "abort" for on in went_on if on or stopped), f"{len(runs)} starts with a module that fails; the service was stopped then: {stopped}")

def location_of(module):
    own = ("StubProbe.Exit", "StubProbe2.Exit")[module.number]
    early = module.value("C", "ModuleRegistryLocation")
    later = [event.value("C", "ModuleRegistryLocation") for event in module.of(ISSUED)]
    if early: return "caller" if early.lower().endswith("\\" + own.lower()) else "first"
    return None if module.hr("C", "ModuleRegistryLocation") is None or not later else "bound" if any(later) else "refused"

@question("location")
def _(seen):
    words = [location_of(module) for module in seen.modules if module.number == 1]     # the second one of the list: it would be told the first one's
    found = sorted({str(module.value("C", "ModuleRegistryLocation")) for module in seen.modules})
    return one_of((word for word in words if word), f"in Initialize: {found}")

question("unknown-name")(lambda seen: by_result(seen, "unknown name", invalid=INVALID, empty=EMPTY, not_found=NOT_FOUND))
question("wrong-type")(lambda seen: by_result(seen, "wrong type", invalid=INVALID, empty=EMPTY))
question("bad-index")(lambda seen: by_result(seen, "index out of range at context 0", not_found=NOT_FOUND, invalid=INVALID, empty=EMPTY))
question("enum-misuse")(lambda seen: by_result(seen, "next before setup", unexpected=UNEXPECTED, end=END))
question("enum-flags")(lambda seen: by_result(seen, "setup with flag 2", checked=INVALID, ignored=OK))
question("after-shutdown")(lambda seen: by_result(seen, "after SHUTDOWN", answered=OK, suspended=SUSPENDED))

@question("load-order")
def _(seen):
    found = []
    for run in seen.runs:
        listed = next((module.active for module in run.values() if module.active), None)
        if not listed or len(run) != 2: continue
        want = [name for name in listed if name.lower() in ("stubprobe.exit", "stubprobe2.exit")]
        order = [("StubProbe.Exit", "StubProbe2.Exit")[number] for number in run]
        found.append("listed" if [n.lower() for n in order] == [n.lower() for n in want] else "reversed")
    return one_of(found, f"{len(found)} starts with two probes")

@question("exit-count")
def _(seen):
    count, listed = seen.facts.get("exit_count"), next((module.active for module in seen.modules if module.active), None)
    if count is None or not listed or not any(module.failed for module in seen.modules): return UNSEEN, f"EXITCOUNT {count}, list {listed}"
    return ("active" if count == len(listed) else "loaded" if count < len(listed) else "other"), f"EXITCOUNT {count}, list {listed}"

@question("thrown")
def _(seen):
    found, threw, code = [], 0, seen.facts.get("after_throw")
    for at, run in enumerate(seen.runs):
        ended = any(module.of(SHUTDOWN) for module in run.values())
        for module in run.values():
            if not module.threw: continue
            threw += 1
            if any(len(other.events) > module.threw[0] for other in run.values()): found.append("stays" if len(module.events) > module.threw[0] else "dropped")
            elif not ended and (code or at + 1 < len(seen.runs)): found.append("other")         # the CA's process has ended
    return one_of(found, f"{threw} modules threw; runs of the service that no SHUTDOWN ends: {sum(not any(module.of(SHUTDOWN) for module in run.values()) for run in seen.runs)}; exit code of the next command: {code}")

@question("ca-access")
def _(seen):
    results = set(seen.starts("C", "RequesterCAAccess"))
    return one_of(({OK: "zero", EMPTY: "empty"}.get(hr, "other") for hr in results), f"RequesterCAAccess at context 0: {sorted(results)}")

@question("request-attributes")
def _(seen):
    sent = [sum(len(name) + len(value or "") for name, value in event.attributes.items()) for event in seen.case("long")]
    told = [len(event.value("R", "RequestAttributes") or "") for event in seen.case("long")]
    if not sent or max(sent) <= CUT_AT: return UNSEEN, f"longest: {max(sent, default=0)}"
    return ("whole" if max(told) >= max(sent) else "cut"), f"{max(sent)} characters of attributes, RequestAttributes of {max(told)}"

NAMES = "DistinguishedName", "CommonName", "Organization", "Title", "GivenName", "SurName"

@question("request-names")
def _(seen):
    found = []
    for event in seen.of(ISSUED, PENDING, DENIED):
        for name in NAMES:
            plain, requested, issued = event.value("R", name), event.value("R", "Request." + name), event.value("C", name)
            if requested != issued and event.hr("R", name): found.append("requested" if plain == requested else "issued" if plain == issued else "other")
    return one_of(found, f"{len(found)} names that differ between request and certificate")

@question("release-message")
def _(seen):
    found, before = [], {}
    for event in seen.of(REVOKED):
        row, message = event.value("R", "RequestID"), event.value("R", "DispositionMessage")
        if event.value("R", "Disposition") == RELEASED_ROW and row in before: found.append("revoked" if message == before[row] else "released")
        before[row] = message
    return one_of(found, f"{len(found)} releases, compared with the message of the hold")

@question("rows")
def _(seen):
    modes = {module.value("C", "VolatileMode") for module in seen.modules} - {None}
    return one_of(("volatile" if mode else "kept" for mode in modes), f"VolatileMode {sorted(modes)}")

@question("empty-text")
def _(seen):
    found = {module.properties["C", "CertSuffix.0"] for module in seen.modules if module.hr("C", "CertSuffix.0")}
    return one_of(("other" if hr != OK else {"NULL": "null", "-": "bstr"}.get(shown, "other") for hr, _, shown in found), f"CertSuffix.0: {sorted(found)}")

@question("hashes")
def _(seen):
    found = {event.value("C", "CertificateHash") for event in seen.of(ISSUED)} - {None}
    return one_of(("spaced" if re.fullmatch("[0-9a-f]{2}( [0-9a-f]{2})+", h) else "plain" if re.fullmatch("([0-9a-f]{2})+", h) else "other" for h in found), sorted(found)[:1])

@question("unissued")
def _(seen):
    has = lambda events: {bool(event.value("C", "CommonName")) or event.hr("C", "NotBefore") == OK for event in events}
    pending, denied = has(seen.of(PENDING)), has([event for event in seen.of(DENIED) if event.value("R", "Disposition") == 31])
    evidence = f"name or dates in pending rows {sorted(pending)}, in denied rows {sorted(denied)}"
    if not pending or not denied: return UNSEEN, evidence
    return {(True, True): "told", (False, True): "denied", (False, False): "bare"}.get((pending == {True}, True in denied), "other"), evidence

@question("denied-message")
def _(seen):
    messages = [e.value("R", "DispositionMessage") for e in seen.of(DENIED) if e.value("R", "Disposition") == 31 and e.case() == "refused"]
    return one_of(("told" if re.search("0x[0-9a-fA-F]{8}", message or "") else "plain" for message in messages), f"{messages[:1]}")

def warned(seen):
    return [e for e in seen.of(ISSUED) if re.search("0x[0-9a-fA-F]{8}", e.value("R", "DispositionMessage") or "")]

@question("warning-status")
def _(seen):
    codes = {event.value("R", "StatusCode") for event in warned(seen)}
    return one_of(("told" if code else "zero" for code in codes), f"StatusCode of what was issued with a warning: {sorted(codes, key=str)}")

@question("request-type")
def _(seen):
    kinds = {event.value("R", "RequestType") for event in seen.of(ISSUED)} - {None}
    return one_of(("full" if kind & 0x40000 else "bare" for kind in kinds), f"RequestType {sorted(map(hex, kinds))}")

def taken(case, yes, no):
    """`no` only of a CA that issued other requests then, and did not leave this one to an administrator: else it may have refused it for another reason."""
    def answer(seen):
        issued, waits, others = (len(events) for events in (seen.case(case, ISSUED), seen.case(case, PENDING), [event for event in seen.of(ISSUED) if event.case() != case]))
        return (yes if issued else no if seen.got(case) and others and not waits else UNSEEN), f"{case}: {issued} certificates; of others {others}; RequestID {seen.facts.get('rows', {}).get(case)}"
    return answer

question("der")(taken("several", "lenient", "strict"))
question("signers")(taken("stranger", "any", "known"))

question("challenge")(taken("keygen", "ignored", "compared"))

@question("unreadable")
def _(seen):
    events, row = len(seen.case("garbage", DENIED)), seen.facts.get("rows", {}).get("garbage")
    return ("recorded" if events else UNSEEN if not seen.got("garbage") else "other" if row else "refused"), f"{events} events, RequestID {row}"

@question("san-attribute")
def _(seen):
    issued = seen.case("san", ISSUED)
    return one_of(("on" if "2.5.29.17" in event.extensions else "off" for event in issued), f"{len(issued)} certificates asked for with the attribute")

# ---- observations

OBSERVATIONS = collections.OrderedDict()
def observation(name):
    def keep(function): OBSERVATIONS[name] = function
    return keep

@observation("crl-at-renewal")
def _(seen):
    """Does a CA publish CRLs by itself when it starts with a new certificate? In that run of the service nobody else asks for one."""
    counted = [(run[0].value("C", "CertCount"), run[0]) for run in seen.runs if 0 in run and run[0].value("C", "CertCount") is not None]
    renewed = [later for (count, _), (more, later) in zip(counted, counted[1:]) if more > count]
    crls = [len(module.of(CRL)) for module in renewed if module.events]
    return one_of(("published" if count else "not-published" for count in crls), f"events for CRLs in each run after a renewal: {crls}")

@observation("audit")
def _(seen):
    """Does an entry of the audit trail stand for each event?"""
    audited = {int(number): count for number, count in seen.facts.get("audited", {}).items()}
    told = {ids: (sum(audited.get(one, 0) for one in ids), len(seen.of(kind))) for ids, kind in AUDIT.items()}
    evidence = "; ".join(f"{'+'.join(map(str, ids))}: {entries} entries, {events} events" for ids, (entries, events) in told.items())
    if not sum(audited.values()) or any(not told[ids][1] for ids in TRUSTED): return UNSEEN, evidence
    return ("each" if all(entries == events for ids, (entries, events) in told.items() if ids in TRUSTED) else "other"), evidence

@observation("registry")
def _(seen):
    """Which values does a CA change by itself?"""
    changed = seen.facts.get("changed")
    if changed is None: return UNSEEN, "not compared"
    more = [one for one in changed if not VOLATILE.search(one)]
    return ("more" if more else "known"), f"changed and not allowed for: {more}; changed: {changed}"

def request_id_in(text):
    """certreq -submit: the number of the first line that ends in one, behind a colon: RequestId: 10, Anforderungs-ID: 5, IDDemande : « 29 ». None where
    there is none. Characters of another code page stand in a log as U+FFFD."""
    told = (re.fullmatch(r"[^:{}()\d]+:[\s\"«\ufffd]*(\d+)[\s\"»\ufffd]*", line) for line in text.splitlines())
    return next((int(one[1]) for one in told if one), None)

def state_in(text):
    """sc query: the second number that stands behind a colon and before a word in capitals; the first is the type. 1 stopped, 4 running. None where
    there is none."""
    found = re.findall(r"^\s*[^:]+:\s*([0-9a-f]+)\s+[A-Z0-9_]{3,}", text, re.M)
    return int(found[1], 16) if len(found) > 1 else None

def count_in(text):
    """certutil -CAInfo exitcount: the last number of the first line that has one behind a colon. None where there is none."""
    told = (re.fullmatch(r"[^:]+:\s*(?:0x[0-9a-f]+\s*\()?(\d+)\)?\s*", line) for line in text.splitlines())
    return next((int(one[1]) for one in told if one), None)

def said_in(lines):
    """[(name, exit code, what it said)] of the tools, as lab.cmd keeps them behind the probe's lines."""
    found, open_ = [], None
    for line in lines:
        line = line.rstrip("\r")
        if re.fullmatch(r"said\t[\w-]+", line): open_ = (line[5:], [])
        elif open_ and re.fullmatch(r"code\t-?\d+", line):
            found.append((open_[0], int(line[5:]), "\n".join(open_[1])))
            open_ = None
        elif open_: open_[1].append(line)
    return found

def facts_in(lines):
    """What can be read from the tools' outputs, in any language: by code, number and position. "after_throw": the command behind the submission of erin."""
    found, said = {"done": [], "rows": {}}, said_in(lines)
    for at, (name, code, text) in enumerate(said):
        case = name[7:] if name.startswith("submit-") else None
        if case and request_id_in(text):
            found["done"].append(case)
            found["rows"][case] = request_id_in(text)
        elif name == "retrieve" and not code: found["done"].append(name)
        elif name == "exitcount" and not code and count_in(text) is not None: found["exit_count"] = count_in(text)
        elif name == "service" and not code and state_in(text): found["stopped"] = state_in(text) == 1
        elif name == "windows" and text.strip(): found[name] = text.strip()
        if case == "erin" and at + 1 < len(said): found["after_throw"] = said[at + 1][1]
    return found

# ---- what stands in it

UNSEEN_CHARACTERS = re.compile("[\\0-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]")

def texts_of(words):
    """[(name, text)] of one of the probe's lines."""
    kind, count = words[0], len(words)
    within = lambda name, shown: [(name + ", within", one.decode("ascii")) for one in re.findall(b"[ -~]{6,}", octets(shown))]
    if kind == "property" and count > 7: return [(words[3], text(words[7]))] if words[4] == "S" else within(words[3], words[7]) if words[4] not in "LD" else []
    if kind == "attribute" and count > 3: return [("attribute", text(words[2])), ("value of an attribute", text(words[3]))]
    if kind == "extension" and count > 4: return within(words[2], words[4])
    if kind == "class" and count > 6: return [("CA", text(words[5])), ("key", text(words[6]))]
    return [(kind, text(words[2]))] if kind in ("start", "name", "active") and count > 2 else []

def shown(lines):
    """Each text of a log once: what is text, the longer texts within bytes, what the tools printed. lab_reader.c shows the same on the CA."""
    found, said = [], False
    for line in (line.rstrip("\r") for line in lines):
        said = said or line.startswith("said\t")
        found += [line] if said else [f"{name}: {told}" for name, told in texts_of(line.split("\t")) if told]
        if line.startswith("code\t"): said = False
    return list(collections.OrderedDict.fromkeys(UNSEEN_CHARACTERS.sub(lambda one: f"\\u{ord(one[0]):04x}", one.replace("\t", " ")) for one in found if one))

def asked(questions, lines, facts):
    told, given = facts_in(lines), dict(facts)
    seen = Seen(read_runs(lines), {**told, **given, "done": [*told["done"], *given.get("done", ())]})
    return collections.OrderedDict((name, dict(zip(("answer", "evidence"), ask(seen)))) for name, ask in questions.items())

def answers(lines, facts=()): return asked(QUESTIONS, lines, facts)
def observations(lines, facts=()): return asked(OBSERVATIONS, lines, facts)

def whole_file(lines, facts, windows):
    """What goes into wine/real-ca."""
    return {"format": 1, "windows": windows, "answers": answers(lines, facts), "observations": observations(lines, facts)}

def print_anything():
    """What a CA or a tool has told may have characters that this machine's code page lacks."""
    for stream in (sys.stdout, sys.stderr): stream.reconfigure(errors="backslashreplace")

def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("log"), parser.add_argument("--facts"), parser.add_argument("--out"), parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    print_anything()
    facts = json.load(open(options.facts, encoding="utf-8-sig")) if options.facts else {}
    with open(options.log, encoding="utf-8", errors="replace") as log: lines = whole_lines(log.read())
    if options.show: return print("\n".join(shown(lines)))
    if not read_runs(lines): sys.exit(f"{options.log}: the probe wrote nothing. Is it in the CA's list ExitModules\\Active, and was the service started since?")
    told = json.dumps(whole_file(lines, facts, facts.get("windows") or facts_in(lines).get("windows")), indent=1, ensure_ascii=False)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as out: out.write(told + "\n")
    print(told)

if __name__ == "__main__": main()
