"""A machine of its own for a test: a Wine prefix beside build/wine, which nobody else uses at the time.

Tests that install, remove or count what is registered would be in each other's way. Those of one machine take turns, those of another
run beside them: RULES in the Makefile finds the calls of on_machine, which stand at the beginning of their lines.
"""
import os, sys

def on_machine(name):
    """Returns on that machine; anywhere else the script is run again from its beginning, there. The prefix is made where it is missing."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    here, run = os.environ.get("WINEPREFIX", root + "/build/wine"), root + "/wine/run"
    if here.endswith("." + name): return
    there = {**os.environ, "CERTWITNESS_PREFIX": f"{here}.{name}"}
    there.pop("CERTWITNESS_WINE", None)         # or wine/run would take us for a part of what runs on the other machine
    sys.stdout.flush()
    os.execve(run, [run, sys.modules["__main__"].__file__, *sys.argv[1:]], there)
