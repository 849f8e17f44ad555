/**
 * All lines of business, put together on one node: what each needs of the others, what they tell of
 * themselves, and in which order they start and stop with the engine.
 */

import type { ServiceSchema } from 'moleculer'
import type { Adapter } from '../../broker/adapter.ts'
import type { Mesh } from '../../broker/mesh.ts'
import { makeAlarms } from '../../services/alarm/alarm.service.ts'
import { closingService, makeCloser } from '../../services/closing/closing.service.ts'
import type { HealthPart } from '../../services/contract/live.ts'
import { controlService } from '../../services/control/control.service.ts'
import { liveService } from '../../services/live/live.service.ts'
import { Retention } from '../../services/system/retention.ts'
import { systemService } from '../../services/system/system.service.ts'
import { makeWebhooks } from '../../services/webhook/webhook.service.ts'
import { openDatabase } from '../../sql/database.ts'
import { databaseIdentity } from '../../sql/installation.ts'
import type { Base } from '../base.ts'
import type { EngineNode } from '../node.ts'
import { trouble } from '../program-log.ts'
import { masterKey } from '../settings.ts'
import { openDepositLine } from './deposit.ts'
import { openAdapters, openMesh } from './mqtt.ts'
import { openNumberLine } from './number.ts'
import { openOffice } from './office.ts'
import { openSoundboxLine, type SoundboxLine } from './soundbox.ts'
import { openTopupLine } from './topup.ts'

export type Lines = {
  readonly services: readonly ServiceSchema[]
  /** What is asked for `/health/deep`; the doors add theirs. */
  readonly health: (() => HealthPart)[]
  readonly soundbox: SoundboxLine
  readonly firmware: ReadonlyMap<string, Adapter>
  /** Null: there are no brokers but ours. */
  readonly mesh: Mesh | null
  /** Asks payment gateways that have not said what they offer. */
  readonly refreshGateways: () => Promise<void>
  /** The engine, and then whatever works behind it. */
  readonly start: () => Promise<void>
}

const forEverDays = 36_500

export async function openLines(base: Base, node: EngineNode): Promise<Lines> {
  const { settings, log, ending, ground, db, seal, changes, market, isDemo } = base
  const { broker, call, room, projector, traced, later, isOwner, isServing } = node
  const { dataDir, isTotpRequired, deviceToken, redisUrl, retention: days } = settings
  const { engine, now } = room
  const egress = { loopbackAllowed: isDemo }

  // Connections of their own: who is at the door, callbacks, which are kept before they are
  // answered, and a thousand webhooks that end at once. Pages that wait for a table that somebody
  // locked must not keep payments from being taken.
  const apart = async (name: string, connectionsMax: number) => {
    const pool = await openDatabase(ground.url, { name, connectionsMax })
    ending.add(() => pool.end())
    return pool
  }
  const webhookDb = await apart('laju webhooks', 3)
  const identityDb = await apart('laju identity', 2)
  const inboxDb = await apart('laju inbox', 3)

  const office = openOffice({
    ...{ room, db, identityDb, seal, changes, projector, isTotpRequired, call, log },
  })
  const { identity, pins } = office
  const topup = openTopupLine({
    ...{ room, db, inboxDb, seal, changes, market, projector, pins, call, log },
  })
  ending.add(() => topup.close())
  const webhooks = makeWebhooks({
    ...{ room, db: webhookDb, seal, changes, egress },
    keepMs: (days.webhooks || forEverDays) * 86_400_000,
    onError: trouble(log, 'webhook trouble'),
  })
  later.recovered.push(() => webhooks.lookAgain())
  const closing = {
    ...{ room, db, masterKey: masterKey(settings) },
    onError: trouble(log, 'closing failed'),
  }
  const closer = makeCloser(closing)
  const retention = new Retention({
    ...{ db, now, days, isOwner: isServing },
    onDeleted: (deleted, ms) => log('info', 'days are over', { deleted, ms }),
    onError: trouble(log, 'deleting failed'),
  })
  const firmware = openAdapters()
  const soundbox = await openSoundboxLine({
    ...{ room, db, inboxDb, seal, changes, dataDir, isDemo, call, adapters: firmware },
    fleetToken: deviceToken,
    onError: trouble(log, 'soundbox trouble'),
  })
  const numbers = await openNumberLine({
    ...{ room, db, seal, changes, identity, call },
    broadcast: told => {
      void broker.broadcastLocal('live.staff', told)
      later.cluster?.tell('live.staff', told)
    },
    onError: trouble(log, 'number line trouble'),
  })
  ending.add(() => numbers.close())
  const deposits = openDepositLine({
    ...{ room, db, seal, changes, onPayer: numbers.paid },
    onError: trouble(log, 'trouble with deposits'),
  })
  const mesh =
    redisUrl === null
      ? null
      : await openMesh({
          ...{ url: redisUrl, key: seal.keyFor('mesh'), devices: soundbox.devices, log },
          installation: await databaseIdentity(db.pool),
          epoch: () => (isOwner() ? later.epoch : null),
        })
  // When the start fails before there is a broker; else it leaves with that.
  ending.add(() => mesh?.close())
  const alarms = makeAlarms({
    ...{ db, seal, projector, webhooks, dataDir, now, egress, floats: topup.audit },
    ...{ gauges: topup.router.gauges, host: engine.host, closing: closer.health },
    clock: engine.clock,
    trespasses: () => [...(later.mqtt?.trespassers() ?? []), ...(mesh?.trespassers() ?? [])],
    // Mending is when the database went away under an owner: then somebody must hear of it.
    isOwner,
    onError: trouble(log, 'alarms not looked after'),
  })
  const health = [
    ...market.health,
    ...office.health,
    closer.health,
    ...numbers.health,
    ...deposits.health,
    ...(mesh === null ? [] : [mesh.health]),
    ...soundbox.health,
  ]

  return {
    ...{ health, soundbox, firmware, mesh, refreshGateways: deposits.refresh },
    services: [
      ...office.services,
      ...topup.services,
      ...soundbox.services,
      ...numbers.services,
      deposits.service,
      closingService(closing, closer),
      webhooks.service,
      alarms.service,
      liveService({
        ...{ room, pool: db.pool, pulse: isDemo, staff: numbers.staff },
        openMessage: numbers.openMessage,
        tellOthers: (name, payload) => later.cluster?.tell(name, payload),
      }),
      controlService({
        ...{ db, changes, isOwner: isServing },
        projectors: [projector, soundbox.rows, deposits.rows, numbers.line.rows],
      }),
      systemService({
        ...{ engine, projector, webhooks, db, now, retention, parts: health },
        ...{ caller: market.caller, shelf: market.shelf, router: topup.router },
        ...{ floats: topup.audit, overdue: topup.overdue, sold: topup.sold },
        alarms: alarms.watch,
        mqtt: { figures: () => later.mqtt?.stats ?? null, mesh: () => mesh?.stats ?? null },
        payments: { figures: soundbox.figures },
        abuse: { figures: numbers.abuse },
        numbers: { figures: numbers.line.figures },
        traces: { figures: () => traced?.figures() ?? null },
        cluster: { figures: () => later.cluster },
        isServedElsewhere: () => later.cluster?.isServed ?? false,
      }),
    ],
    async start() {
      await deposits.open()
      await Promise.all([engine.start(), topup.restore()])
      retention.start()
      await projector.start()
      await topup.start()
      await soundbox.start()
      deposits.start()
      await numbers.start()
      await broker.start()
      // No new work from outside, then the engine, then whoever follows what it made durable.
      ending.add(
        () => numbers.stop(ending.hurry),
        () => soundbox.stop(),
        () => deposits.stop(),
        () => retention.stop(),
        () => projector.stop(),
        () => topup.stop(),
        () => engine.stop(),
        () => deposits.close(ending.hurry),
        () => topup.hangUp(ending.hurry),
        // What waits is begun after the next start; now it would be refused, and its order fail.
        () => engine.rest(),
      )
    },
  }
}
