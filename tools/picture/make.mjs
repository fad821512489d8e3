// Starts the demo, opens its pages in Chromium and puts them on one sheet: `make.mjs OUT.png`.
import { readFile, writeFile } from 'node:fs/promises';
import { launch, open, plays } from '../../tests/e2e/browser.mjs';
import { Product, until } from '../../tests/e2e/product.mjs';

const out = process.argv[2];
const words = [
  'Teacher 教师',
  'Maliupu 麻柳铺',
  'Xiantaiba 仙台坝',
  'Administrator 管理员',
  'Co-teacher of Maliupu 麻柳铺辅助教师',
  'Co-teacher of Xiantaiba 仙台坝辅助教师',
];
const port = Number(process.env.TONGKE_TEST_PORT ?? 21760);

/** The pictures under their names, on one page of which a picture is taken. */
function sheet(pictures) {
  const cells = pictures.map((picture, i) => {
    const source = `data:image/png;base64,${picture.toString('base64')}`;
    return `<figure><img src="${source}"><figcaption>${words[i]}</figcaption></figure>`;
  });
  return `<style>
    body { margin: 0; padding: 16px; width: 1248px; display: grid; grid-template-columns: 1fr 1fr;
      gap: 16px; align-content: start; background: #e5e7eb; font: 600 17px 'Noto Sans CJK SC', sans-serif; color: #1f2937; }
    figure { margin: 0; } figcaption { text-align: center; padding-top: 6px; }
    img { display: block; width: 100%; border-radius: 8px; }
  </style>${cells.join('')}`;
}

const product = await Product.start({ port });
const browser = await launch();
try {
  const links = await product.links();
  const pages = [];
  for (const link of links) {
    pages.push((await open(browser, link.link)).page);
  }
  for (const room of [1, 2]) {
    await plays(pages[room], words[room], 25);
  }
  await until('the administrator sees both rooms play', async () => {
    const text = await pages[3].locator('body').innerText();
    return (text.match(/0\.\d %/g) ?? []).length >= 2;
  });
  await pages[0].locator('button.start').click();
  await pages[1].locator('button.big[data-act=raise]').click();
  await pages[0].locator('.raised').waitFor();
  await pages[2].locator('button.big[data-act=raise]').waitFor();
  await pages[0].locator('.air.good').waitFor();
  const pictures = [];
  for (const page of pages) {
    pictures.push(await page.screenshot());
  }
  const paper = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await paper.setContent(sheet(pictures));
  await writeFile(out, await paper.screenshot({ fullPage: true }));
  const { length } = await readFile(out);
  console.log(`${out}: ${Math.round(length / 1024)} KiB`);
} finally {
  await browser.close();
  await product.clean();
}
