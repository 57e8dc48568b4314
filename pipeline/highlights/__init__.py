"""Bouts as playable clips with posters, how good they look, and films made of the best of them."""
