"""Every page of a provider, in the order of the main menu."""

from views.home import HomeView

PROVIDER_VIEWS = (HomeView,)
