// Until when a certificate is valid (RFC 5280 4.1.2.5), in words, and whether that is to be warned of.

/** ISO 8601. */
export interface Validity {
  validFrom: string;
  validTo: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WARNED_MS = 30 * DAY_MS;

/** It ends soon, or has ended, or has not begun. */
export const isValidityDue = ({ validFrom, validTo }: Validity, nowMs: number): boolean =>
  Date.parse(validFrom) > nowMs || Date.parse(validTo) - nowMs < WARNED_MS;

/** The end of a sentence about a certificate. */
export function validityWords({ validFrom, validTo }: Validity, nowMs: number): string {
  const leftMs = Date.parse(validTo) - nowMs;
  if (leftMs < 0) return `expired ${timeWords(-leftMs)} ago`;
  if (Date.parse(validFrom) > nowMs) return `not valid before ${validFrom.slice(0, 16).replace('T', ' ')} UTC`;
  return `valid for ${timeWords(leftMs)} more`;
}

function timeWords(ms: number): string {
  if (ms < HOUR_MS) return 'less than an hour';
  const [count, unit] = ms < DAY_MS ? [Math.floor(ms / HOUR_MS), 'hour'] : [Math.floor(ms / DAY_MS), 'day'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
