"""Follow each animal: detect with YOLO, link with ByteTrack, fill to every frame, name the species.

Ultralytics asks the network for updates and packages unless told otherwise before its first import, so that is here.
"""

import os

os.environ.setdefault("YOLO_OFFLINE", "true")  # no version check, no telemetry
os.environ.setdefault("YOLO_AUTOINSTALL", "false")  # a missing package is an error, never a download
os.environ.setdefault("YOLO_VERBOSE", "false")
