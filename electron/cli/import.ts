// `lectern import`: folders, discs, ZIP files and files into the archive; a line per file as soon as its fate is durable.
import fs from 'node:fs';
import { rawPath } from '#backend/base/raw-path.ts';
import { runImport } from '#backend/intake/import.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { FileOutcome, FileReport, ImportSummary } from '#shared/contract/views.ts';
import { UsageError } from './arguments.ts';
import { readPassphrase } from './call-passphrases.ts';
import type { Command } from './command.ts';
import { onOneLine } from './on-one-line.ts';

const COUNT_OF: Record<FileOutcome, keyof ImportSummary> = {
  stored: 'stored',
  repaired: 'repaired',
  duplicate: 'duplicate',
  conflict: 'conflict',
  refused: 'refused',
  'not-dicom': 'notDicom',
};

export const importCommand: Command = {
  usage: 'import PATH... [--json] [--zip-password-file F]',
  about: 'takes files, folders, discs and ZIP files into the archive',
  options: { 'zip-password-file': 'value' },
  run: async ({
    operands,
    flags,
    values,
    print,
    note,
    progress: say,
    isWatched,
    signal,
    checkStopped,
    pathOf,
    open,
  }) => {
    if (!operands.length) throw new UsageError('import needs at least one path.');
    const paths = operands.map(pathOf);
    for (const [at, operand] of operands.entries())
      if (!fs.existsSync(rawPath(paths[at] ?? ''))) throw new LecternError('not-found', `${operand} is not there.`);
    const passwordFile = values.get('zip-password-file');
    const password = passwordFile === undefined ? undefined : readPassphrase(pathOf(passwordFile), 'ZIP password');
    const started = performance.now();
    const summary: ImportSummary = {
      files: 0,
      stored: 0,
      repaired: 0,
      duplicate: 0,
      conflict: 0,
      refused: 0,
      notDicom: 0,
      bytes: 0,
      seconds: 0,
    };
    const progress = new Progress(say);
    const item = (report: FileReport, bytes: number): void => {
      summary.files++;
      summary[COUNT_OF[report.outcome]]++;
      summary.bytes += bytes;
      if (flags.has('json')) print(JSON.stringify(report));
      else if (report.outcome !== 'duplicate' && (report.outcome !== 'stored' || report.reason !== undefined))
        print(onOneLine(`${report.outcome}: ${report.path}: ${report.reason ?? ''}`));
      progress.show(summary.files, summary.bytes);
    };
    const { archive, useCases } = (await open()).open();
    useCases.check('import');
    const context = {
      jobId: 'cli',
      signal,
      wantsTotals: isWatched,
      checkpoint: async () => checkStopped(),
      untilPaused: () => signal,
      isDone: () => false,
      codeOf: () => undefined,
      setTotals: ({ items }: { items: number | null }) => progress.setTotal(items),
      item,
      advance: () => undefined,
      note: (said: string | null) => void (removed = said),
      aside: <T>(waiting: Promise<T>) => waiting,
      skip: () => undefined,
      remember: () => undefined,
      amend: () => undefined,
      hold: (error: LecternError) => Promise.reject(error),
    };
    /** What an import that ends has to say is that. */
    let removed: string | null = null;
    let isWhole = false;
    try {
      await runImport(archive, context, { paths }, password);
      isWhole = true;
    } finally {
      // Also of one that was stopped, or ended on a full disk: what is told was done.
      progress.end();
      summary.seconds = Math.round(performance.now() - started) / 1000;
      print(flags.has('json') ? JSON.stringify({ summary }) : sentenceOf(summary));
      if (removed !== null) note(removed);
      useCases.auditImport(summary, isWhole, 'command line');
    }
    return removed !== null || summary.refused + summary.conflict + summary.repaired > 0 ? 3 : 0;
  },
};

function sentenceOf(s: ImportSummary): string {
  const rate = s.seconds > 0 ? `, ${Math.round(s.bytes / 1e6 / s.seconds)} MB/s` : '';
  return `${s.files} files: ${s.stored} stored, ${s.repaired} repaired, ${s.duplicate} duplicate, ${s.conflict} conflict, ${s.refused} refused, ${s.notDicom} not DICOM (${Math.round(s.bytes / 1e6)} MB, ${s.seconds} s${rate})`;
}

/** Files and bytes so far, now and then. */
class Progress {
  readonly #say: (line: string) => void;
  #total: number | null = null;
  #last = 0;
  constructor(say: (line: string) => void) {
    this.#say = say;
  }
  setTotal(total: number | null): void {
    this.#total = total;
  }
  show(files: number, bytes: number): void {
    const now = performance.now();
    if (now - this.#last < 100) return;
    this.#last = now;
    this.#say(`${files}${this.#total === null ? '' : ` of ${this.#total}`} files, ${Math.round(bytes / 1e6)} MB`);
  }
  end(): void {
    this.#say('');
  }
}
