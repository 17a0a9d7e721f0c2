// Shows an encapsulated PDF: all its pages have their place at once, and those near the view are drawn. The PDF code is fetched only
// when a PDF is opened.
import type { PageViewport, PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist';
import workerAddress from 'pdfjs-dist/build/pdf.worker.min.mjs?url';

/** CSS pixels of one of the document's units, which are 1/72 inch (ISO 32000-1 8.3.2.3). */
const SCALE = 1.5;
/** Of the view's height, above and below it: so far pages are drawn ahead. */
const AHEAD = '100% 0px';

/** Puts a sheet for each page into `host`, until `signal` takes them away. Scripts and links of the document are not run. Resolves when
 * all have their size; rejects where the document cannot be read. */
export async function showPdf(bytes: ArrayBuffer, host: HTMLElement, signal: AbortSignal): Promise<void> {
  const pdf = await import('pdfjs-dist');
  signal.throwIfAborted();
  pdf.GlobalWorkerOptions.workerSrc = workerAddress;
  const loading = pdf.getDocument({ data: new Uint8Array(bytes), enableXfa: false });
  signal.addEventListener('abort', () => void loading.destroy());
  const opened = await loading.promise;
  const first = (await opened.getPage(1)).getViewport({ scale: SCALE });
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
    const sheet = new Sheet(opened, number, first);
    sheets.set(sheet.element, sheet);
  }
  host.append(...sheets.keys());
  signal.addEventListener('abort', () => {
    observer.disconnect();
    for (const sheet of sheets.values()) sheet.remove();
  });
  for (const element of sheets.keys()) observer.observe(element);
  for (const sheet of sheets.values()) {
    await sheet.measure();
    signal.throwIfAborted();
  }
}

/** A page's place, with its picture while it is near the view. */
class Sheet {
  readonly element = document.createElement('figure');
  readonly #paper = document.createElement('div');
  readonly #document: PDFDocumentProxy;
  readonly #number: number;
  #drawing: AbortController | undefined;

  /** `expected`: of the page's size, before it is known. */
  constructor(pdf: PDFDocumentProxy, number: number, expected: PageViewport) {
    this.#document = pdf;
    this.#number = number;
    this.#paper.className = 'paper';
    this.#resize(expected);
    const caption = document.createElement('figcaption');
    caption.textContent = `Page ${number} of ${pdf.numPages}`;
    this.element.append(this.#paper, caption);
  }

  /** Gives it the page's own size. A page that cannot be read says so when it is drawn. */
  async measure(): Promise<void> {
    const page = await this.#document.getPage(this.#number).catch(() => undefined);
    if (page) this.#resize(page.getViewport({ scale: SCALE }));
  }

  async draw(): Promise<void> {
    this.#drawing?.abort();
    const { signal } = (this.#drawing = new AbortController());
    let page: PDFPageProxy | undefined;
    try {
      page = await this.#document.getPage(this.#number);
      signal.throwIfAborted();
      const viewport = page.getViewport({ scale: SCALE });
      const canvas = document.createElement('canvas');
      canvas.width = viewport.width;
      canvas.height = viewport.height;
      const task = page.render({ canvas, viewport });
      signal.addEventListener('abort', () => task.cancel());
      await task.promise;
      signal.throwIfAborted();
      this.#paper.replaceChildren(canvas);
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

  #resize({ width, height }: PageViewport): void {
    this.#paper.style.width = `${width}px`;
    this.#paper.style.aspectRatio = `${width} / ${height}`;
  }

  #fail(error: unknown): void {
    const card = document.createElement('div');
    card.className = 'card';
    card.setAttribute('role', 'alert');
    card.textContent = `This page could not be shown: ${error instanceof Error ? error.message : String(error)}`;
    this.#paper.replaceChildren(card);
  }
}
