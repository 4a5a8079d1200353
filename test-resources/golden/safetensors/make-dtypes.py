"""Every dtype that torch 2.15.0 and safetensors 0.8.0 write: dtypes.safetensors, beside this script.

The float tensors hold hard cases: both zeros, subnormals, largest values, infinities, NaN, ties.
"""
import pathlib
import struct

import torch
from safetensors.torch import save_file

bits = [0x00000000, 0x80000000, 0x00000001, 0x807FFFFF, 0x3F800000, 0x3F808000, 0x3F818000, 0x3F808001,
        0x3F80FFFF, 0x7F7FFFFF, 0x7F7F7FFF, 0x7F7F8000, 0xFF800000, 0x7F800000, 0x7FC00000, 0x33800000,
        0x477FE000, 0x477FEFFF, 0x38800000, 0x387FC000, 0x40490FDB, 0xC02DF854, 0x00008000, 0x00018000]
f32 = torch.tensor([struct.unpack("<f", struct.pack("<I", b))[0] for b in bits], dtype=torch.float32)
generator = torch.Generator().manual_seed(1)
f32 = torch.cat([f32, torch.randn(4096 + 17, generator=generator)])
f64 = torch.cat([f32.double(), torch.tensor([1e-300, 1e300, 1 + 2.0**-24, 1 + 3 * 2.0**-24, 1e-45], dtype=torch.float64)])
f16, bf16 = f32.half(), f32.bfloat16()
small = torch.arange(-3, 3).reshape(2, 3)
tensors = {
    "f64": f64, "f64.as_f32": f64.float(), "f32": f32, "f16": f16, "f16.as_f32": f16.float(),
    "bf16": bf16, "bf16.as_f32": bf16.float(), "i64": small, "i32": small.int(), "i16": small.short(),
    "i8": small.to(torch.int8), "u8": small.to(torch.uint8), "bool": small > 0, "f8": small.to(torch.float8_e4m3fn),
    "f4": torch.zeros(2, 3, dtype=torch.uint8).view(torch.float4_e2m1fn_x2), "empty": torch.zeros(3, 0),
    "scalar": torch.tensor(1.5), "naïve \"name\"": torch.ones(1),
}
save_file(tensors, pathlib.Path(__file__).parent / "dtypes.safetensors", {"format": "pt", "made by": "torch"})
