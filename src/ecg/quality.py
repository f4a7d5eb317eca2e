"""Quality of a record, per lead and as a whole, before beats are detected."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from .filters import filtered, resampled
from .interruptions import Interruption, interruptions
from .lead_order import arms_exchanged, chest_exchanged, inconsistent_leads
from .record import INDEPENDENT, INDEPENDENT_INDEX, Record, UnusableRecord
from .waves import FS_HZ, pieces, runs_of

# A recorder's filters spread a pulse of 0.5 ms over some samples at 500 Hz.
REACH = 4
# A spike has a quiet line before it and the onset of the paced wave after it; an R peak has its own
# slopes on both sides.
AROUND = 8
MIN_UV = 40.0
LONELY = 2.5
# Spikes this close belong to one pacing pulse.
SAME_PULSE = 20


def pacing_spikes(eight: Float[np.ndarray, "8 time"]) -> Int[np.ndarray, " spike"]:
    """Samples at 500 Hz of the pacing spikes in the eight independent leads.

    A spike is, in RMS over the leads, more than 40 µV above the line between the samples 8 ms away,
    and 2.5 times the range of the signal on either side.
    """
    from scipy.signal import find_peaks

    sharp = np.zeros(eight.shape[1])
    middle = eight[:, REACH:-REACH] - 0.5 * (eight[:, : -2 * REACH] + eight[:, 2 * REACH :])
    sharp[REACH:-REACH] = np.sqrt(np.mean(middle**2, axis=0))
    margin = REACH + AROUND
    sharp[:margin] = sharp[-margin:] = 0.0
    places = find_peaks(sharp, height=MIN_UV)[0]
    if not len(places):
        return places
    offsets = np.arange(REACH, margin + 1)
    before = np.ptp(eight[:, places[:, None] - offsets], axis=2)
    after = np.ptp(eight[:, places[:, None] + offsets], axis=2)
    around = np.sqrt(np.mean(np.maximum(before, after) ** 2, axis=0))
    places = places[sharp[places] > LONELY * around]
    first = np.diff(places, prepend=-SAME_PULSE) >= SAME_PULSE
    return places[first]


# Three beats at the slowest rate that is measured, 40/min, with their full windows.
MIN_SECONDS = 4.0
# Recorders resolve 1 to 5 µV: a smaller range is a line without a heart signal.
FLAT_UV = 20.0
# A clipped peak stays at the lowest or highest value of the lead for this long. Leads of LUDB do so
# at one place at most; clipped at half their height, nine in ten do at seven or more.
PLATEAU_S, PLATEAUS = 0.008, 3
# An electrode that is off can keep a lead at the end of its range once, for a long time.
SATURATED_SHARE = 0.1
# White noise. The median of ten beats keeps a third of it; from about 15 µV in the beat, P is
# misread (docs/labels.md, exact ECGs).
NOISE_UV = 40.0
# Mains: a line in the spectrum that is visible on paper (0.1 mm), and larger than its surroundings
# by this factor; in LUDB the factor is at most 3 at 50 and 60 Hz wherever there are more than 3 µV.
MAINS_UV, MAINS_FACTOR = 10.0, 5.0
MAINS_HZ, LINE_HZ, AROUND_HZ = (50.0, 60.0), 0.2, (0.5, 3.0)
# What limb and chest leads are compared in.
SHAPE_HZ = (0.5, 40.0)
# Usual size of the middle one of eight leads, from lowest to highest in 1.5 s: 0.6 to 2.7 mV in 600
# generated ECGs, 1.1 to 1.8 in the samples of the CinC Challenge and CPSC 2018. A tenth of it, or
# ten times it, is another unit or gain.
USUAL_UV = (300.0, 4500.0)
# Fewer spikes are artefacts: a pacemaker with less than three spikes does not pace a median beat.
MIN_SPIKES = 3
SHOWN = 3  # interruptions in words
# Fewest of the eight independent leads of a 12-lead ECG.
MIN_LEADS = 5


@dataclass(frozen=True)
class Quality:
    """Findings about the quality of a record.

    `faults` maps independent leads without a heart signal to "missing" (all samples equal), "flat"
    or "saturated". `noise_uv` is the SD of white noise in each of the eight leads, `mains_uv` the
    amplitude of mains hum at `mains_hz` (0: none). `swapped` means that the electrodes of both arms
    may be exchanged; `spikes` is the number of pacing spikes. `inconsistent` are limb leads that do
    not follow from I and II (`inconsistent_leads`). `exchanged` are two chest leads whose
    electrodes may be exchanged (`chest_exchanged`). `size_uv` is the range of the middle one of the
    eight leads in 1.5 s. `interrupted` are gaps and jumps of the strip.
    """

    faults: Mapping[str, str]
    noise_uv: Float[np.ndarray, "8"]
    mains_uv: Float[np.ndarray, "8"]
    mains_hz: float
    swapped: bool
    spikes: int
    inconsistent: tuple[str, ...] = ()
    exchanged: tuple[str, ...] = ()
    size_uv: float = math.nan
    interrupted: tuple[Interruption, ...] = ()

    @property
    def flags(self) -> tuple[str, ...]:
        """One line per finding."""
        odd = dict.fromkeys(self.inconsistent, "inconsistent with I and II")
        texts = [*fault_flags({**self.faults, **odd})]
        noise = zip(INDEPENDENT, self.noise_uv, strict=True)
        noisy = [f"{lead} ({uv:.0f} µV)" for lead, uv in noise if uv > NOISE_UV]
        if noisy:
            texts.append(f"noise in {', '.join(noisy)}")
        if self.mains_hz:
            lead = INDEPENDENT[int(self.mains_uv.argmax())]
            texts.append(f"mains of {self.mains_hz:g} Hz: {self.mains_uv.max():.0f} µV in {lead}")
        if self.swapped:
            texts.append("electrodes of both arms may be exchanged: lead I against V6")
        if self.exchanged:
            texts.append(f"electrodes of {' and '.join(self.exchanged)} may be exchanged")
        if self.size_uv < USUAL_UV[0] or self.size_uv > USUAL_UV[1]:
            low, high = (uv / 1e3 for uv in USUAL_UV)
            texts.append(
                f"unit or gain may be wrong: {self.size_uv / 1e3:.2g} mV from lowest to highest, "
                f"{low:g} to {high:g} are usual"
            )
        texts += [each.text for each in self.interrupted[:SHOWN]]
        if more := self.interrupted[SHOWN:]:
            texts.append(f"{len(more)} more jumps or gaps")
        if self.spikes >= MIN_SPIKES:
            texts.append(f"{self.spikes} pacing spikes")
        return tuple(texts)


def fault_flags(faults: Mapping[str, str]) -> tuple[str, ...]:
    """One line per lead with a fault."""
    return tuple(f"lead {lead} is {fault}" for lead, fault in faults.items())


def quality(record: Record) -> Quality:
    """Quality of the record.

    Raises UnusableRecord when no beat can be formed (see `lead_faults`).
    """
    eight = at_500_hz(record)
    spikes = len(pacing_spikes(eight))
    return judged(record, eight, lead_faults(record), spikes, interruptions(eight))


def at_500_hz(record: Record) -> Float[np.ndarray, "8 time"]:
    """Independent leads at 500 Hz."""
    return resampled(record.signal[list(INDEPENDENT_INDEX)].astype(float), record.fs)


def judged(
    record: Record,
    eight: Float[np.ndarray, "8 time"],
    faults: Mapping[str, str],
    spikes: int,
    interrupted: tuple[Interruption, ...],
) -> Quality:
    """Quality of a record by its eight leads at 500 Hz, and what is known of them."""
    hz, mains = _mains(eight)
    # Samples that were put between those of a slower record are smooth.
    own = eight if record.fs >= FS_HZ else record.signal[list(INDEPENDENT_INDEX)]
    noise, banded = _noise(own), filtered(eight, *SHAPE_HZ)
    # Pacing from the right changes I and V6, and the way from V1 to V6.
    natural = spikes < MIN_SPIKES
    limbs = natural and not faults.keys() & {"I", "II", "V6"}
    chest = natural and not {*faults} - {"I", "II"} and (noise[2:] <= NOISE_UV).all()
    return Quality(
        faults,
        noise,
        mains,
        hz,
        swapped=limbs and arms_exchanged(banded),
        spikes=spikes,
        inconsistent=inconsistent_leads(record),
        exchanged=chest_exchanged(banded) if chest else (),
        size_uv=float(np.median(np.median(np.ptp(pieces(banded), axis=-1), axis=-1))),
        interrupted=interrupted,
    )


def _noise(eight: Float[np.ndarray, "8 time"]) -> Float[np.ndarray, "8"]:
    """SD of white noise, from the quartiles of second differences: waves are slower."""
    second = np.diff(eight, 2, axis=1)
    low, high = np.quantile(second, [0.25, 0.75], axis=1)
    # Quartiles of a normal distribution lie 1.349 SD apart; (1, −2, 1) has a norm of √6.
    return (high - low) / 1.349 / np.sqrt(6.0)


def _mains(eight: Float[np.ndarray, "8 time"]) -> tuple[float, Float[np.ndarray, "8"]]:
    """Frequency of mains hum (0: none) and its amplitude in µV per lead."""
    length = eight.shape[1]
    # A Hann window halves the amplitude of a line, which the spectrum halves again.
    amplitude = np.abs(np.fft.rfft(eight * np.hanning(length))) * (4.0 / length)
    frequency = np.fft.rfftfreq(length, 1.0 / FS_HZ)
    strongest = (0.0, np.zeros(len(eight)))
    for hz in MAINS_HZ:
        away = np.abs(frequency - hz)
        line = amplitude[:, away <= LINE_HZ].max(axis=1)
        around = amplitude[:, (away > AROUND_HZ[0]) & (away < AROUND_HZ[1])]
        stands_out = (line > MAINS_UV) & (line > MAINS_FACTOR * np.median(around, axis=1))
        if stands_out.any() and line[stands_out].max() > strongest[1].max():
            strongest = (hz, np.where(stands_out, line, 0.0))
    return strongest


def lead_faults(record: Record) -> dict[str, str]:
    """Leads without a heart signal, with the fault; the beat is formed from the others.

    Raises UnusableRecord for a record that is too short, all zero, or has fewer than five
    independent leads left.
    """
    seconds = record.signal.shape[1] / record.fs
    if seconds < MIN_SECONDS:
        raise UnusableRecord(f"too short: expected at least {MIN_SECONDS:g} s, got {seconds:g} s")
    if not record.signal.any():
        raise UnusableRecord("all zero: every sample of every lead is 0 µV")
    eight = record.signal[list(INDEPENDENT_INDEX)]
    span = np.ptp(eight, axis=1)
    missing, flat = span == 0.0, (span > 0.0) & (span < FLAT_UV)
    saturated = (span >= FLAT_UV) & _saturated(eight, max(4, round(PLATEAU_S * record.fs)))
    faults = _named(missing, "missing") | _named(flat, "flat") | _named(saturated, "saturated")
    if len(INDEPENDENT) - len(faults) < MIN_LEADS:
        kinds = " or ".join(sorted(set(faults.values())))
        which = ", ".join(lead for lead in INDEPENDENT if lead in faults)
        raise UnusableRecord(
            f"{kinds} leads: {which}; expected at least {MIN_LEADS} of {len(INDEPENDENT)} leads "
            "with a signal"
        )
    return faults


def _named(bad: Bool[np.ndarray, "8"], fault: str) -> dict[str, str]:
    return {lead: fault for lead, is_bad in zip(INDEPENDENT, bad, strict=True) if is_bad}


def _saturated(eight: Float[np.ndarray, "8 time"], plateau: int) -> Bool[np.ndarray, "8"]:
    """Mask of the leads that stay at an end of their range, often or for a long time."""
    saturated = np.zeros(len(eight), bool)
    for end in (eight.min(axis=1, keepdims=True), eight.max(axis=1, keepdims=True)):
        at_end = eight == end
        suspects = np.flatnonzero(at_end.sum(axis=1) >= PLATEAUS * plateau)
        if not len(suspects):
            continue
        # A resting heart is flat in all leads at once: the baseline is no plateau.
        moving = np.append(True, (np.diff(eight, axis=1) != 0.0).any(axis=0))
        for lead in suspects:
            first, behind = runs_of(at_end[lead] & moving).T
            lengths = behind - first
            many = np.sum(lengths >= plateau) >= PLATEAUS
            saturated[lead] |= many or lengths.sum() > SATURATED_SHARE * eight.shape[1]
    return saturated
