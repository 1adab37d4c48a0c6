import { FileLoader } from './file-loader.ts'
import { MemoryLoader } from './memory-loader.ts'
import type { Loader } from './nunjucks.ts'

/** Where templates come from: a folder, nunjucks loaders, several of these, or a record of name -> source. */
export type TemplateSource = string | Loader | ReadonlyArray<string | Loader> | Readonly<Record<string, string>>

/** The loaders for what an application named; without a word the folder `views`, as in nunjucks. */
export function toLoaders (sources: TemplateSource = 'views'): Loader[] {
  if (Array.isArray(sources)) return sources.flatMap((source) => toLoaders(source))
  if (typeof sources === 'string') return [new FileLoader([sources])]
  if (typeof (sources as Loader).getSource === 'function') return [sources as Loader]
  return [new MemoryLoader(sources as Record<string, string>)]
}
