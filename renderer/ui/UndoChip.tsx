// Stands where something was deleted, with the focus, and brings it back; goes when the focus goes elsewhere.
import { Undo2 } from 'lucide-react';

interface UndoChipProps {
  /** Of what was deleted. */
  name: string;
  onUndo(): void;
  onLeave(): void;
}

export function UndoChip({ name, onUndo, onLeave }: UndoChipProps) {
  return (
    <button
      type="button"
      className="chip"
      autoFocus
      aria-label={`Undo: bring ${name} back`}
      title={`Bring ${name} back (Enter)`}
      onClick={onUndo}
      // Not where the whole window is left: it is there still when the person comes back.
      onBlur={() => document.hasFocus() && onLeave()}
    >
      <Undo2 size={12} aria-hidden="true" /> Undo
    </button>
  );
}
