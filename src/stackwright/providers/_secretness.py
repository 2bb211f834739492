"""The secretness that gets lost in the answers of plugins without secrets, put back (protocol.md §3.4)."""

from __future__ import annotations

from stackwright.values import PropertyMap, Secret, Value, contains_secrets, seal


def with_secretness(answer: PropertyMap, asked: PropertyMap) -> PropertyMap:
    """
    *answer* with everything secret that was secret in *asked* (§3.4).

    Maps are compared key by key; a list, or any other value, becomes secret as a
    whole when any part of its counterpart was.
    """
    changed: PropertyMap | None = None
    for key, value in answer.items():
        if key not in asked:
            continue
        was = asked[key]
        if type(value) is dict and type(was) is dict:
            now: Value = with_secretness(value, was)
        elif type(value) is not Secret and contains_secrets(was):
            now = Secret(value)
        else:
            continue
        if now is not value:
            if changed is None:
                changed = dict(answer)
            changed[key] = now
    return answer if changed is None else changed


def all_secret(answer: PropertyMap) -> PropertyMap:
    """*answer* with every top-level value secret: what comes of calling a function with a secret (§3.4)."""
    return {key: seal(value) for key, value in answer.items()}
