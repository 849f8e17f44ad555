/**
 * The whole program, put together: the only file that knows every part. Parts are opened in the
 * order in which they need each other and closed in the opposite one.
 *
 *   settings ─▶ Postgres, sandbox ─▶ schema ─▶ engine ─▶ services ─▶ gateway ─▶ ready line
 *
 * DX1. Exactly one line goes to stdout: the ready line, when the first order would be taken.
 * DX2. What can not start says in one sentence what is wrong and what to do, and leaves with 2.
 * DX3. SIGTERM, SIGINT and SIGHUP (the terminal is closed) stop cleanly: no new work, flush,
 *      checkpoint, leave.
 * DX5. Whoever outside still owes an answer then is waited for, but not for long, and not at all
 *      after a second signal: what he did is unknown, and asked for after the next start.
 * DX4. Whoever read our log may be gone: what it would have heard is lost, and nothing else.
 */

import { once } from 'node:events'
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { ServiceBroker } from 'moleculer'
import type { Mqtt } from '../broker/broker.ts'
import type { JournalRecord } from '../engine/record.ts'
import { gatewayService } from '../gateway/gateway.service.ts'
import { nodeConfig } from '../moleculer.config.ts'
import { makeAlarms } from '../services/alarm/alarm.service.ts'
import { bulkService } from '../services/bulk/bulk.service.ts'
import { careService } from '../services/care/care.service.ts'
import { complaintService } from '../services/care/complaint.service.ts'
import { findingService } from '../services/care/finding.ts'
import { OverdueWatch } from '../services/care/overdue.ts'
import { catalogueAdminService } from '../services/catalogue/admin.service.ts'
import { catalogueService } from '../services/catalogue/catalogue.service.ts'
import { makeShelf } from '../services/catalogue/shelf.ts'
import { bookSource } from '../services/catalogue/source.ts'
import { chatService } from '../services/chat/chat.service.ts'
import { closingService, makeCloser } from '../services/closing/closing.service.ts'
import type { Cluster } from '../services/cluster/cluster.ts'
import { commissionService } from '../services/commission/commission.service.ts'
import type { Call } from '../services/contract.ts'
import { controlService } from '../services/control/control.service.ts'
import { depositService } from '../services/deposit/deposit.service.ts'
import { openEngineRoom } from '../services/engine-room.ts'
import { FloatAudit } from '../services/float/audit.ts'
import { beginAudit } from '../services/float/beginning.ts'
import { floatService } from '../services/float/float.service.ts'
import { accountService } from '../services/identity/account.service.ts'
import { activityService } from '../services/identity/activity.service.ts'
import { clientsService } from '../services/identity/clients.service.ts'
import { identityService, makeIdentity } from '../services/identity/identity.service.ts'
import { partnerService } from '../services/identity/partner.service.ts'
import { Passwords } from '../services/identity/passwords.ts'
import { SecondFactor } from '../services/identity/second-factor.ts'
import { selfService } from '../services/identity/self.service.ts'
import { sessionService } from '../services/identity/session.service.ts'
import { totpService } from '../services/identity/totp.service.ts'
import { journalOf } from '../services/journal-follower.ts'
import { liveService } from '../services/live/live.service.ts'
import { Sender } from '../services/mail/sender.ts'
import { listingService } from '../services/order/listing.service.ts'
import { makeSubmit, orderService } from '../services/order/order.service.ts'
import { parserService } from '../services/parser/parser.service.ts'
import { UnreadReplies } from '../services/parser/unread.ts'
import { openInquired } from '../services/postpaid/inquired.ts'
import { postpaidService } from '../services/postpaid/postpaid.service.ts'
import { Projector } from '../services/projection/projector.ts'
import { Follower } from '../services/routing/follower.ts'
import { Gauges } from '../services/routing/gauges.ts'
import { rebuildGauges } from '../services/routing/rebuild.ts'
import { Router } from '../services/routing/router.ts'
import { routingService } from '../services/routing/routing.service.ts'
import { Stands } from '../services/routing/stands.ts'
import { StockShelf } from '../services/routing/stock-shelf.ts'
import { makeTableShelf } from '../services/routing/table-shelf.ts'
import { makeSeal } from '../services/seal.ts'
import { SoldIntake } from '../services/sold/intake.ts'
import { adapters } from '../services/supplier/adapters.ts'
import { openCallerThread } from '../services/supplier/caller-thread.ts'
import { makeDirectory } from '../services/supplier/directory.ts'
import { Flights, flightStore } from '../services/supplier/flight.ts'
import { Inquirer } from '../services/supplier/inquirer.ts'
import { makeAttemptOf, makeIsSettled } from '../services/supplier/settled.ts'
import { supplierService } from '../services/supplier/supplier.service.ts'
import { collectAtRest } from '../services/system/rest.ts'
import { Retention } from '../services/system/retention.ts'
import { journalPart, systemService } from '../services/system/system.service.ts'
import type { OpenTraces } from '../services/trace/exporter.ts'
import { creditService } from '../services/wallet/credit.service.ts'
import { Pins } from '../services/wallet/pin.ts'
import { transferService } from '../services/wallet/transfer.service.ts'
import { walletService } from '../services/wallet/wallet.service.ts'
import { makeWebhooks, type Webhooks } from '../services/webhook/webhook.service.ts'
import { followChanges } from '../sql/changes.ts'
import { DatabaseRefused, openDatabase } from '../sql/database.ts'
import { databaseIdentity, readInstallation, writeInstallation } from '../sql/installation.ts'
import { MigrationRefused, migrate } from '../sql/migrate.ts'
import { checkNats, joinCluster } from './cluster.ts'
import { demoFile, fundDemo, prepareDemo, registerAtSandbox } from './demo.ts'
import { prepareDemoBank, registerBankAtSandbox } from './demo-bank.ts'
import { prepareDemoChat, registerChatAtSandbox } from './demo-chat.ts'
import { demoBoxOf, prepareDemoDevices } from './demo-device.ts'
import { booksOf, openFloats } from './demo-floats.ts'
import { prepareDemoGateways, registerGatewaysAtSandbox } from './demo-gateways.ts'
import { mailServerOf } from './demo-mail.ts'
import { prepareDemoNumber, registerNumbersAtSandbox } from './demo-number.ts'
import { prepareDemoPeople } from './demo-people.ts'
import { prepareDemoSoundbox, registerAcquirerAtSandbox } from './demo-soundbox.ts'
import { openDepositLine } from './deposit-line.ts'
import { makeFolder, proveWritable } from './folder.ts'
import { openAdapters, openMesh, openMqtt, readTls, takenSentence } from './mqtt.ts'
import { openNumberLine } from './number-line.ts'
import { watchPostgres } from './postgres-watch.ts'
import { startSandbox } from './sandbox-process.ts'
import { loadSettings, masterKey, type Settings } from './settings.ts'
import { openSoundboxLine } from './soundbox-line.ts'
import { StartFailure } from './start-failure.ts'

const began = performance.now()
// The launcher's large nursery is meant for this thread, which has it by now. While its flag stands
// each worker takes as much, whatever its own limits say: 110 MB in the caller's alone.
setFlagsFromString('--max-semi-space-size=0')
const forEverDays = 36_500
/** What was under way when we last ended waits until new orders can be taken. */
const inFlightBeforeOpen = 2
/** A gateway that is slow to say what it offers does not keep the ready line. */
const menusWaitMs = 1_000
/** Less than the half minute after which whoever runs us commonly loses his patience. */
const answersWaitMs = 15_000
/** What hangs although nobody is waited for any more. */
const closeMsMax = 10_000
const mqttSettings = { mqttPort: 'MQTT_PORT', mqttsPort: 'MQTTS_PORT', mqttWsPort: 'MQTT_WS_PORT' }
const root = join(import.meta.dirname, '..')
const closers: (() => Promise<unknown> | unknown)[] = []
const loudness = ['fatal', 'error', 'warn', 'info', 'debug', 'trace']
/** Of a fault of ours: where it was thrown, and the callers next to it. */
const framesMax = 12
let starting: Promise<void> | undefined
let isToStop = false
const hurry = new AbortController()
let stopping = false

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void stop())
}
// A pipe that is broken is an error at each line, and an error that nobody hears ends the program.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

try {
  starting = start(loadSettings(root))
  await starting
} catch (cause) {
  for (const sentence of sentencesOf(cause)) process.stderr.write(`\n  ${sentence}\n\n`)
  await leave(2)
}

async function start(settings: Settings): Promise<void> {
  const { mode, dataDir, shards } = settings
  const log = logger(settings)
  for (const notice of settings.notices) log('warn', notice)
  makeDataDir(dataDir)
  const tls = readTls(settings)
  await checkPort('PORT', settings.port)
  for (const name of ['mqttPort', 'mqttsPort', 'mqttWsPort'] as const) {
    await checkPort(mqttSettings[name], settings[name] ?? 0)
  }
  if (settings.natsUrl !== null) await checkNats(settings.natsUrl)

  const [url, sandboxUrl] = await together(openDatabaseServer(settings, log), sandboxOf(settings))
  if (isToStop) return
  const db = await openDatabase(url)
  closers.push(() => db.end())
  await migrate(url)
  await fixShards(db, shards)

  const seal = makeSeal(masterKey(settings))
  const demo = mode === 'demo' ? await prepareDemo({ db, seal, shards, dataDir, sandboxUrl }) : null
  const changes = await followChanges(url)
  closers.push(() => changes.stop())
  const caller = openCallerThread()
  const [shelf, routing, directory] = await Promise.all([
    makeShelf({ source: bookSource(db), changes }),
    makeTableShelf({ db, changes }),
    makeDirectory({
      ...{ db, seal, changes, adapters, testing: mode === 'demo', onChange: caller.know },
      callbackBase: settings.callbackBase,
    }),
  ])
  closers.push(
    () => shelf.stop(),
    () => routing.stop(),
    () => directory.stop(),
  )

  const traced = await traceOf(settings, log)
  closers.push(() => traced?.close())
  let isOpen = false
  /** Of our ownership of the journal, as it was when it began. */
  let epoch: number | null = null
  let callBack: (() => Promise<void>) | undefined
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
      void callBack?.().catch(() => {})
      webhooks?.lookAgain()
    },
  })
  const { engine } = room
  const isOwner = () => engine.isOwner
  const isServing = () => engine.state === 'serving'
  const projector = new Projector({
    ...{ url, shards, source: journalOf(room) },
    isOwner: () => engine.state !== 'standing_by' && engine.state !== 'cut',
    onError: cause => log('error', 'projection write failed', { cause: String(cause) }),
  })
  room.listeners.push(batch => projector.feed(batch))
  const router = new Router(new Gauges(), routing.table())
  routing.listen(table => router.use(table))
  const audit = new FloatAudit()
  const take = (record: JournalRecord, key: string, seq: number) => {
    router.gauges.feed(record, key, seq)
    audit.feed(record)
  }
  const follower = new Follower({
    lines: (shard, seq, limit) => engine.lines(shard, seq, limit),
    take,
  })
  room.listeners.push(batch => {
    for (const { outcome } of batch.piled) {
      if (outcome.line !== null) follower.feed(outcome.line, outcome.record!)
    }
  })
  router.gauges.stocks.isCurrent = () => follower.hasAll(engine.host.shards())
  const sold = new SoldIntake({
    ...{ pool: db.pool, shards, isOwner: isServing },
    source: journalOf(room),
    onDuplicates: orders => log('warn', 'serial numbers of earlier orders', { orders }),
    onOvercharges: found => {
      const about = { orders: found.length, first: found.slice(0, 20) }
      log('warn', 'suppliers charged more than they were told', about)
    },
    onError: cause => log('error', 'deliveries not counted', { cause: String(cause) }),
  })
  room.listeners.push(batch => sold.follower.feed(batch))
  const stocks = new StockShelf({
    ...{ db, changes, follower, gauges: router.gauges, write: () => sold.follower.flush() },
    onError: cause => log('error', 'stocks not counted', { cause: String(cause) }),
  })

  // Connections of its own: a thousand calls that end at once keep nobody else waiting.
  const webhookDb = await openDatabase(url, { name: 'laju webhooks', connectionsMax: 3 })
  closers.push(() => webhookDb.end())
  webhooks = makeWebhooks({
    ...{ room, db: webhookDb, seal, changes },
    egress: { loopbackAllowed: mode === 'demo' },
    keepMs: (settings.retention.webhooks || forEverDays) * 86_400_000,
    onError: cause => log('error', 'webhook trouble', { cause: String(cause) }),
  })

  // As well: who is at the door, and callbacks, which are kept before they are answered. Pages that
  // wait for a table that somebody locked must not keep payments from being taken.
  const identityDb = await openDatabase(url, { name: 'laju identity', connectionsMax: 2 })
  closers.push(() => identityDb.end())
  const inboxDb = await openDatabase(url, { name: 'laju inbox', connectionsMax: 3 })
  closers.push(() => inboxDb.end())

  const broker = new ServiceBroker(nodeConfig({ logLevel: settings.logLevel }))
  const identity = makeIdentity({ db: identityDb, seal, changes })
  const health = [shelf.health, routing.health, identity.health, directory.health]
  const closing = {
    ...{ room, db, masterKey: masterKey(settings) },
    onError: (cause: unknown) => log('error', 'closing failed', { cause: String(cause) }),
  }
  const closer = makeCloser(closing)
  health.push(closer.health)
  const unread = new UnreadReplies()
  const retention = new Retention({
    ...{ db, days: settings.retention, now: room.now },
    isOwner: isServing,
    onDeleted: (deleted, ms) => log('info', 'days are over', { deleted, ms }),
    onError: cause => log('error', 'deleting failed', { cause: String(cause) }),
  })
  const submit = unread.overhearingReports(makeSubmit({ room }))
  const hasRules = (code: string) => directory.get(code)?.adapter.configure !== undefined
  const flights = new Flights({
    ...{ caller: unread.overhearing(caller, hasRules), supplierOf: directory.get, submit },
    ...{ store: flightStore(db.pool), isSettled: makeIsSettled(room) },
    attemptOf: makeAttemptOf(room),
  })
  const overdue = new OverdueWatch({
    ...{ db, now: room.now, isOwner: isServing },
    alert: words => log('warn', 'orders wait for a person', words),
    onError: cause => log('error', 'queue of orders not looked at', { cause: String(cause) }),
  })
  const alarms = makeAlarms({
    ...{ db, seal, projector, webhooks, dataDir, now: room.now, floats: audit },
    ...{ gauges: router.gauges, host: engine.host, closing: closer.health },
    trespasses: () => [...(mqtt?.trespassers() ?? []), ...(mesh?.trespassers() ?? [])],
    egress: { loopbackAllowed: mode === 'demo' },
    // Mending is when the database went away under an owner: then somebody must hear of it.
    isOwner,
    onError: cause => log('error', 'alarms not looked after', { cause: String(cause) }),
  })
  const pins = new Pins({ db, seal, now: room.now })
  const passwords = new Passwords({ db, seal, now: room.now })
  const factors = new SecondFactor({
    ...{ db, seal, now: room.now, isRequired: settings.isTotpRequired },
  })
  const orderDeps = {
    ...{ room, shelf, supplierOf: directory.get, caller: flights, router },
    openInquired: (token: string) => openInquired(seal, token),
  }
  const firmware = openAdapters()
  const soundbox = await openSoundboxLine({
    adapters: firmware,
    ...{ room, db, inboxDb, seal, changes, dataDir, isDemo: mode === 'demo' },
    fleetToken: settings.deviceToken,
    call: (action, params) => broker.call(action, params) as never,
    onError: (cause, request_id) =>
      log('error', 'soundbox trouble', { request_id, cause: String(cause) }),
  })
  const numbers = await openNumberLine({
    ...{ room, db, seal, changes, identity },
    call: (action, params) => broker.call(action, params) as never,
    broadcast: told => {
      void broker.broadcastLocal('live.staff', told)
      cluster?.tell('live.staff', told)
    },
    onError: (cause, request_id) =>
      log('error', 'number line trouble', { request_id, cause: String(cause) }),
  })
  closers.push(() => numbers.close())
  health.push(...numbers.health)
  const deposits = openDepositLine({
    ...{ room, db, seal, changes, onPayer: numbers.paid },
    onError: (cause, request_id) =>
      log('error', 'trouble with deposits', { request_id, cause: String(cause) }),
  })
  health.push(...deposits.health)
  const mesh =
    settings.redisUrl === null
      ? null
      : await openMesh({
          ...{ url: settings.redisUrl, key: seal.keyFor('mesh'), devices: soundbox.devices, log },
          installation: await databaseIdentity(db.pool),
          epoch: () => (isOwner() ? epoch : null),
        })
  if (mesh !== null) health.push(mesh.health)
  // When the start fails before there is a broker; else it leaves with that.
  closers.push(() => mesh?.close())
  let mqtt: Mqtt | null = null
  let cluster: Cluster | null = null
  health.push(() => soundbox.registry.health())
  health.push(soundbox.devices.health, () => soundbox.rows.follower.health())
  health.push(() => soundbox.payments.callbacks.health())
  const inquirer = new Inquirer()
  closers.push(() => inquirer.close())
  for (const service of [
    identityService({ db, seal, changes }, identity),
    partnerService({ db }),
    clientsService({
      ...{ db, seal, changes, shards },
      call: (action, params) => broker.call(action, params) as never,
      onError: cause => log('error', 'bans not lifted', { cause: String(cause) }),
    }),
    sessionService({ db, seal, changes, passwords, factors, now: room.now }),
    selfService({ db, seal, shards, passwords }),
    accountService({
      ...{ db, seal, shards, passwords, now: room.now },
      call: (action, params) => broker.call(action, params) as never,
    }),
    totpService({ db, seal, passwords, factors, now: room.now }),
    activityService({ db, now: room.now }),
    catalogueService({ shelf, stocks: router.gauges.stocks }),
    catalogueAdminService({
      ...{ db, seal, adapters, supplierOf: directory.get, now: room.now },
      onError: cause => log('error', 'catalogue change not carried out', { cause: String(cause) }),
    }),
    orderService(orderDeps),
    listingService({ room, db, projector }),
    postpaidService({
      ...{ db, seal, shelf, inquirer, router, now: room.now },
      ...{ supplierOf: directory.get, suppliers: directory.all },
      call: (action, params) => broker.call(action, params) as never,
    }),
    routingService({ db, room, shelf, router }),
    walletService({ room, db, projector }),
    transferService({ room, db, seal, pins }),
    creditService({ room, db }),
    floatService({
      ...{ room, db, audit, log, suppliers: directory.all },
      isOwner: isServing,
      onBalance: (supplier, balance, at) => router.gauges.of(supplier).told(balance, at),
      isDrained: supplier => router.gauges.of(supplier).isDrained,
      onError: cause => log('error', 'supplier floats not looked after', { cause: String(cause) }),
    }),
    commissionService({
      ...{ room, db },
      onRing: buyer => log('error', 'uplines form a ring', { above: buyer }),
      onError: cause => log('error', 'commission trouble', { cause: String(cause) }),
    }),
    depositService({ db, seal, now: room.now, isOwner: isServing }),
    closingService(closing, closer),
    supplierService({ db: inboxDb, supplierOf: directory.get, submit, flights }),
    parserService({ db, unread }),
    careService({ room, db, suppliers: directory.all }),
    findingService({ room, db, supplierOf: directory.get }),
    complaintService({
      ...{ db, room },
      isOwner: isServing,
      call: (action, params) => broker.call(action, params) as never,
      onError: cause => log('error', 'complaint not told', { cause: String(cause) }),
    }),
    bulkService({
      db,
      now: room.now,
      isOwner: isServing,
      call: (action, params) => broker.call(action, params) as never,
    }),
    webhooks.service,
    alarms.service,
    chatService({
      ...{ db, seal, room, shelf, pins },
      isOwner: isServing,
      call: (action, params) => broker.call(action, params) as never,
      onError: (cause, request_id) =>
        log('error', 'chat trouble', { request_id, cause: String(cause) }),
    }),
    ...soundbox.services,
    deposits.service,
    ...numbers.services,
    liveService({
      ...{ room, pulse: mode === 'demo', staff: numbers.staff },
      openMessage: numbers.openMessage,
      tellOthers: (name, payload) => cluster?.tell(name, payload),
    }),
    controlService({
      ...{ db, changes, isOwner: isServing },
      projectors: [projector, soundbox.rows, deposits.rows, numbers.line.rows],
    }),
    systemService({
      ...{ engine, projector, caller, shelf, webhooks, router, floats: audit, overdue, sold, db },
      alarms: alarms.watch,
      mqtt: { figures: () => mqtt?.stats ?? null, mesh: () => mesh?.stats ?? null },
      payments: { figures: soundbox.figures },
      abuse: { figures: numbers.abuse },
      numbers: { figures: numbers.line.figures },
      traces: { figures: () => traced?.figures() ?? null },
      cluster: { figures: () => cluster },
      isServedElsewhere: () => cluster?.isServed ?? false,
      ...{ now: room.now, parts: health, retention },
    }),
  ]) {
    broker.createService(service)
  }

  const { gauges } = router
  const stands = new Stands({
    ...{ db, gauges, now: room.now, isOwner: isServing },
    onError: cause => log('error', 'statistics of suppliers not kept', { cause: String(cause) }),
  })
  await deposits.open()
  await Promise.all([engine.start(), stands.restore()])
  stands.start()
  retention.start()
  overdue.start()
  await projector.start()
  const { sleepers } = rebuildGauges({
    ...{ db, host: engine.host, follower },
    gauges: beginAudit(audit, engine.host, gauges),
  })
  sleepers.catch(cause => log('error', 'sleeping orders not counted', { cause: String(cause) }))
  sold.start()
  await stocks.start(sleepers)
  await soundbox.start()
  deposits.start()
  await numbers.start()
  await broker.start()
  // Closed in the opposite order: no new work from outside, then the engine, then what it uses.
  closers.push(
    () => numbers.stop(hurry.signal),
    () => soundbox.stop(),
    () => deposits.stop(),
    () => overdue.stop(),
    () => retention.stop(),
    () => stands.stop(),
    () => projector.stop(),
    () => follower.stop(),
    () => sold.stop(),
    () => stocks.stop(),
    () => engine.stop(),
    () => deposits.close(hurry.signal),
    () => caller.close(hurry.signal),
    // What waits is begun after the next start; now it would be refused, and its order would fail.
    () => engine.rest(),
  )

  const call: Call = (action, params) => broker.call(action, params)
  let demoDevice: Awaited<ReturnType<typeof prepareDemoDevices>> | null = null
  if (demo !== null) {
    await fundDemo(demo, {
      db,
      deposit: (userId, amount, ref) =>
        broker.call('wallet.deposit', { userId, amount, ref, note: 'Saldo awal' }),
    })
    await openFloats(demo, { db, call })
    if (sandboxUrl !== null) await prepareDemoNumber({ call, seal, sandboxUrl })
    const { callbackSecret } = soundbox
    const shop = await prepareDemoSoundbox({
      ...{ db, seal, call, callbackSecret, dataDir, now: room.now },
    })
    demoDevice = await prepareDemoDevices({ db, call, dataDir }, shop)
    const desk = { db, seal, shards, dataDir, now: room.now }
    await prepareDemoPeople(desk, { staff: demo.staff, merchantId: shop.merchantId })
  }
  mqtt = await openMqtt({
    adapters: firmware,
    ...{ settings, tls, log, mesh, isOwner, devices: soundbox.devices },
  })
  if (mqtt !== null) health.push(mqtt.health)
  closers.push(async () => {
    await mqtt?.close()
    await mesh?.close()
  })
  if (settings.natsUrl !== null) {
    cluster = await joinCluster({
      ...{ broker, natsUrl: settings.natsUrl, key: seal.keyFor('cluster'), now: room.now },
      ...{ installation: await databaseIdentity(db.pool), logLevel: settings.logLevel },
      epoch: () => (isOwner() ? epoch : null),
      isReady: () => journalPart(engine).ok,
    })
    health.push(cluster.health)
  }
  const joined = cluster
  const mqttPort = mqtt?.ports.tcp ?? null
  const publicUrl = settings.publicUrl ?? `http://127.0.0.1:${settings.port}`
  const opened = Promise.withResolvers<number>()
  const gateway = broker.createService(
    gatewayService({
      port: settings.port,
      mode,
      publicUrl,
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
      onFault: (cause, request_id) =>
        log('error', 'gateway fault', { request_id, cause: String(cause), stack: stackOf(cause) }),
    }),
  )
  const port = await opened.promise
  const sender = new Sender({
    ...{ db, seal, now: room.now, from: settings.mailFrom },
    smtpUrl: () => mailServerOf(settings.smtpUrl, sandboxUrl),
    publicUrl: () => settings.publicUrl ?? `http://127.0.0.1:${port}`,
    isOwner: isServing,
    onError: cause => log('error', 'mail trouble', { cause: String(cause) }),
  })
  sender.start()
  isOpen = true
  // Not before: reading everything back is work as well, though nobody takes a turn.
  closers.push(
    collectAtRest(() => engine.host.stats.turns),
    () => sender.stop(),
    () => broker.stop(),
    () => joined?.close(),
    () => broker.destroyService(gateway),
  )
  if (demo !== null && sandboxUrl !== null) {
    const address = settings.publicUrl ?? `http://127.0.0.1:${port}`
    const bank = await prepareDemoBank({ db, seal, sandboxUrl })
    await prepareDemoGateways({ db, seal, sandboxUrl })
    const chat = await prepareDemoChat(
      { db, seal, sandboxUrl, dataDir: settings.dataDir },
      demo.client.userId,
    )
    callBack = async () => {
      const balanceOf = async (code: string) => Math.max(0, (await booksOf(code, call)) ?? 0)
      await registerAtSandbox(demo, { sandboxUrl, publicUrl: address, balanceOf })
      if (bank !== null) await registerBankAtSandbox(bank, { sandboxUrl, publicUrl: address })
      await registerGatewaysAtSandbox(seal, { sandboxUrl, publicUrl: address })
      await Promise.race([deposits.refresh(), pause(menusWaitMs, undefined, { ref: false })])
      await registerChatAtSandbox(chat, { sandboxUrl, publicUrl: address })
      const [secret] = await soundbox.callbackSecret.good()
      await registerAcquirerAtSandbox({ secret: secret! }, { sandboxUrl, publicUrl: address, seal })
      await registerNumbersAtSandbox({ seal, sandboxUrl })
    }
    await callBack()
  }
  // Now, for who is killed keeps nothing for the next start.
  flushCompileCache()
  if (!isToStop) sayReady(settings, { port, mqttPort, sandbox: sandboxUrl })
}

/** Nothing of it is read into memory when there is nobody to send to. */
async function traceOf({ traces }: Settings, log: Log): Promise<OpenTraces | null> {
  if (traces === null) return null
  const { openTraces } = await import('../services/trace/exporter.ts')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return openTraces({ ...traces, version, log })
}

/** Both, or what failed; but not before the other one is up, so that it can be closed. */
async function together<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other])
  return await Promise.all([one, other])
}

type Doors = { port: number; mqttPort: number | null; sandbox: string | null }

function sayReady(settings: Settings, { port, mqttPort, sandbox }: Doors): void {
  const http = `http://127.0.0.1:${port}`
  const mqtt = mqttPort === null ? null : `mqtt://127.0.0.1:${mqttPort}`
  const ms = Math.round(performance.now() - began)
  process.stdout.write(
    `${JSON.stringify({ ready: true, http, mqtt, sandbox, pid: process.pid, ms })}\n`,
  )
  const lines = [
    `Laju siap dalam ${(ms / 1_000).toFixed(1)} detik.`,
    `Halaman:   ${http}/`,
    ...(settings.mode === 'demo' ? [`Kunci:     ${demoFile(settings.dataDir)}`] : []),
    `Nomor OTP: ${http}/nomor`,
    ...(mqtt === null ? [] : [`Soundbox:  ${mqtt}   Di peramban: ${http}/kotak`]),
    ...(sandbox === null ? [] : [`Sandbox:   ${sandbox}/   SMS, bayar: ${sandbox}/_sandbox/main`]),
    `Kesehatan: ${http}/health/deep   Metrik: ${http}/metrics`,
    'Ctrl-C untuk berhenti.',
  ]
  process.stderr.write(`\n${lines.map(line => `  ${line}`).join('\n')}\n\n`)
}

async function openDatabaseServer(settings: Settings, log: Log): Promise<string> {
  const { databaseUrl, dataDir } = settings
  if (databaseUrl !== null) return databaseUrl
  const server = await watchPostgres({ dataDir, log: sentence => log('info', sentence) }, lost => {
    for (const sentence of sentencesOf(lost)) process.stderr.write(`\n  ${sentence}\n\n`)
    void leave(2)
  })
  closers.push(() => server.stop())
  const file = join(dataDir, 'postgres.json')
  writeFileSync(file, `${JSON.stringify({ url: server.url, tcp_url: server.tcpUrl })}\n`, {
    mode: 0o600,
  })
  return server.url
}

async function sandboxOf({ sandboxUrl, sandboxPort, dataDir }: Settings): Promise<string | null> {
  if (sandboxUrl !== null || sandboxPort === null) return sandboxUrl
  const sandbox = await startSandbox(sandboxPort, dataDir)
  closers.push(() => sandbox.stop())
  return sandbox.url
}

/** The number of shards is part of every id: it is chosen once. */
async function fixShards(db: Awaited<ReturnType<typeof openDatabase>>, shards: number) {
  const known = await readInstallation(db.pool, 'shards')
  if (known === null) await writeInstallation(db.pool, { name: 'shards', value: String(shards) })
  else if (Number(known) !== shards) {
    throw new StartFailure(
      `SHARDS is ${shards}, but this database was installed with ${known}: set SHARDS=${known}.`,
    )
  }
}

function makeDataDir(dataDir: string): void {
  try {
    makeFolder(dataDir)
    accessSync(dataDir, constants.R_OK | constants.W_OK)
    proveWritable(dataDir)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new StartFailure(
      `DATA_DIR is ${dataDir}, and that is no folder that can be written (${code}): set another.`,
      { cause },
    )
  }
}

/** Before anything is started for nothing: is the address free? */
async function checkPort(name: string, port: number): Promise<void> {
  if (port === 0) return
  await new Promise<void>((resolve, reject) => {
    const probe = createServer()
    probe.once('error', cause => reject(new StartFailure(takenSentence(name, port), { cause })))
    probe.listen(port, () => probe.close(() => resolve()))
  })
}

type Log = (level: 'info' | 'warn' | 'error', what: string, more?: object) => void

/** One line of JSON per event on stderr. */
function logger(settings: Settings): Log {
  const loudest = loudness.indexOf(settings.logLevel)
  return (level, what, more = {}) => {
    if (loudness.indexOf(level) > loudest) return
    const time = new Date().toISOString()
    process.stderr.write(`${JSON.stringify({ time, level, what, ...more })}\n`)
  }
}

function stackOf(cause: unknown): readonly string[] | undefined {
  return cause instanceof Error ? cause.stack?.split(/\n\s*/).slice(1, 1 + framesMax) : undefined
}

function sentencesOf(cause: unknown): readonly string[] {
  if (cause instanceof StartFailure) return cause.problems
  if (cause instanceof MigrationRefused || cause instanceof DatabaseRefused) return [cause.message]
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return [`Laju could not start: ${text}`]
}

/** Amid a start, what is being opened is opened first; a second signal does not wait. */
async function stop(): Promise<void> {
  const isImpatient = isToStop
  isToStop = true
  if (isImpatient) hurry.abort()
  else await starting?.catch(() => {})
  await leave(0)
}

async function overdue(): Promise<never> {
  if (!hurry.signal.aborted) await once(hurry.signal, 'abort')
  await pause(closeMsMax, undefined, { ref: false })
  throw new Error(`a part was not closed in ${closeMsMax} ms`)
}

async function leave(code: number): Promise<void> {
  if (stopping) return
  stopping = true
  setTimeout(() => hurry.abort(), answersWaitMs).unref()
  for (const close of closers.reverse()) {
    try {
      await Promise.race([close(), overdue()])
    } catch (cause) {
      process.stderr.write(`  while stopping: ${String(cause)}\n`)
      code = code === 0 ? 1 : code
    }
  }
  process.exit(code)
}
