"""Draw the layer picture of docs/architecture.md from the imports that the code really has.

`python -m devtools.layers` rewrites the picture; with `--check` it fails where the page differs.
"""

import re
import sys
import tomllib
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/architecture.md"
BEGIN, END = "<!-- layers: drawn by `make format` -->\n", "<!-- end of layers -->\n"


def layers() -> list[list[str]]:
    """Return the layers that import-linter holds, top first, each with its modules."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contract = next(each for each in settings["contracts"] if each["id"] == "layers")
    return [re.findall(r"[\w.]+", layer) for layer in contract["layers"]]


def read_imports(houses: list[list[str]]) -> dict[int, set[int]]:
    """Return which layers (by number) each layer imports."""
    packages = {module.split(".")[0] for modules in houses for module in modules}
    graph = grimp.build_graph(*sorted(packages), cache_dir=None)
    where = {
        module: number
        for number, modules in enumerate(houses)
        for top in modules
        if top in graph.modules
        for module in {top, *graph.find_descendants(top)}
    }
    found: dict[int, set[int]] = {number: set() for number in set(where.values())}
    for module, number in where.items():
        for imported in graph.find_modules_directly_imported_by(module):
            if where.get(imported, number) != number:
                found[number].add(where[imported])
    return found


def direct(imports: dict[int, set[int]]) -> list[tuple[int, int]]:
    """Return the arrows that no chain of other arrows implies."""

    def reach(number: int) -> set[int]:
        return imports[number].union(*(reach(lower) for lower in imports[number]))

    return sorted(
        (upper, lower)
        for upper, lowers in imports.items()
        for lower in lowers
        if not any(lower in reach(other) for other in lowers - {lower})
    )


def draw() -> str:
    """Return the picture as a Mermaid block."""
    houses = layers()
    imports = read_imports(houses)
    boxes = [f'  L{number}["{", ".join(houses[number])}"]' for number in sorted(imports)]
    arrows = [f"  L{upper} --> L{lower}" for upper, lower in direct(imports)]
    return "\n".join(["```mermaid", "flowchart TD", *boxes, *arrows, "```", ""])


def main() -> None:
    """Rewrite the picture, or compare it."""
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    drawn = before + BEGIN + draw() + END + after
    if drawn == page:
        return
    if "--check" in sys.argv:
        sys.exit(f"The picture in {PAGE.relative_to(ROOT)} is not what the code is: make format")
    PAGE.write_text(drawn)


if __name__ == "__main__":
    main()
