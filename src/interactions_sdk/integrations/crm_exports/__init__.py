"""Exports of other CRM systems: their columns, and the mapping of customers and owners.

`import_csv(path, preset="hubspot", mapping="people.csv")` and `--preset` use it.
"""

from interactions_sdk.integrations.crm_exports.close import CLOSE_COLUMNS, flatten_close
from interactions_sdk.integrations.crm_exports.export import PRESETS, CrmExport, Preset

__all__ = ["CLOSE_COLUMNS", "PRESETS", "CrmExport", "Preset", "flatten_close"]
