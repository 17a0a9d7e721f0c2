// A DICOMweb node as a Source.
import { LecternError } from '#shared/contract/errors.ts';
import type { Source } from '../source.ts';
import { HttpClient } from './http-client.ts';
import type { DicomwebNode } from './node.ts';
import { query } from './qido.ts';
import { store } from './stow.ts';
import { testNode } from './test-node.ts';
import { retrieve } from './wado.ts';

export function createDicomwebSource(node: DicomwebNode): Source {
  const http = new HttpClient(node);
  return {
    givesUncounted: true,
    test: (signal) => testNode(node, http, signal),
    query: (request, signal) => query(http, request, signal),
    retrieve: (selection, sink, onProgress, signal) =>
      retrieve({ http, name: node.name, sink, onProgress, signal }, selection),
    store: (instances, onOutcome, signal) => store(http, instances, onOutcome, signal),
    commit: () =>
      Promise.reject(
        new LecternError('not-implemented', `${node.name} is a DICOMweb node: storage commitment needs a DIMSE node.`),
      ),
    close: () => {
      http.close();
      return Promise.resolve();
    },
  };
}
