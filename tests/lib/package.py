"""A folder as src/packaging/msi takes it, of what was built."""
import glob, os, shutil, subprocess

from version import VERSION

def lay_out(folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder + "/bin")
    for path in glob.glob("build/bin/certwitness*"): shutil.copy(path, folder + "/bin")
    for path in ("LICENSE", "src/journal/journal.schema.json", "tests/lib/verify.py"): shutil.copy(path, folder)
    shutil.copytree("src/packaging/integrations", folder + "/integrations")
    subprocess.run(("src/packaging/manual", folder + "/manual.html", VERSION), check=True)
