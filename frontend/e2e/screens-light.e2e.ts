import { screensIn } from './screens/look'

await screensIn('light 1280', { theme: 'light', width: 1280, height: 860 })
