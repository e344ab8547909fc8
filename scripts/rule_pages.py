"""The pages about rules, and CloudDM's rules as a policy of ours; written by reference_pages.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby

from sluicegate.core.messages import LANGUAGES
from sluicegate.sql.expressions import SHAPES, VARIABLES
from sluicegate.sql.policy import expected
from sluicegate.sql.policy_document import written
from sluicegate.sql.rules import TOPICS
from sluicegate.sql.rules.base import Example, Parameter, Rule, Text, Value

SHOWN = 400  # characters of an example

WRITTEN = "<!-- Written by `make docs` from src/sluicegate/sql; change that, not this. -->\n\n"

INDEX_HEAD = (
    """\
# Rules 审核规则

"""
    + WRITTEN
    + """\
A **level** is the one without any policy: `info` is told, `warning` and `error` are shown to the approver, `block`
denies the statement, `off` waits for a policy that switches the rule on. A policy may change any level and parameter,
but what blocks by itself can be neither lowered nor switched off. How: [set up policies](../how-to/set-up-policies.md).

级别是没有策略时的级别：`info` 仅提示，`warning`、`error` 展示给审批人，`block` 拦截语句，`off` 由策略开启。策略可以调整级别和参数，但不能降低或关闭系统自带的拦截。
"""
)

EXPRESSIONS_HEAD = (
    """\
# What the expressions of policies see

"""
    + WRITTEN
    + """\
A policy's expression is [CEL](https://cel.dev) and says true for a statement that is to be reported. It sees the three
values below, and besides CEL's own functions its string extension (`lowerAscii`, `upperAscii`, `split`, `replace`,
`substring`, `trim` …). Fields are only ever added. Wrong names, wrong types and wrong syntax are refused when the
policy is saved, with line and column. A statement for which the expression can't be worked out is reported, never
passed. An expression has 4,000 characters at most; the runtime bounds nesting and the steps of `all`, `exists`, `map`
and `filter`, and `matches` takes RE2's expressions.

An expression that looks at `text`, `limit`, `default` or `rows` costs more: statements that differ only in their
literals are then judged one by one.

| variable | type |
|---|---|
"""
)


def rules_of(topic: str) -> list[tuple[Rule, str]]:
    """The rules of a topic and their modules' docstrings."""
    modules = [import_module(f"sluicegate.sql.rules.{topic}.{name}") for name in TOPICS[topic]]
    return sorted(((module.RULE, module.__doc__ or "") for module in modules), key=lambda pair: pair[0].id)


def topic_of(topic: str) -> str:
    return (import_module(f"sluicegate.sql.rules.{topic}").__doc__ or topic).strip().splitlines()[0]


def level(rule: Rule) -> str:
    return rule.severity.code if rule.enabled else "off"


def text(value: Text | None, language: str) -> str:
    return "" if value is None else " ".join(str(getattr(value, language)).split())


def cell(sentence: str) -> str:
    return sentence.replace("|", "\\|")


def index_page() -> str:
    parts = [INDEX_HEAD]
    for topic in TOPICS:
        parts.append(f"\n## [{topic}](rules/{topic}.md): {topic_of(topic)}\n\n")
        parts.append("| id | code | level | 中文 | English |\n|---|---|---|---|---|\n")
        for rule, _ in rules_of(topic):
            zh, en = (cell(text(rule.title, language)) for language in LANGUAGES)
            place = f"rules/{topic}.md#{rule.code.lower()}"
            parts.append(f"| {rule.id} | [{rule.code}]({place}) | {level(rule)} | {zh} | {en} |\n")
    return "".join(parts)


def topic_page(topic: str) -> str:
    parts = [f"# {topic_of(topic)}\n\n{WRITTEN}"]
    parts.append("The other topics: [rules](../rules.md).\n")
    for rule, _ in rules_of(topic):
        parts += _rule(rule)
    return "".join(parts)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"\n## {rule.code}\n\n"
    yield f"`{rule.id}` · {level(rule)} · {', '.join(sorted(rule.families))}\n\n"
    for language in ("zh", "en"):
        yield f"**{text(rule.title, language)}** {text(rule.why, language)}\n\n> {text(rule.message, language)}\n\n"
    if rule.parameters:
        yield "| parameter | default | values | 中文 | English |\n|---|---|---|---|---|\n"
        yield from (_parameter(parameter) for parameter in rule.parameters)
        yield "\n"
    yield from _examples("Found 会发现", rule.fails)
    yield from _examples("Not found 不会发现", rule.passes)


def _parameter(parameter: Parameter) -> str:
    zh, en = (cell(text(parameter.title, language)) for language in LANGUAGES)
    return (
        f"| `{parameter.name}` | {_value(parameter.default)} | {cell(expected(parameter))} | {zh} | {en} |\n"
    )


def _value(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value) or "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _examples(title: str, examples: tuple[Example, ...]) -> Iterator[str]:
    if not examples:
        return
    yield f"{title}:\n\n```sql\n"
    for families, group in groupby(examples, key=lambda example: example.families):
        if families:
            yield f"-- {', '.join(families)}\n"
        for example in group:
            yield from (f"-- {line}\n" for line in _given(example))
            yield f"{_shown(example.sql)}\n"
    yield "```\n\n"


def _given(example: Example) -> Iterator[str]:
    if example.setup:
        yield f"with {' '.join(_shown(example.setup).split())}"
    if example.options:
        yield "with " + ", ".join(f"{name}={value}" for name, value in example.options.items())
    if example.kind is not None:
        yield f"filed as {example.kind}"


def _shown(sql: str) -> str:
    """An example as a page can hold it: characters that can't be seen are spelt out."""
    cut = sql if len(sql) <= SHOWN else sql[:SHOWN] + " …"
    return "".join(char if char.isprintable() or char == "\n" else f"\\u{ord(char):04x}" for char in cut)


def expressions_page() -> str:
    parts = [EXPRESSIONS_HEAD]
    parts += [f"| `{name}` | [{shape}](#{shape.lower()}) |\n" for name, shape in VARIABLES.items()]
    for shape in sorted(SHAPES, key=lambda name: name not in VARIABLES.values()):
        parts.append(f"\n## {shape}\n\n| field | type | |\n|---|---|---|\n")
        parts += [f"| `{name}` | {kind} | {cell(said)} |\n" for name, (kind, said) in SHAPES[shape].items()]
    return "".join(parts)


# ---------------------------------------------------------------- CloudDM

CLOUDDM_RULE = re.compile(r"\b(?:catalog|schema|table|column|const|query|update|insert|delete)_0\d\d\b")
CLOUDDM_HEAD = """\
# CloudDM's rules with their defaults, for who comes from there: `sluicegate policy import --preset clouddm`.
# Written by `make docs` from the rules that say what they carry over; import it, then change your copy.
"""


def carried_over() -> dict[str, list[Rule]]:
    """CloudDM's rule -> ours."""
    found: dict[str, list[Rule]] = {}
    for topic in TOPICS:
        for rule, said in rules_of(topic):
            for name in CLOUDDM_RULE.findall(said) if "CloudDM" in said else ():
                found.setdefault(name, []).append(rule)
    return found


def clouddm_policy() -> str:
    ours = {rule.code: rule for rules in carried_over().values() for rule in rules}
    chosen: dict[str, object] = {}
    for code, rule in sorted(ours.items()):
        # As strict as ours where that is stricter: its users see a warning, and nothing is forbidden by it.
        name = rule.severity.code if rule.severity.code in ("error", "block") else "warning"
        values = {item.name: _plain(item.default) for item in rule.parameters}
        chosen[code] = {"level": name, **values} if values else name
    return CLOUDDM_HEAD + written({"name": "clouddm", "rules": chosen})


def _plain(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value
