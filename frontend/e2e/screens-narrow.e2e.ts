import { screensIn } from './screens/look'

await screensIn('light 360', { theme: 'light', width: 360, height: 740 })
