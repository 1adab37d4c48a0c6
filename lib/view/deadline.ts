import { LIVE_ERR_DEADLINE } from './errors.ts'

/** Waits for `work`, at most `ms` milliseconds; then aborts `abort`, rejects with LIVE_ERR_DEADLINE, and drops a late outcome. */
export async function withDeadline<T> (work: Promise<T>, name: string, ms: number, abort: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((resolve, reject) => {
    timer = setTimeout(() => {
      // In this order: what answers to the abort comes too late.
      reject(new LIVE_ERR_DEADLINE(name, ms))
      abort()
    }, ms)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
