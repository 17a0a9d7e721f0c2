// `lectern show`: the attributes of a study, series or instance as WADO-RS metadata answers them.
import { locateAny } from './locate-any.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { onOneLine } from './on-one-line.ts';
import { keywordOf } from '#shared/dicom/dictionary.ts';
import type { DicomJson } from '#shared/dicom/model.ts';

export const showCommand: Command = {
  usage: 'show UID [--json]',
  about: 'prints the attributes of what has this UID',
  options: {},
  run: async ({ operands, flags, print, open }) => {
    const [uid] = operands;
    if (uid === undefined || operands.length > 1) throw new UsageError('show takes one UID.');
    const { archive, useCases } = (await open()).open();
    const found = locateAny(archive, uid);
    useCases.check('read', found[0]?.studyUid);
    useCases.noteRead(found[0]?.studyUid ?? uid);
    const texts = found.map((location) =>
      archive
        .metadataText(location)
        .replaceAll('"BulkDataURI":"bulkdata:', `"BulkDataURI":"instances/${location.sopUid}/bulkdata/`),
    );
    if (flags.has('json')) print(`[${texts.join(',')}]`);
    else for (const text of texts) for (const line of lines(JSON.parse(text) as DicomJson, '')) print(line);
    return 0;
  },
};

function* lines(dataset: DicomJson, indent: string): Generator<string> {
  for (const [tag, { vr, Value, InlineBinary, BulkDataURI }] of Object.entries(dataset)) {
    const name = `${indent}(${tag.slice(0, 4)},${tag.slice(4)}) ${vr} ${keywordOf(tag) ?? ''}`;
    if (vr === 'SQ') {
      yield name;
      for (const item of Value ?? [])
        if (typeof item === 'object' && item !== null) yield* lines(item as DicomJson, `${indent}  `);
    } else if (BulkDataURI !== undefined || InlineBinary !== undefined)
      yield `${name}: ${BulkDataURI ?? `${InlineBinary?.length ?? 0} characters of base64`}`;
    else yield onOneLine(`${name}: ${(Value ?? []).map(textOf).join('\\')}`);
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? Object.values(value).join('=') : String(value ?? '');
