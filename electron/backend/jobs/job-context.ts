// What the runners of jobs get from the queue, and what they give.
import type { LecternError } from '#shared/contract/errors.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';

/** What a runner gets: where it stands, how to say so, and when to stop. */
export interface JobContext {
  readonly jobId: string;
  /** Aborted on cancel and when the program ends. */
  readonly signal: AbortSignal;
  /** Somebody looks at the progress: totals are worth counting. */
  readonly wantsTotals: boolean;
  /** Resolves at once, or when a paused job goes on; rejects with JobStopped. Call it before each item. */
  checkpoint(): Promise<void>;
  /** Aborted when the job is paused or stopped next: for work that cannot stand still, such as a transfer. */
  untilPaused(): AbortSignal;
  /** True when an earlier run of this job dealt with the item already. */
  isDone(path: string): boolean;
  /** The code of such an item, where it has one. */
  codeOf(path: string): string | undefined;
  /** Counts such an item, as what became of it. */
  skip(path: string, bytes: number): void;
  setTotals(totals: { items: number | null; bytes: number | null }): void;
  /** Records the durable fate of one item; after the end of the job in the place of what was said of it before. */
  item(report: FileReport, bytes: number): void;
  /** Progress of a job whose items are not worth a record each. */
  advance(items: number, bytes: number): void;
  /** A sentence that stays on the job until there is another one, or null. */
  note(message: string | null): void;
  /** What it ended with has come to be otherwise: it is done or has failed after all, with this sentence. Does nothing before it has
   * ended. */
  amend(state: 'done' | 'failed', message: string): void;
  /** Keeps with the job what a later word of another system is understood by, also in a program started anew. */
  remember(later: unknown): void;
  /** Waits for what is not this program's work (an answer that may take hours, a node to come back) without keeping others from going
   * on: it holds no place in its lane meanwhile, and waits for one again after. Rejects as the waiting does, and with JobStopped. */
  aside<T>(waiting: Promise<T>): Promise<T>;
  /** Pauses for a reason that a person must remove (a disk that is full or fails); resolves when the job is resumed. */
  hold(reason: LecternError): Promise<void>;
}

/** A job that its caller drives. */
export interface DrivenJob {
  job: Job;
  context: JobContext;
  end(state: 'done' | 'failed' | 'cancelled', message?: string): void;
  /** Stops it as a cancel does, without a person. */
  stop(): void;
}

export type JobRunner<Input> = (context: JobContext, input: Input) => Promise<void>;

/** The job was cancelled or the program ends; never shown, never logged. */
export class JobStopped extends Error {
  override name = 'JobStopped';
}

/** Whether a job was stopped because the program ends: it goes on at the next start. */
export const isClosing = ({ reason }: AbortSignal): boolean =>
  reason instanceof JobStopped && reason.message === 'closing';
