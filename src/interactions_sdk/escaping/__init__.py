"""Text written by other people, made safe for the place that shows it.

Each place has one module, and everything that shows text goes through it: `html`, `json_in_html`,
`terminal`, `spreadsheet`; `characters` has what they share.
"""
