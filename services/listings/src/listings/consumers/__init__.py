"""What listings learns from other services' events."""
