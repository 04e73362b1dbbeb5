export { formatSpan } from '../model/format-span.ts';
