"""How the console says no."""

from typing import Any


class ApiError(Exception):
    """An answer other than success. `field` names the member or parameter at fault, if one is.

    `message` is for people; it holds nothing of what was sent but names of fields.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """The JSON that every error answer has."""
        return {"error": {"code": self.code, "message": self.message, "field": self.field}}


def invalid(field: str, requirement: str) -> ApiError:
    """A 400 for one field: what it must be."""
    return ApiError(400, "invalid_field", f"{field} {requirement}", field=field)
