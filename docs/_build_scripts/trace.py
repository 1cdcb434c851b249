"""Make the picture of a trace: `python docs/_build_scripts/trace.py FOLDER`.

The one of the documentation is committed as `docs/images/trace.png`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import altair as alt
import polars as pl
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from interactions_sdk import InteractionsClient
from interactions_sdk.integrations.opentelemetry import InteractionsInstrumentor

IMAGES = Path(__file__).parents[1] / "images"


def trace_of_a_call() -> pl.DataFrame:
    """Return the spans of one `log_call`: names, and milliseconds since it began."""
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    instrumentor = InteractionsInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    with InteractionsClient.embedded() as crm:
        crm.customers.ensure("ada")
        crm.as_user("ada").log_call("The first one loads modules")
        spans.clear()
        crm.as_user("ada").log_call("Renewal")
    instrumentor.uninstrument()
    *requests, operation = spans.get_finished_spans()
    began = operation.start_time or 0
    return pl.DataFrame(
        {
            "place": place,
            "span": span.name,
            "from": ((span.start_time or 0) - began) / 1e6,
            "to": ((span.end_time or 0) - began) / 1e6,
            "kind": "operation" if span is operation else "request",
        }
        for place, span in enumerate([operation, *requests])
    )


def main(folder: Path) -> None:
    """Draw it."""
    bars = (
        alt.Chart(trace_of_a_call(), width=420)
        .mark_bar()
        .encode(
            x=alt.X("from:Q", title="milliseconds, on the embedded server"),
            x2="to:Q",
            y=alt.Y("span:N", sort=alt.SortField("place"), title=None),
            color=alt.Color("kind:N", title=None),
        )
        .configure_axisY(labelLimit=400)
    )
    bars.save(folder / "trace.png", scale_factor=1.5)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
