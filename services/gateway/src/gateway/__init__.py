"""The HTTP edge: pages and the JSON API over the other services."""
