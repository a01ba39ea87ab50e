"""What the gateway asks."""
