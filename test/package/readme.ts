import { readFileSync } from 'node:fs'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** The code blocks below a heading of the README, in order. */
export function codeBlocks (heading: string, language: string): string[] {
  const start = readme.indexOf(`\n## ${heading}\n`)
  if (start < 0) throw new Error(`README.md has no heading "${heading}"`)
  const end = readme.indexOf('\n## ', start + 1)
  const section = readme.slice(start, end < 0 ? readme.length : end)
  return [...section.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] as string)
}

/** The first code block of that language below a heading. */
export function codeBlock (heading: string, language: string): string {
  const [block] = codeBlocks(heading, language)
  if (block === undefined) throw new Error(`README.md has no ${language} block below "${heading}"`)
  return block
}
