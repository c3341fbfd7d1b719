"""Texts of a figure that leave the canvas, or meet."""

from itertools import combinations


def outside(found, canvas, slack=1.0):
    return [
        text for text, box in found
        if box.x0 < canvas.x0 - slack or box.y0 < canvas.y0 - slack or box.x1 > canvas.x1 + slack or box.y1 > canvas.y1 + slack
    ]  # fmt: skip


def overlapping(found, slack=0.75):
    return [
        (a, b) for (a, x), (b, y) in combinations(found, 2)
        if min(x.x1, y.x1) - max(x.x0, y.x0) > slack and min(x.y1, y.y1) - max(x.y0, y.y0) > slack
    ]  # fmt: skip
