"""Forms in which certificates, requests, CRLs and signed data are met: sound ones, odd ones, and those that Windows clients send. Each is made
byte by byte, has a name, and is told with what has to be seen of it.

    for form in forms(): form.name, form.kind, form.data, form.see, form.remarks, form.openssl

`kind` is x509, req, crl, cms or spkac: openssl's command that reads it. `openssl` is False where openssl does not read it, and the expectation
was written by hand alone. `see` maps paths in what `certwitness cert --json` prints ("publicKey.length", "extensions.0.names.0.value", "1.subject"
of a second object) to values. `remarks` are their texts, those of all that is nested included.
"""
import base64
from collections import namedtuple
from cmcmake import *
from published import samples

Form = namedtuple("Form", "name kind data see remarks openssl")

# --- pieces ---
def name(*parts): return seq(*[set_of(seq(oid(type), value)) for type, value in parts])
def cn(text): return name(("2.5.4.3", utf8(text)))
def utc(text): return tlv(0x17, text.encode())
def general(text): return tlv(0x18, text.encode())
def bits(data, unused=0): return tlv(0x03, bytes([unused]) + data)
def algorithm(dotted, *parameters): return seq(oid(dotted), *parameters)
NULL, TRUE, FALSE = b"\x05\0", b"\x01\x01\xff", b"\x01\x01\0"
SHA256RSA, SHA1RSA = algorithm(RSA_SHA256, NULL), algorithm("1.2.840.113549.1.1.5", NULL)
DAYS = seq(utc("260101000000Z"), utc("270101000000Z"))

def rsa(size=256, exponent=65537): return seq(integer(int.from_bytes(b"\xc5" * size, "big")), integer(exponent))
def spki(algorithm, key, unused=0): return seq(algorithm, bits(key, unused))
def rsa_key(size=256, key=None): return spki(algorithm("1.2.840.113549.1.1.1", NULL), key or rsa(size))
def ec_key(curve, size, form=b"\x04"): return spki(algorithm("1.2.840.10045.2.1", oid(curve)), form + b"\x11" * size * (2 if form == b"\x04" else 1))

def padded(der, more=1):
    """The same with a length in more bytes than it needs."""
    at = 2 if der[1] < 128 else 2 + (der[1] & 127)
    length = der[1:2] if der[1] < 128 else der[2:at]
    length = bytes(more) + length
    return der[:1] + bytes([0x80 | len(length)]) + length + der[at:]

def indefinite(der):
    at = 2 if der[1] < 128 else 2 + (der[1] & 127)
    return der[:1] + b"\x80" + der[at:] + b"\0\0"

def in_pieces(data, size, tag=0x24, end=False):
    pieces = b"".join(octets(data[at:at + size]) for at in range(0, len(data), size))
    return bytes([tag, 0x80]) + pieces + b"\0\0" if end else tlv(tag, pieces)

def ext(type, value, critical=b""): return seq(oid(type), critical, octets(value))
def dns(text): return tlv(0x82, text.encode())
def san(*names): return ext("2.5.29.17", seq(*names))
def upn(text): return tlv(0xa0, oid(MS + "20.2.3"), tlv(0xa0, utf8(text)))
def sid(text): return ext(MS + "25.2", seq(tlv(0xa0, oid(MS + "25.2.1"), tlv(0xa0, octets(text.encode())))))
def application_policies(*oids): return ext(MS + "21.10", seq(*[seq(oid(each)) for each in oids]))

def certificate(version=2, serial=integer(0x1234), inner=SHA256RSA, issuer=cn("ca"), validity=DAYS, subject=cn("a"), key=None, ids=b"", extensions=None,
                outer=None, signature=None, more=b"", raw_version=None, raw_extensions=None):
    list = raw_extensions if raw_extensions is not None else tlv(0xa3, seq(*extensions)) if extensions is not None else b""
    first = raw_version if raw_version is not None else tlv(0xa0, integer(version)) if version else b""
    info = seq(first, serial, inner, issuer, validity, subject, key or rsa_key(), ids, list, more)
    return seq(info, outer or inner, signature or bits(b"\x5a" * 64))

def request(subject=cn("a"), *attributes, key=None, version=0, raw=None, signature=None, more=b""):
    list = raw if raw is not None else tlv(0xa0, *sorted(attributes))
    return seq(seq(integer(version), subject, key or rsa_key(), list, more), SHA256RSA, signature or bits(b"\x5a" * 64))

def asks(*extensions): return attribute("1.2.840.113549.1.9.14", seq(*extensions))

def entry(serial, *extensions, date=utc("260201000000Z")): return seq(integer(serial), date, *([seq(*extensions)] if extensions else []))
def crl(*entries, version=1, times=(utc("260101000000Z"), utc("260201000000Z")), inner=SHA256RSA, outer=None, extensions=(ext("2.5.29.20", integer(7)),), list=None):
    body = list if list is not None else seq(*entries) if entries else b""
    return seq(seq(integer(version) if version else b"", inner, cn("ca"), *times, body, tlv(0xa0, seq(*extensions)) if extensions else b""), outer or inner, bits(b"\x5a" * 64))

def spkac(challenge=ia5("secret"), key=None): return seq(seq(key or rsa_key(), challenge), SHA256RSA, bits(b"\x5a" * 64))

AGENT_NAME = cn("desk")
AGENT = certificate(serial=integer(0x77), issuer=cn("ca"), subject=AGENT_NAME, extensions=[ext("2.5.29.37", seq(oid(MS + "20.2.1")))])
def by_agent(**more): return signer(cn("ca"), 0x77, **more)

# --- what is odd, by its sentence ---
TRAILING = "bytes follow the "
BER = "the CMS is written in BER, and shown as the DER that it stands for"

def keys():
    """Every curve that has a name, and keys of other kinds."""
    curves = {256: "1.2.840.10045.3.1.7 1.3.132.0.10 1.2.156.10197.1.301 1.2.250.1.223.101.256.1", 384: "1.3.132.0.34", 521: "1.3.132.0.35",
              192: "1.2.840.10045.3.1.1 1.2.840.10045.3.1.2 1.2.840.10045.3.1.3 1.3.132.0.31", 224: "1.3.132.0.33 1.3.132.0.32",
              239: "1.2.840.10045.3.1.4 1.2.840.10045.3.1.5 1.2.840.10045.3.1.6 1.3.132.0.3", 112: "1.3.132.0.6 1.3.132.0.7", 128: "1.3.132.0.28 1.3.132.0.29",
              160: "1.3.132.0.8 1.3.132.0.9 1.3.132.0.30", 113: "1.3.132.0.4 1.3.132.0.5", 131: "1.3.132.0.22 1.3.132.0.23", 163: "1.3.132.0.1 1.3.132.0.2 1.3.132.0.15",
              193: "1.3.132.0.24 1.3.132.0.25", 233: "1.3.132.0.26 1.3.132.0.27", 283: "1.3.132.0.16 1.3.132.0.17", 409: "1.3.132.0.36 1.3.132.0.37",
              571: "1.3.132.0.38 1.3.132.0.39"}
    for size, list in curves.items():
        for dotted in list.split(): yield f"EC key, {dotted}", ec_key(dotted, (size + 7) // 8), size
    for number, size in enumerate([160, 160, 192, 192, 224, 224, 256, 256, 320, 320, 384, 384, 512, 512], 1):
        yield f"EC key, brainpool {number}", ec_key(f"1.3.36.3.3.2.8.1.1.{number}", size // 8), size
    yield "EC key, compressed", ec_key("1.2.840.10045.3.1.7", 32, b"\x02"), 256
    prime = seq(oid("1.2.840.10045.1.1"), integer((1 << 255) + 1))
    yield "EC key, curve written out", spki(algorithm("1.2.840.10045.2.1", seq(integer(1), prime, seq(octets(b"\1"), octets(b"\2")), octets(b"\4"), integer(3))), b"\4" + b"\x11" * 64), 256
    two = seq(oid("1.2.840.10045.1.2"), seq(integer(163), oid("1.2.840.10045.1.2.3.2"), integer(7)))
    yield "EC key, field of two written out", spki(algorithm("1.2.840.10045.2.1", seq(integer(1), two, seq(octets(b"\1"), octets(b"\2")), octets(b"\4"), integer(3))), b"\4" + b"\x11" * 42), 163
    for size in 128, 256, 384, 512: yield f"RSA {size * 8}", rsa_key(size), size * 8
    yield "RSA-PSS key", spki(algorithm("1.2.840.113549.1.1.10"), rsa()), 2048
    for dotted, size, length in ("1.3.101.110", 32, 256), ("1.3.101.111", 56, 448), ("1.3.101.112", 32, 256), ("1.3.101.113", 57, 456):
        yield f"key {dotted}", spki(algorithm(dotted), b"\x11" * size), length
    p, q = integer((1 << 1023) + 1), integer((1 << 159) + 1)
    yield "DSA key", spki(algorithm("1.2.840.10040.4.1", seq(p, q, integer(2))), integer(5)), 1024
    yield "DH key", spki(algorithm("1.2.840.10046.2.1", seq(p, integer(2), q)), integer(5)), 1024
    yield "DH key of PKCS #3", spki(algorithm("1.2.840.113549.1.3.1", seq(p, integer(2))), integer(5)), 1024

NAMES = {"CN": "2.5.4.3", "OU": "2.5.4.11", "O": "2.5.4.10", "L": "2.5.4.7", "S": "2.5.4.8", "STREET": "2.5.4.9", "C": "2.5.4.6", "DC": "0.9.2342.19200300.100.1.25",
         "E": "1.2.840.113549.1.9.1", "T": "2.5.4.12", "G": "2.5.4.42", "I": "2.5.4.43", "SN": "2.5.4.4", "SERIALNUMBER": "2.5.4.5", "Description": "2.5.4.13",
         "PostalCode": "2.5.4.17", "POBox": "2.5.4.18", "Phone": "2.5.4.20", "X21Address": "2.5.4.24", "dnQualifier": "2.5.4.46", "OID.2.5.4.15": "2.5.4.15",
         "OID.0.9.2342.19200300.100.1.1": "0.9.2342.19200300.100.1.1", "OID.1.3.6.1.4.1.311.60.2.1.3": "1.3.6.1.4.1.311.60.2.1.3"}

def texts():
    """A value as it is written, and as it is to be read."""
    yield "T61String in UTF-8", tlv(0x14, "Zoë".encode()), "Zoë"
    yield "T61String in Latin-1", tlv(0x14, "Zoë".encode("latin-1")), "Zoë"
    yield "T61String, part of it UTF-8", tlv(0x14, b"\xc2\xa2\xe9"), "Â¢é"
    yield "BMPString", bmp("Zoë"), "Zoë"
    yield "BMPString with a pair of surrogates", bmp("Zoë 😀"), "Zoë 😀"
    yield "UniversalString", tlv(0x1c, "Zoë".encode("utf-32-be")), "Zoë"
    yield "PrintableString with an at sign", tlv(0x13, b"a@b*"), "a@b*"
    yield "UTF8String that is none", tlv(0x0c, b"a\xffb"), "a\ufffdb"

def dates():
    noon = "2026-11-21T12:00:00Z"
    form = lambda what="end of the validity": [f"the {what} is not written YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ"]
    early = ["the end of the validity is a GeneralizedTime where RFC 5280 has a UTCTime"]
    yield "UTCTime", utc("261121120000Z"), noon, [], True
    yield "UTCTime of 1950", utc("500101000000Z"), "1950-01-01T00:00:00Z", [], True
    yield "GeneralizedTime of 2050", general("20500101000000Z"), "2050-01-01T00:00:00Z", [], True
    yield "GeneralizedTime of 9999", general("99991231235959Z"), "9999-12-31T23:59:59Z", [], True
    yield "GeneralizedTime before 2050", general("20261121120000Z"), noon, early, True
    yield "UTCTime without seconds", utc("2611211200Z"), noon, form(), True
    yield "UTCTime ahead of UTC", utc("261121140000+0200"), noon, form(), True
    yield "UTCTime behind UTC", utc("261121113000-0030"), noon, form(), True
    yield "UTCTime without seconds behind UTC", utc("2611211130-0030"), noon, form(), True
    yield "UTCTime without a zone", utc("261121120000"), noon, form(), True
    yield "GeneralizedTime with a fraction", general("20261121120000.5Z"), noon, form() + early, True
    yield "GeneralizedTime with a comma", general("20261121120000,25Z"), noon, form() + early, True
    yield "GeneralizedTime without seconds", general("202611211200Z"), noon, form() + early, True
    yield "GeneralizedTime of hours", general("2026112112Z"), noon, form() + early, True
    yield "GeneralizedTime ahead of UTC", general("20261121133000+0130"), noon, form() + early, True
    yield "GeneralizedTime ahead by hours", general("20261121140000+02"), noon, form() + early, True
    yield "GeneralizedTime without a zone", general("20261121120000"), noon, form() + early, True
    yield "a 30th of February", utc("260230120000Z"), None, ["the end of the validity is no date that exists"], True
    yield "second 60", utc("261231235960Z"), None, ["the end of the validity is no date that exists"], True
    yield "hour 24", utc("261231240000Z"), None, ["the end of the validity is no date that exists"], True

def extension_values():
    """OID, value, what is seen of it under "extensions.0", remarks."""
    default, empty = "is written out although it is the default", "is empty"
    yield "basic constraints, CA FALSE", "2.5.29.19", seq(FALSE), {"ca": False}, [f"the CA flag {default}"]
    yield "basic constraints, CA 01", "2.5.29.19", seq(b"\x01\x01\x01"), {"ca": True}, ["the CA flag is neither 00 nor FF"]
    yield "basic constraints, path length padded", "2.5.29.19", seq(TRUE, b"\x02\x02\x00\x03"), {"ca": True, "pathLength": 3}, ["the path length takes more bytes than it needs"]
    yield "basic constraints, empty", "2.5.29.19", seq(), {"ca": False}, []
    yield "basic constraints, more behind", "2.5.29.19", seq(TRUE, integer(1), NULL), {"ca": True, "pathLength": 1}, [TRAILING + "basic constraints"]
    yield "key usage", "2.5.29.15", bits(b"\x06", 1), {"usages.0": "Certificate Signing", "usages.1": "CRL Signing"}, []
    yield "key usage with zeros behind", "2.5.29.15", bits(b"\x80"), {"usages.0": "Digital Signature"}, []
    yield "key usage, an unused bit set", "2.5.29.15", bits(b"\x8f", 4), {"usages.0": "Digital Signature"}, ["an unused bit of the key usage is set"]
    yield "key usage, too many unused bits", "2.5.29.15", bits(b"\x80", 9), {"usages.0": "Digital Signature"}, ["the key usage leaves more bits unused than it can"]
    yield "key usage of forty bits", "2.5.29.15", bits(b"\x80\0\0\0\1"), {"usages.0": "Digital Signature"}, ["the key usage has too many elements"]
    yield "purposes, none", "2.5.29.37", seq(), {"purposes": []}, [f"the purposes {empty}"]
    yield "names, none", "2.5.29.17", seq(), {"names": []}, [f"the alternative name {empty}"]
    yield "names, an IP address of 3 bytes", "2.5.29.17", seq(tlv(0x87, b"\1\2\3")), {"names.0.value": "010203"}, ["the IP address is neither 4 nor 16 bytes long"]
    yield "names, an IP address with its mask", "2.5.29.17", seq(tlv(0x87, b"\x0a\0\0\0\xff\0\0\0")), {"names.0.value": "10.0.0.0/255.0.0.0"}, ["the IP address is neither 4 nor 16 bytes long"]
    yield "names, an IP address and a host", "2.5.29.17", seq(tlv(0x87, b"\x0a\0\0\1"), dns("a.example")), {"names.0.value": "10.0.0.1", "names.1.value": "a.example"}, []
    yield "names, a user principal name", "2.5.29.17", seq(upn("zoë@corp.example")), {"names.0.type": "upn", "names.0.value": "zoë@corp.example"}, []
    yield "names, a length padded", "2.5.29.17", seq(padded(dns("a.example"))), {"names.0.value": "a.example"}, ["the length of the DNS name takes more bytes than it needs"]
    yield "authority's key, serial number padded", "2.5.29.35", seq(tlv(0x80, b"\1\2"), tlv(0xa1, tlv(0x86, b"urn:x")), tlv(0x82, b"\0\0\5")), {"id": "0102", "serialNumber": "05"}, ["the authority's serial number takes more bytes than it needs"]
    yield "distribution points, none", "2.5.29.31", seq(), {"points": []}, [f"the distribution points {empty}"]
    yield "issuing point, a flag FALSE", "2.5.29.28", seq(b"\x81\x01\x00", b"\x82\x01\xff"), {"onlyCACerts": True}, [f"the flag for users' certificates {default}"]
    yield "access, none", "1.3.6.1.5.5.7.1.1", seq(), {"access": []}, [f"the access descriptions {empty}"]
    yield "policies, none", "2.5.29.32", seq(), {"policies": []}, [f"the policies {empty}"]
    yield "policies, no qualifiers", "2.5.29.32", seq(seq(oid("2.23.140.1.2.1"), seq())), {"policies.0.policy.oid": "2.23.140.1.2.1"}, [f"the policy qualifiers {empty}"]
    yield "name constraints, none", "2.5.29.30", seq(tlv(0xa0)), {}, [f"the subtrees of names {empty}"]
    yield "name constraints, minimum 0", "2.5.29.30", seq(tlv(0xa0, seq(dns(".example"), b"\x80\x01\0"))), {"permitted.0.minimum": 0, "permitted.0.base.0.value": ".example"}, [f"the minimum {default}"]
    yield "application policies", MS + "21.10", seq(seq(oid("1.3.6.1.5.5.7.3.2"))), {"policies.0.policy.name": "Client Authentication"}, []
    yield "SID", MS + "25.2", seq(tlv(0xa0, oid(MS + "25.2.1"), tlv(0xa0, octets(b"S-1-5-21-1-2-3-500")))), {"names.0.type": "sid", "names.0.value": "S-1-5-21-1-2-3-500"}, []
    yield "template of version 1", MS + "20.2", bmp("WebServer"), {"template": "WebServer"}, []
    yield "template of version 2", MS + "21.7", seq(oid(MS + "21.8.1.2"), integer(100), integer(4)), {"template.oid": MS + "21.8.1.2", "majorVersion": 100, "minorVersion": 4}, []
    yield "template, version padded", MS + "21.7", seq(oid(MS + "21.8.1.2"), b"\x02\x02\0\x64"), {"majorVersion": 100}, ["the major version takes more bytes than it needs"]
    capabilities = seq(*[algorithm(dotted, integer(size)) for dotted, size in (("1.2.840.113549.3.2", 128), ("1.2.840.113549.3.4", 128), ("1.3.14.3.2.7", 56))])
    yield "S/MIME capabilities", "1.2.840.113549.1.9.15", capabilities, {"capabilities.0.name": "rc2", "capabilities.0.parameter": 128, "capabilities.1.parameter": 128, "capabilities.2.name": "des", "capabilities.2.parameter": 56}, []
    yield "S/MIME capability without parameters", "1.2.840.113549.1.9.15", seq(algorithm("1.2.840.113549.3.7")), {"capabilities.0.name": "3des"}, []
    yield "S/MIME capability with other parameters", "1.2.840.113549.1.9.15", seq(algorithm("1.2.3.4", octets(b"\1"))), {"capabilities.0.parameters": "040101"}, []
    yield "period of the key", "2.5.29.16", seq(tlv(0x80, b"20260101000000Z"), tlv(0x81, b"20270101000000Z")), {"name": "privateKeyUsagePeriod", "notBefore": "2026-01-01T00:00:00Z", "notAfter": "2027-01-01T00:00:00Z"}, []
    yield "period of the key, without seconds", "2.5.29.16", seq(tlv(0x81, b"202701010000Z")), {"notAfter": "2027-01-01T00:00:00Z"}, ["the end of the key's period is not written YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ"]
    yield "Netscape certificate type", "2.16.840.1.113730.1.1", bits(b"\xc0", 6), {"types.1": "SSL Server"}, []
    yield "Netscape comment", "2.16.840.1.113730.1.13", ia5("made by hand"), {"text": "made by hand"}, []
    yield "TLS features", "1.3.6.1.5.5.7.1.24", seq(integer(5)), {"features.0": 5}, []
    for dotted, what in {"1.3.6.1.5.5.7.48.1.5": "ocspNoCheck", "1.3.6.1.5.5.7.1.3": "qcStatements", "1.3.6.1.4.1.11129.2.4.2": "sctList", MS + "21.16": "archivedKeyCertHash",
                         MS + "21.17": "issuedCertHash", MS + "21.22": "crossCAVersion"}.items():
        yield what, dotted, integer(1) if what == "crossCAVersion" else NULL, {"name": what}, []

def certificates():
    def form(name, data, see={}, remarks=[], openssl=True): return Form(name, "x509", data, {"type": "certificate", "subject": "CN=a", **see}, remarks, openssl)

    for version in 0, 1, 2: yield form(f"version {version + 1}", certificate(version), {"version": version + 1})
    for what, key, length in keys(): yield form(what, certificate(key=key), {"publicKey.length": length})
    for key, dotted in NAMES.items(): yield form(f"name with {key}", certificate(subject=name((dotted, utf8("x1")))), {"subject": f"{key}=x1"})
    for what, value, text in texts(): yield form(f"name with a {what}", certificate(subject=name(("2.5.4.3", value))), {"subject": "CN=" + text}, openssl="is none" not in what and "pair" not in what)
    yield form("name with a BMPString that ends within a character", certificate(subject=name(("2.5.4.3", tlv(0x1e, b"\0a\0")))), {"subject": "CN=a\ufffd"},
               ["the subject ends within a character"], openssl=False)
    yield form("name with an empty set", certificate(subject=seq(set_of(), set_of(seq(oid("2.5.4.3"), utf8("a"))))), {}, ["the subject is empty"])
    yield form("name with a set out of order", certificate(subject=seq(tlv(0x31, seq(oid("2.5.4.10"), utf8("o")), seq(oid("2.5.4.3"), utf8("a"))))), {"subject": "O=o + CN=a"},
               ["the subject stands out of order in its set"])
    parts = [set_of(seq(oid("2.5.4.3"), utf8(str(n)))) for n in range(700)]
    backwards = ", ".join(f"CN={n}" for n in reversed(range(700)))
    yield form("name of seven hundred parts", certificate(subject=seq(*parts)), {"subject": backwards})
    yield form("name with empty sets between its parts", certificate(subject=seq(*[part + set_of() * 2 for part in parts])), {"subject": backwards}, ["the subject is empty"] * 16)
    for what, date, seen, remarks, openssl in dates():
        yield form(f"date: {what}", certificate(validity=seq(utc("260101000000Z"), date)), {"notBefore": "2026-01-01T00:00:00Z", "notAfter": seen}, remarks, openssl)
    for what, dotted, value, see, remarks in extension_values():
        yield form(what, certificate(extensions=[ext(dotted, value)]), {f"extensions.0.{path}": each for path, each in see.items()}, remarks)

    host = san(dns("a.example"))
    seen = {"extensions.0.names.0.value": "a.example"}
    yield form("critical FALSE", certificate(extensions=[ext("2.5.29.17", seq(dns("a.example")), FALSE)]), {"extensions.0.critical": False, **seen},
               ["the critical flag is written out although it is the default"])
    yield form("critical 01", certificate(extensions=[ext("2.5.29.17", seq(dns("a.example")), b"\x01\x01\x01")]), {"extensions.0.critical": True, **seen}, ["the critical flag is neither 00 nor FF"])
    yield form("no extension", certificate(extensions=[]), {}, ["the extensions is empty"])
    yield form("an extension twice", certificate(extensions=[host, san(dns("b.example"))]), {**seen, "extensions.1.names.0.value": "b.example"}, ["the extension stands there twice"])
    yield form("an extension with more behind", certificate(extensions=[seq(oid("2.5.29.17"), octets(seq(dns("a.example"))), NULL)]), seen, [TRAILING + "extension"], openssl=False)
    yield form("a hundred and one extensions", certificate(extensions=[ext(f"1.2.3.{n}", NULL) for n in range(101)]), {"extensions.100.oid": "1.2.3.100"}, ["the extensions has too many elements"])
    yield form("version 0 written out", certificate(0, raw_version=tlv(0xa0, integer(0))), {"version": 1}, ["the version is written out although it is the default"])
    yield form("version 4", certificate(3, extensions=[host]), {"version": 4, **seen}, ["the version is unknown"])
    yield form("version 1 with extensions", certificate(0, extensions=[host]), seen, ["the version, which has no extensions, is unknown"])
    yield form("version 2 with extensions", certificate(1, extensions=[host]), seen, ["the version, which has no extensions, is unknown"])
    yield form("version 2 with unique IDs", certificate(1, ids=tlv(0x81, b"\0\xaa") + tlv(0x82, b"\0\xbb")), {"issuerUniqueID": "aa", "subjectUniqueID": "bb"})
    yield form("version 1 with unique IDs", certificate(0, ids=tlv(0x81, b"\0\xaa")), {"issuerUniqueID": "aa"}, ["the version, which has no unique IDs, is unknown"])
    yield form("two signature algorithms", certificate(outer=SHA1RSA), {"signatureAlgorithm.algorithm.name": "sha1RSA", "signedAlgorithm.algorithm.name": "sha256RSA"},
               ["the signature algorithm is not the same in both places"])
    yield form("one algorithm without its NULL", certificate(outer=algorithm(RSA_SHA256)), {}, ["the signature algorithm is not the same in both places"])
    for what, serial, seen_serial in ("zero", integer(0), "00"), ("negative", integer(-5), "fb"), ("long", integer(1 << 200), "01" + "00" * 25):
        yield form(f"serial number {what}", certificate(serial=serial), {"serialNumber": seen_serial})
    yield form("serial number padded", certificate(serial=b"\x02\x03\0\0\x05"), {"serialNumber": "05"}, ["the serial number takes more bytes than it needs"], openssl=False)
    yield form("length of the whole padded", padded(certificate()), {}, ["the length of the certificate takes more bytes than it needs"])
    yield form("length of the subject padded", certificate(subject=padded(cn("a"))), {}, ["the length of the subject takes more bytes than it needs"])
    yield form("length in seven bytes", padded(certificate(), 5), {}, ["the length of the certificate takes more bytes than it needs"], openssl=False)
    yield form("a byte behind", certificate() + b"\0", {}, [TRAILING + "certificate"])
    yield form("a value behind the extensions", certificate(extensions=[host], more=NULL), seen, [TRAILING + "certificate info"], openssl=False)
    yield form("signature with unused bits", certificate(signature=bits(b"\x50", 4)), {"signature": "50"}, ["the signature does not end at a whole byte"])
    yield form("key with unused bits", certificate(key=spki(algorithm("1.2.840.113549.1.1.1", NULL), rsa()[:-1] + b"\0", 1)), {}, ["the public key does not end at a whole byte"], openssl=False)
    yield form("modulus without the byte that says it is positive", certificate(key=rsa_key(key=seq(tlv(0x02, b"\xc5" * 128), integer(3)))), {"publicKey.length": 1024}, ["the RSA modulus is not positive"])
    yield form("parameters of the signature algorithm", certificate(inner=algorithm("1.2.3.4", octets(b"\1"))), {"signatureAlgorithm.parameters": "040101"})
    for what, aux, see in [("a purpose", seq(seq(oid("1.3.6.1.5.5.7.3.1"))), {"trust.trusted.0.name": "Server Authentication"}),
                           ("an alias", seq(utf8("mine")), {"trust.alias": "mine"}), ("a purpose rejected", seq(tlv(0xa0, oid("1.3.6.1.5.5.7.3.4"))), {"trust.rejected.0.name": "Secure Email"}),
                           ("a key identifier", seq(octets(b"\xab")), {"trust.keyId": "ab"})]:
        yield form(f"trusted certificate with {what}", certificate() + aux, see, [TRAILING + "certificate"])
    pem = b"-----BEGIN TRUSTED CERTIFICATE-----\n" + base64.encodebytes(certificate() + seq(utf8("mine"))) + b"-----END TRUSTED CERTIFICATE-----\n"
    yield form("TRUSTED CERTIFICATE in PEM", pem, {"trust.alias": "mine"}, [TRAILING + "certificate"])
    yield form("in BER", indefinite(certificate()), {}, [BER.replace("CMS", "Certificate")])
    yield form("subject in pieces", certificate(subject=name(("2.5.4.3", tlv(0x2c, octets(b"a"))))), {}, [BER.replace("CMS", "Certificate")])

def requests():
    def form(name, data, see={}, remarks=[], openssl=True): return Form(name, "req", data, {"type": "request", "subject": "CN=a", **see}, remarks, openssl)
    host, policies = san(dns("a.example")), application_policies("1.3.6.1.5.5.7.3.2")
    twice, empty = "the extension request stands there twice", "the extension request is empty"
    names = lambda n: {f"attributes.{n}.extensions.0.names.0.value": "a.example"}

    yield form("request", request(cn("a"), asks(host)), names(0))
    yield form("request without attributes", request(cn("a")))
    yield form("request without even their tag", request(cn("a"), raw=b""))
    yield form("request for nothing", request(cn("a"), asks()), {"attributes.0.name": "extensionRequest"}, [empty])
    yield form("request with an attribute for each extension", request(cn("a"), raw=tlv(0xa0, asks(host), asks(sid("S-1-5-21-1-2-3-500")), asks(policies))),
               {**names(0), "attributes.1.extensions.0.names.0.value": "S-1-5-21-1-2-3-500", "attributes.2.extensions.0.policies.0.policy.name": "Client Authentication"},
               [twice, "the attribute stands out of order in its set", twice])
    yield form("request with two extension requests", request(cn("a"), raw=tlv(0xa0, asks(ext("2.5.29.15", bits(b"\x80", 7))), asks(host))), names(1), [twice])
    yield form("request with two lists in one attribute", request(cn("a"), attribute("1.2.840.113549.1.9.14", seq(host), seq(policies))), {"attributes.0.extensions.0.names.0.value": "a.example"}, [twice])
    yield form("request with an attribute of no value", request(cn("a"), seq(oid("1.2.3.4"), set_of())), {"attributes.0.oid": "1.2.3.4"}, ["the values of an attribute is empty"])
    yield form("request with an extension request of no value", request(cn("a"), seq(oid("1.2.840.113549.1.9.14"), set_of())), {}, ["the values of an attribute is empty"])
    yield form("request with Microsoft's extensions", request(cn("a"), attribute(MS + "2.1.14", seq(host))), names(0))
    yield form("request with both kinds of extensions", request(cn("a"), asks(host), attribute(MS + "2.1.14", seq(policies))), names(0))
    yield form("request with an extension twice", request(cn("a"), asks(host, host)), names(0), ["the extension stands there twice"])
    yield form("request with critical FALSE", request(cn("a"), asks(ext("2.5.29.17", seq(dns("a.example")), FALSE))), names(0), ["the critical flag is written out although it is the default"])
    yield form("request with a challenge", request(cn("a"), attribute("1.2.840.113549.1.9.7", utf8("geheim"))), {"attributes.0.bytes": 6})
    yield form("request with two challenges", request(cn("a"), attribute("1.2.840.113549.1.9.7", utf8("geheim")), attribute("1.2.840.113549.1.9.7", utf8("noch eins"))), {"attributes.1.bytes": 9},
               ["the challenge password stands there twice"])
    yield form("request with a challenge of no value", request(cn("a"), seq(oid("1.2.840.113549.1.9.7"), set_of())), {"attributes.0.bytes": 0}, ["the values of an attribute is empty"])
    yield form("request of version 2", request(cn("a"), version=1), {"version": 2}, ["the version is unknown"])
    yield form("request, attributes out of order", request(cn("a"), raw=tlv(0xa0, attribute("1.2.3.5", NULL), attribute("1.2.3.4", NULL))), {"attributes.1.oid": "1.2.3.4"}, ["the attribute stands out of order in its set"])
    yield form("request with bytes behind", request(cn("a")) + b"\r\n", {}, [TRAILING + "request"])
    yield form("request with a value behind the attributes", request(cn("a"), more=NULL), {}, [TRAILING + "request info"], openssl=False)
    yield form("request in BER", indefinite(request(cn("a"), asks(host))), names(0), [BER.replace("CMS", "Request")])
    yield form("request with attributes in BER", request(cn("a"), raw=indefinite(tlv(0xa0, asks(host)))), names(0), [BER.replace("CMS", "Request")])
    yield form("request with a value in pieces", request(cn("a"), attribute("1.2.840.113549.1.9.14", seq(seq(oid("2.5.29.17"), in_pieces(seq(dns("a.example")), 5))))), names(0), [BER.replace("CMS", "Request")])
    yield form("request, length padded", padded(request(cn("a"))), {}, ["the length of the request takes more bytes than it needs"])
    yield form("request with two values of client info", request(cn("a"), attribute(MS + "21.20", seq(integer(9), utf8("a"), utf8("b"), utf8("c")), seq(integer(9), utf8("d"), utf8("e"), utf8("hidden")))),
               {"attributes.0.process": "c", "attributes.0.furtherValues.0": seq(integer(9), utf8("d"), utf8("e"), utf8("hidden")).hex()})
    yield form("request with two versions of Windows", request(cn("a"), attribute(MS + "13.2.3", ia5("1"), ia5("2"))), {"attributes.0.version": "1", "attributes.0.furtherValues.0": "2"})
    for what, attributes, path, value in WINDOWS_ATTRIBUTES():
        yield form(f"request with {what}", request(cn("a"), *attributes), {path: value}, ["the value ends in a zero"] if "NUL" in what else [])

    def keygen(name, data, see={}, remarks=[], openssl=True): return Form(name, "spkac", data, {"type": "keygen", "publicKey.length": 2048, **see}, remarks, openssl)
    yield keygen("KEYGEN", spkac(), {"challenge.bytes": 6})
    yield keygen("KEYGEN without a challenge", spkac(ia5("")), {"challenge.bytes": 0})
    yield keygen("KEYGEN, challenge in UTF-8", spkac(utf8("secret")), {"challenge.bytes": 6}, ["the challenge is of a kind that does not exist"], openssl=False)
    yield keygen("KEYGEN in base64", base64.b64encode(spkac()), {"challenge.bytes": 6}, openssl=False)
    yield keygen("KEYGEN as a form sends it", b"SPKAC=" + base64.b64encode(spkac()) + b"\n", {"challenge.bytes": 6}, openssl=True)

def WINDOWS_ATTRIBUTES():
    yield "client info", [client_info("PC17.corp.example", "CORP\\alice", "certreq.exe")], "attributes.0.process", "certreq.exe"
    yield "the version of Windows", [os_version("10.0.20348.2")], "attributes.0.version", "10.0.20348.2"
    yield "a key provider", [attribute(MS + "13.2.2", seq(integer(1), bmp("Microsoft Software Key Storage Provider"), bits(b"")))], "attributes.0.provider", "Microsoft Software Key Storage Provider"
    yield "a name and a value", [name_value("CertificateTemplate", "User")], "attributes.0.pairs.0.value", "User"
    yield "a value that ends in NUL", [name_value("requestername", "CORP\\bob\0")], "attributes.0.pairs.0.value", "CORP\\bob\0"
    yield "a storage provider", [attribute(MS + "21.25", bmp("Microsoft Platform Crypto Provider"))], "attributes.0.provider", "Microsoft Platform Crypto Provider"
    yield "an attestation statement", [attribute(MS + "21.24", octets(b"\1"))], "attributes.0.name", "attestationStatement"
    yield "endorsement key info", [attribute(MS + "21.23", seq())], "attributes.0.name", "endorsementKeyInfo"

def crls():
    def form(name, data, see={}, remarks=[], openssl=True): return Form(name, "crl", data, {"type": "crl", "issuer": "CN=ca", **see}, remarks, openssl)
    reason = ext("2.5.29.21", tlv(0x0a, b"\1"))
    many = [entry(n, reason) for n in range(1, 151)]

    yield form("CRL", crl(entry(5, reason)), {"entries.0.serialNumber": "05", "entries.0.extensions.0.meaning": "Key Compromise"})
    yield form("CRL of a hundred and fifty", crl(*many), {"count": 150, "entries.149.serialNumber": "0096"[2:]})
    yield form("CRL of nothing", crl(), {"count": 0})
    yield form("CRL with an empty list", crl(list=seq()), {"count": 0})
    yield form("CRL of version 1", crl(entry(5), version=0, extensions=()), {"version": 1, "count": 1})
    yield form("CRL of version 1 with extensions", crl(entry(5, reason), version=0), {"extensions.0.number": 7, "entries.0.extensions.0.reason": 1},
               ["the version, which has no extensions, is unknown"] * 2)
    yield form("CRL of version 3", crl(entry(5), version=2), {"version": 3, "count": 1}, ["the version is unknown"])
    yield form("CRL, two signature algorithms", crl(entry(5), outer=SHA1RSA), {"signedAlgorithm.algorithm.name": "sha256RSA"}, ["the signature algorithm is not the same in both places"])
    yield form("CRL without a next update", crl(times=(utc("260101000000Z"),)), {"nextUpdate": None})
    yield form("CRL with a GeneralizedTime", crl(times=(general("20260101000000Z"), utc("260201000000Z"))), {"thisUpdate": "2026-01-01T00:00:00Z"}, ["the time of the CRL is a GeneralizedTime where RFC 5280 has a UTCTime"])
    yield form("CRL, an entry without seconds", crl(entry(5, date=utc("2602010000Z"))), {"entries.0.date": "2026-02-01T00:00:00Z"}, ["the date of an entry is not written YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ"])
    yield form("CRL, a reason twice", crl(entry(5, reason, reason)), {"entries.0.extensions.1.reason": 1}, ["the extension stands there twice"])
    yield form("CRL, an entry's extensions empty", crl(seq(integer(5), utc("260201000000Z"), seq())), {"count": 1}, ["the extensions of an entry is empty"])
    yield form("CRL, extensions empty", seq(seq(integer(1), SHA256RSA, cn("ca"), utc("260101000000Z"), tlv(0xa0, seq())), SHA256RSA, bits(b"\x5a")), {}, ["the extensions is empty"])
    yield form("CRL with bytes behind", crl() + b"\0", {}, [TRAILING + "CRL"])
    yield form("CRL in BER", indefinite(crl(entry(5))), {"count": 1}, [BER.replace("CMS", "CRL")])

def signed():
    def form(name, data, see={}, remarks=[], openssl=True): return Form(name, "cms", data, see, remarks, openssl)
    plain = request(cn("a"), asks(san(dns("a.example"))))
    inside = {"type": "cms", "requests.0.subject": "CN=a"}
    other = certificate(serial=integer(9), subject=cn("b"))
    info = lambda inner: seq(oid(SIGNED), inner)
    raw = lambda content, signers=(): seq(integer(1), set_of(seq(oid(SHA256))), seq(oid(DATA), content), tlv(0xa0, AGENT), set_of(*signers))

    yield form("PKCS #7", cms(DATA, plain, [by_agent()], [AGENT], version=1), {**inside, "signers.0.requestAgent": True, "signers.0.subject": "CN=desk"})
    yield form("PKCS #7 of version 2", cms(DATA, plain, [by_agent()], [AGENT], version=2), {**inside, "version": 2}, ["the version is unknown"])
    yield form("PKCS #7, its content no OCTET STRING", content_info(raw(tlv(0xa0, plain), [by_agent()])), inside, ["the content is of a kind that does not exist"], openssl=False)
    yield form("PKCS #7 with bytes behind", cms(DATA, plain, [by_agent()]) + b"\0", inside, [TRAILING + "CMS"])
    yield form("PKCS #7 with seventeen signers", cms(DATA, plain, [by_agent()] * 17), {**inside, "signers.15.issuer": "CN=ca"}, ["the list of signers has too many elements"])
    yield form("BER without", indefinite(cms(DATA, plain, [by_agent()])), inside, [BER])
    yield form("BER all the way", bytes([0x30, 0x80]) + oid(SIGNED) + bytes([0xa0, 0x80]) + indefinite(raw(tlv(0xa0, octets(plain)), [by_agent()])) + b"\0\0\0\0", inside, [BER])
    for size in 1, 7, 100, 4096:
        yield form(f"BER, content in pieces of {size}", content_info(raw(tlv(0xa0, in_pieces(plain, size)), [by_agent()])), inside, [BER])
        yield form(f"BER, content in pieces of {size} without a length", content_info(raw(bytes([0xa0, 0x80]) + in_pieces(plain, size, end=True) + b"\0\0", [by_agent()])), inside, [BER])
    yield form("BER, pieces in pieces", content_info(raw(tlv(0xa0, tlv(0x24, tlv(0x24, octets(plain[:5])), octets(plain[5:]))), [by_agent()])), inside, [BER])
    yield form("BER within DER", cms(DATA, indefinite(cms(DATA, plain)), [by_agent()]), {"messages.0.requests.0.subject": "CN=a"}, [BER])
    yield form("BER within pieces", content_info(raw(tlv(0xa0, in_pieces(indefinite(cms(DATA, plain)), 50)), [by_agent()])), {"messages.0.requests.0.subject": "CN=a"}, [BER])

    for what, content in ("nothing", b""), ("the certificate itself", AGENT), ("text", b"hello"), ("zeros", bytes(9)):
        yield form(f"bundle whose content is {what}", cms(DATA, content, certificates=[AGENT, other], version=1), {"type": "certificate", "subject": "CN=desk", "1.subject": "CN=b"})
    yield form("bundle", cms(DATA, None, certificates=[AGENT], version=1), {"type": "certificate", "subject": "CN=desk"})
    yield form("bundle whose content is left out of its tag", content_info(raw(tlv(0xa0))), {"subject": "CN=desk", "1.type": "bundle", "1.certificates": 1}, ["the content is empty"], openssl=False)
    yield form("bundle of CRLs", cms(DATA, None, crls=[crl(entry(5))], version=1), {"type": "crl", "count": 1})
    yield form("bundle in BER", indefinite(cms(DATA, None, certificates=[AGENT], version=1)), {"subject": "CN=desk", "1.type": "bundle", "1.remarks.0.offset": 0}, ["the bundle is written in BER, and shown as the DER that it stands for"])
    yield form("bundle with an odd certificate", cms(DATA, None, certificates=[certificate(outer=SHA1RSA), other], version=1), {"subject": "CN=a", "1.subject": "CN=b"}, ["the signature algorithm is not the same in both places"])

    for what, content in {"a mail message (S/MIME)": b"Content-Type: text/plain\r\n\r\nhello\r\n", "text": b"hello", "a PDF document": b"%PDF-1.7\n", "data of another kind": b"PK\3\4",
                          "a signature file (JAR)": b"Signature-Version: 1.0\r\n"}.items():
        yield form(f"signed: {what}", cms(DATA, content, [by_agent()], [AGENT], version=1), {"content": what, "signers.0.subject": "CN=desk"})
    for dotted, what in OTHER_CONTENT.items(): yield form(f"signed: {what}", cms(dotted, seq(), [by_agent()], [AGENT]), {"contentType.name": what, "certificates.0.subject": "CN=desk"})
    yield form("signed, the content elsewhere", cms(DATA, None, [by_agent()], [AGENT], version=1), {"signers.0.subject": "CN=desk", "certificates.0.subject": "CN=desk"})
    yield form("signed: a certificate", cms(DATA, other, [by_agent()], [AGENT], version=1), {"contentCertificates.0.subject": "CN=b"})

OTHER_CONTENT = {"1.2.840.113549.1.9.16.1.4": "timestamp", MS + "2.1.4": "Authenticode signature", MS + "10.1": "certificate trust list", "1.3.6.1.5.5.7.12.3": "CMC response",
                 "1.2.840.113549.1.9.16.1.24": "route origin authorization", "1.2.840.113549.1.9.16.1.26": "RPKI manifest", "1.2.840.113549.1.9.16.1.16": "firmware package",
                 "2.23.136.1.1.1": "passport security object", "1.2.840.113549.1.9.16.1.1": "signed receipt", "1.2.840.113549.1.9.16.1.9": "compressed data"}

def windows():
    """What Windows clients send, after MS-WCCE and the dumps that Microsoft publishes with it (certutil -dump of requests)."""
    def form(name, data, see, remarks=[]): return Form(name, "cms", data, {"type": "cms", **see}, remarks, True)
    client = [os_version("6.0.5361.2"), client_info("vich3d.jdomcsc.nttest.microsoft.com", "JDOMCSC\\administrator", "certreq", 9),
              attribute(MS + "13.2.2", seq(integer(1), bmp("Microsoft Enhanced Cryptographic Provider v1.0"), bits(b"")))]
    template = ext(MS + "20.2", bmp("User"))
    old = certificate(serial=integer(0x51), issuer=cn("ca"), subject=cn("alice"))
    user = request(cn("alice"), *client, asks(template, ext("2.5.29.15", bits(b"\xa0", 5))))
    renewal = request(cn("alice"), *client, attribute(MS + "13.1", old), asks(template))
    key_id = tlv(0x80, b"\x33" * 20)
    hash_of_content = [attribute("1.2.840.113549.1.9.3", oid(PKI_DATA)), attribute("1.2.840.113549.1.9.4", octets(b"\x44" * 20))]
    own = signer(key_id=b"\x33" * 20, signed=hash_of_content, algorithm=RSA_SHA256)
    null = signer(cn("Dummy Signer"), 0, signed=hash_of_content, algorithm=NO_SIGNATURE)

    yield form("Windows: renewal in PKCS #7", cms(DATA, renewal, [signer(cn("ca"), 0x51)], [old], version=1),
               {"requests.0.subject": "CN=alice", "signers.0.renewed": True, "signers.0.subject": "CN=alice", "requests.0.attributes.*.certificate.subject": ["CN=alice"]})
    named = [name_value("requestername", "JDOMCSC\\bob"), attribute("1.2.840.113549.1.9.3", oid(DATA)), attribute("1.2.840.113549.1.9.4", octets(b"\x44" * 20))]
    yield form("Windows: on behalf of, in PKCS #7", cms(DATA, user, [by_agent(signed=named)], [AGENT], version=1),
               {"signers.0.requestAgent": True, "signers.0.signedAttributes.*.pairs.0.value": ["JDOMCSC\\bob"], "requests.0.subject": "CN=alice"})
    ended = [name_value("requestername\0", "JDOMCSC\\bob\0")] + named[1:]
    yield form("Windows: on behalf of, pairs that end in NUL", cms(DATA, user, [by_agent(signed=ended)], [AGENT], version=1),
               {"signers.0.signedAttributes.*.pairs.0.value": ["JDOMCSC\\bob\0"]}, ["the name ends in a zero", "the value ends in a zero"])
    controls = [add_attributes(2, [1], *client), reg_info(3, "CertificateTemplate=User&RequesterName=Domain%5CTargetUser&")]
    data = pki_data(controls, [tagged(1, user)])
    yield form("Windows: CMC by MMC", cms(PKI_DATA, data, [own]), {"requests.0.subject": "CN=alice", "controls.0.name": "cmcAddAttributes", "signers.0.keyIdentifier": "33" * 20,
                                                                   "controls.1.pairs.1.value": "Domain\\TargetUser", "controls.1.pairs.1.rawValue": "Domain%5CTargetUser"})
    yield form("Windows: CMC on behalf of", cms(PKI_DATA, data, [own, by_agent(signed=hash_of_content)], [AGENT]),
               {"signers.*.requestAgent": [True], "controls.1.pairs.0.value": "User", "certificates.0.subject": "CN=desk"})
    yield form("Windows: CMC without a signature", cms(PKI_DATA, data, [null]), {"signers.0.signatureAlgorithm.algorithm.name": "no signature", "signers.0.issuer": '"CN=Dummy Signer"'.strip('"')})
    sealed = content_info(seq(integer(0), octets(b"\x55" * 40)), "1.2.840.113549.1.7.3")
    archived = signer(key_id=b"\x33" * 20, signed=hash_of_content, unsigned=[attribute(MS + "21.13", sealed)])
    hashed = add_attributes(2, [1], *client, attribute(MS + "21.21", octets(b"\x66" * 20)))
    yield form("Windows: CMC with key archival", cms(PKI_DATA, pki_data([hashed, controls[1]], [tagged(1, user)]), [archived]),
               {"signers.0.unsignedAttributes.0.name": "archivedKey", "signers.0.unsignedAttributes.0.bytes": len(sealed), "controls.0.attributes.*.hash": ["66" * 20]})
    yield form("Windows: CMC renewal", cms(PKI_DATA, pki_data(controls, [tagged(1, renewal)]), [own, signer(cn("ca"), 0x51, signed=hash_of_content)], [old]),
               {"signers.*.renewed": [True], "requests.0.attributes.*.certificate.subject": ["CN=alice"]})
    yield form("Windows: CMC around PKCS #7", cms(PKI_DATA, pki_data(controls, messages=[message(1, cms(DATA, renewal, [signer(cn("ca"), 0x51)], [old], version=1))]), [by_agent(signed=hash_of_content)], [AGENT]),
               {"messages.0.requests.0.subject": "CN=alice", "signers.0.requestAgent": True})
    asked = request(cn("alice"), *client, asks(san(upn("administrator@corp.example")), sid("S-1-5-21-1-2-3-500"), application_policies("1.3.6.1.5.5.7.3.2", MS + "20.2.1")))
    yield form("Windows: SID and application policies asked for", cms(DATA, asked, [by_agent()], [AGENT], version=1),
               {"requests.0.attributes.*.extensions.1.names.0.value": ["S-1-5-21-1-2-3-500"],
                "requests.0.attributes.*.extensions.2.policies.1.policy.name": ["Certificate Request Agent"]})
    for version, process in (("5.0.2195.2", "xenroll"), ("5.1.2600.2", "mmc.exe"), ("5.2.3790.2", "certreq.exe"), ("6.1.7601.2", "taskeng.exe"), ("6.3.9600.2", "taskhostex.exe"),
                             ("10.0.14393.2", "InetMgr.exe"), ("10.0.17763.2", "powershell.exe"), ("10.0.20348.2", "LogonUI.exe"), ("10.0.26100.2", "taskhostw.exe")):
        made = request(cn("pc"), os_version(version), client_info("PC.corp.example", "CORP\\PC$", process, 5), asks(ext(MS + "21.7", seq(oid(MS + "21.8.1.2"), integer(100), integer(3)))))
        seen = {"type": "request", "subject": "CN=pc", "attributes.*.version": [version], "attributes.*.process": [process]}
        yield Form(f"Windows {version}: request by {process}", "req", made, seen, [], True)

def published():
    """The sample requests that Microsoft publishes."""
    made = samples(lambda issuer, serial, filling: certificate(serial=integer(serial), issuer=issuer, subject=cn("Administrator"), extensions=[ext("1.2.3.4", filling)]))
    for name, data in made.items():
        kind = {"PKCS #10": "req", "KEYGEN": "spkac"}.get(name, "cms")
        subject = {"spkac": {}, "req": {"subject": "O=TestOrg, CN=TestCN"}}.get(kind, {"requests.0.subject": "O=TestOrg, CN=TestCN" if name in ("CMC", "CMC with key archival") else ""})
        yield Form(f"Microsoft's sample: {name}", kind, data, subject, [], True)

def forms():
    for group in certificates, requests, crls, signed, windows, published: yield from group()
