"""Install the dbt packages that packages.yml names into dbt_packages/.

They come from the first of these that applies:

- the folder that DBT_PACKAGES_FROM names, which holds a checkout of every package;
- the dbt hub, by `dbt deps`, when it answers in time;
- offline_packages/, this project's own implementations of the macros it calls
  (DBT_PACKAGES_OFFLINE=1 asks for these without trying the hub).

A stamp in dbt_packages/ tells what is installed from where, so that a second run does nothing until
packages.yml, the source or the request changes. Delete dbt_packages/ to have the hub tried again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]
STAMP = ".installed.json"
PROBE_SECONDS = 5.0
HUB_SECONDS = 20.0
NOT_PART_OF_A_PACKAGE = {".git", "dbt_packages", "integration_tests", "logs", "target"}
SOURCES = {
    "folder": "the folder DBT_PACKAGES_FROM names",
    "hub": "the dbt hub",
    "offline": "own stand-ins in offline_packages/",
}


class InstallError(Exception):
    """The packages cannot be installed; the message says why and what to do."""


@dataclass(frozen=True)
class Request:
    """What the environment asks for: a `folder`, `offline`, or the hub if it answers (`any`)."""

    kind: str
    folder: Path | None = None


@dataclass(frozen=True)
class Stamp:
    """What is installed: request and source, version per package, digest of what it came from."""

    request: str
    source: str
    packages: dict[str, str]
    digest: str


def main() -> int:
    """Install and say so in one line."""
    try:
        print(f"packages: {install(PROJECT)}")
    except InstallError as error:
        print(f"packages: {error}", file=sys.stderr)
        return 1
    return 0


def install(project: Path) -> str:
    """Bring dbt_packages/ up to date and describe what it holds."""
    request = read_request()
    names = required_packages(project / "packages.yml")
    installed = project / "dbt_packages"

    stamp = read_stamp(installed)
    if stamp and is_current(stamp, project, request, names):
        return f"already installed from {SOURCES[stamp.source]}: {listing(stamp.packages)}"
    if stamp is None and request.kind == "any" and set(names) <= set(packages_in(installed)):
        return "already installed by hand (delete dbt_packages/ to install anew)"

    scratch = project / "dbt_packages.new"
    remove(scratch)
    scratch.mkdir()
    try:
        packages = scratch / "packages"
        source, reason = fill(packages, project, request, names)
        stamp = Stamp(
            request=request.kind,
            source=source,
            packages=versions(packages, scratch / "project" / "package-lock.yml"),
            digest=digest_of(source, project, request, names),
        )
        (packages / STAMP).write_text(json.dumps(asdict(stamp), indent=2) + "\n")
        replace_folder(installed, packages)
    finally:
        remove(scratch)
    return f"installed from {SOURCES[source]}{reason}: {listing(stamp.packages)}"


def read_request() -> Request:
    """What DBT_PACKAGES_FROM and DBT_PACKAGES_OFFLINE ask for."""
    folder = os.environ.get("DBT_PACKAGES_FROM", "")
    is_offline = os.environ.get("DBT_PACKAGES_OFFLINE", "") not in ("", "0")
    if folder and is_offline:
        raise InstallError("set DBT_PACKAGES_FROM or DBT_PACKAGES_OFFLINE, not both")
    if folder:
        return Request("folder", Path(folder).expanduser().resolve())
    return Request("offline" if is_offline else "any")


def required_packages(file: Path) -> list[str]:
    """Names of the hub packages that a packages.yml lists; none when there is no such file."""
    if not file.is_file():
        return []
    entries = (read_yaml(file) or {}).get("packages") or []
    return [entry["package"].split("/")[-1] for entry in entries if "package" in entry]


def fill(target: Path, project: Path, request: Request, names: list[str]) -> tuple[str, str]:
    """Put the packages into a new folder; the source used and, in brackets, the reason."""
    if request.folder is not None:
        copy_packages(request.folder, target, names)
        return "folder", f" ({request.folder})"
    reason = " (DBT_PACKAGES_OFFLINE is set)"
    if request.kind == "any":
        problem = install_from_hub(target, project, names)
        if problem is None:
            return "hub", ""
        reason = f" ({problem})"
    copy_packages(project / "offline_packages", target, names)
    return "offline", reason


def copy_packages(source: Path, target: Path, names: list[str]) -> None:
    """Copy the named packages, and those they need themselves, out of a folder."""
    ignore = shutil.ignore_patterns(*NOT_PART_OF_A_PACKAGE)
    for name, package in select_packages(source, names).items():
        shutil.copytree(package, target / name, ignore=ignore)


def select_packages(source: Path, names: list[str]) -> dict[str, Path]:
    """The named packages of a folder and, from their own packages.yml, those they need."""
    found = packages_in(source)
    selected: dict[str, Path] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            raise InstallError(f"no package {name} in {source}, only {sorted(found)}")
        if name not in selected:
            selected[name] = found[name]
            waiting += required_packages(found[name] / "packages.yml")
    return selected


def install_from_hub(target: Path, project: Path, names: list[str]) -> str | None:
    """Have dbt install the packages into a folder; what went wrong, if anything did."""
    deadline = time.monotonic() + HUB_SECONDS
    if not hub_answers():
        return "the dbt hub cannot be reached"
    dbt = find_dbt()
    if dbt is None:
        return "there is no dbt command"
    problem = run_dbt_deps(dbt, target, project, deadline - time.monotonic())
    if problem is None and not set(names) <= set(packages_in(target)):
        problem = f"dbt deps installed only {sorted(packages_in(target))}"
    if problem:
        remove(target)
    return problem


def hub_answers() -> bool:
    """Whether the hub sends any answer; the limit includes resolving its name."""
    url = os.environ.get("DBT_PACKAGE_HUB_URL") or "https://hub.getdbt.com/"
    answers: list[bool] = []

    def ask() -> None:
        request = urllib.request.Request(url, method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=PROBE_SECONDS).close()
        except urllib.error.HTTPError:
            pass  # a refusal is an answer
        except (OSError, ValueError):
            return
        answers.append(True)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return bool(answers)


def find_dbt() -> str | None:
    """The dbt of this Python's environment, else the one on the path."""
    return shutil.which("dbt", path=str(Path(sys.executable).parent)) or shutil.which("dbt")


def run_dbt_deps(dbt: str, target: Path, project: Path, seconds: float) -> str | None:
    """Run `dbt deps` in a project of its own beside the target; what went wrong, if anything."""
    workspace = target.with_name("project")
    workspace.mkdir()
    settings = {"name": "packages", "packages-install-path": str(target)}
    (workspace / "dbt_project.yml").write_text(yaml.safe_dump(settings))
    for name in ("packages.yml", "package-lock.yml"):
        if (project / name).is_file():
            shutil.copy(project / name, workspace)

    command = [dbt, "--no-send-anonymous-usage-stats", "--no-use-colors"]
    command += ["deps", "--project-dir", str(workspace)]
    try:
        done = subprocess.run(
            command, cwd=workspace, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return f"the dbt hub took longer than {HUB_SECONDS:.0f} seconds"
    if done.returncode == 0:
        return None
    lines = (done.stdout + done.stderr).split("\n")
    return f"dbt deps failed: {next((line.strip() for line in lines[::-1] if line.strip()), '')}"


def packages_in(folder: Path) -> dict[str, Path]:
    """The dbt packages of a folder by the name in their dbt_project.yml."""
    files = sorted(folder.glob("*/dbt_project.yml"))
    return {str(read_yaml(file)["name"]): file.parent for file in files}


def versions(folder: Path, lock: Path) -> dict[str, str]:
    """Version per package: the one the hub's lock file names, else the package's own word."""
    locked = (read_yaml(lock) if lock.is_file() else {}).get("packages", [])
    from_hub = {entry["name"]: entry["version"] for entry in locked if "version" in entry}
    return {
        name: str(from_hub.get(name) or read_yaml(package / "dbt_project.yml").get("version"))
        for name, package in packages_in(folder).items()
    }


def is_current(stamp: Stamp, project: Path, request: Request, names: list[str]) -> bool:
    """Whether the stamped packages are still in place and still what would be installed."""
    return (
        stamp.request == request.kind
        and set(stamp.packages) <= set(packages_in(project / "dbt_packages"))
        and stamp.digest == digest_of(stamp.source, project, request, names)
    )


def digest_of(source: str, project: Path, request: Request, names: list[str]) -> str:
    """Digest of what decides an installation: packages.yml, and the packages or the lock file."""
    files = {name: project / name for name in ("packages.yml", "package-lock.yml")}
    if source != "hub":
        folder = request.folder or project / "offline_packages"
        files = {"packages.yml": files["packages.yml"]}
        for name, package in select_packages(folder, names).items():
            files |= {f"{name}/{path}": package / path for path in package_files(package)}

    digest = hashlib.sha256()
    for name, file in files.items():
        if file.is_file():
            content = file.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def package_files(package: Path) -> Iterator[Path]:
    """The files of a package, in order and relative to it."""
    for parent, folders, names in os.walk(package):
        folders[:] = sorted(set(folders) - NOT_PART_OF_A_PACKAGE)
        for name in sorted(names):
            yield Path(parent, name).relative_to(package)


def read_stamp(installed: Path) -> Stamp | None:
    """The stamp of an installation; none where it is missing or cannot be read."""
    try:
        return Stamp(**json.loads((installed / STAMP).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def read_yaml(file: Path) -> Any:
    """The content of a YAML file."""
    try:
        return yaml.safe_load(file.read_text())
    except yaml.YAMLError as error:
        raise InstallError(f"{file} is not readable as YAML: {error}") from error


def replace_folder(installed: Path, new: Path) -> None:
    """Swap a finished folder in by renaming, so that no half-made one is ever seen."""
    old = installed.with_name(f"{installed.name}.old")
    remove(old)
    if installed.exists():
        installed.rename(old)
    new.rename(installed)
    remove(old)


def remove(folder: Path) -> None:
    """Remove a folder if it exists."""
    if folder.exists():
        shutil.rmtree(folder)


def listing(packages: Mapping[str, str]) -> str:
    """`name version, name version`."""
    return ", ".join(f"{name} {version}" for name, version in packages.items())


if __name__ == "__main__":
    sys.exit(main())
