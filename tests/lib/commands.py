"""Commands that a test runs. What they write goes through files: a service that Wine starts on the way would hold a pipe open."""
import os, subprocess, tempfile

def finished(*command, data=b"", env=(), timeout=500, text=False, **more):
    """What became of it, with its output, as bytes or as `text`; `stderr=subprocess.STDOUT` puts all into one. `env` is added to what there is."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        given.write(data), given.seek(0)
        done = subprocess.run([str(part) for part in command], stdin=given, timeout=timeout, env={**os.environ, **dict(env)},
                              **{"stdout": out, "stderr": errors, **more})
        out.seek(0), errors.seek(0)
        done.stdout, done.stderr = (said.read().decode() if text else said.read() for said in (out, errors))
        return done

def run(*command, **more):
    """Exit code, and all that was said."""
    done = finished(*command, stderr=subprocess.STDOUT, **more)
    return done.returncode, done.stdout.decode(errors="replace")

def run_apart(*command, **more):
    """Exit code, standard output and error, which have to be UTF-8."""
    done = finished(*command, text=True, **more)
    return done.returncode, done.stdout, done.stderr

def wine(*command, **more):
    return run("wine/run", *command, **more)

def windows(path):
    return "Z:" + os.path.abspath(path).replace("/", "\\")
