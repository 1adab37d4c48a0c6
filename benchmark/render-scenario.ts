import { diffTree } from '../lib/render/diff-tree.ts'
import { renderPage } from '../lib/render/render-page.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { Program } from '../lib/template/program.ts'
import type { Tree } from '../lib/template/tree.ts'
import { compileView } from '../lib/view/compiled-view.ts'
import type { View } from '../lib/view/view.ts'
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

const environment = new TemplateEnvironment(templates)

/**
 * The same change on both sides, in one process: ours renders, diffs and encodes the patch; plain nunjucks renders the page.
 * The first line compares whole pages. All of it as bytes, since a string that nobody reads is not yet put together.
 */
export async function compareRenders<State extends object> (
  view: View, start: () => State, changes: readonly Change<State>[], count: number, rounds: number
): Promise<Compared[]> {
  const { program } = compileView(view, environment, 'strict')
  const plain = plainTemplate(view.template)
  const compared = [await compareFirst(program, plain, start(), count, rounds)]
  for (const change of changes) {
    const before = changes.find(({ name }) => name === change.after)?.run
    const ours = new LiveSide(program, start())
    const theirs = start()
    let html = Buffer.alloc(0)
    const figures = await alternate([
      {
        name: 'live',
        batch: () => timeEach(count, () => { ours.play(change.run) }, () => { if (before !== undefined) ours.play(before) })
      },
      {
        name: 'plain',
        batch: () => timeEach(count, () => {
          change.run(theirs)
          html = Buffer.from(plain.render(theirs))
        }, () => { before?.(theirs) })
      }
    ], rounds)
    compared.push(result(change.name, figures, ours.bytes, html.length))
  }
  return compared
}

async function compareFirst (
  program: Program, plain: { render (data: object): string }, state: object, count: number, rounds: number
): Promise<Compared> {
  let page = Buffer.alloc(0)
  let html = Buffer.alloc(0)
  const figures = await alternate([
    {
      name: 'live',
      batch: () => timeEach(count, () => { page = Buffer.from(renderPage(program.render(state) as Tree)) }, nothing)
    },
    { name: 'plain', batch: () => timeEach(count, () => { html = Buffer.from(plain.render(state)) }, nothing) }
  ], rounds)
  return result('first page', figures, page.length, html.length)
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
    const { patch, shapes } = diffTree(this.#tree, next, this.#sent)
    this.#tree = next
    const message = patch === null ? ['p', 1] : shapes === null ? ['p', 1, patch] : ['p', 1, patch, shapes]
    this.bytes = Buffer.from(JSON.stringify(message)).length
  }
}
