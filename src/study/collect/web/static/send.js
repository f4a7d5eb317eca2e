// Sends each vote once, with its time, and suggests breaks.
const AGAIN_AFTER = 45 * 60 * 1000; // ms until the next suggestion

export function timed(ballot, ready, missing) {
  let sent = false, seen = 0, since = document.hidden ? NaN : performance.now();
  const counted = () => seen + (Number.isNaN(since) ? 0 : performance.now() - since);
  // Time in another tab does not count.
  document.addEventListener("visibilitychange", () => {
    seen = counted();
    since = document.hidden ? NaN : performance.now();
  });
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
}

export function breakNotice(rest) {
  const last = Number(sessionStorage.getItem("rested"));
  rest.hidden = last > 0 && Date.now() - last < AGAIN_AFTER;
  rest.querySelector("button").addEventListener("click", () => {
    sessionStorage.setItem("rested", String(Date.now()));
    rest.hidden = true;
  });
}
