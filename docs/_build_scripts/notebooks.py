"""Run the example notebooks, and write them as pages: `docs/_build_scripts/notebooks.py FOLDER`."""

from __future__ import annotations

import sys
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbclient import NotebookClient

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOKS = Path(__file__).parents[2] / "examples" / "notebooks"
PATIENCE = 120
"""Seconds that a cell may take."""


def page(name: str, folder: Path) -> str:
    """Run a notebook and return it as MyST Markdown; its pictures are put into the folder."""
    notebook = nbformat.read(  # type: ignore[no-untyped-call] # it has no types
        NOTEBOOKS / f"{name}.ipynb", as_version=4
    )
    NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3").execute()
    parts = [
        part
        for number, cell in enumerate(notebook.cells)
        for part in _cell(cell, folder / f"{name}-{number}.png")
    ]
    return "\n\n".join(parts) + "\n"


def _cell(cell: dict[str, Any], picture: Path) -> Iterator[str]:
    if cell["cell_type"] == "markdown":
        yield cell["source"]
        return
    yield f"```python\n{cell['source']}\n```"
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            yield f"```text\n{output['text'].rstrip()}\n```"
        elif (data := output.get("data")) is not None:
            yield _shown(data, picture)


def _shown(data: dict[str, str], picture: Path) -> str:
    """Return the richest form of a value: a picture, HTML, or text."""
    if "image/png" in data:
        picture.write_bytes(b64decode(data["image/png"]))
        return f"![What the cell shows]({picture.name})"
    if "text/html" in data:
        return f"```{{raw}} html\n<div class='shown'>{data['text/html']}</div>\n```"
    return f"```text\n{data['text/plain']}\n```"


def main(folder: Path) -> None:
    """Write a page for each notebook."""
    folder.mkdir(parents=True, exist_ok=True)
    for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
        text = page(notebook.stem, folder)
        (folder / f"{notebook.stem}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
