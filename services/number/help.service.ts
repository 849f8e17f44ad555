/**
 * The door at which people ask for help, and what the pages must know of the house.
 *
 * NHA1. Each time the help link is opened is told to the staff and noted with who did; where help
 *       is to be had is answered in any case.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { HelpActions } from '../contract/abuse.ts'
import type { NumberSettings } from '../contract/number-admin.ts'
import type { Call } from '../contract.ts'
import type { StaffEvents } from './staff-events.ts'

type HelpDeps = {
  readonly settings: () => Pick<NumberSettings, 'name' | 'helpUrl' | 'waitMinutes'>
  readonly staff: Pick<StaffEvents, 'say'>
  readonly call: Call
  readonly onError: (cause: unknown, requestId?: string | null) => void
}

const resendsMax = 3

export function helpService({ settings, staff, call, onError }: HelpDeps): ServiceSchema {
  return {
    name: 'help',
    actions: {
      async ask(
        ctx: Context<HelpActions['help.ask']['params']>,
      ): Promise<HelpActions['help.ask']['result']> {
        const { userId, where, about, address } = ctx.params
        const asked = { user_id: userId, where, about }
        await Promise.all([
          staff.say('user:open_cs', asked),
          userId === null
            ? null
            : call('activity.note', {
                ...{ userId, what: 'help.opened', address },
                details: { where, about },
              }),
        ]).catch(cause => onError(cause, ctx.requestID))
        return { ok: { url: settings().helpUrl } }
      },
      async settings(): Promise<HelpActions['help.settings']['result']> {
        const { name, helpUrl, waitMinutes } = settings()
        return { ok: { name, helpUrl, waitMinutes, resendsMax } }
      },
    },
  }
}
