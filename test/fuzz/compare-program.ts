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

/** Renders one random program, before and after random changes of its data, by nunjucks and by us in both modes. */
export function compareProgram (seed: number, tamper: (source: string) => string = (source) => source): Mismatch[] {
  const random = new Random(seed)
  const program = randomProgram(random)
  const reference = new Environment(new PlainLoader(program.templates))
  const templates = Object.fromEntries(Object.entries(program.templates).map(([name, source]) => [name, tamper(source)]))
  const live = new TemplateEnvironment(templates)
  const compatible = new TemplateEnvironment(templates, { compatible: true })
  const raw = new TemplateEnvironment(templates, { compatible: true, autoescape: false })
  const rawReference = new Environment(new PlainLoader(program.templates), { autoescape: false })
  for (const env of [reference, live, compatible, raw, rawReference]) extend(env)

  const data = randomData(random)
  const mismatches: Mismatch[] = []
  const check = (mode: string, expected: string, actual: string): void => {
    if (expected !== actual) mismatches.push({ seed, mode, program, expected, actual })
  }
  for (let change = 0; change < 3; change++) {
    const expected = outcome(() => reference.render(program.entry, data))
    check('live', expected, outcome(() => live.render(program.entry, data)))
    check('program', expected, outcome(() => String(live.compile(program.entry).render(data))))
    check('compatible', expected, outcome(() => compatible.render(program.entry, data)))
    check('raw', outcome(() => rawReference.render(program.entry, data)), outcome(() => raw.render(program.entry, data)))
    changeData(random, data)
  }
  return mismatches
}

/** The text, or that it failed: messages differ on purpose. */
function outcome (render: () => string): string {
  try {
    return render()
  } catch (error: any) {
    return process.env['FUZZ_ERRORS'] ? `error ${error.message}` : 'error'
  }
}
