"""The behaviour network: learning it from simulated clips and from people's labels, and comparing it with others.

`python -m models.behaviour measure CLIPS --out MEASURED` follows the animals of simulated clips once;
`python -m models.behaviour train MEASURED` learns from what was measured, compares and writes the network.
"""
