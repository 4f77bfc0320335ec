"""Jupyter's own test of a kernel, with every optional part configured.

Prints a line of JSON: how many tests passed, failed and were skipped, and what the failures say. A skipped part of a
test (a subtest) counts as a skipped test, so that nothing goes by unnoticed.
"""

import json
import unittest

import jupyter_kernel_test


class TenonTests(jupyter_kernel_test.KernelTests):
    kernel_name = "tenon"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oh no')"
    completion_samples = [
        {"text": "Math.sq", "matches": {"sqrt"}},
        {"text": "[1, 2].flatM", "matches": {"flatMap"}},
        {"text": "const pair = { left: 1, right: 2 };\npair.le", "matches": {"left"}},
        {"text": "%che", "matches": {"%check"}},
    ]
    complete_code_samples = [
        "",
        "1 + 1",
        "const a: number = 1;",
        "for (const x of [1]) {\n  console.log(x)\n}",
        "await fetch",
        "%time 1 + 1",
    ]
    incomplete_code_samples = [
        "function f() {",
        "const a = [1,",
        "`text",
        "if (true) {\n  console.log(1)",
        "/* a comment",
    ]
    invalid_code_samples = ["let 1a = 2", "1 +* 2", "const a = ];"]
    code_page_something = "Math?"
    code_generate_error = "throw new RangeError('too far')"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "const n: number = 20; n + 1", "result": "21"},
        {"code": "await Promise.resolve(3)", "result": "3"},
        {"code": "[...'ab'].join('-') + '!'"},
    ]
    code_display_data = [
        {"code": "display('text')", "mime": "text/plain"},
        {"code": "display.html('<b>bold</b>')", "mime": "text/html"},
        {"code": "display.markdown('# title')", "mime": "text/markdown"},
        {"code": "display.svg('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')", "mime": "image/svg+xml"},
        {"code": "display.latex('$x^2$')", "mime": "text/latex"},
        {"code": "display.json({ a: 1 })", "mime": "application/json"},
    ]
    code_history_pattern = "6 ? 7"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.max"
    code_clear_output = "display.clear()"


WelcomeTests = getattr(jupyter_kernel_test, "IopubWelcomeTests", None)
if WelcomeTests is not None:

    class TenonWelcomeTests(WelcomeTests):
        kernel_name = "tenon"
        support_iopub_welcome = True


# unittest runs every test case in this module, and this one is for subclasses.
del WelcomeTests


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    failures = [f"{test}: {text}" for test, text in [*result.failures, *result.errors]]
    failed = len({str(test).split(" (")[0] for test, _ in [*result.failures, *result.errors]})
    skipped = len(result.skipped)
    passed = max(result.testsRun - failed - skipped, 0)
    print(json.dumps({"passed": passed, "failed": failed, "skipped": skipped, "failures": failures}))
