// `lectern import`: folders, discs, ZIP files and files into the archive; a line per file as soon as its fate is durable.
import fs from 'node:fs';
import { runImport } from '#backend/intake/import.ts';
import type { FileOutcome, FileReport, ImportSummary } from '#shared/contract/views.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { LecternError } from '#shared/contract/errors.ts';

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
  run: async ({ operands, flags, values, print, open }) => {
    if (!operands.length) throw new UsageError('import needs at least one path.');
    for (const operand of operands)
      if (!fs.existsSync(operand)) throw new LecternError('not-found', `${operand} is not there.`);
    const passwordFile = values.get('zip-password-file');
    const password =
      passwordFile === undefined ? undefined : fs.readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '');
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
    const progress = new Progress();
    const item = (report: FileReport, bytes: number): void => {
      summary.files++;
      summary[COUNT_OF[report.outcome]]++;
      summary.bytes += bytes;
      if (flags.has('json')) print(JSON.stringify(report));
      else if (report.outcome !== 'stored' && report.outcome !== 'duplicate')
        print(`${report.outcome}: ${report.path}: ${report.reason ?? ''}`);
      progress.show(summary.files, summary.bytes);
    };
    const backend = await open();
    try {
      const { archive, useCases } = backend.open();
      useCases.check('import');
      const abort = new AbortController();
      process.once('SIGINT', () =>
        abort.abort(new LecternError('conflict', 'Stopped; what is listed above is in the archive.')),
      );
      process.once('SIGTERM', () =>
        abort.abort(new LecternError('conflict', 'Stopped; what is listed above is in the archive.')),
      );
      const context = {
        jobId: 'cli',
        signal: abort.signal,
        wantsTotals: process.stderr.isTTY,
        checkpoint: () => (abort.signal.aborted ? Promise.reject(abort.signal.reason as Error) : Promise.resolve()),
        isDone: () => false,
        setTotals: ({ items }: { items: number | null }) => progress.setTotal(items),
        item,
        advance: () => undefined,
        note: () => undefined,
        hold: (error: LecternError) => Promise.reject(error),
      };
      await runImport(archive.ingest, context, { paths: operands }, password);
      useCases.audit('import', summary.refused ? 4 : 0, {
        instanceCount: summary.stored + summary.repaired,
        detail: 'command line',
      });
    } finally {
      await backend.close();
      progress.end();
    }
    summary.seconds = Math.round(performance.now() - started) / 1000;
    print(flags.has('json') ? JSON.stringify({ summary }) : sentenceOf(summary));
    return summary.refused + summary.conflict + summary.repaired > 0 ? 3 : 0;
  },
};

function sentenceOf(s: ImportSummary): string {
  const rate = s.seconds > 0 ? `, ${Math.round(s.bytes / 1e6 / s.seconds)} MB/s` : '';
  return `${s.files} files: ${s.stored} stored, ${s.repaired} repaired, ${s.duplicate} duplicate, ${s.conflict} conflict, ${s.refused} refused, ${s.notDicom} not DICOM (${Math.round(s.bytes / 1e6)} MB, ${s.seconds} s${rate})`;
}

/** A line that is written over, only on a terminal. */
class Progress {
  #total: number | null = null;
  #last = 0;
  setTotal(total: number | null): void {
    this.#total = total;
  }
  show(files: number, bytes: number): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.#last < 100) return;
    this.#last = now;
    process.stderr.write(
      `\r\x1b[K${files}${this.#total === null ? '' : ` of ${this.#total}`} files, ${Math.round(bytes / 1e6)} MB`,
    );
  }
  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}
