"""The key that signs checkpoints: Ed25519, from the setting CHECKPOINT_KEY."""

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from records.verifier import key_id
from valueboard.lib.errors import RefusedError


@dataclass(frozen=True)
class Signer:
    """Signs texts; knows its public key (base64 of its 32 bytes) and the id of that."""

    private: Ed25519PrivateKey

    @property
    def public_key(self) -> str:
        """Return the public key in base64."""
        return base64.b64encode(self.private.public_key().public_bytes_raw()).decode()

    @property
    def key_id(self) -> str:
        """Return what the key is called."""
        return key_id(self.public_key)

    def sign(self, text: str) -> str:
        """Return the signature of a text as UTF-8, in base64."""
        return base64.b64encode(self.private.sign(text.encode())).decode()


def signer() -> Signer:
    """Return the organisation's signer; RefusedError where it has no key, or a broken one."""
    text = settings.CHECKPOINT_KEY
    if not text:
        message = "There is no key to sign with: set CHECKPOINT_KEY (manage.py checkpoint_key)."
        raise RefusedError(message)
    try:
        return Signer(Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True)))
    except ValueError as error:
        message = "CHECKPOINT_KEY is no key of manage.py checkpoint_key: 32 bytes in base64."
        raise RefusedError(message) from error


def new_key() -> str:
    """Return a new private key, as CHECKPOINT_KEY wants it."""
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()
