/** For tests: what the answers of more than one line of business have in common. */

import type { Stage } from '../scripted.fixture.ts'

export type Scripts = NonNullable<Parameters<typeof Stage.open>[0]>

export const nothing = { ok: null } as const
