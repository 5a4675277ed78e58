"""Run dbt in a child process and read what it did.

Not here: what the models say (dbt_project) and which editions they read (flows.landing). A red dbt is either a
failure of ours (a model raised: WarehouseError) or a data problem (a test failed: returned, gate 2 decides).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.core.errors import StorageFull, WarehouseError
from flows.files import write_bytes

# `config_options` are set once, when the file is opened; `settings` again at each cursor, which DuckDB refuses for a
# temporary folder that a large build has begun to use.
PROFILE = """\
observatoire:
  target: release
  outputs:
    release:
      type: duckdb
      path: "{{ env_var('OBSERVATOIRE_DUCKDB') }}"
      config_options:
        memory_limit: "{{ env_var('OBSERVATOIRE_DBT_MEMORY') }}"
        temp_directory: "{{ env_var('OBSERVATOIRE_DBT_TEMP') }}"
        autoinstall_known_extensions: false
        autoload_known_extensions: false
"""


@dataclass(frozen=True)
class DbtTestFailure:
    """A dbt data test that failed: its name, the model it is about, how many rows, its description."""

    name: str
    model: str
    rows: int
    description: str
    warning: bool = False


@dataclass(frozen=True)
class Dbt:
    """How to run dbt for one database file.

    Attributes:
        project: the dbt project. state: folder for the profile, logs and temporary files (nothing goes to HOME).
        database: the DuckDB file to build. memory_limit: DuckDB syntax. threads: dbt threads.
        ahead: a child that was started earlier; used once.
    """

    project: Path
    state: Path
    database: Path
    memory_limit: str = "4GB"
    threads: int = 2
    ahead: Ahead | None = None

    def build(self, variables: Mapping[str, Any], extra: Sequence[str] = ()) -> list[DbtTestFailure]:
        """`dbt build` without unit tests (they belong to `make test`); returns the tests that failed.

        Raises:
            WarehouseError: a model failed, or dbt could not start; the error names the first node and its message.
            StorageFull: the disk filled up while building.
        """
        return self.run("build", variables, ["--exclude-resource-type", "unit_test", *extra])

    def run(self, command: str, variables: Mapping[str, Any], extra: Sequence[str] = ()) -> list[DbtTestFailure]:
        """Any dbt command on the project, with variables; returns the data tests that failed."""
        target = self.database.parent / "dbt"
        arguments = [
            *_arguments(command, self.project, self.state, target, variables),
            "--threads",
            str(self.threads),
            *extra,
        ]
        environment = {
            "OBSERVATOIRE_DUCKDB": str(self.database),
            "OBSERVATOIRE_DBT_MEMORY": self.memory_limit,
            "OBSERVATOIRE_DBT_TEMP": str(target / "tmp"),
        }
        with self.ahead or Ahead.start(self.project, self.state) as child:
            code, output = child.run(arguments, environment)
        if "No space left on device" in output:
            raise StorageFull(
                "Le disque est plein : l'entrepôt candidat n'a pas pu être construit, la version publiée reste.",
                where=str(self.database.parent),
                todo="libérer de l'espace, puis relancer.",
            )
        results = target / "run_results.json"
        if not results.exists():
            raise WarehouseError(
                f"dbt n'a pas démarré : {output[-800:] or 'aucun message'}",
                where=str(self.project),
                todo="corriger le projet dbt (le journal complet est dans le dossier du candidat).",
            )
        return _read_results(results, target / "manifest.json", code, output)


def _arguments(command: str, project: Path, state: Path, target: Path, variables: Mapping[str, Any]) -> list[str]:
    home = state / "dbt"
    write_bytes(home / "profiles.yml", PROFILE.encode())
    return [
        command,
        "--project-dir",
        str(project),
        "--profiles-dir",
        str(home),
        "--target-path",
        str(target),
        "--log-path",
        str(target),
        "--vars",
        json.dumps(variables, ensure_ascii=False),
        "--no-use-colors",
        "--no-version-check",
        "--quiet",
        "--log-level-file",
        "warn",  # ten thousand lines a night that nobody reads cost seconds; what fails is told by its result
    ]


class Ahead:
    """A dbt child that may be started before what it builds is known. Use it with `with`: leaving ends it.

    Its standard input stays open until it ends: were this run killed, the pipe would close and the child end too,
    instead of writing on into a folder that the next run builds in.
    """

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child

    @classmethod
    def start(cls, project: Path, state: Path, variables: Mapping[str, Any] | None = None) -> Ahead:
        """Start a child; `variables` are those that the models' references depend on: with them the child reads the
        project at once, before the build is asked."""
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", "flows.warehouse.dbt_child"]
        environment = os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "0", "DO_NOT_TRACK": "1"}
        parsing: list[str] = []
        if variables is not None:
            parsing = [*_arguments("parse", project, state, state / "dbt" / "lu", variables), "--no-write-json"]
            environment |= dict.fromkeys(
                ("OBSERVATOIRE_DUCKDB", "OBSERVATOIRE_DBT_MEMORY", "OBSERVATOIRE_DBT_TEMP"), ""
            )
        child = cls(
            subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True, env=environment)
        )
        child._tell(parsing)
        return child

    def run(self, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
        """Exit code and output of dbt with these arguments."""
        assert self._child.stdout is not None
        self._tell({"arguments": list(arguments), "environment": dict(environment)})
        output = self._child.stdout.read().strip()
        return self._child.wait(), output

    def _tell(self, line: Any) -> None:
        assert self._child.stdin is not None
        with suppress(BrokenPipeError):  # a child that could not even start says why on its output
            self._child.stdin.write(json.dumps(line) + "\n")
            self._child.stdin.flush()

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._child.stdin is not None and self._child.stdout is not None
        with suppress(BrokenPipeError):
            self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait()


def _read_results(results: Path, manifest: Path, code: int, output: str) -> list[DbtTestFailure]:
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    failures: list[DbtTestFailure] = []
    for result in json.loads(results.read_text(encoding="utf-8"))["results"]:
        node = nodes.get(result["unique_id"], {})
        name = node.get("name", result["unique_id"])
        if result["status"] == "error" or (result["status"] == "fail" and node.get("resource_type") != "test"):
            raise WarehouseError(
                f"Le modèle {name} a échoué : {' '.join(str(result['message']).split())[:600]}",
                where=node.get("original_file_path", result["unique_id"]),
                todo="corriger ce modèle ou l'édition qu'il lit ; la version publiée reste en place.",
            )
        if result["status"] in ("fail", "warn"):
            about = node.get("attached_node") or (node.get("depends_on", {}).get("nodes") or [""])[0]
            failures.append(
                DbtTestFailure(
                    name,
                    about.split(".")[-1],
                    int(result["failures"] or 0),
                    node.get("description", ""),
                    warning=result["status"] == "warn",
                )
            )
    if code != 0 and not [f for f in failures if not f.warning]:
        raise WarehouseError(f"dbt a échoué sans désigner de modèle : {output[-800:]}", where=str(results))
    return sorted(failures, key=lambda f: f.name)
