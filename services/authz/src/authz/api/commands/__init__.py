"""What operators do with the service's own command line: plans, staff, first owners, tokens, keys."""
