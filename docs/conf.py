"""How the documentation is built: `make docs`."""

from __future__ import annotations

from interactions_sdk import __version__

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
