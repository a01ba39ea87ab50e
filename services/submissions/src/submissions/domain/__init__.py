"""Rules of submissions and reviews: plain Python, no framework."""
