export interface FrameOptions {
  readonly opcode?: number
  readonly fin?: boolean
  /** The three reserved bits: 4 is RSV1, 2 RSV2, 1 RSV3. */
  readonly rsv?: number
  readonly mask?: Buffer | 'none'
  /** What the header claims. Default: the length of the payload. */
  readonly length?: number
  /** How many bits the length takes. Default: as few as it needs. */
  readonly form?: 7 | 16 | 64
}

const ZERO = Buffer.alloc(4)

/** One frame as bytes, as wrong as it is asked for. The mask of zeros leaves the payload readable in a dump. */
export function frame (payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { opcode = 1, fin = true, rsv = 0, mask = ZERO } = options
  const bytes = Buffer.from(payload)
  const length = options.length ?? bytes.length
  const form = options.form ?? (length < 126 ? 7 : length < 65536 ? 16 : 64)
  const header = Buffer.alloc(form === 7 ? 2 : form === 16 ? 4 : 10)
  const masked = mask === 'none' ? 0 : 128
  header[0] = (fin ? 128 : 0) | (rsv << 4) | opcode
  header[1] = masked | (form === 7 ? length : form === 16 ? 126 : 127)
  if (form === 16) header.writeUInt16BE(length, 2)
  if (form === 64) header.writeBigUInt64BE(BigInt(length), 2)
  if (mask === 'none') return Buffer.concat([header, bytes])
  return Buffer.concat([header, mask, bytes.map((byte, k) => byte ^ (mask[k % 4] as number))])
}
