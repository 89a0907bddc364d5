"""TAP for the tests that are Python scripts. Whoever imports it goes on in the project's folder, from wherever it was started.

A test is a function whose name is a sentence, marked with @test, or one that gets its sentence by @test("..."). It fails by what it raises, by what
it yields if it is a generator, and by `check`, `same` and `complain`; by all but the first it fails and goes on. It returns nothing. Words on the
command line choose: numbers, parts of names or sentences.
"""
import inspect, os, sys, time, traceback

os.chdir(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

TESTS = []                              # (function, sentence), in the order of the script
complaints = 0                          # of the test that runs

class Skip(Exception):
    """Raised by a test that cannot be run here, with the reason."""

def test(what):
    if not callable(what): return lambda function: listed(function, what)
    return listed(what, sentence_of(what))

def listed(function, sentence):
    assert function.__name__.strip("_"), f"the test of '{sentence}' needs a name, so that it can be chosen and found"
    TESTS.append((function, sentence))
    return function

def sentence_of(function):
    return function.__name__.strip("_").replace("_", " ")

def complain(text, most=3000):
    global complaints
    complaints += 1
    print("\n".join("# " + line for line in str(text)[:most].splitlines()), flush=True)

def lines_of_script(stack):
    lines = [str(frame.lineno) for frame in stack if frame.filename.endswith(".t") and frame.name != "<module>"]
    return f"line {', '.join(lines) or '?'}"

def check(ok, what):
    """One thing that must hold."""
    if not ok: complain(f"{lines_of_script(traceback.extract_stack())}: {what}")
    return ok

def same(got, want, what="it"):
    return check(got == want, f"{what} is {got!r}, expected {want!r}")

def told(fault):
    """What was raised, behind the script's own lines on the way there; and what it was raised over, as by a `finally` that could not tidy up."""
    over = f"\nwhile handling {told(fault.__context__)}" if fault.__context__ and not fault.__suppress_context__ else ""
    return f"{lines_of_script(traceback.extract_tb(fault.__traceback__))}: {type(fault).__name__}: {fault}{over}"

def is_chosen(number, name, sentence):
    words = sys.argv[1:]
    return not words or any(word == str(number) or not word.isdigit() and (word in name or word in sentence) for word in words)

def go(number, function, sentence, after_failure):
    """Whether it passed."""
    global complaints
    complaints, start, skipped = 0, time.monotonic(), ""
    try:
        result = function()
        if inspect.isgenerator(result):
            for complaint in result: complain(complaint, 600)
        elif result is not None: complain(f"it returns {result!r}: perhaps a complaint, which it has to raise or yield")
    except Skip as why: skipped = f" # SKIP {why}"
    except (Exception, SystemExit) as fault: complain(told(fault))      # a test that breaks is a test that fails; the others still run
    print(f"{'not ' if complaints else ''}ok {number} - {sentence}{skipped}", flush=True)
    if sys.argv[1:]: print(f"# {time.monotonic() - start:.1f} s", flush=True)
    if complaints and after_failure: after_failure()
    return not complaints

def run(tests=None, after_failure=None, finish=None):
    """Run them, `finish` whatever happens, and end the script. `tests` is a list of functions or pairs; by default those marked with @test."""
    tests = [one if isinstance(one, tuple) else (one, sentence_of(one)) for one in (TESTS if tests is None else tests)]
    chosen = [one for number, one in enumerate(tests, 1) if is_chosen(number, one[0].__name__, one[1])]
    print(f"1..{len(chosen)}", flush=True)
    if not chosen: print("# no test is called so", flush=True)
    try: passed = [go(place, *one, after_failure) for place, one in enumerate(chosen, 1)]
    finally:
        if finish: finish()
    sys.exit(not passed or not all(passed))
