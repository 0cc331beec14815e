"""Pages of what waits for a Financial Admin, and of who decides in their absence."""
