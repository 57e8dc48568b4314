"""The behaviours: one module for each family, each with `perform(behaviour, seed, seconds, stage, cast)`."""
