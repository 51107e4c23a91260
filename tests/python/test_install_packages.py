"""The package installer: where packages come from, when it does nothing, and what it refuses."""

from __future__ import annotations

import importlib.util
import io
import json
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
UNREACHABLE = "http://127.0.0.1:9/"


@pytest.fixture(scope="module")
def installer() -> ModuleType:
    """The script as a module."""
    name = "install_packages"
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two packages to install, in an environment that asks for nothing."""
    for variable in ("DBT_PACKAGES_FROM", "DBT_PACKAGES_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("DBT_PACKAGE_HUB_URL", UNREACHABLE)
    root = tmp_path / "project"
    root.mkdir()
    _write_packages_yml(root, "shop/first", "shop/second")
    for name in ("first", "second"):
        _write_package(root / "offline_packages" / name, name, "0.0.0-offline")
    return root


def _write_packages_yml(folder: Path, *packages: str) -> None:
    entries = [{"package": package, "version": [">=1.0.0", "<2.0.0"]} for package in packages]
    (folder / "packages.yml").write_text(yaml.safe_dump({"packages": entries}))


def _write_package(folder: Path, name: str, version: str, *needs: str) -> None:
    (folder / "macros").mkdir(parents=True)
    settings = {"name": name, "version": version, "config-version": 2}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(settings))
    (folder / "macros" / "where.sql").write_text(
        f"{{% macro where() %}}{version}{{% endmacro %}}\n"
    )
    if needs:
        _write_packages_yml(folder, *needs)


def _installed(project: Path) -> dict[str, str]:
    """The text of each installed package's macro."""
    files = (project / "dbt_packages").glob("*/macros/where.sql")
    return {file.parents[1].name: file.read_text() for file in files}


def _assert_nothing_half_made(project: Path) -> None:
    assert not list(project.glob("dbt_packages.*"))


def test_without_a_hub_the_stand_ins_are_copied_once(installer: ModuleType, project: Path) -> None:
    """The line names source, reason and versions; the second run changes nothing."""
    assert installer.install(project) == (
        "installed from own stand-ins in offline_packages/ (the dbt hub cannot be reached): "
        "first 0.0.0-offline, second 0.0.0-offline"
    )
    assert set(_installed(project)) == {"first", "second"}
    _assert_nothing_half_made(project)

    stamped = (project / "dbt_packages" / installer.STAMP).stat().st_mtime_ns
    assert installer.install(project) == (
        "already installed from own stand-ins in offline_packages/: "
        "first 0.0.0-offline, second 0.0.0-offline"
    )
    assert (project / "dbt_packages" / installer.STAMP).stat().st_mtime_ns == stamped


def test_changed_stand_ins_are_installed_again(installer: ModuleType, project: Path) -> None:
    """A change of a macro, of packages.yml or of the request is seen."""
    installer.install(project)
    macro = project / "offline_packages" / "first" / "macros" / "where.sql"
    macro.write_text("changed")
    assert installer.install(project).startswith("installed from own")
    assert _installed(project)["first"] == "changed"

    _write_packages_yml(project, "shop/first")
    assert installer.install(project).startswith("installed from own")
    assert set(_installed(project)) == {"first"}


def test_a_lost_package_is_installed_again(installer: ModuleType, project: Path) -> None:
    """The stamp alone is not believed."""
    installer.install(project)
    shutil.rmtree(project / "dbt_packages" / "second")
    assert installer.install(project).startswith("installed from own")
    assert set(_installed(project)) == {"first", "second"}


def test_offline_is_asked_for(
    installer: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub is not even tried, and asking otherwise later installs anew."""
    monkeypatch.setenv("DBT_PACKAGES_OFFLINE", "1")
    monkeypatch.setattr(installer, "hub_answers", lambda: pytest.fail("the hub was tried"))
    assert "(DBT_PACKAGES_OFFLINE is set)" in installer.install(project)
    assert installer.install(project).startswith("already installed")

    monkeypatch.setenv("DBT_PACKAGES_OFFLINE", "0")
    monkeypatch.setattr(installer, "hub_answers", lambda: False)
    assert "(the dbt hub cannot be reached)" in installer.install(project)


def test_checkouts_of_a_folder_are_copied(
    installer: ModuleType, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders may be named otherwise, needed packages come along, the rest stays behind."""
    checkouts = tmp_path / "checkouts"
    _write_package(checkouts / "the-first", "first", "1.0.0")
    _write_package(checkouts / "second", "second", "1.1.0", "shop/third")
    _write_package(checkouts / "third", "third", "1.2.0")
    _write_package(checkouts / "fourth", "fourth", "1.3.0")
    _write_package(checkouts / "the-first" / "integration_tests", "first_tests", "1.0.0")
    monkeypatch.setenv("DBT_PACKAGES_FROM", str(checkouts))

    assert installer.install(project) == (
        f"installed from the folder DBT_PACKAGES_FROM names ({checkouts}): "
        "first 1.0.0, second 1.1.0, third 1.2.0"
    )
    assert set(_installed(project)) == {"first", "second", "third"}
    assert not (project / "dbt_packages" / "first" / "integration_tests").exists()
    assert installer.install(project).startswith("already installed from the folder")

    (checkouts / "third" / "macros" / "where.sql").write_text("changed")
    assert installer.install(project).startswith("installed from the folder")
    assert _installed(project)["third"] == "changed"

    monkeypatch.delenv("DBT_PACKAGES_FROM")
    assert installer.install(project).startswith("installed from own")
    assert set(_installed(project)) == {"first", "second"}


def test_a_missing_package_is_named_and_nothing_is_lost(
    installer: ModuleType, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message tells folder and package; what was installed stays."""
    installer.install(project)
    checkouts = tmp_path / "checkouts"
    _write_package(checkouts / "first", "first", "1.0.0")
    monkeypatch.setenv("DBT_PACKAGES_FROM", str(checkouts))
    with pytest.raises(installer.InstallError, match=f"no package second in {checkouts}"):
        installer.install(project)
    assert "0.0.0-offline" in _installed(project)["first"]
    _assert_nothing_half_made(project)


def test_two_requests_at_once_are_refused(
    installer: ModuleType,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command ends with an error and one line."""
    monkeypatch.setenv("DBT_PACKAGES_FROM", str(project))
    monkeypatch.setenv("DBT_PACKAGES_OFFLINE", "1")
    monkeypatch.setattr(installer, "PROJECT", project)
    assert installer.main() == 1
    assert capsys.readouterr().err == (
        "packages: set DBT_PACKAGES_FROM or DBT_PACKAGES_OFFLINE, not both\n"
    )


def test_an_interrupted_copy_leaves_the_old_packages(
    installer: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interruption in the middle of copying is cleaned up, and a killed run's remains too."""
    installer.install(project)
    (project / "offline_packages" / "first" / "macros" / "where.sql").write_text("changed")
    copytree = shutil.copytree

    def interrupted(source: Path, *arguments: Any, **options: Any) -> None:
        if source.name == "second":
            raise KeyboardInterrupt
        copytree(source, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(installer.shutil, "copytree", interrupted)
        with pytest.raises(KeyboardInterrupt):
            installer.install(project)
    assert set(_installed(project)) == {"first", "second"}
    assert "0.0.0-offline" in _installed(project)["first"]
    _assert_nothing_half_made(project)

    (project / "dbt_packages.new" / "packages").mkdir(parents=True)
    (project / "dbt_packages").rename(project / "dbt_packages.old")
    assert installer.install(project).startswith("installed from own")
    assert _installed(project)["first"] == "changed"
    _assert_nothing_half_made(project)


def test_packages_put_there_by_hand_are_kept(
    installer: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `dbt deps` installed stays while it is whole and nothing else is asked for."""
    for name in ("first", "second"):
        _write_package(project / "dbt_packages" / name, name, "1.5.0")
    assert installer.install(project).startswith("already installed by hand")
    monkeypatch.setenv("DBT_PACKAGES_OFFLINE", "1")
    assert installer.install(project).startswith("installed from own")

    shutil.rmtree(project / "dbt_packages")
    monkeypatch.delenv("DBT_PACKAGES_OFFLINE")
    _write_package(project / "dbt_packages" / "first", "first", "1.5.0")
    assert installer.install(project).startswith("installed from own")


@pytest.fixture
def hub(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project, with a hub on this machine that offers both its packages in two versions."""

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._send(b"")

        def do_GET(self) -> None:
            address = f"http://127.0.0.1:{self.server.server_port}"
            name, _, version = self.path.strip("/").removesuffix(".tgz").rpartition("-")
            if self.path.endswith("/index.json"):
                content: object = ["shop/first", "shop/second"]
            elif self.path.endswith(".json"):
                content = _hub_entry(self.path.split("/")[-1].removesuffix(".json"), address)
            else:
                return self._send(_tarball(name, version))
            return self._send(json.dumps(content).encode())

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("DBT_PACKAGE_HUB_URL", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield project
    server.shutdown()
    server.server_close()


def _hub_entry(name: str, address: str) -> dict[str, object]:
    """What the hub tells of a package."""
    return {
        "name": name,
        "namespace": "shop",
        "latest": "2.0.0",
        "versions": {
            version: {
                "name": name,
                "version": version,
                "packages": [],
                "downloads": {"tarball": f"{address}/{name}-{version}.tgz"},
            }
            for version in ("1.4.0", "2.0.0")
        },
    }


def _tarball(name: str, version: str) -> bytes:
    """A package whose dbt_project.yml tells an outdated version, as those of real packages do."""
    files = {
        "dbt_project.yml": f"name: {name}\nversion: 0.1.0\n",
        "macros/where.sql": f"{{% macro where() %}}{version}{{% endmacro %}}\n",
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def test_dbt_installs_from_the_hub(installer: ModuleType, hub: Path) -> None:
    """The real `dbt deps` picks the newest version allowed and leaves no lock file behind."""
    assert installer.install(hub) == "installed from the dbt hub: first 1.4.0, second 1.4.0"
    assert all("1.4.0" in text for text in _installed(hub).values())
    assert not (hub / "package-lock.yml").exists()
    _assert_nothing_half_made(hub)
    assert installer.install(hub).startswith("already installed from the dbt hub")


@pytest.mark.parametrize(
    ("script", "seconds", "problem"),
    [
        ("echo resolving; echo 'no such version'; exit 2", 20, "dbt deps failed: no such version"),
        ("exit 0", 20, "dbt deps installed only []"),
        ("exec sleep 30", 0.3, "the dbt hub took longer than 0 seconds"),
    ],
)
def test_a_failing_hub_falls_back(
    installer: ModuleType,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    seconds: float,
    problem: str,
) -> None:
    """Whatever goes wrong with `dbt deps`, the stand-ins are installed and the line says why."""
    dbt = project / "dbt"
    dbt.write_text(f"#!/bin/sh\n{script}\n")
    dbt.chmod(0o755)
    monkeypatch.setattr(installer, "hub_answers", lambda: True)
    monkeypatch.setattr(installer, "find_dbt", lambda: str(dbt))
    monkeypatch.setattr(installer, "HUB_SECONDS", seconds)
    assert f"({problem})" in installer.install(project)
    assert set(_installed(project)) == {"first", "second"}


def test_the_hub_is_probed(
    installer: ModuleType, hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any answer counts; a closed port is none."""
    assert installer.hub_answers()
    monkeypatch.setenv("DBT_PACKAGE_HUB_URL", UNREACHABLE)
    assert not installer.hub_answers()


def test_dbt_accepts_the_stand_ins(
    installer: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This project's packages.yml and offline_packages/ parse in dbt without a lock file."""
    monkeypatch.setenv("DBT_PACKAGES_OFFLINE", "1")
    monkeypatch.delenv("DBT_PACKAGES_FROM", raising=False)
    shutil.copy(ROOT / "packages.yml", tmp_path)
    shutil.copytree(ROOT / "offline_packages", tmp_path / "offline_packages")
    settings = {"name": "shop", "profile": "shop", "flags": {"send_anonymous_usage_stats": False}}
    (tmp_path / "dbt_project.yml").write_text(yaml.safe_dump(settings))
    output = {"type": "duckdb", "path": ":memory:"}
    profile = {"shop": {"target": "test", "outputs": {"test": output}}}
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profile))
    installer.install(tmp_path)

    command = [installer.find_dbt(), "parse", "--project-dir", tmp_path, "--profiles-dir", tmp_path]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
