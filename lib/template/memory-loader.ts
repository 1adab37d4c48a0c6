import { posix } from 'node:path'
import { Loader } from './nunjucks.ts'
import type { LoaderSource } from './nunjucks.ts'

/** Templates from a record of name -> source. */
export class MemoryLoader extends Loader {
  readonly #sources: Map<string, string>

  constructor (sources: Readonly<Record<string, string>>) {
    super()
    this.#sources = new Map(Object.entries(sources))
  }

  /** For messages about missing templates. */
  get folders (): string[] {
    return [`memory (${[...this.#sources.keys()].join(', ')})`]
  }

  override getSource (name: string): LoaderSource | null {
    const src = this.#sources.get(name)
    return src === undefined ? null : { src, path: name }
  }

  override resolve (from: string, to: string): string {
    return posix.join(posix.dirname(from), to)
  }

  /** Replaces a source; the template is compiled anew when it is next asked for. */
  update (name: string, source: string): void {
    this.#sources.set(name, source)
    this.emit('update', name, name)
  }
}
