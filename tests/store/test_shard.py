import pytest
from ecglens.store import WHOLE, Shard


def test_shards_divide_the_work_without_gaps_and_duplicates():
    parts = [[piece for piece in range(10) if piece in Shard(k, 4)] for k in range(1, 5)]
    assert parts == [[0, 4, 8], [1, 5, 9], [2, 6], [3, 7]]
    assert all(piece in WHOLE for piece in range(10))


def test_a_shard_is_read_as_it_is_written():
    assert Shard.parse("3/64") == Shard(3, 64)
    assert str(Shard(3, 64)) == "shard 3 of 64"


@pytest.mark.parametrize("text", ["0/4", "5/4", "x", "3", "-1/4", "1/0", "1/2/3", ""])
def test_another_text_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=rf"expected shard as number/shards, .* got '{text}'$"):
        Shard.parse(text)
