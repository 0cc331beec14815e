"""What the worker does about gaps; it alone imports this (settings.py)."""

from procrastinate.contrib.django import app


@app.task(queue="gaps", name="gaps.look", queueing_lock="gaps.look")
def look() -> None:
    """Find the gaps that opened and those that are gone; `facts_changed` asks for it."""
