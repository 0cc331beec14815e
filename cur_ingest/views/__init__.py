"""The pages below /spend/."""
