export const statuses = ['open', 'packed', 'shipped', 'delivered', 'cancelled'] as const
export type Status = typeof statuses[number]

const following: Readonly<Record<Status, readonly Status[]>> = {
  open: ['packed', 'cancelled'],
  packed: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: ['open']
}

export function isStatus (text: unknown): text is Status {
  return (statuses as readonly unknown[]).includes(text)
}

/** Where an order may go from here, the usual step first. */
export function nextStatuses (status: Status): readonly Status[] {
  return following[status]
}
