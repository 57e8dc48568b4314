"""Health indicators of a sighting: numbers with their footing, or the reason why there is none. Never a diagnosis."""
