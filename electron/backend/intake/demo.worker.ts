// Worker thread entry: draws the demo studies, one file for each message that asks for the next.
import { parentPort } from 'node:worker_threads';
import { demoStudies } from '#shared/testing/phantoms/demo-studies.ts';

const files = demoStudies();

parentPort?.on('message', () => {
  const next = files.next();
  if (next.done) {
    parentPort?.postMessage(null);
    return;
  }
  const bytes = next.value.bytes();
  parentPort?.postMessage({ name: next.value.name, bytes }, [bytes.buffer]);
});
