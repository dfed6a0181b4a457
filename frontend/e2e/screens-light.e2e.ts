import { screensIn } from './screens'

screensIn('light 1280', { theme: 'light', width: 1280, height: 860 }, true)
