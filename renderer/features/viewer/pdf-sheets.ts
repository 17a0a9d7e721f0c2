// Shows an encapsulated PDF: all its pages have their place at once, and those near the view are drawn. The PDF code is fetched only
// when a PDF is opened.
import type { PageViewport, PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist';
import workerAddress from 'pdfjs-dist/build/pdf.worker.min.mjs?url';
import { statedPageCount } from './pdf-page-count.ts';

/** CSS pixels of one of the document's units, which are 1/72 inch (ISO 32000-1 8.3.2.3). */
const SCALE = 1.5;
/** Of the view's height, above and below it: so far pages are drawn ahead. */
const AHEAD = '100% 0px';
/** Of a canvas: browsers leave one blank that is too large, and do not say so. Chromium's limits are 16384 a side and 2^28 in all. */
const MOST_PIXELS = 16e6;
const MOST_PIXELS_A_SIDE = 16000;
/** Of a page whose own size cannot be read: A4, at SCALE. */
const USUAL: Size = { width: 595 * SCALE, height: 842 * SCALE };

type Size = Pick<PageViewport, 'width' | 'height'>;

/** Puts a sheet for each page into `host`, until `signal` takes them away. Scripts and links of the document are not run. Resolves when
 * all have their size; rejects where the document cannot be read. */
export async function showPdf(bytes: ArrayBuffer, host: HTMLElement, signal: AbortSignal): Promise<void> {
  const pdf = await import('pdfjs-dist');
  signal.throwIfAborted();
  pdf.GlobalWorkerOptions.workerSrc = workerAddress;
  // The bytes are the worker's from then on.
  const stated = statedPageCount(bytes);
  const loading = pdf.getDocument({ data: new Uint8Array(bytes), enableXfa: false });
  signal.addEventListener('abort', () => void loading.destroy());
  const opened = await loading.promise;
  const count = Math.max(stated ?? 0, opened.numPages);
  const first = (await readPage(opened, 1, count).catch(() => undefined))?.getViewport({ scale: SCALE }) ?? USUAL;
  signal.throwIfAborted();
  const sheets = new Map<Element, Sheet>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        if (isIntersecting) void sheets.get(target)?.draw();
        else sheets.get(target)?.letGo();
    },
    { root: host.closest('.reading') ?? host, rootMargin: AHEAD },
  );
  for (let number = 1; number <= opened.numPages; number++) {
    const sheet = new Sheet(opened, number, count, first);
    sheets.set(sheet.element, sheet);
  }
  host.append(...sheets.keys());
  signal.addEventListener('abort', () => {
    observer.disconnect();
    for (const sheet of sheets.values()) sheet.remove();
  });
  for (const element of sheets.keys()) observer.observe(element);
  let readable = 0;
  for (const sheet of sheets.values()) {
    if (await sheet.measure()) readable++;
    signal.throwIfAborted();
  }
  if (readable === count && count > 0) return;
  const note = cardOf(
    count === 0
      ? 'This PDF has no pages.'
      : `This PDF states ${count} ${count === 1 ? 'page' : 'pages'} and is damaged: only ${readable} can be read.`,
  );
  host.prepend(note);
  signal.addEventListener('abort', () => note.remove());
}

/** Rejects for a page that is damaged. `count`: of pages that there should be. Where it had to leave some out, the PDF code gives an
 * empty one, of no object, in place of a first page that is none. */
async function readPage(pdf: PDFDocumentProxy, number: number, count: number): Promise<PDFPageProxy> {
  const page = await pdf.getPage(number);
  if (!page.ref && pdf.numPages < count) throw new Error('it is damaged');
  return page;
}

/** So much of its scale a page is drawn at, 1 for all but huge ones. */
const shareDrawn = ({ width, height }: Size): number =>
  Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)), MOST_PIXELS_A_SIDE / Math.max(width, height));

function cardOf(text: string): HTMLElement {
  const card = document.createElement('div');
  card.className = 'card';
  card.setAttribute('role', 'alert');
  card.textContent = text;
  return card;
}

/** A page's place, with its picture while it is near the view. */
class Sheet {
  readonly element = document.createElement('figure');
  readonly #paper = document.createElement('div');
  readonly #caption = document.createElement('figcaption');
  readonly #name: string;
  readonly #document: PDFDocumentProxy;
  readonly #number: number;
  readonly #count: number;
  #drawing: AbortController | undefined;

  /** `expected`: the page's size, before it is known. */
  constructor(pdf: PDFDocumentProxy, number: number, count: number, expected: Size) {
    this.#document = pdf;
    this.#number = number;
    this.#count = count;
    this.#paper.className = 'paper';
    this.#resize(expected);
    this.#name = `Page ${number} of ${count}`;
    this.#caption.textContent = this.#name;
    this.element.append(this.#paper, this.#caption);
  }

  /** Gives it the page's own size; whether it can be read. A page that cannot says so when it is drawn. */
  async measure(): Promise<boolean> {
    const page = await readPage(this.#document, this.#number, this.#count).catch(() => undefined);
    if (page) this.#resize(page.getViewport({ scale: SCALE }));
    return page !== undefined;
  }

  async draw(): Promise<void> {
    this.#drawing?.abort();
    const { signal } = (this.#drawing = new AbortController());
    let page: PDFPageProxy | undefined;
    try {
      page = await readPage(this.#document, this.#number, this.#count);
      signal.throwIfAborted();
      const scale = SCALE * shareDrawn(page.getViewport({ scale: SCALE }));
      const viewport = page.getViewport({ scale });
      const canvas = document.createElement('canvas');
      canvas.width = viewport.width;
      canvas.height = viewport.height;
      const task = page.render({ canvas, viewport });
      signal.addEventListener('abort', () => task.cancel());
      await task.promise;
      signal.throwIfAborted();
      this.#paper.replaceChildren(canvas);
      // A wide one is shown smaller anyway.
      const isCoarse = scale < SCALE && canvas.width < this.#paper.clientWidth;
      this.#caption.textContent = isCoarse ? `${this.#name}, drawn coarsely: it is too large` : this.#name;
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      page?.cleanup();
    }
  }

  /** Leaves its place empty. */
  letGo(): void {
    this.#drawing?.abort();
    this.#paper.replaceChildren();
  }

  remove(): void {
    this.letGo();
    this.element.remove();
  }

  #resize({ width, height }: Size): void {
    this.#paper.style.width = `${width}px`;
    this.#paper.style.aspectRatio = `${width} / ${height}`;
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#paper.replaceChildren(cardOf(`This page could not be shown: ${reason}`));
  }
}
