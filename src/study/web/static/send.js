// Sending a vote once, with the time that it took, and the suggestion of a break.
const AGAIN_AFTER = 45 * 60 * 1000; // ms until a break is suggested anew

export function timed(ballot, ready, missing) {
  let sent = false, seen = 0, since = document.hidden ? NaN : performance.now();
  const counted = () => seen + (Number.isNaN(since) ? 0 : performance.now() - since);
  // Time in another tab is not time spent on this map.
  document.addEventListener("visibilitychange", () => {
    seen = counted();
    since = document.hidden ? NaN : performance.now();
  });
  ballot.noValidate = true; // what is missing is said here, at once and in the same place
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
    // Undo pressed twice takes one decision back.
    if (event.target.id !== "undo") return;
    if (sent) event.preventDefault();
    sent = true;
  });
  // Back to a page that the browser kept: what was decided meanwhile stands on the server.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

export function keep(rest) {
  const last = Number(sessionStorage.getItem("rested"));
  rest.hidden = last > 0 && Date.now() - last < AGAIN_AFTER;
  rest.querySelector("button").addEventListener("click", () => {
    sessionStorage.setItem("rested", String(Date.now()));
    rest.hidden = true;
  });
}
