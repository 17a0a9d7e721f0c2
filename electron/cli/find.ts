// `lectern find`: a query at a node, its matches as DICOM JSON.
import { createHash } from 'node:crypto';
import type { QueryLevel } from '#backend/sources/source.ts';
import { textOf } from '#backend/archive/instance-record.ts';
import { tagOf, vrOf } from '#shared/dicom/dictionary.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { onOneLine } from './on-one-line.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';

const UID = /^[0-9][0-9.]{0,63}$/;
const LEVELS: readonly QueryLevel[] = ['patient', 'study', 'series', 'instance', 'worklist'];
const COLUMNS: Record<QueryLevel, readonly string[]> = {
  patient: ['00100010', '00100020', '00100030'],
  study: ['00080020', '00100010', '00100020', '00080061', '00081030', '00201208', '0020000D'],
  series: ['00080060', '00200011', '0008103E', '00201209', '0020000E'],
  instance: ['00200013', '00080016', '00080018'],
  worklist: ['00100010', '00100020', '00080050'],
};

/** What names a match of these levels for whoever goes on with it. */
const LEVEL_UID: Partial<Record<QueryLevel, string>> = { study: '0020000D', series: '0020000E', instance: '00080018' };

const STEP = '00400100';
/** Attributes of a worklist entry that stand in its Scheduled Procedure Step Sequence (PS3.4 K.6.1.2.2). */
const OF_STEP = new Set([
  '00080060',
  '00321070',
  '00400001',
  '00400002',
  '00400003',
  '00400004',
  '00400005',
  '00400006',
  '00400007',
  '00400008',
  '00400009',
  '00400010',
  '00400011',
  '00400012',
  '00400020',
]);

/** Where a keyword leads at a level: in a worklist nobody looks for the date or the modality outside the step. */
function keyPathOf(name: string, level: QueryLevel): string[] {
  const path = pathOf(name);
  return level === 'worklist' && path.length === 1 && OF_STEP.has(path[0] ?? '') ? [STEP, ...path] : path;
}

/** Tag path of a keyword, a tag, or several joined by dots. Throws UsageError. */
function pathOf(name: string): string[] {
  return name.split('.').map((part) => {
    const tag = /^[0-9a-f]{8}$/i.test(part) ? part.toUpperCase() : tagOf(part);
    if (tag === undefined) throw new UsageError(`${part} is not an attribute of the DICOM dictionary.`);
    return tag;
  });
}

export const findCommand: Command = {
  usage:
    'find NAME [--level patient|study|series|instance|worklist] [--match Keyword=Value]... [--include Keyword]... [--limit N] [--json]',
  about: 'asks a node what it has',
  options: { level: 'value', match: 'list', include: 'list', limit: 'value' },
  run: async ({ operands, flags, values, lists, print, note, signal, open }) => {
    const [name] = operands;
    if (name === undefined || operands.length > 1)
      throw new UsageError('find takes one name; match with --match Keyword=Value.');
    const level = LEVELS.find((known) => known === (values.get('level') ?? 'study'));
    if (!level) throw new UsageError(`There is no level ${values.get('level')}: ${LEVELS.join(', ')}.`);
    const keys = (lists.get('match') ?? []).map((text) => {
      const equals = text.indexOf('=');
      if (equals < 1) throw new UsageError(`--match ${text}: write Keyword=Value.`);
      const path = keyPathOf(text.slice(0, equals), level);
      return { path, vr: vrOf(path.at(-1) ?? '') ?? 'UN', value: text.slice(equals + 1) };
    });
    const include = (lists.get('include') ?? []).map((text) => keyPathOf(text, level).join('.'));
    const limit = values.get('limit');
    if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) throw new UsageError('--limit is a whole number from 1.');
    const { transfers, useCases } = (await open()).open();
    useCases.check('query');
    const found: DicomJson[] = [];
    let hasNotice = false;
    let count = 0;
    const seen = new Set<string>();
    let repeatedCount = 0;
    let namelessCount = 0;
    const uidTag = LEVEL_UID[level];
    await transfers.with(name, async (source) => {
      const request = { level, keys, include, ...(limit !== undefined && { limit: Number(limit) }) };
      for await (const answer of source.query(request, signal)) {
        if (answer.kind === 'notice') {
          hasNotice = true;
          note(answer.reason);
          continue;
        }
        count++;
        const digest = createHash('sha256').update(JSON.stringify(answer.dataset)).digest('base64');
        if (seen.has(digest)) {
          repeatedCount++;
          continue;
        }
        seen.add(digest);
        if (uidTag !== undefined && !UID.test(textOf(answer.dataset, uidTag))) namelessCount++;
        if (flags.has('json')) found.push(answer.dataset);
        else print(COLUMNS[level].map((tag) => cell(answer.dataset, tag)).join('\t'));
      }
    });
    if (repeatedCount > 0)
      note(`${name} repeats itself word for word in ${repeatedCount} of its ${count} answers, which are left out.`);
    if (namelessCount > 0)
      note(`${name} names no ${level} by a UID in ${namelessCount} of its answers: nothing can be asked for by them.`);
    if (count === 0 && !hasNotice && keys.some(({ value }) => /[^\x20-\x7e]/.test(value)))
      note(
        `${name} found nothing. Not every system matches letters beyond ASCII: write ? or * for them, or set its --charset.`,
      );
    useCases.audit('query', 0, { detail: `${level} at ${name}` });
    if (flags.has('json')) print(JSON.stringify(found));
    return hasNotice || namelessCount > 0 ? 3 : 0;
  },
};

const cell = (dataset: DicomJson, tag: string): string =>
  onOneLine(tag === '00080061' ? (dataset[tag]?.Value ?? []).join(',') : textOf(dataset, tag));
