// `lectern export`: the bytes as they were received, a file for each instance.
import fs from 'node:fs';
import path from 'node:path';
import { storedPieces } from '#backend/routes/dicomweb/wado.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { locateAny } from './locate-any.ts';

export const exportCommand: Command = {
  usage: 'export UID DIR',
  about: 'writes the original bytes, a file per instance, into DIR',
  options: {},
  run: async ({ operands, flags, print, pathOf, open }) => {
    const [uid, given] = operands;
    if (uid === undefined || given === undefined || operands.length > 2)
      throw new UsageError('export takes a UID and a folder.');
    const folder = pathOf(given);
    const { archive, useCases } = (await open()).open();
    const found = locateAny(archive, uid);
    useCases.check('export', found[0]?.studyUid);
    fs.mkdirSync(folder, { recursive: true });
    let bytes = 0;
    for (const location of found) {
      // The UID was checked at ingest to hold digits and dots only, so it is safe as a name.
      const target = path.join(folder, `${location.sopUid}.dcm`);
      if (fs.existsSync(target))
        throw new LecternError('conflict', `${target} is there already; nothing is overwritten.`);
      const partial = `${target}.part`;
      await fs.promises.writeFile(partial, storedPieces(archive, location));
      await fs.promises.rename(partial, target);
      bytes += location.sizeBytes;
    }
    useCases.audit('export', 0, {
      studyUids: [...new Set(found.map((location) => location.studyUid))],
      instanceCount: found.length,
      detail: 'folder',
    });
    print(
      flags.has('json')
        ? JSON.stringify({ exported: found.length, bytes })
        : `${found.length} instances written to ${folder}`,
    );
    return 0;
  },
};
