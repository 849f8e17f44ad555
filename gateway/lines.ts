/** The routes beyond the core of the gateway: one row per file that hangs some in. */

import { alarms } from './alarms.route.ts'
import { bank } from './bank.route.ts'
import { bulk } from './bulk.route.ts'
import { care } from './care.route.ts'
import { catalogueAdmin } from './catalogue-admin.route.ts'
import { chat } from './chat.route.ts'
import { clientAdmin } from './clients.route.ts'
import { closings } from './closings.route.ts'
import { commission } from './commission.route.ts'
import { complaints } from './complaints.route.ts'
import { credit } from './credit.route.ts'
import { depositIntents } from './deposit.route.ts'
import { depositDesk } from './deposit-desk.route.ts'
import { deposits } from './deposits.route.ts'
import { sellToDigiflazz } from './digiflazz-seller.ts'
import type { Edge } from './edge.ts'
import { finding } from './finding.route.ts'
import { supplierFloat } from './float.route.ts'
import { speakHandlerApi } from './handler-api.route.ts'
import { numberLine } from './number.route.ts'
import { numberAdmin } from './number-admin.route.ts'
import { speakOtomax } from './otomax.route.ts'
import { adminOtomax } from './otomax-admin.route.ts'
import { adminParser } from './parser.route.ts'
import { people } from './people.route.ts'
import { postpaid } from './postpaid.route.ts'
import type { Router } from './router.ts'
import { routing } from './routing.route.ts'
import { session } from './session.route.ts'
import { soundboxCallback } from './soundbox-callback.route.ts'
import { soundboxDevice } from './soundbox-device.route.ts'
import { soundboxFleet } from './soundbox-fleet.route.ts'
import { soundboxMerchants } from './soundbox-merchants.route.ts'
import { soundboxOffice } from './soundbox-office.route.ts'
import { soundboxPayments } from './soundbox-payments.route.ts'
import { soundboxPeople } from './soundbox-people.route.ts'
import { soundboxPortal } from './soundbox-portal.route.ts'
import { soundboxReconciliation } from './soundbox-reconciliation.route.ts'
import { soundboxSettlement } from './soundbox-settlement.route.ts'
import { webhooks } from './webhooks.route.ts'

export type Line = (router: Router, edge: Edge) => void

export const lines: readonly Line[] = [
  catalogueAdmin,
  routing,
  bank,
  closings,
  credit,
  deposits,
  depositIntents,
  depositDesk,
  supplierFloat,
  bulk,
  postpaid,
  commission,
  care,
  alarms,
  complaints,
  clientAdmin,
  finding,
  numberAdmin,
  speakOtomax,
  adminOtomax,
  adminParser,
  sellToDigiflazz,
  webhooks,
  session,
  people,
  soundboxPeople,
  soundboxCallback,
  soundboxMerchants,
  soundboxDevice,
  soundboxFleet,
  soundboxPayments,
  soundboxSettlement,
  soundboxPortal,
  soundboxOffice,
  soundboxReconciliation,
  chat,
  numberLine,
  speakHandlerApi,
]
