#!/usr/bin/python3
"""`./dev conformance jq-diff [COUNT [SEED]]`: generated programs and inputs, `linkspan jq` beside Debian's jq 1.6.

Every program runs over a few inputs. Both must refuse it, or give the same values up to the same error; what an error
says may differ. Where jq 1.6 is known to do otherwise than the manual of 1.8, jq_differences.txt explains it: those
count as explained. The same seed gives the same programs. Ends with "N the same, N explained, N different".
"""

import argparse
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

INPUTS = 5
TIMEOUT_S = 10
EXPLANATIONS = pathlib.Path(__file__).with_name("jq_differences.txt")

STRINGS = ["", "a", "b", "abc", "a,b", "x y", "\u00e9t\u00e9", "42", "<&'\">", "[1]"]
NUMBERS = [0, 1, 2, 3, -1, 10, 0.5, -2.25, 1000000]
PATHS = [".a", ".b", ".c", ".[0]", ".[1]", ".[-1]", ".[]", ".[]?", ".a?", ".a.b", ".a[0]", ".[1:]", ".[:2]", "..",
         ".a, .b", "first(.[])", "(.a, .b)[0]", ".[\"a\",\"b\"]", "getpath([\"a\",\"b\"])", "recurse",
         "select(type == \"object\") | .a", "objects | .a", "arrays | .[]", "arrays | .[1:]"]
PLAIN = ["length", "keys", "keys_unsorted", "sort", "unique", "add", "any", "all", "flatten", "flatten(1)", "min", "max",
         "reverse", "to_entries", "tostring", "tojson", "type", "ascii_downcase", "ascii_upcase", "explode", "not",
         "floor", "transpose", "tostream", "paths", "leaf_paths", "values", "nulls", "strings", "numbers", "objects",
         "arrays", "scalars", "iterables", "booleans", "split(\",\")", "join(\",\")", "startswith(\"a\")",
         "endswith(\"c\")", "contains(\"b\")", "has(\"a\")", "has(0)", "index(\"b\")", "indices(1)", "test(\"[ab]+\")",
         "[match(\"a|b\"; \"g\").offset]", "sub(\"b\"; \"X\")", "gsub(\"[a-c]\"; \"<\\(.)>\")", "[scan(\"[a-z]\")]",
         "@base64", "@html", "@sh", "@json", "@csv", "@tsv", "@text", "fromstream(tostream)", "first", "last",
         "sqrt", "utf8bytelength", "length * 2", "tojson | fromjson", "explode | implode", "combinations",
         "[splits(\",\")]", "inside(\"abcd\")", "error", "empty", "range(3)", "isnan"]
OPERATORS = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "//"]
WITH_BODY = ["map(%s)", "select(%s)", "sort_by(%s)", "group_by(%s)", "unique_by(%s)", "min_by(%s)", "max_by(%s)",
             "map_values(%s)", "with_entries(.value |= (%s))", "first(%s)", "last(%s)", "[limit(3; %s)]", "any(.[]; %s)",
             "all(.[]; %s)", "[paths(%s)]", "walk(%s)", "[.[] | %s]", "[%s]", "path(%s)", "(%s)?",
             "try (%s) catch 7", "isempty(%s)", "[range(2) as $n | %s]", "label $out | (%s) | ., break $out",
             "@base64 \"v=\\(%s)\"", "\"s: \\(%s)\"", "to_entries | map(.value) | %s", "[.[]] | %s", "-(%s)",
             "def f: %s; [f, f]", "def f(g): [g, g]; f(%s)", "del(.a) | %s", "[until(true; %s)]"]
UPDATES = ["=", "|=", "+=", "-=", "*=", "//="]


class Programs:
    """Random programs, not too large."""

    def __init__(self, choose):
        self.choose = choose

    def constant(self):
        kind = self.choose.random()
        if kind < 0.4:
            return json.dumps(self.choose.choice(NUMBERS))
        if kind < 0.8:
            return json.dumps(self.choose.choice(STRINGS), ensure_ascii=False)
        return self.choose.choice(["null", "true", "false", "[]", "{}", "[1,2,3]", "{\"a\":1}"])

    def leaf(self):
        kind = self.choose.random()
        if kind < 0.15:
            return "."
        if kind < 0.5:
            return self.choose.choice(PATHS)
        if kind < 0.75:
            return self.choose.choice(PLAIN)
        return self.constant()

    def path(self):
        return self.choose.choice([".a", ".b", ".c", ".[0]", ".[1]", ".[]", ".[]?", ".a.b", ".a[0]", ".[1:]", "..",
                                   "(.a, .b)", ".[].a", "first(.[])", "arrays[0]", "objects.a"])

    def program(self, size):
        if size <= 1:
            return self.leaf()
        left, right = self.program(size // 2), self.program(size - size // 2 - 1)
        forms = [
            lambda: f"{left} | {right}", lambda: f"({left}) | ({right})", lambda: f"({left}), ({right})",
            lambda: f"({left}) {self.choose.choice(OPERATORS)} ({right})",
            lambda: self.choose.choice(WITH_BODY) % left, lambda: self.choose.choice(WITH_BODY) % right,
            lambda: f"{{a: ({left}), \"b\": ({right})}}", lambda: f"{{(({left}) | tostring): ({right})}}",
            lambda: f"if {left} then {right} else {self.leaf()} end",
            lambda: f"({left}) as $x | ({right}) | [., $x]",
            lambda: f"({left}) as [$x, {{a: $y}}] | [$x, $y, ({right})]",
            lambda: f"reduce ({left}) as $x (0; [., $x, ({right})] | length)",
            lambda: f"reduce ({left}) as $x ({self.constant()}; . + $x)",
            lambda: f"[foreach ({left}) as $x ({self.constant()}; {right}; [$x, .])]",
            lambda: f"({self.path()}) {self.choose.choice(UPDATES)} ({right})",
            lambda: f"del({self.path()}) | ({right})",
            lambda: f"[({left}), ({right})] | ({self.leaf()})",
        ]
        return self.choose.choice(forms)()

    def value(self, depth):
        kind = self.choose.random()
        if depth == 0 or kind < 0.45:
            return self.choose.choice([None, True, False, *NUMBERS, *STRINGS])
        if kind < 0.72:
            return [self.value(depth - 1) for _ in range(self.choose.randint(0, 4))]
        keys = self.choose.sample(["a", "b", "c", "key", "value", "\u00e9"], k=self.choose.randint(0, 4))
        return {key: self.value(depth - 1) for key in keys}


class Explanations:
    """Lines of three fields with tabs between: when it applies, a regular expression over the program, the reason."""

    def __init__(self, path):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        self.rules = [(when, re.compile(pattern), reason) for when, pattern, reason in (line.split("\t") for line in lines)]

    def of(self, program, ours, theirs):
        kinds = {"always", kind(ours, theirs)}
        return next((reason for when, pattern, reason in self.rules if when in kinds and pattern.search(program)), None)


def kind(ours, theirs):
    """Of the first difference."""
    if theirs == "takes too long":
        return "theirs-endless"
    if isinstance(ours, str) or isinstance(theirs, str):
        return "refused"
    one, other = next((pair for pair in zip(ours, theirs) if pair[0] != pair[1]), (None, None))
    if one == [{"error": True}]:
        return "ours-fails"
    return "theirs-fails" if other == [{"error": True}] else "values"


def run(command, program, inputs):
    """The values for each input and whether an error ended them; None if the program is refused or takes too long."""
    wrapped = f'[try ([limit(60; {program})] | {{values: .}}) catch {{error: true}}]'
    try:
        done = subprocess.run([*command, "-c", wrapped], input=inputs, capture_output=True, text=True, timeout=TIMEOUT_S,
                              check=False)
    except subprocess.TimeoutExpired:
        return "takes too long"
    if done.returncode != 0:
        return "refused" if done.returncode == 3 else f"failed: {done.stderr.strip()[:200]}"
    return [json.loads(line, parse_int=float) for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(prog="dev conformance jq-diff", description=__doc__.splitlines()[0])
    parser.add_argument("--linkspan", required=True)
    parser.add_argument("--verbose", action="store_true", help="show what is explained too")
    parser.add_argument("count", type=int, nargs="?", default=500)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    arguments = parser.parse_args()
    if shutil.which("jq") is None:
        print("skipped: jq is not installed")
        return 0
    sys.stdout.reconfigure(line_buffering=True)
    explanations = Explanations(EXPLANATIONS)
    choose = random.Random(arguments.seed)
    programs = Programs(choose)
    same = explained = different = 0
    for _ in range(arguments.count):
        program = programs.program(choose.randint(1, 9))
        inputs = "\n".join(json.dumps(programs.value(3), ensure_ascii=False) for _ in range(INPUTS))
        theirs = run(["jq"], program, inputs)
        ours = run([arguments.linkspan, "jq"], program, inputs)
        if ours == theirs:
            same += 1
            continue
        reason = explanations.of(program, ours, theirs)
        explained += reason is not None
        different += reason is None
        if reason is not None and not arguments.verbose:
            continue
        print(f"program: {program}")
        if reason is not None:
            print(f"  explained: {reason}")
        if isinstance(ours, str) or isinstance(theirs, str):
            print(f"  jq: {theirs if isinstance(theirs, str) else 'runs'}\n"
                  f"  linkspan: {ours if isinstance(ours, str) else 'runs'}")
        else:
            for text, one, other in zip(inputs.splitlines(), ours, theirs):
                if one != other:
                    print(f"  input: {text}\n  jq: {json.dumps(other)}\n  linkspan: {json.dumps(one)}")
                    break
    print(f"{same} the same, {explained} explained, {different} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
