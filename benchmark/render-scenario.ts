import { diff } from '../lib/render/diff-tree.ts'
import { renderPage } from '../lib/render/render-page.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { Program } from '../lib/template/program.ts'
import type { Tree } from '../lib/template/tree.ts'
import { alternate, timeEach } from './measure.ts'
import type { Figure } from './measure.ts'
import { plainTemplate } from './plain-nunjucks.ts'
import { templates } from './workloads.ts'
import type { Change } from './workloads.ts'

export interface Compared {
  readonly name: string
  readonly live: Figure
  readonly plain: Figure
  readonly liveBytes: number
  readonly plainBytes: number
}

const environment = new TemplateEnvironment([{
  getSource: (name: string) => ({ src: templates[name] as string, path: name, noCache: false })
}])

/**
 * The same change on both sides, in one process: ours renders, diffs and encodes the patch; plain nunjucks renders the page.
 * The first line compares whole pages.
 */
export async function compareRenders<State extends object> (
  template: string, start: () => State, changes: readonly Change<State>[], count: number, rounds: number
): Promise<Compared[]> {
  const program = environment.compile(template)
  const plain = plainTemplate(template)
  const compared = [await compareFirst(program, plain, start(), count, rounds)]
  for (const change of changes) {
    const before = changes.find(({ name }) => name === change.after)?.run
    const ours = new LiveSide(program, start())
    const theirs = start()
    let html = ''
    const figures = await alternate([
      {
        name: 'live',
        batch: () => timeEach(count, () => { ours.play(change.run) }, () => { if (before !== undefined) ours.play(before) })
      },
      {
        name: 'plain',
        batch: () => timeEach(count, () => {
          change.run(theirs)
          html = plain.render(theirs)
        }, () => { before?.(theirs) })
      }
    ], rounds)
    compared.push(result(change.name, figures, ours.bytes, Buffer.byteLength(html)))
  }
  return compared
}

async function compareFirst (
  program: Program, plain: { render (data: object): string }, state: object, count: number, rounds: number
): Promise<Compared> {
  let page = ''
  let html = ''
  const figures = await alternate([
    { name: 'live', batch: () => timeEach(count, () => { page = renderPage(program.render(state) as Tree) }, nothing) },
    { name: 'plain', batch: () => timeEach(count, () => { html = plain.render(state) }, nothing) }
  ], rounds)
  return result('first page', figures, Buffer.byteLength(page), Buffer.byteLength(html))
}

function nothing (): void {}

function result (name: string, figures: Map<string, Figure>, liveBytes: number, plainBytes: number): Compared {
  return { name, live: figures.get('live') as Figure, plain: figures.get('plain') as Figure, liveBytes, plainBytes }
}

/** One connection of ours without socket and chain. */
class LiveSide<State extends object> {
  readonly #program: Program
  readonly #state: State
  readonly #sent = new Set<string>()
  #tree: Tree
  bytes = 0

  constructor (program: Program, state: State) {
    this.#program = program
    this.#state = state
    this.#tree = program.render(state) as Tree
    renderPage(this.#tree)
  }

  play (change: (state: State) => void): void {
    change(this.#state)
    const next = this.#program.render(this.#state) as Tree
    const { patch, shapes } = diff(this.#tree, next, this.#sent)
    this.#tree = next
    const message = patch === null ? ['p', 1] : shapes === null ? ['p', 1, patch] : ['p', 1, patch, shapes]
    this.bytes = Buffer.byteLength(JSON.stringify(message))
  }
}
