/**
 * Atlantic's deposits: `/deposit/metode`, `create`, `status`, `cancel`, `instant`. Numbers are
 * numbers when it is made and text when it is asked about, as at the original; times are Jakarta's.
 *
 * XDB1. The list of methods has limits and fees; whatever lacks, is unknown or out of limits is
 *       refused and makes nothing.
 * XDB2. A QR's fee is taken from what was paid; at a bank the amount holds a unique part instead.
 * XDB3. Instant with `false` only quotes; with `true` it draws, once.
 * XDB4. A reference that was used is refused: how the original behaves nobody has written down.
 */

import { hash } from 'node:crypto'
import {
  type Deposit,
  DepositCounter,
  type DepositStatus,
  type NewDeposit,
  paidSum,
} from './deposit-counter.ts'
import type { Route, World } from './party.ts'
import type { Reply } from './reply.ts'
import type { Account, Shop } from './shop.ts'

type Form = Readonly<Record<string, string>>
type Handle = (form: Form, account: Account, reply: Reply) => void

type AtlanticDeposits = {
  readonly counter: DepositCounter
  readonly routes: (route: (path: string, handle: Handle) => Route) => readonly Route[]
}

type Method = {
  readonly metode: string
  readonly type: 'ewallet' | 'va' | 'bank'
  readonly name: string
  readonly min: number
  readonly max: number
  readonly fee: number
  /** Per cent of the amount, in thousandths. */
  readonly permille: number
  readonly lifeMs: number
}

const hourMs = 3_600_000

const methods: readonly Method[] = [
  {
    ...{ metode: 'qris', type: 'ewallet', name: 'QRIS', min: 1_000, max: 10_000_000 },
    ...{ fee: 200, permille: 5, lifeMs: hourMs },
  },
  {
    ...{ metode: 'qrisfast', type: 'ewallet', name: 'QRIS Instan', min: 1_000, max: 10_000_000 },
    ...{ fee: 200, permille: 15, lifeMs: hourMs },
  },
  {
    ...{ metode: 'DANA', type: 'ewallet', name: 'DANA', min: 10_000, max: 2_000_000 },
    ...{ fee: 0, permille: 17, lifeMs: 3 * hourMs },
  },
  {
    ...{ metode: 'BNI', type: 'va', name: 'BNI Virtual Account', min: 20_000, max: 50_000_000 },
    ...{ fee: 2_750, permille: 0, lifeMs: 24 * hourMs },
  },
  {
    ...{ metode: 'BCA', type: 'bank', name: 'Bank BCA', min: 50_000, max: 50_000_000 },
    ...{ fee: 0, permille: 0, lifeMs: 12 * hourMs },
  },
]

/** What drawing at once costs, in thousandths. */
const drawPermille = 10

const failure = (message: string, code = 400) => ({
  status: code === 404 ? 404 : 400,
  body: JSON.stringify({ status: false, message, code }),
})
const success = (data: unknown, status: boolean | string = true) => ({
  status: 200,
  body: JSON.stringify({ status, data, code: 200 }),
})

export function atlanticDeposits(shop: Shop, world: World): AtlanticDeposits {
  const counter = new DepositCounter({
    ...{ name: shop.name, world, clock: shop.clock, faults: shop.faults },
    words: {
      idOf: n => `DEP${String(n).padStart(8, '0')}`,
      callback(deposit) {
        const account = shop.accounts.get(deposit.account)
        if (account?.webhookUrl === undefined) return null
        const signature = hash('md5', account.username, 'hex')
        return {
          url: account.webhookUrl,
          headers: { 'Content-Type': 'application/json', 'X-ATL-Signature': signature },
          body: JSON.stringify({
            event: 'deposit',
            data: viewOf(deposit, counter.statusOf(deposit), false),
          }),
        }
      },
      credited(deposit, rupiah) {
        const account = shop.accounts.get(deposit.account)
        if (account !== undefined) account.balance += rupiah
      },
    },
  })

  const list: Handle = ({ type, metode }, _, reply) =>
    counter.answer(reply, 'status', () =>
      success(
        methods
          .filter(
            one => (type ? one.type === type : true) && (metode ? one.metode === metode : true),
          )
          .map(one => ({
            ...{ metode: one.metode, type: one.type, name: one.name },
            ...{ min: String(one.min), max: String(one.max), fee: String(one.fee) },
            ...{ fee_persen: String(one.permille / 10), status: 'aktif', img_url: '' },
          })),
      ),
    )

  const create: Handle = (form, account, reply) =>
    counter.create(reply, wishOf(form, account, counter), made =>
      typeof made === 'string' ? failure(made) : success(createdView(made)),
    )

  const own = (form: Form, account: Account): Deposit | undefined => {
    const deposit = counter.get(form['id'] ?? '')
    return deposit?.account === account.username ? deposit : undefined
  }
  const unknown = failure('Deposit tidak ditemukan', 404)

  const status: Handle = (form, account, reply) =>
    counter.answer(reply, 'status', () => {
      const deposit = own(form, account)
      if (deposit === undefined) return unknown
      deposit.asked++
      return success(viewOf(deposit, counter.statusOf(deposit), true), 'true')
    })

  const cancel: Handle = (form, account, reply) =>
    counter.answer(reply, 'cancel', () => {
      const deposit = own(form, account)
      if (deposit === undefined) return unknown
      if (!counter.cancel(deposit)) return failure('Deposit tidak dapat dibatalkan')
      const created_at = wib(deposit.createdAt)
      return success({ id: deposit.deposit_id, status: 'cancel', created_at })
    })

  const instant: Handle = (form, account, reply) =>
    counter.answer(reply, 'instant', () => {
      const deposit = own(form, account)
      if (deposit === undefined) return unknown
      if (deposit.status !== 'processing') return failure('Deposit tidak dapat diproses instan')
      const penanganan = Math.ceil((paidSum(deposit) * drawPermille) / 1_000)
      if (form['action'] === 'true') counter.draw(deposit, penanganan)
      else if (form['action'] !== 'false') return failure('action tidak dikenal')
      return success({
        ...{ id: deposit.deposit_id, reff_id: deposit.reference, nominal: paidSum(deposit) },
        ...{ penanganan, total_fee: deposit.fee + penanganan },
        total_diterima: paidSum(deposit) - deposit.fee - penanganan,
        ...{ status: deposit.status, created_at: wib(deposit.createdAt) },
      })
    })

  return {
    counter,
    routes: route => [
      route('/deposit/metode', list),
      route('/deposit/create', create),
      route('/deposit/status', status),
      route('/deposit/cancel', cancel),
      route('/deposit/instant', instant),
    ],
  }
}

function wishOf(form: Form, account: Account, counter: DepositCounter): NewDeposit | string {
  const { reff_id: reference, nominal, type } = form
  const name = form['metode'] ?? form['method']
  if (!reference || !nominal || !type || !name) return 'Form tidak lengkap'
  const method = methods.find(one => one.metode === name && one.type === type)
  if (method === undefined) return 'Metode tidak tersedia'
  const wished = Number(nominal)
  if (!Number.isInteger(wished) || wished < method.min || wished > method.max) {
    return `Minimal deposit ${method.min} dan maksimal ${method.max}`
  }
  if (counter.byReference(account.username, reference)) return 'reff_id sudah digunakan'
  const unique =
    method.type === 'bank' ? 100 + ((wished / 1_000 + counter.open('') + 422) % 900) : 0
  const amount = wished + Math.floor(unique)
  const fee = method.fee + Math.ceil((wished * method.permille) / 1_000)
  return {
    ...{ reference, account: account.username, method: name, amount, fee },
    ...{ received: amount - fee, unique: Math.floor(unique), lifeMs: method.lifeMs },
    hasQr: name.startsWith('qris'),
  }
}

function createdView(deposit: Deposit): object {
  const { method: metode, qr_string, deposit_id: id } = deposit
  const type = methods.find(one => one.metode === metode)!.type
  const common = {
    ...{ id, reff_id: deposit.reference, nominal: deposit.amount, tambahan: deposit.unique },
    ...{ fee: deposit.fee, get_balance: deposit.received, status: 'pending' },
    ...{ created_at: wib(deposit.createdAt), expired_at: wib(deposit.expiresAt) },
  }
  if (qr_string !== null) {
    return { ...common, qr_string, qr_image: `https://atlantich2h.com/qr/${id}.png` }
  }
  if (type === 'ewallet') return { ...common, url: `https://pay.example.com/${id}` }
  if (type === 'bank') {
    return { ...common, bank: metode, tujuan: '1234567890', atas_nama: 'ATLANTIC PEDIA' }
  }
  return { ...common, bank: metode, nomor_va: `8808${String(deposit.n).padStart(12, '0')}` }
}

/** In `status` numbers are text; what was paid stands in `nominal`, and what is left of it. */
function viewOf(deposit: Deposit, status: DepositStatus, isText: boolean): object {
  const number = (value: number) => (isText ? String(value) : value)
  const nominal = paidSum(deposit)
  return {
    ...{ id: deposit.deposit_id, reff_id: deposit.reference, nominal: number(nominal) },
    ...{ tambahan: number(deposit.unique), fee: number(deposit.fee + (deposit.drawn ?? 0)) },
    get_balance: number(nominal - deposit.fee - (deposit.drawn ?? 0)),
    ...{ metode: deposit.method, status, created_at: wib(deposit.createdAt) },
  }
}

const wib = (ms: number): string =>
  new Date(ms + 7 * hourMs).toISOString().slice(0, 19).replace('T', ' ')
