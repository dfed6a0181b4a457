"""Measures the engine through its probe, with pgbench beside it. docs/BENCHMARKS.md says what and how."""

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict

from cluster import Cluster, own_server
from engine import crash, idle, lat, long, noop, seq
from figures import Beside, Row, spread, table
from growth import growth, held
from processes import ROOT, TARGET, Failed
from service import http

KINDS = {kind.__name__: kind for kind in (noop, seq, lat, crash, long, idle, growth, held, http)}


class Bench:
    def __init__(self, options, cluster, main, beside):
        self.options, self.cluster, self.main, self.beside = options, cluster, main, beside
        self.rows = []

    def pick(self, quick, usual):
        return quick if self.options.quick else usual

    def measure(self, kind):
        print(f"{kind} …", file=sys.stderr, flush=True)
        try:
            for row in KINDS[kind](self):
                self.rows.append(row)
                print("  " + "  ".join(filter(None, row.cells())), file=sys.stderr, flush=True)
        except Failed as reason:
            self.rows.append(Row(f"{kind}: {reason}", float("nan"), least=0))
            print(f"  {reason}", file=sys.stderr, flush=True)

    def surroundings(self):
        setting = lambda name: self.cluster.sql(f"show {name}")
        names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_compression", "shared_buffers")
        return {name: setting(name) for name in names} | {"processors": os.cpu_count()}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller counts: three minutes instead of ten")
    parser.add_argument("--full", action="store_true", help="also with a million finished runs")
    parser.add_argument("--only", metavar="KIND,…", default=",".join(KINDS), help="of " + ", ".join(KINDS))
    parser.add_argument("--json", action="store_true", help="print target/bench.json instead of the table")
    parser.add_argument("--no-build", action="store_true", help="take the probe that is there")
    options = parser.parse_args()
    options.only = options.only.split(",")
    if unknown := set(options.only) - set(KINDS):
        parser.error(f"no such kind: {', '.join(unknown)}")
    return options


def end(_number, _frame):
    sys.exit("bench: stopped")


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGALRM, end)
    signal.alarm(7200)
    if not options.no_build:
        build = ["cargo", "build", "--release", "--bin", "codegraph", "--example", "probe", "--example", "load"]
        subprocess.run(build, cwd=ROOT, check=True, timeout=3600)
    began, load = time.time(), os.getloadavg()
    with ExitStack() as stack:
        given = os.environ.get("PG_URL")
        cluster = Cluster(given) if given else stack.enter_context(own_server())
        main = stack.enter_context(cluster.database("main"))
        beside = Beside(main, 2 if options.quick else 4)
        stack.callback(beside.close)
        bench = Bench(options, cluster, main, beside)
        surroundings = bench.surroundings()
        for kind in options.only:
            bench.measure(kind)
    report = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)), "took_s": round(time.time() - began),
        "load": [load, os.getloadavg()], "postgres": surroundings, "pgbench": beside.readings,
        "rows": [asdict(row) | {"value": None if math.isnan(row.value) else row.value} for row in bench.rows],
    }
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "bench.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(report, ensure_ascii=False) if options.json else summary(report, bench.rows))
    return 1 if any(row.verdict == "MISSED" for row in bench.rows) else 0


def summary(report, rows):
    readings = report["pgbench"]
    lines = [table(rows), ""]
    if any(row.verdict == "unclear" for row in rows):
        lines.append("unclear: too much noise to tell on which side of its bar the figure lies; measure again")
    if readings:
        lines.append(
            f"pgbench beside: {spread([r['commits_s'] for r in readings], ' commits/s', 0)} readings at 32 connections, "
            f"one commit {spread([r['commit_ms'] for r in readings], ' ms', 3)}"
        )
    lines.append(f"load {report['load'][0][0]:.1f} at the start and {report['load'][1][0]:.1f} at the end, "
                 f"{os.cpu_count()} processors, {report['took_s']} s")
    lines.append(", ".join(f"{name} {value}" for name, value in report["postgres"].items()))
    return "\n".join(lines)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failed, subprocess.SubprocessError) as reason:
        sys.exit(f"bench: {reason}")
    except KeyboardInterrupt:
        sys.exit("bench: stopped")
