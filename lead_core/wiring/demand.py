"""Check the settings that a step needs before the step is made."""

from collections.abc import Collection

from lead_core.errors import SettingsError
from lead_core.settings import Settings


def demand(settings: Settings, names: Collection[str]) -> Settings:
    """Return the settings if those of *names* are right. Raises: SettingsError with what to do."""
    faults = [fault for fault in settings.mistakes if fault.name in names]
    if faults:
        raise SettingsError(" ".join(f"{fault.name}: {fault.advice}." for fault in faults))
    return settings
