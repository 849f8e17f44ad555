/**
 * The words of Digiflazz's buyer API that we say in answers and in webhooks alike: the rc table,
 * and which rc an order has. Pure, and imports nothing but other words, so that both edges of the
 * program may use it.
 *
 * PPH1. An answer about a bill has the fields of theirs: whole once it is paid, short before and
 *       when it failed.
 * GE4. A supplier's own rc is passed on only when it is about the destination or product; what it
 *      says of our own account with the supplier (41, 44, 45 ...) becomes plain 02. Two digits
 *      are Digiflazz's: what others call their failures is told only where rules gave it a name of
 *      ours, as `wrong_number`.
 */

import type { BillFacts } from './bill.ts'

/** Messages by rc; wording as close to the original as is true here. */
export const digiflazzText = {
  '00': 'Transaksi Sukses',
  '02': 'Transaksi Gagal',
  '03': 'Transaksi Pending',
  '40': 'Payload tidak benar',
  '41': 'Signature tidak valid',
  '42': 'Username tidak dikenal',
  '43': 'SKU tidak ditemukan atau non-aktif',
  '44': 'Saldo tidak cukup',
  '45': 'IP Anda tidak kami kenali',
  '49': 'Ref ID tidak unik',
  '50': 'Transaksi tidak ditemukan',
  '51': 'Nomor tujuan diblokir',
  '52': 'Prefix tidak sesuai dengan operator',
  '53': 'Produk sedang tidak tersedia',
  '54': 'Nomor tujuan salah',
  '55': 'Produk sedang gangguan',
  '57': 'Jumlah digit kurang atau lebih',
  '58': 'Sedang cut off',
  '59': 'Tujuan di luar wilayah atau cluster',
  '60': 'Tagihan belum tersedia',
  '62': 'Produk sedang gangguan, transaksi tidak dibuat',
  '63': 'Tidak mendukung transaksi multi',
  '64': 'Tarik tiket gagal: bank tidak tersedia atau tiket yang terbuka sudah terlalu banyak',
  '69': 'Harga lebih tinggi dari max_price',
  '71': 'Produk sedang tidak stabil',
  '72': 'Lakukan unreg paket dahulu',
  '73': 'kWh melebihi batas',
  '74': 'Transaksi refund',
  '84': 'Nominal tidak valid',
  '85': 'Limit transaksi, ulangi ref_id yang sama 1 menit lagi',
  '88': 'Akun Anda tidak dapat melakukan aksi ini',
  '99': 'Status belum pasti, ulangi dengan ref_id yang sama',
} as const

export type Rc = keyof typeof digiflazzText
type Word = 'Sukses' | 'Pending' | 'Gagal'

export const wordOf: Readonly<Record<Rc, Word>> = {
  '00': 'Sukses',
  '02': 'Gagal',
  '03': 'Pending',
  '40': 'Gagal',
  '41': 'Gagal',
  '42': 'Gagal',
  '43': 'Gagal',
  '44': 'Gagal',
  '45': 'Gagal',
  '49': 'Gagal',
  '50': 'Gagal',
  '51': 'Gagal',
  '52': 'Gagal',
  '53': 'Gagal',
  '54': 'Gagal',
  '55': 'Gagal',
  '57': 'Gagal',
  '58': 'Gagal',
  '59': 'Gagal',
  '60': 'Gagal',
  '62': 'Gagal',
  '63': 'Gagal',
  '64': 'Gagal',
  '69': 'Gagal',
  '71': 'Gagal',
  '72': 'Gagal',
  '73': 'Gagal',
  '74': 'Gagal',
  '84': 'Gagal',
  '85': 'Pending',
  '88': 'Gagal',
  '99': 'Pending',
}

/** As much of an order as an rc depends on. */
type Outcome = {
  readonly status: 'PENDING' | 'PROCESSING' | 'SUCCESS' | 'FAILED' | 'REFUND'
  readonly attempts: readonly { readonly outcome: string; readonly code: string | null }[]
}

export function rcOfOrder(order: Outcome): Rc {
  switch (order.status) {
    case 'SUCCESS':
      return '00'
    case 'PENDING':
    case 'PROCESSING':
      return '03'
    case 'REFUND':
      return '74'
    case 'FAILED': {
      const last = order.attempts.findLast(attempt => attempt.outcome === 'failed')?.code
      if (last === 'wrong_number') return '54'
      return passedOn.has(last as Rc) ? (last as Rc) : '02'
    }
  }
}

const passedOn: ReadonlySet<Rc> = new Set<Rc>([
  '51',
  '52',
  '53',
  '54',
  '55',
  '57',
  '59',
  '60',
  '71',
  '72',
  '73',
  '84',
])

/**
 * An order's callback address as the journal keeps it: the dialect that the client spoke stands
 * before the scheme, `digiflazz+https://...`; plain addresses came over REST.
 */
export const digiflazzAddress = (url: string): string => `digiflazz+${url}`

/** What an answer about a bill says beyond the order: at an inquiry, and once it is paid. */
export const inquiredFields = (bill: BillFacts, price: number) => ({
  customer_name: bill.customer,
  admin: bill.admin,
  price,
  selling_price: Math.max(bill.amount + bill.admin, price),
  desc: bill.detail === '' ? {} : (JSON.parse(bill.detail) as object),
})

type PaidBill = Outcome & {
  readonly sn: string | null
  readonly price: number
  readonly bill: BillFacts
}

/** As the client wrote them. */
type Named = {
  readonly ref_id: string
  readonly customer_no: string
  readonly buyer_sku_code: string
}

/** What an answer, or a call of ours, says about an order. */
export function orderData(order: Told, named: Named, balance: number | undefined): object {
  const rc = rcOfOrder(order)
  const { bill } = order
  const head = { ...named, message: digiflazzText[rc], status: wordOf[rc], rc }
  if (bill !== undefined) return { ...head, ...paidFields({ ...order, bill }, balance) }
  return {
    ...head,
    sn: order.sn ?? '',
    ...(balance === undefined ? {} : { buyer_last_saldo: balance }),
    price: order.price,
    tele: '',
    wa: '',
  }
}

type Told = Omit<PaidBill, 'bill'> & { readonly bill?: BillFacts }

/** About a payment: all that is known when it is paid, and the short form as long as it is not. */
function paidFields(order: PaidBill, balance: number | undefined): object {
  if (order.status !== 'SUCCESS') return {}
  const { bill, price, sn } = order
  return {
    ...inquiredFields(bill, price),
    sn: sn ?? '',
    periode: bill.periods,
    ...(balance === undefined ? {} : { buyer_last_saldo: balance }),
  }
}
