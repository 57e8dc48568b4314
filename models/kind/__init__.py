"""The kind head: animal, person or vehicle, told from the species network's features by logistic regression.

`python -m models.kind FOOTAGE` trains it, measures it and writes `models/weights/kind-head.onnx`.
"""
