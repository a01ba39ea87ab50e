"""The machines of product.md, sections 2 and 4, walked by everybody at once through both services.

MACHINE_WALKS sets how many walks: with it each run takes other ones (`make machines`), without it always the same.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from .people import OWN
from .statement import DECISIONS
from .two_services import TwoServices
from .walk import EDITED, Walk

WALKS = int(os.environ.get("MACHINE_WALKS", "0"))


@pytest.fixture(scope="module")
def walk(world, directory, eventually):
    # A machine that is busy is asked again, as uploads are told.
    icon_id = eventually(lambda: directory.icon(OWN), timeout=60)
    services = TwoServices(world, directory, icon_id)
    return type("Walk", (Walk,), {"services": services})


@pytest.mark.timeout(0 if WALKS else 300)
def test_no_illegal_move_no_lost_entry_and_nothing_pending_goes_live(walk):
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=WALKS or 10,
            stateful_step_count=60 if WALKS else 30,
            derandomize=not WALKS,
            database=None,
            deadline=None,
            print_blob=True,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("seed", range(WALKS or 8))
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
