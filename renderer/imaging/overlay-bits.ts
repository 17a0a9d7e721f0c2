// Fetches the bits of overlays that are too large for the metadata (a whole radiograph's): each once for the frames that come
// one after the other.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { request } from '../backend-client/client.ts';

const KEPT = 8;

export class OverlayBits {
  readonly #latest = new Map<string, Promise<Uint8Array>>();

  /** By their address in the header; undefined where the header holds all of them. Rejects with BackendError. */
  async of({ overlays }: ImageDescription): Promise<Map<string, Uint8Array> | undefined> {
    const addresses = overlays.map(({ bits, bulkUri }) => (bits ? undefined : bulkUri));
    const missing = addresses.filter((address) => address !== undefined);
    if (!missing.length) return undefined;
    return new Map(await Promise.all(missing.map(async (address) => [address, await this.#fetch(address)] as const)));
  }

  #fetch(address: string): Promise<Uint8Array> {
    let pending = this.#latest.get(address);
    if (!pending) {
      pending = request(new URL(address).pathname, { cache: 'no-store' })
        .then((response) => response.arrayBuffer())
        .then((bytes) => new Uint8Array(bytes));
      pending.catch(() => this.#latest.delete(address));
      this.#latest.set(address, pending);
      for (const oldest of this.#latest.keys()) {
        if (this.#latest.size <= KEPT) break;
        this.#latest.delete(oldest);
      }
    }
    return pending;
  }
}
