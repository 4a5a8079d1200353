"""Writes statistics.json: intervals, tests and calibration as scipy, scikit-learn and statsmodels compute them."""

import json
import re

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import binomtest, bootstrap, spearmanr
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_confint

random = np.random.default_rng(0)


def wilson():
    cases = [(0, 1), (1, 1), (0, 28), (28, 28), (34, 37), (1, 1000), (2134, 2985), (99_999, 100_000)]
    return [
        {"successes": k, "trials": n, "interval": list(proportion_confint(k, n, method="wilson"))} for k, n in cases
    ]


def sign_test():
    small = [(0, 0), (1, 0), (3, 3), (5, 12), (12, 5), (121, 59), (10, 200)]
    large = [(49_000, 51_000), (50_000, 50_001), (2_000, 1_000), (499_000, 501_000)]
    return [
        {"better": b, "worse": c, "p": float(mcnemar([[7, b], [c, 7]], exact=True).pvalue)} for b, c in small if b + c
    ] + [{"better": b, "worse": c, "p": float(binomtest(b, b + c).pvalue)} for b, c in large]


def calibration():
    margins = 2.5 * random.standard_normal(400) + 1.0
    # Each pair in both orders, so that labels are not all the same; bins of (0.5, 1] become 20 of (0, 1].
    p = expit(np.concatenate([margins, -margins]))
    labels = np.concatenate([np.ones(400), np.zeros(400)])
    accuracy, confidence = calibration_curve(labels, p, n_bins=20)
    weights = np.histogram(p, bins=20, range=(0, 1))[0] / len(p)
    weights = weights[weights > 0]
    slope = lambda b: -np.mean(margins * expit(-b * margins))
    return {
        "margins": margins.tolist(),
        "brier": brier_score_loss(labels, p),
        "log_loss": log_loss(labels, p),
        "expected_error": float(np.sum(weights * np.abs(accuracy - confidence))),
        "accuracy": accuracy[-10:].tolist(),
        "confidence": confidence[-10:].tolist(),
        "temperature": 1 / brentq(slope, 1e-3, 1e3, xtol=1e-15),
    }


def spearman():
    x = np.round(2 * random.standard_normal(200)) + 0.0
    y = np.round(x + 3 * random.standard_normal(200)) + 0.0
    return {"x": x.tolist(), "y": y.tolist(), "correlation": float(spearmanr(x, y).statistic)}


def resampling():
    won = (random.random(60) < 0.8).astype(float)
    margin = random.standard_normal(90) + 0.5
    score = lambda a, b, axis: (2 * np.mean(a, axis=axis) + np.mean(b, axis=axis)) / 3
    result = bootstrap((won, margin), score, method="percentile", n_resamples=200_000, vectorized=True, rng=1)
    # In closed form: means of n draws with replacement have the variance of the n values, over n.
    exact = np.sqrt(4 * np.var(won) / 60 + np.var(margin) / 90) / 3
    other = np.where(random.random(60) < 0.8, won, 1 - won)
    difference = lambda a, b, axis: np.mean(a, axis=axis) - np.mean(b, axis=axis)
    paired = bootstrap((won, other), difference, paired=True, method="percentile", n_resamples=200_000, rng=2)
    power = NormalIndPower(ddof=0).solve_power(nobs1=60, alpha=0.05, power=0.8, ratio=0)
    return {
        "won": won.tolist(),
        "margin": margin.tolist(),
        "standard_error": float(exact),
        "interval": [float(end) for end in result.confidence_interval],
        "other": other.tolist(),
        "paired_standard_error": float(np.std(won - other) / np.sqrt(60)),
        "paired_interval": [float(end) for end in paired.confidence_interval],
        "paired_detectable": float(power * np.std(won - other)),
    }


def markdown():
    """As Chatbot Arena's style control counts: utils/add_markdown_info.py of github lmarena/arena-hard-auto."""
    texts = [
        "",
        "plain text, a * b * c, 2.5 and #1",
        "# One\n## Two\n####### seven are none\n#none",
        "1. first\n2. second\n   10. nested\n3.none",
        "- a\n* b\n+ c\n  - d\n\n\n- e\n-none",
        "**bold** and __bold__ and **not\nbold** and ****",
        "before\n```python\n# comment\n- 1\n```\n# after",
        "```\nnever closed\n# header\n",
        "# a\r\n- b\r\n",
        "\u2028# no line here\n\u3000- wide space",
        "- **a**: x\n- **b**: y\n",
    ]
    patterns = [r"^#{%d}\s" % level for level in range(1, 7)]
    patterns += [r"^\s*\d+\.\s", r"^\s*[-*+]\s", r"\*\*[^*\n]+\*\*", r"__[^_\n]+__"]

    def count(text):
        prose = re.sub("```([^`]*)```", "", text)
        return sum(len(re.findall(pattern, prose, re.MULTILINE)) for pattern in patterns)

    return [{"text": text, "elements": count(text)} for text in texts]


with open("statistics.json", "w") as file:
    golden = {
        "wilson": wilson(),
        "sign_test": sign_test(),
        "calibration": calibration(),
        "spearman": spearman(),
        "bootstrap": resampling(),
        "markdown": markdown(),
    }
    json.dump(golden, file, indent=1)
    file.write("\n")
