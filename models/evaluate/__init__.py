"""Measure the networks and the pipeline on footage whose truth is known, through the code that runs every night."""
