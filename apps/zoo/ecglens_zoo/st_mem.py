"""The vision transformer of ST-MEM (Na et al. 2024) for ECGs."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

HEAD_WIDTH = 64  # of an attention head


class StMem(nn.Module):
    """Encoder and head of ST-MEM (Na 2024), ViT-B: 85 151 383 parameters, 12 leads, one target.

    A lead is cut into patches of `patch` samples; a patch becomes a token by a linear layer and by
    vectors learned for its place and its lead; a token that marks an edge stands at both ends of
    each lead. The mean over the patches of all leads after `depth` transformer layers is read by a
    linear layer. Any number of patches up to `samples`. The published encoder wants 2250 samples
    at 250 Hz, 0.67–40 Hz, z-scored over all leads; its head is not published.
    """

    def __init__(
        self,
        targets: int = 1,
        leads: int = 12,
        samples: int = 2250,
        patch: int = 75,
        width: int = 768,
        depth: int = 12,
    ) -> None:
        """ValueError when `samples` are no whole number of patches, or heads of the width."""
        super().__init__()
        if samples % patch or width % HEAD_WIDTH:
            raise ValueError(
                f"expected samples as a multiple of patch and width as one of {HEAD_WIDTH}, "
                f"got {samples=}, {patch=} and {width=}"
            )
        self.samples, self.patch, self.depth = samples, patch, depth
        self.pos_embedding = nn.Parameter(torch.empty(1, samples // patch + 2, width))
        self.sep_embedding = nn.Parameter(torch.empty(width))
        self.to_patch_embedding = nn.Sequential(
            nn.Unflatten(2, (-1, patch)),
            nn.LayerNorm(patch),
            nn.Linear(patch, width),
            nn.LayerNorm(width),
        )
        self.lead_embeddings = _Vectors(leads, width)
        for k in range(depth):
            self.add_module(f"block{k}", _Layer(width))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, targets)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the vectors of places and edges."""
        nn.init.normal_(self.pos_embedding)
        nn.init.normal_(self.sep_embedding)

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """One row of outputs per ECG; ValueError for a length that is no number of patches."""
        if x.shape[2] % self.patch or not 0 < x.shape[2] <= self.samples:
            raise ValueError(
                f"expected a multiple of {self.patch} samples, {self.samples} at most, got "
                f"{x.shape[2]}; crop the ECGs, or train a network with other patch= and samples="
            )
        leads = x.shape[1]
        patches = self.to_patch_embedding(x)
        places, vectors = self.pos_embedding[:, None], torch.stack([*self.lead_embeddings])
        edges = [
            (self.sep_embedding + places[:, :, end]).expand(len(x), leads, -1)[:, :, None]
            for end in (0, -1)
        ]
        patches = patches + places[:, :, 1 : patches.shape[2] + 1]
        tokens = torch.cat([edges[0], patches, edges[1]], 2) + vectors[None, :, None]
        features = tokens.flatten(1, 2)
        for k in range(self.depth):
            features = self.get_submodule(f"block{k}")(features)
        inside = features.unflatten(1, (leads, -1))[:, :, 1:-1]
        return self.head(self.norm(inside.mean((1, 2))))


class _Vectors(nn.ParameterList):
    """A learned vector per lead."""

    def __init__(self, leads: int, width: int) -> None:
        super().__init__(nn.Parameter(torch.empty(width)) for _ in range(leads))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for vector in self:
            nn.init.normal_(vector)


class _Layer(nn.Module):
    """Attention between all tokens, then two linear layers on each, both added to their input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attn = _Normalised(width, _Attention(width))
        self.ff = _Normalised(width, _Separately(width))

    def forward(self, x: Float[Tensor, "batch token width"]) -> Float[Tensor, "batch token width"]:
        x = self.attn(x) + x
        return self.ff(x) + x


class _Normalised(nn.Module):
    """LayerNorm, then a layer."""

    def __init__(self, width: int, fn: nn.Module) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fn = fn

    def forward(self, x: Float[Tensor, "batch token width"]) -> Float[Tensor, "batch token width"]:
        return self.fn(self.norm(x))


class _Attention(nn.Module):
    """Each token as a mean of all, by the softmax of scalar products (Vaswani 2017)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.to_qkv = nn.Linear(width, 3 * width)
        self.attend = nn.Softmax(dim=-1)
        self.to_out = nn.Sequential(nn.Linear(width, width))

    def forward(self, x: Float[Tensor, "batch token width"]) -> Float[Tensor, "batch token width"]:
        heads = [
            part.unflatten(2, (-1, HEAD_WIDTH)).transpose(1, 2)
            for part in self.to_qkv(x).chunk(3, -1)
        ]
        query, key, value = heads
        weights = self.attend(query @ key.transpose(2, 3) * HEAD_WIDTH**-0.5)
        return self.to_out((weights @ value).transpose(1, 2).flatten(2))


class _Separately(nn.Module):
    """Two linear layers on each token alone."""

    def __init__(self, width: int) -> None:
        super().__init__()
        dropout = nn.Dropout(0.0)  # keeps the published number of the second layer
        self.net = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), dropout, nn.Linear(4 * width, width)
        )

    def forward(self, x: Float[Tensor, "batch token width"]) -> Float[Tensor, "batch token width"]:
        return self.net(x)
