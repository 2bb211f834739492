"""
What Terraform's names are called in a program (terraform.md §8.2, §8.3, §8.7).

Decides words only: plural and singular, camel case, tokens, and the stand-ins for names
that a resource has already. Which property of which object gets which name is decided in
`_mapping`, since it takes the siblings to tell. Programs and stacks that exist hold
these names, so the lists below follow Pulumi's bridge word by word, oddities included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from typing import Final


def _pairs(text: str) -> dict[str, str]:
    return dict(tuple(pair.split("/")) for pair in text.split())  # type: ignore[misc]


_IRREGULAR: Final[Mapping[str, str]] = _pairs(
    """
    atlas/atlases beef/beefs brother/brothers cafe/cafes child/children cookie/cookies corpus/corpuses
    cow/cows ganglion/ganglions genie/genies genus/genera graffito/graffiti hoof/hoofs loaf/loaves man/men
    money/monies mongoose/mongooses move/moves mythos/mythoi niche/niches numen/numina occiput/occiputs
    octopus/octopuses opus/opuses ox/oxen penis/penises person/people sex/sexes soliloquy/soliloquies
    testis/testes trilby/trilbys turf/turfs potato/potatoes hero/heroes tooth/teeth goose/geese foot/feet
    """
)
_IRREGULAR_BACK: Final[Mapping[str, str]] = {many: one for one, many in _IRREGULAR.items()} | {
    "foes": "foe",
    "waves": "wave",
    "curves": "curve",
    "caches": "cache",
}
_UNCHANGED: Final = (
    r"\w*[nrlm]ese|\w*deer|\w*fish|\w*measles|\w*ois|\w*pox|\w*sheep|\w*media|people|"
    r"amoyese|bison|borghese|bream|breeches|britches|buffalo|cantus|carp|chassis|clippers|cod|coitus|congoese|contretemps|"
    r"corps|debris|diabetes|djinn|eland|elk|equipment|faroese|flounder|foochowese|gallows|genevese|"
    r"genoese|gilbertese|graffiti|headquarters|herpes|hijinks|hottentotese|information|innings|jackanapes|"
    r"kiplingese|kongoese|lucchese|mackerel|maltese|mews|moose|mumps|nankingese|news|nexus|niasese|"
    r"pekingese|piedmontese|pincers|pistoiese|pliers|portuguese|proceedings|rabies|rice|rhinoceros|salmon|"
    r"sarawakese|scissors|sea[- ]bass|series|shavese|shears|siemens|species|swine|testes|trousers|trout|"
    r"tuna|vermontese|wenchowese|whiting|wildebeest|yengeese"
)
_LATIN: Final = "alumn|bacill|cact|foc|fung|nucle|radi|stimul|syllab|termin|vir"

_PLURAL_RULES: Final = (
    (r"(s)tatus$", r"\1tatuses"),
    (r"(quiz)$", r"\1zes"),
    (r"^(ox)$", r"\1en"),
    (r"([m|l])ouse$", r"\1ice"),
    (r"(matr|vert|ind)(ix|ex)$", r"\1ices"),
    (r"(x|ch|ss|sh)$", r"\1es"),
    (r"([^aeiouy]|qu)y$", r"\1ies"),
    (r"(hive)$", r"\1s"),
    (r"([^f])fe$", r"\1ves"),
    (r"([lre])f$", r"\1ves"),
    (r"sis$", "ses"),
    (r"([ti])um$", r"\1a"),
    (r"(p)erson$", r"\1eople"),
    (r"(m)an$", r"\1en"),
    (r"(c)hild$", r"\1hildren"),
    (r"(buffal|tomat)o$", r"\1oes"),
    (rf"({_LATIN})us$", r"\1i"),
    (r"us$", "uses"),
    (r"(alias)$", r"\1es"),
    (r"(ax|cris|test)is$", r"\1es"),
)
_LAST_PLURAL_RULES: Final = ((r"s$", "s"), (r"^$", ""), (r"$", "s"))
_SINGULAR_RULES: Final = (
    (r"(s)tatuses$", r"\1tatus"),
    (r"^(.*)(menu)s$", r"\1\2"),
    (r"(quiz)zes$", r"\1"),
    (r"(matr)ices$", r"\1ix"),
    (r"(vert|ind)ices$", r"\1ex"),
    (r"^(ox)en", r"\1"),
    (r"(alias)(es)*$", r"\1"),
    (rf"({_LATIN})i$", r"\1us"),
    (r"([ftw]ax)es", r"\1"),
    (r"(cris|ax|test)es$", r"\1is"),
    (r"(shoe|slave)s$", r"\1"),
    (r"(o)es$", r"\1"),
    (r"ouses$", "ouse"),
    (r"([^a])uses$", r"\1us"),
    (r"([m|l])ice$", r"\1ouse"),
    (r"(cache)s$", r"\1"),
    (r"(x|ch|ss|sh)es$", r"\1"),
    (r"(m)ovies$", r"\1ovie"),
    (r"(s)eries$", r"\1eries"),
    (r"([^aeiouy]|qu)ies$", r"\1y"),
    (r"(tive)s$", r"\1"),
    (r"([lre])ves$", r"\1f"),
    (r"([^fo])ves$", r"\1fe"),
    (r"(hive)s$", r"\1"),
    (r"(drive)s$", r"\1"),
    (r"(^analy)ses$", r"\1sis"),
    (r"(analy|diagno|^ba|(p)arenthe|(p)rogno|(s)ynop|(t)he)ses$", r"\1sis"),
    (r"([ti])a$", r"\1um"),
    (r"(p)eople$", r"\1erson"),
    (r"(m)en$", r"\1an"),
    (r"(c)hildren$", r"\1hild"),
    (r"(n)ews$", r"\1ews"),
    (r"eaus$", "eau"),
)
_LAST_SINGULAR_RULES: Final = ((r"^(.*us)$", r"\1"), (r"[sS]$", ""), (r"$", ""))

VERBS: Final[Mapping[str, str]] = {
    "data_sources": "get",
    "ephemeral_resources": "open",
    "list_resources": "list",
    "actions": "run",
}
"""What functions begin with, by the part of a provider's schema that they are made of."""

_DIGIT_WORDS: Final = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


@cache
def plural(word: str) -> str:
    """*word* for many of it. `_` belongs to the word, so only the last ending counts: `cors_rules`."""
    return _inflected(word, _IRREGULAR, *_rules_of_plural())


@cache
def singular(word: str) -> str:
    """*word* for one of it; used in the names of types alone."""
    return _inflected(word, _IRREGULAR_BACK, *_rules_of_singular())


_Rules = tuple[tuple[re.Pattern[str], str], ...]


# Compiled when a word is first inflected: that takes longer than all else of this module.
@cache
def _rules_of_plural() -> tuple[re.Pattern[str], _Rules]:
    rules = (*_compiled(_PLURAL_RULES, re.IGNORECASE), *_compiled(_LAST_PLURAL_RULES, re.NOFLAG))
    return re.compile(f"(?:{_UNCHANGED})", re.IGNORECASE), rules


@cache
def _rules_of_singular() -> tuple[re.Pattern[str], _Rules]:
    rules = (*_compiled(_SINGULAR_RULES, re.IGNORECASE), *_compiled(_LAST_SINGULAR_RULES, re.NOFLAG))
    return re.compile(rf"(?:\w*ss|{_UNCHANGED})", re.IGNORECASE), rules


def _compiled(rules: Iterable[tuple[str, str]], flags: re.RegexFlag) -> _Rules:
    return tuple((re.compile(ending, flags), replacement) for ending, replacement in rules)


def _inflected(
    word: str,
    irregular: Mapping[str, str],
    unchanged: re.Pattern[str],
    rules: _Rules,
) -> str:
    known = irregular.get(word.lower())
    if known is not None:
        return word[:1] + known[1:]
    if unchanged.fullmatch(word):
        return word
    for ending, replacement in rules:
        if ending.search(word):
            return ending.sub(replacement, word, count=1)
    return word


@cache
def camel(name: str) -> str:
    """
    *name* with each underscore dropped and the letter after it raised: `cors_rule` is `corsRule`.

    Leading underscores stay, and one at the end. Not invertible: `address_1` is `address1`.
    """
    start = len(name) - len(name.lstrip("_"))
    written = list(name[: start + 1])
    raised = False
    last = len(name) - 1
    for at in range(start + 1, len(name)):
        letter = name[at]
        if letter == "_" and at < last:
            raised = True
        else:
            written.append(letter.upper() if raised and "a" <= letter <= "z" else letter)
            raised = False
    return "".join(written)


def upper_camel(name: str) -> str:
    """*name* as a class is called: split at `_` and `-`, a digit in front becomes a word."""
    return _spelled(camel_of_words(name))


def camel_of_words(name: str) -> str:
    """The parts of *name* between `_` and `-`, each with a capital first letter."""
    return "".join(raise_first(part) for part in re.split("[_-]", name))


def raise_first(word: str) -> str:
    """*word* with a capital first letter, the others as they are."""
    return word[:1].upper() + word[1:]


def lower_first(word: str) -> str:
    """*word* with a small first letter, the others as they are."""
    return word[:1].lower() + word[1:]


def _spelled(word: str) -> str:
    return _DIGIT_WORDS[int(word[0])] + word[1:] if word[:1].isascii() and word[:1].isdigit() else word


def common_prefix(types: Iterable[str], package: str) -> str:
    """The first part that all *types* share, else the package's name: what tokens leave out."""
    firsts = {name.partition("_")[0] for name in types}
    return firsts.pop() if len(firsts) == 1 else package


def without_prefix(name: str, prefix: str) -> str:
    """*name* without *prefix* and the underscore after it; a name that is the prefix stays whole."""
    return name.removeprefix(f"{prefix}_") if name != prefix else name


def resource_token(package: str, name: str) -> str:
    """The token of the resource whose class is called *name*."""
    return f"{package}:index/{lower_first(name)}:{name}"


def function_token(package: str, name: str) -> str:
    """The token of the function called *name*."""
    return f"{package}:index/{name}:{name}"


def type_token(package: str, name: str) -> str:
    """The token of the object type called *name*."""
    return f"{package}:index/{name}:{name}"


def resource_names(types: Collection[str], prefix: str, package: str) -> dict[str, str]:
    """
    Class names by Terraform's names of resources.

    Names that differ in case alone are told apart by `V2`, `V3` in sorted order. None is
    `Provider`: that one is taken by the package itself.
    """

    def name_of(type_name: str) -> str:
        name = upper_camel(without_prefix(type_name, prefix))
        if name != "Provider":
            return name
        free = (
            f"{prefix}_{package}_provider",
            f"{prefix}_provider_resource",
            f"{prefix}_{package}_provider_resource",
        )
        chosen = next((each for each in free if each not in types), free[-1])
        return upper_camel(without_prefix(chosen, prefix))

    return _distinct(types, name_of)


def data_source_names(types: Collection[str], prefix: str) -> dict[str, str]:
    """Function names by Terraform's names of data sources: `getAmi`."""
    return _distinct(
        types, lambda type_name: VERBS["data_sources"] + upper_camel(without_prefix(type_name, prefix))
    )


def function_names(names: Collection[str]) -> dict[str, str]:
    """Function names by Terraform's names of provider functions: `arnParse`."""
    return _distinct(names, lambda name: lower_first(upper_camel(name)))


def _distinct(names: Iterable[str], name_of: Callable[[str], str]) -> dict[str, str]:
    taken: dict[str, int] = {}
    found: dict[str, str] = {}
    for each in sorted(names):
        name = name_of(each)
        count = taken[name.lower()] = taken.get(name.lower(), 0) + 1
        found[each] = name if count == 1 else f"{name}V{count}"
    return found


def id_stand_in(type_name: str, package: str, prefix: str, siblings: Collection[str]) -> str:
    """What a property `id` of a resource is called instead: the first name none of *siblings* has."""
    rest = without_prefix(type_name, prefix)
    for name in (f"{rest}_id", f"{package}_{rest}_id", "resource_id", f"{package}_id"):
        if name.replace("-", "_") not in siblings:
            return camel(name.replace("-", "_"))
    return camel(f"{package}_{rest}_resource_id".replace("-", "_"))


def urn_stand_in(package: str) -> str:
    """What a property `urn` of a resource is called instead."""
    return camel(f"{package}_urn".replace("-", "_"))
