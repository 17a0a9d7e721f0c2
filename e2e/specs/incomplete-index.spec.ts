// An archive whose index waits to be made anew is full, and must not look empty.
import { expect, test } from '@playwright/test';
import { placeForEachTest } from '../support/place.ts';

const place = placeForEachTest();

test('the place of the list says that the index waits to be made anew, until that is done, and a button lets it go on', async ({
  page,
}) => {
  let isWhole = false;
  const paused = {
    id: 'r',
    kind: 'rebuild',
    title: 'Make the index anew',
    state: 'paused',
    itemsDone: 7,
    itemsTotal: null,
    bytesDone: 0,
    bytesTotal: null,
    createdAt: 1,
    finishedAt: null,
    counts: {},
    message: 'It was ended twice.',
  };
  await page.route('**/api/session', async (route) => {
    const response = await route.fetch();
    const session = (await response.json()) as { archive: object };
    await route.fulfill({ response, json: { ...session, archive: { ...session.archive, isWhole } } });
  });
  await page.route('**/api/jobs', (route) => route.fulfill({ json: { jobs: [paused] } }));
  let resumed = 0;
  await page.route('**/api/jobs/r/resume', (route) => {
    resumed++;
    return route.fulfill({ json: { job: paused } });
  });
  await page.goto(place.invitation);
  const said = page.getByText('Not all studies are listed');
  await expect(said).toBeVisible();
  await expect(page.getByRole('heading', { name: /The archive is empty|The first studies/ })).toHaveCount(0);
  await expect(page.getByText('No study fits this search')).toHaveCount(0);
  await page.getByRole('button', { name: 'Let it go on' }).click();
  await expect.poll(() => resumed).toBe(1);
  isWhole = true;
  await page.reload();
  await expect(page.getByRole('heading', { name: 'The first studies are on their way' })).toBeVisible();
  await expect(said).toHaveCount(0);
});
