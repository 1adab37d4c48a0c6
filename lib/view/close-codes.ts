/** Codes of docs/protocol.md. A browser's script sees them only after the upgrade; earlier refusals are HTTP. */
export const CLOSE_PROTOCOL = 1002
export const CLOSE_UNSUPPORTED = 1003
export const CLOSE_POLICY = 1008
export const CLOSE_TOO_BIG = 1009
export const CLOSE_FAILED = 1011
export const CLOSE_RESTART = 1012
export const CLOSE_LATER = 1013
export const CLOSE_SESSION_ENDED = 4401
export const CLOSE_DENIED = 4403
export const CLOSE_JOIN_TIMEOUT = 4408
export const CLOSE_RELOAD = 4409
export const CLOSE_LIMIT = 4429
