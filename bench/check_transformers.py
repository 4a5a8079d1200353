"""Opens a model folder with transformers and compares its rewards with Assay's.

    python bench/check_transformers.py MODEL_DIR PAIRS.jsonl [--rows 20]

Needs torch and transformers. Each conversation is rendered with the folder's own chat template and scored by
AutoModelForSequenceClassification; `./assay score` scores the same rows. Ends with 1 if a reward differs by more
than 1e-5, relative to the reward or 1.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

arguments = argparse.ArgumentParser()
arguments.add_argument("model")
arguments.add_argument("pairs")
arguments.add_argument("--rows", type=int, default=20)
options = arguments.parse_args()

root = pathlib.Path(__file__).resolve().parent.parent
tokenizer = AutoTokenizer.from_pretrained(options.model)
model = AutoModelForSequenceClassification.from_pretrained(options.model, dtype=torch.float32).eval()
limit = model.config.max_position_embeddings


def ids_of(conversation):
    text = tokenizer.apply_chat_template(conversation, tokenize=False)
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    with_special = tokenizer("a")["input_ids"]
    bos = tokenizer.bos_token_id
    adds_bos = bos is not None and with_special[:1] == [bos]
    return [bos] + ids if adds_bos and ids[:1] != [bos] else ids


rows, expected = [], []
for line in open(options.pairs, encoding="utf-8"):
    row = json.loads(line)
    ids = [ids_of(row[side]) for side in ("chosen", "rejected")]
    if max(map(len, ids)) > limit:
        continue
    with torch.no_grad():
        rewards = [model(torch.tensor([one])).logits[0, 0].item() for one in ids]
    rows.append({"chosen": row["chosen"], "rejected": row["rejected"]})
    expected.append(rewards)
    if len(rows) == options.rows:
        break

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "rows.jsonl")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    output = subprocess.run(
        [root / "assay", "score", "--model", options.model, "--input", path],
        check=True, capture_output=True, text=True).stdout

worst = 0.0
for line, (chosen, rejected) in zip(output.splitlines(), expected, strict=True):
    answer = json.loads(line)
    for actual, reward in ((answer["chosen_reward"], chosen), (answer["rejected_reward"], rejected)):
        worst = max(worst, abs(actual - reward) / max(1.0, abs(reward)))
print(f"{2 * len(rows)} rewards, worst difference {worst:.2e}")
sys.exit(worst > 1e-5)
