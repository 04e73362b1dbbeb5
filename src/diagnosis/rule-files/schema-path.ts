/**
 * Returns the path of a schema from a file, for its `$schema` line, by which editors complete and check the file.
 *
 * @param file - path in the rules folder, with forward slashes
 */
export function schemaPath(file: string, kind: 'rule' | 'patch'): string {
  return `${'../'.repeat(file.split('/').length - 1)}schema/${kind}.schema.json`;
}
