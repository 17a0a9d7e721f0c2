// What is no plain stack: frames with headers of their own, cines, syntaxes without a decoder, reports, objects without a view.
import { expect, test } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { BrowserPage } from '../pages/browser-page.ts';
import { ViewerPage } from '../pages/viewer-page.ts';
import { binary, numbers, sequence, text, writeFile, type Dataset } from '../../shared/testing/dicom-builder.ts';
import { placeForEachTest } from '../support/place.ts';

const STORAGE = '1.2.840.10008.5.1.4.1.1.';
const [ROWS, COLUMNS] = [24, 36];

const instance = (series: number, modality: string, sopClass: string, description: string, more: Dataset): Dataset => ({
  '00080005': text('CS', 'ISO_IR 192'),
  '00080016': text('UI', STORAGE + sopClass),
  '00080018': text('UI', `2.25.7${series}`),
  '00080020': text('DA', '20240517'),
  '00080060': text('CS', modality),
  '0008103E': text('LO', description),
  '00100010': text('PN', 'Objekt^Otto'),
  '00100020': text('LO', 'P-1'),
  '0020000D': text('UI', '2.25.70'),
  '0020000E': text('UI', `2.25.8${series}`),
  '00200011': text('IS', String(series)),
  ...more,
});

const picture = (frames: number, more: Dataset = {}): Dataset => ({
  '00280002': numbers('US', 1),
  '00280004': text('CS', 'MONOCHROME2'),
  '00280008': text('IS', String(frames)),
  '00280010': numbers('US', ROWS),
  '00280011': numbers('US', COLUMNS),
  '00280100': numbers('US', 8),
  '00280101': numbers('US', 8),
  '00280102': numbers('US', 7),
  '00280103': numbers('US', 0),
  '7FE00010': binary('OW', new Uint8Array(ROWS * COLUMNS * frames).fill(100)),
  ...more,
});

const frameGroup = (z: number, slope: number, center: number): Dataset => ({
  '00209113': sequence({ '00200032': text('DS', '10', '-20', String(z)) }),
  '00289132': sequence({ '00281050': text('DS', String(center)), '00281051': text('DS', '300') }),
  '00289145': sequence({
    '00281052': text('DS', '-50'),
    '00281053': text('DS', String(slope)),
    '00281054': text('LO', 'HU'),
  }),
});

function writeObjects(folder: string): string[] {
  const enhanced = instance(1, 'CT', '2.1', 'Enhanced', {
    ...picture(3),
    '52009229': sequence({
      '00209116': sequence({ '00200037': text('DS', '1', '0', '0', '0', '1', '0') }),
      '00289110': sequence({ '00180050': text('DS', '4'), '00280030': text('DS', '0.8', '0.5') }),
    }),
    '52009230': sequence(frameGroup(30, 1, 10), frameGroup(34, 2, 20), frameGroup(38, 3, 30)),
  });
  const cine = instance(2, 'US', '3.1', 'Cine', {
    ...picture(5, { '00181063': text('DS', '40') }),
    '00082142': text('IS', '2'),
    '00082143': text('IS', '4'),
  });
  const { '7FE00010': _, ...noPixels } = picture(1);
  const video = instance(3, 'ES', '77.1.1', 'Video', noPixels);
  const report = instance(4, 'SR', '88.11', 'Befund', {
    '0040A040': text('CS', 'CONTAINER'),
    '0040A043': sequence({ '00080104': text('LO', 'Radiology report') }),
    '0040A491': text('CS', 'COMPLETE'),
    '0040A493': text('CS', 'VERIFIED'),
    '0040A730': sequence({
      '0040A010': text('CS', 'CONTAINS'),
      '0040A040': text('CS', 'TEXT'),
      '0040A043': sequence({ '00080104': text('LO', 'Finding') }),
      '0040A160': text('UT', `<b>No</b> fracture${'\nand no other finding'.repeat(200)}`),
    }),
  });
  const structures = instance(5, 'RTSTRUCT', '481.3', 'Konturen', {
    '30060020': sequence({ '30060026': text('LO', 'Leber') }, { '30060026': text('LO', 'Milz') }),
    '30060080': sequence({ '30060082': text('IS', '1') }, { '30060082': text('IS', '2') }),
  });
  const files: [string, Uint8Array][] = [
    ['enhanced', writeFile(enhanced)],
    ['cine', writeFile(cine)],
    [
      'video',
      writeFile(video, { transferSyntaxUid: '1.2.840.10008.1.2.4.100', frames: [[new Uint8Array(64).fill(7)]] }),
    ],
    ['report', writeFile(report)],
    ['structures', writeFile(structures)],
  ];
  fs.mkdirSync(folder, { recursive: true });
  return files.map(([name, bytes]) => {
    const file = path.join(folder, `${name}.dcm`);
    fs.writeFileSync(file, bytes);
    return file;
  });
}

/** One page of 200 x 100 points, without the table that readers make up for themselves. */
const PDF = Buffer.from(
  '%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);

/** A series of two pictures, two PDF and an object without a view. */
function writeMixed(folder: string): string[] {
  const pdf = {
    '00420010': text('ST', 'Brief'),
    '00420011': binary('OB', PDF),
    '00420012': text('LO', 'application/pdf'),
  };
  const structures = { '30060020': sequence({ '30060026': text('LO', 'Leber') }) };
  const members: [string, Dataset][] = [
    ['7', picture(1)],
    ['7', picture(1)],
    ['104.1', pdf],
    ['104.1', pdf],
    ['481.3', structures],
  ];
  fs.mkdirSync(folder, { recursive: true });
  return members.map(([sopClass, more], at) => {
    const file = path.join(folder, `${at}.dcm`);
    fs.writeFileSync(
      file,
      writeFile({ ...instance(9, 'OT', sopClass, 'Gemischt', more), '00080018': text('UI', `2.25.79${at}`) }),
    );
    return file;
  });
}

const place = placeForEachTest();

test('each object shows what it is', async ({ page }) => {
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(writeObjects(path.join(place.path, 'source')));
  await expect(browser.job(/5 stored/)).toBeVisible();
  await browser.row('Objekt').dblclick();
  const viewer = new ViewerPage(page);

  await test.step('frames of an enhanced object have window, values and position of their own', async () => {
    await expect(viewer.corner('br')).toContainText('1 / 3');
    for (const [frame, center, z, value] of [
      [1, 10, 30, 50],
      [2, 20, 34, 150],
      [3, 30, 38, 250],
    ]) {
      await expect(viewer.corner('br')).toContainText(`${frame} / 3`);
      await expect(viewer.corner('bl')).toContainText(`position ${z} mm`);
      await expect(viewer.corner('br')).toContainText(`C ${center}  W 300`);
      await viewer.cell().hover();
      await viewer.cell().hover({ position: { x: 400, y: 300 } });
      await expect(viewer.probe).toContainText(`: ${value} HU (stored 100)`);
      await viewer.press('ArrowDown');
    }
  });
  await test.step('a cine of one instance runs at the rate of its header, within its trim', async () => {
    await viewer.press('n');
    await expect(viewer.corner('br')).toContainText('/ 5');
    await page.keyboard.press('Space');
    await expect(page.getByTestId('cine-rate')).toHaveText(/of 25 frames\/s$/);
    await expect(page.locator('.cine-bar')).toContainText('3 of 5 frames: trimmed by the header');
    await page.keyboard.press('Space');
  });
  await test.step('a syntax without a decoder is named in the cell', async () => {
    await viewer.press('n');
    await expect(viewer.cell().getByRole('alert')).toContainText('MPEG2');
    await expect(viewer.cell().getByRole('alert')).toContainText('1.2.840.10008.1.2.4.100');
  });
  await test.step('a report is a tree of text, never markup', async () => {
    await viewer.press('n');
    const tree = page.getByRole('document', { name: 'Report' });
    await expect(tree).toContainText('Radiology report');
    await expect(tree).toContainText('Finding <b>No</b> fracture');
    // The keys of the slices go through it.
    await expect(tree).toBeFocused();
    // A key that comes before the browser has laid the tree out scrolls nothing.
    await expect(async () => {
      await page.keyboard.press('PageDown');
      await expect.poll(() => tree.evaluate((element) => element.scrollTop), { timeout: 2000 }).toBeGreaterThan(100);
    }).toPass();
  });
  await test.step('an object without a view says what it holds', async () => {
    await viewer.press('n');
    await expect(viewer.cell()).toContainText('Radiotherapy structure set');
    // The report took the keys along as it went.
    await expect(page.getByRole('main', { name: 'Viewer' })).toBeFocused();
    await expect(viewer.cell()).toContainText('2 structures: Leber, Milz');
    await page.keyboard.press('t');
    await expect(page.getByRole('region', { name: 'Attribute list' })).toContainText('StructureSetROISequence');
  });
});

test('what lies among the pictures of a series is counted and can be read', async ({ page }) => {
  await page.goto(place.invitation);
  const browser = new BrowserPage(page);
  await browser.importFiles(writeMixed(path.join(place.path, 'source')));
  await browser.row('Objekt').dblclick();
  const viewer = new ViewerPage(page);
  await expect(viewer.corner('br')).toContainText('/ 2');
  await expect(viewer.series('Gemischt')).toContainText('2 images, 3 others');
  await page.getByRole('button', { name: '3 objects without a picture' }).click();
  const documents = page.getByRole('document', { name: 'Documents' });
  await expect(documents.locator('canvas')).toHaveCount(2);
  await expect(documents).toContainText('1 structure: Leber');
  await page.getByRole('button', { name: 'Back to the images' }).click();
  await expect(documents).toHaveCount(0);
  await expect(viewer.corner('br')).toContainText('/ 2');
});
