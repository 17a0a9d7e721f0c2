// Lines of JSON as they come in an answer of the backend.

/** Gives each line parsed. Rejects as `fetch` does when the answer is cut off, with AbortError when aborted. */
export async function* ndjsonLines<Line>(response: Response): AsyncGenerator<Line> {
  if (!response.body) return;
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as Line;
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as Line;
}
