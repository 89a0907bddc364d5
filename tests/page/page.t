#!/usr/bin/python3
"""The page in the CA's snap-in: one program plays the snap-in, another sits at screen and keyboard; without an X server and with one."""
import sys; sys.path[0] += "/../lib"
import hashlib, os, re, shutil, subprocess, tempfile, time

from commands import finished, windows
from helper import UNJUDGED, denied, powerless
from machine import on_machine
from tap import run as run_tests, test
from version import VERSION

powerless()
on_machine("install")
WORK = os.path.abspath("build/tmp/page")
DLL = "build/bin/certwitness.dll"
CONFIGURATION = r"HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration"
MODULE = r"\ExitModules\CertWitness.Exit"
KEY = CONFIGURATION + r"\Page CA" + MODULE
STORAGE = KEY[5:]
CONFIG = r"localhost\Page CA"
INSTALLED = os.environ["WINEPREFIX"] + "/drive_c/CertWitness of page.t"         # on C:, whose folders are nobody else's
ON_C = os.environ["WINEPREFIX"] + "/drive_c/folders of page.t"                  # the same: nothing is said of the folders above
CANCEL = ("press=cancel", "closed")
ENV = dict(os.environ, CERTWITNESS_DESKTOP=f"Page{os.getpid()}")

def wine(*command, env=ENV):
    done = finished("wine", *command, stderr=subprocess.DEVNULL, timeout=60, env=env)
    return done.returncode, done.stdout.decode(errors="replace").replace("\r", "")

def reg(*command):
    code, said = wine("reg", *command)
    assert code == 0, (command, said)

def values(key=KEY):
    """What stands in a key: {name: (type, text)}; None where there is no key."""
    code, said = wine("reg", "query", key)
    return {name: (kind, text) for name, kind, text in re.findall(r"^    (\S+)    (REG_\w+)    (.*)$", said, re.M)} if code == 0 else None

class SnapIn:
    """Configure under way; `end` waits for it and gives what it said."""
    def __init__(self, *words, names=((CONFIG, STORAGE),), flags="0", dll=DLL, before=(), env=ENV):
        self.out = tempfile.TemporaryFile()
        self.env = env
        self.process = subprocess.Popen(("wine",) + before + ("build/tests/page/snapin.exe", dll if dll[1] == ":" else windows(dll), flags) + sum(names, ()) + words,
                                        stdin=subprocess.DEVNULL, stdout=self.out, stderr=subprocess.DEVNULL, env=env)
    def do(self, *commands, sheet=True):
        code, said = wine("build/tests/page/drive.exe", *(["sheet=20"] if sheet else []), *commands, env=self.env)
        assert code == 0, said
        return said.splitlines()[1 if sheet else 0:]
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

def controls(lines):
    """[(id, class, flags, name, text)]"""
    return [(int(part[0]), part[1], part[2].split(), part[3], part[4]) for part in (line.split("\t") for line in lines)]

@test
def esc_closes_the_sheet_and_nothing_is_written():
    folder = os.environ["WINEPREFIX"] + "/drive_c/ProgramData/CertWitness/Page CA"
    shutil.rmtree(folder, ignore_errors=True)
    with SnapIn(names=((CONFIG, STORAGE),) * 2) as snapin:
        snapin.do("until=201:no journal yet", "page=2", "type=440:365", "key=27", "closed", "sheet=20",
                  "page=1", "type=321:Officer", "key=27", "closed")             # in a field of several lines Esc goes another way
        said = snapin.end()
    assert values() is None and not os.path.exists(folder) and said.count("threads 0") == 2, (said, values())

@test
def every_control_has_a_name_and_its_place():
    with SnapIn() as snapin:
        said = "\n".join(snapin.do(*[command for page in range(4) for command in (f"page={page}", "controls", "enabled=ok")], *CANCEL))
        pages = [controls(part.strip().splitlines()) for part in re.split("^1$", said, flags=re.M)[:4]]
        for seen in pages:
            names = [name for _, kind, flags, name, _ in seen if "tab" in flags or kind == "Edit"]
            assert len(names) >= 3 and all(names) and len(set(names)) == len(names), names
            keys = [key.lower() for _, kind, _, name, text in seen if kind != "Edit" for key in re.findall("&(.)", text)]
            assert len(set(keys)) == len(keys) and "a" not in keys, keys
            reachable = [name for _, kind, flags, name, _ in seen if "tab" in flags and "disabled" not in flags]
            assert all("&" in name for name in reachable), reachable
            assert not [one for one in seen if "outside" in one[2]], seen
        snapin.end()

@test
def tab_goes_from_field_to_field():
    with SnapIn() as snapin:
        walked = snapin.do("page=2", "type=400:5000", *["key=9", "focus"] * 5, "page=0", "type=202:C:\\x", "key=9", "focus", *CANCEL)
        assert walked == ["410", "420", "430", "440", "1", "1"], walked
        snapin.end()

@test
def each_value_is_judged_as_it_is_typed():
    cases = [(2, 400, 401, "50", "Wrong. It must be a whole number from 100 to 60000 ms."), (2, 400, 401, "", "Wrong. It must be a whole number"),
             (2, 400, 401, "100", "100 to 60000 ms; 5000 by default."), (2, 440, 441, "36501", "Wrong. "), (2, 430, 431, "0x10", "Wrong. "),
             (0, 202, 203, "\\\\nas\\x", "Wrong. It must lie on a disk of this machine"), (0, 202, 203, "", "Wrong. It must be an absolute path"),
             (0, 202, 203, "C:\\Journal", "A folder on a disk of this machine"), (1, 321, 322, "Nonsense", "Wrong. Nonsense: "),
             (1, 321, 322, "Officer|Challenge", "Wrong. Challenge: "), (1, 321, 322, "Officer|!RawRequest", "The manual lists"),
             (1, 321, 322, "Offi\u202ecer", "Wrong. The names in it must be printable ASCII.")]
    with SnapIn() as snapin:
        said = snapin.do(*[command for page, edit, reason, text, _ in cases for command in (f"page={page}", f"type={edit}:{text}", f"text={reason}")],
                         *CANCEL)
        for case, got in zip(cases, said, strict=True): assert got.startswith(case[4]), (case, got)
        snapin.end()
    assert values() is None

@test
def apply_writes_and_says_when_it_takes_effect():
    with SnapIn(names=((CONFIG, STORAGE),) * 2) as snapin:
        said = snapin.do(*[word for page in (0, 1, 2, 3) for word in (f"page={page}", "enabled=apply")], "page=2",
                         "type=400:77", "enabled=apply", "type=400:5000", "enabled=apply")         # as it was: nothing is to be written
        assert said == ["0"] * 4 + ["1", "0"], said
        said = snapin.do("enabled=apply", "page=2", "type=440:365", "type=410:8", "page=1", "click=300", "type=321:Officer|!RawRequest", "page=0",
                         "type=202:%SystemDrive%\\Journal", "enabled=apply", "press=apply", "box", "enabled=apply")
        assert said[:2] + said[3:] == ["0", "1", "0"] and all(part in said[2] for part in ("RetainDays", "QueueMiB", "EventMask", "Properties",
            "JournalDirectory", "when the CA's service on localhost starts again")) and "MaxWaitMs" not in said[2], said
        assert values() == {"RetainDays": ("REG_DWORD", "0x16d"), "QueueMiB": ("REG_DWORD", "0x8"), "EventMask": ("REG_DWORD", "0x3fe"),
                            "Properties": ("REG_MULTI_SZ", "Officer\\0!RawRequest"), "JournalDirectory": ("REG_SZ", "C:\\Journal")}, values()
        said = snapin.do("page=2", "type=440:0", "press=ok", "box", "closed", "sheet=20", "page=2", "text=410", "text=440", "page=1", "text=321",
                         "click=300", "click=300", "type=321:Officer|!RawRequest", "press=ok", "closed")       # as it was: nothing to write, no box
        assert "RetainDays" in said[0] and "QueueMiB" not in said[0] and said[2:] == ["8", "0", "Officer||!RawRequest"], said
        snapin.end()
    assert set(values()) == {"QueueMiB", "EventMask", "Properties", "JournalDirectory"}, values()       # the default has no value

TASK = os.environ["WINEPREFIX"] + "/drive_c/windows/system32/tasks/CertWitness prune"

@test
def the_task_that_prunes_follows_retaindays():
    if os.path.exists(TASK): os.remove(TASK)
    os.makedirs(INSTALLED, exist_ok=True)
    for name in ("certwitness.dll", "certwitness_page.dll", "certwitness.exe"): shutil.copy("build/bin/" + name, INSTALLED)
    with SnapIn(dll=r"C:\CertWitness of page.t\certwitness.dll") as snapin:
        said = snapin.do("page=2", "type=410:9", "press=apply", "box", "type=440:365", "press=apply", "box")
        assert "task" not in said[0] and 'The task "CertWitness prune" removes old files each day, through' in said[1] and os.path.exists(TASK), said
        said = snapin.do("type=440:30", "press=apply", "box")
        assert "task" not in said[0], ("it stands already", said)
        os.remove(INSTALLED + "/certwitness.exe")
        said = snapin.do("type=440:0", "press=apply", "box", "type=440:7", "press=apply", "box")
        assert 'the task "CertWitness prune" was removed' in said[0] and not os.path.exists(TASK), said
        assert "Written: RetainDays" in said[1] and "certwitness.exe is not there, so RetainDays would have no effect" in said[1] and not os.path.exists(TASK), said
        open(INSTALLED + "/certwitness.exe", "w").close()
        os.chmod(INSTALLED + "/certwitness.exe", 0o666)
        said = snapin.do("type=440:8", "press=apply", "box", "type=440:0", "type=410:64", "press=ok", "box", "closed")
        assert "would run whatever is put there, as SYSTEM" in said[0] and "task" not in said[1], said
        snapin.end()

@test
def a_wrong_value_keeps_all_from_being_written_and_its_field_is_brought_up():
    before = values()
    with SnapIn() as snapin:
        said = snapin.do("page=2", "type=440:30", "type=400:50", "page=1", "press=ok", "box", "focus", "text=400", *CANCEL)
        assert said[0].startswith("MaxWaitMs: It must be a whole number from 100 to 60000 ms.") and said[1:] == ["400", "50"], said
        snapin.end()
    assert values() == before, values()

@test
def a_value_that_the_registry_has_wrong_is_told_and_can_be_put_right():
    reg("add", KEY, "/v", "MaxWaitMs", "/d", "soon", "/f")
    with SnapIn() as snapin:
        said = snapin.do("page=2", "text=401", "text=400", "type=410:9", "press=apply", "box", "text=401")
        assert said[0] == 'The registry holds "soon", which is refused: this default is in force.' and said[1] == "5000" and said[3] == said[0], said
        assert values()["MaxWaitMs"] == ("REG_SZ", "soon"), values()
        said = snapin.do("page=2", "type=400:5000", "press=ok", "box", "closed")
        assert "MaxWaitMs" in said[0], said
        snapin.end()
    assert "MaxWaitMs" not in values(), values()
    odd = [(440, 441, "RetainDays", "REG_QWORD", "4294967297", "4294967297 (0x100000001)"),
           (410, 411, "QueueMiB", "REG_BINARY", "00", "REG_BINARY, 1 bytes"),
           (420, 421, "MinFreeMiB", "REG_SZ", "\u202e\x1b[2J\u0416", '"\\u{202e}?[2J\u0416"'), (430, 431, "SegmentMiB", "REG_SZ", "9" * 3000, '"' + "9" * 99)]
    for _, _, name, kind, data, _ in odd: reg("add", KEY, "/v", name, "/t", kind, "/d", data, "/f")
    reg("add", KEY, "/v", "Properties", "/t", "REG_DWORD", "/d", "7", "/f")
    reg("add", KEY, "/v", "JournalDirectory", "/d", "\\\\nas\\share", "/f")
    before = values()
    with SnapIn() as snapin:
        said = snapin.do("page=2", *[f"text={reason}" for _, reason, *_ in odd], "page=1", "text=322", "text=321", "page=0", "text=203", "text=202",
                         *CANCEL)
        for text, (*_, shown) in zip(said, odd):
            assert text.startswith(f"The registry holds {shown}") and text.endswith("this default is in force."), (text, shown)
        assert said[4].startswith("The registry holds 7 (0x7), which is refused") and said[5] == "", said
        assert said[6].startswith('The registry holds "\\\\nas\\share", which is refused') and said[7].endswith("CertWitness\\Page CA"), said
        snapin.end()
    assert values() == before, values()
    for *_, name, _, _, _ in odd: reg("delete", KEY, "/v", name, "/f")
    for name in ("Properties", "JournalDirectory"): reg("delete", KEY, "/v", name, "/f")

@test
def read_only_shows_and_refresh_does_not():
    with SnapIn(flags="2") as snapin:
        said = snapin.do("title", *[command for page in range(3) for command in (f"page={page}", "controls", "enabled=ok")], "type=440:77",
                         "text=440", "set=440:77", "text=440", "enabled=apply", "press=ok", "closed")
        assert said[-3:] == ["0", "77", "0"], said
        assert said[0].endswith("(read only)"), said
        for part, few in zip(re.split("^1$", "\n".join(said[1:]), flags=re.M), (4, 11, 5)):
            seen = [one for one in controls(part.strip().splitlines()) if one[1] == "Edit" or 300 <= one[0] < 320 and one[1] == "Button"]
            assert len(seen) >= few and all("readonly" in one[2] or "disabled" in one[2] for one in seen), seen
        snapin.end()
    assert "RetainDays" not in (values() or {}), values()
    with SnapIn("-hwnd=i8", flags="3") as snapin: assert "owner" not in snapin.end()

@test
def the_window_is_the_owner_in_whatever_type_it_comes():
    known, odd = ["i4", "i8", "i8ref", "bstr", "bstr4", "variant", "array"], ["none", "stranger", "garbage"]
    with SnapIn("-stranger") as stranger:
        while "held" not in stranger.said() and stranger.process.poll() is None: time.sleep(0.02)
        with SnapIn("-hwnd=" + ",".join(known + odd), "-exit") as snapin:
            snapin.do(*["press=cancel", "closed", "sheet=20"] * len(known + odd[1:]), *CANCEL)
            said = snapin.end()
        assert stranger.said() == "held\n" and "no such window" not in said, (stranger.said(), said)       # nothing was done to another's window
    for part in said.split("hwnd ")[1:]: assert ("owner disabled\nowner enabled\n" in part) == (part.split()[0] in known), part

@test
def it_is_not_shown_where_nobody_could_see_it():
    with SnapIn("-station") as snapin: assert "no window of this process" in snapin.end(hr=0x800705b3)

@test
def a_page_that_is_missing_or_not_ours_is_told():
    alone = WORK + "/alone"
    os.makedirs(alone)
    shutil.copy(DLL, alone)
    with SnapIn(dll=alone + "/certwitness.dll") as snapin:
        said = snapin.end(hr=0x8007007e)
        assert windows(alone + "/certwitness_page.dll") in said and "install both from one package" in said, said
    shutil.copy("build/bin/certexitps.dll", alone + "/certwitness_page.dll")
    with SnapIn(dll=alone + "/certwitness.dll") as snapin: assert "is not CertWitness's" in snapin.end(hr=0x8007007f)
    code, said = wine("build/tests/page/snapin.exe", windows("build/bin/certwitness_page.dll"), "-version=9.9.9")
    assert f"certwitness.dll is of version 9.9.9 and certwitness_page.dll of {VERSION}." in said and "hr 0x8007051a" in said, said

@test
def a_ca_that_is_not_there_is_told_and_no_key_is_made():
    nobody = CONFIGURATION[5:] + r"\Nobody" + MODULE
    reg("add", CONFIGURATION + r"\Other CA", "/f")
    cases = [(r"localhost\Nobody", nobody, 0x80070002, 'no CA "Nobody" on localhost'), (r"localhost\Other CA", STORAGE, 0x8007000d, "two CAs at once"),
             ("x" * 300 + "\\Page CA", STORAGE, 0x8007000d, "too long"), ("a b|c\\Page CA", STORAGE, 0x8007000d, "whose name is none"),
             (r"no-such-machine\Page CA", STORAGE, 0x80070035, "The registry of no-such-machine cannot be reached"),
             ("localhost\\" + "x" * 3000, r"SYSTEM\CurrentControlSet\Services\Tcpip", 0x80070002, "no CA")]
    with SnapIn(names=tuple(case[:2] for case in cases)) as snapin:
        boxes = snapin.do(*["box"] * len(cases), sheet=False)
        said = snapin.end(hr=cases[0][2])
        for case, box, part in zip(cases, boxes, said.split("hr ")[1:], strict=True):
            assert case[3] in box and case[3] in part and part.startswith(f"0x{case[2]:08x}"), (case, box, part)
    assert values(CONFIGURATION + r"\Nobody") is None and wine("reg", "query", CONFIGURATION + r"\Other CA" + MODULE)[0] != 0

@test
def the_key_is_found_from_either_name_and_composed_here():
    reg("add", CONFIGURATION + r"\Z!00fcrich CA !0028 1 !0029\ExitModules", "/f")
    reg("add", CONFIGURATION + r"\Page CA", "/v", "CAServerName", "/d", "pki.example", "/f")
    strange = CONFIGURATION[5:] + r"\Z!00fcrich CA !0028 1 !0029" + MODULE
    cases = [(CONFIG, "-", STORAGE), ("-", STORAGE, STORAGE), ("-", "-", STORAGE), ("-", STORAGE.replace("ExitModules", "Exit"), STORAGE),
             ("-", STORAGE.upper(), STORAGE.replace("Page", "PAGE")), (r"PKI.example\Page CA", STORAGE, STORAGE),
             (CONFIG, r"SOFTWARE\Microsoft\Windows", STORAGE), ("localhost\\Z\u00fcrich CA ( 1 )", "-", strange),
             (r"localhost\Z!00fcrich CA !0028 1 !0029", strange, strange)]
    with SnapIn(names=tuple(case[:2] for case in cases)) as snapin:
        keys = snapin.do(*["page=3", "text=503", "press=cancel", "closed", "sheet=20"] * (len(cases) - 1), "page=3", "text=503", *CANCEL)
        assert [key for key in keys if key.startswith("SYSTEM")] == [case[2] for case in cases], keys
        snapin.end()

def line_of(kind, sequence=1, previous="0" * 64):
    run = "11111111-2222-4333-8444-555555555555"
    body = f'{{"specversion":"1.0","id":"{run}-{sequence:020}","source":"/adcs/a/b","type":"certwitness.{kind}","subject":"request/7",' \
           f'"time":"2001-01-01T00:00:01.000Z","sequence":"{sequence:020}","previoushash":"{previous}","flushed":"{sequence - 1:020}",' \
           f'"datacontenttype":"application/json","data":{{}}'
    return f'{body},"hash":"{hashlib.sha256(body.encode()).hexdigest()}"}}\n'.encode()

@test
def a_journal_of_20_gib_is_told_of_from_its_tail():
    folder = ON_C + "/journal"
    shutil.rmtree(ON_C, ignore_errors=True), os.makedirs(folder, 0o700)
    def put(kind, number, tail):
        with open(f"{folder}/{number:020}.jsonl", "wb") as file: file.write((line_of(kind, number) if kind else b"") + tail)
    for number in range(1, 321):                # holes: they take no room on the disk
        with open(f"{folder}/{number:020}.jsonl", "wb") as file:
            file.truncate(1 << 20 if number < 320 else (20 << 30) - (319 << 20))           # the last is not to be read whole
            if number == 320: file.seek(0, 2), file.write(b"\n" + line_of("certificate.issued", 320))
    reg("add", KEY, "/v", "JournalDirectory", "/d", r"C:\folders of page.t\journal", "/f")
    with SnapIn() as snapin:
        said = snapin.do("until=205:certificate.issued (request/7), ", "text=204", "text=201", "type=202:C:\\Else", "text=203")
        assert said[0] == "20.0 GiB in 320 files" and "There is a journal" in said[1], said
        put("module.stopped", 321, line_of("ca.started", 322).replace(b"request/7", b"request/8"))        # of a wrong hash
        snapin.do("click=207", "until=205:module.stopped (request/7)")
        put("", 322, b"half a line")
        said = snapin.do("click=207", "until=204:322 files", "text=205")
        assert said[0].startswith("module.stopped (request/7), "), said
        for number in range(323, 343, 2):       # by itself it looks five seconds after the last look, which ended behind `start`
            start = time.monotonic()
            for one in (number, number + 1): put("", one, b""), snapin.do("click=207", f"until=204:{one} files")
            if (took := time.monotonic() - start) < 4.9: break
        assert took < 4.9, took
        snapin.do(*CANCEL)
        snapin.end()
    assert len(os.listdir(folder)) == number + 1, "something was made there"
    for one in range(322, number + 2): os.remove(f"{folder}/{one:020}.jsonl")
    assert wine("sc", "create", "CertSvc", "binPath=", "C:\\none.exe")[0] == 0
    try:
        with SnapIn() as snapin:
            for kind, tail, text in (("module.stopped", b"half a li", "Attention. The CA's service does not run, and it ended without closing its journal"),
                                     ("module.stopped", b"", "its journal was closed properly"), ("ca.stopping", b"", "its journal was closed properly"),
                                     ("ca.started", b"", "it ended without closing its journal")):
                put(kind, 321, tail)
                snapin.do("click=207", "until=205:" + kind, "until=201:" + text)
            snapin.do(*CANCEL)
            snapin.end()
    finally:
        shutil.rmtree(ON_C)
        wine("sc", "delete", "CertSvc")         # and with it all that stands below the service's key
        reg("add", CONFIGURATION + r"\Page CA\ExitModules", "/v", "Active", "/t", "REG_MULTI_SZ", "/d", r"Other.Exit\0CertWitness.Exit", "/f")
        reg("add", CONFIGURATION, "/v", "Active", "/d", "Page CA", "/f")

@test
def folders_that_cannot_be_are_told():
    os.makedirs(WORK + "/open", 0o777), os.chmod(WORK + "/open", 0o777)
    os.makedirs(WORK + "/private", 0o700)
    os.symlink("private", WORK + "/link")
    open(WORK + "/file", "w").close()
    journals = {"garbage": b"no line at all", "strange": line_of("\u202e\x7f&" + "x" * 300), "held": line_of("module.stopped")}
    for name, text in journals.items():
        for place in WORK, ON_C:
            os.makedirs(f"{place}/{name}", 0o700)
            with open(f"{place}/{name}/{1:020}.jsonl", "wb") as file: file.write(text)
    holder = subprocess.Popen(("wine", "build/tests/lib/helper.exe", "hold", windows(f"{WORK}/held/{1:020}.jsonl"), "60"), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENV)
    assert holder.stdout.readline().strip() == b"held"
    for folder, text in ((windows(WORK + "/link"), f"{windows(WORK)}\\link: It leads to another place"),
                         (windows(WORK + "/file"), "file: It is a file, not a folder."),
                         (windows(WORK + "/garbage"), "Trouble. The end of the journal holds no intact line."),
                         (r"C:\folders of page.t\strange", "There is a journal"),
                         (windows(WORK + "/held"), "Trouble. The journal cannot be read (error 32)."),
                         (windows(WORK + "/open"), "Trouble. The recorder does not write into this folder. " + windows(WORK + "/open")),
                         ("Q:\\nothing", "Trouble. The journal's drive is not there."), (r"C:\folders of page.t\none", "There is no journal yet.")):
        reg("add", KEY, "/v", "JournalDirectory", "/d", folder, "/f")
        with SnapIn() as snapin:
            said = snapin.do("until=201:" + text, "text=205", *CANCEL)
            if folder.endswith("strange"): assert re.fullmatch(r"\?\?\?\?&x{122} \(request/7\), \S+ \S+.*", said[0]), said
            snapin.end()
    holder.kill(), holder.wait()
    shutil.rmtree(ON_C)

@test
def a_folder_that_cannot_be_judged_is_told_at_each_level():
    """Opened to everybody besides: what cannot be judged must not hide that."""
    inside = os.environ["WINEPREFIX"] + "/drive_c/ProgramData/CertWitness"
    for levels in (inside, inside + "/Page CA"), (WORK + "/kept",):
        os.makedirs(levels[-1], exist_ok=True)
        reg("add", KEY, "/v", "JournalDirectory", "/d", windows(levels[-1]) if len(levels) == 1 else r"C:\ProgramData\CertWitness\Page CA", "/f")
        for level in levels:
            named = windows(level) if len(levels) == 1 else r"C:\ProgramData\CertWitness" + level.removeprefix(inside).replace("/", "\\")
            for how, why in UNJUDGED:
                os.chmod(level, 0o777)
                said = f"Trouble. It is not known whether the recorder writes into this folder. {named}: {why}"
                if how is denied and level == levels[-1]: said = "Attention. Not known: only administrators may read the journal."
                with how(level), SnapIn() as snapin:
                    snapin.do("until=201:" + said, *CANCEL)
                    snapin.end()
                os.chmod(level, 0o700)
        shutil.rmtree(levels[0])

@test
def it_shows_under_an_x_server_at_twice_the_size():
    display = next(n for n in range(90, 200) if not os.path.exists(f"/tmp/.X{n}-lock"))
    server = subprocess.Popen(("Xvfb", f":{display}", "-screen", "0", "1600x1200x24"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    name = f"Shown{os.getpid()}"
    env = dict(os.environ, DISPLAY=f":{display}", CERTWITNESS_DESKTOP=name)
    reg("add", r"HKCU\Control Panel\Desktop", "/v", "LogPixels", "/t", "REG_DWORD", "/d", "192", "/f")
    try:
        for _ in range(100):
            if os.path.exists(f"/tmp/.X11-unix/X{display}"): break
            time.sleep(0.05)
        with SnapIn(before=("explorer", f"/desktop={name},1600x1200"), env=env) as snapin:
            seen = controls(line for line in snapin.do(*[command for page in (0, 1, 3, 2) for command in (f"page={page}", "controls")]) if "\t" in line)
            assert len(seen) > 50 and not [one for one in seen if "outside" in one[2]], seen
            shot = f"{WORK}/page.png"
            subprocess.run(("import", "-window", "root", shot), env=env, check=True, timeout=30)
            colors = int(subprocess.check_output(("identify", "-format", "%k", shot)))
            assert colors > 8, f"{shot}: {colors} colours: nothing is drawn"
            snapin.do(*CANCEL)
            snapin.process.wait(60)
    finally:
        reg("delete", r"HKCU\Control Panel\Desktop", "/v", "LogPixels", "/f")
        server.terminate()
        server.wait()

shutil.rmtree(WORK, ignore_errors=True)
os.makedirs(WORK)
reg("add", r"HKCU\Software\Wine\Drivers", "/v", "Graphics", "/d", "x11,null", "/f")     # windows without a display, where there is none
wine("reg", "delete", CONFIGURATION, "/f")
reg("add", CONFIGURATION + r"\Page CA\ExitModules", "/v", "Active", "/t", "REG_MULTI_SZ", "/d", r"Other.Exit\0CertWitness.Exit", "/f")
reg("add", CONFIGURATION, "/v", "Active", "/d", "Page CA", "/f")
keeper = subprocess.Popen(("wine", "build/tests/page/snapin.exe", "-hold"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env=ENV)              # else Wine would make the desktop anew for each sheet

def put_all_back():
    keeper.kill()
    shutil.rmtree(INSTALLED, ignore_errors=True)
    wine("reg", "delete", CONFIGURATION, "/f")
    wine("reg", "delete", r"HKCU\Software\Wine\Drivers", "/v", "Graphics", "/f")       # the other tests have no windows at all

run_tests(finish=put_all_back)
