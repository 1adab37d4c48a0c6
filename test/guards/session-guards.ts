import type { Guarded } from './guarded.ts'

/** By file; tests in the order in which they are likely to notice. */
export const SESSION_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/view/session-check.ts': {
    tests: 'attack-session-store attack-session-life attack-sessions view-connection attack-more-access',
    guards: [
      ['age of the last look', 'this.#isOlderThan(session) ? this.look() : null', 'null'],
      ['looks are not wasted', 'this.#isOlderThan(session) ? this.look() : null', 'this.look()'],
      ['no event waits for a dead store', 'if (this.#isPausing() && this.#age() <= session + grace) return null', ''],
      ['the pause ends with the grace', ' && this.#age() <= session + grace) return null', ') return null'],
      ['idle pages do not wait for a dead store', '!this.#isPausing() && ', ''],
      ['the grace ends', "return fatal('LIVE_ERR_SESSION_STORE', CLOSE_LATER, 'the session store does not answer')", 'void 0'],
      ['the grace begins', 'if (this.#age() > due + deadlines.grace)', 'if (true)'],
      ['an idle page is waited for longer', 'this.look(connection.route.deadlines.idle)', 'this.look()'],
      ['a failed look is no good one', 'if (found === null) this.checkedAt', "if (found === null || found === 'store-down') this.checkedAt"],
      ['a refused look at an idle page closes', 'connection.refuse(refused, 0, null)', ''],
      ['nothing is refused to one who is gone', 'if (connection.isClosed()) return', ''],
      ['another role is shown', 'const other = mount.holder !== holder', 'const other = false'],
      ['a new token is sent', ' || connection.effects.pending() !== null', ''],
      ['a session that was written', 'this.#changed || ', ''],
      ['what changes during a look is looked at', 'Math.max(this.checkedAt, began)', 'now()'],
      ['a dead store is not asked by each event', 'this.#retryAt = now() + deadlines.retry', ''],
      ['a look that failed has seen nothing', 'this.#changed ||= wasChanged', ''],
      ['what was written ends the pause', 'this.#changed = true\n    this.#retryAt = -Infinity', 'this.#changed = true'],
      ['a session that expires', ' || (this.expires !== null && this.expires <= Date.now())', ''],
    ]
  },
  'plugin/session-sweep.ts': {
    tests: 'attack-session-life attack-session-store attack-more',
    guards: [
      ['looks at once', 'if (this.#looking >= AT_ONCE) return', ''],
      ['one look in the mailbox', 'if (this.#posted.has(connection)) return', ''],
      ['those that end do not wait', 'if (connection.isClosed()) this.#due.delete(connection)', ''],
      ['an event may have looked', "connection.phase !== 'live' || !connection.session.isIdle()", 'false'],
      ['a look that fails makes room', 'finally {', 'catch (err) { throw err } {'],
      ['the next look', 'this.#looking--\n      this.#next()', 'this.#looking--'],
      ['in its turn', 'connection.insist(() => this.#look(connection))', 'this.#look(connection).catch(() => {})'],
    ]
  },
  'plugin/joined-session.ts': {
    tests: 'attack-session-store attack-session-life attack-sessions plugin-access',
    guards: [
      ['the expiry that is known', 'this.#connection.session.expires = expires', ''],
      ['a session that was to expire', 'expires !== null && expires <= Date.now() ? null : this.#last', 'this.#last'],
      ['a quiet log', 'if (now - (told.get(store) ?? -Infinity) < QUIET) return', ''],
      ['a failing store is told', "this.#connection.fail(err, 'live session store failed')", ''],
    ]
  },
  'plugin/connection-filter.ts': {
    tests: 'attack-session-life attack-sessions plugin-access',
    guards: [
      ['somebody is named', 'if (entries.length === 0) throw', 'if (false) throw'],
      ['no other keys', 'if (!KEYS.includes(key)) throw', 'if (false) throw'],
      ['values that mean nobody', "if (typeof text === 'string' && text !== '') return", 'if (true) return'],
      ['an empty text', " && text !== '') return", ') return'],
      ['numbers', 'Number.isSafeInteger(value) ? String(value) : value', 'value'],
      ['all of the filter', 'wanted.some(([key, value]) => owner[key] !== undefined && owner[key] !== value)', 'false'],
      ['what is not known', "wanted.every(([key]) => owner[key] !== undefined) ? 'yes' : 'unknown'", "'yes'"],
    ]
  },
  'plugin/session-warnings.ts': {
    tests: 'attack-session-store',
    guards: [
      ['sessions in memory', 'if (store !== null && isMemory(store)) warnMemory()', ''],
      ['secure', 'if (cookie.secure !== true) warnSecure()', ''],
      ['httpOnly', 'if (cookie.httpOnly !== true) warnHttpOnly()', ''],
      ['sameSite', 'if (cookie.sameSite === null || cookie.sameSite === undefined || cookie.sameSite === false) warnSameSite()', ''],
      ['outside of the path', 'if (cookie === undefined) return', ''],
    ]
  },
}
