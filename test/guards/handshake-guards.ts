import type { Guarded } from './guarded.ts'

/** What an upgrade must be, and what must not become of its socket. By file. */
export const HANDSHAKE_GUARDS: Readonly<Record<string, Guarded>> = {
  'plugin/check-handshake.ts': {
    tests: 'attack-handshake',
    guards: [
      ['method', "if (method !== 'GET')", 'if (false)'],
      ['protocol', "headers.upgrade?.toLowerCase() !== 'websocket'", 'false'],
      ['protocols in upper case', 'headers.upgrade?.toLowerCase()', 'headers.upgrade'],
      ['bodies in chunks', "headers['transfer-encoding'] !== undefined || ", ''],
      ['bodies', "|| (headers['content-length'] ?? '0') !== '0'", ''],
      ['version', "headers['sec-websocket-version'] !== '13'", 'false'],
      ['versions exactly', "headers['sec-websocket-version'] !== '13'", "Number(headers['sec-websocket-version']) !== 13"],
    ]
  },
  'plugin/pending-upgrades.ts': {
    tests: 'attack-handshake attack-more',
    guards: [
      ['upgrades have an end', 'if (since < oldest) this.#nobodys(request)?.destroy()', 'void since'],
      ['slow ones have their time', 'LONGEST = 30_000', 'LONGEST = 0'],
      ["other servers' sockets are theirs", "socket.listenerCount('data') === 0", 'true'],
      ['behind a request nothing is upgraded', 'if ((socket as', 'if (false && (socket as'],
      ['sockets are no upgrades any more', 'pending.done(request)', ''],
      ['nothing comes after a refusal', "reply.header('connection', 'close')", ''],
      ['answered by an early hook', 'pending.end(request.raw)', ''],
      ['answered by the router', 'pending.finish(request)', 'void 0'],
      ['requests learn of the end', 'request.destroy?.()', 'void 0'],
      ['nobody is listened to after the end', "server.off('upgrade', arrived)", ''],
      ['stopping does not wait', 'pending.endAll()', ''],
    ]
  },
  'plugin/warn-open-server.ts': {
    tests: 'attack-handshake',
    guards: [
      ['cleartext', 'if (cleartext.length > 0)', 'if (false)'],
      ['loopback is no way', ' && !LOOPBACK.test(origin)', ''],
      ['names that begin like loopback', '(?::\\d+)?$/i', '/i'],
      ['half requests', 'if (isOpen(headersTimeout) && isOpen(requestTimeout))', 'if (false)'],
      ['either time is enough', 'isOpen(headersTimeout) && isOpen(requestTimeout)', 'isOpen(headersTimeout) || isOpen(requestTimeout)'],
      ['zero is for ever', 'timeout === 0 || ', ''],
      ['long times', '|| timeout > LONGEST', ''],
    ]
  },
}
