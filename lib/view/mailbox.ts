export type Task = () => void | Promise<void>

/**
 * Runs tasks one at a time, in the order they came: handlers of one connection never interleave. A task must not throw or
 * reject; what it runs is caught where it can be answered.
 */
export class Mailbox {
  readonly #waiting: Task[] = []
  readonly #capacity: number
  #busy = false
  #closed = false

  constructor (capacity: number) {
    this.#capacity = capacity
  }

  /** False when it is full or closed: the task will not run. */
  post (task: Task): boolean {
    if (this.#closed || this.#waiting.length >= this.#capacity) return false
    this.#waiting.push(task)
    if (!this.#busy) this.#work()
    return true
  }

  close (): void {
    this.#closed = true
    this.#waiting.length = 0
  }

  #work (): void {
    this.#busy = true
    while (this.#waiting.length > 0) {
      const outcome = (this.#waiting.shift() as Task)()
      if (outcome instanceof Promise) {
        outcome.finally(() => { this.#work() })
        return
      }
    }
    this.#busy = false
  }
}
