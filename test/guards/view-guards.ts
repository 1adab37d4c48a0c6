import type { Guarded } from './guarded.ts'

const UNTIMED = '((work: any, ...rest: unknown[]) => work)('

/** By file; tests in the order in which they are likely to notice. */
export const VIEW_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/view/payload-check.ts': {
    tests: 'attack-payloads view-engine plugin-chain plugin-data attack-events',
    guards: [
      ['no schema, no payload', '() => ({ ok: true, payload: EMPTY })', '(payload) => ({ ok: true, payload })'],
      ['only true', 'if (outcome === true)', 'if (Boolean(outcome))'],
      ['errors beside a value', '&& error === undefined', ''],
      ['finite numbers', 'isFinite(payload) ?', 'true ?'],
      ["no text of validators, which repeat people's", "nameOf).join('.')", "nameOf).join('.') + outcome.issues[0]?.message"],
      ['closed schemas', 'closedSchema(schema, event) as object', 'schema as object'],
      ['Standard Schema', 'outcome.issues === undefined', 'true'],
    ]
  },
  'lib/view/closed-schema.ts': {
    tests: 'view-engine attack-events plugin-data attack-more',
    guards: [
      ['said without a value', 'schema[keyword] !== undefined', 'keyword in schema'],
      ['open branches', 'throw openObjects(event, keyword)', 'void 0'],
      ['open beside branches', "throw openObjects(event, combined.join(', '))", 'void 0'],
      ['schemas in circles', 'if (around.includes(schema))', 'if (false)'],
      ['references elsewhere', "typeof $ref === 'string' && !$ref.startsWith('#')", 'false'],
      ['properties that lead to prototypes', 'poison.has(name)', 'false'],
      ['checked at every depth', 'checkSchema(below, event, [...around, schema])', 'void below'],
      ['nested objects', 'close(value, event)]', 'value]'],
      ['items', 'close(given[keyword], event)', 'given[keyword]'],
      ["records' values", "'patternProperties', '$defs'", "'$defs'"],
      ['rests', ", 'additionalProperties']\n", ']\n'],
      ['definitions', ", '$defs', 'definitions']", ']'],
      ['tuples', 'schema.map((item) => close(item, event))', 'schema'],
    ]
  },
  'lib/view/handler-scope.ts': {
    tests: 'view-connection attack-events plugin-chain',
    guards: [
      ['late signals', "if (this.#over || this.#connection.phase === 'closed')", 'if (false)'],
      ['late handlers are known', 'this.#over = true', ''],
      ['scopes that ended are forgotten', 'this.#connection.scopes.delete(this)', ''],
      ['signals after the function', 'if (this.#ended && !this.#over) return this.#connection.signal', ''],
      ['the abort', 'this.#controller?.abort()', ''],
    ]
  },
  'lib/view/handler-actions.ts': {
    tests: 'view-connection plugin-data plugin-chain',
    guards: [
      ['own loaders only', 'Object.hasOwn(connection.route.compiled.view.loaders, name)', 'true'],
      ['late reload', 'if (!late()) reloads', 'reloads'],
      ['late patchUrl', 'if (late()) return\n      const entries', 'const entries'],
      ['late navigate', 'if (!late()) effects.navigate', 'effects.navigate'],
      ['late flash', 'if (late()) return\n      const flash', 'const flash'],
      ['late pushEvent', 'if (!late()) effects.event', 'effects.event'],
      ['late updateSession', 'if (!late()) await updateSession', 'await updateSession'],
    ]
  },
  'lib/view/connection-handle.ts': {
    tests: 'view-connection attack-events plugin-chain',
    guards: [
      ['deadline', 'withDeadline(', UNTIMED],
      ['not before the join', "if (connection.phase !== 'live') return", ''],
      ['a burst takes one turn', 'if (this.#changes.length === 1) connection', 'connection'],
      ['nothing changes after the end', 'if (connection.isClosed()) return', ''],
      ['changes that throw', "connection.fail(err, 'live update failed')", 'throw err'],
    ]
  },
  'lib/view/effects.ts': {
    tests: 'view-engine plugin-data',
    guards: [
      ['navigate stays here', 'if (target === null) throw', 'if (false) throw'],
      ['navigate is canonical', '.n = target', '.n = path'],
      ['names of pushed events', "typeof name !== 'string' || !EVENT_NAME.test(name)", 'false'],
    ]
  },
  'lib/view/create-can.ts': {
    tests: 'attack-events plugin-data',
    guards: [
      ['only true', 'answer === true', 'Boolean(answer)'],
      ['unknown events', 'if (event === undefined)', 'if (event === undefined) return true\n    if (false)'],
    ]
  },
  'lib/view/deadline.ts': {
    tests: 'view-engine view-connection',
    guards: [
      ['deadlines', 'Promise.race([work, deadline])', 'work'],
      ['late answers to the abort', 'reject(new LIVE_ERR_DEADLINE(name, ms))\n      abort()', 'abort()\n      reject(new LIVE_ERR_DEADLINE(name, ms))'],
    ]
  },
  'lib/view/log-error.ts': {
    tests: 'leaks',
    guards: [
      ['errors that cannot be logged', '} catch {\n    log', '} finally {\n    if (false) log'],
    ]
  }
}
