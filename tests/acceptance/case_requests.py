"""The requests that a day on a CA begins with: openssl makes them, so they are made where that is, and carried to where the CA is.

Their keys are thrown away. `cases` names those that the answers reader knows (answers.py).
"""
import base64, os, sys
if __name__ == "__main__": sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from cms_signed import certificate_der, extension_request, name, pkcs10, signed_cms, signer
from cmcmake import extension, seq, tlv
from openssl import openssl

CASES = "broken", "several", "stranger", "garbage", "keygen", "refused", "san", "long"      # the last three are the request "plain", with attributes

def broken(der): return der[:-1] + bytes([der[-1] ^ 1])

def make_requests(folder):
    """plain, titled (a name with parts that a CA may leave out), broken, several, stranger, garbage, keygen: files *.req, DER."""
    os.makedirs(folder, exist_ok=True)
    at = lambda file: os.path.join(folder, file)
    def write(file, data):
        with open(at(file + ".req"), "wb") as out: out.write(data)
    key = at("thrown-away.key")
    openssl("genrsa", "-out", key, "2048")
    plain = pkcs10(key, name(("O", "CertWitness"), ("CN", "plain")))
    write("plain", plain)
    openssl("req", "-new", "-key", key, "-outform", "DER", "-out", at("titled.req"), "-subj", "/O=CertWitness/title=Dr/GN=Zoe/SN=Ness/CN=titled")
    write("broken", broken(plain))
    write("several", pkcs10(key, name(("CN", "several")), sorted(extension_request(extension(number, value)) for number, value in (
        ("2.5.29.17", seq(tlv(0x82, b"several.example"))), ("2.5.29.37", seq(tlv(6, bytes.fromhex("2b06010505070302"))))))))
    openssl("req", "-x509", "-new", "-key", key, "-days", "36500", "-subj", "/CN=Stranger", "-out", at("stranger.crt"))
    request = pkcs10(key, name(("CN", "stranger")))
    whose = certificate_der(at("stranger.crt"))
    write("stranger", signed_cms(request, [signer(key, request, whose)], certificates=[whose]))
    write("garbage", plain[:100])
    text = openssl("spkac", "-key", key, "-challenge", "asked", "-digest", "sha256")
    write("keygen", base64.b64decode(text.split(b"=", 1)[1]))
    os.remove(key), os.remove(at("stranger.crt"))

if __name__ == "__main__": make_requests(sys.argv[1])
