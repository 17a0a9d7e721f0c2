// The standard TextDecoder, which every host of this code has; named here because `shared` knows no host's types.

interface Decoder {
  decode(bytes: Uint8Array): string;
}
interface Host {
  TextDecoder: new (label: string, options?: { fatal?: boolean }) => Decoder;
}

const made = new Map<string, Decoder>();

/** Text of bytes in a WHATWG encoding; bytes that do not fit become U+FFFD. */
export function decodeText(bytes: Uint8Array, label: string): string {
  let decoder = made.get(label);
  if (!decoder) {
    decoder = new (globalThis as unknown as Host).TextDecoder(label);
    made.set(label, decoder);
  }
  return decoder.decode(bytes);
}
