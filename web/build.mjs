// Bundles the pages into dist/: one html file for each page, its script and style under assets/ with a
// hash in the name, and beside each file a `.gz` of it that the server sends as it is.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
export const pages = ['index', 'login', 'link', 'teach', 'room', 'coteach', 'admin'];

/**
 * What the html of a page loads: its script, the chunks that it imports, its style and that of what it may load later,
 * which nobody else would load.
 */
function loads(outputs, page) {
  const [file] = Object.entries(outputs).find(
    ([, output]) => output.entryPoint === `src/${page}/main.jsx`,
  );
  const scripts = new Set([file]);
  const later = new Set();
  const follow = (name, into) => {
    for (const { path, kind } of outputs[name].imports) {
      if (kind === 'dynamic-import' && !later.has(path)) {
        later.add(path);
        follow(path, later);
      } else if (kind === 'import-statement' && !into.has(path)) {
        into.add(path);
        follow(path, into);
      }
    }
  };
  follow(file, scripts);
  const styles = [file, ...later].map((name) => outputs[name].cssBundle).filter(Boolean);
  return { scripts: [...scripts], styles: [...new Set(styles)] };
}

function html(template, { scripts, styles }, icon) {
  const url = (file) => `/assets/${basename(file)}`;
  const head = [
    `<link rel="icon" href="${url(icon)}">`,
    ...styles.map((file) => `<link rel="stylesheet" href="${url(file)}">`),
    ...scripts.slice(1).map((file) => `<link rel="modulepreload" href="${url(file)}">`),
    `<script type="module" src="${url(scripts[0])}"></script>`,
  ];
  return template.replace('<!-- head -->', head.join('\n    '));
}

const require = createRequire(import.meta.url);
const { version: pdf_version } = require('pdfjs-dist/package.json');
/** What the reader of PDF files fetches when a file needs it: character maps, fonts, decoders of rare pictures. */
const pdf_folders = ['cmaps', 'standard_fonts', 'wasm', 'iccs'];

/** The reader of PDF files: its worker, which the teacher's page starts, and its data. @returns where they are */
async function addPdf(files, outdir) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [{ in: 'pdfjs-dist/legacy/build/pdf.worker.mjs', out: 'pdf-worker' }],
    outdir: join(outdir, 'assets'),
    entryNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    target: 'chrome90',
    minify: true,
    write: false,
    legalComments: 'none',
  });
  const [{ path, contents }] = outputFiles;
  files.set(join('assets', basename(path)), contents);
  const data = `pdf-${pdf_version}`;
  for (const folder of pdf_folders) {
    const from = join(dirname(require.resolve('pdfjs-dist/package.json')), folder);
    for (const name of await readdir(from)) {
      files.set(join('assets', data, folder, name), await readFile(join(from, name)));
    }
  }
  return {
    PDF_WORKER: JSON.stringify(`/assets/${basename(path)}`),
    PDF_DATA: JSON.stringify(`/assets/${data}/`),
  };
}

/**
 * The service worker of the co-teacher's page. It knows the files of that page by name; another one of them makes it
 * another worker, which takes the new files and drops the old ones.
 */
async function addWorker(files, outdir, names) {
  const hash = createHash('sha256');
  for (const name of names) {
    hash.update(files.get(name));
  }
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [{ in: 'src/coteach/sw.js', out: 'coteach-sw' }],
    outdir,
    bundle: true,
    format: 'iife',
    target: 'chrome90',
    minify: true,
    define: {
      SHELL_FILES: JSON.stringify(
        names.filter((name) => !name.endsWith('.html')).map((name) => `/${name}`),
      ),
      SHELL_VERSION: JSON.stringify(hash.digest('hex').slice(0, 12)),
    },
    write: false,
    legalComments: 'none',
  });
  files.set('coteach-sw.js', outputFiles[0].contents);
}

/** Each page is bundled alone: what it shares with others comes with it, so that it loads few files. */
const bundle = (page, outdir, define) =>
  build({
    absWorkingDir: here,
    entryPoints: [
      { in: `src/${page}/main.jsx`, out: page },
      { in: 'src/ui/icon.svg', out: 'icon' },
    ],
    outdir: join(outdir, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: 'shared-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'chrome90',
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'copy' },
    // its build for browsers that are some years old
    alias: { 'pdfjs-dist': 'pdfjs-dist/legacy/build/pdf.mjs' },
    define,
    metafile: true,
    write: false,
    legalComments: 'none',
  });

/** Builds into `outdir` and returns, for each page, the files it loads with their compressed size. */
export async function buildPages(outdir) {
  const template = await readFile(join(here, 'src/page.html'), 'utf8');
  const files = new Map();
  const report = {};
  const define = await addPdf(files, outdir);
  for (const page of pages) {
    const result = await bundle(page, outdir, define);
    for (const { path, contents } of result.outputFiles) {
      files.set(join('assets', basename(path)), contents);
    }
    const outputs = result.metafile.outputs;
    const icon = Object.keys(outputs).find((file) => file.endsWith('.svg'));
    const loaded = loads(outputs, page);
    const text = Buffer.from(html(template, loaded, icon));
    files.set(`${page}.html`, text);
    const names = [...loaded.scripts, ...loaded.styles];
    const parts = names.map((file) => files.get(join('assets', basename(file))));
    if (page === 'coteach') {
      const own = [...names, icon].map((file) => join('assets', basename(file)));
      await addWorker(files, outdir, ['coteach.html', ...own]);
    }
    report[page] = {
      requests: names.length + 2,
      gzip_bytes: [text, ...parts].reduce(
        (sum, part) => sum + gzipSync(part, { level: 9 }).length,
        0,
      ),
    };
  }
  await write(outdir, files);
  return report;
}

/** What a browser need not fetch whole: the rest is small, or packed already. */
const packs = (name) => /\.(html|js|css|svg|ttf|wasm)$/.test(name);

/** Writes the new files first and removes the old ones last: a running server serves on meanwhile. */
async function write(outdir, files) {
  const keep = new Set();
  for (const [name, contents] of files) {
    await mkdir(join(outdir, dirname(name)), { recursive: true });
    await writeFile(join(outdir, name), contents);
    keep.add(name.split(sep)[1]);
    if (packs(name)) {
      await writeFile(join(outdir, `${name}.gz`), gzipSync(contents, { level: 9 }));
      keep.add(`${name.split(sep)[1]}.gz`);
    }
  }
  for (const name of await readdir(join(outdir, 'assets'))) {
    if (!keep.has(name)) {
      await rm(join(outdir, 'assets', name), { recursive: true });
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const report = await buildPages(join(here, 'dist'));
  for (const [page, { requests, gzip_bytes }] of Object.entries(report)) {
    console.log(`${page}: ${(gzip_bytes / 1024).toFixed(1)} KiB gz, ${requests} requests`);
  }
}
