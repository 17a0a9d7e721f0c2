// A menu at a point of the window, for the pointer and for the keyboard alike (arrows, Home, End, first letter, Escape).
import { Fragment, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useDismiss } from './use-dismiss.ts';
import './menu.css';

export interface MenuItem {
  id: string;
  label: string;
  /** Key that does the same. */
  keys?: string;
  isDanger?: boolean;
  isDisabled?: boolean;
  /** Present: the item is a switch. */
  isChecked?: boolean;
  /** A line above it. */
  startsGroup?: boolean;
  /** Words above it: what it and those after it are. */
  heading?: string;
  run(): void;
}

interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  at: { x: number; y: number };
  onClose(): void;
}

export function Menu({ label, items, at, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState(at);
  useDismiss(menu, onClose);
  useLayoutEffect(() => {
    const box = menu.current?.getBoundingClientRect();
    if (box)
      setPlace({
        x: Math.max(4, Math.min(at.x, innerWidth - box.width - 4)),
        y: Math.max(4, Math.min(at.y, innerHeight - box.height - 4)),
      });
    menu.current?.querySelector<HTMLElement>('button:not(:disabled)')?.focus();
  }, [at]);
  const onKey = (event: KeyboardEvent): void => {
    const buttons = [...(menu.current?.querySelectorAll<HTMLElement>('button:not(:disabled)') ?? [])];
    const index = buttons.findIndex((button) => button === document.activeElement);
    const goTo = (to: number): void => buttons[(to + buttons.length) % buttons.length]?.focus();
    if (event.key === 'ArrowDown') goTo(index + 1);
    else if (event.key === 'ArrowUp') goTo(index - 1);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(-1);
    else if (event.key === 'Tab') onClose();
    else if (/^\p{L}$/u.test(event.key)) {
      const starts = (button: HTMLElement): boolean =>
        button.textContent.toLowerCase().startsWith(event.key.toLowerCase());
      const next = buttons.findIndex((button, at) => at > index && starts(button));
      const first = next >= 0 ? next : buttons.findIndex(starts);
      if (first >= 0) goTo(first);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={menu}
      className="menu"
      role="menu"
      aria-label={label}
      tabIndex={-1}
      style={{ left: place.x, top: place.y }}
      onKeyDown={onKey}
      onContextMenu={(event) => event.preventDefault()}
    >
      {items.map((item) => (
        <Fragment key={item.id}>
          {item.heading !== undefined && <p className="quiet small">{item.heading}</p>}
          <button
            type="button"
            role={item.isChecked === undefined ? 'menuitem' : 'menuitemcheckbox'}
            tabIndex={-1}
            disabled={item.isDisabled === true}
            className={`${item.isDanger === true ? 'dangerous' : ''} ${item.startsGroup === true ? 'starts-group' : ''}`}
            {...(item.isChecked !== undefined && { 'aria-checked': item.isChecked })}
            onClick={() => {
              onClose();
              item.run();
            }}
          >
            <span className="label" title={item.label}>
              {item.isChecked !== undefined && <span className="check">{item.isChecked ? '\u2713' : ''}</span>}
              {item.label}
            </span>
            {item.keys !== undefined && <kbd>{item.keys}</kbd>}
          </button>
        </Fragment>
      ))}
    </div>
  );
}
