"""Far ends that speak RELP, written from librelp's specification, or syslog over TCP, on loopback; they keep what they take and misbehave as a test wants.

`behave(message)` is asked for each message (bytes) and returns the answer: a code, or (code, words), or (code, words, LATER), or one of the names below. A message counts as
taken for 200 and for what says so.
"""
import contextlib, random, re, socket, struct, threading, time

DROP = "the connection ends, nothing is taken"
LOST = "taken, and the connection ends before the answer"
HALF = "taken, and the connection ends in the middle of the answer"
WRONG = "taken, and answered with another transaction's number"
GARBAGE = "nothing is taken, and something is said that is no RELP"
LONG = "nothing is taken, and an answer without end begins"
HANG = "no answer, until the far end is stopped"
DRIP = "taken, and the answer comes byte by byte"
LATER = "taken, and answered after the next one, or after a moment"
HINT = "taken, and answered behind a hint"
SILENT = "no answer at all, and the session goes on; nothing is taken"
FLOOD = "hints without end instead of an answer; nothing is taken"
FLOOD_BEHIND = "taken, and answered with hints without end behind"
SERVERCLOSE = "the far end says that it closes, and closes; nothing is taken"

OFFERS = b"relp_version=0\nrelp_software=a test\ncommands=syslog"

class Ended(Exception): pass

def frame(txnr, command, data=b""):
    return b"%d %s %d%s\n" % (txnr, command, len(data), b" " + data if data else b"")

class Session:
    def __init__(self, far, peer):
        self.far, self.peer, self.text, self.later, self.life = far, peer, b"", [], far.life
        self.peer.settimeout(120)

    def read(self, ends):
        """Up to and with the byte that ends a word."""
        while True:
            for at, byte in enumerate(self.text):
                if byte in ends:
                    word, self.text = self.text[:at + 1], self.text[at + 1:]
                    return word
            self.more()

    def more(self):
        if self.later and not self.text: self.peer.settimeout(0.05)
        try: data = self.peer.recv(1 << 16)
        except TimeoutError:
            self.peer.settimeout(120)
            self.give_later()
            return
        if not data: raise Ended
        self.text += data

    def frame(self):
        txnr, command, size = self.read(b" "), self.read(b" "), self.read(b" \n")
        assert re.fullmatch(rb"[1-9][0-9]{0,8} ", txnr) and re.fullmatch(rb"[A-Za-z]{1,32} ", command) and re.fullmatch(rb"[0-9]{1,9}[ \n]", size), (txnr, command, size)
        count = int(size)
        assert (size[-1:] == b" ") == (count > 0), size
        while count and len(self.text) <= count: self.more()
        data, end, self.text = (self.text[:count], self.text[count:count + 1], self.text[count + 1:]) if count else (b"", b"\n", self.text)
        assert end == b"\n", f"no LF behind {count} bytes but {end}"
        return int(txnr), command[:-1], data

    def take(self, message):
        with self.far.lock:
            if self.life == self.far.life: self.far.taken.append(message)

    def say(self, data): self.peer.sendall(data)

    def give_later(self):
        for answer in reversed(self.later): self.say(answer)
        self.later = []

    def serve(self):
        txnr, command, data = self.frame()
        assert (txnr, command) == (1, b"open") and b"relp_version=" in data and b"commands=syslog" in data, (txnr, command, data)
        answer = self.far.opening(self) if callable(self.far.opening) else self.far.opening
        if answer is None: return
        self.say(answer if answer[:1].isdigit() and answer.endswith(b"\n") else frame(1, b"rsp", answer))
        expected = 2
        while True:
            txnr, command, data = self.frame()
            assert txnr == expected, f"transaction {txnr}, not {expected}"
            expected = txnr % 999999999 + 1
            if command == b"close":
                self.say(frame(txnr, b"rsp"))
                self.far.closes += 1
                return
            assert command == b"syslog", command
            if not self.answer(txnr, data): return

    def answer(self, txnr, data):
        """Whether the session goes on."""
        answer = self.far.behave(data)
        ok, now = frame(txnr, b"rsp", b"200 OK"), self.later
        if answer in (LOST, HALF, WRONG, DRIP, LATER, HINT, FLOOD_BEHIND, 200): self.take(data)
        if answer in (DROP, LOST): return False
        if answer == SILENT: return True
        if answer == HANG:
            self.far.closing.wait()
            return False
        if answer in (FLOOD, FLOOD_BEHIND):
            if answer == FLOOD_BEHIND: self.say(ok)
            while not self.far.closing.is_set(): self.say(frame(0, b"hint") * 7000)
            return False
        if answer == SERVERCLOSE: self.say(frame(0, b"serverclose"))
        elif answer == HALF: self.say(ok[:random.randrange(1, len(ok) - 1)])
        elif answer == WRONG: self.say(frame(txnr + 500000, b"rsp", b"200 OK"))
        elif answer == GARBAGE: self.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        elif answer == LONG: self.say(b"%d rsp 999999999 200 OK" % txnr + b"x" * 200000)
        elif answer == DRIP:
            for byte in ok:
                self.say(bytes([byte]))
                time.sleep(0.002)
        elif answer == LATER: self.later.append(ok)
        elif isinstance(answer, tuple) and answer[2:] == (LATER,):
            self.later.append(frame(txnr, b"rsp", b"%d %s" % answer[:2]))
            return True
        elif answer == HINT: self.say(frame(0, b"hello", b"world") + ok)
        else:
            code, words = answer if isinstance(answer, tuple) else (answer, b"OK" if answer == 200 else b"error")
            self.say(frame(txnr, b"rsp", b"%d %s" % (code, words)))
        if now and answer != LATER: self.give_later()
        return answer not in (SERVERCLOSE, HALF, LONG, GARBAGE)

class RelpEnd:
    """Listens from the beginning; `stop` and `start` are a far end that goes away and comes back, on the same port."""
    def __init__(self, behave=lambda message: 200, tls=None, opening=b"200 OK\n" + OFFERS):
        self.behave, self.tls, self.opening, self.port = behave, tls, opening, 0
        self.lock, self.closing, self.taken, self.faults, self.sessions, self.closes, self.peers = threading.Lock(), threading.Event(), [], [], 0, 0, set()
        self.life = 0
        self.start()

    @property
    def server(self): return f"127.0.0.1:{self.port}"

    def start(self):
        for _ in range(200):
            try:
                self.listener = socket.create_server(("127.0.0.1", self.port))
                break
            except OSError: time.sleep(0.05)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.listen, args=(self.listener,), daemon=True).start()

    def listen(self, listener):
        while True:
            try: peer = listener.accept()[0]
            except OSError: return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls: peer = self.tls.wrap_socket(peer, server_side=True)
            with self.lock: self.peers.add(peer)
            self.sessions += 1
            self.session(peer).serve()
            peer.settimeout(2)          # what is not read when it closes would take back the answers that are on their way
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(1 << 16): pass
        except (Ended, OSError): pass
        except AssertionError as fault: self.faults.append(str(fault))
        finally:
            with self.lock: self.peers.discard(peer)
            peer.close()

    def session(self, peer): return Session(self, peer)

    def crash(self, forgets):
        """It dies with its last messages, which it had in memory alone, and is there again."""
        self.stop()
        with self.lock:
            self.life += 1
            self.taken[max(len(self.taken) - forgets, 0):] = []
        self.start()

    def end_connections(self, breaks):
        """They break, or are closed in good order; it listens on."""
        with self.lock: peers = list(self.peers)
        for peer in peers:
            with contextlib.suppress(OSError):
                if breaks: peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                peer.shutdown(socket.SHUT_RD if breaks else socket.SHUT_RDWR)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock: peers = list(self.peers)
        for peer in peers:
            with contextlib.suppress(OSError): peer.shutdown(socket.SHUT_RDWR)

@contextlib.contextmanager
def relp_end(*words, **more):
    far = RelpEnd(*words, **more)
    try: yield far
    finally:
        far.closing.set()
        far.stop()

class SyslogSession(Session):
    """Octet counting, RFC 6587: nothing is answered. DROP: the connection is reset, what was not read is lost. HANG: nothing more is read.
    FLOOD_BEHIND: taken, and something is said without end."""
    def serve(self):
        while True:
            size = self.read(b" ")
            assert re.fullmatch(rb"[1-9][0-9]{0,8} ", size), size
            while len(self.text) < int(size): self.more()
            message, self.text = self.text[:int(size)], self.text[int(size):]
            answer = self.far.behave(message)
            if answer == HANG: self.far.closing.wait()
            if answer == DROP: self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if answer in (DROP, HANG): raise Ended
            self.take(message)
            while answer == FLOOD_BEHIND and not self.far.closing.is_set(): self.say(b"x" * 65536)
            if answer == LOST: return

class SyslogEnd(RelpEnd):
    def session(self, peer): return SyslogSession(self, peer)

@contextlib.contextmanager
def syslog_end(*words, **more):
    far = SyslogEnd(*words, **more)
    try: yield far
    finally:
        far.closing.set()
        far.stop()
