"""Speaking to a submitted server, in a process of its own, without reaching into anybody's network."""
