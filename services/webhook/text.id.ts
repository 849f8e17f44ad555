/** What an OtomaX-style report says to a reseller's program, and to whoever reads its screen. */

import type { OrderBrief } from '../contract/order-view.ts'
import { digiflazzText, rcOfOrder } from '../wire/digiflazz.ts'
import { otomaxNumber } from '../wire/otomax.ts'

const jakartaMs = 7 * 3_600_000

const words: Readonly<Record<OrderBrief['status'], string>> = {
  PENDING: 'akan diproses.',
  PROCESSING: 'akan diproses.',
  SUCCESS: 'SUKSES.',
  // Empty, as the default report of such servers has it; why stands at the end.
  FAILED: 'GAGAL. .',
  REFUND: 'GAGAL. .',
}

/**
 * As the rules that members use for the default report read it (WHA6): behind the serial number
 * and behind a failure stands the balance, and behind that the time. In rupiah; `at` in ms.
 */
export function otomaxReport(
  order: OrderBrief,
  { balance, at }: { readonly balance: number | undefined; readonly at: number },
): string {
  const { trxId, ref, status, sn, price, bill } = order
  const { product, destination } = order.said ?? order
  const paid =
    bill === undefined
      ? ''
      : `/${plain(bill.customer)}/TAG:${bill.amount}/ADM:${bill.admin}` +
        `/TOTAL:${bill.amount + bill.admin}/PERIODE:${plain(bill.periods)}`
  const isOpen = status === 'PENDING' || status === 'PROCESSING'
  const left = balance === undefined ? '-' : dotted(balance)
  const paidFrom =
    status === 'SUCCESS' && balance !== undefined
      ? `${dotted(balance + price)} - ${dotted(price)} = `
      : ''
  const parts = [
    `R#${ref} TrxID=${otomaxNumber(trxId)} ${product}.${destination}`,
    ...(isOpen ? [`Harga=${dotted(price)}`] : []),
    words[status],
    ...(status === 'SUCCESS' ? [`SN/Ref: ${sn || '-'}${paid}.`] : []),
    `Saldo ${paidFrom}${left}. @${clock(at)}`,
    ...whyOf(order),
  ]
  return parts.join(' ')
}

function whyOf(order: OrderBrief): readonly string[] {
  if (order.status === 'REFUND') return ['Transaksi ditarik kembali dan dana dikembalikan']
  if (order.status !== 'FAILED') return []
  return order.failure === 'bill_changed'
    ? ['Jumlah tagihan berubah sejak dicek']
    : [digiflazzText[rcOfOrder(order)]]
}

const clock = (at: number): string =>
  new Date(at + jakartaMs).toISOString().slice(11, 19).replaceAll(':', '.')

/** A stranger's words, without what a parser could take for the report's own. */
const plain = (text: string): string =>
  text.replaceAll(/[^\w @+\-|:,]/g, '').replaceAll(/sukses|berhasil|success|gagal|failed/gi, '*') ||
  '-'

export const otomaxPing = 'Tes koneksi dari Laju'

/** 1234567 as people write it here: 1.234.567. */
const dotted = (amount: number): string => String(amount).replace(/\B(?=(\d{3})+$)/g, '.')
