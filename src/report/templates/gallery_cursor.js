// One cursor on the papers of all panels, on layers of its own: a pointer move draws nothing else.
const ROOM = 1.5; // mm around the cursor that are cleared with it

function linkedCursor(layers) {
  let places = [], drawn = [];

  function clear() {
    for (const { layer, box } of drawn) layer.getContext("2d").clearRect(...box);
    drawn = [];
  }

  return {
    // The sheets in their scale (device pixels per mm), after the papers were drawn.
    lay(sheets) { places = sheets; drawn = []; },
    draw({ lead, sample, microvolts }, mm, mmPerMv) {
      clear();
      places.forEach(({ sheet, scale }, place) => {
        const cell = sheet.cells.find((each) => each.name === lead);
        if (!cell) return;
        const layer = layers[place], pen = layer.getContext("2d");
        const across = (cell.left + sample * mm) * scale, down = (cell.zero - (microvolts / 1000) * mmPerMv) * scale;
        const top = down - 8 * scale, bottom = down + 8 * scale, room = ROOM * scale;
        pen.strokeStyle = pen.fillStyle = INK;
        pen.lineWidth = Math.max(1, 0.15 * scale);
        pen.beginPath();
        pen.moveTo(across, top);
        pen.lineTo(across, bottom);
        pen.stroke();
        pen.beginPath();
        pen.arc(across, down, 0.6 * scale, 0, 2 * Math.PI);
        pen.fill();
        drawn.push({ layer, box: [across - room, top - room, 2 * room, bottom - top + 2 * room] });
      });
    },
  };
}

// The lead and sample of a sheet at a point in mm; null beside the traces.
function pointedAt(sheet, across, down, mm, length) {
  const column = sheet.cells.filter((cell) => across >= cell.left - 1 && across <= cell.left + sheet.cell_width + 1);
  if (!column.length) return null;
  // Traces reach further up than down.
  const cell = column.reduce((a, b) => (Math.abs(a.zero - 3 - down) < Math.abs(b.zero - 3 - down) ? a : b));
  return { cell, sample: Math.min(length - 1, Math.max(0, Math.round((across - cell.left) / mm))) };
}
