"""Certificates for far ends with TLS, made by openssl: "right" for 127.0.0.1 and localhost, "wrong" of name, "expired", and "client" of the authority "root";
"intruder" of the authority "stranger". NAME.pem and NAME.key lie in FOLDER."""
import atexit, os, shutil, ssl

from commands import run

FOLDER = os.path.abspath(f"build/tmp/delivery-tls-{os.getpid()}")

def openssl(*words, when=None):
    code, said = run(*(["faketime", when] if when else []), "openssl", *words, env={"OPENSSL_CONF": "/dev/null"})
    assert code == 0, said

EC = "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"
RSA = "-newkey", "rsa:2048"

def authority(name):
    """RSA: Wine 8 takes an ECDSA signature for wrong if one of its numbers begins with a zero byte, which one in 128 does."""
    openssl("req", "-x509", *RSA, "-nodes", "-keyout", f"{FOLDER}/{name}.key", "-out", f"{FOLDER}/{name}.pem",
            "-subj", f"/CN={name}", "-days", "30", "-addext", "basicConstraints=critical,CA:TRUE")

def leaf(name, signer, extension, days="30", when=None, key=EC):
    openssl("req", "-new", *key, "-nodes", "-keyout", f"{FOLDER}/{name}.key", "-out", f"{FOLDER}/{name}.csr", "-subj", f"/CN={name}")
    with open(f"{FOLDER}/{name}.ext", "w") as out: out.write(extension + "\n")
    openssl("x509", "-req", "-in", f"{FOLDER}/{name}.csr", "-CA", f"{FOLDER}/{signer}.pem", "-CAkey", f"{FOLDER}/{signer}.key", "-CAcreateserial",
            "-out", f"{FOLDER}/{name}.pem", "-days", days, "-extfile", f"{FOLDER}/{name}.ext", when=when)

def pkcs12(name):
    """NAME.p12, without a password, in the form that Windows Server 2016 reads."""
    openssl("pkcs12", "-export", "-in", f"{FOLDER}/{name}.pem", "-inkey", f"{FOLDER}/{name}.key", "-out", f"{FOLDER}/{name}.p12", "-passout", "pass:",
            "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1")

def crl(signer, *revoked):
    """The bytes of a CRL of that authority, with certificates of ours on it."""
    folder = f"{FOLDER}/{signer}.crl.d"
    os.makedirs(folder, exist_ok=True)
    with open(folder + "/index", "w") as out:
        for name in revoked:
            code, said = run("openssl", "x509", "-noout", "-serial", "-in", f"{FOLDER}/{name}.pem")
            out.write(f"R\t491231235959Z\t260101000000Z,keyCompromise\t{said.strip().split('=')[1]}\tunknown\t/CN={name}\n")
    with open(folder + "/number", "w") as out: out.write("01\n")
    with open(folder + "/conf", "w") as out:
        out.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index\ncrlnumber={folder}/number\ndefault_md=sha256\ndefault_crl_days=7\n")
    openssl("ca", "-gencrl", "-config", folder + "/conf", "-keyfile", f"{FOLDER}/{signer}.key", "-cert", f"{FOLDER}/{signer}.pem", "-out", folder + "/pem")
    openssl("crl", "-in", folder + "/pem", "-outform", "der", "-out", folder + "/der")
    with open(folder + "/der", "rb") as file: return file.read()

def context(name, clients=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(f"{FOLDER}/{name}.pem", f"{FOLDER}/{name}.key")
    if clients:
        made.load_verify_locations(f"{FOLDER}/{clients}.pem")
        made.verify_mode = ssl.CERT_REQUIRED
    return made

os.makedirs(FOLDER)
for each in "root", "stranger": authority(each)
leaf("right", "root", "subjectAltName=IP:127.0.0.1,DNS:localhost")
leaf("wrong", "root", "subjectAltName=DNS:elsewhere.example")
leaf("expired", "root", "subjectAltName=IP:127.0.0.1,DNS:localhost", "1", when="3 days ago")      # openssl 3.5 takes no negative number of days
leaf("client", "root", "extendedKeyUsage=clientAuth")
leaf("intruder", "stranger", "extendedKeyUsage=clientAuth")
atexit.register(shutil.rmtree, FOLDER, True)
