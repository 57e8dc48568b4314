"""The simulated trap: renders footage of a quadruped whose every box and behaviour is known.

Needs the extra `ethotrap[simulate]` and Debian's libosmesa6. Nothing in the nightly run imports it.
"""
