"""What dashboards offer: the page that everybody sees first."""

from loyalty.kernel.pages import menu
from reports.dashboards import pages

menu.register_dashboard(pages.fill)
