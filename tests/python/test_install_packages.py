"""`make packages`: where packages come from, when it does nothing, and what it refuses."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import install_packages
import pytest
import yaml
from warehouse import PROJECT

STAND_INS = (
    "packages: installed from own stand-ins in offline_packages/ (the dbt hub cannot be reached): "
    "first 0.0.0-offline, second 0.0.0-offline"
)
NO_HUB = "echo 'ConnectionError: External connection exception occurred: …'; exit 2"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with this one's Makefile and installer, two packages to install and a dbt.

    That dbt notes in `asked` that it ran and does what `dbt.sh` says: it does not reach the hub.
    """
    root = tmp_path / "project"
    for name in ("scripts", ".venv/bin"):
        (root / name).mkdir(parents=True)
    for name in ("Makefile", "scripts/install_packages.py"):
        shutil.copy(PROJECT / name, root / name)
    write_packages_yml(root, "shop/first", "shop/second")
    (root / "package-lock.yml").write_text("packages: []\n")
    for name in ("first", "second"):
        write_package(root / "offline_packages" / name, name, "0.0.0-offline")
    # the environment of these tests, up to date, but for its dbt
    (root / "requirements.txt").touch()
    (root / ".venv" / ".build").touch()
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (root / ".venv" / "lib").symlink_to(Path(sys.prefix) / "lib")
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", root / ".venv")
    dbt = root / ".venv" / "bin" / "dbt"
    dbt.write_text(f"#!/bin/sh\necho >> '{root}/asked'\n. '{root}/dbt.sh'\n")
    dbt.chmod(0o755)
    (root / "dbt.sh").write_text(NO_HUB)
    return root


def write_packages_yml(folder: Path, *packages: str) -> None:
    entries = [{"package": package, "version": [">=1.0.0", "<2.0.0"]} for package in packages]
    (folder / "packages.yml").write_text(yaml.safe_dump({"packages": entries}))


def write_package(folder: Path, name: str, version: str, *needs: str) -> None:
    (folder / "macros").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(yaml.safe_dump({"name": name, "version": version}))
    (folder / "macros" / "where.sql").write_text(version)
    if needs:
        write_packages_yml(folder, *needs)


def make(project: Path, folder: Path | str = "") -> subprocess.CompletedProcess[str]:
    """Run `make packages` in a project, with a folder of checkouts if one is named."""
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    return subprocess.run(
        ["make", "--no-print-directory", "packages"],
        cwd=project,
        env={**environment, "DBT_PACKAGES_FROM": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def says(project: Path, folder: Path | str = "") -> str:
    """The last line of `make packages`, which must pass."""
    run = make(project, folder)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout.splitlines()[-1]


def does_nothing(project: Path, folder: Path | str = "") -> bool:
    """Whether `make packages` finds nothing to do."""
    return "Nothing to be done" in says(project, folder)


def asked(project: Path) -> int:
    """How many times dbt was asked for packages."""
    return len((project / "asked").read_text().splitlines())


def installed(project: Path) -> dict[str, str]:
    """The text of each installed package's macro."""
    files = (project / "dbt_packages").glob("*/macros/where.sql")
    return {file.parents[1].name: file.read_text() for file in files}


def test_without_a_hub_stand_ins_are_copied_once(project: Path) -> None:
    """The line names source, reason and versions; the hub is not asked a second time."""
    assert says(project) == STAND_INS
    assert set(installed(project)) == {"first", "second"}
    assert does_nothing(project)
    assert asked(project) == 1
    assert not (project / "dbt_packages.new").exists()


def change(file: Path) -> None:
    file.write_text(file.read_text() + "\n# changed\n")


@pytest.mark.parametrize(
    "alter",
    [
        lambda project: change(project / "packages.yml"),
        lambda project: change(project / "package-lock.yml"),
        lambda project: change(project / "offline_packages/first/macros/where.sql"),
        lambda project: (project / "offline_packages/first/macros/where.sql").unlink(),
        lambda project: (project / "offline_packages/first/macros/new.sql").touch(),
        lambda project: shutil.rmtree(project / "dbt_packages"),
    ],
    ids=["request", "lock", "changed", "gone", "new", "lost"],
)
def test_what_has_changed_is_installed_again(project: Path, alter: Any) -> None:
    """A changed request, lock or stand-in, one that is gone or new, and a lost installation."""
    says(project)
    alter(project)
    assert says(project) == STAND_INS
    expected = {file.parents[1].name for file in project.glob("offline_packages/*/macros/w*")}
    assert set(installed(project)) == expected
    assert does_nothing(project)
    assert asked(project) == 2


def test_checkouts_of_a_folder_are_copied(project: Path, tmp_path: Path) -> None:
    """Folders may be named otherwise, needed packages come along, the rest stays behind."""
    checkouts = tmp_path / "my checkouts"
    write_package(checkouts / "the-first", "first", "1.0.0")
    write_package(checkouts / "second", "second", "1.1.0", "shop/third")
    write_package(checkouts / "third", "third", "1.2.0")
    write_package(checkouts / "fourth", "fourth", "1.3.0")
    write_package(checkouts / "the-first" / "integration_tests", "first_tests", "1.0.0")

    assert says(project, checkouts) == (
        f"packages: installed from {checkouts} (DBT_PACKAGES_FROM): "
        "first 1.0.0, second 1.1.0, third 1.2.0"
    )
    assert set(installed(project)) == {"first", "second", "third"}
    assert not (project / "dbt_packages" / "first" / "integration_tests").exists()
    assert does_nothing(project, checkouts)

    (checkouts / "third" / "macros" / "where.sql").write_text("changed")
    says(project, checkouts)
    assert installed(project)["third"] == "changed"
    assert does_nothing(project, checkouts)

    assert "(DBT_PACKAGES_FROM): first 0.0.0-offline" in says(project, "offline_packages")
    assert not (project / "asked").exists()
    assert says(project) == STAND_INS
    assert set(installed(project)) == {"first", "second"}


def test_a_missing_package_is_named_and_nothing_is_lost(project: Path, tmp_path: Path) -> None:
    """The message tells folder and package; what was installed stays, and is known."""
    says(project)
    write_package(tmp_path / "checkouts" / "first", "first", "1.0.0")
    run = make(project, tmp_path / "checkouts")
    assert run.returncode
    assert f"packages: no package second in {tmp_path / 'checkouts'}, only first" in run.stderr
    assert "0.0.0-offline" in installed(project)["first"]
    assert does_nothing(project)


@pytest.mark.parametrize("was_installed", [False, True])
def test_a_killed_installation_is_none(project: Path, was_installed: bool) -> None:
    """Killed while dbt downloads, it leaves what was there, and the next one does all of it."""
    if was_installed:
        says(project)
    before = installed(project)
    change(project / "offline_packages/first/macros/where.sql")
    (project / "dbt.sh").write_text("mkdir -p dbt_packages/first; kill -9 $PPID")
    assert make(project).returncode
    assert installed(project) == before

    (project / "dbt.sh").write_text(NO_HUB)
    assert says(project) == STAND_INS
    assert "changed" in installed(project)["first"]
    assert does_nothing(project)


def test_an_interrupted_copy_is_none(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of copying, too."""
    says(project)
    change(project / "offline_packages/first/macros/where.sql")
    copytree = shutil.copytree

    def interrupted(source: Path, *arguments: Any, **options: Any) -> None:
        if source.name == "second":
            raise KeyboardInterrupt
        copytree(source, *arguments, **options)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(install_packages.shutil, "copytree", interrupted)
        install_packages.install(project, str(project / "offline_packages"))
    assert installed(project) == {"first": "0.0.0-offline", "second": "0.0.0-offline"}
    assert says(project) == STAND_INS
    assert "changed" in installed(project)["first"]


@pytest.mark.parametrize(
    ("does", "problem"),
    [
        ("echo resolving; echo 'no such version'; exit 2", "dbt deps failed: no such version"),
        ("mkdir -p dbt_packages/first; echo broken; exit 1", "dbt deps failed: broken"),
    ],
)
def test_a_failing_hub_falls_back(project: Path, does: str, problem: str) -> None:
    """Whatever goes wrong with `dbt deps`, the stand-ins are installed and the line says why."""
    (project / "dbt.sh").write_text(does)
    assert f"({problem})" in says(project)
    assert set(installed(project)) == {"first", "second"}


def test_a_silent_hub_falls_back(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dbt that never ends is ended."""
    os.mkfifo(project / "silence")
    (project / "dbt.sh").write_text(f"exec cat '{project}/silence'")
    monkeypatch.setattr(install_packages, "DBT", project / ".venv" / "bin" / "dbt")
    monkeypatch.setattr(install_packages, "HUB_SECONDS", 0)
    assert "(the dbt hub took longer than 0 seconds)" in install_packages.install(project, "")


@pytest.fixture
def hub(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project with this one's packages.yml and lock, the real dbt and a hub on this machine.

    It offers each package in the version that the lock pins and in a newer one.
    """
    for name in ("packages.yml", "package-lock.yml"):
        shutil.copy(PROJECT / name, project / name)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=tmp_path / "hub")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    address = f"http://127.0.0.1:{server.server_port}/"
    packages = yaml.safe_load((project / "package-lock.yml").read_text())["packages"]
    for locked in packages:
        newer = locked["version"].rpartition(".")[0] + ".99"
        offer(tmp_path / "hub", address, locked["package"], locked["version"], newer)
    index = tmp_path / "hub" / "api" / "v1" / "index.json"
    index.write_text(json.dumps([locked["package"] for locked in packages]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("DBT_PACKAGE_HUB_URL", address)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(install_packages, "HUB_SECONDS", None)
    yield project
    server.shutdown()
    server.server_close()


def offer(folder: Path, address: str, package: str, *versions: str) -> None:
    """Put a package into the folder of a hub; dbt_expectations needs dbt_date.

    Its dbt_project.yml tells an outdated version, as those of real packages do.
    """
    name = package.split("/")[1]
    needed = {"package": "godatadriven/dbt_date", "version": [">=0.9.0", "<1.0.0"]}
    entry: dict[str, Any] = {"name": name, "namespace": package.split("/")[0], "versions": {}}
    for version in versions:
        write_package(folder / name / version, name, "0.1.0")
        (folder / name / version / "macros" / "where.sql").write_text(version)
        shutil.make_archive(str(folder / f"{name}-{version}"), "gztar", folder / name, version)
        entry["versions"][version] = {
            "name": name,
            "version": version,
            "packages": [needed] if name == "dbt_expectations" else [],
            "downloads": {"tarball": f"{address}{name}-{version}.tar.gz"},
        }
    file = folder / "api" / "v1" / f"{package}.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(entry))


def test_dbt_installs_what_the_lock_pins(hub: Path) -> None:
    """The real `dbt deps` takes the lock for that of packages.yml, and not the newer versions."""
    lock = (PROJECT / "package-lock.yml").read_text()
    pinned = {entry["name"]: entry["version"] for entry in yaml.safe_load(lock)["packages"]}
    listed = ", ".join(f"{name} {version}" for name, version in pinned.items())
    assert install_packages.install(hub, "") == f"installed from the dbt hub: {listed}"
    assert installed(hub) == pinned
    assert set(pinned) == {"dbt_utils", "dbt_expectations", "dbt_date"}
    assert (hub / "package-lock.yml").read_text() == lock
    assert does_nothing(hub)


def test_an_outdated_lock_is_written_anew(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When packages.yml asks for something else, dbt resolves it and the new lock is kept."""
    file = hub / "packages.yml"
    file.write_text(file.read_text().replace(">=1.3.0", ">=1.3.1"))
    install_packages.install(hub, "")
    assert "is written anew: commit it" in capsys.readouterr().out
    lock = yaml.safe_load((hub / "package-lock.yml").read_text())
    assert {entry["name"]: entry["version"] for entry in lock["packages"]} == installed(hub)
    assert all(version.endswith(".99") for version in installed(hub).values())
    assert does_nothing(hub)
