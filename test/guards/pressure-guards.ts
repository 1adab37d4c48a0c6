/* eslint-disable no-template-curly-in-string -- source text, as it stands in the files */
import type { Guarded } from './guarded.ts'

/** What one connection, one page or one peer may hold, and for how long. By file; tests in the order in which they may notice. */
export const PRESSURE_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/view/live-connection.ts': {
    tests: 'view-connection view-pressure attack-events plugin-chain attack-sessions plugin-access attack-pressure tenants',
    guards: [
      ['mailbox capacity', 'MAILBOX = 64', 'MAILBOX = 1e9'],
      ['events know their tenant', 'post(() => this.inTenant(task))', 'post(task)'],
      ['what wakes a page does not lend it its tenant', 'insist(() => this.inTenant(task))', 'insist(task)'],
      ['nor does what ends it', 'this.inTenant(() => {', '((work: () => void) => { work() })(() => {'],
      ['frames after the end', "if (this.phase === 'closed') return\n    this.liveness", 'this.liveness'],
      ['nothing sent after the end', "if (this.phase !== 'closed') this.publisher.write", 'this.publisher.write'],
      ['ending once', "if (this.phase === 'closed') return\n    this.phase", 'this.phase'],
      ['the end empties the mailbox', 'this.#mailbox.close()', ''],
      ['the end stops the join timer', 'this.#joining.stop()', ''],
      ['the end stops what is paced', 'this.publisher.stop()', ''],
      ['the end aborts loaders', 'this.#lifetime?.abort()', ''],
      ['the end aborts handlers', 'for (const scope of this.scopes) scope.abort()', ''],
      ['the end forgets scopes', 'this.scopes.clear()', ''],
      ['the end by limit is told', "code === CLOSE_LIMIT ? 'limit' : null", 'null'],
      ['pause', 'pause: () => { channel.pause() }', 'pause: () => {}'],
      ['read again', '        channel.resume()\n', ''],
      ['time begins again when read again', 'this.liveness.resumed()', ''],
      ['cut off', 'this.channel.terminate()', ''],
      ['no ping after being cut off', 'if (!this.isClosed()) this.liveness', 'this.liveness'],
      ['messages end what was begun', 'this.liveness.message()', ''],
    ]
  },
  'lib/view/joining.ts': {
    tests: 'view-connection attack-events plugin-chain attack-sessions plugin-access attack-pressure',
    guards: [
      ['join timer', 'connection.route.deadlines.join)', '1e6)'],
      ['one join', 'if (this.#seen) return false', ''],
      ['no join after the end', 'if (connection.isClosed()) return', ''],
      ['a failed join closes', "connection.close(CLOSE_FAILED, 'join failed')", ''],
    ]
  },
  'lib/chain/run-event.ts': {
    tests: 'attack-events view-connection plugin-chain',
    guards: [
      ['a chain that rejects', 'outcome.catch(broken)', 'outcome'],
      ['a chain that throws', 'finish(broken(err), turn)', 'throw err'],
      ['no answer after the end', 'if (connection.isClosed()) return', ''],
    ]
  },
  'lib/view/publisher.ts': {
    tests: 'view-connection view-pressure attack-sessions plugin-data attack-more',
    guards: [
      ['what is told does not pile up', 'if (ref > 0) this.#answer(ref, 0, 0)', "if (ref > 0) this.#connection.send(['p', ref])"],
      ['who acknowledges nothing goes', "connection.refuse(fatal('LIVE_ERR_SLOW_READER'", "void (fatal('LIVE_ERR_SLOW_READER'"],
      ['who acknowledges late has time', '- this.#owesSince <= PATIENCE', '- this.#owesSince <= 0'],
      ['time begins with the last patch', '      this.#owesSince = connection.route.now()\n', ''],
      ['recheck before a push', 'const looked = connection.session.ifDue()', 'const looked = null as Promise<any> | null'],
      ['a failed recheck closes', 'connection.refuse(refused, 0, null)\n    })', '})'],
      ['access to another address', 'const refused = await connection.session.look()', 'const refused = null as any'],
      ['acks cannot run ahead', 'Math.max(0, this.#unacknowledged - count)', 'this.#unacknowledged - count'],
      ['unacknowledged patches', 'this.#unacknowledged >= UNACKNOWLEDGED', 'false'],
      ['back-pressure', 'this.#outbox.isFull() ||', ''],
      ['pace of pushes', "pace === 'paced' && !this.#pace.take()", 'false'],
      ['an answer takes along what waits', '    this.#pace.cancel()\n    if', '    if'],
      ['size of the state', 'connection.refuse(tooBig, ref, null)\n', '\n'],
      ['congested events are answered', 'if (ref > 0) this.#answer(ref, 0, 0)\n', ''],
      ['what was left out is shown later', 'this.#dirty = true', ''],
      ['nothing is shown twice', 'if (!this.#dirty || this.#congested()) return', 'if (this.#congested()) return'],
      ['not before there is room', 'if (!this.#dirty || this.#congested()) return', 'if (!this.#dirty) return'],
      ['a look outlives the connection', 'if (connection.isClosed()) return\n      if (refused === null)', 'if (refused === null)'],
      ['nobody loads for one who is gone', 'if (connection.isClosed()) return\n    await this.#load', 'await this.#load'],
    ]
  },
  'lib/view/pace.ts': {
    tests: 'view-pressure',
    guards: [
      ['distance', 'now + PERIOD', 'now'],
      ['one timer', 'if (this.#cancel !== null) return false', ''],
    ]
  },
  'lib/view/outbox.ts': {
    tests: 'view-connection view-pressure attack-pressure',
    guards: [
      ['soft back-pressure', ' > SOFT', ' > 1e12'],
      ['hard back-pressure', ' > HARD', ' > 1e12'],
      ['slow for long', ' > PATIENCE', ' > 1e12'],
      ['slow is not stuck', 'else this.#slowSince = null', ''],
      ['a slow reader is cut off', 'connection.terminate()', ''],
    ]
  },
  'lib/view/liveness.ts': {
    tests: 'view-pressure attack-pressure',
    guards: [
      ['dead peers', 'this.#missed === MISSES', 'false'],
      ['pings', 'connection.channel.ping()', ''],
      ['not dead while not read', 'this.#heard || !listening', 'this.#heard'],
      ['not overdue while not read', 'listening && this.#unfinished', 'this.#unfinished'],
      ['messages without end', 'this.#unfinished.overdue()', 'false'],
      ['only pongs that were asked for are free', 'if (this.#awaited === 0) return false', ''],
      ['one pong a ping', 'this.#awaited--', ''],
    ]
  },
  'lib/limits/unfinished-message.ts': {
    tests: 'view-pressure attack-pressure',
    guards: [
      ['deadline', ' > DEADLINE', ' > 1e12'],
      ['pings settle nothing but themselves', 'Math.max(0, unsettled - 6 - length)', '0'],
      ['pings settle themselves', 'Math.max(0, unsettled - 6 - length)', 'unsettled'],
      ['nor do they pay ahead', 'Math.max(0, unsettled - 6 - length)', 'unsettled - 6 - length'],
    ]
  },
  'lib/view/state-size.ts': {
    tests: 'view-pressure attack-pressure',
    guards: [
      ['size', 'if (size <= limit) return size', 'if (size < Infinity) return size'],
      ['every so many changes', '++this.#changes < CHANGES && ', ''],
      ['every so often', ' && now - this.#lookedAt < PERIOD', ''],
      ['limit of the route', 'route.limits.maxStateSize', 'Infinity'],
    ]
  },
  'lib/view/estimate-size.ts': {
    tests: 'view-pressure',
    guards: [
      ['stops at the limit', 'i < next.length && size <= limit', 'i < next.length'],
      ['circles', ' && !seen.has(item)', ''],
      ['maps', 'add(key)\n          add(item)', ''],
      ['handles', '!isHandle(next)', 'true'],
      ['what throws', 'catch {', 'catch (error) {\n      throw error'],
      ['texts', 'size += STRING + item.length', 'size += STRING'],
      ['buffers', 'size += next.byteLength', ''],
      ['sets', 'for (const item of next) add(item)', ''],
      ['lists', 'size += SLOT * next.length\n', '\n'],
      ['dictionaries', 'size += ENTRY + key.length', 'void key'],
      ['values', 'add((next as Record<string, unknown>)[key])', 'void key'],
    ]
  },
  'lib/view/render-in-time.ts': {
    tests: 'view-pressure attack-pressure',
    guards: [
      ['renderings that never end', "withDeadline(tree, `rendering of view '${view}'`, deadline, () => {})", 'tree'],
      ['slow ones are told', 'if (took > SLOW)', 'if (false)'],
    ]
  },
  'lib/view/mailbox.ts': {
    tests: 'view-engine view-connection view-pressure plugin-chain',
    guards: [
      ['capacity', 'this.#waiting.length >= this.#options.capacity', 'false'],
      ['nothing after closing', 'if (this.#closed) return false', ''],
      ['closing forgets', 'this.#waiting.length = 0', ''],
      ['tasks that throw', 'this.#options.failed(error)', 'throw error'],
      ['tasks that reject', 'outcome.catch(this.#options.failed).then', 'outcome.then'],
      ['one at a time', 'if (!this.#busy) this.#work()', 'this.#work()\n    if (!this.#busy) void 0'],
      ['pause', 'this.#waiting.length > HIGH', 'false'],
      ['not at once', 'this.#waiting.length > HIGH', 'true'],
      ['read again', 'this.#waiting.length <= LOW', 'false'],
    ]
  },
  'lib/view/retained-mounts.ts': {
    tests: 'view-engine view-pressure plugin-pages attack-sessions attack-pressure',
    guards: [
      ['count', 'this.#kept.size >= maxMounts ||', ''],
      ['bytes', ' || this.#bytes + bytes > maxBytes', ''],
      ['owners', 'share.mounts >= maxPerOwner ||', ''],
      ["owners' bytes", ' || share.bytes + bytes > maxBytesPerOwner', ''],
      ['by address', "keyOf(null, 'address', address)", "keyOf(null, 'address', String(Math.random()))"],
      ['by session', "[own, keyOf(tenant, 'session', session)]", '[own]'],
      ["tenants' own sessions", "keyOf(tenant, 'session', session)", "keyOf(null, 'session', session)"],
      ['lifetime', 'retained.until > now', 'retained.until > 0'],
      ['claimed once', 'this.#drop(nonce, retained)\n    return', 'return'],
      ['what is dropped gives back', 'this.#bytes -= bytes', ''],
      ['an ended session', 'if (fits(retained.owner)) this.#drop', 'if (false) this.#drop'],
      ['owners are forgotten', 'if (share.mounts === 1) this.#shares.delete(key)\n      else ', ''],
      ['owners get back', 'mounts: share.mounts - 1, bytes: share.bytes - bytes', 'mounts: share.mounts, bytes: share.bytes'],
      ['the end forgets all', 'this.#kept.clear()\n    this.#shares.clear()', ''],
    ]
  },
  'plugin/heartbeat.ts': {
    tests: 'attack-pressure',
    guards: [
      ['what throws in it', 'failed(error)', 'throw error'],
      ['holds no process', 'timer.unref()', ''],
    ]
  },
  'plugin/slow-render.ts': {
    tests: 'attack-pressure',
    guards: [['once', 'if (noted.has(view)) return', '']]
  },
  'plugin/socket-channel.ts': {
    tests: 'view-engine attack-pressure',
    guards: [['closing reads the answer', 'this.#socket.resume()\n    this.#socket.close', 'this.#socket.close']]
  },
}
