"""Writes decision-tree.json: what scikit-learn's DecisionTreeClassifier makes of real pairs' attributes.

    make-decision-tree.py SCORED.jsonl

SCORED.jsonl is what `assay score` answers for the pairs of ../../preference/pandalm.jsonl and human-judged-chat.jsonl
with the model of recipes/regression-quickstart.yaml: six predicted attributes of either answer. Pairs too long for it
are left out, and every second one of the rest. Each pair is two rows: chosen - rejected, class 1, and rejected - chosen, class 0. scikit-learn computes
thresholds from the features in float32; so does this file's reader. Trees are kept only if no lot decides: features
that are equally good are taken in random order, so all of 20 random states must give the same tree.
"""

import json
import sys

import numpy as np
from sklearn import __version__
from sklearn.tree import DecisionTreeClassifier

LIMITS = [(1, 1), (3, 20), (8, 20), (20, 30)]  # max_depth, min_samples_leaf

rows = [json.loads(line) for line in open(sys.argv[1])]
rows = [row for row in rows if "chosen_objectives" in row][::2]
names = list(rows[0]["chosen_objectives"])
chosen, rejected = (
    np.array([[row[side][name] for name in names] for row in rows], dtype=np.float32)
    for side in ("chosen_objectives", "rejected_objectives")
)
difference = chosen - rejected
x = np.stack((difference, -difference), 1).reshape(-1, len(names))
y = np.arange(len(x)) % 2 == 0


def fit(depth, leaf, state):
    tree = DecisionTreeClassifier(criterion="gini", max_depth=depth, min_samples_leaf=leaf, random_state=state)
    return tree.fit(x, y)


trees = []
for depth, leaf in LIMITS:
    model = fit(depth, leaf, 0)
    tree = model.tree_
    for state in range(1, 20):
        other = fit(depth, leaf, state).tree_
        assert np.array_equal(tree.feature, other.feature) and np.array_equal(tree.threshold, other.threshold)
    trees.append({
        "max_depth": depth,
        "min_samples_leaf": leaf,
        "children_left": tree.children_left.tolist(),
        "children_right": tree.children_right.tolist(),
        "feature": tree.feature.tolist(),
        "threshold": tree.threshold.tolist(),
        "impurity": tree.impurity.tolist(),
        "n_node_samples": tree.n_node_samples.tolist(),
        "feature_importances": model.feature_importances_.tolist(),
        "probabilities": model.predict_proba(x)[:, 1].tolist(),
    })
    print(depth, leaf, tree.node_count, model.score(x, y))

shortest = lambda values: [[float(str(value)) for value in row] for row in values]
with open("decision-tree.json", "w") as file:
    result = {"scikit-learn": __version__, "attributes": names, "chosen": shortest(chosen), "rejected": shortest(rejected)}
    json.dump(result | {"trees": trees}, file)
    file.write("\n")
