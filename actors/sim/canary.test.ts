/**
 * The alarm must ring: each test plants one mistake, in an actor, in the host's surroundings or in
 * the journal, and the world has to find it within a bounded number of stories.
 */

import { equal, fail, match, notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { type AnyActor, type AnyDecision, type AnyEvent, forget } from '../../engine/actor.ts'
import { InvariantViolation } from '../../engine/assert.ts'
import type { Batch } from '../../engine/host.ts'
import type { CheckpointImage } from '../../engine/shard.ts'
import type { MemoryJournal } from '../../engine/sim/memory-journal.ts'
import { type Plant, World } from '../../engine/sim/world.ts'
import { commission } from '../commission/commission.ts'
import { order } from '../order/order.ts'
import type { Bill } from '../order/order-contract.ts'
import { billWord } from '../order/standing.ts'
import { receipt, transfer } from '../transfer/transfer.ts'
import { actors, Story, type StoryOptions } from './story.ts'

type Mistake = StoryOptions & {
  readonly plant?: Plant
  readonly caughtBy: RegExp
  readonly seedsMax?: number
}

function canary(title: string, mistake: Mistake): void {
  const { plant, caughtBy, seedsMax = 400, ...options } = mistake
  test(`world: canary: ${title}`, () => {
    for (let seed = 1; seed <= seedsMax; seed++) {
      const outside = new Story(options)
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

// -- planted in actors -----------------------------------------------------------------------

type Decide = AnyActor['decide'][string]
type Words = { readonly report: { readonly outcome: string } }

const honest = forget(order)
const cast = (changed: AnyActor): readonly AnyActor[] =>
  actors.map(one => (one.name === changed.name ? changed : one))

/** The order, with one of its decisions replaced. */
const deciding = (command: string, decide: (usual: Decide) => Decide): readonly AnyActor[] =>
  cast({
    ...honest,
    decide: { ...honest.decide, [command]: decide(honest.decide[command]!) },
  })

const reporting = (change: (report: Words['report']) => object): readonly AnyActor[] =>
  deciding('report', usual => (state, command, context) => {
    const { report } = command as unknown as Words
    return usual(state, { ...command, report: change(report) } as typeof command, context)
  })

const isAccepted = (
  decision: AnyDecision,
): decision is Extract<AnyDecision, { accepted: unknown }> => 'accepted' in decision

const happened = (decision: AnyDecision, type: string): boolean =>
  isAccepted(decision) && decision.accepted.some(event => event.type === type)

canary('a timeout that is taken for a failure is caught (V13, V14)', {
  cast: reporting(report =>
    report.outcome === 'unknown' ? { ...report, outcome: 'failed', retryable: false } : report,
  ),
  caughtBy: /V1[34]/,
})

canary('a next supplier while the one before is unknown is caught (V13)', {
  cast: reporting(report =>
    report.outcome === 'unknown' ? { ...report, outcome: 'failed', retryable: true } : report,
  ),
  caughtBy: /V1[34]/,
})

type Routed = { readonly order: { readonly plan: readonly unknown[] } }

canary('a failover that chooses anew instead of following its plan is caught (V16)', {
  cast: deciding('report', usual => (state, command, context) => {
    const { order } = state as unknown as Routed
    const [first, ...others] = order?.plan ?? []
    const turned = { ...order, plan: [first, ...others.reverse()] }
    return usual(
      order === undefined ? state : ({ ...state, order: turned } as never),
      command,
      context,
    )
  }),
  caughtBy: /V16/,
})

canary('a failover after its time is caught (V16)', {
  cast: deciding('report', usual => (state, command, context) => {
    const { order } = state as unknown as Routed
    const endless = { ...order, failoverUntil: Number.MAX_SAFE_INTEGER }
    return usual(
      order === undefined ? state : ({ ...state, order: endless } as never),
      command,
      context,
    )
  }),
  caughtBy: /V16/,
})

canary('a re-route on unknown to whoever is well is caught (V13)', {
  cast: deciding('report', usual => (state, command, context) => {
    const { report } = command as unknown as Words
    const isSilent = report.outcome === 'unknown' && state.phase === 'trying'
    const words = isSilent ? { ...report, outcome: 'failed', retryable: true } : report
    const decision = usual(state, { ...command, report: words } as typeof command, context)
    // Only where somebody else is asked: what would fail is left waiting, as it should.
    return happened(decision, 'dispatched') ? decision : usual(state, command, context)
  }),
  caughtBy: /V1[34]/,
})

type Halted = { readonly order: { readonly held?: unknown } }

canary('a hold by hand that is forgotten when its attempt fails is caught (V17)', {
  cast: deciding('report', usual => (state, command, context) => {
    const { order } = state as unknown as Halted
    const { held: _, ...free } = order ?? {}
    return usual({ ...state, order: free } as never, command, context)
  }),
  caughtBy: /V17/,
})

canary('a failover past what is said to be sold after all is caught (V13, V14)', {
  cast: deciding('report', usual => (state, command, context) => {
    const { order } = state as { readonly order?: object }
    const forgetful = order === undefined ? state : { ...state, order: { ...order, disputes: [] } }
    return usual(forgetful as never, command, context)
  }),
  caughtBy: /V1[34].*sold after all/,
})

canary('a re-route of what nobody knows is caught (V13)', {
  cast: deciding(
    'reroute',
    usual => (state, command, context) =>
      usual(state, { ...command, notSold: true } as typeof command, context),
  ),
  caughtBy: /V1[34]/,
})

canary('a question by hand outside the supplier’s window is caught (V12, V19)', {
  cast: deciding('recheck', usual => (state, command, context) => {
    const { order, phase } = state as unknown as { phase: string; order?: { attempts: unknown[] } }
    const isAsked = 'by' in command && (phase === 'waiting' || phase === 'delivered')
    if (!isAsked) return usual(state, command, context)
    return { accepted: [{ type: 'rechecked', n: order!.attempts.length, by: 'a', reason: 'b' }] }
  }) as never,
  ignoresWindow: true,
  seedsMax: 2_000,
  caughtBy: /V12|V19/,
})

canary('a hold that is not released when an order fails is caught (V15)', {
  cast: deciding('report', usual => (state, command, context) => {
    const decision = usual(state, command, context)
    return happened(decision, 'failed') ? { ...decision, postings: [] } : decision
  }),
  caughtBy: /V15/,
})

canary('a price that is taken twice is caught (V15)', {
  cast: deciding('report', usual => (state, command, context) => {
    const decision = usual(state, command, context)
    if (!isAccepted(decision) || !happened(decision, 'delivered')) return decision
    const { order } = state as unknown as { order: { user: string } }
    const debit = `wallet:${order.user}`
    if (context.available(debit) < 10_000) return decision
    const again = { op: 'move', name: 'again', debit, credit: 'sales', amount: 10_000 } as const
    return { ...decision, postings: [...(decision.postings ?? []), again] }
  }),
  caughtBy: /V15/,
})

canary('a late success that is ignored is caught (V14)', {
  cast: deciding('report', usual => (state, command, context) => {
    const decision = usual(state, command, context)
    return happened(decision, 'disputed') ? { accepted: [] } : decision
  }),
  caughtBy: /V14/,
})

canary('a twin guard that lets go too early is caught (V11)', {
  cast: deciding('place', usual => (state, command, context) => {
    const blind = { ...context, now: context.now, id: context.id, holder: () => undefined }
    const available = context.available.bind(context)
    return usual(state, command, { ...blind, available, held: context.held.bind(context) })
  }),
  caughtBy: /T5/,
})

canary('a bill whose word is let go when it is paid is caught (V18)', {
  cast: deciding('report', usual => (state, command, context) => {
    const decision = usual(state, command, context)
    if (!isAccepted(decision) || !happened(decision, 'delivered')) return decision
    const { order } = state as unknown as { order: { bill?: Bill } }
    return order.bill === undefined ? decision : { ...decision, releases: [billWord(order.bill)] }
  }),
  seedsMax: 4_000,
  caughtBy: /V18/,
})

canary('a payment that does not say what the bill cost is caught (V18)', {
  cast: cast({
    ...honest,
    react: {
      ...honest.react,
      dispatched: (state, event, at) =>
        honest.react['dispatched']!(state, event, at).map(effect => {
          const { bill: _, ...silent } = effect as { bill?: number }
          return silent as typeof effect
        }),
    },
  }),
  caughtBy: /V18/,
})

canary('an evolution that forgets is caught (V7)', {
  cast: cast({ ...honest, evolve: { ...honest.evolve, delivered: state => state } }),
  caughtBy: /V5|V6|V7|V1[2345]|O\d|L3/,
})

canary('an evolution that is not a function of the journal is caught (V6)', {
  cast: (() => {
    let count = 0
    const evolve = (state: AnyActor['initial'], event: AnyEvent, at: number) => ({
      ...honest.evolve['reported']!(state, event, at),
      count: count++,
    })
    return cast({ ...honest, evolve: { ...honest.evolve, reported: evolve } })
  })(),
  caughtBy: /V6/,
})

canary('a waiting order without a timer is caught (V5)', {
  cast: cast({ ...honest, timers: () => [] }),
  caughtBy: /V5/,
})

canary('a receipt that is taken again at every repeat is caught (V15)', {
  cast: cast({
    ...forget(receipt),
    decide: {
      receive: (_, ...rest) => forget(receipt).decide['receive']!(receipt.initial, ...rest),
    },
  }),
  caughtBy: /V15/,
})

canary('a transfer that counts on being told once is caught (V7, V15)', {
  cast: cast({ ...forget(transfer), react: {} }),
  caughtBy: /V5|V15/,
})

const paying = forget(commission)
const paidAs = ({ type: _, ...facts }: AnyEvent) => ({ phase: 'paid', facts, kept: 0 })
const earning = (decide: Partial<AnyActor['decide']>): readonly AnyActor[] =>
  cast({ ...paying, decide: { ...paying.decide, ...decide } as AnyActor['decide'] })

canary('a commission that is paid again at every repeat is caught (CMG1)', {
  cast: cast({
    ...paying,
    decide: {
      ...paying.decide,
      pay: (_, ...rest) => paying.decide['pay']!(commission.initial, ...rest),
    },
    evolve: { ...paying.evolve, paid: (state, event) => ({ ...state, ...paidAs(event) }) as never },
  }),
  caughtBy: /V15|CMG1/,
})

canary('a commission that forgives what the wallet lacks is caught (CMG1)', {
  cast: earning({
    reverse: (state, ...rest) => {
      const decision = paying.decide['reverse']!(state, ...rest)
      if (!isAccepted(decision)) return decision
      const postings = (decision.postings ?? []).filter(({ name }) => name !== 'owe')
      return { ...decision, postings }
    },
  }),
  seedsMax: 4_000,
  caughtBy: /CMG1/,
})

canary('a commission that is paid without what is owed is caught (CMG1)', {
  cast: earning({
    pay: (state, command, context) => {
      const decision = paying.decide['pay']!(state, command, context)
      if (!isAccepted(decision)) return decision
      const postings = (decision.postings ?? []).flatMap(one =>
        one.name === 'keep' ? [one, { ...one, name: 'again' }] : [one],
      )
      return { ...decision, postings }
    },
  }),
  seedsMax: 10_000,
  caughtBy: /CMG1/,
})

// -- planted around the host -----------------------------------------------------------------

const checkpoints = (change: (image: CheckpointImage) => CheckpointImage): Plant => ({
  batch: (batch: Batch) => ({ ...batch, checkpoints: batch.checkpoints.map(change) }),
})

const cells = (change: (cell: CheckpointImage['cells'][number]) => object): Plant =>
  checkpoints(image => ({ ...image, cells: image.cells.map(change) as CheckpointImage['cells'] }))

canary('a gate that opens before the journal has it is caught (V2, V3)', {
  plant: { opensEarly: true },
  caughtBy: /V2|V3/,
})

canary('a process that is not fenced is caught (V6, V10)', {
  plant: {
    journal(journal: MemoryJournal) {
      const append = journal.append.bind(journal)
      journal.append = batch => {
        const fence = new Map([...batch.fence.keys()].map(shard => [shard, journal.epoch(shard)]))
        append({ ...batch, fence })
      }
    },
  },
  caughtBy: /J1|V\d|violation|C1/,
})

canary('a lease that stays the same after a doubtful write is caught (V14)', {
  plant: { keepsEpoch: true },
  seedsMax: 4_000,
  caughtBy: /V\d|violation|C1/,
})

canary('a fault that says untouched and is not is caught (V4)', {
  plant: { saysUntouched: true },
  caughtBy: /V4/,
})

canary('an answer that is not delivered is caught (V14, V15)', {
  plant: { dropsAnswers: true },
  caughtBy: /V7|V14|V15/,
})

canary('an effect that is handed out twice is caught (V12, V19)', {
  plant: {
    host({ outbox }) {
      const push = outbox.push.bind(outbox)
      outbox.push = errand => {
        push(errand)
        push(errand)
      }
    },
  },
  caughtBy: /V12|V19/,
})

canary('a resumption that buys again under a new reference is caught (V14)', {
  resumesAnew: true,
  // Whichever alarm rings first: the second reference, sent, or sold.
  caughtBy: /V3|V12|V14/,
})

canary('a re-check after the supplier has forgotten is caught (V12)', {
  ignoresWindow: true,
  seedsMax: 2_000,
  caughtBy: /V12/,
})

canary('a re-check that counts from the dispatch of what stood in line is caught (V19)', {
  cast: deciding('report', usual => (state, command, context) => {
    const { report } = command as unknown as { report: { leftAt?: number } }
    const { leftAt: _, ...unaware } = report
    return usual(state, { ...command, report: unaware } as never, context)
  }),
  caughtBy: /V19/,
})

canary('a snapshot that misses the holds is caught (V6)', {
  plant: cells(cell => ({ ...cell, holds: [] })),
  caughtBy: /V6|L3/,
})

canary('a snapshot that misses the effects owed is caught (V5, V6, V7)', {
  plant: cells(cell => ({ ...cell, owed: [] })),
  caughtBy: /V5|V6|V7/,
})

canary('a sleeper whose alarm is lost is caught (V5, V6)', {
  plant: cells(cell => ({ ...cell, wakeAt: null })),
  caughtBy: /V5|V6/,
})

canary('a bell that never rings is caught (V5)', {
  plant: {
    host({ wheel }) {
      const arm = wheel.arm.bind(wheel)
      let count = 0
      wheel.arm = (...alarm) => {
        if (count++ % 3 !== 0) arm(...alarm)
      }
    },
  },
  caughtBy: /V5/,
})

canary('keys that are thought to be complete too early are caught (V6, V11)', {
  plant: {
    host(host) {
      const learn = host.learnKeys.bind(host)
      host.learnKeys = (shard, epoch) => learn(shard, epoch, [], true)
    },
  },
  caughtBy: /V\d/,
})

canary('claims that are not there after recovery are caught (V6)', {
  plant: checkpoints(image => ({ ...image, claims: [] })),
  caughtBy: /V6/,
})

canary('a checkpoint that misses the accounts is caught (V6)', {
  plant: checkpoints(image => ({ ...image, accounts: [] })),
  caughtBy: /V6|L2|violation/,
})

canary('a recovery that misses the last line is caught (V6, V7)', {
  plant: {
    journal(journal: MemoryJournal) {
      const recover = journal.recover.bind(journal)
      journal.recover = shard => {
        const image = recover(shard)
        return { ...image, tail: image.tail.slice(0, -1) }
      }
    },
  },
  caughtBy: /V6|V7/,
})

test('world: determinism: the same seed tells the same story (V8)', () => {
  const tell = (seed: number) => new World({ seed, outside: new Story() }).run().hash()
  for (let seed = 1; seed <= 50; seed++) equal(tell(seed), tell(seed))
  notEqual(tell(1), tell(2))
})
