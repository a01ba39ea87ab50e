"""The pieces under the pages: words, figures, charts, Markdown, forms, differences."""

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from chassis.reasons import REASONS
from directory.authz.v1 import organization_pb2 as authz
from directory.listings.v1 import listing_pb2 as listings
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.metrics.v1 import server_metrics_pb2 as metrics
from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1.submission_pb2 import ReviewerAccess, SubmissionForm
from gateway.web import differences, field_words, figures, forms, markdown, review_words, two_versions, words
from gateway.web.charts import HEIGHT, WIDTH, line_chart
from werkzeug.datastructures import MultiDict


@pytest.mark.parametrize(
    ("enum", "known"),
    [
        (submissions.SubmissionState, words.STATES),
        (submissions.FindingGrade, words.FINDING_GRADES),
        (metrics.Health, words.HEALTHS),
        (listings.RevisionState, words.REVISION_STATES),
        (listings.ListingState, words.LISTING_STATES),
        (reviews.ReviewItemKind, review_words.REVIEW_ITEM_KINDS),
        (reviews.ReviewItemState, review_words.REVIEW_ITEM_STATES),
        (reviews.Decision, review_words.DECISIONS),
        (reviews.Decision, review_words.DECIDED),
        (reviews.RejectionReason, review_words.REJECTION_REASONS),
        (reviews.ChangeReason, review_words.CHANGE_REASONS),
        (reviews.ReviewOrder, review_words.REVIEW_ORDERS),
        (authz.Plan, words.PLANS),
        (authz.Role, words.ROLES),
        (authz.Permission, words.PERMISSIONS),
    ],
)
def test_every_value_of_the_contract_has_its_word(enum, known):
    assert set(enum.values()) - {0} == set(known)


def test_every_move_has_a_button_or_a_line_in_the_thread():
    without_either = {submissions.MOVE_UNSPECIFIED, submissions.MOVE_DELETE}
    assert set(submissions.Move.values()) - set(words.MOVES) - set(words.MOVES_IN_THREAD) == without_either


def test_every_field_of_the_form_has_one_input():
    shown = [field.pointer for group in field_words.SUBMISSION for field in group.fields]
    expected = [pointer for pointer, _ in forms.leaves(SubmissionForm.DESCRIPTOR)]
    access = [f"/reviewer_access{pointer}" for pointer, _ in forms.leaves(ReviewerAccess.DESCRIPTOR)]
    assert sorted(shown) == sorted(expected + access)


def test_the_listing_editor_has_every_field_of_the_content():
    shown = [field.pointer for group in field_words.EDITOR for field in group.fields]
    assert sorted(shown) == sorted(pointer for pointer, _ in forms.leaves(ListingContent.DESCRIPTOR))


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [(None, "–"), (0.0, "0.00%"), (0.01234, "1.23%"), (0.00001, "<0.01%"), (1.0, "100.00%")],
)
def test_rates(fraction, shown):
    assert figures.rate(fraction) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (30, "just now"),
        (61, "1 minute ago"),
        (7_300, "2 hours ago"),
        (200_000, "2 days ago"),
        (-1_500, "in 25 minutes"),
    ],
)
def test_relative_times(seconds, shown):
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert figures.relative(now - timedelta(seconds=seconds), now) == shown


def chart(values, **options):
    days = [(f"2026-11-{number + 1:02}", value) for number, value in enumerate(values)]
    return line_chart("Calls by day", days, say=figures.count, say_day=figures.short_day, **options)


def test_a_hidden_day_breaks_the_line_instead_of_being_zero():
    drawn = chart([10, 12, None, 8, 9])
    assert len(drawn.lines) == len(drawn.areas) == 2
    assert len(drawn.points) == 4
    assert drawn.rows[2] == ("3 Nov", "–")
    assert "Days without a figure: 1." in drawn.description


def test_a_day_between_hidden_ones_is_a_dot():
    assert [dot.label for dot in chart([None, 7, None]).dots] == ["7"]


def test_the_drawing_stays_inside_its_box():
    for values in ([0, 0, 0], [1], [5, 1_000_000, 3], [999_999] * 30):
        for point in chart(values).points:
            assert 0 <= point.x <= WIDTH
            assert 0 <= point.y <= HEIGHT


def test_rank_one_is_on_top():
    first, last = chart([40, 1], best_first=True).points
    assert last.y < first.y


def test_a_chart_without_figures_says_so():
    assert chart([None, None]).empty
    assert chart([]).empty


HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://spy.example/p.png)",
    '<img src=x onerror="alert(1)">',
    "<a href='https://e.example' onclick='x()'>y</a>",
    '[x](https://e.example "onmouseover=alert(1)")',
    "<svg><style>*{}</style></svg>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_lets_nothing_through(text):
    html = str(markdown.render(text)).lower()
    for forbidden in ("<script", "<img", "<svg", "<style", 'href="javascript', 'href="data'):
        assert forbidden not in html
    assert " onerror=" not in html.replace("&quot;", "").replace("&lt;img src=x onerror", "")


def test_headings_begin_where_the_page_needs_them_and_skip_nothing():
    html = str(markdown.render("# One\n\n### Three\n\n## Two", start=3))
    assert "<h3>One</h3>" in html
    assert "<h4>Three</h4>" in html
    assert "<h4>Two</h4>" in html


def filled_up(columns: int, rows: int) -> str:
    """A table that says little, and is filled up to whole rows."""
    return f"{'|a' * columns}|\n{'|-' * columns}|\n" + "x\n" * rows


@pytest.mark.parametrize(
    "text",
    [
        filled_up(50, 2300),
        filled_up(2, 2400),
        filled_up(50, 5) + "\n" + filled_up(50, 15),
        "- " + filled_up(50, 50).replace("\n", "\n  "),
        "> " + filled_up(50, 50).replace("\n", "\n> "),
        "[a]: https://e.example/" + "x" * 2400 + "\n\n" + "[a]" * 850,
    ],
)
def test_a_small_text_does_not_become_a_large_page(text):
    assert len(markdown.render(text)) < 10_000 + 3 * len(text)


def test_a_text_that_would_be_too_large_stays_as_it_was_written():
    text = "[a]: https://e.example/" + "x" * 2400 + "\n\n*Look:* <b> " + "[a]" * 850
    assert "*Look:* &lt;b&gt; [a][a]" in markdown.render(text)


def test_ordinary_tables_are_tables():
    row = "|" + " *word* |" * 10 + "\n"
    html = str(markdown.render("Before\n\n" + row + "|" + "-|" * 10 + "\n" + row * 50))
    assert html.count("<td><em>word</em></td>") == 500
    assert html.count("<th>") == 10
    assert str(markdown.render("Name|Says\n-|:-:\na|1\nb\n")).count("<td>") == 4


def test_links_of_texts_are_not_followed():
    assert 'rel="nofollow noopener noreferrer"' in str(markdown.render("[x](https://e.example)"))


def test_a_form_goes_to_html_and_back(samples: SimpleNamespace):
    form = samples.form()
    posted: MultiDict[str, str] = MultiDict()
    for pointer, _ in forms.leaves(SubmissionForm.DESCRIPTOR):
        value = forms.value_at(form, pointer)
        if isinstance(value, list):
            posted.setlist(pointer, value)
        elif isinstance(value, bool):
            posted[pointer] = str(value).lower()
        elif value:
            posted[pointer] = str(value)
    form.acknowledgements.SetInParent()  # the page posts none of the boxes, which is all of them unchecked
    assert forms.submission_form(posted) == form


def test_what_was_typed_stays_even_where_it_is_wrong():
    posted = MultiDict({"/slug": "Not A Slug", "/server_url": "  ftp://x\r\ny  ", "/transport": "TRANSPORT_PIGEON"})
    form = forms.submission_form(posted)
    assert form.slug == "Not A Slug"
    assert form.server_url == "ftp://x\ny"
    assert form.transport == submissions.TRANSPORT_UNSPECIFIED


def test_blank_inputs_are_not_filled_in():
    form = forms.submission_form(MultiDict([("/listing/tagline", "  "), ("/use_cases", ""), ("/use_cases", "a")]))
    assert not form.listing.HasField("tagline")
    assert list(form.use_cases) == ["a"]


@pytest.mark.parametrize("text", ["", "x", "-1", "1" * 30, "٣", "1.5"])
def test_a_version_that_is_none_matches_nothing(text):
    assert forms.version_of(MultiDict({"version": text})) == 0


def test_there_is_always_room_for_more_use_cases_up_to_the_limit():
    assert len(forms.use_case_inputs(SubmissionForm())) == 3
    assert len(forms.use_case_inputs(SubmissionForm(use_cases=["a"] * 4))) == 6
    assert len(forms.use_case_inputs(SubmissionForm(use_cases=["a"] * 19))) == 20
    assert len(forms.use_case_inputs(SubmissionForm(use_cases=["a"] * 25))) == 25


def test_two_people_s_edits_are_merged_and_nothing_is_lost():
    base = ListingContent(tagline="old", display_name="Name", categories=["data"])
    mine = ListingContent(tagline="mine", display_name="Name", categories=["data", "legal"])
    theirs = ListingContent(tagline="theirs", display_name="New name", categories=["data"])
    merged, versions = two_versions.merged(base, mine, theirs)
    assert merged == ListingContent(tagline="mine", display_name="New name", categories=["data", "legal"])
    told = [(one.pointer, one.changed_by, one.theirs.after_text, one.mine.after_text) for one in versions.fields]
    assert told == [
        ("/display_name", "them", "New name", "Name"),
        ("/tagline", "both", "theirs", "mine"),
        ("/categories", "you", "Data", "Data, Legal"),
    ]


def posted_choices(**choices):
    """The form of a page with both versions, as it was rendered but for these choices."""
    base = ListingContent(tagline="old", display_name="Name", company_name="Company")
    mine = ListingContent(tagline="mine", display_name="Name", company_name="My company")
    theirs = ListingContent(tagline="theirs", display_name="New name", company_name="Company")
    merged, versions = two_versions.merged(base, mine, theirs)
    posted = MultiDict({"typed": versions.typed, "seen": forms.packed(theirs), **choices})
    return merged, posted


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({}, ("mine", "New name", "My company")),
        ({"choice:/tagline": "theirs"}, ("theirs", "New name", "My company")),
        ({"choice:/display_name": "mine"}, ("mine", "Name", "My company")),
        ({"choice:/company_name": "theirs", "choice:/tagline": ""}, ("mine", "New name", "Company")),
        ({"action": "save_mine"}, ("mine", "Name", "My company")),
        ({"action": "save_mine", "choice:/tagline": "theirs"}, ("mine", "Name", "My company")),
        ({"choice:/tagline": "nonsense", "typed": "zz"}, ("mine", "New name", "My company")),
    ],
)
def test_a_choice_replaces_what_the_form_says(choices, expected):
    content, posted = posted_choices(**choices)
    two_versions.choose(content, posted)
    assert (content.tagline, content.display_name, content.company_name) == expected


def test_what_is_typed_after_the_versions_were_shown_counts():
    content, posted = posted_choices(action="save_mine")
    content.tagline, content.display_name = "typed anew", "Typed name"
    two_versions.choose(content, posted)
    assert (content.tagline, content.display_name) == ("typed anew", "Typed name")


def test_a_field_that_the_other_person_emptied_is_emptied():
    base, mine = ListingContent(tagline="old"), ListingContent(tagline="old")
    merged, _ = two_versions.merged(base, mine, ListingContent())
    assert not merged.HasField("tagline")


def test_differences_mark_the_words_that_changed():
    one = differences.of_texts("/tagline", "Reads your mail", "Reads all mail")
    assert ("del", "your") in one.before
    assert ("ins", "all") in one.after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (".," * 800, "." * 800),  # beyond the words
        (".," * 500, "." * 199),  # within, and still cubic: below 200 words nothing counts as too frequent
        ("!".join(str(n % 91) for n in range(500)), "?".join(str(n % 91) for n in range(500))),
        ("word" * 50_000, "w " * 200_000),  # never checked against a limit: what was posted is shown as it is
    ],
)
def test_no_text_makes_the_comparison_slow(before, after):
    began = time.process_time()
    one = differences.of_texts("/listing/description", before, after)
    assert time.process_time() - began < 0.5
    assert "".join(text for _, text in one.before) == before
    assert "".join(text for _, text in one.after) == after


def test_texts_as_long_as_the_contract_allows_are_compared_word_by_word():
    sentences = [f"The server number {n} finds what you, or colleague {n * 7}, once lost." for n in range(28)]
    before = " ".join(sentences)
    assert 1_800 < len(before) <= 2_000
    after = " ".join([*sentences[:9], "An added sentence.", *sentences[11:]]).replace("finds", "seeks")
    one = differences.of_texts("/listing/description", before, after)
    assert {text for kind, text in one.before if kind == "del"} >= {"finds"}
    assert len([kind for kind, _ in one.after if kind == "same"]) > 20


def test_possible_moves_are_said_in_words():
    assert words.possible_moves("submit,withdraw") == " Possible now: Submit for review, Withdraw."
    assert words.possible_moves("") == ""


def test_every_reason_has_advice_and_stands_in_the_guide():
    guide = (Path(__file__).parents[4] / "docs/api.md").read_text().split("**Reasons.**")[1].split("\n## ")[0]
    codes = [
        name.removeprefix(prefix)
        for enum, prefix in ((reviews.RejectionReason, "REJECTION_REASON_"), (reviews.ChangeReason, "CHANGE_REASON_"))
        for name, number in enum.items()
        if number
    ]
    assert set(REASONS) == set(codes)
    assert all(review_words.reason(code) and review_words.advice(code) for code in codes)
    assert re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE) == [code.lower() for code in codes]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-20, "within the last hour"),
        (0, "within the last hour"),
        (3_599, "within the last hour"),
        (3_600, "about 1 hour ago"),
        (86_400, "about 1 day ago"),
    ],
)
def test_what_is_kept_by_the_hour_is_shown_as_coarse(seconds, shown):
    now = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert figures.by_the_hour(now - timedelta(seconds=seconds), now) == shown
