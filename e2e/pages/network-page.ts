// Nodes in the settings and the search place as a person meets them.
import type { Locator, Page } from '@playwright/test';

export class NetworkPage {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }
  node(name: string): Locator {
    return this.page.getByRole('listitem', { name, exact: true });
  }
  testOf(name: string): Locator {
    return this.page.getByRole('region', { name: `Test of ${name}` });
  }
  get form(): Locator {
    return this.page.getByRole('form', { name: 'New node' });
  }
  get search(): Locator {
    return this.page.getByRole('main', { name: 'Search at other systems' });
  }
  get results(): Locator {
    return this.search.getByRole('grid', { name: /^Results/ });
  }
  get rows(): Locator {
    return this.results.locator('.result-row');
  }
  row(text: string | RegExp): Locator {
    return this.results.locator('.result-row', { hasText: text });
  }
  get progress(): Locator {
    return this.search.getByRole('list', { name: 'Nodes asked' });
  }
  progressOf(node: string): Locator {
    return this.progress.getByRole('listitem').filter({ hasText: node });
  }
  field(label: string): Locator {
    return this.search.getByLabel(label, { exact: true });
  }
}
