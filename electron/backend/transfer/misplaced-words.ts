// What a node lists in one study or series and gives as of another, in sentences: it is here, and not where it was looked for.
import type { StudyTransfer, TransferResult } from './retrieve.ts';

export function misplacedWords(
  { name, selection }: Pick<StudyTransfer, 'name' | 'selection'>,
  { received, elsewhere = new Map(), inOtherSeries = new Map() }: TransferResult,
): string[] {
  const words: string[] = [];
  const places = [...elsewhere.values()];
  const { studyUid } = selection;
  const studies = Map.groupBy(places, (place) => place.studyUid);
  for (const [uid, there] of studies) {
    const { length } = there;
    const isStudy = uid !== studyUid;
    const what = isStudy ? `study ${studyUid}` : `series ${selection.seriesUid}`;
    const where = isStudy ? `study, ${uid}` : `series of it, ${listOf(there.map(({ seriesUid }) => seriesUid))}`;
    words.push(
      `${length} of the instances that ${name} lists of the ${what} ${length === 1 ? 'names' : 'name'} another ${where}, and ${length === 1 ? 'is' : 'are'} here under that: look whose images these are, and tell who runs ${name}.`,
    );
  }
  if (places.length > 0 && received === 0) words.push(`Nothing of what was asked for is here under its own UID.`);
  const { size } = inOtherSeries;
  if (size > 0)
    words.push(
      `${size} of the instances that ${name} lists ${size === 1 ? 'names' : 'name'} another series of the study than it lists, ${listOf([...inOtherSeries.values()].map(({ seriesUid }) => seriesUid))}, and ${size === 1 ? 'is' : 'are'} here under that.`,
    );
  return words;
}

const MOST_NAMED = 3;

function listOf(uids: readonly string[]): string {
  const each = [...new Set(uids)];
  const more = each.length - MOST_NAMED;
  return each.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
