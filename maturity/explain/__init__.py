"""How the figures of Governance Maturity are made, as panels show it (METHOD 9)."""

from maturity.explain.percentages import explain_maturity

__all__ = ["explain_maturity"]
