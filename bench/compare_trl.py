"""Trains the same pairs from the same weights with TRL and with Assay, in turns, and compares speed, memory and losses.

    python bench/compare_trl.py MODEL_DIR PAIRS.jsonl [--steps 4] [--batch 8] [--max-length 512] [--modes fp32,bf16] [--checkpointing]

Needs torch, transformers and TRL. A mode is what TRL computes in; a "+" after it turns gradient checkpointing off
(bf16 with checkpointing is TRL's default). Assay computes in fp32, with checkpointing only if asked to. Tokens are counted as TRL counts them: both
sides of each pair, without padding. "steady" leaves out the first step, in which one side allocates and the other
compiles. A run that takes longer than --limit seconds is ended, and the steps it made are what counts.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("pairs")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--max-length", type=int, default=512)
    parser.add_argument("--micro-batch-tokens", type=int, default=1024)
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--learning-rate", type=float, default=1e-5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--modes", default="fp32,bf16")
    parser.add_argument("--limit", type=float, default=600)
    parser.add_argument("--worker", help=argparse.SUPPRESS)  # this script as TRL's process: the mode
    return parser.parse_args()


def prepare(options, folder):
    """The start of all runs: a classifier with a head, and pairs of which both sides fit."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    torch.manual_seed(1)
    model = AutoModelForSequenceClassification.from_pretrained(options.model, num_labels=1, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.unk_token or tokenizer.eos_token
    model.config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder / "start")
    tokenizer.save_pretrained(folder / "start")

    def length(conversation):
        text = tokenizer.apply_chat_template(conversation, tokenize=False)
        return len(tokenizer(text, add_special_tokens=False)["input_ids"])

    kept = 0
    with open(options.pairs) as source, open(folder / "pairs.jsonl", "w") as target:
        for line in source:
            row = json.loads(line)
            if kept < options.batch * options.steps and max(length(row[side]) for side in ("chosen", "rejected")) <= options.max_length:
                target.write(json.dumps({side: row[side] for side in ("chosen", "rejected")}) + "\n")
                kept += 1
    if kept < options.batch * options.steps:
        sys.exit(f"{options.pairs} has only {kept} pairs that fit")


def train_with_trl(options):
    """TRL's process: prints a line of JSON per step."""
    import torch
    from datasets import Dataset
    from transformers import AutoTokenizer, TrainerCallback
    from trl import RewardConfig, RewardTrainer

    torch.set_num_threads(options.threads)
    rows = [json.loads(line) for line in open(options.pairs)]
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    counts = []
    for row in rows:
        texts = [tokenizer.apply_chat_template(row[side], tokenize=False) for side in ("chosen", "rejected")]
        counts.append(sum(len(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts))

    class Report(TrainerCallback):
        def on_step_begin(self, *_, **__):
            self.start = time.time()

        def on_step_end(self, _, state, *__, **___):
            first = (state.global_step - 1) * options.batch
            self.row = dict(
                tokens=sum(counts[first : first + options.batch]),
                seconds=time.time() - self.start,
                peak_rss_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            )

        def on_log(self, _, __, ___, logs=None, **____):
            if "loss" in logs:
                print(json.dumps(self.row | dict(loss=float(logs["loss"]))), flush=True)

    config = RewardConfig(
        output_dir=tempfile.mkdtemp(),
        per_device_train_batch_size=options.batch,
        max_steps=options.steps,
        max_length=options.max_length,
        learning_rate=options.learning_rate,
        lr_scheduler_type="cosine",
        bf16=options.worker.startswith("bf16"),
        gradient_checkpointing=not options.worker.endswith("+"),
        train_sampling_strategy="sequential",
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        dataloader_pin_memory=False,
        disable_dropout=True,
        model_init_kwargs=dict(dtype=torch.float32, attn_implementation="sdpa"),
    )
    trainer = RewardTrainer(
        model=options.model,
        args=config,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        callbacks=[Report()],
    )
    trainer.train()


def run_trl(options, folder, mode):
    command = [sys.executable, __file__, str(folder / "start"), str(folder / "pairs.jsonl"), "--worker", mode]
    for name in ("steps", "batch", "max_length", "learning_rate", "threads"):
        command += ["--" + name.replace("_", "-"), str(getattr(options, name))]
    output = run(command, options.limit)
    return [json.loads(line) for line in output.splitlines() if line.startswith('{"tokens"')]


def run_assay(options, folder, name):
    recipe = {
        "model": str(folder / "start"),
        "output": str(folder / name),
        "data": {"train": [str(folder / "pairs.jsonl")], "max_length": options.max_length, "shuffle": False},
        "training": {
            "max_steps": options.steps,
            "batch_size": options.batch,
            "micro_batch_tokens": options.micro_batch_tokens,
            "learning_rate": options.learning_rate,
            "weight_decay": 0,
            "gradient_checkpointing": options.checkpointing,
        },
    }
    (folder / f"{name}.yaml").write_text(json.dumps(recipe))  # JSON is YAML
    run([str(ROOT / "assay"), "train", str(folder / f"{name}.yaml"), "--threads", str(options.threads)], options.limit)
    return [json.loads(line) for line in open(folder / name / "metrics.jsonl")]


def run(command, limit):
    """Standard output of a command that is killed after the limit."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            output = process.communicate(timeout=limit)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            return process.communicate()[0]
        if process.returncode != 0:
            errors.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{errors.read()[-4000:]}")
        return output


def print_row(name, steps, planned):
    if not steps:
        print(f"| {name} | 0/{planned} | - | - | - | - |", flush=True)
        return
    rate = lambda rows: f"{sum(r['tokens'] for r in rows) / sum(r['seconds'] for r in rows):.1f}" if rows else "-"
    peak = max(step["peak_rss_bytes"] for step in steps) / 1e9
    losses = " ".join(f"{step['loss']:.5f}" for step in steps)
    print(f"| {name} | {len(steps)}/{planned} | {rate(steps)} | {rate(steps[1:])} | {peak:.2f} | {losses} |", flush=True)


def main():
    options = parse()
    if options.worker:
        train_with_trl(options)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(options, folder)
        print("| run | steps | tokens/s | steady | peak RSS, GB | losses |")
        print("|---|---|---|---|---|---|", flush=True)
        for i, mode in enumerate(options.modes.split(",")):
            print_row("Assay fp32", run_assay(options, folder, f"assay-{i}"), options.steps)
            checkpointing = "no checkpointing" if mode.endswith("+") else "checkpointing"
            print_row(f"TRL {mode.rstrip('+')}, {checkpointing}", run_trl(options, folder, mode), options.steps)


if __name__ == "__main__":
    main()
