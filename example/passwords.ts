import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

// OWASP's second scrypt setting: 32 MiB and about as slow for a guesser as 128 MiB with p = 1.
const cost = { logN: 15, r: 8, p: 3 } as const
const stored = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9_-]{22,64})\$([A-Za-z0-9_-]{43})$/

/** Hashes with a fresh salt; the parameters stand in the text, so that they can grow later without a migration. */
export async function hashPassword (password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, cost.logN, cost.r, cost.p)
  return `$scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`
}

/** True when the password is the hashed one. Without a hash (unknown user) it works as long and says no. */
export async function verifyPassword (password: string, hash: string | undefined): Promise<boolean> {
  const [, logN, r, p, salt, key] = stored.exec(hash ?? await dummy()) ?? []
  if (salt === undefined || key === undefined) {
    throw new TypeError('A stored password hash is not of the form $scrypt$ln=,r=,p=$salt$key')
  }
  const derived = await derive(password, Buffer.from(salt, 'base64url'), Number(logN), Number(r), Number(p))
  return timingSafeEqual(derived, Buffer.from(key, 'base64url')) && hash !== undefined
}

// Made once, at first need: what an unknown user's password is compared with, so that time does not tell who exists.
let dummyHash: Promise<string> | undefined
function dummy (): Promise<string> {
  dummyHash ??= hashPassword(randomBytes(18).toString('base64url'))
  return dummyHash
}

function derive (password: string, salt: Buffer, logN: number, r: number, p: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, 32, { N: 2 ** logN, r, p, maxmem: 2 ** (logN + 8) * r }, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
