"""Requests and CMS with true signatures, which openssl makes: what cmcmake.py builds, for a CA that looks."""
import hashlib, tempfile

from cmcmake import (DATA, NO_SIGNATURE, RSA_SHA256, SHA256, attribute, content_info, integer, octets, oid, seq, set_of, signed_data, tlv, utf8)
from openssl import openssl

CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"

def parts(der):
    """The values in the outermost one, each whole."""
    def head(at):
        size, count = der[at + 1], 0
        if size & 0x80: count, size = size & 0x7f, int.from_bytes(der[at + 2:at + 2 + (size & 0x7f)], "big")
        return at + 2 + count, size
    at, size = head(0)
    found, end = [], at + size
    while at < end:
        begin, size = head(at)
        found.append(der[at:begin + size])
        at = begin + size
    return found

def key_der(key): return openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
def bits_of(key):
    """What a key identifier is the SHA-1 of: the BIT STRING's content, without the byte that counts unused bits."""
    whole = parts(key_der(key))[1]
    return whole[2 + (whole[1] & 0x7f if whole[1] & 0x80 else 0) + 1:]
def key_id(key): return hashlib.sha1(bits_of(key)).digest()

def certificate_der(file): return openssl("x509", "-in", file, "-outform", "DER")

def issuer_and_serial(certificate):
    fields = parts(parts(certificate)[0])
    return fields[3], fields[1]

def sign(key, message, digest="sha256"):
    with tempfile.NamedTemporaryFile() as file:
        file.write(message), file.flush()
        return openssl("dgst", "-" + digest, "-sign", key, file.name)

def name(*pairs):
    return seq(*(set_of(seq(oid({"CN": "2.5.4.3", "O": "2.5.4.10"}[kind]), utf8(text))) for kind, text in pairs))

def pkcs10(key, subject, attributes=()):
    """`subject` is the DER of a name; `attributes` are whole."""
    info = seq(integer(0), subject, key_der(key), tlv(0xa0, *attributes))
    return seq(info, seq(oid(RSA_SHA256), b"\5\0"), tlv(3, b"\0", sign(key, info)))

def extension_request(*extensions): return attribute("1.2.840.113549.1.9.14", seq(*extensions))

def signer(key, content, certificate=None, type=DATA, signed=(), unsigned=(), none=False):
    """By `certificate`, or by the key's identifier; `none`: by nobody, a hash in the place of a signature."""
    attributes = sorted([attribute(CONTENT_TYPE, oid(type)), attribute(MESSAGE_DIGEST, octets(hashlib.sha256(content).digest())), *signed])
    message = tlv(0x31, *attributes)
    issuer, serial = issuer_and_serial(certificate) if certificate else (None, None)
    return seq(integer(1 if certificate else 3), seq(issuer, serial) if certificate else tlv(0x80, key_id(key)), seq(oid(SHA256)),
               tlv(0xa0, *attributes), seq(oid(NO_SIGNATURE if none else RSA_SHA256)),
               octets(hashlib.sha256(message).digest() if none else sign(key, message)), *([tlv(0xa1, *sorted(unsigned))] if unsigned else []))

def signed_cms(content, signers, type=DATA, certificates=()):
    return content_info(signed_data(type, content, signers, certificates))
