"""A far end for the delivery: an HTTP server on loopback that keeps what it takes and misbehaves as a test wants.

`behave(server, request)` is asked for each request and returns the answer: a status, or (status, headers, body), or one of DROP (the connection ends
before the answer, nothing is taken), LOST (everything is taken, the answer is lost), HANG (no answer until the server is closed), or a function that
writes all of the answer to the file that it is given; the connection ends then. Lines count as taken for 2xx answers and LOST.
"""
import contextlib, http.server, json, ssl, threading, time

DROP, LOST, HANG = "drop", "lost", "hang"

class Request:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body

    @property
    def events(self):
        """The events in it, whatever the format."""
        kind = self.headers.get("Content-Type", "")
        if "batch" in kind: return json.loads(self.body)
        if "ndjson" in kind: return [json.loads(line) for line in self.body.decode().splitlines()[1::2]]
        if "text/plain" in kind: return [json.loads(line) for line in self.body.decode().splitlines()]
        return [json.loads(self.body)]

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *words): pass

    def do_POST(self):
        far = self.server.far
        request = Request(self.path, self.headers, self.rfile.read(int(self.headers.get("Content-Length", 0))))
        answer = far.behave(request)
        if answer == HANG: far.closing.wait()
        if answer in (DROP, HANG):
            self.close_connection = True
            return
        if callable(answer):
            self.close_connection = True
            with contextlib.suppress(OSError): answer(self.wfile)
            return
        status, headers, body = answer if isinstance(answer, tuple) else (200 if answer == LOST else answer, {}, b"")
        if 200 <= status < 300: far.take(request)
        if answer == LOST:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in headers.items(): self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

class Server(http.server.ThreadingHTTPServer):
    daemon_threads, allow_reuse_address = True, True
    def handle_error(self, *words): pass

class FarEnd:
    """Listens from the beginning; `stop` and `start` are a far end that goes away and comes back, on the same port."""
    def __init__(self, behave=lambda request: 200, tls=None):
        self.behave, self.tls, self.port, self.server = behave, tls, 0, None
        self.lock, self.closing, self.requests, self.taken = threading.Lock(), threading.Event(), [], []
        self.start()

    @property
    def url(self): return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/in"

    def take(self, request):
        with self.lock:
            self.requests.append(request)
            self.taken += request.events

    def sequences(self):
        with self.lock: return [int(event["sequence"]) for event in self.taken if "sequence" in event]

    def start(self):
        for _ in range(100):
            try:
                self.server = Server(("127.0.0.1", self.port), Handler)
                break
            except OSError: time.sleep(0.05)
        self.server.far, self.port = self, self.server.server_address[1]
        if self.tls: self.server.socket = self.tls.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

@contextlib.contextmanager
def far_end(*words, **more):
    far = FarEnd(*words, **more)
    try: yield far
    finally:
        far.closing.set()
        far.stop()
