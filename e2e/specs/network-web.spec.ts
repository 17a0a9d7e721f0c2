// DICOMweb nodes as a person meets them, with nodes of a few lines: signing in by OAuth with PKCE, a certificate that is pinned,
// a list that goes on where it was cut, and what cannot be asked for priors.
import { expect, test, type Page } from '@playwright/test';
import { NetworkPage } from '../pages/network-page.ts';
import { startFakeWebNode, type FakeWebNode } from '../support/fake-web-node.ts';
import { placeForEachTest } from '../support/place.ts';
import { hasOpenssl, makeAuthority } from '#backend/sources/dimse/testing/certificates.ts';

let network: NetworkPage;
let nodes: FakeWebNode[] = [];

const place = placeForEachTest();
test.beforeEach(async ({ page }) => {
  network = new NetworkPage(page);
  await page.goto(place.invitation);
  await expect(page.getByRole('searchbox', { name: 'Search studies' })).toBeFocused();
  await page.keyboard.press('Control+,');
  await expect(page.getByRole('main', { name: 'Settings' })).toBeVisible();
});
test.afterEach(async () => {
  for (const node of nodes) await node.close();
  nodes = [];
});

async function start(options: Parameters<typeof startFakeWebNode>[0]): Promise<FakeWebNode> {
  const node = await startFakeWebNode(options);
  nodes.push(node);
  return node;
}
async function fillNode(page: Page, name: string, address: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a node' }).click();
  await network.form.getByLabel('Name', { exact: true }).fill(name);
  await network.form.getByLabel('Protocol').selectOption('dicomweb');
  await network.form.getByLabel('Address', { exact: true }).fill(address);
}
async function save(name: string): Promise<void> {
  await network.form.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(network.node(name)).toBeVisible();
}
async function addOauth(page: Page, name: string, url: string): Promise<void> {
  await fillNode(page, name, `${url}/dicom-web`);
  await network.form.getByLabel('Sign-in', { exact: true }).selectOption('oauth');
  await network.form
    .getByLabel(/authori[sz]ation|sign-in address/i)
    .first()
    .fill(`${url}/authorize`);
  await network.form.getByLabel('Token address').fill(`${url}/token`);
  await network.form.getByLabel('Client ID').fill('lectern');
  await save(name);
}
async function signIn(page: Page, name: string, says = 'Signed in. You can close this page.'): Promise<void> {
  await network
    .node(name)
    .getByRole('button', { name: `Sign in to ${name}` })
    .press('Enter');
  const opening = page.context().waitForEvent('page');
  const way = network.node(name).getByRole('link', { name: 'Open the sign-in page' });
  await expect(way).toBeFocused();
  await way.press('Enter');
  const issuer = await opening;
  await expect(issuer.getByText(says)).toBeVisible();
  await issuer.close();
}
async function search(page: Page, text: string): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/#/search`);
  await network.field('Patient ID').fill(text);
  await page.keyboard.press('Enter');
}

test('signing in by OAuth: with PKCE, seen in the list, used by a search, kept over a restart, ended by signing out', async ({
  page,
}) => {
  const node = await start({ studies: 3, oauth: { clientId: 'lectern' } });
  await addOauth(page, 'Cloud', node.url);
  await expect(network.node('Cloud')).toContainText('Nobody is signed in');
  await signIn(page, 'Cloud');
  await expect(network.node('Cloud').getByText('Signed in.', { exact: true })).toBeVisible();
  await search(page, 'F*');
  await expect(network.rows).toHaveCount(3);
  await place.stop();
  await place.start();
  await page.goto(place.invitation);
  await search(page, 'F*');
  await expect(network.rows).toHaveCount(3);
  expect(await page.content()).not.toMatch(/access_token|refresh_token/);
  await page.goto(`${new URL(page.url()).origin}/#/settings`);
  await network.node('Cloud').getByRole('button', { name: 'Sign out of Cloud' }).click();
  await expect(network.node('Cloud')).toContainText('Nobody is signed in');
  await search(page, 'F*');
  await expect(network.progressOf('Cloud')).toContainText('sign in to it in the settings');
});

test('a sign-in that comes to nothing says so in the list, and can be begun again', async ({ page }) => {
  const node = await start({ studies: 3, oauth: { clientId: 'lectern', refuses: true } });
  await addOauth(page, 'Cloud', node.url);
  await signIn(page, 'Cloud', 'Signing in failed.');
  await expect(network.node('Cloud').getByText('It came to nothing:')).toBeVisible();
  await expect(network.node('Cloud').getByRole('button', { name: 'Sign in to Cloud' })).toBeVisible();
});

test('a list that was cut goes on where it was cut, each row once', async ({ page }) => {
  const node = await start({ studies: 4500 });
  await fillNode(page, 'Many', `${node.url}/dicom-web`);
  await save('Many');
  await search(page, 'F*');
  const more = network.progressOf('Many').getByRole('button', { name: 'Ask Many for more' });
  await expect(network.progressOf('Many')).toContainText('2000 matches');
  await expect(network.progressOf('Many')).toContainText('The list was cut there: there are more.');
  await expect(network.search.getByText('2000 studies', { exact: true })).toBeVisible();
  const before = node.asked.length;
  await more.click();
  await expect(network.search.getByText('4000 studies', { exact: true })).toBeVisible();
  // Nothing that was here already was asked for again.
  expect(node.asked.slice(before).every((query) => Number(new URLSearchParams(query).get('offset')) >= 2000)).toBe(
    true,
  );
  await more.click();
  await expect(network.search.getByText('4500 studies', { exact: true })).toBeVisible();
  await expect(network.progressOf('Many')).toContainText('4500 matches');
  await expect(more).toHaveCount(0);
});

test('who types and presses Enter before the nodes are known is answered once they are', async ({ page }) => {
  const node = await start({ studies: 3 });
  await fillNode(page, 'Slow to list', `${node.url}/dicom-web`);
  await save('Slow to list');
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/api/nodes', (route) => held.then(() => route.continue()));
  await page.goto(`${new URL(page.url()).origin}/#/search`);
  await page.reload();
  await network.field('Patient ID').fill('F*');
  await page.keyboard.press('Enter');
  await expect(network.rows).toHaveCount(0);
  letGo();
  await expect(network.rows).toHaveCount(3);
});

test('a saved search of studies asks DICOMweb nodes too where the form stood at the worklist', async ({ page }) => {
  const node = await start({ studies: 3 });
  await fillNode(page, 'Web', `${node.url}/dicom-web`);
  await save('Web');
  await search(page, 'F*');
  await expect(network.rows).toHaveCount(3);
  await page.keyboard.press('Control+s');
  await page.getByRole('textbox', { name: 'Name of the saved search' }).fill('All F');
  await page.keyboard.press('Enter');
  await network.search.getByRole('button', { name: 'Worklist', exact: true }).click();
  await expect(network.search.getByText('No node is chosen.')).toBeVisible();
  const before = node.asked.length;
  await network.search.getByRole('button', { name: 'All F' }).click();
  await expect.poll(() => node.asked.length).toBeGreaterThan(before);
  await expect(network.rows).toHaveCount(3);
});

test('an unknown certificate fails the test, is shown, and once pinned it alone is taken', async ({ page }) => {
  test.skip(!hasOpenssl, 'openssl is not here');
  const authority = makeAuthority('Nobody knows me');
  const tls = authority.issue('DNS:elsewhere.example');
  const other = authority.issue('DNS:elsewhere.example');
  const node = await start({ studies: 2, tls });
  await fillNode(page, 'Pinned', `${node.url}/dicom-web`);
  await save('Pinned');
  await page.getByRole('button', { name: 'Test Pinned' }).click();
  const steps = network.testOf('Pinned');
  await expect(steps.locator('[data-outcome=failed]').first()).toBeVisible();
  await expect(steps.getByText('CN=leaf').first()).toBeVisible();
  await steps.getByRole('button', { name: 'Pin this certificate' }).first().click();
  const form = page.getByRole('form', { name: 'Edit Pinned' });
  if (await form.isVisible()) await form.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(network.testOf('Pinned').getByText('Pinned: only this certificate is taken.').first()).toBeVisible();
  await search(page, 'F*');
  await expect(network.rows).toHaveCount(2);
  // Another certificate of the same authority is none.
  await node.close();
  nodes = [];
  const impostor = await startFakeWebNode({ studies: 2, tls: other, port: Number(new URL(node.url).port) });
  nodes.push(impostor);
  await search(page, 'F1');
  await expect(network.progressOf('Pinned')).toContainText('failed');
  authority.remove();
});

test('a worklist that cannot be asked for priors is said on every head and in the settings', async ({ page }) => {
  const node = { kind: 'dimse', name: 'Plan', aet: 'WLM', host: '127.0.0.1', port: 9, callingAet: 'LECTERN' };
  const put = (path: string, body: object): Promise<number> =>
    page.evaluate(
      async ([address, settings]) => {
        const headers = { 'x-lectern': '1', 'content-type': 'application/json' };
        return (await fetch(address, { method: 'PUT', headers, body: JSON.stringify(settings) })).status;
      },
      [path, body] as const,
    );
  expect(await put('/api/nodes/Plan', node)).toBe(200);
  expect(await put('/api/priors', { isOn: true, nodes: ['Plan'], worklistNode: 'Plan' })).toBe(204);
  await place.stop();
  await place.start();
  await page.goto(place.invitation);
  const mark = page.getByRole('button', { name: 'priors may be missing' });
  await expect(mark).toBeVisible();
  await mark.click();
  await expect(
    page.getByText(/The worklist of Plan could not be asked at .*Nothing listens on 127\.0\.0\.1:9/),
  ).toBeVisible();
  // A limit of the rule that no answer of a node shows.
  await expect(page.getByText(/It can be judged only where the node tells it/)).toBeVisible();

  await page.getByRole('button', { name: 'Remove Plan' }).click();
  await page.getByRole('button', { name: 'Remove Plan for good' }).click();
  await expect(page.getByRole('alert')).toContainText('used by the rules for priors, the worklist for priors.');
  await page.getByRole('button', { name: 'Remove Plan for good' }).click();
  await expect(page.getByRole('button', { name: 'Remove Plan' })).toHaveCount(0);
});

test('nodes that do not agree whose a study is: the mark is whole beside a long name, and what differs is said by key', async ({
  page,
}) => {
  const name = { vr: 'PN', Value: [{ Alphabetic: 'Müller-Lüdenscheidt^Hans-Joachim' }] };
  for (const [node, id] of [
    ['A', 'P-1'],
    ['B', 'P-2'],
  ] as const) {
    const { url } = await start({
      studies: 40,
      changed: { '00100010': name, '00100020': { vr: 'LO', Value: [id] } },
    });
    await fillNode(page, node, url);
    await save(node);
  }
  await search(page, 'P*');
  await expect(network.results).toHaveAttribute('aria-rowcount', '41');
  const mark = network.rows.first().getByText('nodes differ');
  expect(
    await mark.evaluate((element) => {
      const { left, right, top } = element.getBoundingClientRect();
      return [left + 1, right - 1].map((x) => document.elementFromPoint(x, top + 8) === element);
    }),
  ).toEqual([true, true]);
  await network.results.focus();
  await page.keyboard.press('End');
  await expect(network.search.getByText('The patient ID differs: P-1 at A, P-2 at B.')).toBeVisible();
  await expect(network.results.locator('[data-focus=true]')).toBeInViewport({ ratio: 0.9 });
});

test('a key that does not belong to the certificate of the receiver is refused, and it listens on', async ({
  page,
}) => {
  test.skip(!hasOpenssl, 'openssl is not here');
  const authority = makeAuthority('Ours');
  const [own, other] = [authority.issue('IP:127.0.0.1'), authority.issue('IP:127.0.0.1')];
  authority.remove();
  const receiver = page.getByRole('region', { name: 'Receiver' });
  await receiver.getByLabel('Port').fill('0');
  await receiver.getByText('More: encryption, user name, limits').click();
  await receiver.getByLabel('Encrypt with TLS').check();
  await receiver.getByLabel('Our certificate', { exact: true }).fill(own.certificate);
  await receiver.getByLabel('Its key', { exact: true }).fill(own.key);
  await receiver.getByRole('button', { name: 'Save the receiver' }).click();
  // Saved: the part that was opened is open still.
  await receiver.getByRole('button', { name: 'Replace Its key' }).click();
  await receiver.getByLabel('Its key', { exact: true }).fill(other.key);
  await receiver.getByRole('button', { name: 'Save the receiver' }).click();
  const main = page.getByRole('main', { name: 'Settings' });
  await expect(main.getByText('The key does not belong to the certificate.')).toBeVisible();
  await expect(receiver.getByText('Listening as LECTERN')).toBeVisible();
  await expect(receiver.getByText('It does not listen')).toBeHidden();
});

test('a caller is allowed by its address or a range of them; what is neither is said to be so', async ({ page }) => {
  const callers = page.getByRole('group', { name: 'Callers allowed, beside the nodes' });
  const address = callers.getByLabel('Address of a caller');
  await address.fill('10.0.0.*');
  await callers.getByRole('button', { name: 'Allow', exact: true }).click();
  await expect(callers.getByRole('alert')).toContainText('is an IP address, 10.0.0.7 or 2001:db8::7, or a range');
  await address.fill('10.0.0.0/24');
  await callers.getByRole('button', { name: 'Allow', exact: true }).click();
  await expect(callers.getByRole('alert')).toBeHidden();
  await expect(callers.getByText('any AE title from 10.0.0.0/24')).toBeVisible();
});
