import type { FieldSet } from '../template/fields/field-set.ts'
import { withDeadline } from './deadline.ts'
import { selectFields } from './field-selection.ts'
import type { FieldSelection } from './field-selection.ts'
import { LIVE_ERR_LOADER } from './loader-error.ts'
import { createProjection } from './project.ts'
import { WHOLE, planOf } from './projection-plan.ts'

/** What every loader gets besides its caller's context. */
export interface LoaderInput {
  readonly fields: FieldSelection
  /** Aborted when the deadline passes, another loader fails, or the caller gives up. */
  readonly signal: AbortSignal
}

type Load<Context> = (context: Context & LoaderInput) => unknown

export interface LoadOptions<Context extends object> {
  /** The view's name, for errors. */
  readonly view: string
  readonly loaders: Readonly<Record<string, Load<Context> | { readonly load: Load<Context>, readonly schema?: object }>>
  /** The loaders to run; all by default. Those that the program does not read never run. */
  readonly names?: readonly string[]
  readonly fields: FieldSet
  readonly context: Context
  /** Milliseconds that each loader may take. */
  readonly deadline: number
  /** Gives up from outside: the connection ended. */
  readonly signal?: AbortSignal
}

/**
 * Runs loaders in parallel, each asked for the fields that the program reads, and cuts what they return to those fields.
 * The first failure rejects with LIVE_ERR_LOADER and aborts the others.
 */
export async function loadData<Context extends object> (options: LoadOptions<Context>): Promise<Record<string, unknown>> {
  const { loaders, fields, signal } = options
  const names = (options.names ?? Object.keys(loaders)).filter((name) => fields.reads(name))
  const abort = new AbortController()
  const anySignal = signal === undefined ? abort.signal : AbortSignal.any([abort.signal, signal])
  const loaded = await Promise.all(names.map((name) => runLoader(options, name, abort, anySignal)))
  const project = createProjection()
  const data: Record<string, unknown> = Object.create(null)
  names.forEach((name, index) => {
    const node = fields.everything ? undefined : fields.node(name)
    data[name] = project(loaded[index], node === undefined ? WHOLE : planOf(node))
  })
  return data
}

async function runLoader<Context extends object> (
  options: LoadOptions<Context>, name: string, abort: AbortController, signal: AbortSignal
): Promise<unknown> {
  const { view, loaders, fields, context, deadline } = options
  const loader = loaders[name] as LoadOptions<Context>['loaders'][string]
  const input = { ...context, fields: selectFields(fields, name), signal }
  const run = async (): Promise<unknown> => typeof loader === 'function' ? loader(input) : loader.load(input)
  try {
    return await withDeadline(run(), `loader '${name}' of view '${view}'`, deadline, () => abort.abort())
  } catch (cause) {
    abort.abort()
    throw new LIVE_ERR_LOADER(view, name, cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
