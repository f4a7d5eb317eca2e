// Sizes that fit the height of a wide screen: columns of tiles with the largest paper, and the large
// sheet, so that the button below it is visible.
const WIDE = matchMedia("(min-width: 64rem)");
const MOST = { signed: 0.5, other: 0.64 }; // of the width: twelve leads need the rest
const GAP = 8, GUTTER = 30; // px between tiles, and of their numbers

export function arrange(root, box, signed) {
  const list = root.querySelector(".tiles");
  if (!WIDE.matches) {
    for (const name of ["--columns", "--row"]) list?.style.removeProperty(name);
    for (const name of ["--side", "--fit"]) root.style.removeProperty(name);
    return;
  }
  if (list) columns(root, list, box, signed);
  const stage = root.querySelector(".stage"), end = root.querySelector(".after").getBoundingClientRect().bottom + scrollY;
  root.style.setProperty("--fit", `${Math.floor(innerHeight - GAP - (end - stage.offsetHeight))}px`);
}

function columns(root, list, [, , width, height], signed) {
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
  root.style.setProperty("--side", `${Math.ceil(best.columns * (best.tile + GAP) - GAP)}px`);
}
