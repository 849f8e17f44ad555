/** The staff's door. */

import { signInPage } from '../kit/sign-in.js'
import { sentenceOf, signIn } from './desk.js'
import { signIn as words } from './text.id.js'

export const open = signInPage({ words, signIn, sentenceOf, type: 'email', factor: true })
