"""From tool-call traffic to health and usage figures."""
