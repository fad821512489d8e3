// PDF files that tests need, made from nothing: text, Chinese without a font of its own, a script, a password, damage.

const latin1 = (text) => Buffer.from(text, 'latin1');

/** A file of these objects, numbered from 1; the first is the catalogue. */
function file(objects, trailer = '') {
  const parts = ['%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'];
  let at = parts[0].length;
  const offsets = [];
  objects.forEach((object, i) => {
    const part = `${i + 1} 0 obj\n${object}\nendobj\n`;
    offsets.push(at);
    parts.push(part);
    at += part.length;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  parts.push(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows.join('')}`);
  parts.push(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${at}\n%%EOF\n`);
  return latin1(parts.join(''));
}

const stream = (text) => `<< /Length ${text.length} >>\nstream\n${text}\nendstream`;

/** A page of 960 × 540 points for each of `contents`, in what PDF draws with; `more` goes into the catalogue. */
function pages(contents, { more = '', encrypt = '' } = {}) {
  const fonts = 4; // objects before the pages: catalogue, tree, Latin font, Chinese font, its descendant, its measures
  const first = 3 + fonts;
  const kids = contents.map((_, i) => `${first + 2 * i} 0 R`).join(' ');
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R ${more} >>`,
    `<< /Type /Pages /Kids [${kids}] /Count ${contents.length} /MediaBox [0 0 960 540] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>',
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [5 0 R] >>',
    `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 6 0 R
/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 >>`,
    `<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0
/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>`,
  ];
  contents.forEach((content, i) => {
    objects.push(
      `<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${first + 2 * i + 1} 0 R >>`,
      stream(content),
    );
  });
  return encrypt
    ? file([...objects, encrypt], `/Encrypt ${objects.length + 1} 0 R /ID [<00> <00>]`)
    : file(objects);
}

/** Pages that say their number, each with a ground of its own colour. */
export const numbered = (count) =>
  pages(
    Array.from(
      { length: count },
      (_, i) =>
        `${((i * 37) % 100) / 100} 0.8 0.9 rg 0 0 960 540 re f 0 0 0 rg BT /F1 120 Tf 80 220 Td (Page ${i + 1}) Tj ET`,
    ),
  );

/** One line of Chinese in a font that the file names and does not bring. */
export function chinese(text) {
  const codes = [...text].map((char) => char.codePointAt(0).toString(16).padStart(4, '0')).join('');
  return pages([`0 0 0 rg BT /F2 100 Tf 60 220 Td <${codes}> Tj ET`]);
}

/** A page, and a script that a reader which runs scripts would run on opening. */
export const scripted = () =>
  pages(['0 0 0 rg BT /F1 80 Tf 80 220 Td (scripted) Tj ET'], {
    more: '/OpenAction << /S /JavaScript /JS (app.alert\\("ran"\\); this.submitForm\\("http://example.invalid/"\\);) >>',
  });

/** Opens with a password alone. */
export function locked() {
  const key = 'ab'.repeat(32);
  return pages(['BT /F1 80 Tf 80 220 Td (secret) Tj ET'], {
    encrypt: `<< /Filter /Standard /V 1 /R 2 /O <${key}> /U <${key}> /P -4 >>`,
  });
}

/** Begins as a PDF and goes on as nothing. */
export const broken = () => latin1(`%PDF-1.7\n${'\x00\xff<<>>[]'.repeat(400)}`);
