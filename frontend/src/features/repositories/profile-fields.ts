import type { ProfileDraft, ProfileField } from './profile-draft'

/** What every part of the form about how work is done is given. */
export interface ProfileFields {
  draft: ProfileDraft
  onChange: (change: Partial<ProfileDraft>) => void
  wrong: (name: ProfileField) => string | undefined
  /** What somebody else has made of a field that was changed here as well. */
  theirs: (name: ProfileField) => string | undefined
  readOnly: boolean
}
