// Measuring on mounted stacks: the length tool, what a press of the mouse means to it, and how its result reads. The lengths
// themselves are told and put back by `length-marks.ts`.
import { annotation, Enums, LengthTool, addTool, utilities as toolUtilities, type Types } from '@cornerstonejs/tools';
import type { ToolGroupManager } from '@cornerstonejs/tools';
import { boxOf, labelBox, type Box } from '../label-place.ts';
import { LengthMarks, lengthText } from './length-marks.ts';
import type { StackMount } from '../stack-mount.ts';
import { imageOfId, pixelOf } from './mounted-image.ts';

type ToolGroup = NonNullable<ReturnType<typeof ToolGroupManager.createToolGroup>>;
type MousePress = Parameters<StackMount['takesPointer']>[0];
type TextBoxOptions = Parameters<LengthTool['renderLinkedTextBoxAnnotation']>[0];
const NEAR_PX = 6;
/** From the place that the library gives a text to the corner of what it draws. */
const TO_TEXT_PX = [19, 25] as const;
const LOOK = {
  color: '#e8d44d',
  colorHighlighted: '#ffffff',
  colorSelected: '#ffffff',
  lineWidth: '1.5',
  textBoxColor: '#e8d44d',
  textBoxColorHighlighted: '#ffffff',
  textBoxColorSelected: '#ffffff',
  textBoxFontSize: '12px',
  textBoxFontFamily: 'system-ui, sans-serif',
  textBoxLinkLineColor: '#9a8e45',
  textBoxBackground: 'rgb(0 0 0 / 60%)',
  textBoxBorderRadius: '3',
  textBoxMargin: '4',
  shadow: true,
};

class RetractableLength extends LengthTool {
  /** Presses from then on begin lengths, in the time of events: the library holds each back for as long as a double click takes, and
   * would begin one where somebody clicked before the tool was chosen. */
  activeSinceMs = Number.POSITIVE_INFINITY;
  /** What the library tells meanwhile of a new length is nobody's doing. */
  isTakingBack = false;
  /** Where the texts of the picture that is being drawn stand. */
  #labels: Box[] = [];

  constructor(...given: ConstructorParameters<typeof LengthTool>) {
    super(...given);
    const begin = this.addNewAnnotation;
    this.addNewAnnotation = (event) =>
      (event.detail.event as Event).timeStamp < this.activeSinceMs ? (undefined as never) : begin(event);
    const render = this.renderAnnotation;
    this.renderAnnotation = (...drawn) => {
      this.#labels = [];
      return render(...drawn);
    };
  }

  /** The library reckons with texts three times as high as they are: in a small cell one would cover the other. */
  protected override renderLinkedTextBoxAnnotation(options: TextBoxOptions): boolean {
    const { viewport } = options.enabledElement;
    const [from, to] = options.canvasCoordinates;
    const textBox = options.annotation.data?.handles?.textBox;
    if (!from || !to || !textBox) return super.renderLinkedTextBoxAnnotation(options);
    const hasMoved = textBox.hasMoved === true;
    if (!hasMoved) {
      const { clientWidth, clientHeight } = viewport.element;
      const { x, y } = labelBox([from, to], options.textLines, [clientWidth, clientHeight], this.#labels);
      textBox.worldPosition = viewport.canvasToWorld([x - TO_TEXT_PX[0], y - TO_TEXT_PX[1]]);
    }
    // It puts those itself that no person has moved.
    textBox.hasMoved = true;
    try {
      return super.renderLinkedTextBoxAnnotation(options);
    } finally {
      textBox.hasMoved = hasMoved;
      const { worldBoundingBox: drawn } = textBox;
      if (drawn)
        this.#labels.push(boxOf(viewport.worldToCanvas(drawn.topLeft), viewport.worldToCanvas(drawn.bottomRight)));
    }
  }

  /** A new length whose second end is not put yet. */
  isUnfinished(mark: unknown): boolean {
    return this.editData?.newAnnotation === true && this.editData.annotation === mark;
  }

  /** Takes back what the pointer is doing: a new length goes, one that is being moved is where it was. */
  giveUp(element: HTMLDivElement): void {
    const isNew = this.editData?.newAnnotation === true;
    // Of before the first move.
    const { memo } = this;
    this.isTakingBack = isNew;
    try {
      const uid = this.cancel(element);
      if (isNew && uid !== undefined) annotation.state.removeAnnotation(uid);
    } finally {
      // Else no later length would be told of, and kept.
      this.isTakingBack = false;
    }
    if (!isNew) memo?.restoreMemo();
    this.doneEditMemo();
  }
}

export class MeasureTools {
  readonly group: ToolGroup;
  readonly marks: LengthMarks;
  #isActive = false;
  #isHeld = false;
  /** Where what is drawn or moved was begun. */
  #pressedIn: HTMLDivElement | undefined;
  failure: string | undefined;

  constructor(group: ToolGroup | undefined) {
    if (!group) throw new Error('the tool group exists already');
    this.group = group;
    addTool(RetractableLength);
    group.addTool(LengthTool.toolName, { getTextLines: lengthLines });
    this.marks = new LengthMarks(group.id, this.#tool);
    group.setToolPassive(LengthTool.toolName);
    addEventListener('pointerdown', () => (this.#isHeld = true), true);
    for (const type of ['pointerup', 'pointercancel']) addEventListener(type, () => (this.#isHeld = false), true);
    const { style } = annotation.config;
    const usual = style.getDefaultToolStyles();
    style.setDefaultToolStyles({ ...usual, global: { ...usual['global'], ...LOOK } });
  }

  /** Draws what is on the images of a viewport once more, in the next frame. */
  redraw(viewportId: string): void {
    toolUtilities.triggerAnnotationRenderForViewportIds([viewportId]);
  }

  /** Makes the left button draw lengths, or leaves existing ones to be moved only. */
  setActive(isActive: boolean): void {
    if (isActive === this.#isActive) return;
    this.#isActive = isActive;
    this.#tool.activeSinceMs = performance.now();
    // With another tool nobody puts the second end.
    this.cancelDrawing();
    if (isActive)
      this.group.setToolActive(LengthTool.toolName, { bindings: [{ mouseButton: Enums.MouseBindings.Primary }] });
    else this.group.setToolPassive(LengthTool.toolName);
  }

  /** True when a press belongs to the tool: it draws, or an existing measurement lies under the point. With Shift the library
   * begins none, but selects one more, or puts the other end. */
  takesPointer(element: HTMLDivElement, { button, shiftKey }: MousePress, x: number, y: number): boolean {
    if (button !== 0) return false;
    if (this.#pressedIn !== element) this.cancelDrawing();
    const draws = this.#isActive && (!shiftKey || this.#tool.isDrawing);
    if (!draws && this.#near(element, x, y) === undefined) return false;
    this.#pressedIn = element;
    return true;
  }

  /** `StackMount.leavesSlice`. Both ends of a length lie on the slice that its first was put on: the other cannot be seen there
   * from another. */
  leavesSlice(element: HTMLDivElement): boolean {
    if (!this.#tool.isDrawing || this.#pressedIn !== element) return true;
    if (this.#isHeld) return false;
    this.cancelDrawing();
    return true;
  }

  /** `StackMount.cancelDrawing`, in whichever cell that is. */
  cancelDrawing(): boolean {
    if (!this.#tool.isDrawing || !this.#pressedIn) return false;
    this.#tool.giveUp(this.#pressedIn);
    toolUtilities.triggerAnnotationRender(this.#pressedIn);
    return true;
  }

  /** A cell goes: nobody can put the second end of what was begun in it. */
  leave(element: HTMLDivElement): void {
    if (this.#pressedIn !== element) return;
    this.cancelDrawing();
    this.#pressedIn = undefined;
  }

  get #tool(): RetractableLength {
    return this.group.getToolInstance(LengthTool.toolName) as RetractableLength;
  }

  /** Deletes the selected measurements that are in sight, else those under the cursor; answers how many. */
  deleteSelected(element: HTMLDivElement): number {
    const shown = this.#shownIn(element);
    const selected = shown.filter(({ isSelected }) => isSelected === true);
    const gone = selected.length ? selected : shown.filter(({ highlighted }) => highlighted === true);
    for (const { annotationUID } of gone)
      if (annotationUID !== undefined) annotation.state.removeAnnotation(annotationUID);
    toolUtilities.triggerAnnotationRender(element);
    return gone.length;
  }

  reportFailure(error: unknown): void {
    this.failure = error instanceof Error ? error.message : String(error);
  }

  #shownIn(element: HTMLDivElement): Types.Annotation[] {
    const all = annotation.state.getAnnotations(LengthTool.toolName, element) ?? [];
    return this.#tool.filterInteractableAnnotationsForElement(element, all) ?? [];
  }

  #near(element: HTMLDivElement, x: number, y: number): string | undefined {
    const tool = this.#tool;
    return this.#shownIn(element).find(
      (each) =>
        tool.isPointNearTool(element, each as never, [x, y], NEAR_PX) ||
        tool.getHandleNearImagePoint(element, each, [x, y], NEAR_PX) !== undefined,
    )?.annotationUID;
  }
}

/** The person's name for it, then its value. */
function lengthLines(
  data: { label?: string; handles?: { points?: readonly (readonly number[])[] } },
  targetId: string,
): string[] {
  const image = imageOfId(targetId.replace(/^imageId:/, ''));
  const [from, to] = data.handles?.points ?? [];
  if (!image || !from || !to) return [];
  const value = lengthText(image, [pixelOf(image, from), pixelOf(image, to)]);
  return data.label ? [data.label, value] : [value];
}
