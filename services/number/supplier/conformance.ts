/**
 * What every adapter of a number supplier must survive, run over answers that each kind gives, on
 * real sockets: a counterpart that answers as it is told to, or does not. Each case tells in its
 * title which rule of `adapter.ts` it holds to.
 */

import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { NumberAdapter, NumberKind, Purchase } from './adapter.ts'

/** What a counterpart does with a question. */
type Answer =
  | { readonly body: string | Buffer; readonly status?: number; readonly location?: string }
  | 'reset'
  | 'silence'
  /** The head promises more than comes. */
  | { readonly cut: string }

export type NumberSamples = {
  readonly kind: NumberKind
  readonly credentials: Readonly<Record<string, string>>
  /** As a quote carries it. */
  readonly offer: string
  readonly isBuying: (url: URL) => boolean
  /** Buying, cancelling, asking for another code. */
  readonly isChanging: (url: URL) => boolean
  /** What a good day answers to questions that change nothing. */
  readonly reading: (url: URL) => string
  readonly bought: { readonly body: string; readonly id: string; readonly number: string }
  readonly refusals: readonly (readonly [
    body: string,
    code: Extract<Purchase, { kind: 'unbought' }>['code'],
  ])[]
  /** Words that nobody wrote down, and answers that say two things at once. */
  readonly strange: readonly string[]
  readonly givenBack: {
    readonly cancelled: string
    readonly early: string | null
    /** Refused, for what reason it does not say; `afterwards` is the state that is read then. */
    readonly refused: string
    readonly received: { readonly afterwards: string }
    readonly cancelledBefore: { readonly afterwards: string }
    readonly waiting: { readonly afterwards: string }
  }
  readonly inbox: {
    readonly waiting: string
    readonly code: { readonly body: string; readonly code: string }
    readonly cancelled: string
    /** Sure to be no code: `-` and its like. */
    readonly noCodes: readonly string[]
  }
}

type Case = { readonly title: string; readonly run: () => Promise<void> }

const page = '<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>'
const neverReadable: Readonly<Record<string, string | Buffer>> = {
  'an HTML page': page,
  'an empty body': '',
  blanks: ' \r\n ',
  'a word of JSON': 'null',
  'an empty list': '[]',
  'an empty object': '{}',
  'a number': '0',
  'a list in a list': `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  'a name twice':
    '{"success":true,"success":false,"data":null,"status":"success","status":"error"}',
  'other bytes': Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x41]),
  'a word of its own': 'ERROR_SQL',
}

/** Opened for one case: the adapter, and what it sent. */
export async function facing<T>(
  samples: Pick<NumberSamples, 'kind' | 'credentials'>,
  answer: (url: URL) => Answer,
  work: (adapter: NumberAdapter, sent: readonly URL[]) => Promise<T>,
  answerMs = 30_000,
): Promise<T> {
  const sent: URL[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://supplier')
    sent.push(url)
    give(answer(url), request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { kind, credentials } = samples
  const adapter = kind.open({ baseUrl, credentials, unit: '1', answerMs })
  try {
    return await work(adapter, sent)
  } finally {
    server.closeAllConnections()
    server.close()
    await adapter.close()
  }
}

function give(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  if (answer === 'silence') return
  if (answer === 'reset') {
    request.socket.destroy()
    return
  }
  if ('cut' in answer) {
    response.writeHead(200, { 'content-length': Buffer.byteLength(answer.cut) + 10 })
    response.write(answer.cut, () => request.socket.end())
    return
  }
  const { body, status = 200, location } = answer
  response.writeHead(status, location === undefined ? {} : { location }).end(body)
}

export function conformance(samples: NumberSamples): readonly Case[] {
  const { kind, offer, isBuying, isChanging, reading, bought } = samples
  const { name } = kind.card
  const wish = { offer, maxCost: 9_000, ref: 'order-1' }
  /** Buys where that one question is answered so. */
  const buy = (answer: Answer, answerMs?: number) =>
    facing(
      samples,
      url => (isBuying(url) ? answer : { body: reading(url) }),
      async (adapter, sent) => {
        const purchase = await adapter.buy(wish)
        return { purchase, times: sent.filter(isBuying).length }
      },
      answerMs,
    )
  const isDoubt = async (answer: Answer, answerMs?: number) => {
    const { purchase, times } = await buy(answer, answerMs)
    const { purchase: shown } = { purchase }
    equal(shown.kind, 'doubtful', JSON.stringify([answer, purchase]).slice(0, 300))
    equal(times, 1)
  }
  /** Everything that is asked is answered so. */
  const all = <T>(answer: Answer, work: (adapter: NumberAdapter) => Promise<T>) =>
    facing(samples, () => answer, work)
  /** A change is answered with the first, what is read then with the second. */
  const changing = <T>(
    change: Answer,
    afterwards: string,
    work: (adapter: NumberAdapter, sent: readonly URL[]) => Promise<T>,
    answerMs?: number,
  ) => facing(samples, url => (isChanging(url) ? change : { body: afterwards }), work, answerMs)

  return [
    {
      title: 'bought: its id, its number in digits, the price in rupiah (NSA1)',
      async run() {
        const { purchase, times } = await buy({ body: bought.body })
        ok(purchase.kind === 'bought', JSON.stringify(purchase))
        deepEqual([purchase.id, purchase.number, times], [bought.id, bought.number, 1])
        ok(purchase.cost === null || Number.isSafeInteger(purchase.cost))
      },
    },
    {
      title: 'refused in words that are known: unbought, with its reason (NSA1)',
      async run() {
        for (const [body, code] of samples.refusals) {
          const { purchase } = await buy({ body })
          deepEqual([purchase.kind, 'code' in purchase && purchase.code], ['unbought', code], body)
        }
      },
    },
    ...Object.entries(neverReadable).map(([what, body]) => ({
      title: `a purchase answered with ${what}: doubtful, and sent once (NSA1, NSA2)`,
      run: () => isDoubt({ body }),
    })),
    {
      title: 'a purchase answered strangely, or twofold: doubtful (NSA1)',
      async run() {
        for (const body of samples.strange) await isDoubt({ body })
      },
    },
    {
      title: 'an answer to a purchase that breaks off, wherever: never a refusal (NSA1)',
      async run() {
        for (let end = 0; end < bought.body.length; end += 3) {
          await isDoubt({ cut: bought.body.slice(0, end) })
          await isDoubt({ body: bought.body.slice(0, end) })
        }
      },
    },
    {
      title:
        'a purchase answered by a server that fails or points elsewhere: doubtful, and not followed (NSA1, NSA2)',
      async run() {
        const [refusal] = samples.refusals[0]!
        for (const status of [301, 302, 307, 308, 500, 502, 504]) {
          for (const body of [bought.body, refusal, page]) {
            await isDoubt({ body, status, location: '/elsewhere' })
          }
        }
      },
    },
    {
      title: 'a purchase that is cut off, or never answered: doubtful, and sent once (NSA1, NSA2)',
      async run() {
        await isDoubt('reset')
        await isDoubt('silence', 300)
      },
    },
    {
      title: 'a purchase that never left: unbought (NSA1)',
      async run() {
        const { kind: opened, credentials } = samples
        const adapter = opened.open({ baseUrl: 'http://127.0.0.1:1', credentials, unit: '1' })
        equal((await adapter.buy(wish)).kind, 'unbought')
        await adapter.close()
      },
    },
    {
      title: 'given back: cancelled, early, received, each as it was said or read (NSA3)',
      async run() {
        const { givenBack } = samples
        const tell = (change: string, afterwards: string) =>
          changing({ body: change }, afterwards, adapter => adapter.giveBack(bought.id))
        const { waiting } = givenBack
        equal(await tell(givenBack.cancelled, waiting.afterwards), 'cancelled')
        if (givenBack.early !== null) {
          equal(await tell(givenBack.early, waiting.afterwards), 'early')
        }
        equal(await tell(givenBack.refused, givenBack.received.afterwards), 'received')
        equal(await tell(givenBack.refused, givenBack.cancelledBefore.afterwards), 'cancelled')
        equal(await tell(givenBack.refused, waiting.afterwards), 'unknown')
        equal(await tell(givenBack.refused, page), 'unknown')
      },
    },
    {
      title: 'given back, and no legible answer: unknown, and sent once (NSA2, NSA3)',
      async run() {
        const answers: Answer[] = Object.values(neverReadable).map(body => ({ body }))
        const { cancelled, waiting } = samples.givenBack
        const moved = { body: cancelled, status: 302, location: '/elsewhere' }
        const failing = { body: page, status: 502 }
        for (const answer of [...answers, moved, failing, 'reset' as const, 'silence' as const]) {
          const [told, times] = await changing(
            answer,
            waiting.afterwards,
            async (adapter, sent) =>
              [await adapter.giveBack(bought.id), sent.filter(isChanging).length] as const,
            answer === 'silence' ? 300 : undefined,
          )
          deepEqual([told, times], ['unknown', 1], JSON.stringify(answer))
        }
      },
    },
    {
      title: 'another code, and no legible answer: unknown, and sent once (NSA2)',
      async run() {
        for (const answer of [{ body: page }, { body: '' }, 'reset' as const]) {
          const [told, times] = await changing(answer, '', async (adapter, sent) => {
            return [await adapter.again(bought.id), sent.filter(isChanging).length] as const
          })
          deepEqual([told, times], ['unknown', 1])
        }
      },
    },
    {
      title: 'messages: none, a code, ended; signs for no code are none (NSA3)',
      async run() {
        const { waiting, code, cancelled, noCodes } = samples.inbox
        const read = (body: string) => all({ body }, adapter => adapter.messages(bought.id))
        deepEqual(await read(waiting), { kind: 'inbox', messages: [], ended: null })
        const inbox = await read(code.body)
        ok(inbox.kind === 'inbox', JSON.stringify(inbox))
        deepEqual(
          inbox.messages.map(one => one.code),
          [code.code],
        )
        const over = await read(cancelled)
        deepEqual(over, { kind: 'inbox', messages: [], ended: 'cancelled' })
        for (const body of noCodes) {
          const none = await read(body)
          ok(none.kind === 'inbox' && none.messages.every(one => one.code === null), body)
          equal(none.kind === 'inbox' && none.ended, null)
        }
      },
    },
    {
      title: 'questions without a legible answer: nothing is made up (NSA3)',
      async run() {
        for (const body of Object.values(neverReadable)) {
          await all({ body }, async adapter => {
            equal((await adapter.messages(bought.id)).kind, 'unknown')
            equal(await adapter.active(), null)
            equal(await adapter.balance(), null)
            equal(await adapter.catalogue(), null)
          })
        }
      },
    },
    {
      title: 'evidence: short, one line, no key, no number, no code (NSA4)',
      async run() {
        const words = Object.values(samples.credentials)
        const told = '+62 812-3456-7890 kode 123 456'
        const long = `${page}\r\n${words.join('\n')} ${told} ${'x'.repeat(5_000)}`
        const { purchase } = await buy({ body: long })
        ok(purchase.kind === 'doubtful')
        const { reply } = purchase
        ok(Buffer.byteLength(reply) <= 200 && !/[\r\n]/.test(reply))
        for (const word of words) ok(!reply.includes(word))
        notEqual(reply, '')
        ok(!/\d{4}/.test(reply), reply)
      },
    },
    {
      title: 'the card: terms that can be kept, and lanes that tell offers apart or do not (NSA1)',
      async run() {
        const { card } = kind
        ok(card.cancelAfterMs < card.lifeMs && card.pollMs >= 1_000)
        await all({ body: '' }, async adapter => {
          equal(adapter.laneOf(offer), adapter.laneOf(`${offer}`))
          if (card.finds === 'active_list') notEqual(adapter.laneOf(offer), adapter.laneOf('zz/9@'))
          else equal(adapter.laneOf(offer), adapter.laneOf('zz/9@'))
        })
      },
    },
  ].map(one => ({ ...one, title: `${name}: ${one.title}` }))
}
