"""Writes golden.safetensors: the masked squared error of three heads and its gradients on the model and the texts of
../llama, by PyTorch in float64. Ratings are random; NaN where there is none."""

import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaForSequenceClassification

given = load_file("../llama/golden.safetensors")
model = LlamaForSequenceClassification.from_pretrained("../llama").double()
torch.manual_seed(0)
model.score = torch.nn.Linear(32, 3, bias=False).double()
torch.nn.init.normal_(model.score.weight, std=0.3)

ids, mask = given["input_ids"].long(), given["attention_mask"].long()
ratings = torch.rand(8, 3).double()
ratings[torch.rand(8, 3) < 0.4] = float("nan")
states = model.model(input_ids=ids, attention_mask=mask).last_hidden_state
predictions = model.score(states[torch.arange(len(ids)), mask.sum(1) - 1])  # [8, 3]
rated = ~ratings.isnan()
loss = torch.nn.functional.mse_loss(predictions[rated], ratings[rated])
loss.backward()

values = {"score.weight": model.score.weight.detach(), "predictions": predictions.detach(), "ratings": ratings}
values["loss"] = loss.detach().reshape(1)
for name, parameter in model.named_parameters():
    values["grad." + name] = parameter.grad
save_file({n: v.float().contiguous() for n, v in values.items()}, "golden.safetensors", metadata={"format": "pt"})
print(loss.item(), int(rated.sum()))
