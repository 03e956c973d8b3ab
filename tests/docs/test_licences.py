"""Every package is pinned by its hash, has a licence a council may use, and stands in the list of licences."""

import json
import re
from pathlib import Path

import pytest

from docs.licences import PAGE, PINNED, Package, packages, page, refused

PROJECT = Path(__file__).parents[2]


def test_every_licence_is_one_of_those_allowed() -> None:
    assert [package for package in packages() if refused(package)] == []


def test_the_list_of_licences_is_as_installed() -> None:
    assert PAGE.read_text() == page(), "The packages have changed: make licences"


@pytest.mark.parametrize(
    ("licence", "is_refused"),
    [("GPL-3.0-only", True), ("MIT", False), ("MIT OR GPL-3.0-only", False), ("MIT AND AGPL-3.0-only", True)],
)
def test_a_licence_is_read_as_spdx_means_it(licence: str, is_refused: bool) -> None:
    assert refused(Package("a", "1", licence, "")) is is_refused


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-bench", "requirements-node"])
def test_every_python_package_is_pinned_with_a_hash(name: str) -> None:
    text = (PROJECT / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=[\w.-]+==)", text)
    pinned = [entry for entry in entries if PINNED.match(entry)]
    assert pinned
    assert [entry.partition(" ")[0] for entry in pinned if "--hash=sha256:" not in entry] == []


def test_every_package_of_the_pages_is_pinned_with_a_hash() -> None:
    locked = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    pinned = {path: told for path, told in locked.items() if path}
    assert len(pinned) > 20
    assert [path for path, told in pinned.items() if not told.get("integrity", "").startswith("sha512-")] == []
