"""The style sheet of timelines: light and dark mode, phones and wide screens."""

from __future__ import annotations

from interactions_sdk.escaping.html import Html

__all__ = ["PAGE_STYLE", "ROOT_CLASS", "RULES", "STYLE"]

PAGE_STYLE = "body{margin:0}@media (prefers-color-scheme:dark){body{background:#14181d}}"

ROOT_CLASS = "interactions-timeline"
"""The class that scopes every rule, so that a notebook's own page is not affected."""

_LIGHT = (
    "color-scheme:light;--ground:#fff;--raised:#f5f7f9;--text:#1b2129;--muted:#56616e;"
    "--line:#d9dfe5;--accent:#1f6391;--due:#8a4b08;--done:#24693f"
)
_DARK = (
    "color-scheme:dark;--ground:#14181d;--raised:#1c2229;--text:#e7ebef;--muted:#a3aeba;"
    "--line:#333c46;--accent:#8dc3ea;--due:#e9b872;--done:#8fd0a5"
)
# JupyterLab and VS Code expose their own theme, which may differ from the system's.
_DARK_HOSTS = '[data-jp-theme-light="false"] .T,.vscode-dark .T,.vscode-high-contrast .T'
_LIGHT_HOSTS = '[data-jp-theme-light="true"] .T,.vscode-light .T,.vscode-high-contrast-light .T'

_RULES = f"""
.T{{{_LIGHT}}}
@media (prefers-color-scheme:dark){{.T{{{_DARK}}}}}
{_DARK_HOSTS}{{{_DARK}}}
{_LIGHT_HOSTS}{{{_LIGHT}}}
.T{{box-sizing:border-box;max-width:48rem;margin:0 auto;padding:1.75rem 1.5rem 2.25rem;
  background:var(--ground);color:var(--text);
  font:400 15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",
  sans-serif;text-align:start;overflow-wrap:anywhere;-webkit-text-size-adjust:100%}}
.T *{{box-sizing:border-box}}
.T h2{{margin:0;font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.015em;
  color:inherit}}
.T h3{{margin:2.25rem 0 .5rem;font-size:.9375rem;line-height:1.4;font-weight:600;color:inherit}}
.T h3 span{{font-weight:400;color:var(--muted)}}
.T p{{margin:.25rem 0 0}}
.T .facts{{color:var(--muted);font-size:.875rem}}
.T .note{{margin-top:1rem;padding:.625rem .875rem;border-radius:8px;background:var(--raised);
  color:var(--muted);font-size:.875rem}}
.T ol{{list-style:none;margin:0;padding:0}}
.T li{{display:flow-root;position:relative;margin:0;padding:0}}
.T li::before{{content:"";position:absolute;inset-block:0;inset-inline-start:5rem;width:1px;
  background:var(--line)}}
.T li:first-child::before{{top:1.25rem}}
.T li:last-child::before{{bottom:calc(100% - 1.25rem)}}
.T li:only-child::before{{content:none}}
.T summary{{display:grid;grid-template-columns:3rem 2rem minmax(0,1fr) 1rem;column-gap:1rem;
  align-items:start;margin:0 -.5rem;padding:.5rem;border-radius:8px;cursor:pointer;
  list-style:none}}
.T summary::-webkit-details-marker{{display:none}}
.T summary:hover,.T details[open]>summary{{background:var(--raised)}}
.T summary:focus-visible,.T a:focus-visible{{outline:2px solid var(--accent);outline-offset:2px}}
.T time.at{{padding-top:.25rem;color:var(--muted);font-size:.875rem;
  font-variant-numeric:tabular-nums}}
.T .mark{{position:relative;display:grid;place-items:center;width:2rem;height:2rem;
  border:1px solid var(--line);border-radius:50%;background:var(--ground);color:var(--accent)}}
.T svg{{display:block;width:1rem;height:1rem;fill:none;stroke:currentColor;stroke-width:1.25;
  stroke-linecap:round;stroke-linejoin:round}}
.T .what{{display:block;padding-top:.1875rem}}
.T .subject{{display:block;font-weight:550}}
.T .how{{display:block;color:var(--muted);font-size:.875rem}}
.T .kind{{color:var(--text)}}
.T .next{{display:block;margin-top:.125rem;font-size:.875rem;color:var(--due)}}
.T .next.done{{color:var(--done)}}
.T .turn{{width:.5rem;height:.5rem;margin:.6875rem 0 0 .125rem;border:solid var(--muted);
  border-width:0 1.5px 1.5px 0;transform:rotate(-45deg)}}
.T details[open] .turn{{transform:rotate(45deg);margin-top:.5625rem}}
.T .details{{margin:.25rem 1.5rem 1.25rem 7rem;font-size:.9375rem}}
.T .text{{margin:.5rem 0 .75rem;white-space:pre-wrap;max-width:38rem}}
.T dl{{display:grid;grid-template-columns:minmax(6.5rem,max-content) minmax(0,1fr);
  gap:.25rem 1.25rem;margin:.5rem 0 0;font-size:.875rem}}
.T dt{{margin:0;color:var(--muted);font-weight:400}}
.T dd{{margin:0;white-space:pre-wrap}}
.T a{{color:var(--accent);text-decoration:underline;text-underline-offset:.15em;
  text-decoration-thickness:1px}}
@media (max-width:34rem){{
  .T{{padding:1.25rem 1rem 1.75rem}}
  .T summary{{grid-template-columns:2rem minmax(0,1fr) 1rem;column-gap:.75rem}}
  .T time.at{{grid-column:2/3;grid-row:1;padding-top:0;line-height:1.2}}
  .T .mark{{grid-column:1;grid-row:1/3}}
  .T .what{{grid-column:2;grid-row:2;padding-top:0}}
  .T .turn{{grid-column:3;grid-row:1/3}}
  .T li::before{{inset-inline-start:1rem}}
  .T .details{{margin-inline:2.75rem 0}}
  .T dl{{grid-template-columns:minmax(0,1fr);gap:0}}
  .T dd{{margin-bottom:.5rem}}
}}
@media print{{.T{{max-width:none}}.T .turn{{display:none}}}}
"""

RULES = _RULES.replace(".T", f"section.{ROOT_CLASS}")
STYLE = Html(f"<style>{RULES}</style>")
