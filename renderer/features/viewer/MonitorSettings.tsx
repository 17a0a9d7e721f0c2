// How large a pixel of this monitor is, measured by the person with a ruler, for true size; and what the graphics check found.
import { useState, useSyncExternalStore } from 'react';
import { checkGraphics } from '../../imaging/index.ts';
import { monitorKey, type ViewerSettingsStore } from './viewer-settings.ts';

/** CSS pixels of the line to be measured. */
const LINE_PX = 320;
const [LEAST_MM, MOST_MM] = [20, 400];

export function MonitorSettings({ settings, onPitch }: { settings: ViewerSettingsStore; onPitch(): void }) {
  const { pixelPitchMm } = useSyncExternalStore(settings.subscribe, settings.getState);
  const key = monitorKey();
  const known = pixelPitchMm[key];
  const [text, setText] = useState(known === undefined ? '' : (known * LINE_PX * devicePixelRatio).toFixed(1));
  const measuredMm = Number(text.replace(',', '.'));
  const isValid = measuredMm >= LEAST_MM && measuredMm <= MOST_MM;
  const graphics = checkGraphics();
  return (
    <>
      <h3>True size</h3>
      <p>Hold a ruler to the line and enter its length. It is remembered for this monitor ({key}).</p>
      <div className="ruler" style={{ width: LINE_PX }} role="img" aria-label="Line to measure" />
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isValid) return;
          settings.change({ pixelPitchMm: { ...pixelPitchMm, [key]: measuredMm / (LINE_PX * devicePixelRatio) } });
          onPitch();
        }}
      >
        <label>
          Length in mm{' '}
          <input
            type="text"
            // It was asked for to be filled in; digits typed elsewhere would take windows.
            autoFocus
            inputMode="decimal"
            size={6}
            value={text}
            aria-invalid={text !== '' && !isValid}
            onChange={({ target }) => setText(target.value)}
          />
        </label>
        <button type="submit" className="primary" disabled={!isValid}>
          Use
        </button>
      </form>
      {text !== '' && !isValid && (
        <p className="warning">
          A number between {LEAST_MM} and {MOST_MM} is expected.
        </p>
      )}
      <p className="quiet">
        {known === undefined
          ? 'This monitor is not measured yet: true size is not possible.'
          : `A pixel of this monitor is ${known.toFixed(4)} mm.`}
      </p>
      <h3>Graphics check</h3>
      <p className={graphics.state === 'wrong' ? 'dangerous' : graphics.state === 'absent' ? 'warning' : ''}>
        {graphics.text}
      </p>
      <p className="quiet">
        {graphics.renderer}
        {graphics.maxTexture !== undefined &&
          `; textures to ${graphics.maxTexture}, volumes to ${graphics.maxTexture3d}`}
      </p>
      <p className="quiet">Slices are drawn by the processor, checked value by value; they do not depend on it.</p>
    </>
  );
}
