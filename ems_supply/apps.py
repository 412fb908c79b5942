from django.apps import AppConfig


class EmsSupplyConfig(AppConfig):
    name = "ems_supply"
    verbose_name = "EMS Supply"
