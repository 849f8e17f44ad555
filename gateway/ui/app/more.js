/** On a phone: the way to everything that does not stand below. */

import { morePage } from '../kit/more.js'
import { session } from '../kit/session.js'
import { text } from './text.id.js'

export const open = morePage({ nav: text.nav, who: () => session.user.username })
