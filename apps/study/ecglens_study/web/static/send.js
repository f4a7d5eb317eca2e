// Sends each vote once, with its time, and suggests breaks.
const AGAIN_AFTER = 45 * 60 * 1000; // ms until the next suggestion

// Returns the start of the clock, for when there is something to judge.
export function timed(ballot, ready, missing) {
  let sent = false, started = false, seen = 0, since = NaN;
  const counted = () => seen + (Number.isNaN(since) ? 0 : performance.now() - since);
  // Time in another tab does not count.
  function go() {
    seen = counted();
    since = started && !document.hidden ? performance.now() : NaN;
  }
  document.addEventListener("visibilitychange", go);
  ballot.noValidate = true; // this page reports missing answers itself
  ballot.addEventListener("submit", (event) => {
    if (sent || !ready()) {
      event.preventDefault();
      if (!sent) missing();
      return;
    }
    sent = true;
    ballot.seconds.value = (counted() / 1000).toFixed(3);
    ballot.classList.add("sent");
  });
  document.addEventListener("submit", (event) => {
    // Undo pressed twice undoes one vote.
    if (event.target.id !== "undo") return;
    if (sent) event.preventDefault();
    sent = true;
  });
  // The browser restored a cached page: reload it, because the server may have newer votes.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  return () => { started = true; go(); };
}

export function breakNotice(rest) {
  const stored = () => { try { return sessionStorage.getItem("rested"); } catch { return null; } };
  const last = Number(stored());
  rest.hidden = last > 0 && Date.now() - last < AGAIN_AFTER;
  rest.querySelector("button").addEventListener("click", () => {
    try { sessionStorage.setItem("rested", String(Date.now())); } catch { /* Hidden on this page only. */ }
    rest.hidden = true;
  });
}
