/**
 * What the house has agreed with partners who speak an OtomaX dialect. Whether a text may be used,
 * the gateway knows, who prints it; here it is kept, and every card that carries it is looked up
 * again.
 *
 * I18. A partner's setting or text holds for the next request of that partner, in every process.
 * I19. A partner has its own text, or the house's; taking its own away brings the house's back.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../sql/database.ts'
import {
  partnerOf,
  putReplyTemplate,
  replaceBillCodes,
  replaceSignForms,
  replyTemplates,
} from '../../sql/people/partners.ts'
import type { Answer } from '../contract/answer.ts'
import type { PartnerActions, PartnerView, SignForm } from '../contract/identity.ts'
import type { Actions } from '../contract.ts'

type Params<A extends keyof PartnerActions> = Actions[A]['params']

const notFound = { refused: 'NOT_FOUND', moneyEffect: 'none' } as const

export function partnerService({ db }: { readonly db: Pick<Database, 'pool'> }): ServiceSchema {
  const { pool } = db

  async function view(memberId: string | null): Promise<Answer<PartnerView>> {
    const own = memberId === null ? { signForms: [], bills: null } : await partnerOf(pool, memberId)
    if (own === null) return notFound
    const templates = await replyTemplates(pool, memberId)
    const signForms = own.signForms as readonly SignForm[]
    return { ok: { memberId, signForms, bills: own.bills, templates } }
  }

  return {
    name: 'partner',
    actions: {
      get: (ctx: Context<Params<'partner.get'>>) => view(ctx.params.memberId),
      async setForms(ctx: Context<Params<'partner.setForms'>>) {
        return (await replaceSignForms(pool, ctx.params)) ? view(ctx.params.memberId) : notFound
      },
      async setBills(ctx: Context<Params<'partner.setBills'>>) {
        return (await replaceBillCodes(pool, ctx.params)) ? view(ctx.params.memberId) : notFound
      },
      async setTemplate(ctx: Context<Params<'partner.setTemplate'>>) {
        return (await putReplyTemplate(pool, ctx.params)) ? view(ctx.params.memberId) : notFound
      },
    },
  }
}
