// Which modality's settings are changed: that of the image first, and "all others".

interface ModalityFieldProps {
  value: string;
  /** May name one twice; '' stands for all others. */
  modalities: readonly string[];
  onChoose(modality: string): void;
}

export function ModalityField({ value, modalities, onChoose }: ModalityFieldProps) {
  return (
    <label className="setting">
      <span>Modality</span>
      <select value={value} onChange={({ target }) => onChoose(target.value)}>
        {[...new Set(modalities)].sort().map((each) => (
          <option key={each} value={each}>
            {each || 'All others'}
          </option>
        ))}
      </select>
    </label>
  );
}
