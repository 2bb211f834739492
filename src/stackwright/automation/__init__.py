"""
Stacks as objects, in process: what commands, tests and services drive.

Decides how the rooms come together for one operation on one stack: the lease, the
journal, the engine's thread, the program on the caller's thread, the history. Leaves to
others how anything looks (`display`) and how it is asked for (`cli`). May import every
room below `cli` and `display`.
"""
