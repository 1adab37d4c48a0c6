/* eslint-disable no-template-curly-in-string -- source text, as it stands in the files */
import type { Guarded } from './guarded.ts'

const UNTIMED = '((work: any, ...rest: unknown[]) => work)('

/** By file; tests in the order in which they are likely to notice. */
export const VIEW_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/view/live-connection.ts': {
    tests: 'view-connection attack-events plugin-chain attack-sessions plugin-access',
    guards: [
      ['mailbox capacity', 'MAILBOX = 64', 'MAILBOX = 1e9'],
      ['join timer', "this.close(CLOSE_JOIN_TIMEOUT, 'no join in time')", ''],
      ['frames after the end', "if (this.phase === 'closed') return\n    const arrival", 'const arrival'],
      ['one join', 'if (this.#joinSeen) return false', ''],
      ['a chain that rejects', 'outcome.catch(broken)', 'outcome'],
      ['a chain that throws', 'this.#finish(broken(err), turn)', 'throw err'],
      ['nothing sent after the end', "if (this.phase !== 'closed') this.publisher", 'this.publisher'],
      ['ending once', "if (this.phase === 'closed') return\n    this.phase", 'this.phase'],
      ['the end empties the mailbox', 'this.#mailbox.close()', ''],
      ['the end aborts loaders', 'this.#lifetime?.abort()', ''],
      ['the end aborts handlers', 'for (const scope of this.scopes) scope.abort()', ''],
      ['the end by limit is told', "code === CLOSE_LIMIT ? 'limit' : null", 'null'],
      ['no join after the end', 'if (this.isClosed()) return', ''],
      ['a failed join closes', "this.close(CLOSE_FAILED, 'join failed')", ''],
      ['no answer after the end', "turn.scope?.end()\n    if (this.phase === 'closed') return", 'turn.scope?.end()'],
    ]
  },
  'lib/view/refuser.ts': {
    tests: 'view-connection attack-events plugin-chain attack-sessions plugin-access',
    guards: [
      ['fatal refusals close', 'connection.close(refused.close, code)', ''],
      ['warnings add up', "weight === 'warning' && this.#warnings.warn()", 'false'],
    ]
  },
  'lib/view/report-refusal.ts': {
    tests: 'attack-refusals security-output view-connection plugin-access',
    guards: [
      ['clean logs of details', 'sanitizeForLog(violation.detail)', 'violation.detail'],
      ['clean logs of events', 'sanitizeForLog(violation.event)', 'violation.event'],
      ['no addresses in logs', 'hashForLog(violation.address)', 'violation.address'],
      ['refusals are counted', 'counters.refused(code)', 'void 0'],
      ['a hook that throws', 'catch (err) {\n    failed(err)', 'catch (err) {\n    throw err'],
      ['a hook that rejects', 'if (isThenable(outcome)) outcome', 'if (false) outcome'],
      ['a flood of lines', 'refusals.admit(`${code} ${level}`)', '0 as number | null'],
      ['a flood of failures of the hook', "refusals.admit('onViolation')", '0 as number | null'],
    ]
  },
  'lib/view/publisher.ts': {
    tests: 'view-connection attack-sessions plugin-data',
    guards: [
      ['recheck before a push', 'ref === 0 ? connection.session.ifDue() : null', 'null as Promise<null> | null'],
      ['a failed recheck closes', 'if (!connection.isClosed()) connection.refuse(refused, 0, null)', ''],
      ['access to another address', 'const refused = await connection.session.look()', 'const refused = null as any'],
      ['acks cannot run ahead', 'Math.max(0, this.#unacknowledged - count)', 'this.#unacknowledged - count'],
      ['unacknowledged patches', 'this.#unacknowledged >= UNACKNOWLEDGED', 'false'],
      ['soft back-pressure', ' > SOFT', ' > 1e12'],
      ['hard back-pressure', ' > HARD', ' > 1e12'],
      ['a slow reader ends', 'this.#connection.ended(CLOSE_LATER)', ''],
      ['a slow reader is cut off', 'channel.terminate()', ''],
    ]
  },
  'lib/view/mailbox.ts': {
    tests: 'view-engine view-connection plugin-chain',
    guards: [
      ['capacity', 'this.#waiting.length >= this.#capacity', 'false'],
      ['nothing after closing', 'if (this.#closed) return false', ''],
      ['closing forgets', 'this.#waiting.length = 0', ''],
      ['one at a time', 'if (!this.#busy) this.#work()', 'this.#work()'],
    ]
  },
  'lib/view/payload-check.ts': {
    tests: 'view-engine plugin-chain plugin-data attack-events',
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
    tests: 'view-engine attack-events plugin-data',
    guards: [
      ['open branches', 'throw openObjects(event, keyword)', 'void 0'],
      ['open beside branches', "throw openObjects(event, combined.join(', '))", 'void 0'],
      ['schemas in circles', 'if (around.includes(schema))', 'if (around.length > 1000)'],
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
  'lib/view/retained-mounts.ts': {
    tests: 'view-engine plugin-pages attack-sessions',
    guards: [
      ['count', 'this.#kept.size >= this.#maxMounts ||', ''],
      ['owners', '>= this.#maxPerOwner', '>= 1e9'],
      ['by address', '[`address ${owners.address}`, ', '['],
      ['by session', '[`session ${owners.session}`]', '[]'],
      ['lifetime', 'retained.until > now', 'retained.until > 0'],
      ['claimed once', 'this.#drop(nonce, retained)\n    return', 'return'],
      ['an ended session', 'if (fits(retained.owner)) this.#drop', 'if (false) this.#drop'],
    ]
  },
  'lib/view/handler-scope.ts': {
    tests: 'view-connection attack-events plugin-chain',
    guards: [
      ['late signals', "if (this.#over || this.#connection.phase === 'closed')", 'if (false)'],
      ['late handlers are known', 'this.#over = true', ''],
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
    tests: 'view-connection plugin-chain',
    guards: [
      ['deadline', 'withDeadline(', UNTIMED],
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
  }
}
