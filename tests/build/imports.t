#!/usr/bin/python3
"""What certwitness.dll takes from other DLLs, all of it listed, and what it offers; and the same of what else stands on a CA.

The first runs inside a CA's process: nothing but Windows itself may be needed, or the CA starts without its recorder; and nothing that shows
windows, which is why the page is a DLL of its own.
"""
import sys; sys.path[0] += "/../lib"
import glob
import os
import re
import subprocess
import tempfile

from tap import run as run_tests, test

MODULE = "build/bin/certwitness.dll"

# Each DLL of the system that we may need, with what for. A new line here is a decision, not a chore.
SYSTEM = {
    "KERNEL32.dll": "files, threads, memory",
    "api-ms-win-core-synch-l1-2-0.dll": "WaitOnAddress, of kernelbase.dll: each caller is woken for its own event",
    "ADVAPI32.dll": "registry, event log, security descriptors",
    "ole32.dll":    "COM: the CA's callback object, the free-threaded marshaler",
    "OLEAUT32.dll": "BSTR, VARIANT, error texts, IDispatch from the type library",
    "bcrypt.dll":   "SHA-256 of the journal's lines, random run GUIDs",
    "VERSION.dll":  "searching our own version resource",
    "msvcrt.dll":   "the C library: on every Windows, a part of it, never installed by us",
}
PAGE = "build/bin/certwitness_page.dll"
PAGE_SYSTEM = {**SYSTEM, "COMCTL32.dll": "the property sheet", "USER32.dll": "windows", "GDI32.dll": "the sign of health",
               "SHELL32.dll": "Explorer, the dialog that chooses a folder", "SHLWAPI.dll": "which program shows the manual"}
TOOLS = {
    "certwitness.exe": {**SYSTEM, "wevtapi.dll": "heads in the event log"},
    "certwitness_setup.dll": {**SYSTEM, "msi.dll": "the installer's session"},
}
DELIVERY_SYSTEM = {"KERNEL32.dll": "files, threads, processes", "api-ms-win-core-synch-l1-2-0.dll": "WaitOnAddress", "bcrypt.dll": "SHA-256",
                   "ADVAPI32.dll": "services, registry, event log, security descriptors", "msvcrt.dll": "the C library",
                   "WS2_32.dll": "the network", "CRYPT32.dll": "certificates, DPAPI", "Secur32.dll": "Schannel"}
NETWORK = {"ws2_32.dll", "wsock32.dll", "winhttp.dll", "wininet.dll", "urlmon.dll", "dnsapi.dll", "secur32.dll", "mswsock.dll", "iphlpapi.dll", "webio.dll"}
# What reads an event, makes a line of it and writes that spells numbers and times by base/digits.h and utc.h, without printf.
WAY_OF_AN_EVENT = [f"build/obj/src/{name}.o" for name in """recorder/calls recorder/event recorder/event_data recorder/crls recorder/flood recorder/server
    recorder/unwinding journal/journal journal/queue journal/writer journal/line journal/head journal/record journal/losses journal/lifecycle_events
    base/digits base/json base/json_check base/utc base/utf8 base/os_windows settings/secret""".split()]
EXPORTS = ["DllCanUnloadNow", "DllGetClassObject", "DllInstall", "DllRegisterServer", "DllUnregisterServer"]


def read(text):
    """The imports, DLL by DLL, and the exports, out of objdump's report."""
    imports, exports, section = {}, [], ""
    for line in text.splitlines():
        if match := re.search(r"DLL Name: (\S+)", line):
            section = match[1]
            imports[section] = []
        elif "[Ordinal/Name Pointer] Table" in line:
            section = "exports"
        elif section == "exports":
            exports += re.findall(r"^\s*\[ *\d+\] (?:\+base\[ *\d+\] +\w+ )?(\S+)$", line)
        elif section and (match := re.match(r"\t[0-9a-f]+\t +\d+  (\S+)$", line)):
            imports[section].append(match[1])
    return imports, exports


def of(path):
    objdump = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", path], capture_output=True, text=True)
    for line in objdump.stderr.splitlines(): print("#", line)
    return *read(objdump.stdout), objdump


def strange(imports, system):
    """Those that are not known as a part of Windows that we need."""
    return sorted(name for name in imports if name.lower() not in {known.lower() for known in system})


imports, exports, objdump = of(MODULE)
for name in sorted(imports, key=str.lower): print(f"# {name}: {', '.join(sorted(imports[name]))}")
page_imports, page_exports, _ = of(PAGE)


@test("the module's imports can be read")
def readable():
    assert objdump.returncode == 0 and imports and all(imports.values()), imports


@test("every DLL that is imported is the system's, and known why")
def known():
    assert imports and not strange(imports, SYSTEM), strange(imports, SYSTEM)


@test("the five functions of a COM server are exported, and no other")
def exported():
    assert sorted(exports) == EXPORTS, exports


@test("nothing is imported late, past this list")
def late():
    delayed = re.search(r"Entry d 0*([0-9a-f]+) ", objdump.stdout)
    assert delayed and delayed[1] == "0", delayed


@test("no code is in it that it never calls, and no printf of MinGW's")
def lean():
    """Functions of the rooms that it uses which it does not call itself; what drops them is src/image/lean."""
    never = {"settings_write", "settings_check", "reader_totals", "reader_next_of_all", "request_make", "folder_judge", "os_sha1", "tail_open", "bytes_printf", "folder_guard_trust",
             "__mingw_pformat", "__mingw_wpformat", "__gdtoa"}
    told = subprocess.run(["x86_64-w64-mingw32-nm", f"build/symbols/{os.path.basename(MODULE)}.debug"], check=True, capture_output=True, text=True).stdout
    names = set(re.findall(r"^[0-9a-f]+ [tT] (\S+)$", told, re.M))
    assert {"exit_create", "writer_write", "DllGetClassObject"} <= names, "its symbols cannot be read"
    assert not names & never, names & never


@test("what an event takes from Notify to the disk spells nothing by printf")
def without_printf():
    for path in WAY_OF_AN_EVENT:
        told = subprocess.run(["x86_64-w64-mingw32-nm", "-u", path], check=True, capture_output=True, text=True).stdout
        if found := re.findall(r"\S*printf\S*", told): yield f"{path}: {', '.join(found)}"


def linked_leanly(folder, handler):
    """What src/image/lean says of an image with a frame whose handler is `handler`, named by unwind information alone; and whether it is in it."""
    frame = '__asm__(".text\\n.globl frame\\n.seh_proc frame\\nframe:\\n.seh_handler handle, @except\\nsubq $40, %rsp\\n.seh_stackalloc 40\\n' \
            '.seh_endprologue\\ncall work\\nnop\\naddq $40, %rsp\\nret\\n.seh_endproc\\n");\n'
    text = "void frame(void);\nint worked;\nvoid work(void) { worked++; }\nvoid idle(void) { worked--; }\n" \
           "__attribute__((noinline)) int handle(void) { return ++worked; }\n" + frame + \
           f"int __stdcall DllMain(void *module, unsigned why, void *more) {{ (void)module; (void)more; frame(); return why ? 1 : {handler}; }}\n"
    open(f"{folder}/frame.c", "w").write(text)
    subprocess.run(["x86_64-w64-mingw32-gcc", "-O1", "-ffunction-sections", "-c", "-o", f"{folder}/frame.o", f"{folder}/frame.c"], check=True)
    open(f"{folder}/frame.def", "w").write("EXPORTS\n    frame\n")
    done = subprocess.run(["src/image/lean", "x86_64-w64-mingw32-gcc", "-shared", "-o", f"{folder}/frame.dll", f"{folder}/frame.o", f"{folder}/frame.def"],
                          capture_output=True, text=True)
    return done.returncode, done.stderr


@test("a handler that unwind information alone names fails the link, with its name; one that is called too is kept")
def lean_handlers():
    with tempfile.TemporaryDirectory() as folder:
        code, said = linked_leanly(folder, "0")
        if code == 0 or "handle" not in said or "frame.o" not in said: yield f"exit code {code}: {said}"
        code, said = linked_leanly(folder, "handle()")
        if code: yield f"exit code {code}: {said}"
        told = subprocess.run(["x86_64-w64-mingw32-nm", f"{folder}/frame.dll"], check=True, capture_output=True, text=True).stdout
        names = set(re.findall(r"^[0-9a-f]+ T (\S+)$", told, re.M))
        if not {"frame", "handle", "work"} <= names or "idle" in names: yield sorted(names)


@test("no format of the module's is one that msvcrt.dll does not know")
def formats():
    """src/recorder/printf.c stands in for what knows them."""
    for path in glob.glob("src/recorder/*.c") + glob.glob("src/settings/*.c"):
        found = re.findall(r'printf\(.*%[-+ #0-9.*]*[zjt][diuxX]', open(path).read())
        assert not found, f"{path}: {found}"


@test("the page needs the system's DLLs alone")
def page():
    assert not strange(page_imports, PAGE_SYSTEM), strange(page_imports, PAGE_SYSTEM)
    assert {"comctl32.dll", "user32.dll"} <= {name.lower() for name in page_imports}, page_imports


@test("the page has one door")
def door():
    assert page_exports == ["certwitness_page_show"], page_exports


@test("the program and the MSI's custom actions need the system's DLLs alone")
def tools():
    for tool, system in TOOLS.items():
        theirs, _, _ = of(f"build/bin/{tool}")
        print(f"# {tool}: {', '.join(sorted(theirs, key=str.lower))}")
        if not theirs: yield f"{tool}: nothing can be read"
        for name in strange(theirs, system): yield f"{tool}: {name}"


@test("of the programs for Windows the delivery alone is linked with a network, and with nothing besides that is not listed")
def windows_network():
    for path in sorted(glob.glob("build/bin/*.dll") + glob.glob("build/bin/*.exe")):
        theirs, _, _ = of(path)
        if any(name.lower() in NETWORK for name in theirs) != path.endswith("/certwitness-delivery.exe"): yield f"{path}: {sorted(theirs)}"
    theirs, _, _ = of("build/bin/certwitness-delivery.exe")
    print(f"# certwitness-delivery.exe: {', '.join(sorted(theirs, key=str.lower))}")
    for name in strange(theirs, DELIVERY_SYSTEM): yield f"certwitness-delivery.exe: {name}"


@test("of the programs for Linux the delivery alone is linked with a network")
def network():
    for program, expected in ("certwitness", False), ("certwitness-delivery", True):
        told = subprocess.run(["objdump", "-p", f"build/native/{program}"], check=True, capture_output=True, text=True).stdout
        needed = re.findall(r"^ +NEEDED +(\S+)$", told, re.M)
        print(f"# {program}: {', '.join(needed)}")
        if any("curl" in name for name in needed) != expected: yield f"{program}: {needed}"


@test("a program has what it loads later, by name, looked for in System32 alone")
def search():
    for program in "certwitness.exe", "certwitness-delivery.exe", "stubca.exe":
        theirs, _, _ = of(f"build/bin/{program}")
        if "SetDefaultDllDirectories" not in theirs["KERNEL32.dll"]: yield f"{program}: it does not say so"


run_tests()
