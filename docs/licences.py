"""`make licences`: what the portal runs on and under which licence, written to docs/licences.md.

A test writes it anew and compares, and refuses a licence that is not in ALLOWED.
"""

import json
import re
from collections.abc import Iterator
from importlib.metadata import metadata
from pathlib import Path
from typing import Final, NamedTuple

PAGE: Final = Path(__file__).with_name("licences.md")
PROJECT: Final = Path(__file__).parents[1]
# Licences that a council may run, change and hand on the portal under. LGPL: psycopg is used as it comes, unchanged.
ALLOWED: Final = {
    "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "LGPL-3.0-only", "MIT", "MIT-0", "MPL-2.0", "OFL-1.1",
    "PSF-2.0", "Unlicense", "ZPL-2.1",
}  # fmt: skip
# What packages write in words, as SPDX writes it.
AS_SPDX: Final = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "The Unlicense (Unlicense)": "Unlicense",
    "Zope Public License": "ZPL-2.1",
}
PINNED: Final = re.compile(r"^([\w.-]+)==(\S+)", re.M)
WORDS: Final = """# Licences

What the portal runs on, and what builds its pages, with the licence each says it has. `make licences` writes this page
from what is installed; a licence that is not on the list in `docs/licences.py` fails `make test`.

| package | version | licence | for |
| --- | --- | --- | --- |
"""


class Package(NamedTuple):
    """A package with the licence it says it has."""

    name: str
    version: str
    licence: str
    purpose: str


def packages() -> list[Package]:
    """Return every package of requirements.txt and of package-lock.json, by name."""
    return sorted([*_python(), *_node()], key=lambda each: (each.purpose, each.name))


def refused(package: Package) -> bool:
    """Say whether a package may not be used: no part of an "or" is allowed, or some part of an "and" is not."""
    either = [re.split(r"\s+AND\s+", each) for each in re.split(r"\s+OR\s+", package.licence.strip("()"))]
    return not any(set(each) <= ALLOWED for each in either)


def page() -> str:
    """Return the page."""
    return WORDS + "".join(f"| {' | '.join(package)} |\n" for package in packages())


def _python() -> Iterator[Package]:
    for name, version in PINNED.findall((PROJECT / "requirements.txt").read_text()):
        yield Package(name, version, _licence_of(name), "running")


def _licence_of(name: str) -> str:
    told = metadata(name)
    if "License-Expression" in told:
        return told["License-Expression"]
    # Older ones say it in a classifier, which is a word of a list, or else in a field where anything may stand.
    classified = [each.rpartition(" :: ")[2] for each in told.get_all("Classifier") or [] if each.startswith("License")]
    return " OR ".join(AS_SPDX.get(each, each) for each in classified) or ", ".join(
        told.get_all("License") or ["none said"]
    )


def _node() -> Iterator[Package]:
    for path, told in json.loads((PROJECT / "package-lock.json").read_text())["packages"].items():
        if path and not told.get("optional"):
            purpose = "tests" if told.get("dev") else "pages"
            yield Package(
                path.removeprefix("node_modules/"), told["version"], told.get("license", "none said"), purpose
            )


if __name__ == "__main__":
    PAGE.write_text(page())
