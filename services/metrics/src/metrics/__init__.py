"""From tool-call traffic to health and usage figures."""

from metrics.processor import prepare_numpy

prepare_numpy()  # before anything here loads it
