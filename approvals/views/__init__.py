"""Pages of what waits for a Financial Admin, what is said of it, and who decides for whom."""
