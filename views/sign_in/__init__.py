"""Every page of signing in."""

SIGN_IN_VIEWS: tuple[type, ...] = ()
