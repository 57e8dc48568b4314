"""The models that ship: weights with a card for each, the registry, and the code that builds, trains and renders."""
