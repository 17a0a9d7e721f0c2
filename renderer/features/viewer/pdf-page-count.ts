// How many pages a PDF states. Where its page list is damaged, the PDF code goes on with those before the damage and does not say so.

/** Count of the root of the page tree (ISO 32000-1 7.7.3.2), as the last revision of the file has it; undefined where it cannot be
 * found without decompressing. */
export function statedPageCount(bytes: ArrayBuffer): number | undefined {
  const text = new TextDecoder('latin1').decode(bytes);
  const catalog = objectOf(text, lastReference(text, 'Root'));
  const pages = objectOf(text, lastReference(catalog, 'Pages'));
  const count = /\/Count\s+(\d+)\b(?!\s+\d+\s+R)/.exec(pages)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** Object and generation number that the last entry of this name refers to. */
function lastReference(text: string, name: string): string | undefined {
  const last = [...text.matchAll(new RegExp(`/${name}\\s+(\\d+)\\s+(\\d+)\\s+R\\b`, 'g'))].at(-1);
  return last && `${last[1]}\\s+${last[2]}`;
}

function objectOf(text: string, reference: string | undefined): string {
  if (reference === undefined) return '';
  const last = [...text.matchAll(new RegExp(`(?<!\\d)${reference}\\s+obj\\b`, 'g'))].at(-1);
  return last ? text.slice(last.index, text.indexOf('endobj', last.index)) : '';
}
