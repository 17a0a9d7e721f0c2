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
  row(text: string | RegExp): Locator {
    return this.page.locator('.study-row', { hasText: text });
  }
  get rows(): Locator {
    return this.page.locator('.study-row');
  }
  async importFiles(paths: string[]): Promise<void> {
    await this.page.getByTestId('file-input').setInputFiles(paths);
  }
  job(text: string | RegExp): Locator {
    return this.page.locator('.job', { hasText: text });
  }
}
