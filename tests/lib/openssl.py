"""openssl, as a judge and as one who asks for certificates."""
import subprocess

def openssl(*command, data=b""):
    done = subprocess.run(["openssl", *map(str, command)], input=data, capture_output=True)
    assert done.returncode == 0, (command, done.stderr.decode(errors="replace"))
    return done.stdout

def make_request(path, *more, name="good"):
    """A request for CN=name with a new key, which nobody keeps."""
    openssl("req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", "/dev/null", "-subj", "/CN=" + name,
            "-out", path, *more)
