const TYPESCRIPT = /\.[cm]?tsx?$/
const REFUSALS = ['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX', 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING']

/** Why the application did not boot: its own message with its code, and the way out where Node cannot load TypeScript. */
export function describeFailure (error: unknown, file: string): { readonly failure: string, readonly stack: string | null } {
  if (!(error instanceof Error)) return { failure: String(error), stack: null }
  const { code } = error as { code?: unknown }
  const stack = error.stack ?? null
  if (TYPESCRIPT.test(file) && REFUSALS.includes(code as string)) {
    return {
      failure: `Node ${process.versions.node} cannot load this TypeScript (${error.message}). Install tsx and run ` +
        "NODE_OPTIONS='--import tsx' npx fastify-live-view ..., use Node 22.18 or later, or give the compiled file",
      stack,
    }
  }
  const failure = error.message === '' ? error.name : error.message
  return { failure: typeof code === 'string' ? `${code}: ${failure}` : failure, stack }
}
