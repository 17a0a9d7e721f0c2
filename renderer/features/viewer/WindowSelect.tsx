// The windows that can be taken: those of the number keys, the header's, and the image's own range.
import { hintOf, type KeyOverrides } from '../../commands/bindings.ts';
import { commandOf, type ViewerContext } from './viewer-commands.ts';
import type { Presets } from './window-presets.ts';

interface WindowSelectProps {
  context: ViewerContext;
  presets: Presets;
  overrides: KeyOverrides;
}

export function WindowSelect({ context, presets: { header, usual }, overrides }: WindowSelectProps) {
  const choose = (value: string): void => {
    const [what, number] = value.split(' ');
    if (what === 'usual') context.applyPreset(Number(number));
    else if (what === 'header') context.applyHeader(Number(number));
    else if (what === 'full' || what === 'auto') context.applyRange(what);
    else if (what === 'edit') context.editWindows();
  };
  return (
    <select
      aria-label="Window preset"
      title="Windows of this modality (keys 1 to 9), and those of the header (key D)"
      value=""
      disabled={!context.view}
      onChange={({ target: { value } }) => choose(value)}
    >
      <option value="">Windows</option>
      {header.length > 0 && (
        <optgroup label={hintOf(commandOf('window.header'), overrides)}>
          {header.map(({ label }, index) => (
            <option key={`${index}-${label}`} value={`header ${index}`}>
              {label}
            </option>
          ))}
        </optgroup>
      )}
      {usual.length > 0 && (
        <optgroup label="Of this modality">
          {usual.map(({ label, show, reason }, index) => (
            <option key={`${index}-${label}`} value={`usual ${index}`} disabled={!show}>
              {index < 9 ? `${index + 1}  ` : ''}
              {label}
              {!show && ` (not possible: ${reason ?? 'unknown'})`}
            </option>
          ))}
        </optgroup>
      )}
      <optgroup label="Of the image">
        <option value="auto">{hintOf(commandOf('window.auto'), overrides)}</option>
        <option value="full">{hintOf(commandOf('window.full'), overrides)}</option>
      </optgroup>
      <option value="edit">Change this list</option>
    </select>
  );
}
