"""
The place of policy packs' own runner: it has no public names (sdk.md §20).

What policies are written with is the package `pulumi_policy`.
"""
