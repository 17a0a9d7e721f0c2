// What the library tells of its marks, and what of it is a change by the person; with a stand-in for the library.
import { expect, test, vi } from 'vitest';
import { LengthMarks } from './length-marks.ts';

interface Mark {
  annotationUID: string;
  metadata: { referencedImageId: string };
  data: { label: string; handles: { points: number[][] } };
}
const fake = vi.hoisted(() => ({ events: new EventTarget(), marks: new Map<string, unknown>() }));

vi.mock('@cornerstonejs/core', () => ({ eventTarget: fake.events, utilities: { roundNumber: String } }));
vi.mock('@cornerstonejs/tools', () => ({
  annotation: {
    state: {
      getAnnotation: (uid: string) => fake.marks.get(uid),
      addAnnotation: (mark: Mark) => fake.marks.set(mark.annotationUID, mark),
      removeAnnotation: (uid: string) => fake.marks.delete(uid),
    },
  },
  Enums: {
    Events: { ANNOTATION_COMPLETED: 'completed', ANNOTATION_MODIFIED: 'modified', ANNOTATION_REMOVED: 'removed' },
  },
  LengthTool: { toolName: 'Length' },
  utilities: { triggerAnnotationRenderForToolGroupIds: () => undefined },
}));
vi.mock('./mounted-image.ts', () => ({
  frameOfReferenceOf: () => '1.2',
  imageIdOf: () => 'lectern:1.2.3/0',
  imageOfId: () => ({ spacingMm: [1, 1], regions: [] }),
  keyOfImageId: () => '1.2.3/0',
  normalOf: () => [0, 0, 1],
  pixelOf: (_: unknown, [x, y]: number[]) => [x, y],
  worldOf: (_: unknown, x: number, y: number) => [x, y, 0],
}));

const at = {
  unfinished: undefined as unknown,
  isTakingBack: false,
  isUnfinished: (mark: unknown) => mark === at.unfinished,
};

const drawn = (label: string): Mark => ({
  annotationUID: 'a',
  metadata: { referencedImageId: 'lectern:1.2.3/0' },
  data: { label, handles: { points: [[1, 2, 0], [4, 6, 0]] } }, // prettier-ignore
});
const tell = (name: string, mark: unknown): boolean =>
  fake.events.dispatchEvent(new CustomEvent(name, { detail: { annotation: mark } }));

test('what the library tells late of a mark that was replaced is no change: a name stays', () => {
  const marks = new LengthMarks('group', at);
  const told: [string, string | undefined][] = [];
  const off = marks.onChange((uid, length) => told.push([uid, length?.label]));
  const first = drawn('');
  fake.marks.set('a', first);
  tell('completed', first);
  expect(told).toEqual([['a', '']]);
  const length = { uid: 'a', sopInstanceUid: '1.2.3', frameIndex: 0, label: 'Lesion', text: '5 mm' };
  marks.put({ image: {} } as never, { ...length, ends: [[1, 2], [4, 6]] }); // prettier-ignore
  tell('modified', first);
  expect(told).toHaveLength(1);
  tell('modified', fake.marks.get('a'));
  expect(told.at(-1)).toEqual(['a', 'Lesion']);
  off();
});

test('nothing is told of a length before its second end is put, of one that is taken back, and of one that has no extent', () => {
  const marks = new LengthMarks('group', at);
  const told: string[] = [];
  const off = marks.onChange((uid) => told.push(uid));
  const mark = (at.unfinished = drawn(''));
  fake.marks.set('a', mark);
  tell('modified', mark);
  at.isTakingBack = true;
  tell('completed', mark);
  tell('removed', mark);
  at.isTakingBack = false;
  const point = drawn('');
  point.data.handles.points = [[1, 2, 0], [1.5, 2.5, 0]]; // prettier-ignore
  fake.marks.set('a', point);
  tell('completed', point);
  expect([told, fake.marks.size]).toEqual([[], 0]);
  tell('completed', mark);
  expect(told).toEqual(['a']);
  off();
});
