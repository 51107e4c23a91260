"""Draw docs/layers.svg: which layer and area of the project reads which, off dbt's manifest.

    python docs/draw_layers.py [MANIFEST]      (default target/manifest.json, after any dbt command)

A line from one box to another stands for all edges between their models, as wide as there are many;
an edge against the flow would be red. What was counted is printed, and the exit code is 1 if any
edge leads back.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter
from html import escape
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LAYERS = ("raw", "base", "staging", "intermediate", "core", "marts")
# Whose a table below the marts is: the first area one of whose words is in its name, else sales.
AREAS = {
    "calendar": ("date", "month", "clock"),
    "web": ("event", "session", "marketing"),
    "service": ("ticket",),
    "products": ("product", "inventory", "review"),
    "customers": ("customer",),
}
ROWS = ("calendar", "sales", "customers", "products", "recommendations", "web", "service")
WIDTH, HEIGHT, GAP_X, GAP_Y, TOP = 130, 44, 90, 22, 40


def main() -> int:
    """Count, draw, and say what was counted."""
    manifest = json.loads(
        Path(sys.argv[1] if len(sys.argv) > 1 else PROJECT / "target" / "manifest.json").read_text()
    )
    nodes = manifest["nodes"] | manifest["sources"]
    places = {key: place(node) for key, node in nodes.items()}
    places = {key: where for key, where in places.items() if where}
    edges: Counter[tuple[tuple[str, str], tuple[str, str]]] = Counter()
    backward = []
    for key, where in places.items():
        for parent in nodes[key].get("depends_on", {}).get("nodes", []):
            if parent in places:
                edges[places[parent], where] += 1
                if LAYERS.index(places[parent][0]) > LAYERS.index(where[0]):
                    backward.append(f"{parent} -> {key}")
    boxes = Counter(places.values())
    (PROJECT / "docs" / "layers.svg").write_text(drawing(boxes, edges), "utf-8")
    models = [node for node in manifest["nodes"].values() if is_own_model(node)]
    lengths = [len(node["raw_code"].splitlines()) for node in models]
    between = sum(
        parent.startswith("model.") for node in models for parent in node["depends_on"]["nodes"]
    )
    print(f"{len(models)} models, {between} edges between them, {sum(lengths)} lines")
    print(f"lines of a model: median {statistics.median(lengths):.0f}, most {max(lengths)}")
    print(f"edges back: {len(backward)}", *backward, sep="\n  ")
    return 1 if backward else 0


def is_own_model(node: dict) -> bool:
    """Whether a node is a model of this project."""
    return node["resource_type"] == "model" and node["package_name"] == "ecommerce_analytics"


def place(node: dict) -> tuple[str, str] | None:
    """Layer and area of a node; nothing for what is no table of this project's flow."""
    folders = Path(node["original_file_path"]).parts[:-1]
    if node["resource_type"] == "source" or folders[:2] == ("seeds", "raw"):
        return "raw", area(node["name"])
    if not is_own_model(node):
        return None
    if folders[0] == "python_models":
        return "marts", node["config"].get("group") or "products"
    if folders[1] == "sources":
        return "raw", area(node["name"])
    if folders[1] == "staging":
        return ("base" if "base" in folders else "staging"), area(node["name"])
    if folders[1] == "intermediate":
        return "intermediate", area(node["name"])
    if folders[1] == "marts" and folders[2] == "core":
        return "core", area(node["name"])
    return "marts", folders[2] if folders[1] == "marts" else folders[1]


def area(table: str) -> str:
    """The area a table below the marts belongs to, by the words of its name."""
    for name, words in AREAS.items():
        if any(word in table for word in words):
            return name
    return "sales"


def drawing(boxes: Counter, edges: Counter) -> str:
    """The picture as SVG: a column per layer, a box per area with its number of tables."""
    rows = [*ROWS, *sorted({name for _, name in boxes} - {*ROWS})]
    height = TOP + len(rows) * (HEIGHT + GAP_Y)
    corner = {
        (layer, name): (20 + LAYERS.index(layer) * (WIDTH + GAP_X), TOP + row * (HEIGHT + GAP_Y))
        for row, name in enumerate(rows)
        for layer in LAYERS
        if (layer, name) in boxes
    }
    width = 20 + len(LAYERS) * (WIDTH + GAP_X) - GAP_X + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" '
        'font-family="sans-serif" font-size="13" role="img" '
        'aria-label="Layers and areas of the project and what reads what">',
        f'<rect width="{width}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    for (start, end), count in sorted(edges.items()):
        if start[0] == end[0]:
            continue
        x1, y1 = corner[start][0] + WIDTH, corner[start][1] + HEIGHT / 2
        x2, y2 = corner[end][0], corner[end][1] + HEIGHT / 2
        is_back = LAYERS.index(start[0]) > LAYERS.index(end[0])
        parts.append(
            f'<path d="M{x1:.0f} {y1:.0f} C{x1 + 40:.0f} {y1:.0f} {x2 - 40:.0f} {y2:.0f} '
            f'{x2:.0f} {y2:.0f}" fill="none" stroke="{"#d62728" if is_back else "#8d99a0"}" '
            f'stroke-opacity="0.6" stroke-width="{1 + count**0.5:.1f}"/>'
        )
    for column, layer in enumerate(LAYERS):
        x = 20 + column * (WIDTH + GAP_X) + WIDTH / 2
        parts.append(f'<text x="{x:.0f}" y="24" text-anchor="middle" fill="#555">{layer}</text>')
    for box, (x, y) in corner.items():
        parts += [
            f'<rect x="{x:.0f}" y="{y:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="6" '
            'fill="#eef3fb" stroke="#4285e0"/>',
            f'<text x="{x + WIDTH / 2:.0f}" y="{y + 19:.0f}" text-anchor="middle" '
            f'fill="#111">{escape(box[1])}</text>',
            f'<text x="{x + WIDTH / 2:.0f}" y="{y + 35:.0f}" text-anchor="middle" fill="#555" '
            f'font-size="11">{boxes[box]} table{"s" if boxes[box] > 1 else ""}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
