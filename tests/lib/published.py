"""The sample requests that Microsoft publishes, made anew from their values, byte by byte (tests/lib/published.txt has their layout).

A request is made by a `Hand`: a key that signs. `Hand.of_nobody` has no key, only bytes of the right size; `Hand.of(file)` is openssl's.
Whoever signs for others needs a certificate too, as `(certificate, issuer, serial number)`.
"""
import hashlib

from cmcmake import (DATA, MS, PKI_DATA, add_attributes, attribute, bmp, client_info, content_info, integer, name_value, octets, oid, os_version,
                     pki_data, reg_info, seq, set_of, tagged, tlv)
from cms_signed import key_der, key_id, sign

NULL = b"\5\0"
RSA, SHA1, SHA1_RSA, MD5_RSA = (seq(oid(dotted), NULL) for dotted in ("1.2.840.113549.1.1.1", "1.3.14.3.2.26", "1.2.840.113549.1.1.5", "1.2.840.113549.1.1.4"))
CLIENT = client_info("vich3d.jdomcsc.nttest.microsoft.com", "JDOMCSC\\administrator", "certreq")

class Hand:
    def __init__(self, key, id, sign): self.key, self.id, self.sign = key, id, sign

    @staticmethod
    def of_nobody(size=128):
        number = b"\xc5" * size
        return Hand(seq(RSA, tlv(3, b"\0", seq(integer(int.from_bytes(number, "big")), integer(65537)))), b"\x33" * 20, lambda message: number)

    @staticmethod
    def of(file): return Hand(key_der(file), key_id(file), lambda message: sign(file, message, "sha1"))

def printable(text): return tlv(0x13, text.encode())
def name(*pairs): return seq(*(set_of(seq(oid(type), printable(text))) for type, text in pairs))
def provider(kind, text): return attribute(MS + "13.2.2", seq(integer(kind), bmp(text), tlv(3, b"\0")))
def critical(type, value): return seq(oid(type), b"\1\1\xff", octets(value))
def extension(type, value): return seq(oid(type), octets(value))

TEST = name(("2.5.4.3", "TestCN"), ("2.5.4.10", "TestOrg"))
ISSUER = name(("2.5.4.10", "Microsoft"), ("2.5.4.3", "JDOMCSC Longhorn Enterprise Root CA"))

def pkcs10(hand, subject, attributes):
    info = seq(integer(0), subject, hand.key, tlv(0xa0, *sorted(attributes, key=lambda one: (len(one), one))))
    return seq(info, SHA1_RSA, tlv(3, b"\0", hand.sign(info)))

def enrolment(hand, subject=TEST):
    """By the template User: what a PKCS #10 request of certreq's holds."""
    purposes = seq(*map(oid, (MS + "10.3.4", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.2")))
    asked = seq(extension(MS + "20.2", bmp("User")), extension("2.5.29.37", purposes), critical("2.5.29.15", b"\3\2\5\xa0"), extension("2.5.29.14", octets(hand.id)))
    return pkcs10(hand, subject, [os_version("6.0.5361.2"), name_value("CertificateTemplate", "User"), CLIENT,
                                  provider(1, "Microsoft Enhanced Cryptographic Provider v1.0"), attribute("1.2.840.113549.1.9.14", asked)])

def renewing(hand, certificate):
    asked = seq(extension("2.5.29.14", octets(hand.id)), critical("2.5.29.15", b"\3\2\7\x80"))
    return pkcs10(hand, seq(), [os_version("6.0.5361.2"), attribute("1.2.840.113549.1.9.14", asked), CLIENT,
                                provider(2, "Microsoft Strong Cryptographic Provider"), attribute(MS + "13.1", certificate)])

def signer(hand, content, type=None, by=None, signed=(), unsigned=()):
    """`type`: with signed attributes, for content of that type. `by`: the certificate, its issuer and serial number; else the key's identifier."""
    attributes = [attribute("1.2.840.113549.1.9.3", oid(type)), attribute("1.2.840.113549.1.9.4", octets(hashlib.sha1(content).digest())), *signed] if type else []
    message = tlv(0x31, *attributes) if type else content
    return seq(integer(1 if by else 3), seq(by[1], integer(by[2])) if by else tlv(0x80, hand.id), SHA1, *([tlv(0xa0, *attributes)] if type else []),
               RSA, octets(hand.sign(message)), *([tlv(0xa1, *unsigned)] if unsigned else []))

def wrapped(type, content, signers, certificates=()):
    """Of version 3 is what a key's identifier has signed."""
    version = 3 if type == PKI_DATA else 1
    return content_info(seq(integer(version), set_of(SHA1), seq(oid(type), tlv(0xa0, octets(content))), *([tlv(0xa0, *certificates)] if certificates else []),
                            tlv(0x31, *signers)))

def renewal(hand, old_hand, by):
    request = renewing(hand, by[0])
    return wrapped(DATA, request, [signer(old_hand, request, by=by)], [by[0]])

def on_behalf_of(hand, agent, by, requester="Domain\\TargetUser"):
    request = enrolment(hand, seq())
    return wrapped(DATA, request, [signer(agent, request, DATA, by, [name_value("RequesterName", requester)])], [by[0]])

def cmc(hand, request=None, controls=None, more_signers=lambda content: [], certificates=(), unsigned=()):
    content = pki_data(controls or [add_attributes(2, [1], CLIENT)], [tagged(1, request or enrolment(hand))])
    return wrapped(PKI_DATA, content, [signer(hand, content, PKI_DATA, unsigned=unsigned), *more_signers(content)], certificates)

def cmc_renewal(hand, certificate): return cmc(hand, renewing(hand, certificate))

def cmc_on_behalf_of(hand, agent, by, requester="Domain%5CTargetUser"):
    return cmc(hand, enrolment(hand, seq()), [add_attributes(3, [1], CLIENT), reg_info(2, f"RequesterName={requester}&")],
               lambda content: [signer(agent, content, PKI_DATA, by)], [by[0]])

def sealed(issuer=ISSUER, serial=0x488a9b22000000000a39, size=600):
    """A private key that was encrypted for the CA's exchange certificate."""
    recipient = seq(integer(0), seq(issuer, integer(serial)), RSA, octets(b"\xc5" * 128))
    hidden = seq(oid(DATA), seq(oid("1.2.840.113549.3.7"), octets(b"\x5a" * 8)), tlv(0x80, b"\x5a" * size))
    return content_info(seq(integer(0), set_of(recipient), hidden), "1.2.840.113549.1.7.3")

def cmc_with_key_archival(hand, key=None, hash=None):
    """The hash of the encrypted key stands in the control that adds attributes to the request, not in the request."""
    key = key or sealed()
    return cmc(hand, None, [add_attributes(2, [1], attribute(MS + "21.21", octets(hash or hashlib.sha1(key).digest())), CLIENT)],
               unsigned=[attribute(MS + "21.13", key)])

def keygen(hand, challenge="provePequalsNP"):
    info = seq(hand.key, tlv(0x16, challenge.encode()))
    return seq(info, MD5_RSA, tlv(3, b"\0", hand.sign(info)))

# --- the samples themselves, with other keys ---
def filled(make, size):
    """What `make` makes of so many bytes that its content has that size."""
    content = lambda n: len(make(b"\0" * n)) - 4
    return make(b"\0" * (256 + size - content(256)))

def samples(certificate):
    """By their names in published.txt. `certificate(issuer, serial, filling)` makes one."""
    nobody = Hand.of_nobody()
    user = filled(lambda filling: certificate(ISSUER, 0x248f7d3c00000000086e, filling), 0x6c8), ISSUER, 0x248f7d3c00000000086e
    agent = filled(lambda filling: certificate(ISSUER, 0x588cf81a000000000b57, filling), 0x614), ISSUER, 0x588cf81a000000000b57
    return {"PKCS #10": enrolment(nobody), "CMC": cmc(nobody), "PKCS #7 renewal": renewal(nobody, nobody, user), "CMC renewal": cmc_renewal(nobody, user[0]),
            "KEYGEN": keygen(Hand.of_nobody(256)), "PKCS #7 on behalf of": on_behalf_of(nobody, nobody, agent),
            "CMC on behalf of": cmc_on_behalf_of(nobody, nobody, agent), "CMC with key archival": cmc_with_key_archival(nobody)}
