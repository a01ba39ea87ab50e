"""Who may do what: organizations, plans, members, roles, staff, tokens and grants."""
