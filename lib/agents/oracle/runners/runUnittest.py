"""Runs unittest files and writes one JSON line per case, then {"done": true}.

usage: python3 -I runUnittest.py REPORT LIST     (LIST names one test file a line, relative to the working directory)

Everything that the judged code could bend is taken before any of it is loaded: the report is open, the json and os
functions are bound, and the methods of TestCase are compared before every class. A run that ends without the last line
(os._exit, sys.exit while a file is loaded, a crash) has no result.
"""

import importlib.util
import json
import os
import sys
import traceback
import unittest

REPORT = open(sys.argv[1], "w", encoding="utf-8")
with open(sys.argv[2], encoding="utf-8") as listed:
    TESTS = [line for line in listed.read().split("\n") if line]
ROOT = os.getcwd()
WRITE, FLUSH, DUMPS = REPORT.write, REPORT.flush, json.dumps
GENUINE = {kind: dict(vars(kind)) for kind in (unittest.TestCase, unittest.TestResult, unittest.TestSuite)}


def tell(record):
    WRITE(DUMPS(record) + "\n")
    FLUSH()


def innermost(error):
    """File (relative) and line of the deepest frame that is the repository's own."""
    found = None
    for frame in traceback.extract_tb(error.__traceback__):
        path = os.path.realpath(frame.filename)
        if path.startswith(ROOT + os.sep):
            found = (os.path.relpath(path, ROOT), frame.lineno)
    if isinstance(error, SyntaxError) and error.filename and error.filename.startswith(ROOT + os.sep):
        found = (os.path.relpath(error.filename, ROOT), error.lineno)
    return found or (None, None)


def told(error):
    where, line = innermost(error)
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    return {"file": where, "line": line, "message": text[:4000], "missing": missing}


class Recorder(unittest.TestResult):
    """Keeps the worst outcome of each case; subtests count for their case."""

    def __init__(self, owner):
        super().__init__()
        self.owner = owner
        self.outcomes = {}
        self.details = {}

    def note(self, test, outcome, detail=None):
        method = getattr(test, "_testMethodName", None)
        name = str(test) if method is None else f"{type(test).__qualname__}.{method}"
        rank = ("passed", "skipped", "failed", "errored")
        known = self.outcomes.get(name)
        if known is None or rank.index(outcome) > rank.index(known):
            self.outcomes[name] = outcome
            if detail is not None:
                self.details[name] = detail

    def addSuccess(self, test):
        self.note(test, "passed")

    def addSkip(self, test, reason):
        self.note(test, "skipped")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, "failed", told(err[1]))

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, "errored", told(err[1]))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is None:
            return
        outcome = "failed" if issubclass(err[0], test.failureException) else "errored"
        self.note(test, outcome, told(err[1]))

    def addExpectedFailure(self, test, err):
        self.note(test, "passed")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note(test, "failed", {"file": None, "line": None, "message": "unexpected success", "missing": None})


def module_of(path):
    """(folder for sys.path, dotted name): the chain of packages above the file decides, as pytest does it."""
    folder, stem = os.path.split(os.path.abspath(path))
    names = [os.path.splitext(stem)[0]]
    while os.path.exists(os.path.join(folder, "__init__.py")) and folder != ROOT:
        folder, package = os.path.split(folder)
        names.insert(0, package)
    return folder, ".".join(names)


def load(path):
    folder, name = module_of(path)
    if folder not in sys.path:
        sys.path.append(folder)
    if "." in name:
        return importlib.import_module(name)
    # By its path: a test file called like a module of the standard library is still the test file.
    if name in sys.modules:
        name = "judged_" + path.replace("/", "_").replace(".", "_")
    spec = importlib.util.spec_from_file_location(name, os.path.abspath(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def restore_unittest():
    """True when the judged code had changed unittest's own classes."""
    changed = False
    for kind, genuine in GENUINE.items():
        for name, value in genuine.items():
            # Data such as maxDiff may be set by any test file; methods belong to unittest.
            if callable(value) and vars(kind).get(name) is not value:
                setattr(kind, name, value)
                changed = True
    return changed


def tell_bent(path):
    tell({"owner": path, "test": "(load)", "outcome": "errored", "file": None, "line": None, "missing": None,
          "message": "the code under test changes unittest itself"})
    return False


def run(path):
    """Writes the cases of one file; True when all of them are well."""
    try:
        suite = unittest.defaultTestLoader.loadTestsFromModule(load(path))
    except unittest.SkipTest:
        return True
    except Exception as error:
        tell({"owner": path, "test": "(load)", "outcome": "errored", **told(error)})
        return False
    if restore_unittest():
        return tell_bent(path)
    recorder = Recorder(path)
    suite.run(recorder)
    if restore_unittest():
        return tell_bent(path)
    for name, outcome in recorder.outcomes.items():
        tell({"owner": path, "test": name, "outcome": outcome, **recorder.details.get(name, {})})
    return not any(outcome in ("failed", "errored") for outcome in recorder.outcomes.values())


def main():
    # Only now: whatever unittest itself needs was loaded before the repository could shadow it.
    sys.path.insert(0, ROOT)
    if os.path.isdir(os.path.join(ROOT, "src")):
        sys.path.insert(1, os.path.join(ROOT, "src"))
    well = [run(path) for path in TESTS]
    tell({"done": True})
    sys.exit(0 if all(well) else 1)


main()
