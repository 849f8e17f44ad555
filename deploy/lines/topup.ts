/**
 * The top-up line, put together: orders, the choice of a supplier and what it goes by, what was
 * bought, and whoever looks after it. Made before the engine starts, since it listens to everything
 * that becomes durable.
 */

import type { ServiceSchema } from 'moleculer'
import type { JournalRecord } from '../../engine/record.ts'
import { bulkService } from '../../services/bulk/bulk.service.ts'
import { careService } from '../../services/care/care.service.ts'
import { complaintService } from '../../services/care/complaint.service.ts'
import { findingService } from '../../services/care/finding.ts'
import { OverdueWatch } from '../../services/care/overdue.ts'
import { catalogueAdminService } from '../../services/catalogue/admin.service.ts'
import { catalogueService } from '../../services/catalogue/catalogue.service.ts'
import { chatService } from '../../services/chat/chat.service.ts'
import type { Call } from '../../services/contract.ts'
import type { EngineRoom } from '../../services/engine-room.ts'
import { FloatAudit } from '../../services/float/audit.ts'
import { beginAudit } from '../../services/float/beginning.ts'
import { floatService } from '../../services/float/float.service.ts'
import { journalOf } from '../../services/journal-follower.ts'
import { listingService } from '../../services/order/listing.service.ts'
import { makeSubmit, orderService } from '../../services/order/order.service.ts'
import { parserService } from '../../services/parser/parser.service.ts'
import { UnreadReplies } from '../../services/parser/unread.ts'
import { openInquired } from '../../services/postpaid/inquired.ts'
import { postpaidService } from '../../services/postpaid/postpaid.service.ts'
import type { Projector } from '../../services/projection/projector.ts'
import { Follower } from '../../services/routing/follower.ts'
import { Gauges } from '../../services/routing/gauges.ts'
import { rebuildGauges } from '../../services/routing/rebuild.ts'
import { Router } from '../../services/routing/router.ts'
import { routingService } from '../../services/routing/routing.service.ts'
import { Stands } from '../../services/routing/stands.ts'
import { StockShelf } from '../../services/routing/stock-shelf.ts'
import type { Seal } from '../../services/seal.ts'
import { SoldIntake } from '../../services/sold/intake.ts'
import { adapters } from '../../services/supplier/adapters.ts'
import { Flights, flightStore } from '../../services/supplier/flight.ts'
import { Inquirer } from '../../services/supplier/inquirer.ts'
import { makeAttemptOf, makeIsSettled } from '../../services/supplier/settled.ts'
import { supplierService } from '../../services/supplier/supplier.service.ts'
import type { Pins } from '../../services/wallet/pin.ts'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'
import { type Log, trouble } from '../program-log.ts'
import type { Market } from './market.ts'

type TopupDeps = {
  readonly room: EngineRoom
  readonly db: Database
  /** For callbacks, on connections that nobody else waits for. */
  readonly inboxDb: Pick<Database, 'pool'>
  readonly seal: Seal
  readonly changes: Changes
  readonly market: Market
  readonly projector: Projector
  readonly pins: Pins
  readonly call: Call
  readonly log: Log
}

type TopupLine = {
  readonly router: Router
  /** What suppliers should hold for us, as the journal says. */
  readonly audit: FloatAudit
  readonly sold: SoldIntake
  readonly overdue: OverdueWatch
  readonly services: readonly ServiceSchema[]
  /** While the engine starts: what was known of suppliers when we last ended. */
  readonly restore: () => Promise<unknown>
  /** Once it serves. */
  readonly start: () => Promise<void>
  /** Once it has stopped: what it made durable is followed to the end. */
  readonly stop: () => Promise<void>
  /** Before it stops: no supplier is called any more, nor waited for after `hurry`. */
  readonly hangUp: (hurry: AbortSignal) => Promise<void>
  /** When nobody asks here any more. */
  readonly close: () => Promise<void>
}

export function openTopupLine(deps: TopupDeps): TopupLine {
  const { room, db, inboxDb, seal, changes, market, projector, pins, call, log } = deps
  const { shelf, routing, directory, caller } = market
  const { engine, shards, now, machineNow } = room
  const isOwner = () => engine.state === 'serving'

  const router = new Router(new Gauges(), routing.table())
  routing.listen(table => router.use(table))
  const { gauges } = router
  const audit = new FloatAudit()
  const follower = new Follower({
    lines: (shard, seq, limit) => engine.lines(shard, seq, limit),
    take(record: JournalRecord, key: string, seq: number) {
      gauges.feed(record, key, seq)
      audit.feed(record)
    },
  })
  room.listeners.push(batch => {
    for (const { outcome } of batch.piled) {
      if (outcome.line !== null) follower.feed(outcome.line, outcome.record!)
    }
  })
  gauges.stocks.isCurrent = () => follower.hasAll(engine.host.shards())
  const sold = new SoldIntake({
    ...{ pool: db.pool, shards, isOwner, source: journalOf(room) },
    onDuplicates: orders => log('warn', 'serial numbers of earlier orders', { orders }),
    onOvercharges: found => {
      const about = { orders: found.length, first: found.slice(0, 20) }
      log('warn', 'suppliers charged more than they were told', about)
    },
    onError: trouble(log, 'deliveries not counted'),
  })
  room.listeners.push(batch => sold.follower.feed(batch))
  const stocks = new StockShelf({
    ...{ db, changes, follower, gauges, write: () => sold.follower.flush() },
    onError: trouble(log, 'stocks not counted'),
  })
  const stands = new Stands({
    ...{ db, gauges, now, isOwner },
    onError: trouble(log, 'statistics of suppliers not kept'),
  })

  const unread = new UnreadReplies()
  const submit = unread.overhearingReports(makeSubmit({ room }))
  const hasRules = (code: string) => directory.get(code)?.adapter.configure !== undefined
  const flights = new Flights({
    ...{ caller: unread.overhearing(caller, hasRules), supplierOf: directory.get, submit },
    ...{ store: flightStore(db.pool), isSettled: makeIsSettled(room) },
    ...{ attemptOf: makeAttemptOf(room), now },
  })
  const overdue = new OverdueWatch({
    ...{ db, now, isOwner },
    alert: words => log('warn', 'orders wait for a person', words),
    onError: trouble(log, 'queue of orders not looked at'),
  })
  const inquirer = new Inquirer()
  const supplierOf = directory.get
  const suppliers = directory.all
  return {
    ...{ router, audit, sold, overdue },
    services: [
      catalogueService({ shelf, stocks: gauges.stocks }),
      catalogueAdminService({
        ...{ db, seal, adapters, supplierOf, now },
        onError: trouble(log, 'catalogue change not carried out'),
      }),
      orderService({
        ...{ room, shelf, supplierOf, caller: flights, router },
        openInquired: token => openInquired(seal, token),
      }),
      listingService({ room, db, projector }),
      postpaidService({
        ...{ db, seal, shelf, inquirer, router, supplierOf, suppliers, call, now, machineNow },
      }),
      routingService({ db, room, shelf, router }),
      floatService({
        ...{ room, db, audit, log, suppliers, isOwner },
        onBalance: (supplier, balance, at) => gauges.of(supplier).told(balance, at),
        isDrained: supplier => gauges.of(supplier).isDrained,
        onError: trouble(log, 'supplier floats not looked after'),
      }),
      supplierService({ db: inboxDb, supplierOf, submit, flights }),
      parserService({ db, unread }),
      careService({ room, db, suppliers }),
      findingService({ room, db, supplierOf }),
      complaintService({
        ...{ db, room, isOwner, call },
        onError: trouble(log, 'complaint not told'),
      }),
      bulkService({ db, now, isOwner, call }),
      chatService({
        ...{ db, seal, room, shelf, pins, isOwner, call },
        onError: trouble(log, 'chat trouble'),
      }),
    ],
    restore: () => stands.restore(),
    async start() {
      stands.start()
      overdue.start()
      const { sleepers } = rebuildGauges({
        ...{ db, host: engine.host, follower },
        gauges: beginAudit(audit, engine.host, gauges),
      })
      sleepers.catch(trouble(log, 'sleeping orders not counted'))
      sold.start()
      await stocks.start(sleepers)
    },
    async stop() {
      await stocks.stop()
      await sold.stop()
      await follower.stop()
      await stands.stop()
      await overdue.stop()
    },
    hangUp: hurry => caller.close(hurry),
    close: () => inquirer.close(),
  }
}
