"""The journals that other tests have left in the prefix's ProgramData: set aside while a test wants the folder for itself, and put back.

lines.t looks at them in the end. What a run that was cut off has set aside is put back by the next one's end.
"""
import os, shutil

JOURNALS = os.environ["WINEPREFIX"] + "/drive_c/ProgramData/CertWitness"
ASIDE = JOURNALS + ".aside"

def set_aside():
    if os.path.isdir(JOURNALS) and not os.path.isdir(ASIDE): os.rename(JOURNALS, ASIDE)
    shutil.rmtree(JOURNALS, ignore_errors=True)

def put_back():
    shutil.rmtree(JOURNALS, ignore_errors=True)
    if os.path.isdir(ASIDE): os.rename(ASIDE, JOURNALS)
