"""Runs Python tests in a child process and writes what that child has to say.

usage: python3 -I judge.py KIND REPORT LIST     KIND: unittest or pytest; LIST names one test file a line

The judged code runs in the child only. What the child says counts only with a secret that it gets over a pipe, and the
report is written when the child is gone: code that writes a report of its own, or ends the child early, proves nothing.
"""

import json
import os
import secrets
import subprocess
import sys

OUTCOMES = ("passed", "failed", "errored", "skipped")


def read_lines(channel, secret):
    """(records, whether the last word was there, whether somebody else has spoken)"""
    records, done, foreign = [], False, False
    for line in channel:
        word, _, text = line.rstrip("\n").partition(" ")
        if word != secret or done:
            foreign = True
            continue
        record = json.loads(text)
        if record.get("done") is True:
            done = True
        else:
            records.append(record)
    return records, done, foreign


def main():
    kind, report, listed = sys.argv[1:4]
    folder = os.path.dirname(os.path.abspath(__file__))
    secret = secrets.token_hex(16)
    readable, writable = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-I", os.path.join(folder, kind + "Child.py"), str(writable), listed],
        stdin=subprocess.PIPE,
        pass_fds=(writable,),
    )
    os.close(writable)
    child.stdin.write(secret.encode())
    child.stdin.close()
    with open(readable, encoding="utf-8", errors="replace") as channel:
        records, done, foreign = read_lines(channel, secret)
    code = child.wait()
    if foreign:
        told = {"owner": "tests", "test": "(integrity)", "outcome": "errored"}
        records.append({**told, "message": "the code under test writes into the channel of the results"})
    with open(report, "w", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(record) + "\n")
        if done:
            out.write('{"done": true}\n')
    bad = any(record["outcome"] in ("failed", "errored") for record in records)
    # Ending early with 0 is told from ending in failure by the missing last line.
    sys.exit(code if code != 0 else 1 if bad else 0)


main()
