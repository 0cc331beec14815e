"""What the worker does that needs every app; it alone imports this (settings.py)."""
