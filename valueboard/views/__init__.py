"""Pages that read several apps at once, one module per page."""
