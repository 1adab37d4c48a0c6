import { isAbsolute, relative } from 'node:path'
import type { Loader, LoaderSource } from './nunjucks.ts'
import { pathIn } from './path-in.ts'

/**
 * Whether what a loader found is in its folders. nunjucks' own FileSystemLoader compares the beginnings of paths, so that for
 * the folder `views` it also reads `../views-private/x.njk`; and it follows links. Other loaders answer for themselves.
 */
export function staysInside (loader: Loader, source: LoaderSource): boolean {
  const { searchPaths } = loader as { searchPaths?: unknown }
  if (!Array.isArray(searchPaths) || typeof source.path !== 'string' || !isAbsolute(source.path)) return true
  return searchPaths.some((folder: string) => pathIn(folder, relative(folder, source.path)) !== null)
}
