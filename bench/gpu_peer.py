"""What PyTorch and transformers reach on this GPU, for comparison with assay.bench on the same one.

    python bench/gpu_peer.py gemm [--rows 8192]
    python bench/gpu_peer.py attention [--length 4096] [--batch 2]
    python bench/gpu_peer.py training CONFIG_FOLDER [--length 4096] [--batch 2] [--steps 3] [--no-checkpointing]

gemm: the products of a Llama-3-8B step, as assay.bench.GpuGemm. attention: torch's scaled_dot_product_attention with its
flash kernel, causal, 32 heads, 8 key-value heads of 128. training: a sequence classifier of the folder's config.json with
random bf16 weights, AdamW (fused, states in bf16: with fp32 states an 8B model does not fit beside them), the
Bradley-Terry loss, tokens per second over all rows.
"""

import argparse
import time

import torch
import torch.nn.functional as F


def seconds(action, calls=10, rounds=7):
    """Best and median of several rounds, per call."""
    times = []
    for r in range(rounds + 1):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(calls):
            action()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) / calls)
    times = sorted(times[1:])
    return times[0], times[len(times) // 2]


def gemm(options):
    rows, hidden = options.rows, options.rows // 2
    layers = {"q, o": (hidden, hidden), "k, v": (hidden, hidden // 4), "gate, up": (hidden, hidden * 7 // 2),
              "down": (hidden * 7 // 2, hidden)}
    print("| product | M x K x N | bf16 TFLOP/s, best (median) | fp32 |\n|---|---|---|---|")
    for name, (inner, out) in layers.items():
        for layout in ("forward, nt", "dx, nn", "dW, tn"):
            figures = []
            for dtype in (torch.bfloat16, torch.float32):
                x = torch.randn(rows, inner, device="cuda", dtype=dtype)
                w = torch.randn(out, inner, device="cuda", dtype=dtype)
                dy = torch.randn(rows, out, device="cuda", dtype=dtype)
                action = {"forward, nt": lambda: x @ w.T, "dx, nn": lambda: dy @ w, "dW, tn": lambda: dy.T @ x}[layout]
                figures += [2 * rows * inner * out / t * 1e-12 for t in seconds(action)]
            m, k, n = {"forward, nt": (rows, inner, out), "dx, nn": (rows, out, inner), "dW, tn": (out, rows, inner)}[layout]
            print("| {} {} | {} x {} x {} | {:.1f} ({:.1f}) | {:.1f} ({:.1f}) |".format(name, layout, m, k, n, *figures))


def attention(options):
    from torch.nn.attention import SDPBackend, sdpa_kernel

    q, k, v = (torch.randn(options.batch, heads, options.length, 128, device="cuda", dtype=torch.bfloat16,
                           requires_grad=True) for heads in (32, 8, 8))
    out_gradient = torch.randn_like(q)
    with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        def forward():
            return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)

        operations = 2 * options.batch * 32 * options.length**2 * 128  # causal: half of 4 B H T^2 D
        best, median = seconds(forward)
        print(f"forward {operations / best * 1e-12:.1f} ({operations / median * 1e-12:.1f}) TFLOP/s")
        out = forward()
        best, median = seconds(lambda: torch.autograd.grad(out, (q, k, v), out_gradient, retain_graph=True))
        print(f"backward {2.5 * operations / best * 1e-12:.1f} ({2.5 * operations / median * 1e-12:.1f}) TFLOP/s")


def training(options):
    from transformers import AutoConfig, AutoModelForSequenceClassification

    config = AutoConfig.from_pretrained(options.folder, num_labels=1, pad_token_id=0)
    config.use_cache = False
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        model = AutoModelForSequenceClassification.from_config(config, attn_implementation="sdpa")
    torch.set_default_dtype(torch.float32)
    if not options.no_checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6, weight_decay=0.001, fused=True)
    ids = torch.randint(1, config.vocab_size, (options.batch, options.length), device="cuda")

    def step():
        rewards = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.float()[:, 0]
        (-F.logsigmoid(rewards[0::2] - rewards[1::2]).mean()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    step()
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(options.steps):
        step()
    torch.cuda.synchronize()
    elapsed = time.perf_counter() - start
    print(f"{options.steps * ids.numel() / elapsed:.0f} tokens/s, peak {torch.cuda.max_memory_allocated() / 2**30:.2f} GiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(required=True)
    one = kinds.add_parser("gemm")
    one.add_argument("--rows", type=int, default=8192)
    one.set_defaults(run=gemm)
    two = kinds.add_parser("attention")
    two.add_argument("--length", type=int, default=4096)
    two.add_argument("--batch", type=int, default=2)
    two.set_defaults(run=attention)
    three = kinds.add_parser("training")
    three.add_argument("folder")
    three.add_argument("--length", type=int, default=4096)
    three.add_argument("--batch", type=int, default=2)
    three.add_argument("--steps", type=int, default=3)
    three.add_argument("--no-checkpointing", action="store_true")
    three.set_defaults(run=training)
    options = parser.parse_args()
    print("torch", torch.__version__, torch.cuda.get_device_name())
    options.run(options)


if __name__ == "__main__":
    main()
