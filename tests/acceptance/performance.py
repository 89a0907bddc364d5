"""How long it takes on a CA: with the module, without it, and to put bytes of the same size on the same disk. No figure is judged.

    performance = {"what": words, "with": summary, "without": summary, "flush": summary}

A summary holds count, p50, p99 and max; times in milliseconds.
"""
import os, time

LINE = 4000                     # bytes; near a line of an issued certificate

def summary(durations_ms):
    ordered = sorted(durations_ms)
    at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return {"count": len(ordered), "p50": at(0.5), "p99": at(0.99), "max": ordered[-1]} if ordered else {"count": 0, "p50": 0, "p99": 0, "max": 0}

def flushes(path, count, size=LINE):
    """Milliseconds of each: bytes are appended to a file and flushed. The file is removed."""
    taken = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(count):
            begun = time.perf_counter()
            file.write(b"x" * size)
            os.fsync(file.fileno())     # FlushFileBuffers on Windows
            taken.append((time.perf_counter() - begun) * 1000)
    os.remove(path)
    return taken

def table(performance):
    """Of what was measured."""
    rows = [("milliseconds", "count", "p50", "p99", "max")]
    for name, words in (("with", f"{performance['what']}, with the module"), ("without", f"{performance['what']}, without it"), ("flush", f"{LINE} bytes appended and flushed")):
        one = performance.get(name)
        if one: rows.append((words, str(one["count"]), *(f"{one[part]:.3f}" for part in ("p50", "p99", "max"))))
    return "".join(f"{words:<48}{count:>8}{p50:>12}{p99:>12}{most:>12}\n" for words, count, p50, p99, most in rows)
