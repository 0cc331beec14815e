"""Generate seeded, reproducible deliveries of cost data, shaped like real ones."""

from cur_ingest.generation.plan import CostPlan, Stream
from cur_ingest.generation.surroundings import surroundings
from cur_ingest.generation.writing import generate, write_month

__all__ = ["CostPlan", "Stream", "generate", "surroundings", "write_month"]
