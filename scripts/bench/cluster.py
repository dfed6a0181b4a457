"""The Postgres that is measured on, and the databases of the bench."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from processes import Child, Failed, NOBODY, PROBE, TARGET, TICK, die_with_parent, poll, run, times


class Cluster:
    """A Postgres, and what it has spent. With a server of its own, the figures are the engine's alone."""

    def __init__(self, url, programs=None):
        self.admin = url
        self.programs = programs
        self.name = f"codegraph_bench_{os.getpid()}"
        self.postmaster = self._postmaster()

    def _postmaster(self):
        try:
            pid = int(self.sql("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"))
            return pid if Path(f"/proc/{pid}/comm").read_text().startswith("postgres") else None
        except (Failed, OSError):
            return None  # on another machine, or closed to this account

    def program(self, name):
        bundled = self.programs and Path(self.programs) / name
        return bundled if bundled and bundled.exists() else name

    def url(self, database):
        # By hand: urllib would lose the empty host of a URL that names only a socket.
        head, _, tail = self.admin.partition("://")
        authority, _, rest = tail.partition("/")
        _, mark, options = rest.partition("?")
        return f"{head}://{authority}/{database}{mark}{options}"

    def sql(self, query, database=None, timeout=60):
        url = self.url(database) if database else self.admin
        psql = self.program("psql")
        return run(psql, url, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", query, timeout=timeout).strip()

    def number(self, query, database=None):
        return float(self.sql(query, database) or 0)

    def cpu(self):
        """Milliseconds of all its processes, those that have ended too."""
        if self.postmaster is None:
            return float("nan")
        spent = sum(times(self.postmaster)[:4])
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    user, system, _, _, parent = times(entry.name)
                except (FileNotFoundError, ProcessLookupError):
                    continue
                if parent == self.postmaster:
                    spent += user + system
        return spent * TICK

    def wal(self):
        return self.number("select pg_current_wal_lsn() - '0/0'::pg_lsn")

    def commits(self, database):
        return self.number(f"select xact_commit from pg_stat_database where datname = '{database}'")

    @contextmanager
    def without_autovacuum(self):
        """Its looks into a database count as transactions. On a server that is not ours they stay."""
        if self.programs is None:
            yield
            return
        self.sql("alter system set autovacuum = off")
        self.sql("select pg_reload_conf()")
        try:
            yield
        finally:
            self.sql("alter system reset autovacuum")
            self.sql("select pg_reload_conf()")

    @contextmanager
    def database(self, suffix):
        """A fresh database with the product's tables."""
        database = f"{self.name}_{suffix}"
        self.sql(f"create database {database}")
        try:
            run(PROBE, "setup", env=os.environ | {"PG_URL": self.url(database)})
            yield Database(self, database)
        finally:
            self.sql(f"drop database if exists {database} with (force)")


@dataclass
class Database:
    """One of the bench's own databases."""

    cluster: Cluster
    name: str

    def sql(self, query, timeout=60):
        return self.cluster.sql(query, self.name, timeout)

    def number(self, query):
        return self.cluster.number(query, self.name)

    def env(self, **settings):
        settings = {f"BENCH_{name.upper()}": str(value) for name, value in settings.items()}
        return {"PG_URL": self.cluster.url(self.name)} | settings

    def enqueue(self, kind, count, timeout=120):
        run(PROBE, "enqueue", kind, count, timeout=timeout, env=os.environ | self.env())

    @contextmanager
    def worker(self, **settings):
        child = Child("worker", env=self.env(**settings))
        try:
            child.expect("ready", 30)
            yield child
            child.stop()
        finally:
            child.kill()

    @contextmanager
    def transaction(self):
        """A session that has looked at the database and stays in its transaction."""
        psql = [self.cluster.program("psql"), self.cluster.url(self.name), "-qAtX"]
        session = subprocess.Popen(psql, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=die_with_parent)
        try:
            session.stdin.write("begin isolation level repeatable read; select count(*) from runs;\n")
            session.stdin.flush()
            session.stdout.readline()
            yield
        finally:
            session.kill()
            session.wait(10)

    def settle(self):
        """Waits until no run is left."""
        poll("the end of all runs", 60, lambda: self.number("select count(*) from run_heads") == 0)


@contextmanager
def own_server():
    """The product's Postgres on a throwaway home, which its account must be able to reach."""
    TARGET.mkdir(parents=True, exist_ok=True)
    place = TARGET
    if os.geteuid() == 0:
        entered = subprocess.run(["sh", "-c", 'cd "$1"', "sh", place], user=NOBODY, group=NOBODY, extra_groups=[],
                                 stderr=subprocess.DEVNULL, timeout=10)
        if entered.returncode:
            place = Path("/var/lib/codegraph")
            place.mkdir(mode=0o755, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="bench-", dir=place))
    home.chmod(0o755)
    server = Child("server", home, place / "postgres-bundle")
    try:
        said = server.expect("server", 300)
        yield Cluster(said["url"], said["bin"])
        server.process.stdin.close()
        server.process.wait(60)
    finally:
        if server.process.poll() is None:
            server.process.terminate()
            server.process.wait(60)
        shutil.rmtree(home, ignore_errors=True)
