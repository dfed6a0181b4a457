import { screensIn } from './screens'

screensIn('dark 1280', { theme: 'dark', width: 1280, height: 860 }, true)
