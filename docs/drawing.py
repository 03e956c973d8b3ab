"""`make drawing`: the imports between floors and rooms, drawn into docs/architecture.md as they are.

The drawing is Mermaid text between two marks. A test draws it anew and compares, so that it cannot go stale.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import grimp

PAGE = Path(__file__).with_name("architecture.md")
BEGIN, END = "<!-- drawn by make drawing -->\n", "<!-- end of the drawing -->\n"
FLOORS = ("commands", "jobs", "views", "demonstration", "workflows", "files", "models", "rules")
# models and rules are catalogues, one noun a file: each is drawn as one box.
CATALOGUES = ("commands", "jobs", "demonstration", "models", "rules")

Arrow = tuple[str, str]


def drawing() -> str:
    """Return the drawing: a box for each room, and an arrow from each room to those it imports on its own floor.

    Between floors there is one arrow, whatever the number of imports behind it.
    """
    # No cache: one that another branch left behind draws imports that are gone.
    graph = grimp.build_graph(*FLOORS, exclude_type_checking_imports=True, cache_dir=None)
    rooms: dict[str, set[str]] = {floor: set() for floor in FLOORS}
    within: set[Arrow] = set()
    between: set[Arrow] = set()
    for module in sorted(graph.modules):
        rooms[module.split(".")[0]].add(_room(module))
        for imported in graph.find_modules_directly_imported_by(module):
            here, there = _room(module), _room(imported)
            if _floor(here) != _floor(there):
                between.add((_floor(here), _floor(there)))
            elif here != there:
                within.add((here, there))
    return "\n".join(["```mermaid", "flowchart TB", *_boxes(rooms), *_arrows(within), *_between(between), "```", ""])


def _floor(room: str) -> str:
    return room.split(".")[0]


def _room(module: str) -> str:
    """Return the room of a module: `workflows.uploads` of workflows.uploads.check; files at a floor's root are one."""
    floor, *rest = module.split(".")
    if floor in CATALOGUES:
        return floor
    return f"{floor}.{rest[0]}" if len(rest) > 1 or (rest and _is_package(floor, rest[0])) else f"{floor}.root"


def _is_package(floor: str, name: str) -> bool:
    return (PAGE.parents[1] / floor / name / "__init__.py").exists()


def _boxes(rooms: dict[str, set[str]]) -> Iterator[str]:
    for floor in FLOORS:
        if floor in CATALOGUES:
            yield f"  {floor}[{floor}/]"
            continue
        yield f"  subgraph {floor}_floor[{floor}/]"
        for room in sorted(rooms[floor] - {f"{floor}.root"} | {f"{floor}.root"}):
            yield f"    {room.replace('.', '_')}[{room.split('.')[1]}]"
        yield "  end"


def _arrows(arrows: Iterable[Arrow]) -> Iterator[str]:
    for here, there in sorted(arrows):
        if not there.endswith(".root"):  # every room uses what lies at the root of its floor
            yield f"  {here.replace('.', '_')} --> {there.replace('.', '_')}"


def _between(arrows: Iterable[Arrow]) -> Iterator[str]:
    ends = {floor: floor if floor in CATALOGUES else f"{floor}_floor" for floor in FLOORS}
    for here, there in sorted(arrows):
        yield f"  {ends[here]} ==> {ends[there]}"


def drawn(page: str) -> str:
    """Return the text of a page with the drawing as it is now between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{drawing()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
