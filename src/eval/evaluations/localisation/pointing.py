"""Pointing game: whether the largest value lies in the region (Zhang 2018, section 4.1)."""

from .order import Maps, PerEcg, Region, where_there_is_one


def pointing_game(maps: Maps, region: Region) -> PerEcg:
    """1 where the largest value lies in the region, else 0.

    Signed, as published: the largest value speaks for a larger output. Where several are largest,
    the share of them that lies there: an empty map gets what a random one gets.
    """
    largest = maps == maps.max(1, keepdims=True)
    hits = (largest & region).sum(1) / largest.sum(1)
    return where_there_is_one(hits, region)
