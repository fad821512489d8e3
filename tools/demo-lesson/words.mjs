// What the demo lesson teaches: one card each, with what is said while it is shown. Drawings are SVG in a panel
// of 560 × 404.

const sky = '<rect width="560" height="404" fill="#cfe9f7"/>';
const ground = (color = '#8cc06d') => `<path d="M0 300 Q140 270 280 296 T560 290 V404 H0Z" fill="${color}"/>`;
const cloud = (x, y, s = 1) =>
  `<g transform="translate(${x} ${y}) scale(${s})" fill="#fff"><ellipse cx="0" cy="0" rx="46" ry="20"/><circle cx="-14" cy="-14" r="20"/><circle cx="16" cy="-18" r="24"/></g>`;
const tree = (x, y, s = 1) =>
  `<g transform="translate(${x} ${y}) scale(${s})"><rect x="-8" y="0" width="16" height="50" fill="#7a5230"/><circle cx="0" cy="-24" r="40" fill="#4e9a51"/><circle cx="-22" cy="-4" r="26" fill="#5aab5c"/><circle cx="22" cy="-4" r="26" fill="#458c48"/></g>`;
const house = (x, y, s = 1, wall = '#fdf1d6', roof = '#5d6670') =>
  `<g transform="translate(${x} ${y}) scale(${s})"><rect x="-70" y="-70" width="140" height="90" fill="${wall}"/><path d="M-92 -66 Q-60 -88 0 -120 Q60 -88 92 -66Z" fill="${roof}"/><rect x="-16" y="-34" width="32" height="54" fill="#8b4a2b"/><rect x="-58" y="-44" width="30" height="30" fill="#7fb7d6"/><rect x="28" y="-44" width="30" height="30" fill="#7fb7d6"/><path d="M-43 -44v30M-58 -29h30M43 -44v30M28 -29h30" stroke="#fff" stroke-width="3"/></g>`;
const sun = (x, y, r) => {
  let rays = '';
  for (let a = 0; a < 360; a += 30) rays += `<rect x="-5" y="${-r * 1.65}" width="10" height="${r * 0.4}" rx="5" transform="rotate(${a})"/>`;
  return `<g transform="translate(${x} ${y})" fill="#f7b52c"><circle r="${r}"/>${rays}</g>`;
};

const drawings = {
  mountain: `${sky}${sun(460, 80, 34)}${cloud(110, 80)}<path d="M-20 340 L150 90 L270 260 L360 130 L590 340Z" fill="#6d8fa8"/><path d="M150 90 L110 150 L140 140 L160 165 L180 140 L200 162Z M360 130 L326 180 L352 172 L372 190 L402 168Z" fill="#fff"/>${ground()}${tree(90, 310)}${tree(470, 316, 0.9)}`,
  river: `${sky}${cloud(420, 70)}<path d="M0 200 Q120 110 240 190 T560 170 V404 H0Z" fill="#7faa77"/>${ground()}<path d="M300 190 C250 230 380 250 300 300 C240 340 300 370 220 404 H420 C450 360 360 330 420 290 C470 250 350 240 330 190Z" fill="#3f94c8"/><path d="M318 236 q14 -8 28 0 M310 306 q20 -10 40 0 M290 360 q24 -12 48 0" stroke="#d8f0fb" stroke-width="6" fill="none" stroke-linecap="round"/>${tree(120, 280, 1.1)}${tree(500, 290)}`,
  house: `${sky}${sun(80, 76, 32)}${cloud(440, 66)}${ground()}${tree(70, 290)}${house(290, 330, 1.7)}${tree(500, 300, 1.1)}<path d="M290 364 Q300 384 260 404 H350 Q330 384 318 364Z" fill="#d9c08a"/>`,
  school: `${sky}${cloud(90, 70)}${cloud(480, 90, 0.8)}${ground('#c8b98a')}<rect x="90" y="150" width="380" height="180" fill="#f4e2c0"/><rect x="70" y="130" width="420" height="28" fill="#b0463c"/><path d="M210 130 L280 70 L350 130Z" fill="#b0463c"/><circle cx="280" cy="108" r="15" fill="#fff"/><path d="M280 98v10h8" stroke="#333" stroke-width="3" fill="none"/><g fill="#7fb7d6"><rect x="112" y="184" width="52" height="46"/><rect x="184" y="184" width="52" height="46"/><rect x="324" y="184" width="52" height="46"/><rect x="396" y="184" width="52" height="46"/><rect x="112" y="256" width="52" height="46"/><rect x="396" y="256" width="52" height="46"/></g><rect x="250" y="240" width="60" height="90" fill="#7b4a2e"/><path d="M40 340V90" stroke="#777" stroke-width="8"/><rect x="44" y="92" width="86" height="54" fill="#d8342c"/>`,
  bus: `${sky}${cloud(120, 70)}${cloud(420, 60, 0.8)}<path d="M0 230 Q140 180 300 220 T560 200 V404 H0Z" fill="#8cc06d"/><rect y="310" width="560" height="94" fill="#6d7277"/><path d="M0 356h560" stroke="#fff" stroke-width="6" stroke-dasharray="46 30"/><rect x="90" y="140" width="380" height="180" rx="26" fill="#f2b632"/><rect x="90" y="252" width="380" height="26" fill="#c9881b"/><g fill="#bfe3f5"><rect x="116" y="166" width="72" height="64" rx="8"/><rect x="202" y="166" width="72" height="64" rx="8"/><rect x="288" y="166" width="72" height="64" rx="8"/><rect x="374" y="166" width="78" height="80" rx="8"/></g><g><circle cx="180" cy="322" r="38" fill="#333"/><circle cx="180" cy="322" r="16" fill="#ccc"/><circle cx="384" cy="322" r="38" fill="#333"/><circle cx="384" cy="322" r="16" fill="#ccc"/></g>`,
  apple: `<rect width="560" height="404" fill="#fdeedd"/><ellipse cx="280" cy="356" rx="150" ry="18" fill="#e8d2b8"/><path d="M280 130 C220 80 110 120 120 230 C128 310 200 366 250 350 Q280 340 310 350 C360 366 432 310 440 230 C450 120 340 80 280 130Z" fill="#d8342c"/><path d="M280 132 Q278 90 300 62" stroke="#6b4423" stroke-width="12" fill="none" stroke-linecap="round"/><path d="M296 96 Q340 50 396 74 Q356 122 296 96Z" fill="#5aab5c"/><path d="M160 190 Q172 150 206 146" stroke="#f6a59d" stroke-width="14" fill="none" stroke-linecap="round"/>`,
  dog: `<rect width="560" height="404" fill="#e4f1dc"/><ellipse cx="280" cy="372" rx="170" ry="16" fill="#c6dbb8"/><ellipse cx="280" cy="310" rx="96" ry="70" fill="#c98f4e"/><path d="M366 300 Q440 270 430 220" stroke="#c98f4e" stroke-width="24" fill="none" stroke-linecap="round"/><rect x="212" y="330" width="34" height="44" rx="14" fill="#b67c3d"/><rect x="314" y="330" width="34" height="44" rx="14" fill="#b67c3d"/><circle cx="280" cy="180" r="98" fill="#d9a05f"/><path d="M196 130 Q140 130 150 240 Q190 240 210 180Z" fill="#8f5b2a"/><path d="M364 130 Q420 130 410 240 Q370 240 350 180Z" fill="#8f5b2a"/><ellipse cx="280" cy="222" rx="52" ry="42" fill="#f6e3c8"/><ellipse cx="280" cy="204" rx="20" ry="14" fill="#333"/><circle cx="244" cy="164" r="13" fill="#333"/><circle cx="316" cy="164" r="13" fill="#333"/><circle cx="248" cy="160" r="4" fill="#fff"/><circle cx="320" cy="160" r="4" fill="#fff"/><path d="M256 236 Q280 258 304 236" stroke="#333" stroke-width="5" fill="none"/><path d="M270 246 Q280 290 296 246Z" fill="#e86a6a"/>`,
  bird: `${sky}${cloud(90, 80)}${cloud(470, 120, 0.9)}<path d="M60 330 Q280 290 520 340" stroke="#7a5230" stroke-width="22" fill="none" stroke-linecap="round"/><path d="M430 330 q40 -50 80 -34 q-20 44 -80 34Z M120 316 q-30 -44 -66 -30 q14 40 66 30Z" fill="#5aab5c"/><path d="M150 220 L70 190 L90 250Z" fill="#2a6fb0"/><ellipse cx="260" cy="220" rx="124" ry="82" fill="#3b8ed0"/><circle cx="360" cy="150" r="62" fill="#3b8ed0"/><path d="M414 140 L474 156 L414 174Z" fill="#f2b632"/><circle cx="378" cy="136" r="12" fill="#fff"/><circle cx="381" cy="136" r="7" fill="#222"/><path d="M190 196 Q270 170 310 232 Q250 284 190 196Z" fill="#2a6fb0"/><ellipse cx="290" cy="262" rx="70" ry="34" fill="#d7ecfb"/><path d="M250 298v26M290 298v26" stroke="#e08a1e" stroke-width="8"/>`,
  tree: `${sky}${sun(90, 84, 30)}${cloud(440, 70)}${ground()}<rect x="256" y="210" width="48" height="150" fill="#7a5230"/><circle cx="280" cy="130" r="92" fill="#4e9a51"/><circle cx="200" cy="180" r="66" fill="#5aab5c"/><circle cx="362" cy="180" r="66" fill="#458c48"/><g fill="#f39bb0"><circle cx="230" cy="120" r="10"/><circle cx="300" cy="90" r="10"/><circle cx="340" cy="150" r="10"/><circle cx="200" cy="190" r="10"/><circle cx="280" cy="160" r="10"/><circle cx="380" cy="190" r="10"/></g>`,
  sun: `<rect width="560" height="404" fill="#bfe3f5"/>${sun(280, 190, 96)}<circle cx="248" cy="176" r="10" fill="#7a4b00"/><circle cx="312" cy="176" r="10" fill="#7a4b00"/><path d="M236 214 Q280 258 324 214" stroke="#7a4b00" stroke-width="8" fill="none" stroke-linecap="round"/>${cloud(90, 320, 1.2)}${cloud(470, 340, 1.1)}`,
  village: `${sky}${sun(470, 70, 28)}${cloud(90, 60, 0.9)}<path d="M-20 300 L120 130 L230 250 L350 120 L590 300Z" fill="#7d9db3"/>${ground()}${house(110, 330, 0.8)}${house(260, 310, 0.7, '#f8e0c8', '#7a5a4a')}${house(420, 336, 0.9)}${tree(190, 330, 0.8)}${tree(520, 320, 0.9)}`,
  goodbye: `<rect width="560" height="404" fill="#fff3d6"/><circle cx="180" cy="190" r="66" fill="#f3c89c"/><path d="M114 180 Q120 110 180 112 Q240 110 246 180 Q220 150 180 150 Q140 150 114 180Z" fill="#2e2a28"/><path d="M90 404 Q96 268 180 268 Q264 268 270 404Z" fill="#3b8ed0"/><circle cx="380" cy="190" r="66" fill="#f3c89c"/><path d="M312 210 Q300 108 380 110 Q460 108 448 210 Q440 160 380 150 Q324 160 312 210Z" fill="#2e2a28"/><circle cx="306" cy="196" r="18" fill="#2e2a28"/><circle cx="454" cy="196" r="18" fill="#2e2a28"/><path d="M290 404 Q296 268 380 268 Q464 268 470 404Z" fill="#d8342c"/><g fill="#333"><circle cx="158" cy="190" r="7"/><circle cx="202" cy="190" r="7"/><circle cx="358" cy="192" r="7"/><circle cx="402" cy="192" r="7"/></g><path d="M160 216 Q180 236 200 216M360 218 Q380 238 400 218" stroke="#a33" stroke-width="6" fill="none" stroke-linecap="round"/><path d="M256 300 L280 196" stroke="#f3c89c" stroke-width="26" stroke-linecap="round"/><circle cx="283" cy="180" r="22" fill="#f3c89c"/>`,
};

const en = (text, speed = 125) => ({ voice: 'en-gb', text, speed });
const zh = (text) => ({ voice: 'cmn', text, speed: 150 });
const pause = (ms) => ({ pause: ms });
const bell = { bell: true };

// The pauses are for the class to say it.
const word = (name, chinese, sentence, sentenceChinese) => ({
  title: name,
  chinese,
  lines: [sentence, sentenceChinese],
  drawing: drawings[name],
  say: [pause(300), en(name, 105), pause(1200), zh(chinese), pause(500), en(name, 105), pause(1500), en(sentence), pause(2600)],
});

export const cards = [
  {
    title: 'Good morning!',
    chinese: '同学们好',
    lines: ['Unit 3: My village', '第三单元：我的村庄'],
    drawing: drawings.village,
    say: [bell, pause(600), en('Good morning, boys and girls!'), pause(1800), en('Today we look at our village.'), pause(700), en('Please listen, and say it after me.'), pause(1000)],
  },
  word('mountain', '高山', 'The mountain is high.', '山很高。'),
  word('river', '河流', 'The river is long.', '河很长。'),
  word('house', '房子', 'This is my house.', '这是我的房子。'),
  word('school', '学校', 'I go to school.', '我去上学。'),
  word('bus', '公共汽车', 'The bus is yellow.', '公共汽车是黄色的。'),
  word('apple', '苹果', 'I like apples.', '我喜欢苹果。'),
  word('dog', '小狗', 'My dog is happy.', '我的小狗很高兴。'),
  word('bird', '小鸟', 'The bird can sing.', '小鸟会唱歌。'),
  word('tree', '大树', 'The tree is green.', '大树是绿色的。'),
  word('sun', '太阳', 'The sun is warm.', '太阳很温暖。'),
  {
    title: 'My village',
    chinese: '我的村庄',
    lines: ['I live in a village.', '我住在村庄里。'],
    drawing: drawings.village,
    say: [pause(400), en('Now listen to a story.'), pause(900), en('I live in a village. There is a high mountain, and a long river.'), pause(900), en('In the morning the sun is warm, and the birds sing in the tree.'), pause(900), en('My dog and I walk to school.'), pause(1800)],
  },
  {
    title: 'Goodbye!',
    chinese: '再见',
    lines: ['See you tomorrow.', '明天见。'],
    drawing: drawings.goodbye,
    say: [pause(300), en('Very good! That is all for today.'), pause(900), en('Goodbye, boys and girls!'), pause(2200), zh('同学们再见'), pause(1500)],
  },
];
