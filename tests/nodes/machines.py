"""The parts of an installation of several nodes, each a real program that can be killed and started again."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psycopg
import redis

from e2e.processes import WIDGET_SERVER, Program
from tests import servers
from tests.servers import free_port, until


class Server:
    """A program that listens on `port`. What it keeps stays in its folder."""

    def __init__(self, command: list[Any], folder: Path, port: int, *, answers: Callable[[Any], bool], **account: Any):
        self.command, self.folder, self.port, self.answers, self.account = command, folder, port, answers, account
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with (self.folder / f"log-{self.port}").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.folder, **self.account)
        until(lambda: servers._answers(self.port, self.answers))

    def end(self, how: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(how)
            self.process.wait(10)
        self.process = None


class PostgreSQL(Server):
    """`stop` is the operator's restart, `crash` what a power cut leaves."""

    def __init__(
        self,
        folder: Path,
        *,
        copy_of: "PostgreSQL | None" = None,
        settings: tuple[str, ...] = (),
        initdb: tuple[str, ...] = (),
    ) -> None:
        self.programs = copy_of.programs if copy_of else postgresql_programs(folder)
        self.data = folder / f"data-{free_port()}"
        port = free_port()
        if copy_of is None:
            servers._initdb(self.programs, self.data, *initdb)
        else:
            primary = f"host=127.0.0.1 port={copy_of.port} user=postgres application_name=replica"
            settings = (*settings, f"primary_conninfo={primary}", "wal_retrieve_retry_interval=200ms")
            subprocess.run(["cp", "-a", copy_of.data, self.data], check=True, **servers._nobody())
            subprocess.run(["touch", self.data / "standby.signal"], check=True, **servers._nobody())
        plain = ("listen_addresses=127.0.0.1", "fsync=off", "max_connections=100", *settings)
        words = [word for setting in plain for word in ("-c", setting)]
        command = [self.programs / "postgres", "-D", self.data, "-p", str(port), "-k", "", *words]
        super().__init__(command, folder, port, answers=servers._postgresql_answers, **servers._nobody())

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        self.end(signal.SIGINT)

    def crash(self) -> None:
        self.end(signal.SIGQUIT)

    def ask(self, sql: str) -> Any:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None

    def promote(self) -> None:
        self.ask("SELECT pg_promote()")


def postgresql_programs(folder: Path) -> Path:
    return servers._readable(servers._find(servers._postgresql, "postgresql"), folder)


class Redis(Server):
    def __init__(self, folder: Path, *settings: str, port: int | None = None) -> None:
        port = port or free_port()
        program = servers._find(servers._redis, "redis")
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder, *settings]
        super().__init__(command, folder, port, answers=servers._redis_answers)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def ask(self, *words: str) -> Any:
        with redis.Redis(port=self.port) as client:
            return client.execute_command(*words)


class RedisCluster:
    """Three masters, which share the keys, and a replica of the first."""

    SLOTS = ((0, 5460), (5461, 10922), (10923, 16383))

    def __init__(self, folder: Path) -> None:
        self.nodes = [self._node(folder) for _ in range(4)]
        for node in self.nodes:
            node.start()
        first, *others = self.nodes
        for node, slots in zip(self.nodes, self.SLOTS, strict=False):
            node.ask("CLUSTER", "ADDSLOTSRANGE", *map(str, slots))
        for node in others:
            node.ask("CLUSTER", "MEET", "127.0.0.1", str(first.port), str(first.port + 1))
        until(lambda: all(self._knows(node, "cluster_known_nodes:4", "cluster_state:ok") for node in self.nodes))
        self.replica = self.nodes[3]
        self.replica.ask("CLUSTER", "REPLICATE", first.ask("CLUSTER", "MYID").decode())
        until(lambda: self.replica.ask("INFO", "replication").get("master_link_status") == "up")

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()

    @staticmethod
    def _node(folder: Path) -> Redis:
        port = free_port(neighbours=1)
        cluster = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", str(port + 1))
        return Redis(folder, *cluster, "--cluster-config-file", f"nodes-{port}.conf", port=port)

    @staticmethod
    def _knows(node: Redis, *told: str) -> bool:
        said = node.ask("CLUSTER", "INFO")
        if isinstance(said, bytes):
            said = said.decode()
        known = dict(part.split(":", 1) for part in said.split() if ":" in part) if isinstance(said, str) else said
        return all(known.get(one.split(":")[0]) == one.split(":")[1] for one in told)


class Node(Program):
    """One `widget-server run`."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        super().__init__(
            *WIDGET_SERVER,
            *("run", "--port", str(self.port)),
            folder=folder,
            environment=environment,
            alive=[f"http://127.0.0.1:{self.port}/healthz"],
        )

    def kill(self) -> None:
        """With all its processes, at once."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    @property
    def ready(self) -> bool:
        return self.readiness()[0] == 200

    def readiness(self) -> tuple[int, dict[str, Any]]:
        """What it says of itself, as a load balancer asks it; status 0 while nobody listens."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, HTTPException):
            return 0, {}
        finally:
            connection.close()


def folder_for_servers(folder: Path) -> Path:
    """PostgreSQL of root's tests runs as `nobody`, who needs a folder of its own."""
    if account := servers._nobody():
        os.chown(folder, account["user"], account["group"])
    return folder
