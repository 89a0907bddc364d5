"""Certificates for far ends with TLS, made by openssl: "right" for 127.0.0.1 and localhost, "wrong" of name, "expired", and "client" of the authority "root";
"intruder" of the authority "stranger". NAME.pem and NAME.key lie in FOLDER."""
import atexit, os, shutil, ssl

from commands import run

FOLDER = os.path.abspath(f"build/tmp/delivery-tls-{os.getpid()}")

def openssl(*words):
    code, said = run("openssl", *words, env={"OPENSSL_CONF": "/dev/null"})
    assert code == 0, said

def authority(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{FOLDER}/{name}.key", "-out", f"{FOLDER}/{name}.pem",
            "-subj", f"/CN={name}", "-days", "30", "-addext", "basicConstraints=critical,CA:TRUE")

def leaf(name, signer, extension, days="30"):
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{FOLDER}/{name}.key", "-out", f"{FOLDER}/{name}.csr", "-subj", f"/CN={name}")
    with open(f"{FOLDER}/{name}.ext", "w") as out: out.write(extension + "\n")
    openssl("x509", "-req", "-in", f"{FOLDER}/{name}.csr", "-CA", f"{FOLDER}/{signer}.pem", "-CAkey", f"{FOLDER}/{signer}.key", "-CAcreateserial",
            "-out", f"{FOLDER}/{name}.pem", "-days", days, "-extfile", f"{FOLDER}/{name}.ext")

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
leaf("expired", "root", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-1")
leaf("client", "root", "extendedKeyUsage=clientAuth")
leaf("intruder", "stranger", "extendedKeyUsage=clientAuth")
atexit.register(shutil.rmtree, FOLDER, True)
