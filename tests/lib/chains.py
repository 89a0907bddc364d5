"""Journals made from the prose at the top of src/journal/line.c, for tests that doctor them; nothing of ours is used."""
import hashlib, os

RUN = "01234567-89ab-4def-8123-456789abcdef"

def seal(body):
    return body + b',"hash":"' + hashlib.sha256(body).hexdigest().encode() + b'"}\n'

def hash_of(line):
    return line[-67:-3].decode()

def line(n, previous, flushed=None, data='{"event":1,"name":"\\u00e9"}', type="certificate.issued", subject='"subject":"request/1",', run=RUN, time="2026-11-21T10:00:00.123Z",
         source="/adcs/ca/CA"):
    return seal((f'{{"specversion":"1.0","id":"{run}-{n:020}","source":"{source}","type":"certwitness.{type}",{subject}"time":"{time}",'
                 f'"sequence":"{n:020}","previoushash":"{previous}","flushed":"{n - 1 if flushed is None else flushed:020}",'
                 f'"datacontenttype":"application/json","data":{data}').encode())

def chain(first, count, previous="0" * 64, **how):
    lines = []
    for n in range(first, first + count):
        lines.append(line(n, previous, **how))
        previous = hash_of(lines[-1])
    return lines

def head_file(n, hash, run=RUN, ca="CA"):
    """The file head."""
    fields = f"certwitness-head 1 {run} {n:020} {hash} "
    return f"{fields}{hashlib.sha256((fields + ca).encode()).hexdigest()}\n".encode()

def name(n):
    return f"{n:020}.jsonl"

def write(folder, files):
    os.makedirs(folder)
    for file, text in files.items():
        with open(os.path.join(folder, file), "wb") as out: out.write(text)
