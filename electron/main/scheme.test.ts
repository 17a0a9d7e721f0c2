import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '#shared/contract/csp.ts';
import { createSchemeHandler, type SchemeOptions } from './scheme.ts';

let folder = '';
let root = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-scheme-'));
  root = path.join(folder, 'renderer');
  fs.mkdirSync(path.join(root, 'assets'), { recursive: true });
  fs.mkdirSync(path.join(folder, 'renderer-secret'));
  fs.writeFileSync(path.join(root, 'index.html'), '<!doctype html>');
  fs.writeFileSync(path.join(root, 'assets', 'a.js'), 'export {};');
  fs.writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  fs.writeFileSync(path.join(folder, 'renderer-secret', 'x.txt'), 'secret');
  fs.symlinkSync(path.join(folder, 'secret.txt'), path.join(root, 'link.txt'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

type Fetch = SchemeOptions['fetch'];
const handlerWith = (
  fetch: Fetch = vi.fn<Fetch>(),
  backend = () => Promise.resolve({ origin: 'http://127.0.0.1:9', token: 'secret' }),
) => createSchemeHandler({ pageRoot: root, backend, fetch });

describe('page files', () => {
  test('the document and its scripts come with type and policy', async () => {
    const page = await handlerWith()(new Request('lectern://app/'));
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    const script = await handlerWith()(new Request('lectern://app/assets/a.js'));
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  });
  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/%2e%2e%2frenderer-secret/x.txt',
    '//server/share',
    '/%5c%5cserver/share',
    '/index.html%00.js',
    '/%E0%A4%A',
    '/link.txt',
    '/assets',
    '/missing.js',
  ])('%s is not found', async (address) => {
    expect((await handlerWith()(new Request(`lectern://app${address}`))).status).toBe(404);
  });
  test('another host of the scheme is refused', async () => {
    expect((await handlerWith()(new Request('lectern://evil/index.html'))).status).toBe(403);
  });
});

describe('/api', () => {
  test('goes to the backend with its secret and without what the page could forge', async () => {
    const answer = new Response('{}');
    const fetch = vi.fn<Fetch>(() => Promise.resolve(answer));
    const request = new Request('lectern://app/api/changes?since=3', {
      method: 'POST',
      body: 'x',
      headers: { 'x-lectern': '1', authorization: 'Bearer forged', origin: 'lectern://app', cookie: 'a=b' },
    });
    expect(await handlerWith(fetch)(request)).toBe(answer);
    const [address, init] = fetch.mock.calls[0]!;
    const headers = new Headers(init.headers);
    expect(address).toBe('http://127.0.0.1:9/api/changes?since=3');
    expect(headers.get('authorization')).toBe('Bearer secret');
    expect(headers.get('x-lectern')).toBe('1');
    expect([headers.get('origin'), headers.get('cookie')]).toEqual([null, null]);
    expect(init).toMatchObject({ method: 'POST', redirect: 'error', credentials: 'omit', duplex: 'half' });
  });
  test('/apiary is a page address', async () => {
    const fetch = vi.fn<Fetch>();
    expect((await handlerWith(fetch)(new Request('lectern://app/apiary'))).status).toBe(404);
    expect(fetch).not.toHaveBeenCalled();
  });
  test('a lost backend is a problem document', async () => {
    const gone = handlerWith(vi.fn<Fetch>(), () => Promise.reject(new Error('gone')));
    const answer = await gone(new Request('lectern://app/api/session'));
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.text()).not.toContain('secret');
  });
});
