/** What the pricing rule needs to know of an order line; amounts are cents. */
export interface PricedLine {
  readonly quantity: number
  readonly price: number
}

export interface Price {
  readonly goods: number
  readonly tier: number
  readonly tierDiscount: number
  readonly rebate: number
  readonly rebateDiscount: number
  readonly discount: number
  readonly total: number
}

const tiers = [{ from: 500_000, percent: 8 }, { from: 200_000, percent: 5 }, { from: 50_000, percent: 2 }] as const

/**
 * The house's pricing rule: a discount that grows with the value of the goods, then the customer's own rebate on what is
 * left. It runs on the server only; a browser sees the amounts that a page shows and nothing of tiers or margins.
 */
export function priceOrder (lines: readonly PricedLine[], rebate: number): Price {
  const goods = lines.reduce((sum, line) => sum + line.quantity * line.price, 0)
  const tier = tiers.find(({ from }) => goods >= from)?.percent ?? 0
  const tierDiscount = Math.round(goods * tier / 100)
  const rebateDiscount = Math.round((goods - tierDiscount) * rebate / 100)
  const discount = tierDiscount + rebateDiscount
  return { goods, tier, tierDiscount, rebate, rebateDiscount, discount, total: goods - discount }
}
