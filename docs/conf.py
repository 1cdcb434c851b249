"""How the documentation is built: `make docs`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import BaseModel

from interactions_sdk import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "interactions-sdk"
author = "The interactions-sdk maintainers"
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "**/make_*.py"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"interactions-sdk {release}"
html_show_copyright = False  # the licence says it

default_role = "code"  # docstrings put names into single backticks
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True


ANNOTATED = re.compile(r"^(:vartype \w+: )Annotated\[([^,\[]+),.*\]( \| None)?$")


def signature_of(
    _app: Sphinx, _what: str, _name: str, described: object, *_: object
) -> tuple[str, None] | None:
    """Leave a model's signature out: its fields are listed below, in words."""
    is_model = isinstance(described, type) and issubclass(described, BaseModel)
    return ("", None) if is_model else None


def plain_types(
    _app: Sphinx, _what: str, _name: str, _described: object, _options: object, lines: list[str]
) -> None:
    """Show the type of a field without what pydantic is told about it."""
    lines[:] = [ANNOTATED.sub(r"\1\2\3", line) for line in lines]


def setup(app: Sphinx) -> None:
    """Let Sphinx ask the two functions above."""
    app.connect("autodoc-process-signature", signature_of)
    app.connect("autodoc-process-docstring", plain_types, priority=900)  # after napoleon
