import type { AnnotationEvent, DataFrame } from '@grafana/data';
import { escapeHtml } from '../../model/escape-html.ts';

/** Characters with a meaning in HTML. */
/**
 * Makes Grafana's annotations of frames of the query type annotations. Grafana shows title and text as HTML: names of
 * streams must not become markup, and lines need line breaks.
 *
 * @param incidentLink - URL of a page about an incident, and its words; the tooltip of an incident ends with it
 */
export function toAnnotationEvents(
  frames: readonly DataFrame[],
  incidentLink: (id: string, event: { time: number; timeEnd: number }) => Link,
): AnnotationEvent[] {
  return frames.flatMap((frame) => {
    const columns = new Map(frame.fields.map(({ name, values }) => [name, values]));
    const cell = (name: string, row: number) => columns.get(name)?.[row] ?? '';
    return Array.from({ length: frame.length }, (_unused, row): AnnotationEvent => {
      const id = String(cell('id', row));
      const time = Number(cell('time', row));
      const timeEnd = Number(cell('timeEnd', row));
      const lines = String(cell('text', row)).split('\n').map(escapeHtml);
      if (id.startsWith('inc-')) {
        const { href, words } = incidentLink(id, { time, timeEnd });
        lines.push(`<a href="${escapeHtml(href)}">${escapeHtml(words)}</a>`);
      }
      return {
        id,
        time,
        timeEnd,
        isRegion: timeEnd > time,
        title: escapeHtml(String(cell('title', row))),
        text: lines.join('<br />'),
        tags: String(cell('tags', row)).split(',').filter(Boolean),
      };
    });
  });
}

/** A link in a tooltip. */
interface Link {
  href: string;
  words: string;
}
