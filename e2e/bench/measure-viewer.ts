// Drives our viewer in Chromium the way the peers' ohif.mjs drives OHIF: same window, same starts and ends of each time.
import { chromium, type Browser, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { runCli, startShell, temporaryFolder } from '../support/lectern.ts';
import { dataSet, needPeers, PEERS, PEERS_HOME } from './measure.ts';
import { studyOf } from './measure-transfers.ts';

export interface ViewerRun {
  openFirst: number;
  openAll: number;
  scroll: number;
  cpuMsPerSlice: number;
  /** The same with 20 lengths in the series; NaN where not asked for. */
  annotated: number;
  annotatedCpuMsPerSlice: number;
  heapMb: number;
  pssMb: number;
}

const ARGUMENTS = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];
export const SLICES = 200;

/** Installed before any script of the page. */
export function probe(): void {
  const state = { enter: 0, painted: 0, complete: 0, shown: [] as [number, number][] };
  (globalThis as unknown as { bench: typeof state }).bench = state;
  addEventListener('keydown', (event) => event.key === 'Enter' && (state.enter = performance.now()), true);
  addEventListener('lectern:painted', (event) => {
    const { detail } = event as CustomEvent<{ index: number }>;
    state.shown.push([performance.now(), detail.index]);
    if (state.painted) return;
    state.painted = -1;
    // On screen after the next frame.
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.addEventListener('message', () => (state.painted = performance.now()));
      channel.port1.start();
      channel.port2.postMessage(0);
    });
  });
  addEventListener('lectern:series-complete', () => (state.complete = performance.now()));
}

/** Summed over the Chromium processes that descend from this one, no others of the machine: PSS in MB, CPU in ms. */
function chromiumCost(): { pssMb: number; cpuMs: number } {
  const processes = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([id, parent, ...args]) => ({
      id: Number(id),
      parent: Number(parent),
      isChromium: /chrom/.test(args.join(' ')),
    }));
  const family = new Set([process.pid]);
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const { id, parent } of processes) if (family.has(parent)) family.add(id);
  }
  const ids = processes.filter(({ id, isChromium }) => isChromium && family.has(id)).map(({ id }) => id);
  let [pss, ticks] = [0, 0];
  for (const id of ids) {
    try {
      pss += Number(/^Pss:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${id}/smaps_rollup`, 'latin1'))?.[1] ?? 0) / 1024;
      const fields = fs.readFileSync(`/proc/${id}/stat`, 'latin1').split(') ').pop()?.split(' ') ?? [];
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // Ended meanwhile.
    }
  }
  return { pssMb: pss, cpuMs: ticks * 10 };
}

async function scroll(page: Page, seconds: number): Promise<{ perSecond: number; cpuMsPerSlice: number }> {
  const box = await page.locator('.cell').first().boundingBox();
  if (!box) throw new Error('no cell');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.keyboard.press('Home');
  await page.mouse.wheel(0, 100);
  const before = chromiumCost().cpuMs;
  const from = await page.evaluate(() => performance.now());
  let events = 0;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; events++)
    await page.mouse.wheel(0, Math.floor(events / (SLICES - 10)) % 2 ? -100 : 100);
  const cpuMs = chromiumCost().cpuMs - before;
  const result = await page.evaluate((start) => {
    const end = performance.now();
    const { shown } = (globalThis as unknown as { bench: { shown: [number, number][] } }).bench;
    const changes = shown.filter(
      ([time, index], at) => time >= start && time <= end && at > 0 && index !== shown[at - 1]?.[1],
    );
    return { seconds: (end - start) / 1000, changes: changes.length };
  }, from);
  return { perSecond: result.changes / result.seconds, cpuMsPerSlice: cpuMs / Math.max(1, result.changes) };
}

/** Draws lengths on that many slices, spread over the series, as a person would. */
async function annotate(page: Page, count: number): Promise<void> {
  const box = await page.locator('.cell').first().boundingBox();
  if (!box) throw new Error('no cell');
  await page.keyboard.press('Home');
  await page.keyboard.press('l');
  for (let drawn = 0; drawn < count; drawn++) {
    await page.mouse.move(box.x + box.width * 0.45, box.y + box.height * (0.3 + drawn / 50));
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5, { steps: 3 });
    await page.mouse.move(box.x + box.width * 0.55, box.y + box.height * (0.4 + drawn / 50), { steps: 3 });
    await page.mouse.up();
    await page.keyboard.press('PageDown');
  }
  await page.keyboard.press('w');
  await page.getByText(`${count} lengths, kept in the archive`).waitFor();
}

const SCROLL_SECONDS = 6;
const LENGTHS = 20;

async function oneRun(browser: Browser, invitation: string, isAnnotated: boolean): Promise<ViewerRun> {
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
  await context.addInitScript(probe);
  const page = await context.newPage();
  await page.goto(invitation);
  await page.locator('.study-row').first().waitFor();
  await page.locator('.study-row').first().click();
  await page.waitForTimeout(1500);
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    () => (globalThis as unknown as { bench: { painted: number; complete: number } }).bench.complete > 0,
  );
  const times = await page.evaluate(
    () => (globalThis as unknown as { bench: { enter: number; painted: number; complete: number } }).bench,
  );
  const scrolled = await scroll(page, SCROLL_SECONDS);
  const devtools = await context.newCDPSession(page);
  await devtools.send('HeapProfiler.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('Performance.enable');
  const { metrics } = await devtools.send('Performance.getMetrics');
  const heapMb = (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1e6;
  const { pssMb } = chromiumCost();
  let annotated = { perSecond: Number.NaN, cpuMsPerSlice: Number.NaN };
  if (isAnnotated) {
    await annotate(page, LENGTHS);
    annotated = await scroll(page, SCROLL_SECONDS);
  }
  await context.close();
  return {
    openFirst: (times.painted - times.enter) / 1000,
    openAll: (times.complete - times.enter) / 1000,
    scroll: scrolled.perSecond,
    cpuMsPerSlice: scrolled.cpuMsPerSlice,
    annotated: annotated.perSecond,
    annotatedCpuMsPerSlice: annotated.cpuMsPerSlice,
    heapMb,
    pssMb,
  };
}

export interface OhifResult {
  openFromListSeconds?: { median: number };
  openFromListAllSeconds?: { median: number };
  scrollSlicesPerSecond?: { median: number };
  jsHeapMB?: { median: number };
  pssSumMB?: { median: number };
}

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ARGUMENTS });

/** Orthanc with the 200 slices, and OHIF in front of it. */
export async function startOhifSide(
  bench: string,
): Promise<{ measure(names: readonly string[]): Promise<OhifResult>; close(): Promise<void> }> {
  needPeers(bench, dataSet('ct200'), path.join(PEERS_HOME, 'ohif', 'dist', 'index.html'));
  execFileSync(path.join(PEERS, 'orthanc.sh'), ['start'], { stdio: 'ignore' });
  execFileSync(path.join(PEERS, 'orthanc.sh'), ['load', fs.realpathSync(dataSet('ct200'))], { stdio: 'ignore' });
  const study = studyOf('ct200');
  const { startOhif, measureOhif } = (await import(path.join(PEERS, 'ohif.mjs'))) as {
    startOhif(options: { port: number }): Promise<{ url: string; close(): Promise<void> }>;
    measureOhif(options: Record<string, unknown>): Promise<OhifResult>;
  };
  const ohif = await startOhif({ port: 0 });
  return {
    measure: (names) => measureOhif({ url: ohif.url, study, slices: SLICES, names, runs: 1 }),
    close: async () => {
      await ohif.close();
      execFileSync(path.join(PEERS, 'orthanc.sh'), ['stop'], { stdio: 'ignore' });
    },
  };
}

/** Both sides in turn, `runs` times. */
export async function compareViewers(
  bench: string,
  ohifNames: string[],
  runs: number,
): Promise<{ ours: ViewerRun[]; ohif: OhifResult[] }> {
  using folder = temporaryFolder();
  const ohif = await startOhifSide(bench);
  await runCli(folder.path, ['import', fs.realpathSync(dataSet('ct200'))]);
  const result: { ours: ViewerRun[]; ohif: OhifResult[] } = { ours: [], ohif: [] };
  try {
    for (let run = 0; run <= runs; run++) {
      const shell = await startShell(folder.path);
      const browser = await launchBrowser();
      const ours = await oneRun(browser, shell.invitation, ohifNames.includes('scroll'));
      await browser.close();
      await shell.stop();
      const theirs = await ohif.measure(ohifNames);
      if (run === 0) continue;
      result.ours.push(ours);
      result.ohif.push(theirs);
    }
  } finally {
    await ohif.close();
  }
  return result;
}
