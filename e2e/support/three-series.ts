// A study of three small series for the specs of the viewer.
import { expect, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { numbers, text } from '../../shared/testing/dicom-builder.ts';
import { BrowserPage } from '../pages/browser-page.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import type { Place } from './place.ts';
import { testSlice } from './test-study.ts';

const SERIES = ['Axial', 'Sagittal', 'Coronal'];
const SLICES = 3;

type Changed = Parameters<typeof testSlice>[1];

/** Three series of three slices; a CT with a rescale, so that values have a unit. */
export function writeSeries(folder: string, changed: Changed = {}): string[] {
  const source = path.join(folder, 'source');
  fs.mkdirSync(source, { recursive: true });
  return SERIES.flatMap((name, series) =>
    Array.from({ length: SLICES }, (_, slice) => {
      const file = path.join(source, `${name}-${slice}.dcm`);
      const bytes = testSlice(slice, {
        '00080018': text('UI', `2.25.3${series}${slice}`),
        '00080060': text('CS', 'CT'),
        '0008103E': text('LO', name),
        '0020000E': text('UI', `2.25.40${series}`),
        '00200011': text('IS', String(series + 1)),
        '00281052': text('DS', '-1000'),
        '00281053': text('DS', '2'),
        '00281054': text('LO', 'HU'),
        '00281050': text('DS', '40', '-600'),
        '00281051': text('DS', '400', '1500'),
        '00281055': text('LO', 'Weich', 'Lunge'),
        '00280103': numbers('US', 1),
        ...changed,
      });
      fs.writeFileSync(file, bytes);
      return file;
    }),
  );
}

/** Imports the three series and opens them in the viewer. */
export async function openSeries(page: Page, place: Place, changed: Changed = {}): Promise<ViewerPage> {
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(writeSeries(place.path, changed));
  await expect(browser.job(/9 stored/)).toBeVisible();
  await browser.row('Müller').dblclick();
  const viewer = new ViewerPage(page);
  await expect(viewer.corner('br')).toContainText('/ 3');
  return viewer;
}
