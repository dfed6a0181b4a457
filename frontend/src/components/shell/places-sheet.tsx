import { Dialog } from '../ui/dialog'
import { Sidebar } from './sidebar'

/** The places to go, on screens that have no room beside the page. */
export default function PlacesSheet({
  can,
  waiting,
  onClose,
}: {
  can: (permission: string) => boolean
  waiting: number
  onClose: () => void
}) {
  return (
    <Dialog open onClose={onClose} title="Menu" side="left">
      <Sidebar can={can} waiting={waiting} onGo={onClose} />
    </Dialog>
  )
}
