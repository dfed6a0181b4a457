import { screensIn } from './screens'

screensIn('light 360', { theme: 'light', width: 360, height: 740 }, true)
