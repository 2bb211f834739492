"""
Deciding: from old state, a goal and the provider's answers to steps.

Plain functions without I/O. Asking providers, carrying steps out and recording them is
`apply`'s work, and putting the questions in order the registrar's; neither is imported
here. May import the engine's steps and what lies below the engine.
"""

from stackwright.engine.plan._aliases import AliasTable, Match
from stackwright.engine.plan._autonaming import (
    CONFIG_KEY as AUTONAMING_KEY,
)
from stackwright.engine.plan._autonaming import (
    AutonamingError,
    NamingRules,
    Strategy,
    autoname,
    parse_rules,
)
from stackwright.engine.plan._base import Base, DuplicateResourceError, rebuilt
from stackwright.engine.plan._cascade import Ask, Doomed, cascade, cascade_steps
from stackwright.engine.plan._chains import Refusal, replacement_refused, steps_for
from stackwright.engine.plan._decide import (
    Decision,
    DecisionKind,
    Facts,
    UnknownTriggerError,
    decide_early,
    decide_from_diff,
    unavailable_decision,
)
from stackwright.engine.plan._deletes import Deletes, plan_deletes
from stackwright.engine.plan._ignore import Ignored, apply_ignore_changes
from stackwright.engine.plan._imports import ImportGoal, Planned, Taken, batches, plan_imports
from stackwright.engine.plan._inheritance import choose_provider, effective_providers, inherit
from stackwright.engine.plan._reads import plan_read
from stackwright.engine.plan._record import new_record, position_text, read_record
from stackwright.engine.plan._stack_outputs import merge_stack_outputs

__all__ = [
    "AUTONAMING_KEY",
    "AliasTable",
    "Ask",
    "AutonamingError",
    "Base",
    "Decision",
    "DecisionKind",
    "Deletes",
    "Doomed",
    "DuplicateResourceError",
    "Facts",
    "Ignored",
    "ImportGoal",
    "Match",
    "NamingRules",
    "Planned",
    "Refusal",
    "Strategy",
    "Taken",
    "UnknownTriggerError",
    "apply_ignore_changes",
    "autoname",
    "batches",
    "cascade",
    "cascade_steps",
    "choose_provider",
    "decide_early",
    "decide_from_diff",
    "effective_providers",
    "inherit",
    "merge_stack_outputs",
    "new_record",
    "parse_rules",
    "plan_deletes",
    "plan_imports",
    "plan_read",
    "position_text",
    "read_record",
    "rebuilt",
    "replacement_refused",
    "steps_for",
    "unavailable_decision",
]
