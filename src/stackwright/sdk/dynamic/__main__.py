"""
The plugin `pulumi-python`: `python -m stackwright.sdk.dynamic`, for engines other than ours (sdk.md §18).

It writes its port to standard output and serves the providers of dynamic resources there.
"""

from stackwright.sdk.dynamic._server import DynamicResourceProviderServicer, main

__all__ = ["DynamicResourceProviderServicer", "main"]

if __name__ == "__main__":
    main()
