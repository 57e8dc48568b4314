"""How long does one query take against many known individuals? Make a gallery of random features and ask.

    python -m tests.benchmarks.coat_matching [INDIVIDUALS VIEWS_OF_EACH]

Features are random, so no individual is found; a twentieth of the query's features are put into every tenth view, so
that the comparison of places has work to do. All on one core; start it with OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1.
"""

import resource
import sys
import time

import numpy as np

from pipeline.individuals.matching import KnownView, build_gallery, match
from pipeline.individuals.pattern import DIMENSIONS, MOST, Pattern, rooted

INDIVIDUALS, VIEWS = 200, 20
QUERIES = 5
KB_A_MB = 1024  # Linux counts the peak in kilobytes


def random_pattern(random: np.random.Generator, features: int = MOST) -> Pattern:
    """Features as many as a view can have, anywhere, like nothing."""
    raw = random.gamma(0.5, 20, (features, DIMENSIONS)).astype(np.float32)
    points = random.uniform(0, 2, (features, 2)).astype(np.float32)
    return Pattern(points / 2, points, random.uniform(0.03, 0.2, features).astype(np.float32), rooted(raw))


def mixed(pattern: Pattern, query: Pattern, random: np.random.Generator) -> Pattern:
    """The pattern with some of the query's descriptors in it."""
    descriptors = pattern.descriptors.copy()
    chosen = random.choice(len(query), len(query) // 20, replace=False)
    descriptors[: len(chosen)] = query.descriptors[chosen]
    return Pattern(pattern.places, pattern.points, pattern.scales, descriptors)


def main() -> None:
    """Measure and print."""
    individuals, views_of_each = [int(word) for word in sys.argv[1:]] or (INDIVIDUALS, VIEWS)
    random = np.random.default_rng(1)
    queries = [random_pattern(random) for _ in range(QUERIES)]
    views = []
    for number in range(individuals * views_of_each):
        pattern = random_pattern(random)
        if number % 10 == 0:
            pattern = mixed(pattern, queries[number // 10 % QUERIES], random)
        views.append(KnownView(f"Leo {number // views_of_each:03}", f"{number}", "left", pattern))
    features = sum(len(view.pattern) for view in views)
    started = time.process_time()
    gallery = build_gallery(views, "left")
    built = time.process_time() - started
    spent = []
    for query in queries:
        started = time.process_time()
        match(query, gallery)
        spent.append(time.process_time() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_A_MB
    sys.stdout.write(
        f"{individuals} individuals x {views_of_each} views of one flank, {features} features: gallery"
        f" built in {built:.2f} s; a query takes {np.median(spent):.2f} s, at most {max(spent):.2f} s of one core's"
        f" time; peak {peak:.0f} MB\n"
    )


if __name__ == "__main__":
    main()
