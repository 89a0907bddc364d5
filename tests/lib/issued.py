"""Journals of issuances, for tests of what a journal tells of certificates. Certificates and requests are made byte by byte (forms.py), the lines
from the prose (chains.py).

    ca = Issued(root)                           a journal to be
    c = ca.issue(requester="CORP\\\\WEB01$", names=["www.corp.example"], on=0, days=365)
    ca.revoke(c, on=30)
    ca.write("label")                           the folder

Times are days since DAY0, which may have fractions.
"""
import base64, datetime, hashlib, json, os

import chains
from forms import *

DAY0 = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
SERVER, CLIENT, AGENT_OID, OCSP, KRA = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", MS + "20.2.1", "1.3.6.1.5.5.7.3.9", MS + "21.6"

def at(day): return DAY0 + datetime.timedelta(days=day)
def stamp(day): return at(day).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at(day).microsecond // 1000:03}Z"
def date(day): return at(day).strftime("%Y-%m-%dT%H:%M:%SZ")
def der_time(day): return utc(at(day).strftime("%y%m%d%H%M%SZ")) if at(day).year < 2050 else general(at(day).strftime("%Y%m%d%H%M%SZ"))
def eku(*oids): return ext("2.5.29.37", seq(*[oid(each) for each in oids]))
def basic_ca(): return ext("2.5.29.19", seq(TRUE))
def template_information(dotted): return ext(MS + "21.7", seq(oid(dotted), integer(100), integer(3)))

class Certificate:
    """What was issued: id, serial (int), der, requester."""

class Issued:
    def __init__(self, issuer="Demo CA"):
        self.events, self.issuer, self.last = [], cn(issuer), 0

    def event(self, kind, day, data, id=None):
        self.events.append((kind, day, data, f'"subject":"request/{id}",' if id is not None else ""))

    def of_request(self, kind, day, id, number, request, certificate, **more):
        data = {"event": number, "context": id, "request": {"RequestID": id, "Disposition": 20, **request}, "certificate": certificate, "missing": []}
        self.event(kind, day, {**data, **more}, id)

    def issue(self, on=0, days=365, requester="CORP\\alice", caller=None, template="WebServer", subject=None, names=("www.corp.example",), san_value=None,
              purposes=(SERVER,), id=None, serial=None, csr=None, csr_names=(), renews=None, cms_renews=None, flags=None, client=None, extensions=(), key=None,
              attributes=None, kind="certificate.issued", raw_request=None, without=(), validity=None):
        made = Certificate()
        self.last += 1
        made.id, made.serial, made.requester, made.on, made.until = id or self.last, serial or 0x6d0000000000 + self.last, requester, on, on + days
        name = subject if isinstance(subject, bytes) else cn(subject if subject is not None else "www")
        sans = [san_value] if san_value else [san(*[dns(each) if isinstance(each, str) else each for each in names])] if names else []
        made.der = certificate(serial=integer(made.serial), issuer=self.issuer, validity=validity or seq(der_time(on), der_time(on + days)), subject=name, key=key,
                               extensions=[*sans, *([eku(*purposes)] if purposes else []), *extensions])
        parts = [client_info(*client)] if client else []
        if csr_names: parts.append(asks(san(*[dns(each) if isinstance(each, str) else each for each in csr_names])))
        if renews: parts.append(attribute(MS + "13.1", renews.der))
        asked = csr or request(subject if isinstance(subject, bytes) else cn(subject) if subject else seq(), *parts)
        if cms_renews: asked = cms(DATA, asked, [signer(self.issuer, cms_renews.serial)], [cms_renews.der], version=1)
        fields = {"RequesterName": requester, "CallerName": caller or requester}
        if flags is not None: fields["RequestFlags"] = flags
        if attributes is not None: fields["RequestAttributes"] = attributes
        if "request" not in without: fields["RawRequest"] = base64.b64encode(raw_request or asked).decode()
        told = {"SerialNumber": f"{made.serial:x}", "CertificateTemplate": template, "NotBefore": date(on), "NotAfter": date(on + days),
                "CertificateHash": hashlib.sha1(made.der).hexdigest()}
        if "certificate" not in without: told["RawCertificate"] = base64.b64encode(made.der).decode()
        for name in {"NotBefore", "NotAfter"} & set(without): del told[name]
        made.hash, made.template = told["CertificateHash"], template
        self.of_request(kind, on, made.id, 1 if kind.endswith("issued") else 512, fields, told)
        return made

    def revoke(self, made, on, reason=4, release=False):
        self.of_request("certificate.unrevoked" if release else "certificate.revoked", on, made.id, 8,
                        {"Disposition": 20 if release else 21, "RevokedReason": reason, "RevokedWhen": date(on), "RequesterName": made.requester},
                        {"SerialNumber": f"{made.serial:x}", "CertificateHash": made.hash})

    def deny(self, on, requester="CORP\\mallory", template="WebServer"):
        self.last += 1
        self.of_request("certificate.denied", on, self.last, 4, {"Disposition": 31, "RequesterName": requester, "CallerName": requester,
                                                                 "RequestAttributes": f"CertificateTemplate:{template}"}, {})
        return self.last

    def crl(self, on, days=7, publish=None, delta=False, index=0):
        more = [ext(MS + "21.4", der_time(on + publish))] if publish is not None else []
        made = crl(times=(der_time(on), der_time(on + days)), extensions=[ext("2.5.29.20", integer(7)), *more])
        item = {"size": len(made), "sha256": hashlib.sha256(made).hexdigest(), "base64": base64.b64encode(made).decode()}
        self.event("crl.issued", on, {"event": 32, "context": 0, "ca": {"keys": [{"index": index, "RawDeltaCRL" if delta else "RawCRL": item}]}, "missing": []})

    def ca(self, on, days=3650, subject="Demo CA"):
        made = certificate(serial=integer(1), issuer=cn(subject), validity=seq(der_time(on), der_time(on + days)), subject=cn(subject), extensions=[basic_ca()])
        item = {"size": len(made), "sha256": hashlib.sha256(made).hexdigest(), "base64": base64.b64encode(made).decode()}
        self.event("module.started", on, {"module": {"run": chains.RUN, "endedCleanly": True, "version": "0.1.0", "fileVersion": "0.1.0.0", "eventMask": 1023,
                                                     "dates": "assumed UTC", "utcOffsetMinutes": 0, "processId": 1},
                                          "ca": {"certificates": [{"index": 0, "RawCACertificate": item}]}})

    def lines(self):
        previous, out = "0" * 64, []
        for n, (kind, day, data, subject) in enumerate(self.events, 1):
            out.append(chains.line(n, previous, type=kind, subject=subject, data=json.dumps(data, separators=(",", ":")), time=stamp(day)))
            previous = chains.hash_of(out[-1])
        return out

    def write(self, folder):
        lines = self.lines()
        chains.write(folder, {chains.name(n + 1): b"".join(lines[n:n + 2000]) for n in range(0, len(lines), 2000)})
        return folder
