"""Measurements; `make bench` runs them. Figures depend on the machine, so compare on one."""
