"""Health policies: named, versioned, replaceable by a setting."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from metrics.domain.windows import CallSums


class Health(Enum):
    """The badge. NOT_LIVE is decided when it is shown: a server may leave the directory between two snapshots."""

    NOT_LIVE = 1
    COLLECTING = 2
    HEALTHY = 3
    WORTH_A_LOOK = 4
    DEGRADED = 5


@dataclass(frozen=True)
class HealthInputs:
    """What a policy may look at: 30 days."""

    sums: CallSums
    active_accounts: int
    disconnected_accounts: int


@dataclass(frozen=True)
class HealthPolicy:
    """A rule with a name; a change of the rule is a new version."""

    name: str
    version: int
    judge: Callable[[HealthInputs], Health]

    @property
    def label(self) -> str:
        """For example `disconnect_rate/1`."""
        return f"{self.name}/{self.version}"

    def health(self, inputs: HealthInputs) -> Health:
        """The badge of a published server."""
        return Health.COLLECTING if inputs.sums.suppressed else self.judge(inputs)


def _disconnect_rate(inputs: HealthInputs) -> Health:
    if not inputs.active_accounts:
        return Health.COLLECTING
    beyond = inputs.disconnected_accounts * 100 > 5 * inputs.active_accounts
    return Health.DEGRADED if beyond else Health.HEALTHY


def _request_errors(inputs: HealthInputs) -> Health:
    failed = (inputs.sums.request_errors + inputs.sums.auth_rejected) * 100
    if failed > 5 * inputs.sums.calls:
        return Health.DEGRADED
    return Health.WORTH_A_LOOK if failed > 2 * inputs.sums.calls else Health.HEALTHY


POLICIES = {
    policy.name: policy
    for policy in (
        HealthPolicy("disconnect_rate", 1, _disconnect_rate),
        HealthPolicy("request_errors", 1, _request_errors),
    )
}
