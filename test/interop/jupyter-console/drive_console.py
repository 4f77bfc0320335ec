"""Types into `jupyter console` as a person does, and prints a line of JSON with the counts of what worked."""

import json
import os
import re
import sys
import time

import pexpect

TIMEOUT = 30
passed, failures = 0, []
# Each step stands on the one before: after one that failed, the rest of that console's steps fail at once.
broken = False


def plain(text):
    return re.sub(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])", "", text)


def check(name, action):
    global passed, broken
    if broken:
        failures.append(f"{name}: not reached")
        return
    try:
        action()
        passed += 1
    except (pexpect.TIMEOUT, pexpect.EOF, AssertionError) as error:
        broken = True
        seen = plain(console.before if isinstance(console.before, str) else "")[-400:]
        failures.append(f"{name}: {type(error).__name__} {str(error)[:200] if isinstance(error, AssertionError) else ''}; seen: {seen!r}")


console = pexpect.spawn(
    sys.executable,
    ["-m", "jupyter", "console", "--kernel", "tenon", "--simple-prompt", "--ZMQTerminalInteractiveShell.kernel_timeout=60"],
    encoding="utf-8",
    timeout=TIMEOUT,
    dimensions=(40, 160),
    env={**os.environ, "TERM": "dumb", "NO_COLOR": "1"},
)


def prompt(number):
    console.expect(rf"In \[{number}\]: ")


def starts():
    console.expect("TypeScript")
    prompt(1)


def result():
    console.sendline("6 * 7")
    console.expect(r"Out\[1\]: ?(\r\n)?42")
    prompt(2)


def printed():
    console.sendline("console.log(['a', 'b'].join('+'))")
    console.expect(r"\r\na\+b\r\n")
    prompt(3)


def state():
    console.sendline("const seen: number = 41")
    prompt(4)
    console.sendline("seen + 1")
    console.expect("42")
    prompt(5)


def error():
    console.sendline("throw new RangeError('too far')")
    console.expect("RangeError")
    console.expect("too far")
    prompt(6)


def type_error():
    console.sendline("const wrong: number = 'text'")
    console.expect("not assignable")
    prompt(7)


def asks():
    console.sendline("'got ' + prompt('name?')")
    console.expect(r"name\? ")
    console.sendline("Ada")
    console.expect("got Ada")
    prompt(8)


def interrupts():
    console.sendline("while (true) {}")
    console.expect("\r\n")
    time.sleep(1)
    console.sendintr()
    prompt(9)
    console.sendline("seen + 2")
    console.expect("43")
    prompt(10)


def leaves():
    console.sendeof()
    if console.expect([pexpect.EOF, "exit"]) == 1:
        console.sendline("y")
        console.expect(pexpect.EOF)


for name, action in [
    ("starts with the banner", starts),
    ("shows a result", result),
    ("shows printed lines", printed),
    ("keeps state", state),
    ("shows an error", error),
    ("shows a type error", type_error),
    ("asks for input", asks),
    ("interrupts and keeps state", interrupts),
    ("ends", leaves),
]:
    check(name, action)
console.close(force=True)

# Completion needs the full prompt, which a terminal that reports its size and cursor has.
console = pexpect.spawn(
    sys.executable,
    ["-m", "jupyter", "console", "--kernel", "tenon", "--ZMQTerminalInteractiveShell.kernel_timeout=60"],
    encoding="utf-8",
    timeout=TIMEOUT,
    dimensions=(40, 160),
    env={**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
)
broken = False


def completes():
    console.expect("In ")
    # The screen is drawn in pieces, so what tells is the result: Math.sq has none.
    time.sleep(1)
    console.send("Math.sq\t")
    time.sleep(2)
    console.send("(81)")
    time.sleep(0.5)
    console.send("\r")
    console.expect("Out.*9\\r\\n")


check("completes", completes)
console.close(force=True)
print(json.dumps({"passed": passed, "failed": len(failures), "skipped": 0, "failures": failures}))
