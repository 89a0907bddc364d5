"""A far end for mail: an SMTP server on loopback that keeps the messages it takes and misbehaves as a test wants.

`behave(stage, words, session)` is asked before each answer. The stages: greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, content (all of a message
has come). It returns None for the usual answer, an answer of its own such as "550 5.1.1 no such user", or one of DROP (the connection ends before the
answer, nothing is taken), LOST (content: the message is taken, the answer is lost), HANG (no answer until the server is closed).
"""
import base64, contextlib, email, email.policy, socketserver, ssl, threading, time

from far_end import DROP, HANG, LOST

class Message:
    def __init__(self, sender, recipients, data, session):
        self.sender, self.recipients, self.data, self.user, self.tls = sender, recipients, data, session.user, session.tls
        self.parsed = email.message_from_bytes(data, policy=email.policy.default)

    def __getitem__(self, name): return self.parsed[name]

    @property
    def text(self): return self.parsed.get_content().replace("\r\n", "\n")

    @property
    def sequences(self):
        """Of the lines that it is about."""
        first, _, last = self["X-CertWitness-Line"].split()[0].partition("-")
        return list(range(int(first), int(last or first) + 1))

class Closed(Exception): pass

class Session(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def answer(self, stage, words, usual):
        """The code that was answered."""
        said = self.end.behave(stage, words, self) or usual
        if said == HANG: self.end.closing.wait()
        if said in (DROP, HANG): raise Closed
        if said != LOST: self.say(said)
        return said

    def say(self, text):
        self.wfile.write("".join(line + "\r\n" for line in text.split("\n")).encode())
        self.wfile.flush()

    def line(self):
        read = self.rfile.readline(5000)
        if not read.endswith(b"\r\n"): raise Closed
        return read[:-2]

    def secure(self):
        self.request = self.end.tls.wrap_socket(self.request, server_side=True)
        self.connection = self.request
        self.setup()
        self.tls = True

    def handle(self):
        self.end, self.tls, self.user, self.sender, self.recipients = self.server.end, False, None, None, []
        with self.end.lock: self.end.sessions += 1
        with contextlib.suppress(Closed, OSError, ValueError):
            if self.end.mode == "smtps": self.secure()
            if self.answer("greeting", "", "220 far.example ESMTP").startswith("5"): return
            while self.command(self.line().decode("latin-1")): pass

    def command(self, said):
        with self.end.lock: self.end.commands.append(said)
        verb, _, words = said.partition(" ")
        stages = {"EHLO": self.ehlo, "STARTTLS": self.starttls, "AUTH": self.auth, "MAIL": self.mail, "RCPT": self.rcpt, "DATA": self.data}
        if verb == "QUIT":
            self.answer("QUIT", "", "221 2.0.0 bye")
            return False
        if verb in stages: stages[verb](words)
        else: self.say("502 5.5.1 what?")
        return True

    def ehlo(self, words):
        offers = ["far.example", "SIZE 10485760", "ENHANCEDSTATUSCODES"]
        if self.end.mode == "starttls" and not self.tls: offers.append("STARTTLS")
        if self.end.password and (self.tls or self.end.mode == "none"): offers.append("AUTH " + self.end.mechanisms)
        self.answer("EHLO", words, "\n".join(f"250{'-' if n + 1 < len(offers) else ' '}{offer}" for n, offer in enumerate(offers)))

    def starttls(self, words):
        if self.answer("STARTTLS", words, "220 2.0.0 go ahead").startswith("220"): self.secure()

    def auth(self, words):
        mechanism, _, first = words.partition(" ")
        if mechanism == "PLAIN":
            if not first:
                self.say("334 ")
                first = self.line()
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            asked = []
            for question in ["Username:", "Password:"]:
                if first:
                    asked.append(base64.b64decode(first).decode())
                    first = ""
                    continue
                self.say("334 " + base64.b64encode(question.encode()).decode())
                asked.append(base64.b64decode(self.line()).decode())
            user, password = asked
        right = (user, password) == self.end.password
        if self.answer("AUTH", words, "235 2.7.0 welcome" if right else "535 5.7.8 wrong password").startswith("235"): self.user = user

    def mail(self, words):
        self.sender, self.recipients = words.partition("<")[2].partition(">")[0], []
        refused = self.end.password and not self.user
        self.answer("MAIL", words, "530 5.7.0 authentication required" if refused else "250 2.1.0 ok")

    def rcpt(self, words):
        recipient = words.partition("<")[2].partition(">")[0]
        if self.answer("RCPT", recipient, "250 2.1.5 ok").startswith("250"): self.recipients.append(recipient)

    def data(self, words):
        if not self.answer("DATA", words, "354 go on").startswith("354"): return
        lines = []
        while (line := self.line()) != b".": lines.append(line[1:] if line.startswith(b".") else line)
        message = Message(self.sender, self.recipients, b"".join(line + b"\r\n" for line in lines), self)
        said = self.end.behave("content", message, self) or "250 2.0.0 taken"
        if said == HANG: self.end.closing.wait()
        if said in (DROP, HANG): raise Closed
        if said == LOST or said.startswith("250"):
            with self.end.lock: self.end.messages.append(message)
        if said == LOST: raise Closed
        self.say(said)

class Server(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 50
    def handle_error(self, *words): pass

class MailEnd:
    """Listens from the beginning; `stop` and `start` are a far end that goes away and comes back, on the same port."""
    def __init__(self, behave=lambda stage, words, session: None, mode="none", tls=None, password=None, mechanisms="PLAIN LOGIN"):
        self.behave, self.mode, self.tls, self.password, self.mechanisms, self.port = behave, mode, tls, password, mechanisms, 0
        self.lock, self.closing, self.messages, self.commands, self.sessions = threading.Lock(), threading.Event(), [], [], 0
        self.start()

    def sequences(self, recipient=None):
        with self.lock: return [n for each in self.messages if recipient in [None, *each.recipients] for n in each.sequences]

    def start(self):
        for _ in range(100):
            try:
                self.server = Server(("127.0.0.1", self.port), Session)
                break
            except OSError: time.sleep(0.05)
        self.server.end, self.port = self, self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

@contextlib.contextmanager
def mail_end(*words, **more):
    end = MailEnd(*words, **more)
    try: yield end
    finally:
        end.closing.set()
        end.stop()
