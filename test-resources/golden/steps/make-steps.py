"""Writes golden.safetensors: the cross-entropy of verdicts after steps and its gradients on the model and the texts of
../llama3-causal, by PyTorch in float64. Token 65 says that a step is right, 66 that it is wrong; read_at[i] are the
tokens of text i at which a verdict is predicted, labels[i] what it should be; -1 and NaN where there is none."""

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers import LlamaForCausalLM

given = load_file("../llama3-causal/golden.safetensors")
model = LlamaForCausalLM.from_pretrained("../llama3-causal").double()
torch.manual_seed(0)
ids, mask = given["input_ids"].long(), given["attention_mask"].long()
lengths = mask.sum(1)
read_at = torch.full((len(ids), 3), -1)
labels = torch.full((len(ids), 3), float("nan"))
for i, length in enumerate(lengths.tolist()):
    places = sorted({length // 3, 2 * length // 3, length - 1})
    read_at[i, : len(places)] = torch.tensor(places)
    labels[i, : len(places)] = torch.randint(0, 2, (len(places),)).float()
labels[0, 1] = float("nan")  # a step that nobody judged

logits = model(input_ids=ids, attention_mask=mask).logits
rows, steps = torch.where(~labels.isnan())
picked = logits[rows, read_at[rows, steps]]
loss = F.cross_entropy(picked, torch.where(labels[rows, steps] == 1, 65, 66))
loss.backward()

values = {"read_at": read_at, "labels": labels, "log_odds": (picked[:, 65] - picked[:, 66]).detach()}
values["loss"] = loss.detach().reshape(1)
for name, parameter in model.named_parameters():
    values["grad." + name] = parameter.grad
save_file({n: v.float().contiguous() for n, v in values.items()}, "golden.safetensors", metadata={"format": "pt"})
print(loss.item(), len(rows))
