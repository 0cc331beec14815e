"""The workshop: what `make` calls. None of it runs in production."""
