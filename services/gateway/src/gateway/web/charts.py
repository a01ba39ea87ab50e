"""Line charts: a series in, the geometry of an SVG out. The template only writes it down.

No style and no script is needed: the content security policy allows neither inline. A day without a value breaks
the line, so that a suppressed day is never drawn as a zero.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

WIDTH: Final = 420
HEIGHT: Final = 132
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 10, 24


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis, in the drawing's units."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Point:
    """One day of the line with its words."""

    x: float
    y: float
    day: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws: lines and areas as SVG path data, lone days as dots, and the words for those who
    do not see it."""

    title: str
    description: str
    lines: tuple[str, ...]
    areas: tuple[str, ...]
    dots: tuple[Point, ...]
    points: tuple[Point, ...]
    rows: tuple[tuple[str, str], ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    step: float

    @property
    def empty(self) -> bool:
        """Whether no day has a value."""
        return not self.points


def line_chart(
    title: str,
    days: Sequence[tuple[str, float | None]],
    *,
    say: Callable[[float | None], str],
    say_day: Callable[[str], str],
    say_tick: Callable[[float], str] | None = None,
    whole: bool = True,
    best_first: bool = False,
) -> Chart:
    """A chart of (day, value) pairs, oldest first; None is a day that is not shown. `whole` keeps the ticks at whole
    numbers, `best_first` puts 1 on top as ranks need it."""
    known = [value for _, value in days if value is not None]
    low, high, ticks = _scale(known, whole=whole, best_first=best_first)
    step = (WIDTH - _LEFT - _RIGHT) / max(len(days) - 1, 1)

    def height_of(value: float) -> float:
        share = (value - low) / (high - low)
        share = 1 - share if best_first else share
        return round(_TOP + (1 - share) * (HEIGHT - _TOP - _BOTTOM), 1)

    runs: list[list[Point]] = [[]]
    for position, (day, value) in enumerate(days):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(Point(round(_LEFT + position * step, 1), height_of(value), say_day(day), say(value)))
    drawn = [run for run in runs if len(run) > 1]
    return Chart(
        title=title,
        description=_describe(days, say=say, say_day=say_day),
        lines=tuple(_path(run) for run in drawn),
        areas=() if best_first else tuple(_area(run) for run in drawn),
        dots=tuple(run[0] for run in runs if len(run) == 1),
        points=tuple(point for run in runs for point in run),
        rows=tuple((say_day(day), say(value)) for day, value in days),
        y_ticks=tuple(Tick(height_of(value), (say_tick or say)(value)) for value in ticks) if known else (),
        x_ticks=tuple(
            Tick(round(_LEFT + position * step, 1), say_day(days[position][0]))
            for position in sorted({0, len(days) // 2, len(days) - 1})
            if days
        ),
        step=round(step, 2),
    )


def _scale(known: list[float], *, whole: bool, best_first: bool) -> tuple[float, float, list[float]]:
    floor_value = 1.0 if best_first else 0.0
    top = max([*known, floor_value])
    span = max(top - floor_value, 1.0 if whole else 0.01)
    unit = 10 ** floor(log10(span / 2))
    width = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor * 2 >= span)
    width = float(max(ceil(width), 1)) if whole else width
    return floor_value, floor_value + 2 * width, [floor_value, floor_value + width, floor_value + 2 * width]


def _path(run: list[Point]) -> str:
    first, *rest = run
    return f"M{first.x} {first.y}" + "".join(f"L{point.x} {point.y}" for point in rest)


def _area(run: list[Point]) -> str:
    base = HEIGHT - _BOTTOM
    return f"{_path(run)}L{run[-1].x} {base}L{run[0].x} {base}Z"


def _describe(
    days: Sequence[tuple[str, float | None]],
    *,
    say: Callable[[float | None], str],
    say_day: Callable[[str], str],
) -> str:
    known = [(day, value) for day, value in days if value is not None]
    if not known:
        return "No day has enough calls to be shown."
    (first_day, first), (last_day, last) = known[0], known[-1]
    low, high = min(value for _, value in known), max(value for _, value in known)
    hidden = len(days) - len(known)
    ending = f" Days without a figure: {hidden}." if hidden else ""
    return (
        f"{say(first)} on {say_day(first_day)}, {say(last)} on {say_day(last_day)}; "
        f"lowest {say(low)}, highest {say(high)}.{ending}"
    )
