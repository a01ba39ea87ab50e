"""Which addresses the directory connects to when it looks at a submitted server: those of every service."""

from chassis.destinations import Address, Network, lies_within, literal, networks, refusal

__all__ = ["Address", "Network", "lies_within", "literal", "networks", "refusal"]
