"""Tiny reward models in the layouts of other trainers, and the rewards that PyTorch computes for them.

    python make-heads.py        (torch, transformers, safetensors)

One random Llama; its head as OpenRLHF names it (with and without the normalization that config.json may ask for), as
LLaMA-Factory puts it into a file of its own beside a language model, and as TRL's language models with a value head
have it among the other weights. A reward is the head's output at the last token; OpenRLHF's is then (r - mean) / std if
config.json says normalize_reward.
"""
import json
import os
import shutil

import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM

here = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(8)
config = LlamaConfig(
    vocab_size=256, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128, bos_token_id=1, eos_token_id=2, initializer_range=0.3)
model = LlamaForCausalLM(config).eval()
head = torch.nn.Linear(32, 1)
sequences = [[1, 5, 9, 70, 33, 2], [1, 90, 4, 2], [1] + list(range(3, 40)) + [2]]
with torch.no_grad():
    states = [model.model(torch.tensor([ids])).last_hidden_state[0, -1] for ids in sequences]
    bare = [float(state @ head.weight[0]) for state in states]
    biased = [float(head(state)) for state in states]
mean, std = 0.75, 1.6
weight, bias = head.weight.detach().clone(), head.bias.detach().clone()


def folder(name, architecture, changes=None, extra=None, lm_head=True):
    path = os.path.join(here, name)
    shutil.rmtree(path, ignore_errors=True)
    model.save_pretrained(path)
    os.path.exists(p := os.path.join(path, "generation_config.json")) and os.remove(p)
    weights = load_file(os.path.join(path, "model.safetensors"))
    if not lm_head:
        del weights["lm_head.weight"]
    weights.update(extra or {})
    save_file(weights, os.path.join(path, "model.safetensors"), metadata={"format": "pt"})
    with open(os.path.join(path, "config.json")) as file:
        keys = json.load(file)
    keys["architectures"] = [architecture]
    keys.update(changes or {})
    with open(os.path.join(path, "config.json"), "w") as file:
        json.dump(keys, file, indent=2)
    return path


rewards = {}
folder("openrlhf", "RewardModel", {"value_head_prefix": "value_head", "normalize_reward": False, "mean": mean, "std": std},
       {"value_head.weight": weight}, lm_head=False)
rewards["openrlhf"] = bare
folder("openrlhf-normalized", "RewardModel", {"normalize_reward": True, "mean": mean, "std": std},
       {"value_head.weight": weight}, lm_head=False)
rewards["openrlhf-normalized"] = [(r - mean) / std for r in bare]
path = folder("llama-factory", "LlamaForCausalLM")
save_file({"v_head.summary.weight": weight, "v_head.summary.bias": bias}, os.path.join(path, "value_head.safetensors"))
rewards["llama-factory"] = biased
folder("trl-value-head", "LlamaForCausalLM", extra={"v_head.summary.weight": weight, "v_head.summary.bias": bias})
rewards["trl-value-head"] = biased
with open(os.path.join(here, "golden.json"), "w") as file:
    json.dump({"sequences": sequences, "rewards": rewards}, file, indent=1)
