// Measuring on mounted stacks: the length tool, what a press of the mouse means to it, and how its result reads. Storing
// measurements is not done here: they last until the page is left, and the viewer says so.
import { eventTarget, utilities } from '@cornerstonejs/core';
import { annotation, Enums, LengthTool, addTool, utilities as toolUtilities } from '@cornerstonejs/tools';
import type { ToolGroupManager } from '@cornerstonejs/tools';
import { imageOfId, instanceOf } from './mounted-image.ts';

type ToolGroup = NonNullable<ReturnType<typeof ToolGroupManager.createToolGroup>>;
const NEAR_PX = 6;
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
  shadow: true,
};

export class MeasureTools {
  readonly group: ToolGroup;
  #isActive = false;
  failure: string | undefined;

  constructor(group: ToolGroup | undefined) {
    if (!group) throw new Error('the tool group exists already');
    this.group = group;
    addTool(LengthTool);
    group.addTool(LengthTool.toolName, { getTextLines: lengthLines });
    group.setToolPassive(LengthTool.toolName);
    const { style } = annotation.config;
    const usual = style.getDefaultToolStyles();
    style.setDefaultToolStyles({ ...usual, global: { ...usual['global'], ...LOOK } });
  }

  /** Makes the left button draw lengths, or leaves existing ones to be moved only. */
  setActive(isActive: boolean): void {
    if (isActive === this.#isActive) return;
    this.#isActive = isActive;
    if (isActive)
      this.group.setToolActive(LengthTool.toolName, { bindings: [{ mouseButton: Enums.MouseBindings.Primary }] });
    else this.group.setToolPassive(LengthTool.toolName);
  }

  /** True when a press belongs to the tool: it draws, or an existing measurement lies under the point. */
  takesPointer(element: HTMLDivElement, button: number, x: number, y: number): boolean {
    if (button !== 0) return false;
    return this.#isActive || this.#near(element, x, y) !== undefined;
  }

  /** Deletes the selected measurements, else those under the cursor; answers how many. */
  deleteSelected(element: HTMLDivElement): number {
    const selected = annotation.selection.getAnnotationsSelected();
    const under = annotation.state.getAllAnnotations().filter(({ highlighted }) => highlighted === true);
    const uids = selected.length ? [...selected] : under.map(({ annotationUID }) => annotationUID);
    for (const uid of uids) if (uid !== undefined) annotation.state.removeAnnotation(uid);
    toolUtilities.triggerAnnotationRender(element);
    return uids.length;
  }

  /** The SOP Instance UID of each measurement's image, of all studies of this page. */
  get instances(): string[] {
    return annotation.state.getAllAnnotations().map(({ metadata }) => instanceOf(metadata?.referencedImageId ?? ''));
  }

  /** Calls back when measurements were made or deleted; returns the function that unregisters. */
  onChange(listener: () => void): () => void {
    const types = [Enums.Events.ANNOTATION_COMPLETED, Enums.Events.ANNOTATION_REMOVED, Enums.Events.ANNOTATION_ADDED];
    for (const type of types) eventTarget.addEventListener(type, listener);
    return () => {
      for (const type of types) eventTarget.removeEventListener(type, listener);
    };
  }

  reportFailure(error: unknown): void {
    this.failure = error instanceof Error ? error.message : String(error);
  }

  #near(element: HTMLDivElement, x: number, y: number): string | undefined {
    const tool = this.group.getToolInstance(LengthTool.toolName) as LengthTool;
    const shown = tool.filterInteractableAnnotationsForElement(
      element,
      annotation.state.getAnnotations(LengthTool.toolName, element) ?? [],
    );
    return shown?.find(
      (each) =>
        tool.isPointNearTool(element, each as never, [x, y], NEAR_PX) ||
        tool.getHandleNearImagePoint(element, each, [x, y], NEAR_PX) !== undefined,
    )?.annotationUID;
  }
}

/** Millimetres at the patient are plain; at the detector they are called so; without spacing they are pixels. */
function lengthLines(
  data: { cachedStats: Record<string, { length?: number; unit?: string }> },
  targetId: string,
): string[] {
  const { length, unit } = data.cachedStats[targetId] ?? {};
  if (length === undefined || Number.isNaN(length)) return [];
  const image = imageOfId(targetId.replace(/^imageId:/, ''));
  const where = image?.spacingBasis === 'detector' ? ' at the detector' : '';
  return [`${utilities.roundNumber(length)} ${unit ?? ''}${where}`];
}
