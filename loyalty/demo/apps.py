from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "loyalty.demo"
    label = "loyalty_demo"
    verbose_name = "Demo"
