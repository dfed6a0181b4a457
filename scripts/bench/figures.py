"""What is said about a measurement, and what pgbench says beside it."""

import os
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from processes import TICK, run


@dataclass
class Row:
    """One line of the table. `least` and `most` are musts; both they and the goal are about the ratio where
    there is one, else about the value."""

    measure: str
    value: float
    unit: str = ""
    ratio: float = None
    least: float = None
    most: float = None
    goal: float = None
    note: str = ""
    verdict: str = field(init=False, default="")
    goal_reached: bool = field(init=False, default=None)

    def __post_init__(self):
        judged = self.value if self.ratio is None else self.ratio
        # A figure that could not be had (nan) satisfies nothing.
        if self.least is not None:
            self.verdict = "ok" if judged >= self.least else "MISSED"
            self.goal_reached = None if self.goal is None else judged >= self.goal
        elif self.most is not None:
            self.verdict = "ok" if judged <= self.most else "MISSED"
            self.goal_reached = None if self.goal is None else judged <= self.goal

    def cells(self):
        sign = "≥" if self.least is not None else "≤"
        must = self.least if self.least is not None else self.most
        bar = lambda bound: "" if bound is None else f"{sign} {show(bound)}"
        verdict = self.verdict + (", goal" if self.goal_reached else "")
        ratio = "" if self.ratio is None else f"{self.ratio:.3f}"
        return [self.measure, f"{show(self.value)} {self.unit}".strip(), ratio, bar(must), bar(self.goal), verdict, self.note]


def show(number):
    for bound, digits in ((100, 0), (10, 1), (1, 2)):
        if abs(number) >= bound:
            return f"{number:,.{digits}f}"
    return f"{number:.3f}".rstrip("0").rstrip(".")


def table(rows):
    head = ["measure", "value", "ratio", "must", "goal", "verdict", "note"]
    lines = [head] + [row.cells() for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    right = {1, 2}
    pad = lambda text, column: text.rjust(widths[column]) if column in right else text.ljust(widths[column])
    return "\n".join("  ".join(pad(text, column) for column, text in enumerate(line)).rstrip() for line in lines)


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def spread(values, unit="", digits=2):
    return f"{min(values):.{digits}f}–{max(values):.{digits}f}{unit} in {len(values)}"


class Beside:
    """pgbench before and after everything: what this disk and this moment allow."""

    def __init__(self, database, seconds):
        self.database, self.seconds = database, seconds
        self.readings = []
        database.sql("create table bench_commits (id bigserial primary key, v int)")
        self.directory = Path(tempfile.mkdtemp(prefix="codegraph-bench-"))
        self.script = self.directory / "insert.sql"
        self.script.write_text("insert into bench_commits (v) values (1);\n")

    def read(self):
        self.database.sql("truncate bench_commits")
        steal = stolen()
        reading = {"at": time.time(), "load": os.getloadavg()[0]}
        reading["commits_s"], _ = self._pgbench(32)
        _, reading["commit_ms"] = self._pgbench(1)
        reading["steal"] = stolen() - steal
        self.readings.append(reading)

    def _pgbench(self, clients):
        tps, took = self.pgbench(clients, self.seconds)
        return tps, statistics.median(took)

    def pgbench(self, clients, seconds, *more):
        """Commits a second, and how many milliseconds each of them took."""
        cluster = self.database.cluster
        said = run(
            cluster.program("pgbench"), "-n", "-M", "prepared", "-c", clients, "-j", min(2, clients), "-T", seconds,
            "-f", self.script, "-l", "--log-prefix", self.directory / "log", *more, cluster.url(self.database.name),
            timeout=seconds + 60, cwd=self.directory,
        )
        took = []
        for part in self.directory.glob("log.*"):
            for line in part.read_text().splitlines():
                # With a rate, the lag behind its schedule is the seventh field, and counted in the third.
                fields = [int(field) for field in line.split()] + [0]
                took.append((fields[2] - fields[6]) / 1000)
            part.unlink()
        return float(said.split("tps = ")[1].split()[0]), took

    def around(self, measure):
        """The result of a measurement and the mean of the readings beside it."""
        if not self.readings:
            self.read()
        result = measure()
        self.read()
        mean = lambda name: statistics.mean(reading[name] for reading in self.readings[-2:])
        return result, mean("commits_s"), mean("commit_ms")

    def close(self):
        shutil.rmtree(self.directory, ignore_errors=True)


def stolen():
    """Seconds of processor time that the host gave to others."""
    return int(Path("/proc/stat").read_text().split()[8]) * TICK / 1000
