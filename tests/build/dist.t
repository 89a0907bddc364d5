#!/usr/bin/python3
"""What `make dist` has left in build/dist: packages, sums, and a list of contents that holds against the packages themselves.

That the bytes are the same in another folder at another time is the business of make.t, that the SBOM is CycloneDX that of `make interop`.
"""
import sys; sys.path[0] += "/../lib"
import hashlib
import json
import pathlib
import posixpath
import re
import subprocess
import tarfile
import tempfile
import uuid
import zipfile

from tap import run as run_tests, test
from version import VERSION

DIST = pathlib.Path("build/dist")
NAME = f"certwitness-{VERSION}"
ADMIN, SDK, LAB, SYMBOLS, LINUX, MSI, BOM = (f"{NAME}{end}" for end in (".zip", "-sdk.zip", "-lab.zip", "-symbols.zip", "-linux-x86_64.tar.gz", ".msi", ".cdx.json"))
SETUP = "certwitness_setup.dll"                 # the MSI's custom actions: in it, never installed, and nowhere else
DOCUMENTS = ["manual.html", "journal-format.txt", "journal.schema.json", "verify.py", "LICENSE"]
ALWAYS = (2024, 1, 1, 0, 0, 0)


def read_zip(package):
    with zipfile.ZipFile(DIST / package) as archive:
        return {info.filename: (archive.read(info), info.date_time, info.external_attr >> 16) for info in archive.infolist()}


def read_tar(package):
    with tarfile.open(DIST / package) as archive:
        return {member.name: (archive.extractfile(member).read() if member.isfile() else None, member.mtime, member.mode) for member in archive}


def contents(package):
    """Files of a package and their bytes, below the folder that is named as it is."""
    files = read_tar(package) if package.endswith(".gz") else read_zip(package)
    folder = package.removesuffix(".tar.gz").removesuffix(".zip") + "/"
    assert all(name.startswith(folder) or f"{name}/" == folder for name in files), f"{package}: a file outside of {folder}"
    return {name.removeprefix(folder): data for name, (data, *_) in files.items() if data is not None and not name.endswith("/")}


def msi_contents():
    """What the MSI installs, and the DLL that it runs."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["msiextract", "-C", folder, (DIST / MSI).resolve()], check=True, capture_output=True)
        home = next(pathlib.Path(folder).rglob("certwitness.dll")).parent
        files = {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    return {**files, SETUP: subprocess.run(["msiinfo", "extract", DIST / MSI, "Binary.Setup"], check=True, capture_output=True).stdout}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def packages():
    return sorted(path.name for path in DIST.iterdir() if path.is_file() and path.name not in ("SHA256SUMS", BOM))


def bom():
    return json.loads((DIST / BOM).read_text())


def components(tree):
    for component in tree:
        yield component
        yield from components(component.get("components", []))


def sums_of_folder(text):
    return dict(reversed(line.split("  ", 1)) for line in text.splitlines())


# Tests. Each yields what is wrong.
@test
def there_is_a_package_for_each_kind_of_reader():
    for package in (ADMIN, SDK, LAB, SYMBOLS, LINUX, MSI):
        if package not in packages(): yield f"{package} is missing"
    for package in packages():
        if not package.startswith(NAME): yield f"{package} is not of version {VERSION}"


@test
def administrators_get_everything_that_is_built_but_what_is_for_developers():
    built = {path.name for path in pathlib.Path("build/bin").iterdir()}
    admin = {pathlib.Path(name).name for name in contents(ADMIN) if name.startswith("bin/")}
    sdk = {pathlib.Path(name).name for name in contents(SDK) if name.startswith("bin/")}
    if admin | sdk | {SETUP} != built or admin & sdk or SETUP in admin | sdk: yield f"built {built}, shipped {admin} and {sdk}"
    if sdk != {"stubca.exe", "certexitps.dll"}: yield f"the SDK has {sdk}"
    for package, names in ((ADMIN, DOCUMENTS), (LINUX, ["certwitness", "certwitness-delivery", *DOCUMENTS]), (SDK, ["LICENSE"])):
        for name in names:
            if not contents(package).get(name): yield f"{package} has no {name}"
    told = sorted(path.name for path in pathlib.Path("src/packaging/integrations").iterdir())
    for package in (ADMIN, LINUX):
        there = sorted(pathlib.Path(name).name for name in contents(package) if name.startswith("integrations/"))
        if there != told: yield f"{package}: integrations has {there}, not {told}"
    for name, data in {**contents(ADMIN), **contents(SDK)}.items():
        if name.startswith("bin/") and data != pathlib.Path("build", name).read_bytes(): yield f"{name} is not the one that was built"


@test
def the_msi_installs_what_is_in_the_zip():
    zipped = {name.removeprefix("bin/"): data for name, data in contents(ADMIN).items() if name != "SHA256SUMS"}
    zipped["LICENSE.txt"] = zipped.pop("LICENSE")
    installed = msi_contents()
    if installed.pop(SETUP) != pathlib.Path("build/bin", SETUP).read_bytes(): yield f"{SETUP} in it is not the one that was built"
    if installed != zipped: yield f"not the same: {sorted(name for name, _ in installed.items() ^ zipped.items())}"


@test
def no_link_in_a_package_is_dead():
    """In the manual and in whatever else is HTML or Markdown; the MSI has the files of the zip, all in one folder."""
    for package in (ADMIN, LINUX, SDK):
        files, led = contents(package), 0
        for name, data in files.items():
            if not name.endswith((".html", ".md")): continue
            links = re.findall(r'(?:href|src)="([^"]*)"' if name.endswith(".html") else r"\]\(([^)\s]*)\)", data.decode())
            for link in links:
                if re.match("https?:|mailto:|data:|#", link): continue      # anchors are manual.t's business
                led += 1
                if posixpath.normpath(posixpath.join(posixpath.dirname(name), link.partition("#")[0])) not in files: yield f"{package}: {name} leads to {link}"
        if led < 3 and package != SDK: yield f"{package}: {led} links to files were seen"


@test
def the_lab_s_package_is_what_the_lab_needs():
    files = contents(LAB)
    for name in ("probe.dll", "lab_reader.exe"):
        if files.get(name) != pathlib.Path("build/lab", name).read_bytes(): yield f"{name} is not the one that was built"
    for name in ("lab.cmd", "answers.py", "plain.req", "LICENSE"):
        if not files.get(name): yield f"there is no {name}"


@test
def the_format_s_description_is_the_one_in_the_code():
    prose = pathlib.Path("src/journal/line.c").read_text().split("*/")[0]
    words = [word for line in prose.splitlines() for word in line.removeprefix("/*").removeprefix(" *").split()]
    for package in (ADMIN, LINUX):
        files = contents(package)
        told = files["journal-format.txt"]
        if told.decode().split() != words: yield f"{package}: journal-format.txt is another text"
        if (told.count(b"\n") != told.count(b"\r\n")) == (package == ADMIN): yield f"{package}: ends of lines that its readers' editors do not expect"
        for name, source in (("journal.schema.json", "src/journal/journal.schema.json"), ("verify.py", "tests/lib/verify.py")):
            if files[name] != pathlib.Path(source).read_bytes(): yield f"{package}: {name} is not {source}"


@test
def each_program_has_its_debug_symbols_in_the_package_of_symbols():
    programs = [name for package in (ADMIN, SDK, LAB, LINUX) for name in contents(package) if re.match(r"bin/|certwitness(-delivery)?$|.*\.(dll|exe)$", name)] + [SETUP]
    for name in programs:
        if f"{pathlib.Path(name).name}.debug" not in contents(SYMBOLS): yield f"none for {name}"


@test
def sums_are_right_inside_and_outside():
    outside = sums_of_folder((DIST / "SHA256SUMS").read_text())
    for name in [*packages(), BOM]:
        if outside.pop(name, None) != sha256((DIST / name).read_bytes()): yield f"wrong or no sum of {name}"
    if outside: yield f"sums of what is not there: {outside}"
    for package in (ADMIN, SDK, LAB, SYMBOLS, LINUX):
        files = contents(package)
        inside = sums_of_folder(files.pop("SHA256SUMS").decode())
        if inside != {name: sha256(data) for name, data in files.items()}: yield f"{package}: other sums in it than it has"


@test
def nothing_in_a_package_tells_who_made_it_and_when():
    for package in (ADMIN, SDK, LAB, SYMBOLS):
        for name, (_, time, mode) in read_zip(package).items():
            if time != ALWAYS or mode & 0o777 not in (0o644, 0o755): yield f"{package}: {name} of {time}, {mode:o}"
    with tarfile.open(DIST / LINUX) as archive:
        for member in archive:
            if (member.uid, member.gid, member.uname, member.gname, member.mtime) != (0, 0, "", "", 1704067200):
                yield f"{member.name}: {member.uid} {member.uname} {member.mtime}"
    if (DIST / LINUX).read_bytes()[4:8] != bytes(4): yield "gzip tells a time"
    here = str(pathlib.Path.cwd()).encode()
    for package in (ADMIN, SDK, LAB, SYMBOLS, LINUX):
        for name, data in contents(package).items():
            if here in data: yield f"{package}: {name} holds the name of this folder"


@test
def a_module_is_made_with_nothing_but_the_sdk():
    """As sdk/README.md says it."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(DIST / SDK) as archive: archive.extractall(folder)
        root = pathlib.Path(folder, SDK.removesuffix(".zip"))
        told = re.search(r"^    (x86_64-w64-mingw32-gcc -shared .*)$", (root / "sdk/README.md").read_text(), re.M)[1]
        done = subprocess.run(told.split() + ["-Wall", "-Werror"], cwd=root, capture_output=True, text=True)
        if done.returncode or not (root / "my_exit.dll").exists(): yield f"{told}: {done.stderr}"
        for stub in ("idl/certsrv.idl", "include/certsrv.h", "lib/certwitness.tlb", "scenarios/day.scenario"):
            if not (root / stub).exists(): yield f"there is no {stub}"


@test
def the_sbom_lists_each_package_and_each_file_in_it_with_its_hash():
    listed = {component["bom-ref"]: component for component in components(bom()["components"])}
    for package in packages():
        if listed.get(package, {}).get("hashes") != [{"alg": "SHA-256", "content": sha256((DIST / package).read_bytes())}]:
            yield f"wrong or no hash of {package}"
    for package in (ADMIN, SDK, LAB, SYMBOLS, LINUX):
        files = {f"{package}/{name}": sha256(data) for name, data in contents(package).items()}
        said = {ref: component["hashes"][0]["content"] for ref, component in listed.items() if ref.startswith(f"{package}/")}
        if files != said: yield f"{package}: {dict(files.items() ^ said.items())}"
    files = {f"{MSI}/{name}": sha256(data) for name, data in msi_contents().items()}
    said = {ref: component["hashes"][0]["content"] for ref, component in listed.items() if ref.startswith(f"{MSI}/")}
    if files != said: yield f"{MSI}: {dict(files.items() ^ said.items())}"


@test
def the_sbom_names_what_others_wrote_in_each_program():
    document = bom()
    named = {component["bom-ref"]: component["name"] for component in components(document["components"])}
    needs = {entry["ref"]: {named[ref] for ref in entry.get("dependsOn", [])} for entry in document["dependencies"] if entry["ref"] in named}
    programs = [f"{package}/{name}" for package in (ADMIN, SDK, LAB) for name in contents(package) if name.startswith("bin/") or name.endswith((".dll", ".exe"))]
    programs += [f"{MSI}/{name}" for name in msi_contents() if name.endswith((".dll", ".exe"))]
    for program in programs:
        if "mingw-w64-x86-64-dev" not in needs.get(program, ()): yield f"{program} without MinGW-w64's C library: {needs.get(program)}"
    for program in (f"{ADMIN}/bin/certwitness.exe", f"{LINUX}/certwitness"):
        if "libjsmn-dev" in needs.get(program, ()): yield f"{program} has jsmn in it, which is for tests alone"
    if not {"libc6", "libssl3"} <= needs.get(f"{LINUX}/certwitness", set()): yield f"for Linux: {needs.get(f'{LINUX}/certwitness')}"
    for component in document["components"]:
        if "purl" not in component or "?arch=source" in component["purl"]: continue
        version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}\n", component["name"]], capture_output=True, text=True).stdout.split()
        if component["version"] not in version: yield f"{component['name']} {component['version']}, which dpkg has as {version}"
        if not component.get("licenses"): yield f"{component['name']} has no licence"


@test
def the_sbom_names_libcurl_with_its_tarball_its_revision_and_its_patches():
    """It is a part of one program, made of Debian's source: src/delivery/curl/build pins the tarball."""
    document = bom()
    named = {component["bom-ref"]: component for component in components(document["components"])}
    users = {named[entry["ref"]]["name"] for entry in document["dependencies"] if any("/curl@" in reference for reference in entry.get("dependsOn", ()))}
    if {pathlib.Path(name).name for name in users} != {"certwitness-delivery.exe"}: yield f"parts of libcurl in {users}"
    component = next(each for each in document["components"] if each["name"] == "curl")
    pinned = re.search(r"^tarball=(\w+)$", pathlib.Path("src/delivery/curl/build").read_text(), re.M)[1]
    ancestor, = component["pedigree"]["ancestors"]
    if ancestor["hashes"] != [{"alg": "SHA-256", "content": pinned}]: yield f"the tarball is {ancestor}"
    if not component["version"].startswith(ancestor["version"] + "-") or not component.get("licenses"): yield f"it is {component}"
    patches = re.findall(r"(\S+\.(?:patch|diff)) \((\w+)\)", component["pedigree"]["notes"])
    if len(patches) < 5 or patches[-1] != ("manual-validation.patch", "CertWitness"): yield f"its patches are {patches}"


@test
def the_sbom_is_complete_in_itself_and_tells_no_time():
    document = bom()
    references = [component["bom-ref"] for component in components(document["components"])] + \
        [document["metadata"]["component"]["bom-ref"]]
    if (document["bomFormat"], document["specVersion"]) != ("CycloneDX", "1.6"): yield "it is no CycloneDX 1.6"
    if len(references) != len(set(references)): yield "a reference stands for two things"
    for entry in document["dependencies"]:
        for reference in [entry["ref"], *entry.get("dependsOn", [])]:
            if reference not in references: yield f"{reference} is not there"
    if uuid.UUID(document["serialNumber"].removeprefix("urn:uuid:")).version != 5: yield "its serial number does not come of its contents"
    if "timestamp" in document["metadata"]: yield "it tells a time"


run_tests()
