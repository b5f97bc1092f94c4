// Build `dist/`, unless it is newer than its sources: the modules with their types, the element in
// one file, and the licence.
//
// npm runs this as `prepare`, also where an example depends on this folder. npm has then installed
// what the package needs to run, but not the compiler.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';

const COMPILER = 'node_modules/typescript/bin/tsc';
const SOURCES = ['build.mjs', 'package.json', 'package-lock.json', 'tsconfig.json'];
// What is written last.
const STAMP = 'dist/LICENSE';

process.chdir(import.meta.dirname);
if (!isCurrent()) {
  if (!existsSync(COMPILER)) npm('ci', '--ignore-scripts');
  await build('build');
  rmSync('dist', { recursive: true, force: true });
  renameSync('build', 'dist');
}

function isCurrent() {
  const sources = readdirSync('src', { recursive: true }).map((name) => `src/${name}`);
  const changed = Math.max(...[...SOURCES, ...sources].map((path) => statSync(path).mtimeMs));
  return existsSync(STAMP) && statSync(STAMP).mtimeMs > changed;
}

async function build(folder) {
  rmSync(folder, { recursive: true, force: true });
  node(COMPILER, '--outDir', folder);
  await bundle(`${folder}/oeu-upload.js`);
  copyFileSync('../../LICENSE', `${folder}/LICENSE`);
}

async function bundle(outfile) {
  const esbuild = await import('esbuild');
  const entryPoints = ['src/element/index.ts'];
  await esbuild.build({ entryPoints, outfile, bundle: true, minify: true, format: 'esm', target: 'es2022' });
}

function npm(...command) {
  node(process.env.npm_execpath, ...command);
}

function node(...command) {
  // Not on standard output, where `npm pack --json` writes.
  execFileSync(process.execPath, command, { stdio: ['ignore', 2, 2] });
}
