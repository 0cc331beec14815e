"""`manage.py checkpoint_key`: make a key for signing checkpoints."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management.base import BaseCommand

from records.signing import Signer, new_key


class Command(BaseCommand):
    """Print a new key; nothing is stored."""

    help = "Make a key for signing checkpoints, and say how to set it. Nothing is stored."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the private key for the environment and the public one for everybody."""
        text = new_key()
        made = Signer(Ed25519PrivateKey.from_private_bytes(base64.b64decode(text)))
        self.stdout.write(f"CHECKPOINT_KEY={text}")
        self.stdout.write(
            "\nSet it in the environment of web and worker, from a secret store; nobody else needs "
            "it.\nTell this public key to whoever is to verify, by a way of its own:\n\n"
            f"{made.public_key}   (id {made.key_id})"
        )
