"""The application inference profiles of the account in one Region: which there are, and of what."""

import threading
import uuid
from typing import NamedTuple

from local.bedrock.inventory import APPLICATION_PROFILES

_SINCE = 1_767_225_600.0
"""2026-01-01: since when the profiles of the inventory are there."""


class ApplicationProfile(NamedTuple):
    """A profile that somebody made; what it was made from cannot be changed."""

    id: str
    name: str
    description: str
    source: str
    """The id of the foundation model or of the system-defined profile it was made from."""
    created_at: float
    """Epoch seconds."""


class ApplicationProfiles:
    """Those of the inventory at first; more can be made, and all can be deleted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._profiles = {
            profile_id: ApplicationProfile(profile_id, profile_id, "", source, _SINCE)
            for profile_id, source in APPLICATION_PROFILES.items()
        }

    def all(self) -> list[ApplicationProfile]:
        """Every profile, the oldest first."""
        with self._lock:
            return list(self._profiles.values())

    def get(self, profile_id: str) -> ApplicationProfile | None:
        """The profile with an id; None where there is none."""
        with self._lock:
            return self._profiles.get(profile_id)

    def create(self, name: str, description: str, source: str, now: float) -> ApplicationProfile:
        """A new profile, with an id that says nothing, as the service gives them."""
        profile = ApplicationProfile(uuid.uuid4().hex[:12], name, description, source, now)
        with self._lock:
            self._profiles[profile.id] = profile
        return profile

    def delete(self, profile_id: str) -> None:
        """Forgets a profile that there is."""
        with self._lock:
            del self._profiles[profile_id]
