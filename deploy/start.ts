/**
 * The whole program, put together: the only file that knows every part. Parts are opened in the
 * order in which they need each other and closed in the opposite one.
 *
 *   settings ─▶ ground ─▶ schema ─▶ market ─▶ engine ─▶ lines ─▶ gateway ─▶ ready line
 *
 * DX2. What can not start says in one sentence what is wrong and what to do, and leaves with 2.
 * DX4. Whoever read our log may be gone: what it would have heard is lost, and nothing else.
 */

import { readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { ServiceBroker } from 'moleculer'
import type { Mqtt } from '../broker/broker.ts'
import { gatewayService } from '../gateway/gateway.service.ts'
import { nodeConfig } from '../moleculer.config.ts'
import { makeAlarms } from '../services/alarm/alarm.service.ts'
import { closingService, makeCloser } from '../services/closing/closing.service.ts'
import type { Cluster } from '../services/cluster/cluster.ts'
import type { Call } from '../services/contract.ts'
import { controlService } from '../services/control/control.service.ts'
import { openEngineRoom } from '../services/engine-room.ts'
import { journalOf } from '../services/journal-follower.ts'
import { liveService } from '../services/live/live.service.ts'
import { Sender } from '../services/mail/sender.ts'
import { Projector } from '../services/projection/projector.ts'
import { makeSeal } from '../services/seal.ts'
import { collectAtRest } from '../services/system/rest.ts'
import { Retention } from '../services/system/retention.ts'
import { journalPart, systemService } from '../services/system/system.service.ts'
import type { OpenTraces } from '../services/trace/exporter.ts'
import { makeWebhooks, type Webhooks } from '../services/webhook/webhook.service.ts'
import { followChanges } from '../sql/changes.ts'
import { DatabaseRefused, openDatabase } from '../sql/database.ts'
import { databaseIdentity } from '../sql/installation.ts'
import { MigrationRefused, migrate } from '../sql/migrate.ts'
import { joinCluster } from './cluster.ts'
import { prepareDemo } from './demo/demo.ts'
import { demoBoxOf } from './demo/device.ts'
import { mailServerOf } from './demo/mail.ts'
import { furnishDemo, joinSandbox } from './demo/town.ts'
import { Ending } from './ending.ts'
import { checkPlace, fixShards, openGround } from './ground.ts'
import { openDepositLine } from './lines/deposit.ts'
import { openMarket } from './lines/market.ts'
import { openAdapters, openMesh, openMqtt, readTls } from './lines/mqtt.ts'
import { openNumberLine } from './lines/number.ts'
import { openOffice } from './lines/office.ts'
import { openSoundboxLine } from './lines/soundbox.ts'
import { openTopupLine } from './lines/topup.ts'
import { fault, type Log, openLog, trouble } from './program-log.ts'
import { sayReady } from './ready-line.ts'
import { loadSettings, masterKey, type Settings } from './settings.ts'
import { StartFailure } from './start-failure.ts'

const began = performance.now()
// The launcher's large nursery is meant for this thread, which has it by now. While its flag stands
// each worker takes as much, whatever its own limits say: 110 MB in the caller's alone.
setFlagsFromString('--max-semi-space-size=0')
const forEverDays = 36_500
/** What was under way when we last ended waits until new orders can be taken. */
const inFlightBeforeOpen = 2
const root = join(import.meta.dirname, '..')

const ending = new Ending()
// A pipe that is broken is an error at each line, and an error that nobody hears ends the program.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

try {
  await ending.after(start(loadSettings(root)))
} catch (cause) {
  await fail(cause)
}

async function start(settings: Settings): Promise<void> {
  const { mode, dataDir, shards } = settings
  const isDemo = mode === 'demo'
  const log = openLog(settings)
  for (const notice of settings.notices) log('warn', notice)
  await checkPlace(settings)
  const tls = readTls(settings)
  const { url, sandboxUrl } = await openGround({ settings, log, ending, onLost: fail })
  if (ending.isAsked) return
  const db = await openDatabase(url)
  ending.add(() => db.end())
  await migrate(url)
  await fixShards(db, shards)

  const seal = makeSeal(masterKey(settings))
  const demo = isDemo ? await prepareDemo({ db, seal, shards, dataDir, sandboxUrl }) : null
  const changes = await followChanges(url)
  ending.add(() => changes.stop())
  const { callbackBase } = settings
  const market = await openMarket({ db, seal, changes, isDemo, callbackBase })
  ending.add(() => market.close())
  const { directory } = market

  const traced = await traceOf(settings, log)
  ending.add(() => traced?.close())
  const broker = new ServiceBroker(nodeConfig({ logLevel: settings.logLevel }))
  const call: Call = (action, params) => broker.call(action, params)
  let isOpen = false
  /** Of our ownership of the journal, as it was when it began. */
  let epoch: number | null = null
  let register: (() => Promise<void>) | undefined
  let webhooks: Webhooks | undefined
  const room = await openEngineRoom({
    url,
    shards,
    limitOf: target => (isOpen ? (directory.get(target)?.maxInFlight ?? 64) : inFlightBeforeOpen),
    rateOf: target => directory.get(target)?.ratePerMin ?? null,
    traces: traced?.traces ?? null,
    onEvent: event => {
      log(event.type === 'recovered' ? 'info' : 'error', event.type, event)
      if (event.type === 'recovered' || event.type === 'standing_by') {
        void broker.broadcastLocal('owner.moved', {})
      }
      // Whoever held the shards meanwhile told the sandbox to call elsewhere.
      if (event.type !== 'recovered') return
      epoch = engine.host.shard(0)?.epoch ?? null
      void register?.().catch(() => {})
      webhooks?.lookAgain()
    },
  })
  const { engine, now } = room
  const isOwner = () => engine.isOwner
  const isServing = () => engine.state === 'serving'
  const projector = new Projector({
    ...{ url, shards, source: journalOf(room) },
    isOwner: () => engine.state !== 'standing_by' && engine.state !== 'cut',
    onError: trouble(log, 'projection write failed'),
  })
  room.listeners.push(batch => projector.feed(batch))

  // Connections of their own: who is at the door, callbacks, which are kept before they are
  // answered, and a thousand webhooks that end at once. Pages that wait for a table that somebody
  // locked must not keep payments from being taken.
  const webhookDb = await openDatabase(url, { name: 'laju webhooks', connectionsMax: 3 })
  ending.add(() => webhookDb.end())
  const identityDb = await openDatabase(url, { name: 'laju identity', connectionsMax: 2 })
  ending.add(() => identityDb.end())
  const inboxDb = await openDatabase(url, { name: 'laju inbox', connectionsMax: 3 })
  ending.add(() => inboxDb.end())

  const { isTotpRequired } = settings
  const office = openOffice({
    ...{ room, db, identityDb, seal, changes, projector, isTotpRequired, call, log },
  })
  const { identity, pins } = office
  const topup = openTopupLine({
    ...{ room, db, inboxDb, seal, changes, market, projector, pins, call, log },
  })
  ending.add(() => topup.close())
  webhooks = makeWebhooks({
    ...{ room, db: webhookDb, seal, changes },
    egress: { loopbackAllowed: isDemo },
    keepMs: (settings.retention.webhooks || forEverDays) * 86_400_000,
    onError: trouble(log, 'webhook trouble'),
  })
  const closing = {
    ...{ room, db, masterKey: masterKey(settings) },
    onError: trouble(log, 'closing failed'),
  }
  const closer = makeCloser(closing)
  const retention = new Retention({
    ...{ db, now, days: settings.retention, isOwner: isServing },
    onDeleted: (deleted, ms) => log('info', 'days are over', { deleted, ms }),
    onError: trouble(log, 'deleting failed'),
  })
  let mqtt: Mqtt | null = null
  let cluster: Cluster | null = null
  const firmware = openAdapters()
  const soundbox = await openSoundboxLine({
    adapters: firmware,
    ...{ room, db, inboxDb, seal, changes, dataDir, isDemo, call },
    fleetToken: settings.deviceToken,
    onError: trouble(log, 'soundbox trouble'),
  })
  const numbers = await openNumberLine({
    ...{ room, db, seal, changes, identity, call },
    broadcast: told => {
      void broker.broadcastLocal('live.staff', told)
      cluster?.tell('live.staff', told)
    },
    onError: trouble(log, 'number line trouble'),
  })
  ending.add(() => numbers.close())
  const deposits = openDepositLine({
    ...{ room, db, seal, changes, onPayer: numbers.paid },
    onError: trouble(log, 'trouble with deposits'),
  })
  const mesh =
    settings.redisUrl === null
      ? null
      : await openMesh({
          ...{ url: settings.redisUrl, key: seal.keyFor('mesh'), devices: soundbox.devices, log },
          installation: await databaseIdentity(db.pool),
          epoch: () => (isOwner() ? epoch : null),
        })
  // When the start fails before there is a broker; else it leaves with that.
  ending.add(() => mesh?.close())
  const alarms = makeAlarms({
    ...{ db, seal, projector, webhooks, dataDir, now, floats: topup.audit },
    ...{ gauges: topup.router.gauges, host: engine.host, closing: closer.health },
    trespasses: () => [...(mqtt?.trespassers() ?? []), ...(mesh?.trespassers() ?? [])],
    egress: { loopbackAllowed: isDemo },
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
  for (const service of [
    ...office.services,
    ...topup.services,
    ...soundbox.services,
    ...numbers.services,
    deposits.service,
    closingService(closing, closer),
    webhooks.service,
    alarms.service,
    liveService({
      ...{ room, pulse: isDemo, staff: numbers.staff },
      openMessage: numbers.openMessage,
      tellOthers: (name, payload) => cluster?.tell(name, payload),
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
      mqtt: { figures: () => mqtt?.stats ?? null, mesh: () => mesh?.stats ?? null },
      payments: { figures: soundbox.figures },
      abuse: { figures: numbers.abuse },
      numbers: { figures: numbers.line.figures },
      traces: { figures: () => traced?.figures() ?? null },
      cluster: { figures: () => cluster },
      isServedElsewhere: () => cluster?.isServed ?? false,
    }),
  ]) {
    broker.createService(service)
  }

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
    // What waits is begun after the next start; now it would be refused, and its order would fail.
    () => engine.rest(),
  )

  const { callbackSecret } = soundbox
  const town = { db, seal, call, callbackSecret, dataDir, shards, now }
  const demoDevice = demo === null ? null : await furnishDemo(demo, { ...town, sandboxUrl })
  mqtt = await openMqtt({
    adapters: firmware,
    ...{ settings, tls, log, mesh, isOwner, devices: soundbox.devices },
  })
  if (mqtt !== null) health.push(mqtt.health)
  ending.add(async () => {
    await mqtt?.close()
    await mesh?.close()
  })
  if (settings.natsUrl !== null) {
    cluster = await joinCluster({
      ...{ broker, now, natsUrl: settings.natsUrl, key: seal.keyFor('cluster') },
      ...{ installation: await databaseIdentity(db.pool), logLevel: settings.logLevel },
      epoch: () => (isOwner() ? epoch : null),
      isReady: () => journalPart(engine).ok,
    })
    health.push(cluster.health)
  }
  const joined = cluster
  const mqttPort = mqtt?.ports.tcp ?? null
  const addressAt = (port: number) => settings.publicUrl ?? `http://127.0.0.1:${port}`
  const opened = Promise.withResolvers<number>()
  const gateway = broker.createService(
    gatewayService({
      port: settings.port,
      mode,
      publicUrl: addressAt(settings.port),
      proxies: settings.trustedProxies,
      ...(mqttPort === null ? {} : { mqttPort }),
      ...(demo === null
        ? {}
        : { demo: { userId: demo.client.userId, username: demo.client.username, level: 0 } }),
      ...(demoDevice === null ? {} : { demoBox: demoBoxOf(demoDevice, sandboxUrl) }),
      ...(sandboxUrl === null ? {} : { playUrl: `${sandboxUrl}/_sandbox/main` }),
      beginTrace: traced?.traces.begin ?? null,
      ...(joined === null
        ? {}
        : {
            callOf: local => joined.callOf(local),
            onNonces: digests => joined.tell('nonces.used', { digests }),
          }),
      onOpen: opened.resolve,
      onRefused: opened.reject,
      onFault: fault(log, 'gateway fault'),
    }),
  )
  const port = await opened.promise
  const publicUrl = addressAt(port)
  const sender = new Sender({
    ...{ db, seal, now, from: settings.mailFrom, isOwner: isServing },
    smtpUrl: () => mailServerOf(settings.smtpUrl, sandboxUrl),
    publicUrl: () => publicUrl,
    onError: trouble(log, 'mail trouble'),
  })
  sender.start()
  isOpen = true
  // Not before: reading everything back is work as well, though nobody takes a turn.
  ending.add(
    collectAtRest(() => engine.host.stats.turns),
    () => sender.stop(),
    () => broker.stop(),
    () => joined?.close(),
    () => broker.destroyService(gateway),
  )
  if (demo !== null && sandboxUrl !== null) {
    const refreshGateways = deposits.refresh
    const sandbox = await joinSandbox(demo, { ...town, sandboxUrl, publicUrl, refreshGateways })
    register = sandbox.register
    await register()
  }
  // Now, for who is killed keeps nothing for the next start.
  flushCompileCache()
  if (ending.isAsked) return
  const ms = Math.round(performance.now() - began)
  sayReady(settings, { port, mqttPort, sandbox: sandboxUrl, ms })
}

/** Nothing of it is read into memory when there is nobody to send to. */
async function traceOf({ traces }: Settings, log: Log): Promise<OpenTraces | null> {
  if (traces === null) return null
  const { openTraces } = await import('../services/trace/exporter.ts')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return openTraces({ ...traces, version, log })
}

async function fail(cause: unknown): Promise<void> {
  for (const sentence of sentencesOf(cause)) process.stderr.write(`\n  ${sentence}\n\n`)
  await ending.leave(2)
}

function sentencesOf(cause: unknown): readonly string[] {
  if (cause instanceof StartFailure) return cause.problems
  if (cause instanceof MigrationRefused || cause instanceof DatabaseRefused) return [cause.message]
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return [`Laju could not start: ${text}`]
}
