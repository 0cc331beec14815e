"""What the worker does that needs every app; it alone imports this (settings.py)."""

from procrastinate.contrib.django import app

from packs.actions import MAKE, QUEUE, make_pack
from valueboard.packing import pdf_of


@app.task(queue=QUEUE, name=MAKE)
def make(pack_id: int) -> None:
    """Make a board pack."""
    make_pack(pack_id=pack_id, render=pdf_of)
