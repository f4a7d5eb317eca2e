// A vote on maps that were not seen would count like any other: a picture that failed is asked for
// again, and no vote is taken before it is here.
const AGAIN_AFTER = 2000; // ms: a server that was asked too much at once answers again by then

export function pictures(images, notice) {
  const lost = new Set(images.filter((image) => image.complete && !image.naturalWidth));
  const tell = () => { notice.hidden = !lost.size; };
  const again = (image) => setTimeout(() => { image.src = image.getAttribute("src"); }, AGAIN_AFTER);
  for (const image of images) {
    image.addEventListener("error", () => { lost.add(image); tell(); again(image); });
    image.addEventListener("load", () => { lost.delete(image); tell(); });
  }
  for (const image of lost) again(image);
  tell();
  return { here: () => !lost.size };
}
