"""
What a Python runs first when it was started below a process in which `pulumi` means Stackwright.

`_children` puts this folder on `PYTHONPATH`. Importing `pulumi`, or a package that does, means the
same there; until then nothing of ours is loaded. Another environment's interpreter is left alone:
it has packages of its own, and may be an older Python, which has to be able to read this. The
`sitecustomize` that this one is in front of comes next.
"""

import importlib
import os
import sys
from importlib.machinery import ModuleSpec


class _FirstImport:
    """Stands where the finder of aliases is to be, until it is needed."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> "ModuleSpec | None":
        del path, target
        if fullname.partition(".")[0] not in ("pulumi", "khulnasoft", "codeinfra"):
            return None
        sys.meta_path.remove(self)
        try:
            from stackwright.sdk import _import_aliases
        except ModuleNotFoundError as error:
            if error.name != "stackwright":
                raise
            return None
        _import_aliases.install()
        return _import_aliases.AliasFinder().find_spec(fullname, None)


def _next_in_line() -> None:
    """Run the `sitecustomize` that is there without ours, if there is one."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - nothing is loaded yet
    sys.path[:] = [place for place in sys.path if os.path.abspath(place) != here]  # noqa: PTH100 - as above
    own = sys.modules.pop(__name__)
    try:
        importlib.import_module(__name__)
    except ModuleNotFoundError as error:
        if error.name != __name__:
            raise
    finally:
        sys.modules.setdefault(__name__, own)


if os.environ.get("STACKWRIGHT_ALIAS_IN") == sys.prefix:
    sys.meta_path.insert(0, _FirstImport())
_next_in_line()
