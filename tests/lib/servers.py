"""PostgreSQL, rsyslog and librdkafka's mock of Kafka for tests: from Debian's packages that tests/interop/debian has unpacked in ROOT, on free loopback
ports, as an ordinary user. Each can be killed and started again; what still runs when the test ends is ended."""
import atexit, os, pwd, re, shutil, signal, socket, subprocess, sys, time

signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))      # so that what was started is ended

class Root:
    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.libraries = [f"{self.root}{top}/lib/x86_64-linux-gnu" for top in ("/usr", "")]
        self.environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(self.libraries), "LC_ALL": "C"}

    def program(self, path): return f"{self.root}/usr/{path}"

def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken: return taken.getsockname()[1]

def until(condition, seconds=120, every=.05):
    """Whether it came true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end: return False
        time.sleep(every)
    return True

class Server:
    """Has `command()`, `is_up()` and `log`."""
    process, user, stdin = None, None, subprocess.DEVNULL

    def start(self, wait=True):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), env=self.root.environment, stdin=self.stdin, stdout=log, stderr=log, user=self.user, cwd="/")
        atexit.register(self.kill)
        if wait and not until(self.is_up): raise RuntimeError(f"{self.command()[0]} did not start: {self.said()}")

    def stop(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try: self.process.wait(90)
            except subprocess.TimeoutExpired: self.process.kill(), self.process.wait()
        self.process = None

    def kill(self): self.stop(signal.SIGKILL)

    def said(self):
        with open(self.log, errors="replace") as log: return log.read()[-2000:]

    def listens(self):
        try: socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError: return False
        return True

class Postgres(Server):
    """As root it runs as the user nobody: PostgreSQL refuses root."""
    def __init__(self, root, folder, certificates=None):
        self.root, self.folder, self.port, self.log = root, os.path.abspath(folder), free_port(), os.path.abspath(folder) + ".log"
        self.user = pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else None
        self.bin = root.program("lib/postgresql/15/bin/")
        if self.user:
            self.base = f"/tmp/certwitness-postgres-{os.getpid()}"      # where nobody may go
            self.folder = self.base + "/data"
            os.makedirs(self.base), os.chown(self.base, self.user, -1)
            atexit.register(shutil.rmtree, self.base, True)
        said = subprocess.run([self.bin + "initdb", "-D", self.folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
                              env=root.environment, user=self.user, cwd="/", capture_output=True, text=True)
        if said.returncode: raise RuntimeError(said.stdout + said.stderr)
        with open(self.folder + "/postgresql.conf", "a") as out:
            out.write(f"\nlisten_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\njit = off\nmax_wal_size = '256MB'\n")
            if certificates:
                out.write("ssl = on\nssl_cert_file = 'right.pem'\nssl_key_file = 'right.key'\nssl_ca_file = 'root.pem'\n")
                for name in "right.pem", "right.key", "root.pem":
                    shutil.copy(f"{certificates}/{name}", f"{self.folder}/{name}")
                    os.chmod(f"{self.folder}/{name}", 0o600)
                    if self.user: os.chown(f"{self.folder}/{name}", self.user, -1)
        if certificates:
            with open(self.folder + "/pg_hba.conf", "w") as out:
                out.write("hostssl all rsyslog 127.0.0.1/32 cert\nhost all postgres,auditor 127.0.0.1/32 trust\n")

    def command(self): return [self.bin + "postgres", "-D", self.folder]

    def is_up(self):
        if self.process.poll() is not None: self.start(False)           # after a kill, while its children are still there
        return self.psql("select 1", database="postgres", check=False).returncode == 0

    def psql(self, text, database="certwitness", user="postgres", check=True, **variables):
        done = subprocess.run([self.bin + "psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", str(self.port), "-U", user, "-d", database, "-v", "ON_ERROR_STOP=1",
                               *(f"-v{name}={value}" for name, value in variables.items()), "-f", "-"],
                              input=text.encode(), env={**self.root.environment, "PGCLIENTENCODING": "UTF8", "PGCONNECT_TIMEOUT": "10"}, capture_output=True)
        if check and done.returncode: raise RuntimeError(f"psql: {done.stderr.decode()[:1000]}")
        return done

    def rows(self, text, **more):
        return [line.split("|") for line in self.psql(text, **more).stdout.decode().splitlines()]

    def value(self, text, **more): return self.psql(text, **more).stdout.decode().rstrip("\n")

class Rsyslog(Server):
    def __init__(self, root, folder, settings):
        self.root, self.folder, self.log = root, os.path.abspath(folder), os.path.abspath(folder) + "/said"
        os.makedirs(self.folder + "/spool")
        self.set(settings)

    def set(self, settings):
        with open(self.folder + "/rsyslog.conf", "w") as file: file.write(f'global(workDirectory="{self.folder}/spool")\nsyslog.* action(type="omfile" file="{self.log}")\n{settings}')

    def command(self, *more):
        return [self.root.program("sbin/rsyslogd"), "-n", "-f", f"{self.folder}/rsyslog.conf", "-i", f"{self.folder}/pid",
                "-M", f"{self.root.libraries[0]}/rsyslog", *more]

    def checked(self):
        done = subprocess.run(self.command("-N1"), env=self.root.environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def is_up(self): return os.path.exists(self.folder + "/pid")

    def start(self, wait=True):
        if os.path.exists(self.folder + "/pid"): os.remove(self.folder + "/pid")    # left by one that was killed
        super().start(wait)

class MockKafka(Server):
    """kcat holds the cluster that librdkafka has for tests, in its own process, until its standard input ends. It
    keeps 5 MiB of each of four partitions and forgets what is older."""
    stdin = subprocess.PIPE

    def __init__(self, root, folder):
        self.root, self.log = root, os.path.abspath(folder) + ".kafka"
        self.start()
        self.brokers = re.search(r"replaced with ([\d.:,]+)", self.said())[1]

    def command(self): return [self.root.program("bin/kcat"), "-P", "-t", "held", "-b", "none", "-X", "test.mock.num.brokers=3"]

    def is_up(self): return "replaced with" in self.said()
