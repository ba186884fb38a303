"""What the children of judge.py share: the channel of the results, and what is found out about the judged code."""

import json
import os
import sys
import traceback
import types

ROOT = os.getcwd()
SITE = "/report/site"


def open_channel(descriptor):
    """The function that sends one record; the secret is known to it alone."""
    secret = sys.stdin.read().strip()
    write, dumps = os.write, json.dumps

    def tell(record):
        text = (secret + " " + dumps(record) + "\n").encode()
        while text:
            text = text[write(descriptor, text) :]

    return tell


def hide_main():
    """The judged code finds an empty main module: nothing of the runner is to be had from it."""
    sys.modules["__main__"] = types.ModuleType("__main__")


def use_site():
    """The project's own wheels, where some were installed, before the packages of this machine."""
    if os.path.isdir(SITE):
        places = [at for at, path in enumerate(sys.path) if path.endswith(("site-packages", "dist-packages"))]
        sys.path.insert(places[0] if places else len(sys.path), SITE)


def add_paths():
    """Only after the runner is loaded: whatever it needs must not be shadowed by the repository."""
    sys.path.insert(0, ROOT)
    if os.path.isdir("src"):
        sys.path.insert(1, os.path.join(ROOT, "src"))


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


def always_equal(tests):
    """Records of classes outside the test files whose __eq__ says yes to anything: they pass every comparison."""
    own = {os.path.abspath(path) for path in tests}
    for kind in all_classes(object, set()):
        method = vars(kind).get("__eq__")
        code = getattr(method, "__code__", None)
        path = os.path.realpath(code.co_filename) if code else ""
        if path.startswith(ROOT + os.sep) and path not in own and says_yes(kind, method):
            message = f"{kind.__qualname__}.__eq__ says that it equals everything"
            where = {"file": os.path.relpath(path, ROOT), "line": code.co_firstlineno, "missing": None}
            yield {"owner": where["file"], "test": "(integrity)", "outcome": "errored", "message": message, **where}


def all_classes(kind, seen):
    for one in type.__subclasses__(kind):
        if one not in seen:
            seen.add(one)
            all_classes(one, seen)
    return seen


def says_yes(kind, method):
    base = next(one for one in type.mro(kind) if one.__module__ == "builtins" and one is not kind)
    try:
        one = base.__new__(kind)
        return method(one, object()) is True and method(one, type("Other", (), {})()) is True
    except Exception:
        # It looks into the other one, which has nothing to look at.
        return False
