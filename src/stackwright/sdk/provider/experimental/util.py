"""Names as they are in schemas."""


def camel_case(name: str) -> str:
    """`some_long__name` as `someLongName`; the first part stays as it is (edge case 108)."""
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)
