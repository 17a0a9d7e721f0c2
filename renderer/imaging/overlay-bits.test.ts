import { beforeEach, expect, test, vi } from 'vitest';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { OverlayBits } from './overlay-bits.ts';

const { request } = vi.hoisted(() => ({ request: vi.fn<(path: string, init?: RequestInit) => Promise<Response>>() }));
vi.mock('../backend-client/client.ts', () => ({ request }));

const imageWith = (...overlays: { bits?: Uint8Array; bulkUri?: string }[]): ImageDescription =>
  ({ overlays }) as unknown as ImageDescription;
const address = (offset: number): string => `http://127.0.0.1:1/api/dicomweb/studies/1/bulkdata/${offset}/4`;

beforeEach(() => {
  request.mockReset();
  request.mockImplementation(async () => new Response(Uint8Array.of(1, 2, 3, 4)));
});

test('what the header holds is not fetched, what it points at is', async () => {
  const overlays = new OverlayBits();
  expect(await overlays.of(imageWith())).toBeUndefined();
  expect(await overlays.of(imageWith({ bits: Uint8Array.of(1) }))).toBeUndefined();
  const found = await overlays.of(imageWith({ bits: Uint8Array.of(1) }, { bulkUri: address(7) }));
  expect(found).toEqual(new Map([[address(7), Uint8Array.of(1, 2, 3, 4)]]));
  expect(request).toHaveBeenCalledWith('/api/dicomweb/studies/1/bulkdata/7/4', { cache: 'no-store' });
});

test('frames of one instance share what was fetched; a failure is tried again', async () => {
  const overlays = new OverlayBits();
  request.mockRejectedValueOnce(new Error('gone'));
  await expect(overlays.of(imageWith({ bulkUri: address(1) }))).rejects.toThrow('gone');
  await Promise.all([overlays.of(imageWith({ bulkUri: address(1) })), overlays.of(imageWith({ bulkUri: address(1) }))]);
  expect(request).toHaveBeenCalledTimes(2);
});

test('only the latest are kept', async () => {
  const overlays = new OverlayBits();
  for (let offset = 0; offset < 20; offset++) await overlays.of(imageWith({ bulkUri: address(offset) }));
  await overlays.of(imageWith({ bulkUri: address(19) }));
  expect(request).toHaveBeenCalledTimes(20);
  await overlays.of(imageWith({ bulkUri: address(0) }));
  expect(request).toHaveBeenCalledTimes(21);
});
