"""The strip below a trap's picture: date, time, moon and temperature. It never names a place."""

from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

_SHARE = 0.06  # of the picture's height


def banner_rows(height: int) -> int:
    """How many of a picture's rows, from the lowest up, the strip takes."""
    return round(height * _SHARE)


def add_banner(picture: NDArray[np.uint8], now: datetime, celsius: int) -> NDArray[np.uint8]:
    """The picture with its lowest rows replaced by the strip.

    Args:
        picture: (h, w, 3) RGB.
        now: the camera's clock.
        celsius: what its thermometer says.
    """
    height, width = picture.shape[:2]
    high = banner_rows(height)
    stamped = picture.copy()
    stamped[height - high :] = 0
    texts = (f"{celsius}C", 0.03), (now.strftime("%Y-%m-%d"), 0.42), (now.strftime("%H:%M:%S"), 0.78)
    for text, share in texts:
        place = (round(width * share), height - round(high * 0.25))
        cv2.putText(stamped, text, place, cv2.FONT_HERSHEY_SIMPLEX, high / 30, (255, 255, 255), 1, cv2.LINE_AA)
    return stamped
