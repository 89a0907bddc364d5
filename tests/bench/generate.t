#!/usr/bin/python3
"""The generator of journals (tests/bench/README.md): what it writes is a journal, and the answers beside it are true. verify, openssl, the JSON
Schema, and the rule for renewals written down once more, judge it."""
import sys; sys.path[0] += "/../lib"
import base64, collections, datetime, glob, hashlib, json, os, re, shutil

import jsonschema

from commands import finished, run
from tap import check, complain, run as run_tests, same, test

GENERATE, READER = "build/linux/tests/bench/generate", "build/native/certwitness"
WORK = "build/tmp/generate"
ANY_DAY = "-no_check_time"

def generate(name, *options):
    """The folder and the file of answers, both new."""
    folder, answers = f"{WORK}/{name}", f"{WORK}/{name}.answers"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(WORK, exist_ok=True)
    code, out = run(GENERATE, "--certificates", "1500", *options, "--out", folder, "--answers", answers)
    assert code == 0, out
    return folder, answers

def lines(folder): return [json.loads(line) for path in sorted(glob.glob(folder + "/*.jsonl")) for line in open(path)]

FOLDER, ANSWERS = generate("first")
LINES = {int(line["sequence"]): line for line in lines(FOLDER)}
BY_KIND = collections.defaultdict(list)
for line in open(ANSWERS): BY_KIND[json.loads(line)["kind"]].append(json.loads(line))
ISSUANCES, ATTACKS, JOURNAL = {each["sequence"]: each for each in BY_KIND["issuance"]}, BY_KIND["attack"], BY_KIND["journal"][0]
SAMPLE = [each for each in ISSUANCES.values() if each["case"] != "plain" or each["sequence"] % 40 == 0]

def certificate(sequence): return base64.b64decode(LINES[sequence]["data"]["certificate"]["RawCertificate"])
def request(sequence): return base64.b64decode(LINES[sequence]["data"]["request"].get("RawRequest", ""))
def bytes_of(folder): return {os.path.basename(path): open(path, "rb").read() for path in glob.glob(folder + "/*.jsonl")}
def moment(text): return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")

def openssl(*command, data=b"", may_fail=False):
    done = finished("openssl", *command, data=data)
    assert may_fail or done.returncode == 0, (command, done.stderr)
    return done.stdout.decode() + done.stderr.decode()

@test
def verify_finds_nothing_and_the_answers_count_its_lines():
    code, out = run(READER, "verify", FOLDER)
    same(code, 0, "verify's exit code"), check("The journal holds" in out, out)
    same(sorted(LINES), list(range(1, JOURNAL["lines"] + 1)), "the sequences")
    same(len(glob.glob(FOLDER + "/*.jsonl")), JOURNAL["segments"], "the segments")

@test
def every_line_is_as_the_schema_says():
    judge = jsonschema.Draft202012Validator(json.load(open("src/journal/journal.schema.json")))
    for sequence, line in LINES.items():
        if "issued" in line["type"] and sequence % 20: continue
        for fault in judge.iter_errors(line): yield f"{sequence}: {fault.message[:200]}"

@test
def the_same_seed_makes_the_same_bytes_and_another_seed_others():
    folder, answers = generate("again")
    check(bytes_of(folder) == bytes_of(FOLDER), "the journal differs")
    check(open(answers).read() == open(ANSWERS).read(), "the answers differ")
    folder, answers = generate("other", "--seed", "2")
    check(bytes_of(folder).keys() != bytes_of(FOLDER).keys() and open(answers).read() != open(ANSWERS).read(), "another seed makes the same")

@test
def there_is_an_answer_for_each_certificate_and_no_other():
    same(sorted(ISSUANCES), [number for number, line in LINES.items() if line["type"] == "certwitness.certificate.issued"], "the sequences")
    same(len(ISSUANCES), 1500, "their number")
    for number, each in ISSUANCES.items():
        data = LINES[number]["data"]
        told = (each["request"], each["requester"], each["caller"], each["serial"], each["sha1"], each["subject"], each["template"]["id"],
                each["notBefore"], each["notAfter"], each["onBehalfOf"])
        row, issued = data["request"], data["certificate"]
        same(told, (row["RequestID"], row["RequesterName"], row["CallerName"], issued["SerialNumber"], issued["CertificateHash"], issued["DistinguishedName"],
                    issued["CertificateTemplate"], issued["NotBefore"], issued["NotAfter"], bool(row["RequestFlags"] & 0x10)), f"line {number}")
        same(hashlib.sha1(certificate(number)).hexdigest(), each["sha1"], f"line {number}: the hash")

TYPES = {"upn": "othername: UPN::", "dns": "DNS:", "email": "email:", "ip": "IP Address:", "uri": "URI:"}

@test
def openssl_reads_in_the_certificates_what_the_answers_say():
    check(len(SAMPLE) > 100, f"{len(SAMPLE)} were looked at")
    for each in SAMPLE:
        out = openssl("x509", "-noout", "-text", "-certopt", "ext_parse", "-nameopt", "utf8,-esc_msb,sep_comma_plus_space,dn_rev", data=certificate(each["sequence"]))
        where = f"line {each['sequence']} ({each['case']})"
        dates = re.findall(r"Not (?:Before|After ?) ?: (.*) GMT", out)
        same([datetime.datetime.strptime(" ".join(text.split()), "%b %d %H:%M:%S %Y") for text in dates], [moment(each["notBefore"]), moment(each["notAfter"])], where)
        same(re.search(r"Subject: ?(.*)", out)[1], each["subject"], where)
        names = re.search(r"Subject Alternative Name: *\n *(.*)", out)
        same(names[1] if names else "", ", ".join(TYPES[name["type"]] + name["value"] for name in each["names"]), where)
        same("CA:TRUE" in out, each["isCA"], where)
        same(int(re.search(r"Public-Key: \((\d+) bit\)", out)[1]), int(each["key"].split()[1]), where)
        if each["sid"] and not each["case"].endswith("uri"): check(each["sid"]["value"] in out, f"{where}: no {each['sid']}")

@test
def the_ca_has_signed_every_certificate_of_the_sample():
    started = LINES[1]["data"]["ca"]["certificates"][0]["RawCACertificate"]["base64"]
    same(hashlib.sha256(base64.b64decode(started)).hexdigest(), JOURNAL["ca"]["sha256"], "the CA's certificate")
    with open(WORK + "/ca.pem", "w") as file: file.write(openssl("x509", data=base64.b64decode(started)))
    for each in SAMPLE:
        pem = openssl("x509", data=certificate(each["sequence"])).encode()
        out = openssl("verify", ANY_DAY, "-CAfile", WORK + "/ca.pem", data=pem, may_fail=True)
        check(out.rstrip().endswith("OK"), f"line {each['sequence']}: {out}")

@test
def openssl_reads_the_requests_and_their_signatures_are_true_where_the_page_says_so():
    seen = collections.Counter()
    for each in SAMPLE:
        der, form, true = request(each["sequence"]), each["form"], each["key"] != "RSA 2048"
        if form == "pkcs10":
            out = openssl("req", "-inform", "der", "-verify", "-noout", data=der, may_fail=True)
            check("verify OK" in out or not true and "verify failure" in out, f"line {each['sequence']}: {out}")
            seen["pkcs10 true" if "verify OK" in out else "pkcs10"] += 1
        elif form == "pkcs7" and each["onBehalfOf"]:                        # signed by an agent, whose keys are on P-256
            out = openssl("cms", "-verify", "-inform", "der", "-noverify", "-out", "/dev/null", data=der, may_fail=True)
            check("successful" in out, f"line {each['sequence']}: {out}"), seen.update(["pkcs7 true"])
        elif form in ("pkcs7", "cmc"):
            openssl("cms", "-cmsout", "-noout", "-inform", "der", data=der), seen.update([form])
    for kind in "pkcs10", "pkcs10 true", "pkcs7", "pkcs7 true", "cmc": check(seen[kind], f"of {kind} the sample has none: {seen}")

@test
def the_reader_of_certificates_reads_every_request_but_the_one_that_is_none():
    for each in SAMPLE:
        if each["form"] == "absent": continue
        with open(WORK + "/request", "wb") as file: file.write(request(each["sequence"]))
        code, out = run(READER, "cert", WORK + "/request")
        same(code == 0, each["form"] != "unreadable", f"line {each['sequence']} ({each['case']}): {out[:200]}")

@test
def a_name_is_the_enrollees_where_the_request_holds_it():
    for each in SAMPLE:
        der, row = request(each["sequence"]), LINES[each["sequence"]]["data"]["request"]
        if each["form"] == "pkcs10":
            out = openssl("req", "-inform", "der", "-noout", "-subject", "-nameopt", "utf8,-esc_msb,sep_comma_plus_space,dn_rev", data=der)
            same(each["subjectFrom"] == "enrollee", out.partition("subject=")[2].strip() == each["subject"], f"line {each['sequence']} ({each['case']})")
        for name in each["names"]:
            held = name["value"].encode() in der or f"{name['type']}={name['value']}" in row.get("RequestAttributes", "") and "\nsan:" in row["RequestAttributes"]
            if each["form"] in ("absent", "unreadable"): same(name["from"], "unknown", f"line {each['sequence']}")
            elif not (each["renews"] or each["onBehalfOf"]) and name["type"] in ("upn", "uri"):
                same(name["from"] == "enrollee", held, f"line {each['sequence']} ({each['case']}): {name}")

def folded(each):
    return (each["requester"].lower(), each["template"]["id"].lower(), each["subject"].lower(), frozenset((name["type"], name["value"].lower()) for name in each["names"]))

def expected_renewals():
    """By sequence: (the certificate that renews it, the ground)."""
    found, renewing = {}, set()
    serials = {each["serial"]: number for number, each in ISSUANCES.items()}
    def follows(later, earlier): return not later["revoked"] and later["sequence"] > earlier["sequence"] and later["notAfter"] > earlier["notAfter"]
    for number, each in ISSUANCES.items():
        row = LINES[number]["data"]["request"]
        if not row["RequestFlags"] & 2 or row["RequestFlags"] & 0x10: continue
        text = request(number).hex()
        named = [serials[serial] for serial in re.findall("0210(61[0-9a-f]{30})", text) if serial in serials]
        check(named, f"line {number} is a renewal of nothing")
        renewing.add(number)
        if named and follows(each, ISSUANCES[named[0]]): found.setdefault(named[0], (number, "certain"))
    groups = collections.defaultdict(list)
    for number, each in ISSUANCES.items(): groups[folded(each)].append(each)
    for number, later in ISSUANCES.items():
        if number in renewing: continue
        candidates = [each for each in groups[folded(later)] if each["sequence"] not in found and follows(later, each) and
                      moment(LINES[number]["time"][:19] + "Z") >= moment(each["notBefore"]) + (moment(each["notAfter"]) - moment(each["notBefore"])) * 2 / 3]
        if candidates: found[min(candidates, key=lambda each: (each["notAfter"], each["sequence"]))["sequence"]] = (number, "same")
    templates = collections.defaultdict(list)
    for each in ISSUANCES.values(): templates[folded(each)[1]].append((folded(each), each))
    for number, earlier in ISSUANCES.items():
        mine = folded(earlier)
        if number in found or not mine[3]: continue
        for other, later in templates[mine[1]]:
            if other[0] != mine[0] and mine[3] <= other[3] and follows(later, earlier):
                found[number] = (later["sequence"], "probable")
                break
    return found

@test
def what_renews_what_follows_from_the_journal_by_the_rule_of_the_page():
    want = expected_renewals()
    got = {number: (each["renewedBy"]["sequence"], each["renewedBy"]["ground"]) for number, each in ISSUANCES.items() if each["renewedBy"]}
    for number in sorted(want.keys() | got.keys()): same(got.get(number), want.get(number), f"what renews line {number}")
    for number, each in ISSUANCES.items():
        if each["renews"]: same(got[each["renews"]["sequence"]], (number, each["renews"]["ground"]), f"what line {number} renews")
    for ground in "certain", "same", "probable": check(sum(each[1] == ground for each in got.values()) > 3, f"{ground} is hardly there")

CASES = {"chain-of-three": ["certain", "certain", None], "load-balanced": ["same", None, None], "lost-key": [None, None], "renewal-revoked": [None, None],
         "other-template": [None, None], "other-names": [None, None], "probable": ["probable", None], "other-letters": ["same", None], "ends-earlier": [None, None]}

@test
def each_case_of_a_renewal_and_each_near_miss_is_there():
    for name, grounds in CASES.items():
        of_case = [each for each in ISSUANCES.values() if each["case"] == name]
        same([each["renewedBy"] and each["renewedBy"]["ground"] for each in of_case], grounds, name)

@test
def what_is_revoked_in_the_end_is_what_the_lines_leave_behind():
    state = {}
    for line in LINES.values():
        serial = line["data"].get("certificate", {}).get("SerialNumber")
        if line["type"].endswith(".revoked"): state[serial] = {"time": line["time"][:19] + "Z", "reason": line["data"]["request"]["RevokedReason"]}
        if line["type"].endswith(".unrevoked"): state.pop(serial)
    same({each["serial"]: each["revoked"] for each in ISSUANCES.values() if each["revoked"]}, state)
    check(len(state) > 10 and any(line["type"].endswith(".unrevoked") for line in LINES.values()), "hardly anything is revoked")

@test
def request_ids_begin_anew_after_the_restore():
    ids = [each["request"] for each in ISSUANCES.values()]
    check(len(ids) - len(set(ids)) > 100, f"{len(ids) - len(set(ids))} come twice")

@test
def the_last_crls_are_those_of_the_answers():
    for kind, member in ("crl", "RawCRL"), ("delta", "RawDeltaCRL"):
        der = base64.b64decode(LINES[JOURNAL[kind]["sequence"]]["data"]["ca"]["keys"][0][member]["base64"])
        out = openssl("crl", "-inform", "der", "-noout", "-nextupdate", "-CAfile", WORK + "/ca.pem", data=der)
        when = datetime.datetime.strptime(" ".join(re.search("nextUpdate=(.*) GMT", out)[1].split()), "%b %d %H:%M:%S %Y")
        same(when, moment(JOURNAL[kind]["nextUpdate"]), kind), check("verify OK" in out, out)
    of_crls = [number for number, line in LINES.items() if line["type"].endswith("crl.issued")]
    same(JOURNAL["delta"]["sequence"], max(of_crls), "the last line of a CRL")

@test
def every_one_of_the_rules_has_an_attack_and_a_near_miss():
    for number in range(1, 27):
        of_rule = [each for each in ATTACKS if each["number"] == number]
        check(any(not each["near"] for each in of_rule), f"rule {number} has no attack"), check(any(each["near"] for each in of_rule), f"rule {number} has no near miss")
    for each in ATTACKS:
        check(all(number in LINES for number in each["sequences"]) and each["sequences"], f"{each['name']} has the lines {each['sequences']}")
        check(each["sequence"] in each["sequences"] or each["number"] == 22, f"{each['name']} is about line {each['sequence']}")
        same(each["near"], each["severity"] is None, each["name"])

@test
def the_planted_serial_is_in_a_crl_and_in_no_certificate():
    def serials_of(name):
        line = LINES[next(each for each in ATTACKS if each["name"] == name)["sequence"]]
        out = openssl("crl", "-inform", "der", "-noout", "-text", data=base64.b64decode(line["data"]["ca"]["keys"][0]["RawDeltaCRL"]["base64"]))
        return {serial.lower() for serial in re.findall("Serial Number: ([0-9A-F]+)", out)}
    issued = {each["serial"] for each in ISSUANCES.values()}
    same(len(serials_of("unknown-serial") - issued), 1, "serial numbers that nobody issued")
    near = serials_of("unknown-serial-near")
    check(near and near <= issued, f"the near miss has {near}")

@test
def what_ends_is_told_in_the_order_in_which_it_ends():
    same(len(BY_KIND["expiry"]), 4, "the answers")
    for answer in BY_KIND["expiry"]:
        at, within = moment(answer["at"]), datetime.timedelta(answer["within"])
        want = sorted((each["notAfter"], number) for number, each in ISSUANCES.items()
                      if not each["revoked"] and at - datetime.timedelta(7) < moment(each["notAfter"]) <= at + within)
        same([(row["notAfter"], row["sequence"]) for row in answer["rows"]], want, answer["at"])
        for row in answer["rows"]:
            each = ISSUANCES[row["sequence"]]
            same(row["renewed"], each["renewedBy"] and each["renewedBy"]["ground"], row)
            left = (moment(row["notAfter"]) - at).total_seconds() / 86400
            same(row["bucket"], "expired" if left <= 0 else next(str(days) for days in (7, 14, 30, 60, 90) if left <= days), row)
    rows = collections.Counter(row["row"] for answer in BY_KIND["expiry"] for row in answer["rows"])
    for name in "renewed", "service", "autoenrolled", "shortLived", "probable", "due": check(rows[name], f"no row is {name}: {rows}")

@test
def a_folder_that_is_not_empty_and_a_number_out_of_range_are_refused_and_the_shortest_time_is_not():
    code, out = run(GENERATE, "--certificates", "1500", "--out", FOLDER, "--answers", WORK + "/refused")
    same(code, 2, "the exit code"), check("new or empty" in out, out)
    code, out = run(GENERATE, "--days", "699", "--out", WORK + "/refused", "--answers", WORK + "/refused")
    same(code, 2, "the exit code"), check("a number from 700" in out, out)
    folder, answers = generate("short", "--days", "700")
    same(run(READER, "verify", "--quiet", folder)[0], 0, "verify's exit code for the shortest")
    code, out = run(GENERATE, "--days", "ten", "--out", WORK + "/refused", "--answers", WORK + "/refused")
    same(code, 2, "the exit code"), check("--days is a number" in out, out)

run_tests()
