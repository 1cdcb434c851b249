"""How the documentation is built: `make docs`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel
from sphinx.errors import ExtensionError
from sphinx.util.logging import getLogger

from interactions_sdk import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
ROOT = HERE.parent
GENERATED = HERE / "_generated"
SCRIPTS = HERE / "_build_scripts"
GENERATORS = {"images.py": "images", "notebooks.py": "notebooks", "charts.py": "charts"}
"""The scripts that generate files for the pages, and the folders they write to."""

LOGGER = getLogger(__name__)

project = "interactions-sdk"
author = "The interactions-sdk maintainers"
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build", "_build_scripts"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"interactions-sdk {release}"
html_show_copyright = False  # it is in the licence
html_static_path = ["_static"]
html_css_files = ["pages.css"]
pygments_dark_style = "github-dark"
copybutton_exclude = ".linenos, .gp, .go"  # copies commands without `$ ` and without output

default_role = "code"  # docstrings put names into single backticks
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 100
toc_object_entries_show_parents = "hide"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True


ANNOTATED = re.compile(r"^(:vartype \w+: )Annotated\[([^,\[]+),.*\]( \| None)?$")


ENUM_MEMBER = re.compile(r"<(\w+\.\w+): [^>]*>")


def signature_of(
    _app: Sphinx,
    _what: str,
    _name: str,
    described: object,
    _options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str, str | None] | None:
    """Omit signatures that do not help the reader, and show defaults as they are written.

    The fields of a model are listed below it, and users do not construct what takes a connection.
    """
    if not isinstance(described, type):
        return (signature and (ENUM_MEMBER.sub(r"\1", signature), returns)) or None
    is_model = issubclass(described, BaseModel)
    made_with = getattr(described.__init__, "__annotations__", {})
    is_made_by_the_client = "connection" in made_with or "Project" in str(made_with.get("project"))
    return ("", None) if is_model or is_made_by_the_client else None


def plain_types(
    _app: Sphinx, _what: str, _name: str, _described: object, _options: object, lines: list[str]
) -> None:
    """Show the type of a field without pydantic's annotations."""
    lines[:] = [ANNOTATED.sub(r"\1\2\3", line) for line in lines]


def generate_files(_app: Sphinx) -> None:
    """Generate images, charts and notebook pages, unless they are newer than their sources."""
    sources = [*ROOT.glob("src/**/*.py"), *ROOT.glob("examples/**/*.ipynb"), *HERE.glob("**/*.py")]
    made = GENERATED / "made"
    if made.exists() and made.stat().st_mtime > max(source.stat().st_mtime for source in sources):
        return
    shutil.rmtree(GENERATED, ignore_errors=True)
    for script, folder in GENERATORS.items():
        command = [sys.executable, str(SCRIPTS / script), str(GENERATED / folder)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        if ended.returncode:
            raise ExtensionError(f"{script} failed:\n{ended.stdout}{ended.stderr}")
        LOGGER.info("%s: done. %s", script, ended.stdout.strip())
    made.touch()


def setup(app: Sphinx) -> None:
    """Register the functions above."""
    app.connect("builder-inited", generate_files)
    app.connect("autodoc-process-signature", signature_of)
    app.connect("autodoc-process-docstring", plain_types, priority=900)  # after napoleon
