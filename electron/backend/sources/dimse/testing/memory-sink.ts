// A sink that keeps what comes in memory, and can be told to misbehave. For tests only.
import type { AnnouncedInstance, InstanceSink, SinkOutcome } from '../../source.ts';

export interface KeptInstance {
  announced: AnnouncedInstance;
  /** The whole Part 10 file. */
  file: Buffer;
}

export interface MemorySink extends InstanceSink {
  kept: KeptInstance[];
  aborted: number;
  open(announced: AnnouncedInstance): ReturnType<InstanceSink['open']>;
}

export interface MemorySinkOptions {
  /** Called with each write and before the outcome is given; may throw or wait. */
  onWrite?(announced: AnnouncedInstance): Promise<void> | void;
  onFinish?(kept: KeptInstance): Promise<SinkOutcome | undefined> | SinkOutcome | undefined;
}

export function memorySink(options: MemorySinkOptions = {}): MemorySink {
  const sink: MemorySink = {
    kept: [],
    aborted: 0,
    open: (announced) => {
      const parts: Uint8Array[] = [];
      return {
        write: async (bytes) => {
          parts.push(Buffer.from(bytes));
          await options.onWrite?.(announced);
        },
        finish: async () => {
          const kept = { announced, file: Buffer.concat(parts) };
          const outcome = await options.onFinish?.(kept);
          sink.kept.push(kept);
          return outcome ?? { outcome: 'stored', sizeBytes: kept.file.length };
        },
        abort: async () => void sink.aborted++,
      };
    },
  };
  return sink;
}
