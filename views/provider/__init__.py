"""Every page of a provider, in the order of the main menu."""

from views.home import HomeView
from views.provider.actuals import ActualsView

PROVIDER_VIEWS = (HomeView, ActualsView)
