import { showInvisible } from '../../model/card/segments.ts';
import type { Cell, Field, FieldType, Frame, Notice } from '../../model/frame.ts';

/** One annotation. Times are epoch ms UTC. */
interface Annotation {
  start: number;
  /** Equal to `start` for a line. */
  end: number;
  /** One line. */
  title: string;
  /** What the title does not say. */
  lines: readonly string[];
  /** What title and lines do not say. */
  tags: readonly string[];
  colour: string;
  id: string;
}

/** Annotations in the order of time, and remarks about them. */
export interface Annotations {
  rows: readonly Annotation[];
  notices: Notice[];
}

/** Builds the table of annotations, in fields that Grafana maps by name. */
export function annotationTable({ rows, notices }: Annotations): Frame {
  const column = (name: string, type: FieldType, cell: (row: Annotation) => Cell): Field => ({
    name,
    type,
    values: rows.map(cell),
  });
  return {
    name: 'annotations',
    meta: { dataTopic: 'annotations', ...(notices.length > 0 ? { notices } : {}) },
    fields: [
      column('time', 'time', ({ start }) => start),
      column('timeEnd', 'time', ({ end }) => end),
      column('isRegion', 'boolean', ({ start, end }) => end > start),
      column('title', 'string', ({ title }) => showInvisible(title)),
      column('text', 'string', ({ lines }) => lines.join('\n')),
      column('tags', 'string', ({ tags }) => tags.map(tagOf).join(',')),
      column('color', 'string', ({ colour }) => colour),
      column('id', 'string', ({ id }) => id),
    ],
  };
}

/** Tags are joined with commas, so commas in tags are replaced. */
function tagOf(tag: string): string {
  return showInvisible(tag).replaceAll(',', ' ');
}
