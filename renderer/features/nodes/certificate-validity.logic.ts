// Until when a certificate in PEM form is valid (RFC 5280 4.1.2.5), so that the form can say so before it is saved. Reads only
// that; whether the certificate is to be trusted is the backend's matter.
import type { Validity } from '#shared/contract/validity.ts';

const SEQUENCE = 0x30;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const VERSION = 0xa0;

interface Element {
  tag: number;
  start: number;
  end: number;
}

/** One DER element; undefined where the bytes do not hold it whole. */
function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const tag = bytes[at];
  let length = bytes[at + 1];
  if (tag === undefined || length === undefined) return undefined;
  let start = at + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4 || start + count > bytes.length) return undefined;
    length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + (bytes[start + index] ?? 0);
    start += count;
  }
  return start + length <= bytes.length ? { tag, start, end: start + length } : undefined;
}

function timeOf(bytes: Uint8Array, element: Element): number | undefined {
  const text = String.fromCharCode(...bytes.subarray(element.start, Math.min(element.end, element.start + 32)));
  const parts = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (!parts || (element.tag !== UTC_TIME && element.tag !== GENERALIZED_TIME)) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  // RFC 5280 4.1.2.5.1: two digits from 50 on are of the last century.
  const full = element.tag === GENERALIZED_TIME ? year : year + (year >= 50 ? 1900 : 2000);
  return Date.UTC(full, month - 1, day, hour, minute, second);
}

/** Of the first certificate of a PEM text; undefined: none can be read. */
export function validityOf(pem: string): Validity | undefined {
  const body = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem)?.[1];
  if (body === undefined) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(body.replace(/\s/g, '')), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
  const certificate = elementAt(bytes, 0);
  const signed = certificate && elementAt(bytes, certificate.start);
  if (certificate?.tag !== SEQUENCE || signed?.tag !== SEQUENCE) return undefined;
  let element = elementAt(bytes, signed.start);
  if (element?.tag === VERSION) element = elementAt(bytes, element.end);
  // Serial number, algorithm, issuer; then the validity.
  for (let skipped = 0; skipped < 3; skipped++) element = element && elementAt(bytes, element.end);
  const from = element?.tag === SEQUENCE ? elementAt(bytes, element.start) : undefined;
  const to = from && elementAt(bytes, from.end);
  const begin = from && timeOf(bytes, from);
  const end = to && timeOf(bytes, to);
  if (begin === undefined || end === undefined) return undefined;
  return { validFrom: new Date(begin).toISOString(), validTo: new Date(end).toISOString() };
}
