/**
 * VIP Reseller as its clients see it: `/prepaid` and `/game-feature`, where `type` says what is
 * meant, and no reference of the client's anywhere.
 *
 * ADM1. A wrong key or sign is `result:false`, so is whatever it does not understand.
 * ADM2. Every order sells: there is nothing by which to know a repeat.
 * ADM3. `status` is a list, always: of one by its id, or of the last so many, newest first.
 * ADM4. The webhook carries the same sign as every request.
 */

import { hash } from 'node:crypto'
import type { Party, PartyKind, Route, World } from './party.ts'
import type { Reply } from './reply.ts'
import type { Sale } from './sales.ts'
import { type Account, formIn, Shop, serialNumberOf } from './shop.ts'

export const vip: PartyKind = {
  kind: 'vip',
  instances: ['vip'],
  open: (name, world) => openVip(name, world),
}

type Form = Readonly<Record<string, string>>
type Sold = { readonly account: Account; readonly sale: Sale; data: string; zone: string }

const answer = (result: boolean, data: unknown, message: string) => ({
  status: 200,
  body: JSON.stringify({ result, data, message }),
})
const listMax = 100
const words = { success: 'success', pending: 'processing', failed: 'error' } as const

function openVip(name: string, world: World): Party {
  const sold: Sold[] = []
  const soldOf = (sale: Sale) => sold.find(one => one.sale === sale)
  const shop = new Shop(name, world, {
    sold({ balance }, sale) {
      const order = { ...viewOf(sale, zoned(sale.target)), status: 'waiting', note: '', balance }
      return answer(true, order, 'Pesanan berhasil, pesanan akan diproses.').body
    },
    refused: message => answer(false, null, message),
    callback: (_, sale) =>
      JSON.stringify({ data: viewOf(sale, soldOf(sale) ?? zoned(sale.target)) }),
    headers: account => ({ 'X-Client-Signature': signOf(account) }),
  })

  const order = (form: Form, account: Account, reply: Reply) => {
    const { service = '', data_no: data = '', data_zone: zone = '' } = form
    if (service === '' || data === '') {
      return shop.say(reply, 'transaction', answer(false, null, 'Permintaan tidak sesuai.'))
    }
    const target = zone === '' ? data : `${data}(${zone})`
    const about = { account, product: service, target, priceMax: undefined }
    const sale = shop.buy({ ...about, dice: `${service} ${target}`, ref: idOf }, reply)
    if (sale !== undefined) sold.push({ account, sale, data, zone })
  }

  const status = ({ trxid, limit }: Form, account: Account, reply: Reply) => {
    const own = sold.filter(one => one.account === account)
    const found =
      trxid === undefined
        ? own.slice(-Math.min(Number(limit) || 10, listMax)).toReversed()
        : own.filter(({ sale }) => sale.ref === trxid)
    for (const { sale } of found) sale.calls++
    if (found.length === 0) {
      return shop.say(reply, 'status', answer(false, null, 'Data pesanan tidak ditemukan.'))
    }
    const isText = shop.isText()
    const rows = found.map(one => {
      const row = viewOf(one.sale, one)
      return isText ? { ...row, price: String(row.price) } : row
    })
    shop.say(reply, 'status', answer(true, rows, 'Detail pesanan berhasil didapatkan.'))
  }

  const services = (_: Form, __: Account, reply: Reply) => {
    const rows = [...shop.catalogue.products.values()].map(article => ({
      ...{ brand: article.brand, code: article.sku, name: article.name, note: '' },
      price: { basic: article.price, premium: article.price - 50, special: article.price - 100 },
      ...{ status: article.isOpen ? 'available' : 'empty', multi_trx: true },
      ...{ maintenace: '00:00 - 00:00', category: article.category, prepost: 'prepaid' },
    }))
    shop.say(reply, 'price-list', answer(true, rows, 'Daftar layanan berhasil didapatkan.'))
  }

  const profile = (_: Form, { username, balance }: Account, reply: Reply) => {
    const data = { full_name: username, username, balance, point: 0, level: 'Basic' }
    const message = 'Successfully got your account details.'
    shop.say(reply, 'cek-saldo', answer(true, data, message))
  }

  const route = (
    path: string,
    types: Readonly<Record<string, (form: Form, account: Account, reply: Reply) => void>>,
  ): Route => ({
    method: 'post',
    path,
    handle: (call, reply) => {
      const form = formIn(call.body)
      const account = shop.accountByKey(form['key'])
      if (account === undefined || form['sign'] !== signOf(account)) {
        return reply.json(200, { result: false, data: null, message: 'API Key atau sign salah.' })
      }
      const handle = types[path === '/profile' ? 'profile' : (form['type'] ?? '')]
      if (handle !== undefined) return handle(form, account, reply)
      reply.json(200, { result: false, data: null, message: 'Permintaan tidak sesuai.' })
    },
  })

  return {
    name,
    kind: 'vip',
    about: 'VIP Reseller: /prepaid, /game-feature (type order, status, services), /profile',
    clock: shop.clock,
    faults: shop.faults,
    sales: shop.sales,
    routes: [
      route('/prepaid', { order, status, services }),
      route('/game-feature', { order, status, services }),
      route('/profile', { profile }),
    ],
    accounts: () => shop.views(),
    openAccount: wish => shop.openAccount(wish),
    reset(options) {
      sold.length = 0
      shop.reset(options)
    },
  }
}

/** The account's name is its API id. */
function signOf({ username, apiKey }: Account): string {
  return hash('md5', username + apiKey, 'hex')
}

const idOf = (serial: number): string => `VP${String(serial).padStart(8, '0')}`

function zoned(target: string): { readonly data: string; readonly zone: string } {
  const [, data = target, zone = ''] = /^(.+)\((.+)\)$/.exec(target) ?? []
  return { data, zone }
}

function viewOf(sale: Sale, { data, zone }: { readonly data: string; readonly zone: string }) {
  return {
    trxid: sale.ref,
    ...{ data, zone, service: sale.product, status: words[sale.status] },
    note: sale.status === 'success' ? serialNumberOf(sale) : sale.code,
    price: sale.price,
  }
}
