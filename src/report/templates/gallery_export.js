// The view as a file at the width of a journal's column: SVG, or PNG at 600 dots per inch.
const DOTS_PER_MM = 600 / 25.4;
const LEAST_MM = 2.1; // 6 points, the smallest type that journals print
const LETTER_MM = 0.62 * LEAST_MM; // of a wide typeface
const HEAD_MM = 6, LINE_MM = 3, APART_MM = 4;
const KEY_MM = 16;

// Panels beside one another on a page's width, else below one another.
function journalPage({ panels, foot }, width) {
  const abreast = width > 100 && !panels[0].long ? panels.length : 1;
  const widest = (width - APART_MM * (abreast - 1)) / abreast;
  const high = Math.max(...panels.map(({ sheet }) => (sheet.height * widest) / sheet.width));
  const rows = Math.ceil(panels.length / abreast);
  const lines = wrapped(foot, width / LETTER_MM), end = rows * (HEAD_MM + high) + (rows - 1) * APART_MM;
  const height = end + 1 + LINE_MM * lines.length;
  const draw = (pen) => {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, width, height);
    panels.forEach((panel, place) => {
      const scale = widest / panel.sheet.width;
      pen.save();
      pen.translate((place % abreast) * (widest + APART_MM), Math.floor(place / abreast) * (HEAD_MM + high + APART_MM));
      const letter = panels.length > 1 ? `${"abc"[place]}  ` : "", small = { least: LEAST_MM };
      write(pen, `${letter}${panel.title}`, 0, 2, "left", 2.5, small, "700");
      drawKey(pen, panel, widest, small);
      pen.translate(0, HEAD_MM);
      pen.scale(scale, scale);
      drawSheet(pen, panel.sheet, { ...panel.view, least: LEAST_MM / scale, hair: 0.1 / scale, ink: 0.2, finest: 0.1 });
      pen.restore();
    });
    lines.forEach((line, i) => write(pen, line, 0, end + 2.5 + LINE_MM * i, "left", LEAST_MM, { least: LEAST_MM }));
  };
  return { height, draw };
}

function wrapped(words, letters) {
  return words.split(" ").reduce((lines, word) => {
    const last = lines[lines.length - 1];
    return !last ? [word] : last.length + word.length < letters ? [...lines.slice(0, -1), `${last} ${word}`] : [...lines, word];
  }, []);
}

// The colour key, below the title: from what lowers, hatched, to what raises.
function drawKey(pen, { view, words }, width, small) {
  const { data, map } = view, right = width - LETTER_MM * words[1].length - 1, left = right - KEY_MM, steps = 10 * KEY_MM;
  for (let i = 0; i < steps; i++) {
    const value = map.signed ? (2 * (i + 0.5)) / steps - 1 : (i + 0.5) / steps, size = Math.abs(value);
    const at = left + (KEY_MM * i) / steps, wide = KEY_MM / steps;
    pen.fillStyle = shade(value < 0 ? data.lowers : map.signed ? data.raises : data.strong, size, value < 0 ? HATCH.between : 1);
    pen.fillRect(at, 3.6, wide, 2);
    if (value < 0) {
      pen.fillStyle = shade(data.lowers, size);
      hatch(pen, at, 3.6, wide, 5.6);
    }
  }
  write(pen, words[0], left - 0.8, 4.6, "right", LEAST_MM, small);
  write(pen, words[1], right + 0.8, 4.6, "left", LEAST_MM, small);
}

function svgFile(scene, width) {
  const { height, draw } = journalPage(scene, width), pen = svgPen(width, height);
  draw(pen);
  return new Blob([pen.text()], { type: "image/svg+xml" });
}

async function pngFile(scene, width) {
  const { height, draw } = journalPage(scene, width), canvas = document.createElement("canvas");
  canvas.width = Math.round(width * DOTS_PER_MM);
  canvas.height = Math.round(height * DOTS_PER_MM);
  const pen = canvas.getContext("2d");
  pen.scale(DOTS_PER_MM, DOTS_PER_MM);
  draw(pen);
  const drawn = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new Blob([withResolution(new Uint8Array(await drawn.arrayBuffer()))], { type: "image/png" });
}

// The PNG with a pHYs chunk behind its header: without one a picture has no width in mm.
function withResolution(png) {
  const chunk = new DataView(new ArrayBuffer(21)), header = 33;
  chunk.setUint32(0, 9);
  [..."pHYs"].forEach((letter, i) => chunk.setUint8(4 + i, letter.charCodeAt(0)));
  for (const at of [8, 12]) chunk.setUint32(at, Math.round(1000 * DOTS_PER_MM));
  chunk.setUint8(16, 1); // a metre
  let crc = ~0;
  for (let at = 4; at < 17; at++) {
    crc ^= chunk.getUint8(at);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  chunk.setUint32(17, ~crc >>> 0);
  const found = new Uint8Array(png.length + 21);
  found.set(png.subarray(0, header));
  found.set(new Uint8Array(chunk.buffer), header);
  found.set(png.subarray(header), header + 21);
  return found;
}

function save(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
