/** The gateway as a member of the mesh: opens with its node, closes with it, hears its signals. */

import type { ServiceBroker, ServiceSchema } from 'moleculer'
import type { Call, Signals } from '../services/contract.ts'
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts'

type Options = Omit<GatewayOptions, 'call' | 'onSignal'> & {
  /** Told the port once it listens. */
  readonly onOpen?: (port: number) => void
  /** Told why it does not listen: a service created on a running node can tell nobody else. */
  readonly onRefused?: (error: unknown) => void
}

type Handlers = { [S in keyof Signals]: Set<(signal: Signals[S]) => void> }

export function gatewayService(options: Options): ServiceSchema {
  const handlers: Handlers = {
    'cards.missed': new Set(),
    'client.changed': new Set(),
    'key.changed': new Set(),
    'live.event': new Set(),
    'live.pulse': new Set(),
    'live.staff': new Set(),
    'session.changed': new Set(),
  }
  const onSignal: GatewayOptions['onSignal'] = (name, handler) => {
    handlers[name].add(handler)
    return () => handlers[name].delete(handler)
  }
  let gateway: Gateway | null = null
  return {
    name: 'gateway',
    events: {
      'cards.missed': {
        handler(ctx: { params: Signals['cards.missed'] }) {
          for (const handler of handlers['cards.missed']) handler(ctx.params)
        },
      },
      'key.changed': {
        handler(ctx: { params: Signals['key.changed'] }) {
          for (const handler of handlers['key.changed']) handler(ctx.params)
        },
      },
      'client.changed': {
        handler(ctx: { params: Signals['client.changed'] }) {
          for (const handler of handlers['client.changed']) handler(ctx.params)
        },
      },
      'live.event': {
        handler(ctx: { params: Signals['live.event'] }) {
          for (const handler of handlers['live.event']) handler(ctx.params)
        },
      },
      'live.pulse': {
        handler(ctx: { params: Signals['live.pulse'] }) {
          for (const handler of handlers['live.pulse']) handler(ctx.params)
        },
      },
      'live.staff': {
        handler(ctx: { params: Signals['live.staff'] }) {
          for (const handler of handlers['live.staff']) handler(ctx.params)
        },
      },
      'session.changed': {
        handler(ctx: { params: Signals['session.changed'] }) {
          for (const handler of handlers['session.changed']) handler(ctx.params)
        },
      },
    },
    async started(this: { broker: ServiceBroker }) {
      try {
        gateway = await openGateway({
          ...options,
          call: callOf(this.broker),
          onSignal,
        })
      } catch (error) {
        options.onRefused?.(error)
        throw error
      }
      options.onOpen?.(gateway.port)
    },
    async stopped() {
      await gateway?.close()
    },
  } as ServiceSchema
}

/** The mesh, typed by the contract. */
function callOf(broker: ServiceBroker): Call {
  return (action, params, requestId) =>
    broker.call(action, params, requestId ? { requestID: requestId } : undefined)
}
