// What a start found in the data folder, databases that were damaged and made anew above all: said in the audit log and in the list of
// jobs, and kept for whoever asks what this start had to do.
import fs from 'node:fs';
import path from 'node:path';
import type { JobQueue } from './jobs/job-queue.ts';
import type { UseCases } from './people/use-cases.ts';

const CONTENTS: Readonly<Record<string, string>> = {
  'index.db':
    'The index of the archive was damaged. It is made anew from the stored files. Look whether pins of studies and jobs are all there.',
  'audit.db': 'The audit log was damaged. Records that could be read are kept; others are missing.',
  'settings.db': 'The settings were damaged. Look whether nodes, rules and watched folders are all there.',
  'marks.db':
    'The file of lengths and key images was damaged. Those that could be read are kept; look at open studies.',
};

export class Renewals {
  /** Sentences for a person. */
  readonly sentences: string[] = [];
  #tell: ((sentence: string) => void) | undefined;

  readonly note = (aside: string): void => {
    const name = path.basename(aside);
    const what = CONTENTS[name.replace(/\.damaged-\d+$/, '')] ?? 'A file of the data folder was damaged.';
    this.say(`${what} The damaged file is kept as ${name}.`);
  };

  /** Of an archive that has files: damage would have been noted before. */
  missIndex(): void {
    if (this.sentences.length > 0) return;
    this.say(
      'The index of the archive was missing or empty. It is made anew from the stored files; pins of studies and the list of jobs are lost.',
    );
  }

  /** The log of an archive that is not new: whoever removed or emptied it must not go unseen. */
  missAudit(file: string): void {
    if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0)
      this.say('The audit log of this archive was missing or empty. A new one was begun.');
  }

  /** `from`: number of the first record that is missing. What was said of the log before says that too. */
  lackAudit(from: number): void {
    if (this.sentences.some((sentence) => sentence.startsWith('The audit log'))) return;
    this.say(
      `The audit log lacks records from number ${from} on, which were written: an older copy of audit.db was put back, or its end was lost. Look who may write in the data folder.`,
    );
  }

  readonly say = (sentence: string): void => {
    this.sentences.push(sentence);
    this.#tell?.(sentence);
  };

  /** Tells what there is, and from now on what comes. */
  tellTo(useCases: UseCases, jobs: JobQueue): void {
    this.#tell = (sentence) => {
      useCases.audit('security-alert', 8, { detail: sentence });
      jobs.startDriven('verify', 'Data folder').end('failed', sentence);
    };
    for (const sentence of this.sentences) this.#tell(sentence);
  }
}
