"""A strict reader of syslog messages, written from the grammar of RFC 5424; nothing of ours is used."""
import re
from datetime import datetime

WORD = rb"[\x21-\x7e]"
HEADER = re.compile(rb"<(0|[1-9][0-9]?|1[0-8][0-9]|19[01])>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) "
                    rb"(%s{1,255}) (%s{1,48}) (%s{1,128}) (%s{1,32}) " % (WORD, WORD, WORD, WORD))
NAME = re.compile(rb"[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}")  # without = SP ] "
# PARAM-VALUE: '"', '\' and ']' are escaped; a '\' before anything else is itself, which we never write
VALUE = re.compile(rb'"((?:[^"\\\]]|\\["\\\]])*)"')

class Message:
    """The parts of a message. Raises ValueError where the bytes are none."""
    def __init__(self, data):
        header = HEADER.match(data)
        if not header: raise ValueError(f"no header: {data[:120]}")
        pri, time, self.host, self.app, self.process, self.id = (part.decode() for part in header.groups())
        self.facility, self.severity, self.time = *divmod(int(pri), 8), None if time == "-" else datetime.fromisoformat(time.replace("Z", "+00:00"))
        self.data, at = {}, header.end()
        if data[at:at + 1] == b"-": at += 1
        else:
            while data[at:at + 1] == b"[": at = self.element(data, at + 1)
            if not self.data: raise ValueError(f"no structured data: {data[at:at + 80]}")
        if at < len(data) and data[at:at + 1] != b" ": raise ValueError(f"no blank before the message: {data[at:at + 80]}")
        self.text = data[at + 1:]

    def element(self, data, at):
        name = NAME.match(data, at)
        if not name: raise ValueError(f"no SD-ID: {data[at:at + 80]}")
        if name.group().decode() in self.data: raise ValueError(f"the SD-ID {name.group()} stands twice")
        params, at = self.data.setdefault(name.group().decode(), {}), name.end()
        while data[at:at + 1] == b" ":
            name = NAME.match(data, at + 1)
            value = VALUE.match(data, name.end() + 1) if name and data[name.end():name.end() + 1] == b"=" else None
            if not value: raise ValueError(f"no parameter: {data[at:at + 80]}")
            params[name.group().decode()] = re.sub(rb'\\(["\\\]])', rb"\1", value.group(1)).decode()       # raises if it is not UTF-8
            at = value.end()
        if data[at:at + 1] != b"]": raise ValueError(f"the structured data has no end: {data[at:at + 80]}")
        return at + 1
