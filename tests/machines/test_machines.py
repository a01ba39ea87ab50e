"""The machines of product.md, sections 2 and 4, walked by everybody at once through both services: lifecycle,
revisions, transfers, the tools of published servers, and the desk, where items are also approved and assigned together,
and a rejection needs a second reviewer or does not.

MACHINE_WALKS sets how many walks: with it each run takes other ones (`make machines`), without it always the same.
"""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from .people import OWN
from .statement import DECISIONS, ROWS
from .two_services import TwoServices
from .walk import EDITED, IN_REVIEW, PUBLISHED, Walk

WALKS = int(os.environ.get("MACHINE_WALKS", "0"))


@pytest.fixture(scope="module")
def services(world, directory, eventually):
    # A machine that is busy is asked again, as uploads are told.
    icon_id = eventually(lambda: directory.icon(OWN), timeout=60)
    return TwoServices(world, directory, icon_id)


@pytest.fixture(params=["one rejects", "two reject"])
def walk(request, services):
    if request.param == "two reject":
        request.getfixturevalue("strict")
    return type("Walk", (Walk,), {"services": services, "two_reject": request.param == "two reject"})


@pytest.mark.timeout(0 if WALKS else 300)
def test_no_illegal_move_no_lost_entry_and_nothing_pending_goes_live(walk):
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=WALKS or 6,
            stateful_step_count=60 if WALKS else 20,
            derandomize=not WALKS,
            database=None,
            print_blob=True,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


# Every row of the lifecycle, by way of what it depends on; the last two are of tools that change, and of the desk.
APPROVED = (*IN_REVIEW, "approve")
UNTIL_REJECTED = ("submit", "withdraw", "reopen", "submit", "fail_checks", "save", *IN_REVIEW, "reject")
DRIFT = ("tools words", "tools safe", "suspend", "tools plain", "tools astray", "reinstate", "decide approve")
TOGETHER = ("submit", "assign", "pass_checks", "approve together", "publish")
ASKED = ("tools archive", "ask", "decide request_changes", "write", "claim", "assign", "tools safe")
ROUNDS = (
    (*UNTIL_REJECTED, "save", "delete"),
    (*UNTIL_REJECTED, "write", "appeal", "uphold", "write", "answer", "save", *IN_REVIEW, "reject", "appeal", "save"),
    (*IN_REVIEW, "withdraw", "reopen", *IN_REVIEW, "reject", "appeal", "overturn", "request_changes", *PUBLISHED),
    (*APPROVED, "save", *APPROVED, "revoke", *PUBLISHED, "offer", "cancel", "deprecate", "undeprecate"),
    (*PUBLISHED, "deprecate", "deprecate", "suspend", "reinstate", "delist", "offer", "decline", "relist"),
    (*PUBLISHED, "offer", "accept", "ask", "offer", "decide approve", "accept", "deprecate", "delist", "relist"),
    (*PUBLISHED, *ASKED, "offer", "accept"),
    (*TOGETHER, *DRIFT, "tools safe", "delist", "relist", "withdraw"),
)


# Of rejections that wait for a second reviewer.
PROPOSED = (
    (*IN_REVIEW, "propose", "withdraw", "reopen", *IN_REVIEW, "propose", "write", "return", "claim", "approve"),
    (*IN_REVIEW, "propose", "confirm", "appeal", "overturn", "assign", "propose", "withdraw", "reopen", "delete"),
    (*EDITED, "propose", "ask", "propose", "return", "propose", "confirm", "ask", "propose", "delist", "relist"),
)


@pytest.mark.parametrize("moves", ROUNDS)
def test_each_move_leads_where_it_is_stated_to_lead(walk, moves):
    assert {row.move for row in ROWS} <= {move for each in ROUNDS for move in each}
    go(walk, moves)


@pytest.mark.parametrize("walk", ["two reject"], indirect=True)
@pytest.mark.parametrize("moves", PROPOSED)
def test_a_rejection_waits_for_another_reviewer(walk, moves):
    go(walk, moves)


def go(walk, moves):
    walked = walk()
    walked.create(())
    for position, move in enumerate(moves):
        walked.go_on(move, Random(position))
        walked.everybody_hears()
        walked.others_try(Random(position))
    walked.teardown()


@pytest.mark.parametrize("seed", range(WALKS or 3))
def test_what_goes_on_for_long_goes_as_stated(walk, seed):
    """Far into the life of a listing, with a revision in each of its states."""
    walked = walk()
    # Every second one with edits that were saved after the revision was submitted.
    walked.create((*EDITED, "save revision") if seed % 2 else EDITED)
    walked.somebody_goes_on(seed, steps=30)
    walked.teardown()


@pytest.mark.parametrize("decision", sorted(DECISIONS))
def test_edits_saved_after_a_submission_are_not_decided_with_it(walk, decision):
    walked = walk()
    walked.create((*EDITED, "save revision", f"decide {decision}"))
    walked.teardown()
