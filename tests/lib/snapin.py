"""The page in the CA's snap-in, under way: tests/page/snapin.c plays the snap-in, tests/page/drive.c
sits at screen and keyboard.

`SnapIn.do` carries out commands one after the other. The functions below make them; drive.c says
what each of them is.
"""
import os, re, subprocess, tempfile, typing

from commands import finished, windows

SNAPIN, DRIVE = "build/tests/page/snapin.exe", "build/tests/page/drive.exe"
ENV = dict(os.environ, CERTWITNESS_DESKTOP=f"Page{os.getpid()}")
REFRESH_ONLY, READ_ONLY = 1, 2                  # flags of Configure

def numbers():
    """What src/page/resource.h calls the controls."""
    with open("src/page/resource.h") as header:
        return {name: int(number) for name,
                number in re.findall(r"^#define (\w+) +(\d+)", header.read(), re.M)}

ID = numbers()
JOURNAL, RECORDING, LIMITS, ABOUT = PAGES = range(4)

class Field(typing.NamedTuple):
    """A setting: the page that it is on, what it is typed into, and what says whether it is right."""
    setting: str
    page: int
    edit: int
    reason: int

FOLDER = Field("JournalDirectory", JOURNAL, ID["ID_FOLDER"], ID["ID_FOLDER_REASON"])
PROPERTIES = Field("Properties", RECORDING, ID["ID_PROPERTIES"], ID["ID_PROPERTIES_REASON"])
RETAIN = Field("RetainDays", JOURNAL, ID["ID_RETAIN"], ID["ID_RETAIN_REASON"])
MAX_WAIT, QUEUE, MIN_FREE, SEGMENT = (
    Field(setting, LIMITS, ID["ID_LIMIT_FIRST"] + 10 * n, ID["ID_LIMIT_FIRST"] + 10 * n + 1)
    for n, setting in enumerate(("MaxWaitMs", "QueueMiB", "MinFreeMiB", "SegmentMiB")))

TAB, ESCAPE = "key=9", "key=27"
FOCUS, BOX, CLOSED, CONTROLS, TITLE, F1 = "focus", "box", "closed", "controls", "title", "f1"
SHEET = "sheet=60"

def turn_to(page): return f"page={page}"
def typed(field, text): return f"type={field.edit}:{text}"
def put_at_once(field, text): return f"set={field.edit}:{text}"
def value_of(field): return f"text={field.edit}"
def reason_of(field): return f"text={field.reason}"
def text_of(name): return f"text={ID[name]}"
def wait_for(name, text): return f"until={ID[name]}:{text}"
def click(name): return f"click={ID[name]}"
def push(name): return f"push={ID[name]}"
def choose(path): return f"choose={path}"
def press(button): return f"press={button}"
def enabled(button): return f"enabled={button}"

CANCEL = (press("cancel"), CLOSED)

class Control(typing.NamedTuple):
    """As drive.c prints it."""
    id: int
    kind: str
    flags: list
    name: str
    text: str

def control_of(line):
    number, kind, flags, name, text = line.split("\t")[:5]
    return Control(int(number), kind, flags.split(), name, text)

def wine(*command, env=ENV):
    """Exit code and standard output, on the desktop of this test."""
    done = finished("wine", *command, stderr=subprocess.DEVNULL, env=env)
    return done.returncode, done.stdout.decode(errors="replace").replace("\r", "")

class SnapIn:
    """Configure under way, once for each pair of `names`, the snap-in's two names of the CA; `end`
    waits for it and gives what it said."""
    def __init__(self, *words, names, dll="build/bin/certwitness.dll", flags=0, before=(), env=ENV):
        self.out, self.env = tempfile.TemporaryFile(), env
        dll = dll if dll[1] == ":" else windows(dll)
        command = ["wine", *before, SNAPIN, dll, str(flags), *sum(names, ()), *words]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.out,
                                        stderr=subprocess.DEVNULL, env=env)

    def do(self, *commands):
        """What the commands print, a line each, once there is a sheet."""
        return self.do_without_sheet(SHEET, *commands)[1:]

    def do_without_sheet(self, *commands):
        code, said = wine(DRIVE, *commands, env=self.env)
        assert code == 0, said
        return said.splitlines()

    def controls(self, page):
        return [control_of(line) for line in self.do(turn_to(page), CONTROLS)]

    def cancel(self):
        self.do(*CANCEL)
        return self.end()

    def said(self):
        return os.pread(self.out.fileno(), 1 << 20, 0).decode(errors="replace").replace("\r", "")

    def end(self, hr=0):
        self.process.wait(60)
        said = self.said()
        assert f"hr 0x{hr:08x}" in said and "page gone" in said and "references 0" in said, said
        return said

    def __enter__(self): return self

    def __exit__(self, *unused):
        if self.process.poll() is None: self.process.kill()
        self.out.close()
