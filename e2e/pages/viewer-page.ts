// The viewer as a person meets it.
import type { Locator, Page } from '@playwright/test';

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
  /** Grey of the canvas at a part (0 to 1) of its width and height. */
  async greyAt(x: number, y: number, cell = 0): Promise<number> {
    return this.cell(cell)
      .locator('canvas')
      .first()
      .evaluate(
        (canvas: HTMLCanvasElement, [u, v]) =>
          canvas.getContext('2d')?.getImageData(Math.floor(canvas.width * u), Math.floor(canvas.height * v), 1, 1)
            .data[0] ?? -1,
        [x, y] as const,
      );
  }
}
