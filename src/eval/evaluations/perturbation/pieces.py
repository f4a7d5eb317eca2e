"""Maps and curves of one network as pieces that several processes make."""

from collections.abc import Iterator
from functools import partial

from torch import nn

from ....explain import Method
from ...ahead import Do, Piece
from ...chunks import Keeper, Look
from ...heatmaps.attributions import kept_attributions
from ...heatmaps.linted import linted
from ...heatmaps.probe import CHUNK, Probe, probe_of
from ...protocol import Protocol
from ...subject import Subject
from .kept_curves import curve_chunks
from .orders import oracle_order, perturbation_order
from .rung_curves import Rungs


def curve_pieces(net: nn.Module, subject: Subject, protocol: Protocol) -> Iterator[list[Piece]]:
    """The work of `score`: maps, curves and priors, then the rungs of other patients' maps.

    A method's rungs are left out while maps of it are missing. Raises ValueError when nothing may
    be explained on this network.
    """
    probe = probe_of(net, subject)
    if errors := linted(net, subject).errors:
        raise ValueError("; ".join(errors))
    rungs = Rungs(probe, protocol, subject.target)
    count, methods = len(probe.chunks), subject.methods
    first = [
        *(partial(_curves, probe, protocol, each) for each in subject.every_method.values()),
        *(partial(rungs.prior, grain) for grain in rungs.grains(methods)),
    ]
    oracle = _piece(probe, oracle_chunks(probe, protocol), partial(_oracle, probe, protocol))
    # The oracle's chunks take longest: last, they would leave the other processes without work.
    yield [oracle, *(_piece(probe, count, do) for do in first)]
    if protocol.ladder and not rungs.without_others:
        pieces = (_others(rungs, name, method) for name, method in methods.items())
        yield [piece for piece in pieces if piece is not None]


def oracle_chunks(probe: Probe, protocol: Protocol) -> int:
    """The number of chunks with ECGs of the oracle."""
    return min(len(probe.chunks), -(-protocol.oracle // CHUNK))


def _piece(probe: Probe, count: int, do: Do) -> Piece:
    return Piece(count, lambda: do, lambda: probe.walker)


def _curves(probe: Probe, protocol: Protocol, method: Method, keeper: Keeper) -> None:
    maps = kept_attributions(probe, method, protocol.steps, keeper)
    order = perturbation_order(probe, protocol, method, maps, keeper)
    curve_chunks(probe, protocol, order, keeper)


def _oracle(probe: Probe, protocol: Protocol, keeper: Keeper) -> None:
    curve_chunks(probe, protocol, oracle_order(probe, protocol, keeper), keeper)


def _others(rungs: Rungs, name: str, method: Method) -> Piece | None:
    """The rungs of other patients for a method, None while any of its maps is missing."""
    probe, steps = rungs.probe, rungs.protocol.steps
    look = Look(probe.subject.store, len(probe.chunks), lambda count: None)
    maps = kept_attributions(probe, method, steps, look)
    if look.missing:
        return None
    # New beats for each process that begins: those of the last method are then forgotten.
    return Piece(
        look.count,
        lambda: partial(rungs.of_others, name, rungs.beats(maps)),
        lambda: probe.walker,
    )
