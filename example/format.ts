const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' })
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
const whole = new Intl.NumberFormat('en-GB')

export function formatMoney (cents: number): string {
  return euros.format(cents / 100).replace('-', '−')
}

export function formatDay (iso: string): string {
  return days.format(new Date(`${iso}Z`))
}

export function formatCount (count: number): string {
  return whole.format(count)
}
