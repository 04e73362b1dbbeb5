/** Names the format of a body that is not JSON; null when it is not recognized. */
export function nameFormFormat(text: string): 'form-encoded' | 'multipart' | null {
  const start = text.slice(0, 1_000).trimStart();
  if (/^--[^\r\n]+\r?\ncontent-disposition:/i.test(start)) {
    return 'multipart';
  }
  return /^[\w.%[\]+-]{1,100}=[^\s"<>]*(?:&|$)/.test(start) ? 'form-encoded' : null;
}
