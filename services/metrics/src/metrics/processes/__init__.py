"""What runs by the clock or by hand: the daily computation, replaying dead letters, status."""
