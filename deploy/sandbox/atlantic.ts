/**
 * Atlantic H2H as its clients see it: forms in, `{"status":…,"data":…,"code":…}` out.
 *
 * ADL1. A key nobody knows is 401, a field that lacks 400, and nothing is sold.
 * ADL2. `status` shows an order by its id only; booleans and numbers come as text there.
 * ADL3. A reference that was sold is refused; with `race_window` it is sold once more. How the real
 *       one behaves nobody has written down.
 * ADL4. The webhook carries md5 of the account's username, the same on each.
 */

import { hash } from 'node:crypto'
import { atlanticDeposits } from './atlantic-deposits.ts'
import type { Party, PartyKind, Route, World } from './party.ts'
import type { Reply } from './reply.ts'
import type { Sale } from './sales.ts'
import { type Account, formIn, Shop, serialNumberOf } from './shop.ts'

export const atlantic: PartyKind = {
  kind: 'atlantic',
  instances: ['atlantic'],
  open: (name, world) => openAtlantic(name, world),
}

type Form = Readonly<Record<string, string>>
type Handle = (form: Form, account: Account, reply: Reply) => void

const failure = (message: string, code = 400) => ({
  status: code === 401 || code === 404 ? code : 400,
  body: JSON.stringify({ status: false, message, code }),
})
const success = (data: unknown, status: boolean | string = true) => ({
  status: 200,
  body: JSON.stringify({ status, data, code: 200 }),
})

function openAtlantic(name: string, world: World): Party {
  const byId = new Map<string, { readonly account: Account; readonly sale: Sale }>()
  const byRef = new Map<string, Sale>()
  const shop = new Shop(name, world, {
    sold: (_, sale, isText) => success(viewOf(sale, isText)).body,
    refused: message => failure(message),
    callback: (_, sale) => JSON.stringify({ event: 'transaksi', data: viewOf(sale, false) }),
    headers: ({ username }) => ({ 'X-ATL-Signature': hash('md5', username, 'hex') }),
  })

  const deposits = atlanticDeposits(shop, world)

  const create: Handle = ({ code, reff_id: ref, target, limit_price }, account, reply) => {
    if (!code || !ref || !target)
      return shop.say(reply, 'transaction', failure('Form tidak lengkap'))
    const known = byRef.get(`${account.username} ${ref}`)
    if (known !== undefined) {
      known.calls++
      const age = shop.clock.now() - known.madeAt
      if (!shop.faults.isRace(shop.faults.callDice(ref, known.calls), age)) {
        return shop.say(reply, 'transaction', failure('reff_id sudah digunakan'))
      }
    }
    const priceMax = limit_price ? Number(limit_price) : undefined
    const wish = { account, product: code, target, priceMax, dice: ref, ref: () => ref }
    const sale = shop.buy(known === undefined ? wish : { ...wish, earlier: known }, reply)
    if (sale === undefined) return
    if (known !== undefined) sale.calls = known.calls
    byRef.set(`${account.username} ${ref}`, sale)
    byId.set(idOf(sale), { account, sale })
  }

  const status: Handle = ({ id = '', type }, account, reply) => {
    const known = byId.get(id)
    if (type !== 'prabayar' || known?.account !== account) {
      return shop.say(reply, 'status', failure('Transaksi tidak ditemukan', 404))
    }
    known.sale.calls++
    shop.say(reply, 'status', success(viewOf(known.sale, true), 'true'))
  }

  const profile: Handle = (_, { username, balance }, reply) => {
    const data = { name: username, username, balance: String(balance), status: 'active' }
    shop.say(reply, 'cek-saldo', success(data))
  }

  const priceList: Handle = (form, _, reply) => {
    if (form['type'] !== 'prabayar') return shop.say(reply, 'price-list', success([]))
    const rows = [...shop.catalogue.products.values()]
      .filter(({ sku }) => form['code'] === undefined || form['code'] === sku)
      .map(({ sku, name: article, category, brand, price, isOpen }) => ({
        ...{ code: sku, name: article, category, type: 'Umum', provider: brand },
        ...{ price: String(price), status: isOpen ? 'available' : 'empty' },
      }))
    shop.say(reply, 'price-list', success(rows))
  }

  const route = (path: string, handle: Handle): Route => ({
    method: 'post',
    path,
    handle: (call, reply) => {
      const form = formIn(call.body)
      const account = shop.accountByKey(form['api_key'])
      if (account === undefined) reply.deliver({ ...refusedKey, mishap: undefined })
      else handle(form, account, reply)
    },
  })

  return {
    name,
    kind: 'atlantic',
    about: 'Atlantic H2H: /transaksi/create, /transaksi/status, /layanan/price_list, /deposit/ ...',
    clock: shop.clock,
    faults: shop.faults,
    sales: shop.sales,
    routes: [
      route('/transaksi/create', create),
      route('/transaksi/status', status),
      route('/layanan/price_list', priceList),
      route('/get_profile', profile),
      ...deposits.routes(route),
    ],
    takesPay: wish => deposits.counter.isOurs(wish),
    pay: wish => deposits.counter.pay(wish),
    payments: options => deposits.counter.rows(options),
    accounts: () => shop.views(),
    openAccount: wish => shop.openAccount(wish),
    reset(options) {
      byId.clear()
      byRef.clear()
      deposits.counter.reset()
      shop.reset(options)
    },
  }
}

const refusedKey = {
  ...failure('Invalid API Key', 401),
  ...{ delayMs: 0, timeoutMs: 0, type: 'application/json' },
}

const idOf = (sale: Sale): string => `ATL${String(sale.serial).padStart(8, '0')}`

/** In `create` numbers are numbers, in `status` text. */
function viewOf(sale: Sale, isText: boolean) {
  return {
    id: idOf(sale),
    reff_id: sale.ref,
    layanan: sale.product.toUpperCase(),
    code: sale.product,
    target: sale.target,
    price: isText ? String(sale.price) : sale.price,
    sn: sale.status === 'success' ? serialNumberOf(sale) : null,
    status: sale.status,
    message: sale.code,
    created_at: new Date(sale.madeAt + 7 * 3_600_000).toISOString().slice(0, 19).replace('T', ' '),
  }
}
