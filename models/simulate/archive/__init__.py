"""A made-up archive of two years: animals, cameras, sightings and what was measured in them, all of known truth."""
