"""The cost bases that are stored, and what each of them is."""

BASES = ("amortised", "unblended")
# What each basis is, for the label beside its figures.
BASIS_WORDS = {
    "amortised": "commitments spread over the usage they cover",
    "unblended": "as charged on the day",
}
