// Bundles the pages into dist/: one html file for each page, its script and style under assets/ with a
// hash in the name, and beside each file a `.gz` of it that the server sends as it is.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
export const pages = ['index', 'login', 'link', 'teach', 'room', 'admin'];

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

/** Each page is bundled alone: what it shares with others comes with it, so that it loads few files. */
const bundle = (page, outdir) =>
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
    metafile: true,
    write: false,
    legalComments: 'none',
  });

/** Builds into `outdir` and returns, for each page, the files it loads with their compressed size. */
export async function buildPages(outdir) {
  const template = await readFile(join(here, 'src/page.html'), 'utf8');
  const files = new Map();
  const report = {};
  for (const page of pages) {
    const result = await bundle(page, outdir);
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

/** Writes the new files first and removes the old ones last: a running server serves on meanwhile. */
async function write(outdir, files) {
  await mkdir(join(outdir, 'assets'), { recursive: true });
  const keep = new Set();
  for (const [name, contents] of files) {
    await writeFile(join(outdir, name), contents);
    await writeFile(join(outdir, `${name}.gz`), gzipSync(contents, { level: 9 }));
    keep.add(basename(name)).add(`${basename(name)}.gz`);
  }
  for (const name of await readdir(join(outdir, 'assets'))) {
    if (!keep.has(name)) {
      await rm(join(outdir, 'assets', name));
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const report = await buildPages(join(here, 'dist'));
  for (const [page, { requests, gzip_bytes }] of Object.entries(report)) {
    console.log(`${page}: ${(gzip_bytes / 1024).toFixed(1)} KiB gz, ${requests} requests`);
  }
}
