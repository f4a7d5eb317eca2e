// The view in the address: a link opens the same one.
function linkOf(key, choice) {
  const { ecg, first, second, lead, map, smooth, hide, waves, at } = choice;
  const said = { ecg, first, second, lead, map, smooth, hide, waves: waves ? 1 : 0, at: at ? `${at.lead},${at.ms}` : "" };
  return `#${key}/maps?${new URLSearchParams(said)}`;
}

// What a link to this gallery says, as texts; null for any other address.
function linkedTo(key) {
  const begins = `#${key}/maps?`, hash = location.hash;
  return hash.startsWith(begins) ? Object.fromEntries(new URLSearchParams(hash.slice(begins.length))) : null;
}
