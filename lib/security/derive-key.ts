import { hkdfSync } from 'node:crypto'
import { SecretOptionError } from './errors.ts'
import { showValue } from './show-value.ts'

export type Secret = string | Uint8Array

const fewestBytes = 32

/** Checks the secrets at boot. The message never shows one. */
export function checkSecrets (secrets: readonly Secret[], option: string): void {
  const allowed = `a list of secrets of at least ${fewestBytes} bytes each, the newest first; ` +
    "make one with require('node:crypto').randomBytes(32).toString('base64url')"
  if (!Array.isArray(secrets) || secrets.length === 0) {
    throw new SecretOptionError(option, Array.isArray(secrets) ? 'empty' : `of type ${typeof secrets}`, allowed)
  }
  secrets.forEach((secret: unknown, index) => {
    if (typeof secret !== 'string' && !(secret instanceof Uint8Array)) {
      throw new SecretOptionError(`${option}[${index}]`, showValue(typeof secret), allowed)
    }
    const bytes = Buffer.byteLength(secret)
    if (bytes < fewestBytes) throw new SecretOptionError(`${option}[${index}]`, `${bytes} bytes long`, allowed)
  })
}

/** The key for one purpose (HKDF, RFC 5869): what is signed for one is worth nothing for another, or for the cookies' signer. */
export function deriveKey (secret: Secret, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `fastify-live-view ${purpose}`, 32))
}
