"""What the worker does about the maturity score; it alone imports this (settings.py)."""
