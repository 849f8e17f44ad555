import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../../engine/assert.ts'
import { type CardLimits, Cards } from './cards.ts'

type Question = { key: string; answer: (card: string | null) => void; fail: (e: Error) => void }

/** A source that answers when told to, under a clock of its own. */
function world(limits: Partial<CardLimits> = {}) {
  const asked: Question[] = []
  const state = { now: 0, hearing: true, asked }
  const cards = new Cards<string>(
    {
      load: key =>
        new Promise((answer, fail) => {
          asked.push({ key, answer, fail })
        }),
      hearing: () => state.hearing,
      now: () => state.now,
    },
    limits,
  )
  const learn = async (key: string, card: string | null): Promise<void> => {
    const found = cards.find(key)
    asked.at(-1)!.answer(card)
    await found
  }
  return { cards, state, asked, learn }
}

test('cards: the second question: is answered at once, without asking (I5)', async () => {
  const { cards, asked, learn } = world()
  await learn('k', 'card')
  equal(cards.find('k'), 'card')
  equal(asked.length, 1)
})

test('cards: many ask at once: one look-up answers all (I5)', async () => {
  const { cards, asked } = world()
  const answers = Promise.all([cards.find('k'), cards.find('k'), cards.find('k')])
  equal(asked.length, 1)
  asked[0]!.answer('card')
  deepEqual(await answers, ['card', 'card', 'card'])
})

test('cards: a change: the card is looked up again (I5)', async () => {
  const { cards, learn } = world()
  await learn('k', 'before')
  cards.forget('k')
  await learn('k', 'after')
  equal(cards.find('k'), 'after')
})

test('cards: a change while the answer is on its way: it is not remembered (I5)', async () => {
  const { cards, asked } = world()
  const early = cards.find('k')
  cards.forget('k')
  const late = cards.find('k')
  asked[1]!.answer('after')
  equal(await late, 'after')
  asked[0]!.answer('before')
  equal(await early, 'before')
  equal(cards.find('k'), 'after')
})

test('cards: a gap in the news: all is forgotten, also what is on its way (I5)', async () => {
  const { cards, asked, learn } = world()
  await learn('a', 'card')
  const early = cards.find('b')
  cards.forgetAll()
  asked.at(-1)!.answer('before')
  await early
  equal(cards.stats().cards, 0)
})

test('cards: a failed look-up: the next question asks again (I5)', async () => {
  const { cards, asked, learn } = world()
  const failed = rejects(async () => cards.find('k'), /down/)
  asked[0]!.fail(new Error('down'))
  await failed
  await learn('k', 'card')
  equal(cards.find('k'), 'card')
})

test('cards: more keys than fit: the longest unused goes (I6)', async () => {
  const { cards, asked, learn } = world({ cardsMax: 2 })
  await learn('a', 'A')
  await learn('b', 'B')
  equal(cards.find('a'), 'A')
  await learn('c', 'C')
  equal(cards.find('a'), 'A')
  cards.find('b')
  equal(asked.at(-1)!.key, 'b')
  equal(cards.stats().cards, 2)
})

test('cards: an unknown key: is a no for a moment, then asked again (I7)', async () => {
  const { cards, state, asked, learn } = world({ unknownAgeMs: 1_000 })
  await learn('k', null)
  equal(cards.find('k'), null)
  state.now = 1_000
  cards.find('k')
  equal(asked.length, 2)
})

test('cards: a flood of unknown keys: evicts no card and stays bounded (I7)', async () => {
  const { cards, learn } = world({ cardsMax: 1, unknownMax: 3 })
  await learn('k', 'card')
  for (let n = 0; n < 10; n++) await learn(`guess-${n}`, null)
  equal(cards.find('k'), 'card')
  equal(cards.stats().unknown, 3)
})

test('cards: a key that appears: the no is forgotten (I7)', async () => {
  const { cards, learn } = world()
  await learn('k', null)
  cards.forgetUnknown()
  await learn('k', 'card')
  equal(cards.find('k'), 'card')
})

test('cards: too many look-ups at once: overloaded, and soon not any more (I8)', async () => {
  const { cards, asked } = world({ lookUpsMax: 1 })
  const first = cards.find('a')
  await rejects(async () => cards.find('b'), new Fault('engine.overloaded', { untouched: true }))
  asked[0]!.answer('A')
  await first
  const second = cards.find('b')
  asked[1]!.answer('B')
  equal(await second, 'B')
})

test('cards: forgotten while looked up: the look-up still counts (I8)', async () => {
  const { cards, asked } = world({ lookUpsMax: 1 })
  const first = cards.find('a')
  cards.forgetAll()
  await rejects(async () => cards.find('a'), Fault)
  asked[0]!.answer('A')
  await first
  equal(cards.stats().running, 0)
})

test('cards: deaf: a card is believed for a second from its look-up, no longer (I9)', async () => {
  const { cards, state, asked, learn } = world({ deafAgeMs: 1_000 })
  await learn('k', 'before')
  state.hearing = false
  state.now = 999
  equal(cards.find('k'), 'before')
  state.now = 1_000
  const again = cards.find('k')
  asked[1]!.answer('after')
  equal(await again, 'after')
})
