"""Installs what a project requires from the wheels that were fetched before, for the tests of this run alone.

usage: python3 -I install.py LIST TARGET CACHE     LIST names one requirement a line; TARGET is a folder to be made

A requirement behind a question mark is installed only where this machine has none of that name.

Prints one line of JSON, {"lacking": [requirement, ...]}: what is neither among the wheels nor on this machine. Whether
that matters, the tests will say: so it always ends well.
"""

import importlib.metadata
import json
import os
import re
import subprocess
import sys


def install(target, cache, requirements):
    words = ["install", "--quiet", "--no-index", "--only-binary=:all:", "--no-compile", "--find-links", cache]
    command = [sys.executable, "-I", "-m", "pip", *words, "--target", target, *requirements]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def is_here(requirement):
    name = re.match(r"[\w.-]+", requirement).group()
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def main():
    listed, target, cache = sys.argv[1:4]
    with open(listed, encoding="utf-8") as lines:
        requirements = [line for line in lines.read().split("\n") if line]
    wanted = [one.lstrip("?") for one in requirements if not (one.startswith("?") and is_here(one[1:]))]
    has_cache = os.path.isdir(cache)
    lacking = []
    if not (has_cache and wanted and install(target, cache, wanted)):
        # One that is not among the wheels keeps pip from installing any: each is tried by itself.
        for one in wanted:
            if not (has_cache and install(target, cache, [one])) and not is_here(one):
                lacking.append(one)
    print(json.dumps({"lacking": lacking}))


main()
