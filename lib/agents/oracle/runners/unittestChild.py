"""Runs unittest files: started by judge.py, as `python3 -I unittestChild.py DESCRIPTOR LIST`.

Everything that the judged code could bend is taken before any of it is loaded, and the methods of unittest are compared
and put right after every file.
"""

import importlib.util
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from channel import ROOT, add_paths, always_equal, hide_main, open_channel, told, use_site  # noqa: E402

sys.path.pop(0)
use_site()


class Recorder(unittest.TestResult):
    """Keeps the worst outcome of each case; subtests count for their case."""

    def __init__(self):
        super().__init__()
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


KINDS = (unittest.TestCase, unittest.TestResult, unittest.TestSuite, Recorder)
GENUINE = {kind: dict(vars(kind)) for kind in KINDS}


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


def bent(path):
    message = "the code under test changes unittest itself"
    return {"owner": path, "test": "(load)", "outcome": "errored", "message": message}


def run(path):
    """The records of one file."""
    try:
        suite = unittest.defaultTestLoader.loadTestsFromModule(load(path))
    except unittest.SkipTest:
        return []
    except Exception as error:
        return [{"owner": path, "test": "(load)", "outcome": "errored", **told(error)}]
    if restore_unittest():
        return [bent(path)]
    recorder = Recorder()
    suite.run(recorder)
    if restore_unittest():
        return [bent(path)]
    return [
        {"owner": path, "test": name, "outcome": outcome, **recorder.details.get(name, {})}
        for name, outcome in recorder.outcomes.items()
    ]


def main():
    tell = open_channel(int(sys.argv[1]))
    with open(sys.argv[2], encoding="utf-8") as listed:
        tests = [line for line in listed.read().split("\n") if line]
    hide_main()
    add_paths()
    for path in tests:
        for record in run(path):
            tell(record)
    for record in always_equal(tests):
        tell(record)
    tell({"done": True})


main()
