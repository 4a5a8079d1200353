"""Writes golden.safetensors: ODIN's loss and its gradients on the model and the pairs of ../llama, by PyTorch.

The trunk is that of ../llama, in float64; the two heads are new. Row 2i is the chosen, 2i + 1 the rejected answer of
pair i, and the lengths are made up.
"""

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers import LlamaForSequenceClassification

LENGTH_WEIGHT, ORTHOGONALITY_WEIGHT = 0.7, 0.3

given = load_file("../llama/golden.safetensors")
model = LlamaForSequenceClassification.from_pretrained("../llama").double()
torch.manual_seed(0)
model.score = torch.nn.Linear(32, 2, bias=False).double()
torch.nn.init.normal_(model.score.weight, std=0.3)

ids, mask = given["input_ids"].long(), given["attention_mask"].long()
lengths = torch.tensor([5, 3, 12, 30, 4, 9, 21, 2])
states = model.model(input_ids=ids, attention_mask=mask).last_hidden_state
rewards = model.score(states[torch.arange(len(ids)), mask.sum(1) - 1])  # [8, 2]

total = rewards.sum(1)
preference = -F.logsigmoid(total[0::2] - total[1::2]).mean()
rho = [torch.corrcoef(torch.stack((lengths.double(), rewards[:, head])))[0, 1] for head in (0, 1)]
cosine = F.cosine_similarity(model.score.weight[0], model.score.weight[1], dim=0)
loss = preference + LENGTH_WEIGHT * ((1 - rho[0]) + rho[1].abs()) + ORTHOGONALITY_WEIGHT * cosine.abs()
loss.backward()

values = {
    "score.weight": model.score.weight.detach(),
    "rewards": rewards.detach(),
    "rho": torch.stack(rho).detach(),
    "loss": loss.detach().reshape(1),
}
for name, parameter in model.named_parameters():
    values["grad." + name] = parameter.grad
values = {name: value.float().contiguous() for name, value in values.items()}
values["lengths"] = lengths.float()
save_file(values, "golden.safetensors", metadata={"format": "pt"})
print(loss.item(), rho, cosine.item())
