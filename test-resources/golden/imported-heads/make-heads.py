"""Tiny reward models in the layouts of other trainers, and the rewards that PyTorch computes for them.

    python make-heads.py        (torch, transformers, safetensors)

One random Llama; its head as OpenRLHF names it (with and without the normalization that config.json may ask for), as
LLaMA-Factory puts it into a file of its own beside a language model, and as TRL's language models with a value head
have it among the other weights. A reward is the head's output at the last token; OpenRLHF's is then (r - mean) / std if
config.json says normalize_reward. OpenRLHF's published models name the head score and say nothing of labels.

Conversations are token ids as OpenRLHF's RewardDataset makes them: the template's text without line ends at its end,
then the EOS token if it is not there, tokenized without special tokens.
"""
import json
import os
import shutil

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

here = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(8)
config = LlamaConfig(
    vocab_size=256, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128, bos_token_id=1, eos_token_id=2, initializer_range=0.3)
model = LlamaForCausalLM(config).eval()
head = torch.nn.Linear(32, 1)
sequences = [[1, 5, 9, 70, 33, 2], [1, 90, 4, 2], [1] + list(range(3, 40)) + [2]]
mean, std = 0.75, 1.6


def padded(left):
    """Ids and mask [rows, columns]; OpenRLHF pads on the left, LLaMA-Factory on the right."""
    columns = max(map(len, sequences))
    gaps = [columns - len(ids) for ids in sequences]
    rows = [[0] * gap * left + ids + [0] * gap * (not left) for ids, gap in zip(sequences, gaps)]
    mask = [[0] * gap * left + [1] * len(ids) + [0] * gap * (not left) for ids, gap in zip(sequences, gaps)]
    return torch.tensor(rows), torch.tensor(mask)


def openrlhf(weight):
    """RewardModel.forward: positions count what is not padding, the reward is read at the last of it."""
    ids, mask = padded(left=True)
    positions = (mask.cumsum(-1) - 1).masked_fill(mask == 0, 1)
    states = model.model(ids, attention_mask=mask, position_ids=positions).last_hidden_state
    values = torch.nn.functional.linear(states, weight).squeeze(-1)
    last = mask.size(1) - 1 - mask.fliplr().argmax(dim=1, keepdim=True)
    return values.gather(1, last).squeeze(1)


def value_head():
    """AutoModelForCausalLMWithValueHead, and LLaMA-Factory's choice of the token."""
    ids, mask = padded(left=False)
    states = model(ids, attention_mask=mask, output_hidden_states=True).hidden_states[-1]
    return head(states).squeeze(-1).gather(1, mask.sum(-1, keepdim=True) - 1).squeeze(1)


with torch.no_grad():
    bare, biased = openrlhf(head.weight).tolist(), value_head().tolist()
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
folder("openrlhf-score", "LLMForSequenceRegression", {"value_head_prefix": "score"}, {"score.weight": weight}, lm_head=False)
rewards["openrlhf-score"] = bare
path = folder("llama-factory", "LlamaForCausalLM")
save_file({"v_head.summary.weight": weight, "v_head.summary.bias": bias}, os.path.join(path, "value_head.safetensors"))
rewards["llama-factory"] = biased
folder("trl-value-head", "LlamaForCausalLM", extra={"v_head.summary.weight": weight, "v_head.summary.bias": bias})
rewards["trl-value-head"] = biased

tokenizer = AutoTokenizer.from_pretrained(os.path.join(here, "../trl-stories260k/model"))
messages = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Once upon a time.\n"}]
turns = "{% for message in messages %}{{ message.role + ': ' + message.content }}"
conversations = []
for template in (turns + "{% endfor %}", "{{ bos_token }}" + turns + "{{ eos_token + '\n\n' }}{% endfor %}"):
    text = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False).rstrip("\n")
    if not text.endswith(tokenizer.eos_token):
        text += " " + tokenizer.eos_token
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    ids[-1] = tokenizer.eos_token_id
    conversations.append({"template": template, "ids": ids})

with open(os.path.join(here, "golden.json"), "w") as file:
    json.dump({"sequences": sequences, "rewards": rewards, "messages": messages, "conversations": conversations}, file, indent=1)
