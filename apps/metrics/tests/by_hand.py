"""The metrics as their papers write them, one map and one point at a time, without ties."""

import numpy as np


def pointing_game(heatmap, region):
    """Zhang 2018: a hit when the maximum lies on the object."""
    return float(bool(region[int(np.argmax(heatmap))]))


def top_points(heatmap, count):
    return set(sorted(range(len(heatmap)), key=lambda point: -heatmap[point])[:count])


def relevance_rank(heatmap, region):
    """Arras 2022, equation of the relevance rank accuracy."""
    inside = {point for point, here in enumerate(region) if here}
    return len(top_points(heatmap, len(inside)) & inside) / len(inside)


def top_iou(heatmap, region):
    """Suh 2022, localization score: IoU of the N largest with the N of the region."""
    inside = {point for point, here in enumerate(region) if here}
    found = top_points(heatmap, len(inside))
    return len(found & inside) / len(found | inside)


def relevance_mass(heatmap, region):
    """Arras 2022, relevance mass accuracy of the positive relevance."""
    within = sum(float(a) for a, here in zip(heatmap, region, strict=True) if here and a > 0)
    return within / sum(float(a) for a in heatmap if a > 0)


def weighted(heatmap, region):
    """Ismail 2020 as its code has it: AUP, AUR, AUPR over 10, 20 … 90 % of the saliency."""
    sizes = [abs(float(a)) for a in heatmap]
    low, high = min(sizes), max(sizes)
    saliency = [(a - low) / (high - low) for a in sizes]
    falling = sorted(range(len(saliency)), key=lambda point: -saliency[point])
    precision, recall = [], []
    shares = [tenth / 10 for tenth in range(1, 10)]
    for share in shares:
        positive = []
        while sum(saliency[point] for point in positive) < share * sum(saliency):
            positive.append(falling[len(positive)])
        tp = sum(saliency[point] for point in positive if region[point])
        fp = sum(saliency[point] for point in positive if not region[point])
        fn = sum(saliency[p] for p in range(len(region)) if region[p] and p not in positive)
        precision.append(tp / (tp + fp))
        recall.append(tp / (tp + fn) if tp + fn else 0.0)
    over = [(precision, shares), (recall, shares), (precision, recall)]
    return [float(np.trapezoid(height, along)) / 0.8 for height, along in over]
