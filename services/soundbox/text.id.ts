/** What boxes are told in words, besides payments: theirs are made where the payment is booked. */

const grouped = (rupiah: number): string => String(rupiah).replace(/\B(?=(\d{3})+$)/g, '.')

/** Shown, never spoken. */
export const summaryText = ({ count, total }: { count: number; total: number }): string =>
  `${count} pembayaran terlewat, total Rp${grouped(total)}`
