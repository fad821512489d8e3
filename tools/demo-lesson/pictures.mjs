// The pictures of the demo lesson as SVG: cards, the landscape that passes below them, and what moves.

export const width = 1280;
export const height = 720;
export const strip = { width: 2560, height: 180, y: 540, step: 2 };
export const clock = { width: 24, height: 44, x: 976, y: 20, signs: '0123456789:.' };

const font = 'font-family="Noto Sans CJK SC" text-rendering="geometricPrecision"';
const svg = (w, h, body) => `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">${body}</svg>\n`;
const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

// The same numbers each time: two makings of the lesson are alike.
function dice(seed) {
  let state = seed;
  return (from, to) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return from + (state / 2 ** 32) * (to - from);
  };
}

export function card({ title, chinese, lines, drawing }) {
  const size = title.length > 10 ? 76 : title.length > 7 ? 96 : 118;
  return svg(width, height, `
    <rect width="1280" height="720" fill="#fbf7ec"/>
    <rect width="1280" height="84" fill="#1f5f5b"/>
    <text x="48" y="56" ${font} font-size="34" font-weight="bold" fill="#fff">English 英语</text>
    <text x="290" y="56" ${font} font-size="28" fill="#cfe6e2">Unit 3  My village 我的村庄</text>
    <rect x="952" y="14" width="312" height="56" rx="10" fill="#123c3a"/>
    <rect x="44" y="106" width="576" height="420" rx="20" fill="#e2d8bd"/>
    <svg x="52" y="114" width="560" height="404" viewBox="0 0 560 404">${drawing}</svg>
    <text x="660" y="232" ${font} font-size="${size}" font-weight="bold" fill="#1d3557">${escape(title)}</text>
    <text x="660" y="340" ${font} font-size="76" font-weight="bold" fill="#c0392b">${escape(chinese)}</text>
    <text x="660" y="428" ${font} font-size="42" fill="#333">${escape(lines[0])}</text>
    <text x="660" y="488" ${font} font-size="36" fill="#666">${escape(lines[1])}</text>`);
}

// Goes round without a seam: what crosses the right edge is drawn again at the left one.
export function landscape() {
  const roll = dice(7);
  const w = strip.width;
  const ridge = (base, swing, waves, phase) => {
    let d = `M0 180 V${base + swing * Math.sin(phase)}`;
    for (let x = 0; x <= w; x += 20) {
      const a = (x / w) * 2 * Math.PI;
      d += ` L${x} ${(base + swing * (0.6 * Math.sin(waves * a + phase) + 0.4 * Math.sin(waves * 2 * a))).toFixed(1)}`;
    }
    return `${d} V180Z`;
  };
  const twice = (x, body) => (x > w - 160 ? [x, x - w] : x < 160 ? [x, x + w] : [x]).map((at) => `<g transform="translate(${at.toFixed(0)} 0)">${body}</g>`).join('');
  let things = '';
  for (let x = 30; x < w; x += roll(60, 120)) {
    const kind = roll(0, 1);
    const y = roll(112, 122);
    if (kind < 0.6) {
      const s = roll(0.7, 1.2);
      things += twice(x, `<g transform="translate(0 ${y}) scale(${s.toFixed(2)})"><rect x="-4" width="8" height="20" fill="#6b4a2c"/><circle cy="-12" r="20" fill="#3f7f46"/><circle cx="-11" cy="-3" r="13" fill="#4c9152"/><circle cx="11" cy="-3" r="13" fill="#35703c"/></g>`);
    } else {
      const roof = kind < 0.8 ? '#545c66' : '#8a4b3a';
      things += twice(x, `<g transform="translate(0 ${y + 14})"><rect x="-32" y="-32" width="64" height="38" fill="#f5e9cf"/><path d="M-42 -30 L0 -56 L42 -30Z" fill="${roof}"/><rect x="-7" y="-18" width="14" height="24" fill="#7b4a2e"/><rect x="-26" y="-22" width="12" height="12" fill="#6fa8c7"/><rect x="14" y="-22" width="12" height="12" fill="#6fa8c7"/></g>`);
    }
  }
  // grass and stones: what makes a camera's picture cost what it costs
  let grass = '';
  for (let i = 0; i < 2600; i++) {
    const x = roll(0, w);
    const y = roll(126, 146);
    const g = Math.floor(roll(90, 170));
    grass += `<rect x="${x.toFixed(0)}" y="${y.toFixed(0)}" width="2" height="${roll(3, 9).toFixed(0)}" fill="rgb(${(g * 0.55).toFixed(0)},${g},${(g * 0.4).toFixed(0)})"/>`;
  }
  return svg(w, strip.height, `
    <defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#dff1fa"/><stop offset="1" stop-color="#f6f1dc"/></linearGradient></defs>
    <rect width="${w}" height="180" fill="url(#s)"/>
    <path d="${ridge(60, 34, 5, 0.4)}" fill="#a9c0cc"/>
    <path d="${ridge(88, 26, 7, 2.1)}" fill="#86a88f"/>
    <path d="${ridge(122, 8, 9, 1.2)}" fill="#7fb069"/>
    ${grass}${things}
    <rect y="142" width="${w}" height="38" fill="#70757a"/>
    <path d="M0 161 H${w}" stroke="#f4f4f4" stroke-width="4" stroke-dasharray="40 24"/>`);
}

export const digit = (sign) => svg(clock.width, clock.height, `
  <rect width="${clock.width}" height="${clock.height}" fill="#123c3a"/>
  <text x="${clock.width / 2}" y="36" text-anchor="middle" ${font} font-size="36" font-weight="bold" fill="#ffd166">${sign}</text>`);

const bus = (turn) => svg(224, 96, `
  <rect x="4" y="6" width="210" height="70" rx="14" fill="#f2b632"/><rect x="4" y="50" width="210" height="10" fill="#c9881b"/>
  <g fill="#cdeaf8"><rect x="16" y="16" width="36" height="26" rx="4"/><rect x="60" y="16" width="36" height="26" rx="4"/><rect x="104" y="16" width="36" height="26" rx="4"/><rect x="148" y="16" width="58" height="32" rx="5"/></g>
  <g fill="#7a4b2a"><circle cx="34" cy="34" r="8"/><circle cx="78" cy="33" r="8"/><circle cx="122" cy="34" r="8"/></g>
  ${[52, 166].map((x) => `<g transform="translate(${x} 76) rotate(${turn})"><circle r="18" fill="#2b2b2b"/><circle r="8" fill="#bbb"/><path d="M-15 0H15M0 -15V15" stroke="#777" stroke-width="4"/></g>`).join('')}`);

const bird = (lift) => svg(56, 40, `
  <path d="M4 ${20 - lift} Q18 ${14 - lift / 2} 28 22 Q38 ${14 - lift / 2} 52 ${20 - lift} Q40 ${20 - lift / 3} 28 28 Q16 ${20 - lift / 3} 4 ${20 - lift}Z" fill="#36485a"/><circle cx="28" cy="22" r="5" fill="#36485a"/>`);

const petal = (turn) => svg(16, 16, `<g transform="translate(8 8) rotate(${turn})"><path d="M-6 0 Q0 -6 6 0 Q0 6 -6 0Z" fill="#e77f9b"/><path d="M-5 0H5" stroke="#f9d2dc" stroke-width="1"/></g>`);

const teacher = (open) => svg(192, 240, `
  <path d="M10 240 Q14 150 95 150 Q176 150 180 240Z" fill="#2f7f79"/><path d="M72 150 L95 186 L118 150Z" fill="#fff"/>
  <path d="M36 100 Q26 20 95 20 Q164 20 154 100 Q160 150 140 150 H50 Q30 150 36 100Z" fill="#2e2a28"/>
  <rect x="82" y="126" width="26" height="34" fill="#e9b98c"/><ellipse cx="95" cy="92" rx="46" ry="52" fill="#f3c89c"/>
  <path d="M46 96 Q40 34 95 34 Q150 34 144 96 Q136 62 108 60 Q62 58 46 96Z" fill="#2e2a28"/>
  <g fill="none" stroke="#444" stroke-width="3"><circle cx="76" cy="92" r="14"/><circle cx="114" cy="92" r="14"/><path d="M90 92h10"/></g>
  <circle cx="76" cy="92" r="4.5" fill="#222"/><circle cx="114" cy="92" r="4.5" fill="#222"/>
  ${open === 0 ? '<path d="M80 122 Q95 131 110 122" stroke="#a3453a" stroke-width="4" fill="none" stroke-linecap="round"/>' : `<ellipse cx="95" cy="123" rx="${12 + open}" ry="${2 + open * 3}" fill="#8c2f2a"/>`}`);

export const sprites = [
  { file: 'bird.a420', width: 56, height: 40, images: [bird(12), bird(4), bird(-6), bird(4)] },
  { file: 'bus.a420', width: 224, height: 96, images: [bus(0), bus(22), bus(45), bus(67)] },
  { file: 'petal.a420', width: 16, height: 16, images: [0, 45, 90, 135].map(petal) },
  { file: 'teacher.a420', width: 192, height: 240, images: [0, 1, 2, 3].map(teacher) },
];

export function actors() {
  const roll = dice(3);
  const list = [];
  for (let i = 0; i < 5; i++) {
    list.push({ sprite: 0, every: 4, x: roll(0, 1280), y: roll(545, 580), dx: -roll(1.4, 2.6), dy: 0, top: 530, bottom: 640 });
  }
  list.push({ sprite: 1, every: 2, x: 200, y: 618, dx: 0.8, dy: 0, top: 600, bottom: 720 });
  for (let i = 0; i < 40; i++) {
    list.push({ sprite: 2, every: 5, x: roll(0, 1280), y: roll(540, 720), dx: -roll(2.4, 4.2), dy: roll(0.4, 1.4), top: 536, bottom: 712 });
  }
  list.push({ sprite: 3, every: 0, x: 1076, y: 480, dx: 0, dy: 0, top: 470, bottom: 720 });
  return list.map((a) => ({ ...a, x: +a.x.toFixed(1), y: +a.y.toFixed(1), dx: +a.dx.toFixed(2), dy: +a.dy.toFixed(2) }));
}
