const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist, or a link on its path leads to nothing',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ENOTDIR: 'it is not a folder',
  ELOOP: 'its links lead in a circle',
};

/**
 * Says in words why a file or folder cannot be read.
 *
 * @param thrown - an error of `node:fs`
 * @param path - what is read; another path in the error is named
 */
export function describeFileError(thrown: unknown, path: string): string {
  const { code = '', path: at = path, message } = thrown as NodeJS.ErrnoException;
  const problem = PROBLEMS[code];
  return problem === undefined ? message : at === path ? problem : `${at}: ${problem}`;
}
