/** The routes beyond the core of the gateway: one row per file that hangs some in. */

import type { Edge } from './edge.ts'
import type { Router } from './router.ts'

export type Line = (router: Router, edge: Edge) => void

export const lines: readonly Line[] = []
