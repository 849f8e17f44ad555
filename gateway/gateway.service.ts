/** The gateway as a member of the mesh: opens with its node, closes with it, hears its signals. */

import type { Context, ServiceBroker, ServiceSchema } from 'moleculer'
import type { Call, Signals } from '../services/contract.ts'
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts'

type Options = Omit<GatewayOptions, 'call' | 'onSignal'> & {
  /** Where what is asked is answered; by the services of this process when absent. */
  readonly callOf?: (local: Call) => Call
  /** Told the port once it listens. */
  readonly onOpen?: (port: number) => void
  /** Told why it does not listen: a service created on a running node can tell nobody else. */
  readonly onRefused?: (error: unknown) => void
}

type Handlers = { [S in keyof Signals]?: Set<(signal: Signals[S]) => void> }

const heard: readonly (keyof Signals)[] = [
  ...(['cards.missed', 'client.changed', 'key.changed', 'session.changed'] as const),
  ...(['live.event', 'live.pulse', 'live.staff'] as const),
  ...(['nonces.used', 'owner.moved'] as const),
]

export function gatewayService({ callOf = local => local, ...options }: Options): ServiceSchema {
  const handlers: Handlers = {}
  const onSignal: GatewayOptions['onSignal'] = (name, handler) => {
    const all = (handlers[name] ??= new Set() as never) as Set<typeof handler>
    all.add(handler)
    return () => all.delete(handler)
  }
  const eventOf = (name: keyof Signals) => ({
    handler(ctx: Context) {
      for (const handler of handlers[name] ?? []) handler(ctx.params as never)
    },
  })
  let gateway: Gateway | null = null
  return {
    name: 'gateway',
    events: Object.fromEntries(heard.map(name => [name, eventOf(name)])),
    async started(this: { broker: ServiceBroker }) {
      try {
        gateway = await openGateway({
          ...options,
          call: callOf(localCall(this.broker)),
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
function localCall(broker: ServiceBroker): Call {
  return (action, params, requestId) =>
    broker.call(action, params, requestId ? { requestID: requestId } : undefined)
}
