import type { Environment } from './nunjucks.ts'

/** The name that `name` means in the template at `path`: `./x` and `../x` are relative where a loader knows such names. */
export function resolveName (env: Environment, path: string | undefined, name: string): string {
  return env.loaders.reduce((name, loader) => env.resolveTemplate(loader, path, name), name)
}
