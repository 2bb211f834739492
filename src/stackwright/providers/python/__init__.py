"""
Providers that are written in Python and run in this process.

Decides how their methods are called (plain ones on threads, `async` ones awaited), what
values look like inside them, and which pickles from a state may be loaded. `DynamicProvider`
hosts the pickled providers of existing programs, `ClassProvider` plain classes. Leaves to others
how a program declares such resources (`sdk.dynamic`, `sdk.python_provider`). May import `sdk`,
`secrets` and the vocabulary.
"""

from stackwright.providers.python._calls import Calls, UserCodeError
from stackwright.providers.python._classes import ClassProvider
from stackwright.providers.python._dynamic import DynamicProvider
from stackwright.providers.python._foreign import ForeignDynamicProvider
from stackwright.providers.python._signatures import Admission, Signatures, UntrustedPickleError

__all__ = [
    "Admission",
    "Calls",
    "ClassProvider",
    "DynamicProvider",
    "ForeignDynamicProvider",
    "Signatures",
    "UntrustedPickleError",
    "UserCodeError",
]
