"""The domain of Ethotrap: everything that knows about animals and video.

Data runs one way: footage -> video -> tracking -> behaviour -> health, highlights -> store.
The values that travel between the parts are in `pipeline.values`; nothing here imports `flows`.
"""

__version__ = "0.1.0"
