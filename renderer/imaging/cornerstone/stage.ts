// Mounts stack views in viewports of Cornerstone3D and registers the measuring tools. Loaded while the program rests: a
// view draws itself before and after; mounted, its place comes from the viewport's camera.
import { Enums, init as initCore, metaData, registerViewportType, triggerEvent } from '@cornerstonejs/core';
import { init as initTools, ToolGroupManager } from '@cornerstonejs/tools';
import type { StackMount, MountHost } from '../stack-mount.ts';
import { viewOf, type Affine, type ViewState } from '../view-geometry.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { StackEngine } from './engine.ts';
import { LECTERN_PLANAR, LecternViewport } from './lectern-viewport.ts';
import { MeasureTools } from './measure-tools.ts';
import { holdImages, metadataOf, worldOf } from './mounted-image.ts';
import { StackRenderPath, type MountedStack } from './stack-render-path.ts';
import type { StackFrame } from '../frame-store.ts';

const ENGINE = 'lectern-stacks';

export class Stage {
  readonly #engine: StackEngine;
  readonly tools: MeasureTools;
  #nextId = 1;

  constructor() {
    // Our viewports need no WebGL context; the library's pool is made by the engines that use it.
    initCore();
    initTools();
    metaData.addProvider(metadataOf);
    registerViewportType({ type: LECTERN_PLANAR, ViewportClass: LecternViewport });
    this.#engine = new StackEngine(ENGINE);
    this.tools = new MeasureTools(ToolGroupManager.createToolGroup('lectern'));
  }

  /** Mounts a view; `element` covers the cell's picture. */
  mount(host: MountHost, element: HTMLDivElement): StackMount {
    const viewportId = `stack-${this.#nextId++}`;
    // Set here, else the viewport makes itself an opaque, relative box.
    element.style.position = 'absolute';
    element.style.background = 'transparent';
    withoutWheel(element, () =>
      this.#engine.enableElement({
        viewportId,
        element,
        // A registered type is a plain string to the engine; its declaration lists the library's own only.
        type: LECTERN_PLANAR as never,
        defaultOptions: {},
      }),
    );
    // The engine makes it focusable; the cell is what takes focus.
    element.removeAttribute('tabindex');
    const unused = element.querySelector<HTMLCanvasElement>('canvas.cornerstone-canvas');
    if (unused) unused.width = unused.height = 1;
    this.tools.group.addViewport(viewportId, ENGINE);
    const viewport = this.#engine.getViewport<LecternViewport>(viewportId);
    const mounted = new Mounted(viewport, element, host, this.tools);
    return {
      setFrames: () => mounted.setFrames(),
      place: (index, image, view) => mounted.place(index, image, view),
      painted: () => mounted.painted(),
      resize: () => viewport.resize(),
      takesPointer: (press, x, y) => this.tools.takesPointer(element, press, x, y),
      leavesSlice: () => this.tools.leavesSlice(element),
      cancelDrawing: () => this.tools.cancelDrawing(),
      deleteSelected: () => this.tools.deleteSelected(element),
      dispose: () => {
        this.tools.leave(element);
        this.tools.group.removeViewports(ENGINE, viewportId);
        this.#engine.disableElement(viewportId);
        // Not before: the library asks of the images once more, to end what is being drawn.
        mounted.release();
        element.replaceChildren();
      },
    };
  }
}

/** The cell handles the wheel: a listener that may cancel it, as the library's, costs half of the wheel's events. */
function withoutWheel(element: HTMLElement, enable: () => void): void {
  const add = element.addEventListener;
  element.addEventListener = function (this: HTMLElement, ...args: Parameters<typeof add>) {
    if (args[0] !== 'wheel') add.apply(element, args);
  } as typeof add;
  try {
    enable();
  } finally {
    element.addEventListener = add;
  }
}

class Mounted implements MountedStack {
  readonly host: MountHost;
  readonly #viewport: LecternViewport;
  readonly #element: HTMLDivElement;
  readonly #tools: MeasureTools;
  frames: readonly StackFrame[] = [];
  index = 0;
  isPlacing = false;
  #dataId: string | undefined;
  #isBound = false;
  #release: (() => void)[] = [];

  constructor(viewport: LecternViewport, element: HTMLDivElement, host: MountHost, tools: MeasureTools) {
    this.#viewport = viewport;
    this.#element = element;
    this.host = host;
    this.#tools = tools;
  }

  release(): void {
    for (const release of this.#release) release();
    this.#release = [];
  }

  setFrames(): void {
    if (this.#dataId !== undefined) {
      // Bound to frames that are no longer held, it would fail at whatever a tool asks of them, and after that draw no length again.
      this.#viewport.removeData(this.#dataId);
      this.#tools.redraw(this.#viewport.id);
      this.#dataId = undefined;
    }
    this.release();
    this.frames = this.host.stackFrames;
    this.index = 0;
    this.#isBound = false;
    const [first] = this.frames;
    if (!first) return;
    const dataId = (this.#dataId = `${this.#viewport.id}/${first.key}/${this.frames.length}`);
    this.#release = [StackRenderPath.register(dataId, this), holdImages(this.frames)];
    this.#viewport.setDisplaySets({ displaySetId: dataId, options: {} }).then(
      () => {
        if (this.#dataId !== dataId) return;
        this.#isBound = true;
        // For tests and for whoever reads the page from outside.
        this.#element.dispatchEvent(new CustomEvent('lectern:mounted', { bubbles: true, detail: this.#viewport }));
        this.host.requestPaint();
      },
      // The view goes on drawing itself; only annotations are missing, and those say so.
      (error: unknown) => this.#tools.reportFailure(error),
    );
  }

  cameraMoved(index: number): void {
    const frame = this.frames[index];
    if (!this.#isBound || !frame) return;
    const { width, height } = this.#size();
    this.host.adopt(index, viewOf(this.#affine(frame.image), frame.image, width, height));
  }

  place(index: number, image: ImageDescription, view: ViewState): Affine | undefined {
    const { clientWidth, clientHeight } = this.#element;
    // Not laid out, it has no camera worth asking.
    if (!this.#isBound || clientWidth === 0 || clientHeight === 0) return undefined;
    this.isPlacing = true;
    try {
      const slice = { kind: 'stackIndex' as const, imageIdIndex: index };
      const fit = fitPixelsPerMm(image, clientWidth, clientHeight);
      const columnMm = image.spacingMm?.[1] ?? 1;
      const scale = view.scale / devicePixelRatio / columnMm / fit;
      this.#viewport.setViewState({
        slice,
        anchorWorld: undefined as never,
        displayArea: undefined as never,
        anchorCanvas: [
          0.5 + view.panX / devicePixelRatio / clientWidth,
          0.5 + view.panY / devicePixelRatio / clientHeight,
        ],
        scale: [scale, scale],
        scaleMode: 'fit',
        rotation: view.isFlipped ? 360 - view.rotationDeg : view.rotationDeg,
        flipHorizontal: view.isFlipped,
        flipVertical: false,
      });
    } finally {
      this.isPlacing = false;
    }
    return this.#affine(image);
  }

  painted(): void {
    if (!this.#isBound) return;
    this.#viewport.setRendered();
    const { id: viewportId, renderingEngineId } = this.#viewport;
    triggerEvent(this.#element, Enums.Events.IMAGE_RENDERED, {
      element: this.#element,
      viewportId,
      renderingEngineId,
      viewportStatus: Enums.ViewportStatus.RENDERED,
    });
  }

  #size(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.#element;
    return { width: clientWidth * devicePixelRatio, height: clientHeight * devicePixelRatio };
  }

  /** Where the camera puts the image's pixel edges, device pixels. */
  #affine(image: ImageDescription): Affine {
    const at = (column: number, row: number): [number, number] => {
      const [x, y] = this.#viewport.worldToCanvas(worldOf(image, column - 0.5, row - 0.5));
      return [x * devicePixelRatio, y * devicePixelRatio];
    };
    const [e, f] = at(0, 0);
    const [rightX, rightY] = at(image.columns, 0);
    const [downX, downY] = at(0, image.rows);
    return [
      (rightX - e) / image.columns,
      (rightY - f) / image.columns,
      (downX - e) / image.rows,
      (downY - f) / image.rows,
      e,
      f,
    ];
  }
}

/** The library's scale 1: CSS pixels per mm at which the unturned image fits. */
function fitPixelsPerMm(image: ImageDescription, width: number, height: number): number {
  const [rowMm, columnMm] = image.spacingMm ?? [image.pixelAspect, 1];
  return Math.min(width / (image.columns * columnMm), height / (image.rows * rowMm));
}

let stage: Stage | undefined;
/** The page's one stage. */
export const openStage = (): Stage => (stage ??= new Stage());
