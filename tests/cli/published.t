#!/usr/bin/python3
"""The sample requests that Microsoft publishes: ours have the same bytes, but for keys, hashes, signatures and certificates
(tests/lib/published.py makes them); `certwitness cert` shows of each what `certutil -dump` shows of Microsoft's, and openssl reads it."""
import sys; sys.path[0] += "/../lib"
import base64, json, re, subprocess

from cmcmake import client_info, oid
from forms import certificate, cn, ext, integer, request
from published import samples
from tap import check, run as run_tests, same, test

PROGRAM = "build/native/src/cli/certwitness"
TOKEN = re.compile(r'([0-9a-f]{4}):([0-9a-f]{2})\.([0-9a-f]+)(?:=([0-9a-f.]+)|"([^"]*)")?')
AGENT = ext("2.5.29.37", b"\x30\x0c" + oid("1.3.6.1.4.1.311.20.2.1"))

def made():
    return samples(lambda issuer, serial, filling: certificate(serial=integer(serial), issuer=issuer, subject=cn("Administrator"), extensions=[AGENT, ext("1.2.3.4", filling)]))

SAMPLES = made()

def layouts():
    found, values = {}, None
    for line in open("tests/lib/published.txt"):
        if line.startswith("["): values = found[line.strip()[1:-1]] = []
        elif not line.startswith("#") and line.strip():
            tokens = TOKEN.findall(line)
            same(" ".join(token.group(0) for token in TOKEN.finditer(line)), line.strip(), "a line that is all values")
            values += [(int(at, 16), int(tag, 16), int(size, 16), value, text) for at, tag, size, value, text in tokens]
    return found

def head(tag, size):
    if size < 128: return bytes([tag, size])
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length

def known(tag, value, text):
    """The content that is known; None: it is not compared."""
    if text: return text.encode("utf-16-be" if tag == 0x1e else "utf-8")
    if value and tag == 0x06: return oid(value)[2:]
    return bytes.fromhex(value) if value else None

def compare(data, layout):
    """How many bytes of `data` are as the layout has them; and the differences, bytes of which it says nothing among them."""
    compared, after, wrong = 0, 0, []
    for i, (at, tag, size, value, text) in enumerate(layout):
        begin, content = at + len(head(tag, size)), known(tag, value, text)
        following = layout[i + 1][0] if i + 1 < len(layout) else len(data)
        holds = following < begin + size
        if at != after: wrong.append(f"{at:#x} does not follow {after:#x}")
        if data[at:begin] != head(tag, size): wrong.append(f"at {at:#x} stands {data[at:begin].hex()}, expected {head(tag, size).hex()}")
        if content is not None and data[begin:begin + size] != content: wrong.append(f"at {begin:#x} stands {data[begin:begin + size]!r}, expected {content!r}")
        if holds and following != begin + (tag == 3): wrong.append(f"nothing is said of what stands at {begin:#x}")
        if holds and tag == 3 and data[begin]: wrong.append(f"unused bits at {begin:#x}")
        compared += begin - at + (size if content is not None else holds and tag == 3)
        after = following if holds else begin + size
    if after != len(data): wrong.append(f"the end is {after:#x}, expected {len(data):#x}")
    return compared, wrong

@test
def each_sample_has_the_published_bytes_where_it_has_no_key_hash_signature_or_certificate():
    found = layouts()
    same(sorted(found), sorted(SAMPLES), "the samples")
    for name, layout in found.items():
        compared, wrong = compare(SAMPLES[name], layout)
        same(wrong, [], name)
        print(f"# {name}: {compared} of {len(SAMPLES[name])} bytes")

@test
def a_request_that_differs_from_the_published_one_in_a_byte_is_found():
    layout, data = layouts()["CMC"], SAMPLES["CMC"]
    for at in 0x19, 0x47, 0x1ae, 0x330, 0x40f, 0x4dd - 0x7d:
        changed = bytearray(data)
        changed[at] ^= 1
        check(compare(bytes(changed), layout)[1], f"a change at {at:#x} is not found")
    check(compare(data[:-1], layout)[1], "a byte less is not found")
    check(compare(data, layout[:40] + layout[41:])[1], "a value that the layout leaves out is not found")

def values(value, path):
    if not path: return value
    first, rest = path[0], path[1:]
    if first == "*": return [found for each in value or [] for found in [values(each, rest)] if found is not None]
    if isinstance(value, list): return values(value[int(first)], rest) if int(first) < len(value) else None
    return values(value.get(first), rest) if isinstance(value, dict) else None

def shown(name, *paths):
    done = subprocess.run([PROGRAM, "cert", "--json", "-"], input=SAMPLES[name], capture_output=True)
    same(done.returncode, 0, f"{name}: {done.stderr.decode()}")
    object = json.loads(done.stdout)
    same(object.get("remarks"), None, f"remarks on {name}")
    return [values(object, path.split(".")) for path in paths]

# RequestClientInfoClientId of certenroll.h, as learn.microsoft.com lists it; numbers beyond have no word.
CLIENTS = {0: None, 1: "XEnroll (2003)", 2: "Autoenrollment (2003)", 3: "Request wizard (2003)", 4: "certreq (2003)", 5: "Default request", 6: "Autoenrollment",
           7: "Request wizard", 8: "Enroll on behalf of wizard", 9: "certreq", 10: None, 1000: None}

@test
def a_client_has_the_word_of_its_number():
    for number, word in CLIENTS.items():
        done = subprocess.run([PROGRAM, "cert", "--json", "-"], input=request(cn("a"), client_info("pc", "user", "process", number)), capture_output=True)
        attributes = json.loads(done.stdout)["attributes"]
        same([(each["clientId"], each.get("client")) for each in attributes], [(number, word)], f"client {number}")

@test
def certwitness_shows_of_each_what_certutil_shows_of_microsofts():
    client = ["vich3d.jdomcsc.nttest.microsoft.com", "JDOMCSC\\administrator", "certreq"]
    issuer, key = "CN=JDOMCSC Longhorn Enterprise Root CA, O=Microsoft", "33" * 20
    user = ["O=TestOrg, CN=TestCN"]
    for name, prefix in ("PKCS #10", ""), ("CMC", "requests.0."), ("CMC with key archival", "requests.0."):
        same(shown(name, prefix + "subject", *(f"{prefix}attributes.*.{key}" for key in ("version", "machine", "user", "process", "provider"))),
             user + [["6.0.5361.2"], *([each] for each in client), ["Microsoft Enhanced Cryptographic Provider v1.0"]], name)
        same(shown(name, prefix + "attributes.*.pairs.0.value", prefix + "attributes.*.extensions.0.template", prefix + "attributes.*.extensions.1.purposes.*.name"),
             [["User"], ["User"], [["Encrypting File System", "Secure Email", "Client Authentication"]]], name)
    for name in "CMC", "CMC renewal":
        same(shown(name, "version", "contentType.oid", "signers.*.version", "signers.*.keyIdentifier", "controls.*.attributes.*.process", "certificates"),
             [3, "1.3.6.1.5.5.7.12.2", [3], [key], [["certreq"]], None], name)
    same(shown("PKCS #7 renewal", "version", "signers.*.issuer", "signers.*.serialNumber", "signers.*.renewed", "requests.0.subject", "certificates.*.serialNumber"),
         [1, [issuer], ["248f7d3c00000000086e"], [True], "", ["248f7d3c00000000086e"]], "PKCS #7 renewal")
    same(shown("CMC renewal", "requests.0.attributes.*.certificate.serialNumber", "signers.*.renewed"), [["248f7d3c00000000086e"], []], "CMC renewal: signed with the new key alone")
    same(shown("PKCS #7 on behalf of", "version", "signers.*.signedAttributes.*.pairs.0", "signers.*.requestAgent"),
         [1, [[{"name": "RequesterName", "value": "Domain\\TargetUser"}]], [True]], "PKCS #7 on behalf of")
    same(shown("CMC on behalf of", "controls.*.pairs.0.value", "controls.*.bodyPartId", "signers.*.version", "signers.*.requestAgent", "certificates.*.serialNumber"),
         [["Domain\\TargetUser"], [3, 2], [3, 1], [True], ["588cf81a000000000b57"]], "CMC on behalf of")
    same(shown("CMC with key archival", "controls.*.attributes.*.name", "signers.*.unsignedAttributes.*.name"),
         [[["encryptedKeyHash", "clientInfo"]], [["archivedKey"]]], "CMC with key archival")
    same(shown("KEYGEN", "type", "publicKey.length", "challenge.bytes", "signatureAlgorithm.algorithm.name"), ["keygen", 2048, 14, "md5RSA"], "KEYGEN")

@test
def openssl_reads_them():
    for name, data in SAMPLES.items():
        command = ["req", "-noout"] if name == "PKCS #10" else ["cms", "-cmsout", "-noout", "-print"]
        if name == "KEYGEN": command, data = ["spkac", "-noout"], b"SPKAC=" + base64.b64encode(data) + b"\n"
        else: command += ["-inform", "DER"]
        done = subprocess.run(["openssl", *command], input=data, capture_output=True)
        same(done.returncode, 0, f"openssl, {name}: {done.stderr.decode()[:300]}")

run_tests()
