"""Writes the Parquet files of this folder, and pairs.jsonl with the same rows as JSON Lines.

Needs pyarrow (26.0.1 was used). The texts are our own.
"""

import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = pathlib.Path(__file__).parent


def turn(role, content, name=None):
    return {"role": role, "content": content, "name": name}


def pair(number, prompt, chosen, rejected, margin):
    return {
        "id": f"pair-{number}",
        "source": "even" if number % 2 == 0 else "odd",
        "margin": margin,
        "chosen": prompt + [turn("assistant", chosen)],
        "rejected": prompt + [turn("assistant", rejected)],
        "tags": [] if number % 3 == 0 else ["a", None, "b"],
    }


ROWS = [
    pair(0, [turn("user", "What is two plus two?")], "Four.", "Five.", 0.5),
    pair(1, [turn("user", "Name a colour.", "Ann")], "Blue.", "Tuesday.", None),
    pair(2, [turn("system", "Be brief."), turn("user", "Hello")], "Hi!", "I see.\n\nWell, hello.", 1.25),
    pair(3, [turn("user", "Größe?"), turn("assistant", "1,80 m"), turn("user", "Und 😀?")], "漢字", "\u2028", None),
    pair(4, [turn("user", "Write much.")], "word " * 500, "No.", 0.0),
    pair(5, [turn("user", 'Quote "this" \\ that')], "'\"'", "\t", -0.125),
    pair(6, [turn("user", "Again: two plus two?")], "Four", "4,0", None),
]

TURNS = pa.list_(
    pa.struct([("role", pa.string()), ("content", pa.string()), ("name", pa.string())])
)
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("margin", pa.float64()),
        ("chosen", TURNS),
        ("rejected", TURNS),
        ("tags", pa.list_(pa.string())),
    ]
)
IDS = pa.schema([("chosen_ids", pa.list_(pa.int64())), ("rejected_ids", pa.list_(pa.int32()))])


def main():
    with open(FOLDER / "pairs.jsonl", "w", encoding="utf-8") as out:
        for row in ROWS:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    table = pa.Table.from_pylist(ROWS, schema=SCHEMA)
    for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
        # Three rows a group, so that seven rows cross groups and the last group is short.
        pq.write_table(table, FOLDER / f"pairs-{codec}.parquet", compression=codec, row_group_size=3)
    pq.write_table(
        table,
        FOLDER / "pairs-v2-pages.parquet",
        compression="snappy",
        data_page_version="2.0",
        version="2.6",
        use_dictionary=False,
    )
    ids = pa.Table.from_pylist(
        [
            {"chosen_ids": [1, 2, 3], "rejected_ids": [1, 2, 4, 5]},
            {"chosen_ids": [7], "rejected_ids": [7, 7]},
        ],
        schema=IDS,
    )
    pq.write_table(ids, FOLDER / "ids.parquet", compression="zstd")


main()
