/** The routes beyond the core of the gateway: one row per file that hangs some in. */

import { sellToDigiflazz } from './dialects/digiflazz-seller.ts'
import { speakHandlerApi } from './dialects/handler-api.route.ts'
import { speakOtomax } from './dialects/otomax.route.ts'
import { adminOtomax } from './dialects/otomax-admin.route.ts'
import type { Edge } from './edge.ts'
import { bank } from './money/bank.route.ts'
import { commission } from './money/commission.route.ts'
import { credit } from './money/credit.route.ts'
import { depositIntents } from './money/deposit.route.ts'
import { depositDesk } from './money/deposit-desk.route.ts'
import { deposits } from './money/deposits.route.ts'
import { supplierFloat } from './money/float.route.ts'
import { numberAdmin } from './number/admin.route.ts'
import { numberLine } from './number/number.route.ts'
import { alarms } from './office/alarms.route.ts'
import { care } from './office/care.route.ts'
import { catalogueAdmin } from './office/catalogue-admin.route.ts'
import { clientAdmin } from './office/clients.route.ts'
import { closings } from './office/closings.route.ts'
import { finding } from './office/finding.route.ts'
import { adminParser } from './office/parser.route.ts'
import { routing } from './office/routing.route.ts'
import { people } from './people.route.ts'
import type { Router } from './router.ts'
import { session } from './session.route.ts'
import { soundboxCallback } from './soundbox/callback.route.ts'
import { soundboxDevice } from './soundbox/device.route.ts'
import { soundboxFleet } from './soundbox/fleet.route.ts'
import { soundboxMerchants } from './soundbox/merchants.route.ts'
import { soundboxOffice } from './soundbox/office.route.ts'
import { soundboxPayments } from './soundbox/payments.route.ts'
import { soundboxPeople } from './soundbox/people.route.ts'
import { soundboxPortal } from './soundbox/portal.route.ts'
import { soundboxReconciliation } from './soundbox/reconciliation.route.ts'
import { soundboxSettlement } from './soundbox/settlement.route.ts'
import { bulk } from './topup/bulk.route.ts'
import { chat } from './topup/chat.route.ts'
import { complaints } from './topup/complaints.route.ts'
import { postpaid } from './topup/postpaid.route.ts'
import { webhooks } from './topup/webhooks.route.ts'

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
