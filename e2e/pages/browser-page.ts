// The study browser as a person meets it.
import type { Locator, Page } from '@playwright/test';

export class BrowserPage {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }
  get search(): Locator {
    return this.page.getByRole('searchbox', { name: 'Search studies' });
  }
  get table(): Locator {
    return this.page.getByRole('treegrid', { name: /^Studies/ });
  }
  row(text: string | RegExp): Locator {
    return this.page.locator('.study-row', { hasText: text });
  }
  get rows(): Locator {
    return this.page.locator('.study-row');
  }
  get patients(): Locator {
    return this.page.locator('.patient-row');
  }
  get selectedRows(): Locator {
    return this.page.locator('.study-row[aria-selected=true]');
  }
  head(label: string): Locator {
    return this.page.getByRole('columnheader', { name: label, exact: true });
  }
  chip(label: string): Locator {
    return this.page.locator('.chip', { hasText: label });
  }
  get menu(): Locator {
    return this.page.getByRole('menu');
  }
  get seriesCards(): Locator {
    return this.page.getByRole('toolbar', { name: 'Series' }).locator('.series-card');
  }
  async importFiles(paths: string[]): Promise<void> {
    await this.page.getByTestId('file-input').setInputFiles(paths);
  }
  job(text: string | RegExp): Locator {
    return this.page.locator('.job', { hasText: text });
  }
  /** Text of one column, from the first row down. */
  async column(name: string): Promise<string[]> {
    return this.rows.locator(`.${name}`).allInnerTexts();
  }
}
