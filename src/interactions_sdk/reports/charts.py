"""Charts as static pictures without scripts, with text for screen readers."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import altair as alt
import vl_convert

from interactions_sdk.escaping.html import Html, element, escape_html, static_page

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Chart", "as_static"]

Chart = alt.Chart | alt.LayerChart | alt.FacetChart | alt.ConcatChart | alt.HConcatChart

_SHARPNESS = 2
"""Pixels of a PNG per pixel of the chart, for high-resolution screens."""

_VEGA_LITE = f"application/vnd.vegalite.{alt.SCHEMA_VERSION.split('.')[0]}+json"
_PAGE_STYLE = "body{margin:1rem}svg{max-width:100%;height:auto}"
_IDS = re.compile(r'(?:(?<= id=")|(?<=url\(#))((?:gradient_|clip)\d+)(?=["\)])')
_DESCRIBED_MARK = re.compile(r'<(\w+) (aria-label="([^"<>]*)" role="graphics-symbol"[^<>]*?)(/?)>')


class _StaticChart:
    """Replaces Altair's pages, which load and run a script, by static pictures."""

    if TYPE_CHECKING:
        description: str

        def to_dict(self) -> dict[str, Any]: ...
        def to_json(self) -> str: ...

    def to_svg(self) -> str:
        """Return the chart as SVG, with its description, and a tooltip for each mark."""
        specification = self.to_json()
        drawn = vl_convert.vegalite_to_svg(specification)
        with_tooltips = _DESCRIBED_MARK.sub(_with_tooltip, _with_own_ids(drawn, specification))
        label = escape_html(self.description)
        return with_tooltips.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)

    def to_html(self, *, fullhtml: bool = True, **_renderer: object) -> str:
        """Return the chart as HTML without scripts.

        Args:
            fullhtml: Whether to return a whole page or a fragment.
            _renderer: Altair's other arguments have no effect, because they concern the script of
                its own pages.
        """
        picture = element("div", Html(self.to_svg()), class_="interactions-chart")
        if not fullhtml:
            return str(picture)
        return str(static_page(picture, title=self.description, style=_PAGE_STYLE))

    def save(
        self,
        fp: str | Path | IO[Any],
        format: str | None = None,  # noqa: A002 - Altair's name
        **options: object,
    ) -> None:
        """Save the chart; HTML and SVG are static, the other formats are Altair's.

        Args:
            fp: A path or an open file.
            format: `html`, `svg`, `png`, `pdf` or `json` (default: the extension of the path).
            options: The options of `altair.Chart.save`, such as `scale_factor`.
        """
        kind = format or (Path(fp).suffix[1:].lower() if isinstance(fp, str | Path) else None)
        if kind not in {"html", "svg"}:
            cast("Any", super()).save(fp, format=format, **options)
            return
        text = self.to_html() if kind == "html" else self.to_svg()
        if isinstance(fp, str | Path):
            Path(fp).write_text(text, encoding="utf-8")
        else:
            fp.write(text)

    def _repr_mimebundle_(self, *_: object, **__: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the chart for notebooks: interactive if they can draw it, or else a picture."""
        png, size = _png(vl_convert.vegalite_to_svg(self.to_json()))
        shown = {
            _VEGA_LITE: self.to_dict(),
            "text/html": self.to_html(fullhtml=False),
            "image/png": png,
            "text/plain": self.description,
        }
        return shown, {"image/png": size}


def _with_own_ids(svg: str, specification: str) -> str:
    """Replace the renderer's sequential IDs, so that a chart has the same IDs in every process.

    Two charts on one page have different IDs, because these are derived from the specification.
    """
    prefix = sha256(specification.encode()).hexdigest()[:12]
    numbers = {number: place for place, number in enumerate(dict.fromkeys(_IDS.findall(svg)))}
    return _IDS.sub(lambda found: f"c{prefix}-{numbers[found[1]]}", svg)


def _with_tooltip(mark: re.Match[str]) -> str:
    name, attributes, label, closed = mark.groups()
    end = f"</{name}>" if closed else ""
    return f"<{name} {attributes}><title>{label}</title>{end}"


def _png(svg: str) -> tuple[bytes, Mapping[str, int]]:
    png = vl_convert.svg_to_png(svg, scale=_SHARPNESS)
    width, height = (int.from_bytes(png[at : at + 4]) // _SHARPNESS for at in (16, 20))
    return png, {"width": width, "height": height}


class _Chart(_StaticChart, alt.Chart):  # type: ignore[misc] # to_html and save take less
    pass


class _LayerChart(_StaticChart, alt.LayerChart):  # type: ignore[misc] # the same
    pass


class _FacetChart(_StaticChart, alt.FacetChart):  # type: ignore[misc] # the same
    pass


class _HConcatChart(_StaticChart, alt.HConcatChart):  # type: ignore[misc] # the same
    pass


_STATIC_CLASSES: dict[type, type] = {
    each.__bases__[1]: each for each in (_Chart, _LayerChart, _FacetChart, _HConcatChart)
}


def as_static(chart: Chart) -> Chart:
    """Return the chart with the output of `_StaticChart`, which derived charts keep."""
    static = chart.copy(deep=False)
    object.__setattr__(static, "__class__", _STATIC_CLASSES[type(chart)])
    return static
