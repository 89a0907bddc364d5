"""RELP as rsyslog describes it, the sender's side: for tests that want to send what no program of ours would."""
import socket, time

class Relp:
    def __init__(self, port, context=None, timeout=60):
        plain = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket = context.wrap_socket(plain, server_hostname="localhost") if context else plain
        self.file, self.number = self.socket.makefile("rb"), 0
        self.socket.sendall(self.frame(b"open", b"relp_version=0\nrelp_software=test\ncommands=syslog"))
        self.answer()

    def frame(self, command, data):
        self.number += 1
        return b"%d %s %d %s\n" % (self.number, command, len(data), data)

    def answer(self):
        """The number that is acknowledged."""
        head = b""
        while head.count(b" ") < 3:
            got = self.file.read(1)
            if not got or got == b"\n": raise ConnectionError(f"the session ended: {head!r}")
            head += got
        number, command, size = head.split()
        data = self.file.read(int(size) + 1)
        if command != b"rsp" or not data.startswith(b"200"): raise ConnectionError(f"{head!r} {data[:100]!r}")
        return int(number)

    def send(self, messages):
        """All of them; they are acknowledged when it returns."""
        first = self.number + 1
        self.socket.sendall(b"".join(self.frame(b"syslog", message) for message in messages))
        for number in range(first, first + len(messages)):
            if self.answer() != number: raise ConnectionError(f"{number} was not acknowledged in its turn")

    def close(self): self.socket.close()

def syslog(line, data=b'[certwitness@32473 sequence="1" request.RequesterName="a\\"b\\]c\\\\"]', id=b"certificate.issued"):
    """A line, without its LF, as certwitness-delivery puts it into RFC 5424."""
    return b"<110>1 2026-11-21T10:00:00.123Z ca01.corp.example certwitness - " + id + b" " + data + b" " + line

def deliver(port, lines, context=None, at_once=100, told=lambda count: None, patience=300, timeout=60):
    """Every line is acknowledged when it returns; what may have been lost is sent again."""
    done, relp, end = 0, None, time.monotonic() + patience
    while done < len(lines):
        try:
            relp = relp or Relp(port, context, timeout)
            relp.send([syslog(line) for line in lines[done:done + at_once]])
            done += at_once
            told(min(done, len(lines)))
        except OSError:
            if time.monotonic() > end: raise
            if relp: relp.close()
            relp = None
            time.sleep(.2)
    if relp: relp.close()
