"""What the modules `pages_of_…` and the walk over every page have in common."""

# Who is not signed in.
NOBODY = ""
# Addresses, by the name of who looks.
Pages = dict[str, list[str]]
