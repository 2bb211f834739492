"""
The engine: one deployment from goals to journal.

Decides what is done to every resource, in which order, and what is recorded of
it. `plan` is pure: from old state, a goal and the provider's answers to steps.
`apply` carries steps out and decides nothing twice. Leaves to others: what a
program is and how it runs (`sdk`, `project`), where state lives (`state`), how
providers are spoken to (`providers`), and how it looks (`display`). May import
`providers`, `state` and the vocabulary; never `sdk`.
"""
