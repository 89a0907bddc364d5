#!/usr/bin/python3
"""The MSI, from outside, by Wine's msiexec: installed, used, upgraded, used and removed; registry and disk before and after."""
import sys; sys.path[0] += "/../lib"
import glob, os, pathlib, re, shutil, subprocess, tempfile

from commands import run, windows, wine
from helper import HELPER, UNJUDGED, held, kept, multi, powerless, put, registry
from machine import on_machine
from package import lay_out
from tap import check, run as run_tests, same, test
from verify import verify
from version import VERSION

powerless()
on_machine("install")
WORK = "build/tmp/msi"
DRIVE = os.environ["WINEPREFIX"] + "/drive_c"
HOME = DRIVE + "/Program Files/CertWitness"
SERVICE = r"SYSTEM\CurrentControlSet\Services\CertSvc"
CA = SERVICE + r"\Configuration\MSI CA"
EVENTS = r"SYSTEM\CurrentControlSet\Services\EventLog"
DELIVERY, DELIVERS = "certwitness-delivery.exe", r"SYSTEM\CurrentControlSet\Services\CertWitnessDelivery"
OURS, DEFAULT = "CertWitness.Exit", "CertificateAuthority_MicrosoftDefault.Exit"

def active():
    found = [line.split("\t") for line in registry("dump", CA + r"\ExitModules")]
    kind, data = next((line[2:] for line in found if line[1:2] == ["Active"]), (None, ""))
    return bytes.fromhex(data)

def machine(*modules, kind=7):
    registry("delete", SERVICE, *put(CA, "CommonName", "MSI CA"), *put(CA + r"\ExitModules", "Active", multi(*modules), kind))

# Wine's own, and no trace of ours: Perflib and the like, the keys that its installer makes for its first product and never removes, and what it
# notes of the components of an installation that failed.
OF_WINE = re.compile(r"""Software\\(Wine|Microsoft\\Windows\ NT\\CurrentVersion\\(Perflib|Fonts)
    |(Classes|Microsoft\\Windows\\CurrentVersion)\\Installer(\\(Features|Products|UpgradeCodes|UserData(\\S-1-5-18(\\Products)?)?))?$
    |Microsoft\\Windows\\CurrentVersion\\Installer\\UserData\\S-1-5-18\\Components)""", re.X)

def picture():
    """The machine's software, services that we could touch, and every file outside the journal and the installer's own folders."""
    lines = set(registry("dump", "Software", "dump", SERVICE, "dump", EVENTS))
    files = {path for top in (DRIVE + "/Program Files", DRIVE + "/ProgramData") for folder, a, b in os.walk(top) for path in (f"{folder}/{n}" for n in a + b)}
    return {line for line in lines if not OF_WINE.match(line)} | files

def msiexec(*arguments):
    """Exit code (Windows' & 0xff) and what the log says."""
    log = f"{WORK}/log.txt"
    code, said = wine("msiexec.exe", *arguments, "/qn", "/l*v", log)
    text = open(log, "rb").read() if os.path.exists(log) else b""
    return code, text.decode("utf-16" if text[:2] == b"\xff\xfe" else "utf-8", errors="replace") + said

def package(name, *version):
    path = f"{WORK}/{name}.msi"
    if not os.path.exists(path):
        code, said = run("src/packaging/msi", f"{WORK}/package", path, *version)
        assert code == 0, said
    return path

def old(): return package("old", "0.0.9")
def new(): return package("new")

def fine(*arguments):
    code, said = msiexec(*arguments)
    assert code == 0, (arguments, code, said[-3000:])

def play(name):
    """A CA that runs with what is installed, and the lines of its journal."""
    open(f"{WORK}/{name}.scenario", "w").write(f'ca "MSI scenario" dns=ca.example out={WORK}/pki\nmodule {OURS}\nstart\ncrl base\nstop\n')
    kept = registry("dump", SERVICE)
    registry("delete", SERVICE)                 # the stub CA makes keys of its own
    code, said = wine("build/bin/stubca.exe", "run", f"{WORK}/{name}.scenario")
    assert code == 0, said
    for line in kept:
        key, *value = line.split("\t")
        if value: registry("put", key, *value)
    return verify(DRIVE + "/ProgramData/CertWitness/MSI scenario")

@test
def installed_used_upgraded_used_and_removed_it_leaves_the_journal_and_nothing_else():
    machine(DEFAULT, "Other.Exit")
    registry(*put(CA + rf"\ExitModules\{OURS}", "RetainDays", b"\x1e\0\0\0", 4))
    before = picture()
    fine("/i", old())
    assert sorted(os.listdir(HOME)) == ["LICENSE.txt", "certwitness.dll", "certwitness.exe", "certwitness_page.dll", "integrations", "journal.schema.json", "manual.html", "verify.py"], os.listdir(HOME)
    for name in ("certwitness.dll", "certwitness.exe", "certwitness_page.dll"):
        assert open(f"{HOME}/{name}", "rb").read() == open(f"build/bin/{name}", "rb").read(), name
    assert active() == multi(DEFAULT, "Other.Exit", OURS)
    first = play("first")
    fine("/i", new())
    assert active() == multi(DEFAULT, "Other.Exit", OURS) and os.path.exists(HOME + "/certwitness.dll")
    uninstall = [line for line in registry("dump", r"Software\Microsoft\Windows\CurrentVersion\Uninstall") if "\tDisplayName\t" in line and
                 "CertWitness".encode("utf-16-le").hex() in line]
    assert len(uninstall) == 1, uninstall       # the old one is gone
    second = play("second")
    assert len(second) == 2 * len(first) and second[:len(first)] == first, (len(first), len(second))
    fine("/x", new())
    after, journal = picture(), DRIVE + "/ProgramData/CertWitness"
    left, lost = after - before, before - after
    assert left and all(line.startswith(journal) for line in left), sorted(left)[:20]
    assert not lost, sorted(lost)[:20]

UNINSTALL = r"Software\Microsoft\Windows\CurrentVersion\Uninstall"

def entry():
    """What Windows' list of programs shows of us: names and values, DWORDs as numbers."""
    lines = [line.split("\t") for line in registry("dump", UNINSTALL)]
    values = {(key, name): int.from_bytes(bytes.fromhex(data), "little") if kind == "4" else bytes.fromhex(data).decode("utf-16-le").rstrip("\0")
              for key, name, kind, data in (line for line in lines if len(line) == 4) if kind in "124"}
    keys = {key for (key, name), value in values.items() if (name, value) == ("DisplayName", "CertWitness")}
    assert len(keys) == 1, keys
    return {name: value for (key, name), value in values.items() if key in keys}

@test
def the_list_of_programs_shows_what_it_is_and_removes_it():
    machine(DEFAULT)
    fine("/i", new())
    shown, home = entry(), "C:\\Program Files\\CertWitness\\"
    for name, want in (("DisplayVersion", VERSION), ("Publisher", "The CertWitness authors"), ("Contact", "The CertWitness authors"),
                       ("HelpLink", f"file:///{home}manual.html"), ("URLInfoAbout", f"file:///{home}manual.html"),
                       ("ReadMe", f"{home}manual.html"), ("InstallLocation", home), ("NoModify", 1)):
        same(shown.get(name), want, name)
    check(shown.get("Comments", "").startswith("Keeps a record"), shown.get("Comments"))
    # Windows shows the sum of these as the size; Wine shows 0.
    sizes = [line.split("\t")[2:4] for line in run("msiinfo", "export", new(), "File")[1].splitlines()[3:]]
    same({name.split("|")[-1]: int(size) for name, size in sizes}, {path.name: path.stat().st_size for path in pathlib.Path(HOME).rglob("*") if path.is_file()} | {DELIVERY: os.path.getsize("build/bin/" + DELIVERY)}, "the list of sizes")
    told = [bytes.fromhex(line.split("\t")[3]).decode("utf-16-le").rstrip("\0") for line in registry("dump", r"Software\Classes\Installer\Products") if "\tProductIcon\t" in line]
    icon, = [path.replace("C:", DRIVE).replace("\\", "/") for path in told]
    same(open(icon, "rb").read(), open("gen/certwitness.ico", "rb").read(), "its icon")
    words = shown["UninstallString"].split()    # what Settings runs
    check(words[0].lower().startswith("msiexec") and words[1][:2].lower() in ("/x", "/i"), words)
    fine("/x", words[1][2:])
    check(not os.path.exists(HOME + "/certwitness.dll") and not any("CertWitness".encode("utf-16-le").hex() in line for line in registry("dump", UNINSTALL)), "it is there still")

def delivery_data():
    """A journal, and a configuration for it."""
    data = DRIVE + "/ProgramData/CertWitness Delivery"
    shutil.rmtree(data, ignore_errors=True)
    os.makedirs(data), os.makedirs(DRIVE + "/journal of msi.t", exist_ok=True)
    with open(data + "/delivery.conf", "w") as out:
        out.write("[journal]\npath = C:\\journal of msi.t\n[state]\npath = C:\\ProgramData\\CertWitness Delivery\\state\n"
                  "[to copy]\nkind = copy\npath = C:\\copy of msi.t\nstartAt = now\n")
    return data

@test
def the_delivery_is_a_feature_that_is_off_stays_through_an_upgrade_and_takes_its_service_with_it():
    machine(DEFAULT)
    fine("/i", old())
    check(not os.path.exists(f"{HOME}/{DELIVERY}"), "it is there without being asked for")
    fine("/x", old())
    fine("/i", old(), "ADDLOCAL=Delivery")
    same((os.path.exists(f"{HOME}/{DELIVERY}"), os.path.exists(HOME + "/certwitness.dll"), active()), (True, True, multi(DEFAULT, OURS)), "delivery, module, the CA's list")
    data = delivery_data()
    code, said = wine(f"{HOME}/{DELIVERY}", "service", "install")
    same(code, 0, f"service install ({said})")
    made = registry("dump", DELIVERS)
    check(any("Granted" in line for line in made), made)
    # Windows takes over the features of the version before. Wine 8 does not: it knows the action by a name with a slip of the pen, MigrateFeutureStates.
    told = run("msiinfo", "export", new(), "Upgrade")[1] + run("msiinfo", "export", new(), "InstallExecuteSequence")[1]
    check(re.search(r"\t257\t\tOLDER\r?$", told, re.M) and int(re.search(r"^MigrateFeatureStates\t\t(\d+)\r?$", told, re.M)[1]) > 1000, told)
    fine("/i", new(), "ADDLOCAL=Delivery")
    check(os.path.exists(f"{HOME}/{DELIVERY}"), "the upgrade has taken it away")
    same(sorted(registry("dump", DELIVERS)), sorted(made), "the service after the upgrade")
    fine("/x", new())
    same(registry("dump", DELIVERS), [], "the service after the removal")
    check(not os.path.exists(f"{HOME}/{DELIVERY}") and not any("CertWitness.Delivery" in line for line in registry("dump", EVENTS)), "it leaves something")
    check(os.path.exists(data + "/state") and os.path.exists(data + "/delivery.conf"), "the state is gone")
    for path in (data, DRIVE + "/journal of msi.t"): shutil.rmtree(path)

@test
def a_service_of_the_delivery_that_runs_another_program_is_left_alone():
    machine(DEFAULT)
    data, home = delivery_data(), DRIVE + "/Delivery of msi.t"
    os.makedirs(home, exist_ok=True)
    shutil.copy(f"build/bin/{DELIVERY}", home)
    code, said = wine(f"{home}/{DELIVERY}", "service", "install")
    same(code, 0, f"service install ({said})")
    made = registry("dump", DELIVERS)
    fine("/i", new(), "ADDLOCAL=Delivery")
    fine("/x", new())
    same(registry("dump", DELIVERS), made, "the service")
    same(wine(f"{home}/{DELIVERY}", "service", "remove")[0], 0, "service remove")
    for path in (data, home, DRIVE + "/journal of msi.t"): shutil.rmtree(path)

@test
def an_upgrade_leaves_a_ca_alone_that_does_not_use_the_module():
    machine(DEFAULT)
    fine("/i", old())
    assert wine(HOME + "/certwitness.exe", "disable")[0] == 0
    fine("/i", new())
    assert active() == multi(DEFAULT), active()
    fine("/x", new())

@test
def a_newer_version_is_not_replaced_by_an_older_one():
    machine(DEFAULT)
    fine("/i", new())
    before = picture()
    code, said = msiexec("/i", old())
    assert code == 1603 & 0xff, (code, said[-500:])
    assert picture() == before
    code, said = run("msiinfo", "export", old(), "LaunchCondition")     # Wine's log does not tell which one it was
    assert "NOT NEWER\tA newer version of CertWitness is installed. Remove that one first" in said and "NEWER = {" in msiexec("/i", old())[1]
    fine("/x", new())

@test
def with_activate_0_it_only_registers():
    machine(DEFAULT)
    fine("/i", new(), "ACTIVATE=0")
    assert active() == multi(DEFAULT) and registry("dump", rf"Software\Classes\{OURS}")
    fine("/x", new())
    assert not registry("dump", rf"Software\Classes\{OURS}")

@test
def without_a_ca_the_snap_in_gets_its_class():
    registry("delete", SERVICE)
    fine("/i", new())
    assert registry("dump", rf"Software\Classes\{OURS}Manage") and not registry("dump", rf"Software\Classes\{OURS}")
    fine("/x", new())
    assert not registry("dump", rf"Software\Classes\{OURS}Manage")

@test
def what_certwitness_exe_refuses_the_msi_refuses_and_takes_itself_back():
    machine(DEFAULT, kind=3)
    before = picture()
    code, said = msiexec("/i", new())
    assert code == 1603 & 0xff and "it has to be a REG_MULTI_SZ" in said, (code, said[-1500:])
    left = {line for line in picture() ^ before}
    assert not any("CertWitness" in line.split("\t")[0] and not line.startswith("/") for line in left), sorted(left)[:10]
    assert not os.path.exists(HOME + "/certwitness.dll"), left

@test
def an_installation_that_fails_later_is_taken_back():
    machine(DEFAULT)
    code, said = msiexec("/i", failing())
    assert code == 1603 & 0xff, (code, said[-500:])
    assert active() == multi(DEFAULT) and not registry("dump", rf"Software\Classes\{OURS}"), said[-1500:]

@test
def an_installation_that_fails_leaves_what_certwitness_exe_had_installed():
    machine(DEFAULT, "Other.Exit")
    home = DRIVE + "/CertWitness of msi.t"      # on C:, whose folders are nobody else's
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(f"{WORK}/package/bin", home)
    by_hand = home + "/certwitness.exe"
    code, said = wine(by_hand, "install")
    assert code == 0, said
    before = picture()
    code, said = msiexec("/i", failing())
    assert code == 1603 & 0xff and picture() == before, (code, sorted(picture() ^ before)[:10], said[-500:])
    assert wine(by_hand, "uninstall")[0] == 0
    shutil.rmtree(home)

def failing():
    """A package that fails behind Add."""
    if os.path.exists(f"{WORK}/fails.msi"): return f"{WORK}/fails.msi"
    shutil.copy(new(), f"{WORK}/fails.msi")     # Add without a word of what to add fails
    for query in ("INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('Fails', 3073, 'Setup', 'Add')",
                  "INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) VALUES ('Fails', 4003)"):
        code, said = run("msibuild", f"{WORK}/fails.msi", "-q", query)
        assert code == 0 and not said, said
    return f"{WORK}/fails.msi"

@test
def a_dll_that_the_ca_has_loaded_is_not_touched():
    machine(DEFAULT)
    fine("/i", old())
    before = picture()
    with held(f"{HOME}/certwitness.dll"):
        for what in (("/i", new()), ("/x", old())):
            code, said = msiexec(*what)
            assert code == 1603 & 0xff and "Stop the CA (Stop-Service CertSvc)" in said, (what, code, said[-1500:])
            assert picture() == before, sorted(picture() ^ before)[:10]
    fine("/x", old())
    shutil.rmtree(HOME, ignore_errors=True)     # the files are of a later version than old says, so Wine leaves them

@test
def what_may_not_be_looked_at_is_no_leave_to_go_on():
    machine(DEFAULT)
    fine("/i", old())
    before = picture()
    for key in (CA + r"\ExitModules", SERVICE + r"\Configuration"):
        assert wine(HELPER, "protect", key, "D:P(D;;KR;;;WD)(A;;WDRC;;;WD)")[0] == 0
        try: told = [msiexec(*what) for what in (("/i", new()), ("/x", old()))]
        finally: assert wine(HELPER, "protect", key, "D:P(A;;KA;;;WD)")[0] == 0
        for code, said in told: assert code == 1603 & 0xff and re.search("cannot be read .error 5.*elevated.* Nothing was changed", said), (key, code, said[-1500:])
        assert picture() == before, sorted(picture() ^ before)[:10]
    os.rename(f"{HOME}/certwitness.dll", f"{HOME}/away")
    os.mkdir(f"{HOME}/certwitness.dll")         # which Windows refuses to open as a file by the same code
    try: told = [msiexec(*what) for what in (("/i", new()), ("/x", old()))]
    finally: os.rmdir(f"{HOME}/certwitness.dll"), os.rename(f"{HOME}/away", f"{HOME}/certwitness.dll")
    for code, said in told: assert code == 1603 & 0xff and re.search("whether another program has .*certwitness.dll loaded .error 5.*elevated", said), (code, said[-1500:])
    assert picture() == before, sorted(picture() ^ before)[:10]
    fine("/x", old())
    shutil.rmtree(HOME, ignore_errors=True)

def refused(path, why, msi, stays=False):
    """`stays`: the installer may not look at the folder when it takes its files back."""
    code, said = msiexec("/i", msi)
    assert code == 1603 & 0xff and why in said, (path, why, code, said[-1500:])
    assert not registry("dump", rf"Software\Classes\{OURS}") and active() == multi(DEFAULT) and (stays or not os.path.exists(HOME + "/certwitness.dll")), (path, why)

@test
def a_journal_s_folder_that_cannot_be_judged_is_refused():
    """Opened to everybody besides: what cannot be judged must not hide that."""
    machine(DEFAULT)
    folder = DRIVE + "/ProgramData/CertWitness"
    for path in folder, folder + "/MSI CA":
        os.makedirs(path, exist_ok=True)
        for how, why in UNJUDGED:
            mode = os.stat(path).st_mode
            os.chmod(path, 0o777)
            try:
                with how(path): refused(path, path.replace(DRIVE, "C:").replace("/", "\\") + ": " + why, new())
            finally: os.chmod(path, mode)

def hiding(path):
    """A package that takes the right to look at the folder away before Add: Wine's installer itself ends where it may not look at one before."""
    msi = f"{WORK}/hides.msi"
    shutil.copy(new(), msi)
    for query in (rf"INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('Hides', 3106, 'TARGETDIR', '\"{windows(HELPER)}\" hide \"{path}\"')",
                  "UPDATE `InstallExecuteSequence` SET `Sequence` = 4003 WHERE `Action` = 'Add'",
                  "INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) VALUES ('Hides', 4002)"):
        code, said = run("msibuild", msi, "-q", query.replace('\\"', '"'))
        assert code == 0 and not said, said
    return msi

@test
def a_folder_for_the_programs_that_cannot_be_judged_is_refused():
    machine(DEFAULT)
    for path in HOME, os.path.dirname(HOME), DRIVE:
        named = path.replace(DRIVE, "C:").replace("/", "\\") if path != DRIVE else "C:\\"
        os.makedirs(path, exist_ok=True)
        mode = os.stat(path).st_mode
        if path != DRIVE:                       # which nobody moves
            with kept(path): refused(path, f"{named}: It cannot be judged: another program keeps it open", new())
        try: refused(path, f"{named}: It cannot be judged: access is denied", hiding(named + "\\" * (path == DRIVE)), stays=True)
        finally: os.chmod(path, mode)
        shutil.rmtree(HOME, ignore_errors=True)

@test
def a_dll_that_may_not_be_read_is_not_touched():
    machine(DEFAULT)
    fine("/i", old())
    before = picture()
    for path in f"{HOME}/certwitness.dll", HOME:
        mode = os.stat(path).st_mode
        os.chmod(path, 0)
        try: told = [msiexec(*what) for what in (("/i", new()), ("/x", old()))]
        finally: os.chmod(path, mode)
        for code, said in told: assert code == 1603 & 0xff and re.search("whether another program has .*certwitness.dll loaded .error 5.*elevated.* Nothing was changed", said), (path, code, said[-1500:])
        assert picture() == before, (path, sorted(picture() ^ before)[:10])
    fine("/x", old())
    shutil.rmtree(HOME, ignore_errors=True)

@test
def neither_the_ca_nor_the_machine_is_restarted_for_a_file_in_use():
    code, said = run("msiinfo", "export", new(), "Property")            # Wine restarts nothing, so what asks Windows not to must do
    assert {"REBOOT\tReallySuppress", "MSIRESTARTMANAGERCONTROL\tDisable"} <= set(said.replace("\r", "").splitlines()), said

ENVIRONMENT = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"

def path_value():
    """Type and bytes of the machine's PATH."""
    kind, data = next(line.split("\t")[2:] for line in registry("dump", ENVIRONMENT) if line.split("\t")[1:2] and line.split("\t")[1].upper() == "PATH")
    return int(kind), bytes.fromhex(data)

@test
def the_program_is_on_path_and_the_other_entries_stay_as_they_are():
    """Wine's installer leaves the semicolon in front of an entry that it removes: at the end, semicolons do not count here."""
    machine(DEFAULT)
    ours = "C:\\Program Files\\CertWitness\\"
    def entries():
        kind, data = path_value()
        assert data[-2:] == b"\0\0", data
        return kind, data.decode("utf-16-le").rstrip("\0;")
    for kind, others in ((2, '%SystemRoot%\\system32;%SystemRoot%;C:\\Pr\u00fcfung \u0416;;"C:\\quoted;x";%NoSuch%\\bin'), (1, "C:\\windows\\system32;C:\\Program Files\\CertWitness Tools"),
                         (2, "%SystemRoot%\\system32")):
        registry(*put(ENVIRONMENT, "PATH", others, kind))
        fine("/i", old())
        assert entries() == (kind, others + ";" + ours), entries()
        if ";;" not in others:              # where Wine's cmd stops looking
            code, said = wine("cmd.exe", "/c", "certwitness --version")
            assert code == 0 and said.startswith("certwitness "), (others, code, said)
        fine("/i", new())
        found = entries()
        assert found[0] == kind and found[1].startswith(others + ";") and found[1][len(others):].strip(";") == ours, ("after an upgrade: once", found)
        fine("/x", new())
        assert entries() == (kind, others), entries()

@test
def an_installation_that_fails_leaves_path_as_it_is():
    machine(DEFAULT)
    before = path_value()
    assert msiexec("/i", failing())[0] == 1603 & 0xff and path_value() == before, path_value()[1].decode("utf-16-le")

@test
def the_same_files_give_the_same_bytes():
    other = tempfile.mkdtemp()
    shutil.copytree(f"{WORK}/package", other + "/elsewhere")
    code, said = run("src/packaging/msi", other + "/elsewhere", other + "/again.msi")
    assert code == 0 and open(other + "/again.msi", "rb").read() == open(new(), "rb").read(), said
    shutil.rmtree(other)

shutil.rmtree(WORK, ignore_errors=True)
lay_out(WORK + "/package")
for path in (HOME, DRIVE + "/ProgramData/CertWitness"): shutil.rmtree(path, ignore_errors=True)         # what an earlier run left

def remove_all():
    for path in (new(), old()): msiexec("/x", path)             # what a test left behind is not the next one's

PATH = path_value()                             # Wine's installer leaves a semicolon in it each time
run_tests(after_failure=remove_all, finish=lambda: registry("delete", SERVICE, *put(ENVIRONMENT, "PATH", PATH[1], PATH[0])))
