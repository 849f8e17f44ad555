/** The reseller area's door. */

import { signInPage } from '../kit/sign-in.js'
import { sentenceOf } from './api.js'
import { signIn } from './session.js'
import { text } from './text.id.js'

export const open = signInPage({ words: text.signIn, signIn, sentenceOf })
