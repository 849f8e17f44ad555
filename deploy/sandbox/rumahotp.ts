/**
 * RumahOTP as its clients see it: GET for everything, also for what changes something, the key in
 * `x-apikey`, `{"success":true,"data":…}` out. What it does with numbers stands here, its deposits
 * in `rumahotp-deposits.ts`, a counter of its own.
 *
 * XRO1. A number is bought by `number_id` (app and country in one) and `provider_id`; no reference
 *       of the client's anywhere, and no list of what is open: every call buys.
 * XRO2. `otp_code` is "-" until a code came; after a resend it is "-" again.
 * XRO3. Failures come in two envelopes, `{error:{message}}` and `{message}`, by turns.
 * XRO4. `set_status` knows `cancel` and `resend`; a number with a code is not cancelled.
 */

import { lotOf, numberCountries, numberServices } from './number-assortment.ts'
import { type NumberAccount, NumberRentals, type Rented, type Said } from './number-rentals.ts'
import type { Call, Party, PartyKind, Route, World } from './party.ts'
import { json, type Reply } from './reply.ts'

export const rumahotp: PartyKind = {
  kind: 'rumahotp',
  instances: ['rumahotp'],
  open: (name, world) => openRumahotp(name, world),
}

type Handle = (query: URLSearchParams, account: NumberAccount, reply: Reply) => void

/** Each has so many sources of its own for one app and country. */
const providers = [1, 2] as const
const countryFactor = 1_000

function openRumahotp(name: string, world: World): Party {
  const lifeMs = 20 * 60_000
  const rentals = new NumberRentals(name, world, { lifeMs, cancelAfterMs: 0 })
  let failures = 0

  const done = (data: unknown): Said => ({
    type: json,
    body: JSON.stringify({ success: true, data }),
  })
  const failed = (message: string, status = 200): Said => {
    const words = failures++ % 2 === 0 ? { error: { message } } : { message }
    return { type: json, status, body: JSON.stringify({ success: false, ...words }) }
  }
  const route = (path: string, handle: Handle): Route => ({
    method: 'get',
    path,
    headers: ['x-apikey'],
    handle: (call: Call, reply: Reply) => {
      const account = rentals.accountOf(call.headers['x-apikey'])
      if (account !== undefined) return handle(new URLSearchParams(call.query), account, reply)
      rentals.say(reply, 'cek-saldo', failed('Apikey tidak valid', 401))
    },
  })

  const balance: Handle = (_, { balance: saldo, username, apiKey }, reply) => {
    const formated = `Rp${saldo.toLocaleString('id-ID')}`
    const person = { username, first_name: username, last_name: '', email: '', whatsapp: '' }
    const isText = rentals.isText()
    const money = { balance: isText ? String(saldo) : saldo, formated, apikey: apiKey }
    rentals.say(reply, 'cek-saldo', done({ ...money, ...person, telegram: '' }))
  }

  const services: Handle = (_, __, reply) =>
    rentals.say(
      reply,
      'price-list',
      done(
        numberServices.map(({ code, name: word }) => ({ service_code: code, service_name: word })),
      ),
    )

  const countries: Handle = (query, _, reply) => {
    const service = numberServices.find(({ code }) => String(code) === query.get('service_id'))
    if (service === undefined) {
      return rentals.say(reply, 'price-list', failed('Layanan tidak ditemukan'))
    }
    const isText = rentals.isText()
    const rows = numberCountries.map(country => {
      const pricelist = providers.map(provider => {
        const { price, stock, rate } = lotOf(name, service, country, provider)
        return {
          ...{ provider_id: String(provider), price: isText ? String(price) : price },
          ...{ price_format: `Rp${price}`, stock, rate, available: stock > 0 },
        }
      })
      return {
        number_id: service.code * countryFactor + country.number,
        ...{ name: country.name, prefix: `+${country.prefix}`, rate: pricelist[0]!.rate },
        stock_total: pricelist.reduce((sum, { stock }) => sum + stock, 0),
        pricelist,
      }
    })
    rentals.say(reply, 'price-list', done(rows))
  }

  const operators: Handle = (query, _, reply) => {
    const country = numberCountries.find(({ name: word }) => word === query.get('country'))
    if (country === undefined) {
      return rentals.say(reply, 'price-list', failed('Negara tidak ditemukan'))
    }
    const rows = ['any', ...country.operators].map((word, index) => ({ id: index + 1, name: word }))
    rentals.say(reply, 'price-list', done(rows))
  }

  const order: Handle = (query, account, reply) => {
    const numberId = Number(query.get('number_id'))
    const provider = Number(query.get('provider_id'))
    const service = numberServices.find(({ code }) => code === Math.floor(numberId / countryFactor))
    const country = numberCountries.find(({ number }) => number === numberId % countryFactor)
    if (service === undefined || country === undefined || !providers.some(id => id === provider)) {
      return rentals.say(reply, 'status', failed('Parameter tidak valid'))
    }
    const index = Number(query.get('operator_id') ?? 1) - 2
    const { price, stock } = lotOf(name, service, country, provider)
    const wanted = {
      ...{ account, price, service: service.name, country: country.name },
      ...{ operator: country.operators[index] ?? 'any', prefix: country.prefix },
      refusal: stock === 0 ? 'numbers' : undefined,
    }
    rentals.rent(wanted, reply, {
      sold: rented => done({ ...viewOf(rented), expires_in_minute: lifeMs / 60_000 }),
      refused: why =>
        failed(why === 'balance' ? 'Saldo tidak cukup' : 'Nomor tidak tersedia, coba server lain'),
    })
  }

  const getStatus: Handle = (query, account, reply) => {
    const rented = rentals.find(query.get('order_id'), account)
    if (rented === undefined) return rentals.say(reply, 'status', failed('Order tidak ditemukan'))
    const otp = rented.stand === 'retrying' ? '' : (rented.messages.at(-1)?.code ?? '')
    const status = standOf(rented, lifeMs)
    rentals.say(reply, 'status', done({ ...viewOf(rented), status, otp_code: otp || '-' }))
  }

  const setStatus: Handle = (query, account, reply) =>
    rentals.change(reply, () => {
      const rented = rentals.find(query.get('order_id'), account)
      if (rented === undefined) return failed('Order tidak ditemukan')
      const told = (message: string) => done({ order_id: rented.id, message })
      if (query.get('status') === 'resend') {
        return rentals.again(rented) ? told('Order resend success') : failed('Belum ada OTP')
      }
      if (query.get('status') !== 'cancel') return failed('Status tidak valid')
      const answer = rentals.giveBack(rented)
      if (answer === 'cancelled') return told('Order cancel success')
      if (answer === 'received') return failed('OTP sudah diterima, order tidak bisa dibatalkan')
      return failed('Order sudah selesai')
    })

  return {
    name,
    kind: 'rumahotp',
    about: 'RumahOTP: /api/v2/services, /countries, /operators, /orders, /api/v1/orders/…',
    clock: rentals.clock,
    faults: rentals.faults,
    sales: rentals.sales,
    routes: [
      route('/api/v1/user/balance', balance),
      route('/api/v1/services', services),
      route('/api/v2/services', services),
      route('/api/v2/countries', countries),
      route('/api/v2/operators', operators),
      route('/api/v2/orders', order),
      route('/api/v1/orders/get_status', getStatus),
      route('/api/v1/orders/set_status', setStatus),
    ],
    accounts: () => rentals.views(),
    openAccount: wish => rentals.openAccount(wish),
    reset: options => rentals.reset(options),
    numbers: () => rentals.waiting(),
    otp: wish => rentals.otp(wish),
    takesOtp: wish => rentals.takesOtp(wish),
  }
}

function viewOf({ id, number, service, country, operator, price }: Rented) {
  return { order_id: id, phone_number: `+${number}`, service, country, operator, price }
}

function standOf({ stand, sale, boughtAt }: Rented, lifeMs: number): string {
  if (stand === 'cancelled') return sale.changedAt - boughtAt >= lifeMs ? 'expired' : 'canceled'
  return stand === 'done' ? 'completed' : stand === 'received' ? 'received' : 'waiting'
}
