// The demo studies: one made-up patient's story, every file made on the spot and the same each time. Marked DEMO in name,
// number, description and in the picture itself.
import { crChest } from './cr-chest.ts';
import { ctTrunk } from './ct-trunk.ts';
import type { DemoFile } from './demo-patient.ts';
import { mrHead } from './mr-head.ts';
import { petCt } from './pet-ct.ts';
import { usCine } from './us-cine.ts';

/** All files of all demo studies; bytes are made when asked for. */
export function* demoStudies(): Generator<DemoFile> {
  yield* ctTrunk({
    key: 'ct-current',
    date: '20261102',
    slices: 100,
    stepMm: 3,
    nodules: 9,
    description: 'DEMO CT chest abdomen',
  });
  yield* crChest();
  yield* mrHead();
  yield* usCine();
  yield* petCt();
  yield* ctTrunk({
    key: 'ct-prior',
    date: '20251014',
    slices: 60,
    stepMm: 5,
    nodules: 5,
    description: 'DEMO CT chest abdomen',
  });
}
