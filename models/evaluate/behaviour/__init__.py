"""How well behaviour is named: true bouts and predicted bouts in, `Scores` out.

`score` is all that training code needs; it knows nothing of files, archives or networks. The other modules read labels
in several formats (`labels_*`), bring them together with an archive's tracks (`pairing`), and write what came out.
"""

from models.evaluate.behaviour.scores import Scores
from models.evaluate.behaviour.scoring import score, score_by
from models.evaluate.behaviour.values import EMPTY, NO_TRACK, Conditions, PredictedBout, TrueBout

__all__ = ["EMPTY", "NO_TRACK", "Conditions", "PredictedBout", "Scores", "TrueBout", "score", "score_by"]
