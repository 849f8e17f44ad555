/** A bill in our own words, as answers and webhooks say it alike. Pure; imports nothing. */

export type BillFacts = {
  readonly customer: string
  readonly periods: string
  readonly amount: number
  readonly admin: number
  /** JSON text, or empty. */
  readonly detail: string
}

export const billWords = ({ customer, periods, amount, admin, detail }: BillFacts) => ({
  customer_name: customer,
  periods: periods === '' ? [] : periods.split(',').map(one => one.trim()),
  amount,
  admin_fee: admin,
  detail: detail === '' ? null : (JSON.parse(detail) as unknown),
})
