import { screensIn } from './screens/look'

await screensIn({ width: 1440, height: 900 })
