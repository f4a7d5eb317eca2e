// Values of a map that are drawn: shares of full colour (−1…1), lead by lead.
const magnitudes = (values) => Float32Array.from(values, Math.abs).sort();

// The size below which the sorted sizes add up to this share: figures/display.py draws it at full strength.
function fullColour(values, share) {
  const sizes = magnitudes(values), total = sizes.reduce((sum, each) => sum + each, 0);
  let sum = 0;
  for (const size of sizes) {
    sum += size;
    if (sum >= share * total) return size;
  }
  return 0;
}

// Moving mean over `width` points of each lead; at the ends over fewer.
function smoothed(values, points, width) {
  const half = (width - 1) / 2, found = new Float32Array(values.length);
  for (let lead = 0; lead < values.length; lead += points) {
    for (let p = 0; p < points; p++) {
      const from = Math.max(0, p - half), to = Math.min(points - 1, p + half);
      let sum = 0;
      for (let i = from; i <= to; i++) sum += values[lead + i];
      found[lead + p] = sum / (to - from + 1);
    }
  }
  return found;
}

// The values without the weakest: at most `percent` of them become 0.
function withoutWeakest(values, percent) {
  if (percent === 0) return values;
  const sizes = magnitudes(values), least = sizes[Math.floor((percent / 100) * sizes.length)];
  return values.map((value) => (Math.abs(value) < least ? 0 : value));
}

// `full` is the attribution of full colour. A map without a negative value has no sign to show.
function shownMap(levels, scale, { levels: most, shownShare }, points, choice) {
  let values = Float32Array.from(levels, (level) => (choice.map === "signed" ? level : Math.abs(level)) / most), full = scale;
  if (choice.width > 1) {
    values = smoothed(values, points, choice.width);
    const strength = fullColour(values, shownShare) || 1;
    values = values.map((value) => Math.max(-1, Math.min(1, value / strength)));
    full *= strength;
  }
  return { values, full, drawn: withoutWeakest(values, choice.hide), signed: values.some((value) => value < 0) };
}

// Both maps in shares of their full colour: positive where the first has more.
function difference(first, second, hide) {
  const values = first.values.map((value, i) => Math.max(-1, Math.min(1, value - second.values[i])));
  return { values, drawn: withoutWeakest(values, hide), signed: true };
}
