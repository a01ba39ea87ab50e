"""What every service shares at run time. No business rule, no service's name."""
