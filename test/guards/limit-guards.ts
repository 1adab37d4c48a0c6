import type { Guarded } from './guarded.ts'

/** By file; tests in the order in which they are likely to notice. */
export const LIMIT_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/limits/connection-caps.ts': {
    tests: 'limits-guards attack-limits',
    guards: [
      ['connections of the process', "all.take('', maxConnections)", "all.take('', Infinity)"],
      ["handshakes of an address's strangers", 'strangers.take(address, Math.floor(SECOND / limits.maxConnectionsPerIp))', 'true'],
      ["handshakes by the route's limit", 'SECOND / limits.maxConnectionsPerIp', 'SECOND / 10'],
      ['handshakes of one session', 'sessions.take(session, Math.floor(SECOND / limits.maxConnectionsPerSession)) &&', ''],
      ["handshakes of an address's people", 'people.take(address, Math.floor(SECOND / limits.maxSignedInPerIp))', 'true'],
      ['the flooder pays first', 'if (session === null) return strangers', 'if (!people.take(address, SECOND / 100)) return false\n    if (session === null) return strangers'],
      ['offenders wait', 'if (wait > 0) return', 'if (false) return'],
      ["an offender's session waits", 'return cooldowns.left(coolingKey.session(session))', 'return 0'],
      ['colleagues do not wait', 'if (session !== null) return cooldowns', 'if (false) return cooldowns'],
      ['who may be somebody does not wait', 'isStranger ? cooldowns', 'true ? cooldowns'],
      ['sockets of one address', 'if (slot === null) return refuse', 'if (false) return refuse'],
      ['sockets of strangers', "session === null ? 'anonymous' : 'signedIn'", "'signedIn'"],
      ['strangers do not keep people out', "session === null ? 'anonymous' : 'signedIn'", "'anonymous'"],
      ['sockets of strangers are few', 'session === null ? limits.maxConnectionsPerIp : ', ''],
      ['joins a second', '!gate.take()', 'false'],
      ['the gate comes last', 'const wait = coolingFor(arriving)', 'const wait = gate.take() ? coolingFor(arriving) : 1'],
      ["a session's sockets that never join", 'limits.maxConnectionsPerSession)\n', 'Infinity)\n'],
      ['the refused leave the process', 'const taken: ConnectionSlot[] = [process]', 'const taken: ConnectionSlot[] = []'],
      ['the refused leave the address', 'taken.push(slot)', ''],
      ['the refused leave the session', 'if (own !== null) taken.push(own)', 'if (own !== null) void own'],
    ]
  },
  'lib/limits/connection-place.ts': {
    tests: 'limits-guards attack-limits',
    guards: [
      ['who is gone takes nothing', 'if (this.#released) return', 'if (false) return'],
      ['offenders wait', 'if (this.#isCooling()) return', 'if (false) return'],
      ["a session's places", 'limits.maxConnectionsPerSession', 'Infinity'],
      ["an identity's places", 'limits.maxConnectionsPerIdentity', 'Infinity'],
      ['identities by tenant', 'slots.identities, keyOf(tenant, identity)', 'slots.identities, identity'],
      ['all places or none', 'for (const slot of owned) slot.release()', ''],
      ['who signed in moves', 'if (right !== pool)', 'if (right !== pool && identity === null)'],
      ['who did not moves', 'if (right !== pool)', 'if (right !== pool && identity !== null)'],
      ['places of the signed in', 'limits.maxSignedInPerIp', 'Infinity'],
      ['places of strangers', '? limits.maxConnectionsPerIp', '? Infinity'],
      ['leaves the place it had', '      this.#address.release()\n      this.#address', '      this.#address'],
      ['the address waits', 'cooldowns.add(coolingKey.address(address), seconds)', ''],
      ['the session waits', 'if (session !== null) cooldowns.add', 'if (false) cooldowns.add'],
      ['the identity waits', 'if (identity !== null) cooldowns.add', 'if (false) cooldowns.add'],
      ['waiting by tenant', "keyOf('identity', tenant, identity)", "keyOf('identity', identity)"],
      ['session at the join', 'if (session !== null && cooldowns.left(coolingKey.session(session)) > 0) return true', ''],
      ['somebody does not wait for the address', 'identity === null ? coolingKey.address(address) : ', 'true ? coolingKey.address(address) : '],
      ['process place given back', 'this.#options.process.release()', ''],
      ['session place given back', 'this.#options.own?.release()', ''],
      ['session place taken once', 'own === null && take', 'take'],
      ['address place given back', 'this.#address.release()\n    for', 'for'],
      ['own places given back', 'for (const slot of this.#owned) slot.release()', ''],
      ['told to come later', 'CLOSE_LATER, detail', '1008, detail'],
    ]
  },
  'lib/limits/connection-slots.ts': {
    tests: 'limits-guards',
    guards: [
      ['full', 'if (open(key) >= most) return null', ''],
      ['given back once', 'if (released) return', ''],
      ['empty keys are forgotten', 'if (left === 0) counts.delete(key)\n          else ', ''],
    ]
  },
  'lib/limits/cooldowns.ts': {
    tests: 'limits-guards',
    guards: [
      ['never shortened', 'Math.max(ends.get(key) ?? 0, now() + seconds * 1000)', 'now() + seconds * 1000'],
      ['bounded', 'if (ends.size >= maxKeys && !ends.has(key)) makeRoom()', ''],
      ['an old offender needs no room', ' && !ends.has(key)', ''],
      ['forgotten when over', '      ends.delete(key)\n', ''],
    ]
  },
  'lib/limits/keyed-buckets.ts': {
    tests: 'limits-guards',
    guards: [
      ['bounded', 'if (buckets.size >= maxKeys) makeRoom()', ''],
      ['full buckets go first', '(bucket) => bucket.untilFull()', '() => 0'],
    ]
  },
  'lib/limits/eviction.ts': {
    tests: 'limits-guards',
    guards: [
      ['constant work', 'Math.min(lookAt, map.size)', 'map.size'],
      ['goes round', '      entries = map.entries()\n      value = entries.next().value\n', ''],
      ['each search looks further', '  return () => {\n', '  return () => {\n    entries = map.entries()\n'],
    ]
  },
  'lib/limits/limit-options.ts': {
    tests: 'limits-guards',
    guards: [
      ["only the plugin's", 'if (foreign !== undefined) {', 'if (false) {'],
      ["the plugin's own", "path === '' ? undefined : ", ''],
      ['numbers in their range', 'if (fits) return value', 'return value as number'],
      ['whole numbers', ' && (!whole || Number.isInteger(value))', ''],
      ['unknown limits', 'if (!names.includes(name)) throw', 'if (false) throw'],
      ['what is no object', "typeof value !== 'object' || value === null || Array.isArray(value)", 'false'],
    ]
  },
  'lib/limits/warnings.ts': {
    tests: 'limits-guards',
    guards: [
      ['the last one', 'return ++warnings >= maxWarnings', 'return false'],
      ['forgiven each minute', 'Math.max(0, warnings - minutes)', 'warnings'],
      ['the minute begins with the warning', 'warnings === 0 ? now() : ', ''],
    ]
  },
  'lib/limits/key-of.ts': {
    tests: 'tenants limits-guards',
    guards: [
      ['segments', "join(':')", "join('')"],
      ['what is special', '[^A-Za-z0-9_.-]|', ''],
      ['folders', String.raw`|^\.+$`, ''],
      ['null is no text', "segment === null ? '%' :", "segment === null ? '' :"],
    ]
  },
  'lib/limits/handler-key.ts': {
    tests: 'limits-guards',
    guards: [
      ['by identity on all sockets', "keyOf(tenant, view, event, 'id', identity)", "keyOf(tenant, view, event, 'ip', ipKey(ip))"],
      ["a tenant's own", "keyOf(tenant, view, event, 'id', identity)", "keyOf(null, view, event, 'id', identity)"],
      ["a view's own", "keyOf(tenant, view, event, 'id', identity)", "keyOf(tenant, '', event, 'id', identity)"],
      ["an event's own", "keyOf(tenant, view, event, 'id', identity)", "keyOf(tenant, view, '', 'id', identity)"],
      ['people who are called like addresses', "'ip', ipKey(ip)", "'id', ipKey(ip)"],
      ['one network', "'ip', ipKey(ip)", "'ip', String(ip)"],
    ]
  },
  'lib/limits/ip-key.ts': {
    tests: 'limits-guards',
    guards: [
      ['networks', 'groups.slice(0, 4)', 'groups'],
      ['addresses within addresses', 'if (four !== null) return', 'if (false) return'],
      ['one spelling', 'canonical(ip.split', '(ip.split'],
      ['zones', "canonical(ip.split('%', 1)[0] as string)", 'canonical(ip)'],
      ['what is no address', "if (!isIPv6(ip)) return 'unknown'", 'if (!isIPv6(ip)) return ip'],
    ]
  },
  'lib/limits/token-bucket.ts': {
    tests: 'limits-guards',
    guards: [
      ['empty', '!(units >= 0 && units <= this.#level)', '!(units >= 0)'],
      ['costs below nothing', '!(units >= 0 && units <= this.#level)', '!(units <= this.#level)'],
      ['costs that are no number', '!(units >= 0 && units <= this.#level)', 'units < 0 || units > this.#level'],
      ['burst', 'Math.min(this.#capacity, this.#level + (now - this.#at) * this.#rate)', 'this.#level + (now - this.#at) * this.#rate'],
      ['time is given once', 'this.#rate)\n    this.#at = now', 'this.#rate)'],
    ]
  },
  'lib/limits/connection-meter.ts': {
    tests: 'limits-guards',
    guards: [
      ['frames', 'frames.take() &&', ''],
      ['bytes', '&& bytes.take(size)', ''],
    ]
  },
}
