#!/usr/bin/python3
"""`stubca check` and the host's safety, from outside.

Each module in tests/modules breaks the rule that its first line names, or none: check must name that rule and no other.
The same modules are then loaded by a CA that plays a scenario, which has to survive them.
"""
import sys; sys.path[0] += "/../lib"
import glob, os, re, shutil

from commands import finished, windows
from machine import on_machine
from openssl import make_request
from tap import Skip, check, run as run_tests, test
from x_server import x_server

on_machine("stub")
WORK, STUBCA = "build/tests/stubca/check", "build/bin/stubca.exe"
SERVICE = r"HKLM\System\CurrentControlSet\Services\CertSvc"
QUICK = "--quick-ms=10000"              # a busy machine takes a second for a dialog, three times in a row
OPTIONS = {"fault_hangs": ["--seconds=3"], "fault_unload": ["--seconds=3"], "fault_threads": ["--seconds=3"],
           "fault_quick": ["--quick-ms=150"]}

def wine(*command, **more):
    return finished("wine/run", *command, text=True, **more)

class Registered:
    """DLLs, registered for a while."""
    def __init__(self, *dlls): self.dlls = dlls
    def __enter__(self):
        done = wine("regsvr32.exe", "/s", *self.dlls)
        assert done.returncode == 0, f"{self.dlls} were not registered: {done}"
    def __exit__(self, *_): wine("regsvr32.exe", "/s", "/u", *self.dlls)

def module(name):
    return f"build/tests/modules/{name}.dll"

def source(name):
    return open(f"tests/modules/{name}.c").read()

def progid(name):
    return re.search(r'progid = L"([^"]*)"', source(name))[1]

def examine(name_of_class, *options):
    done = wine(STUBCA, "check", QUICK, *options, name_of_class)
    broken = re.findall(r"^not ok \d+ - (\w+):", done.stdout, re.M)
    lines = re.findall(r"^(?:not )?ok (\d+) - (\w+): .* \([^()]+\)(?: # SKIP .*)?$", done.stdout, re.M)
    plan = re.match(r"1\.\.(\d+)\n", done.stdout)
    check(plan and [int(number) for number, _ in lines] == list(range(1, int(plan[1]) + 1)),
          f"{name_of_class}: not a line of TAP with a source for each rule:\n{done.stdout}{done.stderr}")
    check(done.returncode == (1 if broken else 0), f"{name_of_class}: exit code {done.returncode}\n{done.stderr}")
    return broken, done.stdout

NAMES = sorted(os.path.basename(path)[:-2] for path in glob.glob("tests/modules/*.c"))
RIGHT = [name for name in NAMES if name.startswith("right")]
FAULTY = [name for name in NAMES if name.startswith("fault")]

# Tests.

# Its text is freed memory from the second call on: what another rule finds there is left to chance.
MORE = {"fault_same": {"late"}}

def fault(name):
    def names_it():
        rule = re.match(r"/\* Breaks `(\w+)`", source(name))[1]
        broken, text = examine(progid(name), *OPTIONS.get(name, []))
        check(rule in broken and set(broken) <= {rule} | MORE.get(name, set()), f"expected {rule} alone, got {broken}\n{text}")
        check(re.search(rf"^# {rule}: \S", text, re.M), f"it is not told why {rule} is broken\n{text}")
    names_it.__name__ = f"{name}_is_named_for_its_fault_and_no_other"
    return names_it

def right(name):
    def names_nothing():
        broken, text = examine(progid(name))
        check(not broken, text)
    names_nothing.__name__ = f"{name}_breaks_no_rule"
    return names_nothing

for name in RIGHT: test(right(name))
for name in FAULTY:
    if name != "fault_window": test(fault(name))           # that one needs a display

def examine_on(display, name_of_class):
    """On a desktop of an X server's windows are made, and wait for somebody. Without one MessageBox fails at once."""
    said = f"{WORK}/display.txt"            # a file: Wine 10's explorer hands nothing on that a program could write to
    wine("explorer.exe", f"/desktop=Check{os.getpid()},800x600", "cmd.exe", "/c", windows(STUBCA), "check", QUICK, name_of_class, ">", windows(said), env={"DISPLAY": display})
    with open(said, encoding="utf-8") as file: text = file.read().replace("\r\n", "\n")
    return re.findall(r"^not ok \d+ - (\w+):", text, re.M), text

@test
def a_window_on_a_display_is_named_and_waits_for_nobody():
    with x_server("800x600") as display:
        for name, window in (("FaultUi.Exit", 'a window "" of class #32770 was to be shown'),
                             ("FaultWindow.Exit", 'a window "Denied – Y/N" of class #32770 was shown')):
            broken, text = examine_on(display, name)        # a window that waited would break `returns`, too
            # In Wine 10 each dialog leaves memory behind, which is Wine's.
            check(set(broken) - {"memory"} == {"ui"} and f"\n# ui: {window}\n" in text, f"{broken}\n{text}")

@test
def a_module_without_windows_breaks_no_rule_on_a_display():
    with x_server("800x600") as display: broken, text = examine_on(display, "Right.Exit")
    check(not broken and text.startswith("1..35\n"), text)

@test
def our_own_module_breaks_no_rule():
    with Registered("build/bin/certwitness.dll"): broken, text = examine("CertWitness.Exit")
    check(not broken and " # SKIP " not in text, text)
    check(text.startswith("1..35\n") and len(re.findall(r"^ok \d+ - ", text, re.M)) == 35, text)

@test
def the_module_to_start_from_is_built_as_it_says_and_breaks_no_rule():
    if "compiler" in os.environ.get("CERTWITNESS_LACKS", ""): raise Skip("there is no compiler here")
    shutil.rmtree(f"{WORK}/kit", ignore_errors=True)
    for folder in ("sdk", "include", "lib"): os.makedirs(f"{WORK}/kit/{folder}")
    shutil.copy("wine/sdk/my_exit.c", f"{WORK}/kit/sdk")
    for path in glob.glob("gen/*.h"): shutil.copy(path, f"{WORK}/kit/include")
    for path in glob.glob("gen/*_i.c"): shutil.copy(path, f"{WORK}/kit/lib")
    command = re.search(r"^ \*   (\S*gcc .*)$", source("../../wine/sdk/my_exit"), re.M)[1]
    done = finished(*command.split(), text=True, cwd=f"{WORK}/kit")
    check(done.returncode == 0, done.stderr)
    with Registered(f"{WORK}/kit/my_exit.dll"): broken, text = examine("MyApp.Exit")
    check(not broken and text.count(" # SKIP ") == 2, text)
    code = [line for line in source("../../wine/sdk/my_exit").split("\n") if line.strip() and not re.match(r" ?\*|/\*", line.strip())]
    check(len(code) <= 100 and max(map(len, code)) <= 130, f"{len(code)} lines of code, the longest {max(map(len, code))}")

@test
def what_is_not_registered_cannot_be_examined():
    done = wine(STUBCA, "check", "Nobody.Exit")
    check(done.returncode == 2 and "not ok" not in done.stdout and "Nobody.Exit is not registered" in done.stderr, str(done))
    for bad in (["check", "--seconds=0", "Right.Exit"], ["check", "--nonsense", "Right.Exit"], ["check", "a\\b"],
                ["check", "Right.Exit", "novalue"]):
        check(wine(STUBCA, *bad).returncode == 2, f"{bad} was accepted")

@test
def a_missing_export_is_named():
    """The same DLL with the last of its exported names spelled otherwise."""
    data = open(module("right"), "rb").read()
    check(b"\0DllUnregisterServer\0" in data, "right.dll has changed")
    open(f"{WORK}/patched.dll", "wb").write(data.replace(b"\0DllUnregisterServer\0", b"\0DllUnregisterServes\0"))
    wine("regsvr32.exe", "/s", f"{WORK}/patched.dll")
    broken, text = examine("Right.Exit")
    wine("regsvr32.exe", "/s", module("right"))
    check(broken == ["exports"], text)

@test
def a_class_that_leads_elsewhere_is_named():
    key = r"HKLM\Software\Classes\CLSID\{5D1B7C01-2F7A-4C66-8C0D-3A5190EE2744}\ProgID"
    wine("reg.exe", "add", key, "/ve", "/d", "RightLate.Exit", "/f")
    broken, text = examine("Right.Exit")
    wine("reg.exe", "delete", key, "/f")
    check(broken == ["registered"] and "leads to another class" in text, text)

@test
def help_and_readme_list_the_rules_that_there_are():
    text = wine(STUBCA, "--help").stdout.replace("\n" + 15 * " ", " ")
    listed = re.findall(r"^  (\w+) +\S.* \(([^()]+)\)$", text[text.index("\n  progid "):], re.M)
    table = re.findall(r"^\| `(\w+)` \| .* \| ([^|]+) \|$", open("wine/README.md").read(), re.M)
    check(len(listed) >= 35 and listed == table, f"help {listed}\nREADME {table}")

@test
def values_reach_the_modules_key():
    """FaultKey.Exit does not begin without its key: it is there, and is there again after it was taken away."""
    done = wine(STUBCA, "check", "FaultKey.Exit", "Name=some text", "Number=7")
    check(re.findall(r"^not ok \d+ - (\w+)", done.stdout, re.M) == ["key"], done.stdout)

# The host.

def play(modules, steps, settings=""):
    names = [progid(name) for name in modules]
    file = f"{WORK}/played.scenario"
    lines = ['ca "Host CA" dns=ca01.example out=' + WORK + "/pki", "template User eku=clientAuth days=365",
             "template Slow eku=clientAuth days=365 approval=manager", *[f"module {name}" for name in names], settings]
    open(file, "w").write("\n".join(lines + ["start", *steps, "stop"]) + "\n")
    return wine(STUBCA, "run", file)

SUBMIT = f"submit alice request={WORK}/alice.csr template=User requester=EXAMPLE\\alice"
DENY = [f"submit eve request={WORK}/alice.csr template=Slow requester=EXAMPLE\\eve expect=pending", "deny eve"]

def went_well(done, *parts):
    check(done.returncode == 0, done.stdout + done.stderr)
    for part in parts: check(part in done.stdout, f"no {part!r} in\n{done.stdout}")

@test
def a_module_that_throws_is_event_45_and_stays_loaded():
    done = play(["fault_throws"], [SUBMIT, 'log 45 "FaultThrows.Exit"', SUBMIT.replace("alice", "bob", 1), 'log 45 "0xc0000005"',
                                   *DENY])
    went_well(done, '# event 45: The "FaultThrows.Exit" Exit Module "Notify" method caused an exception at address 0x')

@test
def a_cpp_exception_is_event_45_and_its_destructors_run():
    done = play(["fault_throws_object"], [*DENY, 'log 45 "0x20474343"', SUBMIT, "revoke alice reason=keyCompromise"])
    went_well(done)

@test
def the_other_modules_are_told_all_the_same():
    done = play(["fault_throws", "right_late", "fault_late"], [SUBMIT, "log 45", *DENY, 'log 46 "FaultLate.Exit"'])
    went_well(done, "is called by name")

@test
def what_a_module_catches_itself_is_none_of_the_hosts_business():
    went_well(play(["right_catches"], [SUBMIT, *DENY, "revoke alice reason=keyCompromise"]))

@test
def a_module_called_by_name_tells_why_it_fails():
    done = play(["fault_late"], [SUBMIT, *DENY, 'log 46 "It was told by name to fail."'])
    went_well(done, "0x80070005", "FaultLate.Exit: \"FaultLate.Exit\", wants events 0x2ff, is called by name")

@test
def a_module_of_an_apartment_is_called_in_it():
    """It fails on every thread but its own."""
    went_well(play(["fault_threading"], [SUBMIT, *DENY, "crl base", "revoke alice reason=keyCompromise"]))

@test
def the_name_of_the_cas_own_module_is_refused():
    done = play(["fault_description"], ['log 46 "own exit module"', SUBMIT])
    went_well(done, 'The "FaultDescription.Exit" Exit Module "GetDescription" method', 'FaultDescription.Exit: "", wants')

@test
def modules_that_cannot_begin_are_left_out():
    went_well(play(["fault_initialize", "right"], ['log 46 "Initialize"', SUBMIT]), "Right.Exit: ")

@test
def nothing_is_left_behind():
    check(wine("reg.exe", "query", SERVICE).returncode != 0, "the CA's keys are still there")
    check(wine("reg.exe", "query", r"HKLM\Software\Classes\TypeLib\{91686CA5-803D-48CE-BE62-200D98B886C4}").returncode != 0
          and wine("reg.exe", "query", r"HKLM\Software\Classes\Interface\{E19AE1A0-7364-11D0-8816-00A0C903B83C}").returncode != 0,
          "the type library is registered")
    left = glob.glob(os.environ.get("WINEPREFIX", "build/wine") + "/drive_c/users/*/AppData/Local/Temp/stubca-check-*")
    check(not left, f"left: {left}")

os.makedirs(WORK, exist_ok=True)
make_request(f"{WORK}/alice.csr", name="Alice")
with Registered(*map(module, RIGHT + FAULTY)): run_tests()
