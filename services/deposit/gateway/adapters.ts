/** The wire contracts that payment gateways speak, by name. */

import type { GatewayAdapter } from './adapter.ts'
import { atlantic } from './atlantic.ts'
import { rumahotp } from './rumahotp.ts'

export const gatewayAdapters: ReadonlyMap<string, GatewayAdapter> = new Map(
  [atlantic, rumahotp].map(adapter => [adapter.name, adapter]),
)
