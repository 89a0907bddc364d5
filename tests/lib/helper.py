"""What tests/lib/helper.c does: the registry below HKLM, byte by byte, and files that somebody has open. And files that may not be looked at."""
import contextlib, os, subprocess, sys, time

from commands import windows, wine

HELPER = "build/tests/lib/helper.exe"

def registry(*words):
    """What it says, line by line. Words are, one after the other: delete KEY, `put`, dump KEY."""
    words = [word.removeprefix("HKLM\\") for word in words]
    code, said = wine(HELPER, "registry", *words)
    assert code == 0, (code, said, words)
    return said.splitlines()

def put(key, name, data, kind=1):
    """Words for the registry."""
    return "put", key, name, str(kind), (data.encode("utf-16-le") + b"\0\0" if isinstance(data, str) else data).hex()

def multi(*items, end="\0"):
    """The bytes of a REG_MULTI_SZ."""
    return ("".join(item + "\0" for item in items) + end).encode("utf-16-le")

def kept(path):
    """A program has file or folder open meanwhile in a way in which it could rename or delete it, and shares it with everybody."""
    return held(path, how="keep")

@contextlib.contextmanager
def held(path, cwd=".", how="hold"):
    """A program that stands in the folder `cwd` has the file open meanwhile, and shares it with nobody."""
    holder = subprocess.Popen([os.path.abspath("wine/run"), os.path.abspath(HELPER), how, windows(path), "600"], cwd=cwd, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert holder.stdout.readline().strip() == b"held", path
        yield
    finally: holder.kill(), holder.wait()

def await_state(state, service="CertSvc"):
    """Until the service is in this state, RUNNING or STOPPED; ten seconds at most."""
    for _ in range(200):
        if state in wine("sc.exe", "query", service)[1]: return
        time.sleep(0.05)
    raise AssertionError(state, wine("sc.exe", "query", service))

def powerless():
    """Returns where no permission is overridden, as root's are; to root the script is run again from its beginning, without that power."""
    if os.getuid() or os.environ.get("CERTWITNESS_POWERLESS") == "1": return
    os.environ["CERTWITNESS_POWERLESS"] = "1"
    less = "-dac_override,-dac_read_search"
    sys.stdout.flush()
    os.execvp("setpriv", ["setpriv", f"--bounding-set={less}", f"--inh-caps={less}", sys.executable, os.path.abspath(sys.modules["__main__"].__file__), *sys.argv[1:]])

@contextlib.contextmanager
def denied(path):
    """A folder that may be passed through and added to, not looked at, a file that may not be read: to Wine a permission that says no. For scripts that are `powerless`."""
    mode = os.stat(path).st_mode
    os.chmod(path, 0o311 if os.path.isdir(path) else 0)
    try: yield
    finally: os.chmod(path, mode)

UNJUDGED = ((kept, "It cannot be judged: another program keeps it open"), (denied, "It cannot be judged: access is denied"))
