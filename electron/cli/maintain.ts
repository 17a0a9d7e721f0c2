// `lectern verify`, `rebuild` and `rm`.
import { WORDS_OF_LOSS } from '#backend/archive/lost-instances.ts';
import type { DamageReport } from '#backend/archive/stored-checks.ts';
import { verifyAll } from '#backend/archive/verify.ts';
import { UsageError } from './arguments.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { Command } from './command.ts';

export const verifyCommand: Command = {
  usage: 'verify [--json]',
  about: 'looks through the index, reads every stored file and compares it with its checksum',
  options: {},
  run: async ({ flags, print, checkStopped, signal, open }) => {
    const { archive, useCases } = (await open()).open();
    useCases.check('verify');
    const damaged: DamageReport[] = [];
    const checked = await verifyAll(
      archive,
      (report) => damaged.push(report),
      () => undefined,
      async () => checkStopped(),
      signal,
    );
    if (flags.has('json')) print(JSON.stringify({ checked, damaged }));
    else {
      for (const { sopInstanceUid, reason } of damaged)
        print(sopInstanceUid === null ? reason : `${sopInstanceUid}: ${reason}`);
      print(`${checked} instances checked, ${damaged.length} damaged`);
    }
    return damaged.length ? 3 : 0;
  },
};

export const rebuildCommand: Command = {
  usage: 'rebuild [--json]',
  about: 'makes the index anew from the stored files',
  options: {},
  run: async ({ flags, print, checkStopped, open }) => {
    const { archive, jobs, useCases } = (await open()).open();
    useCases.check('verify');
    const { instances, conflicts, damaged, missing } = await archive.rebuild(async () => checkStopped());
    jobs.endPaused('rebuild');
    if (flags.has('json')) print(JSON.stringify({ instances, conflicts, damaged, missing }));
    else {
      for (const { name, reason } of damaged) print(`${name}: ${reason}`);
      for (const sopUid of missing) print(`${sopUid}: ${WORDS_OF_LOSS}`);
      print(
        `${instances} instances indexed, ${conflicts} in quarantine, ${damaged.length} files left out, ${missing.length} instances missing`,
      );
    }
    return damaged.length + missing.length ? 3 : 0;
  },
};

export const rmCommand: Command = {
  usage: 'rm STUDY_UID [--with-marks]',
  about:
    'removes a study and destroys the keys of its files; --with-marks: also lengths and key images that were sent nowhere',
  options: { 'with-marks': 'flag' },
  run: async ({ operands, flags, print, open }) => {
    const [uid] = operands;
    if (uid === undefined || operands.length > 1) throw new UsageError('rm takes one study UID.');
    const { archive, useCases, marks, jobs } = (await open()).open();
    useCases.check('delete', uid);
    const isHeld = marks.unsent((sopInstanceUid) => jobs.wasSent(sopInstanceUid)).has(uid);
    if (isHeld && !flags.has('with-marks')) {
      throw new LecternError(
        'conflict',
        `Study ${uid} was not removed: ${counted(marks.lengths, 'length', uid)} and ${counted(marks.keyImages, 'key image', uid)} of it were sent nowhere. Send it, or remove them too with --with-marks.`,
      );
    }
    await useCases.auditRemoval(archive.removeStudy(uid), { studyUids: [uid] });
    print(`removed ${uid}`);
    return 0;
  },
};

function counted(journal: { counts(): Map<string, number> }, what: string, studyUid: string): string {
  const count = journal.counts().get(studyUid) ?? 0;
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
