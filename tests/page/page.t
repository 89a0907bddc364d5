#!/usr/bin/python3
"""The page in the CA's snap-in: one program plays the snap-in, another sits at screen and keyboard;
without an X server and with one."""
import sys; sys.path[0] += "/../lib"
import contextlib, hashlib, os, re, shutil, subprocess, time

from commands import windows
from helper import UNJUDGED, denied, held, powerless
from machine import on_machine
from snapin import *
from tap import check, run as run_tests, same, test
from version import VERSION
from x_server import x_server

powerless()
on_machine("install")
WORK = os.path.abspath("build/tmp/page")
DLL = "build/bin/certwitness.dll"
SERVICES = r"HKLM\SYSTEM\CurrentControlSet\Services"
CONFIGURATION = SERVICES + r"\CertSvc\Configuration"
MODULE = r"\ExitModules\CertWitness.Exit"
KEY = CONFIGURATION + r"\Page CA" + MODULE
# the snap-in's two names of our CA: its configuration string and the module's key
OURS = (r"localhost\Page CA", KEY[len("HKLM\\"):])
DRIVE_C = os.environ["WINEPREFIX"] + "/drive_c"
# on C:, whose folders are nobody else's
INSTALLED = DRIVE_C + "/CertWitness of page.t"
# the same: nothing is said of the folders above
ON_C = DRIVE_C + "/folders of page.t"
TASK = DRIVE_C + "/windows/system32/tasks/CertWitness prune"
PROGRAM_DATA = DRIVE_C + "/ProgramData/CertWitness"

# --- the registry ---
def reg(*command):
    code, said = wine("reg", *command)
    assert code == 0, (command, said)

def set_value(name, data, kind="REG_SZ", key=KEY):
    reg("add", key, "/v", name, "/t", kind, "/d", data, "/f")

def delete_value(name): reg("delete", KEY, "/v", name, "/f")

def values(key=KEY):
    """What stands in a key: {name: (type, text)}; None where there is no key."""
    code, said = wine("reg", "query", key)
    if code: return None
    found = re.findall(r"^    (\S+)    (REG_\w+)    (.*)$", said, re.M)
    return {name: (kind, text) for name, kind, text in found}

def make_ca():
    """What the registry has of our CA. `sc delete` takes it away with the service."""
    set_value("Active", r"Other.Exit\0CertWitness.Exit", "REG_MULTI_SZ",
              CONFIGURATION + r"\Page CA\ExitModules")
    set_value("Active", "Page CA", key=CONFIGURATION)

keepers = []
def hold_desktop():
    """Else Wine would make the desktop anew for each sheet."""
    if not keepers:
        keepers.append(subprocess.Popen(("wine", SNAPIN, "-hold"), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENV))

def snap_in(*words, times=1, **more):
    """Configure for our CA, so many times."""
    if "env" not in more: hold_desktop()
    return SnapIn(*words, **{"names": (OURS,) * times, "dll": DLL, **more})

# --- on a screen: the first of all, since Wine 10 draws on no screen once a desktop without one was there ---
@contextlib.contextmanager
def twice_the_size():
    desktop = r"HKCU\Control Panel\Desktop"
    set_value("LogPixels", "192", "REG_DWORD", desktop)
    try: yield
    finally: reg("delete", desktop, "/v", "LogPixels", "/f")

def colors_on(env):
    """Of how many colours a picture of the screen is."""
    shot = f"{WORK}/page.png"
    subprocess.run(("import", "-window", "root", shot), env=env, check=True, timeout=60)
    return int(subprocess.check_output(("identify", "-format", "%k", shot)))

@test
def it_shows_under_an_x_server_at_twice_the_size():
    name = f"Shown{os.getpid()}"
    with twice_the_size(), x_server("1600x1200") as display:
        env = dict(os.environ, DISPLAY=display, CERTWITNESS_DESKTOP=name)
        with snap_in(before=("explorer", f"/desktop={name},1600x1200"), env=env) as snapin:
            seen = [one for page in PAGES for one in snapin.controls(page)]
            check(len(seen) > 50, f"{len(seen)} controls")
            same([one for one in seen if "outside" in one.flags], [],
                 "what lies outside of its page")
            check((colors := colors_on(env)) > 8, f"{colors} colours: nothing is drawn")
            snapin.do(*CANCEL)
            snapin.process.wait(60)

# --- the sheet ---
@test
def esc_closes_the_sheet_and_nothing_is_written():
    folder = PROGRAM_DATA + "/Page CA"
    shutil.rmtree(folder, ignore_errors=True)
    with snap_in(times=2) as snapin:
        snapin.do(wait_for("ID_STATE", "no journal yet"), turn_to(LIMITS), typed(QUEUE, 365), ESCAPE, CLOSED)
        snapin.do(turn_to(RECORDING), typed(PROPERTIES, "Officer"), ESCAPE, CLOSED)             # in a field of several lines Esc goes another way
        said = snapin.end()
    same(said.count("threads 0"), 2, "how often all threads had ended")
    same(values(), None, "the key")
    check(not os.path.exists(folder), f"{folder} was made")

def check_names(seen):
    names = [one.name for one in seen if "tab" in one.flags or one.kind == "Edit"]
    check(len(names) >= 3 and all(names) and len(set(names)) == len(names),
          f"names that are missing or not alone: {names}")

def check_access_keys(seen):
    """`a` is that of the sheet's own Apply."""
    keys = [key.lower() for one in seen if one.kind != "Edit"
            for key in re.findall("&(.)", one.text)]
    check(len(set(keys)) == len(keys) and "a" not in keys, f"keys that are not alone: {keys}")
    without = [one.name for one in seen if "tab" in one.flags and "disabled" not in one.flags
               and "&" not in one.name]
    same(without, [], "what no key reaches")

@test
def every_control_has_a_name_and_its_place():
    with snap_in() as snapin:
        for page in PAGES:
            seen = snapin.controls(page)
            check_names(seen)
            check_access_keys(seen)
            same([one for one in seen if "outside" in one.flags], [],
                 "what lies outside of the page")
            same(snapin.do(enabled("ok")), ["1"], "whether OK can be pressed")
        snapin.cancel()

@test
def tab_goes_from_field_to_field():
    with snap_in() as snapin:
        walked = snapin.do(turn_to(LIMITS), typed(MAX_WAIT, 5000), *[TAB, FOCUS] * 5)
        same(walked, [str(id) for id in (QUEUE.edit, MIN_FREE.edit, SEGMENT.edit, 1, 2)], "what Tab reaches on the limits' page")
        walked = snapin.do(turn_to(JOURNAL), wait_for("ID_STATE", "no journal yet"), typed(FOLDER, "C:\\x"), *[TAB, FOCUS] * 3)
        same(walked, [str(id) for id in (ID["ID_BROWSE"], RETAIN.edit, 1)], "what Tab reaches after the folder, which is not there to be opened,")
        snapin.cancel()

# --- values ---
JUDGEMENTS = [
    (MAX_WAIT, "50", "MaxWaitMs is not valid. It must be a whole number from 100 to 60000 ms."),
    (MAX_WAIT, "", "MaxWaitMs is not valid. It must be a whole number"),
    (MAX_WAIT, "100", "100 to 60000 ms. Default: 5000."),
    (MIN_FREE, "1024", "0 to 1048576 MiB (1 TiB). Default: 1024 (1 GiB)."),
    (RETAIN, "36501", "RetainDays is not valid. It must be a whole number from 0 to 36500 days."),
    (SEGMENT, "0x10", "SegmentMiB is not valid. It must be"),
    (FOLDER, "\\\\nas\\x", "JournalDirectory is not valid. It must be on a disk of this machine"),
    (FOLDER, "", "JournalDirectory is not valid. It must be an absolute path"),
    (FOLDER, "C:\\Journal", "A folder on a disk of this machine"),
    (PROPERTIES, "Nonsense", 'Properties is not valid. "Nonsense": No property of that name is known.'),
    (PROPERTIES, "Officer|Challenge", 'Properties is not valid. "Challenge": It is a secret'),
    (PROPERTIES, "Officer|!RawRequest", "The manual (F1) lists"),
    (PROPERTIES, "Offi\u202ecer", "Properties is not valid. The names in it must be printable ASCII."),
]

@test
def each_value_is_judged_as_it_is_typed():
    with snap_in() as snapin:
        said = snapin.do(*[command for field, text, _ in JUDGEMENTS
                           for command in (turn_to(field.page), typed(field, text),
                                           reason_of(field))])
        for (field, text, reason), got in zip(JUDGEMENTS, said, strict=True):
            check(got.startswith(reason), f"{field.setting} {text!r}: {got}")
        snapin.cancel()
    same(values(), None, "the key")

def apply_only_when_something_is_other_than_it_was(snapin):
    for page in PAGES:
        same(snapin.do(turn_to(page), enabled("apply")), ["0"],
             f"whether Apply can be pressed on page {page}")
    said = snapin.do(turn_to(LIMITS), typed(MAX_WAIT, 77), enabled("apply"), typed(MAX_WAIT, 5000),
                     enabled("apply"))
    same(said, ["1", "0"],
         "whether Apply can be pressed with another value, and with that of before")

def apply_five_values(snapin):
    able, box, after = snapin.do(turn_to(LIMITS), typed(QUEUE, 8),
                                 turn_to(RECORDING), click("ID_EVENT_FIRST"), typed(PROPERTIES, "Officer|!RawRequest"),
                                 turn_to(JOURNAL), typed(RETAIN, 365), typed(FOLDER, "%SystemDrive%\\Journal"), enabled("apply"), press("apply"), BOX, enabled("apply"))
    same((able, after), ("1", "0"), "whether Apply can be pressed, before and after")
    for part in ("RetainDays", "QueueMiB", "EventMask", "Properties", "JournalDirectory",
                 "when the CA's service on localhost starts again"):
        check(part in box, f"{part} is missing: {box}")
    check("MaxWaitMs" not in box, box)
    same(values(), {"RetainDays": ("REG_DWORD", "0x16d"), "QueueMiB": ("REG_DWORD", "0x8"),
                    "EventMask": ("REG_DWORD", "0x3fe"),
                    "Properties": ("REG_MULTI_SZ", "Officer\\0!RawRequest"),
                    "JournalDirectory": ("REG_SZ", "C:\\Journal")}, "what was written")

def ok_with_the_default(snapin):
    (box,) = snapin.do(turn_to(JOURNAL), typed(RETAIN, 0), press("ok"), BOX, CLOSED)
    check("RetainDays" in box and "QueueMiB" not in box, box)

def ok_with_what_is_there(snapin):
    """No box comes, as there is nothing to write."""
    said = snapin.do(turn_to(LIMITS), value_of(QUEUE), turn_to(JOURNAL), value_of(RETAIN), turn_to(RECORDING), value_of(PROPERTIES), click("ID_EVENT_FIRST"),
                     click("ID_EVENT_FIRST"), typed(PROPERTIES, "Officer|!RawRequest"), press("ok"), CLOSED)
    same(said, ["8", "0", "Officer||!RawRequest"], "what the fields have")

@test
def apply_writes_and_says_when_it_takes_effect():
    with snap_in(times=2) as snapin:
        apply_only_when_something_is_other_than_it_was(snapin)
        same(snapin.do(enabled("apply")), ["0"], "whether Apply can be pressed")
        apply_five_values(snapin)
        ok_with_the_default(snapin)
        ok_with_what_is_there(snapin)
        snapin.end()
    same(set(values()), {"QueueMiB", "EventMask", "Properties", "JournalDirectory"},
         "what stands there, a default not among it,")

def install():
    if os.path.exists(TASK): os.remove(TASK)
    os.makedirs(INSTALLED, exist_ok=True)
    for name in "certwitness.dll", "certwitness_page.dll", "certwitness.exe":
        shutil.copy("build/bin/" + name, INSTALLED)

def applied(snapin, *types):
    """What the box says after Apply."""
    (box,) = snapin.do(*types, press("apply"), BOX)
    return box

def the_task_comes_with_the_first_limit(snapin):
    check("task" not in (box := applied(snapin, turn_to(LIMITS), typed(QUEUE, 9))), box)
    box = applied(snapin, turn_to(JOURNAL), typed(RETAIN, 365))
    check('The task "CertWitness prune" removes old files each day, through' in box and os.path.exists(TASK), box)
    check("task" not in (box := applied(snapin, typed(RETAIN, 30))), f"the task is there already: {box}")

def the_task_goes_with_the_limit_and_is_not_made_without_its_program(snapin):
    os.remove(INSTALLED + "/certwitness.exe")
    box = applied(snapin, typed(RETAIN, 0))
    check('the task "CertWitness prune" was removed' in box and not os.path.exists(TASK), box)
    box = applied(snapin, typed(RETAIN, 7))
    check("Changed: RetainDays" in box and "certwitness.exe is not there, so RetainDays would have no effect" in box and not os.path.exists(TASK), box)

def the_task_is_not_made_of_a_program_that_anybody_can_replace(snapin):
    open(INSTALLED + "/certwitness.exe", "w").close()
    os.chmod(INSTALLED + "/certwitness.exe", 0o666)
    check("would run whatever is put there, as SYSTEM" in (box := applied(snapin, typed(RETAIN, 8))), box)
    (box,) = snapin.do(typed(RETAIN, 0), turn_to(LIMITS), typed(QUEUE, 64), press("ok"), BOX, CLOSED)
    check("task" not in box, box)

@test
def the_task_that_prunes_follows_retaindays():
    install()
    with snap_in(dll=r"C:\CertWitness of page.t\certwitness.dll") as snapin:
        the_task_comes_with_the_first_limit(snapin)
        the_task_goes_with_the_limit_and_is_not_made_without_its_program(snapin)
        the_task_is_not_made_of_a_program_that_anybody_can_replace(snapin)
        snapin.end()

@test
def a_wrong_value_keeps_all_from_being_written_and_its_field_is_brought_up():
    before = values()
    with snap_in() as snapin:
        box, focus, text = snapin.do(turn_to(JOURNAL), typed(RETAIN, 30), turn_to(LIMITS), typed(MAX_WAIT, 50), turn_to(RECORDING), press("ok"), BOX, FOCUS, value_of(MAX_WAIT))
        check(box.startswith("MaxWaitMs, on the page Limits, is not valid. It must be a whole number from 100 to 60000 ms."), box)
        same((focus, text), (str(MAX_WAIT.edit), "50"), "where the keyboard is, and the text there,")
        snapin.cancel()
    same(values(), before, "what stands there")

IN_FORCE = "The default is in force."

@test
def a_value_that_the_registry_has_wrong_is_told_and_can_be_put_right():
    refusal = 'The registry holds "soon", which is not valid. ' + IN_FORCE
    set_value("MaxWaitMs", "soon")
    with snap_in() as snapin:
        said = snapin.do(turn_to(LIMITS), reason_of(MAX_WAIT), value_of(MAX_WAIT), typed(QUEUE, 9),
                         press("apply"), BOX, reason_of(MAX_WAIT))
        same(said[:2] + said[3:], [refusal, "5000", refusal],
             "what is said of it, the value, and what is said after another was written,")
        same(values()["MaxWaitMs"], ("REG_SZ", "soon"), "the value")
        (box,) = snapin.do(turn_to(LIMITS), typed(MAX_WAIT, 5000), press("ok"), BOX, CLOSED)
        check("MaxWaitMs" in box, box)
        snapin.end()
    check("MaxWaitMs" not in values(), values())

ODD_VALUES = [                                  # field, type, data, as it is shown
    (RETAIN, "REG_QWORD", "4294967297", "4294967297 (0x100000001)"),
    (QUEUE, "REG_BINARY", "00", "REG_BINARY, 1 byte"),
    (MIN_FREE, "REG_SZ", "\u202e\x1b[2J\u0416", '"\\u{202e}?[2J\u0416"'),
    (SEGMENT, "REG_SZ", "9" * 3000, '"' + "9" * 99),
    (PROPERTIES, "REG_DWORD", "7", "7 (0x7), which is not valid"),
    (FOLDER, "REG_SZ", "\\\\nas\\share", '"\\\\nas\\share", which is not valid'),
]

@test
def a_value_of_another_type_or_no_sense_is_shown_as_it_is_and_left_alone():
    for field, kind, data, _ in ODD_VALUES: set_value(field.setting, data, kind)
    before = values()
    with snap_in() as snapin:
        for field, _, _, shown in ODD_VALUES:
            reason, value = snapin.do(turn_to(field.page), reason_of(field), value_of(field))
            check(reason.startswith("The registry holds " + shown), f"{field.setting}: {reason}")
            if field.page == LIMITS: check(reason.endswith(IN_FORCE), f"{field.setting}: {reason}")
            if field is PROPERTIES: same(value, "", "the default of Properties")
            if field is FOLDER: check(value.endswith("CertWitness\\Page CA"), value)
        snapin.cancel()
    same(values(), before, "what stands there")
    for field, *_ in ODD_VALUES: delete_value(field.setting)

def may_be_changed(one):
    """Is it a control for a value: a field, or the check box of an event?"""
    is_event = ID["ID_EVENT_FIRST"] <= one.id < ID["ID_EVENTS_REASON"]
    return one.kind == "Edit" or is_event and one.kind == "Button"

@test
def read_only_shows_and_refresh_does_not():
    with snap_in(flags=READ_ONLY) as snapin:
        (title,) = snapin.do(TITLE)
        check(title.endswith("(read only)"), title)
        for page, least in (JOURNAL, 6), (RECORDING, 11), (LIMITS, 4):
            seen = [one for one in snapin.controls(page) if may_be_changed(one)]
            check(len(seen) >= least, f"page {page} has {len(seen)} values")
            same([one for one in seen if "readonly" not in one.flags and "disabled" not in one.flags], [], f"what can be changed on page {page}")
        said = snapin.do(turn_to(JOURNAL), typed(RETAIN, 77), value_of(RETAIN), put_at_once(RETAIN, 77), value_of(RETAIN), enabled("apply"), press("ok"), CLOSED)
        same(said, ["0", "77", "0"], "what is typed, what another program puts there, and whether Apply can be pressed")
        snapin.end()
    check("RetainDays" not in (values() or {}), values())
    with snap_in("-hwnd=i8", flags=READ_ONLY | REFRESH_ONLY) as snapin:
        check("owner" not in (said := snapin.end()), said)

# --- what Configure is given ---
@test
def the_window_is_the_owner_in_whatever_type_it_comes():
    known = ["i4", "i8", "i8ref", "bstr", "bstr4", "variant", "array"]
    odd = ["none", "stranger", "garbage"]
    with snap_in("-stranger") as stranger:
        while "held" not in stranger.said() and stranger.process.poll() is None: time.sleep(0.02)
        with snap_in("-hwnd=" + ",".join(known + odd), "-exit") as snapin:
            for _ in known + odd: snapin.do(*CANCEL)
            said = snapin.end()
        same(stranger.said(), "held\n", "what was done to another's window")
        check("no such window" not in said, said)
    parts = said.split("hwnd ")[1:]
    same([part.split()[0] for part in parts], known + odd, "the types that were given")
    for part in parts:
        same("owner disabled\nowner enabled\n" in part, part.split()[0] in known,
             f"whether the window was the owner: {part}")

@test
def it_is_not_shown_where_nobody_could_see_it():
    with snap_in("-station") as snapin: check("where no user can see its windows" in (said := snapin.end(hr=0x800705b3)), said)

@test
def a_page_that_is_missing_or_not_ours_is_told():
    alone = WORK + "/alone"
    os.makedirs(alone)
    shutil.copy(DLL, alone)
    with snap_in(dll=alone + "/certwitness.dll") as snapin:
        said = snapin.end(hr=0x8007007e)
        check(windows(alone + "/certwitness_page.dll") in said
              and "install both from one package" in said, said)
    shutil.copy("build/bin/certexitps.dll", alone + "/certwitness_page.dll")
    with snap_in(dll=alone + "/certwitness.dll") as snapin:
        check("is not CertWitness's" in (said := snapin.end(hr=0x8007007f)), said)

@test
def a_page_of_another_version_is_refused():
    code, said = wine(SNAPIN, windows("build/bin/certwitness_page.dll"), "-version=9.9.9")
    check(f"certwitness.dll has version 9.9.9 and certwitness_page.dll has version {VERSION}." in said and "hr 0x8007051a" in said, said)

STORAGE = OURS[1]
NO_CAS = [                                      # configuration string, key, HRESULT, what is said
    (r"localhost\Nobody", CONFIGURATION[len("HKLM\\"):] + r"\Nobody" + MODULE, 0x80070002, 'The CA "Nobody" was not found on localhost'),
    (r"localhost\Other CA", STORAGE, 0x8007000d, "The snap-in named two CAs"),
    ("x" * 300 + "\\Page CA", STORAGE, 0x8007000d, "more than 255 characters"),
    ("a b|c\\Page CA", STORAGE, 0x8007000d, "The machine name is not valid"),
    (r"no-such-machine\Page CA", STORAGE, 0x80070035, "The registry of no-such-machine could not be opened"),
    ("localhost\\" + "x" * 3000, r"SYSTEM\CurrentControlSet\Services\Tcpip", 0x80070002, "was not found"),
]

@test
def a_ca_that_is_not_there_is_told_and_no_key_is_made():
    reg("add", CONFIGURATION + r"\Other CA", "/f")
    with SnapIn(names=[case[:2] for case in NO_CAS], dll=DLL) as snapin:
        boxes = snapin.do_without_sheet(*[BOX] * len(NO_CAS))
        parts = snapin.end(hr=NO_CAS[0][2]).split("hr ")[1:]
    for (*_, hr, sentence), box, part in zip(NO_CAS, boxes, parts, strict=True):
        check(sentence in box and sentence in part and part.startswith(f"0x{hr:08x}"),
              f"{sentence}: {box}; {part}")
    same(values(CONFIGURATION + r"\Nobody"), None, "the key of a CA that is not there")
    same(values(CONFIGURATION + r"\Other CA" + MODULE), None, "the module's key of the other CA")

ZURICH = CONFIGURATION[len("HKLM\\"):] + r"\Z!00fcrich CA !0028 1 !0029" + MODULE
KEYS = [                                        # configuration string, key, the key that is found
    (OURS[0], "-", STORAGE), ("-", STORAGE, STORAGE), ("-", "-", STORAGE),
    ("-", STORAGE.replace("ExitModules", "Exit"), STORAGE),
    ("-", STORAGE.upper(), STORAGE.replace("Page", "PAGE")),
    (r"PKI.example\Page CA", STORAGE, STORAGE),
    (OURS[0], r"SOFTWARE\Microsoft\Windows", STORAGE),
    ("localhost\\Z\u00fcrich CA ( 1 )", "-", ZURICH),
    (r"localhost\Z!00fcrich CA !0028 1 !0029", ZURICH, ZURICH),
]

@test
def the_key_is_found_from_either_name_and_composed_here():
    reg("add", CONFIGURATION + r"\Z!00fcrich CA !0028 1 !0029\ExitModules", "/f")
    set_value("CAServerName", "pki.example", key=CONFIGURATION + r"\Page CA")
    with SnapIn(names=[case[:2] for case in KEYS], dll=DLL) as snapin:
        for config, storage, want in KEYS:
            same(snapin.do(turn_to(ABOUT), text_of("ID_ABOUT_KEY"), *CANCEL)[0], want,
                 f"the key for {config} and {storage}")
        snapin.end()

# --- the journal ---
def line_of(kind, sequence=1, previous="0" * 64):
    run = "11111111-2222-4333-8444-555555555555"
    body = f'{{"specversion":"1.0","id":"{run}-{sequence:020}","source":"/adcs/a/b","type":"certwitness.{kind}","subject":"request/7",' \
           f'"time":"2001-01-01T00:00:01.000Z","sequence":"{sequence:020}","previoushash":"{previous}","flushed":"{sequence - 1:020}",' \
           f'"datacontenttype":"application/json","data":{{}}'
    return f'{body},"hash":"{hashlib.sha256(body.encode()).hexdigest()}"}}\n'.encode()

def file_of(folder, number): return f"{folder}/{number:020}.jsonl"

def put(folder, number, text):
    with open(file_of(folder, number), "wb") as file: file.write(text)

def put_hole(folder, number, size, end=b""):
    """A file of this size and end, which takes no room on the disk."""
    with open(file_of(folder, number), "wb") as file:
        file.truncate(size)
        file.seek(0, 2), file.write(end)

def journal_of_20_gib():
    """320 files, the last of which is not to be read whole."""
    folder = ON_C + "/journal"
    shutil.rmtree(ON_C, ignore_errors=True)
    os.makedirs(folder, 0o700)
    for number in range(1, 320): put_hole(folder, number, 1 << 20)
    put_hole(folder, 320, (20 << 30) - (319 << 20), b"\n" + line_of("certificate.issued", 320))
    set_value("JournalDirectory", r"C:\folders of page.t\journal")
    return folder

def look_again(snapin, until, *more): return snapin.do(click("ID_LOOK"), until, *more)

@test
def a_journal_of_20_gib_is_told_of_from_its_tail():
    folder = journal_of_20_gib()
    with snap_in() as snapin:
        size, state = snapin.do(wait_for("ID_LAST", "certificate.issued (request/7), "), text_of("ID_SIZE"), text_of("ID_STATE"))
        check(size == "20 GiB in 320 files" and "There is a journal" in state, (size, state))
        put(folder, 321, line_of("module.stopped", 321) + line_of("ca.started", 322).replace(b"request/7", b"request/8"))       # of a wrong hash
        look_again(snapin, wait_for("ID_LAST", "module.stopped (request/7)"))
        put(folder, 322, b"half a line")
        (last,) = look_again(snapin, wait_for("ID_SIZE", "322 files"), text_of("ID_LAST"))
        check(last.startswith("module.stopped (request/7), "), last)
        snapin.cancel()
    same(len(os.listdir(folder)), 322,
         "the number of files, nothing of which was made by the page,")
    shutil.rmtree(ON_C)

@test
def the_folder_is_looked_at_when_the_button_is_pressed_and_not_only_every_five_seconds():
    """By itself the page looks five seconds after the last look, which ended behind `start`. On a busy
    machine the two looks may take longer: once more."""
    folder = journal_of_20_gib()
    with snap_in() as snapin:
        for number in range(321, 343, 2):
            start = time.monotonic()
            for one in number, number + 1:
                put(folder, one, b"")
                look_again(snapin, wait_for("ID_SIZE", f"{one} files"))
            if (took := time.monotonic() - start) < 4.9: break
        check(took < 4.9, f"two looks took {took:.1f} s")
        snapin.cancel()
    shutil.rmtree(ON_C)

@test
def the_last_event_has_local_time_and_its_zone():
    folder = journal_of_20_gib()
    for zone, ahead, day in ("EAST-5:30", "(UTC+05:30)", "1"), ("WEST3:30", "(UTC-03:30)", "31"):
        with snap_in(env=dict(ENV, TZ=zone)) as snapin:
            (last,) = snapin.do(wait_for("ID_LAST", "certificate.issued"), text_of("ID_LAST"))
            check(last.endswith(ahead) and day in re.findall(r"\d+", last), f"{zone}: {last}")
            snapin.cancel()
    shutil.rmtree(ON_C)

@contextlib.contextmanager
def service():
    """A service of the CA's name, which does not run. With it goes all that is below its key."""
    assert wine("sc", "create", "CertSvc", "binPath=", "C:\\none.exe")[0] == 0
    try: yield
    finally:
        wine("sc", "delete", "CertSvc")
        make_ca()

UNCLEAN = "it ended without closing its journal"
ENDS = [                                        # the last event, what follows it, what is said
    ("module.stopped", b"half a li", "Attention. The CA's service does not run, and " + UNCLEAN),
    ("module.stopped", b"", "its journal was closed properly"),
    ("ca.stopping", b"", "its journal was closed properly"),
    ("ca.started", b"", UNCLEAN),
]

@test
def how_a_service_that_does_not_run_ended_is_told():
    folder = journal_of_20_gib()
    with service(), snap_in() as snapin:
        for kind, tail, text in (("module.stopped", b"half a li", "Warning: The CA's service is not running, and it ended without closing its journal"),
                                 ("module.stopped", b"", "Its journal was closed properly"), ("ca.stopping", b"", "Its journal was closed properly"),
                                 ("ca.started", b"", "it ended without closing its journal")):
            put(folder, 321, line_of(kind, 321) + tail)
            look_again(snapin, wait_for("ID_LAST", kind), wait_for("ID_STATE", text))
        snapin.cancel()
    shutil.rmtree(ON_C)

# --- the folder ---
JOURNALS = {"garbage": b"no line at all", "strange": line_of("\u202e\x7f&" + "x" * 300),
            "held": line_of("module.stopped")}
FOLDERS = [                                     # where a folder is, and what is said of it
    (windows(WORK + "/link"), f"{windows(WORK)}\\link: It leads to another place"),
    (windows(WORK + "/file"), "file: It is a file, not a folder."),
    (windows(WORK + "/garbage"), "Error: The end of the journal has no intact line."),
    (r"C:\folders of page.t\strange", "There is a journal"),
    (windows(WORK + "/held"), "Error: The journal cannot be read (error 32)."),
    (windows(WORK + "/open"), "Error: CertWitness does not write into this folder. " + windows(WORK + "/open")),
    ("Q:\\nothing", "Error: The drive of the journal is missing."),
    (r"C:\folders of page.t\none", "There is no journal yet."),
]

def make_folders():
    os.makedirs(WORK + "/open", 0o777), os.chmod(WORK + "/open", 0o777)
    os.makedirs(WORK + "/private", 0o700)
    os.symlink("private", WORK + "/link")
    open(WORK + "/file", "w").close()
    for name, text in JOURNALS.items():
        for place in WORK, ON_C:
            os.makedirs(f"{place}/{name}", 0o700)
            put(f"{place}/{name}", 1, text)

@test
def folders_that_cannot_be_are_told():
    make_folders()
    with held(file_of(WORK + "/held", 1)):
        for folder, text in FOLDERS:
            set_value("JournalDirectory", folder)
            with snap_in() as snapin:
                (last,) = snapin.do(wait_for("ID_STATE", text), text_of("ID_LAST"))
                if folder.endswith("strange"):
                    check(re.fullmatch(r"\?\?\?\?&x{122} \(request/7\), \S+ \S+.*", last), last)
                snapin.cancel()
    shutil.rmtree(ON_C)

def says_that_it_is_not_known(level, shown, why, innermost):
    """Opened to everybody besides: what cannot be judged must not hide that."""
    how, reason = why
    os.chmod(level, 0o777)
    said = f"Error: It is not known whether CertWitness writes into this folder. {shown}: {reason}"
    if how is denied and innermost: said = "Warning: The state of the journal is not known: only administrators can read it."
    with how(level), snap_in() as snapin:
        snapin.do(wait_for("ID_STATE", said))
        snapin.cancel()
    os.chmod(level, 0o700)

@test
def a_folder_that_cannot_be_judged_is_told_at_each_level():
    in_program_data = [(PROGRAM_DATA, r"C:\ProgramData\CertWitness"),
                       (PROGRAM_DATA + "/Page CA", r"C:\ProgramData\CertWitness\Page CA")]
    for levels in in_program_data, [(WORK + "/kept", windows(WORK + "/kept"))]:
        innermost, shown = levels[-1]
        os.makedirs(innermost, exist_ok=True)
        set_value("JournalDirectory", shown)
        for level, shown in levels:
            for why in UNJUDGED: says_that_it_is_not_known(level, shown, why, level == innermost)
        shutil.rmtree(levels[0][0])

# --- what the buttons open ---
CLASSES = r"HKLM\Software\Classes"
OPENED = DRIVE_C + "/opened of page.t"
DDE = CLASSES + r"\Folder\shell\open\ddeexec"

@contextlib.contextmanager
def opening_is_noted():
    """What shows folders and web pages writes down what it is given, and shows nothing."""
    os.makedirs(OPENED, exist_ok=True)
    shutil.copy(DRIVE, OPENED + "/note.exe")
    program = r'"C:\opened of page.t\note.exe" "%1"'
    reg("add", CLASSES + r"\.html", "/ve", "/d", "PageTest", "/f")
    reg("add", CLASSES + r"\PageTest\shell\open\command", "/ve", "/d", program, "/f")
    reg("add", CLASSES + r"\Folder\shell\open\command", "/ve", "/d", program, "/f")
    wine("reg", "delete", DDE, "/f")
    try: yield
    finally:
        for key in r"\.html", r"\PageTest", r"\Folder\shell\open\command": reg("delete", CLASSES + key, "/f")   # Wine has none of them
        reg("add", DDE, "/ve", "/d", "[ViewFolder(%l, %I, %S)]", "/f")
        reg("add", DDE, "/v", "NoActivateHandler", "/f")
        reg("add", DDE + r"\application", "/ve", "/d", "Folders", "/f")
        shutil.rmtree(OPENED)

def noted():
    """The next thing that was opened, or None after a while."""
    path = OPENED + "/noted.txt"
    for _ in range(1200):
        if os.path.exists(path) and os.path.getsize(path):
            with open(path) as file: text = file.read().strip()
            os.remove(path)
            return text
        time.sleep(0.05)

def flags_of(snapin, name): return next(one.flags for one in snapin.controls(JOURNAL) if one.id == ID[name])

@test
def open_folder_opens_the_journals_folder_and_can_be_pressed_only_if_there_is_one():
    os.makedirs(ON_C + "/here", 0o700, exist_ok=True)
    set_value("JournalDirectory", r"C:\folders of page.t\here")
    with opening_is_noted(), snap_in() as snapin:
        snapin.do(wait_for("ID_STATE", "There is no journal yet."), push("ID_OPEN_FOLDER"))
        same(noted(), 'C:\\folders of page.t\\here"', "what was opened")
        os.rmdir(ON_C + "/here")
        (box,) = snapin.do(push("ID_OPEN_FOLDER"), BOX)
        check(box.startswith(r"The folder C:\folders of page.t\here no longer exists"), box)
        snapin.do(click("ID_LOOK"))
        for _ in range(200):
            if "disabled" in (flags := flags_of(snapin, "ID_OPEN_FOLDER")): break
        check("disabled" in flags, f"the button where there is no folder: {flags}")
        snapin.cancel()
    shutil.rmtree(ON_C)

@test
def browse_puts_the_folder_that_was_chosen_into_the_field():
    os.makedirs(ON_C + "/chosen", exist_ok=True)
    set_value("JournalDirectory", r"C:\folders of page.t\not there")
    with snap_in() as snapin:
        said = snapin.do(turn_to(JOURNAL), push("ID_BROWSE"), choose(""), value_of(FOLDER), enabled("apply"))
        same(said, [r"C:\folders of page.t\not there", "0"], "the field, and whether Apply can be pressed, after Cancel")
        said = snapin.do(push("ID_BROWSE"), choose(r"C:\folders of page.t\chosen"), value_of(FOLDER), enabled("apply"), FOCUS)
        same(said, [r"C:\folders of page.t\chosen", "1", str(FOLDER.edit)], "the field, whether Apply can be pressed, and the focus, after OK")
        snapin.do(*CANCEL)
        snapin.process.wait(60)
    with snap_in(flags=READ_ONLY) as snapin:
        check("disabled" in flags_of(snapin, "ID_BROWSE"), "Browse can be pressed where nothing can be changed")
        snapin.cancel()
    shutil.rmtree(ON_C)

HELP = {JOURNAL: "settings--the-journals-folder", RECORDING: "settings--what-is-recorded-of-a-request", LIMITS: "settings--the-settings",
        ABOUT: "settings--the-page-in-the-snap-in"}

@test
def f1_and_help_show_the_manual_at_the_page_that_is_open():
    install()
    manual = INSTALLED + "/manual.html"
    subprocess.run(("src/packaging/manual", manual, VERSION), check=True)
    with open(manual) as file: text = file.read()
    with opening_is_noted(), snap_in(dll=r"C:\CertWitness of page.t\certwitness.dll") as snapin:
        for page, anchor in HELP.items():
            check(f'id="{anchor}"' in text, f"{anchor} is not in the manual")
            for way in press("help"), F1:
                snapin.do(turn_to(page), way)
                same(noted(), f"file:///C:/CertWitness%20of%20page.t/manual.html#{anchor}", f"what {way} opened on page {page}")
        snapin.cancel()

@test
def a_manual_that_is_missing_is_told_and_one_above_bin_is_found():
    install()
    os.makedirs(INSTALLED + "/bin", exist_ok=True)
    for name in "certwitness.dll", "certwitness_page.dll": shutil.copy("build/bin/" + name, INSTALLED + "/bin")
    if os.path.exists(INSTALLED + "/manual.html"): os.remove(INSTALLED + "/manual.html")
    with opening_is_noted(), snap_in(dll=r"C:\CertWitness of page.t\bin\certwitness.dll") as snapin:
        (box,) = snapin.do(press("help"), BOX)
        check(box.startswith(r"The manual is missing: there is no C:\CertWitness of page.t\manual.html."), box)
        open(INSTALLED + "/manual.html", "w").close()
        snapin.do(press("help"))
        same(noted(), "file:///C:/CertWitness%20of%20page.t/manual.html#" + HELP[JOURNAL], "what was opened")
        snapin.cancel()

def prepare():
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    # windows without a display, where there is none
    reg("add", r"HKCU\Software\Wine\Drivers", "/v", "Graphics", "/d", "x11,null", "/f")
    wine("reg", "delete", CONFIGURATION, "/f")
    make_ca()

def put_all_back():
    for each in keepers: each.kill()
    shutil.rmtree(INSTALLED, ignore_errors=True)
    wine("reg", "delete", CONFIGURATION, "/f")
    # the other tests have no windows at all
    wine("reg", "delete", r"HKCU\Software\Wine\Drivers", "/v", "Graphics", "/f")

prepare()
run_tests(finish=put_all_back)
