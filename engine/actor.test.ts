import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { type Actor, type AnyEvent, accept, actor, forget, lift, refuse } from './actor.ts'

type Lamp = {
  state: { readonly phase: 'off' | 'on' }
  command: { readonly type: 'light' } | { readonly type: 'dim' }
  event: { readonly type: 'lit' } | { readonly type: 'dimmed' }
  effect: { readonly type: 'shine'; readonly target: string }
  refusal: 'lamp.already_on'
}

const lamp: Actor<Lamp> = {
  name: 'lamp',
  version: 3,
  initial: { phase: 'off' },
  decide: {
    light: state => (state.phase === 'off' ? accept({ type: 'lit' }) : refuse('lamp.already_on')),
    dim: () => accept({ type: 'dimmed' }),
  },
  evolve: { lit: () => ({ phase: 'on' }), dimmed: () => ({ phase: 'off' }) },
  react: { lit: () => [{ type: 'shine', target: 'room' }] },
  resume: { shine: 'repeat' },
  timers: () => [],
  rest: () => 'final',
  upcast: {
    1: event => ({ ...event, colour: 'white' }) as AnyEvent,
    2: event => (event.type === 'lighted' ? { ...event, type: 'lit' } : event),
  },
}

test('actor: definition: comes back untouched (A1)', () => {
  equal(actor(lamp), lamp)
})

// Nothing below needs to run: each would not compile if the line under the comment did.
test('actor: tables: a missing row and a row too many do not compile (A1)', () => {
  const { light } = lamp.decide
  const { lit, dimmed } = lamp.evolve
  // @ts-expect-error the command `dim` has no row
  actor<Lamp>({ ...lamp, decide: { light } })
  // @ts-expect-error there is no command `smash`
  actor<Lamp>({ ...lamp, decide: { ...lamp.decide, smash: () => accept() } })
  // @ts-expect-error the event `dimmed` has no row
  actor<Lamp>({ ...lamp, evolve: { lit } })
  // @ts-expect-error there is no event `smashed`
  actor<Lamp>({ ...lamp, evolve: { lit, dimmed, smashed: () => ({ phase: 'off' }) } })
  // @ts-expect-error there is no event `smashed` to react to
  actor<Lamp>({ ...lamp, react: { smashed: () => [] } })
  // @ts-expect-error it is not said how `shine` goes on after a crash
  actor<Lamp>({ ...lamp, resume: {} })
})

test('actor: tables: a wrong word does not compile (A1)', () => {
  // @ts-expect-error there is no refusal `lamp.broken`
  actor<Lamp>({ ...lamp, decide: { ...lamp.decide, light: () => refuse('lamp.broken') } })
  // @ts-expect-error there is no phase `blinking`
  actor<Lamp>({ ...lamp, evolve: { ...lamp.evolve, lit: () => ({ phase: 'blinking' }) } })
  // @ts-expect-error there is no event `smashed` to accept
  actor<Lamp>({ ...lamp, decide: { ...lamp.decide, dim: () => accept({ type: 'smashed' }) } })
  // @ts-expect-error there is no command `smash` to wait for
  actor<Lamp>({ ...lamp, timers: () => [{ at: 1, command: { type: 'smash' } }] })
})

test('actor: upcast: an old event is lifted one version at a time (A2)', () => {
  const old = { type: 'lighted' }
  deepEqual(lift(forget(lamp), old, 1), { type: 'lit', colour: 'white' })
  deepEqual(lift(forget(lamp), old, 2), { type: 'lit' })
  deepEqual(old, { type: 'lighted' })
})

test('actor: upcast: an event of today is left as it is (A2)', () => {
  const event = { type: 'lighted' }
  equal(lift(forget(lamp), event, 3), event)
})

test('actor: upcast: a version without a row changed nothing of that shape (A2)', () => {
  const { upcast: _, ...plain } = lamp
  const event = { type: 'lit' }
  equal(lift(forget<Lamp>(plain), event, 1), event)
})

test('actor: refuse: details travel only when there are some (A1)', () => {
  deepEqual(refuse('no'), { refused: 'no' })
  deepEqual(refuse('no', { because: 1 }), { refused: 'no', details: { because: 1 } })
})
