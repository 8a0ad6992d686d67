"""Writes the golden values of dev.groklab.analysis, by SciPy or straight from the definitions.

    python java/src/test/goldens/statistics.py

Needs numpy and scipy; the build and the tests need only the file it writes,
src/test/resources/dev/groklab/analysis/goldens.json. Exact p-values come from going through all
permutations with itertools, intervals from trying each bound with a test, so that nothing here is
computed as in Java.
"""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
from scipy import optimize, stats

OUT = Path(__file__).resolve().parents[1] / "resources/dev/groklab/analysis/goldens.json"
EPS = 1e-9

# (time, event): remission of leukemia in weeks, Freireich et al., Blood 21 (1963) 699-716.
SIX_MP = [(t, 1) for t in (6, 6, 6, 7, 10, 13, 16, 22, 23)] + [
    (t, 0) for t in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
]
PLACEBO = [
    (t, 1) for t in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
]
# Like runs of experiments: evaluations every 100 steps, budgets of 5000, one run stopped early.
FAST = [(700, 1), (900, 1), (1100, 1), (1300, 1), (1300, 1)]
SLOW = [(1200, 1), (1800, 1), (2600, 1), (5000, 0), (5000, 0)]
MIXED = [(1000, 1), (1300, 1), (1500, 0), (4100, 1), (5000, 0), (5000, 0)]
NEVER = [(5000, 0)] * 5
# Few enough for all arrangements of three groups.
A, B, C = FAST[1:4], SLOW[1:4], MIXED[1:4]
GROUPS = {
    "six_mp": SIX_MP,
    "placebo": PLACEBO,
    "fast": FAST,
    "slow": SLOW,
    "mixed": MIXED,
    "never": NEVER,
    "a": A,
    "b": B,
    "c": C,
}


def split(group):
    return np.array([t for t, _ in group], float), np.array([e for _, e in group], bool)


def censored_data(group):
    time, event = split(group)
    return stats.CensoredData.right_censored(time, ~event)


def survival(name):
    group = GROUPS[name]
    sf = stats.ecdf(censored_data(group)).sf
    band = sf.confidence_interval(0.95, method="log-log")
    times, s = sf.quantiles, sf.probabilities
    low, high = band.low.probabilities, band.high.probabilities

    def first(mask):
        return float(times[np.argmax(mask)]) if mask.any() else None

    horizon = min(20.0, times[-1]) if times[-1] < 100 else 4000.0
    fine = np.linspace(0, horizon, 400_001)  # the area under a step function, by brute force
    middle = (fine[1:] + fine[:-1]) / 2
    curve = np.concatenate([[1.0], s])[np.searchsorted(times, middle, side="right")]
    area = np.concatenate([np.cumsum((curve * np.diff(fine))[::-1])[::-1], [0]])
    time, event = split(group)
    variance = 0.0
    for t in np.unique(time[event]):
        n, d = int((time >= t).sum()), int((event & (time == t)).sum())
        if t < horizon and n > d:
            variance += area[np.searchsorted(fine, t)] ** 2 * d / (n * (n - d))
    open_ = (s > 0) & (s < 1)
    return {
        "group": name,
        "times": times.tolist(),
        "survival": s.tolist(),
        "low": [float(v) if o else 0.0 for v, o in zip(low, open_)],
        "high": [float(v) if o else 1.0 for v, o in zip(high, open_)],
        "quartiles": [first(s <= 1 - q + EPS) for q in (0.25, 0.5, 0.75)],
        "quartile_lows": [
            first(((low <= 1 - q) & open_) | (s == 0)) for q in (0.25, 0.5, 0.75)
        ],
        "quartile_highs": [first((high < 1 - q) & open_) for q in (0.25, 0.5, 0.75)],
        "horizon": horizon,
        "restricted_mean": float(area[0]),
        "restricted_mean_error": math.sqrt(variance),
    }


def log_rank_parts(groups):
    """Observed, expected, covariance by the definitions (Klein & Moeschberger 7.3)."""
    k = len(groups)
    data = [split(group) for group in groups]
    times = np.unique(np.concatenate([t[e] for t, e in data]))
    observed, expected, v = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for t in times:
        y = np.array([(time >= t).sum() for time, _ in data], float)
        d = np.array([(event & (time == t)).sum() for time, event in data], float)
        n, deaths = y.sum(), d.sum()
        observed += d
        expected += y / n * deaths
        if n > 1:
            share = y / n
            v += deaths * (n - deaths) / (n - 1) * (np.diag(share) - np.outer(share, share))
    return observed, expected, v


def deals(sizes):
    """All ways to deal out places 0 ... n-1 to groups of these sizes."""

    def deal(left, sizes):
        if not sizes:
            yield []
            return
        for chosen in itertools.combinations(left, sizes[0]):
            rest = [i for i in left if i not in chosen]
            for others in deal(rest, sizes[1:]):
                yield [chosen, *others]

    return deal(list(range(sum(sizes))), list(sizes))


def log_rank(names, scores):
    groups = [GROUPS[name] for name in names]
    observed, expected, v = log_rank_parts(groups)
    difference = observed - expected
    chi2 = float(difference @ np.linalg.pinv(v) @ difference)
    z = float(scores @ difference / math.sqrt(scores @ v @ scores))
    rank = int(np.linalg.matrix_rank(v, tol=1e-9))
    if len(groups) == 2:
        by_scipy = stats.logrank(censored_data(groups[0]), censored_data(groups[1]))
        assert math.isclose(by_scipy.statistic**2, chi2, rel_tol=1e-9)
    case = {
        "groups": list(names),
        "scores": scores.tolist(),
        "observed": observed.tolist(),
        "expected": expected.tolist(),
        "chi_square": chi2,
        "degrees": rank,
        "p": float(stats.chi2.sf(chi2, rank)),
        "trend_z": z,
        "trend_p": float(2 * stats.norm.sf(abs(z))),
    }
    sizes = [len(group) for group in groups]
    count = math.factorial(sum(sizes)) // math.prod(map(math.factorial, sizes))
    if count <= 5000:
        pool = [run for group in groups for run in group]
        n = np.array(sizes)
        seen = (difference**2 / n).sum(), abs(scores @ difference)
        hits = np.zeros(2, int)
        for deal in deals(sizes):
            o, e, _ = log_rank_parts([[pool[i] for i in part] for part in deal])
            hits += [
                ((o - e) ** 2 / n).sum() >= seen[0] - EPS,
                abs(scores @ (o - e)) >= seen[1] - EPS,
            ]
        case |= {
            "arrangements": count,
            "permutation_p": float(hits[0] / count),
            "trend_permutation_p": float(hits[1] / count),
        }
    return case


def inverted(differences, accepted):
    """Ends of the set of bounds that a test accepts; it can change at the differences only."""
    at = np.unique(differences)
    between = np.concatenate([[at[0] - 1], (at[1:] + at[:-1]) / 2, [at[-1] + 1]])
    kept = [accepted(bound) for bound in between]
    low = None if kept[0] else float(at[kept.index(True) - 1])
    high = None if kept[-1] else float(at[len(at) - 1 - kept[::-1].index(True) + 1])
    return [low, high]


def shift_interval(x, y, level):
    differences = np.subtract.outer(y, x).ravel()
    return inverted(
        differences,
        lambda b: stats.mannwhitneyu(y - b, x, method="exact").pvalue > 1 - level,
    )


def ratio(reference, group):
    """By filling in for the censored times what is worst for either end."""
    (t0, e0), (t1, e1) = split(GROUPS[reference]), split(GROUPS[group])
    far0 = 1e30 * (1 + np.arange(len(t0)) / 1e3)
    far1 = 1e70 * (1 + np.arange(len(t1)) / 1e3)
    jitter = 1 + 1e-13 * np.arange(len(t1))  # no ties, and nothing that shows
    low0, low1 = np.where(e0, t0, 1e70 * far0), t1 * jitter
    high0, high1 = t0, np.where(e1, t1, far1) * jitter
    ends = []
    for level in (0.8, 0.95):
        low = shift_interval(np.log(low0), np.log(low1), level)[0]
        high = shift_interval(np.log(high0), np.log(high1), level)[1]
        low = 0 if low is None or low < -50 else math.exp(low)
        high = None if high is None or high > 50 else math.exp(high)
        ends.append([low, high])
    least = np.median(np.divide.outer(low1, low0).ravel())
    greatest = np.median(np.divide.outer(high1, high0).ravel())
    return {
        "groups": [reference, group],
        "intervals": ends,
        "estimate": [
            0 if least < 1e-20 else float(least),
            None if greatest > 1e20 else float(greatest),
        ],
    }


def superiority(reference, group):
    a, b = GROUPS[reference], GROUPS[group]

    def curve(runs):
        sf = stats.ecdf(censored_data(runs)).sf
        return lambda t: sf.evaluate(t)

    def known_until(runs):
        last = max(t for t, _ in runs)
        return last if any(not e for t, e in runs if t == last) else math.inf

    horizon = min(known_until(a), known_until(b))
    s, r = curve(a), curve(b)
    theta = 0.0
    for t in sorted({t for t, e in a if e and t <= horizon}):
        mass = s(t - 1e-6) - s(t)
        theta += mass * (r(t) + (r(t - 1e-6) - r(t)) / 2)
    end = horizon if math.isfinite(horizon) else 1e9
    theta += s(end) * r(end) / 2

    cut = lambda runs: [(t, e) if t <= horizon else (horizon, 0) for t, e in runs]
    pool = cut(a) + cut(b)
    m = sum(1 for t, e in a if e or t >= horizon)
    n = sum(1 for t, e in b if e or t >= horizon)

    def before(one, other):
        return one[1] and (one[0] < other[0] or (one[0] == other[0] and not other[1]))

    def gehan(first, second):
        return sum(
            bool(before(x, y)) - bool(before(y, x)) for x in first for y in second
        )

    seen = gehan(cut(a), cut(b))
    case = {"groups": [reference, group], "theta": float(theta)}
    if math.comb(len(pool), len(a)) <= 5000:
        values = [
            gehan([pool[i] for i in first], [pool[i] for i in second])
            for first, second in deals([len(a), len(b)])
        ]
        case |= {
            "p_above": float(np.mean(np.array(values) >= seen)),
            "p_below": float(np.mean(np.array(values) <= seen)),
        }
    z = stats.norm.isf(0.025)
    others = (m + n) / 2 - 1

    def distance(p, sign):
        v = p * (1 - p) * (1 + others * (1 - p) / (2 - p) + others * p / (1 + p)) / (m * n)
        return sign * (theta - p) - z * math.sqrt(max(0, v))

    low = 0.0 if theta == 0 else optimize.brentq(distance, 0, theta - 1e-12, args=(1,), xtol=1e-14)
    high = (
        1.0 if theta == 1 else optimize.brentq(distance, theta + 1e-12, 1, args=(-1,), xtol=1e-14)
    )
    return case | {"interval": [low, high]}


def shift(x, y):
    x, y = np.array(x, float), np.array(y, float)
    pool = np.concatenate([x, y])
    differences = np.subtract.outer(y, x).ravel()
    ties = len(np.unique(pool)) < len(pool)
    u = float((differences > 0).sum() + (differences == 0).sum() / 2)
    if ties:
        ranks = stats.rankdata(pool)
        seen = ranks[len(x) :].sum()
        values = np.array(
            [
                ranks[list(chosen)].sum()
                for chosen in itertools.combinations(range(len(pool)), len(y))
            ]
        )
        above, below = (values >= seen - EPS).mean(), (values <= seen + EPS).mean()
    else:
        above, below = (
            stats.mannwhitneyu(y, x, alternative=side, method="exact").pvalue
            for side in ("greater", "less")
        )
    case = {
        "x": x.tolist(),
        "y": y.tolist(),
        "u": u,
        "p_above": float(above),
        "p_below": float(below),
        "estimate": float(np.median(differences)),
    }
    if not ties:
        case["interval"] = shift_interval(x, y, 0.95)
    return case


def paired(x, y):
    x, y = np.array(x, float), np.array(y, float)
    d = y - x
    nonzero = d[d != 0]
    ranks = stats.rankdata(abs(nonzero))
    seen = ranks[nonzero > 0].sum()
    values = np.array(
        [ranks @ np.array(signs) for signs in itertools.product((0, 1), repeat=len(ranks))]
    )
    above, below = (values >= seen - EPS).mean(), (values <= seen + EPS).mean()
    plain = len(nonzero) == len(d) and len(np.unique(abs(d))) == len(d)
    walsh = [(d[i] + d[j]) / 2 for i in range(len(d)) for j in range(i, len(d))]
    case = {
        "x": x.tolist(),
        "y": y.tolist(),
        "v": float(seen),
        "p_above": float(above),
        "p_below": float(below),
        "estimate": float(np.median(walsh)),
    }
    if plain:
        by_scipy = stats.wilcoxon(d, alternative="greater", method="exact").pvalue
        assert math.isclose(by_scipy, above)
        case["interval"] = inverted(
            np.array(walsh), lambda b: stats.wilcoxon(d - b, method="exact").pvalue > 0.05
        )
    return case


def correlation(x, y):
    rx, ry = stats.rankdata(x), stats.rankdata(y)
    rho = stats.spearmanr(x, y).statistic
    centred = ry - ry.mean()
    values = np.array([rx @ np.array(p) for p in itertools.permutations(centred)])
    seen = rx @ centred
    z, n = stats.norm.isf(0.025), len(x)
    half = z * math.sqrt((1 + rho**2 / 2) / (n - 3))
    return {
        "x": x,
        "y": y,
        "rho": float(rho),
        "p_above": float((values >= seen - EPS).mean()),
        "p_below": float((values <= seen + EPS).mean()),
        "interval": [math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)],
    }


def share(successes, runs, bound):
    def p(side):
        return stats.binomtest(successes, runs, bound, alternative=side).pvalue

    interval = stats.binomtest(successes, runs).proportion_ci(0.95, "wilson")
    return {
        "successes": successes,
        "runs": runs,
        "bound": bound,
        "p_above": float(p("greater")),
        "p_below": float(p("less")),
        "interval": [interval.low, interval.high],
    }


def fisher(a, m, b, n):
    table = [[b, n - b], [a, m - a]]
    p = [stats.fisher_exact(table, side).pvalue for side in ("two-sided", "greater", "less")]
    return {"reference": [a, m], "group": [b, n], "p": [float(v) for v in p]}


def main():
    goldens = {
        "groups": {
            name: {"times": [t for t, _ in g], "events": [bool(e) for _, e in g]}
            for name, g in GROUPS.items()
        },
        "survival": [survival(name) for name in GROUPS],
        "log_rank": [
            log_rank(names, np.array(scores, float))
            for names, scores in [
                (("six_mp", "placebo"), (0, 1)),
                (("fast", "slow"), (0, 1)),
                (("fast", "mixed"), (0, 1)),
                (("slow", "never"), (0, 1)),
                (("fast", "slow", "mixed", "never"), (1, 2, 3, 4)),
                (("placebo", "six_mp", "fast"), (1, 2, 4)),
                (("a", "b", "c"), (1, 2, 4)),
            ]
        ],
        "ratio": [
            ratio(*names)
            for names in itertools.permutations(("fast", "slow", "mixed", "never"), 2)
        ],
        "superiority": [
            superiority(*names)
            for names in [
                ("placebo", "six_mp"),
                ("fast", "slow"),
                ("slow", "fast"),
                ("fast", "mixed"),
                ("mixed", "slow"),
                ("slow", "never"),
                ("never", "fast"),
            ]
        ],
        "shift": [
            shift([0.91, 0.955, 0.97, 0.983, 0.999], [0.95, 0.96, 0.979, 0.99, 0.998, 0.9995]),
            shift([120, 340, 410, 555, 980], [600, 800, 1010, 1500, 2000]),
            shift([1.0, 1.0, 0.99, 0.98, 0.97], [0.97, 0.95, 0.94, 0.98, 0.9]),
            shift([5, 7, 7, 9, 12, 12, 12], [7, 9, 9, 14]),
        ],
        "paired": [
            paired([120, 340, 410, 555, 980, 1001], [150, 333, 520, 700, 1111, 1290]),
            paired([1.25, 2.5, 3.0, 4.0, 5.5, 6, 7, 8], [1.75, 2.5, 3.5, 3.5, 7.5, 8, 6, 10]),
        ],
        "correlation": [
            correlation([1, 2, 3, 4, 5, 6, 7, 8], [3, 1, 2, 5, 8, 4, 7, 6]),
            correlation([1, 1, 2, 2, 3, 3, 4], [9.5, 7, 7, 6, 3, 3, 3]),
        ],
        "share": [
            share(*args)
            for args in [(0, 5, 0.5), (5, 5, 0.5), (3, 5, 0.9), (1, 20, 0.2), (17, 20, 0.6)]
        ],
        "fisher": [
            fisher(*args)
            for args in [(1, 4, 3, 4), (0, 5, 5, 5), (2, 5, 5, 5), (9, 10, 3, 12), (5, 5, 5, 5)]
        ],
    }
    OUT.write_text(json.dumps(goldens, indent=1) + "\n")
    print(f"{OUT}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
