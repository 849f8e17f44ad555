/** For tests: a mesh that has an answer to every question that an example leads to. */

import { catalogue, parser, routing } from './operations/market.fixture.ts'
import { commission, float, intents, money, wallet } from './operations/money.fixture.ts'
import { numberDesk, numbers } from './operations/number.fixture.ts'
import { alarms, care } from './operations/office.fixture.ts'
import { clients, partners, people } from './operations/people.fixture.ts'
import { chat, orders, webhooks } from './operations/topup.fixture.ts'
import type { Scripts } from './operations/usual.fixture.ts'

export const answers: Scripts = {
  ...numberDesk,
  ...intents,
  ...alarms,
  ...numbers,
  ...{ ...orders, ...wallet, ...webhooks, ...money, ...catalogue, ...routing, ...parser },
  ...{ ...chat, ...partners, ...care, ...commission, ...float, ...people, ...clients },
  'system.health': () => ({
    ready: true,
    parts: [{ name: 'journal', ok: true, ms: 1, reason: null }],
  }),
}
