"""Starts pytest with nothing of the repository on the path until pytest itself is loaded.

usage: python3 -I runPytest.py ARGUMENT...
"""

import os
import sys

import pytest

sys.path.insert(0, os.getcwd())
if os.path.isdir("src"):
    sys.path.insert(1, os.path.join(os.getcwd(), "src"))
sys.exit(pytest.main(sys.argv[1:]))
