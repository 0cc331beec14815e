"""An independent model of the method, and what the product answers beside it."""
