// A keystroke in the study browser to the painted rows, at 20,000 studies: against the same at 2,000 (asked: at most 1.3x)
// and against Orthanc's QIDO-RS with the same filter on the same studies (asked: at most 0.1x its time). Also says how
// long the first fill of the page's own view takes, a restart with it, and the longest time that typing could have waited.
import { chromium, type Browser, type Page } from '@playwright/test';
import os from 'node:os';
import path from 'node:path';
import { hasOrthanc, startOrthanc } from '../support/peers.ts';
import { startShell, temporaryFolder, type Shell } from '../support/lectern.ts';
import { generateIndex } from './generate-index.ts';
import { median, print, RUNS } from './measure.ts';
import { fillOrthanc } from './fill-orthanc.ts';

const MANY = Number(process.env['BENCH_STUDIES'] ?? 20_000);
const FEW = MANY / 10;
const INSTANCES_PER_STUDY = 5;
/** Typed letter by letter; each prefix is one keystroke to answer. */
const WORDS = ['müller', 'jørg', '鈴木', 'garcía anna', 'P00012'];

interface Place {
  page: Page;
  browser: Browser;
  shell: Shell;
  fillSeconds: number;
  reopenSeconds: number;
  longestTaskMs: number;
}

/** Installed before any script of the page: a keystroke's start, and the frame after its rows. */
function probe(): void {
  const state = { key: 0, painted: 0, longestTask: 0 };
  (globalThis as unknown as { bench: typeof state }).bench = state;
  addEventListener('beforeinput', () => ((state.key = performance.now()), (state.painted = 0)), true);
  addEventListener('lectern:rows', () => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.addEventListener('message', () => (state.painted = performance.now()));
      channel.port1.start();
      channel.port2.postMessage(0);
    });
  });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) state.longestTask = Math.max(state.longestTask, entry.duration);
  }).observe({ entryTypes: ['longtask'] });
}

async function openBrowser(folder: string, studies: number): Promise<Place> {
  await generateIndex(folder, { studies, instances: studies * INSTANCES_PER_STUDY });
  const shell = await startShell(folder);
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--no-first-run', '--disable-background-networking'],
  });
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
  await context.addInitScript(probe);
  const page = await context.newPage();
  const full = page.getByText(`${studies} studies`, { exact: true });
  const started = performance.now();
  await page.goto(shell.invitation);
  await full.waitFor({ timeout: 300_000 });
  const fillSeconds = (performance.now() - started) / 1000;
  const longestTaskMs = await page.evaluate(
    () => (globalThis as unknown as { bench: { longestTask: number } }).bench.longestTask,
  );
  const again = performance.now();
  await page.reload();
  await full.waitFor({ timeout: 300_000 });
  return { page, browser, shell, fillSeconds, reopenSeconds: (performance.now() - again) / 1000, longestTaskMs };
}

/** Types all words; the median time of a keystroke in ms. */
async function keystroke({ page }: Place): Promise<number> {
  const field = page.getByRole('searchbox', { name: 'Search studies' });
  const times: number[] = [];
  for (const word of WORDS) {
    await field.fill('');
    for (const letter of word) {
      if (/[ -~]/.test(letter)) await page.keyboard.press(letter === ' ' ? 'Space' : letter);
      else await page.keyboard.insertText(letter);
      const time = await page.waitForFunction(() => {
        const { key, painted } = (globalThis as unknown as { bench: { key: number; painted: number } }).bench;
        return painted > key && key > 0 ? painted - key : false;
      });
      times.push((await time.jsonValue()) as number);
    }
  }
  return median(times);
}

/** The same prefixes asked of Orthanc; the median time of an answer in ms. Our list is whole and counted: so is the answer
 * without a limit; with one it is cut. */
async function qido(url: string, limit?: number): Promise<number> {
  const times: number[] = [];
  for (const word of WORDS) {
    for (let length = 1; length <= word.length; length++) {
      const typed = word.slice(0, length);
      const filter = /^P\d*$/.test(typed) ? `PatientID=${typed}*` : `PatientName=*${encodeURIComponent(typed.trim())}*`;
      const started = performance.now();
      const answer = await fetch(`${url}/dicom-web/studies?${filter}${limit === undefined ? '' : `&limit=${limit}`}`, {
        headers: { accept: 'application/dicom+json' },
      });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`Orthanc answered ${answer.status}`);
      times.push(performance.now() - started);
    }
  }
  return median(times);
}

using few = temporaryFolder();
using many = temporaryFolder();
const places = { few: await openBrowser(few.path, FEW), many: await openBrowser(many.path, MANY) };
const home = process.env['PEERS_HOME'] ?? path.join(os.homedir(), '.cache', 'lectern-peers-browse');
const orthanc = hasOrthanc ? startOrthanc({ home, firstPort: 18_520 }) : undefined;
type Side = 'at2000' | 'at20000' | 'orthancQido' | 'orthancQidoFirst100';
const values: Record<Side, number[]> = { at2000: [], at20000: [], orthancQido: [], orthancQidoFirst100: [] };
try {
  const loading = performance.now();
  if (orthanc) await fillOrthanc(orthanc.url, MANY);
  const loadSeconds = (performance.now() - loading) / 1000;
  for (let run = 0; run <= RUNS; run++) {
    const [a, b] = [await keystroke(places.few), await keystroke(places.many)];
    const d = orthanc ? await qido(orthanc.url, 100) : Number.NaN;
    if (run === 0) continue;
    values.at2000.push(a);
    values.at20000.push(b);
    values.orthancQidoFirst100.push(d);
  }
  // Whole answers of one letter take it seconds: one round says enough.
  values.orthancQido.push(orthanc ? await qido(orthanc.url) : Number.NaN);
  const ratio = (left: readonly number[], right: readonly number[]): number =>
    Number((median(left) / median(right)).toFixed(3));
  print('browse', values, 'ms', {
    studies: [FEW, MANY],
    against2000: ratio(values.at20000, values.at2000),
    ...(orthanc
      ? {
          againstOrthanc: ratio(values.at20000, values.orthancQido),
          againstOrthancFirst100: ratio(values.at20000, values.orthancQidoFirst100),
          orthancStudies: MANY,
          orthancLoadSeconds: Math.round(loadSeconds),
        }
      : { orthanc: 'skipped: not installed' }),
    firstFillSeconds: Number(places.many.fillSeconds.toFixed(2)),
    reopenSeconds: Number(places.many.reopenSeconds.toFixed(2)),
    longestTaskOfFillMs: Math.round(places.many.longestTaskMs),
  });
} finally {
  orthanc?.stop();
  for (const { browser, shell } of Object.values(places)) {
    await browser.close();
    await shell.stop();
  }
}
process.exit(0);
