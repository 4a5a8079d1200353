"""What transformers 5.23.0 (torch 2.15.0) makes of a config.json, for each model family.

Writes configs.json beside this script: a list of {"name", "config", "expected"}. Sizes and flags
are read off the built modules, not off the configuration, so that they are what is computed with.
"""
import json
import math
import pathlib

import torch
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification

SMALL = dict(vocab_size=48, hidden_size=32, intermediate_size=40, num_hidden_layers=2,
             num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128)
LLAMA3 = dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8192)

CASES = {f"{family}-defaults": dict(model_type=family)
         for family in ["llama", "mistral", "gemma", "gemma2", "gemma3_text", "qwen2", "qwen3"]}
CASES |= {f"{family}-small": dict(model_type=family, **SMALL)
          for family in ["llama", "mistral", "gemma", "gemma2", "gemma3_text", "qwen2", "qwen3"]}
CASES |= {
    # As published: keys of well-known checkpoints, fewer layers.
    "llama-3.1-8b": dict(model_type="llama", attention_bias=False, bos_token_id=128000,
        eos_token_id=[128001, 128008, 128009], hidden_act="silu", hidden_size=4096, intermediate_size=14336,
        max_position_embeddings=131072, mlp_bias=False, num_attention_heads=32, num_hidden_layers=2,
        num_key_value_heads=8, pretraining_tp=1, rms_norm_eps=1e-5, rope_theta=500000.0,
        rope_scaling=dict(rope_type="llama3", **LLAMA3), tie_word_embeddings=False,
        torch_dtype="bfloat16", vocab_size=128256),
    "llama-3.2-1b": dict(model_type="llama", head_dim=64, hidden_size=2048, intermediate_size=8192,
        max_position_embeddings=131072, num_attention_heads=32, num_hidden_layers=2, num_key_value_heads=8,
        rms_norm_eps=1e-5, rope_theta=500000.0, tie_word_embeddings=True, vocab_size=128256,
        rope_scaling=dict(type="llama3", **{**LLAMA3, "factor": 32.0})),
    "llama-old-null": dict(model_type="llama", **{**SMALL, "num_key_value_heads": None}, rope_scaling=None,
        rms_norm_eps=1e-5, pad_token_id=-1),
    "llama-linear": dict(model_type="llama", **SMALL, rope_scaling=dict(type="linear", factor=2.5)),
    "llama-bias": dict(model_type="llama", **SMALL, attention_bias=True, mlp_bias=True, head_dim=6),
    "llama-new": dict(model_type="llama", **SMALL, dtype="bfloat16",
        rope_parameters=dict(rope_type="llama3", rope_theta=500000.0, **{**LLAMA3, "original_max_position_embeddings": 64})),
    "llama-no-original": dict(model_type="llama", **SMALL,
        rope_parameters=dict(rope_type="llama3", rope_theta=1e6, factor=4, low_freq_factor=1, high_freq_factor=4)),
    "mistral-7b-v0.1": dict(model_type="mistral", hidden_size=4096, intermediate_size=14336, num_hidden_layers=2,
        num_attention_heads=32, num_key_value_heads=8, max_position_embeddings=32768, rms_norm_eps=1e-5,
        rope_theta=10000.0, sliding_window=4096, torch_dtype="bfloat16", vocab_size=32000),
    "mistral-no-window": dict(model_type="mistral", **SMALL, sliding_window=None, rope_theta=1000000.0, head_dim=16),
    "gemma-2b": dict(model_type="gemma", head_dim=256, hidden_act="gelu", hidden_activation=None, hidden_size=2048,
        intermediate_size=16384, max_position_embeddings=8192, num_attention_heads=8, num_hidden_layers=2,
        num_key_value_heads=1, rms_norm_eps=1e-6, rope_scaling=None, rope_theta=10000.0, vocab_size=256000),
    "gemma-2-27b": dict(model_type="gemma2", attn_logit_softcapping=50.0, final_logit_softcapping=30.0, head_dim=128,
        hidden_act="gelu_pytorch_tanh", hidden_activation="gelu_pytorch_tanh", hidden_size=4608,
        intermediate_size=36864, max_position_embeddings=8192, num_attention_heads=32, num_hidden_layers=3,
        num_key_value_heads=16, query_pre_attn_scalar=144, rope_theta=10000.0, sliding_window=4096, vocab_size=256000),
    "gemma2-no-caps": dict(model_type="gemma2", **SMALL, attn_logit_softcapping=None, final_logit_softcapping=None,
        layer_types=["full_attention", "sliding_attention"], sliding_window=16, attention_bias=True),
    "gemma-3-1b": dict(model_type="gemma3_text", attn_logit_softcapping=None, final_logit_softcapping=None,
        head_dim=256, hidden_activation="gelu_pytorch_tanh", hidden_size=1152, intermediate_size=6912,
        max_position_embeddings=32768, num_attention_heads=4, num_hidden_layers=7, num_key_value_heads=1,
        query_pre_attn_scalar=256, rms_norm_eps=1e-6, rope_local_base_freq=10000, rope_scaling=None,
        rope_theta=1000000, sliding_window=512, sliding_window_pattern=6, vocab_size=262144),
    "gemma-3-scaled": dict(model_type="gemma3_text", **SMALL, sliding_window_pattern=2, rope_local_base_freq=20000.0,
        rope_theta=500000.0, rope_scaling=dict(rope_type="linear", factor=8.0)),
    "gemma-3-new": dict(model_type="gemma3_text", **SMALL, layer_types=["sliding_attention", "full_attention"],
        rope_parameters=dict(full_attention=dict(rope_type="linear", factor=8.0, rope_theta=1e6),
                             sliding_attention=dict(rope_type="default", rope_theta=1e4))),
    "qwen2.5-0.5b": dict(model_type="qwen2", bos_token_id=151643, eos_token_id=151645, hidden_size=896,
        intermediate_size=4864, max_position_embeddings=32768, max_window_layers=21, num_attention_heads=14,
        num_hidden_layers=2, num_key_value_heads=2, rms_norm_eps=1e-6, rope_theta=1000000.0, sliding_window=32768,
        tie_word_embeddings=True, use_mrope=False, use_sliding_window=False, vocab_size=151936),
    "qwen2-sliding": dict(model_type="qwen2", **{**SMALL, "num_hidden_layers": 3}, use_sliding_window=True,
        sliding_window=8, max_window_layers=1),
    "qwen3-0.6b": dict(model_type="qwen3", attention_bias=False, bos_token_id=151643, eos_token_id=151645,
        head_dim=128, hidden_size=1024, intermediate_size=3072, max_position_embeddings=40960, max_window_layers=28,
        num_attention_heads=16, num_hidden_layers=2, num_key_value_heads=8, rms_norm_eps=1e-6, rope_scaling=None,
        rope_theta=1000000, sliding_window=None, tie_word_embeddings=True, use_sliding_window=False, vocab_size=151936),
    "qwen3-bias-listed": dict(model_type="qwen3", **SMALL, attention_bias=True, use_sliding_window=True,
        sliding_window=8, layer_types=["sliding_attention", "full_attention"]),
    "labels-three": dict(model_type="llama", **SMALL, id2label={"0": "a", "1": "b", "2": "c"},
        label2id={"a": 0, "b": 1, "c": 2}, problem_type="regression"),
    "labels-counted": dict(model_type="llama", **SMALL, num_labels=1),
}


def bits(values):
    return values.to(torch.float32).view(torch.int32).tolist()


def frequencies(rotary, layer_type):
    return bits(getattr(rotary, f"{layer_type}_inv_freq", getattr(rotary, "inv_freq", None)))


def expected(config):
    config = AutoConfig.for_model(**json.loads(json.dumps(config)))
    with torch.device("meta"):
        model = AutoModelForSequenceClassification.from_config(config)
    trunk = model.model
    rotary = type(trunk.rotary_emb)(config)  # not on meta: its values are wanted
    attention, mlp = trunk.layers[0].self_attn, trunk.layers[0].mlp
    norm = type(trunk.norm)(4)
    layer_types = getattr(config, "layer_types", None)
    layers = []
    for i in range(config.num_hidden_layers):
        layer_type = layer_types[i] if layer_types else "full_attention"
        window = config.sliding_window if config.model_type == "mistral" else \
            getattr(trunk.layers[i].self_attn, "sliding_window", None)
        layers.append(dict(sliding_window=window or 0, layer_type=layer_type))
    caps = config.model_type == "gemma2"
    final_cap = getattr(config, "final_logit_softcapping", None) or 0
    result = dict(
        vocab_size=trunk.embed_tokens.num_embeddings, hidden_size=config.hidden_size,
        intermediate_size=mlp.gate_proj.out_features, num_heads=attention.q_proj.out_features // attention.head_dim,
        num_key_value_heads=attention.k_proj.out_features // attention.head_dim, head_dim=attention.head_dim,
        rms_norm_eps=getattr(trunk.norm, "eps", getattr(trunk.norm, "variance_epsilon", None)),
        norm_adds_one=bool((norm.weight == 0).all()),
        activation="SILU" if "SiLU" in type(mlp.act_fn).__name__ else "GELU_TANH",
        activation_class=type(mlp.act_fn).__name__,
        embedding_scale=float(getattr(trunk.embed_tokens, "scalar_embed_scale", 1.0)),
        attention_scale=attention.scaling,
        attention_soft_cap=(attention.attn_logit_softcapping or 0) if caps else 0, logit_soft_cap=final_cap,
        query_key_value_bias=attention.q_proj.bias is not None, output_bias=attention.o_proj.bias is not None,
        mlp_bias=mlp.up_proj.bias is not None, query_key_norm=hasattr(attention, "q_norm"),
        post_norms=hasattr(trunk.layers[0], "pre_feedforward_layernorm"),
        tie_word_embeddings=config.tie_word_embeddings, max_position_embeddings=config.max_position_embeddings,
        initializer_range=config.initializer_range, num_layers=len(trunk.layers), layers=layers,
        inverse_frequencies={t: frequencies(rotary, t) for t in sorted({l["layer_type"] for l in layers})},
        bos_token_id=config.bos_token_id, eos_token_id=config.eos_token_id, pad_token_id=config.pad_token_id,
        num_labels=config.num_labels, labels=[config.id2label[i] for i in range(config.num_labels)],
        architecture=type(model).__name__)
    if config.num_hidden_layers <= 3:
        result["weights"] = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    return result


here = pathlib.Path(__file__).parent
cases = [dict(name=name, config=config, expected=expected(config)) for name, config in CASES.items()]
(here / "configs.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
print(len(cases), "cases")
