"""What the figures mean: windows, rates, ranks, health, day maps, histograms. No network, no database."""
