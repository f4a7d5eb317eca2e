// Sheets on canvases of the page.
const LEAST_SCALE = 3.6, MOST_SCALE = 12; // pixels per mm: on narrower screens the sheet scrolls
const LEAST_TYPE = 10; // pixels

// Draws on a canvas in its final size, in mm of the sheet; device pixels per mm.
function onScreen(canvas, sheet, drawing) {
  const ratio = devicePixelRatio || 1, room = canvas.closest(".wide").clientWidth;
  const across = Math.min(Math.max(room, LEAST_SCALE * sheet.width), MOST_SCALE * sheet.width), scale = (across * ratio) / sheet.width;
  canvas.width = Math.round(across * ratio);
  canvas.height = Math.round(scale * sheet.height);
  canvas.style.width = `${across}px`;
  canvas.style.height = `${canvas.height / ratio}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  drawing(pen, { least: (LEAST_TYPE * ratio) / scale, hair: ratio / scale, ink: Math.max(0.2, (1.1 * ratio) / scale), finest: Math.max(0.1, 1 / scale) });
  return scale;
}

// V5 once per method under its map averaged over the leads; those shown above are underlined.
function drawMultiples(canvas, view, averaged, underlined) {
  const { data } = view, sheet = data.multiples;
  onScreen(canvas, sheet, (pen, fine) => {
    const own = { ...view, ...fine, waves: null, map: null, leadOf: () => data.v5 };
    drawSheet(pen, sheet, own);
    sheet.cells.forEach((cell, method) => {
      const drawn = Float32Array.from(averaged[method], (level) => level / data.levels), down = heights(cell, data.v5, own);
      drawColour(pen, cell, down, 0, { ...own, map: { drawn, signed: false } }); // its only row
      drawTrace(pen, cell, down, own);
      if (!drawn.some(Boolean)) write(pen, "all zero", cell.left + sheet.cell_width, cell.zero + 3.5, "right", 2.4, own);
      if (!underlined.includes(method)) return;
      pen.strokeStyle = INK;
      pen.lineWidth = 0.5;
      pen.beginPath();
      pen.moveTo(cell.left, cell.label + 2);
      pen.lineTo(cell.left + sheet.cell_width, cell.label + 2);
      pen.stroke();
    });
  });
}
