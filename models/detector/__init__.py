"""The detector that ships: MegadetectorLite, whose neck and head went on learning from the simulated trap.

What it said of real photos holds it: there it learns to say what it said before.
"""
