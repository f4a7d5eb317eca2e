// Number and size of the columns of tiles: the largest paper that the height of the screen allows.
const WIDE = matchMedia("(min-width: 64rem)");
const MOST = { signed: 0.5, other: 0.64 }; // of the width: twelve leads need the rest
const GAP = 8, GUTTER = 30; // px between tiles, and of their numbers

export function arrange(list, [, , width, height], signed) {
  if (!WIDE.matches || !list) return;
  const number = list.querySelectorAll(".tile").length, low = list.parentElement.querySelector(".none");
  const high = innerHeight - list.getBoundingClientRect().top - scrollY - GAP - (low ? low.offsetHeight + GAP : 0);
  const most = innerWidth * (signed ? MOST.signed : MOST.other);
  let best = { scale: 0 };
  for (let columns = 1; columns <= number; columns += 1) {
    const row = (high + GAP) / Math.ceil(number / columns) - GAP;
    const tile = Math.min((row * width) / height + GUTTER, (most + GAP) / columns - GAP);
    const scale = Math.min(row / height, (tile - GUTTER) / width);
    if (scale > best.scale * 1.01) best = { columns, row, tile, scale };
  }
  list.style.setProperty("--columns", best.columns);
  list.style.setProperty("--row", `${Math.floor(Math.min(best.row, best.scale * height * 1.25))}px`);
  list.closest(".vote").style.setProperty("--side", `${Math.ceil(best.columns * (best.tile + GAP) - GAP)}px`);
}
