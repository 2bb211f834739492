"""
Providers whose schema is what their classes say (sdk.md §19.2).

`component_provider_host` makes a provider of component classes: `analyzer` reads
their annotations, `schema` writes down what it found, `component` makes them.
Providers of custom resources derive from `provider.Provider`.
"""

from stackwright.sdk.provider.experimental.host import component_provider_host

__all__ = ["component_provider_host"]
