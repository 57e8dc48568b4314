"""Telling individuals by their coats: views of a flank, the pattern in them, and which known coats it resembles."""
