import type { MouseEvent, ReactNode } from 'react';
import { go } from '../state/place.ts';

interface PageLinkProps {
  /** An address of the page, such as `/rules`. */
  to: string;
  isCurrent?: boolean;
  className?: string;
  children: ReactNode;
}

/** A link inside the page, which does not load it again. New tabs and copied addresses work as for any link. */
export function PageLink({ to, isCurrent = false, className, children }: PageLinkProps) {
  const open = (event: MouseEvent) => {
    const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (isPlain && event.button === 0) {
      event.preventDefault();
      go(to);
    }
  };
  return (
    <a
      href={to}
      onClick={open}
      {...(className === undefined ? {} : { className })}
      {...(isCurrent ? { 'aria-current': 'page' as const } : {})}
    >
      {children}
    </a>
  );
}
