/** Facts about one's own numbers and money as they happen. */

import { openLive } from '../kit/live.js'
import { bearer } from '../kit/session.js'

export const { listen, connect, disconnect } = openLive(bearer)
