import { screensIn } from './screens/look'

// And a window of 1280 at 200 %: as wide as this.
await screensIn({ width: 360, height: 740 }, [{ width: 640, height: 430 }])
