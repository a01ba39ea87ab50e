"""The domain's enumerations as the contract has them."""

from directory.metrics.v1 import server_metrics_pb2 as pb

from metrics.domain.health import Health

_HEALTH = {
    Health.NOT_LIVE: pb.HEALTH_NOT_LIVE,
    Health.COLLECTING: pb.HEALTH_COLLECTING,
    Health.HEALTHY: pb.HEALTH_HEALTHY,
    Health.WORTH_A_LOOK: pb.HEALTH_WORTH_A_LOOK,
    Health.DEGRADED: pb.HEALTH_DEGRADED,
}


def health_message(health: Health) -> pb.Health:
    """The contract's value of a badge."""
    return _HEALTH[health]
