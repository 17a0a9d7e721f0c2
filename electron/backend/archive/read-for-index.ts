// A file as the index needs it: parsed within bounds, and its record. Runs in a worker.
import { ok, type Result } from '#shared/base/result.ts';
import type { ByteSource, Refusal } from '#shared/dicom/model.ts';
import { LARGE, ReadBudget } from '#shared/dicom/read-budget.ts';
import { readInstance } from '#shared/dicom/read-instance.ts';
import { collectHuge } from '#backend/base/young-garbage.ts';
import { alone } from '#backend/workers/signs.ts';
import { inflate } from './inflate.ts';
import { recordOf, type InstanceRecord } from './instance-record.ts';

export const parse = (source: ByteSource, budget = new ReadBudget()): ReturnType<typeof readInstance> =>
  readInstance(source, { inflate, budget });

export interface ReadFile {
  datasetOffset: number;
  /** Makes it, unless it is made already. */
  record: () => InstanceRecord;
}

/** Parses for the index. A very large one is parsed and its record made while no other worker does that, and what it took in memory is
 * given back. */
export function readForIndex(source: ByteSource): Result<ReadFile, Refusal> {
  const budget = new ReadBudget();
  const parsed = parse(source, budget);
  if (!budget.wouldFitLarge)
    return parsed.ok ? ok({ datasetOffset: parsed.value.datasetOffset, record: () => recordOf(parsed.value) }) : parsed;
  return alone(() => {
    try {
      const large = parse(source, new ReadBudget(LARGE));
      if (!large.ok) return large;
      const record = recordOf(large.value);
      return ok({ datasetOffset: large.value.datasetOffset, record: () => record });
    } finally {
      collectHuge();
    }
  });
}

export const memorySource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});
