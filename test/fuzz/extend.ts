// Signatures are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
/** What programs expect of an environment; both nunjucks' and ours have these methods. */
export interface Extensible {
  addFilter (name: string, filter: (...args: any[]) => any, async?: boolean): unknown
  addExtension (name: string, extension: any): unknown
  addGlobal (name: string, value: unknown): unknown
}

/** Registers the filters, tags and globals that random programs use. */
export function extend (env: Extensible): void {
  env.addFilter('later', (value: unknown, cb: (error: unknown, result?: unknown) => void) => cb(null, `~${String(value)}`), true)
  env.addGlobal('shout', (text: unknown) => `${String(text)}!`)
  env.addGlobal('apply', (f: unknown, ...args: unknown[]) => typeof f === 'function' ? f(...args) : 'no function')
  env.addExtension('wrap', {
    tags: ['wrap'],
    parse (parser: any, nodes: any) {
      const token = parser.nextToken()
      const args = parser.parseSignature(null, true)
      parser.advanceAfterBlockEnd(token.value)
      const body = parser.parseUntilBlocks('endwrap')
      parser.advanceAfterBlockEnd()
      return new nodes.CallExtension(this, 'run', args, [body])
    },
    run: (context: unknown, ...args: any[]) => `(${args.length === 2 ? String(args[0]) : ''}${args.at(-1)()})`
  })
  env.addExtension('wait', {
    tags: ['wait'],
    parse (parser: any, nodes: any) {
      const token = parser.nextToken()
      parser.advanceAfterBlockEnd(token.value)
      const body = parser.parseUntilBlocks('endwait')
      parser.advanceAfterBlockEnd()
      return new nodes.CallExtensionAsync(this, 'run', null, [body])
    },
    run: (context: unknown, body: (cb: (error: unknown, text: string) => void) => void, cb: (error: unknown, text?: string) => void) => {
      body((error, text) => cb(error, `{${text}}`))
    }
  })
}
