/** The guard of the number line as the staff's pages ask it. */

import type { Context, ServiceSchema } from 'moleculer'
import type { AbuseActions } from '../../contract/abuse.ts'
import type { Abuse } from './abuse.ts'

type Asked<A extends keyof AbuseActions> = Context<AbuseActions[A]['params']>

export const abuseService = (abuse: Abuse): ServiceSchema => ({
  name: 'abuse',
  actions: {
    reviews: (ctx: Asked<'abuse.reviews'>) => abuse.reviews(ctx.params),
    decide: (ctx: Asked<'abuse.decide'>) => abuse.decide(ctx.params),
    denied: () => abuse.denied(),
    deny: (ctx: Asked<'abuse.deny'>) => abuse.deny(ctx.params),
    allow: (ctx: Asked<'abuse.allow'>) => abuse.allow(ctx.params),
  },
})
