"""DER by hand, and requests in CMS as Windows clients send them, for tests. The signatures are random bytes unless openssl made them."""
import hashlib

def tlv(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    if size < 128: return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content

def seq(*parts): return tlv(0x30, *parts)
def set_of(*parts): return tlv(0x31, *sorted(parts))
def octets(data): return tlv(0x04, data)
def utf8(text): return tlv(0x0c, text.encode())
def bmp(text): return tlv(0x1e, text.encode("utf-16-be"))
def ia5(text): return tlv(0x16, text.encode())

def integer(number):
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))

def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    out = b""
    for arc in [first * 40 + second, *rest]:
        piece = [arc & 127]
        while arc := arc >> 7: piece.append(arc & 127 | 128)
        out += bytes(reversed(piece))
    return tlv(0x06, out)

def attribute(type, *values): return seq(oid(type), set_of(*values))
def extension(type, value): return seq(oid(type), octets(value))

DATA, SIGNED, PKI_DATA, PKI_RESPONSE = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2", "1.3.6.1.5.5.7.12.2", "1.3.6.1.5.5.7.12.3"
SHA256, RSA_SHA256, NO_SIGNATURE = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11", "1.3.6.1.5.5.7.6.2"
CMC, MS = "1.3.6.1.5.5.7.7.", "1.3.6.1.4.1.311."

def signer(issuer=None, serial=None, key_id=None, signed=(), unsigned=(), algorithm=RSA_SHA256):
    """`issuer` is the DER of a name."""
    return seq(integer(1 if issuer else 3), seq(issuer, integer(serial)) if issuer else tlv(0x80, key_id), seq(oid(SHA256)),
               *([tlv(0xa0, *sorted(signed))] if signed else []), seq(oid(algorithm)), octets(b"\x5a" * 32),
               *([tlv(0xa1, *sorted(unsigned))] if unsigned else []))

def signed_data(type, content, signers=(), certificates=(), crls=(), version=3, raw=False):
    """`raw`: the content as PKCS #7 has it, not in an OCTET STRING."""
    inside = [] if content is None else [tlv(0xa0, content if raw else octets(content))]
    return seq(integer(version), set_of(seq(oid(SHA256))), seq(oid(type), *inside), *([tlv(0xa0, *certificates)] if certificates else []),
               *([tlv(0xa1, *crls)] if crls else []), set_of(*signers))

def content_info(inside, type=SIGNED): return seq(oid(type), tlv(0xa0, inside))
def cms(*args, **kw): return content_info(signed_data(*args, **kw))

def tagged(id, request): return tlv(0xa0, integer(id), request)
def control(id, type, *values): return seq(integer(id), oid(type), set_of(*values))
def message(id, whole): return seq(integer(id), whole)
def pki_data(controls=(), requests=(), messages=(), others=()): return seq(seq(*controls), seq(*requests), seq(*messages), seq(*others))
def add_attributes(id, requests, *attributes): return control(id, MS + "10.10.1", seq(integer(0), seq(*map(integer, requests)), set_of(*attributes)))
def add_extensions(id, requests, *extensions): return control(id, CMC + "8", seq(integer(0), seq(*map(integer, requests)), seq(*extensions)))
def reg_info(id, text): return control(id, CMC + "18", octets(text.encode()))

def client_info(machine, user, process, client=9):
    return attribute(MS + "21.20", seq(integer(client), utf8(machine), utf8(user), utf8(process)))
def name_value(name, value): return attribute(MS + "13.2.1", seq(bmp(name), bmp(value)))
def os_version(text): return attribute(MS + "13.2.3", ia5(text))

def key_bits(request_text):
    """Of the DER of a SubjectPublicKeyInfo: what RFC 5280's key identifier is the SHA-1 of."""
    at = 2 if request_text[1] < 128 else 2 + (request_text[1] & 127)
    size = request_text[at + 1]
    assert request_text[at] == 0x30 and size < 128
    at += 2 + size
    head = 2 if request_text[at + 1] < 128 else 2 + (request_text[at + 1] & 127)
    return request_text[at + head + 1:]
