"""What differs between two lists of tools, and who looks at it: words, or what a tool takes, gives and may do."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from submissions.domain.drift_words import summary
from submissions.domain.probe_report import Tool
from submissions.domain.tool_drift import ChangeKind, compare, needs_lead_reviewer, needs_review

FIND = Tool(
    "find",
    "Find",
    "Finds a parcel.",
    {
        "type": "object",
        "title": "findArguments",
        "properties": {
            "number": {"type": "string", "description": "Its number."},
            "description": {"type": "string", "default": "none"},
        },
        "required": ["number", "description"],
    },
    None,
    {"readOnlyHint": True, "title": "Find it"},
)
SEND = Tool("send", "Send", "Sends it back.", {"type": "object"}, {"type": "object"}, {"destructiveHint": True})
APPROVED = (FIND, SEND)

# Few words, so that two tools are often nearly the same.
texts = st.sampled_from(["", "a", "b", "title", "required"])
scalars = st.sampled_from([None, True, False, 0, 1, "", "a"])
objects = st.dictionaries(texts, scalars, max_size=2)


def a_schema(inner):
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "string"]),
            "title": texts,
            "description": texts,
            "properties": st.dictionaries(texts, inner, max_size=2),
            "required": st.lists(texts, max_size=3),
            "items": inner,
            "anyOf": st.lists(inner, max_size=2),
            "default": scalars | objects,
        },
    )


schemas = a_schema(a_schema(objects))
annotations = st.fixed_dictionaries(
    {}, optional={"title": texts, "readOnlyHint": st.booleans(), "destructiveHint": st.booleans()}
)
tools = st.builds(Tool, st.sampled_from("abc"), texts, texts, schemas, st.none() | schemas, annotations)
lists = st.lists(tools, max_size=3)


def changed(name="find", **changes):
    tool = {"find": FIND, "send": SEND}[name]
    return tuple(replace(each, **changes) if each is tool else each for each in APPROVED)


def schema(**changes):
    return FIND.input_schema | changes


def fields(changes):
    return [(field.field, field.before, field.after, field.words_only) for field in changes[0].fields]


def shuffled(value, order):
    """The same value with the keys of every object in another order, and the names in `required`."""
    if isinstance(value, dict):
        keys = list(value)
        order.shuffle(keys)
        return {key: shuffled(value[key], order) for key in keys}
    return [shuffled(each, order) for each in value] if isinstance(value, list) else value


def with_other_required(value, order):
    """The same schema with the names of each `required` in another order."""
    if isinstance(value, list):
        return [with_other_required(each, order) for each in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, inner in value.items():
        if key == "required" and isinstance(inner, list):
            result[key] = order.sample(inner, len(inner))
        elif key in ("items", "anyOf"):
            result[key] = with_other_required(inner, order)
        elif key == "properties":
            result[key] = {name: with_other_required(each, order) for name, each in inner.items()}
        else:
            result[key] = inner
    return result


@given(lists, st.randoms(use_true_random=False))
def test_orders_are_no_difference(offered, order):
    others = [
        replace(
            tool,
            input_schema=with_other_required(shuffled(tool.input_schema, order), order),
            annotations=shuffled(tool.annotations, order),
        )
        for tool in order.sample(offered, len(offered))
    ]
    # Several tools of one name are told apart by what they say, which an order in `required` is part of.
    if len({tool.name for tool in offered}) == len(offered):
        assert compare(offered, others) == ()


@given(lists, lists)
def test_a_comparison_and_its_reverse_say_the_same(one, other):
    there, back = compare(one, other), compare(other, one)
    assert [(change.name, len(change.fields)) for change in there] == [
        (change.name, len(change.fields)) for change in back
    ]
    assert needs_review(there) == needs_review(back)
    for change, reverse in zip(there, back, strict=True):
        assert [(field.before, field.after) for field in change.fields] == [
            (field.after, field.before) for field in reverse.fields
        ]


@given(lists, lists)
def test_nothing_is_overlooked(one, other):
    """Lists without changes are the same, up to the orders that mean nothing."""

    def plain(offered):
        return sorted(
            repr(
                shuffled_away(
                    (tool.name, tool.title, tool.description, tool.input_schema, tool.output_schema, tool.annotations)
                )
            )
            for tool in offered
        )

    def shuffled_away(value):
        if isinstance(value, dict):
            return sorted(((key, shuffled_away(inner)) for key, inner in value.items()), key=repr)
        if isinstance(value, list | tuple):
            return sorted((shuffled_away(each) for each in value), key=repr)
        return (type(value).__name__, value)

    if not compare(one, other):
        assert plain(one) == plain(other)


@given(schemas, texts, texts)
def test_words_of_a_schema_never_need_a_review(given_schema, title, description):
    reworded = given_schema | {"title": title, "description": description}
    changes = compare([Tool("a", input_schema=given_schema)], [Tool("a", input_schema=reworded)])
    assert not needs_review(changes)


@given(lists, lists)
def test_what_loosens_hints_needs_a_review_too(one, other):
    changes = compare(one, other)
    assert needs_review(changes) or not needs_lead_reviewer(changes)


@pytest.mark.parametrize(
    ("offered", "field"),
    [
        (changed(title="Find it"), "/title"),
        (changed(description="Finds parcels."), "/description"),
        (changed(annotations={"readOnlyHint": True, "title": "Other"}), "/annotations/title"),
        (changed(input_schema=schema(title="x")), "/input_schema/title"),
        (
            changed(input_schema=schema(properties=FIND.input_schema["properties"] | {"number": {"type": "string"}})),
            "/input_schema/properties/number/description",
        ),
    ],
)
def test_words(offered, field):
    changes = compare(APPROVED, offered)
    assert [change.name for change in changes] == ["find"]
    assert [one[0] for one in fields(changes)] == [field]
    assert not needs_review(changes)


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (changed(input_schema=schema(type="array")), ("/input_schema/type", "object", "array")),
        (
            changed(input_schema=schema(required=["number"])),
            ("/input_schema/required", '["number","description"]', '["number"]'),
        ),
        (
            changed(input_schema=schema(properties={"number": FIND.input_schema["properties"]["number"]})),
            ("/input_schema/properties/description", '{"default":"none","type":"string"}', ""),
        ),
        (changed(input_schema=schema(title={"no": "text"})), ("/input_schema/title", "findArguments", '{"no":"text"}')),
        (changed(input_schema=schema(additionalProperties=False)), ("/input_schema/additionalProperties", "", "false")),
        (changed(output_schema={}), ("/output_schema", "", "{}")),
        (changed("send", output_schema=None), ("/output_schema", '{"type":"object"}', "")),
        (changed(annotations={"title": "Find it"}), ("/annotations/readOnlyHint", "true", "")),
        (changed(annotations=FIND.annotations | {"openWorldHint": True}), ("/annotations/openWorldHint", "", "true")),
    ],
)
def test_what_a_tool_takes_gives_and_may_do(offered, expected):
    changes = compare(APPROVED, offered)
    assert fields(changes) == [(*expected, False)]
    assert needs_review(changes)


def test_a_number_is_not_a_truth_value():
    one, other = (Tool("a", input_schema={"const": value}) for value in (1, True))
    assert fields(compare([one], [other])) == [("/input_schema/const", "1", "true", False)]


def test_names_with_slashes_are_escaped():
    one, other = (Tool("a", input_schema={"properties": {"a/b~c": {"type": kind}}}) for kind in ("string", "null"))
    assert fields(compare([one], [other]))[0][0] == "/input_schema/properties/a~1b~0c/type"


def test_a_new_tool_and_one_that_is_gone_are_told_whole():
    new = Tool("archive", "", "Archives.", {"type": "object"}, None, {})
    changes = compare(APPROVED, (FIND, new))
    assert [(change.name, change.kind) for change in changes] == [
        ("archive", ChangeKind.ADDED),
        ("send", ChangeKind.REMOVED),
    ]
    assert fields(changes) == [
        ("/description", "", "Archives.", False),
        ("/input_schema", "", '{"type":"object"}', False),
    ]
    assert needs_review(changes)
    assert not needs_lead_reviewer(changes)


@pytest.mark.parametrize(
    ("before", "after", "lead"),
    [
        ({"destructiveHint": True}, {"destructiveHint": False}, True),
        ({"readOnlyHint": False}, {"readOnlyHint": True}, True),
        ({"readOnlyHint": False}, {"readOnlyHint": False, "destructiveHint": False}, True),  # true where it is not said
        ({"destructiveHint": False}, {"destructiveHint": True}, False),
        ({"readOnlyHint": True}, {"readOnlyHint": False}, False),
        ({"destructiveHint": True}, {"destructiveHint": True, "idempotentHint": True}, False),
    ],
)
def test_a_promise_of_less_danger_asks_a_lead_reviewer(before, after, lead):
    changes = compare([Tool("a", annotations=before)], [Tool("a", annotations=after)])
    assert (needs_review(changes), needs_lead_reviewer(changes)) == (True, lead)


def test_the_summary_shows_names_as_code_and_only_some_of_them():
    many = tuple(Tool(f"t{number}") for number in range(7))
    evil = Tool("[a](https://evil.example)`\n", annotations={"destructiveHint": False})
    safe = replace(evil, annotations={"destructiveHint": True})
    told = summary(compare((safe,), (evil, *many)))
    assert told == (
        "New: `t0`, `t1`, `t2`, `t3`, `t4` and 2 more; changed: `[a](https://evil.example)'\\u000a`; "
        "hints promise less danger: `[a](https://evil.example)'\\u000a`."
    )
    assert summary(()) == ""


def test_tools_of_one_name_are_compared_one_by_one():
    twice = (SEND, replace(SEND, title="Other"))
    assert compare(twice, tuple(reversed(twice))) == ()
    assert [change.kind for change in compare(twice, twice[:1])] != []


def test_comparing_large_lists_is_quick():
    order = random.Random(1)
    large = [
        Tool(f"t{number}", input_schema={"properties": {f"p{place}": {"type": "string"} for place in range(20)}})
        for number in range(500)
    ]
    assert compare(large, order.sample(large, len(large))) == ()
