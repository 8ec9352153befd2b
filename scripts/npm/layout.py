#!/usr/bin/env python3
"""Lays out the packages for npm: one for each machine that holds its program, and `chartgate`, which starts the one that npm has picked.

usage: layout.py VERSION ARCHIVES OUT
"""

import json
import shutil
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# npm's names of operating system and processor, by the target that the release builds for. The programs for Linux are linked statically, so that
# they run with every C library.
TARGETS = {
    "x86_64-unknown-linux-musl": ("linux", "x64"),
    "aarch64-unknown-linux-musl": ("linux", "arm64"),
    "x86_64-apple-darwin": ("darwin", "x64"),
    "aarch64-apple-darwin": ("darwin", "arm64"),
    "x86_64-pc-windows-msvc": ("win32", "x64"),
}


def described(name: str, version: str, more: dict) -> str:
    about = {
        "name": name,
        "version": version,
        "description": "A release gate for Helm charts: says, before anything is pushed, whether a chart may go out",
        "license": "MIT OR Apache-2.0",
        "repository": {"type": "git", "url": "git+https://github.com/chartgate/chartgate.git"},
    }
    return json.dumps(about | more, indent=2) + "\n"


def licensed(folder: Path) -> None:
    for license in ("LICENSE-MIT", "LICENSE-APACHE"):
        shutil.copyfile(ROOT / license, folder / license)


def program(archive: Path, folder: Path) -> None:
    """Takes the one program out of an archive of the release."""
    if not archive.is_file():
        sys.exit(f"scripts/package: there is no archive `{archive}`")
    with tarfile.open(archive) as files:
        names = [member for member in files.getmembers() if member.name in ("chartgate", "chartgate.exe")]
        if len(names) != 1 or not names[0].isfile():
            sys.exit(f"scripts/package: there is no program in `{archive}`")
        target = folder / "bin" / names[0].name
        target.parent.mkdir(parents=True)
        with files.extractfile(names[0]) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)
        target.chmod(0o755)


def main(version: str, archives: Path, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    for target, (system, processor) in TARGETS.items():
        folder = out / f"{system}-{processor}"
        program(archives / f"chartgate-{version}-{target}.tar.gz", folder)
        name = f"@chartgate/{system}-{processor}"
        more = {"os": [system], "cpu": [processor], "preferUnplugged": True, "publishConfig": {"access": "public"}}
        (folder / "package.json").write_text(described(name, version, more))
        (folder / "README.md").write_text(f"# {name}\n\nThe program of [chartgate](https://www.npmjs.com/package/chartgate) for one kind of machine.\n")
        licensed(folder)
    folder = out / "chartgate"
    (folder / "bin").mkdir(parents=True)
    shutil.copyfile(ROOT / "scripts/npm/chartgate.js", folder / "bin/chartgate.js")
    (folder / "bin/chartgate.js").chmod(0o755)
    more = {
        "keywords": ["helm", "kubernetes", "lint", "oci", "release"],
        "bin": {"chartgate": "bin/chartgate.js"},
        "engines": {"node": ">=18"},
        "optionalDependencies": {f"@chartgate/{system}-{processor}": version for system, processor in TARGETS.values()},
    }
    (folder / "package.json").write_text(described("chartgate", version, more))
    shutil.copyfile(ROOT / "README.md", folder / "README.md")
    licensed(folder)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
