# SPDX-License-Identifier: Apache-2.0
"""make bench: figures of this machine, beside the same work done by others.

    tests/bench/run.py BUILD RUNS all|WORK...

The server is nginx with canned answers, on loopback, so that nothing of ours is what limits. Programs take
turns, and a figure is the median of all turns. Wall clock, CPU and peak memory are those of a whole process,
from exec to exit, as the kernel accounts them; what runs within one process is counted in CPU seconds.
Everything is written to BUILD/bench.json. Nothing here fails for being slow.
"""

import json
import os
import pathlib
import platform
import sys
import time

from programs import BUILD, Failed, needs
from works import WORKS, judge

UNITS = {"wall": "wall s", "cpu": "CPU s", "mb": "peak MB", "per_second": "per second"}


def machine():
    model = [line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return {
        "cpu": model[0] if model else platform.machine(),
        "cpus": os.cpu_count(),
        "kernel": platform.release(),
        "load": os.getloadavg(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 or isinstance(value, int) else f"{value:.4g}"


def print_columns(columns):
    keys = [key for key in UNITS if any(key in row for column in columns.values() for row in column.rows)]
    if keys:
        print(f"    {'program':<18}" + "".join(f"{UNITS[key]:>12}" for key in keys))
    for name, column in columns.items():
        if column.missing:
            print(f"    {name:<18} not measured: {column.missing}")
        else:
            print(f"    {name:<18}" + "".join(f"{number(column.median(key)):>12}" for key in keys))


def print_figures(figures):
    for one in figures:
        target = f"{one['op']} {one['target']:,} {one['unit']}".strip() if one["op"] else ""
        unknown = "" if one["value"] is not None else "not known"
        met = {True: "met", False: "NOT MET", None: unknown}[one["met"]]
        value = f"{number(one['value'])} {one['unit']}".strip()
        print(f"      {one['name']:<40}{value:>12}   {target:<14} {met}")


def measure(name, runs):
    title, work = WORKS[name]
    print(f"\n{name}: {title}", flush=True)
    begun = time.monotonic()
    try:
        columns, figures, remarks = work(runs)
    except (Failed, OSError) as error:
        print(f"    not measured: {error}", flush=True)
        return {"title": title, "missing": str(error)}
    for one in figures:
        one["met"] = judge(one)
    print_columns(columns)
    print_figures(figures)
    for remark in remarks:
        print(f"      {remark}")
    sys.stdout.flush()
    return {
        "title": title, "figures": figures, "remarks": remarks, "took": time.monotonic() - begun,
        "programs": {program: {"missing": column.missing} if column.missing else
                     {"runs": column.rows, "median": {key: column.median(key) for key in column.rows[0]}}
                     for program, column in columns.items()},
    }  # fmt: skip


def main():
    runs, names = int(sys.argv[2]), sys.argv[3:]
    names = list(WORKS) if names == ["all"] else names
    unknown = [name for name in names if name not in WORKS]
    if unknown or runs < 1:
        sys.exit(f"usage: run.py BUILD RUNS all|WORK..., works: {' '.join(WORKS)}")
    server = needs("/usr/sbin/nginx") or needs("/usr/lib/nginx/modules/ngx_http_echo_module.so")
    if server:
        sys.exit(f"run.py: {server}: packaging/install-deps bench")

    report = {"machine": machine(), "runs": runs, "works": {}}
    here = report["machine"]
    print(f"{here['cpu']}, {here['cpus']} CPUs, load {here['load'][0]:.1f}; medians of {runs}")
    for name in names:
        report["works"][name] = measure(name, runs)
    targets = [one for work in report["works"].values() for one in work.get("figures", []) if one["op"]]
    met = sum(one["met"] is True for one in targets)
    print(f"\n{met} of {len(targets)} targets met; all figures are in {BUILD / 'bench.json'}")
    (BUILD / "bench.json").write_text(json.dumps(report, indent=1) + "\n")


main()
