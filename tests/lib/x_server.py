"""An X server of a test's own, for windows that are made and shown, and that nobody sees."""
import contextlib, subprocess

@contextlib.contextmanager
def x_server(size):
    """Its display. It takes a number that is free, and tells it once it listens: tests run beside each other."""
    server = subprocess.Popen(("Xvfb", "-displayfd", "1", "-screen", "0", f"{size}x24"), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        number = server.stdout.readline().decode().strip()
        assert number, f"Xvfb has ended with {server.wait()}"
        yield ":" + number
    finally: server.terminate(), server.wait(), server.stdout.close()
