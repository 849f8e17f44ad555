/**
 * A till in the street, as a whole: the box asks for a QR, a customer of the sandbox's acquirer
 * scans it and pays, and the box says so. Every process is real, and so is every line between them.
 *
 *   box ─MQTT─▶ engine ─QR─▶ box      acquirer ─callback─▶ engine ─MQTT─▶ box: "lima ribu rupiah"
 *
 * XQD1. What was paid is spoken once, in words, by the box at its till.
 * XQD2. Told twice, replayed, forged, or of another amount: nothing is spoken for it again, or at
 *       all.
 * XQD3. Whatever dies or flaps, every payment that the acquirer told is spoken, or named in a
 *       summary when it came too late, and none twice.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Program, Stage, until } from './stage.ts'

type Heard = {
  kind: string
  transaction_id: string | null
  amount: number | null
  text: string | null
  deliveries: number
  spoken: number
  payload: Record<string, unknown>
}

const limitMs = 60_000

let stage: Stage
let sandbox: string
let engine: Program
let device: { id: string; secret: string }
let printedQr: string
let printedBox: typeof device
let mqtt: string

before(async () => {
  stage = new Stage()
  sandbox = await stage.startSandbox()
  engine = await stage.launch()
  const { mqtt: broker } = await engine.ready()
  const demo = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
  device = demo.device
  printedQr = demo.merchant.static_qr
  printedBox = demo.printed_device
  mqtt = broker as string
  await boxes(boxWith('steady'))
  await until('the box', limitMs, async () => (await box()).connected)
})
after(() => stage.close())

async function ask<T>(path: string, wish?: object): Promise<T> {
  const body = wish === undefined ? {} : { method: 'POST', body: JSON.stringify(wish) }
  const answer = await fetch(`${sandbox}/_sandbox/${path}`, body)
  equal(answer.status, 200, await answer.clone().text())
  return (await answer.json()) as T
}
const boxes = (wish: object) => ask<{ running: number }>('boxes', wish)
const boxWith = (habit: string) => ({
  broker: mqtt,
  devices: [{ device_id: device.id, secret: device.secret, habit }],
  ...{ reconnect_ms: 50, up_ms: 300, down_ms: 50 },
})
const pay = (wish: object) => ask<Record<string, unknown>>('pay', wish)

type Box = { device_id: string; connected: boolean; heard: Heard[] }

/** The one at the till. */
async function box(): Promise<Box> {
  const { boxes: rows } = await ask<{ boxes: Box[] }>('boxes')
  return rows.find(row => row.device_id === device.id)!
}

/** As with the keys on the box: it shows what comes back. */
async function qrFor(amount: number): Promise<string> {
  const { request_id } = await ask<{ request_id: string }>('boxes', {
    ask_qr: { device_id: device.id, amount },
  })
  return await until('the QR', limitMs, async () => {
    const answer = (await box()).heard.find(
      ({ kind, payload }) => kind === 'dynamic-qr/response' && payload['request_id'] === request_id,
    )
    return answer && String(answer.payload['qr_string'])
  })
}

const spokenOf = async (amount: number): Promise<Heard[]> =>
  (await box()).heard.filter(one => one.kind === 'payment' && one.amount === amount)

const spoken = (amount: number): Promise<Heard> =>
  until(`${amount} spoken`, limitMs, async () => {
    const [one] = await spokenOf(amount)
    return one?.spoken === 1 && one
  })

/** Once the acquirer has its answers to all callbacks about this amount. */
const answered = (amount: number, count: number): Promise<readonly number[]> =>
  until(`${count} answers for ${amount}`, limitMs, async () => {
    const rows = await ask<{ amount: number; answers: number[] }[]>('payments')
    const answers = rows.find(row => row.amount === amount)?.answers ?? []
    return answers.length >= count && answers
  })

test('street: a QR from the box, paid: spoken once, in words (XQD1)', async () => {
  await pay({ qr_string: await qrFor(50_123) })
  const heard = await spoken(50_123)
  match(String(heard.text), /lima puluh ribu seratus dua puluh tiga rupiah/)
  deepEqual(await answered(50_123, 1), [200])
})

test('street: told twice, and replayed: spoken once (XQD2)', async () => {
  await pay({ qr_string: await qrFor(11_000), fault: 'twice' })
  await pay({ qr_string: await qrFor(12_000), fault: 'replayed' })
  await spoken(11_000)
  await spoken(12_000)
  deepEqual(await answered(11_000, 2), [200, 200])
  await answered(12_000, 2)
  await pay({ qr_string: await qrFor(13_000) })
  await spoken(13_000)
  for (const amount of [11_000, 12_000]) {
    const rows = await spokenOf(amount)
    deepEqual(
      rows.map(row => row.spoken),
      [1],
    )
  }
})

test('street: forged, or of another amount: not spoken (XQD2)', async () => {
  await pay({ qr_string: await qrFor(21_000), fault: 'forged' })
  await pay({ qr_string: await qrFor(22_000), fault: 'wrong_amount' })
  await pay({ qr_string: await qrFor(23_000), fault: 'wrong_merchant' })
  const [forged] = await answered(21_000, 1)
  ok(forged! >= 400 && forged! < 500)
  await answered(22_000, 1)
  await answered(23_000, 1)
  await pay({ qr_string: await qrFor(24_000) })
  await spoken(24_000)
  for (const amount of [21_000, 22_000, 22_001, 23_000]) {
    equal((await spokenOf(amount)).length, 0)
  }
})

/** Each spoken once, or told as missed; asked until the sums agree. */
async function allAccounted(amounts: readonly number[], missedBefore: number): Promise<void> {
  const due = amounts.reduce((sum, amount) => sum + amount, 0)
  await until('all of them', limitMs, async () => {
    const { heard } = await box()
    const told = heard.filter(one => one.spoken > 0 && amounts.includes(one.amount ?? 0))
    equal(new Set(told.map(one => one.amount)).size, told.length, 'one of them was spoken twice')
    ok(told.every(one => one.spoken === 1))
    const spokenSum = told.reduce((sum, one) => sum + one.amount!, 0)
    return spokenSum + missedIn(heard) - missedBefore === due
  })
}

const missedIn = (heard: readonly Heard[]): number =>
  heard
    .filter(one => one.kind === 'summary')
    .reduce((sum, { payload }) => sum + Number(payload['total']), 0)

const kills = 3
const atOnce = 12

test('street: kill -9 at any moment while many pay: each is spoken once (XQD3)', async t => {
  const before = missedIn((await box()).heard)
  const amounts = Array.from({ length: kills * atOnce }, (_, n) => 30_000 + n)
  const qrs = await Promise.all(amounts.map(qrFor))
  await ask('faults', { party: 'acquirer', callback_retry: { times: 20, first_seconds: 0.2 } })
  for (let wave = 0; wave < kills; wave++) {
    const [first, ...others] = qrs.slice(wave * atOnce, (wave + 1) * atOnce)
    const paying = others.map(qr_string => pay({ qr_string }))
    await pay({ qr_string: first! })
    // Somewhere between callback, journal, box and acknowledgement.
    const momentMs = Math.floor(Math.random() * 60)
    t.diagnostic(`killed ${momentMs} ms after the first of ${atOnce} had paid`)
    await pause(momentMs)
    await engine.kill()
    await Promise.all(paying)
    engine = await stage.start()
  }
  await allAccounted(amounts, before)
})

test('street: a box that flaps: each is spoken once (XQD3)', async () => {
  const amounts = Array.from({ length: 10 }, (_, n) => 40_000 + n)
  const qrs: string[] = []
  for (const amount of amounts) qrs.push(await qrFor(amount))
  await boxes(boxWith('flapping'))
  for (const qr_string of qrs) await pay({ qr_string })
  await allAccounted(amounts, 0)
})

test('street: the printed QR: spoken by the box beside it, and by no other (XQD1)', async () => {
  const { id, secret } = printedBox
  const devices = [{ device_id: id, secret, habit: 'steady' }]
  await boxes({ broker: mqtt, devices })
  await pay({ qr_string: printedQr, amount: 77_000 })
  deepEqual(await answered(77_000, 1), [200])
  await until('77000 spoken', limitMs, async () => {
    const { boxes: rows } = await ask<{ boxes: Box[] }>('boxes')
    const heard = rows.find(row => row.device_id === id)?.heard ?? []
    return heard.some(({ amount, spoken }) => amount === 77_000 && spoken === 1)
  })
  equal((await spokenOf(77_000)).length, 0)
})
