"""What submissions do by themselves: listening to listings, and checking."""
