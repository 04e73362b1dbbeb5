import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block. `line` is the line of its first line of text, counted from 1. */
interface CodeBlock {
  language: string;
  text: string;
  line: number;
}

/** A link or an image. */
interface Link {
  target: string;
  line: number;
}

/** The parts of a Markdown file that the tests of the documents read. */
export interface MarkdownFile {
  /** Relative to the repository. */
  path: string;
  blocks: CodeBlock[];
  links: Link[];
  /** The anchors of its headings, as GitHub makes them. */
  anchors: Set<string>;
}

const FENCE = /^(\s*)(`{3,})\s*([^\s`]*)/;
const LINK = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;

/** All Markdown files under version control or new in the working tree, relative to the repository. */
export function listMarkdownFiles(): string[] {
  const options = ['ls-files', '-co', '--exclude-standard', '*.md'];
  return execFileSync('git', options, { cwd: repository, encoding: 'utf8' })
    .split('\n')
    .filter((path) => path !== '')
    .sort();
}

function anchorOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/&(lt|gt|amp);/g, '')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** Reads a Markdown file of the repository. */
export function readMarkdown(path: string): MarkdownFile {
  const file: MarkdownFile = { path, blocks: [], links: [], anchors: new Set() };
  let open: { block: CodeBlock; indent: number; fence: string } | undefined;
  for (const [index, line] of readFileSync(join(repository, path), 'utf8').split('\n').entries()) {
    if (open) {
      if (line.trim() === open.fence) {
        file.blocks.push(open.block);
        open = undefined;
      } else {
        open.block.text += `${line.slice(open.indent)}\n`;
      }
      continue;
    }
    const fence = FENCE.exec(line);
    if (fence) {
      const [, indent = '', marks = '', language = ''] = fence;
      open = {
        block: { language, text: '', line: index + 2 },
        indent: indent.length,
        fence: marks,
      };
      continue;
    }
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading !== undefined) {
      const anchor = anchorOf(heading);
      let name = anchor;
      for (let copy = 1; file.anchors.has(name); copy += 1) {
        name = `${anchor}-${copy}`;
      }
      file.anchors.add(name);
    }
    for (const [, target = ''] of line.replace(/`[^`]*`/g, '').matchAll(LINK)) {
      file.links.push({ target, line: index + 1 });
    }
  }
  return file;
}
