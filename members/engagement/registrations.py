"""What engagement offers: the trigger of schedules."""

from loyalty.kernel import registries

registries.register_trigger("schedule")
