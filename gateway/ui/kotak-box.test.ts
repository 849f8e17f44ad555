import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'

type Said = { readonly kind: string; readonly payload: Readonly<Record<string, unknown>> }
type Row = { readonly id: string; readonly status: string; readonly text: string }
type Qr = { readonly id: string; readonly state: string; readonly code?: string; why?: string }
type Box = {
  readonly rows: readonly Row[]
  readonly settings: Readonly<Record<string, unknown>>
  readonly qr: Qr | null
  hear(kind: string, json: string): void
  talk(): void
  age(): void
  connected(): void
  askQr(amount: number): void
  beat(battery: number | null): void
}
type How = 'spoken' | 'chime' | 'silent'

const load = (name: string) => import(new URL(`./kotak/${name}`, import.meta.url).href)
const { createBox }: { createBox: (deps: object) => Box } = await load('box.js')
const { text } = await load('text.id.js')

/** A counter with a box on it: what it said and played, and the hand on its switch. */
class Counter {
  readonly said: Said[] = []
  readonly played: string[] = []
  /** What was written down when a sentence began. */
  readonly atPlay: string[] = []
  kept: string | null = null
  clock = Date.UTC(2026, 0, 2, 3, 4, 5)
  isAudible = true
  how: How = 'spoken'
  reboots = 0
  box!: Box
  /** So many sentences can not be played at all. */
  breaks = 0
  /** Held back, a sentence goes on until it is let go. */
  hold: Promise<void> | null = null

  constructor() {
    this.switchOn()
  }

  switchOn(): void {
    let ids = 0
    this.box = createBox({
      store: {
        read: () => (this.kept === null ? null : JSON.parse(this.kept)),
        write: (value: unknown) => {
          this.kept = JSON.stringify(value)
        },
      },
      say: (kind: string, payload: Said['payload']) => this.said.push({ kind, payload }) > 0,
      play: async ({ text: words }: { text: string }) => {
        this.atPlay.push(this.kept ?? '')
        await this.hold
        if (this.breaks > 0 && this.breaks-- > 0) throw new Error('InvalidStateError')
        if (this.how !== 'silent') this.played.push(words)
        return this.how
      },
      isAudible: () => this.isAudible,
      now: () => this.clock,
      newId: () => `q${++ids}`,
      onChange: () => {},
      onReboot: () => void this.reboots++,
    })
  }

  pay(id: string, more: object = {}): void {
    const payment = {
      ...{ message_id: id, transaction_id: `t-${id}`, amount: 5_000, currency: 'IDR', lang: 'id' },
      ...{
        text: `lima ribu (${id})`,
        ts: this.time(0),
        expires_at: this.time(55_000),
        speak: true,
      },
      ...more,
    }
    this.box.hear('payment', JSON.stringify(payment))
  }

  tell(kind: string, payload: object): void {
    this.box.hear(kind, JSON.stringify(payload))
  }

  time = (ms: number): string => new Date(this.clock + ms).toISOString()

  acks(): string[] {
    return this.said
      .filter(one => one.kind === 'ack')
      .map(({ payload }) => `${payload['message_id']} ${payload['status']}`)
  }

  answers(kind: string): unknown[] {
    return this.said.filter(one => one.kind === kind).map(one => one.payload)
  }

  statuses(): string[] {
    return this.box.rows.map(({ id, status }) => `${id} ${status}`)
  }
}

/** Until nothing is under way any more. */
const rest = () => new Promise<void>(resolve => setImmediate(resolve))

test('kotak: a payment: received at once, played when it was heard (VBX2)', async () => {
  const counter = new Counter()
  const held = Promise.withResolvers<void>()
  counter.hold = held.promise
  counter.pay('a')
  await rest()
  deepEqual(counter.acks(), ['a received'])
  deepEqual(counter.statuses(), ['a speaking'])
  held.resolve()
  await rest()
  deepEqual(counter.acks(), ['a received', 'a played'])
  deepEqual(counter.statuses(), ['a played'])
})

test('kotak: the same message again: acknowledged again, not spoken again (VBX1, VBX2)', async () => {
  const counter = new Counter()
  counter.pay('a')
  counter.pay('a')
  await rest()
  counter.pay('a')
  await rest()
  deepEqual(counter.played, ['lima ribu (a)'])
  deepEqual(counter.acks(), ['a received', 'a received', 'a played', 'a received', 'a played'])
})

test('kotak: switched off and on: what was spoken is known, and what waits is spoken (VBX1)', async () => {
  const counter = new Counter()
  counter.pay('a')
  await rest()
  counter.isAudible = false
  counter.pay('b')
  await rest()
  counter.switchOn()
  counter.isAudible = true
  counter.pay('a')
  counter.pay('b')
  await rest()
  deepEqual(counter.played, ['lima ribu (a)', 'lima ribu (b)'])
})

test('kotak: switched off amid a sentence: neither spoken again nor called played (VBX1, VBX2)', async () => {
  const counter = new Counter()
  counter.hold = new Promise(() => {})
  counter.pay('a')
  await rest()
  ok(counter.atPlay[0]!.includes('"speaking"'))
  counter.hold = null
  counter.switchOn()
  counter.pay('a')
  await rest()
  deepEqual(counter.statuses(), ['a unsure'])
  deepEqual(counter.played, [])
  deepEqual(counter.acks(), ['a received', 'a received'])
})

test('kotak: a chime without words counts as played; silence does not (VBX2)', async () => {
  const counter = new Counter()
  counter.how = 'silent'
  counter.pay('a')
  await rest()
  deepEqual(counter.statuses(), ['a waiting'])
  deepEqual(counter.acks(), ['a received'])
  counter.how = 'chime'
  counter.box.talk()
  await rest()
  deepEqual(counter.statuses(), ['a chimed'])
  deepEqual(counter.acks(), ['a received', 'a played'])
})

test('kotak: one that can not be played: not called played, and the next are spoken (VBX8)', async () => {
  const counter = new Counter()
  counter.breaks = 2
  counter.pay('a')
  await rest()
  counter.tell('command', { command_id: 'c1', type: 'play_test', args: {} })
  await rest()
  counter.pay('b')
  counter.pay('a')
  await rest()
  deepEqual(counter.statuses(), ['b played', 'a unsure'])
  deepEqual(counter.played, ['lima ribu (b)'])
  deepEqual(counter.acks().toSorted(), ['a received', 'a received', 'b played', 'b received'])
  const [{ status }] = counter.answers('command/ack') as [{ status: string }]
  equal(status, 'failed')
})

test('voice: its sound is taken by another: silent, and heard when it is back (VBV2)', async t => {
  let state = 'suspended'
  class Context {
    currentTime = 0
    destination = {}
    get state() {
      return state
    }
    addEventListener() {}
    async resume() {
      if (state === 'interrupted') throw new Error('InvalidStateError')
      state = 'running'
    }
    createGain = () => ({ gain: new Proxy({}, { get: () => () => {} }), connect: () => ({}) })
    createOscillator() {
      const tone = { frequency: {}, connect: (to: unknown) => to, start() {}, onended: () => {} }
      return Object.assign(tone, { stop: () => setImmediate(() => tone.onended()) })
    }
  }
  Object.assign(globalThis, { AudioContext: Context })
  t.after(() => void Reflect.deleteProperty(globalThis, 'AudioContext'))
  const { createVoice } = await load('voice.js')
  const voice = createVoice({ onChange: () => {} })
  equal(await voice.on('halo'), 'chime')
  state = 'interrupted'
  const said = { text: 'lima ribu', lang: 'id', volume: 80 }
  equal(await voice.play(said), 'silent')
  equal(voice.mode, 'off')
  state = 'running'
  equal(await voice.play(said), 'chime')
})

test('kotak: before the sound is on: it waits; too old by then, it is only shown (VBX3)', async () => {
  const counter = new Counter()
  counter.isAudible = false
  counter.pay('a')
  counter.clock += 30_000
  counter.pay('b')
  counter.clock += 26_000
  counter.box.age()
  deepEqual(counter.statuses(), ['b waiting', 'a late'])
  counter.isAudible = true
  counter.box.talk()
  await rest()
  deepEqual(counter.played, ['lima ribu (b)'])
  deepEqual(counter.acks(), ['a received', 'b received', 'b played'])
})

test('kotak: many at once: one after the other, in order (VBX3)', async () => {
  const counter = new Counter()
  for (const id of ['a', 'b', 'c']) counter.pay(id)
  await rest()
  deepEqual(counter.played, ['lima ribu (a)', 'lima ribu (b)', 'lima ribu (c)'])
})

test('kotak: not to be spoken: shown and received (VBX3)', async () => {
  const counter = new Counter()
  counter.pay('a', { speak: false })
  await rest()
  deepEqual(counter.played, [])
  deepEqual(counter.acks(), ['a received'])
  deepEqual(counter.statuses(), ['a shown'])
})

test('kotak: a summary: shown once, received each time, never spoken (VBX4)', async () => {
  const counter = new Counter()
  const words = { count: 3, total: 45_000, text: '3 pembayaran terlewat', ts: counter.time(0) }
  for (let n = 0; n < 2; n++) counter.tell('summary', { message_id: 's', ...words })
  await rest()
  deepEqual(counter.acks(), ['s received', 's received'])
  deepEqual(counter.statuses(), ['s shown'])
  deepEqual(counter.played, [])
})

test('kotak: settings: applied and kept, or rejected and left (VBX5)', async () => {
  const counter = new Counter()
  counter.tell('config', { version: 2, volume: 35, language: 'jv', merchant_hint: 'x' })
  counter.tell('config', { version: 3, volume: 135 })
  deepEqual(counter.answers('config/ack'), [
    { version: 2, status: 'applied' },
    { version: 3, status: 'rejected' },
  ])
  counter.switchOn()
  const { volume, language, version } = counter.box.settings
  deepEqual([volume, language, version], [35, 'jv', 2])
})

test('kotak: volume zero: nothing is played, and nothing called so (VBX2)', async () => {
  const counter = new Counter()
  counter.tell('config', { version: 1, volume: 0 })
  counter.pay('a')
  await rest()
  deepEqual(counter.acks(), ['a received'])
  counter.tell('command', { command_id: 'c', type: 'volume', args: { level: 40 } })
  await rest()
  deepEqual(counter.played, ['lima ribu (a)'])
})

test('kotak: commands: done once, answered as often as they come (VBX5)', async () => {
  const counter = new Counter()
  const test = { command_id: 'c1', type: 'play_test', args: { text: 'halo' } }
  for (let n = 0; n < 3; n++) {
    counter.tell('command', test)
    await rest()
  }
  deepEqual(counter.played, ['halo'])
  counter.switchOn()
  counter.tell('command', test)
  await rest()
  deepEqual(counter.played, ['halo'])
  const done = { command_id: 'c1', status: 'done' }
  deepEqual(counter.answers('command/ack'), [done, done, done, done])
})

test('kotak: commands: what was not done is not called done (VBX5)', async () => {
  const counter = new Counter()
  counter.isAudible = false
  counter.tell('command', { command_id: 'c1', type: 'play_test', args: {} })
  counter.tell('command', { command_id: 'c2', type: 'ota', args: { url: 'http://x' } })
  counter.tell('command', { command_id: 'c3', type: 'volume', args: { level: 101 } })
  const old = counter.time(-1)
  counter.tell('command', { command_id: 'c4', type: 'reboot', args: {}, expires_at: old })
  counter.tell('command', { command_id: 'c5', type: 'toString', args: {} })
  await rest()
  await rest()
  const { silent, unknown, wrong, late } = text.command
  deepEqual(
    counter
      .answers('command/ack')
      .map(one => one as { command_id: string; status: string; message: string })
      .toSorted((a, b) => (a.command_id < b.command_id ? -1 : 1))
      .map(({ status, message }) => [status, message]),
    [silent, unknown, wrong, late, unknown].map(words => ['failed', words]),
  )
  equal(counter.reboots, 0)
})

test('kotak: commands: reloaded amid one: not done again, and told (VBX5)', async () => {
  const counter = new Counter()
  counter.hold = new Promise(() => {})
  const test = { command_id: 'c1', type: 'play_test', args: {} }
  counter.tell('command', test)
  await rest()
  counter.switchOn()
  counter.tell('command', test)
  await rest()
  const told = { command_id: 'c1', status: 'failed', message: text.command.broken }
  deepEqual(counter.answers('command/ack'), [told])
})

test('kotak: reboot: answered first, then the line comes anew (VBX5)', async () => {
  const counter = new Counter()
  counter.tell('command', { command_id: 'c1', type: 'reboot', args: {} })
  await rest()
  deepEqual(counter.answers('command/ack'), [{ command_id: 'c1', status: 'done' }])
  equal(counter.reboots, 1)
})

test('kotak: a QR: asked again under its id when the line is back; its payment closes it (VBX6)', async () => {
  const counter = new Counter()
  counter.box.askQr(15_000)
  counter.box.connected()
  const asked = { request_id: 'q1', amount: 15_000 }
  deepEqual(counter.answers('dynamic-qr/request'), [asked, asked])
  const until = counter.time(60_000)
  const answer = { transaction_id: 't-a', qr_string: '000201', expires_at: until }
  counter.tell('dynamic-qr/response', { request_id: 'other', ...answer })
  equal(counter.box.qr?.state, 'asking')
  counter.tell('dynamic-qr/response', { request_id: 'q1', ...answer })
  equal(counter.box.qr?.state, 'open')
  counter.pay('a')
  equal(counter.box.qr?.state, 'paid')
})

test('kotak: a QR: refused, unanswered or too old is told (VBX6)', async () => {
  const counter = new Counter()
  counter.box.askQr(15_000)
  counter.tell('dynamic-qr/response', { request_id: 'q1', error: 'DEVICE_UNBOUND' })
  deepEqual([counter.box.qr?.state, counter.box.qr?.why], ['refused', 'DEVICE_UNBOUND'])
  counter.box.askQr(15_000)
  counter.clock += 15_001
  counter.box.age()
  equal(counter.box.qr?.state, 'refused')
  counter.box.askQr(15_000)
  const expires_at = counter.time(1_000)
  counter.tell('dynamic-qr/response', { request_id: 'q3', qr_string: '00', expires_at })
  counter.clock += 1_001
  counter.box.age()
  equal(counter.box.qr?.state, 'expired')
})

test('kotak: memory: bounded, and what is no message changes nothing (VBX7)', async () => {
  const counter = new Counter()
  for (const nonsense of ['', '5', 'null', '[]', '{"message_id":7}', '{"message_id":""}']) {
    for (const kind of ['payment', 'summary', 'config', 'command', 'dynamic-qr/response', 'x']) {
      counter.box.hear(kind, nonsense)
    }
  }
  deepEqual([counter.said, counter.box.rows.length], [[], 0])
  for (let n = 0; n < 310; n++) counter.pay(`p${n}`, { speak: false })
  equal(counter.box.rows.length, 300)
  equal(counter.box.rows[0]?.id, 'p309')
})

test('kotak: heartbeat: the battery only where one is known (VBX5)', () => {
  const counter = new Counter()
  counter.box.beat(null)
  counter.box.beat(41)
  const beat = { timestamp: counter.time(0), firmware: 'kotak-web-1' }
  deepEqual(counter.answers('heartbeat'), [beat, { ...beat, battery_level: 41 }])
})
