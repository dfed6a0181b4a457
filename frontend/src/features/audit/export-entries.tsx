import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { exportAuditEntries } from '@/api/generated/sdk.gen'
import type { AuditExportFormat } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { saveAs } from '@/components/save-as'
import { Button } from '@/components/ui/button'
import { Menu, MenuItem } from '@/components/ui/menu'
import type { AuditSearch } from '@/lib/searches'
import { toast } from '@/stores/toasts'
import { auditQuery } from './query'

/** Saves the entries that the filters show, all of them and not only those on the screen. */
export function ExportEntries({ search }: { search: AuditSearch }) {
  const save = useMutation<void, ApiError, AuditExportFormat>({
    mutationFn: async (format) => {
      const { data } = await exportAuditEntries({ query: { format, ...auditQuery(search) }, parseAs: 'blob' })
      saveAs(data as unknown as Blob, `audit.${format}`)
    },
    onError: (error) => void toast(`Nothing was saved: ${error.message}`, { kind: 'bad' }),
  })
  return (
    <Menu
      trigger={
        <Button busy={save.isPending}>
          <Download /> Export
        </Button>
      }
    >
      <MenuItem onSelect={() => save.mutate('csv')}>As CSV, for tables</MenuItem>
      <MenuItem onSelect={() => save.mutate('json')}>As JSON, for programs</MenuItem>
    </Menu>
  )
}
