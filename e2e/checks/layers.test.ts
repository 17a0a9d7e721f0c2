// The import rules of the architecture, on every source file: who may import whom, no cycles, sizes. It says how many
// files it saw; none is a failure.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SKIP = new Set(['node_modules', 'out', 'dist', 'test-results', '.git']);

function* sources(folder: string): Generator<string> {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (SKIP.has(entry.name)) continue;
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(full);
    else if (/\.(ts|tsx|mjs)$/.test(entry.name) && !entry.name.endsWith('.d.ts')) yield path.relative(ROOT, full);
  }
}

interface Source {
  file: string;
  text: string;
  /** Project files, relative to the root. */
  local: string[];
  packages: string[];
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;

function read(file: string): Source {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  const local: string[] = [];
  const packages: string[] = [];
  for (const match of text.matchAll(IMPORT)) {
    const name = match[1] ?? match[2] ?? match[3] ?? '';
    if (name.startsWith('.')) local.push(path.normalize(path.join(path.dirname(file), name)));
    else if (name.startsWith('#shared/')) local.push(name.replace('#shared/', 'shared/'));
    else if (name.startsWith('#backend/')) local.push(name.replace('#backend/', 'electron/backend/'));
    else packages.push(name);
  }
  return { file, text, local, packages };
}

const files = ['shared', 'electron', 'renderer', 'e2e']
  .flatMap((folder) => [...sources(path.join(ROOT, folder))])
  .map(read);
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file);
const product = files.filter(({ file }) => !isTest(file) && !file.startsWith('e2e/'));

/** Files below `from` may not import local files or packages that match, unless the file is listed. */
const RULES: { from: RegExp; local?: RegExp; packages?: RegExp; except?: RegExp; why: string }[] = [
  {
    from: /^shared\//,
    local: /^(electron|renderer|e2e)\//,
    packages: /^(node:|electron$|react|dexie|@cornerstonejs\/(?!codec-|jpeg-lossless)|hono)/,
    why: 'shared knows no Node, DOM, Electron',
  },
  { from: /^shared\/base\//, local: /^shared\/(?!base\/)/, why: 'shared/base imports nothing above it' },
  {
    from: /^electron\/backend\//,
    packages: /^electron($|\/)/,
    local: /^electron\/(main|preload|cli|browser-shell)\/|^renderer\//,
    why: 'the backend knows no shell',
  },
  { from: /^electron\/backend\/base\//, local: /^electron\/backend\/(?!base\/)/, why: 'base imports nothing above it' },
  {
    from: /^electron\/backend\/sources\//,
    local: /^electron\/backend\/(archive|routes|jobs|media|intake)\//,
    why: 'sources know neither archive nor routes',
  },
  {
    from: /^electron\/backend\/sources\/dicomweb\//,
    local: /\/sources\/dimse\//,
    why: 'the two protocols know nothing of each other',
  },
  {
    from: /^electron\/backend\/sources\/dimse\//,
    local: /\/sources\/dicomweb\//,
    why: 'the two protocols know nothing of each other',
  },
  {
    from: /^electron\/backend\/(?!routes\/|app\.ts|open-parts\.ts|loopback-server\.ts|static-files\.ts|serve\.ts)/,
    local: /^electron\/backend\/(routes\/|app\.ts)/,
    why: 'only the composition root knows the routes',
  },
  { from: /^electron\/(?!main\/|preload\/)/, packages: /^electron($|\/)/, why: 'electron only in main and preload' },
  {
    from: /^renderer\//,
    local: /^(electron|e2e)\//,
    packages: /^(node:|electron$|hono|better-sqlite3)/,
    except: /vite\.config\.ts$/,
    why: 'the page has no Node',
  },
  {
    from: /^renderer\/(?!imaging\/)/,
    packages: /^(@cornerstonejs|@kitware)\//,
    except: /vite\.config\.ts$/,
    why: 'Cornerstone3D only in renderer/imaging',
  },
  { from: /^renderer\/(?!local-db\/)/, packages: /^dexie/, why: 'Dexie only in renderer/local-db' },
  {
    from: /^renderer\/(ui|commands|local-db|backend-client|imaging)\//,
    local: /^renderer\/(features|app)\//,
    why: 'features stand above',
  },
  { from: /^electron\/backend\/(?!base\/)/, packages: /^better-sqlite3/, why: 'SQLite only behind base/database.ts' },
];

describe('import rules', () => {
  test('saw the source', () => {
    console.log(`layers: ${files.length} files seen, ${product.length} of the product`);
    expect(files.length).toBeGreaterThan(50);
    expect(files.reduce((sum, file) => sum + file.local.length, 0)).toBeGreaterThan(50);
  });

  test.each(RULES)('$why ($from)', ({ from, local, packages, except }) => {
    const broken = product
      .filter(({ file }) => from.test(file) && !except?.test(file))
      .flatMap((source) => [
        ...source.local.filter((name) => local?.test(name)).map((name) => `${source.file} -> ${name}`),
        ...source.packages.filter((name) => packages?.test(name)).map((name) => `${source.file} -> ${name}`),
      ]);
    expect(broken).toEqual([]);
  });

  test('a feature is imported only through its index', () => {
    const broken = product.flatMap(({ file, local }) =>
      local
        .filter((name) => {
          const feature = /^renderer\/features\/([^/]+)\//.exec(name)?.[1];
          return (
            feature !== undefined && !file.startsWith(`renderer/features/${feature}/`) && !/\/index\.tsx?$/.test(name)
          );
        })
        .map((name) => `${file} -> ${name}`),
    );
    expect(broken).toEqual([]);
  });

  test('every local import is a file', () => {
    const missing = files.flatMap(({ file, local }) =>
      local
        .map((name) => name.replace(/\?.*$/, ''))
        .filter((name) => !fs.existsSync(path.join(ROOT, name)))
        .map((name) => `${file} -> ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test('a class name belongs to one style sheet', () => {
    const owners = new Map<string, Set<string>>();
    for (const file of fs.globSync('renderer/**/*.css', { cwd: ROOT }))
      for (const [, name = ''] of fs.readFileSync(path.join(ROOT, file), 'utf8').matchAll(/^(\.[a-z][\w-]*)/gm))
        owners.set(name, (owners.get(name) ?? new Set()).add(file));
    expect(owners.size).toBeGreaterThan(50);
    expect([...owners].filter(([, files]) => files.size > 1).map(([name]) => name)).toEqual([]);
  });

  test('no file passes 400 lines', () => {
    const long = files
      .filter(({ file }) => !file.endsWith('.generated.ts'))
      .map(({ file, text }) => ({ file, lines: text.split('\n').length }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });
});
