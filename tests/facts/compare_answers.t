#!/usr/bin/python3
"""certwitness compare against a database dump that is made of the answers beside a generated journal (tests/bench/README.md): rows missing, deleted, moved
and changed, in several languages and encodings; each deviation, and no other. The journal's RequestIDs begin again in its middle, and the database has of
each RequestID the last request. No certutil has written these dumps.

    CERTWITNESS_CERTIFICATES=4000   so many in the journal
"""
import sys; sys.path[0] += "/../lib"
import collections, glob, json, os, random, re, shutil, subprocess, tempfile

from tap import check, run as run_tests, same, test

COUNT = os.environ.get("CERTWITNESS_CERTIFICATES", "4000")
GENERATE, PROGRAM, ROOT = "build/linux/tests/bench/generate", "build/native/src/cli/certwitness", tempfile.mkdtemp()
HEADINGS = {
    "en": "Request ID,Request Disposition,Requester Name,Serial Number,Certificate Hash,Certificate Template,Revocation Reason",
    "de": "Anforderungs-ID,Anforderungsdisposition,Antragstellername,Seriennummer,Zertifikathash,Zertifikatvorlage,Sperrungsgründe für",
    "fr": "ID de la demande,Disposition de la demande,Nom du demandeur,Numéro de série,Hachage du certificat,Modèle de certificat,Raison de révocation",
    "ru": "Код запроса,Решение по запросу,Имя запросившего,Серийный номер,Хэш сертификата,Шаблон сертификата,Причина отзыва",
    "ja": "要求 ID,要求の処理,要求者の名前,シリアル番号,証明書ハッシュ,証明書テンプレート,失効の理由"}
WORDS = {"en": ("Issued", "Revoked", "Denied", "Foreign", "Reason: Key"), "de": ("Ausgestellt", "Gesperrt", "Verweigert", "Fremd", "Grund: Schlüssel"),
         "fr": ("Émis", "Révoqué", "Refusé", "Étranger", "Raison : clé"), "ru": ("Выдан", "Отозван", "Отклонен", "Чужой", "Причина"), "ja": ("発行", "失効", "拒否", "外部", "理由")}
FORMS = [("en", "utf-16-le", b"\xff\xfe"), ("de", "cp850", b""), ("de", "utf-8", b""), ("fr", "utf-8", b"\xef\xbb\xbf"), ("ru", "cp866", b""), ("ja", "cp932", b""), ("ja", "utf-16-be", b"\xfe\xff")]
COLUMNS = "id", "disposition", "requester", "serial", "hash", "template", "reason"

def generated():
    done = subprocess.run([GENERATE, "--certificates", COUNT, "--seed", "3", "--out", ROOT + "/journal", "--answers", ROOT + "/answers"], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    kinds = collections.defaultdict(list)
    for line in open(ROOT + "/answers"): kinds[json.loads(line)["kind"]].append(json.loads(line))
    gaps = [json.loads(line) for path in glob.glob(ROOT + "/journal/*.jsonl") for line in open(path) if "certwitness.journal.gap" in line]
    return kinds, gaps[0]

KINDS, GAP = generated()
NOW = KINDS["journal"][0]["until"]
ALL = sorted(KINDS["issuance"] + KINDS["request"], key=lambda each: each["sequence"])

def row_of(answer):
    template, revoked = answer["template"], answer.get("revoked")
    return {"id": answer["request"], "disposition": answer.get("disposition") or (21 if revoked else 20), "requester": answer["requester"], "serial": answer.get("serial", ""),
            "hash": " ".join(answer["sha1"][at:at + 2] for at in range(0, 40, 2)) if "sha1" in answer else "",
            "template": template["name"] if template["id"] == template["name"] else f"{template['id']} {template['name']}", "reason": revoked["reason"] if revoked else None}

def gone(answer):
    return ("rowGone" if "serial" not in answer else "rowGoneExpired" if answer["notAfter"] < NOW else "rowGoneValid"), answer["request"]

def database():
    """The rows by RequestID, the answers that they are of, and what deviates without anybody's doing."""
    rows, of, deviations = {}, {}, []
    for answer in ALL:
        former = of.get(answer["request"])
        if former: deviations.append(gone(former))
        rows[answer["request"]], of[answer["request"]] = row_of(answer), answer
    lost = GAP["data"]["requestIDs"]
    for id in lost:
        former = of.pop(id)
        deviations.append(gone(former))
        rows[id] = {**row_of(former), "disposition": 20, "serial": f"77{id:08x}", "hash": "", "reason": None}
        deviations.append(("gap", id))
    return rows, of, deviations

def dump(rows, language, encoding, bom, name=ROOT + "/db.csv"):
    words = WORDS[language]
    names = {20: words[0], 21: words[1], 31: words[2], 12: words[3]}
    def cell(column, value):
        if column == "disposition": return f"{value} -- {names[value]}"
        if column == "reason": return "EMPTY" if value is None else f"0x{value:x} ({value}) -- {words[4]}"
        return str(value) if value != "" else "EMPTY"
    lines = [",".join(f'"{each}"' for each in HEADINGS[language].split(","))]
    lines += [",".join('"' + cell(column, row[column]).replace('"', '""') + '"' for column in COLUMNS) for row in rows]
    lines += ["Maximum Row Index: 9", "", f"{len(rows)} Rows", "  35 Row Properties, Total Size = 1200, Max Size = 40, Ave Size = 34", "   0 Total Fields, Total Size = 0",
              "CertUtil: -view command completed successfully.", ""]
    open(name, "wb").write(bom + "\r\n".join(lines).encode(encoding))
    return name

def told(path, code):
    done = subprocess.run([PROGRAM, "compare", path, ROOT + "/journal", "--now", NOW, "--json"], capture_output=True)
    assert done.returncode == code and b"Sanitizer" not in done.stderr, (done.returncode, done.stderr.decode()[-2000:])
    found = []
    for each in map(json.loads, done.stdout.splitlines()):
        for id in range(each["requestId"], each.get("lastRequestId", each["requestId"]) + 1):
            found.append((each["deviation"], id, *([each["databaseRequestId"]] if "databaseRequestId" in each else []), *([tuple(each["differs"])] if "differs" in each else [])))
    return found, done.stderr.decode()

def not_compared(errors): return int((re.findall(r"(\d+) values? could not be compared", errors) or [0])[0])

def exact(got, want, where):
    got, want = sorted(got, key=repr), sorted(want, key=repr)
    more, less = [each for each in got if each not in want], [each for each in want if each not in got]
    check(not more and not less and len(got) == len(want), f"{where}: {len(got)} deviations, expected {len(want)}; more: {more[:5]}, less: {less[:5]}")

@test
def a_database_that_nobody_touched_deviates_where_request_ids_came_twice_and_in_the_gap():
    rows, _, deviations = database()
    check(len({each["request"] for each in ALL}) < len(ALL) - 500 and len(deviations) > 500, "RequestIDs that came twice")
    for form in FORMS[:2]: exact(told(dump(list(rows.values()), *form), 1)[0], deviations, form)

def changes(rows, of, deviations, chosen):
    """Each kind of change on rows of its own; what deviates by them is added."""
    kinds = "gone", "requester", "template", "disposition", "released", "reason", "hash", "noSerial", "moved", "other"
    free = list(of)
    chosen.shuffle(free)
    counts, last = collections.Counter(), max(rows)
    for id in free:
        answer, row = of[id], rows[id]
        certified, revoked = "serial" in answer, bool(answer.get("revoked"))
        fit = [kind for kind in kinds if counts[kind] < 12 and (kind == "gone" or (kind == "released" or kind == "reason") == revoked or kind in ("requester", "hash")) and (certified or kind in ("gone", "requester"))]
        if not fit: continue
        kind = min(fit, key=lambda kind: counts[kind])
        counts[kind] += 1
        if kind == "gone": deviations.append(gone(answer)), rows.pop(id)
        elif kind == "requester": row["requester"] = "CORP\\mallory2"; deviations.append(("different", id, ("RequesterName",)))
        elif kind == "template": row["template"] = "1.3.6.1.4.1.311.21.8.1.2 Other" if " " in row["template"] else "Other"; deviations.append(("different", id, ("CertificateTemplate",)))
        elif kind == "disposition": row["disposition"], row["reason"] = 21, 4; deviations.append(("different", id, ("Disposition",)))
        elif kind == "released": row["disposition"], row["reason"] = 20, None; deviations.append(("different", id, ("Disposition",)))
        elif kind == "reason": row["reason"] = (row["reason"] + 1) % 6; deviations.append(("different", id, ("RevokedReason",)))
        elif kind == "hash" and certified: row["hash"] = "00" + row["hash"][2:-2] + f"{int(row['hash'][-2:], 16) ^ 1:02x}"; deviations.append(("different", id, ("CertificateHash",)))
        elif kind == "noSerial": row["serial"] = ""; deviations.append(("different", id, ("SerialNumber",)))
        elif kind == "moved": last += 1; row["id"] = last; deviations.append(("moved", id, last))
        elif kind == "other": row["serial"] = "78" + row["serial"][2:]; deviations += [("unexplained", id), gone(answer)]
    for kind in kinds: check(counts[kind] >= 5, f"{kind}: {counts[kind]}")
    for more in 1, 2:
        rows[last + more] = {"id": last + more, "disposition": 20, "requester": "CORP\\eve", "serial": f"79{more:04x}", "hash": "", "template": "User", "reason": None}
        deviations.append(("afterJournal", last + more))

@test
def each_change_is_told_and_nothing_else_in_every_language_and_encoding():
    untouched = not_compared(told(dump(list(database()[0].values()), *FORMS[0]), 1)[1])    # templates of requests that the journal has none of
    for number, form in enumerate(FORMS):
        rows, of, deviations = database()
        chosen = random.Random(number)
        changes(rows, of, deviations, chosen)
        shuffled = list(rows.values())
        chosen.shuffle(shuffled)
        found, errors = told(dump(shuffled, *form), 1)
        exact(found, deviations, form)
        check("could not be read" not in errors and not_compared(errors) <= untouched < 20, errors)

@test
def a_line_that_was_cut_off_is_counted_and_its_request_not_missed():
    rows, of, deviations = database()
    path = dump(list(rows.values()), *FORMS[2])
    lines = open(path, encoding="utf-8", newline="").read().split("\r\n")
    at = next(n for n in range(1, len(lines)) if lines[n].split('"')[1].isdigit() and "serial" in of.get(int(lines[n].split('"')[1]), {}))
    id = int(lines[at].split('"')[1])
    lines[at] = lines[at][:-2]
    open(path, "w", encoding="utf-8", newline="").write("\r\n".join(lines))
    found, errors = told(path, 1)
    exact(found, [*deviations, ("unreadable", id)], id)
    check("1 line could not be read" in errors, errors)

@test
def rows_whose_requester_hash_and_template_were_blanked_differ():
    rows, of, deviations = database()
    for id, answer in list(of.items())[::7]:
        if "serial" not in answer: continue
        rows[id].update(requester="", hash="", template="")
        deviations.append(("different", id, ("CertificateHash", "RequesterName", "CertificateTemplate")))
    exact(told(dump(list(rows.values()), *FORMS[0]), 1)[0], deviations, "blanked")

run_tests(finish=lambda: shutil.rmtree(ROOT))
