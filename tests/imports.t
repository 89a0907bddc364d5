#!/usr/bin/python3
"""What certwitness.dll takes from other DLLs, all of it listed, and what it offers; and the same of what else stands on a CA.

The first runs inside a CA's process: nothing but Windows itself may be needed, or the CA starts without its recorder; and nothing that shows
windows, which is why the page is a DLL of its own.
"""
import re
import subprocess

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
PAGE_SYSTEM = {**SYSTEM, "COMCTL32.dll": "the property sheet", "USER32.dll": "windows"}
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


def say(number, holds, sentence):
    print(f"{'ok' if holds else 'not ok'} {number} - {sentence}", flush=True)


TOOLS = {
    "certwitness.exe": {**SYSTEM, "SHELL32.dll": "the command line in Unicode", "wevtapi.dll": "heads in the event log"},
    "certwitness_setup.dll": {**SYSTEM, "msi.dll": "the installer's session"},
}


print("1..7")
objdump = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", MODULE], capture_output=True, text=True)
imports, exports = read(objdump.stdout)
known = {name.lower() for name in SYSTEM}
strange = [name for name in imports if name.lower() not in known]

for line in objdump.stderr.splitlines():
    print("#", line)
say(1, objdump.returncode == 0 and imports and all(imports.values()), "the module's imports can be read")
for name in sorted(imports, key=str.lower):
    print(f"# {name}: {', '.join(sorted(imports[name]))}")
for name in strange:
    print(f"# {name} is not known as a part of Windows that we need")
say(2, imports and not strange, "every DLL that is imported is the system's, and known why")
print(f"# exported: {', '.join(exports)}")
say(3, sorted(exports) == EXPORTS, "the five functions of a COM server are exported, and no other")
delayed = re.search(r"Entry d 0*([0-9a-f]+) ", objdump.stdout)
say(4, delayed is not None and delayed[1] == "0", "nothing is imported late, past this list")

objdump = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", PAGE], capture_output=True, text=True)
imports, exports = read(objdump.stdout)
known = {name.lower() for name in PAGE_SYSTEM}
strange = [name for name in imports if name.lower() not in known]
print(f"# the page: {', '.join(sorted(imports, key=str.lower))}; exported: {', '.join(exports)}")
say(5, imports and not strange and {"comctl32.dll", "user32.dll"} <= {name.lower() for name in imports}, "the page needs the system's DLLs alone")
say(6, exports == ["certwitness_page_show"], "the page has one door")

strange = []
for name, system in TOOLS.items():
    objdump = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", f"build/bin/{name}"], capture_output=True, text=True)
    imports, _ = read(objdump.stdout)
    print(f"# {name}: {', '.join(sorted(imports, key=str.lower))}")
    strange += [f"{name}: {one}" for one in imports if one.lower() not in {known.lower() for known in system}] if imports else [f"{name}: nothing"]
for one in strange: print(f"# not known: {one}")
say(7, not strange, "the program and the MSI's custom actions need the system's DLLs alone")
