import { tellStories } from './telling.ts'

tellStories(0, 2)
