"""Programs of Debian's packages, downloaded and unpacked under build/ and not installed (tests/interop/debian)."""
import os, subprocess

def root(*packages):
    """The folder in which these packages are unpacked together, with the libraries that this machine lacks."""
    folder = os.path.abspath(f"build/interop/unpacked/{packages[0]}")
    subprocess.run(["tests/interop/debian", folder, *packages], check=True)
    return folder + "/root"

def libraries(root):
    return [f"{root}{top}/lib/x86_64-linux-gnu" for top in ("/usr", "")]

def environment(root):
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries(root))}
