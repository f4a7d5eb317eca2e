"""Relevance through attention: AttnLRP (Achtibat 2024) written out, and what adds up."""

from typing import Any

import pytest
import torch
from ecglens.explain import attribute, find
from ecglens_zoo import StMem
from torch import Tensor, nn
from torch.nn import functional

from .networks import ecgs, filled

HEADS, WIDTH, TOKENS = 2, 6, 10
EXACT = find("lrp_epsilon", epsilon=0.0)


class Attending(nn.Module):
    """Means of four samples as tokens, attention between them, and their mean."""

    def __init__(self) -> None:
        super().__init__()
        self.pool, self.embed = nn.AvgPool1d(4), nn.Linear(12, WIDTH)
        self.attend = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.head = nn.Linear(WIDTH, 2)

    def between(self, tokens: Tensor) -> Tensor:
        return self.attend(tokens, tokens, tokens)[0]

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.between(self.embed(self.pool(x).transpose(1, 2) / 5)).mean(1))

    def heads(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, (batch, head, token, part of the width)."""
        together = functional.linear(tokens, self.attend.in_proj_weight, self.attend.in_proj_bias)
        parts = together.unflatten(2, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        return parts[0], parts[1], parts[2]

    def joined(self, heads: Tensor) -> Tensor:
        return self.attend.out_proj(heads.transpose(1, 2).flatten(2))


class Written(Attending):
    def between(self, tokens: Tensor) -> Tensor:
        q, k, v = self.heads(tokens)
        weights = (q @ k.transpose(2, 3) * q.shape[-1] ** -0.5).softmax(-1)
        return self.joined(weights @ v)


class AsOneFunction(Attending):
    def between(self, tokens: Tensor) -> Tensor:
        return self.joined(functional.scaled_dot_product_attention(*self.heads(tokens)))


class ByEinsum(Attending):
    def between(self, tokens: Tensor) -> Tensor:
        q, k, v = self.heads(tokens)
        logits = torch.einsum("bhid,bhjd->bhij", q, k) / q.shape[-1] ** 0.5
        weights = functional.softmax(logits, dim=-1)
        return self.joined(torch.einsum("bhij,bhjd->bhid", weights, v))


class ByBatches(Attending):
    """Heads as further rows of the batch, by torch.bmm; and attention in another layout."""

    def between(self, tokens: Tensor) -> Tensor:
        q, k, v = (one.flatten(0, 1) for one in self.heads(tokens))
        weights = torch.softmax(torch.bmm(q, k.transpose(1, 2)) / q.shape[-1] ** 0.5, -1)
        return self.joined(torch.bmm(weights, v).unflatten(0, (-1, HEADS)))


class ByName(Attending):
    """The second factor by the names that torch and numpy have for it."""

    def between(self, tokens: Tensor) -> Tensor:
        q, k, v = (one.flatten(0, 1) for one in self.heads(tokens))
        logits = torch.bmm(q, mat2=k.transpose(1, 2)) / q.shape[-1] ** 0.5
        matmul: Any = torch.matmul  # whose stub has the names of torch alone
        mixed = matmul(logits.softmax(-1), x2=v)
        return self.joined(mixed.unflatten(0, (-1, HEADS)))


class TimeFirst(Attending):
    def between(self, tokens: Tensor) -> Tensor:
        other = nn.MultiheadAttention(WIDTH, HEADS)
        other.load_state_dict(self.attend.state_dict())
        other.eval().requires_grad_(False)
        tokens = tokens.transpose(0, 1)
        return other(tokens, tokens, tokens, need_weights=False)[0].transpose(0, 1)


def by_hand(net: Attending, x: Tensor) -> Tensor:
    """AttnLRP in float64 for one ECG and output 0, rule by rule, each with its divisions.

    A linear layer z_j = Σ a_i w_ij + b_j sends R_i = a_i Σ_j w_ij R_j / z_j (equation 8); softmax
    sends x_i (R_i − s_i Σ R_j) (proposition 3.1); a product O = A V sends A_ji V_ip R_jp / 2 O_jp
    to each of its factors (proposition 3.3).
    """
    net = net.double()

    def linear(a: Tensor, w: Tensor, b: Tensor, relevance: Tensor) -> Tensor:
        z = a @ w.T + b
        return a * ((relevance / z) @ w)

    tokens = x.double().unflatten(1, (TOKENS, 4)).mean(-1).T
    first = (net.embed.weight / 5, net.embed.bias)
    embedded = tokens @ first[0].T + first[1]
    width = WIDTH // HEADS
    weight, bias = net.attend.in_proj_weight, net.attend.in_proj_bias
    q, k, v = (embedded @ weight.T + bias).chunk(3, -1)
    parts = [slice(h * width, (h + 1) * width) for h in range(HEADS)]
    logits = [q[:, one] @ k[:, one].T / width**0.5 for one in parts]
    weights = [one.softmax(-1) for one in logits]
    mixed = torch.cat([s @ v[:, one] for s, one in zip(weights, parts, strict=True)], -1)
    out = net.attend.out_proj
    result = mixed @ out.weight.T + out.bias

    relevance = result * net.head.weight[0] / TOKENS  # the mean is a linear layer, and the head
    relevance = linear(mixed, out.weight, out.bias, relevance)
    of_q, of_k, of_v = torch.zeros_like(q), torch.zeros_like(k), torch.zeros_like(v)
    for s, z, part in zip(weights, logits, parts, strict=True):
        o, r = mixed[:, part], relevance[:, part]
        of_s = torch.zeros_like(s)
        for j in range(TOKENS):
            for i in range(TOKENS):
                for p in range(width):
                    share = s[j, i] * v[i, part][p] * r[j, p] / (2 * o[j, p])
                    of_s[j, i] += share
                    of_v[i, part.start + p] += share
        of_z = z * (of_s - s * of_s.sum(-1, keepdim=True))
        for j in range(TOKENS):
            for i in range(TOKENS):
                for p in range(part.start, part.stop):
                    share = q[j, p] * k[i, p] / width**0.5 * of_z[j, i] / (2 * z[j, i])
                    of_q[j, p] += share
                    of_k[i, p] += share
    found = linear(embedded, weight, bias, torch.cat([of_q, of_k, of_v], -1))
    found = linear(tokens, *first, found).T
    four = x.double().unflatten(1, (TOKENS, 4))
    return (found[:, :, None] * four / four.sum(-1, keepdim=True)).flatten(1)


def close(found: Tensor, expected: Tensor) -> None:
    size = float(expected.abs().max())
    torch.testing.assert_close(found.double(), expected.double(), rtol=1e-3, atol=1e-4 * size)


def test_it_is_the_rule_of_attnlrp_written_out():
    x = ecgs() + 3.0
    found = attribute(EXACT, filled(Attending()), x)
    for one, own in zip(x, found, strict=True):
        close(own, by_hand(filled(Attending()), one).detach())


@pytest.mark.parametrize("kind", [Written, AsOneFunction, ByEinsum, ByBatches, ByName, TimeFirst])
def test_the_way_attention_is_written_changes_nothing(kind):
    x = ecgs()
    expected = attribute("lrp_epsilon", filled(Attending()), x)
    close(attribute("lrp_epsilon", filled(kind()), x), expected)


class Product(nn.Module):
    """A matrix product of two linear functions of the ECG: no bias, no softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(12, 4, bias=False), nn.Linear(12, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(1, 2)
        return (self.first(x).transpose(1, 2) @ self.second(x)).flatten(1)


def test_a_matrix_product_keeps_all_relevance_and_gives_each_factor_half():
    net, x = filled(Product()), ecgs()
    found = attribute(EXACT, net, x)
    with torch.no_grad():
        close(found.sum((1, 2)), net(x)[:, 0])
    close(found, attribute("input_x_gradient", net, x) / 2)


class Brackets(nn.Module):
    """A product of three values of the ECG, (A B) C or A (B C)."""

    def __init__(self, left: bool) -> None:
        super().__init__()
        self.left = left

    def forward(self, x: Tensor) -> Tensor:
        a, b, c = x[:, :2, :2], x[:, 2:4, :2], x[:, 4:6, :2]
        return ((a @ b) @ c if self.left else a @ (b @ c)).flatten(1)


@pytest.mark.parametrize(
    ("left", "shares"), [(True, (0.25, 0.25, 0.5)), (False, (0.5, 0.25, 0.25))]
)
def test_of_three_factors_the_brackets_decide(left, shares):
    net, x = Brackets(left).eval(), ecgs() + 3.0
    found = attribute(EXACT, net, x)
    with torch.no_grad():
        output = net(x)[:, :1]
    factors = torch.stack([found[:, at : at + 2].sum((1, 2)) for at in (0, 2, 4)], 1)
    close(factors, output * torch.tensor(shares))


class Shares(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean(1).softmax(-1)


def test_softmax_is_its_tangent_and_absorbs_the_rest():
    x = ecgs() / 3
    z = x.mean(1)
    s = z.softmax(-1)
    kept = z * s * ((torch.arange(40) == 5).float() - s[:, 5:6])
    found = attribute(EXACT, Shares().eval(), x, target=5).sum(1)
    close(found, kept)
    assert not torch.allclose(found.sum(1), s[:, 5], rtol=0.1)


class Odds(nn.Module):
    """log p − log(1 − p) of time 0 in a softmax over time."""

    def forward(self, x: Tensor) -> Tensor:
        z = x.mean(1)
        return (z[:, 0] - z[:, 1:].logsumexp(1))[:, None]


def test_the_log_odds_of_a_softmax_divide_by_the_shares_of_the_other_classes():
    x = ecgs() / 3
    z = x.mean(1)
    found = attribute(EXACT, Odds().eval(), x).sum(1)
    close(found[:, 0], z[:, 0])
    close(found[:, 1:], -z[:, 1:] * z[:, 1:].softmax(-1))


class Masked(Attending):
    """A token reads those before it, by a mask of the network's own."""

    def between(self, tokens: Tensor) -> Tensor:
        q, k, v = self.heads(tokens)
        hidden = torch.ones(TOKENS, TOKENS, dtype=torch.bool).triu(1)
        logits = (q @ k.transpose(2, 3) / q.shape[-1] ** 0.5).masked_fill(hidden, -torch.inf)
        return self.joined(logits.softmax(-1) @ v)


class Causal(Attending):
    def between(self, tokens: Tensor) -> Tensor:
        q, k, v = self.heads(tokens)
        return self.joined(functional.scaled_dot_product_attention(q, k, v, is_causal=True))


class MaskGiven(Attending):
    def between(self, tokens: Tensor) -> Tensor:
        hidden = torch.ones(TOKENS, TOKENS, dtype=torch.bool).triu(1)
        return self.attend(tokens, tokens, tokens, attn_mask=hidden)[0]


class MaskAdded(Attending):
    def between(self, tokens: Tensor) -> Tensor:
        mask = torch.full((TOKENS, TOKENS), -torch.inf).triu(1)
        q, k, v = self.heads(tokens)
        return self.joined(functional.scaled_dot_product_attention(q, k, v, attn_mask=mask))


@pytest.mark.parametrize("kind", [Causal, MaskGiven, MaskAdded])
def test_masks_are_masks_however_they_are_given(kind):
    x = ecgs()
    expected = attribute("lrp_epsilon", filled(Masked()), x)
    assert not torch.allclose(expected, attribute("lrp_epsilon", filled(Attending()), x), rtol=0.1)
    close(attribute("lrp_epsilon", filled(kind()), x), expected)


class QueryLearnt(Attending):
    """One learnt query reads all tokens: its logits are linear in the ECG."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.empty(1, 1, WIDTH))

    def between(self, tokens: Tensor) -> Tensor:
        return self.attend(self.query.expand(len(tokens), -1, -1), tokens, tokens)[0]


class QueryLearntWritten(QueryLearnt):
    def between(self, tokens: Tensor) -> Tensor:
        q = self.heads(self.query.expand(len(tokens), -1, -1))[0]
        _, k, v = self.heads(tokens)
        weights = (q @ k.transpose(2, 3) * q.shape[-1] ** -0.5).softmax(-1)
        return self.joined(weights @ v)


def test_a_learnt_query_gets_no_relevance():
    x = ecgs()
    found = attribute(EXACT, filled(QueryLearnt()), x)
    close(found, attribute(EXACT, filled(QueryLearntWritten()), x))
    assert found.abs().max() > 0


class Grouped(Attending):
    def between(self, tokens: Tensor) -> Tensor:
        q, k, v = self.heads(tokens)
        mixed = functional.scaled_dot_product_attention(q, k[:, :1], v[:, :1], enable_gqa=True)
        return self.joined(mixed)


class KeysAdded(Attending):
    def __init__(self) -> None:
        super().__init__()
        self.attend = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True, add_bias_kv=True)


class TokensFirst(Attending):
    """Products in which the batch does not come first."""

    def between(self, tokens: Tensor) -> Tensor:
        q, k, v = (one.permute(2, 1, 0, 3) for one in self.heads(tokens))
        weights = torch.einsum("ihbd,jhbd->ijhb", q, k).softmax(1)
        return self.joined(torch.einsum("ijhb,jhbd->bhid", weights, v))


class ThreeAtOnce(Attending):
    def between(self, tokens: Tensor) -> Tensor:
        q, k, v = self.heads(tokens)
        return self.joined(torch.einsum("bhid,bhjd,bhje->bhie", q, k, v) / 50)


@pytest.mark.parametrize("kind", [Grouped, KeysAdded, TokensFirst, ThreeAtOnce])
def test_a_form_without_a_rule_is_refused(kind):
    with pytest.raises(ValueError, match=r"expected relevance that adds up|expected a map from"):
        attribute("lrp_epsilon", filled(kind()), ecgs())


class Encoder(nn.Module):
    def __init__(self, norm_first: bool = False, batch_first: bool = True) -> None:
        super().__init__()
        self.embed = nn.Conv1d(12, WIDTH, 4, 4)
        layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 8, batch_first=batch_first, norm_first=norm_first
        )
        self.blocks = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(self.embed(x / 5).transpose(1, 2)).mean(1))


@pytest.mark.parametrize("name", ["lrp_epsilon", "lrp_composite"])
@pytest.mark.parametrize("norm_first", [False, True])
def test_an_encoder_of_torch_has_a_map_of_each_ecg_alone(name, norm_first):
    net, x = filled(Encoder(norm_first=norm_first)), ecgs()
    together = attribute(name, net, x)
    close(together, torch.cat([attribute(name, net, one) for one in x.split(1)]))


class TimeFirstThroughout(Encoder):
    """torch's default: tokens, then ECGs."""

    def __init__(self) -> None:
        super().__init__(batch_first=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(self.embed(x / 5).permute(2, 0, 1)).mean(0))


@pytest.mark.parametrize("count", [1, 2, 5])  # of which 10 tokens are a multiple
def test_an_encoder_in_which_tokens_come_first_is_refused(count):
    with pytest.raises(ValueError, match=r"expected relevance that adds up|expected a map from"):
        attribute("lrp_epsilon", filled(TimeFirstThroughout()), ecgs(count))


def test_st_mem_has_relevance():
    net = filled(StMem(width=64, depth=2, samples=600))
    x = 100 * torch.randn(2, 12, 600, generator=torch.Generator().manual_seed(0))
    found = attribute("lrp_epsilon", net, x)
    close(found, torch.cat([attribute("lrp_epsilon", net, one) for one in x.split(1)]))
    with pytest.raises(ValueError, match="expected a first conv1d or linear layer"):
        attribute("lrp_composite", net, x)
