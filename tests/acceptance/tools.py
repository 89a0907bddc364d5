"""What Windows' own tools print, read by position, number and code, and never by words: they speak the language of the machine.

`tool_output.json` has published outputs, in several languages, with what has to be read in each; real_host.t reads all of them.
"""
import csv, re, struct
from answers import count_in, request_id_in, state_in
import xml.etree.ElementTree as tree

class Unreadable(Exception):
    """An output that has another form than any that is known."""

def request_id(text):
    """certreq -submit."""
    number = request_id_in(text)
    if number is None: raise Unreadable(f"no RequestID in {text[:300]!r}")
    return number

def number(shown):
    """Of a column of certutil -view: 0x14 (20) -- Issued, 20 -- Issued, 101, 0x5. None for EMPTY."""
    told = re.match(r"\s*(?:0x([0-9a-fA-F]+)|(-?\d+))", shown)
    return None if not told else int(told[1], 16) if told[1] else int(told[2])

def csv_rows(text):
    """certutil -view ... csv: a heading and rows, columns in quotation marks, numbers perhaps without; behind them perhaps a line that is none."""
    lines = [line for line in text.splitlines() if re.match(r'"|(0x[0-9a-f]+|\d+)( -- [^,]*)?(,|$)', line)]
    if not lines or not lines[0].startswith('"'): raise Unreadable(f"no columns in {text[:300]!r}")
    heading, *rows = csv.reader(lines)
    return [row for row in rows if len(row) == len(heading)]

def service_state(text):
    """sc query: 1 stopped, 4 running."""
    state = state_in(text)
    if state is None: raise Unreadable(f"no state in {text[:300]!r}")
    return state

def durations(text):
    """submit.ps1: [(milliseconds, disposition)]. It prints nothing else."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [re.fullmatch(r"(\d+\.\d{3}) (\d+)", line) for line in lines]
    if not told or not all(told): raise Unreadable(f"no durations in {text[:300]!r}")
    return [(float(one[1]), int(one[2])) for one in told]

def process_id(text):
    """sc queryex: the last line but one; PID is not translated."""
    told = re.search(r"^\s*PID\s*:\s*(\d+)", text, re.M)
    if not told: raise Unreadable(f"no PID in {text[:300]!r}")
    return int(told[1])

def multi_string(text, name):
    """reg query KEY /v NAME of a REG_MULTI_SZ."""
    told = re.search(rf"^\s+{re.escape(name)}\s+REG_MULTI_SZ\s*(.*)$", text, re.M)
    if not told: raise Unreadable(f"no {name} in {text[:300]!r}")
    return [one for one in told[1].strip().split("\\0") if one]

def dword(text, name):
    """reg query KEY /v NAME of a REG_DWORD."""
    told = re.search(rf"^\s+{re.escape(name)}\s+REG_DWORD\s+0x([0-9a-f]+)\s*$", text, re.M | re.I)
    if not told: raise Unreadable(f"no {name} in {text[:300]!r}")
    return int(told[1], 16)

def failure_actions(text):
    """reg query of a service's value FailureActions, a SERVICE_FAILURE_ACTIONS with pointers of 32 bits, and the actions behind it: [seconds, [[kind, milliseconds]]]."""
    told = re.search(r"^\s+FailureActions\s+REG_BINARY\s+((?:[0-9a-f]{2})+)\s*$", text, re.M | re.I)
    try:
        data = bytes.fromhex(told[1])
        seconds, _, _, count, _ = struct.unpack_from("<5I", data)
        return [seconds, [list(struct.unpack_from("<2I", data, 20 + 8 * number)) for number in range(min(count, 99))]]
    except (TypeError, struct.error): raise Unreadable(f"no failure actions in {text[:300]!r}")

def product(text):
    """reg query of a key of Windows Installer's UpgradeCodes: the ProductCode, packed; None where there is none."""
    told = re.search(r"^\s+([0-9A-F]{32})\s+REG_SZ", text, re.M)
    return told and told[1]

def exported(text):
    """reg export: "KEY" and "KEY<tab>VALUE" for each line, values that go on over several lines as one."""
    out, key = [], ""
    for line in re.sub(r"\\\r?\n\s*", "", text).splitlines():
        if line.startswith("["): key = line.strip("[]")
        if line.startswith("["): out.append(key)
        elif line.startswith(('"', "@")): out.append(f"{key}\t{line}")
    return out

def keys_below(text):
    """reg query of a key: the keys below it, by their whole names."""
    return re.findall(r"^(HKEY_[^\r\n]+?)\s*$", text, re.M)

def saved_acl(text):
    """icacls NAME /save FILE: the name, and below it the SDDL."""
    told = re.search(r"^D:\S*", text, re.M)
    if not told: raise Unreadable(f"no SDDL in {text[:300]!r}")
    return told[0]

EVENT = "{http://schemas.microsoft.com/win/2004/08/events/event}"
def logged(text):
    """wevtutil qe /f:xml, whose output has no root: [(EventID, source, texts)]."""
    try: root = tree.fromstring("<all>" + re.sub(r"<\?xml[^>]*\?>", "", text) + "</all>")
    except tree.ParseError as why: raise Unreadable(f"{why}: {text[:300]!r}")
    return [(int(event.findtext(f"{EVENT}System/{EVENT}EventID")), event.find(f"{EVENT}System/{EVENT}Provider").get("Name"),
             [data.text or "" for data in event.iter(EVENT + "Data")]) for event in root]

def heads(text):
    """Of the entries 100 to 104 of CertWitness-Journal: [[sequence, hash]]."""
    found = [(re.search(r"\b\d{20}\b", said), re.search(r"\b[0-9a-f]{64}\b", said)) for said in (" ".join(texts) for id, _, texts in logged(text) if 100 <= id <= 104)]
    return [[int(sequence[0]), hash[0]] for sequence, hash in found if sequence and hash]

def exit_count(text):
    """certutil -CAInfo exitcount: the last number of the first line that has one behind a colon."""
    count = count_in(text)
    if count is None: raise Unreadable(f"no number in {text[:300]!r}")
    return count
