/** Mistakes planted in boxes, which the stories of `boxes.ts` must catch. */

import { fail, match } from 'node:assert/strict'
import { test } from 'node:test'
import { type AnyActor, type AnyDecision, forget, type State } from '../../engine/actor.ts'
import { InvariantViolation } from '../../engine/assert.ts'
import type { Batch } from '../../engine/host.ts'
import { type Plant, World } from '../../engine/sim/world.ts'
import { device } from '../device/device.ts'
import type { Device, DeviceFacts } from '../device/device-contract.ts'
import { BoxStory, boxActors } from './boxes.ts'

type Mistake = {
  readonly actor?: Partial<AnyActor>
  readonly plant?: Plant
  readonly caughtBy: RegExp
}

const honest = forget(device)
const seedsMax = 600

function canary(title: string, { actor, plant, caughtBy }: Mistake): void {
  const cast = boxActors.map(one => (one === boxActors[0] ? { ...honest, ...actor } : one))
  test(`boxes: canary: ${title}`, () => {
    for (let seed = 1; seed <= seedsMax; seed++) {
      const outside = new BoxStory(cast)
      try {
        new World(plant === undefined ? { seed, outside } : { seed, outside, plant }).run()
      } catch (cause) {
        if (!(cause instanceof InvariantViolation)) throw cause
        match(cause.message, caughtBy)
        return
      }
    }
    fail(`not caught in ${seedsMax} stories`)
  })
}

const changed = (state: State, change: (facts: DeviceFacts) => Partial<DeviceFacts>): State => {
  const known = state as Device['state']
  if (known.phase === 'absent') return state
  return { ...known, device: { ...known.device, ...change(known.device) } } as unknown as State
}

/** One of its decisions, made over another state or changed afterwards. */
const deciding = (
  command: string,
  decide: (usual: AnyActor['decide'][string]) => AnyActor['decide'][string],
): Partial<AnyActor> => ({
  decide: { ...honest.decide, [command]: decide(honest.decide[command]!) },
})

const evolving = (
  event: string,
  evolve: (usual: AnyActor['evolve'][string]) => AnyActor['evolve'][string],
): Partial<AnyActor> => ({
  evolve: { ...honest.evolve, [event]: evolve(honest.evolve[event]!) },
})

const without = (decision: AnyDecision, type: string): AnyDecision =>
  'accepted' in decision
    ? { ...decision, accepted: decision.accepted.filter(event => event.type !== type) }
    : decision

canary('a message that is spoken again at every repeat is caught (DVL1)', {
  actor: deciding(
    'queue',
    usual =>
      (state, ...rest) =>
        usual(
          changed(state, () => ({ recent: '' })),
          ...rest,
        ),
  ),
  caughtBy: /DVL1/,
})

canary('a message that stays in the queue when it was played is caught (DVL1)', {
  actor: evolving('acked', () => state => state),
  caughtBy: /DVL1/,
})

canary('a digest whose payments are still spoken is caught (DVL1)', {
  actor: evolving('aged', usual => (state, ...rest) => {
    const { queue } = (state as unknown as { device: DeviceFacts }).device
    const kept = queue.map(one => ({ ...one, at: one.at + 3_600_000 }))
    return changed(usual(state, ...rest), () => ({ queue: kept }))
  }),
  caughtBy: /DVL1|DVA2|V5|V7/,
})

canary('a digest that loses count is caught (DVL4)', {
  actor: evolving(
    'aged',
    usual =>
      (state, ...rest) =>
        changed(usual(state, ...rest), ({ digest }) => ({
          digest: digest === null ? null : { ...digest, count: 1 },
        })),
  ),
  caughtBy: /DVL4/,
})

canary('a digest of which the payments hear nothing is caught (DVL3)', {
  actor: { react: { ...honest.react, aged: () => [] } },
  caughtBy: /DVL3/,
})

canary('a box that takes its messages to another counter is caught (DVL2)', {
  actor: deciding(
    'bind',
    usual =>
      (...asked) =>
        without(usual(...asked), 'dropped'),
  ),
  caughtBy: /DVL2/,
})

canary('a box that leaves its counter with messages is caught (DVL2)', {
  actor: deciding(
    'unbind',
    usual =>
      (...asked) =>
        without(usual(...asked), 'dropped'),
  ),
  caughtBy: /DVL2|DVA5|violation/,
})

canary('a box that never looks at the clock is caught (DVL1)', {
  actor: { timers: () => [] },
  caughtBy: /V5|DVL1/,
})

canary('a queue that a crash empties is caught (DVL1)', {
  plant: {
    batch: (batch: Batch) => ({
      ...batch,
      checkpoints: batch.checkpoints.map(image => ({
        ...image,
        cells: image.cells.map(cell => ({
          ...cell,
          state: changed(cell.state, () => ({ queue: [] })),
        })),
      })),
    }),
  },
  caughtBy: /V6|DVL[12]/,
})

canary('a proof that is not delivered is caught (DVL3)', {
  plant: { dropsAnswers: true },
  caughtBy: /V7|DVL/,
})
