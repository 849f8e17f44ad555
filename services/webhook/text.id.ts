/** What an OtomaX-style report says to a reseller's program, and to whoever reads its screen. */

import type { OrderBrief } from '../contract/order-view.ts'
import { otomaxNumber } from '../wire/otomax.ts'

const words: Readonly<Record<OrderBrief['status'], string>> = {
  PENDING: 'akan diproses',
  PROCESSING: 'akan diproses',
  SUCCESS: 'SUKSES',
  FAILED: 'GAGAL',
  REFUND: 'GAGAL, dana dikembalikan',
}

export function otomaxReport(order: OrderBrief, balance: number | undefined): string {
  const { trxId, ref, product, destination, status, sn, price, bill } = order
  const paid =
    bill === undefined
      ? ''
      : `/${plain(bill.customer)}/TAG:${bill.amount}/ADM:${bill.admin}` +
        `/TOTAL:${bill.amount + bill.admin}/PERIODE:${plain(bill.periods)}`
  const parts = [
    `R#${ref} TrxID=${otomaxNumber(trxId)} ${product}.${destination} ${words[status]}.`,
    ...(status === 'SUCCESS' ? [`SN/Ref: ${sn ?? ''}${paid}.`] : []),
    `Harga=${dotted(price)}.`,
    ...(balance === undefined ? [] : [`Saldo ${dotted(balance)}.`]),
  ]
  return parts.join(' ')
}

/** A stranger's words, without what a parser could take for the report's own. */
const plain = (text: string): string =>
  text.replaceAll(/[^\w @+\-|:,]/g, '').replaceAll(/sukses|berhasil|success|gagal|failed/gi, '*') ||
  '-'

export const otomaxPing = 'Tes koneksi dari Laju'

/** 1234567 as people write it here: 1.234.567. */
const dotted = (amount: number): string => String(amount).replace(/\B(?=(\d{3})+$)/g, '.')
