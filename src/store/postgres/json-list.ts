/** Separates texts of JSON, which contain no such character: `JSON.stringify` writes it as an escape. */
const SEPARATOR = '\u001f';

/**
 * Binds many texts of JSON as one. In an array, each quotation mark would be escaped here and read again by the server.
 *
 * @param texts - at least one; from `JSON.stringify`
 */
export function joinJson(texts: readonly string[]): string {
  return texts.join(SEPARATOR);
}

/** The SQL that makes an array of the texts again. */
export function jsonList(placeholder: string): string {
  return `string_to_array(${placeholder}::text, chr(31))`;
}
