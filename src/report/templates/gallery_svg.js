// The part of a canvas' context that gallery_paper.js uses, written as SVG in millimetres.
function svgPen(width, height) {
  const parts = [], open = [];
  let path = "", bars = "", barStyle = "";
  const short = (value) => Number(value.toFixed(2));
  const safe = (words) => words.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const paint = (kind, style) => {
    const [, rgb, alpha] = style.match(/^rgba\((.*),([^,]*)\)$/) ?? [];
    return rgb ? `${kind}="rgb(${rgb})" ${kind}-opacity="${alpha}"` : `${kind}="${style}"`;
  };
  // Neighbouring bars of one colour are one path.
  const flush = () => {
    if (bars) parts.push(`<path ${paint("fill", barStyle)} shape-rendering="crispEdges" d="${bars}"/>`);
    bars = "";
  };
  const group = (transform) => { flush(); parts.push(`<g transform="${transform}">`); open[open.length - 1] += 1; };
  const pen = {
    save() { open.push(0); },
    restore() { flush(); parts.push("</g>".repeat(open.pop())); },
    translate(x, y) { group(`translate(${short(x)} ${short(y)})`); },
    scale(x, y) { group(`scale(${x.toFixed(6)} ${y.toFixed(6)})`); },
    fillRect(x, y, wide, high) {
      if (barStyle !== pen.fillStyle) flush();
      barStyle = pen.fillStyle;
      bars += `M${short(x)} ${short(y)}h${short(wide)}v${short(high)}h${short(-wide)}z`;
    },
    beginPath() { path = ""; },
    moveTo(x, y) { path += `M${short(x)} ${short(y)}`; },
    lineTo(x, y) { path += `L${short(x)} ${short(y)}`; },
    stroke() {
      flush();
      parts.push(`<path fill="none" ${paint("stroke", pen.strokeStyle)} stroke-width="${short(pen.lineWidth)}" stroke-linejoin="round" d="${path}"/>`);
    },
    fillText(words, x, y) {
      flush();
      const [, weight, size] = pen.font.match(/^(\d+) ([\d.]+)px/);
      const anchor = { left: "start", center: "middle", right: "end" }[pen.textAlign];
      // 0.35 of its size is half the height of a capital letter: programs differ in dominant-baseline.
      parts.push(`<text x="${short(x)}" y="${short(y + 0.35 * size)}" font-size="${short(Number(size))}" font-weight="${weight}" text-anchor="${anchor}" fill="${pen.fillStyle}">${safe(words)}</text>`);
    },
    text() {
      flush();
      // The browser knows the namespace: a page that asks for nothing names no address.
      const blank = document.createElement("template");
      blank.innerHTML = "<svg></svg>";
      return `<svg xmlns="${blank.content.firstChild.namespaceURI}" width="${short(width)}mm" height="${short(height)}mm" viewBox="0 0 ${short(width)} ${short(height)}" font-family="Arial, Helvetica, sans-serif">${parts.join("")}</svg>`;
    },
  };
  return pen;
}
