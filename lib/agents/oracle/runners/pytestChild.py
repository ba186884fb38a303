"""Runs pytest files: started by judge.py, as `python3 -I pytestChild.py DESCRIPTOR LIST`."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from channel import add_paths, always_equal, hide_main, open_channel, told, use_site  # noqa: E402

sys.path.pop(0)
use_site()
import pytest  # noqa: E402

RANK = ("passed", "skipped", "failed", "errored")


class Recorder:
    """Keeps the worst outcome of each case, by what was raised: reports can be rewritten by other plugins."""

    def __init__(self):
        self.outcomes = {}
        self.details = {}

    def note(self, node, outcome, detail=None):
        owner, *names = node.split("::")
        key = (owner, ".".join(names) or "(load)")
        known = self.outcomes.get(key)
        if known is None or RANK.index(outcome) > RANK.index(known):
            self.outcomes[key] = outcome
            if detail is not None:
                self.details[key] = detail

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        raised = call.excinfo
        if raised is None or item.get_closest_marker("xfail"):
            if report.outcome != "passed" or call.when == "call":
                self.note(item.nodeid, report.outcome, plain(report.longreprtext) if report.failed else None)
        elif raised.errisinstance(pytest.skip.Exception):
            self.note(item.nodeid, "skipped")
        else:
            self.note(item.nodeid, "failed" if call.when == "call" else "errored", told(raised.value))

    def pytest_collectreport(self, report):
        if report.failed:
            self.note(report.nodeid or "tests", "errored", plain(report.longreprtext))

    def records(self):
        for (owner, test), outcome in self.outcomes.items():
            yield {"owner": owner, "test": test, "outcome": outcome, **self.details.get((owner, test), {})}


def plain(text):
    """Of a report that is only text; the last place that it names is where it went wrong."""
    missing = re.search(r"ModuleNotFoundError: No module named '([^']+)'", text)
    places = re.findall(r"^([\w./-]+\.py):(\d+):", text, re.M)
    file, line = places[-1] if places else (None, None)
    return {
        "file": file,
        "line": int(line) if line else None,
        "message": text.strip()[-4000:],
        "missing": missing.group(1) if missing else None,
    }


def main():
    tell = open_channel(int(sys.argv[1]))
    with open(sys.argv[2], encoding="utf-8") as listed:
        tests = [line for line in listed.read().split("\n") if line]
    run, recorder = pytest.main, Recorder()
    hide_main()
    add_paths()
    options = ["-q", "--tb=short", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    code = run([*options, *tests], plugins=[recorder])
    for record in [*recorder.records(), *always_equal(tests)]:
        tell(record)
    tell({"done": True})
    # 5: no test was found, which is for the reader of the records to judge.
    return 0 if code in (0, 5) else 1


sys.exit(main())
