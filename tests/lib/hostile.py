"""A journal full of hostile texts: each kind in every member that holds text, of every type of event, in the envelope too; and what must not come out."""
import base64, json, re

from chains import hash_of, line, name, write
from openssl import openssl

HEADER = open("src/base/invisible.h").read()
RANGES = [(int(first, 16), int(last, 16)) for first, last in re.findall(r"\{0x([0-9a-f]+), 0x([0-9a-f]+)\}", HEADER)]

# Texts that hide, steer or disturb. Each stands behind "bob", which all of them must then be told from.
assert len(RANGES) > 20, "src/base/invisible.h is not written as it was"
KINDS = ["\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u034f", "\ufe00", "\ufe0f", "\u17b4", "\u17b5", "\U0001bca0", "\U0001d173", "\U00013430", "\U0001343f",
         "\u0600", "\u0605", "\u06dd", "\u070f", "\u08e2", "\u00ad", "\u180e", "\u200b", "\u202e", "\u2066", "\ufeff", "\U000e0041", "\x1b[31m\x07", "\x9b1m\x7f\u2028"]
assert len(KINDS) == 28
BAD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff" + "".join(f"{chr(first)}-{chr(last)}" for first, last in RANGES) + "]")
# What a spreadsheet would compute, some of it behind what nobody sees; and what JSON may spell and no text may hold.
FORMULAS = ["=cmd|'/c calc'!A1", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\u200b=1", "\ufeff=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", '";=1', ",=1"]
RAW = ["\\ud800", "\\udc00\\ud800", "\\u0000", "\\u001b[2J", "\\u202e", "\\ud83d\\ude00"]
TYPES = ("certificate.issued", "certificate.pending", "certificate.denied", "certificate.revoked", "certificate.retrieved", "certificate.imported", "crl.issued", "ca.started", "event.unknown",
         "module.started", "module.stopped", "journal.gap", "journal.recovered", "journal.pruned", "journal.broken")

def quoted(text):
    return json.dumps(text, ensure_ascii=False)[1:-1]

def data_of(text, raw):
    """Of an event, with `text` wherever a text may stand, in names too."""
    pair = {"size": 1, "sha256": text, "base64": text, "unchanged": text}
    return {"event": 1, "context": 1, "what": text, "file": text, "kept": text, "reason": text, "account": text, "rule": text, "before": text, "first": text, "last": text, "requestIDs": [text], "head": text,
            "module": {"version": text, "run": text, "dates": text, "previousSource": text, "movedAside": [text], "found": text},
            "ca": {"MachineDNSName": text, "SanitizedCAName": text, "keys": [{"index": 0, "RawCRL": pair, "RawDeltaCRL": text}], "certificates": [{"index": 0, "RawCACertificate": pair}]},
            "settings": {"JournalDirectory": text, text: text}, "refusedSettings": [{"name": text, "value": text, "reason": text}],
            "request": {"RequestID": 1, "Disposition": 20, "RequesterName": text, "CallerName": text, "DispositionMessage": text, "RequestAttributes": f"{text}:{text}\n{text}",
                        "Request.DistinguishedName": "CN=" + text, "SubmittedWhen": text, "RevokedReason": text, "StatusCode": text, text: text, **({"RawRequest": raw} if raw else {})},
            "certificate": {"SerialNumber": text, "DistinguishedName": "CN=" + text, "CertificateTemplate": text, "UPN": text, "NotBefore": text, "CertificateHash": text,
                            **({"RawCertificate": raw} if raw else {})},
            "extra": {"attribute:" + text: text}, "missing": [{"name": text, "hresult": text, "sha256": text}]}

TEXTS = [quoted("bob" + kind) for kind in KINDS] + [quoted(text) for text in FORMULAS] + RAW

def is_taken(text):
    """A line's envelope holds no escapes."""
    return "\\" not in text

def envelope(text):
    """Lines with it there, or without where that would be none."""
    return [{"subject": f'"subject":"{text}",'}, {"type": text}, {"source": "/adcs/" + text}] if is_taken(text) else [{}]

def certificate(folder):
    """One that has all of them that openssl takes in its names."""
    subject = "".join(f"/CN=bob{kind}" for kind in KINDS if kind.isprintable() or kind[0] > "\x9f")
    openssl("req", "-new", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-utf8", "-subj", subject, "-keyout", folder + ".key", "-out", folder + ".pem")
    return base64.b64encode(openssl("x509", "-in", folder + ".pem", "-outform", "der")).decode()

def journal(folder):
    """`folder` with all of these. The events of the journal itself are first: they are many, and the last lines are what most is looked at."""
    lines = []
    def add(data, **how): lines.append(line(len(lines) + 1, hash_of(lines[-1]) if lines else "0" * 64, data=data, **how))
    for text in TEXTS:
        for raw in "", text:
            data = json.dumps(data_of("TEXT", raw and "TEXT"), separators=(",", ":")).replace("TEXT", text)
            for type in TYPES if not raw else TYPES[:1]: add(data, type=type, **envelope(f"request/{text}")[0])
        for how in envelope(text): add("{}", **how)
    add(json.dumps(data_of("bob", certificate(folder)), separators=(",", ":")))
    write(folder, {name(1): b"".join(lines)})
    return folder

def damaged(folder):
    """Lines that are none, for what stands in their envelope: less than a hundred, behind which no more is read."""
    lines, odd = [], [{"time": quoted(text)} for text in KINDS + ["2026-11-21T10:00:00Z" + kind for kind in KINDS[::3]]]
    for text in TEXTS:
        if not is_taken(text): odd += {"subject": f'"subject":"{text}",'}, {"type": text}, {"source": "/adcs/" + text}
    assert len(odd) < 90, len(odd)
    for how in odd:
        for words in how, {}: lines.append(line(len(lines) + 1, hash_of(lines[-1]) if lines else "0" * 64, **words))
    write(folder, {name(1): b"".join(lines)})
    return folder

def check(text, what):
    """Nothing that hides or steers is in it, but for the ends of lines."""
    for entry in text.replace("\r\n", "\n").split("\n"):
        found = BAD.search(entry)
        assert not found, (what, ascii(entry[max(0, found.start() - 60):][:200]))
