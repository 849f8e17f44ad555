/**
 * The words of Digiflazz's seller API, for answers and reports alike: what we say to Digiflazz when
 * it buys from us. Pure, and imports nothing but other words.
 */

import { type Rc as RcOfBuyer, rcOfOrder } from './digiflazz.ts'

/** Messages by the rc of its sellers. */
export const sellerText = {
  '00': 'SUKSES',
  '06': 'Transaksi tidak ditemukan',
  '07': 'Transaksi gagal',
  '13': 'Nomor tujuan diblokir',
  '14': 'Nomor tujuan salah',
  '20': 'Kode produk tidak ditemukan',
  '39': 'Transaksi sedang diproses',
  '106': 'Produk sedang tidak tersedia',
  '204': 'Otentikasi salah',
} as const

export type SellerRc = keyof typeof sellerText

/** Of an order that failed: what is about the number is told, the rest is plainly failed. */
const rcOfFailure: Readonly<Partial<Record<RcOfBuyer, SellerRc>>> = {
  '51': '13',
  '52': '14',
  '54': '14',
  '57': '14',
  '53': '106',
  '55': '106',
  '71': '106',
}

export function sellerRcOf(order: Parameters<typeof rcOfOrder>[0]): SellerRc {
  switch (order.status) {
    case 'SUCCESS':
      return '00'
    case 'PENDING':
    case 'PROCESSING':
      return '39'
    case 'REFUND':
      return '07'
    case 'FAILED':
      return rcOfFailure[rcOfOrder(order)] ?? '07'
  }
}

const statusOf = (rc: SellerRc): '0' | '1' | '2' => (rc === '00' ? '1' : rc === '39' ? '0' : '2')

type Named = {
  readonly ref_id?: string
  readonly product_code?: string
  readonly customer_id?: string
}
type Known = { readonly trxId: string; readonly price: number; readonly sn: string | null }

/** Everything is text, and every field is there. */
export const sellerData = (
  rc: SellerRc,
  named: Named,
  { order, balance }: { readonly order?: Known; readonly balance?: number | undefined } = {},
) => ({
  ref_id: named.ref_id ?? '',
  status: statusOf(rc),
  code: named.product_code ?? '',
  customer_id: named.customer_id ?? '',
  price: order === undefined ? '' : String(order.price),
  message: sellerText[rc],
  balance: balance === undefined ? '' : String(balance),
  tr_id: order?.trxId ?? '',
  rc,
  sn: order?.sn ?? '',
})
