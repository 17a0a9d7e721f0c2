// Fills an archive's index with synthetic studies through the product's own index, in bulk; there are no files behind the
// rows. As a command: generate-index.ts FOLDER STUDIES INSTANCES makes FOLDER/data and FOLDER/keys.
import fs from 'node:fs';
import path from 'node:path';
import { ArchiveIndex } from '#backend/archive/archive-index.ts';
import type { NewInstance } from '#backend/archive/index-rows.ts';
import { pack, type InstanceRecord } from '#backend/archive/instance-record.ts';
import { KeyEnvelope } from '#backend/archive/key-envelope.ts';
import { openDatabase } from '#backend/base/database.ts';
import { mixed, syntheticStudy, type SyntheticStudy } from './synthetic-studies.ts';

const SOP_CLASSES: Record<string, string> = {
  CT: '1.2.840.10008.5.1.4.1.1.2',
  MR: '1.2.840.10008.5.1.4.1.1.4',
  CR: '1.2.840.10008.5.1.4.1.1.1',
  DX: '1.2.840.10008.5.1.4.1.1.1.1',
  US: '1.2.840.10008.5.1.4.1.1.6.1',
  MG: '1.2.840.10008.5.1.4.1.1.1.2',
  PT: '1.2.840.10008.5.1.4.1.1.128',
  XA: '1.2.840.10008.5.1.4.1.1.12.1',
};
/** As many as an import commits together, so that the change feed has steps of a likely size. */
const BATCH = 500;

export interface IndexSize {
  studies: number;
  instances: number;
}

/** Makes `folder/data/index.db` under a key file in `folder/keys`. Resolves to the seconds it took. */
export async function generateIndex(folder: string, { studies, instances }: IndexSize): Promise<number> {
  const [dataDir, keyDir] = [path.join(folder, 'data'), path.join(folder, 'keys')];
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const keys = await (await KeyEnvelope.openOrCreate({ dataDir, keyDir })).unlock();
  const db = openDatabase(path.join(dataDir, 'index.db'), keys.index);
  const index = new ArchiveIndex(db);
  // Durability is worth nothing here: an interrupted generation is thrown away.
  db.execute('PRAGMA synchronous=OFF');
  const started = performance.now();
  let batch: NewInstance[] = [];
  for (const instance of instancesOf(studies, instances)) {
    batch.push(instance);
    if (batch.length < BATCH) continue;
    index.commit(batch, []);
    batch = [];
  }
  if (batch.length) index.commit(batch, []);
  db.execute('PRAGMA synchronous=FULL');
  db.close();
  return (performance.now() - started) / 1000;
}

/** Every study gets its share of the instances, at least one, in series of up to 300. */
function* instancesOf(studies: number, instances: number): Generator<NewInstance> {
  let left = instances;
  for (let index = 0; index < studies; index++) {
    const study = syntheticStudy(index);
    const fair = left / (studies - index);
    const spread = 0.5 + (mixed(index) % 1000) / 1000;
    const count =
      index === studies - 1 ? left : Math.max(1, Math.min(left - (studies - index - 1), Math.round(fair * spread)));
    left -= count;
    const seriesCount = Math.max(1, Math.min(count, 1 + (mixed(index + 7) % 3), Math.ceil(count / 4)));
    for (let number = 0; number < count; number++)
      yield instanceOf(study, index, Math.floor((number * seriesCount) / count), number);
  }
}

const EMPTY = pack('{}');
const studyJson = (study: SyntheticStudy): string =>
  JSON.stringify({
    '00080020': { vr: 'DA', Value: [study.studyDate] },
    '00080030': { vr: 'TM', Value: [study.studyTime] },
    '00080050': { vr: 'SH', Value: [study.accession] },
    '00081030': { vr: 'LO', Value: [study.description] },
    '00100020': { vr: 'LO', Value: [study.patientId] },
    '00100021': { vr: 'LO', Value: [study.issuer] },
    '00100030': { vr: 'DA', Value: [study.birthDate] },
    '00100040': { vr: 'CS', Value: [study.sex] },
    '0020000D': { vr: 'UI', Value: [study.studyUid] },
  });

function instanceOf(study: SyntheticStudy, studyIndex: number, series: number, number: number): NewInstance {
  const { modality, studyDate, studyTime } = study;
  const sopUid = `${study.studyUid}.${series + 1}.${number + 1}`;
  const seriesUid = `${study.studyUid}.${series + 1}`;
  const digest = (
    mixed(studyIndex * 4099 + number)
      .toString(16)
      .padStart(8, '0') + sopUid.replace(/\D/g, '')
  ).padEnd(64, '0');
  const record: InstanceRecord = {
    sopUid,
    sopClassUid: SOP_CLASSES[modality] ?? '',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    number: number + 1,
    frameCount: 1,
    rows: 512,
    columns: 512,
    study: { ...study, studyId: String(studyIndex % 1000) },
    series: {
      seriesUid,
      modality,
      number: series + 1,
      description: `Series ${series + 1}`,
      bodyPart: '',
      laterality: '',
      seriesDate: studyDate,
      seriesTime: studyTime,
    },
    studyJson: studyJson(study),
    seriesJson: '{}',
    instanceJson: '{}',
    metadata: EMPTY,
    frameTable: EMPTY,
    repairs: [],
  };
  return { record, name: digest, sha256: digest, sizeBytes: 525_000, datasetOffset: 400, isDemo: false };
}

if (import.meta.filename === process.argv[1]) {
  const [folder, studies, instances] = process.argv.slice(2);
  if (!folder || !studies || !instances) throw new Error('usage: generate-index.ts FOLDER STUDIES INSTANCES');
  const seconds = await generateIndex(folder, { studies: Number(studies), instances: Number(instances) });
  console.log(
    JSON.stringify({ studies: Number(studies), instances: Number(instances), seconds: Number(seconds.toFixed(1)) }),
  );
}
