/**
 * How a door of the number line's staff is hung: who may come in, what it says, what it notes.
 */

import type { Role } from '../../services/contract/identity.ts'
import { type Desk, desksOf, houseEnvelope, type Work } from '../desk.ts'
import type { Edge } from '../edge.ts'
import type { Asked, Router, Verb } from '../router.ts'

export const root = '/api/v1/admin'
export const admins = ['admin'] as const
export const payers = ['admin', 'finance'] as const
export const helpers = ['admin', 'support'] as const

type Serve = (desk: Desk, asked: Asked, params: readonly string[]) => void

export type Hang = (
  door: `${Verb} ${string}`,
  who: readonly Role[],
  says: string,
  serve: Serve,
  work?: Work,
) => void

export function doorsOf(router: Router, edge: Edge): Hang {
  const desks = desksOf(router, edge, houseEnvelope)
  return (door, who, says, serve, work = {}) => {
    const [verb, path] = door.split(' ') as [Verb, string]
    const served = (desk: Desk, asked: Asked) => serve(desk, asked, asked.params)
    desks.staff(verb, path, who, served, { ...work, says, pace: 'staff' })
  }
}
