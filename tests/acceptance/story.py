"""A day on a CA, as a list of steps; each host carries them out in its own way (stub_host.py, real_host.py), and judge.py judges what came of them.

    start stop                  the service
    mode WORD                   what becomes of requests from here on: issue, pend or deny; the service is started anew
    issue NAME  pend NAME  refuse NAME      a request is submitted, and is issued, held or denied by the policy
    fail NAME                   a request with a wrong signature is submitted
    approve NAME  deny NAME  retrieve NAME
    hold NAME  release NAME  revoke NAME
    crl base  crl delta
    delete NAME  import NAME    the row is deleted; the certificate is brought back
    renew                       the CA's certificate, with the same key; the service is started anew
    crowd NAME CLIENTS EACH     so many clients at once submit so many requests each
    kill                        the service's process ends as in a crash
    set NAME NUMBER             a setting of the module, in its registry key, as its page writes it; in force from the next start
    setreg NAME NUMBER          the same by certutil
    clock SECONDS               the machine's clock is moved, while the service is stopped
    full NAME                   the journal's disk is full, by its end or by the setting MinFreeMiB; a request is submitted; then there is room again
"""

CA = "Wit & Ness (Root) CA"
CLIENTS, EACH = 8, 5
AHEAD = 7200                    # longer than a day takes

DAY = [
    ("start",), ("issue", "alice"), ("issue", "titled"), ("fail", "broken"),
    ("mode", "pend"), ("pend", "bob"), ("approve", "bob"), ("retrieve", "bob"), ("pend", "carol"), ("deny", "carol"),
    ("mode", "deny"), ("refuse", "mallory"),
    ("mode", "issue"), ("hold", "alice"), ("release", "alice"), ("revoke", "alice"), ("crl", "base"), ("crl", "delta"),
    ("issue", "dave"), ("delete", "dave"), ("import", "dave"),
    ("renew",), ("issue", "erin"), ("crowd", "crowd", CLIENTS, EACH), ("kill",),
    ("set", "MaxWaitMs", 4000), ("setreg", "QueueMiB", 32), ("start",), ("issue", "frank"), ("full", "grace"), ("issue", "heidi"), ("stop",),
    # Ahead, and not back: a CA does not start before its certificate's time. From there the clock goes back.
    ("clock", AHEAD), ("start",), ("issue", "ivan"), ("stop",), ("clock", -AHEAD), ("start",), ("issue", "judy"), ("stop",),
]

START, STOP = ["module.started"], ["ca.stopping", "module.stopped"]
EVENTS = {
    "start": START, "stop": STOP, "mode": STOP + START, "renew": STOP + START, "kill": [], "set": [], "setreg": [], "clock": [], "delete": [],
    "issue": ["certificate.issued"], "full": ["certificate.issued"], "approve": ["certificate.issued"],
    "pend": ["certificate.pending"], "refuse": ["certificate.denied"], "deny": ["certificate.denied"], "fail": ["certificate.denied"],
    "retrieve": ["certificate.retrieved"], "hold": ["certificate.revoked"], "revoke": ["certificate.revoked"], "release": ["certificate.unrevoked"],
    "crl": ["crl.issued"], "import": ["certificate.imported"], "crowd": ["certificate.issued"],
}
OPEN = {"retrieve", "fail"}     # whether a CA tells modules of these is an open question (I-4, I-6)
NOISE = {"ca.started", "journal.continued"}     # what may stand anywhere: STARTUP is open, too (I-5)

# What becomes of a step, in one word, whatever the host.
OUTCOMES = {"issue": "issued", "full": "issued", "pend": "pending", "refuse": "denied", "fail": "failed", "approve": "issued", "deny": "denied",
            "retrieve": "issued", "hold": "revoked", "revoke": "revoked", "release": "released", "crl": "published", "delete": "deleted", "import": "imported"}

def request_of(name):
    """The file that is submitted under this name."""
    return name if name in ("titled", "broken") else "plain"
