"""What a request must be by itself, whatever is recorded (protocol.md §6.6)."""

from __future__ import annotations

from stackwright.errors import UserError
from stackwright.goals import RegisterRequest
from stackwright.urn import is_provider_type, is_type_token


class InvalidRequestError(UserError):
    """A registration is wrong in itself; the program hears of it, nothing else happens (protocol.md §6.6)."""

    code = "invalid-request"


def check_readable(type_: str) -> None:
    """
    Refuse what no provider can be asked to read.

    Raises:
        InvalidRequestError: Resources of that type are no objects of a provider.
    """
    if not is_type_token(type_) or is_provider_type(type_):
        raise InvalidRequestError(f"a resource of type `{type_}` cannot be read")


def check_request(request: RegisterRequest) -> None:
    """
    Refuse what makes no sense whatever has been registered.

    Raises:
        InvalidRequestError: Its type or its options are wrong.
    """
    if (request.custom or request.remote) and not is_type_token(request.type):
        raise InvalidRequestError(
            f"`{request.type}` is not a type of resources that a provider manages",
            hint="Such a type has three parts: package:module:name",
        )
    if request.options.env_var_mappings and not is_provider_type(request.type):
        raise InvalidRequestError(
            f"env_var_mappings is for providers; `{request.name}` ({request.type}) is none"
        )
