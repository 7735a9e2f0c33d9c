"""Made-up orders of any size that are like those of a given shop."""
