"""What other services say."""
