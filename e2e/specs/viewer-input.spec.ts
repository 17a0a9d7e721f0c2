// Pointers and keys as hands and systems really give them: releases that are lost, two fingers, a trackpad, a key held down,
// layouts of other scripts, colours of the system.
import { expect, test, type CDPSession, type Page } from '@playwright/test';
import { BrowserPage } from '../pages/browser-page.ts';
import type { Spot, ViewerPage } from '../pages/viewer-page.ts';
import { placeForEachTest } from '../support/place.ts';
import { openSeries } from '../support/three-series.ts';

const place = placeForEachTest();

async function open(page: Page): Promise<ViewerPage> {
  const viewer = await openSeries(page, place);
  await viewer.waitForMount();
  return viewer;
}

/** Presses in the cell's middle and moves `dx` CSS pixels to the right; holds. */
async function hold(viewer: ViewerPage, dx: number): Promise<Spot> {
  const at = await middleOf(viewer);
  await viewer.page.mouse.move(at.x, at.y);
  await viewer.page.mouse.down();
  await viewer.page.mouse.move(at.x + dx, at.y, { steps: 3 });
  await viewer.painted();
  return at;
}

async function middleOf(viewer: ViewerPage): Promise<Spot> {
  const box = await viewer.cell().boundingBox();
  if (!box) throw new Error('no cell');
  return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
}

const transformOf = (viewer: ViewerPage): Promise<[scale: number, x: number, y: number]> =>
  viewer
    .cell()
    .locator('.picture')
    .evaluate((picture) => {
      const { a, e, f } = new DOMMatrix(getComputedStyle(picture).transform);
      return [a, e, f];
    });

test('a drag that is held ends where another stack or view comes in its place', async ({ page }) => {
  const viewer = await open(page);
  const window = viewer.corner('br');
  for (const [key, after] of [
    ['n', 'C 40  W 400'],
    ['Control+z', 'C 40  W 400'],
    ['0', 'C 40  W 400'],
    // What the key chose stays; the drag does not lay its own over it.
    ['1', 'C 40  W 80'],
  ] as const) {
    const at = await hold(viewer, 60);
    await expect(window).toContainText('C 40  W 480');
    await viewer.press(key);
    await expect(window).toContainText(after);
    await page.mouse.move(at.x + 100, at.y + 20, { steps: 3 });
    await viewer.painted();
    await expect(window, key).toContainText(after);
    await page.mouse.up();
    await viewer.press('0');
  }
});

test('a drag whose release is lost ends', async ({ page }) => {
  const viewer = await open(page);
  const devtools = await page.context().newCDPSession(page);
  const releases: Record<string, (at: Spot) => Promise<unknown>> = {
    'no button': ({ x, y }) =>
      devtools.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x: x + 90, y, button: 'none', buttons: 0 }),
    blur: () => page.evaluate(() => dispatchEvent(new Event('blur'))),
    capture: () => viewer.cell().evaluate((cell) => cell.releasePointerCapture(1)),
  };
  for (const [name, lose] of Object.entries(releases)) {
    const at = await hold(viewer, 60);
    await lose(at);
    await page.mouse.move(at.x + 100, at.y + 50, { steps: 3 });
    await viewer.painted();
    await expect(viewer.corner('br'), name).toContainText('C 40  W 480');
    await page.mouse.up();
    await viewer.press('0');
  }
});

test.describe('touch', () => {
  test.use({ hasTouch: true });

  const touch = (devtools: CDPSession, type: 'touchStart' | 'touchMove' | 'touchEnd', points: readonly Spot[]) =>
    devtools.send('Input.dispatchTouchEvent', { type, touchPoints: points.map((point, id) => ({ ...point, id })) });

  test('two fingers zoom about their middle and pan; one goes on with nothing', async ({ page }) => {
    const viewer = await open(page);
    const devtools = await page.context().newCDPSession(page);
    const { x, y } = await middleOf(viewer);
    const box = await viewer.cell().boundingBox();
    const inCell = { x: x + 20 - (box?.x ?? 0), y: y - (box?.y ?? 0) };
    const before = await transformOf(viewer);
    await touch(devtools, 'touchStart', [{ x: x - 80, y }]);
    await touch(devtools, 'touchStart', [{ x: x - 80, y }, { x: x + 120, y }]); // prettier-ignore
    for (const part of [0.25, 0.5, 0.75, 1])
      await touch(devtools, 'touchMove', [
        { x: x - 80 - 100 * part, y: y + 30 * part },
        { x: x + 120 + 100 * part, y: y + 30 * part },
      ]);
    await viewer.painted();
    const after = await transformOf(viewer);
    expect(after[0] / before[0]).toBeCloseTo(2, 1);
    // What lay between the fingers lies between them still, 30 px below.
    expect(inCell.x - after[1]).toBeCloseTo((inCell.x - before[1]) * 2, -0.5);
    expect(inCell.y + 30 - after[2]).toBeCloseTo((inCell.y - before[2]) * 2, -0.5);
    await touch(devtools, 'touchEnd', [{ x: x - 180, y: y + 30 }]);
    await touch(devtools, 'touchMove', [{ x: x - 100, y: y - 60 }]);
    await touch(devtools, 'touchEnd', []);
    await viewer.painted();
    expect(await transformOf(viewer)).toEqual(after);
    await expect(viewer.corner('br')).toContainText('C 40  W 400');
    // One step back.
    await viewer.press('Control+z');
    expect((await transformOf(viewer))[0]).toBeCloseTo(before[0], 3);
    await touch(devtools, 'touchStart', [{ x, y }]);
    await touch(devtools, 'touchMove', [{ x: x + 60, y }]);
    await touch(devtools, 'touchEnd', []);
    await expect(viewer.corner('br')).toContainText('C 40  W 480');
  });

  test('a second finger gives up the length that the first has begun', async ({ page }) => {
    const viewer = await open(page);
    const devtools = await page.context().newCDPSession(page);
    const { x, y } = await middleOf(viewer);
    const [scale] = await transformOf(viewer);
    await viewer.press('l');
    await touch(devtools, 'touchStart', [{ x: x - 80, y }]);
    await touch(devtools, 'touchMove', [{ x: x - 60, y }]);
    await touch(devtools, 'touchStart', [{ x: x - 60, y }, { x: x + 60, y }]); // prettier-ignore
    await touch(devtools, 'touchMove', [{ x: x - 120, y }, { x: x + 120, y }]); // prettier-ignore
    await touch(devtools, 'touchEnd', []);
    await viewer.painted();
    expect((await transformOf(viewer))[0] / scale).toBeCloseTo(2, 1);
    await expect(viewer.lengthText).toHaveCount(0);
  });

  test('a long press asks as a right click does, and its release takes nothing', async ({ page }) => {
    const viewer = await open(page);
    const devtools = await page.context().newCDPSession(page);
    const { x, y } = await middleOf(viewer);
    await page.clock.install();
    const menu = page.getByRole('menu', { name: 'Image' });
    await touch(devtools, 'touchStart', [{ x, y }]);
    await touch(devtools, 'touchMove', [{ x: x + 2, y: y + 1 }]);
    await page.clock.fastForward(600);
    await expect(menu).toBeVisible();
    await touch(devtools, 'touchEnd', []);
    await viewer.painted();
    await expect(menu).toBeVisible();
    await menu.getByRole('menuitem', { name: 'Invert' }).tap();
    await expect(viewer.corner('br')).toContainText('inverted');
    await expect(menu).toHaveCount(0);
    // A drag that rests is none.
    await touch(devtools, 'touchStart', [{ x, y }]);
    await touch(devtools, 'touchMove', [{ x: x + 60, y }]);
    await expect(viewer.corner('br')).toContainText('C 40  W 480');
    await page.clock.fastForward(600);
    await expect(menu).toHaveCount(0);
    await touch(devtools, 'touchEnd', []);
  });
});

test('a trackpad that pinches zooms the picture, and the page once at most', async ({ page }) => {
  const viewer = await open(page);
  const devtools = await page.context().newCDPSession(page);
  const { x, y } = await middleOf(viewer);
  const pageScale = (): Promise<number> => page.evaluate(() => visualViewport?.scale ?? 0);
  const pinch = (scaleFactor: number) =>
    devtools.send('Input.synthesizePinchGesture', { x, y, scaleFactor, gestureSourceType: 'mouse' });
  await pinch(1.5);
  // No listener can keep the first from the page; the fingers take it back.
  await pinch(0.3);
  expect(await pageScale()).toBe(1);
  const [again] = await transformOf(viewer);
  await pinch(1.5);
  expect(await pageScale()).toBe(1);
  expect((await transformOf(viewer))[0]).toBeGreaterThan(again);
});

test('a zoom goes on from the size asked for just before, painted or not', async ({ page }) => {
  const viewer = await open(page);
  /** All within one picture of the screen. */
  const pressAtOnce = async (...keys: string[]): Promise<void> => {
    await page.evaluate((all) => {
      for (const key of all) dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    }, keys);
    await viewer.painted();
  };
  const zoom = async (): Promise<string | undefined> => (await viewer.corner('br').textContent())?.split('\n').pop();
  await viewer.press('0');
  const fitted = await zoom();
  await viewer.press('+');
  const larger = await zoom();
  expect(larger).not.toBe(fitted);
  for (const size of ['0', 'f']) {
    await viewer.press('+');
    await pressAtOnce(size, '+');
    expect(await zoom()).toBe(larger);
    await pressAtOnce(size, '+', '-');
    expect(await zoom()).toBe(fitted);
  }
});

test('a key held down repeats what steps, not what toggles, turns or leaves', async ({ page }) => {
  const viewer = await open(page);
  const held = async (key: string): Promise<void> => {
    for (let repeat = 0; repeat < 4; repeat++) await page.keyboard.down(key);
    await page.keyboard.up(key);
    await viewer.painted();
  };
  await page.keyboard.press('Home');
  await expect(viewer.corner('br')).toContainText('1 / 3');
  await held('ArrowDown');
  await expect(viewer.corner('br')).toContainText('3 / 3');
  await held('i');
  await expect(viewer.corner('br')).toContainText('inverted');
  const letter = await viewer.edge('right').textContent();
  await held('r');
  expect(await viewer.edge('bottom').textContent()).toBe(letter);
  await held('n');
  await expect(viewer.corner('tr')).toContainText('Sagittal');
  await page.keyboard.press('t');
  await expect(page.getByRole('complementary')).toBeVisible();
  await held('Escape');
  await expect(page.getByRole('complementary')).toHaveCount(0);
  await expect(page.getByRole('main', { name: 'Viewer' })).toBeVisible();
});

test('keys of a Cyrillic keyboard, and Alt with a digit that makes a sign, run what stands at their place', async ({
  page,
}) => {
  const viewer = await open(page);
  const devtools = await page.context().newCDPSession(page);
  const type = async (key: string, code: string, modifiers = 0): Promise<void> => {
    await devtools.send('Input.dispatchKeyEvent', { type: 'keyDown', key, code, modifiers });
    await devtools.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code, modifiers });
    await viewer.painted();
  };
  await type('ш', 'KeyI');
  await expect(viewer.corner('br')).toContainText('inverted');
  await type('я', 'KeyZ', 2);
  await expect(viewer.corner('br')).not.toContainText('inverted');
  await type('¡', 'Digit1', 1);
  await type('™', 'Digit2', 1);
  await expect(page.locator('.cell')).toHaveCount(2);
  await type('&', 'Digit1', 1);
  await expect(page.locator('.cell')).toHaveCount(1);
  // A key chosen there is one of every layout.
  await page.keyboard.press('Control+,');
  const key = page.getByRole('button', { name: /^Key of Invert/ });
  await key.click();
  await type('э', 'Quote');
  await expect(key).toHaveText('Э');
  await key.click();
  await type('у', 'KeyE');
  await expect(key).toHaveText('E');
});

test('a key by which one leaves, presses a button or loads the page again is refused in words', async ({ page }) => {
  const viewer = await open(page);
  await page.keyboard.press('Control+,');
  const key = page.getByRole('button', { name: /^Key of Invert/ });
  const why = page.getByRole('alert');
  await key.click();
  for (const [refused, word] of [
    ['Tab', 'Tab goes from one control to the next'],
    ['Shift+Tab', 'Tab goes'],
    ['F5', 'F5 is a key of the browser'],
    ['Enter', 'Enter presses the button'],
  ] as const) {
    await page.keyboard.press(refused);
    await expect(why).toContainText(word);
    await expect(key).toHaveText('Press a key');
  }
  // The next one is asked for by the first press on it.
  const below = page.getByRole('button', { name: /^Key of Full range/ });
  await below.click();
  await expect(below).toHaveText('Press a key');
  await expect(why).toHaveCount(0);
  await key.click();
  await page.keyboard.press('j');
  await expect(key).toHaveText('J');
  // The program's own key of the command is none of these.
  const maximise = page.getByRole('button', { name: /^Key of One cell only/ });
  await maximise.click();
  await page.keyboard.press('Enter');
  await expect(maximise).toHaveText('Enter');
  await expect(maximise).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(maximise).not.toBeFocused();
  await expect(viewer.corner('br')).not.toContainText('inverted');
});

test('keys of an input method are no commands, neither of the search nor of the palette', async ({ page }) => {
  const viewer = await open(page);
  const devtools = await page.context().newCDPSession(page);
  const compose = async (...keys: string[]): Promise<void> => {
    await devtools.send('Input.imeSetComposition', { text: 'inv', selectionStart: 3, selectionEnd: 3 });
    for (const key of keys) await page.keyboard.press(key);
    // As Safari says it, where the composition has ended already.
    const last = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 };
    await devtools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...last });
    await devtools.send('Input.insertText', { text: 'inv' });
  };
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Commands' });
  await compose('Enter', 'ArrowDown');
  await expect(palette.getByRole('combobox')).toHaveValue('inv');
  await page.keyboard.press('Enter');
  await expect(palette).toHaveCount(0);
  await expect(viewer.corner('br')).toContainText('inverted');
  await viewer.press('b');
  const { search } = new BrowserPage(page);
  await search.focus();
  await compose('Enter', 'ArrowDown', 'Escape');
  await expect(search).toBeFocused();
  await expect(search).toHaveValue('inv');
});

test('Shift and the left button pan while lengths are drawn', async ({ page }) => {
  const viewer = await open(page);
  await viewer.press('l');
  const [scale, x, y] = await transformOf(viewer);
  await page.keyboard.down('Shift');
  await viewer.drag({ x: 300, y: 300 }, { x: 340, y: 330 });
  await page.keyboard.up('Shift');
  const after = await transformOf(viewer);
  expect(after[0]).toBe(scale);
  expect(after[1]).toBeCloseTo(x + 40, 1);
  expect(after[2]).toBeCloseTo(y + 30, 1);
  await expect(viewer.lengthText).toHaveCount(0);
  await viewer.drag({ x: 300, y: 300 }, { x: 400, y: 300 });
  await expect(viewer.lengthText).toHaveText(/mm$/);
});

test('colours of the system: pictures stay on black, what is chosen is highlighted', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  const viewer = await open(page);
  const highlight = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('p'));
    probe.style.cssText = 'background: Highlight; outline: 2px solid Highlight';
    const { backgroundColor } = getComputedStyle(probe);
    probe.remove();
    return backgroundColor;
  });
  await expect(viewer.cell()).toHaveCSS('background-color', 'rgb(0, 0, 0)');
  const bar = viewer.cell().locator('.scale-bar');
  expect(await bar.evaluate((each) => getComputedStyle(each, '::after').borderRightColor)).toBe('rgb(207, 207, 207)');
  await expect(page.getByRole('button', { name: 'Window', exact: true })).toHaveCSS('background-color', highlight);
  await expect(page.getByRole('button', { name: 'Pan', exact: true })).not.toHaveCSS('background-color', highlight);
  await expect(viewer.series(/Axial/)).toHaveCSS('outline-color', highlight);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('option', { selected: true })).toHaveCSS('background-color', highlight);
  await page.keyboard.press('Escape');
  await page.keyboard.press('b');
  await expect(new BrowserPage(page).row('Müller')).toHaveCSS('background-color', highlight);
});
