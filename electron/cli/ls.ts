// `lectern ls`: studies, series or instances that match, as QIDO-RS answers them.
import { lackNotes } from '#backend/archive/lacks.ts';
import { runLongQuery, type QueryLevel } from '#backend/archive/query.ts';
import { matchKey } from '#backend/routes/dicomweb/qido.ts';
import { textOf } from '#backend/archive/instance-record.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { onOneLine } from './on-one-line.ts';

const isLevel = (text: string): text is QueryLevel => ['study', 'series', 'instance'].includes(text);

const COLUMNS: Record<QueryLevel, readonly string[]> = {
  study: ['00080020', '00100010', '00100020', '00080061', '00081030', '00201208', '0020000D'],
  series: ['00080060', '00200011', '0008103E', '00201209', '0020000E'],
  instance: ['00200013', '00080016', '00080018'],
};

export const lsCommand: Command = {
  usage: 'ls [--level study|series|instance] [--match Keyword=Value]... [--json]',
  about: 'lists what is in the archive',
  options: { level: 'value', match: 'list' },
  run: async ({ operands, flags, values, lists, print, note, open }) => {
    const level = values.get('level') ?? 'study';
    if (!isLevel(level)) throw new UsageError(`There is no level ${level}: study, series or instance.`);
    if (operands.length) throw new UsageError('ls takes no operands; match with --match Keyword=Value.');
    const keys = (lists.get('match') ?? []).map((text) => {
      const equals = text.indexOf('=');
      if (equals < 1) throw new UsageError(`--match ${text}: write Keyword=Value.`);
      return matchKey(level, text.slice(0, equals), text.slice(equals + 1));
    });
    const { archive, useCases } = (await open()).open();
    useCases.check('read');
    const wasIncomplete = archive.needsRebuild;
    const { results } = await runLongQuery(archive.index, {
      level,
      keys,
      include: [],
      isFuzzy: false,
      limit: Number.MAX_SAFE_INTEGER,
      offset: 0,
    });
    if (flags.has('json')) print(JSON.stringify(results));
    else for (const result of results) print(COLUMNS[level].map((tag) => cell(result, tag)).join('\t'));
    const listed = new Set(results.map((result) => textOf(result, '0020000D')));
    const notes = lackNotes(archive.index, [...listed], { isOfAll: true, wasIncomplete });
    for (const each of notes) note(each);
    return notes.length ? 3 : 0;
  },
};

const cell = (result: DicomJson, tag: string): string =>
  onOneLine(tag === '00080061' ? (result[tag]?.Value ?? []).join(',') : textOf(result, tag));
