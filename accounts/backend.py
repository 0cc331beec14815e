"""Who is signed in: the person whom a session names, as they are at this request."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Signs in by e-mail and password, and reads the person together with their roles."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person with the roles they hold now; None if they may sign in no more."""
        user = User.objects.with_roles().filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
