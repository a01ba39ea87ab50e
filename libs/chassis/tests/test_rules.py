import pytest
from chassis import formats, rules
from chassis.errors import InvalidInput
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.submissions.v1.submission_pb2 import ReviewerAccess, SubmissionForm
from google.protobuf import descriptor_pb2
from hypothesis import given
from hypothesis import strategies as st


def codes(violations):
    return [(violation.field, violation.code) for violation in violations]


def test_an_empty_form_breaks_no_rule():
    assert rules.check(SubmissionForm()) == []


@pytest.mark.parametrize(
    ("tagline", "expected"),
    [
        ("", "TOO_SHORT"),
        (" \t\n", "TOO_SHORT"),
        ("x", None),
        ("x" * 200, None),
        ("  " + "é" * 200 + "  ", None),
        ("x" * 201, "TOO_LONG"),
        ("a\x00b", "CONTROL_CHARACTER"),
    ],
)
def test_length_is_counted_in_characters_after_trimming(tagline, expected):
    form = SubmissionForm(listing=ListingContent(tagline=tagline))
    assert codes(rules.check(form)) == ([("/listing/tagline", expected)] if expected else [])


def test_messages_say_what_to_do():
    (violation,) = rules.check(ListingContent(tagline="x" * 2310))
    assert violation.message == "Use at most 200 characters; this has 2,310."


def test_lists_are_checked_as_a_whole_and_item_by_item():
    form = SubmissionForm(use_cases=["a", " a ", " ", "x" * 501])
    assert sorted(codes(rules.check(form))) == [
        ("/use_cases/1", "DUPLICATE_ITEM"),
        ("/use_cases/2", "TOO_SHORT"),
        ("/use_cases/3", "TOO_LONG"),
    ]
    assert ("/use_cases", "TOO_MANY_ITEMS") in codes(rules.check(SubmissionForm(use_cases=map(str, range(21)))))


def test_categories_come_from_the_contract():
    content = ListingContent(categories=["data", "DATA", "unspecified", "no_such", "developer_tools"])
    assert codes(rules.check(content)) == [(f"/categories/{index}", "UNKNOWN_CATEGORY") for index in (1, 2, 3)]


def test_a_number_that_an_enum_lacks_is_named_with_the_choices():
    (violation,) = rules.check(SubmissionForm(transport=99))
    assert (violation.field, violation.code) == ("/transport", "UNKNOWN_VALUE")
    assert violation.message == "Choose one of: streamable_http, sse."


def test_fields_without_presence_are_unset_when_empty():
    assert rules.check(ReviewerAccess(instructions="")) == []
    assert codes(rules.check(ReviewerAccess(credentials="x" * 5001))) == [("/credentials", "TOO_LONG")]


def test_missing_names_everything_that_stands_in_the_way():
    found = dict(codes(rules.missing(SubmissionForm())))
    assert found["/listing/tagline"] == "REQUIRED"
    assert found["/transport"] == "REQUIRED"
    assert found["/health_data"] == "REQUIRED"
    assert found["/use_cases"] == "TOO_FEW_ITEMS"
    assert found["/listing/categories"] == "TOO_FEW_ITEMS"
    assert found["/acknowledgements/prompt_injection"] == "MUST_BE_TRUE"
    assert len(found) == 26


def test_a_complete_form_misses_nothing(complete_form):
    assert rules.missing(complete_form) == []
    assert rules.check(complete_form) == []


def test_false_is_an_answer_and_blank_is_none():
    found = dict(codes(rules.missing(SubmissionForm(health_data=False, slug="  "))))
    assert "/health_data" not in found
    assert found["/slug"] == "REQUIRED"


def test_merge_copies_named_fields_trims_and_clears():
    target = SubmissionForm(slug="old", use_cases=["a", "b"], listing=ListingContent(tagline="t", display_name="kept"))
    source = SubmissionForm(slug=" new ", listing=ListingContent(description="not named"))
    rules.merge(target, source, ["slug", "use_cases", "listing.tagline"])
    assert target == SubmissionForm(slug="new", listing=ListingContent(display_name="kept"))


def test_merge_without_paths_takes_every_field_that_is_set():
    target = SubmissionForm(slug="kept", listing=ListingContent(tagline="old", display_name="kept"))
    rules.merge(target, SubmissionForm(use_cases=["a"], listing=ListingContent(tagline="new")))
    assert target == SubmissionForm(
        slug="kept", use_cases=["a"], listing=ListingContent(tagline="new", display_name="kept")
    )


@pytest.mark.parametrize("path", ["nothing", "listing.nothing", "slug.deeper", "use_cases.0", "", "."])
def test_merge_refuses_fields_that_do_not_exist(path):
    with pytest.raises(InvalidInput) as caught:
        rules.merge(SubmissionForm(), SubmissionForm(), [path])
    assert [violation.code for violation in caught.value.violations] == ["UNKNOWN_FIELD"]


def test_rules_are_readable_for_the_gateway():
    assert rules.rule_of(ListingContent.DESCRIPTOR.fields_by_name["tagline"]).max_length == 200
    assert rules.rule_of(SubmissionForm.DESCRIPTOR.fields_by_name["listing"]).max_length == 0


def test_messages_that_contain_themselves_come_to_an_end():
    # DescriptorProto has itself as a nested type; it bears no rule.
    assert rules.missing(descriptor_pb2.DescriptorProto()) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:8443/path?q=1",
        "https://xn--bcher-kva.example/",
        "https://bücher.example/ä",
        "https://192.0.2.1/mcp",
        "https://[2001:db8::1]/mcp",
        "https://a_b.example.com",
        "HTTPS://EXAMPLE.COM/",
    ],
)
def test_https_urls(url):
    assert formats.is_https_url(url)
    assert formats.is_server_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "http://example.com",
        "https://",
        "https:///path",
        "https:example.com",
        "//example.com",
        "https://localhost",
        "https://user@example.com",
        "https://user:pw@example.com",
        "https://@example.com",
        "https://example.com:0",
        "https://example.com:",
        "https://example.com:99999",
        "https://example.com:port",
        "https://exa mple.com",
        "https://example.com/a b",
        "https://example.com/\n",
        "https://exam\tple.com",
        "https://example.com\u200b",
        "https://example.com\\@evil.example",
        "https://-a.example.com",
        "https://a..example.com",
        "https://.example.com",
        "https://1.2.3",
        "https://999.1.1.1",
        "https://[::1",
        "https://[nonsense]/",
        "javascript:alert(1)//https://example.com",
        "https://" + "a" * 64 + ".example",
    ],
)
def test_what_is_no_https_url(url):
    assert not formats.is_https_url(url)
    assert not formats.is_email_or_https_url(url) or "@" in url


def test_a_server_url_has_no_fragment():
    assert formats.is_https_url("https://example.com/#top")
    assert not formats.is_server_url("https://example.com/#top")
    assert not formats.is_server_url("https://example.com/#")


@pytest.mark.parametrize("address", ["a@example.com", "a.b+c@sub.example.co", "o'hara@example.com"])
def test_email_addresses(address):
    assert formats.is_email_or_https_url(address)


@pytest.mark.parametrize(
    "address",
    ["a@b", "@example.com", "a@", "a b@example.com", "a@@example.com", ".a@example.com", "a..b@example.com",
     "a@example..com", "mailto:a@example.com", "a@example.com\n", "x" * 65 + "@example.com"],
)  # fmt: skip
def test_what_is_no_email_address(address):
    assert not formats.is_email_or_https_url(address)


@given(st.lists(st.text("az09", min_size=1, max_size=20), min_size=1, max_size=8).map("-".join))
def test_slugs_are_what_the_sentence_says(text):
    assert formats.is_slug(text) == (3 <= len(text) <= 60)


@pytest.mark.parametrize("slug", ["ab", "-abc", "abc-", "a--b", "Abc", "a_b", "a b", "äbc", "abc\n", "x" * 61, "ab١"])
def test_what_is_no_slug(slug):
    assert not formats.is_slug(slug)


def test_uuids_are_canonical():
    assert formats.is_uuid("018f3c1e-7e4b-7abc-8def-0123456789ab")
    assert not formats.is_uuid("018F3C1E-7E4B-7ABC-8DEF-0123456789AB")
    assert not formats.is_uuid("{018f3c1e-7e4b-7abc-8def-0123456789ab}")


@given(st.text())
def test_no_text_upsets_a_format(text):
    for fits, _, _ in formats.SHAPES.values():
        assert fits(text) in (True, False)


@pytest.fixture
def complete_form():
    url = "https://example.com/x"
    form = SubmissionForm(server_url=url, transport=1, slug="a-server", use_cases=["a", "b", "c"], data_access=1)
    form.authentication, form.api_ownership, form.health_data, form.sponsored_content = 5, 1, False, False
    form.listing.CopyFrom(
        ListingContent(
            display_name="A server",
            tagline="Does things",
            description="Does things well.",
            categories=["data"],
            documentation_url=url,
            privacy_policy_url=url,
            support_contact="help@example.com",
            icon_id="018f3c1e-7e4b-7abc-8def-0123456789ab",
            company_name="Example",
            company_website=url,
        )
    )
    for field in form.acknowledgements.DESCRIPTOR.fields:
        setattr(form.acknowledgements, field.name, True)
    return form
