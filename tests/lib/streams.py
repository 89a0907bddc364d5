"""Destinations that are a stream of bytes, relp and syslog: their configuration, what came, and the certificates that both have to judge."""
import json

import chains
from rfc5424 import Message
from tap import check, same
from tls import FOLDER

def stream(kind, far, **more):
    keys = {"kind": kind, "server": far.server, "startAt": "oldest", **({} if far.tls else {"allowPlain": "yes"}), **more}
    return "".join(f"{name} = {value}\n" for name, value in keys.items())

def sequences(far):
    """Of the lines as they came, and each is as it stands in a journal: its hash fits."""
    same(far.faults, [], "what the far end found wrong")
    lines = [Message(message).text for message in list(far.taken)]
    for line in lines: check(chains.seal(line[:line.rindex(b',"hash":"')]) == line + b"\n", f"the hash is not that of {line[:300]}")
    return [int(json.loads(line)["sequence"]) for line in lines]

# `tried(name, ca="root", clients=None, **keys)` sends a line to a far end with the certificate `name`. It returns the exit code, what was said, and how many
# lines came.

def refuses_wrong_certificates(tried):
    for name, ca, said in ("right", "stranger", "unable to get local issuer"), ("right", None, "unable to get local issuer"), ("wrong", "root", "match"), ("expired", "root", "expired"):
        code, err, came = tried(name, ca)
        same((code, came), (1, 0), f"{name} with the root {ca}: exit code and what came")
        check(said in err, err)

def shows_its_certificate(tried):
    mine = {"clientCertificate": f"{FOLDER}/client.pem", "clientKey": f"{FOLDER}/client.key"}
    other = {"clientCertificate": f"{FOLDER}/intruder.pem", "clientKey": f"{FOLDER}/intruder.key"}
    same(tried("right", clients="root", **mine)[::2], (0, 1), "with the certificate")
    for keys in other, {}, {"clientCertificate": "/nowhere.pem"}:
        code, err, came = tried("right", clients="root", **keys)
        same((code, came), (1, 0), f"with {keys}")
        check("certificate" in err, err)
