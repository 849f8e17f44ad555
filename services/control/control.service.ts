/**
 * Does what the command line asks while the engine runs: the command line may not write to the
 * journal itself, for it would take the shards away. Requests stand in a table; each is done once
 * its verb is known, and its answer is written beside it.
 *
 * CT1. A request is answered whatever happens, also with a failure in words.
 * CT2. Doing a request twice (a crash between doing and noting) changes nothing: verbs are
 *      idempotent by their own reference.
 * CT3. Beside another engine only the owner of the shards does and answers anything.
 * CT4. The command line waits a minute. What it stopped waiting for is not done any more: a verdict
 *      of last night would meet an order that has moved on, and nobody would see a box's secret.
 */

import type { ServiceBroker, ServiceSchema } from 'moleculer'
import type { Changes } from '../../sql/changes.ts'
import { answerRequest, openRequests } from '../../sql/control.ts'
import type { Database } from '../../sql/database.ts'
import type { Actions } from '../contract.ts'
import type { Projector } from '../projection/projector.ts'

type ControlDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly changes: Pick<Changes, 'subscribe'>
  /** Everything that is folded from the journal, and can be folded again. */
  readonly projectors: readonly Pick<Projector, 'rebuild' | 'idle'>[]
  /** Whether the shards are this process's own now. */
  readonly isOwner: () => boolean
}

type ClientStatus = Actions['clients.status']['params']
type Deposit = Actions['wallet.deposit']['params']
type Hand = Actions['order.hold']['params']
type Provision = Actions['device.provision']['params'] & { readonly terminalId: string | null }
type Rotate = Actions['device.rotate']['params']
type Reroute = Actions['order.reroute']['params']
type Resolve = Actions['order.resolve']['params']

const beatMs = 2_000
const pollMs = 50

export function controlService(deps: ControlDeps): ServiceSchema {
  const { db, changes, projectors, isOwner } = deps
  let unsubscribe = () => {}
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | null = null
  let again = false

  const verbs = (broker: ServiceBroker): Record<string, (params: never) => Promise<object>> => ({
    async deposit({ deposits }: { deposits: readonly Deposit[] }) {
      const answers = await Promise.all(deposits.map(one => broker.call('wallet.deposit', one)))
      return { answers }
    },
    resolve: async (params: Resolve) => ({ answer: await broker.call('order.resolve', params) }),
    hold: async (params: Hand) => ({ answer: await broker.call('order.hold', params) }),
    release: async (params: Hand) => ({ answer: await broker.call('order.release', params) }),
    recheck: async (params: Hand) => ({ answer: await broker.call('order.recheck', params) }),
    reroute: async (params: Reroute) => ({ answer: await broker.call('order.reroute', params) }),
    clientStatus: async (params: ClientStatus) => ({
      answer: await broker.call('clients.status', params),
    }),
    deviceProvision: async (params: Provision) => ({ answer: await provision(broker, params) }),
    deviceRotate: async (params: Rotate) => ({
      answer: await broker.call('device.rotate', params),
    }),
    async rebuild() {
      for (const projector of projectors) {
        await projector.rebuild()
        while (!projector.idle) await new Promise(resolve => setTimeout(resolve, pollMs))
      }
      return { done: true }
    },
  })

  async function work(broker: ServiceBroker): Promise<void> {
    if (!isOwner()) return
    for (const { id, verb, params, isStale } of await openRequests(db.pool)) {
      if (isStale) {
        await answerRequest(db.pool, id, { failed: 'no engine was there while it was waited for' })
        continue
      }
      const known = verbs(broker)
      const perform = Object.hasOwn(known, verb) ? known[verb] : undefined
      const result =
        perform === undefined
          ? { failed: `no such verb: ${verb}` }
          : await perform(params as never).catch((cause: unknown) => ({ failed: String(cause) }))
      // Lost meanwhile: what came out is no answer, and whoever owns them now does it again.
      if (!isOwner()) return
      await answerRequest(db.pool, id, result)
    }
  }

  function beat(broker: ServiceBroker): void {
    again = working !== null
    working ??= work(broker)
      .catch(() => {})
      .finally(() => {
        working = null
        if (again) beat(broker)
      })
  }

  return {
    name: 'control',
    async started(this: { broker: ServiceBroker }) {
      const { broker } = this
      unsubscribe = changes.subscribe({
        change: ({ table }) => {
          if (table === 'control') beat(broker)
        },
        gap: () => beat(broker),
      })
      timer = setInterval(() => beat(broker), beatMs).unref()
      beat(broker)
    },
    async stopped() {
      clearInterval(timer)
      unsubscribe()
      again = false
      await working
    },
  } as ServiceSchema
}

/** Also put where it is to stand, when that was said; what is there already stays. */
async function provision(
  broker: ServiceBroker,
  { terminalId, ...asked }: Provision,
): Promise<object> {
  const made: Actions['device.provision']['result'] = await broker.call('device.provision', asked)
  if (terminalId === null || !('ok' in made)) return made
  const { deviceId } = made.ok.device
  const place = { deviceId, terminalId, swap: false, by: asked.by }
  const bound: Actions['device.bind']['result'] = await broker.call('device.bind', place)
  // The box is there all the same: whoever asked can bind it, with a new secret.
  return 'ok' in bound ? { ok: { device: bound.ok } } : { ...bound, details: { deviceId } }
}
