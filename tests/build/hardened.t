#!/usr/bin/python3
"""How hard what we ship makes it for an attacker, read from the files: every image in build/bin and build/lab, with pefile and objdump.

What is not there is said in src/image/README.md.
"""
import sys; sys.path[0] += "/../lib"
import functools
import pathlib
import re
import struct
import subprocess
import xml.etree.ElementTree as ElementTree
import zlib

import pefile

from tap import run as run_tests, sentence_of, test
from version import VERSION

BIN, LAB, SYMBOLS = (pathlib.Path("build", name) for name in ("bin", "lab", "symbols"))
LINUX = [pathlib.Path(f"build/native/{name}") for name in ("certwitness", "certwitness-delivery")]

# IMAGE_DLLCHARACTERISTICS_, IMAGE_FILE_ and IMAGE_SCN_MEM_ of winnt.h
HIGH_ENTROPY_VA, DYNAMIC_BASE, NX_COMPAT, RELOCS_STRIPPED, IS_DLL = 0x20, 0x40, 0x100, 1, 0x2000
EXECUTE, WRITE = 0x20000000, 0x80000000
SYSTEM32_ONLY = 0x800                           # LOAD_LIBRARY_SEARCH_SYSTEM32
UNTOUCHED_GUARD = 0x00002b992ddfa232            # the loader replaces this number and no other
API_SETS = ("api-ms-win-", "ext-ms-win-")       # names that Windows turns into its own DLLs' before it looks for a file
SYSTEM32 = subprocess.run(["dpkg", "-L", "libwine"], check=True, capture_output=True, text=True).stdout.splitlines()
ENGLISH = 0x409
MANIFEST_ID = {".exe": 1, ".dll": 2}
ASM = {"v1": "urn:schemas-microsoft-com:asm.v1", "v3": "urn:schemas-microsoft-com:asm.v3"}


def wide_tool(*command):
    return subprocess.run([f"x86_64-w64-mingw32-{command[0]}", *command[1:]], check=True, capture_output=True, text=True).stdout


class Image:
    def __init__(self, path):
        self.path, self.name, self.kind = path, path.name, path.suffix
        self.symbols = SYMBOLS / f"{path.name}.debug"
        self.pe = pefile.PE(path)
        self.header = self.pe.OPTIONAL_HEADER

    def imports(self):
        return getattr(self.pe, "DIRECTORY_ENTRY_IMPORT", [])

    def section_of(self, address):
        return self.pe.get_section_by_rva(address - self.header.ImageBase)

    def load_config(self):
        return self.pe.DIRECTORY_ENTRY_LOAD_CONFIG.struct   # by its names of old: Reserved1 is DependentLoadFlags now

    def version(self):
        texts = {}
        for entry in (entry for info in getattr(self.pe, "FileInfo", []) for entry in info if hasattr(entry, "StringTable")):
            for table in entry.StringTable:
                texts.update({key.decode(): value.decode() for key, value in table.entries.items()})
        return texts

    def resources(self, kind):
        """IDs and bytes of all resources of a kind."""
        found = {}
        for entry in self.pe.DIRECTORY_ENTRY_RESOURCE.entries:
            for resource in entry.directory.entries if entry.id == pefile.RESOURCE_TYPE[kind] else []:
                data = resource.directory.entries[0].data.struct
                found[resource.id] = self.pe.get_data(data.OffsetToData, data.Size)
        return found


IMAGES = [Image(path) for path in sorted([*BIN.iterdir(), *LAB.iterdir()]) if path.suffix in (".dll", ".exe")]


def each_image(judge, images=IMAGES):
    """A test of all images, of a function that yields what is wrong with one."""
    @test(f"each image: {sentence_of(judge)}")
    @functools.wraps(judge)
    def of_all():
        for image in images:
            try:
                for complaint in judge(image): yield f"{image.name}: {complaint}"
            except Exception as error: yield f"{image.name}: {type(error).__name__}: {error}"       # the others are judged all the same
    return of_all


def each_image_with_resources(judge):
    """The lab's programs have none."""
    return each_image(judge, [image for image in IMAGES if image.path.parent == BIN])


# Tests. Each yields what is wrong.
@each_image
def addresses_are_random_in_64_bits(image):
    for name in ("HIGH_ENTROPY_VA", "DYNAMIC_BASE"):
        if not image.header.DllCharacteristics & globals()[name]: yield f"{name} is not set"
    if image.header.ImageBase < 1 << 32: yield f"the image base {image.header.ImageBase:#x} is in the lowest 4 GiB"
    if image.pe.FILE_HEADER.Characteristics & RELOCS_STRIPPED: yield "relocations are stripped"
    if not any(entry.type for block in getattr(image.pe, "DIRECTORY_ENTRY_BASERELOC", []) for entry in block.entries):
        yield "there are no relocations, so it cannot be moved"


@each_image
def data_is_not_executed_and_code_is_not_written(image):
    if not image.header.DllCharacteristics & NX_COMPAT: yield "NX_COMPAT is not set"
    for section in image.pe.sections:
        if section.Characteristics & EXECUTE and section.Characteristics & WRITE: yield f"{section.Name} is writable and executable"
    if not image.section_of(image.header.ImageBase + image.header.AddressOfEntryPoint).Characteristics & EXECUTE:
        yield "it begins in a section that is not executable"


@each_image
def what_it_imports_is_windows_own_and_comes_from_system32(image):
    system = {pathlib.Path(line).name.lower() for line in SYSTEM32 if "x86_64-windows/" in line}
    flags = image.load_config().Reserved1
    if flags != SYSTEM32_ONLY: yield f"DependentLoadFlags is {flags:#x}: Windows would look in other folders"
    for dll in image.imports():
        name = dll.dll.decode().lower()
        if name not in system and not name.startswith(API_SETS): yield f"{name} is no DLL of Windows'"
    if len(image.imports()) < 2: yield "imports cannot be read"
    if image.header.DATA_DIRECTORY[pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT"]].VirtualAddress:
        yield "something is imported late, which the loader's flags are not for"


@each_image
def everything_is_imported_by_name(image):
    for dll in image.imports():
        for function in dll.imports:
            if function.import_by_ordinal: yield f"ordinal {function.ordinal} of {dll.dll.decode()}"


@each_image
def all_our_code_in_it_has_a_stack_protector_that_the_loader_sets(image):
    config = image.load_config()
    guard = image.section_of(config.SecurityCookie) if config.SecurityCookie else None
    if not guard or not guard.Characteristics & WRITE: return (yield "no SecurityCookie that could be written")
    value = image.pe.get_qword_at_rva(config.SecurityCookie - image.header.ImageBase)
    if value != UNTOUCHED_GUARD: yield f"the guard is {value:#x}, which the loader would leave there"
    units = re.findall(r"DW_AT_producer +: (?:\(.*?\): )?(.*)\n.*\n.*DW_AT_name +: (?:\(.*?\): )?(.*)",
                       wide_tool("objdump", "--dwarf=info", "--dwarf-depth=1", image.symbols))
    ours = [(how, name) for how, name in units if re.match(r"(\./)?(src|wine|gen|tests)/", name)]
    if len(ours) < (3 if image.path.parent == LAB else 5): yield f"{image.symbols} tells of {len(ours)} sources of ours"
    for how, name in ours:
        if "-fstack-protector-strong" not in how: yield f"{name} is compiled without: {how}"


@each_image_with_resources
def it_says_what_it_is_and_which_version(image):
    texts = image.version()
    fixed = image.pe.VS_FIXEDFILEINFO[0] if hasattr(image.pe, "VS_FIXEDFILEINFO") else None
    if not fixed: return (yield "there is no version resource")
    numbers = ".".join(str(n) for n in (fixed.FileVersionMS >> 16, fixed.FileVersionMS & 0xffff, fixed.FileVersionLS >> 16))
    if (fixed.FileType == 2) != (image.kind == ".dll"): yield f"FileType is {fixed.FileType}"
    for what, got, want in (("the file's number", numbers, VERSION), ("FileVersion", texts.get("FileVersion"), VERSION),
                            ("ProductVersion", texts.get("ProductVersion"), VERSION), ("CompanyName", texts.get("CompanyName"), "The CertWitness authors"),
                            ("ProductName", texts.get("ProductName"), "CertWitness"), ("InternalName", texts.get("InternalName"), image.path.stem),
                            ("OriginalFilename", texts.get("OriginalFilename"), image.name)):
        if got != want: yield f"{what} is {got}, not {want}"
    # Task Manager and the question for an administrator's password show it as the program's name.
    if not re.fullmatch("CertWitness: .{10,70}", texts.get("FileDescription", "")): yield f"it describes itself as {texts.get('FileDescription')}"
    if "MIT" not in texts.get("LegalCopyright", ""): yield f"its licence is {texts.get('LegalCopyright')}"


@each_image_with_resources
def its_texts_are_in_english_and_said_to_be(image):
    languages = {(pefile.RESOURCE_TYPE.get(kind.id), language.id) for kind in image.pe.DIRECTORY_ENTRY_RESOURCE.entries
                 for resource in kind.directory.entries for language in resource.directory.entries}
    told = {language for kind, language in languages if kind in ("RT_VERSION", "RT_MESSAGETABLE", "RT_DIALOG", "RT_STRING")}
    if told != {ENGLISH}: yield f"they are said to be in {told}"
    if (("RT_MESSAGETABLE", ENGLISH) in languages) != (image.name in ("certwitness.dll", "certwitness-delivery.exe")): yield f"the texts of the event log's entries: {languages}"


@each_image_with_resources
def a_program_has_an_icon_in_every_size_that_windows_shows_and_a_dll_has_none(image):
    groups, pictures = image.resources("RT_GROUP_ICON"), image.resources("RT_ICON")
    if image.kind == ".dll": return (yield f"icons {list(groups)}") if groups or pictures else None
    if len(groups) != 1: return (yield f"there are {len(groups)}")
    group = next(iter(groups.values()))
    entries = [struct.unpack_from("<BBBBHHIH", group, 6 + 14 * at) for at in range(struct.unpack_from("<H", group, 4)[0])]
    place, head, data = 6 + 16 * len(entries), b"", b""
    for *words, size, number in entries:        # a file again, for a reader that is none of ours
        head += struct.pack("<BBBBHHII", *words, size, place + len(data))
        data += pictures[number]
    told = subprocess.run(["identify", "-format", "%w %h %k\n", "ico:-"], input=group[:6] + head + data, capture_output=True).stdout.decode()
    sizes = {int(width): int(colours) for width, height, colours in map(str.split, told.splitlines()) if width == height}
    if not {16, 32, 48, 256} <= sizes.keys(): yield f"ImageMagick sees {told!r}"
    for size, colours in sizes.items():
        if colours < 16: yield f"the one of {size} has {colours} colours"


@each_image_with_resources
def its_manifest_can_be_read_and_asks_for_no_more_rights(image):
    manifests = image.resources("RT_MANIFEST")
    if list(manifests) != [MANIFEST_ID[image.kind]]: return (yield f"its manifests are {list(manifests)}, not {MANIFEST_ID[image.kind]}")
    root = ElementTree.fromstring(manifests[MANIFEST_ID[image.kind]])
    if root.tag != f"{{{ASM['v1']}}}assembly": yield f"it is {root.tag}"
    levels = [(level.get("level"), level.get("uiAccess")) for level in root.iterfind(".//v3:requestedExecutionLevel", ASM)]
    if levels != [("asInvoker", "false")] and (levels or image.kind == ".exe"): yield f"it asks for {levels}"    # a DLL need not say


@each_image
def its_debug_symbols_are_kept_apart_and_it_tells_which_are_its_own(image):
    debug = [section.Name for section in image.pe.sections if section.Name.startswith(b".debug")]
    if debug or image.pe.FILE_HEADER.NumberOfSymbols: yield f"there are {image.pe.FILE_HEADER.NumberOfSymbols} symbols and {debug} in it"
    link = image.pe.sections[-1].get_data()
    name, crc = link.split(b"\0", 1)[0].decode(), int.from_bytes(link[len(image.symbols.name) // 4 * 4 + 4:][:4], "little")
    if name != image.symbols.name: yield f"it looks for its symbols in {name}"
    if crc != zlib.crc32(image.symbols.read_bytes()): yield f"{image.symbols} are not its symbols"
    if "DW_AT_comp_dir" not in wide_tool("objdump", "--dwarf=info", "--dwarf-depth=1", image.symbols): yield f"no symbols in {image.symbols}"


@each_image
def its_header_tells_no_time_and_the_right_sum(image):
    if image.pe.FILE_HEADER.TimeDateStamp: yield f"made at {image.pe.FILE_HEADER.TimeDateStamp}"
    if not image.pe.verify_checksum(): yield f"its check sum is {image.header.CheckSum:#x}, not {image.pe.generate_checksum():#x}"
    if image.path.stat().st_size % 8: yield "a signature would be preceded by padding that stays when it is taken off"


@each_image
def unwinding_is_told_of_every_function(image):
    """Windows finds a function's entry by halving a sorted table; one without an entry saves nothing and calls nobody. Names: those of our own."""
    place = image.header.DATA_DIRECTORY[pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_EXCEPTION"]]
    entries = list(struct.iter_unpack("<III", image.pe.get_data(place.VirtualAddress, place.Size)))
    text = next(section for section in image.pe.sections if section.Name.startswith(b".text"))
    if entries != sorted(entries) or any(one[1] > other[0] for one, other in zip(entries, entries[1:])): yield "the table is not sorted"
    for begin, end, _ in entries:
        if not text.VirtualAddress <= begin < end <= text.VirtualAddress + text.Misc_VirtualSize: yield f"{begin:#x} to {end:#x} is no code"
    begins = {begin + image.header.ImageBase for begin, _, _ in entries}
    ours = [line.split() for line in wide_tool("nm", image.symbols).splitlines() if re.search(r" T (exit|dll|recorder|journal|der|settings|field|module)_\w+$", line)]
    for address, _, name in ours:
        if int(address, 16) not in begins: yield f"{name} is not told of"
    if image.name == "certwitness.dll" and len(ours) < 10: yield f"only {len(ours)} functions of ours have a name"


@test("the programs for Linux are hardened as well")
def the_programs_for_linux_are_hardened_as_well():
    for path in LINUX: yield from (f"{path}: {each}" for each in soft(path))


def soft(path):
    told = subprocess.run(["readelf", "-Whldr", "--dyn-syms", "-S", path], check=True, capture_output=True, text=True).stdout
    loaded = re.findall(r"^  LOAD .*0x\w+ 0x\w+ ([RWE ]{3}) 0x", told, re.M)
    if not re.search(r"Type: +DYN", told): yield "it has a fixed address"
    if not loaded or any("W" in flags and "E" in flags for flags in loaded): yield f"segments are {loaded}"
    if not re.search(r"^  GNU_STACK .*0x\w+ 0x\w+ RW  0x", told, re.M): yield "its stack is executable"
    if "GNU_RELRO" not in told or not re.search(r"FLAGS_1.* NOW", told): yield "what it imports could be replaced while it runs"
    for function in ("__stack_chk_fail", r"__\w*printf_chk"):     # of -fstack-protector-strong and _FORTIFY_SOURCE
        if not re.search(rf" UND {function}@", told): yield f"{function} is never called"
    if re.search(r" \.(debug_\w+|symtab) ", told) or " .gnu_debuglink " not in told: yield "its symbols are not kept apart"


@test("that was every program and DLL in build/bin and build/lab")
def none_is_left_out():
    for image in IMAGES:
        print(f"# {image.name}: {len(image.pe.sections)} sections, imports from", ", ".join(sorted(dll.dll.decode() for dll in image.imports())))
    missing = {"certwitness.dll", "certwitness.exe", "certwitness-delivery.exe", "certexitps.dll", "stubca.exe", "probe.dll", "lab_reader.exe"} - {image.name for image in IMAGES}
    if missing: yield f"not {missing}"


run_tests()
