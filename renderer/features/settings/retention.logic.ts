// Limits as people write them, and what they are for. Pure.

/** null: the field is empty, no limit; undefined: not a number above 0. A comma counts as a point. */
export function limitOf(text: string, unit: number): number | null | undefined {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return null;
  if (!/^\d+(\.\d+)?$/.test(trimmed)) return undefined;
  const value = Math.round(Number(trimmed) * unit);
  return value > 0 ? value : undefined;
}

export const showLimit = (value: number | null | undefined, unit: number): string =>
  value === null || value === undefined ? '' : String(Number((value / unit).toFixed(3)));

export const studyCount = (count: number): string => (count === 1 ? '1 study' : `${count} studies`);
