# SPDX-License-Identifier: Apache-2.0
"""Holds the sources to their layers: includes point one way, and what decides touches nothing of the world."""

import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "daemon")

# What a folder may include, besides itself.
LAYERS = {
    "util": set(),
    "model": {"util"},
    "desired": {"util", "model"},
    "aws": {"util", "model"},
    "record": {"util", "model"},
    "reconcile": {"util", "model", "desired", "aws", "record"},
    "": {"util", "model", "desired", "aws", "record", "reconcile"},
    "ctl": {"util", "model", "desired", "aws", "record", "reconcile", ""},
}

# Files that know no curl, no event loop, no clock and no file descriptor.
PURE = re.compile(
    r"^(model/.*|desired/.*|aws/(sigv4|uri|endpoint|retry|api-error|auditmanager-json|auditmanager-record|profile-file|"
    r"sts-answer|xml|json|profiles|profile-chain|endpoint-configured|credentials-json|credentials-refresh|container-uri|metadata-answer|metadata-endpoint|sts-request|command-line|skew|header-lines|advice|http-proxy)[^/]*|reconcile/(decide|plan|plan-order|absorb|resolve|intent)\.[ch]|record/memory-record\.[ch]|(pass-schedule|control-message)\.[ch])$")
WORLD_HEADERS = re.compile(
    r'#include <(curl/|systemd/|fcntl|unistd|sys/(?!types)|time\.h|poll|dirent|signal|netdb)|#include "util/(file|log|random)\.h"')
WORLD_CALLS = re.compile(
    r"(?<![.>\w])(now_usec|monotonic_usec|time|clock_gettime|gettimeofday|open|openat|fopen|read|write|socket|getenv|printf|fprintf|"
    r"log_error|log_warning|log_info|log_notice|log_debug)\s*\((?!\s*void\s*\))")
# Names of Regions met at run time are the one thing model/ keeps; nothing there asks the world.
COMMENT = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"", re.S)


def sources():
    for folder, _, names in sorted(os.walk(ROOT)):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                path = os.path.join(folder, name)
                yield os.path.relpath(path, ROOT), open(path, encoding="utf-8").read()


def check_includes(path, text):
    folder = os.path.dirname(path)
    for target in re.findall(r'^#include "([^"]+)"', text, re.M):
        layer = os.path.dirname(target)
        if not os.path.exists(os.path.join(ROOT, target)):
            yield f"{path}: includes {target}, which does not exist; includes name files from daemon/"
        elif layer != folder and layer not in LAYERS[folder]:
            yield f"{path}: {folder or 'the top'} may not include {target}"


def check_purity(path, text):
    if not PURE.match(path):
        return
    for line in text.splitlines():
        if WORLD_HEADERS.search(line):
            yield f"{path}: pure, but: {line.strip()}"
    code = COMMENT.sub("", text)
    for match in WORLD_CALLS.finditer(code):
        yield f"{path}: pure, but calls {match.group(1)}()"


def check_form(path, text):
    if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(text.splitlines()[:3]):
        yield f"{path}: no SPDX line"
    if path.endswith(".h") and not text.startswith("#pragma once"):
        yield f"{path}: does not begin with #pragma once"
    lines = text.count("\n")
    if lines > 600:
        yield f"{path}: {lines} lines; look for the seam"


def main():
    passed = failed = 0
    for path, text in sources():
        for check in (check_includes, check_purity, check_form):
            faults = list(check(path, text))
            passed += not faults
            failed += bool(faults)
            for fault in faults:
                print(fault)
    print(f"layers: {passed} passed, {failed} failed")
    sys.exit(failed > 0 or passed == 0)


main()
