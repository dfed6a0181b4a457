import { screensIn } from './screens'

screensIn('dark 360', { theme: 'dark', width: 360, height: 740 }, true)
