"""A proxy for HTTP on loopback that tunnels (CONNECT) and forwards whole requests, and keeps the lines with which it was asked.

`answer`, if it is set, is the answer of its own to each: bytes, or a function that writes it to the file that it is given.
"""
import contextlib, socket, threading

class Proxy:
    def __init__(self):
        self.asked, self.answer, self.listener = [], None, socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def url(self): return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self):
        while True:
            try: client = self.listener.accept()[0]
            except OSError: return
            threading.Thread(target=self.go, args=(client,), daemon=True).start()

    def go(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            more = client.recv(65536)
            if not more: return client.close()
            head += more
        line = head.split(b"\r\n")[0].decode()
        self.asked.append(line)
        if self.answer: return self.say(client)
        word, target, _ = line.split()
        host = target if word == "CONNECT" else target.split("/")[2]
        name, port = host.rsplit(":", 1)
        far = socket.create_connection((name, int(port)))
        if word == "CONNECT": client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        else: far.sendall(head)
        threading.Thread(target=pour, args=(far, client), daemon=True).start()
        pour(client, far)

    def say(self, client):
        with contextlib.suppress(OSError), client, client.makefile("wb") as out:
            if callable(self.answer): self.answer(out)
            else: out.write(self.answer)

def pour(one, other):
    with contextlib.suppress(OSError):
        while data := one.recv(65536): other.sendall(data)
        other.shutdown(socket.SHUT_WR)

@contextlib.contextmanager
def proxy():
    one = Proxy()
    try: yield one
    finally: one.listener.close()
