// The viewer as a person meets it.
import type { Locator, Page } from '@playwright/test';

/** CSS pixels from the cell's corner. */
export interface Spot {
  x: number;
  y: number;
}

export class ViewerPage {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }
  cell(number = 0): Locator {
    return this.page.locator(`.cell[data-cell="${number}"]`);
  }
  corner(corner: 'tl' | 'tr' | 'bl' | 'br', cell = 0): Locator {
    return this.cell(cell).locator(`[data-corner=${corner}]`);
  }
  edge(edge: 'left' | 'right' | 'top' | 'bottom', cell = 0): Locator {
    return this.cell(cell).locator(`[data-edge=${edge}]`);
  }
  fidelity(cell = 0): Locator {
    return this.cell(cell).locator('.fidelity');
  }
  get probe(): Locator {
    return this.cell().locator('.probe');
  }
  /** Text of the one length that was drawn. */
  get lengthText(): Locator {
    return this.cell().locator('.svg-layer text');
  }
  series(text: string | RegExp): Locator {
    return this.page.getByRole('navigation', { name: 'Series' }).getByRole('button', { name: text });
  }

  /** The button that opens the list of windows. */
  get windows(): Locator {
    return this.page.getByRole('button', { name: 'Windows', exact: true });
  }

  /** Grey of the picture at a part (0 to 1) of its width and height. */
  async greyAt(x: number, y: number, cell = 0): Promise<number> {
    return this.cell(cell)
      .locator('canvas.picture')
      .evaluate(
        (canvas: HTMLCanvasElement, [u, v]) =>
          canvas.getContext('2d')?.getImageData(Math.floor(canvas.width * u), Math.floor(canvas.height * v), 1, 1)
            .data[0] ?? -1,
        [x, y] as const,
      );
  }

  /** Until the cell's stack is mounted in the library's viewport and was painted there. */
  async waitForMount(cell = 0): Promise<void> {
    await this.cell(cell).locator('.stage canvas[style*="visibility: hidden"]').waitFor({ state: 'attached' });
    await this.painted();
  }

  /** After what was asked for is on the screen: two frames. */
  async painted(): Promise<void> {
    await this.page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(undefined)))),
    );
  }
  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
    await this.painted();
  }
  async drag(from: Spot, to: Spot, button: 'left' | 'middle' | 'right' = 'left', cell = 0): Promise<void> {
    const box = await this.cell(cell).boundingBox();
    if (!box) throw new Error('the cell is not there');
    const { mouse } = this.page;
    await mouse.move(box.x + from.x, box.y + from.y);
    await mouse.down({ button });
    await mouse.move(box.x + (from.x + to.x) / 2, box.y + (from.y + to.y) / 2, { steps: 3 });
    await mouse.move(box.x + to.x, box.y + to.y, { steps: 3 });
    await mouse.up({ button });
    await mouse.move(box.x + 4, box.y + 4);
    await this.painted();
  }

  /** Ends of the line of the one length. */
  async lineEnds(): Promise<[Spot, Spot]> {
    return this.cell()
      .locator('.svg-layer line')
      .first()
      .evaluate((line) => {
        const at = (name: string): number => Number(line.getAttribute(name));
        return [
          { x: at('x1'), y: at('y1') },
          { x: at('x2'), y: at('y2') },
        ] as [{ x: number; y: number }, { x: number; y: number }];
      });
  }

  /** Moves the camera of the library's viewport, as its tools do. */
  async setCamera(patch: Record<string, unknown>): Promise<void> {
    await this.page.evaluate(async (change) => {
      const { camera } = globalThis as unknown as { camera: { setViewState(patch: unknown): void } };
      camera.setViewState(change);
    }, patch);
    await this.painted();
  }

  /** Middles of the bright marks that are really on the screen, from left to right: read from a screenshot without the
   * annotations and texts. */
  async brightSpots(): Promise<Spot[]> {
    const show = (visibility: string) =>
      covers.evaluateAll(
        (all, value) => all.forEach((each) => ((each as HTMLElement).style.visibility = value)),
        visibility,
      );
    const covers = this.cell().locator('.stage, .overlay-text, .fidelity, .scroll-thumb, .scroll-marks');
    await show('hidden');
    const png = await this.cell().screenshot();
    await show('');
    return this.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d', { willReadFrequently: true });
      context?.drawImage(image, 0, 0);
      const { data } = context?.getImageData(0, 0, image.width, image.height) ?? { data: new Uint8ClampedArray() };
      const spots: { x: number; y: number; weight: number }[] = [];
      // Each bright pixel joins the spot it is near, weighted by its brightness.
      for (let y = 0; y < image.height; y++)
        for (let x = 0; x < image.width; x++) {
          const weight = data[(y * image.width + x) * 4] ?? 0;
          if (weight < 90) continue;
          const near = spots.find((spot) => Math.hypot(spot.x - x, spot.y - y) < image.width / 12);
          if (near) {
            near.x += ((x - near.x) * weight) / (near.weight + weight);
            near.y += ((y - near.y) * weight) / (near.weight + weight);
            near.weight += weight;
          } else spots.push({ x, y, weight });
        }
      return spots
        .filter(({ weight }) => weight > 1000)
        .map(({ x, y }) => ({ x: (x + 0.5) / devicePixelRatio, y: (y + 0.5) / devicePixelRatio }))
        .sort((a, b) => a.x - b.x);
    }, png.toString('base64'));
  }
}
