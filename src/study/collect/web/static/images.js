// Images that failed are requested again, and voting is blocked until all are loaded: a vote on maps
// that were not shown would count like any other.
const AGAIN_AFTER = 2000; // ms; a server that refused too many requests answers again by then

export function images(elements, notice) {
  const lost = new Set(elements.filter((image) => image.complete && !image.naturalWidth));
  const update = () => { notice.hidden = !lost.size; };
  const again = (image) => setTimeout(() => { image.src = image.getAttribute("src"); }, AGAIN_AFTER);
  for (const image of elements) {
    image.addEventListener("error", () => { lost.add(image); update(); again(image); });
    image.addEventListener("load", () => { lost.delete(image); update(); });
  }
  for (const image of lost) again(image);
  update();
  return { loaded: () => !lost.size };
}
