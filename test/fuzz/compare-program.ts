import { Environment, Loader } from '../../lib/template/nunjucks.ts'
import { TemplateEnvironment } from '../../lib/template/template-environment.ts'
import { Random } from './random.ts'
import { changeData, randomData } from './random-data.ts'
import { extend, randomProgram } from './random-program.ts'
import type { RandomProgram } from './random-program.ts'

/** A rendering that differs from nunjucks'. */
export interface Mismatch {
  readonly seed: number
  readonly mode: string
  readonly program: RandomProgram
  readonly expected: string
  readonly actual: string
}

class PlainLoader extends Loader {
  readonly templates: Record<string, string>

  constructor (templates: Record<string, string>) {
    super()
    this.templates = templates
  }

  override getSource (name: string): { src: string, path: string } | null {
    const src = this.templates[name]
    return src === undefined ? null : { src, path: name }
  }
}

/** Renders one random program, before and after random changes of its data, by nunjucks and by us. */
export function compareProgram (seed: number): Mismatch[] {
  const random = new Random(seed)
  const program = randomProgram(random)
  const templates = program.templates
  const live = new TemplateEnvironment(templates)
  const modes: Array<[string, (data: object) => string, (data: object) => string]> = []
  const reference = new Environment(new PlainLoader(templates))
  const expected = (data: object): string => reference.render(program.entry, data)
  modes.push(['live', expected, (data) => live.render(program.entry, data)])
  modes.push(['program', expected, (data) => String(live.compile(program.entry).render(data))])
  extend(reference)
  extend(live)
  // Compiling is most of the time: the other modes take turns.
  const options = { autoescape: seed % 4 !== 0, throwOnUndefined: seed % 9 === 0 }
  if (seed % 2 === 0) {
    const compatible = new TemplateEnvironment(templates, { ...options, compatible: true })
    const other = new Environment(new PlainLoader(templates), { ...options })
    extend(compatible)
    extend(other)
    modes.push(['compatible', (data) => other.render(program.entry, data), (data) => compatible.render(program.entry, data)])
  }
  const data = randomData(random)
  const mismatches: Mismatch[] = []
  for (let change = 0; change < 3; change++) {
    for (const [mode, reference, ours] of modes) {
      const [expected, actual] = [outcome(() => reference(data)), outcome(() => ours(data))]
      if (expected !== actual) mismatches.push({ seed, mode, program, expected, actual })
    }
    changeData(random, data)
  }
  return mismatches
}

/** The text, or that it failed: messages differ on purpose. */
function outcome (render: () => string): string {
  try {
    return render()
  } catch {
    return 'error'
  }
}
