/**
 * A supplier of numbers for the bench, in the process of those who wait for its codes: so that one
 * clock sees a code leave it and a page show it. It speaks as much of handler_api.php as is needed
 * to sell numbers of eight apps in one country, and to tell what came for them.
 *
 * BQB1. Each number gets one code, and each code is another one: what a page shows can be told
 *       apart from whatever another was sent.
 * BQB2. A code is known to us from the first answer that has it.
 */
import uWS from 'uWebSockets.js'

type Rental = {
  readonly id: string
  readonly number: string
  readonly app: string
  code: string | null
  /** When the message came here, and when an answer first told of it. */
  sentMs: number
  toldMs: number
}

const country = '6'
const apps = Array.from({ length: 8 }, (_, n) => `b${n}`)
const cost = 1_000
const firstNumber = 628_000_000_000

export class Letting {
  readonly #rentals = new Map<string, Rental>()
  readonly #byNumber = new Map<string, Rental>()
  #codes = 0

  get rented(): number {
    return this.#rentals.size
  }

  /** A message with a code comes for this number. */
  send(number: string): string {
    const rental = this.#byNumber.get(number)
    if (rental === undefined) throw new Error('bench: a number that was never rented')
    rental.code = String(100_000 + this.#codes++)
    rental.sentMs = performance.now()
    return rental.code
  }

  of(number: string): Readonly<Rental> | undefined {
    return this.#byNumber.get(number)
  }

  listen(): Promise<string> {
    const app = uWS.App()
    app.any('/*', (res, req) => {
      const fields = new URLSearchParams(req.getQuery())
      const text = this.#answer(fields)
      res.cork(() => res.writeHeader('Content-Type', 'text/plain').end(text))
    })
    return new Promise((resolve, reject) => {
      app.listen('127.0.0.1', 0, socket => {
        if (socket === false) reject(new Error('bench: no port'))
        else resolve(`http://127.0.0.1:${uWS.us_socket_local_port(socket)}`)
      })
    })
  }

  #answer(fields: URLSearchParams): string {
    switch (fields.get('action')) {
      case 'getBalance':
        return 'ACCESS_BALANCE:1000000000'
      case 'getServicesList': {
        const services = apps.map(code => ({ code, name: `Aplikasi ${code}` }))
        return JSON.stringify({ status: 'success', services })
      }
      case 'getCountries':
        return JSON.stringify({ [country]: { id: Number(country), eng: 'Indonesia', visible: 1 } })
      case 'getPrices': {
        const lots = apps.map(app => [app, { cost, count: 1_000_000 }])
        return JSON.stringify({ [country]: Object.fromEntries(lots) })
      }
      case 'getNumberV2':
        return this.#rent(fields.get('service') ?? '')
      case 'getActiveActivations':
        return this.#active()
      case 'getStatus': {
        const rental = this.#rentals.get(fields.get('id') ?? '')
        if (rental === undefined) return 'NO_ACTIVATION'
        if (rental.code === null) return 'STATUS_WAIT_CODE'
        tell([rental])
        return `STATUS_OK:${rental.code}`
      }
      default:
        return 'BAD_ACTION'
    }
  }

  #rent(app: string): string {
    const id = String(this.#rentals.size + 1)
    const number = String(firstNumber + this.#rentals.size)
    const rental = { id, number, app, code: null, sentMs: 0, toldMs: 0 }
    this.#rentals.set(id, rental)
    this.#byNumber.set(number, rental)
    return JSON.stringify({
      ...{ activationId: id, phoneNumber: number, activationCost: cost, currency: 360 },
      ...{ countryCode: country, canGetAnotherSms: '1' },
    })
  }

  #active(): string {
    const rows = [...this.#rentals.values()].map(rental => {
      const { id, number, app, code } = rental
      return {
        ...{ activationId: id, serviceCode: app, phoneNumber: number, activationCost: cost },
        ...{ activationStatus: code === null ? '4' : '2', countryCode: country },
        smsCode: code === null ? null : [code],
        smsText: code === null ? null : `Kode kamu ${code}. Jangan kasih tahu siapa pun.`,
      }
    })
    const text = JSON.stringify({ status: 'success', activeActivations: rows })
    tell(this.#rentals.values())
    return text
  }
}

/** The answer is about to leave. */
function tell(rentals: Iterable<Rental>): void {
  const now = performance.now()
  for (const rental of rentals) {
    if (rental.code !== null && rental.toldMs === 0) rental.toldMs = now
  }
}
