"""Fill dbt_packages/ with the packages that packages.yml names.

They come from the folder that DBT_PACKAGES_FROM names, which holds a checkout of each; else from
the dbt hub, by `dbt deps`, in the versions of package-lock.yml; else, where the hub does not
answer, from offline_packages/, own implementations of the macros this project calls.

`make packages` runs this when something is newer than the time stamp dbt_packages/.installed, which
also tells DBT_PACKAGES_FROM. The folder comes into place whole, by renaming, or not at all.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
DBT = Path(sys.executable).with_name("dbt")
HUB_SECONDS = 60
LEFT_OUT = shutil.ignore_patterns(".git", "dbt_packages", "integration_tests", "logs", "target")


def install(project: Path, folder: str) -> str:
    """Fill dbt_packages/ and say what came from where."""
    installed, scratch = project / "dbt_packages", project / "dbt_packages.new"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    new, stamp = scratch / "dbt_packages", scratch / ".installed"
    stamp.write_text(f"{folder}\n")  # first of all: what changes from here on is newer
    if folder:
        source = f"{folder} (DBT_PACKAGES_FROM): {copy_packages(Path(folder), new, project)}"
    elif problem := ask_hub(scratch, project):
        copied = copy_packages(project / "offline_packages", new, project)
        source = f"own stand-ins in offline_packages/ ({problem}): {copied}"
    else:
        source = f"the dbt hub: {keep_lock(scratch, project)}"
    stamp.rename(new / ".installed")
    if installed.exists():
        installed.rename(scratch / "old")
    new.rename(installed)
    shutil.rmtree(scratch)
    return f"installed from {source}"


def ask_hub(scratch: Path, project: Path) -> str:
    """Have dbt install in a project of its own; what went wrong, if anything did."""
    (scratch / "dbt_project.yml").write_text("name: packages\n")
    shutil.copy(project / "packages.yml", scratch)
    shutil.copy(project / "package-lock.yml", scratch)
    print("packages: asking the dbt hub …", flush=True)
    command = [DBT, "--no-send-anonymous-usage-stats", "--no-use-colors", "deps"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    try:
        run = subprocess.run(command, cwd=scratch, timeout=HUB_SECONDS, check=False, **pipes)
    except subprocess.TimeoutExpired:
        return f"the dbt hub took longer than {HUB_SECONDS} seconds"
    if run.returncode and "External connection exception" in run.stdout:
        return "the dbt hub cannot be reached"
    return f"dbt deps failed: {run.stdout.strip().splitlines()[-1]}" if run.returncode else ""


def keep_lock(scratch: Path, project: Path) -> str:
    """Packages and versions of the lock; one that dbt wrote anew for packages.yml is taken over."""
    text = (scratch / "package-lock.yml").read_text()
    if text != (project / "package-lock.yml").read_text():
        (project / "package-lock.yml").write_text(text)
        (scratch / ".installed").touch()
        print("packages: package-lock.yml did not fit packages.yml and is written anew: commit it")
    locked = yaml.safe_load(text)["packages"]
    return ", ".join(f"{entry['name']} {entry['version']}" for entry in locked)


def copy_packages(folder: Path, target: Path, project: Path) -> str:
    """Copy what packages.yml names, and what that needs itself, from a folder; what was copied."""
    shutil.rmtree(target, ignore_errors=True)  # what dbt may have begun with
    found = {}
    for file in sorted(folder.glob("*/dbt_project.yml")):
        settings = yaml.safe_load(file.read_text())
        found[settings["name"]] = (file.parent, settings.get("version"))
    names = required(project)
    for name in names:  # grows by what each package needs
        if name not in found:
            sys.exit(f"packages: no package {name} in {folder}, only {', '.join(found) or 'none'}")
        shutil.copytree(found[name][0], target / name, ignore=LEFT_OUT)
        names += [needed for needed in required(found[name][0]) if needed not in names]
    return ", ".join(f"{name} {found[name][1]}" for name in names)


def required(package: Path) -> list[str]:
    """Names of the packages that a packages.yml lists; none where there is no such file."""
    file = package / "packages.yml"
    entries = yaml.safe_load(file.read_text())["packages"] if file.is_file() else []
    return [entry["package"].split("/")[-1] for entry in entries]


if __name__ == "__main__":
    print(f"packages: {install(PROJECT, os.environ.get('DBT_PACKAGES_FROM', ''))}")
