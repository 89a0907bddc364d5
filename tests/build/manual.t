#!/usr/bin/python3
"""What people read: README.md, the pages in src/manual and the one HTML page that is made of them. Each link and each anchor leads somewhere.

Anchors in Markdown are those that GitHub gives to headings, worked out here from the text alone; the HTML is read by Python's own parser.
"""
import sys; sys.path[0] += "/../lib"
import base64, functools, glob, html.parser, os, posixpath, re, subprocess, tempfile

from tap import run as run_tests, test
from version import VERSION

PAGES = sorted(glob.glob("src/manual/*.md"))
FRONT = ["README.md", ".github/SECURITY.md", *PAGES]
# For who changes the code.
ABOUT_CODE = [path for path in ("src/README.md", ".github/CONTRIBUTING.md", "tests/README.md", *glob.glob("src/*/README.md"), *glob.glob("wine/stubca/README.md"))
              if os.path.exists(path)]
MOST_LINES = 150                        # of README.md
BESIDE = {"journal-format.txt", "journal.schema.json", "verify.py", "integrations/README.md"}


def markdown_files():
    """Every page in the repository, but not what was built or installed."""
    for folder, folders, names in os.walk("."):
        folders[:] = [name for name in folders if name not in ("build", "node_modules", ".git")]
        yield from (posixpath.normpath(f"{folder}/{name}") for name in names if name.endswith(".md"))


def without_code(text):
    text = re.sub(r"(?m)^```.*?^```", "", text, flags=re.S)
    return "\n".join(line for line in text.splitlines() if not line.startswith("    "))


def headings(text):
    """(level, text) of each, as it is read: without marks."""
    for marks, words in re.findall(r"(?m)^(#+) (.+?)\s*$", without_code(text)):
        yield len(marks), re.sub(r"`|\*\*|(?<!\w)_|_(?!\w)", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", words))


def anchors(text):
    found = []
    for _, words in headings(text):
        anchor = "".join(c for c in words.lower().replace(" ", "-") if c.isalnum() or c in "-_")
        count = sum(re.sub(r"-\d+$", "", other) == anchor for other in found)
        found.append(f"{anchor}-{count}" if count else anchor)
    return found


def links(text):
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`(?!\])", "", without_code(text)))


class Page(html.parser.HTMLParser):
    """What is in a page that a test asks about."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.pictures, self.text = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if "id" in attributes: self.ids.append(attributes["id"])
        if tag == "a": self.links.append(attributes["href"])
        if tag == "img": self.pictures.append(attributes)

    def handle_data(self, data):
        self.text.append(data)

    def words(self):
        return "".join(c for c in "".join(self.text) if c.isalnum())


def made():
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["src/packaging/manual", out.name, VERSION], check=True)
        return out.read().decode()


@test("README.md has at most 150 lines")
def short():
    count = open("README.md").read().count("\n")
    if count > MOST_LINES: yield f"{count} lines"


@test
def every_link_in_markdown_leads_to_a_file_and_a_heading():
    seen = 0
    for path in markdown_files():
        for link in links(open(path).read()):
            if re.match("https?://|mailto:", link): continue
            seen += 1
            target, _, anchor = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) if target else path
            if not os.path.exists(target): yield f"{path} leads to {link}, which is not there"
            elif anchor and anchor not in anchors(open(target).read()): yield f"{path} leads to {link}: {target} has no such heading"
    if seen < 50: yield f"{seen} links were seen"


def versions_in(text):
    """Numbers of three parts: a page that people read has no others."""
    return re.findall(r"(?<![\w.])\d+\.\d+\.\d+(?!\.?\d)", text)


@test
def a_version_that_a_page_names_is_that_of_src_version_h():
    seen = 0
    for path in [*FRONT, "src/packaging/README.md", "tests/acceptance/README.md"]:
        text = open(path).read()
        if path.endswith("/changes.md"):
            newest, *older = re.findall(r"(?m)^## .*$", text)
            if versions_in(newest) != [VERSION]: yield f"{path} begins with {newest!r}, and this is {VERSION}"
            for heading in older: text = text.replace(heading, "")
        told = versions_in(text)
        seen += len(told)
        if set(told) - {VERSION}: yield f"{path} names {sorted(set(told) - {VERSION})}, and this is {VERSION}"
    if seen < 5: yield f"{seen} versions were seen"


@test
def every_page_of_the_manual_is_listed_in_readme():
    listed = links(open("README.md").read())
    for path in PAGES:
        if path not in listed: yield f"{path} is not"
    if len(PAGES) < 8: yield f"there are {PAGES}"


@test
def every_picture_says_what_it_shows():
    pictures = [(path, words) for path in FRONT for words in re.findall(r"!\[([^]]*)\]", open(path).read())]
    if len(pictures) < 2: yield f"there are {pictures}"
    for path, words in pictures:
        if len(words) < 20: yield f"{path}: {words!r}"


# In PowerShell each of these is an error, or something else: sc is Set-Content, where is Where-Object, a line that begins with a quoted
# path prints it. net start has a cmdlet of its own.
ONLY_CMD = re.compile(r"""%[A-Za-z_()]{3,}%|&&|\|\||>\s*nul\b|\^$|%%?[a-z]\s+in\s|^\s*(?:> )?(?:set\s+\w+=|@?echo\s+off|rem\s|rd\s|(?:copy|del|dir|rmdir)\s+(?:\S+\s+)*/|
    net\s+(?:start|stop)\b|sc\s|where\s|findstr\s|"[^"]*\.exe")""", re.I | re.M | re.X)


def is_marked_as_cmd(line, words): return re.match(r"\s*cmd(\.exe)? /c ", line) or re.search(r"\bcmd(\.exe)?\b", words)


def commands_of_windows():
    """(place, line, the words that introduce it) of all that may be pasted: blocks and code in the text of documents, examples in help texts."""
    for path in FRONT:
        paragraphs = open(path, encoding="utf8").read().split("\n\n")
        for before, block in zip([""] + paragraphs, paragraphs):
            if block.startswith("    "):
                for line in block.splitlines(): yield path, line, before
            else:
                for line in re.findall(r"`([^`\n]+ [^`\n]+)`", block): yield path, line, block         # a path alone is no command
    for path in ["src/cli/main.c", *sorted(glob.glob("src/cli/commands/*.c"))]:
        for more in re.findall(r'\.more\s*=\s*((?:\s*"(?:[^"\\\n]|\\.)*")+)', open(path, encoding="utf8").read()):
            text = "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', more)).replace(r"\n", "\n").replace(r"\"", '"').replace("\\\\", "\\")
            paragraphs = text.split("\n\n")
            for before, block in zip([""] + paragraphs, paragraphs):
                for line in block.splitlines():
                    if line.startswith("  "): yield path, line, before


@test
def what_may_be_pasted_on_windows_is_powershell_unless_it_is_marked_as_cmd():
    seen = {"help": 0, "manual": 0}
    for path, line, words in commands_of_windows():
        if re.search(r"\b(certwitness|msiexec|certutil|[A-Z][a-z]+-[A-Z]\w+)\s", line): seen["help" if path.endswith(".c") else "manual"] += 1
        if ONLY_CMD.search(line) and not is_marked_as_cmd(line, words): yield f"{path}: {line.strip()} is cmd's: write it for PowerShell, or say before it that it is for cmd"
    if seen["help"] < 25 or seen["manual"] < 100: yield f"only {seen} commands were seen"


@test
def the_html_page_needs_nothing_else():
    text = made()
    page = Page(text)
    for tag, attributes in page.tags:
        if tag in ("script", "link", "iframe", "object", "form"): yield f"<{tag}>"
        for name, value in attributes.items():
            if name.startswith("on"): yield f"<{tag} {name}>"
            if name in ("src", "srcset", "background") and not value.startswith("data:"): yield f"<{tag} {name}={value}>"
    if re.search(r"@import|url\(", text): yield "its style loads something"
    if ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) not in page.tags: yield "a telephone would show it as a desktop does"
    if len(page.pictures) < 2: yield f"there are {len(page.pictures)} pictures"
    for picture in page.pictures:
        if base64.b64decode(picture["src"].partition(",")[2])[:4] != b"\x89PNG": yield f"{picture['alt']}: is no PNG"
        if not picture["alt"]: yield "a picture does not say what it shows"


@test
def every_link_and_anchor_of_the_html_page_is_alive():
    page = Page(made())
    for name in {name for name in page.ids if page.ids.count(name) > 1}: yield f"{name} is there {page.ids.count(name)} times"
    for link in page.links:
        if link.startswith("#") and link[1:] not in page.ids: yield f"{link} leads nowhere"
        if not re.match("#|https?://|mailto:", link) and link not in BESIDE: yield f"{link} is in no package"
    if sum(link.startswith("#") for link in page.links) < 80: yield f"it has {len(page.links)} links"


@test
def the_html_page_has_every_heading_and_every_word():
    page = Page(made())
    for path in FRONT:
        text = open(path).read()
        for _, words in headings(text):
            if "".join(filter(str.isalnum, words)) not in page.words(): yield f"{path}: {words}"
        for line in re.sub(r"(?m)^\d+\. ", "", text).splitlines():
            prose = line.startswith("    ") or not re.search(r"[\[\]!|#`*_<\\]", line)
            if prose and "".join(filter(str.isalnum, line)) not in page.words(): yield f"{path}: {line}"


@test
def the_same_sources_give_the_same_page():
    if made() != made(): yield "they do not"


def inline_code(text):
    return re.findall(r"`([^`\n]+)`", without_code(text))


def sources():
    for top in "src", "wine", "tests", "idl", "gen", ".ci":
        for folder, _, names in os.walk(top):
            yield from (f"{folder}/{name}" for name in names)


@functools.cache
def words_of_the_code():
    """What stands in the sources, Markdown left aside, and what their files are called."""
    found = set()
    for path in ["Makefile", *sources()]:
        if path.endswith((".md", ".png")): continue
        found |= set(re.findall(r"\w+", open(path, encoding="utf8", errors="replace").read()))
        found.add(os.path.basename(path).partition(".")[0])
    return found


def is_there(name, folder):
    """A file, as a page in `folder` may name it. What is built is there later."""
    if name.startswith(("build/", "gen/")): return True
    places = "", folder + "/", "src/", "wine/", "tests/", "tests/**/", folder + "/**/"
    return any(glob.glob(place + name, recursive=True, include_hidden=True) for place in places)


@test
def every_file_and_every_function_that_a_page_about_the_code_names_is_there():
    seen = 0
    for path in ABOUT_CODE:
        folder = posixpath.dirname(path)
        for name in inline_code(open(path).read()):
            if "NAME" in name: continue                     # for the reader to fill in
            if re.fullmatch(r"[\w.*@-]*[\w*]/[\w./*@-]*|[A-Za-z.*][\w./*-]*\.(c|h|t|py|md|mc|idl|rc|json|scenario)", name):
                seen += 1
                if not is_there(name, folder): yield f"{path}: there is no file {name}"
            elif re.fullmatch(r"[A-Za-z]\w*_\w+(\(\))?", name):
                seen += 1
                if name.strip("()") not in words_of_the_code(): yield f"{path}: nothing is called {name}"
    if seen < 300: yield f"{seen} names were seen"


def stem(name): return re.sub(r"(_windows|_posix)?(\.[ch])?$", "", name)


@test
def the_readme_of_a_room_lists_the_files_that_are_there_and_no_others():
    rooms = {folder: {stem(name) for name in os.listdir(folder) if name.endswith((".c", ".h"))} for folder in map(posixpath.dirname, glob.glob("src/*/README.md"))}
    for folder in glob.glob("src/cli/*/"): rooms["src/cli"] |= {stem(name) for name in os.listdir(folder) if name.endswith((".c", ".h"))}
    for folder, files in rooms.items():
        text = without_code(open(f"{folder}/README.md").read())
        rows = [row for row in re.findall(r"(?m)^\| (.*?) \|", text)]
        listed = {stem(name) for row in rows for name in re.findall(r"`([\w./-]+)`", row)}
        for name in sorted(files - listed): yield f"{folder}/README.md does not list {name}"
        for name in sorted(listed - files):
            if not is_there(name + "*", folder): yield f"{folder}/README.md lists {name}, which is not there"


run_tests()
