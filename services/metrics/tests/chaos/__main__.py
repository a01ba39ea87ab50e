"""`python -m services.metrics.tests.chaos`: rounds of chaos against the usage pipeline."""

import logging
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import structlog

from .rounds import Round
from .schedule import KINDS, Schedule, schedule_of
from .servers import Servers
from .world import PATIENCE, Stuck, World

# Tables grow; and what fails should not fail all that follow.
ROUNDS_OF_A_WORLD = 25
FAILED_ONCE = Path(__file__).with_name("failed_once.txt")


def seeds_that_failed() -> list[int]:
    """Rounds that found something once; they run always."""
    lines = FAILED_ONCE.read_text().splitlines()
    return [int(line.split("#")[0]) for line in lines if line.split("#")[0].strip()]


@click.command()
@click.option("--rounds", default=60, show_default=True, help="How many.")
@click.option("--seed", type=int, help="Of the first round; the others follow. Random unless given.")
@click.option("--only", type=click.Choice(KINDS), multiple=True, help="Kinds of faults, to look into some.")
@click.option("--mutant", default="", help="A planted fault of mutant_worker.py: then rounds should fail.")
@click.option("--logs", type=click.Path(path_type=Path), help="Where to keep the logs of rounds that fail.")
def main(rounds: int, seed: int | None, only: tuple[str, ...], mutant: str, logs: Path | None) -> None:
    """Runs rounds, prints each schedule, ends with 1 when one failed."""
    first = random.SystemRandom().randrange(10**6, 10**7) if seed is None else seed
    click.echo(f"{rounds} rounds from seed {first}")
    started = time.monotonic()
    seeds = range(first, first + rounds)
    with Servers() as servers:
        most = 1 if mutant else 3
        failed, happened = run(servers, seeds, only or KINDS, mutant=mutant, most_failures=most, logs=logs)
    click.echo(f"\n{time.monotonic() - started:.0f} s. What happened, and when:")
    for what, times in sorted(happened.items()):
        click.echo(f"  {times:4} {what}")
    for failing in failed:
        click.echo(f"failed: seed {failing}; again: make chaos-usage ROUNDS=1 SEED={failing}")
    sys.exit(1 if failed else 0)


def run(
    servers: Servers,
    seeds: Iterable[int],
    kinds: Sequence[str] = KINDS,
    *,
    mutant: str = "",
    most_failures: int = 3,
    patience: float = PATIENCE,
    logs: Path | None = None,
) -> tuple[dict[int, str], Counter[str]]:
    """Runs a round for each seed; the seeds that failed and what was wrong, and what happened how often."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    failed: dict[int, str] = {}
    happened: Counter[str] = Counter()
    waiting = list(seeds)
    while waiting and len(failed) < most_failures:
        seed, wrong = waiting[0], ""
        try:
            with World(servers, mutant=mutant, patience=patience) as world:
                for _ in range(min(ROUNDS_OF_A_WORLD, len(waiting))):
                    seed = waiting.pop(0)
                    if wrong := _wrong(world, schedule_of(seed, kinds), happened):
                        break
        except Stuck as error:
            waiting.pop(0)
            wrong = str(error)
        if wrong:
            failed[seed] = wrong
            if logs:
                servers.keep_logs(logs / str(seed))
    return failed, happened


def _wrong(world: World, schedule: Schedule, happened: Counter[str]) -> str:
    started = time.monotonic()
    a_round, wrong = Round(world, schedule), ""
    try:
        a_round.run()
    except Exception as error:
        # whatever it is, of the service or of the harness: the seed is wanted, and the next round
        wrong = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
    happened.update(f"{fault.kind} {fault.moment}".strip() for fault in a_round.happened)
    happened["a worker that stood still was started again"] += world.take_stalls()
    happened["a flood was stopped"] += world.take_stops()
    click.echo(f"{'FAILED' if wrong else 'passed'} in {time.monotonic() - started:4.1f} s: {schedule}")
    if wrong:
        click.echo(wrong)
    return wrong


if __name__ == "__main__":
    main()
