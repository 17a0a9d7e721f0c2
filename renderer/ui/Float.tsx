// A small panel that hangs below the button that opened it; Escape or a press outside closes it.
import { useRef, type ReactNode } from 'react';
import { useDismiss } from './use-dismiss.ts';
import './menu.css';

interface FloatProps {
  label: string;
  /** Element that it hangs below. */
  below: Element | null;
  widthPx: number;
  onClose(): void;
  children: ReactNode;
}

export function Float({ label, below, widthPx, onClose, children }: FloatProps) {
  const panel = useRef<HTMLDivElement>(null);
  useDismiss(panel, onClose);
  const box = below?.getBoundingClientRect();
  const left = Math.max(8, Math.min(box?.left ?? 8, innerWidth - widthPx - 8));
  return (
    <div
      ref={panel}
      className="float"
      role="dialog"
      aria-label={label}
      style={{ left, top: (box?.bottom ?? 40) + 4, width: widthPx }}
    >
      {children}
    </div>
  );
}
