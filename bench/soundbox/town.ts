/**
 * A town of merchants with a box at every counter, made over the admin API as an office would make
 * it: merchants, each approved, with one outlet, its printed terminals, and a box bound to each.
 */
import { Pool } from 'undici'
import { type Signer, signature } from '../load/requests.ts'
import type { Counter } from './callbacks.ts'

const perMerchant = 100
const atOnce = 64

export type Town = { readonly counters: readonly Counter[]; readonly seconds: number }

export async function buildTown(
  { http, signer }: { readonly http: string; readonly signer: Signer },
  boxes: number,
): Promise<Town> {
  const pool = new Pool(http, { connections: atOnce })
  const ask = async (path: string, fields: object): Promise<Fields> => {
    const body = JSON.stringify(fields)
    const atSeconds = Math.floor(Date.now() / 1_000)
    const proof = signature({ method: 'POST', path, body, signer, atSeconds })
    const headers = { 'content-type': 'application/json', ...proof }
    const answer = await pool.request({ method: 'POST', path, headers, body })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) throw new Error(`bench: ${path}: ${answer.statusCode} ${text}`)
    return JSON.parse(text) as Fields
  }
  const began = performance.now()
  const counters: Counter[] = []
  const shop = async (n: number): Promise<void> => {
    const made = await ask('/admin/merchants', { name: `Toko ${n}` })
    const merchant = String(made['merchant_id'])
    await ask(`/admin/merchants/${merchant}/approve`, { reason: 'bench' })
    const outlet = await ask(`/admin/merchants/${merchant}/outlets`, { name: 'Pusat' })
    const first = n * perMerchant
    for (let at = first; at < Math.min(boxes, first + perMerchant); at++) {
      const path = `/admin/outlets/${String(outlet['outlet_id'])}/terminals`
      const terminal = await ask(path, { label: `Kasir ${at}`, kind: 'static' })
      const terminalId = String(terminal['terminal_id'])
      const box = await ask('/admin/devices', { vendor: 'Bench', model: 'Box', acks: 'played' })
      const device = String(box['device_id'])
      await ask(`/admin/devices/${device}/bind`, { terminal_id: terminalId })
      const { nmid, tid } = terminal
      counters[at] = {
        ...{ nmid: String(nmid), tid: String(tid), terminalId },
        ...{ device, secret: String(box['secret']) },
      }
    }
  }
  const shops = Array.from({ length: Math.ceil(boxes / perMerchant) }, (_, n) => n)
  try {
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let n = shops.shift(); n !== undefined; n = shops.shift()) await shop(n)
      }),
    )
  } finally {
    await pool.close()
  }
  return { counters, seconds: (performance.now() - began) / 1_000 }
}

type Fields = Readonly<Record<string, unknown>>
