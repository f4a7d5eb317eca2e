// Phones show one map at a time: a swipe, or the two buttons below, show the next.
export function swipes(list, tiles, seen) {
  const bar = document.querySelector("[data-swipe]");
  if (!bar) return { to() {} };
  const [back, onward] = bar.querySelectorAll("button"), said = bar.querySelector("output");
  const single = () => getComputedStyle(bar).display !== "none";
  let now = 0;

  function show(place) {
    now = place;
    said.textContent = `Map ${place + 1} of ${tiles.length}`;
    back.disabled = place === 0;
    onward.disabled = place === tiles.length - 1;
  }
  function to(place) {
    if (single() && tiles[place]) list.scrollTo({ left: tiles[place].offsetLeft - tiles[0].offsetLeft, behavior: "instant" });
  }
  list.addEventListener("scroll", () => {
    const place = Math.round(list.scrollLeft / tiles[0].offsetWidth);
    if (!single() || place === now) return;
    show(place);
    seen(place + 1);
  }, { passive: true });
  back.addEventListener("click", () => to(now - 1));
  onward.addEventListener("click", () => to(now + 1));
  show(0);
  return { to: (number) => number && to(number - 1) };
}
